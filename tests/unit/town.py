"""Several accounts in one engine, each with a service of its own, and what can be wrong with one of them."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from tests.unit.engine_fakes import FakeService, settle
from tests.unit.rig import Rig
from tests.unit.scenes import ORIGIN

from ams_operator.api.reasons import Reason
from ams_operator.domain.answers import Answer, Lane, NoAnswer, NotSent, Page
from ams_operator.domain.model import JSON, AccountId, Address
from ams_operator.engine.store import ACCOUNT, BACKEND

HANGS = 30.0
"""seconds until a request without an answer is given up"""
TROUBLES = ("hangs", "throttled", "forbidden", "rejected", "unreachable", "poisoned", "refused by its authority")


class Steady(random.Random):
    """What one account draws is nobody else's matter."""

    def random(self) -> float:
        return 0.9

    def uniform(self, a: float, b: float) -> float:
        return b


@dataclass
class Place(FakeService):
    """One account's service."""

    trouble: str = ""
    denied: set[tuple[str, str]] = field(default_factory=set)
    """(verb, resource, or kind of a LIST) of what the credential may not do, one by one"""
    trace: list[tuple[str, float, str, str]] = field(default_factory=list)
    """(resource, when, verb, lane) of each request that came to the service"""

    async def _pass(self, verb: str, name: str, lane: Lane) -> Answer | None:
        at = self.clock.now()
        if self.trouble not in ("throttled", "unreachable", "refused by its authority"):
            self.trace.append((name, at, verb, lane.name))
        match self.trouble:
            case "hangs":
                await self.clock.sleep(HANGS)
                reason = Reason.ENDPOINT_UNREACHABLE if verb in ("GET", "LIST") else Reason.UNANSWERED
                raise NoAnswer(reason, "no answer")
            case "throttled":
                raise NotSent(Reason.THROTTLED, "closed", at + 45.0)
            case "unreachable":
                self.trace.append((name, at, "connect", lane.name))
                raise NotSent(Reason.ENDPOINT_UNREACHABLE, "no connection")
            case "refused by its authority":
                raise NotSent(Reason.CREDENTIAL_REJECTED, "no token", at + 20.0)
            case "poisoned":
                raise RuntimeError("a fault of ours")
            case "forbidden":
                return Answer(403, None, at, code="AuthorizationFailed")
            case "rejected":
                return Answer(401, None, at, code="InvalidAuthenticationToken")
        return Answer(403, None, at, code="AuthorizationFailed") if (verb, name) in self.denied else None

    async def get(self, address: Address, lane: Lane) -> Answer:
        return await self._pass("GET", self._key(address)[1], lane) or await super().get(address, lane)

    async def put(self, address: Address, body: JSON, lane: Lane, query: Mapping[str, str] | None = None) -> Answer:
        return await self._pass("PUT", self._key(address)[1], lane) or await super().put(address, body, lane, query)

    async def patch(self, address: Address, body: JSON, lane: Lane) -> Answer:
        return await self._pass("PATCH", self._key(address)[1], lane) or await super().patch(address, body, lane)

    async def delete(self, address: Address, lane: Lane) -> Answer:
        return await self._pass("DELETE", self._key(address)[1], lane) or await super().delete(address, lane)

    def by_resource(self) -> dict[str, list[tuple[str, str]]]:
        """The verbs and lanes of each resource's requests, in order."""
        found: dict[str, list[tuple[str, str]]] = {}
        for name, _, verb, lane in self.trace:
            found.setdefault(name, []).append((verb, lane))
        return found

    def times(self) -> dict[str, list[float]]:
        found: dict[str, list[float]] = {}
        for name, when, _, _ in self.trace:
            found.setdefault(name, []).append(when)
        return found

    async def list(self, account: AccountId, kind: str, parents: tuple[str, ...], lane: Lane, next: str | None) -> Page:
        if (refused := await self._pass("LIST", kind, lane)) is not None:
            reason = Reason.CREDENTIAL_REJECTED if refused.status == 401 else Reason.FORBIDDEN
            raise NotSent(reason, "refused")
        return await super().list(account, kind, parents, lane, next)


@dataclass
class Town(Rig):
    """Accounts by name; their objects are called like them, so that nothing is shared but the operator."""

    places: dict[str, Place] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.engine.accounts.jitter = Steady()
        self.sweeps.jitter = Steady()

    def _connect(self, *args: Any, **_more: Any) -> Place:
        account: AccountId = args[1]
        return self.places[account.name]

    def settles(self, name: str, namespace: str = "team") -> Place:
        """An account that is there and in order."""
        place = self.places[name] = Place(self.clock)
        place.put_account(name)
        if BACKEND not in self.kube.objects:
            backend = {"type": "armCompatible", "endpoint": ORIGIN, "authority": ORIGIN}
            self.see(BACKEND, "default", backend, uid=BACKEND)
        spec = {
            "azureName": name,
            "subscriptionId": "sub",
            "resourceGroup": "group",
            "credentials": {"secretRef": {"name": "azure"}},
        }
        self.see(ACCOUNT, name, spec, uid=name, namespace=namespace)
        return place

    def declare(self, account: str, name: str, recipe: str = "AdaptiveStreaming", **members: Any) -> None:
        self.transform(f"{account}-{name}", recipe, more={"accountRef": {"name": account}}, **members)

    def written(self, account: str) -> dict[str, list[str]]:
        """What was written to the API server for each of an account's objects, in order."""
        found: dict[str, list[str]] = {}
        for what, uid in self.kube.writes:
            if uid.startswith(account):
                found.setdefault(uid, []).append(what)
        return found

    @asynccontextmanager
    async def living(self) -> AsyncIterator[None]:
        """The schedule and the sweeps work."""
        async with self.running():
            sweeping = asyncio.ensure_future(self.sweeps.run())
            await settle()
            try:
                yield
                assert not sweeping.done(), sweeping
            finally:
                sweeping.cancel()
                with suppress(asyncio.CancelledError):
                    await sweeping
