"""One annotated account in memory, its report, and an API server that refuses what it is told to refuse."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from ams_operator.api.reasons import Reason
from ams_operator.domain.answers import Foreign, NotSent, Resource
from ams_operator.domain.model import JSON
from ams_operator.migration import settings, telling
from ams_operator.migration.beside import Beside
from ams_operator.migration.conditions import Type
from ams_operator.migration.inputs import AccessRead, ChannelsRead, Managed
from ams_operator.migration.kept import Kept
from ams_operator.migration.ports import Target, Way
from ams_operator.migration.reduce import keyed
from ams_operator.migration.teller import Teller
from ams_operator.migration.tools import Tools
from ams_operator.migration.trouble import Access
from ams_operator.migration.watch import Watch
from ams_operator.migration.watches import Watches

NOW = 1_700_000_000.0
V2_SOURCE = "ams-operator.dev/v2-source"


class Clock:
    """Time passes where a test says so; who sleeps lets others go first."""

    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> float:
        return self.at

    async def sleep(self, _: float) -> None:
        await asyncio.sleep(0)


def account_of(value: str | None = "true") -> Resource:
    found = {} if value is None else {V2_SOURCE: value}
    return Resource("MediaServicesAccount", "n", "a", "uid", 1, "5", "", None, (), found, {"subscriptionId": "s"}, {})


@dataclass
class Cluster:
    """One account and its report, and an API server that refuses what it is told to refuse."""

    held: Resource = field(default_factory=account_of)
    report: JSON | None = None
    refusal: Exception | None = None
    no_way: NotSent = field(default_factory=lambda: NotSent(Reason.PROGRESSING, "not yet"))
    claim: str = ""
    """why the account's object does nothing"""
    written: int = 0
    reported: int = 0
    places: dict[str, str] = field(default_factory=dict)
    """name of an account to what it stands for, where that is another one"""

    def accounts(self) -> Iterable[Resource]:
        return [self.held]

    def account(self, uid: str) -> Resource | None:
        return self.held if uid == self.held.uid else None

    def claimed(self, _: str) -> str:
        return self.claim

    def way(self, _: str) -> Way:
        raise self.no_way

    async def place(self, source: Resource) -> str:
        name = source.spec.get("migration", {}).get("targetAccountRef", {}).get("name", source.name)
        return str(self.places.get(name, name))

    def here(self, source: Resource) -> str:
        return str(self.places.get(source.name, source.name))

    async def target(self, source: Resource) -> Target:
        return Target(source.uid, source.namespace, source.name, None, (str(self.no_way.reason), "no way"))

    def objects(self, _: str) -> tuple[Managed, ...]:
        return ()

    async def write(self, _: Resource, status: JSON) -> None:
        self.written += 1
        self.held = replace(self.held, status=copy.deepcopy(status))

    async def read_report(self, _: Resource) -> JSON | None:
        if isinstance(self.refusal, Foreign):
            raise self.refusal
        return copy.deepcopy(self.report)

    async def write_report(self, _: Resource, status: JSON) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.reported += 1
        self.report = copy.deepcopy(status)

    async def drop_report(self, _: Resource) -> None:
        self.report = None

    def says(self, kind: Type) -> tuple[str, str, str]:
        found = next(one for one in telling.own(self.held.status) if one["type"] == kind)
        return found["status"], found["reason"], found["message"]


@dataclass
class World:
    clock: Clock = field(default_factory=Clock)
    cluster: Cluster = field(default_factory=Cluster)

    def __post_init__(self) -> None:
        self.tools = Tools(self.cluster, self.clock, keyed(b"ours"), seal=keyed(b"ours"))

    def watch(self, **options: Any) -> Watch:
        """As a process has it that has just begun."""
        held, tools = self.cluster.held, self.tools
        name = held.spec.get("migration", {}).get("targetAccountRef", {}).get("name", held.name)
        place = self.cluster.places.get(name, name)
        target = tools.seal(place) if place else ""
        identity = settings.identity(held, target, tools.here(held))
        return Watch(tools, "uid", Kept(identity, tools.seal), settings.config, **options)

    def teller(self, watch: Watch | None = None) -> Teller:
        return Teller(self.tools, Beside(None), watch or self.watch(), self.clock.now(), self.cluster.report)


def sees(watch: Watch, now: float) -> None:
    """Version 2 answers, and shows no channel."""
    watch.access = AccessRead(now, 60.0, Access.REACHABLE)
    watch.channels = ChannelsRead(now, 60.0)


async def looks(watch: Watch, until: str) -> None:
    """Let it look for as long as the condition says, or for many rounds."""
    task = asyncio.create_task(watch.run())
    for _ in range(500):
        await asyncio.sleep(0)
        if until == "looked" and watch.looked:
            break
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def look(world: World, value: str | None) -> None:
    world.cluster.held = replace(world.cluster.held, annotations={} if value is None else {V2_SOURCE: value})
    watches = Watches(world.tools)
    await watches._look(world.cluster.held)
    for uid in list(watches.running):
        watches._end(uid)


def elsewhere(held: Resource) -> Resource:
    """The same account, after somebody named another target."""
    spec = {**held.spec, "migration": {"targetAccountRef": {"name": "b"}}}
    return replace(held, spec=spec, generation=held.generation + 1)


def complete(held: Resource) -> Resource:
    conditions = [{**one, "status": "True", "reason": "Complete"} for one in telling.own(held.status)]
    return replace(held, status={**held.status, "conditions": conditions})
