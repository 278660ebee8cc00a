"""Steps that the service could not do, or that somebody undoes again and again; and why something is not on air."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any, ClassVar

import pytest
from tests.unit.on_air import (
    ENDPOINT,
    EVENT,
    decided,
    following,
    names,
    ours,
    planned,
    reasons,
    scene,
    shown,
    wanted,
)
from tests.unit.scenes import COMMAND, NOTED, NOW

from ams_operator.domain.findings import SILENCE
from ams_operator.domain.ids import instant
from ams_operator.domain.kind import Kind
from ams_operator.domain.model import (
    JSON,
    Act,
    Aired,
    Cure,
    Decision,
    Observed,
    Record,
    Repeat,
)
from ams_operator.domain.plan import make_plan
from ams_operator.domain.record import dump, load
from ams_operator.domain.repetition import PATIENCE
from ams_operator.domain.settle import HOUR

BASE: JSON = {"input": {"streamingProtocol": "RTMP"}, "encoding": {"encodingType": "Standard"}}
RUN = {**BASE, "runState": "Running"}
FAILED = ("NoCapacity", "none left")
TOLD = "NoCapacity: none left"


def event(state: str = "Stopped", **properties: Any) -> JSON:
    return shown(wanted(EVENT, BASE).body, state, **properties)


def noted(name: str = "start", then: str | None = "Running", **members: Any) -> Act:
    return Act(name, NOTED, digest="1", then=then, operation="/liveevent/7", **members)


def record(raw: JSON, kind: Kind = EVENT, **members: Any) -> Record:
    return ours(kind, raw, **{"fields": wanted(EVENT, BASE).fields if kind is EVENT else (), **members})


def after(act: Act, state: str, spec: JSON | None = None, **scene_members: Any) -> Record:
    """The record after a look that found the event in this state, with the act answered."""
    raw = event(state)
    run_state = scene_members.pop("run_state", None)
    repeats = scene_members.pop("repeats", {})
    found = record(raw, act=act, run_state=run_state, repeats=repeats)
    desired = wanted(EVENT, spec or RUN, requests=dict([act.request] if act.request else []))
    return planned(EVENT, desired, raw, found, (), answered=True, **scene_members).record


class TestTheEndOfAStep:
    def test_a_start_is_carried_out_when_it_runs_and_not_before(self) -> None:
        for state, over in (("Starting", False), ("Stopped", False)):
            found = after(noted(), state, over=over)
            assert (found.act, found.run_state) == (noted(), None)
        assert (after(noted(), "Running").act, after(noted(), "Running").run_state) == (None, "Running")

    def test_while_the_operation_runs_it_is_waited_for_and_nothing_is_asked(self) -> None:
        raw = event("Stopped")
        decision = decided(EVENT, wanted(EVENT, RUN), raw, record(raw, act=noted()), ())
        assert (following(decision), reasons(decision)) == (None, [])
        assert decision.plan.waiting == "the service is carrying out the start"

    def test_what_ran_and_was_stopped_by_somebody_was_carried_out(self) -> None:
        assert after(noted(), "Stopped", over=True).run_state == "Running"

    def test_a_step_without_operation_is_done_when_it_is_answered(self) -> None:
        assert after(replace(noted(), operation=None), "Starting").act is None

    @pytest.mark.parametrize(("name", "state"), [("start", "Stopped"), ("stop", "Running"), ("reset", "Stopped")])
    def test_a_failure_is_remembered_with_what_the_service_said(self, name: str, state: str) -> None:
        found = after(noted(name, request=(name, "monday")), state, failure=FAILED, over=True)
        assert found.act is None
        assert found.run_state == (None if state == "Stopped" else "Running")
        assert found.repeats == {f"{name} 1": Repeat("1", 1, NOW, TOLD, state if name == "reset" else None)}
        assert found.requests == {name: "monday"}
        assert found.refusals == ()
        assert load(dump(found), found.uid) == found


class TestFailedStarts:
    def of(self, count: int, seconds: float, spec: JSON | None = None, **members: Any) -> Decision:
        raw = event()
        repeats = {"start 1": Repeat("1", count, NOW, TOLD)}
        run_state = members.pop("run_state", None)
        desired = wanted(EVENT, spec or RUN, **members)
        return decided(EVENT, desired, raw, record(raw, repeats=repeats, run_state=run_state), (), now=NOW + seconds)

    @pytest.mark.parametrize("count", [1, 2, 3, 4, 5])
    def test_it_is_tried_again_with_growing_pauses_and_the_third_is_more_than_a_matter_of_time(
        self, count: int
    ) -> None:
        pause = PATIENCE[min(count, 4) - 1]
        decision = self.of(count, pause - 1)
        (hold,) = decision.holds
        assert (decision.next, decision.due) == (None, NOW + pause)
        assert (hold.reason, hold.cure) == (("NotConverging", Cure.FIX) if count >= 3 else ("Failed", Cure.TIME))
        assert TOLD in hold.message
        assert COMMAND.search(hold.message)
        assert following(self.of(count, pause)) == "start"

    def test_failures_are_counted_within_an_hour(self) -> None:
        once = {"start 1": Repeat("1", 2, NOW - HOUR + 1, TOLD)}
        assert after(noted(), "Stopped", failure=FAILED, repeats=once).repeats["start 1"].count == 3
        long_ago = {"start 1": Repeat("1", 2, NOW - HOUR, TOLD)}
        assert after(noted(), "Stopped", failure=FAILED, repeats=long_ago).repeats["start 1"].count == 1

    def test_a_request_and_another_manifest_end_the_pause(self) -> None:
        assert following(self.of(3, 1, requests={"start": "now"})) == "start"
        raw = event()
        desired = replace(wanted(EVENT, RUN), generation=2)
        found = record(raw, repeats={"start 1": Repeat("1", 3, NOW, TOLD)})
        decision = decided(EVENT, desired, raw, found, ())
        assert (following(decision), decision.plan.record.repeats) == ("start", {})

    def test_success_ends_the_count(self) -> None:
        repeats = {"start 1": Repeat("1", 3, NOW - 1800, TOLD)}
        assert after(noted(), "Running", repeats=repeats).repeats == {}
        raw = event("Starting")
        assert planned(EVENT, wanted(EVENT, RUN), raw, record(raw, repeats=repeats)).record.repeats == repeats

    def test_a_start_that_was_requested_and_failed_is_told_and_not_repeated(self) -> None:
        decision = self.of(1, 10_000, BASE)
        assert (following(decision), reasons(decision)) == (None, ["Failed"])
        assert decision.holds[0].cure is Cure.DECISION
        assert TOLD in decision.holds[0].message
        assert COMMAND.search(decision.holds[0].message)

    def test_nobody_is_blamed_for_a_stop_that_was_a_failed_start(self) -> None:
        decision = self.of(1, 10_000, run_state="Running")
        assert (following(decision), reasons(decision)) == (None, ["Failed"])
        assert TOLD in decision.holds[0].message
        assert COMMAND.search(decision.holds[0].message)


class TestLoops:
    """restartPolicy: Always, and somebody stops it whenever it runs."""

    spec: ClassVar[JSON] = {**RUN, "restartPolicy": "Always"}

    def test_each_return_is_counted_and_an_order_is_not(self) -> None:
        found = after(noted(), "Running", self.spec, run_state="Running")
        assert found.repeats == {"start 1": Repeat("1", 1, NOW, times=(NOW,))}
        assert load(dump(found), found.uid) == found
        again = after(noted(), "Running", self.spec, run_state="Running", repeats=found.repeats)
        assert (again.repeats["start 1"].count, again.repeats["start 1"].times) == (2, (NOW, NOW))
        assert after(noted(), "Running", self.spec, repeats=again.repeats).repeats == {}
        asked = noted(then=None, request=("start", "1"))
        assert after(asked, "Running", self.spec, run_state="Running", repeats=again.repeats).repeats == {}

    def test_what_was_an_hour_ago_is_forgotten_and_a_failure_forgets_nothing(self) -> None:
        before = {"start 1": Repeat("1", 2, NOW - 10, times=(NOW - HOUR, NOW - HOUR + 1))}
        found = after(noted(), "Running", self.spec, run_state="Running", repeats=before)
        assert found.repeats["start 1"].times == (NOW - HOUR + 1, NOW)
        found = after(noted(), "Stopped", self.spec, run_state="Running", repeats=before, failure=FAILED, over=True)
        assert found.repeats["start 1"].times == (NOW - HOUR + 1,)

    def held(self, times: tuple[float, ...], name: str = "start", why: str = "", **spec: Any) -> Decision:
        """It is stopped, or runs where it should not, after it was brought back at these times, in seconds from now."""
        raw = event("Running" if name == "stop" else "Stopped")
        moments = tuple(NOW + time for time in times)
        repeat = Repeat("1", len(times), moments[-1] if times else NOW - HOUR, why, times=moments)
        spec = {**self.spec, **spec}
        found = record(raw, run_state=spec["runState"], repeats={f"{name} 1": repeat})
        return decided(EVENT, wanted(EVENT, spec, disruption="EndRecordings"), raw, found, ())

    @pytest.mark.parametrize("goal", ["Running", "StandBy"])
    def test_it_is_started_again_three_times_in_any_hour(self, goal: str) -> None:
        verb = "start" if goal == "Running" else "standby"
        few: list[tuple[float, ...]] = [(), (-1.0,), (-2.0, -1.0), (-HOUR, -2.0, -1.0)]
        for times in few:
            assert following(self.held(times, verb, runState=goal)) == verb
        many: list[tuple[float, ...]] = [(-3.0, -2.0, -1.0), (1.0 - HOUR, -2.0, -1.0), (-HOUR, -3.0, -2.0, -1.0)]
        for times in many:
            decision = self.held(times, verb, runState=goal)
            assert (following(decision), reasons(decision)) == (None, ["StartLoop"])
            assert (decision.holds[0].cure, decision.due) == (Cure.FIX, NOW + times[-3] + HOUR)
            assert decision.holds[0].message.endswith(f"ams-operator request {verb} LiveEvent/studio -n media")

    def test_a_failed_start_in_between_opens_nothing(self) -> None:
        decision = self.held((-2000.0, -1900.0, -1801.0), why=TOLD)
        assert (following(decision), reasons(decision)) == (None, ["StartLoop"])

    def test_a_request_starts_at_once(self) -> None:
        raw = event()
        repeat = Repeat("1", 3, NOW, times=(NOW, NOW, NOW))
        found = record(raw, run_state="Running", repeats={"start 1": repeat})
        asked = wanted(EVENT, self.spec, requests={"start": "now"})
        assert following(decided(EVENT, asked, raw, found, ())) == "start"

    @pytest.mark.parametrize(
        ("count", "reason", "pause"), [(0, None, 0), (1, None, 0), (2, "Contended", 60), (3, "Contended", 300)]
    )
    def test_a_stop_that_somebody_undoes_for_the_third_time_is_held(
        self, count: int, reason: str | None, pause: float
    ) -> None:
        decision = self.held((-1.0,) * count, "stop", runState="Stopped")
        assert reasons(decision) == ([reason] if reason else [])
        assert following(decision) == (None if reason else "stop")
        if reason:
            assert (decision.holds[0].cure, decision.due) == (Cure.FIX, NOW - 1 + pause)
            assert decision.holds[0].message.endswith("ams-operator request stop LiveEvent/studio -n media")

    def test_the_count_lasts_while_it_runs(self) -> None:
        raw = event("Running")
        repeats = {"start 1": Repeat("1", 2, NOW)}
        found = record(raw, run_state="Running", repeats=repeats)
        assert planned(EVENT, wanted(EVENT, self.spec), raw, found).record.repeats == repeats


class TestStoppedByTheService:
    def looked(self, state: str, aired: Aired | None, at: float, kind: str = "Standard") -> Aired | None:
        base = {**BASE, "encoding": {"encodingType": kind}}
        raw = shown(wanted(EVENT, base).body, state)
        found = record(raw, aired=aired, run_state="Running")
        desired = wanted(EVENT, {**base, "runState": "Running"})
        place = scene(EVENT, service_time=self.time(at))
        return make_plan(EVENT, desired, Observed(NOW, raw), found, place).record.aired

    def time(self, seconds: float) -> str:
        start = instant(NOTED)
        assert start is not None
        return (start + timedelta(seconds=seconds)).isoformat()

    def test_when_it_was_first_seen_running_is_kept_and_moves_by_nothing(self) -> None:
        first = self.looked("Running", None, 0)
        assert first == Aired(self.time(0))
        assert self.looked("Running", first, 500) == first
        assert self.looked("Stopping", first, 500) == first
        ended = self.looked("Stopped", first, 600)
        assert ended == Aired(self.time(0), self.time(600))
        assert self.looked("Stopped", ended, 900) == ended
        assert self.looked("Running", ended, 1000) == Aired(self.time(1000))
        assert self.looked("Stopped", None, 0) is None

    @pytest.mark.parametrize("kind", ["None", "PassthroughBasic", "PassthroughStandard"])
    def test_what_passes_the_input_through_is_never_stopped_by_the_service(self, kind: str) -> None:
        assert self.looked("Running", None, 0, kind) is None

    @pytest.mark.parametrize(("seconds", "reason"), [(SILENCE - 1, "StoppedOutside"), (SILENCE, "StoppedByService")])
    def test_only_what_ran_for_twelve_hours_can_have_been_stopped_by_the_service(
        self, seconds: float, reason: str
    ) -> None:
        raw = event()
        found = record(raw, run_state="Running", aired=Aired(self.time(0), self.time(seconds)))
        decision = decided(EVENT, wanted(EVENT, RUN), raw, found, ())
        assert (following(decision), reasons(decision)) == (None, [reason])
        assert decision.holds[0].message.endswith("ams-operator request start LiveEvent/studio -n media")
        assert ("12 hours" in decision.holds[0].message) is (reason == "StoppedByService")
        always = wanted(EVENT, {**RUN, "restartPolicy": "Always"})
        assert following(decided(EVENT, always, raw, found, ())) == "start"

    def test_an_endpoint_is_never_stopped_by_the_service(self) -> None:
        raw = shown(wanted(ENDPOINT, {}).body, "Running")
        plan = planned(ENDPOINT, wanted(ENDPOINT, {"runState": "Running"}), raw, record(raw, ENDPOINT))
        assert (plan.record.aired, names(plan)) == (None, [])
