"""The custom resources as this process knows them, and who claims what.

The newest integer resourceVersion wins, whether it came from a watch, a LIST or the answer to our own patch: watch
echoes of our writes come before or after the answers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ams_operator.api.base import DEFAULT_ACCOUNT
from ams_operator.api.references import Reference, SecretUse
from ams_operator.domain.answers import Resource, Secret
from ams_operator.domain.model import JSON, Desired, Observed, Record
from ams_operator.engine.claimants import Claimants
from ams_operator.engine.index import Index

Named = tuple[str, str, str]
"""kind, namespace and name of an object; or a name in the service, as `place_of` makes it"""
ACCOUNT = "MediaServicesAccount"
BACKEND = "MediaServicesBackend"


@dataclass(slots=True)
class Trouble:
    """Why the last look or act failed, and when the next try makes sense."""

    reason: str
    message: str
    since: float
    until: float
    count: int = 1
    in_the_way: str = ""
    """of a 409: what the service says is in the way, as it said it first"""


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a manifest came to, and all that it was made of: while that stays, it is not made again."""

    spec: Any
    owner: Any
    rest: tuple[Any, ...]
    desired: Desired
    target: str
    """id in the service of what it means"""


@dataclass(frozen=True, slots=True)
class Uses:
    """What a manifest names besides itself."""

    spec: Any
    references: tuple[Reference, ...]
    secrets: tuple[SecretUse, ...]


@dataclass(slots=True)
class Memory:
    """What this process knows of one object beyond its record. All of it may be lost at any time."""

    observed: Observed | None = None
    place: tuple[str, str] = ("", "")
    """where that was observed: origin and resource id"""
    wrote: float = 0.0
    """when our last request that may have changed the resource was over: older observations count for nothing"""
    noted: tuple[str, str] | None = None
    """(name, at) of an act that this process noted and has definitely not sent"""
    doubt: bool = False
    """whether a status write was not answered, and none was since: what the API server holds is not known"""
    sent: float | None = None
    """when the noted act was sent, or when an act of a former process was first seen here"""
    answered: tuple[str, str] | None = None
    """(name, at) of the act that was answered with success"""
    made: str | None = None
    """identity of what that answer showed"""
    around: tuple[float, str | None] | None = None
    """when, and in which run state, that was seen which it records and which has no object"""
    trouble: Trouble | None = None
    refused_with: str | None = None
    """version of the credential with which the service refused it last, and showed nothing of it since"""
    differed: JSON | None = None
    """the last LIST item that differed: an equal one was proved wrong, or nothing helps it"""
    parsed: tuple[JSON, Any] | None = None
    """the spec as it was last parsed, and the model that came of it"""
    uses: Uses | None = None
    desired: Parsed | None = None
    record: tuple[Any, Record] | None = None
    """`status.record` as it was last read, and what it says"""
    told: tuple[object, ...] | None = None
    """what a status was found to say already: its version, what is declared, and the facts"""
    published: tuple[str, Mapping[str, str]] | None = field(default=None, repr=False)
    """name and values of the connection Secret, as they were last written"""
    secrets: dict[str, Secret] = field(default_factory=dict)
    """the Secrets whose values the manifest uses, by name"""
    clean: tuple[str, JSON | None] | None = None
    """version of the object, and the LIST item, of the last comparison that nothing came of"""


@dataclass(slots=True)
class Store:
    """All objects by uid. `put` and `drop` are the only ways in and out."""

    objects: dict[str, Resource] = field(default_factory=dict)
    memory: dict[str, Memory] = field(default_factory=dict)
    names: dict[tuple[str, str, str], str] = field(default_factory=dict)
    kinds: dict[str, dict[str, None]] = field(default_factory=dict)
    """kind to the uids of its objects, as they came"""
    inside: dict[tuple[str, str], dict[str, None]] = field(default_factory=dict)
    """account, as `owner_of` says it, to the uids of what means it, admitted or not"""
    wanting: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    """account to the uids of what may wait for a place of its quota to free, or did"""
    claims: dict[str, Claimants] = field(default_factory=dict)
    claimed: dict[str, str] = field(default_factory=dict)
    """uid to the key that it claims"""
    uses: dict[str, frozenset[Named]] = field(default_factory=dict)
    """uid to the objects that its manifest names"""
    used: dict[Named, set[str]] = field(default_factory=dict)
    """the other way round"""
    strangers: dict[Named, set[str]] = field(default_factory=dict)
    """(own namespace, account's namespace and name) to the uids of objects that mean another namespace's account"""
    recorders: Index = field(default_factory=Index)
    """what records, by what it records into as its manifest names it: an object, or a name in the service"""
    recorded: Index = field(default_factory=Index)
    """what is recorded into, by its name in the service"""
    apart: set[str] = field(default_factory=set)
    """uids of what is not worked on as what it claims: it looks at it with a credential that nobody knows to be good"""
    denied: set[str] = field(default_factory=set)
    """uids that their account's namespace does not admit: they claim nothing"""
    let_in: dict[str, str] = field(default_factory=dict)
    """uid to the other namespace whose account admitted the object when it was asked last"""

    def put(self, resource: Resource) -> bool:
        """Take a version in. False where it is older than, or the same as, what is known."""
        known = self.objects.get(resource.uid)
        if known is not None and int(known.version) >= int(resource.version):
            return False
        if known is None or owner_of(known) != owner_of(resource):
            self._leave(known)
            self.kinds.setdefault(resource.kind, {})[resource.uid] = None
            self.inside.setdefault(owner_of(resource), {})[resource.uid] = None
            if (joins := _guest_of(resource)) is not None:
                self.strangers.setdefault(joins, set()).add(resource.uid)
        self.objects[resource.uid] = resource
        if resource.uid in self.claimed:
            self.claims[self.claimed[resource.uid]].enter(resource)
        self.names[(resource.kind, resource.namespace, resource.name)] = resource.uid
        self.memory.setdefault(resource.uid, Memory())
        return True

    def drop(self, uid: str) -> Resource | None:
        """Forget an object that the API server no longer has."""
        resource = self.objects.pop(uid, None)
        self.memory.pop(uid, None)
        self.denied.discard(uid)
        self.apart.discard(uid)
        self.let_in.pop(uid, None)
        self.refer(uid, frozenset())
        self.recorders.leave(uid)
        self.recorded.leave(uid)
        self.unclaim(uid)
        self._leave(resource)
        if resource is not None and self.names.get(name := (resource.kind, resource.namespace, resource.name)) == uid:
            del self.names[name]
        return resource

    def _leave(self, resource: Resource | None) -> None:
        """It is gone, or means another account."""
        if resource is None:
            return
        _take_out(self.kinds, resource.kind, resource.uid)
        _take_out(self.inside, owner_of(resource), resource.uid)
        waiting = self.wanting.get(owner_of(resource), set())
        waiting.discard(resource.uid)
        if not waiting:
            self.wanting.pop(owner_of(resource), None)
        if (left := _guest_of(resource)) is not None:
            self.strangers[left].discard(resource.uid)

    def news(self, uid: str, at: float) -> tuple[Resource, Memory] | None:
        """What a LIST of this time says something about; None where we know better, or somebody else is concerned."""
        memory, current = self.memory.get(uid), self.objects.get(uid)
        if memory is None or current is None or at < memory.wrote:
            return None
        if memory.trouble is not None and at < memory.trouble.until:
            return None  # it is tried again then; later it is swept, though only a look may have ended the trouble
        if "observedGeneration" not in current.status or (memory.observed is not None and at < memory.observed.at):
            return None
        return current, memory

    def find(self, kind: str, namespace: str, name: str) -> Resource | None:
        uid = self.names.get((kind, namespace, name))
        return self.objects.get(uid) if uid else None

    def guests(self, of: Named) -> Iterable[str]:
        """The uids of a namespace's objects that mean one account of another namespace, admitted or not."""
        return self.strangers.get(of, ())

    def of_kind(self, kind: str) -> Iterator[Resource]:
        return iter([self.objects[uid] for uid in self.kinds.get(kind, ())])

    def meaning(self, account: tuple[str, str]) -> Iterator[Resource]:
        """The objects that mean an account, admitted or not; it is one of them."""
        return iter([self.objects[uid] for uid in self.inside.get(account, ())])

    def claim(self, uid: str, key: str) -> None:
        """Say that an object means this resource."""
        if self.claimed.get(uid) != key:
            self.unclaim(uid)
            self.claimed[uid] = key
            self.claims.setdefault(key, Claimants(key)).enter(self.objects[uid])

    def refer(self, uid: str, named: frozenset[Named]) -> None:
        """Say which objects an object names."""
        for one in self.uses.pop(uid, frozenset()) - named:
            self.used[one].discard(uid)
        if named:
            self.uses[uid] = named
        for one in named:
            self.used.setdefault(one, set()).add(uid)

    def users(self, resource: Resource) -> list[Resource]:
        """The objects that name this one."""
        found = self.used.get((resource.kind, resource.namespace, resource.name), ())
        return [self.objects[uid] for uid in found if uid in self.objects]

    def unclaim(self, uid: str) -> None:
        key = self.claimed.pop(uid, None)
        if key is not None:
            self.claims[key].leave(uid)
            if not self.claims[key]:
                del self.claims[key]

    def rivals(self, uid: str) -> set[str]:
        """The other objects that mean the same resource."""
        return set(self.claims.get(self.claimed.get(uid, ""), ())) - {uid}

    def around(self, uids: Iterable[str]) -> Iterable[str]:
        """These objects, and those that mean the same resource as one of them. Takes as long as there are such, however
        many of them mean the same."""
        found = dict.fromkeys(uids)
        for key in {self.claimed[uid] for uid in found if uid in self.claimed}:
            found.update(dict.fromkeys(self.claims[key]))
        return found

    def keeps(self, uid: str) -> bool:
        """Whether an object's record says that it has just what it claims. That it has something elsewhere, from where
        its manifest moved on, says nothing of here."""
        found = self.claims.get(self.claimed.get(uid, ""))
        return found is not None and uid in found.keepers

    def holder(
        self,
        uid: str,
        last: Callable[[Resource], bool] = lambda _resource: False,
        acts: Callable[[Resource], bool] = lambda _resource: True,
    ) -> str:
        """Who may act on the resource that `uid` means: who has it by his record wins, then a noted act that counts by
        `acts`, then the oldest; those for whom `last` is true come after all that have neither."""
        found = self.claims.get(self.claimed.get(uid, ""))
        if found is None or len(found) == 1:
            return uid
        first = found.keepers or {one for one in found.acting if acts(self.objects[one])}
        if first:
            return min(first, key=lambda one: found.ages[one])
        return next((one for _, one in found.oldest if not last(self.objects[one])), found.oldest[0][1])


def member(spec: JSON, name: str) -> JSON:
    """An object in a spec that nobody parsed; empty where there is none, or something else has its place."""
    found = spec.get(name)
    return found if isinstance(found, dict) else {}


def owner_of(resource: Resource) -> tuple[str, str]:
    """Namespace and name of the MediaServicesAccount that an object means, as its manifest stands."""
    if resource.kind == ACCOUNT:
        return resource.namespace, resource.name
    reference = member(resource.spec, "accountRef")
    return str(reference.get("namespace") or resource.namespace), str(reference.get("name", DEFAULT_ACCOUNT))


def place_of(resource: Resource, kind: str, name: str) -> Named:
    """A name in the service, in the account that an object means; no namespace is called like that."""
    return kind, "/".join(owner_of(resource)), name.lower()


def _take_out(index: dict[Any, dict[str, None]], key: Any, uid: str) -> None:
    del index[key][uid]
    if not index[key]:
        del index[key]


def _guest_of(resource: Resource) -> Named | None:
    namespace, name = owner_of(resource)
    return None if namespace == resource.namespace else (resource.namespace, namespace, name)
