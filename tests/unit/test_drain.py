"""A replica that ends: what it has begun is brought to its end, and noted, before another one may lead."""

from __future__ import annotations

import asyncio

from tests.unit.engine_fakes import settle
from tests.unit.rig import Rig

from ams_operator.leading import Alone
from ams_operator.main import DRAIN, wind_up


async def ending(rig: Rig) -> tuple[asyncio.Task[None], asyncio.Event]:
    """A replica that was told to end while it looks at something, and what lets that look be answered."""
    await rig.usable()
    rig.service.barriers["one"] = answered = asyncio.Event()
    rig.transform("one")
    rig.transform("two")
    await settle()
    end = asyncio.create_task(wind_up(rig.schedule, Alone(), [], rig.clock))
    await settle()
    return end, answered


async def test_what_is_under_way_is_brought_to_its_end_and_nothing_new_is_begun() -> None:
    rig = Rig()
    async with rig.running():
        end, answered = await ending(rig)
        edited = rig.transform("two", recipe="H264SingleBitrate720p").generation
        await rig.clock.advance(DRAIN / 2)
        assert not end.done(), "a request is under way"
        answered.set()
        await rig.clock.advance(1)
        assert end.done()
        assert rig.ready("one") == ("True", "InSync"), "its answer was noted"
        assert rig.kube.objects["two"].status["observedGeneration"] < edited, "that is for the next one"


async def test_what_hangs_is_not_waited_for_longer_than_the_machine_waits_for_us() -> None:
    rig = Rig()
    async with rig.running():
        end, _ = await ending(rig)
        await rig.clock.advance(DRAIN + 1)
        assert end.done()
