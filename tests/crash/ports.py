"""The engine's ports on the world. Every call is counted, and one of them may fail in one of several ways."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from tests.crash.conditions import told
from tests.crash.faults import ANSWERS, DELAYS, DONE, READS, UNKNOWN, Fault, answered
from tests.crash.lab import ORIGIN
from tests.crash.service import Service
from tests.crash.world import Late, Request, World, key_of

from ams_operator.api.reasons import Reason
from ams_operator.domain.answers import (
    Answer,
    Conflict,
    Federation,
    KubeDown,
    Lane,
    NoAnswer,
    NotSent,
    Page,
    Resource,
    Secret,
)
from ams_operator.domain.model import JSON, AccountId, Address

T = TypeVar("T")


class Crash(BaseException):
    """The process ends here. No `except Exception` sees it."""


@dataclass(slots=True)
class Gate:
    """Where every port call passes: counts, lets others interfere, and fails as it was told."""

    world: World
    fault: Fault | None = None
    fault_at: int = 0
    also: Mapping[int, Fault] = field(default_factory=dict)
    """what else happens, by the numbers of the calls"""
    interfere: Callable[[], None] | None = None
    interfere_at: int = 0
    armed: bool = False
    names: list[str] = field(default_factory=list)
    """every armed call, in order"""
    marks: set[int] = field(default_factory=set)
    """numbers of the calls that begin a step, or before which something late landed"""
    fresh: bool = True
    """whether the next call begins a step"""

    def planned(self, name: str) -> Fault | None:
        """What happens to the next call."""
        number = len(self.names) + 1
        return (self.fault if number == self.fault_at else self.also.get(number)) if self.armed else None

    def call(
        self, name: str, effect: Callable[[], T], lost: Callable[[], Exception], request: Request | None = None
    ) -> T:
        """One port call. Raises Crash, or what `lost` makes."""
        world = self.world
        world.calls += 1
        under_way = len(world.late)
        world.advance(world.now + world.tick)
        if not self.armed:
            return effect()
        fault = self.planned(name)
        self.names.append(name)
        number = len(self.names)
        if self.fresh or len(world.late) != under_way:
            self.marks.add(number)
            self.fresh = False
        world.log.append(f"{number} {name}")
        if number == self.interfere_at and self.interfere is not None:
            world.log.append("  interference")
            self.interfere()
        if fault is None:
            return effect()
        world.log.append(f"  fault: {fault}")
        if name in READS and fault is Fault.LOST:
            raise lost()  # nobody saw what was read
        if fault in ANSWERS:
            if fault in DONE:
                _quietly(effect)
            return cast("T", answered(fault, name, world.now - world.tick, world.date()))
        return self._fail(fault, effect, lost, request)

    def _fail(self, fault: Fault, effect: Callable[[], T], lost: Callable[[], Exception], request: Request | None) -> T:
        world = self.world
        match fault:
            case Fault.BEFORE:
                raise Crash
            case Fault.AFTER:
                _quietly(effect)
                raise Crash
            case Fault.LOST:
                _quietly(effect)
                raise lost()
            case Fault.UNSENT:
                raise NotSent(Reason.ENDPOINT_UNREACHABLE, "no connection") if request else KubeDown("no connection")
        world.late.append(Late(world.now + DELAYS[fault], lambda: _quietly(effect), request))
        if fault is Fault.LATE_CRASH:
            raise Crash
        raise lost()


def _quietly(effect: Callable[[], object]) -> None:
    """Nobody hears what came of it."""
    try:
        effect()
    except Exception:
        return


def _down() -> Exception:
    return KubeDown("no answer")


def _unknown() -> Exception:
    return NoAnswer(Reason.UNANSWERED, "no answer")


def _unread() -> Exception:
    return NoAnswer(Reason.ENDPOINT_UNREACHABLE, "no answer")


@dataclass(slots=True)
class WorldKube:
    """The API server."""

    gate: Gate
    service: Service

    async def set_finalizer(self, resource: Resource, present: bool) -> Resource | None:
        name = "finalizer on" if present else "finalizer off"
        return self.gate.call(name, lambda: self.gate.world.set_finalizer(resource, present), _down)

    async def write_status(self, resource: Resource, status: JSON) -> Resource:
        order = self.service.watchman.order
        return self.gate.call("status", lambda: self._status(resource, status, order), _down)

    def _status(self, resource: Resource, status: JSON, order: int) -> Resource:
        before = self.gate.world.objects.get(resource.uid)
        after = self.gate.world.set_status(resource, status)
        assert before is not None
        self.gate.world.log.append(f"  {resource.uid}: {told(status)}")
        self.service.watchman.noted(before, after, prompt=order == self.service.watchman.order)
        return after

    async def secret(self, namespace: str, name: str, keys: Iterable[str]) -> Secret | None:
        return self.gate.call("secret", lambda: self._read(name), _down)

    def _read(self, name: str) -> Secret | None:
        if not _of_event(name):
            return Secret(self._secret(), {"AZURE_CLIENT_ID": self._secret()})
        found = self.gate.world.published.get(name)
        return Secret("1", found) if found is not None else None

    async def secret_version(self, namespace: str, name: str) -> str | None:
        held = self.gate.world.published
        version = (lambda: str(len(held[name])) if name in held else None) if _of_event(name) else self._secret
        return self.gate.call("secret version", version, _down)

    async def secret_label(self, namespace: str, name: str) -> tuple[str, str] | None:
        raise NotImplementedError  # nobody asks for labels here

    async def service_account(self, namespace: str, name: str) -> Federation | None:
        raise NotImplementedError  # who asks for a credential is not told apart here

    async def service_account_token(self, account: Federation) -> str:
        raise NotImplementedError

    async def publish(self, owner: Resource, name: str, data: Mapping[str, str]) -> None:
        seen = self.gate.world.published.get(name)
        self.gate.call("publish", lambda: self._publish(owner, name, data, seen), _down)

    def _publish(self, owner: Resource, name: str, data: Mapping[str, str], seen: Mapping[str, str] | None) -> None:
        """It is read first, and what changed since then is not overwritten."""
        world = self.gate.world
        if world.published.get(name) is not seen:
            raise Conflict(name)
        if seen != data and owner.uid in world.objects:
            world.published[name] = dict(data)
            world.version += 1

    def _secret(self) -> str:
        return str(self.gate.world.secret)

    async def labels(self, namespace: str) -> Mapping[str, str] | None:
        return self.gate.call("labels", dict, _down)

    async def terminating(self, kind: str, namespace: str) -> tuple[bool, bool]:
        ends = self.gate.world.terminating
        return self.gate.call("terminating", lambda: (kind in ends, namespace in ends), _down)


def _of_event(name: str) -> bool:
    """Whether a Secret is a live event's own; all others hold credentials."""
    return name.endswith("-connection")


@dataclass(slots=True)
class WorldBackend:
    """One account's way to the service."""

    gate: Gate = field(repr=False)
    service: Service = field(repr=False)
    uid: Callable[[Address], str] = field(repr=False)
    credential: str
    origin: str = ORIGIN

    async def get(self, address: Address, lane: Lane) -> Answer:
        at = self.gate.world.now
        return self.gate.call("get", lambda: self._admitted(at) or self.service.get(key_of(address), at), _unread)

    def _admitted(self, at: float) -> Answer | None:
        """The service's refusal of a credential that was replaced."""
        if self.credential == str(self.gate.world.secret):
            return None
        return Answer(401, None, at, code="AuthenticationFailed", message="AuthenticationFailed")

    async def put(self, address: Address, body: JSON, lane: Lane, query: Mapping[str, str] | None = None) -> Answer:
        return self._write("put", address, body)

    async def patch(self, address: Address, body: JSON, lane: Lane) -> Answer:
        return self._write("patch", address, body)

    async def delete(self, address: Address, lane: Lane) -> Answer:
        return self._write("delete", address, None)

    async def action(self, address: Address, verb: str, body: JSON | None, lane: Lane) -> Answer:
        return self._write(verb, address, body)

    async def operation(self, address: Address, operation: str, lane: Lane) -> Answer:
        at = self.gate.world.now
        return self.gate.call(
            "operation", lambda: self._admitted(at) or Answer(200, {"status": "Succeeded"}, at), _unread
        )

    async def list(self, account: AccountId, kind: str, parents: tuple[str, ...], lane: Lane, next: str | None) -> Page:
        at = self.gate.world.now
        place = (account.subscription, account.resource_group, account.name)
        name = "list outputs" if parents else "list"

        def listed() -> Page:
            if self._admitted(at):
                raise NotSent(Reason.CREDENTIAL_REJECTED, "the service rejects the credential")
            return self.service.list(place, kind, parents, at, swept=lane is Lane.SWEEP)

        return self.gate.call(name, listed, _unread)

    def recall(self, address: Address, lane: Lane) -> None:
        """Nothing waits here."""

    def _write(self, verb: str, address: Address, body: JSON | None) -> Answer:
        world, key, at = self.gate.world, key_of(address), self.gate.world.now
        request = Request(verb, self.uid(address), key, world.calls + 1, at, body)
        watchman = self.service.watchman

        def leave() -> Answer:
            if armed_fault not in DELAYS and (refused := self._admitted(at)):
                return refused  # what is late was admitted when it was sent
            answer = self.service.write(request, at)
            if armed_fault is Fault.LOST:
                watchman.unanswered[key] = at + 60.0
            return answer

        armed_fault = self.gate.planned(verb)
        if armed_fault not in (Fault.BEFORE, Fault.UNSENT):
            watchman.sends(request)
        if armed_fault in UNKNOWN:
            watchman.unanswered[key] = at + 60.0
        watchman.leaving = request
        try:
            return self.gate.call(verb, leave, _unknown, request)
        finally:
            watchman.leaving = None


def connect(gate: Gate, service: Service, uid: Callable[[Address], str]) -> Callable[..., WorldBackend]:
    """The engine's way to make backends."""

    def made(
        policy: Mapping[str, Any], account: AccountId, credentials: Mapping[str, str], *, namespace: str
    ) -> WorldBackend:
        return WorldBackend(gate, service, uid, credentials["AZURE_CLIENT_ID"])

    return made
