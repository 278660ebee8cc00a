"""What somebody else changes back whenever we set it: a few times it is drift, then it is a fight, and that is told."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.unit import on_air
from tests.unit.on_air import EVENT, following, shown, wanted
from tests.unit.scenes import (
    NOTED,
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
from ams_operator.domain.consents import recreation
from ams_operator.domain.holds import decide
from ams_operator.domain.model import JSON, Cure, Decision, How, Record
from ams_operator.domain.plan import make_plan
from ams_operator.domain.record import dump, load
from ams_operator.domain.repetition import PATIENCE, RECHECK
from ams_operator.domain.settle import HOUR, settle

WANTED = recipe(output(onError="ContinueJob"), description="ours")
OURS = ours(stored(WANTED), fields=fields(WANTED))
LASTING = replace(TRANSFORM, recreate=False)
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
        assert (held.next, reasons(held), held.due) == (None, ["Contended"], now + patience)
        assert held.holds[0].cure is Cure.FIX
        assert "spec.description" in held.holds[0].message
        assert f"{times} times" in held.holds[0].message
        assert judged(record, drifted(), now + patience).next is not None


def test_what_was_longer_ago_does_not_count() -> None:
    record, now = fought(8, every=HOUR)
    assert judged(record, drifted(), now + 60).next is not None
    assert len(record.repeats) == 1


@pytest.mark.parametrize(("pause", "count"), [(HOUR, 4), (2 * HOUR - 1, 4), (2 * HOUR, 1)])
def test_a_fight_is_over_when_it_stayed_for_an_hour_after_the_longest_pause(pause: float, count: int) -> None:
    record, now = fought(3)
    record = corrected(record, drifted(), now + pause)
    assert [one.count for one in record.repeats.values()] == [count]


def test_another_field_and_another_manifest_are_other_matters() -> None:
    record, now = fought(3)
    other = stored(recipe(output(onError="StopProcessingJob"), description="ours"))
    assert judged(record, other, now + 1).next is not None
    edited = recipe(output(onError="ContinueJob"), description="ours, edited")
    assert judged(record, drifted(), now + 1, edited).next is not None


def test_who_goes_to_and_fro_in_his_own_manifest_fights_nobody() -> None:
    record, wishes = OURS, (WANTED, recipe(output(onError="ContinueJob"), description="another"))
    for count in range(12):
        before, wish = (wishes[count % 2], wishes[(count + 1) % 2])
        assert judged(record, stored(before), NOW + count, wish).next is not None
        record = corrected(record, stored(before), NOW + count, wish)
    record = corrected(record, drifted(), NOW + 20)  # and of what somebody does change back, each time counts
    for count in range(1, 3):
        record = corrected(record, drifted(), NOW + 20 + count)
    assert reasons(judged(record, drifted(), NOW + 30)) == ["Contended"]


def test_who_is_faster_than_our_look_is_told_from_a_service_that_takes_no_value() -> None:
    """The service took the same value a moment ago; this time it showed another one when we looked."""
    record, now = fought(1)
    act = act_of(only_action(planned(desired(WANTED), drifted(), record, now=now + 60)))
    after = settle(TRANSFORM, replace(record, act=act), seen(drifted(), now + 60), scene(now=now + 60, **LATELY))
    held = judged(after, drifted(), now + 60 + RECHECK)
    assert (held.next, reasons(held), held.due) == (None, ["Contended"], now + 60 + PATIENCE[0])
    assert "spec.description" in held.holds[0].message
    unseen = settle(TRANSFORM, replace(OURS, act=act), seen(drifted(), now + 60), scene(now=now + 60, **LATELY))
    assert reasons(judged(unseen, drifted(), now + 60 + RECHECK)) == ["NotConverging"]


class TestGone:
    """Somebody else deletes what we make."""

    def made(self, record: Record, now: float, wish: JSON = WANTED) -> Record:
        """The record after what was gone was made anew, and was seen."""
        plan = planned(desired(wish), None, record, now=now)
        act = act_of(only_action(plan))
        found = replace(plan.record, act=replace(act, at=NOTED))
        after = settle(TRANSFORM, found, seen(stored(wish), now), scene(now=now, **LATELY))
        assert (after.act, after.how) == (None, How.CREATED)
        after = planned(desired(wish), stored(wish), after, now=now).record
        return load(dump(after), after.uid)

    def lost(self, times: int, every: float = 60.0) -> tuple[Record, float]:
        """The record after it was made anew so often, and the time of the last."""
        record, now = OURS, NOW
        for count in range(times):
            now = NOW + count * every
            record = self.made(record, now)
        return record, now

    def test_it_is_made_anew_at_once_while_that_is_rare(self) -> None:
        for times in range(2):
            record, now = self.lost(times)
            assert decided(desired(WANTED), None, record, now=now + 60).next is not None
        record, now = self.lost(8, every=HOUR)
        assert decided(desired(WANTED), None, record, now=now + HOUR).next is not None

    def test_the_third_time_within_an_hour_is_held_with_growing_pauses(self) -> None:
        for times, patience in zip(range(2, 7), (*PATIENCE, PATIENCE[-1]), strict=True):
            record, now = self.lost(times)
            held = decided(desired(WANTED), None, record, now=now + 60)
            assert (held.next, reasons(held), held.due) == (None, ["Contended"], now + 60 + patience)
            assert f"gone {times + 1} times" in held.holds[0].message
            again = load(dump(held.plan.record), held.plan.record.uid)
            assert again.how is None
            assert decided(desired(WANTED), None, again, now=now + 60 + patience - 1).next is None, "counted once"
            assert decided(desired(WANTED), None, again, now=now + 60 + patience).next is not None

    def test_another_manifest_is_another_matter(self) -> None:
        record, now = self.lost(3)
        edited = recipe(output(onError="ContinueJob"), description="ours, edited")
        assert decided(desired(edited), None, record, now=now + 60).next is not None

    def test_who_consents_is_not_held(self) -> None:
        record = replace(OURS, repeats={})
        for _ in range(4):
            consent = recreation(record)
            wish = desired(WANTED, requests={"recreate": consent})
            plan = make_plan(LASTING, wish, seen(None, NOW), record, scene())
            assert (decide(plan, wish, scene()).next is not None, plan.record.repeats) == (True, {})
            record = replace(record, requests={**record.requests, "recreate": consent})


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
    assert (following(decision), "Contended" in reasons(decision)) == (None, True)
    later = on_air.decided(EVENT, wish, raw, replace(record, run_state="Running"), (), now=NOW + HOUR - 1)
    assert (following(later), "Contended" in reasons(later)) == (None, True)
    stopped = shown(wish.body, "Stopped", hostnamePrefix="theirs")
    idle = on_air.decided(EVENT, wish, stopped, replace(record, run_state=None), (), now=NOW + PATIENCE[0])
    assert following(idle) in ("update", "start")
