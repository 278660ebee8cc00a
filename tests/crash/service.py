"""The service: what its verbs do to the world, and how it spells what it was told.

Strict where guesses are open: an event that runs, starts or stops refuses what it may not take then, with 409.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from tests.crash.spelling import spelled
from tests.crash.watchman import Watchman
from tests.crash.world import Key, Request, Thing, World

from ams_operator.domain.answers import Answer, Page
from ams_operator.domain.model import JSON
from ams_operator.engine.store import ACCOUNT

TRANSITION = 4.0
"""seconds that starting and stopping take"""
ENDS = {"start": ("Starting", "Running"), "stop": ("Stopping", "Stopped"), "reset": ("Starting", "Running")}


@dataclass(slots=True)
class Service:
    """Every write goes past the watchman before it takes effect."""

    world: World
    watchman: Watchman
    work: float = 0.0
    """seconds that a create or update takes; 0: done when it is answered"""

    def get(self, key: Key, at: float) -> Answer:
        self.watchman.looked(key)
        thing = self._now(key)
        if thing is None:
            return self._refuse(404, "ResourceNotFound", at)
        return self._answer(200, at, thing.raw)

    def list(self, account: tuple[str, ...], kind: str, parents: tuple[str, ...], at: float) -> Page:
        """One page with everything."""
        place = tuple(part.lower() for part in (*account, kind, *parents))
        if kind == "LiveOutput":
            event = self._now((*place[:3], "liveevent", *place[4:]))
            items = event.outputs if event is not None else ()
            self.watchman.looked((*place[:3], "liveevent", *place[4:]), outputs=True)
            return Page(items, at, date=self.world.date())
        found: dict[Key, JSON] = {}
        if self.world.stale is not None and self.world.behind():
            found = {key: raw for key, raw in self.world.stale[1].items() if key[:4] == place[:4]}
            return Page(tuple(found.values()), at, date=self.world.date())
        for key in list(self.world.things):
            if key[:4] == place[:4]:
                thing = self._now(key)
                self.watchman.listed(key)
                if thing is not None:
                    found[key] = thing.raw
        return Page(tuple(found.values()), at, date=self.world.date())

    def write(self, request: Request, at: float) -> Answer:
        """A write arrives."""
        self.world.service_writes += 1
        self.watchman.arrives(request, self._now(request.key))
        if len(request.key) > 4 and (*request.key[:3], ACCOUNT.lower()) not in self.world.things:
            return self._refuse(404, "ParentResourceNotFound", at)
        match request.verb:
            case "put":
                return self._put(request, at)
            case "patch":
                return self._patch(request, at)
            case "delete":
                return self._delete(request, at)
        return self._run(request, at)

    def _now(self, key: Key) -> Thing | None:
        """What is there, with the transitions that are over by now."""
        thing = self.world.things.get(key)
        if thing is None:
            return None
        changed = thing
        if thing.becomes is not None and thing.becomes[0] <= self.world.now:
            changed = replace(_with(thing, resourceState=thing.becomes[1]), becomes=None)
        if thing.busy and thing.busy <= self.world.now:
            changed = replace(_with(changed, provisioningState="Succeeded"), busy=0.0)
        if changed is not thing:
            self.world.things[key] = changed
        return changed

    def _put(self, request: Request, at: float) -> Answer:
        assert request.body is not None
        before = self.world.things.get(request.key)
        if before is not None and _busy(before):
            return self._refuse(409, "OperationInProgress", at)
        raw = born(request.key, request.body, self.world, before)
        if before is not None:
            self.world.change(request.key, self._working(replace(before, raw=raw)))
        else:
            self.world.things[request.key] = self._working(
                self.world.make(request.key, raw, "" if request.orphaned else request.uid)
            )
        answer = self._answer(200 if before else 201, at, self.world.things[request.key].raw)
        return replace(answer, operation=f"op-{request.call}") if self.work else answer

    def _patch(self, request: Request, at: float) -> Answer:
        assert request.body is not None
        thing = self.world.things.get(request.key)
        if thing is None:
            return self._refuse(404, "ResourceNotFound", at)
        if _busy(thing):
            return self._refuse(409, "OperationInProgress", at)
        state = thing.raw["properties"].get("resourceState")
        if state not in (None, "Stopped") and "keyFrameInterval" in request.body.get("properties", {}):
            return self._refuse(409, "ResourceMustBeStopped", at)
        members = {name: spelled(value) for name, value in request.body.get("properties", {}).items()}
        top = {name: spelled(value) for name, value in request.body.items() if name != "properties"}
        raw = _completed({**thing.raw, **top, "properties": {**thing.raw["properties"], **members}})
        self.world.change(request.key, self._working(replace(thing, raw=raw)))
        return self._answer(200, at, self.world.things[request.key].raw)

    def _working(self, thing: Thing) -> Thing:
        if not self.work:
            return thing
        return replace(_with(thing, provisioningState="InProgress"), busy=self.world.now + self.work)

    def _delete(self, request: Request, at: float) -> Answer:
        thing = self.world.things.get(request.key)
        if thing is None:
            return self._refuse(404, "ResourceNotFound", at)
        if _busy(thing) or thing.raw["properties"].get("resourceState") not in (None, "Stopped"):
            return self._refuse(409, "ResourceMustBeStopped", at)
        del self.world.things[request.key]
        return self._answer(200, at, None)

    def _run(self, request: Request, at: float) -> Answer:
        thing = self.world.things.get(request.key)
        if thing is None:
            return self._refuse(404, "ResourceNotFound", at)
        state = thing.raw["properties"]["resourceState"]
        wrong = state == "Running" if request.verb == "start" else state != "Running"
        if _busy(thing) or wrong:
            return self._refuse(409, "InvalidState", at)
        through, end = ENDS[request.verb]
        changed = replace(
            _with(thing, resourceState=through), becomes=(self.world.now + TRANSITION, end), stopped_outside=False
        )
        outputs = () if request.verb in ("stop", "reset") else thing.outputs
        self.world.things[request.key] = replace(changed, outputs=outputs)
        return replace(self._answer(202, at, None), operation=f"op-{request.call}")

    def _answer(self, status: int, at: float, body: JSON | None) -> Answer:
        return Answer(status, body, at, date=self.world.date())

    def _refuse(self, status: int, code: str, at: float) -> Answer:
        return Answer(status, None, at, date=self.world.date(), code=code, message=code)


def born(key: Key, body: JSON, world: World, before: Thing | None) -> JSON:
    """What the service makes of a PUT body: its own members beside those that were sent."""
    properties = dict(spelled(body.get("properties", {})))
    if before is not None:
        properties["created"] = before.raw["properties"]["created"]
    else:
        properties["created"] = world.date()
    if key[3] == "liveevent":
        properties["resourceState"] = before.raw["properties"]["resourceState"] if before else "Stopped"
        properties["provisioningState"] = "Succeeded"
    if key[3] == ACCOUNT.lower():
        identity = before.raw["properties"]["mediaServiceId"] if before else f"id-{world.serial + 1}"
        properties |= {"mediaServiceId": identity, "provisioningState": "Succeeded"}
    system = {"systemData": {"createdAt": properties["created"]}} if key[3] == ACCOUNT.lower() else {}
    return _completed(
        {**spelled(body), **system, "name": key[-1] if len(key) > 4 else key[2], "properties": properties}
    )


def _completed(raw: JSON) -> JSON:
    """With the defaults that the service shows where nothing was sent."""
    properties = {name: value for name, value in raw["properties"].items() if value is not None}
    if "outputs" in properties:
        properties["outputs"] = [{"onError": "StopProcessingJob", **output} for output in properties["outputs"]]
    return {**raw, "properties": properties}


def _with(thing: Thing, **members: str) -> Thing:
    return replace(thing, raw={**thing.raw, "properties": {**thing.raw["properties"], **members}})


def _busy(thing: Thing) -> bool:
    return bool(thing.busy) or thing.becomes is not None
