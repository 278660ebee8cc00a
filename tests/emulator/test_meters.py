"""Every meter can be made greater than 0, and is 0 while nobody is harmed."""

from typing import Any

import pytest
from tests.emulator.bodies import output_body
from tests.emulator.scene import Scene

from ams_emulator.testing import EmulatorError

HARM = (
    "recordingsOverwritten",
    "recordingsDeleted",
    "offAirSeconds",
    "feedsLost",
    "feedLostSeconds",
    "viewerGapSeconds",
)


class Broadcast:
    """An event that an encoder sends to, a recording of it, and an endpoint that delivers it."""

    def __init__(self, scene: Scene, **properties: Any) -> None:
        self.scene, self.control = scene, scene.emulator.control
        self.asset = scene.make_asset()
        self.event = scene.make_event(start=True, **properties)
        self.output = scene.make_output(self.event, manifestName="show")
        self.endpoint = scene.make_endpoint(start=True)
        self.encoder = self.control.attach_encoder(self.event)
        self.viewer = self.control.attach_viewer(self.endpoint, self.output)

    def meter(self, name: str) -> float:
        return float(self.control.meters(self.scene.account.id)[name])


@pytest.fixture
def live(scene: Scene) -> Broadcast:
    return Broadcast(scene)


def test_nobody_is_harmed(live: Broadcast) -> None:
    live.control.advance(3600)
    assert {name: live.meter(name) for name in HARM} == dict.fromkeys(HARM, 0)
    assert live.meter("billedSeconds") >= 2 * 3600
    assert live.control.container(live.asset)["recordings"][0]["seconds"] >= 3600
    encoder = next(item for item in live.control.encoders() if item["id"] == live.encoder["id"])
    assert encoder["arrives"]
    assert encoder["lost_seconds"] == 0


def test_a_restart_loses_the_feed(live: Broadcast) -> None:
    """The event runs again, but under other URLs, and the encoder still sends to the old one."""
    live.scene.act(live.event, "stop", {"removeOutputsOnStop": True})
    live.control.advance(60)
    live.scene.act(live.event, "start")
    live.control.advance(60)
    assert live.meter("feedsLost") == 1
    assert live.meter("feedLostSeconds") >= 120
    assert live.meter("offAirSeconds") >= 120
    assert live.meter("viewerGapSeconds") >= 120


def test_reset_loses_the_feed_for_the_viewer_too(live: Broadcast) -> None:
    live.scene.act(live.event, "reset")
    live.control.advance(10)
    for meter in ("feedsLost", "feedLostSeconds", "offAirSeconds", "viewerGapSeconds"):
        assert live.meter(meter) > 0


def test_static_urls_bring_the_feed_back(scene: Scene) -> None:
    live = Broadcast(scene, useStaticHostname=True)
    scene.act(live.event, "stop", {"removeOutputsOnStop": True})
    live.control.advance(60)
    scene.act(live.event, "start")
    lost = live.meter("feedLostSeconds")
    assert lost >= 60
    live.control.advance(1000)
    assert live.meter("feedLostSeconds") == lost


def test_an_encoder_that_is_told_the_new_url(scene: Scene) -> None:
    live = Broadcast(scene)
    live.control.detach_all(live.event)
    live.control.attach_encoder(live.event, follow=True)
    scene.act(live.event, "stop", {"removeOutputsOnStop": True})
    scene.act(live.event, "start")
    assert live.meter("feedsLost") == 1
    lost = live.meter("feedLostSeconds")
    live.control.advance(1000)
    assert live.meter("feedLostSeconds") == lost


def test_a_second_encoder_keeps_the_event_on_air(live: Broadcast) -> None:
    spare = live.control.attach_encoder(live.event, url=live.scene.urls(live.event)[1])
    assert spare["arrives"]
    live.control.detach(live.encoder)
    live.control.advance(60)
    assert live.meter("offAirSeconds") == live.meter("feedLostSeconds") == 0


def test_waiting_for_the_start_is_no_loss(scene: Scene) -> None:
    event = scene.make_event()
    encoder = scene.emulator.control.attach_encoder(event)
    scene.emulator.control.advance(60)
    scene.act(event, "allocate")
    scene.act(event, "start")
    found = next(item for item in scene.emulator.control.encoders() if item["id"] == encoder["id"])
    assert found["arrives"]
    assert found["url"] == scene.urls(event)[0]
    assert found["waited_seconds"] >= 60
    assert scene.emulator.control.meters(event)["feedLostSeconds"] == 0


def test_the_token_and_the_ip_list_count(scene: Scene) -> None:
    control = scene.emulator.control
    only = {"ip": {"allow": [{"address": "198.51.100.0", "subnetPrefixLength": 24}]}}
    event = scene.make_event(start=True, input={"accessControl": only})
    closed = scene.make_event("closed", start=True, input={"accessControl": None})
    right = scene.urls(event)[0]
    assert control.attach_encoder(event, url=f"{right}/camera1", address="198.51.100.7")["arrives"]
    assert not control.attach_encoder(event, url=right, address="192.0.2.1")["arrives"]
    assert not control.attach_encoder(event, url=right[:-1], address="198.51.100.7")["arrives"]
    assert not control.attach_encoder(closed)["arrives"]


@pytest.mark.parametrize("action", ["stop", "delete the output", "stop the event"])
def test_viewers_gaps(live: Broadcast, action: str) -> None:
    assert live.viewer["sees"]
    if action == "stop":
        live.scene.act(live.endpoint, "stop")
    elif action == "stop the event":
        live.control.act(live.event, "stop", removeOutputsOnStop=True)
    else:
        live.scene.ask("DELETE", live.output)
    live.control.advance(30)
    gap = live.meter("viewerGapSeconds")
    assert gap >= 30
    assert live.control.meters(live.output)["viewerGapSeconds"] >= gap
    live.control.detach(live.viewer)
    live.control.advance(1000)
    assert live.meter("viewerGapSeconds") < 1000


def test_scaling_is_no_gap(live: Broadcast) -> None:
    live.scene.slow()
    assert live.scene.act(live.endpoint, "scale", {"scaleUnit": 2}) == 202
    live.control.advance(1000)
    assert live.scene.state(live.endpoint) == "Scaling"
    assert live.meter("viewerGapSeconds") == 0


def test_on_demand(live: Broadcast) -> None:
    """What was recorded can be watched after the end, until the asset is deleted."""
    live.control.advance(60)
    live.control.detach_all(live.scene.account.id)
    live.scene.ask("DELETE", live.output)
    live.scene.act(live.event, "stop")
    viewer = live.control.attach_viewer(live.endpoint, live.asset)
    assert viewer["sees"]
    live.control.advance(60)
    assert live.meter("viewerGapSeconds") == live.meter("recordingsDeleted") == 0
    assert live.scene.ask("DELETE", live.asset)[0] == 200
    live.control.advance(60)
    assert live.meter("viewerGapSeconds") >= 60
    assert live.meter("recordingsDeleted") == 1


def test_uploaded_files_can_be_watched(scene: Scene) -> None:
    control, asset, endpoint = scene.emulator.control, scene.make_asset(), scene.make_endpoint(start=True)
    assert not control.attach_viewer(endpoint, asset)["sees"]
    control.upload(asset, "film.ism", "film.mp4")
    assert control.container(asset)["files"] == ["film.ism", "film.mp4"]
    assert control.attach_viewer(endpoint, asset)["sees"]


def test_a_viewer_outside_the_endpoints_ip_list(scene: Scene) -> None:
    only = {"ip": {"allow": [{"address": "198.51.100.7"}]}}
    asset, endpoint = scene.make_asset(), scene.make_endpoint(start=True, accessControl=only)
    scene.emulator.control.upload(asset, "film.ism")
    assert scene.emulator.control.attach_viewer(endpoint, asset, address="198.51.100.7")["sees"]
    assert not scene.emulator.control.attach_viewer(endpoint, asset)["sees"]


def test_recording_overwritten(live: Broadcast) -> None:
    live.control.variants(**{"live-output.asset-reused": "overwrite"})
    second = live.scene.make_output(live.event, "second", manifestName="second")
    assert live.meter("recordingsOverwritten") == 0
    live.scene.ask("DELETE", live.output)
    live.scene.make_output(live.event, manifestName="show")
    assert live.meter("recordingsOverwritten") == 1
    recordings = live.control.container(live.asset)["recordings"]
    assert [item["overwritten"] for item in recordings] == [True, False, False]
    assert recordings[1]["outputId"].lower() == second.lower()


def test_billed_by_state(scene: Scene) -> None:
    control = scene.emulator.control
    event, endpoint = scene.make_event(), scene.make_endpoint(start=True)
    control.advance(100)
    scene.act(event, "allocate")
    control.advance(100)
    scene.act(event, "start")
    control.advance(200)
    scene.act(event, "stop")
    control.advance(1000)
    billed = control.meters(event)["byResource"][scene.ask("GET", event)[2]["id"].lower()]["billedSeconds"]
    assert 100 <= billed["StandBy"] < 200 <= billed["Running"] < 300
    assert control.meters(endpoint)["billedSeconds"] >= 1400
    control.reset_meters(scene.account.id)
    assert control.meters(event)["billedSeconds"] == 0
    assert control.meters(endpoint)["billedSeconds"] < 1400


def test_a_deleted_account_costs_nothing_more(scene: Scene) -> None:
    scene.make_endpoint(start=True)
    scene.emulator.control.delete_out_of_band(scene.account.id)
    before = scene.emulator.control.meters(scene.account.id)["billedSeconds"]
    scene.emulator.control.advance(100)
    assert scene.emulator.control.meters(scene.account.id)["billedSeconds"] == before


def test_meters_of_others_are_left_alone(live: Broadcast) -> None:
    live.control.act(live.endpoint, "stop")
    live.control.advance(10)
    live.control.reset_meters(live.scene.factory().id)
    assert live.meter("viewerGapSeconds") >= 10


@pytest.mark.parametrize(
    ("path", "body", "message"),
    [
        ("/encoders", {"eventId": "{account}"}, "eventId: none of the liveevents"),
        ("/encoders", {"eventId": "{account}/liveEvents/nothing"}, "eventId: none"),
        ("/encoders", {"eventId": "{account}/liveEvents/e", "address": "home"}, "home"),
        ("/encoders", {"eventId": "{account}/liveEvents/e", "follow": 1}, "follow: expected"),
        ("/viewers", {"endpointId": "{account}/streamingEndpoints/default"}, "outputId: expected either"),
        ("/viewers", {"endpointId": "x", "assetId": "{account}/assets/tape"}, "endpointId: none"),
        ("/containers", {"assetId": "{account}/assets/tape", "files": "film"}, "files: expected"),
        ("/resources/act", {"id": "{account}/liveEvents/e", "action": "put"}, "choose of allocate, delete"),
        ("/resources/act", {"id": "{account}/liveEvents/e", "action": "allocate"}, "allocate is not possible"),
        ("/settings", {"durations": {"liveEvents.explode": 1}}, "liveEvents.explode: unknown"),
        ("/settings", {"durations": {"liveEvents.start": "1"}}, "liveEvents.start: expected"),
    ],
)
def test_mistakes_are_explained(scene: Scene, path: str, body: dict[str, Any], message: str) -> None:
    scene.make_asset()
    scene.make_event(start=True)
    filled = {
        key: value.replace("{account}", scene.account.id) if isinstance(value, str) else value
        for key, value in body.items()
    }
    with pytest.raises(EmulatorError, match=message):
        scene.emulator.control.call("POST", path, filled)


def test_an_output_in_strict_never_overwrites(live: Broadcast) -> None:
    live.scene.ask("DELETE", live.output)
    again = output_body("tape", manifestName="show")
    assert live.scene.ask("PUT", live.output, again)[0] == 409
    assert live.meter("recordingsOverwritten") == 0
