"""What is told once, when it happens: in the log, and to whoever listens (`Engine.announce`). Nothing waits for it, and
nothing depends on its being heard; what lasts stands in the status."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from ams_operator.domain.answers import Answer, Resource
from ams_operator.domain.kind import Kind
from ams_operator.domain.manifest import spell
from ams_operator.domain.model import Action, Decision, Effect, Record, State
from ams_operator.logs import ObjectLogger, about

if TYPE_CHECKING:
    from ams_operator.engine.job import Job
    from ams_operator.engine.state import Engine

log = logging.getLogger(__name__)
DISTURBING = frozenset({Effect.INTERRUPT, Effect.END_RECORDING})


class Happening(StrEnum):
    """The reasons of Kubernetes Events: a closed set and part of the API."""

    INTERRUPTED = "Interrupted"
    REFUSED = "Refused"
    RELEASED_ON_AIR = "ReleasedOnAir"
    STARTED = "Started"


@dataclass(frozen=True, slots=True)
class News:
    """Something that happened to one object. `note` may quote the service."""

    happening: Happening
    act: str
    note: str
    warning: bool = True


def acted(engine: Engine, job: Job, action: Action, answer: Answer) -> None:
    """One line for each act: what was sent, about what, and how it was answered. What people notice is announced."""
    changes = action.changes[:3] if action.name != "create" else ()
    paths = ", ".join(spell(job.desired, change.path) for change in changes)
    _log(job.resource).info("%s: answered with %d%s", action.name, answer.status, f" ({paths})" if paths else "")
    state = _last(job)
    if not 200 <= answer.status < 300:
        return
    if state is not None and state.on_air and action.effects & DISTURBING:
        why = "as somebody asked" if action.own_wish or job.desired.deleting else "for a change that needs it"
        note = f"{action.name} was sent while it was {state.now}, {why}"
        engine.announce(job.resource, News(Happening.INTERRUPTED, action.name, note, why != "as somebody asked"))
    elif Effect.START in action.effects:
        note = f"{action.name} was sent, and the service took it"
        engine.announce(job.resource, News(Happening.STARTED, action.name, note, warning=False))


def decided(job: Job, decision: Decision) -> None:
    """At debug level, one line for each time that an object was worked on: what was seen, what is next, what waits."""
    if not log.isEnabledFor(logging.DEBUG):
        return
    plan, seen = decision.plan, _seen(job, decision)
    following = decision.next.name if decision.next is not None else plan.waiting or "nothing to do"
    holds = ", ".join(dict.fromkeys(str(hold.reason) for hold in decision.holds)) or "none"
    _log(job.resource).debug("decided: %s; next: %s; holds: %s", seen, following, holds)


def _seen(job: Job, decision: Decision) -> str:
    state = _last(job)
    return "not looked at" if not decision.plan.looked else (state.now or "there") if state is not None else "not there"


def refused(engine: Engine, job: Job, act: str, code: str, message: str) -> None:
    """The service wants none of a request."""
    note = f"the service refused to {act} it ({code}: {message})"
    engine.announce(job.resource, News(Happening.REFUSED, act, note))


def released(engine: Engine, job: Job, decision: Decision) -> None:
    """Its object goes. What was ours and is on air stays there, costs money, and nobody looks after it any more."""
    nothing = decision.plan.record.how is None
    why = "it has nothing in the service" if nothing else f"what it had stays there ({_seen(job, decision)})"
    _log(job.resource).info("released: %s", job.scene.release or why)
    if decision.plan.record.how is not None:
        place = job.record.resource_id or job.scene.resource_id
        lost = job.account is not None and job.account.lost
        _let_go(engine, job.resource, decision.plan.state or _last(job), place, lost=lost)


def released_unread(engine: Engine, resource: Resource, record: Record) -> None:
    """The same of an object whose manifest can't be read: its status says how it was last."""
    if record.how is not None:
        _let_go(engine, resource, _told(engine.kinds[resource.kind], resource), record.resource_id)


def _let_go(engine: Engine, resource: Resource, state: State | None, place: str, *, lost: bool = False) -> None:
    if state is None or not state.on_air:
        return
    stays = "its account is gone; should that come back, it is" if lost else "it stays"
    _log(resource).warning("released on air: %s %s in the service, as %s", stays, state.now, place)
    stays = "its account is gone; should that come back with it" if lost else "it stays so in the service"
    note = f"let go while {state.now}: {stays}, nobody looks after it any more. It is {place}"
    engine.announce(resource, News(Happening.RELEASED_ON_AIR, "release", note))


def _last(job: Job) -> State | None:
    """The state at the last look of this process, else the one that status tells; None where nobody knows any."""
    if (observed := job.memory.observed) is not None:
        return job.kind.state(observed.raw) if observed.raw is not None else None
    return _told(job.kind, job.resource)


def _told(kind: Kind, resource: Resource) -> State | None:
    word = resource.status.get("resourceState")
    return kind.state({"properties": {"resourceState": word}}) if word else None


def _log(resource: Resource) -> ObjectLogger:
    return about(log, kind=resource.kind, namespace=resource.namespace, name=resource.name, uid=resource.uid)
