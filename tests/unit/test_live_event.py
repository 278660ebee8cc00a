"""LiveEvent: what changes when, every wish in every state, and what may be told of it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.unit.on_air import (
    EVENT,
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
from ams_operator.domain.model import JSON, Observed, Record

BASE: JSON = {"input": {"streamingProtocol": "RTMP"}, "encoding": {"encodingType": "Standard"}}
EVERYBODY = {"ip": {"allow": [{"name": "all", "address": "0.0.0.0", "subnetPrefixLength": 0}]}}
OFFICE = {"ip": {"allow": [{"address": "203.0.113.7"}]}}
ANYTIME = [Row("description", "one", "two"), Row("tags", {"team": "a"}, {"team": "b"})]
OPEN = [
    Row("input.accessControl", EVERYBODY, OFFICE),
    Row("preview.accessControl", EVERYBODY, OFFICE),
    Row("hostnamePrefix", "one", "two"),
]
STOPPED = [
    Row("input.keyFrameIntervalDuration", "PT2S", "PT4S"),
    Row("encoding.stretchMode", "AutoFit", "None"),
    Row("encoding.keyFrameInterval", "PT4S", "PT6S"),
    Row("transcriptions", [{"language": "en-US"}], [{"language": "de-DE"}]),
    Row("crossSiteAccessPolicies.clientAccessPolicy", "<a/>", "<b/>"),
    Row("crossSiteAccessPolicies.crossDomainPolicy", "<a/>", "<b/>"),
]
STAND_BY = [Row("useStaticHostname", True, False)]
SETTLED = [
    Row("input.streamingProtocol", "RTMP", "FragmentedMP4"),
    Row("preview.previewLocator", "6f2a1c3e-0d5b-4c4f-9b0a-3a1f6d2e8c71", "00000000-0d5b-4c4f-9b0a-3a1f6d2e8c71"),
    Row("preview.streamingPolicyRef", {"azureName": "one"}, {"azureName": "two"}),
    Row("preview.alternativeMediaId", "one", "two"),
    Row("encoding.encodingType", "Standard", "Premium1080p"),
    Row("encoding.presetName", "one", "two"),
    Row("streamOptions", ["LowLatency"], ["LowLatencyV2"]),
]
MEMBERS: JSON = {
    "description": "",
    "useStaticHostname": False,
    "hostnamePrefix": None,
    "streamOptions": [],
    "transcriptions": [],
    "crossSiteAccessPolicies": {"clientAccessPolicy": None, "crossDomainPolicy": None},
    "preview": {
        "accessControl": None,
        "previewLocator": "6f2a1c3e-0d5b-4c4f-9b0a-3a1f6d2e8c71",
        "streamingPolicyName": "Predefined_ClearStreamingOnly",
        "alternativeMediaId": None,
        "endpoints": [],
    },
}
"""what the service fills in"""
IN_SYNC = {"location": "West US 2", "properties": {"input": {"streamingProtocol": "RTMP"}}}
OUTPUT: JSON = {"name": "match", "properties": {"assetName": "match-1"}}


def event(state: str = "Stopped", **properties: Any) -> JSON:
    """A live event as the service shows it, as `BASE` declares it."""
    return shown(wanted(EVENT, BASE).body, state, **properties)


@pytest.mark.parametrize("row", ANYTIME + OPEN + STOPPED + STAND_BY + SETTLED, ids=str)
def test_what_is_as_declared_asks_for_nothing(row: Row) -> None:
    desired = wanted(EVENT, put(BASE, row.path, row.one))
    raw = shown(desired.body, "Running")
    assert planned(EVENT, desired, raw, ours(EVENT, raw, fields=desired.fields)).chains == ()


@pytest.mark.parametrize(
    ("row", "states"),
    [(row, ("Stopped", "StandBy", "Running")) for row in ANYTIME]
    + [(row, ("Stopped", "StandBy")) for row in OPEN]
    + [(row, ("Stopped",)) for row in STOPPED]
    + [(row, ("StandBy",)) for row in STAND_BY],
    ids=str,
)
@pytest.mark.parametrize("now", ["Stopped", "StandBy", "Running"])
@pytest.mark.parametrize("disruption", ["WhenIdle", "Interrupt"])
def test_a_change_goes_out_only_in_the_states_that_take_it(
    row: Row, states: tuple[str, ...], now: str, disruption: str
) -> None:
    before = wanted(EVENT, put(BASE, row.path, row.one))
    desired = wanted(EVENT, put({**BASE, "runState": now}, row.path, row.other), disruption=disruption)
    raw = shown(before.body, now)
    record = ours(EVENT, raw, fields=before.fields, run_state=now)
    decision = decided(EVENT, desired, raw, record, outputs=())
    if now in states:
        assert following(decision) == "update"
        assert decision.next is not None
        assert decision.next.needs in (frozenset(), frozenset(states))
    elif now == "Stopped":  # nobody depends on it, and the manifest says where it belongs
        assert names(decision.plan) == [["standby", "update", "stop"]]
        assert following(decision) == "standby"
    elif disruption == "WhenIdle":
        assert following(decision) is None
        assert reasons(decision) == (["WouldInterrupt"] if now == "Running" else ["WaitingForIdle"])
    else:
        assert (following(decision), reasons(decision)) == ("stop", [])
        assert "update" in names(decision.plan)[0]


@pytest.mark.parametrize("row", ANYTIME + OPEN + STOPPED + STAND_BY + SETTLED, ids=str)
def test_drift_of_a_declared_field_is_a_change(row: Row) -> None:
    desired = wanted(EVENT, put(BASE, row.path, row.one))
    raw = shown(wanted(EVENT, put(BASE, row.path, row.other)).body, "Running")
    plan = planned(EVENT, desired, raw, ours(EVENT, raw, fields=desired.fields))
    assert plan.differs
    assert bool(plan.chains) == (row not in SETTLED)


@pytest.mark.parametrize("row", SETTLED, ids=str)
@pytest.mark.parametrize("now", ["Stopped", "Running"])
def test_what_is_settled_never_changes(row: Row, now: str) -> None:
    before = wanted(EVENT, put(BASE, row.path, row.one))
    desired = wanted(EVENT, put(BASE, row.path, row.other), disruption="EndRecordings")
    raw = shown(before.body, now)
    decision = decided(EVENT, desired, raw, ours(EVENT, raw, fields=before.fields))
    assert (decision.plan.chains, reasons(decision)) == ((), ["CannotChange"])


def test_another_token_is_refused_and_not_told() -> None:
    spec = put(BASE, "input.accessTokenSecretRef", {"name": "tokens", "key": "studio"})
    before = wanted(EVENT, spec)
    desired = wanted(EVENT, spec, {**GIVEN, "/properties/input/accessToken": "another-s3cret"})
    raw = shown(before.body)
    decision = decided(EVENT, desired, raw, ours(EVENT, raw, fields=before.fields))
    assert reasons(decision) == ["CannotChange"]
    assert "s3cret" not in str(decision.holds)


@pytest.mark.parametrize("row", ANYTIME + OPEN + STOPPED, ids=str)
@pytest.mark.parametrize("deep", [True, False], ids=["merging", "replacing"])
def test_what_is_removed_from_the_manifest_is_reset(row: Row, deep: bool) -> None:
    reset_leaves_nothing(EVENT, BASE, row, deep=deep)


def test_removed_static_host_names_are_reset_in_standby() -> None:
    reset_leaves_nothing(EVENT, BASE, STAND_BY[0], state="StandBy")


@pytest.mark.parametrize("path", ["preview.previewLocator", "encoding.presetName"])
def test_what_the_service_would_have_chosen_stays_when_it_is_removed(path: str) -> None:
    value = next(row.one for row in SETTLED if row.path == path)
    before = wanted(EVENT, put(BASE, path, value))
    raw = shown(before.body)
    decision = decided(EVENT, wanted(EVENT, BASE), raw, ours(EVENT, raw, fields=before.fields))
    assert (decision.plan.chains, reasons(decision)) == ((), ["CannotUnset"])


def test_defaults_of_the_service_are_nobodys_change() -> None:
    declared = {
        **BASE,
        "description": "",
        "useStaticHostname": False,
        "streamOptions": [],
        "transcriptions": [],
        "preview": {"streamingPolicyRef": {"azureName": "Predefined_ClearStreamingOnly"}, "alternativeMediaId": ""},
    }
    raw = event(**MEMBERS)
    assert changes(EVENT.table, wanted(EVENT, declared).body, raw, wanted(EVENT, declared).fields)[0] == ()


@pytest.mark.parametrize(
    ("path", "one", "other"),
    [
        ("encoding.presetName", "Default720p", "default720p"),
        ("encoding.keyFrameInterval", "PT2S", None),
        ("encoding.stretchMode", "AutoSize", None),
        ("input.keyFrameIntervalDuration", "PT1M", "PT60S"),
        ("preview.previewLocator", "6F2A1C3E-0D5B-4C4F-9B0A-3A1F6D2E8C71", "6f2a1c3e-0d5b-4c4f-9b0a-3a1f6d2e8c71"),
    ],
)
def test_another_spelling_is_no_difference(path: str, one: str, other: str | None) -> None:
    declared, found = wanted(EVENT, put(BASE, path, one)).body, wanted(EVENT, put(BASE, path, other)).body
    assert changes(EVENT.table, declared, found, ())[0] == ()


def test_an_update_carries_region_and_no_urls() -> None:
    raw = event(**MEMBERS)
    raw["properties"]["input"] = {
        "streamingProtocol": "RTMP",
        "accessToken": "s3cret",
        "endpoints": [{"protocol": "RTMP", "url": "rtmp://host/live/s3cret"}],
    }
    desired = wanted(EVENT, put(BASE, "input.accessControl", OFFICE))
    update = planned(EVENT, desired, raw, ours(EVENT, raw, fields=desired.fields)).chains[0][0]
    assert update.body == {
        "location": "West US 2",
        "properties": {"input": {"streamingProtocol": "RTMP", "accessToken": "s3cret", "accessControl": OFFICE}},
    }
    assert EVENT.query == {"autoStart": "false"}


def test_two_changes_that_no_state_takes_together_begin_with_a_stop() -> None:
    desired = wanted(
        EVENT,
        {**put(BASE, "encoding.keyFrameInterval", "PT4S"), "useStaticHostname": True, "runState": "Running"},
        disruption="Interrupt",
    )
    raw = event("Running", useStaticHostname=False)
    record = ours(EVENT, raw, fields=wanted(EVENT, BASE).fields, run_state="Running")
    assert following(decided(EVENT, desired, raw, record, outputs=())) == "stop"
    stopped = event("Stopped", useStaticHostname=False)
    assert names(planned(EVENT, desired, stopped, ours(EVENT, stopped), outputs=())) == [
        ["update"],
        ["standby", "update", "start"],
    ]


# --- what is told ----------------------------------------------------------------------------------------------------

RTMP = [
    {"protocol": "RTMP", "url": f"{scheme}://host:{port}/live/s3cret"}
    for scheme, port in (("rtmp", 1935), ("rtmp", 1936), ("rtmps", 2935), ("rtmps", 2936))
]


def urls(*ingest: JSON) -> JSON:
    raw = event("Running", **MEMBERS)
    raw["properties"]["input"] |= {"endpoints": list(ingest), "accessToken": "s3cret"}
    preview = [{"protocol": "FragmentedMP4", "url": "https://host/6f2a1c3e/preview.ism/manifest"}]
    raw["properties"]["preview"] = {**raw["properties"]["preview"], "endpoints": preview}
    return raw


def test_the_connection_of_rtmp() -> None:
    assert EVENT.connection is not None
    assert EVENT.connection(urls(*RTMP)) == {
        "rtmp-primary": "rtmp://host:1935/live/s3cret",
        "rtmp-secondary": "rtmp://host:1936/live/s3cret",
        "rtmps-primary": "rtmps://host:2935/live/s3cret",
        "rtmps-secondary": "rtmps://host:2936/live/s3cret",
        "preview": "https://host/6f2a1c3e/preview.ism/manifest",
    }


def test_the_connection_of_fragmented_mp4() -> None:
    assert EVENT.connection is not None
    ingest = [{"protocol": "FragmentedMP4", "url": f"http://host{n}/s3cret/ingest.isml"} for n in (1, 2, 3)]
    found = EVENT.connection(urls(*ingest))
    assert {name: url for name, url in found.items() if name != "preview"} == {
        "ingest-primary": "http://host1/s3cret/ingest.isml",
        "ingest-secondary": "http://host2/s3cret/ingest.isml",
    }


@pytest.mark.parametrize(
    "raw", [event(**MEMBERS), {}, {"properties": {"input": {"endpoints": [None, {"url": 1}, {"url": "x"}]}}}], ids=str
)
def test_no_connection_is_shown_for_nothing(raw: JSON) -> None:
    assert EVENT.connection is not None
    assert EVENT.connection(raw) == {}


def test_status_tells_the_state_and_no_secret() -> None:
    found = EVENT.facts(urls(*RTMP))
    assert found == {"resourceState": "Running", "provisioningState": "Succeeded"}
    assert set(found) <= set(EVENT.shows)
    raw = urls(*RTMP)
    desired = wanted(EVENT, put({**BASE, "runState": "Stopped"}, "input.accessControl", OFFICE))
    decision = decided(EVENT, desired, raw, ours(EVENT, raw), outputs=())
    told = json.dumps([str(decision.holds), [str(a.changes) for chain in decision.plan.chains for a in chain]])
    assert "s3cret" not in told
    assert "6f2a1c3e" not in told


@pytest.mark.parametrize("raw", [{}, {"properties": None}, {"properties": {"resourceState": 7}}], ids=str)
def test_an_odd_answer_is_read_without_complaint(raw: JSON) -> None:
    assert EVENT.facts(raw) == {}
    assert EVENT.state(raw).now is None
    assert EVENT.actions(wanted(EVENT, BASE), Observed(0.0, raw), Record(), None) == ()
