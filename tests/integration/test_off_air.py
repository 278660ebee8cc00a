"""Why something is not on air: the service stopped it, or could not start it; and that nothing starts it unasked."""

from __future__ import annotations

import pytest
from tests.integration import on_air
from tests.integration.rig import Rig
from tests.patience import until

HALF_A_DAY = 12 * 3600.0
STANDARD = {"encodingType": "Standard"}


@pytest.fixture(autouse=True)
def _quick(rig: Rig) -> None:
    on_air.quick(rig)


def starts(rig: Rig, name: str) -> int:
    return on_air.writes(rig).count(("POST", f"liveEvents/{name}/start"))


def test_what_the_service_stops_or_cannot_start_is_told_and_waits_for_a_word(rig: Rig) -> None:
    rig.emulator.control.fault(
        "operation",
        {"path": "/frail/start$"},
        code="NoCapacity",
        message="None left for rtmp://host/live/s3cret-token.",
    )
    with rig.running() as operator:
        rig.ready_account()
        on_air.event(rig, "studio", runState="Running", encoding=STANDARD)
        on_air.event(rig, "passing", runState="Running")
        on_air.event(rig, "frail", runState="Running")
        rig.cluster.apply("StreamingEndpoint", "default", {"runState": "Running"})
        on_air.event(rig, "closed", input={"streamingProtocol": "RTMP"})
        assert "nobody may send to it" in rig.cluster.reason("LiveEvent", "closed", "InSync")
        message = rig.cluster.reason("LiveEvent", "frail", "Failed")
        assert "NoCapacity: None left for (URL)" in message
        assert message.endswith(f"ams-operator request start LiveEvent/frail -n {rig.cluster.namespace}")
        assert "s3cret-token" not in str(rig.cluster.get("LiveEvent", "frail")) + operator.text()
        assert starts(rig, "frail") == 1
        rig.emulator.control.clear_faults()
        on_air.request(rig, "LiveEvent", "frail", "start")
        rig.cluster.ready("LiveEvent", "frail")
        for name in ("studio", "passing"):
            rig.cluster.ready("LiveEvent", name)
            on_air.state(rig, "LiveEvent", name, "Running")
        on_air.state(rig, "StreamingEndpoint", "default", "Running")
        on_air.request(rig, "StreamingEndpoint", "default", "stop")
        message = rig.cluster.reason("StreamingEndpoint", "default", "HeldByRequest")
        assert message.endswith(f"ams-operator request start StreamingEndpoint/default -n {rig.cluster.namespace}")
        rig.emulator.control.advance(HALF_A_DAY)
        message = rig.cluster.reason("LiveEvent", "studio", "StoppedByService")
        assert message.endswith(f"ams-operator request start LiveEvent/studio -n {rig.cluster.namespace}")
        rig.cluster.reason("LiveEvent", "passing", "InSync")
        assert (starts(rig, "studio"), on_air.service_state(rig, "liveEvents/studio")) == (1, "Stopped")
        on_air.swept(rig, 1)
        assert on_air.writes(rig).count(("POST", "streamingEndpoints/default/start")) == 1
        assert on_air.service_state(rig, "streamingEndpoints/default") == "Stopped"


def test_what_shows_a_state_that_nobody_knows_is_left_alone_until_somebody_asks(rig: Rig) -> None:
    with rig.running():
        rig.ready_account()
        on_air.event(rig, "odd", runState="Running", deletionPolicy="Delete")
        rig.cluster.apply("StreamingEndpoint", "default", {"runState": "Running"})
        rig.cluster.ready("LiveEvent", "odd")
        rig.cluster.ready("StreamingEndpoint", "default")
        for path in ("liveEvents/odd", "streamingEndpoints/default"):
            rig.emulator.control.patch_out_of_band(on_air.place(rig, path), {"properties": {"resourceState": "Error"}})
        message = rig.cluster.reason("LiveEvent", "odd", "UnknownState")
        assert message.startswith("it is Error, which is no run state that this version knows")
        assert message.endswith(f"ams-operator request stop LiveEvent/odd -n {rig.cluster.namespace}")
        rig.cluster.reason("StreamingEndpoint", "default", "UnknownState")
        before = on_air.writes(rig)
        rig.cluster.patch("LiveEvent", "odd", {"spec": {"description": "new"}})
        rig.cluster.delete("LiveEvent", "odd")
        message = rig.cluster.reason("LiveEvent", "odd", "Deleting")
        assert "it is Error" in message
        assert "ams-operator request abandon LiveEvent/odd" in message
        on_air.swept(rig, 1)
        assert on_air.writes(rig) == before
        on_air.request(rig, "LiveEvent", "odd", "stop")
        until(lambda: on_air.posts(rig, "odd/stop") == 1, "the stop that was asked for is sent")
        for path, word in (("liveEvents/odd", "Stopped"), ("streamingEndpoints/default", "RUNNING")):
            rig.emulator.control.patch_out_of_band(on_air.place(rig, path), {"properties": {"resourceState": word}})
        rig.cluster.ready("StreamingEndpoint", "default")
        rig.cluster.gone("LiveEvent", "odd")
        assert not on_air.exists(rig, "liveEvents/odd")
