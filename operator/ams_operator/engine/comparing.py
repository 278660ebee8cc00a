"""One listed item beside its object: a LIST nominates, and nothing else."""

from __future__ import annotations

from ams_operator.domain import report as reports
from ams_operator.domain.answers import Lane, Resource
from ams_operator.domain.holds import suspected
from ams_operator.domain.model import JSON, Observed
from ams_operator.engine import claims, connections, outcome, suspicion
from ams_operator.engine.context import load
from ams_operator.engine.reconcile import blind, plan
from ams_operator.engine.state import Engine, InvalidSpec, safe


async def compare(engine: Engine, resource: Resource, item: JSON | None, at: float) -> None:
    """Nominate what differs from its manifest, or whose status would read differently. `item` None: not listed."""
    found = engine.store.news(resource.uid, at)
    if found is None or (item is None and not claims.holds(engine, resource.uid)):
        return
    current, memory = found
    known = (current.version, item)
    if memory.clean == known and memory.observed is not None:
        memory.observed = Observed(at, memory.observed.raw, memory.observed.children)
        return
    try:
        job = await load(engine, current)
    except InvalidSpec:
        engine.nominate(resource.uid, Lane.SWEEP)  # it may still say what an earlier process found
        return
    if blind(job):
        return
    observed = Observed(at, item)
    decision = plan(job, observed)
    if suspicion.counts(job, decision, listed=item is not None):
        memory.clean = memory.observed = None
        return
    same = decision.plan.record == job.record and not decision.plan.differs and decision.plan.waiting is None
    calm = same and decision.next is None and not decision.holds
    stale = item is not None and await connections.stale(engine, job, item)
    calm = calm and not stale and item is not None
    told = (current.version, job.desired, job.kind.facts(item or {}), decision.plan.good) if calm else None
    if told is not None and not decision.release and memory.told == told:
        memory.clean, memory.observed = known, observed  # its status says all that already
        return
    shown = safe(engine, resource)
    body = reports.report(
        job.kind, job.desired, decision, observed, decision.plan.record, current.status, job.scene, shown
    )
    more = decision.next is not None or decision.release or stale or outcome.shallow(job.kind, decision, observed)
    if not more and reports.equal(job.kind, body, current.status):
        # what time may change has to be compared again
        lasts = decision.due is None and not suspected(decision, job.scene)
        memory.clean, memory.observed, memory.told = known if lasts else None, observed, told
        return
    # A LIST may be stale or shallow: what differs may be noted while a GET follows; but what a status shows anew (for
    # which others wait), who owns what, whether an act happened and that something is gone, only a GET can tell.
    healthy = decision.next is None and not decision.holds and not decision.plan.differs
    reworded = healthy and reports.verdicts(body) == reports.verdicts(current.status)  # by a later version of ours
    tells = item is not None and (reworded or decision.next is not None) and decision.plan.record == job.record
    tells = tells and memory.differed != item and not stale
    tells = tells and all(body.get(name) == current.status.get(name) for name in job.kind.shows)
    memory.clean, memory.differed = None, item
    memory.observed = observed if tells else None
    engine.nominate(resource.uid, Lane.SWEEP)
