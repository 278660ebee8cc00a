"""What is told of accounts in the emulator by the loops that watch them, from the annotation to what a status says."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from typing import Any

from tests.patience import PATIENCE

from ams_operator.domain.answers import Resource
from ams_operator.domain.model import JSON
from ams_operator.migration import telling
from ams_operator.migration.conditions import Type
from ams_operator.migration.inputs import Managed
from ams_operator.migration.ports import Target, Way
from ams_operator.migration.tools import Tools
from ams_operator.migration.watches import Watches

from .conftest import Source
from .looks import Eyes
from .reached import History, Seen, reaches
from .states import complete
from .telling_world import V2_SOURCE, Cluster, World

POLL = 0.05
AGO = 120.0
"""seconds: a clock that goes on shows that no job came meanwhile"""


class Clock:
    """The machine's, and later."""

    later = 0.0

    def now(self) -> float:
        return time.time() + self.later

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(min(seconds, POLL))


@dataclass
class There(Cluster):
    """The account is in the emulator, and what is told of it is noted."""

    way_there: Way | None = None
    history: History = field(default_factory=History)
    managed: tuple[Managed, ...] = ()
    target_claim: str = ""
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def way(self, _: str) -> Way:
        assert self.way_there is not None
        return self.way_there

    async def target(self, source: Resource) -> Target:
        if self.target_claim:
            return Target(source.uid, source.namespace, source.name, None, ("Claimed", self.target_claim))
        return Target(source.uid, source.namespace, source.name, self.way_there)

    def objects(self, _: str) -> tuple[Managed, ...]:
        return self.managed

    async def write(self, account: Resource, status: JSON) -> None:
        await super().write(account, status)
        for one in telling.own(status):
            self.history.add(one["type"], one["status"], one["reason"])
        self.news.set()


@dataclass
class Told:
    """One account that is annotated, and whoever looks at annotations."""

    cluster: There
    clock: Clock

    def annotate(self, value: str) -> None:
        self.cluster.held = replace(self.cluster.held, annotations={V2_SOURCE: value})

    def wish(self, **migration: Any) -> None:
        held = self.cluster.held
        spec = {**held.spec, "migration": migration}
        self.cluster.held = replace(held, spec=spec, generation=held.generation + 1)

    def says(self) -> dict[str, str]:
        return {
            Type(one["type"]).name: f"{one['status']} {one['reason']}" for one in telling.own(self.cluster.held.status)
        }

    async def until(self, **said: str) -> None:
        """Of the conditions that are named the status and the reason."""
        with contextlib.suppress(TimeoutError):
            await self.wait(lambda: said.items() <= self.says().items())
        assert {name: self.says().get(name) for name in said} == said

    async def wait(self, so: Callable[[], bool]) -> None:
        """Until something that was written makes it so."""
        async with asyncio.timeout(PATIENCE):
            while not so():
                await self.cluster.news.wait()
                self.cluster.news.clear()

    async def done(self) -> None:
        """Everything is, two looks at jobs apart: whoever watches may have begun anew."""
        await self.until(ACCESS="True Reachable", TARGET="True Ready")
        self.clock.later += AGO
        await self.until(ACCESS="True Reachable", INVENTORY="True Complete", COMPLETE="True Complete")


@contextlib.asynccontextmanager
async def told(eyes: Eyes, value: str, seen: Seen) -> AsyncIterator[Told]:
    """The loops run inside; nothing was told before."""
    cluster, clock = There(way_there=eyes.way(eyes.source.account), history=seen.history()), Clock()
    cluster.managed = eyes.objects
    world = World(cluster=cluster)
    found = Told(cluster, clock)
    found.annotate(value)
    task = asyncio.create_task(
        Watches(Tools(cluster, clock, world.tools.digest, poll=POLL, seal=world.tools.seal)).run()
    )
    yield found
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def wishes(eyes: Eyes) -> dict[str, Any]:
    """`spec.migration` that says what the config does."""
    return {
        "quietPeriod": "PT1H",
        "licensesVerifiedBy": eyes.config.verified_by,
        "acknowledgedGaps": [{"id": one, "reason": "fine", "scope": "Any"} for one in eyes.config.acknowledged],
        "declarations": [{"id": one, "reason": "asked", "answer": "Confirmed"} for one in eyes.config.declared],
    }


@reaches(
    "ACCESS False AnnotationUnreadable SpecUnreadable Claimed", "ACCESS Unknown InputsMissing",
    "ACCESS True Reachable",
    "INVENTORY Unknown InProgress InputsMissing", "INVENTORY True Complete",
    "TARGET False Claimed", "TARGET True Ready",
    "COMPLETE True Complete CompletedEarlier", "V2Retired",
)  # fmt: skip
async def test_a_migration_from_its_beginning_to_its_end(source_factory: Callable[..., Source], seen: Seen) -> None:
    eyes = await complete(source_factory("small"), seen)
    control = eyes.control
    probes = control.barrier(path="/api/StorageAccounts$", method="GET")
    async with told(eyes, "true", seen) as account:
        account.wish(**wishes(eyes))
        await account.until(ACCESS="Unknown InputsMissing", TARGET="True Ready", INVENTORY="Unknown InputsMissing")
        assets = control.barrier(path="/api/Assets$", method="GET")
        probes.release()
        await account.until(
            ACCESS="True Reachable", INVENTORY="Unknown InProgress", COMPLETE="Unknown ConditionsUnknown"
        )
        assets.release()
        await account.done()
        account.annotate("ture")
        await account.until(ACCESS="False AnnotationUnreadable", INVENTORY="True Complete", COMPLETE="True Complete")
        account.annotate("true")
        await account.done()
        account.wish(**{**wishes(eyes), "lookback": "P99999D"})
        await account.until(ACCESS="False SpecUnreadable", COMPLETE="True Complete")
        account.wish(**wishes(eyes))
        await account.done()
        account.cluster.claim = "another object manages it"
        await account.until(ACCESS="False Claimed", COMPLETE="True CompletedEarlier")
        account.cluster.claim = ""
        await account.done()
        account.cluster.target_claim = "another object manages it"
        await account.until(TARGET="False Claimed", COMPLETE="False ConditionsFalse")
        account.cluster.target_claim = ""
        await account.done()
        control.v2_account(eyes.source.resource_id, retired=True)
        await account.until(ACCESS="False AccountDisabled", COMPLETE="True CompletedEarlier")
        control.v2_account(eyes.source.resource_id, retired=False)
        await account.done()
        account.annotate("retired")
        await account.until(**dict.fromkeys((one.name for one in Type), "True V2Retired"))
        account.annotate("true")
        await account.done()
    control.reset_log()


@reaches("TARGET Unknown InputsMissing", "COMPLETE Unknown InputsMissing")
async def test_what_was_never_judged(source_factory: Callable[..., Source], seen: Seen) -> None:
    """Mistyped from the beginning, and once more after everything that was told was taken back."""
    eyes = Eyes(source_factory("empty"))
    never = {
        "ACCESS": "False AnnotationUnreadable",
        "TARGET": "Unknown InputsMissing",
        "COMPLETE": "Unknown InputsMissing",
    }
    async with told(eyes, "maybe", seen) as account:
        await account.until(**never)
        account.annotate("true")
        await account.until(ACCESS="True Reachable", TARGET="True Ready", INVENTORY="True Complete")
        account.annotate("false")
        await account.wait(lambda: not account.says())
        account.annotate("maybe")
        await account.until(**never)
    eyes.control.reset_log()
