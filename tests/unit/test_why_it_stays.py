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
