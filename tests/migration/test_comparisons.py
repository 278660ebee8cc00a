"""What could not be compared with version 3 is compared again, and nothing is read for that which has no part in it."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any
from unittest.mock import Mock

import pytest

from ams_operator.api.reasons import Reason
from ams_operator.domain.answers import NoAnswer
from ams_operator.migration import reporting
from ams_operator.migration.census import Census, view
from ams_operator.migration.conditions import Type, judge
from ams_operator.migration.entities import SETS
from ams_operator.migration.inputs import AccessRead, AccountSeen, Config, Inputs, InventoryRead, SetRead, TargetRead
from ams_operator.migration.inventory import Inventory
from ams_operator.migration.kept import Kept
from ams_operator.migration.model import Judgement, Known, visible
from ams_operator.migration.reduce import keyed
from ams_operator.migration.tally import Tally
from ams_operator.migration.tools import Tools
from ams_operator.migration.trouble import Access
from ams_operator.migration.turns import Turn
from ams_operator.migration.version3 import Version3
from ams_operator.migration.watch import Watch

from .conftest import Source
from .telling_world import account_of
from .test_turns import reached

NOW = 1_700_000_000.0
SEAL = keyed(b"ours")
ASKED = {"assets": "Assets", "locators": "Locators", "published": "Locators"}


@dataclass
class _Once:
    """Version 3, whose answer to one question gets lost the first time."""

    real: Version3
    lost: str
    asked: list[str] = field(default_factory=list)

    def __getattr__(self, name: str) -> Any:
        async def ask(*given: Any) -> Any:
            self.asked.append(name)
            if name == self.lost and self.asked.count(name) == 1:
                raise NoAnswer(Reason.ENDPOINT_UNREACHABLE, "500: later")
            return await getattr(self.real, name)(*given)

        return ask


@pytest.mark.parametrize("lost", sorted(ASKED))
async def test_a_comparison_that_failed_is_made_again_and_comes_to_the_same(source: Source, lost: str) -> None:
    backend = source.connector(source.policy(), source.account, source.credentials())
    there = _Once(Version3(backend, source.account), lost)

    async def read(kept: Kept, target: Any) -> Census:
        known = Known(datetime.now(UTC), republish=lost == "published")
        inventory = Inventory("a", source.client(), target, kept, known, now=time.time, tell=lambda _: take())

        def take() -> None:  # as a watch does
            kept.take(inventory.census, time.time())

        census = await inventory.run()
        kept.end(census, time.time())
        return census

    kept, right = Kept("a", SEAL), Kept("a", SEAL)
    await read(right, there.real)
    assert right.whole
    first = await read(kept, there)
    assert first.complete
    assert (kept.whole, kept.uncompared) == (False, True)
    assert "500: later" in kept.census().notes[0]
    kept = Kept.newest("a", SEAL, (kept.pack(),))  # a restart changes nothing
    assert kept.uncompared
    before = {name: one.at for name, one in kept.sets.items()}
    emptied = ASKED[lost]
    await read(kept, there)
    again = {name for name, one in kept.sets.items() if one.at != before[name]}
    assert emptied in again
    assert not again & {"Jobs", "Tasks", "Files", "ContentKeys", "Channels"}
    assert again == {"Locators"} or lost != "published"
    assert (kept.whole, kept.uncompared, kept.census().notes) == (True, False, [])
    parts = ("sets", "targets", "gaps", "blockers")
    assert {one: view(kept.census())[one] for one in parts} == {one: view(right.census())[one] for one in parts}


def _uncompared() -> Kept:
    kept, census = Kept("", SEAL), Census("", f"{datetime.fromtimestamp(NOW, UTC):%FT%TZ}")
    census.tallies = {name: Tally() for name in SETS}
    census.compared, census.notes = {"Locators": "Unjoined"}, ["version 3 does not list it: no way"]
    saved = {"begun": census.begun, "sets": {name: {} for name in SETS}, "known": {}, "compared": census.compared}
    kept.save(saved)
    kept.end(census, NOW + 100.0)
    return kept


def test_what_waits_for_a_comparison_is_read_with_all_else_when_that_is_due() -> None:
    kept = _uncompared()
    assert (kept.due(3600.0, NOW + 200.0), kept.load() is None) == (NOW + 200.0, False)
    assert kept.due(3600.0, NOW + 3600.0) == NOW + 3600.0
    assert kept.load() is None, "else what was read goes stale while nobody can compare it"
    under_way = _uncompared()
    assert under_way.saved
    under_way.save({**under_way.saved, "begun": "2026-01-01T00:00:00Z"})
    assert not under_way.uncompared, "the next inventory is not over"


async def test_sets_are_read_again_with_growing_pauses_and_only_while_the_target_answers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now, tried = [NOW], list[float]()

    async def sleep(seconds: float) -> None:
        now[0] += seconds
        await asyncio.sleep(0)

    clock = Mock(now=lambda: now[0], sleep=sleep)
    tools = Tools(Mock(account=lambda _: account_of()), clock, SEAL, seal=SEAL)
    watch = Watch(tools, "uid", _uncompared(), lambda _: Mock())
    watch._reachable.set()
    monkeypatch.setattr(watch, "config", lambda: Mock(inventory_every=360_000.0))

    async def inventory(_: object) -> bool:
        tried.append(now[0])
        return False

    monkeypatch.setattr(watch, "_inventory", inventory)
    task = asyncio.create_task(watch._inventories())

    async def rounds() -> None:
        for _ in range(40):
            await asyncio.sleep(0)

    watch.target.account = AccountSeen(NOW, 60.0, "SignInRejected")
    await rounds()
    assert not tried
    watch.target.account = AccountSeen(NOW, 60.0)
    await rounds()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert [late - early for early, late in pairwise(tried)][:5] == [
        60.0,
        120.0,
        240.0,
        480.0,
        600.0,
    ]


@pytest.mark.parametrize("lost", ["assets", "streamingLocators"])
async def test_nothing_is_read_again_for_a_list_of_which_only_the_first_page_is_given(
    source: Source, lost: str, caplog: pytest.LogCaptureFixture
) -> None:
    control = source.emulator.control
    control.settings(page_size=5)
    control.variants(**{"v2.next-link": "present", "v2.locators-in-v3-list": "listed"})
    watch, _ = reached(source)

    async def asked(*, given: int | None) -> set[str]:
        """Sets of version 2 that are read while so many pages of that list are given; None: all."""
        control.clear_faults()
        if given is not None:
            control.fault(
                "answer", {"path": f"/{source.account.name}/{lost}$", "count": 0, "nth": given + 1}, status=403
            )
        control.reset_log()
        async with Turn(watch.tools, "n") as turn:
            await watch._inventory(turn)
        return {entry["kind"].partition("v2/")[2] for entry in source.log() if "LIST v2/" in entry["kind"]}

    assert {"Assets", "Locators", "Jobs"} <= await asked(given=1)
    for _ in range(2):
        assert not await asked(given=2), "the first page is asked for by itself before"
        assert watch.kept.uncompared
    assert watch.kept.census().notes
    assert "an inventory failed" not in caplog.text
    assert "Locators" in await asked(given=None)
    assert watch.kept.whole


@pytest.mark.parametrize("same", [True, False])
@pytest.mark.parametrize(("reason", "following"), [("", "wait, it is made again"), ("NotFound", "see V3AccessReady")])
def test_why_there_is_no_comparison_is_told_with_what_comes_next(same: bool, reason: str, following: str) -> None:
    tally = Tally()
    tally.add("film", 1, Judgement(visible("goes on")))
    sets = {name: SetRead(NOW, 3600.0, tally if name == "Locators" else Tally()) for name in SETS}
    notes = ("version 3 does not list what was published anew: 500",)
    read = InventoryRead(sets, compared={"Locators": "Failed"}, notes=notes)
    seen = AccessRead(NOW, 60.0, Access.REACHABLE)
    target = TargetRead(same, AccountSeen(NOW, 60.0, reason), {})
    inputs = Inputs(NOW, access=seen, inventory=read, target=target)
    inputs = replace(inputs, config=replace(inputs.config, republish=not same))
    found = next(one for one in judge(inputs) if one.type == Type.DELIVERY)
    assert found.status == "Unknown"
    assert f"next: {following}" in found.message
    assert notes[0] in found.message
    census = Census("a", "", notes=list(notes))
    assert reporting.content(inputs, judge(inputs), census)["notes"] == list(notes)


@pytest.mark.parametrize(("compared", "done"), [({"Locators": "Failed"}, 0), ({}, 0), ({"Locators": "Listed"}, 1)])
@pytest.mark.parametrize("republish", [True, False])
def test_nothing_counts_as_done_that_nobody_compared(compared: dict[str, str], done: int, republish: bool) -> None:
    tally = Tally()
    tally.add("film", 1, Judgement(visible("goes on")))
    sets = {name: SetRead(NOW, 3600.0, tally if name == "Locators" else Tally()) for name in SETS}
    seen = AccessRead(NOW, 60.0, Access.REACHABLE)
    config = Config(republish=republish, not_used=frozenset({"delivery"}))
    inputs = Inputs(NOW, access=seen, inventory=InventoryRead(sets, compared=compared), config=config)
    found = next(one for one in judge(inputs) if one.type == Type.DELIVERY)
    assert (found.reason, found.done, found.all) == ("DeclaredUnusedButSeen", done, 1)
    assert found.message.startswith(f"{done} of 1 ")
