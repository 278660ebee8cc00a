"""What the service refuses: nobody is disturbed for it, nothing is kept from running, nothing is asked in a loop."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.unit.on_air import EVENT, decided, following, ours, reasons, shown, wanted
from tests.unit.scenes import NOTED, NOW

from ams_operator.domain.model import JSON, Act, Action, Record, Refusal, Repeat
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
        return {"refusals": (Refusal("update", action.digest, "BadRequest", "not for you"),)}
    return {"repeats": {"update": Repeat(action.digest, 1, NOW - 20)}}


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


def test_one_refusal_forgets_no_other() -> None:
    record = Record()
    for digest in ("1", "2", "1", "3", "4", "5"):
        record = refused(EVENT, record, Act("update", NOTED, digest=digest), "BadRequest", digest, NOW)
    assert [one.digest for one in record.refusals] == ["1", "3", "4", "5"]
