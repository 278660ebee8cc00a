"""Live events: what an encoder sends to. One operation at a time, the live outputs' included."""

# All handlers have one signature.
# ruff: noqa: ARG001
from __future__ import annotations

import json
from typing import Any

from ams_emulator import crud, streaming_operations
from ams_emulator.call import Answer, Call
from ams_emulator.kinds import tracked
from ams_emulator.kinds.base import Kind, Target
from ams_emulator.kinds.live_event_schema import IMMUTABLE, fill_in, live_event_schema
from ams_emulator.operations import Failure
from ams_emulator.regions import host_code, region_name
from ams_emulator.schema import Flag, Member, Object, Text
from ams_emulator.state import Group, Resource, key_of
from ams_emulator.world import World

JSON = dict[str, Any]
ON = ("StandBy", "Running")
_STOP = Object({"removeOutputsOnStop": Member(Flag(), default=False)})
# Documented: what may change while an event is in StandBy.
_IN_STANDBY = frozenset(
    {"description", "hostnamePrefix", "useStaticHostname", "input.accessControl", "preview.accessControl"}
)


def live_event() -> Kind:
    """Limits: 5 per account, running or not (documented in the service's quotas)."""
    return Kind(
        path=("mediaservices", "liveevents"),
        type="Microsoft.Media/mediaservices/liveevents",
        segment="liveevents",
        schema=live_event_schema(),
        name=Text(r"[a-zA-Z0-9]+(-*[a-zA-Z0-9])*", "letters, digits and inner hyphens", max_length=32),
        verbs={
            "PUT": lambda world, call, target: tracked.put(world, call, target, BEHAVIOUR),
            "GET": tracked.get,
            "LIST": crud.list_all,
            "PATCH": lambda world, call, target: tracked.patch(world, call, target, BEHAVIOUR),
            "DELETE": delete,
            "allocate": allocate,
            "start": start,
            "stop": stop,
            "reset": reset,
        },
        tracked=True,
        limit=5,
        words="liveEvents",
        immutable=IMMUTABLE,
        operations="liveeventoperations",
        blank=blank,
    )


def allocate(world: World, call: Call, target: Target) -> Answer:
    return tracked.run(
        world, call, target, BEHAVIOUR, "allocate", out_of=("Stopped",), through="Allocating", to="StandBy"
    )


def start(world: World, call: Call, target: Target) -> Answer:
    """A start that fails ends in Stopped, from StandBy too."""
    out_of = ("Stopped", "StandBy")
    return tracked.run(
        world, call, target, BEHAVIOUR, "start", out_of=out_of, through="Starting", to="Running", failed="Stopped"
    )


def stop(world: World, call: Call, target: Target) -> Answer:
    """Refused while there are live outputs, unless the body says that they may go."""
    body = _STOP.read(tracked.json_or_nothing(call), "", world.rules(call.api_version))
    event = tracked.find(world, target)
    outputs = outputs_of(world, event)
    if outputs and event.properties["resourceState"] in ON:
        tracked.require_idle(world, event)
        if not body["removeOutputsOnStop"]:
            names = ", ".join(output.name for output in outputs)
            because = f" while it has live outputs ({names}); delete them first or send removeOutputsOnStop"
            raise tracked.wrong_state(world, event, "stop", because)

    def done() -> None:
        remove_outputs(world, event)

    return tracked.run(world, call, target, BEHAVIOUR, "stop", out_of=ON, through="Stopping", to="Stopped", done=done)


def reset(world: World, call: Call, target: Target) -> Answer:
    """Delete all live outputs, stop, start again: two halves of one operation."""
    event = tracked.find(world, target)
    tracked.require_idle(world, event)
    state = event.properties["resourceState"]
    other = ("Stopped", "StandBy") if world.variants.is_("live-event.reset-not-running", "start") else ()
    if state not in ("Running", *other):
        raise tracked.wrong_state(world, event, "reset")
    world.store.put(shown(world, event, "Stopping"))
    between = world.store.get(target.key) or event
    seconds = world.seconds(target.kind.words, "reset")

    def halfway() -> None:
        now = world.store.get(target.key)
        if now is not None and now.properties["resourceState"] == "Stopping":
            remove_outputs(world, event)
            world.store.put(shown(world, shown(world, now, "Stopped"), "Starting"))

    def done(now: Resource, failure: Failure | None) -> None:
        remove_outputs(world, event)
        world.store.put(shown(world, now, "Running" if failure is None else "Stopped"))

    world.clock.call_later(seconds / 2, halfway)
    return Answer(202, None, streaming_operations.begin(world, call, target.kind, between, done, seconds=seconds))


def delete(world: World, call: Call, target: Target) -> Answer:
    """202 and an operation; 204 when there was nothing."""
    event = crud.deletable(world, target)
    if event is None:
        return Answer(204)
    tracked.require_idle(world, event)
    if event.properties["resourceState"] in ON and world.variants.is_("live-event.delete-on-air", "refuse"):
        raise tracked.wrong_state(world, event, "delete", "; stop it first")
    outputs = outputs_of(world, event)
    if outputs and world.variants.is_("live-event.delete-outputs", "refuse"):
        names = ", ".join(output.name for output in outputs)
        message = f"'{event.id}' still has live outputs ({names}). Delete them first."
        raise tracked.refused(world, "LiveOutputsExist", message)
    return tracked.remove(world, call, target, BEHAVIOUR, event)


def auto_stop(world: World, kind: Kind, event: Resource) -> None:
    """The service stops an event by itself. It waits for nobody: an operation that runs meanwhile goes first."""
    if world.operations.running(event.id):
        return
    stop(world, crud.nobodys_call("POST"), target_of(kind, event))


# --- parts -----------------------------------------------------------------------------------------------------------


def outputs_of(world: World, event: Resource) -> list[Resource]:
    return list(world.store.collection((*key_of(event.id), "liveoutputs")).items.values())


def remove_outputs(world: World, event: Resource) -> None:
    for output in outputs_of(world, event):
        world.store.delete(key_of(output.id))


def target_of(kind: Kind, resource: Resource) -> Target:
    """A stored resource as what a request is about."""
    parts = [part for part in resource.id.split("/") if part]
    return Target(kind, parts[1], Group(parts[1], parts[3], ""), tuple(parts[7::2]), "POST")


def complete(world: World, target: Target, found: Resource | None, stored: JSON) -> None:
    fill_in(world, stored["properties"], found.properties if found else {})


def allow(world: World, event: Resource, changed: set[str]) -> None:
    """Refuse what may not change in the event's state; the message names it."""
    state = event.properties["resourceState"]
    refused: set[str] = set()
    if world.variants.is_("live-event.patch-transcriptions", "on-air") and state in ON:
        changed = changed - {"transcriptions"}
    if state == "StandBy":
        refused = changed - _IN_STANDBY
    elif state == "Running" and world.variants.is_("live-event.patch-running", "refuse"):
        refused = changed - {"description"}
    elif state not in ("Stopped", *ON):
        refused = changed
    if state != "StandBy" and world.variants.is_("live-event.patch-static-hostname", "standby-only"):
        refused |= changed & {"useStaticHostname"}
    if refused:
        path = f"properties.{min(refused)}"
        message = f"{', '.join(f'properties.{name}' for name in sorted(refused))} can't change while it is {state}."
        raise tracked.refused(world, "InvalidState", message, path)


def shown(world: World, event: Resource, state: str) -> Resource:
    """The event in a state. It has URLs in StandBy and Running only, and new ones each time unless they are static."""
    keep = state in ON or (state == "Starting" and world.variants.is_("live-event.standby-urls", "kept"))
    host = event.hidden.get("host") if keep else None
    properties = {**event.properties, "resourceState": state}
    if state in ON:
        host = host or world.new_id().replace("-", "")
    links = _links(event, properties, host or "") if state in ON else ([], [])
    for name, endpoints in zip(("input", "preview"), links, strict=True):
        properties[name] = {**properties[name], "endpoints": endpoints}
    return event.with_body({**event.body, "properties": properties}, host=host)


def _links(event: Resource, properties: JSON, host: str) -> tuple[list[JSON], list[JSON]]:
    account = event.id.split("/")[8]
    region = host_code(region_name(event.body["location"]))
    first = event.name.lower()
    if properties["useStaticHostname"]:
        first = (properties["hostnamePrefix"] or event.name).lower()
        host = f"{first}-{account}-{region}"
    host = f"{host}.channel.media.azure.net"
    protocol, token = properties["input"]["streamingProtocol"], properties["input"]["accessToken"]
    if protocol == "RTMP":
        doors = (("rtmp", 1935), ("rtmp", 1936), ("rtmps", 2935), ("rtmps", 2936))
        urls = [f"{scheme}://{host}:{port}/live/{token}" for scheme, port in doors]
    else:
        urls = [f"http://{host}/{token}/ingest.isml"]
    preview = f"https://{first}-{account}.preview-{region}.channel.media.azure.net"
    watch = f"{preview}/{properties['preview']['previewLocator']}/preview.ism/manifest"
    ingest = [{"protocol": protocol, "url": url} for url in urls]
    return ingest, [{"protocol": "FragmentedMP4", "url": watch}]


def blank(world: World, call: Call, kind: Kind, parent: Resource, name: str) -> Resource:
    """A stopped RTMP event with all defaults."""
    body = {"location": parent.body["location"], "properties": {"input": {"streamingProtocol": "RTMP"}}}
    stored = kind.schema.read(json.loads(json.dumps(body)), "", world.rules("2022-08-01"))
    fill_in(world, stored["properties"], {})
    return shown(world, tracked.make(world, call, kind, parent.id, name, stored), "Stopped")


BEHAVIOUR = tracked.Behaviour(complete, shown, allow)
