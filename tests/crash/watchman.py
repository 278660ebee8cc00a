"""The watchman: sees every call, and says what never may happen. He knows the world, and nothing of the engine.

Windows that no rule can close (what others do between our last look and the arrival of our request) are counted apart
as inherent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from tests.crash.conditions import condition, conditions
from tests.crash.consent import Known, allowed, passive, policies
from tests.crash.haste import ANOTHER_CLUSTER, Haste
from tests.crash.lab import Lab, account_of, contains
from tests.crash.off_air import OffAir
from tests.crash.on_air import OnAir
from tests.crash.spelling import spelled
from tests.crash.world import Key, Request, Thing, World

from ams_operator.api.base import FINALIZER, REQUEST_PREFIX
from ams_operator.domain.answers import Resource
from ams_operator.domain.ids import instant
from ams_operator.domain.model import JSON

KEPT = frozenset({"MediaServicesAccount", "Asset"})
LANDED_LATER = "a request of a record that was lost lands later"
SOON = 2.0
"""seconds after which a request that arrives was late"""
ON_AIR = frozenset({"Creating", "Starting", "Running", "Scaling"})
NOTES = {"put": "create", "patch": "update", "allocate": "standby"}
"""verbs whose acts go by other names"""


@dataclass(slots=True)
class Watchman:
    """The invariants, checked as things happen. One watchman a history."""

    world: World
    lab: Lab
    looks: dict[Key, int] = field(default_factory=dict)
    outputs: dict[Key, int] = field(default_factory=dict)
    aside: set[int] = field(default_factory=set)
    """numbers of the calls between a look and its act that are about something else: outputs listed, an asset taken"""
    saw: dict[Key, JSON | None] = field(default_factory=dict)
    landed: dict[Key, int] = field(default_factory=dict)
    unanswered: dict[Key, float] = field(default_factory=dict)
    written: dict[str, int] = field(default_factory=dict)
    """uid to the call of its last status write"""
    gone: dict[str, Resource] = field(default_factory=dict)
    leaving: Request | None = None
    """the request that is being sent just now: what others do in this moment comes after it left"""
    confirmed: set[int] = field(default_factory=set)
    """serials of what a record named as its own"""
    delivered: int = 0
    """number of the call before which the watches last brought what users did"""
    order: int = 0
    """counts looks and arrivals"""
    shown: dict[str, set[str]] = field(default_factory=dict)
    """uid to the hashes of the plans that its status ever showed"""

    on_air: OnAir = field(init=False)
    off_air: OffAir = field(init=False)
    haste: Haste = field(init=False)
    found: dict[str, Mapping[str, str]] = field(default_factory=dict)
    """uid to the annotations that an object came with: asking for something before being known asks for nothing"""

    def __post_init__(self) -> None:
        self.world.on_remove = self.removed
        self.on_air = OnAir(self.world)
        self.off_air, self.haste = OffAir(self.world), Haste(self.world)

    # -- looks

    def looked(self, key: Key, outputs: bool = False) -> None:
        """A GET of one resource, or the list of its outputs, arrives."""
        if outputs:
            self.outputs[key] = self.world.calls
            self.aside.add(self.world.calls)
            return
        self.listed(key)
        self.haste.looked(key)
        self.unanswered.pop(key, None)

    def listed(self, key: Key) -> None:
        """It is read, alone or in a list."""
        self.looks[key] = self._next()
        thing = self.world.things.get(key)
        self.saw[key] = thing.raw if thing else None

    # -- requests to the service

    def sends(self, request: Request) -> None:
        """A write leaves."""
        world, key = self.world, request.key
        request.since, request.listed = request.call, self.outputs.get(key, 0)
        request.noted = self.written.get(request.uid, -1)
        while request.since - 1 in self.aside:
            request.since -= 1
        resource = world.objects.get(request.uid)
        account = account_of(world, resource) if resource else None
        fenced = self.written.get(request.uid, -1) < world.touched.get(request.uid, -1)
        # A note's resourceVersion fences its own object only; what is said of the account has to arrive first.
        fenced |= account is not None and world.touched.get(account.uid, -1) > self.delivered
        note = ((resource.status.get("record") or {}).get("act") or {}) if resource else {}
        if resource is None or note.get("name") != NOTES.get(request.verb, request.verb):
            self.world.judge(
                fenced, "note", f"{request.verb} is not what was noted", "the note is lost before the request"
            )
            request.orphaned = True
        else:
            if FINALIZER not in resource.finalizers and resource.spec.get("deletionPolicy") != "Retain":
                self.world.judge(fenced, "I5", f"{request.verb} without finalizer", "policy changed after the note")
            known = Known(self.shown.get(resource.uid, set()), self.found.get(resource.uid, {}), self.saw.get(key))
            if not allowed(self.lab, world, resource, request, known):
                self.world.judge(
                    fenced, "I7/I8/I10", f"{request.verb} without consent", "consent changed after the note"
                )
            self.on_air.asked(request, note.get("request"))
            self.on_air.unheard(request)
            self.haste.sent(request, resource)
        if self._pending(request.uid, key):
            world.violate("I9", f"{request.verb} while another request is under way")
        if world.now < self.unanswered.get(key, 0.0):
            world.violate("I9", f"{request.verb} while nobody knows what became of the last request")
        if self.looks.get(key, 0) <= self.landed.get(key, 0):
            world.violate("I4", f"{request.verb} without a look since the last write")

    def arrives(self, request: Request, thing: Thing | None) -> None:
        """A write takes effect now, on what is there now."""
        world, key = self.world, request.key
        if request.orphaned:
            world.inherent[LANDED_LATER] += 1
        elif not self._hidden(request, thing) or world.now - request.sent < SOON:
            self.landed[key] = self._next()
        if thing is None:
            gone = self.gone.get(request.uid)
            kept = gone is None or gone.spec.get("deletionPolicy") == "Retain"
            if request.verb == "put" and not kept and not request.orphaned:
                world.violate("I6", "created after its object was let go")
            return
        if thing.owner == request.uid and not request.orphaned:
            if request.verb == "put":
                self.world.judge(
                    thing.maker != request.uid, "I4", "created twice", "created over a twin taken for ours"
                )
            self.on_air.ends(request)
            return
        window = thing.arrived >= request.since or request.orphaned
        self.world.judge(
            window, "I4", f"{request.verb} hits what is not ours", f"{request.verb} hits what came after the look"
        )

    # -- the API server

    def noted(self, before: Resource, after: Resource, prompt: bool) -> None:
        """A status was written; `prompt`: before anything else was looked at or done."""
        world, uid, status = self.world, after.uid, after.status
        self.written[uid] = world.calls
        if "observedGeneration" not in before.status:
            self.found[uid] = dict(before.annotations)
        if plan := status.get("plan"):
            self.shown.setdefault(uid, set()).add(plan["hash"])
        if after.kind == "Asset" and (status.get("record") or {}).get("recordedBy"):
            self.aside.add(world.calls)
        conditions(world, before, after)
        self.haste.noted(before, after)
        key = self.lab.place(world, after)
        if key is None:
            return
        self._ownership(before, after, key)
        record = status.get("record") or {}
        if (before.status.get("record") or {}).get("rest", record.get("rest")) != record.get("rest"):
            world.violate("record", "a key of a later version is lost")
        pending = self._pending(uid, key)
        if pending and not record.get("act"):
            world.violate("record", "an act is forgotten while it is under way")
        ready = condition(status, "Ready")
        told = {name: value for name, value in before.status.items() if name != "record"}
        news = told != {name: value for name, value in status.items() if name != "record"}
        if prompt and news and ready.get("status") == "True" and ready.get("reason") in ("InSync", "Recording"):
            self._in_sync(after, key, pending)

    def _pending(self, uid: str, key: Key) -> bool:
        """Whether a request is under way that nothing hides: what somebody else made or ran meanwhile looks like its
        effect."""
        thing = self.world.things.get(key)
        for late in self.world.late:
            request = late.request
            if request is None or request.uid != uid or request.orphaned:
                continue
            if self._hidden(request, thing):
                self.world.inherent["what others do hides that a request is still under way"] += 1
                continue
            return True
        return False

    def _hidden(self, request: Request, thing: Thing | None) -> bool:
        return request.verb != "patch" and thing is not None and thing.arrived >= request.since

    def _in_sync(self, after: Resource, key: Key, pending: bool) -> None:
        world = self.world
        if after.status.get("observedGeneration") != after.generation:
            world.violate("I13", "Ready of another generation")
        if pending:
            world.violate("I13", "Ready while a request is under way")
        if self.looks.get(key, 0) <= self.landed.get(key, 0):
            world.violate("I13", "Ready on a look that is older than the last write")
        declared = spelled(self.lab.declared(after.kind, after.spec))
        if not contains(self.saw.get(key), declared):
            world.violate("I13", "Ready, and what was seen last is not what is declared")

    def _ownership(self, before: Resource, after: Resource, key: Key) -> None:
        """Who owns what is there, by the record that was just written."""
        world, uid = self.world, after.uid
        thing = world.things.get(key)
        record = after.status.get("record") or {}
        if thing is None:
            return
        same = record.get("identity") is not None and record["identity"] == self._identity(after.kind, thing)
        act = (record.get("act") or {}).get("name")
        if thing.owner == uid:
            if same:
                self.confirmed.add(thing.serial)
            elif act != "create":
                window = thing.serial not in self.confirmed and thing.arrived > 0 and bool(thing.versions)
                dateless = self.lab.kinds[after.kind].created(thing.raw) is None
                what = (
                    "nothing tells whose an unanswered recording is"
                    if dateless
                    else "changed before we saw what we made"
                )
                self.world.judge(window or dateless, "record", "what is ours is forgotten", what)
                world.things[key] = replace(thing, owner="", maker="")
            return
        if not (same and record.get("how")) or passive(self.lab, world, after):
            return
        again = bool(self.lab.owner_id) and thing.made_for == after.name  # its tag tells, though the record was lost
        if record["how"] == "Created" and not again:
            noted = ((before.status.get("record") or {}).get("act") or {}).get("at")
            made, at = instant(thing.raw["properties"].get("created")), instant(noted)
            twin = made is not None and at is not None and made > at and self._ever_equal(after, thing)
            pristine = self.lab.kinds[after.kind].pristine
            if pristine is None or not any(pristine(raw) for raw in (thing.raw, *thing.versions)):
                self.world.judge(twin, "I4", "something foreign is taken for made by us", "a twin made after the note")
        elif thing.owner and self._manages(thing.owner):
            world.violate("I4", "what belongs to another object is adopted")
        elif after.spec.get("adoptionPolicy") != "Always" and not self._ever_equal(after, thing):
            world.violate("I4", "something different is adopted")
        world.things[key] = replace(thing, owner=uid)

    def _manages(self, uid: str) -> bool:  # who pauses keeps what he has
        owner = self.world.objects.get(uid)
        return uid == ANOTHER_CLUSTER or (owner is not None and "Observe" not in policies(self.lab, self.world, owner))

    def _ever_equal(self, resource: Resource, thing: Thing) -> bool:
        declared = [spelled(self.lab.declared(resource.kind, spec)) for spec in self.world.specs[resource.uid]]
        return any(contains(raw, body) for raw in (thing.raw, *thing.versions) for body in declared)

    def _identity(self, kind: str, thing: Thing) -> str | None:
        return self.lab.kinds[kind].identity(thing.raw)

    def removed(self, resource: Resource) -> None:
        """The API server let an object go."""
        world, uid, spec = self.world, resource.uid, resource.spec
        self.gone[uid] = resource
        if self.leaving is not None and self.leaving.uid == uid:
            self.leaving.orphaned = True
        if FINALIZER not in resource.finalizers:
            for late in world.late:
                if late.request is not None and late.request.uid == uid:
                    late.request.orphaned = True
                    world.inherent["an object without finalizer goes while a request is under way"] += 1
        asked = resource.annotations.get(REQUEST_PREFIX + "abandon") == uid
        looks_only = passive(self.lab, world, resource)
        exempt = asked or looks_only or spec.get("deletionPolicy") == "Retain" or resource.kind in world.terminating
        for key, thing in list(world.things.items()):
            if thing.owner != uid:
                continue
            on_air = any(raw["properties"].get("resourceState") in ON_AIR for raw in (thing.raw, *thing.versions[-1:]))
            kept = spec.get("deletionPolicy") is None and (on_air or thing.maker != uid or resource.kind in KEPT)
            if not exempt and not kept:
                world.violate("I6", f"orphan {'/'.join(key[3:])}")
            world.things[key] = replace(thing, owner="")

    def forgets(self, uid: str) -> None:
        """A backup takes the record away: what was ours is anybody's from now on."""
        world = self.world
        for key, thing in list(world.things.items()):
            if thing.owner == uid:
                world.things[key] = replace(thing, owner="", maker="", arrived=world.calls, undone=())
        world.doubts = world.doubts.without(self.lab.place(world, world.objects[uid]))
        for request in [self.leaving, *(late.request for late in world.late)]:
            if request is not None and request.uid == uid:
                request.orphaned = True

    def _next(self) -> int:
        self.order += 1
        return self.order
