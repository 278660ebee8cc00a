"""How the two answers to each question about what is on air can be told apart from outside."""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from tests.emulator.bodies import event_body
from tests.emulator.scene import Scene


def state_refused(scene: Scene) -> Any:
    event = scene.make_event(start=True)
    scene.slow()
    scene.act(event, "stop")
    wrong, busy = scene.act(event, "allocate"), scene.act(event, "stop")
    assert wrong == busy
    return wrong


def already_there(scene: Scene) -> Any:
    stopped, running = scene.make_event(), scene.make_event("running", start=True)
    standby, endpoint = scene.make_event("standby"), scene.make_endpoint()
    scene.act(standby, "allocate")
    answers = {
        scene.act(stopped, "stop", {}),
        scene.act(running, "start"),
        scene.act(standby, "allocate"),
        scene.act(endpoint, "stop"),
    }
    assert len(answers) == 1
    return answers


def create_existing(scene: Scene) -> Any:
    event = scene.make_event()
    scene.make_asset()
    scene.make_output(event)
    endpoint = scene.make_endpoint()
    body = scene.ask("GET", event)[2]
    body["properties"]["description"] = "again"
    answers = {scene.ask("PUT", event, body)[0]}
    for path in (f"{event}/liveOutputs/o", endpoint):
        answers.add(scene.ask("PUT", path, scene.ask("GET", path)[2])[0])
    return answers, scene.properties(event)["description"]


def immutable_change(scene: Scene) -> Any:
    event, asset = scene.make_event(), scene.make_asset()
    one = scene.change(event, input={"streamingProtocol": "FragmentedMP4"})[0]
    two = scene.ask("PATCH", asset, {"properties": {"container": "elsewhere"}})[0]
    assert scene.properties(event)["input"]["streamingProtocol"] == "RTMP"
    assert scene.properties(asset)["container"].startswith("asset-")
    return one, two


def location_missing(scene: Scene) -> Any:
    event, endpoint = scene.make_event(), scene.make_endpoint()
    return {scene.ask("PATCH", path, {"tags": {"a": "b"}})[0] for path in (event, endpoint)}


def patch_visible(scene: Scene) -> Any:
    event = scene.make_event()
    scene.slow()
    assert scene.change(event, description="new")[0] == 202
    before = scene.properties(event)["description"]
    assert scene.properties(event)["provisioningState"] == "InProgress"
    scene.emulator.control.advance(3600)
    assert scene.properties(event)["description"] == "new"
    return before


def location_of_deleted(scene: Scene) -> Any:
    _, headers, _ = scene.ask("DELETE", scene.make_event())
    return scene.ask("GET", headers["location"].removeprefix(scene.emulator.url))[0]


def patch_running(scene: Scene) -> Any:
    event = scene.make_event(start=True)
    assert scene.change(event, description="allowed")[0] == 202
    return scene.change(event, crossSiteAccessPolicies={"crossDomainPolicy": "<x/>"})[0]


def patch_transcriptions(scene: Scene) -> Any:
    scene.emulator.control.variants(**{"live-event.patch-running": "refuse"})
    running, standby = scene.make_event("running", start=True), scene.make_event("standby")
    scene.act(standby, "allocate")
    answers = {scene.change(event, transcriptions=[{"language": "en-US"}])[0] for event in (running, standby)}
    assert len(answers) == 1
    return answers


def static_hostname(scene: Scene) -> Any:
    event = scene.make_event()
    stopped = scene.change(event, useStaticHostname=True)[0]
    scene.act(event, "allocate")
    assert scene.change(event, useStaticHostname=stopped != 202)[0] == 202
    return stopped


def standby_urls(scene: Scene) -> Any:
    event = scene.make_event()
    scene.act(event, "allocate")
    before = scene.urls(event)
    assert before
    scene.act(event, "start")
    return scene.urls(event) == before


def reset_not_running(scene: Scene) -> Any:
    stopped, standby = scene.make_event(), scene.make_event("standby")
    scene.act(standby, "allocate")
    return [(scene.act(event, "reset"), scene.state(event)) for event in (stopped, standby)]


def delete_on_air(scene: Scene) -> Any:
    running, standby = scene.make_event(start=True), scene.make_event("standby")
    scene.act(standby, "allocate")
    answers = {scene.ask("DELETE", path)[0] for path in (running, standby)}
    return answers, scene.state(running)


def delete_outputs(scene: Scene) -> Any:
    event = scene.make_event()
    scene.make_asset()
    output = scene.make_output(event)
    return scene.ask("DELETE", event)[0], scene.state(output)


UNFIT: tuple[tuple[str, dict[str, Any]], ...] = (
    ("encoding.presetName", {"encoding": {"encodingType": "PassthroughBasic", "presetName": "Default720p"}}),
    ("encoding.stretchMode", {"encoding": {"encodingType": "PassthroughStandard", "stretchMode": "AutoFit"}}),
    (
        "input.keyFrameIntervalDuration",
        {"encoding": {"encodingType": "Standard"}, "input": {"keyFrameIntervalDuration": "PT2S"}},
    ),
    (
        "transcriptions",
        {"encoding": {"encodingType": "PassthroughBasic"}, "transcriptions": [{"language": "en-US"}]},
    ),
    ("streamOptions", {"streamOptions": ["LowLatencyV2"]}),
    (
        "streamOptions",
        {
            "streamOptions": ["LowLatencyV2"],
            "encoding": {"encodingType": "Standard"},
            "input": {"streamingProtocol": "FragmentedMP4"},
        },
    ),
)


def unfit_settings(scene: Scene) -> Any:
    answers = set()
    for number, (member, properties) in enumerate(UNFIT):
        body = event_body(**{name: dict(value) if name == "input" else value for name, value in properties.items()})
        status, _, answer = scene.ask("PUT", f"{scene.account.id}/liveEvents/e{number}", body)
        assert status == 201 or answer["error"]["target"] == f"properties.{member}"
        answers.add(status)
    return answers


def both_latencies(scene: Scene) -> Any:
    body = event_body(encoding={"encodingType": "Standard"}, streamOptions=["LowLatency", "LowLatencyV2"])
    return scene.ask("PUT", f"{scene.account.id}/liveEvents/e", body)[0]


def unknown_language(scene: Scene) -> Any:
    body = event_body(transcriptions=[{"language": "en-US"}, {"language": "xx-XX"}])
    status, _, answer = scene.ask("PUT", f"{scene.account.id}/liveEvents/e", body)
    assert status == 201 or answer["error"]["target"] == "properties.transcriptions[1].language"
    return status


def cdn_settings_alone(scene: Scene) -> Any:
    answers = set()
    for name, value in (("cdnProvider", "StandardVerizon"), ("cdnProfile", "mine")):
        body = {"location": "westus2", "properties": {name: value}}
        status, _, answer = scene.ask("PUT", f"{scene.account.id}/streamingEndpoints/{name}", body)
        assert status == 201 or answer["error"]["target"] == f"properties.{name}"
        answers.add(status)
    return answers


def most_units(scene: Scene) -> Any:
    endpoint = scene.make_endpoint()
    scene.emulator.control.settings(quotas="azure")
    assert scene.act(endpoint, "scale", {"scaleUnit": 10}) == 200
    return scene.act(endpoint, "scale", {"scaleUnit": 11})


def created_moves(scene: Scene) -> Any:
    event = scene.make_event()
    scene.make_asset()
    output = scene.make_output(event)
    before = scene.properties(output)["created"]
    scene.emulator.control.advance(1)
    listed = scene.ask("GET", f"{event}/liveOutputs")[2]["value"][0]["properties"]["created"]
    assert (listed == before) == (scene.properties(output)["created"] == before)
    return listed == before


def asset_reused(scene: Scene) -> Any:
    event, asset = scene.make_event(), scene.make_asset()
    output = scene.make_output(event, manifestName="show")
    scene.ask("DELETE", output)
    body = {"properties": {"assetName": "tape", "archiveWindowLength": "PT5M", "manifestName": "SHOW"}}
    status = scene.ask("PUT", f"{event}/liveOutputs/second", body)[0]
    return status, scene.emulator.control.meters(asset)["recordingsOverwritten"]


def asset_missing(scene: Scene) -> Any:
    event = scene.make_event()
    body = {"properties": {"assetName": "nowhere", "archiveWindowLength": "PT5M"}}
    return scene.code("PUT", f"{event}/liveOutputs/o", body)


def manifest_name(scene: Scene) -> Any:
    event = scene.make_event()
    scene.make_asset()
    scene.make_asset("other")
    first = scene.make_output(event)
    name = scene.properties(first)["manifestName"]
    scene.ask("DELETE", first)
    scene.make_output(event, asset="other")
    assert name == "o" or re.fullmatch("[0-9a-f]{32}", name)
    return scene.properties(first)["manifestName"] == name


def default_host(scene: Scene) -> Any:
    default = f"{scene.account.id}/streamingEndpoints/default"
    before = scene.properties(default)["hostName"]
    assert scene.ask("DELETE", default)[0] == 202
    return scene.properties(scene.make_endpoint("default"))["hostName"] == before


def endpoint_patch_running(scene: Scene) -> Any:
    endpoint = scene.make_endpoint(start=True)
    assert scene.change(endpoint, description="allowed")[0] == 202
    assert scene.change(endpoint, cdnEnabled=True)[0] == 409
    return scene.change(endpoint, maxCacheAge=60)[0]


def patch_scale_units(scene: Scene) -> Any:
    endpoint = scene.make_endpoint()
    status = scene.change(endpoint, scaleUnits=2)[0]
    return status, scene.ask("GET", endpoint)[2]["sku"]


def scale_running(scene: Scene) -> Any:
    endpoint = scene.make_endpoint(start=True)
    status = scene.act(endpoint, "scale", {"scaleUnit": 3})
    assert scene.properties(endpoint)["scaleUnits"] == 3
    return status


def delete_in_use(scene: Scene) -> Any:
    event, asset = scene.make_event(), scene.make_asset()
    scene.make_output(event)
    return scene.ask("DELETE", asset)[0], scene.emulator.control.meters(asset)["recordingsDeleted"]


def no_encryption_key(scene: Scene) -> Any:
    return scene.act(scene.make_asset(), "getEncryptionKey")


OBSERVE_ON_AIR: Mapping[str, Callable[[Scene], Any]] = MappingProxyType(
    {
        "state.refused": state_refused,
        "action.already-there": already_there,
        "create.existing": create_existing,
        "immutable.change": immutable_change,
        "patch.location-missing": location_missing,
        "streaming.patch-visible": patch_visible,
        "operation-location.deleted": location_of_deleted,
        "live-event.patch-running": patch_running,
        "live-event.patch-transcriptions": patch_transcriptions,
        "live-event.patch-static-hostname": static_hostname,
        "live-event.standby-urls": standby_urls,
        "live-event.reset-not-running": reset_not_running,
        "live-event.delete-on-air": delete_on_air,
        "live-event.delete-outputs": delete_outputs,
        "live-event.unfit-setting": unfit_settings,
        "live-event.both-latencies": both_latencies,
        "live-event.unknown-language": unknown_language,
        "live-output.created": created_moves,
        "live-output.asset-reused": asset_reused,
        "live-output.asset-missing": asset_missing,
        "live-output.manifest-name": manifest_name,
        "endpoint.default-host": default_host,
        "endpoint.patch-running": endpoint_patch_running,
        "endpoint.patch-scale-units": patch_scale_units,
        "endpoint.scale-running": scale_running,
        "endpoint.cdn-settings-alone": cdn_settings_alone,
        "endpoint.most-units": most_units,
        "asset.delete-in-use": delete_in_use,
        "asset.no-encryption-key": no_encryption_key,
    }
)
