"""At rest: does every status say the truth, and is everything done that may be done?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.crash.lab import STUDIO, Lab, account_key, account_of, contains, place_of
from tests.crash.resources import state_of
from tests.crash.spelling import spelled
from tests.crash.world import OUTPUT, Key, Thing, World

from ams_operator.domain.answers import Resource
from ams_operator.engine.store import ACCOUNT, BACKEND

if TYPE_CHECKING:
    from tests.crash.history import Scenario


def audit(lab: Lab, world: World, scenario: Scenario, outside: bool) -> None:
    """Report everything that is not as it should be. `outside`: somebody else may have started or stopped it."""
    for uid, resource in world.objects.items():
        if resource.kind == BACKEND:
            continue
        if resource.deleting:
            if not may_wait(world, resource):
                world.violate("I16", f"deletion of {uid} does not end")
            continue
        key = lab.place(world, resource)
        wrong = _judge(lab, world, resource, key, outside, scenario)
        if wrong:
            world.violate("truth", f"{uid}: {wrong}")


def may_wait(world: World, resource: Resource) -> bool:
    """A deletion may wait: for a decision, where a recording would end, and for what lies in an account."""
    if resource.kind == ACCOUNT:
        return any(one.kind not in (ACCOUNT, BACKEND) and one.finalizers for one in world.objects.values())
    if confused(world, resource):
        return True
    if resource.kind == "LiveEvent" and world.inside(place_of("LiveEvent", resource.name)):
        return True  # the service deletes no event with outputs, and none of them is ours to remove
    holds = {hold["reason"] for hold in resource.status.get("holds", ())}
    if "WaitingForChildren" in holds:
        return any(one.kind == "LiveOutput" and one.finalizers for one in world.objects.values())
    return False


def confused(world: World, resource: Resource) -> bool:
    """Whether the manifest of its account means another one than it did, or its own can't be read."""
    if any(hold["reason"] == "InvalidSpec" for hold in resource.status.get("holds", ())):
        return True
    owner = account_of(world, resource)
    ready = [one for one in owner.status.get("conditions", ()) if one["type"] == "Ready"] if owner else []
    return any(one["reason"] == "RelocationRefused" for one in ready)


def _judge(lab: Lab, world: World, resource: Resource, key: Key | None, outside: bool, scenario: Scenario) -> str:
    ready: dict[str, Any] = next((one for one in resource.status.get("conditions", ()) if one["type"] == "Ready"), {})
    reason = ready.get("reason", "no status")
    record = resource.status.get("record") or {}
    if resource.status.get("observedGeneration") != resource.generation:
        return f"rests at generation {resource.status.get('observedGeneration')}"
    if reason in scenario.ends:
        return ""
    if _management(world, resource) in ("Observe", "Pause"):
        if reason == "WaitingForAccount" and not _usable(world, resource, key):
            return ""
        return "" if reason in ("Observed", "ObservedDifferent", "Paused", "ResourceNotFound") else f"rests as {reason}"
    if resource.kind == ACCOUNT and key not in world.things and not record.get("act"):
        gone = ("ResourceNotFound", "AccountVanished", "RelocationRefused", "Claimed")
        return "" if reason in gone else f"rests as {reason}, and nothing is there"
    if resource.kind != ACCOUNT and not _usable(world, resource, key):
        waits = reason in ("AccountNotAvailable", "WaitingForAccount", "Claimed", "RecordingExists")
        return "" if waits else f"rests as {reason} without account"
    if record.get("act"):
        return f"rests as {reason} with the act {record['act']['name']}"
    return _against(lab, world, resource, key, ready, outside)


def _against(lab: Lab, world: World, resource: Resource, key: Key | None, ready: dict[str, Any], outside: bool) -> str:
    """What is said, against what is there."""
    reason, spec = ready.get("reason", "no status"), resource.spec
    thing = world.things.get(key) if key is not None else None
    rivals = [one for one in world.objects.values() if one.uid != resource.uid and lab.place(world, one) == key]
    if reason == "Claimed":
        return "" if rivals else "claimed by nobody"
    if resource.kind == "LiveOutput" and (thing is None or reason in ("ReferenceNotReady", "RecordingExists")):
        return _no_recording(world, resource, reason)
    if thing is None or reason == "DataLost":
        lost = resource.kind == "Asset" and thing is None and _how(resource)
        return (
            "" if lost and reason == "DataLost" else f"rests as {reason}, and {'it' if thing else 'nothing'} is there"
        )
    same = contains(thing.raw, spelled(lab.declared(resource.kind, spec)))
    if reason == "AdoptionRefused":
        return "" if thing.owner != resource.uid and not same else "refuses to adopt what it could"
    if thing.owner != resource.uid:
        return f"rests as {reason}, and does not own what is there"
    if resource.kind in ("LiveEvent", "StreamingEndpoint"):
        return _running(world, resource, thing, reason, same, outside)
    if reason != ("Recording" if resource.kind == "LiveOutput" else "InSync"):
        return f"rests as {reason}: {ready.get('message')}"
    return "" if same else "in sync, and different"


def _usable(world: World, resource: Resource, key: Key | None) -> bool:
    owner = account_of(world, resource)
    if owner is None or key is None or account_key(key[2]) not in world.things:
        return False
    return any(one["type"] == "Ready" and one["status"] == "True" for one in owner.status.get("conditions", ()))


def _running(world: World, resource: Resource, thing: Thing, reason: str, same: bool, outside: bool) -> str:
    """What runs: is it in its run state, and if not, does anybody keep it from that?"""
    spec, properties = resource.spec, thing.raw["properties"]
    record = resource.status.get("record") or {}
    state, wish = properties["resourceState"], spec.get("runState")
    always = spec.get("restartPolicy", "Always" if resource.kind == "StreamingEndpoint" else "Never") == "Always"
    carried, idle = record.get("runState") == wish and not always, spec.get("disruptionPolicy") in (None, "WhenIdle")
    if properties.get("description") != spec.get("description"):
        return f"rests as {reason} with a harmless difference"
    if resource.kind == "LiveEvent" and (stale := _unpublished(world, resource, thing)):
        return stale
    match reason:
        case "InSync":
            return "" if same and wish in (None, state) else f"in sync, and {state}"
        case "StoppedOutside" | "StartedOutside" | "StoppedByService":
            started = wish == "Stopped" or state == "Running"
            held = wish != state and started == (reason == "StartedOutside") and carried
            return "" if held and outside else f"held as {reason} for nothing"
        case "HeldByRequest":
            verb = {"Running": "/start", "Stopped": "/stop", "StandBy": "/standby"}.get(state, "/")
            asked = any(name.endswith(verb) for name in resource.annotations)
            return "" if wish not in (None, state) and asked else "held by no request"
        case "MadeAnew":
            return "" if state == "Stopped" and wish in ("Running", "StandBy") and carried else "made anew for nothing"
        case "WouldInterrupt":
            return "" if state == "Running" and idle and (not same or outside) else "held for nobody"
        case "WouldEndRecording":
            recording = any(key[3] == OUTPUT for key in world.things)
            consents = spec.get("disruptionPolicy") == "EndRecordings"
            return "" if state == "Running" and recording and not consents else "held for no recording"
        case "WaitingForIdle":
            reset = any(name.endswith("/reset") for name in resource.annotations)
            waits = state != "Stopped" and wish in (None, "StandBy") and not same
            return "" if waits or (reset and state != "Running") else "waits for nothing"
    return f"rests as {reason}"


def _unpublished(world: World, resource: Resource, thing: Thing) -> str:
    """Whether the connection Secret lacks the URLs that are good now."""
    endpoints = thing.raw["properties"]["input"].get("endpoints", ())
    published = world.published.get(f"{resource.name}-connection", {})
    good = all(one["url"] in published.values() for one in endpoints)
    return "" if good else "its URLs are not published"


def _no_recording(world: World, resource: Resource, reason: str) -> str:
    """A recording that does not exist: not yet, no more, or not where it would overwrite another."""
    record = resource.status.get("record") or {}
    asset = world.things.get(place_of("Asset", resource.spec["assetRef"]["name"]))
    event = world.things.get(place_of("LiveEvent", STUDIO))
    match reason:
        case "RecordingEnded":
            return "" if record.get("how") and asset is not None and asset.tapes else "ended without having begun"
        case "RecordingExists":
            kept = next((one.status.get("record") or {} for one in _of_kind(world, "Asset")), {})
            other = kept.get("recordedBy", resource.uid) != resource.uid or not record.get("begun")
            taken = kept.get("how") != "Created" or (kept.get("recordedBy") and other)
            doubt = record.get("unseen") and not record.get("how")
            return "" if taken or doubt or len(_of_kind(world, "LiveOutput")) > 1 else "refused an empty asset"
        case "Waiting":
            return "" if event is None or state_of(event) != "Running" else "waits for an event that runs"
        case "ReferenceNotReady":
            known = all(any(_how(one) for one in _of_kind(world, kind)) for kind in ("LiveEvent", "Asset"))
            return "" if asset is None or event is None or not known else "waits for what is there"
    return f"rests as {reason}, and does not record"


def _how(resource: Resource) -> str | None:
    return (resource.status.get("record") or {}).get("how")


def _of_kind(world: World, kind: str) -> list[Resource]:
    return [one for one in world.objects.values() if one.kind == kind]


def _management(world: World, resource: Resource) -> str:
    owner = account_of(world, resource)
    order = ["Manage", "Plan", "Observe", "Pause"]
    found = [resource.spec.get("managementPolicy", "Manage")]
    if owner is not None:
        found.append(owner.spec.get("managementPolicy", "Manage"))
    return str(max(found, key=order.index))
