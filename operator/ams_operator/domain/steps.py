"""What is remembered of the steps from one run state to another, and what follows from it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from ams_operator.domain import findings
from ams_operator.domain.ids import instant
from ams_operator.domain.kind import Kind
from ams_operator.domain.model import (
    JSON,
    Action,
    Aired,
    Asked,
    Chain,
    Change,
    Desired,
    Hold,
    Record,
    Refusal,
    Repeat,
    Scene,
    State,
    Stay,
)
from ams_operator.domain.noun import replace
from ams_operator.domain.remembered import mark
from ams_operator.domain.settle import GONE, HOUR, LIMIT, end_of
from ams_operator.domain.writes import CREATE

RUNNING = "Running"


def lasting(
    kind: Kind, desired: Desired, record: Record, state: State, differ: tuple[Change, ...]
) -> Mapping[str, Repeat]:
    """What is remembered of acts: of an update while something differs, of a step until the manifest changes, and of
    one that failed until it is where the step leads. A reset leads back to where it was: that it failed counts until
    another request, or until it heads somewhere else."""
    if not record.repeats:
        return record.repeats

    def counts(name: str, repeat: Repeat) -> bool:
        if (end := end_of(kind, name)) is None:
            return bool(differ) or repeat.shown
        if repeat.why and name in kind.returns_to:
            asked = desired.requests.get(name) == record.requests.get(name)
            return asked and repeat.digest == str(desired.generation) and repeat.state in (None, state.heading)
        return repeat.digest in ("", str(desired.generation)) and not (repeat.why and state.now == end)

    return {
        found: replace(repeat, state=state.heading) if repeat.why and _name(found) in kind.returns_to else repeat
        for found, repeat in record.repeats.items()
        if counts(_name(found), repeat)
    }


def failures(desired: Desired, record: Record, chains: tuple[Chain, ...]) -> tuple[Hold, ...]:
    """The failed steps that are not to be done again anyway: `holds` tells of those."""
    if not record.repeats:
        return ()
    ahead = {action.name for chain in chains for action in chain}
    failed = ((_name(found), repeat.why) for found, repeat in record.repeats.items() if repeat.why)
    return tuple(findings.step_failed(name, why, desired) for name, why in failed if name not in ahead)


def _name(found: str) -> str:
    """The act's name in its mark."""
    return found.partition(" ")[0]


def placed(record: Record, state: State) -> Record:
    """The record with the run state in which things were refused, where this is the first look since."""
    if not record.refusals or all(one.state is not None for one in record.refusals) or state.now is None:
        return record
    found = (replace(one, state=state.now) if one.state is None else one for one in record.refusals)
    return replace(record, refusals=tuple(found))


def refusal(action: Action, record: Record, now: str | None) -> Refusal | None:
    """The refusal that stands against it: in a state in which the service should take it. What was refused in another
    one, since somebody started or stopped it a moment before, is tried again."""
    for one in record.refusals:
        if (one.name, one.digest) == (action.name, action.digest) and (
            one.state is None or one.state in (action.needs or {now})
        ):
            return one
    return None


def futile(update: Action, record: Record, now: str, at: float) -> bool:
    """Whether it is known of an update that nothing comes of it: it was refused, accepted and not taken over, or undone
    again and again within the hour before `at`."""
    if refusal(update, record, now) is not None or mark(update.name, update.digest) in record.repeats:
        return True
    repeat = closed(update, record)
    return repeat is not None and repeat.count >= LIMIT and at - repeat.at < HOUR


def closed(act: Action, record: Record) -> Repeat | None:
    """How often this update closed just this difference already; how often what this creation made was gone."""
    touched = GONE if act.name == CREATE else act.touched
    return record.repeats.get(mark(act.name, act.digest, touched)) if touched else None


def requested(record: Record, now: str | None, declared: str | None) -> bool:
    """Whether a request brought it where it is: it stays there until another one, or another run state in the
    manifest."""
    stay = record.stay
    return stay is not None and (stay.why, stay.state, stay.declared) == ("request", now, declared)


def newest(kind: Kind, desired: Desired, record: Record, heading: str | None) -> Record:
    """The last word counts: a request that was held, and that another one or another run state in the manifest came
    after, is taken back. Of what was first seen together only the values may tell which came later: the command line's
    are times. `heading` None: nobody could look."""
    before = record.asked
    if before is None and not desired.requests:
        return record
    open_ = {verb: value for verb, value in asked_for(kind, desired) if record.requests.get(verb) != value}
    older: dict[str, str] = {}
    if before is not None:
        older = {verb: value for verb, value in open_.items() if before.requests.get(verb) == value}
        if len(older) == len(open_) and desired.run_state in (None, before.declared):
            older = {}
    older |= _earlier({verb: value for verb, value in open_.items() if verb not in older})
    if older:
        open_ = {verb: value for verb, value in open_.items() if verb not in older}
        record = replace(record, requests={**record.requests, **older})
    waiting = {verb: value for verb, value in open_.items() if kind.leads_to.get(verb, "") != heading}
    asked = Asked(waiting, str(desired.run_state)) if waiting else None
    return record if asked == record.asked else replace(record, asked=asked)


def asked_for(kind: Kind, desired: Desired) -> tuple[tuple[str, str], ...]:
    """The requests for a run state, or for a way there and back: verb and value."""
    if not desired.requests:
        return ()
    return tuple((verb, value) for verb, value in desired.requests.items() if end_of(kind, verb) is not None)


def _earlier(requests: Mapping[str, str]) -> dict[str, str]:
    """All but the last of several requests, where their values are moments."""
    moments = {verb: moment for verb, value in requests.items() if (moment := _moment(value)) is not None}
    if len(moments) < max(2, len(requests)):
        return {}
    last = max(moments.values())
    return {verb: requests[verb] for verb, moment in moments.items() if moment < last}


def _moment(value: str) -> datetime | None:
    """When a request was written, if its value says: a time, or what `date +%s` prints."""
    if len(value) == 10 and value.isascii() and value.isdigit():
        return datetime.fromtimestamp(int(value), UTC)
    return instant(value)


def staying(
    kind: Kind, desired: Desired, before: Mapping[str, str], asked: Asked | None, record: Record, state: State
) -> Stay | None:
    """Why it may be where it is though something else is declared. `before` are the requests that were handled
    already: one that is new among those of the record was carried out, or found it where it leads. `asked`: what was
    declared when it was first seen; another run state since then is the newer order."""
    if record.stay is None and record.requests == before:
        return None
    goal, here = desired.run_state, state.heading
    handled = {end for verb, end in kind.leads_to.items() if record.requests.get(verb) != before.get(verb)}
    if here in handled and goal is not None and here is not None and goal != here:
        return Stay(here, str(goal), "request") if asked is None or asked.declared == str(goal) else None
    stay = record.stay
    if stay is None or (stay.state, stay.declared) != (here, goal):
        return None
    return stay if not (stay.why == "request" and handled - {here}) else None


def anew(desired: Desired, record: Record) -> Stay | None:
    """What is made anew is stopped, and that it had been carried out is no lie: the status says how it came so."""
    goal = desired.run_state
    return Stay("Stopped", str(goal), "anew") if goal not in (None, "Stopped") and record.run_state == goal else None


def as_found(desired: Desired, state: State) -> Stay | None:
    """What is adopted in another run state than the declared one was not brought there by anybody that we know of."""
    here, goal = state.heading, desired.run_state
    return Stay(here, goal, "found") if here is not None and goal not in (None, here) else None


def aired(kind: Kind, record: Record, raw: JSON, scene: Scene) -> Aired | None:
    """From when until when it ran, as far as we saw it; nothing where the service never stops it by itself."""
    if kind.auto_stop is None or not kind.auto_stop(raw):
        return None
    state, aired = kind.state(raw), record.aired
    if not scene.service_time:
        return aired
    if state.now == RUNNING:
        return aired if aired is not None and not aired.until else Aired(scene.service_time)
    if aired is not None and not aired.until and state.heading == state.now:
        return Aired(aired.since, scene.service_time)
    return aired


def working(kind: Kind, record: Record, scene: Scene) -> str | None:
    """The service took a step and does not show it yet."""
    act = record.act
    if act is None or not (act.operation or scene.answered) or end_of(kind, act.name) is None:
        return None
    return f"the service is carrying out the {act.name}"
