"""LiveEvent: every wish in every state, requests, recordings, deletion."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from tests.unit.on_air import EVENT, decided, following, names, ours, planned, put, reasons, shown, wanted

from ams_operator.domain.model import JSON, Effect, Record

BASE: JSON = {"input": {"streamingProtocol": "RTMP"}, "encoding": {"encodingType": "Standard"}}
OUTPUT: JSON = {"name": "match", "properties": {"assetName": "match-1"}}


def event(state: str = "Stopped", **properties: Any) -> JSON:
    """A live event as the service shows it, as `BASE` declares it."""
    return shown(wanted(EVENT, BASE).body, state, **properties)


# --- run states ------------------------------------------------------------------------------------------------------


def wish(now: str, goal: str, before: str | None, restart: str | None = None, **members: Any) -> Any:
    spec = {**BASE, "runState": goal, **({"restartPolicy": restart} if restart else {})}
    raw = event(now)
    desired = wanted(EVENT, spec, **members)
    return decided(EVENT, desired, raw, ours(EVENT, raw, fields=desired.fields, run_state=before), outputs=())


@pytest.mark.parametrize(
    ("now", "goal", "chain"),
    [
        ("Stopped", "Running", ["start"]),
        ("Stopped", "StandBy", ["standby"]),
        ("StandBy", "Running", ["start"]),
        ("StandBy", "Stopped", ["stop"]),
        ("Running", "Stopped", ["stop"]),
        ("Running", "StandBy", ["stop", "standby"]),
    ],
)
def test_each_run_state_from_each_state(now: str, goal: str, chain: list[str]) -> None:
    ordered = wish(now, goal, before=now)
    assert names(ordered.plan) == [chain]
    assert following(ordered) == chain[0]
    assert ordered.plan.chains[0][-1].then == goal
    assert {action.then for action in ordered.plan.chains[0][:-1]} <= {""}

    drifted = wish(now, goal, before=goal, disruption="EndRecordings")  # no consent to this: nobody ordered it
    assert names(drifted.plan) == [chain]
    assert following(drifted) is None
    assert set(reasons(drifted)) >= {"StartedOutside" if goal == "Stopped" or now == "Running" else "StoppedOutside"}

    returned = wish(now, goal, before=goal, restart="Always", disruption="Interrupt")
    assert following(returned) == chain[0]


@pytest.mark.parametrize("state", ["Stopped", "StandBy", "Running"])
def test_where_it_is_already_nothing_is_done(state: str) -> None:
    assert wish(state, state, before=None).plan.chains == ()


@pytest.mark.parametrize("state", ["Starting", "Stopping", "Allocating", "Deleting"])
def test_on_the_way_nothing_is_asked(state: str) -> None:
    decision = wish(state, "Running", before=None)
    assert (following(decision), decision.plan.chains) == (None, ())
    assert decision.plan.waiting


@pytest.mark.parametrize(
    ("state", "heading", "on_air"),
    [
        ("Stopped", "Stopped", False),
        ("Starting", "Running", True),
        ("Running", "Running", True),
        ("Stopping", "Stopped", False),
        ("Allocating", "StandBy", False),
        ("StandBy", "StandBy", False),
    ],
)
def test_states(state: str, heading: str, on_air: bool) -> None:
    found = EVENT.state(event(state))
    assert (found.now, found.heading, found.on_air) == (state, heading, on_air)


def test_an_unmanaged_run_state_is_left_alone() -> None:
    raw = event("Running")
    assert planned(EVENT, wanted(EVENT, BASE), raw, ours(EVENT, raw, fields=wanted(EVENT, BASE).fields)).chains == ()


def test_a_change_of_mind_between_stop_and_allocation_is_an_order() -> None:
    """The stop cleared the recorded run state: running again is no drift, though it was carried out once."""
    ordered = wish("Running", "StandBy", before="Running")
    record = Record(run_state=ordered.next.then or None)
    assert following(wish("Stopped", "Running", before=record.run_state)) == "start"


@pytest.mark.parametrize("drift", [True, False], ids=["drift", "order"])
def test_nothing_is_allocated_for_an_update_while_its_start_would_be_drift(drift: bool) -> None:
    """The allocation would clear the recorded run state, and the start after it would pass for an order."""
    desired = wanted(EVENT, {**BASE, "useStaticHostname": True, "runState": "Running"})
    raw = event("Stopped", useStaticHostname=False)
    before = wanted(EVENT, BASE).fields
    record = ours(EVENT, raw, fields=before, run_state="Running" if drift else "Stopped")
    decision = decided(EVENT, desired, raw, record, outputs=())
    assert following(decision) == (None if drift else "standby")


def test_what_starts_anyway_is_updated_first() -> None:
    desired = wanted(EVENT, {**put(BASE, "encoding.keyFrameInterval", "PT4S"), "runState": "Running"})
    raw = event("Stopped")
    assert names(planned(EVENT, desired, raw, ours(EVENT, raw, run_state="Stopped"))) == [["update", "start"]]


def test_what_stops_anyway_is_updated_after() -> None:
    desired = wanted(EVENT, {**put(BASE, "encoding.keyFrameInterval", "PT4S"), "runState": "Stopped"})
    raw = event("Running")
    decision = decided(EVENT, desired, raw, ours(EVENT, raw, run_state="Running"), outputs=())
    assert (names(decision.plan), following(decision)) == ([["stop", "update"]], "stop")


def test_standby_is_left_for_an_update_only_with_consent() -> None:
    spec = {**put(BASE, "encoding.keyFrameInterval", "PT4S"), "runState": "StandBy"}
    raw = event("StandBy")
    record = ours(EVENT, raw, run_state="StandBy")
    held = decided(EVENT, wanted(EVENT, spec), raw, record, outputs=())
    assert (following(held), reasons(held)) == (None, ["WaitingForIdle"])
    allowed = decided(EVENT, wanted(EVENT, spec, disruption="Interrupt"), raw, record, outputs=())
    assert names(allowed.plan) == [["stop", "update", "standby"]]
    assert following(allowed) == "stop"


# --- requests --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("verb", "now", "chain"),
    [
        ("start", "Stopped", ["start"]),
        ("start", "StandBy", ["start"]),
        ("stop", "Running", ["stop"]),
        ("stop", "StandBy", ["stop"]),
        ("standby", "Stopped", ["standby"]),
        ("standby", "Running", ["stop", "standby"]),
        ("reset", "Running", ["reset"]),
    ],
)
def test_a_request_is_carried_out_once_for_each_value(verb: str, now: str, chain: list[str]) -> None:
    raw = event(now)
    desired = wanted(EVENT, BASE, requests={verb: "monday"})
    done = {"fields": desired.fields, "requests": {verb: "monday"}}
    asked = decided(EVENT, desired, raw, ours(EVENT, raw, fields=desired.fields, requests={verb: "sunday"}), outputs=())
    assert (names(asked.plan), following(asked)) == ([chain], chain[0])
    last = asked.plan.chains[0][-1]
    assert (last.request, last.then) == ((verb, "monday"), None)
    assert all(action.request is None for action in asked.plan.chains[0][:-1])
    assert planned(EVENT, desired, raw, ours(EVENT, raw, **done), outputs=()).chains == ()


def test_a_reset_of_what_does_not_run_waits_and_keeps_nobody_from_starting_it() -> None:
    raw = event("Stopped")
    desired = wanted(EVENT, {**BASE, "runState": "Running"}, requests={"reset": "monday"})
    decision = decided(EVENT, desired, raw, ours(EVENT, raw, fields=desired.fields), outputs=())
    assert (following(decision), reasons(decision)) == ("start", ["WaitingForIdle"])


# --- recordings ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "members",
    [{"requests": {"stop": "now"}}, {"requests": {"reset": "now"}}, {"requests": {"standby": "now"}}, {"stop": True}],
    ids=str,
)
@pytest.mark.parametrize("outputs", [None, (OUTPUT,)], ids=["unlisted", "recording"])
@pytest.mark.parametrize("disruption", ["WhenIdle", "Interrupt", "EndRecordings"])
def test_recordings_end_only_with_consent(members: JSON, outputs: tuple[JSON, ...] | None, disruption: str) -> None:
    spec = {**BASE, "runState": "Stopped"} if members.get("stop") else BASE
    desired = wanted(EVENT, spec, disruption=disruption, requests=members.get("requests", {}))
    raw = event("Running")
    record = ours(EVENT, raw, fields=desired.fields, run_state="Running")
    decision = decided(EVENT, desired, raw, record, outputs=outputs)
    if disruption == "EndRecordings":
        assert decision.next is not None
        assert Effect.END_RECORDING in decision.next.effects
        assert decision.next.body == (None if decision.next.name == "reset" else {"removeOutputsOnStop": True})
    else:
        assert (following(decision), reasons(decision)) == (None, ["WouldEndRecording"])
        head = decision.plan.chains[0][0]
        assert head.body is None


def test_the_service_keeps_what_began_after_we_looked() -> None:
    """No output was listed, so that none is allowed to go: the service refuses the stop if there is one by now."""
    raw = event("Running")
    desired = wanted(EVENT, {**BASE, "runState": "Stopped"}, disruption="EndRecordings")
    decision = decided(EVENT, desired, raw, ours(EVENT, raw, fields=desired.fields, run_state="Running"), outputs=())
    assert decision.next is not None
    assert (decision.next.body, decision.next.effects) == (None, frozenset({Effect.INTERRUPT}))


# --- deletion --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "chain"),
    [("Stopped", ["delete"]), ("StandBy", ["stop", "delete"]), ("Running", ["stop", "delete"])],
)
def test_deletion_stops_first(now: str, chain: list[str]) -> None:
    raw = event(now)
    desired = wanted(EVENT, BASE, deleting=True, deletion="Delete")
    decision = decided(EVENT, desired, raw, ours(EVENT, raw), outputs=())
    assert (names(decision.plan), following(decision)) == ([chain], chain[0])
    assert reasons(decision) == []


def test_deletion_does_not_end_recordings_without_consent() -> None:
    raw = event("Running")
    desired = wanted(EVENT, BASE, deleting=True, deletion="Delete")
    decision = decided(EVENT, desired, raw, ours(EVENT, raw), outputs=(OUTPUT,))
    assert (following(decision), reasons(decision)) == (None, ["WouldEndRecording"])


# --- all of it -------------------------------------------------------------------------------------------------------

TAKEN = {
    "start": {"Stopped", "StandBy"},
    "standby": {"Stopped"},
    "stop": {"Running", "StandBy"},
    "reset": {"Running"},
}
"""the states in which the service takes each step"""
CHANGES: list[tuple[JSON, set[str]]] = [
    ({}, set()),
    ({"description": "new"}, {"Stopped", "StandBy", "Running"}),
    ({"hostnamePrefix": "new"}, {"Stopped", "StandBy"}),
    ({"transcriptions": [{"language": "en-US"}]}, {"Stopped"}),
    ({"useStaticHostname": True}, {"StandBy"}),
]
"""what differs, and in which states the service takes it"""
STATES = ["Stopped", "StandBy", "Running"]


@pytest.mark.parametrize("disruption", ["WhenIdle", "Interrupt"])
@pytest.mark.parametrize("restart", ["Never", "Always"])
@pytest.mark.parametrize("now", [*STATES, "Odd"])
def test_in_no_case_is_anything_asked_that_is_refused_or_a_surprise(now: str, restart: str, disruption: str) -> None:
    raw = event(now)
    requests: list[JSON] = [{}, *({verb: "now"} for verb in TAKEN)]
    for goal, before, (change, taken), asked in itertools.product([None, *STATES], [None, *STATES], CHANGES, requests):
        spec = {**BASE, **change, "restartPolicy": restart, **({"runState": goal} if goal else {})}
        desired = wanted(EVENT, spec, disruption=disruption, requests=asked)
        record = ours(EVENT, raw, fields=wanted(EVENT, BASE).fields, run_state=before)
        decision = decided(EVENT, desired, raw, record, outputs=())
        step = following(decision)
        case = (goal, before, change, asked, names(decision.plan))
        if now == "Odd":
            assert step is None or step in asked, case
        elif step == "update":
            assert now in taken, case
        elif step is not None:
            assert now in TAKEN[step], case
        consented = asked or disruption == "Interrupt" or goal not in (None, now, before)
        if now == "Running" and not consented:
            assert step not in ("stop", "reset"), case
        if not asked and goal == before and goal not in (None, now) and restart == "Never":
            assert step in (None, "update"), case  # somebody else changed it, and nobody asked to have it back
