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


# A 403 to one of them may be that one's own: the account itself is asked before the others are held.
ASKED = {"unreachable": 4 + 1, "rejected": 4 + 1, "forbidden": 4 + 8}
"""how many come to the service at first: what was under way, the account itself, and what came before its turn"""


@pytest.mark.parametrize("trouble", ASKED)
def test_n_resources_send_one_probe_an_interval(trouble: str) -> None:
    _, place, began = asyncio.run(troubled(trouble, sum(PAUSES)))
    first = [entry for entry in place.trace if began <= entry[1] < began + 1.0]
    assert len(first) <= ASKED[trouble]
    probes = [entry for entry in place.trace if entry[1] >= began + 1.0]
    assert {name for name, _, _, _ in probes} == {"bad"}
    times = [began, *(when for _, when, _, _ in probes)]
    for pause, one, other in zip(PAUSES, times, times[1:], strict=False):
        assert pause / 2 <= other - one <= pause + 1.0


@pytest.mark.parametrize("trouble", ["unreachable", "forbidden"])
def test_who_can_be_asked_again_is_swept_at_once_and_all_changes_are_made(trouble: str) -> None:
    async def life() -> None:
        town = Town(workers=4)
        async with town.living():
            place = town.settles("bad")
            for number in range(MANY):
                town.declare("bad", str(number))
            await town.clock.advance(5.0)
            place.trouble = trouble
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


def test_who_may_not_read_the_account_is_held_in_all_of_it_and_told_why() -> None:
    async def life() -> None:
        town, _, _ = await troubled("forbidden", 60.0)
        message = {town.ready(f"bad-{number}") for number in range(MANY)}
        assert message <= {("False", "Forbidden"), ("True", "InSync"), ("Unknown", "Forbidden")}
        trouble = town.engine.accounts.known["bad"].trouble
        assert trouble is not None
        assert "may not read the account (403 AuthorizationFailed): grant it a role there" in trouble.message

    asyncio.run(life())


async def living_with(denied: set[tuple[str, str]], seconds: float) -> tuple[Town, Place, float]:
    """An account with a few resources, of which something is forbidden from a moment on, and then each is changed."""
    town = Town(workers=4)
    async with town.living():
        place = town.settles("bad")
        for number in range(4):
            town.declare("bad", str(number))
        await town.clock.advance(30.0)
        place.denied, began = denied, town.clock.now()
        for number in range(4):
            town.declare("bad", str(number), "ContentAwareEncoding")
        await town.clock.advance(seconds)
    return town, place, began


@pytest.mark.parametrize(
    "denied",
    [{("GET", "bad-0")}, {("PUT", "bad-0"), ("PATCH", "bad-0")}, {("GET", "bad-0"), ("LIST", "Transform")}],
    ids=["its GET", "a lock", "its GET, and the LIST"],
)
def test_what_is_forbidden_of_one_resource_is_that_ones_own(denied: set[tuple[str, str]]) -> None:
    """A lock or a deny assignment: the account is asked once more for each try, and all else goes on."""
    town, place, began = asyncio.run(living_with(denied, 200.0))
    assert town.ready("bad-0")[1] == "Forbidden"
    assert {town.ready(f"bad-{number}") for number in range(1, 4)} == {("True", "InSync")}
    assert town.engine.accounts.known["bad"].trouble is None
    tries = [entry for entry in place.trace if entry[0] == "bad-0" and entry[1] >= began]
    assert len(tries) <= 2 * 6, "with pauses from 10 s to 10 min"


def test_a_list_that_is_forbidden_is_not_asked_for_more_often_than_others() -> None:
    """Who has a role on the account alone may not list its resource group."""
    town, place, began = asyncio.run(living_with({("LIST", "MediaServicesAccount")}, 300.0))
    assert {town.ready(f"bad-{number}") for number in range(4)} == {("True", "InSync")}
    lists = [entry for entry in place.trace if entry[0] == "MediaServicesAccount" and entry[1] >= began]
    assert 4 <= len(lists) <= 7


def test_another_credential_is_found_while_the_one_before_may_not_read_the_account() -> None:
    async def life() -> None:
        town = Town()
        async with town.living():
            place = town.settles("bad")
            place.trouble = "forbidden"
            await town.clock.advance(400.0)  # the pauses have grown long by then
            assert town.ready("bad")[1] == "Forbidden"
            place.trouble = ""
            town.kube.labels_of_secrets["azure"] = "rotated"  # another version
            await town.clock.advance(15.0)
            assert town.ready("bad") == ("True", "InSync")

    asyncio.run(life())
