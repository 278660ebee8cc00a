"""What somebody else changes back whenever we set it: a few times it is drift, then it is a fight, and that is told."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.unit import on_air
from tests.unit.on_air import EVENT, following, shown, wanted
from tests.unit.scenes import (
    NOW,
    TRANSFORM,
    act_of,
    decided,
    desired,
    only_action,
    ours,
    output,
    planned,
    reasons,
    recipe,
    scene,
    seen,
    stored,
)

from ams_operator.domain.compare import fields
from ams_operator.domain.holds import PATIENCE
from ams_operator.domain.model import JSON, Cure, Decision, Record
from ams_operator.domain.record import dump, load
from ams_operator.domain.settle import HOUR, settle

WANTED = recipe(output(onError="ContinueJob"), description="ours")
OURS = ours(stored(WANTED), fields=fields(WANTED))
LATELY: dict[str, Any] = {"answered": True, "sent": True}


def drifted(**properties: object) -> JSON:
    return stored({"properties": {**WANTED["properties"], "description": "theirs", **properties}})


def corrected(record: Record, raw: JSON, now: float, wish: JSON = WANTED) -> Record:
    """The record after the drift that `raw` shows was corrected, and was seen to be."""
    act = act_of(only_action(planned(desired(wish), raw, record, now=now)))
    after = settle(TRANSFORM, replace(record, act=act), seen(stored(wish), now), scene(now=now, **LATELY))
    assert after.act is None
    record = planned(desired(wish), stored(wish), after, now=now).record  # a look that finds nothing to do
    return load(dump(record), record.uid)


def fought(times: int, every: float = 60.0) -> tuple[Record, float]:
    """The record after so many corrections, and the time of the last."""
    record, now = OURS, NOW
    for count in range(times):
        now = NOW + count * every
        record = corrected(record, drifted(), now)
    return record, now


def judged(record: Record, raw: JSON, now: float, wish: JSON = WANTED) -> Decision:
    return decided(desired(wish), raw, record, now=now)


def test_drift_is_corrected_at_once_while_it_is_rare() -> None:
    for times in range(3):
        record, now = fought(times)
        assert judged(record, drifted(), now + 60).next is not None


def test_the_third_time_within_an_hour_is_told_and_held_with_growing_pauses() -> None:
    for times, patience in zip(range(3, 8), (*PATIENCE, PATIENCE[-1]), strict=True):
        record, now = fought(times)
        held = judged(record, drifted(), now + patience - 1)
        assert (held.next, reasons(held), held.due) == (None, ["NotConverging"], now + patience)
        assert held.holds[0].cure is Cure.FIX
        assert "spec.description" in held.holds[0].message
        assert f"{times} times" in held.holds[0].message
        assert judged(record, drifted(), now + patience).next is not None


def test_what_was_longer_ago_does_not_count() -> None:
    record, now = fought(8, every=HOUR)
    assert judged(record, drifted(), now + 60).next is not None
    assert len(record.repeats) == 1


def test_another_field_and_another_manifest_are_other_matters() -> None:
    record, now = fought(3)
    other = stored(recipe(output(onError="StopProcessingJob"), description="ours"))
    assert judged(record, other, now + 1).next is not None
    edited = recipe(output(onError="ContinueJob"), description="ours, edited")
    assert judged(record, drifted(), now + 1, edited).next is not None


def test_nobody_is_disturbed_for_a_fight() -> None:
    """An update that needs a stop: the stop is not made for what will be undone."""
    base: JSON = {"input": {"streamingProtocol": "RTMP"}, "hostnamePrefix": "ours", "runState": "Running"}
    wish = wanted(EVENT, base, disruption="EndRecordings")
    raw = shown(wish.body, "Running", hostnamePrefix="theirs")
    record = on_air.ours(EVENT, raw, run_state="Running", fields=wish.fields)
    assert following(on_air.decided(EVENT, wish, raw, record, ())) == "stop"
    for _ in range(3):
        stopped = shown(wish.body, "Stopped", hostnamePrefix="theirs")
        plan = on_air.planned(EVENT, wish, stopped, replace(record, run_state=None), ())
        act = act_of(plan.chains[0][0])
        assert act.name == "update"
        now_ours = shown(wish.body, "Stopped")
        scene_ = on_air.scene(EVENT, **LATELY)
        record = settle(EVENT, replace(record, act=act), seen(now_ours), scene_)
    decision = on_air.decided(EVENT, wish, raw, replace(record, run_state="Running"), ())
    assert (following(decision), "NotConverging" in reasons(decision)) == (None, True)
    later = on_air.decided(EVENT, wish, raw, replace(record, run_state="Running"), (), now=NOW + 3000)
    assert (following(later), "WaitingForIdle" in reasons(later)) == (None, True)
