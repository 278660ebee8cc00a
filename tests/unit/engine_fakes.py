"""The engine's ports in memory, and a clock that tests move."""

from __future__ import annotations

import asyncio
import copy
import heapq
import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from tests.unit.scenes import ORIGIN, patched

from ams_operator.api.base import FINALIZER
from ams_operator.api.reasons import Reason
from ams_operator.domain.answers import (
    Answer,
    Conflict,
    Federation,
    KubeDown,
    Lane,
    Page,
    Recalled,
    Resource,
    Secret,
    Vanished,
)
from ams_operator.domain.model import JSON, AccountId, Address

TURNS = 100_000
"""turns of the loop after which something runs in circles"""
OWNER = "account"
"""uid of the MediaServicesAccount"""


def moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds")


async def settle() -> None:
    """Until only the clock can move anything: nothing else is ready to run."""
    loop: Any = asyncio.get_running_loop()
    for _ in range(TURNS):
        await asyncio.sleep(0)
        if not loop._ready:
            return
    raise AssertionError("something runs in circles")


@dataclass
class Clock:
    """Time that stands still until somebody advances it."""

    time: float = 1_700_000_000.0
    sleepers: list[tuple[float, int, asyncio.Future[None]]] = field(default_factory=list)
    numbers: Any = field(default_factory=itertools.count)

    def now(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        future = asyncio.get_running_loop().create_future()
        heapq.heappush(self.sleepers, (self.time + seconds, next(self.numbers), future))
        await future

    async def advance(self, seconds: float) -> None:
        """Let time pass, waking each sleeper at its time."""
        await settle()
        end = self.time + seconds
        while self.sleepers and self.sleepers[0][0] <= end:
            when, _, future = heapq.heappop(self.sleepers)
            self.time = max(self.time, when)
            if not future.done():
                future.set_result(None)
            await settle()
        self.time = max(self.time, end)
        await settle()


@dataclass
class FakeKube:
    """The API server: versions, conflicts, and being away."""

    objects: dict[str, Resource] = field(default_factory=dict)
    versions: Any = field(default_factory=lambda: itertools.count(1000))
    writes: list[tuple[str, str]] = field(default_factory=list)
    """(what, uid) of each write that got through"""
    down: bool = False
    probes: int = 0
    published: dict[str, dict[str, str]] = field(default_factory=dict)
    """connection Secrets by name"""
    identities: dict[tuple[str, str], Federation] = field(default_factory=dict)
    """ServiceAccounts by namespace and name"""
    labels_of_secrets: dict[str, str | None] = field(default_factory=dict)
    """what the label of a Secret says that it may be used for; None: there is no Secret of that name"""
    read: list[str] = field(default_factory=list)
    """Secrets whose values were read"""
    labels_of_namespaces: dict[str, dict[str, str]] = field(default_factory=dict)
    refuse: dict[str, list[Exception]] = field(default_factory=dict)
    """uid to what its next writes raise"""
    undefined: bool = False
    """the definitions of all kinds are being deleted"""

    async def _write(self, what: str, resource: Resource, change: Callable[[Resource], Resource]) -> Resource:
        await asyncio.sleep(0)
        if self.down:
            raise KubeDown("no connection")
        if self.refuse.get(resource.uid):
            raise self.refuse[resource.uid].pop(0)
        found = self.objects.get(resource.uid)
        if found is None:
            raise Vanished
        if found.version != resource.version:
            raise Conflict
        self.writes.append((what, resource.uid))
        self.objects[resource.uid] = replace(change(found), version=str(next(self.versions)))
        return self.objects[resource.uid]

    async def set_finalizer(self, resource: Resource, present: bool) -> Resource | None:
        finalizers = (FINALIZER,) if present else ()
        return await self._write("finalizer", resource, lambda found: replace(found, finalizers=finalizers))

    async def write_status(self, resource: Resource, status: JSON) -> Resource:
        return await self._write("status", resource, lambda found: replace(found, status=copy.deepcopy(status)))

    async def secret(self, namespace: str, name: str, keys: Iterable[str]) -> Secret | None:
        self.read.append(name)
        use = self.labels_of_secrets.get(name, "")
        return None if use is None else Secret(f"1{use}", {"AZURE_CLIENT_SECRET": "x", "token": "s3cret"}, use)

    async def secret_version(self, namespace: str, name: str) -> str | None:
        use = self.labels_of_secrets.get(name, "")
        return None if use is None else f"1{use}"

    async def secret_label(self, namespace: str, name: str) -> tuple[str, str] | None:
        use = self.labels_of_secrets.get(name, "")
        return None if use is None else (f"1{use}", use)

    async def service_account(self, namespace: str, name: str) -> Federation | None:
        return self.identities.get((namespace, name))

    async def service_account_token(self, account: Federation) -> str:
        found = self.identities.get((account.namespace, account.name))
        if found is None or found.uid != account.uid:
            raise Vanished
        return f"token of {found.uid}"

    async def publish(self, owner: Resource, name: str, data: Mapping[str, str]) -> None:
        self.published[name] = dict(data)

    async def labels(self, namespace: str) -> Mapping[str, str] | None:
        self.probes += self.down
        if self.down:
            raise KubeDown("no connection")
        return self.labels_of_namespaces.get(namespace, {})

    async def terminating(self, kind: str, namespace: str) -> tuple[bool, bool]:
        return self.undefined, False


@dataclass
class FakeService:
    """The service: accounts and transforms, a request log, and barriers."""

    clock: Clock
    origin: str = ORIGIN
    stored: dict[tuple[str, ...], JSON] = field(default_factory=dict)
    calls: list[tuple[str, str, Lane]] = field(default_factory=list)
    """(verb, name of the resource, lane)"""
    recalled: list[str] = field(default_factory=list)
    """names of resources whose waiting requests were called back"""
    barriers: dict[str, asyncio.Event] = field(default_factory=dict)
    """name to what its GET waits for"""
    broken: dict[str, Exception] = field(default_factory=dict)
    """name to what its GET raises"""
    listed: Callable[[list[JSON]], list[JSON]] = list
    """what a LIST makes of the items"""
    most: int | None = None
    """quota of transforms"""
    refusal: tuple[int, str] = (403, "QuotaExceeded")
    """how the quota is told: status and code"""
    says: str = "no place left"
    lag: float = 0.0
    """seconds by which a LIST began earlier than it says"""
    ticks: int = 0

    def put_account(self, name: str = "contoso") -> None:
        properties = {"mediaServiceId": f"id-of-{name}", "provisioningState": "Succeeded"}
        self.stored[("MediaServicesAccount", name)] = {"name": name, "location": "West", "properties": properties}

    def put_transform(self, name: str, body: JSON) -> None:
        self.ticks += 1
        found = copy.deepcopy(body)
        found["properties"].setdefault("created", moment(self.clock.now() + self.ticks / 1000))
        self.stored[("Transform", name)] = {**found, "name": name}

    def transform(self, name: str) -> JSON:
        found: JSON = self.stored[("Transform", name)]["properties"]
        return found

    def of(self, *verbs: str) -> list[str]:
        """Names of the resources of all calls of these verbs, in order."""
        return [name for verb, name, _ in self.calls if verb in verbs]

    def writes(self) -> Counter[str]:
        return Counter(f"{verb} {name}" for verb, name, _ in self.calls if verb in ("PUT", "PATCH", "DELETE"))

    def _key(self, address: Address) -> tuple[str, str]:
        return address.kind, (address.names or (address.account.name,))[-1]

    def _answer(self, status: int, body: JSON | None, at: float) -> Answer:
        return Answer(status, copy.deepcopy(body), at, moment(self.clock.now()))

    async def get(self, address: Address, lane: Lane) -> Answer:
        key, at = self._key(address), self.clock.now()
        self.calls.append(("GET", key[1], lane))
        if key[1] in self.barriers:
            await self.barriers[key[1]].wait()
            if key[1] in self.recalled:
                raise Recalled(Reason.PROGRESSING, "something more urgent came for it")
        if key[1] in self.broken:
            raise self.broken[key[1]]
        await asyncio.sleep(0)
        found = self.stored.get(key)
        return self._answer(404 if found is None else 200, found, at)

    async def put(self, address: Address, body: JSON, lane: Lane, query: Mapping[str, str] | None = None) -> Answer:
        key, at = self._key(address), self.clock.now()
        self.calls.append(("PUT", key[1], lane))
        if self.most is not None and sum(kind == "Transform" for kind, _ in self.stored) >= self.most:
            status, code = self.refusal
            return Answer(status, None, at, moment(at), code=code, message=self.says)
        self.put_transform(key[1], body)
        return self._answer(201, self.stored[key], at)

    async def patch(self, address: Address, body: JSON, lane: Lane) -> Answer:
        key, at = self._key(address), self.clock.now()
        self.calls.append(("PATCH", key[1], lane))
        self.stored[key] = patched(self.stored[key], body, deep=True)
        return self._answer(200, self.stored[key], at)

    async def delete(self, address: Address, lane: Lane) -> Answer:
        key, at = self._key(address), self.clock.now()
        self.calls.append(("DELETE", key[1], lane))
        return self._answer(200 if self.stored.pop(key, None) else 204, None, at)

    async def action(self, address: Address, verb: str, body: JSON | None, lane: Lane) -> Answer:
        raise NotImplementedError

    async def operation(self, address: Address, operation: str, lane: Lane) -> Answer:
        raise NotImplementedError

    def recall(self, address: Address, lane: Lane) -> None:
        name = self._key(address)[1]
        self.recalled.append(name)
        if name in self.barriers:
            self.barriers.pop(name).set()

    async def list(self, account: AccountId, kind: str, parents: tuple[str, ...], lane: Lane, next: str | None) -> Page:
        at = self.clock.now()
        self.calls.append(("LIST", kind, lane))
        items = [copy.deepcopy(found) for (of, _), found in self.stored.items() if of == kind]
        await asyncio.sleep(0)
        return Page(tuple(self.listed(items)), at - self.lag, None, date=moment(at))
