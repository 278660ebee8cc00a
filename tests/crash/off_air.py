"""Seconds off air that nobody asked for.

Judged by manifests and requests alone, as a viewer would: beside what the watchman says of each request.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.crash.resources import ON_AIR, TRANSITION, state_of
from tests.crash.world import Key, Request, Thing, World

from ams_operator.api.base import REQUEST_PREFIX

VERBS = frozenset(REQUEST_PREFIX + verb for verb in ("stop", "standby", "reset", "approve"))
"""requests that admit it"""


@dataclass(slots=True)
class OffAir:
    """What requests of ours took off air. One a history."""

    world: World
    since: dict[Key, float] = field(default_factory=dict)
    seconds: float = 0.0

    def wrote(self, request: Request, before: Thing | None) -> None:
        """A write took effect, or was refused; `before` was there when it arrived."""
        thing, key = self.world.things.get(request.key), request.key
        if request.verb == "start" and key in self.since and thing is not None and state_of(thing) == "Starting":
            self.seconds += self.world.now + TRANSITION - self.since.pop(key)
        if before is None or state_of(before) != "Running" or self._asked(request):
            return
        if thing is None or state_of(thing) not in ON_AIR:
            self.since.setdefault(key, self.world.now)

    def total(self) -> float:
        """In all, until now."""
        return self.seconds + sum(self.world.now - since for since in self.since.values())

    def _asked(self, request: Request) -> bool:
        """Whether its user ever said, in any version of the manifest or by a request, that it may go off air."""
        uid = request.uid
        if self.world.asked.get(uid, frozenset()) & VERBS:
            return True
        return any(
            spec.get("runState") in ("Stopped", "StandBy")
            or spec.get("disruptionPolicy") in ("Interrupt", "EndRecordings")
            or spec.get("deletionPolicy") == "Delete"
            for spec in self.world.specs.get(uid, ())
        )
