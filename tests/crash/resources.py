"""How the service keeps resources: what it adds to what was sent, and what it takes in which state."""

from __future__ import annotations

from collections.abc import Mapping

from tests.crash.spelling import spelled
from tests.crash.world import ASSET, ENDPOINT, EVENT, OUTPUT, Key, Thing, World

from ams_operator.domain.model import JSON
from ams_operator.engine.store import ACCOUNT

TRANSITION = 4.0
"""seconds that each step between two run states takes"""
CREATE_ONLY = frozenset({EVENT, OUTPUT, ENDPOINT})
"""kinds that are made by PUT and changed by PATCH"""
ON = frozenset({"StandBy", "Running"})
ON_AIR = frozenset({"Running", "Scaling"})
_RUNS: Mapping[str, Mapping[str, tuple[frozenset[str], tuple[str, ...]]]] = {
    EVENT: {
        "start": (frozenset({"Stopped", "StandBy"}), ("Starting", "Running")),
        "stop": (ON, ("Stopping", "Stopped")),
        "allocate": (frozenset({"Stopped"}), ("Allocating", "StandBy")),
        "reset": (frozenset({"Running"}), ("Stopping", "Starting", "Running")),
    },
    ENDPOINT: {
        "start": (frozenset({"Stopped"}), ("Starting", "Running")),
        "stop": (frozenset({"Running"}), ("Stopping", "Stopped")),
        "scale": (frozenset({"Running"}), ("Scaling", "Running")),
    },
}
"""kind and verb to the states in which it is taken, and those that follow"""
_CHANGES: Mapping[tuple[str, str], frozenset[str]] = {
    (EVENT, "Running"): frozenset({"description"}),
    (EVENT, "StandBy"): frozenset({"description", "hostnamePrefix", "useStaticHostname"}),
    (ENDPOINT, "Running"): frozenset({"description"}),
}
"""kind and state to what changes in it; a pair that is missing: everything"""
_DEFAULTS: Mapping[str, JSON] = {
    EVENT: {"preview": {"streamingPolicyName": "Predefined_ClearStreamingOnly"}, "useStaticHostname": False},
    ENDPOINT: {"scaleUnits": 0, "cdnEnabled": False, "customHostNames": []},
}


def state_of(thing: Thing) -> str | None:
    """The run state; None for what has none."""
    found = thing.raw["properties"].get("resourceState")
    return found if isinstance(found, str) else None


def path(kind: str, verb: str, state: str | None) -> tuple[str, ...]:
    """The states through which an action leads; none where it is not taken."""
    out_of, through = _RUNS.get(kind, {}).get(verb, (frozenset[str](), ()))
    return through if state in out_of else ()


def takes(key: Key, thing: Thing, members: JSON) -> bool:
    """Whether these members of its properties may be changed now."""
    free = _CHANGES.get((key[3], state_of(thing) or ""))
    before = thing.raw["properties"]
    return free is None or {name for name, value in members.items() if before.get(name) != value} <= free


def born(key: Key, body: JSON, world: World, before: Thing | None) -> JSON:
    """What the service makes of a PUT body: its own members beside those that were sent."""
    kind = key[3]
    properties = {**_DEFAULTS.get(kind, {}), **spelled(body.get("properties", {}))}
    properties["created"] = before.raw["properties"]["created"] if before else world.date()
    if kind in (EVENT, ENDPOINT):
        properties |= {"resourceState": "Stopped", "provisioningState": "Succeeded"}
    if kind == OUTPUT:
        properties |= {"resourceState": "Creating", "provisioningState": "InProgress"}
        properties.setdefault("manifestName", f"tape-{world.serial + 1}")
    if kind == ASSET:
        properties["assetId"] = before.raw["properties"]["assetId"] if before else f"asset-{world.serial + 1}"
    if kind == ACCOUNT.lower():
        identity = before.raw["properties"]["mediaServiceId"] if before else f"id-{world.serial + 1}"
        properties |= {"mediaServiceId": identity, "provisioningState": "Succeeded"}
    system = {"systemData": {"createdAt": properties["created"]}} if kind == ACCOUNT.lower() else {}
    raw = {**spelled(body), **system, "name": key[-1] if len(key) > 4 else key[2], "properties": properties}
    return completed(raw)


def completed(raw: JSON) -> JSON:
    """With the defaults that the service shows where nothing was sent."""
    properties = {name: value for name, value in raw["properties"].items() if value is not None}
    if "outputs" in properties:
        properties["outputs"] = [{"onError": "StopProcessingJob", **output} for output in properties["outputs"]]
    return {**raw, "properties": properties}


def dressed(key: Key, raw: JSON, state: str, world: World) -> JSON:
    """It in another state. An event has URLs in StandBy and Running only, and new ones each time."""
    properties = {**raw["properties"], "resourceState": state}
    if key[3] == EVENT:
        world.serial += state in ON
        urls = [f"rtmp://host-{world.serial}:1935/live/token"] if state in ON else []
        for member, shown in (("input", urls), ("preview", urls[:1])):
            endpoints = [{"protocol": "RTMP", "url": url} for url in shown]
            properties[member] = {**properties.get(member, {}), "endpoints": endpoints}
    return {**raw, "properties": properties}
