"""Trouble that an account's resources share is asked about by one probe an interval, however many they are."""

from __future__ import annotations

import asyncio

import pytest
from tests.unit.town import Place, Town

MANY = 40
PAUSES = [10.0, 20.0, 40.0, 80.0, 160.0, 320.0, 600.0, 600.0]


async def troubled(trouble: str, seconds: float) -> tuple[Town, Place, float]:
    """An account in order, then in trouble while each of its resources has a change to make."""
    town = Town(workers=4)
    async with town.living():
        place = town.settles("bad")
        for number in range(MANY):
            town.declare("bad", str(number))
        await town.clock.advance(30.0)
        assert len(place.stored) == MANY + 1
        place.trouble, began = trouble, town.clock.now()
        for number in range(MANY):
            town.declare("bad", str(number), "ContentAwareEncoding")
        await town.clock.advance(seconds)
    return town, place, began


@pytest.mark.parametrize("trouble", ["unreachable", "rejected"])
def test_n_resources_send_one_probe_an_interval(trouble: str) -> None:
    _, place, began = asyncio.run(troubled(trouble, sum(PAUSES)))
    first = [entry for entry in place.trace if began <= entry[1] < began + 1.0]
    assert len(first) <= 4 + 1, "what was under way, and the account itself"
    probes = [entry for entry in place.trace if entry[1] >= began + 1.0]
    assert {name for name, _, _, _ in probes} == {"bad"}
    times = [began, *(when for _, when, _, _ in probes)]
    for pause, one, other in zip(PAUSES, times, times[1:], strict=False):
        assert pause / 2 <= other - one <= pause + 1.0


def test_who_can_be_asked_again_is_swept_at_once_and_all_changes_are_made() -> None:
    async def life() -> None:
        town = Town(workers=4)
        async with town.living():
            place = town.settles("bad")
            for number in range(MANY):
                town.declare("bad", str(number))
            await town.clock.advance(5.0)
            place.trouble = "unreachable"
            for number in range(MANY):
                town.declare("bad", str(number), "ContentAwareEncoding")
            await town.clock.advance(40.0)
            place.trouble = ""
            await town.clock.advance(45.0)  # the next probe is not later
            assert {town.ready(f"bad-{number}") for number in range(MANY)} == {("True", "InSync")}
            swept = town.engine.accounts.known["bad"].swept
            assert swept is not None
            assert town.clock.now() - swept < 45.0

    asyncio.run(life())
