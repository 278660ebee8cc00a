"""What an object is told before anybody looks after it."""

from __future__ import annotations

from ams_operator.engine.context import load
from ams_operator.engine.invalid import report_invalid
from ams_operator.engine.reconcile import hold_fast, note, plan, write
from ams_operator.engine.state import Engine, InvalidSpec
from ams_operator.engine.store import ACCOUNT


async def greet(engine: Engine, uid: str) -> None:
    """First sight: the finalizer and a first status, before any budget or slot is asked for.

    Whoever waits for a resource (kstatus, Argo CD, Flux) takes one without status for done.
    """
    resource = engine.store.objects.get(uid)
    if resource is None or resource.deleting or "observedGeneration" in resource.status:
        return
    try:
        job = await load(engine, resource)
    except InvalidSpec as error:
        await report_invalid(engine, resource, error)
        return
    decision = plan(job, job.memory.observed)
    if decision.next is not None and job.account is not None and job.account.clock is not None and not job.untold:
        await note(engine, job, decision, decision.next)
    else:
        if resource.kind == ACCOUNT:
            await hold_fast(engine, job, decision)
        await write(engine, job, decision, decision.plan.record)
