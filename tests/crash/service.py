"""The service: what its verbs do to the world, and how it answers.

Strict where guesses are open: what runs, starts or stops refuses what it may not take then, with 409. An event with
live outputs is neither stopped nor deleted unless the request says that they may go; or, where the world cascades,
they end with it, and a deletion is taken on air, too.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from tests.crash.resources import CREATE_ONLY, TRANSITION, born, completed, dressed, path, state_of, takes
from tests.crash.spelling import spelled
from tests.crash.watchman import Watchman
from tests.crash.world import ASSET, EVENT, OUTPUT, Key, Request, Thing, World

from ams_operator.domain.answers import Answer, Page
from ams_operator.domain.model import JSON
from ams_operator.engine.store import ACCOUNT

INTERIM = {"resourceState": None, "created": "0001-01-01T00:00:00Z"}
"""members of what answers an update of something that runs"""


@dataclass(slots=True)
class Service:
    """Every write goes past the watchman before it takes effect."""

    world: World
    watchman: Watchman
    work: float = 0.0
    """seconds that a create or update takes; 0: done when it is answered"""

    def get(self, key: Key, at: float) -> Answer:
        if key[3:] == (ACCOUNT.lower(),) and self.world.now < self.world.doubts.denied:
            return self._refuse(404, "ResourceNotFound", at)
        thing = self.now(key)
        self.watchman.looked(key)
        if thing is None:
            return self._refuse(404, "ResourceNotFound", at)
        return self._answer(200, at, thing.raw)

    def list(self, account: tuple[str, ...], kind: str, parents: tuple[str, ...], at: float, *, swept: bool) -> Page:
        """One page with everything. A sweep compares each item; an event's own look only counts its outputs."""
        place = tuple(part.lower() for part in (*account, kind, *parents))
        if parents:
            self.watchman.looked((*place[:3], EVENT, *place[4:]), outputs=True)
        elif self.world.stale is not None and self.world.behind():
            shown = {key: raw for key, raw in self.world.stale[1].items() if key[:4] == place}
            for key, raw in shown.items():
                if (there := self.world.things.get(key)) is not None and there.raw is raw:
                    self.watchman.listed(key)  # what is left out makes nothing else untrue
            return Page(tuple(shown.values()), at, date=self.world.date())
        found: dict[Key, JSON] = {}
        for key in list(self.world.things):
            if key[: len(place)] == place:
                thing = self.now(key)
                if swept or not parents:
                    self.watchman.listed(key)
                if thing is not None:
                    found[key] = thing.raw
        return Page(tuple(found.values()), at, date=self.world.date())

    def write(self, request: Request, at: float) -> Answer:
        """A write arrives."""
        self.world.service_writes += 1
        before = self.now(request.key)
        self.watchman.arrives(request, before)
        answer = self._written(request, at)
        self.watchman.off_air.wrote(request, before)
        if answer.status < 300:
            self.watchman.on_air.accepted(request)
            self.watchman.haste.accepted(request)
        return answer

    def _written(self, request: Request, at: float) -> Answer:
        key = request.key
        if len(key) > 4 and (*key[:3], ACCOUNT.lower()) not in self.world.things:
            return self._refuse(404, "ParentResourceNotFound", at)
        if key[3] == OUTPUT and self.now((*key[:3], EVENT, key[4])) is None:
            return self._refuse(404, "ParentResourceNotFound", at)
        if self._busy(key):
            return self._refuse(409, "OperationInProgress", at)
        if request.verb == "put":
            return self._put(request, at)
        thing = self.world.things.get(key)
        if thing is None:
            return self._refuse(404, "ResourceNotFound", at)
        match request.verb:
            case "patch":
                return self._patch(request, thing, at)
            case "delete":
                return self._delete(request, thing, at)
        return self._run(request, thing, at)

    def now(self, key: Key) -> Thing | None:
        """What is there, with the transitions that are over by now."""
        if key[3] == OUTPUT:
            self.now((*key[:3], EVENT, key[4]))
        thing = self.world.things.get(key)
        if thing is None:
            return None
        changed = thing
        while changed.becomes and changed.becomes[0][0] <= self.world.now:
            (_, state), *rest = changed.becomes
            if state_of(changed) in ("Stopping", "Deleting"):
                for one in self.world.inside(key):
                    del self.world.things[one]
            if not state:
                del self.world.things[key]
                return None
            changed = replace(changed, raw=dressed(key, changed.raw, state, self.world), becomes=tuple(rest))
        if thing.busy and thing.busy <= self.world.now:
            changed = replace(_with(changed, provisioningState="Succeeded"), busy=0.0)
        if changed is not thing:
            self.world.things[key] = changed
        return changed

    def _busy(self, key: Key) -> bool:
        """One operation at a time, for an event and its outputs together."""
        event = (*key[:3], EVENT, key[4]) if key[3] in (EVENT, OUTPUT) else None
        group = [key] if event is None else [event, *self.world.inside(event)]
        found = (self.now(one) for one in group)
        return any(thing is not None and (thing.busy or thing.becomes) for thing in found)

    def _put(self, request: Request, at: float) -> Answer:
        assert request.body is not None
        key, world = request.key, self.world
        before = world.things.get(key)
        if before is not None and key[3] in CREATE_ONLY:
            return self._refuse(409, "ResourceAlreadyExists", at)
        if key[3] == OUTPUT and not self._records(request):
            return self._refuse(404, "ParentResourceNotFound", at)
        raw = born(key, request.body, world, before)
        if before is not None:
            world.change(key, self._working(replace(before, raw=raw)))
        else:
            made = world.make(key, raw, "" if request.orphaned else request.uid, request.uid.removesuffix("-copy"))
            world.things[key] = (
                self._working(made) if key[3] != OUTPUT else self._moving(key, made, "Creating", "Running")
            )
        answer = self._answer(200 if before else 201, at, world.things[key].raw)
        return replace(answer, operation=f"op-{request.call}") if self.work or key[3] == OUTPUT else answer

    def _records(self, request: Request) -> bool:
        """Whether there is an asset to record into, which then holds that recording."""
        assert request.body is not None
        place = (*request.key[:3], ASSET, str(request.body["properties"]["assetName"]).lower())
        asset = self.world.things.get(place)
        if asset is not None:
            self.watchman.on_air.begins(request, asset)
            self.world.things[place] = replace(asset, tapes=(*asset.tapes, request.uid))
        return asset is not None

    def _patch(self, request: Request, thing: Thing, at: float) -> Answer:
        assert request.body is not None
        key = request.key
        members = {name: spelled(value) for name, value in request.body.get("properties", {}).items()}
        if not takes(key, thing, members):
            return self._refuse(409, "ResourceMustBeStopped", at)
        top = {name: spelled(value) for name, value in request.body.items() if name != "properties"}
        raw = completed({**thing.raw, **top, "properties": {**thing.raw["properties"], **members}})
        state = state_of(thing)
        if state is not None and key[3] == EVENT:
            for name in ("input", "preview"):  # the URLs are the service's own, whatever was sent
                endpoints = thing.raw["properties"].get(name, {}).get("endpoints", [])
                raw["properties"][name] = {**raw["properties"].get(name, {}), "endpoints": endpoints}
        self.world.change(key, self._working(replace(thing, raw=raw)))
        shown = self.world.things[key].raw
        if state is not None:
            shown = {**shown, "properties": {**shown["properties"], **INTERIM}}
        return self._answer(200, at, shown)

    def _working(self, thing: Thing) -> Thing:
        if not self.work:
            return thing
        return replace(_with(thing, provisioningState="InProgress"), busy=self.world.now + self.work)

    def _moving(self, key: Key, thing: Thing, *states: str) -> Thing:
        """In the first state now, in the others one after the other."""
        steps = tuple((self.world.now + TRANSITION * count, state) for count, state in enumerate(states[1:], 1))
        busy = steps[-1][0] if states[0] == "Creating" else thing.busy
        return replace(thing, raw=dressed(key, thing.raw, states[0], self.world), becomes=steps, busy=busy)

    def _delete(self, request: Request, thing: Thing, at: float) -> Answer:
        key, state = request.key, state_of(thing)
        if state is None:
            del self.world.things[key]
            return self._answer(200, at, None)
        cascades = self.world.cascades and key[3] == EVENT
        if key[3] != OUTPUT and not cascades and (state != "Stopped" or self.world.inside(key)):
            return self._refuse(409, "ResourceMustBeStopped", at)
        self.world.things[key] = self._moving(key, thing, "Deleting", "")
        return self._begun(request, at)

    def _run(self, request: Request, thing: Thing, at: float) -> Answer:
        key, body = request.key, request.body or {}
        if request.verb == "scale":
            thing = _with(thing, scaleUnits=body["scaleUnit"])
            if state_of(thing) == "Stopped":
                self.world.change(key, thing)
                return self._answer(200, at, None)
        states = path(key[3], request.verb, state_of(thing))
        may_go = body.get("removeOutputsOnStop") or self.world.cascades
        kept = request.verb == "stop" and not may_go and self.world.inside(key)
        if not states or kept:
            return self._refuse(409, "InvalidState", at)
        self.world.things[key] = self._moving(key, thing, *states)
        return self._begun(request, at)

    def _begun(self, request: Request, at: float) -> Answer:
        return replace(self._answer(202, at, None), operation=f"op-{request.call}")

    def _answer(self, status: int, at: float, body: JSON | None) -> Answer:
        return Answer(status, body, at, date=self.world.date())

    def _refuse(self, status: int, code: str, at: float) -> Answer:
        return Answer(status, None, at, date=self.world.date(), code=code, message=code)


def _with(thing: Thing, **members: object) -> Thing:
    return replace(thing, raw={**thing.raw, "properties": {**thing.raw["properties"], **members}})
