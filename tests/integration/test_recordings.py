"""A live output is a recording: begun once, into an asset of its own, and never made again."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from tests.integration import on_air
from tests.integration.rig import Rig
from tests.patience import until

pytestmark = pytest.mark.usefixtures("variant")


@pytest.fixture(autouse=True)
def _quick(rig: Rig) -> None:
    on_air.quick(rig)


@pytest.mark.parametrize("answer", ["refuse", "overwrite"])
def test_a_recording_made_again_under_its_name_does_not_overwrite_the_first(rig: Rig, answer: str) -> None:
    """`kubectl replace --force`, or prune and sync: the object is new, the asset is not."""
    rig.emulator.control.variants(**{"live-output.asset-reused": answer, "live-output.manifest-name": "fixed"})
    with rig.running():
        rig.ready_account()
        on_air.recording(rig)
        rig.cluster.delete("LiveOutput", "recording")
        rig.cluster.gone("LiveOutput", "recording")
        on_air.output(rig)
        message = rig.cluster.reason("LiveOutput", "recording", "RecordingExists")
        assert "Asset of its own" in message
        assert on_air.meters(rig)["recordingsOverwritten"] == 0
        assert on_air.writes(rig).count(("PUT", "liveEvents/studio/liveOutputs/recording")) == 1


def test_whose_status_is_lost_after_its_end_is_not_recorded_again(rig: Rig) -> None:
    rig.emulator.control.variants(**{"live-output.asset-reused": "overwrite", "live-output.manifest-name": "fixed"})
    with rig.running():
        rig.ready_account()
        on_air.recording(rig)
        status, _, body = rig.emulator.request("DELETE", on_air.place(rig, "liveEvents/studio/liveOutputs/recording"))
        assert status in (200, 202, 204), body
        rig.cluster.reason("LiveOutput", "recording", "RecordingEnded")
        path = rig.cluster.path("LiveOutput", "recording") + "/status"
        assert rig.cluster.call("PATCH", path, {"status": None}, "application/merge-patch+json")[0] == 200
        rig.cluster.reason("LiveOutput", "recording", "RecordingExists")
        assert on_air.meters(rig)["recordingsOverwritten"] == 0


def test_an_event_without_an_object_is_waited_for_and_what_happens_is_told(rig: Rig) -> None:
    with rig.running() as operator:
        rig.ready_account()
        on_air.asset(rig)
        guest = on_air.place(rig, "liveEvents/guest")
        rig.emulator.request("PUT", guest, {"location": "westus2", "properties": {"input": on_air.INPUT}})
        on_air.output(rig, "visiting", liveEventRef={"azureName": "guest"})
        on_air.event(rig, runState="Running", managementPolicy="Manage")
        rig.cluster.reason("LiveOutput", "visiting", "Waiting")
        rig.emulator.request("POST", f"{guest}/start")
        rig.cluster.ready("LiveEvent", "studio")
        on_air.event(rig, runState="Running", managementPolicy="Pause")
        rig.cluster.reason("LiveEvent", "studio", "Paused")
        rig.cluster.delete("LiveEvent", "studio")
        rig.cluster.gone("LiveEvent", "studio")
        assert on_air.service_state(rig, "liveEvents/studio") == "Running"
        until(lambda: told(rig, "studio") == {"Started": "Normal", "ReleasedOnAir": "Warning"}, "events tell of it")
        assert operator.metric("ams_operator_released_on_air_total", kind="LiveEvent") == 1
        rig.cluster.reason("LiveOutput", "visiting", "Recording")


def told(rig: Rig, name: str) -> dict[str, str]:
    """Reasons and types of the Kubernetes Events about an object."""
    path = f"/api/v1/namespaces/{rig.cluster.namespace}/events"
    _, found = rig.cluster.call("GET", f"{path}?fieldSelector=involvedObject.name={name}")
    return {one["reason"]: one["type"] for one in found["items"]}


def test_one_asset_takes_one_recording(rig: Rig) -> None:
    with rig.running():
        rig.ready_account()
        on_air.recording(rig)
        on_air.output(rig, "second")
        message = rig.cluster.reason("LiveOutput", "second", "RecordingExists")
        assert "recording" in message
        rig.emulator.request("PUT", on_air.place(rig, "assets/foreign"), {"properties": {}})
        on_air.output(rig, "third", assetRef={"azureName": "foreign"})
        assert "request recreate LiveOutput/third" in rig.cluster.reason("LiveOutput", "third", "RecordingExists")
        on_air.asset(rig, "foreign")
        third = rig.cluster.get("LiveOutput", "third") or {}
        made = third["metadata"]["creationTimestamp"]
        until(lambda: f"{datetime.now(UTC):%FT%TZ}" > made, "which is older is told by the second of its creation")
        on_air.output(rig, "fourth", to="foreign")
        assert "the one of LiveOutput third" in rig.cluster.reason("LiveOutput", "fourth", "RecordingExists")
        on_air.output(rig, "fifth", to="nowhere")
        assert "create it" in rig.cluster.reason("LiveOutput", "fifth", "ReferenceNotReady")
        found = [path for method, path in on_air.writes(rig) if "liveOutputs" in path]
        assert found == ["liveEvents/studio/liveOutputs/recording"]
        on_air.output(rig, "third", assetRef={"azureName": "foreign"}, adoptionPolicy="Always")
        message = rig.cluster.reason("LiveOutput", "third", "RecordingExists")
        named = message.split("recreate LiveOutput/third ")[1].split()[0]
        on_air.request(rig, "LiveOutput", "third", "recreate", named)
        rig.cluster.reason("LiveOutput", "third", "Recording")
        on_air.undisturbed(rig)
