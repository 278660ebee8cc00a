"""What the README's broadcast promises: an event and its recording from the first manifest to the last command."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from tests.integration import on_air
from tests.integration.rig import Rig
from tests.patience import until
from tests.repo.conftest import ROOT

DELETE = {"spec": {"deletionPolicy": "Delete"}}

pytestmark = pytest.mark.usefixtures("variant")


@pytest.fixture
def broadcast() -> dict[str, dict[str, Any]]:
    """The shipped example, by kind."""
    text = (ROOT / "examples" / "live-recording.yaml").read_text(encoding="utf-8")
    return {found["kind"]: found for found in yaml.safe_load_all(text)}


@pytest.fixture(autouse=True)
def quick(rig: Rig) -> None:
    verbs = ("liveEvents.start", "liveEvents.stop", "liveEvents.delete")
    rig.emulator.control.settings(durations=dict.fromkeys(verbs, 1))


def place(rig: Rig, path: str) -> str:
    return f"{rig.emulator.account_id(rig.account_name, rig.group)}/{path}"


def code(rig: Rig, path: str) -> int:
    return int(rig.emulator.request("GET", place(rig, path))[0])


def apply(rig: Rig, broadcast: dict[str, dict[str, Any]]) -> tuple[str, str]:
    """The three objects, ready and recording; the names of event and output."""
    for kind, found in broadcast.items():
        rig.cluster.apply(kind, found["metadata"]["name"], found["spec"])
    event, output = (broadcast[kind]["metadata"]["name"] for kind in ("LiveEvent", "LiveOutput"))
    rig.cluster.reason("LiveOutput", output, "Recording")
    return event, output


def test_a_recording_is_ended_by_its_deletion_and_then_the_event_may_stop(
    rig: Rig, broadcast: dict[str, dict[str, Any]]
) -> None:
    with rig.running():
        rig.ready_account()
        event, output = apply(rig, broadcast)
        rig.cluster.patch("LiveEvent", event, {"spec": {"runState": "Stopped"}})
        assert '"disruptionPolicy":"EndRecordings"' in rig.cluster.reason("LiveEvent", event, "WouldEndRecording")
        rig.cluster.patch("LiveOutput", output, DELETE)
        rig.cluster.delete("LiveOutput", output)
        rig.cluster.gone("LiveOutput", output)
        until(
            lambda: (rig.cluster.get("LiveEvent", event) or {})["status"].get("resourceState") == "Stopped",
            "the event stops once nothing records any more",
        )
        assert code(rig, f"assets/{broadcast['Asset']['metadata']['name']}") == 200


def test_an_event_that_is_deleted_waits_for_its_recording(rig: Rig, broadcast: dict[str, dict[str, Any]]) -> None:
    with rig.running():
        rig.ready_account()
        event, output = apply(rig, broadcast)
        for kind, name in (("LiveEvent", event), ("LiveOutput", output)):
            rig.cluster.patch(kind, name, DELETE)
        rig.cluster.delete("LiveEvent", event)
        assert "waiting for the deletion of what lies in it" in rig.cluster.reason("LiveEvent", event, "Deleting")
        assert code(rig, f"liveEvents/{event}/liveOutputs/{output}") == 200
        rig.cluster.delete("LiveOutput", output)
        rig.cluster.gone("LiveEvent", event)
        assert code(rig, f"liveEvents/{event}") == 404


def born(rig: Rig, path: str) -> str:
    """When the service made it; empty while there is none."""
    status, _, body = rig.emulator.request("GET", place(rig, path))
    return str(body["properties"]["created"]) if status == 200 else ""


def test_an_event_that_vanished_is_made_anew_and_not_started_unasked(rig: Rig) -> None:
    with rig.running():
        rig.ready_account()
        rig.cluster.apply("LiveEvent", "studio", {"runState": "Running", "input": {"streamingProtocol": "RTMP"}})
        rig.cluster.ready("LiveEvent", "studio")
        first = born(rig, "liveEvents/studio")
        rig.emulator.control.act(place(rig, "liveEvents/studio"), "stop")
        rig.cluster.reason("LiveEvent", "studio", "StoppedOutside")
        assert rig.emulator.request("DELETE", place(rig, "liveEvents/studio"))[0] < 300
        until(lambda: born(rig, "liveEvents/studio") not in ("", first), "it is made anew")
        rig.cluster.reason("LiveEvent", "studio", "MadeAnew")
        starts = [one for one in rig.emulator.control.log() if one["path"].endswith("/studio/start")]
        assert len(starts) == 1


def test_what_was_on_air_in_an_account_that_vanished_says_so_once_the_account_is_back(rig: Rig) -> None:
    """Nobody has to edit anything: the event is made anew and not started, the recording is over."""
    on_air.quick(rig)
    with rig.running():
        rig.ready_account()
        on_air.recording(rig)
        account = rig.emulator.account_id(rig.account_name, rig.group)
        rig.emulator.control.delete_out_of_band(account)
        rig.cluster.reason("MediaServicesAccount", "default", "AccountVanished")
        rig.cluster.reason("LiveEvent", "studio", "WaitingForAccount")
        rig.emulator.control.add_account(rig.account_name, resourceGroup=rig.group)
        rig.cluster.reason("LiveEvent", "studio", "MadeAnew")
        rig.cluster.reason("Asset", "tape", "DataLost")
        rig.cluster.reason("LiveOutput", "recording", "RecordingEnded")
        assert on_air.service_state(rig, "liveEvents/studio") == "Stopped"
        assert not on_air.exists(rig, "liveEvents/studio/liveOutputs/recording")
