"""What may never happen, over the service's meters and its log; and that each of them notices when it does.

One world: everything that could tempt an operator into harming people is done to it. With the operator nobody notices
anything; with one whose guards are taken out, each meter does.
"""

from __future__ import annotations

import sys
from typing import Any

import pytest
from tests.integration import on_air
from tests.integration.rig import Rig
from tests.patience import until

pytestmark = pytest.mark.usefixtures("variant")
HARM = (
    "recordingsOverwritten",
    "recordingsDeleted",
    "offAirSeconds",
    "feedsLost",
    "feedLostSeconds",
    "viewerGapSeconds",
)
ENDPOINT = {"runState": "Running", "scaleUnits": 1}
RESET = {"annotations": {on_air.REQUEST + "reset": "before the object was"}}


@pytest.fixture(autouse=True)
def _quick(rig: Rig, variant: str) -> None:
    on_air.quick(rig)
    # Whatever the profile says, those answers with which harm is possible.
    rig.emulator.control.variants(
        **{
            "live-output.asset-reused": "overwrite",
            "live-output.manifest-name": "fixed",
            "asset.delete-in-use": "accept",
        }
    )


def test_nobody_is_harmed_and_without_the_guards_everybody_is(rig: Rig) -> None:
    with rig.running():
        rig.ready_account()
        broadcasts(rig)
        tempted(rig, "safe", "vault")
        held(rig)
        rig.emulator.control.reset_meters(on_air.place(rig, "liveEvents/night"))
        rig.emulator.control.advance(60)
        on_air.undisturbed(rig)
        assert harm(rig) == dict.fromkeys(HARM, 0)
        assert billed(rig, "night") == 0
        assert not {path for method, path in on_air.writes(rig) if method in ("PATCH", "DELETE")}
        assert [on_air.posts(rig, verb) for verb in ("stop", "reset")] == [0, 0]
        assert on_air.writes(rig).count(("PUT", "assets/lost")) == 1
    rig.operator.program = (sys.executable, "-m", "tests.integration.unguarded")
    with rig.running():
        tempted(rig, "open", "cellar")
        until(lambda: on_air.posts(rig, "reset") == 1, "a request from before the object is carried out")
        until(lambda: on_air.posts(rig, "guest/stop") >= 1, "an event is to be stopped though somebody records it")
        until(lambda: on_air.writes(rig).count(("PUT", "assets/lost")) == 2, "what held data is made again")
        until(lambda: on_air.service_state(rig, "liveEvents/night") == "Running", "what was stopped is started")
        until(lambda: harm(rig)["recordingsOverwritten"] == 1, "a recording is overwritten", 15)
        until(lambda: harm(rig)["recordingsDeleted"] == 1, "a recording goes with its asset")
        until(lambda: harm(rig)["viewerGapSeconds"], "viewers have a gap")
        rig.emulator.control.advance(60)
        assert not {name: value for name, value in harm(rig).items() if value == 0}
        assert billed(rig, "night") > 0


# --- the scene -------------------------------------------------------------------------------------------------------


def broadcasts(rig: Rig) -> None:
    """Four events on air, two of them recorded, one by somebody else; and one who watches."""
    for name in ("tape", "reel", "lost", "vault", "cellar"):
        on_air.asset(rig, name)
    rig.cluster.apply("StreamingEndpoint", "default", ENDPOINT)
    for name in ("studio", "news", "guest", "night"):
        on_air.event(rig, name, runState="Running")
    on_air.output(rig, "recording", "studio", "tape")
    on_air.output(rig, "match", "studio", "reel")
    for name in ("safe", "open"):
        foreign(rig, name)
    for name in ("studio", "news", "guest", "night"):
        rig.cluster.ready("LiveEvent", name)
        if name != "night":
            rig.emulator.control.attach_encoder(on_air.place(rig, f"liveEvents/{name}"))
    for name in ("lost", "vault", "cellar"):
        rig.cluster.ready("Asset", name)
    for name in ("vault", "cellar"):
        body = {"properties": {"assetName": name, "archiveWindowLength": "PT1H"}}
        found = rig.emulator.request("PUT", on_air.place(rig, f"liveEvents/guest/liveOutputs/into-{name}"), body)
        assert found[0] in (200, 201, 202), found
    for name in ("recording", "match"):
        rig.cluster.reason("LiveOutput", name, "Recording")
    rig.cluster.ready("StreamingEndpoint", "default")
    on_air.state(rig, "StreamingEndpoint", "default", "Running")
    watched = on_air.place(rig, "liveEvents/studio/liveOutputs/recording")
    rig.emulator.control.attach_viewer(on_air.place(rig, "streamingEndpoints/default"), watched)
    until(lambda: all(viewer["sees"] for viewer in rig.emulator.control.viewers()), "the viewer sees something")


def foreign(rig: Rig, name: str) -> None:
    """An event of somebody else's, on air."""
    path = on_air.place(rig, f"liveEvents/{name}")
    body = {"location": "westus2", "properties": {"input": on_air.INPUT}}
    found = rig.emulator.request("PUT", f"{path}?autoStart=true", body)
    assert found[0] in (200, 201, 202), found
    until(lambda: on_air.service_state(rig, f"liveEvents/{name}") == "Running", "it runs")
    rig.emulator.control.attach_encoder(path)


def tempted(rig: Rig, adopted: str, deleted: str) -> None:
    """What people and the service do every day; each object is in a state that an eager operator would correct."""
    control = rig.emulator.control
    on_air.event(rig, "studio", runState="Running", hostnamePrefix="match-day")
    on_air.event(rig, "news", runState="Running", hostnamePrefix="match-day")
    on_air.event(rig, "guest", runState="Stopped")
    rig.cluster.apply("StreamingEndpoint", "default", ENDPOINT | {"maxCacheAge": 60})
    if on_air.exists(rig, "assets/lost") and on_air.service_state(rig, "liveEvents/night") == "Running":
        control.act(on_air.place(rig, "liveEvents/night"), "stop")
        control.delete_out_of_band(on_air.place(rig, "assets/lost"))
        rig.emulator.request("DELETE", on_air.place(rig, "liveEvents/studio/liveOutputs/match"))
    rig.cluster.delete("Asset", deleted)
    spec: dict[str, Any] = {"input": on_air.INPUT, "runState": "Running"}
    body = {"apiVersion": "ams-operator.dev/v1alpha1", "kind": "LiveEvent", "spec": spec}
    made = rig.cluster.call("POST", rig.cluster.path("LiveEvent"), body | {"metadata": {"name": adopted, **RESET}})
    assert made[0] == 201, made


def held(rig: Rig) -> None:
    """Each temptation is resisted, and says why."""
    reason = rig.cluster.reason
    assert '"disruptionPolicy":"EndRecordings"' in reason("LiveEvent", "studio", "WouldEndRecording")
    assert '"disruptionPolicy":"Interrupt"' in reason("LiveEvent", "news", "WouldInterrupt")
    assert '"disruptionPolicy":"EndRecordings"' in reason("LiveEvent", "guest", "WouldEndRecording")
    assert '"disruptionPolicy":"Interrupt"' in reason("StreamingEndpoint", "default", "WouldInterrupt")
    rig.cluster.ready("LiveEvent", "safe")
    rig.cluster.gone("Asset", "vault")
    reason("LiveEvent", "night", "StoppedOutside")
    assert "request recreate Asset/lost" in reason("Asset", "lost", "DataLost")
    reason("LiveOutput", "match", "RecordingEnded")


def harm(rig: Rig) -> dict[str, float]:
    """What people noticed, by meter."""
    found = on_air.meters(rig)
    return {name: found[name] for name in HARM}


def billed(rig: Rig, event: str) -> float:
    """Seconds that an event cost money."""
    return float(rig.emulator.control.meters(on_air.place(rig, f"liveEvents/{event}"))["billedSeconds"])
