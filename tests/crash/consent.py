"""What a user wants or admits, by his manifests and requests as they stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.crash.lab import Lab, account_of, contains
from tests.crash.spelling import spelled
from tests.crash.world import Request, World

from ams_operator.api.base import REQUEST_PREFIX
from ams_operator.domain.answers import Resource
from ams_operator.domain.model import JSON

GOALS: Mapping[str, frozenset[str]] = {
    "start": frozenset({"Running"}),
    "stop": frozenset({"Stopped", "StandBy"}),
    "allocate": frozenset({"StandBy"}),
}
"""verb to the states on whose way it lies"""
REQUESTS: Mapping[str, tuple[str, ...]] = {
    "start": ("start",),
    "stop": ("stop", "standby"),
    "allocate": ("standby",),
    "reset": ("reset",),
}
"""verb to the requests that it may carry out"""


@dataclass(frozen=True, slots=True)
class Known:
    """What else the watchman knows of an object."""

    shown: set[str]
    """the hashes of the plans that its status ever showed"""
    found: Mapping[str, str]
    """the annotations that it came with, before it was known"""
    saw: JSON | None
    """what the last look showed"""


def passive(lab: Lab, world: World, resource: Resource) -> bool:
    """Whether it may only be looked at, or not even that."""
    return bool(policies(lab, world, resource) & {"Observe", "Pause"})


def policies(lab: Lab, world: World, resource: Resource) -> set[str | None]:
    """What its manifest and its account's say of how it is managed."""
    owner = account_of(world, resource) if resource.kind in lab.kinds else None
    return {one.spec.get("managementPolicy") for one in (resource, owner) if one is not None}


def allowed(lab: Lab, world: World, resource: Resource, request: Request, known: Known) -> bool:
    """Whether a request may be sent."""
    record = resource.status.get("record") or {}
    said = policies(lab, world, resource)
    if said & {"Observe", "Pause"}:
        return False
    if resource.deleting:
        return _gone_for(resource, record, request.verb, known.saw or {})
    if "Plan" in said and resource.annotations.get(REQUEST_PREFIX + "approve") not in known.shown:
        return False
    if request.verb in ("put", "patch", "scale"):
        return True
    if request.verb == "delete" or known.saw is None:
        return request.verb != "delete"
    asked = any(_asked(resource, record, verb, known) for verb in REQUESTS[request.verb])
    return asked or _declared(lab, resource, record, request.verb, known.saw)


def _gone_for(resource: Resource, record: Mapping[str, Any], verb: str, raw: Mapping[str, Any]) -> bool:
    """By the deletion: what we made and nobody depends on goes, all else only where that is declared."""
    policy = resource.spec.get("deletionPolicy")
    if policy == "Delete":
        return verb in ("stop", "delete")
    idle = verb == "delete" or (raw.get("properties") or {}).get("resourceState") == "StandBy"
    return policy is None and record.get("how") == "Created" and verb in ("stop", "delete") and idle


def _declared(lab: Lab, resource: Resource, record: Mapping[str, Any], verb: str, raw: Mapping[str, Any]) -> bool:
    """By the run state, or by a change that interrupts with consent."""
    spec, now = resource.spec, raw["properties"].get("resourceState")
    wish, carried = spec.get("runState"), record.get("runState")
    always = spec.get("restartPolicy", "Always" if resource.kind == "StreamingEndpoint" else "Never") == "Always"
    if wish in GOALS.get(verb, ()) and (carried != wish or (always and _stands(spec, verb, now))):
        return True
    consents = spec.get("disruptionPolicy") in ("Interrupt", "EndRecordings") and wish == now
    differs = not contains(raw, spelled(lab.declared(resource.kind, spec)))
    removed = any("/keyFrameInterval" in name for name in record.get("fields", ()))
    return verb == "stop" and consents and (differs or removed)


def _stands(spec: Mapping[str, Any], verb: str, now: object) -> bool:
    """Whether bringing it back disturbs nobody who did not consent."""
    return verb != "stop" or now == "StandBy" or spec.get("disruptionPolicy") in ("Interrupt", "EndRecordings")


def _asked(resource: Resource, record: Mapping[str, Any], verb: str, known: Known) -> bool:
    value = resource.annotations.get(REQUEST_PREFIX + verb)
    news = value is not None and known.found.get(REQUEST_PREFIX + verb) != value
    return news and (record.get("requests") or {}).get(verb) != value
