"""Run states of live events and streaming endpoints: what each action does in each state, and what shows on the way."""

import itertools
from typing import Any

import pytest
from tests.emulator.bodies import ANYBODY, event_body, output_body
from tests.emulator.scene import Scene

SETTLED = ("Stopped", "StandBy", "Running")
BETWEEN = {"Allocating": "allocate", "Starting": "start", "Stopping": "stop", "Deleting": "DELETE"}
ACTIONS = ("start", "allocate", "stop", "reset", "DELETE", "PATCH", "output")
REACHED = {
    ("Stopped", "start"): ("Starting", "Running"),
    ("Stopped", "allocate"): ("Allocating", "StandBy"),
    ("Stopped", "DELETE"): ("Deleting", 404),
    ("Stopped", "PATCH"): ("Stopped", "Stopped"),
    ("Stopped", "output"): ("Stopped", "Stopped"),
    ("StandBy", "start"): ("Starting", "Running"),
    ("StandBy", "stop"): ("Stopping", "Stopped"),
    ("StandBy", "PATCH"): ("StandBy", "StandBy"),
    ("StandBy", "output"): ("StandBy", "StandBy"),
    ("Running", "stop"): ("Stopping", "Stopped"),
    ("Running", "reset"): ("Stopping", "Running"),
    ("Running", "PATCH"): ("Running", "Running"),
    ("Running", "output"): ("Running", "Running"),
}


def do(scene: Scene, path: str, action: str) -> int:
    if action == "DELETE":
        return scene.ask("DELETE", path)[0]
    if action == "PATCH":
        return scene.change(path, description="new")[0]
    if action == "output":
        return scene.ask("PUT", f"{path}/liveOutputs/o", output_body("tape"))[0]
    return scene.act(path, action, {"scaleUnit": 2} if action == "scale" else None)


def event_in(scene: Scene, state: str) -> str:
    event = scene.make_event(start=state in ("Running", "Stopping"))
    if state == "StandBy":
        assert scene.act(event, "allocate") == 202
    return event


@pytest.mark.parametrize(("state", "action"), list(itertools.product(SETTLED, ACTIONS)))
def test_live_event_table(scene: Scene, state: str, action: str) -> None:
    scene.make_asset()
    event = event_in(scene, state)
    scene.slow()
    if (state, action) not in REACHED:
        assert do(scene, event, action) == 409
        assert scene.state(event) == state
        return
    between, after = REACHED[state, action]
    assert do(scene, event, action) == (201 if action == "output" else 202)
    assert scene.state(event) == between
    assert bool(between == "Running" or between == "StandBy") == bool(scene.urls(event))
    scene.emulator.control.advance(3000)
    assert scene.state(event) in (between, "Starting")
    scene.emulator.control.advance(600)
    assert scene.state(event) == after


@pytest.mark.parametrize(("state", "action"), list(itertools.product(BETWEEN, ACTIONS)))
def test_nothing_is_possible_between_states(scene: Scene, state: str, action: str) -> None:
    scene.make_asset()
    event = event_in(scene, state)
    scene.slow()
    assert do(scene, event, BETWEEN[state]) == 202
    assert scene.state(event) == state
    assert do(scene, event, action) == 409
    assert scene.state(event) == state


ENDPOINT = {
    ("Stopped", "start"): ("Starting", "Running"),
    ("Stopped", "DELETE"): ("Deleting", 404),
    ("Stopped", "PATCH"): ("Stopped", "Stopped"),
    ("Stopped", "scale"): ("Stopped", "Stopped"),
    ("Running", "stop"): ("Stopping", "Stopped"),
    ("Running", "scale"): ("Scaling", "Running"),
    ("Running", "PATCH"): ("Running", "Running"),
}


@pytest.mark.parametrize(
    ("state", "action"), list(itertools.product(("Stopped", "Running"), ("start", "stop", "scale", "DELETE", "PATCH")))
)
def test_endpoint_table(scene: Scene, state: str, action: str) -> None:
    endpoint = scene.make_endpoint(start=state == "Running")
    scene.slow()
    if (state, action) not in ENDPOINT:
        assert do(scene, endpoint, action) == 409
        assert scene.state(endpoint) == state
        return
    between, after = ENDPOINT[state, action]
    assert do(scene, endpoint, action) == (200 if (state, action) == ("Stopped", "scale") else 202)
    assert scene.state(endpoint) == between
    if between != after or action == "PATCH":
        assert {do(scene, endpoint, other) for other in ("start", "stop", "scale", "DELETE", "PATCH")} == {409}
    scene.emulator.control.advance(3600)
    assert scene.state(endpoint) == after


def test_durations_of_their_own(scene: Scene) -> None:
    scene.emulator.control.settings(operation_seconds=500, durations={"liveEvents.start": 9000})
    event = scene.make_event()
    assert scene.act(event, "start") == 409  # still being created
    scene.emulator.control.advance(500)
    assert scene.act(event, "start") == 202
    scene.emulator.control.advance(8000)
    assert scene.state(event) == "Starting"
    scene.emulator.control.advance(1000)
    assert scene.state(event) == "Running"


@pytest.mark.parametrize(("kind", "states"), [("make_event", ("Running",)), ("make_endpoint", ("Running",))])
def test_auto_start(scene: Scene, kind: str, states: Any) -> None:
    scene.slow()
    path = getattr(scene, kind)(start=True)
    assert scene.state(path) == "Starting"
    scene.emulator.control.advance(7200)
    assert scene.state(path) in states
    status, _, body = scene.ask("PUT", f"{path}x?autoStart=perhaps", event_body())
    assert (status, body["error"]["target"]) == (400, "autoStart")


@pytest.mark.parametrize("before", ["Stopped", "StandBy"])
def test_failed_start(scene: Scene, before: str) -> None:
    event = event_in(scene, before)
    scene.emulator.control.fault("operation", {"path": "/start$"}, code="NoCapacity", message="None left.")
    _, headers, _ = scene.ask("POST", f"{event}/start")
    assert scene.state(event) == "Stopped"
    link = headers["azure-asyncoperation"].removeprefix(scene.emulator.url)
    document = scene.ask("GET", link)[2]
    assert document["status"] == "Failed"
    assert (document["error"]["code"], document["error"]["message"]) == ("NoCapacity", "None left.")
    status, _, body = scene.ask("GET", headers["location"].removeprefix(scene.emulator.url))
    assert (status, body["error"]["code"]) == (409, "NoCapacity")
    assert scene.act(event, "start") == 202
    assert scene.state(event) == "Running"


@pytest.mark.parametrize(("action", "state"), [("stop", "Running"), ("DELETE", "Stopped")])
def test_failures_leave_the_state_as_it_was(scene: Scene, action: str, state: str) -> None:
    event = event_in(scene, state)
    scene.emulator.control.fault("operation", {"path": "liveEvents/e"}, code="Broken")
    assert do(scene, event, action) == 202
    assert scene.state(event) == state


def test_lost_operation(scene: Scene) -> None:
    event = scene.make_event()
    scene.emulator.control.fault("operation", {"path": "/start$"}, lose=True)
    _, headers, _ = scene.ask("POST", f"{event}/start")
    assert scene.ask("GET", headers["azure-asyncoperation"].removeprefix(scene.emulator.url))[0] == 404
    assert scene.state(event) == "Running"


def test_operation_documents_belong_to_their_resource(scene: Scene) -> None:
    event = scene.make_event()
    _, headers, _ = scene.ask("POST", f"{event}/start")
    status, location = (headers[name].removeprefix(scene.emulator.url) for name in ("azure-asyncoperation", "location"))
    assert scene.ask("GET", status)[0] == scene.ask("GET", location)[0] == 200
    other = scene.factory()
    for wrong in (
        status.replace("liveeventoperations", "streamingendpointoperations"),
        status.replace(scene.account.name, other.name).replace(scene.account.resource_group, other.resource_group),
        location.replace("/liveevents/e/", "/liveevents/f/"),
    ):
        assert scene.ask("GET", wrong)[0] == 404


def test_urls_are_new_at_each_start(scene: Scene) -> None:
    event = scene.make_event(start=True)
    first = scene.urls(event)
    assert [url.partition("://")[0] for url in first] == ["rtmp", "rtmp", "rtmps", "rtmps"]
    token = scene.properties(event)["input"]["accessToken"]
    assert all(url.endswith(f"/live/{token}") for url in first)
    scene.act(event, "stop")
    assert scene.urls(event) == []
    assert scene.properties(event)["preview"]["endpoints"] == []
    scene.act(event, "start")
    assert not set(scene.urls(event)) & set(first)


def test_static_urls_stay(scene: Scene) -> None:
    event = scene.make_event(start=True, useStaticHostname=True, hostnamePrefix="Match")
    first = scene.urls(event)
    assert first[0].startswith(f"rtmp://match-{scene.account.name}-usw22.channel.media.azure.net:1935/")
    scene.act(event, "stop")
    scene.act(event, "start")
    assert scene.urls(event) == first


@pytest.mark.parametrize("body", [None, {}, {"removeOutputsOnStop": False}])
def test_stop_with_outputs(scene: Scene, body: Any) -> None:
    scene.make_asset()
    event = scene.make_event(start=True)
    output = scene.make_output(event)
    status, _, answer = scene.ask("POST", f"{event}/stop", body)
    assert status == 409
    assert "removeOutputsOnStop" in answer["error"]["message"]
    assert scene.state(output) == "Running"
    assert scene.act(event, "stop", {"removeOutputsOnStop": True}) == 202
    assert (scene.state(event), scene.state(output)) == ("Stopped", 404)
    assert scene.ask("GET", f"{scene.account.id}/assets/tape")[0] == 200


def test_reset_ends_recordings(scene: Scene) -> None:
    scene.make_asset()
    event = scene.make_event(start=True)
    output, before = scene.make_output(event), scene.urls(event)
    assert scene.act(event, "reset") == 202
    assert (scene.state(event), scene.state(output)) == ("Running", 404)
    assert scene.urls(event) != before


def test_one_operation_for_an_event_and_its_outputs(scene: Scene) -> None:
    scene.make_asset()
    event = scene.make_event(start=True)
    output = scene.make_output(event, "first")
    scene.slow()
    assert scene.ask("PUT", f"{event}/liveOutputs/second", output_body("tape"))[0] == 201
    assert scene.state(f"{event}/liveOutputs/second") == "Creating"
    assert scene.act(event, "stop", {"removeOutputsOnStop": True}) == 409
    assert scene.ask("DELETE", output)[0] == 409
    assert scene.ask("PUT", f"{event}/liveOutputs/third", output_body("tape"))[0] == 409
    scene.emulator.control.advance(3600)
    assert scene.state(f"{event}/liveOutputs/second") == "Running"
    assert scene.ask("DELETE", output)[0] == 202
    assert scene.state(output) == "Deleting"
    scene.emulator.control.advance(3600)
    assert scene.state(output) == 404


def test_deleted_and_made_again_while_an_operation_runs(scene: Scene) -> None:
    event = scene.make_event()
    scene.slow()
    scene.act(event, "start")
    scene.emulator.control.delete_out_of_band(event)
    scene.emulator.control.put_out_of_band(event, {})
    scene.emulator.control.advance(3600)
    assert scene.state(event) == "Stopped"


@pytest.mark.parametrize("encoding", ["Standard", "Premium1080p", "PassthroughBasic", "None"])
def test_stops_by_itself_after_12_hours_of_silence(scene: Scene, encoding: str) -> None:
    event = scene.make_event(start=True, encoding={"encodingType": encoding})
    control = scene.emulator.control
    encoder = control.attach_encoder(event)
    control.advance(24 * 3600)
    assert scene.state(event) == "Running"  # a feed arrives
    control.detach(encoder)
    control.advance(12 * 3600 - 60)
    assert scene.state(event) == "Running"
    control.advance(120)
    assert scene.state(event) == ("Stopped" if encoding in ("Standard", "Premium1080p") else "Running")


def test_an_output_keeps_it_from_stopping(scene: Scene) -> None:
    scene.make_asset()
    event = scene.make_event(start=True, encoding={"encodingType": "Standard"})
    output = scene.make_output(event)
    scene.emulator.control.advance(13 * 3600)
    assert scene.state(event) == "Running"
    scene.ask("DELETE", output)
    scene.emulator.control.advance(13 * 3600)
    assert scene.state(event) == "Stopped"


def test_what_may_change_in_standby(scene: Scene) -> None:
    event = event_in(scene, "StandBy")
    before = scene.urls(event)
    status, _, body = scene.change(event, crossSiteAccessPolicies={"crossDomainPolicy": "<x/>"})
    assert (status, body["error"]["target"]) == (409, "properties.crossSiteAccessPolicies.crossDomainPolicy")
    assert scene.change(event, useStaticHostname=True, hostnamePrefix="final")[0] == 202
    assert scene.change(event, input={"streamingProtocol": "RTMP", "accessControl": None})[0] == 202
    assert scene.urls(event) != before
    assert "final" in scene.urls(event)[0]
    assert scene.properties(event)["input"]["accessControl"] is None
    assert scene.change(event, preview={"accessControl": ANYBODY})[0] == 202


def test_behind_the_back(scene: Scene) -> None:
    event = scene.make_event(start=True)
    scene.emulator.control.reset_log()
    assert scene.emulator.control.act(event, "stop")["status"] == 202
    assert scene.emulator.control.counts()["total"] == 0
    assert scene.state(event) == "Stopped"
    scene.emulator.control.act(event, "delete")
    assert scene.state(event) == 404
