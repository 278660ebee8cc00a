"""The rules of the core, each taken out in its own way. A mutant is a function that breaks one with monkeypatch."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from ams_operator.domain import holds, plan, settle
from ams_operator.domain.answers import Lane, Resource
from ams_operator.domain.holds import decide
from ams_operator.domain.model import JSON, Act, Action, Decision, Observed, Record
from ams_operator.domain.plan import make_plan
from ams_operator.engine import comparing, context, reconcile, sending, sweeps
from ams_operator.engine.job import Job
from ams_operator.engine.state import Engine

Mutant = Callable[[pytest.MonkeyPatch], None]
_note, _hold_fast, _act, _carried_out = reconcile.note, reconcile.hold_fast, sending.act, settle._carried_out


def identity_not_compared(patch: pytest.MonkeyPatch) -> None:
    def owned(kind: Any, record: Record, raw: Any, scene: Any) -> bool:
        return record.how is not None

    patch.setattr(settle, "owned", owned)
    patch.setattr(plan, "owned", owned)


def digest_not_compared(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(settle, "_shows", lambda *_: True)


def no_finalizer(patch: pytest.MonkeyPatch) -> None:
    async def never(*_: Any) -> None:
        return None

    patch.setattr(reconcile, "hold_fast", never)


def finalizer_after_the_act(patch: pytest.MonkeyPatch) -> None:
    """It comes with the report, once there is something to hold on to."""

    async def late(engine: Engine, job: Job, decision: Decision) -> None:
        if decision.plan.record.how is not None:
            await _hold_fast(engine, job, decision)

    patch.setattr(reconcile, "hold_fast", late)


def unanswered_blocks_nothing(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(holds, "_unanswered", lambda *_: iter(()))


def no_quiet_time(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(context, "QUIET", 0.0)
    patch.setattr(sending, "QUIET", 0.0)


def adopted_is_deleted(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(plan, "_retained", lambda *_: False)


def nothing_protects_the_air(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(holds, "_disrupts", lambda *_: iter(()))


def run_state_drift_is_corrected(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(holds, "_run_state_drift", lambda *_: iter(()))


def note_in_memory_only(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(reconcile, "note", _noting(lambda _action: True))


def update_not_noted(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(reconcile, "note", _noting(lambda action: action.name == "update"))


def _noting(forgets: Callable[[Action], bool]) -> Callable[..., Any]:
    """A `note` that writes nothing for some actions, and lets them happen all the same."""

    async def note(engine: Engine, job: Job, decision: Decision, action: Action) -> None:
        if not forgets(action):
            await _note(engine, job, decision, action)
            return
        await _hold_fast(engine, job, decision)
        await forgetting(engine, job, decision, action)

    return note


async def forgetting(engine: Engine, job: Job, decision: Decision, action: Action) -> None:
    """A note in memory only."""
    assert job.account is not None
    at = job.account.service_time(engine.clock.now())
    noted = Act(action.name, at, action.fields, action.unset, action.digest, action.then, action.request)
    job.record = replace(decision.plan.record, act=noted)
    job.memory.noted, job.memory.sent = (noted.name, noted.at), None
    job.scene = replace(job.scene, sent=False)


def note_without_what_was_settled(patch: pytest.MonkeyPatch) -> None:
    """The note is the record as it was, with the act; what a GET said of its last act is kept in memory only."""

    async def note(engine: Engine, job: Job, decision: Decision, action: Action) -> None:
        settled = decision.plan.record
        await _note(engine, job, replace(decision, plan=replace(decision.plan, record=job.record)), action)
        job.record = replace(settled, act=job.record.act)

    patch.setattr(reconcile, "note", note)


def get_before_note(patch: pytest.MonkeyPatch) -> None:
    """Look, note, act: what comes between the look and the act is overwritten."""

    async def one_act(engine: Engine, job: Job, decision: Decision, lane: Lane) -> Decision:
        if reconcile.blind(job) or decision.release:
            return decision
        if decision.next is None and decision.plan.looked and lane is not Lane.POLL:
            return decision
        decision = reconcile.plan(job, await reconcile.look(engine, job, lane))
        if decision.next is None:
            return decision
        await reconcile.note(engine, job, decision, decision.next)
        await sending.act(engine, job, decision.next, lane)
        return reconcile.plan(job, await reconcile.look(engine, job, lane))

    patch.setattr(reconcile, "_one_act", one_act)


def nomination_settles(patch: pytest.MonkeyPatch) -> None:
    """What a LIST showed is taken for true, as if a GET had said so."""
    compare = comparing.compare

    async def settles(engine: Engine, resource: Resource, item: JSON | None, at: float) -> None:
        await compare(engine, resource, item, at)
        memory = engine.store.memory.get(resource.uid)
        if memory is not None and at >= memory.wrote:
            memory.observed = Observed(at, item)

    patch.setattr(sweeps, "compare", settles)
    patch.setattr(reconcile, "lasting", lambda _before, _after: False)


def older_observation_accepted(patch: pytest.MonkeyPatch) -> None:
    """Also where a step is judged by it, which gives what it shows some time, and where a deletion would end on it."""

    def planned(job: Job, observed: Observed | None) -> Decision:
        observed = observed or job.memory.observed
        return decide(make_plan(job.kind, job.desired, observed, job.record, job.scene), job.desired, job.scene)

    def carried_out(kind: Any, record: Record, act: Act, observed: Observed, scene: Any) -> Record:
        return _carried_out(kind, record, act, replace(observed, at=math.inf) if scene.answered else observed, scene)

    patch.setattr(reconcile, "plan", planned)
    patch.setattr(settle, "_carried_out", carried_out)


def answer_taken_for_a_look(patch: pytest.MonkeyPatch) -> None:
    """What was answered to the act is believed, instead of looking again."""
    look = reconcile.look
    acted: list[Job] = []

    async def act(engine: Engine, job: Job, action: Action, lane: Lane) -> None:
        await _act(engine, job, action, lane)
        acted.append(job)

    async def believing(engine: Engine, job: Job, lane: Lane) -> Observed:
        if job not in acted:
            return await look(engine, job, lane)
        acted.remove(job)
        before = job.memory.observed
        raw = None if job.record.act is not None and job.record.act.name == "delete" else job.desired.body
        if before is not None and before.raw is not None and raw is not None:
            raw = {**before.raw, "properties": {**before.raw["properties"], **raw.get("properties", {})}}
        job.memory.observed = Observed(engine.clock.now(), raw)
        return job.memory.observed

    patch.setattr(reconcile, "act", act)
    patch.setattr(reconcile, "look", believing)


def no_look_again(patch: pytest.MonkeyPatch) -> None:
    """After the act it is only reported."""
    look = reconcile.look
    acted: list[Job] = []

    async def act(engine: Engine, job: Job, action: Action, lane: Lane) -> None:
        await _act(engine, job, action, lane)
        acted.append(job)

    async def looking(engine: Engine, job: Job, lane: Lane) -> Observed | None:
        if job not in acted:
            return await look(engine, job, lane)
        acted.remove(job)
        return None

    patch.setattr(reconcile, "act", act)
    patch.setattr(reconcile, "look", looking)
