"""What people do: users at the API server, and others in the service behind the operator's back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from tests.crash.haste import ANOTHER_CLUSTER, offered, undone
from tests.crash.lab import ORIGIN, REGION, STUDIO, Lab, account_key, account_spec, place_of
from tests.crash.resources import born, dressed, state_of
from tests.crash.spelling import spelled
from tests.crash.watchman import Watchman
from tests.crash.world import OUTPUT, Key, Thing, World

from ams_operator.api.base import REQUEST_PREFIX
from ams_operator.domain.model import JSON
from ams_operator.domain.owners import TAG
from ams_operator.engine.store import ACCOUNT, BACKEND

UNKNOWN = "purpose"
"""a field that only a later version knows"""
BUILT_IN: JSON = {"preset": {"builtInStandardEncoder": {"presetName": "AdaptiveStreaming"}}}


def transform_spec(description: str | None = "ours", **more: Any) -> JSON:
    """A transform's manifest."""
    spec: JSON = {"outputs": [{**BUILT_IN, "relativePriority": "High"}], **more}
    return {**spec, "description": description} if description is not None else spec


def event_spec(**more: Any) -> JSON:
    """A live event's manifest."""
    return {"description": "ours", "input": {"streamingProtocol": "RTMP"}, "encoding": encoding("PT2.0S"), **more}


def encoding(interval: str | None) -> JSON:
    """What of an event changes only while it is stopped."""
    return {"encodingType": "Standard", **({"keyFrameInterval": interval} if interval else {})}


def endpoint_spec(**more: Any) -> JSON:
    """A streaming endpoint's manifest."""
    return {"description": "ours", "maxCacheAge": 60, **more}


def asset_spec(description: str | None = "ours", **more: Any) -> JSON:
    """An asset's manifest."""
    return {"description": description, **more}


def output_spec(asset: str = "reel", **more: Any) -> JSON:
    """A recording's manifest."""
    refs = {"liveEventRef": {"name": STUDIO}, "assetRef": {"name": asset}}
    return {**refs, "archiveWindowLength": "PT60M", "description": "ours", **more}


@dataclass(slots=True)
class Stage:
    """A world and the people in it. Objects go by their names, which are their uids too."""

    lab: Lab
    world: World
    watchman: Watchman | None = None

    # -- users

    def backend(self) -> None:
        """The MediaServicesBackend that all accounts use."""
        spec = {"type": "armCompatible", "endpoint": ORIGIN, "authority": "https://login.test"}
        self.world.create(BACKEND, "default", spec, uid="backend", namespace="")

    def exists(self, azure: str = "contoso") -> None:
        """Somebody else made an account."""
        self.world.make(account_key(azure), born(account_key(azure), {"location": REGION}, self.world, None))

    def account(self, name: str = "default", azure: str = "contoso", **more: Any) -> None:
        """An account that exists, and its object."""
        if account_key(azure) not in self.world.things:
            self.exists(azure)
        self.own_account(name, azure, **more)

    def own_account(self, name: str = "default", azure: str = "contoso", **more: Any) -> None:
        """An account's object only."""
        self.world.create(ACCOUNT, name, account_spec(azure, **more), uid=name)

    def apply(self, kind: str, name: str, spec: JSON, requests: Mapping[str, str] | None = None) -> None:
        """Create the object, or change it."""
        annotations = {REQUEST_PREFIX + verb: value for verb, value in (requests or {}).items()}
        if name in self.world.objects:
            self.world.edit(name, spec, annotations)
        else:
            self.world.create(kind, name, spec, annotations, uid=name)

    def patch(self, name: str, **members: Any) -> None:
        """Change some members of a spec; None removes one."""
        found = self.world.objects.get(name)
        if found is not None:
            spec = {key: value for key, value in {**found.spec, **members}.items() if value is not None}
            self.world.edit(name, spec)

    def ask(self, name: str, verb: str, value: str) -> None:
        """Write a request annotation."""
        self.world.edit(name, annotations={REQUEST_PREFIX + verb: value})

    def approve(self, name: str) -> None:
        """Consent to the plan that the status shows."""
        found = self.world.objects.get(name)
        if found is not None and (plan := found.status.get("plan")):
            self.ask(name, "approve", plan["hash"])

    def replace(self, name: str) -> None:
        """Consent to an empty one of what is gone, with the word that the status names."""
        found = self.world.objects.get(name)
        if found is not None:
            self.ask(name, "recreate", offered(found))

    def delete(self, name: str) -> None:
        self.world.delete(name)

    def rotate(self) -> None:
        """The credential in the account's Secret is replaced, and the old one is not accepted any more."""
        self.world.secret += 1

    def lose_status(self, name: str) -> None:
        """An old backup is restored: the object as it was before anything was known of it."""
        found = self.world.objects.get(name)
        if found is not None:
            assert self.watchman is not None
            self.watchman.forgets(name)
            self.world.restore(replace(found, status={}))

    def copied(self, name: str) -> None:
        """A backup is restored as another object: same content, record and all, another uid."""
        found = self.world.objects.get(name)
        if found is not None and not found.deleting:
            assert self.watchman is not None
            self.watchman.forgets(name)
            del self.world.objects[name]
            self.world.touched[name] = self.world.calls
            self.world.events.append((found.kind, name))
            self.world.restore(replace(found, uid=name + "-copy", generation=1))

    # -- others, in the service

    def body(self, kind: str, spec: JSON) -> JSON:
        return self.lab.declared(kind, spec)

    def foreign(self, kind: str, name: str, spec: JSON, **properties: Any) -> None:
        """Somebody else creates it; what is there goes first."""
        key = place_of(kind, name)
        self.vanish(kind, name)
        raw = born(key, self.body(kind, spec), self.world, None)
        if kind == "LiveOutput":
            properties = {"resourceState": "Running", "provisioningState": "Succeeded", **properties}
            place = place_of("Asset", raw["properties"]["assetName"])
            if place in self.world.things:
                asset = self.world.things[place]
                self.world.things[place] = replace(asset, tapes=(*asset.tapes, ""))
        self.world.make(key, {**raw, "properties": {**raw["properties"], **properties}})

    def of_another_cluster(self, kind: str, name: str, spec: JSON) -> None:
        """Another cluster makes it, and says so in its tag."""
        self.foreign(kind, name, {**spec, "tags": {TAG: "another-cluster"}})
        place = place_of(kind, name)
        self.world.things[place] = replace(self.world.things[place], owner=ANOTHER_CLUSTER)

    def doubt(self, **members: Any) -> None:
        """What it is that looks like a fault."""
        self.world.doubts = replace(self.world.doubts, **members)

    def vanish(self, kind: str, name: str) -> None:
        """Somebody else deletes it; an account goes with all that lies in it."""
        place = place_of(kind, name)
        inside = self.world.inside(place)
        for key in list(self.world.things):
            if key == place or key in inside or (kind == ACCOUNT and key[:3] == place[:3]):
                self._end(key)

    def _end(self, key: Key) -> None:
        """Somebody else takes it away; a recording ends."""
        del self.world.things[key]

    def behind(self, without: bool = False) -> None:
        """LIST falls behind for two minutes: it goes on showing what is there now, or only the accounts."""
        kept = {key: thing.raw for key, thing in self.world.things.items() if len(key) == 4 or not without}
        self.world.stale = (self.world.now + 120.0, kept)

    def drift(self, kind: str, name: str, **properties: Any) -> None:
        """Somebody else changes it in place."""
        key = place_of(kind, name)
        thing = self.world.things.get(key)
        if thing is not None:
            raw = {**thing.raw, "properties": {**thing.raw["properties"], **spelled(properties)}}
            self._touch(key, replace(thing, raw=raw))

    def run(self, name: str, state: str, kind: str = "LiveEvent") -> None:
        """Somebody else starts or stops the event or endpoint."""
        key = place_of(kind, name)
        thing = self.world.things.get(key)
        if thing is None or state_of(thing) == state:
            return
        if state == "Stopped":
            for one in self.world.inside(key):
                self._end(one)
        self._touch(key, replace(thing, raw=dressed(key, thing.raw, state, self.world), becomes=()))

    def record(self, name: str) -> None:
        """Somebody else begins a recording."""
        event = place_of("LiveEvent", name)
        thing = self.world.things.get(event)
        if thing is not None and state_of(thing) == "Running":
            properties = {"assetName": "theirs", "manifestName": "theirs", "resourceState": "Running"}
            key = (*event[:3], OUTPUT, event[4], "unmanaged")
            self.world.make(key, {"name": "unmanaged", "properties": properties})

    def _touch(self, key: Key, thing: Thing) -> None:
        self.world.change(key, replace(undone(self.world, thing), arrived=self.world.calls))


def nothing(_stage: Stage) -> None:
    """There is only the account, or nothing happens."""


def edit(stage: Stage) -> None:
    """A change that interrupts nobody."""
    stage.patch("one", description="edited")
