"""Objects that nothing can be done about, but to say so: a stored spec that the models refuse, a fault of ours that
comes before any decision, a status that the API server does not take."""

from __future__ import annotations

from ams_operator.api.base import FINALIZER, REQUEST_PREFIX, DeletionPolicy
from ams_operator.api.reasons import Reason
from ams_operator.domain import plain
from ams_operator.domain import report as reports
from ams_operator.domain.answers import Lane, Resource
from ams_operator.domain.model import (
    SERVICE_EFFECTS,
    AccountId,
    Address,
    Cure,
    Decision,
    Desired,
    Hold,
    Plan,
    Record,
    Scene,
)
from ams_operator.domain.record import load
from ams_operator.engine import news
from ams_operator.engine.state import Engine, InvalidSpec, children_of, safe
from ams_operator.engine.store import ACCOUNT


async def report_invalid(engine: Engine, resource: Resource, error: InvalidSpec) -> None:
    """Stalled/InvalidSpec, where it is its own; a deleting one that may go without the service is released."""
    record = load(resource.status.get("record"), resource.uid)
    if resource.deleting and FINALIZER in resource.finalizers and await _may_go(engine, resource, record):
        await engine.kube.set_finalizer(resource, False)
        news.released_unread(engine, resource, record)
        return
    if error.resource.uid != resource.uid:
        message = f"{error.resource.kind} {error.resource.name} can't be read: see its status"
        await report_hold(engine, resource, Reason.WAITING_FOR_ACCOUNT, message, Cure.TIME)
        return
    if error.unknown:  # to read it without the field could be to take back what the field brought
        said = "nothing is done here. Run a version that knows it, or remove it from the manifest"
    else:
        said = (
            "the object is older than the installed schema, or of a newer version of the operator: correct the "
            "manifest and apply it again, or run that version"
        )
    await report_hold(engine, resource, Reason.INVALID_SPEC, f"{error}; {said}", Cure.FIX)
    if resource.kind == ACCOUNT:
        for child in children_of(engine, resource):  # they may still say what an earlier process found
            engine.nominate(child.uid, Lane.SWEEP)


async def _may_go(engine: Engine, resource: Resource, record: Record) -> bool:
    """Whether it never had a resource, or lets go of it: as somebody asks, or since its definition goes. To delete in
    the service needs more than that of a manifest."""
    if record.how is None and record.act is None:
        return True
    if resource.annotations.get(f"{REQUEST_PREFIX}abandon") == resource.uid:
        return True
    if resource.spec.get("deletionPolicy") == DeletionPolicy.RETAIN:
        return True
    return (await engine.kube.terminating(resource.kind, resource.namespace))[0]


async def report_hold(engine: Engine, resource: Resource, reason: Reason, message: str, cure: Cure) -> None:
    """Write a status that needs nothing of the manifest. Raises what the Kube port raises."""
    kind, record = engine.kinds[resource.kind], load(resource.status.get("record"), resource.uid)
    hold = Hold(reason.value, SERVICE_EFFECTS, cure, message)
    desired = Desired(
        kind=resource.kind,
        uid=resource.uid,
        name=resource.name,
        namespace=resource.namespace,
        generation=resource.generation,
        address=Address(resource.kind, AccountId("", "", "")),
        body={},
        fields=(),
        deleting=resource.deleting is not None,
    )
    scene = Scene(engine.clock.now(), engine.key, resource_id=record.resource_id, origin=record.origin)
    decision = Decision(Plan(record=record), (hold,))
    body = reports.report(kind, desired, decision, None, record, resource.status, scene, safe(engine, resource))
    if not reports.equal(kind, body, resource.status):
        engine.store.put(await engine.kube.write_status(resource, body))


async def report_refused(engine: Engine, resource: Resource, why: str) -> None:
    """Write the least that a status can say, unless it says that already. Raises what the Kube port raises."""
    kind = engine.kinds[resource.kind]
    body = plain.refused(kind, resource, why, engine.clock.now(), safe(engine, resource))
    if not reports.equal(kind, body, resource.status):
        engine.store.put(await engine.kube.write_status(resource, body))
