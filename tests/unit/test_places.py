"""A quota is used up: who waits for a place is tried when one frees, and who waits longest first."""

from __future__ import annotations

import pytest
from tests.unit.engine_fakes import settle
from tests.unit.rig import Rig, recipe_of


async def full(rig: Rig) -> None:
    """One place, which `first` has; `second` and `third` wait."""
    await rig.usable()
    rig.service.most = 1
    for name in ("first", "second", "third"):
        rig.transform(name)
        await settle()
        await rig.clock.advance(1)
    assert rig.ready("first") == ("True", "InSync")
    assert {rig.ready(name) for name in ("second", "third")} == {("False", "QuotaExceeded")}
    # the pauses have grown long by now
    for name in ("second", "third"):
        trouble = rig.engine.store.memory[name].trouble
        assert trouble is not None
        trouble.until = rig.clock.now() + 600
        rig.schedule.later(name, trouble.until)
    rig.service.calls.clear()


@pytest.mark.parametrize("how", ["object", "foreign"])
async def test_a_place_that_frees_is_taken_by_the_oldest_and_costs_one_request(how: str) -> None:
    rig = Rig()
    async with rig.running():
        await full(rig)
        if how == "object":
            rig.service.stored.pop(("Transform", "first"))
            rig.schedule.gone("Transform", "first")
        else:
            rig.service.put_transform("stranger", recipe_of("AdaptiveStreaming"))
            await rig.sweep()
            assert rig.service.writes() == {}
            rig.service.most = 2
            rig.service.stored.pop(("Transform", "stranger"))
            await rig.sweep()
        await settle()
        assert rig.ready("second") == ("True", "InSync")
        assert rig.ready("third") == ("False", "QuotaExceeded")
        assert rig.service.writes() == {"PUT second": 1}


async def test_nobody_is_tried_while_nothing_frees() -> None:
    rig = Rig()
    async with rig.running():
        await full(rig)
        await rig.sweep()
        await rig.sweep()
        assert rig.service.writes() == {}
        await rig.clock.advance(601)
        assert set(rig.service.writes()) == {"PUT second", "PUT third"}
