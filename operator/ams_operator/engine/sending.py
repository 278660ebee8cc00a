"""The one request of a noted act, and what its answer leaves behind: success, a refusal, trouble, or nothing known."""

from __future__ import annotations

from ams_operator.api.reasons import Reason
from ams_operator.domain import owners, settle
from ams_operator.domain.answers import Answer, Conflict, KubeDown, Lane, NoAnswer, NotSent
from ams_operator.domain.model import Action, State
from ams_operator.domain.noun import replace
from ams_operator.domain.writes import CREATE
from ams_operator.engine import news, outcome, places
from ams_operator.engine.job import Job
from ams_operator.engine.ports import Backend
from ams_operator.engine.state import QUIET, Engine


def way(job: Job) -> Backend:
    """The way to the service. Raises Conflict while the account's is made anew: its manifest, backend or Secret is
    another one than the one we began with."""
    if job.account is None or job.account.backend is None:
        raise Conflict("the account changed")
    return job.account.backend


async def act(engine: Engine, job: Job, action: Action, lane: Lane) -> None:
    """Send the one noted request. What it leaves behind is in the job: answered, refused, or unknown."""
    assert job.account is not None
    backend = way(job)
    if not engine.term.may_write():
        raise KubeDown("this replica may not write now")  # nor could it say so in a status
    job.memory.noted = None
    try:
        answer = await outcome.send(backend, job.desired.address, action, lane)
    except NotSent:
        _unsent(job)
        raise
    finally:
        # It may have waited for a token or the budget first: what counts is the last moment at which it can have left.
        job.memory.wrote = engine.clock.now()
        if job.memory.noted is None:
            job.memory.sent = job.memory.wrote
            job.scene = replace(job.scene, sent=True, quiet_until=job.memory.sent + QUIET)
    news.acted(engine, job, action, answer)
    outcome.learn(engine, job.account, answer)
    await _take(engine, job, action, answer, lane)


async def _take(engine: Engine, job: Job, action: Action, answer: Answer, lane: Lane) -> None:
    """Sort an answer: success settles at the next look, a refusal is remembered, anything else is trouble."""
    noted = job.record.act
    assert noted is not None
    if 200 <= answer.status < 300 or (action.method == "DELETE" and answer.status == 404):
        job.record = replace(job.record, act=replace(noted, operation=answer.operation))
        made = job.kind.identity(answer.body) if answer.body is not None else None
        job.memory.answered, job.memory.made = (noted.name, noted.at), made
        job.scene = replace(job.scene, answered=True, made=made)
        if action.name == "create" and made is not None:
            job.record = replace(job.record, identity=made)  # so that a later process knows it, too
        job.memory.trouble = None
        return
    if answer.status >= 500 or answer.status == 408:
        raise NoAnswer(Reason.UNANSWERED, f"{action.name} was answered with {answer.status} {answer.code}")
    _unsent(job)
    if outcome.is_refusal(answer) or owners.declined(action, answer.status, _state(job)):
        code = answer.code or str(answer.status)
        job.record = settle.refused(job.kind, job.record, noted, code, answer.message, job.scene.now)
        news.refused(engine, job, action.name, code, answer.message)
        return
    if action.name == CREATE and (full := await places.wanting(engine, job, answer, lane)) is not None:
        raise full
    raise outcome.trouble_of(answer)


def _state(job: Job) -> State:
    """As the last look showed it."""
    observed = job.memory.observed
    return job.kind.state(observed.raw) if observed is not None and observed.raw is not None else State()


def _unsent(job: Job) -> None:
    """The noted act has definitely had no effect: it may be sent again, or dropped."""
    assert job.record.act is not None
    job.memory.noted, job.memory.sent = (job.record.act.name, job.record.act.at), None
    job.scene = replace(job.scene, sent=False)
    job.unchanged = job.memory.observed
