"""What a user wants or admits, by his manifests and requests as they stand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.crash.lab import Lab, account_of, contains
from tests.crash.spelling import spelled
from tests.crash.world import Request, World

from ams_operator.api.base import REQUEST_PREFIX
from ams_operator.domain.answers import Resource


def passive(lab: Lab, world: World, resource: Resource) -> bool:
    """Whether it may only be looked at, or not even that."""
    return bool(_policies(lab, world, resource) & {"Observe", "Pause"})


def _policies(lab: Lab, world: World, resource: Resource) -> set[str | None]:
    owner = account_of(world, resource) if resource.kind in lab.kinds else None
    return {one.spec.get("managementPolicy") for one in (resource, owner) if one is not None}


def allowed(lab: Lab, world: World, resource: Resource, request: Request, shown: set[str]) -> bool:
    """Whether a request may be sent. `shown`: the hashes of the plans that its status ever showed."""
    spec = resource.spec
    thing = world.things.get(request.key)
    policies = _policies(lab, world, resource)
    if policies & {"Observe", "Pause"}:
        return False
    record = resource.status.get("record") or {}
    if resource.deleting:
        stops = spec.get("deletionPolicy") == "Delete"
        made = spec.get("deletionPolicy") is None and record.get("how") == "Created"
        return stops or (made and request.verb == "delete")
    if "Plan" in policies and resource.annotations.get(REQUEST_PREFIX + "approve") not in shown:
        return False
    if request.verb in ("put", "patch"):
        return True
    if request.verb == "delete" or thing is None:
        return request.verb != "delete"
    return _asked(resource, record, request.verb) or _declared(lab, resource, record, request.verb, thing.raw)


def _declared(lab: Lab, resource: Resource, record: Mapping[str, Any], verb: str, raw: Mapping[str, Any]) -> bool:
    """By the run state, or by a change that interrupts with consent."""
    spec = resource.spec
    wish = {"start": "Running", "stop": "Stopped"}.get(verb)
    new = record.get("runState") != wish or spec.get("restartPolicy") == "Always"
    if wish is not None and spec.get("runState") == wish and new:
        return True
    consents = spec.get("disruptionPolicy") in ("Interrupt", "EndRecordings") and spec.get("runState") == "Running"
    differs = not contains(raw, spelled(lab.declared(resource.kind, spec)))
    removed = any("/keyFrameInterval" in name for name in record.get("fields", ()))
    return verb == "stop" and consents and (differs or removed)


def _asked(resource: Resource, record: Mapping[str, Any], verb: str) -> bool:
    value = resource.annotations.get(REQUEST_PREFIX + verb)
    return value is not None and (record.get("requests") or {}).get(verb) != value
