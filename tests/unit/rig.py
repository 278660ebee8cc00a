"""The engine over ports in memory: a schedule, sweeps, and one account."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from tests.unit.engine_fakes import OWNER, Clock, FakeKube, FakeService, moment, settle
from tests.unit.scenes import ORIGIN, preset

from ams_operator.domain.answers import Resource
from ams_operator.domain.model import JSON
from ams_operator.engine.schedule import Schedule
from ams_operator.engine.state import Engine
from ams_operator.engine.store import ACCOUNT, BACKEND
from ams_operator.engine.sweeps import Sweeps


class Meter:
    def __init__(self) -> None:
        self.kinds: list[str] = []
        self.poisoned: list[str] = []

    def reconciled(self, kind: str, seconds: float) -> None:
        self.kinds.append(kind)

    def poison(self, kind: str) -> None:
        self.poisoned.append(kind)


class Leader:
    leads = True

    def may_write(self) -> bool:
        return self.leads


@asynccontextmanager
async def beside(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """It goes on for as long as the test does, and may not end before."""
    task = asyncio.ensure_future(work)
    await settle()
    try:
        yield
        assert not task.done(), task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@dataclass
class Rig:
    """Everything, with one account `default` that uses what is in the service."""

    workers: int = 4
    clock: Clock = field(default_factory=Clock)
    kube: FakeKube = field(default_factory=FakeKube)
    meter: Meter = field(default_factory=Meter)

    def __post_init__(self) -> None:
        self.service = FakeService(self.clock)
        self.term = Leader()
        self.boot()

    def boot(self) -> None:
        """A process begins: it knows nothing of what the one before it knew."""
        self.engine = Engine(self.kube, self._connect, self.clock, self.term, b"a key for tests")
        self.engine.accounts.jitter = random.Random(7)
        self.schedule = Schedule(self.engine, self.meter, self.workers)
        self.sweeps = Sweeps(self.engine, random.Random(7))

    def _connect(self, *_args: Any, **_more: Any) -> FakeService:
        return self.service

    def see(self, kind: str, name: str, spec: JSON, uid: str = "", **members: Any) -> Resource:
        """Someone applied this: the API server stores it and the watch tells it."""
        uid = uid or name
        known = self.kube.objects.get(uid)
        generation = 1 if known is None else known.generation + (known.spec != spec)
        values: dict[str, Any] = {
            "kind": kind,
            "namespace": "" if kind == BACKEND else "team",
            "name": name,
            "uid": uid,
            "generation": generation,
            "version": str(next(self.kube.versions)),
            "created": moment(self.clock.now()),
            "deleting": None,
            "finalizers": known.finalizers if known else (),
            "annotations": {},
            "spec": spec,
            "status": known.status if known else {},
        }
        self.kube.objects[uid] = Resource(**{**values, **members})
        self.schedule.seen(self.kube.objects[uid])
        return self.kube.objects[uid]

    def transform(self, name: str, recipe: str = "AdaptiveStreaming", uid: str = "", **members: Any) -> Resource:
        spec = {"outputs": [{"preset": {"builtInStandardEncoder": {"presetName": recipe}}}], **members.pop("more", {})}
        return self.see("Transform", name, spec, uid, **members)

    def apply_account(self, **more: Any) -> Resource:
        spec = {
            "azureName": "contoso",
            "subscriptionId": "sub",
            "resourceGroup": "group",
            "credentials": {"secretRef": {"name": "azure"}},
            **more,
        }
        self.backend()
        return self.see(ACCOUNT, "default", spec, uid=OWNER)

    def backend(self) -> None:
        """The backend that accounts name without saying so, unless it is there."""
        if BACKEND not in self.kube.objects:
            spec = {"type": "armCompatible", "endpoint": ORIGIN, "authority": ORIGIN}
            self.see(BACKEND, "default", spec, uid=BACKEND)

    def ready(self, uid: str) -> tuple[str, str]:
        """(status, reason) of Ready; both empty without a status."""
        for condition in self.kube.objects[uid].status.get("conditions", ()):
            if condition["type"] == "Ready":
                return condition["status"], condition["reason"]
        return "", ""

    async def at_rest(self, *names: str) -> None:
        """Transforms of these names that are ready, and a sweep that has seen them."""
        await self.usable()
        for name in names:
            self.transform(name)
        await settle()
        await self.sweep()

    def said(self, uid: str = OWNER) -> str:
        """The message of Ready."""
        status: JSON = self.kube.objects[uid].status
        return next(str(one["message"]) for one in status["conditions"] if one["type"] == "Ready")

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """The schedule works, on a whole view of the cluster; sweeps are up to the test."""
        self.schedule.open()
        async with beside(self.schedule.run()):
            yield

    @asynccontextmanager
    async def living(self) -> AsyncIterator[None]:
        """The schedule and the sweeps work."""
        async with self.running(), beside(self.sweeps.run()):
            yield

    async def usable(self) -> None:
        """The account is there and may be used."""
        self.service.put_account()
        self.apply_account()
        await settle()
        assert self.ready(OWNER) == ("True", "InSync")

    async def sweep(self) -> None:
        """One sweep of the account, at once."""
        account = self.engine.accounts.known[OWNER]
        await self.sweeps.sweep(self.kube.objects[OWNER], account)
        await settle()


def recipe_of(name: str, **members: Any) -> JSON:
    """The body of a transform in the service."""
    return {"properties": {"outputs": [{"preset": preset(name)}], **members}}
