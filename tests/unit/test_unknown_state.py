"""A run state that nobody knows: it counts as on air, and nothing is sent that nobody asked for by name."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.on_air import ENDPOINT, EVENT, OUTPUT, decided, following, ours, planned, reasons, shown, wanted
from tests.unit.scenes import NOTED

from ams_operator.domain.kind import Kind
from ams_operator.domain.model import JSON, Act, Cure, Decision, Desired
from ams_operator.domain.report import judge

BASES: dict[str, JSON] = {"LiveEvent": {"input": {"streamingProtocol": "RTMP"}}, "StreamingEndpoint": {}}
KINDS = pytest.mark.parametrize("kind", [EVENT, ENDPOINT], ids=lambda kind: kind.name)
WORDS = pytest.mark.parametrize("word", ["Error", "Degraded", "", 7, None], ids=repr)
"""words outside of the table, and what is none"""
UNCHANGED: JSON = {}
THERE: JSON = {"name": "match", "properties": {}}
RECORDING: JSON = {"liveEventRef": {"name": "studio"}, "assetRef": {"name": "a"}, "archiveWindowLength": "PT1H"}


def raw_of(kind: Kind, word: Any) -> JSON:
    return shown(wanted(kind, BASES[kind.name]).body, None, **({"resourceState": word} if word is not None else {}))


def manifest(kind: Kind, spec: JSON = UNCHANGED, **members: Any) -> Desired:
    return wanted(kind, {**BASES[kind.name], **spec}, **members)


def judged(kind: Kind, word: Any, desired: Desired, outputs: tuple[JSON, ...] = (), **members: Any) -> Decision:
    raw = raw_of(kind, word)
    record = ours(kind, raw, **{"fields": wanted(kind, BASES[kind.name]).fields, **members})
    return decided(kind, desired, raw, record, outputs)


@KINDS
@WORDS
class TestUnknown:
    @pytest.mark.parametrize("before", [None, "Running", "Stopped"])
    @pytest.mark.parametrize("goal", ["Running", "Stopped"])
    def test_a_declared_run_state_is_not_reached_and_somebody_has_to_look(
        self, kind: Kind, word: Any, goal: str, before: str | None
    ) -> None:
        desired = manifest(kind, {"runState": goal, "restartPolicy": "Always"})
        decision = judged(kind, word, desired, run_state=before)
        hold = decision.holds[0]
        assert (following(decision), hold.reason, hold.cure) == (None, "UnknownState", Cure.FIX)
        verdict = judge(desired, decision, None, {})
        assert (verdict.ready, verdict.stalled) == ("False", True)
        assert (f"it is {word}," if word and isinstance(word, str) else "shows no run state") in verdict.message
        assert verdict.message.endswith(f"ams-operator request stop {kind.name}/studio -n media")
        assert "None" not in verdict.message

    def test_nothing_is_wrong_where_nothing_is_to_be_done(self, kind: Kind, word: Any) -> None:
        decision = judged(kind, word, manifest(kind))
        assert (following(decision), reasons(decision), decision.plan.chains) == (None, [], ())

    @pytest.mark.parametrize("spec", [{"description": "new"}, {"crossSiteAccessPolicies": {"clientAccessPolicy": "x"}}])
    def test_no_change_is_made(self, kind: Kind, word: Any, spec: JSON) -> None:
        decision = judged(kind, word, manifest(kind, spec, disruption="EndRecordings"))
        assert (following(decision), reasons(decision)[0]) == (None, "UnknownState")
        assert "None" not in str([hold.message for hold in decision.holds])

    @pytest.mark.parametrize("verb", ["start", "stop", "standby", "reset"])
    def test_what_is_asked_for_by_name_is_sent(self, kind: Kind, word: Any, verb: str) -> None:
        known = kind is EVENT or verb in ("start", "stop")
        for spec in ({}, {"runState": "Running"}):
            decision = judged(kind, word, manifest(kind, spec, requests={verb: "now"}))
            assert following(decision) == (verb if known else None)
        assert following(judged(kind, word, manifest(kind, requests={verb: "now"}), requests={verb: "now"})) is None

    def test_nothing_is_deleted_unless_it_was_stopped(self, kind: Kind, word: Any) -> None:
        desired = manifest(kind, deleting=True, deletion="Delete")
        decision = judged(kind, word, desired)
        assert (following(decision), decision.release, reasons(decision)) == (None, False, ["UnknownState"])
        verdict = judge(desired, decision, None, {})
        assert "ams-operator request stop" in verdict.message
        assert "ams-operator request abandon" in verdict.message
        asked = manifest(kind, deleting=True, deletion="Delete", requests={"stop": "now"})
        decision = judged(kind, word, asked)
        assert decision.next is not None
        assert (decision.next.name, decision.next.request) == ("stop", ("stop", "now"))
        assert following(judged(kind, word, asked, requests={"stop": "now"})) is None

    def test_without_a_deletion_policy_it_is_let_go(self, kind: Kind, word: Any) -> None:
        decision = judged(kind, word, manifest(kind, deleting=True))
        assert (following(decision), decision.release) == (None, True)

    def test_it_is_on_air(self, kind: Kind, word: Any) -> None:
        assert kind.state(raw_of(kind, word)).on_air


@WORDS
def test_recordings_are_not_ended_by_a_request_without_consent(word: Any) -> None:
    asked = manifest(EVENT, requests={"stop": "now"})
    decision = judged(EVENT, word, asked, outputs=(THERE,))
    assert (following(decision), reasons(decision)) == (None, ["WouldEndRecording"])
    assert "None" not in decision.holds[0].message


@WORDS
def test_a_recording_may_end_in_any_state_and_is_on_air_in_each(word: Any) -> None:
    members = {"resourceState": word} if word is not None else {}
    raw = shown(wanted(OUTPUT, RECORDING).body, None, manifestName="m", **members)
    assert OUTPUT.state(raw).on_air
    gone = wanted(OUTPUT, RECORDING, deleting=True, deletion="Delete")
    assert following(decided(OUTPUT, gone, raw, ours(OUTPUT, raw))) == "delete"


@KINDS
@pytest.mark.parametrize("word", ["running", "RUNNING", "stopped", "STARTING", "stopPing"])
def test_another_capitalisation_is_understood(kind: Kind, word: str) -> None:
    raw, word = raw_of(kind, word), word.capitalize()
    state = kind.state(raw)
    assert (state.now, state.known, state.on_air) == (word, True, word in ("Running", "Starting"))
    assert kind.facts(raw)["resourceState"] == word
    if word in ("Running", "Stopped"):
        desired = manifest(kind, {"runState": word})
        record = ours(kind, raw, fields=desired.fields, run_state=word)
        assert decided(kind, desired, raw, record, ()).holds == ()


@KINDS
def test_what_the_service_did_before_it_showed_such_a_word_is_not_forgotten(kind: Kind) -> None:
    """A start that it took and lost: the operation says so, whatever the state is called."""
    raw = raw_of(kind, "Error")
    act = Act("start", NOTED, digest="1", then="Running", operation="op")
    desired = manifest(kind, {"runState": "Running"})
    found = planned(
        kind, desired, raw, ours(kind, raw, act=act), (), answered=True, over=True, failure=("Broken", "no reason")
    )
    assert found.record.act is None
    assert found.record.repeats["start 1"].why == "Broken: no reason"
