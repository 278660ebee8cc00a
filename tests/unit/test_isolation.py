"""One account's trouble is nobody else's: what others ask of their services and write into their status is the same
with it and without it. (What accounts share by their nature is tested where it is shared: one principal's buckets in
test_budget, one credential's token in test_storms and test_credentials.)"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.scenes import preset
from tests.unit.town import TROUBLES, Town

from ams_operator.engine.lineup import SLOW

GOOD = ("fine", "well")
CROWD = 12
"""objects of the account in trouble: more than there are workers"""
TICK = 1.0
"""seconds that a due time may be late"""


@dataclass(frozen=True)
class Deed:
    """What somebody does to an object of an account, some seconds after the deed before it."""

    after: float
    account: str
    name: str
    what: str


DEEDS = st.lists(
    st.builds(
        Deed,
        st.sampled_from([0.0, 0.4, 7.0, 31.0]),
        st.sampled_from(GOOD),
        st.sampled_from(["one", "two"]),
        st.sampled_from(["apply", "edit", "delete", "drift"]),
    ),
    min_size=1,
    max_size=8,
)


def do(town: Town, deed: Deed) -> None:
    uid = f"{deed.account}-{deed.name}"
    known, place = town.kube.objects.get(uid), town.places[deed.account]
    if deed.what == "drift":
        if ("Transform", uid) in place.stored:
            place.transform(uid)["outputs"] = [{"preset": preset("H264MultipleBitrate720p")}]
    elif deed.what == "delete":
        if known is not None and known.deleting is None:
            town.kube.objects[uid] = replace(
                known, deleting="2026-01-01T00:00:00Z", version=str(next(town.kube.versions))
            )
            town.schedule.seen(town.kube.objects[uid])
    elif known is None or known.deleting is None:
        recipe = "AdaptiveStreaming" if deed.what == "apply" else "ContentAwareEncoding"
        town.declare(deed.account, deed.name, recipe)


async def lived(deeds: list[Deed], bad: dict[str, str], tenant: str = "team") -> Town:
    """The same life beside accounts with these troubles, which are a tenant's; `team` is the others'."""
    town = Town(workers=4)
    async with town.living():
        for name in GOOD:
            town.settles(name)
        for name in bad:
            town.settles(name, tenant)
            for number in range(CROWD):
                town.declare(name, str(number), namespace=tenant)
        await town.clock.advance(1.0)
        for name, trouble in bad.items():
            town.places[name].trouble = trouble
            for number in range(CROWD):
                town.declare(name, str(number), "ContentAwareEncoding", namespace=tenant)
        for deed in deeds:
            await town.clock.advance(deed.after)
            do(town, deed)
        await town.clock.advance(75.0)
    return town


def same(alone: Town, beside: Town, late: float) -> None:
    for name in GOOD:
        assert beside.places[name].by_resource() == alone.places[name].by_resource()
        assert beside.written(name) == alone.written(name)
        for resource, times in alone.places[name].times().items():
            apart = [abs(one - other) for one, other in zip(times, beside.places[name].times()[resource], strict=True)]
            assert max(apart) <= late


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(DEEDS, st.sampled_from(TROUBLES))
def test_an_account_in_trouble_changes_no_others_trace(deeds: list[Deed], trouble: str) -> None:
    alone, beside = asyncio.run(lived(deeds, {})), asyncio.run(lived(deeds, {"bad": trouble}))
    same(alone, beside, TICK)


@pytest.mark.parametrize("trouble", TROUBLES)
def test_a_change_beside_each_trouble(trouble: str) -> None:
    deeds = [Deed(0.4, "fine", "one", "apply"), Deed(7.0, "fine", "one", "edit"), Deed(7.0, "well", "one", "apply")]
    beside = asyncio.run(lived(deeds, {"bad": trouble}))
    same(asyncio.run(lived(deeds, {})), beside, TICK)
    assert beside.ready("fine-one") == beside.ready("well-one") == ("True", "InSync")
    assert beside.ready("bad-1") != ("True", "InSync")


FEW = [Deed(0.0, "fine", "one", "apply"), Deed(0.4, "well", "one", "apply"), Deed(31.0, "fine", "one", "edit")]


def test_many_accounts_that_hang_delay_nobody_but_their_tenant() -> None:
    beside = asyncio.run(lived(FEW, {f"bad{number}": "hangs" for number in range(24)}, "loud"))
    same(asyncio.run(lived(FEW, {})), beside, 0.0)


def test_many_accounts_that_hang_together_delay_those_beside_them_by_what_a_step_has_to_be_quick() -> None:
    beside = asyncio.run(lived(FEW, {f"bad{number}": "hangs" for number in range(6)}))
    same(asyncio.run(lived(FEW, {})), beside, SLOW + TICK)
