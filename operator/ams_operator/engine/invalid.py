"""Objects whose stored spec the models refuse. They are told so and otherwise left alone."""

from __future__ import annotations

from ams_operator.api.base import FINALIZER
from ams_operator.api.reasons import Reason
from ams_operator.domain import report as reports
from ams_operator.domain.answers import Resource
from ams_operator.domain.model import SERVICE_EFFECTS, AccountId, Address, Cure, Decision, Desired, Hold, Plan, Scene
from ams_operator.domain.record import load
from ams_operator.engine.state import Engine


async def report_invalid(engine: Engine, resource: Resource, error: str) -> None:
    """Stalled/InvalidSpec; a deleting one that never had a resource is released."""
    kind = engine.kinds[resource.kind]
    record = load(resource.status.get("record"), resource.uid)
    if resource.deleting and FINALIZER in resource.finalizers and record.how is None and record.act is None:
        await engine.kube.set_finalizer(resource, False)
        return
    message = f"{error}; the object is older than the installed schema: correct the manifest and apply it again"
    hold = Hold(Reason.INVALID_SPEC.value, SERVICE_EFFECTS, Cure.FIX, message)
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
    body = reports.report(kind, desired, decision, None, record, resource.status, scene, engine.safe)
    if not reports.equal(kind, body, resource.status):
        engine.store.put(await engine.kube.write_status(resource, body))
