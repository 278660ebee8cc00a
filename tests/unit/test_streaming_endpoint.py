"""StreamingEndpoint: what changes when, scaling, run states, the account's own endpoint, and what may be told."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.on_air import (
    ENDPOINT,
    GIVEN,
    Row,
    decided,
    following,
    names,
    ours,
    planned,
    put,
    reasons,
    reset_leaves_nothing,
    shown,
    wanted,
)

from ams_operator.domain.compare import changes
from ams_operator.domain.model import JSON, Effect

KEYS = {
    "akamai": {
        "akamaiSignatureHeaderAuthenticationKeyList": [
            {
                "identifier": "one",
                "base64KeySecretRef": {"name": "akamai", "key": "one"},
                "expiration": "2030-01-31T12:00:00Z",
            }
        ]
    }
}
ANYTIME = [Row("description", "one", "two"), Row("tags", {"team": "a"}, {"team": "b"})]
STOPPED = [
    Row("availabilitySetName", "one", "two"),
    Row("accessControl", {"ip": {"allow": [{"address": "203.0.113.7"}]}}, {"ip": {"allow": [{"address": "10.0.0.1"}]}}),
    Row("accessControl", KEYS, {"ip": {"allow": [{"address": "203.0.113.7"}]}}),
    Row("maxCacheAge", 60, 120),
    Row("customHostNames", ["a.example.com"], ["a.example.com", "b.example.com"]),
    Row("cdnEnabled", True, False),
    Row("cdnProvider", "StandardAkamai", "StandardVerizon"),
    Row("cdnProfile", "mine", "yours"),
    Row("crossSiteAccessPolicies.clientAccessPolicy", "<a/>", "<b/>"),
    Row("crossSiteAccessPolicies.crossDomainPolicy", "<a/>", "<b/>"),
]
MEMBERS: JSON = {
    "description": "",
    "scaleUnits": 0,
    "accessControl": None,
    "customHostNames": [],
    "cdnEnabled": False,
    "cdnProvider": None,
    "cdnProfile": "",
    "crossSiteAccessPolicies": None,
    "maxCacheAge": None,
    "hostName": "studio-contoso-usw22.streaming.media.azure.net",
    "freeTrialEndTime": "0001-01-01T00:00:00Z",
}
"""what the service fills in"""


def endpoint(state: str = "Stopped", **properties: Any) -> JSON:
    return shown(wanted(ENDPOINT, {}).body, state, **{**MEMBERS, **properties})


@pytest.mark.parametrize("row", ANYTIME + STOPPED, ids=str)
@pytest.mark.parametrize("now", ["Stopped", "Running"])
@pytest.mark.parametrize("disruption", ["WhenIdle", "Interrupt", "EndRecordings"])
def test_a_change_goes_out_only_in_the_states_that_take_it(row: Row, now: str, disruption: str) -> None:
    before = wanted(ENDPOINT, put({}, row.path, row.one))
    desired = wanted(ENDPOINT, put({"runState": now}, row.path, row.other), disruption=disruption)
    raw = shown(before.body, now)
    record = ours(ENDPOINT, raw, fields=before.fields, run_state=now)
    decision = decided(ENDPOINT, desired, raw, record)
    if now == "Stopped" or row in ANYTIME:
        assert (names(decision.plan), following(decision)) == ([["update"]], "update")
    elif disruption == "WhenIdle":
        assert (following(decision), reasons(decision)) == (None, ["WouldInterrupt"])
    else:
        assert names(decision.plan) == [["stop", "update", "start"]]
        assert (following(decision), reasons(decision)) == ("stop", [])


def test_what_runs_though_nobody_declares_it_is_not_stopped_for_a_change() -> None:
    """Nothing would remember to start it again."""
    raw = endpoint("Running")
    desired = wanted(ENDPOINT, {"cdnEnabled": True}, disruption="Interrupt")
    decision = decided(ENDPOINT, desired, raw, ours(ENDPOINT, raw))
    assert (names(decision.plan), following(decision), reasons(decision)) == ([["update"]], None, ["WaitingForIdle"])


@pytest.mark.parametrize("row", ANYTIME + STOPPED, ids=str)
def test_what_is_as_declared_asks_for_nothing_and_drift_is_a_change(row: Row) -> None:
    desired = wanted(ENDPOINT, put({}, row.path, row.one))
    raw = shown(desired.body)
    record = ours(ENDPOINT, raw, fields=desired.fields)
    assert planned(ENDPOINT, desired, raw, record).chains == ()
    drifted = shown(wanted(ENDPOINT, put({}, row.path, row.other)).body)
    assert names(planned(ENDPOINT, desired, drifted, record)) == [["update"]]


@pytest.mark.parametrize("row", ANYTIME + STOPPED, ids=str)
@pytest.mark.parametrize("deep", [True, False], ids=["merging", "replacing"])
def test_what_is_removed_from_the_manifest_is_reset(row: Row, deep: bool) -> None:
    reset_leaves_nothing(ENDPOINT, {}, row, deep=deep)


def test_defaults_of_the_service_are_nobodys_change() -> None:
    declared = wanted(ENDPOINT, {"description": "", "scaleUnits": 0, "cdnEnabled": False, "customHostNames": []})
    assert changes(ENDPOINT.table, declared.body, endpoint(), declared.fields)[0] == ()


@pytest.mark.parametrize(
    ("spec", "found"),
    [
        ({"customHostNames": ["A.Example.com"]}, {"customHostNames": ["a.example.com"]}),
        ({"location": "westus2"}, {}),
        ({"cdnProvider": "StandardVerizon"}, {"cdnProvider": "standardverizon"}),
        (
            {"accessControl": KEYS},
            {
                "accessControl": {
                    "ip": None,
                    "akamai": {
                        "akamaiSignatureHeaderAuthenticationKeyList": [
                            {
                                "identifier": "one",
                                "base64Key": "czNjcmV0LWtleQ==",
                                "expiration": "2030-01-31T12:00:00.0000000+00:00",
                            }
                        ]
                    },
                }
            },
        ),
    ],
    ids=str,
)
def test_another_spelling_is_no_difference(spec: JSON, found: JSON) -> None:
    declared = wanted(ENDPOINT, spec)
    assert changes(ENDPOINT.table, declared.body, endpoint(**found), declared.fields)[0] == ()


@pytest.mark.parametrize("chosen", ["StandardVerizon", None])
def test_what_the_service_chooses_for_a_removed_provider_is_the_default(chosen: str | None) -> None:
    before = wanted(ENDPOINT, {"cdnEnabled": True, "cdnProvider": "StandardAkamai"})
    raw = endpoint(cdnEnabled=True, cdnProvider=chosen, cdnProfile="AzureMediaStreamingPlatformCdnProfile")
    record = ours(ENDPOINT, raw, fields=before.fields)
    assert planned(ENDPOINT, wanted(ENDPOINT, {"cdnEnabled": True}), raw, record).chains == ()


# --- scale units -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("now", ["Stopped", "Running"])
def test_scale_units_change_by_their_own_action_in_any_state(now: str) -> None:
    raw = endpoint(now)
    desired = wanted(ENDPOINT, {"scaleUnits": 2, "runState": now})
    decision = decided(ENDPOINT, desired, raw, ours(ENDPOINT, raw, run_state=now))
    assert len(decision.plan.chains) == 1
    action = decision.next
    assert action is not None
    assert (action.method, action.verb, action.body) == ("POST", "scale", {"scaleUnit": 2})
    assert action.effects == frozenset({Effect.WRITE})


def test_an_update_does_not_touch_scale_units() -> None:
    raw = endpoint(scaleUnits=1)
    desired = wanted(ENDPOINT, {"scaleUnits": 2, "description": "new"})
    plan = planned(ENDPOINT, desired, raw, ours(ENDPOINT, raw))
    (update,) = (action for chain in plan.chains for action in chain if action.verb != "scale")
    assert update.body == {"location": "West US 2", "properties": {"description": "new"}}


def test_units_that_are_not_declared_belong_to_somebodys_autoscaling() -> None:
    raw = endpoint("Running", scaleUnits=4)
    desired = wanted(ENDPOINT, {"runState": "Running"})
    assert planned(ENDPOINT, desired, raw, ours(ENDPOINT, raw, run_state="Running")).chains == ()
    removed = planned(
        ENDPOINT, desired, raw, ours(ENDPOINT, raw, run_state="Running", fields=("/properties/scaleUnits",))
    )
    assert removed.chains == ()


# --- run states ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("now", "goal", "verb"), [("Stopped", "Running", "start"), ("Running", "Stopped", "stop")])
@pytest.mark.parametrize("restart", [None, "Never"])
def test_each_run_state_from_each_state(now: str, goal: str, verb: str, restart: str | None) -> None:
    spec = {"runState": goal, **({"restartPolicy": restart} if restart else {})}
    raw, desired = endpoint(now), wanted(ENDPOINT, spec, disruption="Interrupt")
    ordered = decided(ENDPOINT, desired, raw, ours(ENDPOINT, raw, run_state=now))
    assert (names(ordered.plan), following(ordered)) == ([[verb]], verb)
    assert ordered.plan.chains[0][0].then == goal
    drifted = decided(ENDPOINT, desired, raw, ours(ENDPOINT, raw, run_state=goal))
    assert following(drifted) == (None if restart == "Never" else verb)  # absent means Always


@pytest.mark.parametrize(("verb", "now"), [("start", "Stopped"), ("stop", "Running")])
def test_a_request_is_carried_out_once_for_each_value(verb: str, now: str) -> None:
    raw, desired = endpoint(now), wanted(ENDPOINT, {}, requests={verb: "monday"})
    fields = desired.fields
    asked = decided(ENDPOINT, desired, raw, ours(ENDPOINT, raw, fields=fields, requests={verb: "sunday"}))
    assert (names(asked.plan), following(asked)) == ([[verb]], verb)
    done = ours(ENDPOINT, raw, fields=fields, requests={verb: "monday"})
    assert planned(ENDPOINT, desired, raw, done).chains == ()


@pytest.mark.parametrize("verb", ["standby", "reset"])
def test_what_only_live_events_do_is_not_done(verb: str) -> None:
    raw, desired = endpoint("Running"), wanted(ENDPOINT, {}, requests={verb: "monday"})
    assert planned(ENDPOINT, desired, raw, ours(ENDPOINT, raw, fields=desired.fields)).chains == ()


@pytest.mark.parametrize(
    ("state", "heading", "on_air"),
    [
        ("Stopped", "Stopped", False),
        ("Starting", "Running", True),
        ("Running", "Running", True),
        ("Scaling", "Running", True),
        ("Stopping", "Stopped", False),
    ],
)
def test_states(state: str, heading: str, on_air: bool) -> None:
    found = ENDPOINT.state(endpoint(state))
    assert (found.now, found.heading, found.on_air) == (state, heading, on_air)


@pytest.mark.parametrize("state", ["Starting", "Stopping", "Scaling", "Deleting"])
def test_on_the_way_nothing_is_asked(state: str) -> None:
    raw, desired = endpoint(state), wanted(ENDPOINT, {"runState": "Stopped", "description": "new", "scaleUnits": 3})
    plan = planned(ENDPOINT, desired, raw, ours(ENDPOINT, raw))
    assert plan.chains == ()
    assert plan.waiting


@pytest.mark.parametrize(("now", "chain"), [("Stopped", ["delete"]), ("Running", ["stop", "delete"])])
def test_deletion_stops_first(now: str, chain: list[str]) -> None:
    raw, desired = endpoint(now), wanted(ENDPOINT, {}, deleting=True, deletion="Delete")
    decision = decided(ENDPOINT, desired, raw, ours(ENDPOINT, raw))
    assert (names(decision.plan), following(decision), reasons(decision)) == ([chain], chain[0], [])


# --- what is told ----------------------------------------------------------------------------------------------------


def test_status_tells_host_units_and_cdn_and_no_key() -> None:
    raw = endpoint("Running", scaleUnits=2, accessControl=wanted(ENDPOINT, {"accessControl": KEYS}).body["properties"])
    found = ENDPOINT.facts(raw)
    assert found == {
        "resourceState": "Running",
        "provisioningState": "Succeeded",
        "hostName": "studio-contoso-usw22.streaming.media.azure.net",
        "scaleUnits": 2,
        "cdnEnabled": False,
    }
    assert set(found) <= set(ENDPOINT.shows)
    assert GIVEN["/properties/accessControl/akamai/akamaiSignatureHeaderAuthenticationKeyList/0/base64Key"] in str(raw)


@pytest.mark.parametrize("raw", [{}, {"properties": None}, {"properties": {"scaleUnits": "2", "hostName": 7}}], ids=str)
def test_an_odd_answer_is_read_without_complaint(raw: JSON) -> None:
    assert ENDPOINT.facts(raw) == {}
    assert ENDPOINT.pristine is not None
    assert not ENDPOINT.pristine(raw)
