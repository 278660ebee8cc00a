"""What runs and is watched: started and stopped as declared, and never to anybody's surprise."""

from __future__ import annotations

from typing import Any

import pytest
from tests.integration import on_air
from tests.integration.rig import Rig
from tests.patience import until

INPUT = {
    "streamingProtocol": "RTMP",
    "accessControl": {"ip": {"allow": [{"name": "anyone", "address": "0.0.0.0", "subnetPrefixLength": 0}]}},
}

pytestmark = pytest.mark.usefixtures("variant")


@pytest.fixture(autouse=True)
def quick(rig: Rig) -> None:
    """Starting and stopping take a second instead of minutes."""
    verbs = ("liveEvents.start", "liveEvents.stop", "liveEvents.allocate", "liveEvents.reset", "liveEvents.delete")
    more = ("streamingEndpoints.start", "streamingEndpoints.stop", "streamingEndpoints.scale")
    rig.emulator.control.settings(durations=dict.fromkeys((*verbs, *more), 1))


def event(rig: Rig, name: str = "studio", **spec: Any) -> None:
    rig.cluster.apply("LiveEvent", name, {"input": INPUT, **spec})


def place(rig: Rig, path: str) -> str:
    return f"{rig.emulator.account_id(rig.account_name, rig.group)}/{path}"


def meters(rig: Rig) -> dict[str, Any]:
    return dict(rig.emulator.control.meters(rig.emulator.account_id(rig.account_name, rig.group)))


def in_state(rig: Rig, kind: str, name: str, state: str) -> None:
    until(
        lambda: (rig.cluster.get(kind, name) or {}).get("status", {}).get("resourceState") == state,
        f"{kind} {name} is {state}",
    )


def starts(rig: Rig) -> int:
    return sum(one["method"] == "POST" and one["path"].endswith("/start") for one in rig.emulator.control.log())


def test_a_harmless_change_disturbs_nobody_and_an_interrupting_one_waits(rig: Rig) -> None:
    with rig.running():
        rig.ready_account()
        event(rig, runState="Running", description="old")
        rig.cluster.ready("LiveEvent", "studio")
        rig.emulator.control.attach_encoder(place(rig, "liveEvents/studio"))
        event(rig, runState="Running", description="new")
        rig.cluster.ready("LiveEvent", "studio")
        event(rig, runState="Running", description="new", hostnamePrefix="news", useStaticHostname=True)
        message = rig.cluster.reason("LiveEvent", "studio", "WouldInterrupt")
        assert '{"spec":{"disruptionPolicy":"Interrupt"}}' in message
        assert meters(rig)["feedsLost"] == 0


def test_the_owner_tag_is_set_on_air_and_what_another_cluster_manages_is_not_stopped(rig: Rig) -> None:
    studio, tag = place(rig, "liveEvents/studio"), "ams-operator-owner"
    rig.operator.env = {"AMS_OWNER_ID": "blue"}
    with rig.running():
        rig.ready_account()
        event(rig, runState="Running")
        rig.cluster.ready("LiveEvent", "studio")
        rig.emulator.control.attach_encoder(studio)
        ours = rig.emulator.control.get_out_of_band(studio)["tags"][tag]
        rig.emulator.control.patch_out_of_band(studio, {"tags": {tag: None, "cost": "7"}})
        event(rig, runState="Running", description="new")
        until(lambda: rig.emulator.control.get_out_of_band(studio)["tags"] == {tag: ours, "cost": "7"}, "it is back")
        rig.cluster.ready("LiveEvent", "studio")
        rig.emulator.control.patch_out_of_band(studio, {"tags": {tag: "another"}})
        event(rig, runState="Stopped", description="new")
        assert "--owner-id" in rig.cluster.reason("LiveEvent", "studio", "Claimed")
        assert rig.emulator.control.get_out_of_band(studio)["properties"]["resourceState"] == "Running"
        assert meters(rig)["feedsLost"] == 0


def test_stopped_outside_is_left_alone_until_somebody_asks(rig: Rig) -> None:
    """Somebody on call stops an event and an endpoint in the portal, during an incident."""
    with rig.running():
        rig.ready_account()
        event(rig, runState="Running")
        rig.cluster.apply("StreamingEndpoint", "default", {"runState": "Running", "restartPolicy": "Never"})
        rig.cluster.ready("LiveEvent", "studio")
        in_state(rig, "StreamingEndpoint", "default", "Running")
        rig.emulator.control.act(place(rig, "liveEvents/studio"), "stop")
        rig.emulator.control.act(place(rig, "streamingEndpoints/default"), "stop")
        message = rig.cluster.reason("LiveEvent", "studio", "StoppedOutside")
        assert "ams-operator request start" in message
        message = rig.cluster.reason("StreamingEndpoint", "default", "StoppedOutside")
        assert message.endswith(f"ams-operator request start StreamingEndpoint/default -n {rig.cluster.namespace}")
        assert starts(rig) == 2
        note = {"metadata": {"annotations": {"request.ams-operator.dev/start": "now"}}}
        rig.cluster.patch("LiveEvent", "studio", note)
        rig.cluster.ready("LiveEvent", "studio")
        in_state(rig, "LiveEvent", "studio", "Running")
        assert starts(rig) == 3


def test_the_default_endpoint_is_taken_over_and_brought_back(rig: Rig) -> None:
    with rig.running():
        rig.ready_account()
        rig.cluster.apply(
            "StreamingEndpoint", "default", {"runState": "Running", "scaleUnits": 1, "deletionPolicy": "Delete"}
        )
        rig.cluster.ready("StreamingEndpoint", "default")
        in_state(rig, "StreamingEndpoint", "default", "Running")
        rig.emulator.control.act(place(rig, "streamingEndpoints/default"), "stop")
        until(lambda: starts(rig) == 2, "it is started again")
        in_state(rig, "StreamingEndpoint", "default", "Running")
        rig.cluster.delete("StreamingEndpoint", "default")
        rig.cluster.gone("StreamingEndpoint", "default")
        assert rig.emulator.request("GET", place(rig, "streamingEndpoints/default"))[0] == 200


def test_a_recording_begins_with_its_event_and_its_end_is_final(rig: Rig) -> None:
    with rig.running():
        rig.ready_account()
        event(rig)
        rig.cluster.apply("Asset", "tape", {})
        output = {"liveEventRef": {"name": "studio"}, "assetRef": {"name": "tape"}, "archiveWindowLength": "PT1H"}
        rig.cluster.apply("LiveOutput", "recording", output)
        rig.cluster.ready("Asset", "tape")
        rig.cluster.reason("LiveOutput", "recording", "Waiting")
        event(rig, runState="Running")
        rig.cluster.reason("LiveOutput", "recording", "Recording")
        status, _, body = rig.emulator.request("DELETE", place(rig, "liveEvents/studio/liveOutputs/recording"))
        assert status in (200, 202, 204), body
        rig.cluster.reason("LiveOutput", "recording", "RecordingEnded")
        rig.emulator.control.reset_log()
        on_air.swept(rig, 1)
        assert not [one for one in rig.emulator.control.log() if one["method"] == "PUT"]
        assert meters(rig)["recordingsOverwritten"] == 0
