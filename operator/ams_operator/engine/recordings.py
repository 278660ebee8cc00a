"""A live output is a recording: before one is begun, everything speaks against it that could cost another.

An asset takes one recording. Whose that is stands in the asset's record before anything is asked of the service, so
that it is known as long as the asset's object is, also when the live output's own object or status is gone.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from ams_operator.api.base import AdoptionPolicy, ResourceSpec
from ams_operator.api.reasons import Reason
from ams_operator.api.references import Reference
from ams_operator.domain.answers import Conflict, Resource
from ams_operator.domain.model import JSON, Action, Cure, Effect, Hold, How, Kind, Record
from ams_operator.engine.job import Job
from ams_operator.engine.references import used
from ams_operator.engine.state import Engine, parse_spec

BEGIN = frozenset({Effect.CREATE})
DISTURBING = frozenset({Effect.INTERRUPT, Effect.END_RECORDING})
ASK_AGAIN = 5.0
"""seconds until an event looks again whether a recording has begun"""
RUNNING = "Running"
TAKEN_BY: Final = "recordedBy"
"""in an asset's record: uid of the live output that records into it, or did"""
BEGUN: Final = "begun"
"""in a live output's record: that it may have taken its asset already"""


def holds(engine: Engine, resource: Resource, spec: ResourceSpec) -> tuple[Hold, ...]:
    """Why a recording may not begin now, or its event not stop; nothing of it concerns a recording that exists."""
    if engine.kinds[resource.kind].children:
        return _beginning(engine, resource)
    if engine.kinds[resource.kind].ended is None or resource.deleting:
        return ()
    named = {use.kind: use for use in used(engine, resource, spec).references}
    found = (_event(engine, resource, named), *_asset(engine, resource, spec, named))
    return tuple(hold for hold in found if hold is not None)


def _beginning(engine: Engine, event: Resource) -> tuple[Hold, ...]:
    """A stop would end what may have begun without an answer. That would be taken for never made and be made again,
    over the first."""
    for other in engine.store.users(event):
        record = _record(other)
        act = record.get("act")
        if engine.kinds[other.kind].ended is not None and isinstance(act, dict) and not record.get("how"):
            message = f"LiveOutput {other.name} may have begun a moment ago; it is waited for until that is known"
            again = engine.clock.now() + ASK_AGAIN
            return (Hold(Reason.UNANSWERED.value, DISTURBING, Cure.TIME, message, again),)
    return ()


def _event(engine: Engine, resource: Resource, named: dict[str, Reference]) -> Hold | None:
    """The service would take it earlier; what it records then is not what anybody waits for. And a reset or stop of the
    event that was not answered yet would end what is begun now."""
    use = named.get("LiveEvent")
    event = engine.store.find("LiveEvent", resource.namespace, use.name) if use is not None and use.name else None
    if event is None:
        return None
    if (act := _record(event).get("act")) and isinstance(act, dict):
        message = f"it begins when LiveEvent {event.name} is done with its {act.get('name')}"
        return Hold(Reason.WAITING.value, BEGIN, Cure.TIME, message)
    if event.status.get("resourceState") == RUNNING:
        return None
    message = f"it begins when LiveEvent {event.name} runs"
    return Hold(Reason.WAITING.value, BEGIN, Cure.TIME, message)


def _asset(
    engine: Engine, resource: Resource, spec: ResourceSpec, named: dict[str, Reference]
) -> tuple[Hold | None, ...]:
    use = named.get("Asset")
    if use is None:
        return ()
    if spec.adoption_policy is AdoptionPolicy.ALWAYS:
        return (_shared(engine, resource, use),) if not _began(resource) else ()
    full = _used(engine, resource, use)
    return (full,) if full is not None or _began(resource) else (_shared(engine, resource, use),)


def _shared(engine: Engine, resource: Resource, use: Reference) -> Hold | None:
    """Of several objects that mean one asset the oldest records."""
    for other in engine.store.of_kind(resource.kind):
        if (
            other.namespace == resource.namespace
            and _older(other, resource)
            and _asset_of(engine, other) == _means(use)
        ):
            message = (
                f"{use.field}: LiveOutput {other.name} records into the same asset, and a second recording would "
                "overwrite it: give each an Asset of its own"
            )
            return Hold(Reason.RECORDING_EXISTS.value, BEGIN, Cure.FIX, message)
    return None


def _older(other: Resource, resource: Resource) -> bool:
    return (other.created, other.uid) < (resource.created, resource.uid)


def _asset_of(engine: Engine, resource: Resource) -> tuple[str | None, str | None] | None:
    uses = engine.store.memory[resource.uid].uses
    return next((_means(use) for use in (uses.references if uses is not None else ()) if use.kind == "Asset"), None)


def _means(use: Reference) -> tuple[str | None, str | None]:
    return use.name, use.azure_name


def _used(engine: Engine, resource: Resource, use: Reference) -> Hold | None:
    """An asset that was not made for us may hold a recording, also our own: of a cluster that was lost, or of an
    object that was deleted since."""
    asset = engine.store.find("Asset", resource.namespace, use.name) if use.name else None
    record = _record(asset) if asset is not None else {}
    taken = record.get(TAKEN_BY)
    if use.name and not record.get("how"):
        return None  # it is waited for
    if record.get("how") == How.CREATED and (taken is None or (taken == resource.uid and _began(resource))):
        return None
    why = "that asset existed before and may hold a recording"
    if taken is not None:
        other = engine.store.objects.get(str(taken))
        whose = f"LiveOutput {other.name}" if other is not None and other is not resource else "an earlier LiveOutput"
        why = f"that asset holds the recording of {whose}"
    message = (
        f"{use.field}: {why}, which this one would overwrite. Name an "
        "Asset of its own, or, where you know that it is empty, set spec.adoptionPolicy: Always"
    )
    return Hold(Reason.RECORDING_EXISTS.value, BEGIN, Cure.DECISION, message)


def _record(resource: Resource) -> JSON:
    found = resource.status.get("record")
    return found if isinstance(found, dict) else {}


def _began(resource: Resource) -> bool:
    return _record(resource).get("uid") == resource.uid and bool(_record(resource).get(BEGUN))


def begun(kind: Kind, action: Action, record: Record) -> Record:
    """The record to note a recording's beginning with: it tells a second try from one whose status was lost."""
    if kind.ended is None or Effect.CREATE not in action.effects:
        return record
    return replace(record, rest={**record.rest, BEGUN: True})


async def take(engine: Engine, job: Job, action: Action) -> None:
    """Enter in the asset's record whose recording it takes. Raises Conflict where another one was faster, and what the
    Kube port raises."""
    if job.kind.ended is None or Effect.CREATE not in action.effects:
        return
    spec = parse_spec(engine, job.resource)
    use = next((one for one in used(engine, job.resource, spec).references if one.kind == "Asset"), None)
    asset = engine.store.find("Asset", job.resource.namespace, use.name or "") if use is not None else None
    if asset is None or _record(asset).get(TAKEN_BY) == job.resource.uid:
        return
    if TAKEN_BY in _record(asset) and spec.adoption_policy is not AdoptionPolicy.ALWAYS:
        raise Conflict(f"Asset {asset.name} was taken by another recording")
    status = {**asset.status, "record": {**_record(asset), TAKEN_BY: job.resource.uid}}
    engine.store.put(await engine.kube.write_status(asset, status))
