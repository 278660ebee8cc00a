"""A refusal of one question is no refusal of the account: a used up quota is one, or a processor that is away."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from tests.migration.accounts import done, said
from tests.migration.telling_world import Cluster, World
from tests.patience import PATIENCE

from ams_operator.domain.answers import Resource
from ams_operator.migration.census import view
from ams_operator.migration.conditions import Type
from ams_operator.migration.inputs import AccessRead
from ams_operator.migration.ports import Target, Way
from ams_operator.migration.tools import Tools
from ams_operator.migration.trouble import Access
from ams_operator.migration.watch import Watch

from .conftest import Source


class There(Cluster):
    """The account is in the emulator."""

    there: Way

    def way(self, _: str) -> Way:
        return self.there

    async def target(self, source: Resource) -> Target:
        return Target(source.uid, source.namespace, source.name, self.there)


class Clock:
    """The machine's."""

    def now(self) -> float:
        return time.time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


@dataclass
class Seen:
    """A watch, and every answer of version 2 to its probes."""

    watch: Watch
    told: list[AccessRead] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    async def note(self) -> None:
        while True:
            await self.watch.changed.wait()
            self.watch.changed.clear()
            if self.watch.access.at is not None and self.watch.access not in self.told:
                self.told.append(self.watch.access)
            self.news.set()

    async def until(self, so: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not so():
                await self.news.wait()
                self.news.clear()

    def reasons(self) -> set[Access | None]:
        return {one.reason for one in self.told}


@asynccontextmanager
async def watching(source: Source) -> AsyncIterator[Seen]:
    cluster = There()
    cluster.there = Way(source.connector(source.policy(), source.account, source.credentials()), source.account)
    world = World(cluster=cluster)
    world.tools = Tools(cluster, Clock(), world.tools.digest, poll=0.05, seal=world.tools.seal)
    seen = Seen(world.watch())
    tasks = [asyncio.create_task(one) for one in (seen.watch.run(), seen.note())]
    yield seen
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_a_set_that_is_refused_keeps_no_other_from_being_read(source: Source) -> None:
    source.emulator.control.fault("answer", {"path": "/api/MonitoringConfigurations", "count": 0}, status=403)
    async with watching(source) as seen:
        await seen.until(lambda: "MonitoringConfigurations" in seen.watch.kept.sets and len(seen.told) > 2)
        kept = dict(seen.watch.kept.sets)
    assert seen.reasons() == {Access.REACHABLE}
    refused = kept.pop("MonitoringConfigurations")
    assert "version 2 answers, and refuses this set (403" in refused.failed
    assert all(one.tally is not None for one in kept.values())
    assert len(kept) == 25


async def test_a_poll_that_is_refused_is_told_and_is_no_refusal_of_the_account(source: Source) -> None:
    async with watching(source) as seen:
        await seen.until(lambda: bool(seen.told))
        source.emulator.control.fault("answer", {"path": "/api/Programs", "count": 0}, status=403)
        await seen.until(lambda: bool(seen.told[-1].message))
    assert seen.reasons() == {Access.REACHABLE}
    found = said(done(access=replace(seen.told[-1], at=done().now)))[Type.ACCESS]
    assert (found.status, found.reason) == ("True", Access.REACHABLE)
    assert found.message.startswith("version 2 answers, and refuses to show channels, programs or jobs (403")


async def test_where_the_account_is_refused_nothing_is_read(source: Source) -> None:
    source.emulator.control.fault("answer", {"path": "/api/", "count": 0}, status=403)
    async with watching(source) as seen:
        await seen.until(lambda: len(seen.told) > 1)
    assert seen.reasons() == {Access.ACCOUNT_DISABLED}
    assert not seen.watch.kept.sets


async def test_the_command_says_so_too(source: Source) -> None:
    source.emulator.control.fault("answer", {"path": "/api/Channels", "count": 0}, status=401)
    found = view(await source.inventory().run())
    assert {one["name"] for one in found["sets"] if one["state"] != "Read"} == {"Channels"}
