"""What one account's inventory costs the others, and version 2, while something is in trouble."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field, replace
from typing import Any
from unittest.mock import Mock

import pytest

from ams_operator.domain.answers import Resource
from ams_operator.migration import settings
from ams_operator.migration.inventory import Inventory
from ams_operator.migration.kept import Kept
from ams_operator.migration.model import Progress
from ams_operator.migration.patience import LONG, Overtaken
from ams_operator.migration.ports import Target, Way
from ams_operator.migration.reduce import keyed
from ams_operator.migration.tools import Tools
from ams_operator.migration.turns import HOLD, MANY, Places, Turn
from ams_operator.migration.watch import Watch

from .conftest import Source
from .telling_world import Clock, Cluster, World, account_of

SEAL = keyed(b"ours")


@dataclass
class Reached(Cluster):
    """An account that there is a way to."""

    there: Way | None = None

    def way(self, _: str) -> Way:
        assert self.there is not None
        return self.there

    async def target(self, source: Resource) -> Target:
        return Target(source.uid, source.namespace, source.name, self.there)


@dataclass
class Asleep(Clock):
    """Time stands, and who sleeps does so until he is woken."""

    at: float = 0.0
    awake: asyncio.Event = field(default_factory=asyncio.Event)

    async def sleep(self, _: float) -> None:
        await self.awake.wait()


def shared(turns: int = 2) -> Tools:
    return Tools(World().cluster, Asleep(), SEAL, seal=SEAL, turns=Places(turns))


def asleep(tools: Tools) -> Asleep:
    assert isinstance(tools.clock, Asleep)
    return tools.clock


def left(places: Places) -> int:
    """Asked for by a call: mypy would hold an attribute that was compared once for what it was then."""
    return places.free


async def rounds(count: int = 60) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def stop(*tasks: asyncio.Task[Any]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def reached(source: Source) -> tuple[Watch, Clock]:
    """A watch of an account in the emulator."""
    backend = source.connector(source.policy(), source.account, source.credentials())
    clock = Clock()
    clock.at = time.time()
    cluster = Reached(there=Way(backend, source.account))
    tools = Tools(cluster, clock, SEAL, seal=SEAL)
    identity = settings.identity(account_of(), SEAL("a"), SEAL("a"))
    return Watch(tools, "uid", Kept(identity, SEAL), settings.config), clock


async def test_what_version_3_does_not_list_is_asked_for_before_anything_is_read_again_for_it(source: Source) -> None:
    control = source.emulator.control
    watch, _ = reached(source)
    kept = watch.kept

    async def asked() -> list[str]:
        control.reset_log()
        async with Turn(watch.tools, "n") as turn:
            await watch._inventory(turn)
        return [entry["kind"] for entry in source.log() if "LIST" in entry["kind"]]

    control.fault("answer", {"path": f"/{source.account.name}/assets$", "count": 0}, status=403)
    assert "LIST v2/Jobs" in await asked()
    assert kept.uncompared
    assert len(await asked()) == 1
    assert kept.uncompared
    control.clear_faults()
    again = await asked()
    assert "LIST v2/Assets" in again
    assert "LIST v2/Jobs" not in again
    assert kept.whole


async def begun(monkeypatch: pytest.MonkeyPatch, *accounts: tuple[str, bool]) -> list[str]:
    """Which inventories begin, of accounts of these namespaces that all are due; some are asked for patience, and the
    others read for ever."""
    tools, read, tasks = shared(), list[str](), []
    for number, (namespace, patient) in enumerate(accounts):
        watch = Watch(tools, f"{namespace}{number}", Kept("", SEAL), lambda _: Mock())
        watch._reachable.set()
        monkeypatch.setattr(watch, "config", lambda: Mock(inventory_every=360_000.0))
        monkeypatch.setattr(watch, "resource", lambda there=namespace: replace(account_of(), namespace=there))

        async def inventory(turn: Turn, name: str = watch.uid, patient: bool = patient) -> bool:
            read.append(name)
            if patient:
                await turn.sleep(300.0)
            await asyncio.Event().wait()
            return True

        monkeypatch.setattr(watch, "_inventory", inventory)
        tasks.append(asyncio.create_task(watch._inventories()))
    await rounds()
    await stop(*tasks)
    assert (tools.slots.free, tools.turns.free) == (8, 2)
    return read


async def test_inventories_that_are_asked_for_patience_keep_no_other_from_being_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert await begun(monkeypatch, ("a", True), ("a", True), ("a", False)) == ["a0", "a1", "a2"]


async def test_no_namespace_takes_what_another_one_needs_to_begin(monkeypatch: pytest.MonkeyPatch) -> None:
    accounts = [(namespace, True) for namespace in "aaaaaaaaaaaaaaaaaaaabbbbbbbbbbcccccd"]
    found = [name[0] for name in await begun(monkeypatch, *accounts)]
    assert {one: found.count(one) for one in found} == {"a": 4, "b": 2, "c": 1, "d": 1}


async def test_a_place_goes_to_the_namespaces_in_turn() -> None:
    places, order = Places(1), list[str]()

    async def take(namespace: str) -> None:
        async with places.one(namespace):
            order.append(namespace)

    async with places.one("a"):
        tasks = [asyncio.create_task(take(one)) for one in "aaab"]
        await rounds(2)
        assert places.wanted("a")
        tasks[1].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert order == ["a", "b", "a"]
    assert (places.free, places.wanted("a")) == (1, False)


async def test_a_place_that_nobody_waits_for_any_more_goes_to_the_next_one() -> None:
    places = Places(1)
    await places.take("a")
    first, second = (asyncio.create_task(places.take(one)) for one in "bc")
    await rounds(2)
    places.give_back("a")
    first.cancel()  # it was his already, and he has not heard of it
    await stop(first)
    await rounds()
    assert (second.done(), left(places)) == (True, 0)
    places.give_back("c")
    assert left(places) == 1


async def test_who_was_asked_for_patience_has_one_turn_again_however_many_of_its_requests_slept() -> None:
    tools = shared(1)
    async with Turn(tools, "a") as turn:
        assert left(tools.turns) == 0
        sleeping = [asyncio.create_task(turn.sleep(1.0)) for _ in range(8)]
        await rounds(1)
        assert left(tools.turns) == 1
        async with Turn(tools, "a"):
            asleep(tools).awake.set()
            await rounds(9)
            assert not any(one.done() for one in sleeping)
        await asyncio.gather(*sleeping)
        assert left(tools.turns) == 0
    assert left(tools.turns) == 1


async def test_who_reads_for_long_lets_others_go_first() -> None:
    tools = shared(1)
    other = Turn(tools, "b")
    async with Turn(tools, "a") as turn:
        waiting = asyncio.create_task(other.__aenter__())
        await rounds()
        await turn.next()
        assert not waiting.done()
        asleep(tools).at += HOLD
        again = asyncio.create_task(turn.next())
        await rounds()
        assert (waiting.done(), again.done()) == (True, False)
        await other.__aexit__(None, None, None)
        await again
        asleep(tools).at += HOLD
        await turn.next()  # nobody waits


async def test_of_large_accounts_one_is_read_at_a_time_and_keeps_no_small_one_waiting() -> None:
    tools = shared()
    async with Turn(tools, "a") as first, Turn(tools, "b") as second:
        first.rows = second.rows = MANY + 1
        await first.next()
        waiting = asyncio.create_task(second.next())
        await rounds()
        assert not waiting.done()
        assert first.wanted()
        small = Turn(tools, "c")
        beside = asyncio.create_task(small.__aenter__())
        await rounds()
        assert beside.done()
        await small.__aexit__(None, None, None)
        await stop(waiting)
    assert (tools.large.free, tools.turns.free) == (1, 2)


async def test_an_inventory_knows_that_its_account_is_large_also_where_it_goes_on(source: Source) -> None:
    watch, clock = reached(source)
    seen = list[int]()

    class Heard(Turn):
        async def next(self) -> None:
            seen.append(self.rows)
            await super().next()

    for _ in range(2):
        async with Heard(watch.tools, "n") as turn:
            await watch._inventory(turn)
        largest = max(one.tally.rows for one in watch.kept.sets.values() if one.tally)
        assert 0 < max(seen) <= largest
        watch.kept._drop(frozenset({"Channels"}))
        watch.kept.whole, first = False, seen[:]
        seen.clear()
        clock.at += 1.0
    assert first[1] == max(first), "from the first request on"


async def test_who_is_asked_for_long_patience_makes_room_and_keeps_what_it_has_read(
    source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch, clock = reached(source)
    tools, hear, waiting = watch.tools, watch._progress, list[asyncio.Task[None]]()
    for number in range(7):
        await tools.slots.take(f"other {number}")
    source.emulator.control.fault(
        "answer", {"path": "/api/ContentKeys$", "count": 1}, status=429, headers={"Retry-After": "200"}
    )

    def progress(inventory: Inventory, progress: Progress) -> None:
        if not waiting:
            waiting.append(asyncio.create_task(tools.slots.take("another")))
        hear(inventory, progress)

    monkeypatch.setattr(watch, "_progress", progress)
    async with tools.slots.one("n"), Turn(tools, "n") as turn:
        with pytest.raises(Overtaken) as error:
            await watch._inventory(turn)
    assert error.value.until >= clock.at + LONG
    await waiting[0]
    assert "Locators" in watch.kept.sets
    assert "ContentKeys" not in watch.kept.sets
    watch.resting.over(well=False, until=error.value.until)
    assert watch.kept.due(3600.0, clock.at, watch.resting.again) == error.value.until
    assert {"Assets", "Locators"} <= (watch.kept.load() or {})["sets"].keys(), "where the next one goes on"
