"""What records (`Kind.records_into`): before it is begun, all that speaks against it since it could cost another one.

An asset takes one recording. Whose that is stands in the asset's record before anything is asked of the service, so
that it is known as long as the asset's object is, also when the live output's own object or status is gone. Consent to
another one is a request that names this object, this asset and what is known to be in it: no manifest can say it, since
manifests outlive both.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Final

from ams_operator.api.base import REQUEST_PREFIX, ResourceSpec
from ams_operator.api.reasons import Reason
from ams_operator.api.references import Reference
from ams_operator.domain.answers import Conflict, Lane, Resource
from ams_operator.domain.findings import command
from ams_operator.domain.kind import Kind
from ams_operator.domain.model import JSON, Action, Cure, Effect, Hold, How, Record
from ams_operator.domain.noun import replace
from ams_operator.domain.writes import CREATE
from ams_operator.engine import outcome
from ams_operator.engine.job import Job
from ams_operator.engine.references import used
from ams_operator.engine.state import QUIET, Engine, InvalidSpec, account_of, parse_spec
from ams_operator.engine.store import Named, place_of

BEGIN = frozenset({Effect.CREATE})
DISTURBING = frozenset({Effect.INTERRUPT, Effect.END_RECORDING})
ASK_AGAIN = 5.0
"""seconds until an event looks again whether a recording has begun"""
ASK_SERVICE = 10.0
"""seconds between looks at what a recording waits for, where it has no object whose changes tell"""
RUNNING = "Running"
TAKEN_BY: Final = "recordedBy"
"""in an asset's record: uid of the live output that records into it, or did"""
BEGUN: Final = "begun"
"""in a live output's record: that it may have taken its asset already"""


def holds(engine: Engine, resource: Resource, spec: ResourceSpec) -> tuple[Hold, ...]:
    """Why a recording may not begin now, or its event not stop; nothing of it concerns a recording that exists."""
    kind = engine.kinds[resource.kind]
    if any(engine.kinds[name].records_into for name in kind.children):
        return _beginning(engine, resource)
    if not kind.records_into or resource.deleting:
        return ()
    named = {use.kind: use for use in used(engine, resource, spec).references}
    found = (_event(engine, resource, named), _asset(engine, resource, named))
    return tuple(hold for hold in found if hold is not None)


def _beginning(engine: Engine, event: Resource) -> tuple[Hold, ...]:
    """A stop would end what may have begun without an answer, and may yet begin. Once nothing can come any more, the
    outputs that the event lists before each stop are the truth, whether or not the recording's own object is looked at
    (it may be paused)."""
    now = engine.clock.now()
    for other in engine.store.users(event):
        record, sent = other.own_record, engine.store.memory[other.uid].sent
        open_ = engine.kinds[other.kind].records_into and isinstance(record.get("act"), dict) and not record.get("how")
        if not open_ or (sent is not None and now >= sent + QUIET):
            continue
        message = (
            f"{other.kind} {other.name} may have begun a moment ago, which is waited for until it is known, at most "
            f"{QUIET:.0f} seconds. If it is paused, it is known sooner without its managementPolicy: Pause"
        )
        return (Hold(Reason.UNANSWERED.value, DISTURBING, Cure.TIME, message, now + ASK_AGAIN),)
    return ()


def _event(engine: Engine, resource: Resource, named: dict[str, Reference]) -> Hold | None:
    """The service would take it earlier; what it records then is not what anybody waits for. And a reset or stop of the
    event that was not answered yet would end what is begun now."""
    kind = engine.kinds[resource.kind].parent
    use = named.get(kind)
    if use is None:
        return None
    if use.name is None:
        return _around(engine, resource, use)
    event = engine.store.find(kind, resource.namespace, use.name)
    if event is None:
        return None  # it is waited for
    message = f"it begins when {kind} {event.name} runs"
    if (act := event.own_record.get("act")) and isinstance(act, dict):
        message = f"it begins when {kind} {event.name} is done with its {act.get('name')}"
    elif event.status.get("resourceState") == RUNNING:
        return None
    if event.spec.get("managementPolicy") == "Pause":
        message += ". Nobody looks at that one while it is paused: take its managementPolicy: Pause away"
    return Hold(Reason.WAITING.value, BEGIN, Cure.TIME, message)


def _around(engine: Engine, resource: Resource, use: Reference) -> Hold | None:
    """An event without an object here: what the service said of it a moment ago."""
    now, seen = engine.clock.now(), engine.store.memory[resource.uid].around
    if seen is not None and seen[1] == RUNNING and now < seen[0] + ASK_SERVICE:
        return None
    message = f"it begins when {use.kind} {use.azure_name} runs; the service is asked every {ASK_SERVICE:.0f} seconds"
    return Hold(Reason.WAITING.value, BEGIN, Cure.TIME, message, now if seen is None else seen[0] + ASK_SERVICE)


async def look_around(engine: Engine, job: Job, lane: Lane) -> None:
    """See whether the event runs of a recording that is not there, where no object tells it; the job's holds follow.

    Raises NotSent or NoAnswer."""
    if not job.kind.records_into or job.desired.deleting or job.account is None or job.account.backend is None:
        return
    named = {use.kind: use for use in used(engine, job.resource, parse_spec(engine, job.resource)).references}
    use = named.get(job.kind.parent)
    if use is None or use.azure_name is None:
        return
    kind = engine.kinds[job.kind.parent]
    answer = await job.account.backend.get(kind.address(job.account.id, use.azure_name), lane)
    outcome.learn(engine, job.account, answer)
    raw = outcome.read(answer)
    job.memory.around = (answer.at, kind.state(raw).now if raw is not None else None)
    others = tuple(hold for hold in job.scene.holds if hold.reason != Reason.WAITING)
    waits = _around(engine, job.resource, use)
    job.scene = replace(job.scene, holds=(*others, waits) if waits is not None else others)


def _asset(engine: Engine, resource: Resource, named: dict[str, Reference]) -> Hold | None:
    """An asset that was not made for us may hold a recording, also our own: of a cluster that was lost, or of an
    object that was deleted since."""
    use = named.get(engine.kinds[resource.kind].records_into)
    if use is None:
        return None
    asset = _object(engine, resource, use)
    record = asset.own_record if asset is not None else {}
    taken = record.get(TAKEN_BY)
    if _began(resource) and taken in (None, resource.uid):
        return None
    if (other := _rival(engine, resource, use, taken)) is not None:
        whose = f"{other.kind} {other.name}" if other.namespace == resource.namespace else "another namespace"
        message = (
            f"{use.field}: that asset is the one of {whose}, whose recording this one would overwrite: give each an "
            "Asset of its own"
        )
        return Hold(Reason.RECORDING_EXISTS.value, BEGIN, Cure.FIX, message)
    if use.name and not record.get("how"):
        return None  # it is waited for
    empty = taken is None and record.get("how") == How.CREATED
    if empty or _consents(resource, use, record):
        return None
    why = "that asset existed before and may hold a recording"
    if taken is not None:
        why = f"that asset holds the recording of an earlier {resource.kind}"
    message = (
        f"{use.field}: {why}, which this one would overwrite. Name an Asset of its own in another {resource.kind}, or, "
        f"where what it holds is not needed: {command(resource, 'recreate', _consent(resource, use, record))}"
    )
    return Hold(Reason.RECORDING_EXISTS.value, BEGIN, Cure.DECISION, message)


def index(engine: Engine, resource: Resource, spec: ResourceSpec) -> None:
    """Enter what an object records into, or that it may be recorded into, so that either is found without a look at all
    of their kind."""
    kind, store = engine.kinds[resource.kind], engine.store
    if kind.records_into:
        uses = (use for use in used(engine, resource, spec).references if use.kind == kind.records_into)
        store.recorders.enter(resource, frozenset(_named(resource, use) for use in uses))
    elif any(other.records_into == resource.kind for other in engine.kinds.values()):
        place = place_of(resource, resource.kind, spec.effective_name(resource.name))
        store.recorded.enter(resource, frozenset({place}))


def _named(resource: Resource, use: Reference) -> Named:
    """What a manifest names, as it names it."""
    if use.name is not None:
        return use.kind, resource.namespace, use.name
    return place_of(resource, use.kind, use.azure_name or "")


def _rival(engine: Engine, resource: Resource, use: Reference, taken: object) -> Resource | None:
    """Of several objects that mean one asset the one records that has taken it, else the oldest. All namespaces count,
    and so does an asset by its name in the service."""
    if taken not in (None, resource.uid) and (holder := engine.store.objects.get(str(taken))) is not None:
        return holder
    objects, place = engine.store.objects, _place(engine, resource, use)
    for uid in _older(engine, resource, use, place):
        if _means(engine, objects[uid], resource, use, place):
            return objects[uid]
    return None


def _older(engine: Engine, resource: Resource, use: Reference, place: Named | None) -> Iterator[str]:
    """What may mean the same asset and was there before: as this one names it, then otherwise."""
    older = engine.store.recorders.older
    yield from older(_named(resource, use), resource)
    if use.name is not None:
        yield from older(place, resource)
    for uid in engine.store.recorded.of(place) if use.name is None else ():
        asset = engine.store.objects[uid]
        yield from older((asset.kind, asset.namespace, asset.name), resource)


def _means(engine: Engine, other: Resource, resource: Resource, use: Reference, place: Named | None) -> bool:
    """Whether another object means the same asset."""
    uses = engine.store.memory[other.uid].uses
    for one in uses.references if uses is not None else ():
        if one.kind != use.kind:
            continue
        if (one.name, other.namespace) == (use.name, resource.namespace) and one.name is not None:
            return True
        # Where neither of the two goes by its name in the service, different objects are different assets.
        if place is not None and (one.name is None or use.name is None) and _place(engine, other, one) == place:
            return other.namespace == resource.namespace or other.uid in engine.store.claimed
    return False


def _place(engine: Engine, resource: Resource, use: Reference) -> Named | None:
    """What tells one asset from all others in the service; None where nobody knows it yet."""
    if use.name is None:
        return _of(engine, resource, use.kind, use.azure_name)
    asset = engine.store.find(use.kind, resource.namespace, use.name)
    return _of(engine, asset, use.kind) if asset is not None else None


def _of(engine: Engine, resource: Resource, kind: str, name: str | None = None) -> Named | None:
    """A name in the account that an object means; the object's own where none is given."""
    try:
        spec = parse_spec(engine, resource)
        owner = account_of(engine, resource, spec)
    except InvalidSpec:
        return None
    return place_of(resource, kind, name or spec.effective_name(resource.name)) if owner is not None else None


def _object(engine: Engine, resource: Resource, use: Reference) -> Resource | None:
    """The asset's object in the same namespace, also where the manifest goes by the name in the service."""
    if use.name is not None:
        return engine.store.find(use.kind, resource.namespace, use.name)
    place, objects = _place(engine, resource, use), engine.store.objects
    for asset in (objects[uid] for uid in engine.store.recorded.of(place)):
        same = asset.namespace == resource.namespace and asset.own_record.get("how")
        if same and _of(engine, asset, use.kind) == place:
            return asset
    return None


def _taken(engine: Engine, resource: Resource, spec: ResourceSpec) -> tuple[Reference | None, Resource | None]:
    """What a recording goes into: as the manifest names it, and its object."""
    into = engine.kinds[resource.kind].records_into
    use = next((one for one in used(engine, resource, spec).references if one.kind == into), None)
    return use, _object(engine, resource, use) if use is not None else None


def _consent(resource: Resource, use: Reference, asset: JSON) -> str:
    """Names this object, this asset and what it is known to hold: of anything else nobody consented to the loss. Where
    the object itself may have recorded, that asks for consent already, and one consent is enough."""
    if unseen := resource.own_record.get("unseen"):
        return str(unseen)
    text = json.dumps([resource.uid, use.name, use.azure_name, asset.get("identity"), asset.get(TAKEN_BY)])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _consents(resource: Resource, use: Reference, asset: JSON) -> bool:
    return resource.annotations.get(f"{REQUEST_PREFIX}recreate") == _consent(resource, use, asset)


def _began(resource: Resource) -> bool:
    return bool(resource.own_record.get(BEGUN))


def begun(kind: Kind, action: Action, record: Record) -> Record:
    """The record to note a recording's beginning with: it tells a second try from one whose status was lost."""
    if not kind.records_into or Effect.CREATE not in action.effects:
        return record
    return replace(record, rest={**record.rest, BEGUN: True})


def never_left(engine: Engine, resource: Resource, spec: ResourceSpec) -> bool:
    """Whether the beginning that was noted was certainly not sent: its asset, which we made, was not taken for it. A
    process that ended between the two costs nobody his recording."""
    act = resource.own_record.get("act")
    into = engine.kinds[resource.kind].records_into
    if not into or not isinstance(act, dict) or act.get("name") != CREATE:
        return False
    _, asset = _taken(engine, resource, spec)
    record = asset.own_record if asset is not None else {}
    return record.get("how") == How.CREATED and record.get(TAKEN_BY) != resource.uid


async def take(engine: Engine, job: Job, action: Action) -> None:
    """Enter in the asset's record whose recording it takes. Raises Conflict where another one was faster, and what the
    Kube port raises."""
    into = job.kind.records_into
    if not into or Effect.CREATE not in action.effects:
        return
    use, asset = _taken(engine, job.resource, parse_spec(engine, job.resource))
    if use is None or asset is None or asset.own_record.get(TAKEN_BY) == job.resource.uid:
        return
    if TAKEN_BY in asset.own_record and not _consents(job.resource, use, asset.own_record):
        raise Conflict(f"{into} {asset.name} was taken by another recording")
    status = {**asset.status, "record": {**asset.own_record, TAKEN_BY: job.resource.uid}}
    engine.store.put(await engine.kube.write_status(asset, status))
