"""What was done again and again and did not stay: why it is held, and for how long.

Three causes are told apart. The service does not take a value (`NotConverging`); somebody else sets it back, as a
second operator or a script would (`Contended`); what was started does not stay on air (`StartLoop`).
"""

from __future__ import annotations

from collections.abc import Iterator

from ams_operator.api.reasons import Reason
from ams_operator.domain import findings
from ams_operator.domain.findings import command, letting_go
from ams_operator.domain.manifest import spell
from ams_operator.domain.model import ALL_EFFECTS, Action, Cure, Desired, Effect, Hold, Plan, Record, Scene
from ams_operator.domain.remembered import mark
from ams_operator.domain.settle import HOUR, LIMIT
from ams_operator.domain.steps import closed
from ams_operator.domain.writes import CREATE, DELETE

RECHECK = 10.0
"""seconds in which the service may show what it accepted, before the same difference counts as not converging"""
PATIENCE = (60.0, 300.0, 900.0, 1800.0)
"""seconds until an act whose effect did not stay is tried again: after the first time, the second ..."""
RESTARTS = 3
"""how often in any hour something is started again that does not stay on air: billing begins at each start"""


def repeated(action: Action, plan: Plan, desired: Desired, scene: Scene) -> Iterator[Hold]:
    """Every reason not to do again what was done already."""
    record = plan.record
    yield from _not_converging(action, record, desired, scene)
    yield from _changed_back(action, plan, desired, scene)
    yield from _start_loop(action, record, desired, scene)
    yield from _undone(action, record, desired, scene)


def _not_converging(action: Action, record: Record, desired: Desired, scene: Scene) -> Iterator[Hold]:
    repeat = record.repeats.get(mark(action.name, action.digest))
    if repeat is None or not action.changes:
        return
    if scene.now < repeat.at + RECHECK:
        message = "the service accepted the change and does not show it yet"
        yield _held(Reason.PROGRESSING, action, message, repeat.at + RECHECK, Cure.TIME)
        return
    until = repeat.at + _pause(repeat.count)
    if scene.now >= until:
        return
    shown = closed(action, record)
    if shown is not None and scene.now - shown.at < HOUR:  # it does take the value: somebody was faster than our look
        yield _held(Reason.CONTENDED, action, _fight(action, desired, "within this hour"), until)
        return
    paths = ", ".join(spell(desired, change.path) for change in action.changes[:5])
    message = (
        f"the service accepts the change and goes on answering something else in {paths}: declare what it "
        "answers, or find who changes it back"
    )
    yield _held(Reason.NOT_CONVERGING, action, message, until)


def _changed_back(action: Action, plan: Plan, desired: Desired, scene: Scene) -> Iterator[Hold]:
    """Somebody else sets the same fields, each time after us, or deletes what we make: to go on at every sweep would
    be a fight without end. What needs it in another run state disturbs people, once in an hour (`steps.futile`)."""
    repeat = closed(action, plan.record)
    if repeat is None or repeat.count < LIMIT:
        return
    disturbs = bool(action.needs) and plan.state is not None and plan.state.now not in action.needs
    until = repeat.at + (HOUR if disturbs else _pause(repeat.count - LIMIT + 1))
    if scene.now < until:
        yield _held(Reason.CONTENDED, action, _fight(action, desired, f"{repeat.count} times"), until)


def _fight(action: Action, desired: Desired, often: str) -> str:
    """`often`: how often it was set, or gone."""
    again = "after a pause, and at once when the manifest changes. Find who else"
    if action.name == CREATE:
        return (
            f"somebody deletes it whenever it was made: it was gone {often}. It is made anew {again} manages it "
            "(another operator, a script, a person), or delete this object"
        )
    return (
        f"somebody changes {findings.names(action.changes, desired)} back: it was set {often}, and is different again. "
        f"It is set again {again} sets it (another operator, a script, a person), or declare what they set"
    )


def _start_loop(action: Action, record: Record, desired: Desired, scene: Scene) -> Iterator[Hold]:
    """It does not stay on air, and each start is billed. A request is carried out at once."""
    repeat = record.repeats.get(mark(action.name, action.digest))
    if repeat is None or len(repeat.times) < RESTARTS or Effect.START not in action.effects:
        return
    until = repeat.times[-RESTARTS] + HOUR
    if action.request is None and scene.now < until:
        message = (
            f"it was started again {RESTARTS} times within an hour and did not stay on air; each start is billed. It "
            "is started again when an hour is over since the first of them, and at once when the manifest changes. "
            f"Find out what stops it. To start it now: {command(desired, action.name)}"
        )
        yield _held(Reason.START_LOOP, action, message, until)


def _undone(action: Action, record: Record, desired: Desired, scene: Scene) -> Iterator[Hold]:
    """A step or deletion that failed, or a stop that somebody undoes whenever we do it again. A request is tried at
    once."""
    repeat = record.repeats.get(mark(action.name, action.digest))
    if action.changes or repeat is None or action.request is not None:
        return
    if not repeat.why and Effect.START in action.effects:
        return
    # Done again as often as this says, and undone once more. It is brought back at once while that is rare.
    times = repeat.count if repeat.why else repeat.count + 1
    pauses = repeat.count if repeat.why else times - LIMIT + 1
    until = repeat.at + _pause(pauses) if pauses > 0 else 0.0
    if scene.now >= until:
        return
    told = f"{action.name} failed ({repeat.why})" if repeat.why else f"somebody undid the {action.name}"
    if times >= LIMIT:
        reason = Reason.NOT_CONVERGING if repeat.why else Reason.CONTENDED
        cure, what = Cure.FIX, f"{told}, and that {times} times"
    else:
        reason, cure, what = Reason.FAILED, Cure.TIME, told
    message = (
        f"{what}. It is done again after a pause, and at once when the manifest changes. To do it now: "
        f"{command(desired, action.name)}"
    )
    if action.name == DELETE:
        reason = Reason.REFUSED
        message = f"the service does not delete it ({repeat.why}); it is tried again after a pause{letting_go(desired)}"
    yield _held(reason, action, message, until, cure)


def _pause(count: int) -> float:
    return PATIENCE[min(count, len(PATIENCE)) - 1]


def _held(reason: Reason, action: Action, message: str, until: float, cure: Cure = Cure.FIX) -> Hold:
    """A hold on just this action, until then."""
    return Hold(
        reason.value, action.effects or ALL_EFFECTS, cure, message, until, only=mark(action.name, action.digest)
    )
