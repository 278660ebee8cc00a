"""Why something is not on air: the service stopped it, or could not start it; and that nothing starts it unasked."""

from __future__ import annotations

import pytest
from tests.integration import on_air
from tests.integration.rig import Rig

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
        assert message.endswith("ams-operator request start LiveEvent/frail")
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
        assert message.endswith("ams-operator request start StreamingEndpoint/default")
        rig.emulator.control.advance(HALF_A_DAY)
        message = rig.cluster.reason("LiveEvent", "studio", "StoppedByService")
        assert message.endswith("ams-operator request start LiveEvent/studio")
        rig.cluster.reason("LiveEvent", "passing", "InSync")
        assert (starts(rig, "studio"), on_air.service_state(rig, "liveEvents/studio")) == (1, "Stopped")
        on_air.swept(rig, 1)
        assert on_air.writes(rig).count(("POST", "streamingEndpoints/default/start")) == 1
        assert on_air.service_state(rig, "streamingEndpoints/default") == "Stopped"
