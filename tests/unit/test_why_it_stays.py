"""Another run state than the declared one, for a reason that is known: a request, or having been made anew."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.unit.on_air import ENDPOINT, EVENT, decided, following, ours, planned, reasons, scene, shown, wanted
from tests.unit.scenes import COMMAND, NOTED, NOW

from ams_operator.domain.kind import Kind
from ams_operator.domain.model import JSON, Act, Observed, Record, Stay
from ams_operator.domain.plan import make_plan
from ams_operator.domain.record import dump, load

BASE: dict[str, JSON] = {"LiveEvent": {"input": {"streamingProtocol": "RTMP"}}, "StreamingEndpoint": {}}
ALWAYS: JSON = {"restartPolicy": "Always"}
BY_REQUEST = Stay("Stopped", "Running", "request")


def spec_of(kind: Kind, **more: Any) -> JSON:
    return {**BASE[kind.name], "runState": "Running", **ALWAYS, **more}


def mine(kind: Kind, raw: JSON, **members: Any) -> Record:
    return ours(kind, raw, **{"fields": wanted(kind, BASE[kind.name]).fields, "run_state": "Running", **members})


@pytest.mark.parametrize("kind", [EVENT, ENDPOINT], ids=lambda kind: kind.name)
@pytest.mark.parametrize("how", ["carried out", "found so"])
def test_a_requested_stop_lasts_though_it_is_always_restarted(kind: Kind, how: str) -> None:
    desired = wanted(kind, spec_of(kind), requests={"stop": "monday"})
    raw = shown(wanted(kind, BASE[kind.name]).body, "Stopped")
    act = Act("stop", NOTED, digest="1", request=("stop", "monday"), operation="/liveevent/1")
    record = mine(kind, raw, act=act if how == "carried out" else None)
    decision = decided(kind, desired, raw, record, ())
    found = decision.plan.record
    assert (following(decision), reasons(decision)) == (None, ["HeldByRequest"])
    assert COMMAND.search(decision.holds[0].message)
    assert (found.stay, found.run_state, found.requests) == (BY_REQUEST, "Running", {"stop": "monday"})
    assert load(dump(found), found.uid) == found
    again = decided(kind, desired, raw, found, ())
    assert (again.next, again.plan.record, reasons(again)) == (None, found, ["HeldByRequest"])


def test_it_ends_with_another_request_or_another_run_state_and_with_nothing_else() -> None:
    raw = shown(wanted(EVENT, BASE["LiveEvent"]).body, "Stopped")
    record = mine(EVENT, raw, stay=BY_REQUEST, requests={"stop": "monday"})
    edited = replace(wanted(EVENT, spec_of(EVENT, description="new"), requests={"stop": "monday"}), generation=7)
    assert reasons(decided(EVENT, edited, raw, record, ())) == ["HeldByRequest"]
    asked = wanted(EVENT, spec_of(EVENT), requests={"stop": "monday", "start": "tuesday"})
    assert following(decided(EVENT, asked, raw, record, ())) == "start"
    standby = wanted(EVENT, spec_of(EVENT, runState="StandBy"))
    decision = decided(EVENT, standby, raw, record, ())
    assert (following(decision), decision.plan.record.stay) == ("standby", None)
    running = shown(wanted(EVENT, BASE["LiveEvent"]).body, "Running")
    started = planned(EVENT, wanted(EVENT, spec_of(EVENT)), running, mine(EVENT, running, stay=BY_REQUEST))
    assert started.record.stay is None


def test_a_requested_start_lasts_though_stopped_is_declared() -> None:
    raw = shown(wanted(ENDPOINT, {}).body, "Running")
    desired = wanted(ENDPOINT, {"runState": "Stopped", **ALWAYS}, requests={"start": "1"}, disruption="Interrupt")
    decision = decided(ENDPOINT, desired, raw, mine(ENDPOINT, raw, run_state="Stopped"), ())
    assert (following(decision), reasons(decision)) == (None, ["HeldByRequest"])


def test_without_a_request_it_is_brought_back() -> None:
    raw = shown(wanted(ENDPOINT, {}).body, "Stopped")
    assert following(decided(ENDPOINT, wanted(ENDPOINT, spec_of(ENDPOINT)), raw, mine(ENDPOINT, raw), ())) == "start"
    noted = scene(ENDPOINT, first_sight=True)  # what stood there before says nothing
    desired = wanted(ENDPOINT, spec_of(ENDPOINT), requests={"stop": "old"})
    plan = make_plan(ENDPOINT, desired, Observed(NOW, raw), mine(ENDPOINT, raw), noted)
    assert plan.record.stay is None


@pytest.mark.parametrize(("restart", "reason", "step"), [("Never", ["MadeAnew"], None), ("Always", [], "start")])
def test_what_vanished_and_was_made_anew_says_so(restart: str, reason: list[str], step: str | None) -> None:
    desired = wanted(EVENT, spec_of(EVENT, restartPolicy=restart))
    raw = shown(desired.body, "Stopped")
    gone = make_plan(EVENT, desired, Observed(NOW, None), mine(EVENT, raw), scene(EVENT))
    assert [action.name for chain in gone.chains for action in chain] == ["create"]
    assert gone.record.stay == Stay("Stopped", "Running", "anew")
    made = mine(EVENT, raw, stay=gone.record.stay, fields=desired.fields)
    decision = decided(EVENT, desired, raw, made, ())
    assert (following(decision), reasons(decision)) == (step, reason)
    assert all(COMMAND.search(hold.message) for hold in decision.holds)


def asked_while(kind: Kind, verb: str, declared: str, state: str) -> Record:
    """The record of a resource whose requested step is under way, from when it was first seen."""
    raw = shown(wanted(kind, BASE[kind.name]).body, state)
    spec = spec_of(kind, runState=declared, restartPolicy="Never")
    record = mine(kind, raw, run_state=declared, stay=Stay(state, declared, "request"))
    asked = planned(kind, wanted(kind, spec, requests={verb: "1"}), raw, record, ()).record
    act = Act(verb, NOTED, digest="1", request=(verb, "1"), operation="/liveevent/1")
    return load(dump(replace(asked, act=act)), asked.uid)


@pytest.mark.parametrize("kind", [EVENT, ENDPOINT], ids=lambda kind: kind.name)
@pytest.mark.parametrize(
    ("verb", "before", "after", "step"),
    [("start", ("Running", "Stopped"), ("Stopped", "Running"), "stop"),
     ("stop", ("Stopped", "Running"), ("Running", "Stopped"), "start")],
)  # fmt: skip
def test_a_run_state_that_is_declared_while_a_requested_step_is_under_way_is_the_newer_order(
    kind: Kind, verb: str, before: tuple[str, str], after: tuple[str, str], step: str
) -> None:
    record = asked_while(kind, verb, *before)
    spec = spec_of(kind, runState=after[0], restartPolicy="Never")
    raw = shown(wanted(kind, BASE[kind.name]).body, after[1])
    desired = replace(wanted(kind, spec, requests={verb: "1"}, disruption="Interrupt"), generation=2)
    assert following(decided(kind, desired, raw, record, ())) == step


@pytest.mark.parametrize("restart", ["Always", "Never"])
def test_what_was_started_by_request_and_stopped_by_somebody_else_is_not_held_by_the_stop_before(restart: str) -> None:
    raw = shown(wanted(EVENT, BASE["LiveEvent"]).body, "Stopped")
    act = Act("start", NOTED, digest="1", request=("start", "2"), operation="/liveevent/1")
    record = mine(EVENT, raw, stay=BY_REQUEST, requests={"stop": "1"}, act=act)
    desired = wanted(EVENT, spec_of(EVENT, restartPolicy=restart), requests={"stop": "1", "start": "2"})
    decision = decided(EVENT, desired, raw, record, (), answered=True, over=True)
    expected = ("start", []) if restart == "Always" else (None, ["StoppedOutside"])
    assert (following(decision), reasons(decision)) == expected
