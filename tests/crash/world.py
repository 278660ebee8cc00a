"""All that is durable: the custom resources in the API server, the resources in the service, and time.

A crash takes the operator's memory and nothing of this. Values are replaced, never changed in place, so that a
snapshot of the world is a shallow copy. Time passes only here: a tick a port call, and whatever the driver waits.
"""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from tests.crash.haste import Deed, Doubts

from ams_operator.api.base import FINALIZER
from ams_operator.domain.answers import Conflict, KubeRefused, Resource, Vanished
from ams_operator.domain.model import JSON, Address

START = 1_800_000_000.0
SKEW = 300.0
"""seconds by which the service's clock is ahead of the operator's: mixing the two up has to show"""
TICK = 1.0
NAMESPACE = "studio"

EVENT, OUTPUT, ENDPOINT, ASSET = "liveevent", "liveoutput", "streamingendpoint", "asset"
"""kinds as keys spell them"""
Key = tuple[str, ...]
"""a resource's place in the service, in lower case: account, kind, names"""


def key_of(address: Address) -> Key:
    """The place of an address."""
    account = address.account
    parts = (account.subscription, account.resource_group, account.name, address.kind, *address.names)
    return tuple(part.lower() for part in parts)


@dataclass(frozen=True, slots=True)
class Thing:
    """A resource in the service. `raw` is what it answers."""

    serial: int
    """tells it from any other that ever was at this place"""
    raw: JSON
    maker: str = ""
    """uid of the object for which the operator made it; empty: somebody else did"""
    owner: str = ""
    """uid of the object that may overwrite and delete it now, by what the API server durably knows"""
    made_for: str = ""
    """name of that object, which it keeps when the record is lost"""
    arrived: int = 0
    """number of the call before which somebody else last made, changed or ran it"""
    versions: tuple[JSON, ...] = ()
    """what it answered earlier, latest last"""
    becomes: tuple[tuple[float, str], ...] = ()
    """(time, state) of what runs: the steps of a transition that are still to come; the state is empty where it goes"""
    busy: float = 0.0
    """until when the service works on the last write"""
    tapes: tuple[str, ...] = ()
    """of an asset: the uids of the objects whose recordings were begun in it"""
    did: Deed | None = None
    """the last update, or start of what was on air before"""
    undone: tuple[Deed, ...] = ()
    """those that others undid after they had been told as done"""


@dataclass(slots=True)
class Request:
    """One write that left for the service."""

    verb: str
    uid: str
    key: Key
    call: int
    sent: float
    body: JSON | None = None
    since: int = 0
    """number of the call after the last look: what comes from then on, no rule can see"""
    listed: int = 0
    """number of the call that last listed its outputs"""
    noted: int = 0
    """number of the call that wrote its note"""
    asked: tuple[str, str] | None = None
    """(verb, value) of the request annotation that it carries out"""
    orphaned: bool = False
    """the record that noted it was lost while it was under way"""


@dataclass(frozen=True, slots=True)
class Late:
    """A request without an answer whose effect is still to come."""

    due: float
    effect: Callable[[], object]
    request: Request | None


@dataclass(slots=True)
class World:
    """The API server, the service and the clock."""

    now: float = START
    tick: float = TICK
    """seconds that a port call takes"""
    calls: int = 0
    version: int = 1
    serial: int = 0
    service_writes: int = 0
    objects: dict[str, Resource] = field(default_factory=dict)
    things: dict[Key, Thing] = field(default_factory=dict)
    late: list[Late] = field(default_factory=list)
    events: list[tuple[str, str]] = field(default_factory=list)
    """(kind, uid) of what changed in the API server since the last delivery"""
    log: list[str] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    inherent: Counter[str] = field(default_factory=Counter)
    secret: int = 1
    """version of the accounts' Secret, and the only credential that the service accepts"""
    stale: tuple[float, Mapping[Key, JSON]] | None = None
    """(until, what LIST shows until then instead of the truth)"""
    published: dict[str, Mapping[str, str]] = field(default_factory=dict)
    """connection Secrets by name"""
    terminating: frozenset[str] = frozenset()
    """kinds whose definition, and namespaces, that are being deleted"""
    specs: dict[str, tuple[JSON, ...]] = field(default_factory=dict)
    """what each object ever declared"""
    asked: dict[str, frozenset[str]] = field(default_factory=dict)
    """the annotations that each object ever had"""
    touched: dict[str, int] = field(default_factory=dict)
    """number of the call before which a user last changed or deleted an object"""
    doubts: Doubts = field(default_factory=Doubts)
    cascades: bool = False
    """whether a stop or deletion of an event ends its live outputs, instead of being refused for them"""
    on_remove: Callable[[Resource], None] = lambda _resource: None

    def copy(self) -> World:
        """Another world that goes its own way from here."""
        twin = copy.copy(self)
        for name in (
            "objects",
            "things",
            "late",
            "events",
            "log",
            "violations",
            "inherent",
            "specs",
            "asked",
            "touched",
        ):
            setattr(twin, name, copy.copy(getattr(self, name)))
        twin.published, twin.asked = dict(self.published), dict(self.asked)
        return twin

    # -- time

    def advance(self, until: float) -> None:
        """Let time pass; what is under way arrives when it is due."""
        while self.late and (first := min(self.late, key=lambda late: late.due)).due <= until:
            self.late.remove(first)
            self.now = max(self.now, first.due)
            first.effect()
        self.now = max(self.now, until)

    def behind(self) -> bool:
        """Whether LIST shows something else than the truth now."""
        return self.stale is not None and self.now <= self.stale[0]

    def date(self) -> str:
        """The service's clock."""
        return datetime.fromtimestamp(self.now + SKEW, UTC).isoformat()

    # -- the API server

    def create(
        self,
        kind: str,
        name: str,
        spec: JSON,
        annotations: Mapping[str, str] | None = None,
        uid: str = "",
        namespace: str = NAMESPACE,
    ) -> str:
        """A user applies a new manifest. Returns its uid."""
        uid = uid or f"uid-{name}-{self.version}"
        created = datetime.fromtimestamp(self.now, UTC).isoformat()
        self._user(uid, spec, annotations or {})
        self._store(Resource(kind, namespace, name, uid, 1, "0", created, None, (), annotations or {}, spec, {}))
        return uid

    def edit(self, uid: str, spec: JSON | None = None, annotations: Mapping[str, str] | None = None) -> None:
        """A user applies a changed manifest."""
        found = self.objects.get(uid)
        if found is None:
            return
        if spec is not None and spec != found.spec:
            found = replace(found, spec=spec, generation=found.generation + 1)
        if annotations is not None:
            found = replace(found, annotations={**found.annotations, **annotations})
        if found != self.objects[uid]:
            self._user(uid, found.spec, found.annotations)
            self._store(found)

    def delete(self, uid: str) -> None:
        """A user deletes the object: it goes at once, or when its last finalizer does."""
        found = self.objects.get(uid)
        if found is None or found.deleting:
            return
        self._user(uid, found.spec, found.annotations)
        if not found.finalizers:
            self._remove(found)
            return
        deleted = datetime.fromtimestamp(self.now, UTC).isoformat()
        self._store(replace(found, deleting=deleted, generation=found.generation + 1))

    def restore(self, resource: Resource) -> None:
        """A backup puts an object back, over whatever there is."""
        self._user(resource.uid, resource.spec, resource.annotations)
        self._store(resource)

    def set_finalizer(self, seen: Resource, present: bool) -> Resource | None:
        """Merge patch of the whole list, with resourceVersion."""
        found = self._current(seen)
        if present and found.deleting:
            raise KubeRefused("no new finalizers can be added if the object is being deleted")
        finalizers = (FINALIZER,) if present else ()
        if finalizers == found.finalizers:
            return found
        if found.deleting and not present:
            self._remove(found)
            return None
        return self._store(replace(found, finalizers=finalizers))

    def set_status(self, seen: Resource, status: JSON) -> Resource:
        """Server-side apply on /status, with resourceVersion; an equal one changes nothing."""
        found = self._current(seen)
        return found if found.status == status else self._store(replace(found, status=status))

    def _user(self, uid: str, spec: JSON, annotations: Mapping[str, str]) -> None:
        self.touched[uid] = self.calls
        self.specs[uid] = (*self.specs.get(uid, ()), spec)
        self.asked[uid] = self.asked.get(uid, frozenset()) | frozenset(annotations)

    def _current(self, seen: Resource) -> Resource:
        found = self.objects.get(seen.uid)
        if found is None:
            raise Vanished(seen.name)
        if found.version != seen.version:
            raise Conflict(seen.name)
        return found

    def _store(self, resource: Resource) -> Resource:
        self.version += 1
        resource = replace(resource, version=str(self.version))
        self.objects[resource.uid] = resource
        self.events.append((resource.kind, resource.uid))
        return resource

    def _remove(self, resource: Resource) -> None:
        del self.objects[resource.uid]
        self.events.append((resource.kind, resource.uid))
        self.on_remove(resource)

    # -- the service

    def make(self, key: Key, raw: JSON, maker: str = "", made_for: str = "") -> Thing:
        """A resource comes into being now."""
        self.serial += 1
        thing = Thing(self.serial, raw, maker=maker, owner=maker, made_for=made_for, arrived=self.calls)
        self.things[key] = thing
        return thing

    def inside(self, key: Key) -> list[Key]:
        """What lies in a live event: its outputs. Nothing lies in anything else."""
        if key[3] != EVENT:
            return []
        return [one for one in self.things if one[3] == OUTPUT and one[:3] == key[:3] and one[4] == key[4]]

    def change(self, key: Key, thing: Thing) -> None:
        """It answers something else from now on."""
        before = self.things[key]
        if before.raw is not thing.raw:
            thing = replace(thing, versions=(*before.versions, before.raw))
        self.things[key] = thing

    def judge(self, window: bool, rule: str, what: str, inherent: str) -> None:
        """Something happened that may only happen in a window that no rule can close."""
        if window:
            self.inherent[inherent] += 1
        else:
            self.violate(rule, what)

    def violate(self, rule: str, what: str) -> None:
        """Something happened that never may."""
        self.violations.append(f"{rule}: {what}")
