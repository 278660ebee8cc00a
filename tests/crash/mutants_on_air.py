"""The rules about what is on air and what is recorded, each taken out in its own way."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ams_operator.domain import live_event, plan, running, settle
from ams_operator.domain.answers import Lane, Resource
from ams_operator.domain.kind import Kind
from ams_operator.domain.model import (
    Act,
    Action,
    Chain,
    Decision,
    Desired,
    Effect,
    Observed,
    Plan,
    Record,
    Scene,
)
from ams_operator.engine import context, outcome, reconcile, recordings
from ams_operator.engine.job import Job
from ams_operator.engine.state import Engine

_note, _look, _load, _step = reconcile.note, reconcile.look, context.load, live_event._step
_absent, _excursion, _carried_out, _event = plan._absent, running._excursion, settle._carried_out, recordings._event


def run_state_recorded_with_the_note(patch: pytest.MonkeyPatch) -> None:
    """What is about to be carried out is taken for carried out."""

    async def note(engine: Engine, job: Job, decision: Decision, action: Action) -> None:
        if action.then:
            record = replace(decision.plan.record, run_state=action.then)
            decision = replace(decision, plan=replace(decision.plan, record=record))
        await _note(engine, job, decision, action)

    patch.setattr(reconcile, "note", note)


def first_sight_is_an_order(patch: pytest.MonkeyPatch) -> None:
    """A request that an object came with is carried out."""

    async def load(engine: Engine, resource: Resource) -> Job:
        job = await _load(engine, resource)
        job.scene = replace(job.scene, first_sight=False)
        return job

    patch.setattr(reconcile, "load", load)


def recordings_not_asked_for(patch: pytest.MonkeyPatch) -> None:
    """Nobody lists the outputs, and that counts as if there were none."""

    async def look(engine: Engine, job: Job, lane: Lane) -> Observed:
        found = await _look(engine, job, lane)
        job.memory.observed = replace(found, children={"LiveOutput": ()})
        return job.memory.observed

    patch.setattr(outcome, "collections", lambda *_: ())
    patch.setattr(reconcile, "look", look)


def every_stop_ends_recordings(patch: pytest.MonkeyPatch) -> None:
    def step(verb: str, desired: Desired, observed: Observed) -> Action:
        found = _step(verb, desired, observed)
        if verb != "stop":
            return found
        return replace(found, effects=frozenset({Effect.INTERRUPT}), body={"removeOutputsOnStop": True})

    patch.setattr(live_event, "_step", step)


def refusals_guard_recordings(patch: pytest.MonkeyPatch) -> None:
    """Recordings hold no stop: the service will refuse it for their sake."""

    def step(verb: str, desired: Desired, observed: Observed) -> Action:
        found = _step(verb, desired, observed)
        return replace(found, effects=found.effects - {Effect.END_RECORDING}, body=None) if verb == "stop" else found

    patch.setattr(live_event, "_step", step)


def stop_for_a_change_keeps_the_run_state(patch: pytest.MonkeyPatch) -> None:
    """Nothing remembers that it was stopped only to be started again."""

    def excursion(*given: Any) -> Chain:
        return tuple(replace(action, then=action.then or None) for action in _excursion(*given))

    patch.setattr(running, "_excursion", excursion)


def requests_not_recorded(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(settle, "_requests", lambda record, _act: record.requests)


def unseen_reset_is_repeated(patch: pytest.MonkeyPatch) -> None:
    """A reset that nobody answered counts as not done."""

    def carried_out(kind: Kind, record: Record, act: Act, observed: Observed, scene: Scene) -> Record:
        settled = _carried_out(kind, record, act, observed, scene)
        unseen = not scene.answered and act.name not in kind.leads_to
        return replace(settled, requests=record.requests) if unseen else settled

    patch.setattr(settle, "_carried_out", carried_out)


def ended_recording_is_made_again(patch: pytest.MonkeyPatch) -> None:
    def absent(kind: Kind, desired: Desired, record: Record, scene: Scene) -> Plan:
        if kind.ended is not None:
            record = replace(record, how=None, identity=None, fields=())
        return _absent(kind, desired, record, scene)

    patch.setattr(plan, "_absent", absent)


def taken_assets_are_free(patch: pytest.MonkeyPatch) -> None:
    async def take(_engine: Engine, _job: Job, _action: Action) -> None:
        return None

    patch.setattr(recordings, "_asset", lambda *_: None)
    patch.setattr(recordings, "take", take)


def recording_begins_in_a_reset(patch: pytest.MonkeyPatch) -> None:
    """What was asked of its event and not answered yet is nothing to a recording."""

    def waits(engine: Engine, resource: Resource, named: Any) -> Any:
        hold = _event(engine, resource, named)
        return None if hold is not None and "is done with" in hold.message else hold

    patch.setattr(recordings, "_event", waits)


def unseen_recording_is_begun_again(patch: pytest.MonkeyPatch) -> None:
    """What was sent, never answered and is not there counts as never begun."""
    patch.setattr(settle, "_doubted", lambda _kind, _act, after: after)


def event_stops_in_a_beginning(patch: pytest.MonkeyPatch) -> None:
    """A recording whose beginning was not answered is nothing to its event."""
    patch.setattr(recordings, "_beginning", lambda *_: ())
