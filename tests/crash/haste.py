"""What the watchman knows of what may not be done again at once, and not be believed at one look."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from tests.crash.conditions import condition

from ams_operator.api.base import REQUEST_PREFIX
from ams_operator.domain.answers import Resource
from ams_operator.domain.model import JSON

if TYPE_CHECKING:
    from tests.crash.world import Key, Request, Thing, World

ANOTHER_CLUSTER = "another cluster"
"""owner of what has the tag of one"""
HOUR = 3600.0
OFTEN = 3
"""how often within an hour others may undo one thing before it is not done again at once"""
PAUSES = (60.0, 300.0, 900.0, 1800.0)
"""seconds, at least, from the third time on that an update is sent to the next one: after the third, the fourth ..."""
APART = 30.0
"""seconds, at least, between the first look that finds much gone and the first of it that is made anew"""


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that the operator did in the service."""

    verb: str
    spec: JSON
    """the manifest for whose sake: another one is another matter"""
    at: float


@dataclass(frozen=True, slots=True)
class Doubts:
    """What looks like a fault of the service, or of a version of the operator."""

    together: frozenset[Key] = frozenset()
    """what vanished at once with much else"""
    strange: frozenset[Key] = frozenset()
    """what differs, with much else, since another version of the operator is at work"""
    denied: float = 0.0
    """until when the service says that there is no account"""

    def without(self, key: Key | None) -> Doubts:
        """They, when nobody remembers any more that this had been there."""
        return self if key not in self.together else replace(self, together=self.together - {key})


def offered(resource: Resource) -> str:
    """The word that consents to an empty one of what is gone, as its status tells it."""
    told = str(condition(resource.status, "Ready").get("message", ""))
    return told.partition(f" recreate {resource.kind}/{resource.name} ")[2].partition(" ")[0]


def undone(world: World, thing: Thing) -> Thing:
    """It as others change or stop it, who undo what was told as done. What was not told yet, nobody can count."""
    owner = world.objects.get(thing.owner)
    if thing.did is None or owner is None or owner.generation != owner.status.get("observedGeneration"):
        return thing
    settled = "act" not in (owner.status.get("record") or {})
    if not settled or condition(owner.status, "Ready").get("status") != "True":
        return thing
    return replace(thing, did=None, undone=(*thing.undone, thing.did))


@dataclass(slots=True)
class Haste:
    """The invariants of what is not done yet. One a history."""

    world: World
    gone: dict[Key, float] = field(default_factory=dict)
    """when a GET first showed that something is gone which vanished with much else"""
    offers: dict[str, str] = field(default_factory=dict)
    """uid to the last word that consents to making it anew"""
    again: set[int] = field(default_factory=set)
    """numbers of the calls that start what had been brought on air before"""

    def looked(self, key: Key) -> None:
        """A GET arrives."""
        if key in self.world.doubts.together and key not in self.world.things:
            self.gone.setdefault(key, self.world.now)

    def sent(self, request: Request, resource: Resource) -> None:
        """A write leaves, on behalf of an object that is there."""
        world, key = self.world, request.key
        thing, touched = world.things.get(key), resource.uid in world.touched
        first = self.gone.get(key, world.now)
        if request.verb == "put" and key in world.doubts.together and world.now < first + APART:
            world.violate("absence", "made anew before a second look confirmed that so much is gone")
        if request.verb == "patch" and key in world.doubts.strange and not touched:
            world.violate("version", "changed with much else since another version is at work")
        if thing is None or request.verb not in ("patch", "start") or request.asked is not None:
            return
        if request.verb == "start":
            if (resource.status.get("record") or {}).get("runState") != resource.spec.get("runState"):
                return  # an order
            self.again.add(request.call)
        before = [one.at for one in thing.undone if (one.verb, one.spec) == (request.verb, resource.spec)]
        lately = [at for at in before if world.now - at < HOUR]
        if len(lately) < OFTEN:
            return
        pause = PAUSES[min(len(lately) - OFTEN, len(PAUSES) - 1)]
        if request.verb == "start":
            world.violate("haste", "what does not stay on air is started again and again")
        elif world.now < lately[-1] + pause:
            world.violate("haste", "what others change back again and again is set at once")

    def noted(self, before: Resource, after: Resource) -> None:
        """A status is written. What held files is made anew only at the word that was asked for after it was lost."""
        known, record = before.own_record, after.record
        if word := offered(before):
            self.offers[before.uid] = word
        act = (record.get("act") or {}).get("name")
        if after.kind != "Asset" or not known.get("how") or record.get("how") or act != "create":
            return
        if after.annotations.get(REQUEST_PREFIX + "recreate", "") != self.offers.get(after.uid):
            self.world.violate("absence", "what held files is made anew unasked")

    def accepted(self, request: Request) -> None:
        """A write takes effect."""
        world, key = self.world, request.key
        thing, owner = world.things.get(key), world.objects.get(request.uid)
        if thing is None or owner is None:
            return
        if request.verb == "patch" or request.call in self.again:
            world.things[key] = replace(thing, did=Deed(request.verb, owner.spec, world.now))
