"""Of several orders the last one counts, however long the earlier ones were held; and what an update leaves alone."""

from __future__ import annotations

from dataclasses import replace

from tests.unit.on_air import EVENT, decided, following, ours, planned, reasons, shown, wanted

from ams_operator.domain.model import JSON, Record
from ams_operator.domain.record import dump, load

BASE: JSON = {"input": {"streamingProtocol": "RTMP"}, "runState": "Running"}
RECORDING: tuple[JSON, ...] = ({"name": "match", "properties": {"assetName": "match-1"}},)
RAW = shown(wanted(EVENT, BASE).body, "Running")


def held(**requests: str) -> Record:
    """The record of a running event after a pass in which these requests were held, since it records."""
    desired = wanted(EVENT, BASE, requests=requests)
    record = ours(EVENT, RAW, fields=desired.fields, run_state="Running")
    decision = decided(EVENT, desired, RAW, record, outputs=RECORDING)
    assert "WouldEndRecording" in reasons(decision)
    return load(dump(decision.plan.record), record.uid)


def test_a_held_stop_is_taken_back_by_a_start() -> None:
    desired = wanted(EVENT, BASE, requests={"stop": "1", "start": "2"})
    plan = planned(EVENT, desired, RAW, held(stop="1"), outputs=())
    assert plan.chains == ()
    assert plan.record.requests == {"stop": "1", "start": "2"}
    assert plan.record.asked is None


def test_a_held_stop_is_taken_back_by_another_declared_run_state_and_that_by_the_next() -> None:
    standby = wanted(EVENT, {**BASE, "runState": "StandBy"}, requests={"stop": "1"})
    record = planned(EVENT, standby, RAW, held(stop="1"), outputs=RECORDING).record
    assert record.requests == {"stop": "1"}
    back = wanted(EVENT, BASE, requests={"stop": "1"})
    assert planned(EVENT, back, RAW, record, outputs=()).chains == ()


def test_a_held_reset_is_taken_back_by_a_stop() -> None:
    desired = wanted(EVENT, BASE, requests={"reset": "1", "stop": "2"})
    decision = decided(EVENT, desired, RAW, held(reset="1"), outputs=())
    assert following(decision) == "stop"
    assert decision.plan.record.requests == {"reset": "1"}


def test_what_was_held_is_carried_out_once_it_may_be() -> None:
    desired = wanted(EVENT, BASE, requests={"stop": "1"})
    decision = decided(EVENT, replace(desired, generation=2), RAW, held(stop="1"), outputs=())
    assert following(decision) == "stop"


def test_a_request_that_is_given_again_counts_as_new() -> None:
    desired = wanted(EVENT, BASE, requests={"stop": "2"})
    assert following(decided(EVENT, desired, RAW, held(stop="1"), outputs=())) == "stop"


# --- what can't be changed -------------------------------------------------------------------------------------------


def test_another_region_is_told_and_does_not_hold_up_a_description() -> None:
    raw = shown(wanted(EVENT, {**BASE, "location": "westus2"}).body, "Running")
    desired = wanted(EVENT, {**BASE, "location": "eastus", "description": "new"})
    record = ours(EVENT, raw, fields=("/location", "/properties/input/streamingProtocol"), run_state="Running")
    decision = decided(EVENT, desired, raw, record, outputs=())
    assert reasons(decision) == ["CannotChange"]
    assert decision.next is not None
    assert decision.next.body is not None
    assert (decision.next.body["location"], decision.next.body["properties"]["description"]) == ("westus2", "new")


def test_what_was_never_written_is_not_ours_to_take_back() -> None:
    """A preview locator that is declared later than the event was made is never in force."""
    spec: JSON = {**BASE, "description": "new", "preview": {"previewLocator": "6f2a1c3e-0d5b-4c4f-9b0a-3a1f6d2e8c71"}}
    raw = shown(wanted(EVENT, BASE).body, "Running")
    raw["properties"]["preview"] = {"previewLocator": "11111111-0d5b-4c4f-9b0a-3a1f6d2e8c71"}
    record = ours(EVENT, raw, fields=wanted(EVENT, BASE).fields, run_state="Running")
    decision = decided(EVENT, wanted(EVENT, spec), raw, record, outputs=())
    assert reasons(decision) == ["CannotChange"]
    assert decision.next is not None
    assert "/properties/preview/previewLocator" not in decision.next.fields
    assert "/properties/description" in decision.next.fields
