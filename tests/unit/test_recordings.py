"""Live outputs in the engine: what they need to be there, and whose recording an asset is."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from tests.unit.engine_fakes import OWNER, settle
from tests.unit.rig import Rig
from tests.unit.scenes import BASE, ORIGIN

from ams_operator.domain.answers import Resource
from ams_operator.domain.model import JSON
from ams_operator.engine import recordings
from ams_operator.engine.state import parse_spec
from ams_operator.engine.store import ACCOUNT

BEFORE = "2023-01-01T00:00:00+00:00"
SPEC: JSON = {"liveEventRef": {"name": "studio"}, "assetRef": {"name": "tape"}, "archiveWindowLength": "PT1H"}


def made(uid: str, place: str, reason: str, **record: Any) -> JSON:
    """The status of something that we made and saw."""
    ready = {"type": "Ready", "status": "True", "reason": reason, "message": "", "observedGeneration": 1}
    known = {"uid": uid, "how": "Created", "identity": "tape|match", "origin": ORIGIN, "resourceId": f"{BASE}/{place}"}
    return {"observedGeneration": 1, "conditions": [ready], "record": {**known, **record}}


def output(rig: Rig, name: str, asset: JSON, created: str = "", **members: Any) -> Resource:
    values = {"created": created} if created else {}
    return rig.see("LiveOutput", name, {**SPEC, "assetRef": asset, **members.pop("more", {})}, **values, **members)


@pytest.mark.parametrize(
    ("reason", "asset"), [("Recording", True), ("RecordingEnded", True), ("RecordingEnded", False)]
)
async def test_a_recording_that_ended_stays_so_when_its_event_and_then_its_asset_go(reason: str, asset: bool) -> None:
    rig = Rig()
    async with rig.running():
        await rig.usable()
        if asset:
            rig.see("Asset", "tape", {}, status=made("tape", "assets/tape", "InSync"))
        rig.see("LiveOutput", "match", SPEC, status=made("match", "liveEvents/studio/liveOutputs/match", reason))
        await settle()
        rig.schedule.later("match", rig.clock.now())
        await rig.clock.advance(2)
        assert rig.ready("match") == ("True", "RecordingEnded")
        assert rig.service.writes() == {}


async def test_one_that_never_recorded_still_waits_for_its_event() -> None:
    rig = Rig()
    async with rig.running():
        await rig.usable()
        rig.see("Asset", "tape", {}, status=made("tape", "assets/tape", "InSync"))
        rig.see("LiveOutput", "match", SPEC)
        await settle()
        assert rig.ready("match") == ("False", "ReferenceNotReady")


TAPE = {"name": "tape"}


def why_not(rig: Rig, resource: Resource) -> str:
    found = recordings.holds(rig.engine, resource, parse_spec(rig.engine, resource))
    return " ".join(hold.message for hold in found if hold.reason == "RecordingExists")


@pytest.mark.parametrize(
    ("older", "younger"),
    [(TAPE, TAPE), ({"azureName": "Tape-1"}, TAPE), (TAPE, {"azureName": "tape-1"}), ({"azureName": "tape-1"},) * 2],
    ids=["objects", "name, object", "object, name", "names"],
)
def test_of_two_that_mean_one_asset_the_younger_says_whose_it_is(older: JSON, younger: JSON) -> None:
    rig = Rig()
    rig.apply_account()
    rig.see("Asset", "tape", {"azureName": "tape-1"}, status=made("tape", "assets/tape-1", "InSync"))
    first = output(rig, "first", older, BEFORE)
    second = output(rig, "second", younger)
    assert "the one of LiveOutput second" not in why_not(rig, first)
    assert "the one of LiveOutput first" in why_not(rig, second)


def test_different_assets_and_accounts_are_nobodys_rivals() -> None:
    rig = Rig()
    rig.apply_account()
    other = {"subscriptionId": "sub", "resourceGroup": "group", "credentials": {"secretRef": {"name": "azure"}}}
    rig.see(ACCOUNT, "other", {**other, "azureName": "fabrikam"})
    rig.see("Asset", "tape", {}, status=made("tape", "assets/tape", "InSync"))
    output(rig, "first", {"azureName": "another"}, BEFORE)
    rig.see("LiveOutput", "elsewhere", {**SPEC, "accountRef": {"name": "other"}, "assetRef": {"azureName": "tape"}},
            created=BEFORE)  # fmt: skip
    stranger = {**SPEC, "accountRef": {"name": "default", "namespace": "team"}, "assetRef": {"azureName": "tape"}}
    rig.see("LiveOutput", "stranger", stranger, namespace="nobody-admitted-it", created=BEFORE)
    assert why_not(rig, output(rig, "second", TAPE)) == ""


def test_an_asset_that_a_recording_took_by_its_name_is_not_given_to_another() -> None:
    """Also when the object of the first is gone: what the asset's record says lasts."""
    rig = Rig()
    rig.apply_account()
    rig.see("Asset", "tape", {}, status=made("tape", "assets/tape", "InSync", recordedBy="gone"))
    assert "holds the recording of an earlier LiveOutput" in why_not(rig, output(rig, "second", {"azureName": "tape"}))


async def test_at_debug_level_each_look_is_told_and_who_is_looked_at(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "ams_operator")
    rig = Rig()
    async with rig.running():
        await rig.usable()
        rig.transform("adaptive")
        await settle()
        assert rig.ready("adaptive") == ("True", "InSync")
    lines = [(record.levelname, record.getMessage(), record.__dict__["about"]["name"]) for record in caplog.records]
    assert ("DEBUG", "decided: there; next: nothing to do; holds: none", "adaptive") in lines
    assert any(level == "DEBUG" and name == "default" for level, _, name in lines)
    assert OWNER in rig.kube.objects


def counted(monkeypatch: pytest.MonkeyPatch, name: str) -> list[str]:
    """The uids with which one of the functions was called."""
    calls: list[str] = []
    original = getattr(recordings, name)

    def counting(engine: Any, resource: Resource, *args: Any) -> Any:
        calls.append(resource.uid)
        return original(engine, resource, *args)

    monkeypatch.setattr(recordings, name, counting)
    return calls


@pytest.mark.parametrize(("same", "most"), [(False, 0), (True, 39)], ids=["assets of their own", "one asset"])
def test_a_crowd_of_recordings_is_compared_once_each_at_most(
    monkeypatch: pytest.MonkeyPatch, same: bool, most: int
) -> None:
    rig = Rig()
    rig.apply_account()
    crowd = [output(rig, f"o{number:02}", {"azureName": "x" if same else f"x{number}"}) for number in range(40)]
    for number in range(40):
        rig.see("Asset", f"a{number}", {"azureName": f"other-{number}"})
    compared = counted(monkeypatch, "_means")
    held = [one.uid for one in crowd if "the one of LiveOutput o00" in why_not(rig, one)]
    assert len(held) == len(compared) == most
    rig.schedule.gone("LiveOutput", "o00")
    assert "the one of" not in why_not(rig, crowd[1]), "what is gone is nobody's rival"


async def test_what_may_not_use_its_account_is_not_compared_with_others(monkeypatch: pytest.MonkeyPatch) -> None:
    rig = Rig()
    async with rig.running():
        await rig.usable()
        rig.kube.labels_of_secrets["none"] = None
        spec = {**rig.kube.objects[OWNER].spec, "credentials": {"secretRef": {"name": "none"}}, "azureName": "other"}
        rig.see(ACCOUNT, "barred", spec)
        asked = counted(monkeypatch, "holds")
        output(rig, "theirs", {"azureName": "x"}, more={"accountRef": {"name": "barred"}})
        output(rig, "mine", {"azureName": "x"})
        await settle()
        assert set(asked) == {"mine"}
        assert rig.ready("theirs") == ("False", "SecretNotFound")


def test_what_goes_leaves_nothing_behind() -> None:
    rig = Rig()
    rig.apply_account()
    rig.see("Asset", "tape", {})
    output(rig, "first", TAPE)
    output(rig, "first", {"azureName": "tape"})
    for kind, uid in (("LiveOutput", "first"), ("Asset", "tape")):
        rig.schedule.gone(kind, uid)
    store = rig.engine.store
    assert (
        [store.recorders.entered, store.recorders.oldest] == [store.recorded.entered, store.recorded.oldest] == [{}, {}]
    )


async def test_an_event_says_at_once_that_no_recording_waits_any_more() -> None:
    """Its stop would have ended one; nobody has to wait for a sweep to read that it would not."""
    rig = Rig()
    event: JSON = {"input": {"streamingProtocol": "RTMP"}, "runState": "Running"}
    found = {"created": BEFORE, "resourceState": "Running", "provisioningState": "Succeeded", "input": event["input"]}
    identity = rig.engine.kinds["LiveEvent"].identity({"properties": found})
    mine = made("studio", "liveEvents/studio", "InSync", identity=identity, runState="Running")
    async with rig.running():
        await rig.usable()
        rig.service.stored["LiveEvent", "studio"] = {"name": "studio", "location": "West", "properties": found}
        rig.service.stored["LiveOutput", "match"] = {"name": "match", "properties": {}}
        rig.see("LiveEvent", "studio", event, status=mine)
        recording = made("match", "liveEvents/studio/liveOutputs/match", "Recording")
        output(rig, "match", {"azureName": "tape"}, status=recording)
        rig.see("LiveEvent", "studio", {**event, "hostnamePrefix": "news"})
        await settle()
        assert rig.ready("studio") == ("False", "WouldEndRecording")
        del rig.service.stored["LiveOutput", "match"]
        rig.schedule.gone("LiveOutput", "match")
        await settle()
        assert rig.ready("studio") == ("False", "WouldInterrupt")
