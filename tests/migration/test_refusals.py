"""A refusal of one question is no refusal of the account: a used up quota is one, or a processor that is away."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import pytest
from tests.migration.accounts import done, said
from tests.migration.telling_world import Cluster, World
from tests.patience import PATIENCE

from ams_operator.domain.answers import Resource
from ams_operator.migration.census import view
from ams_operator.migration.conditions import Type
from ams_operator.migration.inputs import AccessRead, SetRead
from ams_operator.migration.ports import Target, Way
from ams_operator.migration.tally import Tally
from ams_operator.migration.tools import Tools
from ams_operator.migration.trouble import Access, NotReadable
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


@pytest.mark.parametrize("status", [403, 404, 500])
@pytest.mark.parametrize(("path", "what"), [("Programs", "channels and programs"), ("Jobs", "jobs")])
async def test_a_poll_that_is_refused_is_told_and_is_nothing_but_what_it_is(
    source: Source, path: str, what: str, status: int
) -> None:
    """Neither a refusal of the account, nor of what else is looked at: that goes on."""
    async with watching(source) as seen:
        await seen.until(lambda: bool(seen.told))
        source.emulator.control.fault("answer", {"path": f"/api/{path}", "count": 0}, status=status)
        await seen.until(lambda: bool(seen.told[-1].message))
        began = time.time()
        watch = seen.watch

        def other() -> float | None:
            return watch.channels.at if path == "Jobs" else watch.jobs.polls[-1].at

        await seen.until(lambda: (other() or 0.0) > began)
    assert seen.reasons() == {Access.REACHABLE}
    found = said(done(access=replace(seen.told[-1], at=done().now)))[Type.ACCESS]
    assert (found.status, found.reason) == ("True", Access.REACHABLE)
    assert found.message.startswith(f"version 2 answers, and does not show {what} (")
    assert str(status) in found.message


async def test_what_version_2_has_not_is_nothing_to_wait_for(source: Source) -> None:
    """Not by one 404: by the inventory's word, which takes half an hour."""
    for path in ("Channels", "Programs", "Jobs"):
        source.emulator.control.fault("answer", {"path": f"/api/{path}$", "count": 0}, status=404)
    async with watching(source) as seen:
        await seen.until(lambda: bool(seen.told))
        assert seen.watch.channels.at is None
        seen.watch.kept.sets |= {
            name: SetRead(0.0, tally=Tally(absent=True)) for name in ("Channels", "Programs", "Jobs")
        }
        await seen.until(lambda: seen.watch.channels.at is not None and len(seen.watch.jobs.polls) > 1)
    assert not seen.watch.channels.channels
    assert not seen.watch.jobs.polls[-1].in_flight


async def test_what_is_another_in_each_answer_is_told_of_none(source: Source) -> None:
    """Else each poll would write the status anew."""
    told = set[str]()
    moving = (
        ("30 seconds", "8cb39104-122c-496e-9ac5-7f9e2c2547b8", "2026-01-03T00:00:00.1Z"),
        ("14.5 seconds", "11111111-122C-496E-9ac5-7f9e2c2547b8", "2026-01-04T10:00:00Z"),
    )
    for busy, request, at in moving:
        said = f"Server is busy. Previous runs took more than {busy}. RequestId:{request} Time:{at}"
        body = json.dumps({"odata.error": {"code": "", "message": {"value": said}}})
        source.emulator.control.fault("answer", {"path": "/api/", "count": 0}, status=500, body=body)
        with pytest.raises(NotReadable) as raised:
            await source.client().probe()
        told.add(raised.value.message)
        source.emulator.control.clear_faults()
    assert len(told) == 1
    assert "Previous runs took more than … seconds. RequestId:… Time:…" in told.pop()


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


async def test_an_account_that_is_not_there_is_not_told_as_one_that_moved(source: Source) -> None:
    source.account = replace(source.account, name="nosuch")
    with pytest.raises(NotReadable) as raised:
        await source.client().probe()
    assert raised.value.message.startswith("there is no such account (404")
