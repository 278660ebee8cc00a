"""What the watchman sees of requests that are carried out once, and of recordings."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.crash.world import EVENT, Request, Thing, World

from ams_operator.api.base import REQUEST_PREFIX

VERBS = {"standby": "allocate"}
"""requests whose action the service calls otherwise"""


@dataclass(slots=True)
class OnAir:
    """The invariants of what runs and records. One a history."""

    world: World
    carried: dict[tuple[str, str, str], int] = field(default_factory=dict)
    """(uid, verb, value) of a request to the call at which it was carried out"""

    def asked(self, request: Request, asked: list[str] | None) -> None:
        """What somebody asked for once is done once: starting again what was started and stopped since, too."""
        if asked is None:
            return
        request.asked = (asked[0], asked[1])
        before, thing = self.carried.get((request.uid, *request.asked)), self.world.things.get(request.key)
        if before is not None and request.verb == VERBS.get(asked[0], asked[0]):
            hidden = thing is not None and thing.arrived >= before
            self.world.judge(
                hidden, "once", f"{request.verb} is repeated", "what others do hides that it was carried out"
            )

    def unheard(self, request: Request) -> None:
        """Before anything on air is stopped or reset its recordings are asked for."""
        thing = self.world.things.get(request.key)
        on_air = thing is not None and thing.raw["properties"].get("resourceState") == "Running"
        if request.verb in ("stop", "reset") and request.key[3] == EVENT and on_air and request.listed <= request.noted:
            self.world.violate("I7", f"{request.verb} without asking for recordings")

    def accepted(self, request: Request) -> None:
        """A write was not refused."""
        if request.asked is not None and VERBS.get(request.asked[0], request.asked[0]) == request.verb:
            self.carried[(request.uid, *request.asked)] = self.world.calls

    def begins(self, request: Request, asset: Thing) -> None:
        """A recording begins in an asset."""
        resource = self.world.objects.get(request.uid)
        if not asset.tapes or (resource is not None and f"{REQUEST_PREFIX}recreate" in resource.annotations):
            return
        what = "a recording begins in an asset that holds one"
        theirs = not any(asset.tapes)  # no object of ours begun it, so that nothing of ours knows of it
        self.world.judge(theirs or request.orphaned, "recording", what, "others recorded into our asset unseen")

    def ends(self, request: Request) -> None:
        """A write arrives that may end recordings."""
        outputs = [self.world.things[key] for key in self.world.inside(request.key)]
        silently = self.world.cascades and request.verb in ("stop", "delete")
        ends = request.verb == "reset" or silently or (request.body or {}).get("removeOutputsOnStop")
        resource = self.world.objects.get(request.uid)
        if outputs and ends and resource is not None and resource.spec.get("disruptionPolicy") != "EndRecordings":
            foreign = all(not one.maker and one.arrived >= request.listed for one in outputs)
            window = foreign or self.world.touched.get(request.uid, -1) > request.noted
            self.world.judge(
                window, "I7", f"{request.verb} ends recordings", "recording or consent changed after the look"
            )
