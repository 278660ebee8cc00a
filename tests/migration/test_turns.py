"""What one account's inventory costs the others, and version 2, while something is in trouble."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from unittest.mock import Mock

import pytest

from ams_operator.domain.answers import Resource
from ams_operator.migration import settings
from ams_operator.migration.kept import Kept
from ams_operator.migration.ports import Target, Way
from ams_operator.migration.reduce import keyed
from ams_operator.migration.tools import Tools
from ams_operator.migration.turns import Turn
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


async def test_what_version_3_does_not_list_is_asked_for_before_anything_is_read_again_for_it(source: Source) -> None:
    control = source.emulator.control
    backend = source.connector(source.policy(), source.account, source.credentials())
    clock = Clock()
    clock.at = time.time()
    tools = Tools(Reached(there=Way(backend, source.account)), clock, SEAL, seal=SEAL)
    kept = Kept(await tools.identity(account_of()), SEAL)
    watch = Watch(tools, "uid", kept, settings.config)

    async def asked() -> list[str]:
        control.reset_log()
        await watch._inventory(clock.sleep)
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


async def test_inventories_that_are_asked_for_patience_keep_no_other_from_being_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tools = World().tools
    never, read = asyncio.Event(), list[int]()

    async def forever(_: float) -> None:
        await never.wait()

    monkeypatch.setattr(tools.clock, "sleep", forever)
    tasks = []
    for number in range(3):
        watch = Watch(tools, "uid", Kept("", SEAL), lambda _: Mock())
        watch._reachable.set()
        monkeypatch.setattr(watch, "config", lambda: Mock(inventory_every=360_000.0))

        async def inventory(sleep: Callable[[float], Awaitable[None]], number: int = number) -> bool:
            read.append(number)
            if number < 2:
                await sleep(300.0)
            await never.wait()
            return True

        monkeypatch.setattr(watch, "_inventory", inventory)
        tasks.append(asyncio.create_task(watch._inventories()))
    for _ in range(40):
        await asyncio.sleep(0)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert read == [0, 1, 2]
    assert not tools.turns.locked()


async def test_who_was_asked_for_patience_has_one_turn_again_however_many_of_its_requests_slept() -> None:
    turns, awake = asyncio.Semaphore(1), asyncio.Event()

    async def until(_: float) -> None:
        await awake.wait()

    async with Turn(turns, until) as turn:
        assert turns.locked()
        sleeping = [asyncio.create_task(turn.sleep(1.0)) for _ in range(8)]
        await asyncio.sleep(0)
        assert not turns.locked()
        async with Turn(turns, until):
            awake.set()
            for _ in range(9):
                await asyncio.sleep(0)
            assert not any(one.done() for one in sleeping)
        await asyncio.gather(*sleeping)
        assert turns.locked()
    assert not turns.locked()
    await turns.acquire()
    assert turns.locked()
