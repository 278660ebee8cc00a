"""What the bodies of live events, live outputs and streaming endpoints may hold, and what the service fills in."""

from typing import Any

import pytest
from tests.emulator.bodies import ANYBODY, JSON, event_body, output_body
from tests.emulator.scene import Scene

BAD_EVENTS: list[tuple[JSON, str]] = [
    ({"input": None}, "properties.input"),
    ({"input": {}}, "properties.input.streamingProtocol"),
    ({"input": {"streamingProtocol": "SRT"}}, "properties.input.streamingProtocol"),
    ({"input": {"streamingProtocol": "RTMP", "latency": 1}}, "properties.input.latency"),
    ({"input": {"streamingProtocol": "RTMP", "keyFrameIntervalDuration": "2s"}}, "properties.input.keyFrameInterval"),
    (
        {"input": {"streamingProtocol": "RTMP", "keyFrameIntervalDuration": "PT100H"}},
        "properties.input.keyFrameIntervalDuration",
    ),
    ({"input": {"streamingProtocol": "RTMP", "accessToken": "a b"}}, "properties.input.accessToken"),
    (
        {"input": {"streamingProtocol": "RTMP", "accessControl": {"ip": {"allow": [{"address": "home"}]}}}},
        "properties.input.accessControl.ip.allow[0].address",
    ),
    (
        {"input": {"streamingProtocol": "RTMP", "accessControl": {"ip": {"allow": [{"subnetPrefixLength": 200}]}}}},
        "properties.input.accessControl.ip.allow[0].subnetPrefixLength",
    ),
    (
        {"preview": {"accessControl": {"ip": {"allow": [{"address": "10.0.0.0", "subnetPrefixLength": 33}]}}}},
        "properties.preview.accessControl.ip.allow[0].subnetPrefixLength",
    ),
    ({"preview": {"previewLocator": "x"}}, "properties.preview.previewLocator"),
    ({"encoding": {"encodingType": "Premium"}}, "properties.encoding.encodingType"),
    ({"encoding": {"encodingType": "Standard", "keyFrameInterval": "PT30S"}}, "properties.encoding.keyFrameInterval"),
    ({"encoding": {"encodingType": "None", "keyFrameInterval": "PT2S"}}, "properties.encoding.keyFrameInterval"),
    ({"encoding": {"encodingType": "Standard", "keyFrameInterval": "PT100H"}}, "properties.encoding.keyFrameInterval"),
    ({"encoding": {"encodingType": "Standard", "presetName": "Default1080p"}}, "properties.encoding.presetName"),
    ({"encoding": {"encodingType": "Premium1080p", "presetName": "default720p"}}, "properties.encoding.presetName"),
    ({"encoding": {"stretchMode": "Wide"}}, "properties.encoding.stretchMode"),
    ({"streamOptions": ["Fast"]}, "properties.streamOptions[0]"),
    ({"transcriptions": [{"outputTranscriptionTrack": {}}]}, "properties.transcriptions[0].outputTranscriptionTrack"),
    ({"useStaticHostname": "yes"}, "properties.useStaticHostname"),
    ({"hostnamePrefix": "-a"}, "properties.hostnamePrefix"),
    ({"novel": 1}, "properties.novel"),
]


def refusal(scene: Scene, method: str, path: str, body: object) -> tuple[int, str]:
    status, _, answer = scene.ask(method, path, body)
    assert status >= 400, answer
    target = answer["error"].get("target") or ""
    assert target in answer["error"]["message"]
    return status, target


@pytest.mark.parametrize(
    ("properties", "target"), BAD_EVENTS, ids=lambda value: value if isinstance(value, str) else ""
)
def test_bad_live_events(scene: Scene, properties: JSON, target: str) -> None:
    body = event_body()
    body["properties"] |= properties
    status, found = refusal(scene, "PUT", f"{scene.account.id}/liveEvents/e", body)
    assert status == 400
    assert found.startswith(target)
    assert scene.state(f"{scene.account.id}/liveEvents/e") == 404


@pytest.mark.parametrize("name", ["a--", "-a", "a_b", "x" * 33])
@pytest.mark.parametrize("kind", ["liveEvents", "streamingEndpoints"])
def test_bad_names(scene: Scene, kind: str, name: str) -> None:
    assert scene.ask("PUT", f"{scene.account.id}/{kind}/{name}", event_body())[0] == 400


@pytest.mark.parametrize("kind", ["liveEvents", "streamingEndpoints"])
@pytest.mark.parametrize(("location", "status"), [(None, 400), ("atlantis", 400), (7, 400)])
def test_bad_locations(scene: Scene, kind: str, location: Any, status: int) -> None:
    body = {**event_body(), "location": location}
    if kind == "streamingEndpoints":
        body["properties"] = {}
    assert scene.ask("PUT", f"{scene.account.id}/{kind}/x", body)[0] == status


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [
        ({}, ("None", None, None, None)),
        ({"encodingType": "PassthroughBasic"}, ("PassthroughBasic", None, None, None)),
        ({"encodingType": "Standard"}, ("Standard", "default720p", "AutoSize", "PT2S")),
        ({"encodingType": "Premium1080p"}, ("Premium1080p", "default1080p", "AutoSize", "PT2S")),
        (
            {"encodingType": "Standard", "presetName": "mine", "stretchMode": "None", "keyFrameInterval": "PT4S"},
            ("Standard", "mine", "None", "PT4S"),
        ),
    ],
)
def test_encoding_defaults(scene: Scene, encoding: JSON, shown: tuple[Any, ...]) -> None:
    found = scene.properties(scene.make_event(encoding=encoding))["encoding"]
    names = ("encodingType", "presetName", "stretchMode", "keyFrameInterval")
    assert tuple(found[name] for name in names) == shown


def test_ip_lists_show_what_was_left_out_as_null(scene: Scene) -> None:
    event = scene.make_event(input={"accessControl": {"ip": {"allow": [{"address": "10.0.0.1"}]}}})
    allow = scene.properties(event)["input"]["accessControl"]["ip"]["allow"]
    assert allow == [{"name": None, "address": "10.0.0.1", "subnetPrefixLength": None}]


def test_what_was_given_is_kept(scene: Scene) -> None:
    locator = "11111111-2222-4333-8444-555555555555"
    event = scene.make_event(
        input={"accessToken": "acf7b6ef8a37425fb8fc51c724d6a2f3", "endpoints": [{"protocol": "RTMP", "url": "mine"}]},
        preview={"previewLocator": locator},
        streamOptions=["LowLatency"],
    )
    found = scene.properties(event)
    assert found["input"]["accessToken"] == "acf7b6ef8a37425fb8fc51c724d6a2f3"
    assert found["input"]["endpoints"] == []  # the service's own
    assert (found["preview"]["previewLocator"], found["streamOptions"]) == (locator, ["LowLatency"])


IMMUTABLE: list[tuple[str, Any]] = [
    ("input.streamingProtocol", "FragmentedMP4"),
    ("input.accessToken", "acf7b6ef8a37425fb8fc51c724d6a2f3"),
    ("preview.previewLocator", "11111111-2222-4333-8444-555555555555"),
    ("preview.streamingPolicyName", "other"),
    ("preview.alternativeMediaId", "other"),
    ("encoding.encodingType", "Standard"),
    ("encoding.presetName", "other"),
    ("streamOptions", ["LowLatency"]),
]


@pytest.mark.parametrize("answer", ["400", "409", "ignore"])
@pytest.mark.parametrize(("path", "value"), IMMUTABLE)
def test_settled_at_creation(scene: Scene, path: str, value: Any, answer: str) -> None:
    scene.emulator.control.variants(**{"immutable.change": answer, "patch.depth": "merge"})
    event = scene.make_event()
    before = scene.properties(event)
    name, _, member = path.partition(".")
    change = {name: {member: value}} if member else {name: value}
    status, _, body = scene.change(event, description="new", **change)
    assert status == (202 if answer == "ignore" else int(answer))
    if answer != "ignore":
        assert body["error"]["target"] == f"properties.{path}"
    after = scene.properties(event)
    assert after["description"] == ("new" if answer == "ignore" else "")
    assert {**after, "description": "", "lastModified": ""} == {**before, "description": "", "lastModified": ""}


@pytest.mark.parametrize("depth", ["replace", "merge"])
def test_update_leaves_the_services_own_members(scene: Scene, depth: str) -> None:
    scene.emulator.control.variants(**{"patch.depth": depth})
    event = scene.make_event()
    before = scene.properties(event)
    change = {"streamingProtocol": "RTMP", "keyFrameIntervalDuration": "PT4S"}
    assert scene.change(event, input=change, preview={"accessControl": ANYBODY})[0] == 202
    after = scene.properties(event)
    assert after["input"]["accessToken"] == before["input"]["accessToken"]
    assert after["preview"]["previewLocator"] == before["preview"]["previewLocator"]
    assert after["input"]["keyFrameIntervalDuration"] == "PT4S"
    assert (after["input"]["accessControl"] is None) == (depth == "replace")


def test_null_takes_back_to_the_default(scene: Scene) -> None:
    event = scene.make_event(description="x", transcriptions=[{"language": "en-US"}])
    scene.change(event, description=None, transcriptions=None, hostnamePrefix="a")
    scene.change(event, hostnamePrefix=None)
    found = scene.properties(event)
    assert (found["description"], found["transcriptions"], found["hostnamePrefix"]) == ("", [], None)


@pytest.mark.parametrize(
    ("properties", "target"),
    [
        ({"assetName": None}, "properties.assetName"),
        ({"archiveWindowLength": None}, "properties.archiveWindowLength"),
        ({"archiveWindowLength": "PT59S"}, "properties.archiveWindowLength"),
        ({"archiveWindowLength": "PT25H1S"}, "properties.archiveWindowLength"),
        ({"archiveWindowLength": "P1Y"}, "properties.archiveWindowLength"),
        ({"rewindWindowLength": "PT6M"}, "properties.rewindWindowLength"),
        ({"rewindWindowLength": "PT1S"}, "properties.rewindWindowLength"),
        ({"hls": {"fragmentsPerTsSegment": "1"}}, "properties.hls.fragmentsPerTsSegment"),
        ({"outputSnapTime": -1}, "properties.outputSnapTime"),
        ({"assetName": "nowhere"}, ""),
    ],
)
def test_bad_live_outputs(scene: Scene, properties: JSON, target: str) -> None:
    event = scene.make_event()
    scene.make_asset()
    assert refusal(scene, "PUT", f"{event}/liveOutputs/o", output_body("tape", **properties)) == (400, target)


@pytest.mark.parametrize(
    ("properties", "hours", "outputs"),
    [
        ({}, 25, 3),
        ({"encoding": {"encodingType": "PassthroughBasic"}}, 8, 1),
        ({"encoding": {"encodingType": "Standard"}, "streamOptions": ["LowLatencyV2"]}, 6, 3),
    ],
)
def test_limits_of_live_outputs(scene: Scene, properties: JSON, hours: int, outputs: int) -> None:
    scene.emulator.control.settings(quotas="azure")
    event = scene.make_event(**properties)
    scene.make_asset()
    too_long = output_body("tape", archiveWindowLength=f"PT{hours}H1S")
    assert refusal(scene, "PUT", f"{event}/liveOutputs/o", too_long)[0] == 400
    for number in range(outputs):
        scene.make_output(event, f"o{number}", archiveWindowLength=f"PT{hours}H")
    status, _, body = scene.ask("PUT", f"{event}/liveOutputs/more", output_body("tape"))
    assert (status, str(outputs) in body["error"]["message"]) == (403, True)


def test_live_outputs_cant_be_changed(scene: Scene) -> None:
    event = scene.make_event()
    scene.make_asset()
    output = scene.make_output(event)
    assert scene.ask("PATCH", output, {"properties": {"description": "x"}})[0] == 405
    scene.emulator.control.variants(**{"create.existing": "200"})
    changed = output_body("tape", description="x")
    assert refusal(scene, "PUT", output, changed) == (400, "properties.description")


@pytest.mark.parametrize(
    ("properties", "status", "target"),
    [
        ({"scaleUnits": 51}, 400, "properties.scaleUnits"),
        ({"scaleUnits": -1}, 400, "properties.scaleUnits"),
        ({"scaleUnits": "1"}, 400, "properties.scaleUnits"),
        ({"maxCacheAge": -1}, 400, "properties.maxCacheAge"),
        ({"cdnEnabled": True, "customHostNames": ["a.test"]}, 400, "properties.customHostNames"),
        ({"cdnEnabled": True, "accessControl": ANYBODY}, 400, "properties.accessControl"),
        ({"cdnEnabled": True, "cdnProvider": "Foo"}, 400, "properties.cdnProvider"),
        ({"customHostNames": ["https://video.test"]}, 400, "properties.customHostNames[0]"),
        ({"accessControl": {"ip": {"allow": [{"address": "x"}]}}}, 400, "properties.accessControl.ip.allow[0].address"),
        ({"accessControl": {"akamai": {"keys": []}}}, 400, "properties.accessControl.akamai.keys"),
        ({"hostname": "x"}, 400, "properties.hostname"),
    ],
)
def test_bad_endpoints(scene: Scene, properties: JSON, status: int, target: str) -> None:
    body = {"location": "westus2", "properties": properties}
    assert refusal(scene, "PUT", f"{scene.account.id}/streamingEndpoints/se", body) == (status, target)


def test_endpoints_with_cdn(scene: Scene) -> None:
    endpoint = scene.make_endpoint(cdnEnabled=True)
    found = scene.properties(endpoint)
    expected = ("StandardVerizon", "AzureMediaStreamingPlatformCdnProfile")
    assert (found["cdnProvider"], found["cdnProfile"]) == expected
    scene.emulator.control.settings(cdn="off")
    body = {"location": "westus2", "properties": {"cdnEnabled": True}}
    status, _, answer = scene.ask("PUT", f"{scene.account.id}/streamingEndpoints/other", body)
    assert (status, answer["error"]["code"]) == (412, "PreconditionFailed")


def test_a_cdn_is_switched_off_without_forgetting_its_settings_first(scene: Scene) -> None:
    endpoint = scene.make_endpoint(cdnEnabled=True, cdnProvider="PremiumVerizon")
    assert scene.change(endpoint, cdnEnabled=False)[0] == 202
    assert scene.change(endpoint, cdnProvider="StandardVerizon")[0] == 400


def test_an_access_token_that_is_refused_is_not_repeated(scene: Scene) -> None:
    body = event_body(input={"accessToken": "s3cret that is no GUID"})
    status, _, answer = scene.ask("PUT", f"{scene.account.id}/liveEvents/e", body)
    assert (status, "s3cret" in str(answer)) == (400, False)


def test_a_host_name_belongs_to_one_endpoint(scene: Scene) -> None:
    name = f"video-{scene.account.name}.test"
    first = scene.make_endpoint(customHostNames=[name])
    assert scene.change(first, description="its own again", customHostNames=[name])[0] == 202
    body = {"location": "westus2", "properties": {"customHostNames": [name.upper()]}}
    assert scene.ask("PUT", f"{scene.account.id}/streamingEndpoints/other", body)[0] == 409


@pytest.mark.parametrize("body", [{}, {"scaleUnit": 51}, {"scaleUnits": 1}, {"scaleUnit": None}])
def test_bad_scale(scene: Scene, body: JSON) -> None:
    assert scene.act(scene.make_endpoint(), "scale", body) == 400


def test_patch_of_an_endpoint_shows_no_host_name_yet(scene: Scene) -> None:
    endpoint = scene.make_endpoint()
    body = scene.change(endpoint, description="x")[2]["properties"]
    assert (body["hostName"], body["resourceState"], body["created"]) == (None, None, "0001-01-01T00:00:00Z")
    found = scene.properties(endpoint)
    assert (found["description"], found["provisioningState"]) == ("x", "Succeeded")
    assert found["hostName"] == f"se-{scene.account.name}-usw22.streaming.media.azure.net"


@pytest.mark.parametrize(("kind", "limit"), [("liveEvents", 5), ("streamingEndpoints", 2)])
def test_quotas(scene: Scene, kind: str, limit: int) -> None:
    scene.emulator.control.settings(quotas="azure")
    for number in range(limit - (kind == "streamingEndpoints")):  # `default` counts
        assert scene.make_event(f"e{number}") if kind == "liveEvents" else scene.make_endpoint(f"e{number}")
    body = event_body() if kind == "liveEvents" else {"location": "westus2", "properties": {}}
    assert scene.ask("PUT", f"{scene.account.id}/{kind}/more", body)[0] == 403
    assert scene.ask("DELETE", f"{scene.account.id}/{kind}/e0")[0] == 202
    assert scene.ask("PUT", f"{scene.account.id}/{kind}/more", body)[0] == 201
