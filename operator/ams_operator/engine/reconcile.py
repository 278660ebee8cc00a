"""One custom resource, once. The write order stands here and nowhere else.

load, decide, note, look (GET), decide again, one act, then look again, report. What is durable happens in the ports;
a crash between any two lines loses nothing, because the record was written before the act it speaks of.
"""

from __future__ import annotations

from ams_operator.api.base import FINALIZER
from ams_operator.api.reasons import Reason
from ams_operator.domain import ids, steps
from ams_operator.domain import report as reports
from ams_operator.domain.answers import Conflict, Lane, NoAnswer, NotSent, PortError, Recalled
from ams_operator.domain.holds import compared, decide
from ams_operator.domain.model import SERVICE_EFFECTS, Act, Action, Decision, Observed, Record
from ams_operator.domain.noun import replace
from ams_operator.domain.plan import make_plan
from ams_operator.domain.settle import lasting
from ams_operator.domain.writes import CREATE
from ams_operator.engine import accounts, changes, claims, connections, news, outcome, places, recordings, references
from ams_operator.engine.context import load
from ams_operator.engine.invalid import report_invalid
from ams_operator.engine.job import Job
from ams_operator.engine.sending import act, way
from ams_operator.engine.state import Engine, InvalidSpec, safe
from ams_operator.engine.store import ACCOUNT

STOPPED = "Stopped"
AFRESH = (Lane.POLL, Lane.RETRY)
"""who comes to see how it stands by now"""
NOTES = 2
"""how often one pass may note before it looks again from the start: the service changes faster than we read"""


async def reconcile(engine: Engine, uid: str, lane: Lane) -> float | None:
    """Bring one object one act further. Returns when to look again unasked, or None.

    Raises what the Kube port raises: `Conflict` and `Vanished` mean that the store will hear of it, the others that
    the cluster has to be waited for.
    """
    resource = engine.store.objects.get(uid)
    if resource is None or (resource.deleting and FINALIZER not in resource.finalizers):
        return None
    try:
        job = await load(engine, resource)
    except InvalidSpec as error:
        await report_invalid(engine, resource, error)
        return None
    if job.apart != (uid in engine.store.apart) and uid in engine.store.objects:
        engine.store.apart ^= {uid}
        engine.nominate(
            uid, min(lane, Lane.RETRY)
        )  # from now on it keeps nobody waiting who has it, or is worked on with him
        return None
    decision = plan(job, None if blind(job) else job.memory.observed)
    if decision.release and decision.plan.looked:
        decision = plan(job, None)  # a LIST may have shown it: what was seen is let go of after a look of its own alone
    try:
        if job.untold and not decision.release:
            await look(engine, job, lane)
            job.scene, job.untold = replace(job.scene, holds=job.scene.holds + job.untold), ()
            decision = plan(job, None)
        decision = await _one_act(engine, job, decision, lane)
    except Recalled as error:
        raise Conflict(error.message) from None
    except PortError as error:
        decision = _failed(engine, job, error)
    return await finish(engine, job, decision)


def plan(job: Job, observed: Observed | None) -> Decision:
    """Decide on an observation, if there is one that is younger than our last write."""
    if observed is not None and observed.at < job.memory.wrote:
        observed = None
    return _decided(job, observed)


def _decided(job: Job, observed: Observed | None) -> Decision:
    return decide(make_plan(job.kind, job.desired, observed, job.record, job.scene), job.desired, job.scene)


async def _one_act(engine: Engine, job: Job, decision: Decision, lane: Lane) -> Decision:
    if blind(job) or decision.release:
        return decision
    for turn in range(NOTES):
        action = decision.next
        if action is None and decision.plan.looked and lane not in AFRESH and not _unsure(job, decision):
            return decision
        sure = turn > 0 or not lasting(job.record, decision.plan.record)
        if action is not None and (sure if decision.plan.looked else not _seen_before(job)):
            await note(engine, job, decision, action)
        decision = await _looked(engine, job, lane)
        if decision.next is None:
            return decision
        if _noted(job, decision.next, decision.plan.record):
            await recordings.take(engine, job, decision.next)
            await act(engine, job, decision.next, lane)
            return await _looked(engine, job, lane)
    return decision


async def _looked(engine: Engine, job: Job, lane: Lane) -> Decision:
    """Look and decide. Where a sub-collection could not be listed, what was seen is told, and nothing is done on it.
    Raises NotSent or NoAnswer."""
    decision = plan(job, await look(engine, job, lane))
    if job.lacking is not None and any(decision.plan.chains):
        raise job.lacking
    return decision


def blind(job: Job) -> bool:
    """Something outside forbids to act or even to look: no account, no way to it, another owner, a pause."""
    paused = job.desired.policy.management == "Pause" and not job.desired.deleting
    held = bool(job.untold) or any(hold.blocks >= SERVICE_EFFECTS for hold in job.scene.holds)
    return paused or job.account is None or held


def _unsure(job: Job, decision: Decision) -> bool:
    """Whether only a fresh look can tell: an act without an answer, the service still at work, trouble that nobody
    has looked after, what lasts (the record, the Secret), or what a LIST holds, which knows no sub-collections."""
    trouble = job.account.trouble if job.resource.kind == ACCOUNT and job.account is not None else job.memory.trouble
    new = decision.plan.record
    if new.act is not None or decision.plan.waiting is not None or trouble is not None or lasting(job.record, new):
        return True
    if any(job.record.requests.get(verb) != value for verb, value in steps.asked_for(job.kind, job.desired)):
        return True  # somebody else may have changed the run state since the last look
    return connections.unproved(job) or outcome.shallow(job.kind, decision, job.memory.observed)


def _seen_before(job: Job) -> bool:
    """Whether its status rests on a look, though this process has none yet: a create may then be wrong, and noting it
    would rewrite the status of whatever was refused at each restart."""
    return any(condition.get("type") == "Synced" for condition in job.resource.status.get("conditions", ()))


def _noted(job: Job, action: Action, record: Record) -> bool:
    """Whether the record in the API server names just this act on just this resource, and it has not been sent yet."""
    noted = job.record.act
    return (
        noted is not None
        and not job.memory.doubt
        and job.memory.noted == (noted.name, noted.at)
        and (noted.name, noted.digest) == (action.name, action.digest)
        and (job.record.how, job.record.identity) == (record.how, record.identity)
    )


async def note(engine: Engine, job: Job, decision: Decision, action: Action) -> bool:
    """Finalizer first, then the record with the act: what comes after can always be told from what was there before.

    False: it is not noted, since nobody knows the service's time yet."""
    if _noted(job, action, decision.plan.record):
        return True
    await hold_fast(engine, job, decision)
    service_time = job.account.service_time(engine.clock.now()) if job.account is not None else ""
    if not service_time:
        return False  # without the service's clock nothing made later could be told from what was there: look first
    noted = Act(
        name=action.name,
        at=service_time,
        fields=action.fields,
        unset=action.unset,
        digest=action.digest,
        then=action.then,
        request=action.request,
        touched=action.touched,
        place=ids.place(job.scene.origin, job.scene.resource_id) if action.name == CREATE else "",
    )
    record = recordings.begun(job.kind, action, decision.plan.record)
    await write(engine, job, decision, replace(record, act=noted))
    job.memory.noted, job.memory.sent = (noted.name, noted.at), None
    job.scene = replace(job.scene, sent=False)
    return True


async def hold_fast(engine: Engine, job: Job, decision: Decision) -> None:
    """Our finalizer, where deletion will have something to do; also where somebody stripped it (kubectl replace)."""
    if decision.plan.finalizer and FINALIZER not in job.resource.finalizers and not job.resource.deleting:
        changed = await engine.kube.set_finalizer(job.resource, True)
        job.resource = changed or job.resource
        engine.store.put(job.resource)


async def look(engine: Engine, job: Job, lane: Lane) -> Observed:
    """GET, and the sub-collections that the kind's decisions rest on. Raises NotSent or NoAnswer, and Conflict where
    it means something else by now: what was seen of the former one says nothing of that."""
    assert job.account is not None
    address = job.desired.address
    answer = await way(job).get(address, lane)
    here = job.memory.place == (job.scene.origin, job.scene.resource_id)
    if not here or (job.account.id, job.account.origin) != (address.account, job.scene.origin):
        raise Conflict("it means something else by now")
    outcome.learn(engine, job.account, answer, job.resource.kind)
    raw = outcome.read(answer, job.resource.kind)
    outcome.known_again(job, raw)
    children = {}
    over, failure = job.scene.over, job.scene.failure
    job.lacking = None
    if raw is not None:
        for collection in outcome.collections(job.kind, raw):
            try:
                children[collection] = await outcome.inside(engine, job, collection, lane)
            except PortError as error:
                job.lacking = error
        over, failure = await outcome.ended(job, raw, lane)
    else:
        await recordings.look_around(engine, job, lane)
    now = engine.clock.now()
    time = job.account.service_time(now) if job.kind.auto_stop is not None else ""
    job.scene = replace(job.scene, now=now, service_time=time, failure=failure, over=over)
    observed = Observed(answer.at, raw, children)
    job.memory.observed, job.memory.refused_with = observed, None
    if job.memory.trouble is not None and job.memory.trouble.reason in accounts.OF_READING:
        job.memory.trouble = None
    return observed


def _failed(engine: Engine, job: Job, error: PortError) -> Decision:
    """A look or an act came to nothing: trouble of the account or of this resource, with a pause before the next. What
    an act should have changed is told on: it differs, as another version of this program has to know."""
    now = engine.clock.now()
    error.message = safe(engine, job.resource)(error.message, 1024)  # others of the account may be told it
    own = job.resource.kind == ACCOUNT
    shared = accounts.is_shared(error) and (own or isinstance(error, NotSent)) and not outcome.alone(job, error)
    if own and error.reason in accounts.OF_LENDER:
        job.memory.observed = None  # it was seen with a right that is there no more
    if job.account is not None and shared:
        engine.accounts.fail(job.account, error, now)
        if error.reason in accounts.READ_AGAIN:
            job.account.stale = True
        engine.nominate(job.account.uid, Lane.RETRY)
        trouble = job.account.trouble
    elif error.reason == Reason.UNANSWERED:
        trouble = None
    else:
        trouble = accounts.next_trouble(job.memory.trouble, error, now, engine.accounts.jitter)
        places.rest(engine, job, trouble)
        if job.account is not None and not own and (isinstance(error, NoAnswer) or error.reason in outcome.MAYBE_ALL):
            engine.nominate(job.account.uid, Lane.POLL)  # one bad answer is one resource's; the account is asked itself
    held = None
    if trouble is not None:
        held = accounts.hold_for(job.resource, trouble, now) if shared else accounts.hold_of(trouble, now)
    job.scene = replace(job.scene, now=now, holds=job.scene.holds + ((held,) if held is not None else ()))
    return _decided(job, job.unchanged if job.record.how is not None and not own else None)


async def finish(engine: Engine, job: Job, decision: Decision) -> float | None:
    """Report, take or release the finalizer, and tell the account's resources where its state changed."""
    news.decided(job, decision)
    if job.resource.kind == ACCOUNT:
        outcome.judge_account(engine, job, decision)
    if job.account is not None and job.scene.absence in decision.plan.stuck:
        job.account.wonder(job.desired.uid)
    outcome.count(job, decision)
    if job.desired.deleting and decision.release:
        await engine.kube.set_finalizer(job.resource, False)
        news.released(engine, job, decision)
        return None
    decision = await connections.publish(engine, job, decision)
    record = decision.plan.record
    calm = decision.plan.looked and decision.next is None and not decision.holds
    if record.how is not None or job.resource.kind == ACCOUNT:
        await hold_fast(engine, job, decision)
    settled = decision.plan.looked and record.act is None
    # Where more is to be done, its note says what the last act came to as well.
    if decision.next is None or not settled or not await note(engine, job, decision, decision.next):
        keep = job.record.act if decision.next is not None and not job.scene.sent else record.act
        await write(engine, job, decision, replace(record, act=keep))
    if job.desired.policy.management == "Observe":
        claims.index(engine, job.resource)  # its last request is settled: whoever waited for it may go on
    if not job.desired.deleting and not decision.plan.finalizer and FINALIZER in job.resource.finalizers:
        paused = job.desired.policy.management == "Pause"
        if not paused and record.act is None:
            changed = await engine.kube.set_finalizer(job.resource, False)
            if changed is not None:
                engine.store.put(changed)
    if calm:  # not before it is told: what fails here each time must not begin its pauses anew
        job.memory.trouble = None
    return outcome.due(job, decision, engine.clock.now())


async def write(engine: Engine, job: Job, decision: Decision, record: Record) -> None:
    """Write status where that changes something, and take the answer into the store."""
    before = job.resource.status
    found = compared(decision, job.desired, job.scene)
    record = replace(record, by=engine.version if found else record.by, known=() if found else changes.kept(job.scene))
    shown = safe(engine, job.resource)
    body = reports.report(job.kind, job.desired, decision, job.memory.observed, record, before, job.scene, shown)
    if reports.equal(job.kind, body, before):
        job.record = record
        return
    job.memory.doubt = True  # a write without an answer may come late, over the note that an act relies on
    known, job.resource = job.resource, await engine.kube.write_status(job.resource, body)
    job.memory.doubt = False
    engine.store.put(job.resource)
    references.tell(engine, known, job.resource)
    if known.status.get("resourceState") not in (None, STOPPED) and body.get("resourceState") == STOPPED:
        places.freed(engine, job.resource)
    job.record = record
