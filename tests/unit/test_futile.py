"""What the service refuses: nobody is disturbed for it, nothing is kept from running, nothing is asked in a loop."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from typing import ClassVar

import pytest
from tests.unit.on_air import ENDPOINT, EVENT, decided, following, ours, planned, reasons, shown, wanted
from tests.unit.scenes import COMMAND, NOTED, NOW

from ams_operator.domain.model import JSON, Act, Action, Decision, Record, Refusal, Repeat
from ams_operator.domain.record import dump, load
from ams_operator.domain.settle import refused

BASE: JSON = {"input": {"streamingProtocol": "RTMP"}, "runState": "Running"}
EDITED: JSON = {**BASE, "hostnamePrefix": "news"}
"""a field that is taken while Stopped only"""


def update() -> Action:
    """The update that an event in the middle of its excursion waits for."""
    raw = shown(wanted(EVENT, BASE).body, "Stopped")
    decision = decided(EVENT, wanted(EVENT, EDITED, disruption="EndRecordings"), raw, ours(EVENT, raw), ())
    assert decision.next is not None
    return decision.next


def known(kind: str) -> dict[str, object]:
    """The record's members that say that nothing comes of the update."""
    action = update()
    assert action.name == "update"
    if kind == "refused":
        return {"refusals": (Refusal("update", action.digest, "BadRequest", "not for you", "Stopped"),)}
    return {"repeats": {f"update {action.digest}": Repeat(action.digest, 1, NOW - 20)}}


@pytest.mark.parametrize("kind", ["refused", "not taken over"])
def test_nothing_on_air_is_stopped_for_an_update_of_which_nothing_comes(kind: str) -> None:
    raw = shown(wanted(EVENT, BASE).body, "Running")
    desired = wanted(EVENT, EDITED, disruption="EndRecordings")
    fresh = decided(EVENT, desired, raw, ours(EVENT, raw, run_state="Running"), ())
    assert following(fresh) == "stop", "that is what consent was given for"
    decision = decided(EVENT, desired, raw, ours(EVENT, raw, run_state="Running", **known(kind)), ())
    assert following(decision) is None
    assert set(reasons(decision)) & {"Refused", "NotConverging"}


@pytest.mark.parametrize("kind", ["refused", "not taken over"])
def test_what_was_stopped_for_it_starts_again_without_it(kind: str) -> None:
    raw = shown(wanted(EVENT, BASE).body, "Stopped")
    decision = decided(EVENT, wanted(EVENT, EDITED), raw, ours(EVENT, raw, run_state=None, **known(kind)), ())
    assert following(decision) == "start"
    assert set(reasons(decision)) & {"Refused", "NotConverging"}


@pytest.mark.parametrize("step", ["start", "reset"])
def test_a_step_that_is_refused_is_tried_again_with_pauses_and_its_request_is_answered(step: str) -> None:
    asked = {"reset": "monday"} if step == "reset" else {}
    raw = shown(wanted(EVENT, BASE).body, "Stopped" if step == "start" else "Running")
    desired = wanted(EVENT, BASE, requests=asked)
    before = ours(EVENT, raw, fields=desired.fields, run_state=None if step == "start" else "Running")
    action = decided(EVENT, desired, raw, before, ()).next
    assert action is not None
    assert action.name == step
    act = Act(step, NOTED, digest=action.digest, then=action.then, request=action.request)
    after = refused(EVENT, before, act, "BadRequest", "not now", NOW)
    assert after.requests == asked
    decision = decided(EVENT, desired, raw, after, ())
    assert following(decision) is None
    if step == "start":
        assert any("BadRequest: not now" in hold.message for hold in decision.holds)
    edited = replace(desired, generation=2)
    assert following(decided(EVENT, edited, raw, after, ())) == ("start" if step == "start" else None)


class TestResetThatCameToNothing:
    """It leads back to where it was, so that no state tells that it happened since."""

    running = shown(wanted(EVENT, BASE).body, "Running")

    def told(self, *states: str, asked: str | None = "monday", generation: int = 1) -> list[str]:
        """The reasons once it was seen in these states, one after the other, after the refusal."""
        act = Act("reset", NOTED, digest="1", request=("reset", "monday"))
        before = ours(EVENT, self.running, fields=wanted(EVENT, BASE).fields, run_state="Running", act=act)
        record = refused(EVENT, before, act, "BadRequest", "not now", NOW)
        requests = {"reset": asked} if asked else {}
        desired = replace(wanted(EVENT, BASE, requests=requests), generation=generation)
        for state in states:
            raw = shown(wanted(EVENT, BASE).body, state)
            decision = decided(EVENT, desired, raw, load(json.loads(json.dumps(dump(record))), record.uid), ())
            record = decision.plan.record
        assert all("BadRequest: not now" in hold.message for hold in decision.holds if hold.reason == "Failed")
        assert all(COMMAND.search(hold.message) for hold in decision.holds)
        return reasons(decision)

    def test_it_is_told_while_it_runs(self) -> None:
        assert self.told("Running") == self.told("Running", "Running") == self.told("Starting", "Running") == ["Failed"]

    def test_until_another_state(self) -> None:
        assert self.told("Running", "Stopped") == ["StoppedOutside"]
        assert self.told("Running", "Stopping", "Stopped", "Starting", "Running") == []

    def test_until_another_request_or_manifest(self) -> None:
        assert self.told("Running", asked="tuesday") == self.told("Running", asked=None) == []
        assert self.told("Running", generation=2) == []


def test_one_refusal_forgets_no_other() -> None:
    record = Record()
    for digest in ("1", "2", "1", "3", "4", "5"):
        record = refused(EVENT, record, Act("update", NOTED, digest=digest), "BadRequest", digest, NOW)
    assert [one.digest for one in record.refusals] == ["1", "3", "4", "5"]


class TestRefusedInAnotherState:
    """Somebody starts what we saw stopped, and the service refuses the update that it takes while stopped only."""

    desired = wanted(EVENT, EDITED, disruption="EndRecordings")

    def after(self, *states: str) -> Decision:
        """What is decided once it was seen in these states, one after the other, after the refusal."""
        action = update()
        raw = shown(wanted(EVENT, BASE).body, "Stopped")
        act = Act("update", NOTED, action.fields, digest=action.digest)
        record = refused(EVENT, ours(EVENT, raw, act=act), act, "BadRequest", "not while it runs", NOW)
        for state in states:
            raw = shown(wanted(EVENT, BASE).body, state)
            decision = decided(EVENT, self.desired, raw, load(json.loads(json.dumps(dump(record))), record.uid), ())
            record = decision.plan.record
        return decision

    @pytest.mark.parametrize("state", ["Starting", "Running", "Stopping"])
    def test_it_is_tried_again_when_it_is_stopped_again(self, state: str) -> None:
        assert "Refused" not in reasons(self.after(state))
        assert following(self.after(state, "Stopped")) == "update"

    def test_what_it_refuses_in_the_right_state_is_not_tried_again_whatever_state_comes(self) -> None:
        for states in (["Stopped"], ["Stopped", "Starting", "Running"], ["Stopped", "Running", "Stopped"]):
            decision = self.after(*states)
            assert following(decision) in ("start", None), states
            assert "Refused" in reasons(decision) or decision.plan.waiting, states

    def test_what_needs_no_state_is_tried_again_in_another_one(self) -> None:
        desired = wanted(EVENT, {**BASE, "description": "new"})
        raw = shown(wanted(EVENT, BASE).body, "Running")
        record = ours(EVENT, raw, run_state="Running")
        action = decided(EVENT, desired, raw, record, ()).next
        assert action is not None
        record = refused(EVENT, record, Act("update", NOTED, digest=action.digest), "BadRequest", "not now", NOW)
        decision = decided(EVENT, desired, raw, record, ())
        assert (following(decision), reasons(decision)) == (None, ["Refused"])
        elsewhere = shown(wanted(EVENT, BASE).body, "Stopped")
        assert "Refused" not in reasons(decided(EVENT, desired, elsewhere, decision.plan.record, ()))


class TestByTurns:
    """Two requests of one endpoint, of neither of which anything comes: none forgets the other."""

    spec: ClassVar[JSON] = {"description": "new", "scaleUnits": 2}
    raw = shown(wanted(ENDPOINT, {"description": "old", "scaleUnits": 1}).body, "Running")

    def sent(self, seconds: int, refuses: str = "") -> Counter[str]:
        """How often each is sent, with a look each second; the service accepts all else and shows nothing of it."""
        desired, record, found = wanted(ENDPOINT, self.spec), ours(ENDPOINT, self.raw), Counter[str]()
        for now in range(seconds):
            decision = decided(ENDPOINT, desired, self.raw, record, now=NOW + now)
            record = load(json.loads(json.dumps(dump(decision.plan.record), sort_keys=True)), record.uid)
            if (action := decision.next) is not None:
                found[action.name] += 1
                act = Act(action.name, NOTED, action.fields, action.unset, action.digest)
                if action.name == refuses:
                    record = refused(ENDPOINT, record, act, "BadRequest", "no", NOW + now)
                else:
                    noted = replace(record, act=act)
                    record = planned(ENDPOINT, desired, self.raw, noted, answered=True, now=NOW + now).record
        return found

    @pytest.mark.parametrize(("seconds", "times"), [(60, 1), (300, 2), (600, 3)])
    def test_what_is_accepted_and_not_taken_over_is_tried_again_with_pauses(self, seconds: int, times: int) -> None:
        assert self.sent(seconds) == {"scale": times, "update": times}

    @pytest.mark.parametrize("name", ["scale", "update"])
    def test_what_is_refused_is_not_tried_again_because_the_other_was_accepted(self, name: str) -> None:
        other = "update" if name == "scale" else "scale"
        assert self.sent(300, refuses=name) == {name: 1, other: 2}

    def test_a_scale_that_is_refused_does_not_hold_a_later_update(self) -> None:
        raw = shown(wanted(ENDPOINT, {**self.spec, "scaleUnits": 1}).body, "Running")
        desired, record = wanted(ENDPOINT, self.spec), ours(ENDPOINT, raw)
        action = decided(ENDPOINT, desired, raw, record).next
        assert action is not None
        act = Act(action.name, NOTED, action.fields, digest=action.digest)
        record = refused(ENDPOINT, record, act, "BadRequest", "no units left", NOW)
        (hold,) = decided(ENDPOINT, desired, raw, record).holds
        assert hold.message.startswith("the service refused to scale it")
        drifted = shown(wanted(ENDPOINT, {"description": "theirs", "scaleUnits": 2}).body, "Running")
        assert following(decided(ENDPOINT, desired, drifted, record)) == "update"

    def test_what_one_brought_may_be_what_the_other_was_refused_for(self) -> None:
        desired = wanted(ENDPOINT, self.spec)
        refusal = Refusal("update", "of before", "BadRequest", "needs two units", "Running")
        raw = shown(wanted(ENDPOINT, {"description": "old", "scaleUnits": 2}).body, "Running")
        scale = decided(ENDPOINT, desired, self.raw, ours(ENDPOINT, self.raw)).next
        assert scale is not None
        act = Act("scale", NOTED, scale.fields, digest=scale.digest)
        found = planned(ENDPOINT, desired, raw, ours(ENDPOINT, raw, act=act, refusals=(refusal,)), answered=True)
        assert found.record.refusals == ()

    def test_the_latest_are_remembered(self) -> None:
        record = ours(EVENT, self.raw)
        for number in range(12):
            record = refused(EVENT, record, Act("start", NOTED, digest=str(number)), "No", "no", NOW + number)
        assert set(record.repeats) == {f"start {number}" for number in range(4, 12)}
