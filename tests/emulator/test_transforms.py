"""Transforms: every preset of the client library's surface is taken, stored and checked."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.emulator.bodies import JSON, built_in, with_preset

from ams_emulator.kinds.presets import presets
from ams_emulator.schema import Enum, Object, Shape, Union
from ams_emulator.testing import Emulator

SURFACE = Path(__file__).parents[3] / "shared" / "specs" / "azure-mgmt-media-surface.json"
H264 = {"@odata.type": "#Microsoft.Media.H264Video"}
ENCODER: JSON = {
    "@odata.type": "#Microsoft.Media.StandardEncoderPreset",
    "experimentalOptions": {"a": "b"},
    "codecs": [
        {"@odata.type": "#Microsoft.Media.AacAudio", "channels": 2, "samplingRate": 48000, "bitrate": 128000},
        {
            "@odata.type": "#Microsoft.Media.H264Video",
            "keyFrameInterval": "PT2S",
            "layers": [{"bitrate": 3400000, "width": "1280", "height": "720", "label": "HD", "bufferWindow": "PT5S"}],
        },
        {
            "@odata.type": "#Microsoft.Media.JpgImage",
            "start": "{Best}",
            "layers": [{"width": "50%"}],
            "spriteColumn": 10,
        },
    ],
    "formats": [
        {
            "@odata.type": "#Microsoft.Media.Mp4Format",
            "filenamePattern": "{Basename}_{Label}{Extension}",
            "outputFiles": [{"labels": ["HD"]}],
        },
        {"@odata.type": "#Microsoft.Media.JpgFormat", "filenamePattern": "{Basename}{Index}{Extension}"},
    ],
    "filters": {
        "deinterlace": {"parity": "Auto"},
        "rotation": "Rotate90",
        "crop": {"left": "0", "top": "0", "width": "50%", "height": "50%"},
        "fadeIn": {"duration": "PT1S", "fadeColor": "Black"},
        "overlays": [{"@odata.type": "#Microsoft.Media.VideoOverlay", "inputLabel": "logo", "opacity": 0.5}],
    },
}


@pytest.fixture(scope="module")
def surface() -> Any:
    if not SURFACE.exists():
        pytest.skip("the surface of the client library (../shared/specs) is not here")
    return json.loads(SURFACE.read_text())


def subtypes(models: Any, base: str) -> dict[str, str]:
    """Discriminator to model, over all levels, the base itself where it has one."""
    found = {}
    own = models[base]["attributes"].get("odata_type", {}).get("constant")
    if own:
        found[own] = base
    for child in (models[base].get("discriminator") or {"map": {}})["map"].values():
        found |= subtypes(models, child)
    return found


def assert_same(shape: Shape, model: str, surface: Any) -> None:
    """The shape has the model's members, requirements and enums; and so on inwards."""
    models = surface["models"]
    if isinstance(shape, Union):
        types = subtypes(models, model)
        assert sorted(shape.types) == sorted(types)
        for name, inner in shape.types.items():
            assert_same(inner, types[name], surface)
        return
    assert isinstance(shape, Object)
    expected = {item["wire"][-1]: item for item in models[model]["attributes"].values()}
    expected.pop("@odata.type", None)
    assert sorted(shape.members) == sorted(expected), model
    for name, member in shape.members.items():
        item = expected[name]
        assert member.required == bool(item.get("required")), f"{model}.{name}"
        inner_shape: Any = member.shape
        if item["type"].startswith("["):
            inner_shape = inner_shape.item
        if item.get("enum"):
            assert isinstance(inner_shape, Enum)
            assert sorted(inner_shape.values) == sorted(surface["enums"][item["enum"]]["values"])
        inner = item["type"].strip("[]{}")
        if inner in models:
            assert_same(inner_shape, inner, surface)


def test_presets_are_those_of_the_surface(surface: Any) -> None:
    assert_same(presets(), "Preset", surface)


@pytest.mark.parametrize(
    "preset",
    [
        ENCODER,
        {
            "@odata.type": "#Microsoft.Media.BuiltInStandardEncoderPreset",
            "presetName": "ContentAwareEncoding",
            "configurations": {"complexity": "Speed", "maxLayers": 4, "keyFrameIntervalInSeconds": 2.0},
        },
        {"@odata.type": "#Microsoft.Media.AudioAnalyzerPreset", "audioLanguage": "en-US", "mode": "Basic"},
        {"@odata.type": "#Microsoft.Media.VideoAnalyzerPreset", "insightsToExtract": "AllInsights", "mode": "Standard"},
        {
            "@odata.type": "#Microsoft.Media.FaceDetectorPreset",
            "resolution": "SourceResolution",
            "mode": "Redact",
            "blurType": "Med",
        },
    ],
    ids=lambda preset: preset["@odata.type"].rpartition(".")[2],
)
def test_presets_are_stored(emulator: Emulator, transforms: str, preset: JSON) -> None:
    emulator.control.variants(**{"transform.preset-defaults": "as-sent"})
    status, _, made = emulator.request("PUT", f"{transforms}/t", with_preset(preset))
    assert status == 201
    assert made["properties"]["outputs"][0]["preset"] == preset
    assert emulator.request("GET", f"{transforms}/t")[2] == made


@pytest.mark.parametrize(
    ("preset", "target"),
    [
        ({"@odata.type": "#Microsoft.Media.Nothing"}, "@odata.type"),
        ({"presetName": "AdaptiveStreaming"}, "@odata.type"),
        ({"@odata.type": "#Microsoft.Media.BuiltInStandardEncoderPreset"}, "presetName"),
        ({"@odata.type": "#Microsoft.Media.BuiltInStandardEncoderPreset", "presetName": "X"}, "presetName"),
        ({**ENCODER, "codecs": []}, "codecs"),
        ({**ENCODER, "codecs": [{**H264, "layers": [{}]}]}, "codecs[0].layers[0].bitrate"),
        ({**ENCODER, "codecs": [{**H264, "keyFrameInterval": "PT1H"}]}, "codecs[0].keyFrameInterval"),
        ({**ENCODER, "formats": [{"@odata.type": "#Microsoft.Media.Mp4Format"}]}, "formats[0].filenamePattern"),
        ({**ENCODER, "filters": {"fadeIn": {"duration": "PT1S"}}}, "filters.fadeIn.fadeColor"),
        ({**ENCODER, "nonsense": 1}, "nonsense"),
    ],
)  # fmt: skip
def test_bad_presets_are_named(emulator: Emulator, transforms: str, preset: JSON, target: str) -> None:
    status, _, body = emulator.request("PUT", f"{transforms}/t", with_preset(preset))
    assert (status, body["error"]["code"]) == (400, "BadRequest")
    assert body["error"]["target"] == f"properties.outputs[0].preset.{target}"
    assert body["error"]["message"].startswith(body["error"]["target"])
    assert emulator.request("GET", f"{transforms}/t")[0] == 404


@pytest.mark.parametrize(
    ("body", "target"),
    [
        (b"<html>", "body"),
        (b"[]", "body"),
        (b'{"properties": {"description": NaN}}', "body"),
        (b"[" * 50_000, "body"),
        ({}, "properties"),
        ({"properties": {}}, "properties.outputs"),
        ({"properties": {"outputs": []}}, "properties.outputs"),
        ({"properties": {"outputs": {}}}, "properties.outputs"),
        ({"properties": {"outputs": [{}]}}, "properties.outputs[0].preset"),
        (built_in(description=7), "properties.description"),
        ({**built_in(), "location": "westus2"}, "location"),
    ],
)
def test_bad_bodies_are_named(emulator: Emulator, transforms: str, body: Any, target: str) -> None:
    status, _, answer = emulator.request("PUT", f"{transforms}/t", body)
    assert (status, answer["error"]["target"]) == (400, target)


def test_put_creates_then_replaces(emulator: Emulator, transforms: str) -> None:
    path = f"{transforms}/t"
    status, _, made = emulator.request("PUT", path, built_in(description="x"))
    assert status == 201
    status, _, replaced = emulator.request("PUT", path, built_in("AACGoodQualityAudio"))
    assert status == 200
    assert "description" not in replaced["properties"]
    assert replaced["properties"]["created"] == made["properties"]["created"]
    assert replaced["properties"]["lastModified"] > made["properties"]["lastModified"]


def test_patch(emulator: Emulator, transforms: str) -> None:
    path = f"{transforms}/t"
    assert emulator.request("PATCH", path, {"properties": {}})[0] == 404
    emulator.request("PUT", path, built_in())
    _, _, patched = emulator.request("PATCH", path, {"properties": {"description": "x"}})
    assert patched["properties"]["description"] == "x"
    assert patched["properties"]["outputs"][0]["preset"]["presetName"] == "AdaptiveStreaming"
    _, _, cleared = emulator.request("PATCH", path, {"properties": {"description": None}})
    assert "description" not in cleared["properties"]
    status, _, refused = emulator.request("PATCH", path, {"properties": {"outputs": None}})
    assert (status, refused["error"]["target"]) == (400, "properties.outputs")


def test_delete(emulator: Emulator, transforms: str) -> None:
    emulator.request("PUT", f"{transforms}/t", built_in())
    assert [emulator.request("DELETE", f"{transforms}/t")[0] for _ in range(2)] == [200, 204]


def test_names_and_types_compare_without_case(emulator: Emulator, transforms: str) -> None:
    emulator.request("PUT", f"{transforms}/Night Show", built_in())
    other = transforms.upper().replace("/TRANSFORMS", "/Transforms") + "/NIGHT%20SHOW"
    _, _, found = emulator.request("GET", other)
    assert found["name"] == "Night Show"
    assert found["id"] == f"{transforms}/Night Show"


@pytest.mark.parametrize("name", ["a.b", "x" * 261, "a%25b", "a%2Fb"])
def test_bad_names(emulator: Emulator, transforms: str, name: str) -> None:
    status, _, body = emulator.request("PUT", f"{transforms}/{name}", built_in())
    assert status == 400
    assert "name of Microsoft.Media/mediaservices/transforms" in body["error"]["message"]


def test_limits(emulator: Emulator, transforms: str) -> None:
    output = built_in()["properties"]["outputs"]
    status, _, body = emulator.request("PUT", f"{transforms}/t", {"properties": {"outputs": output * 21}})
    assert (status, body["error"]["target"]) == (400, "properties.outputs")
    emulator.control.settings(quotas="azure")
    for number in range(100):
        emulator.control.put_out_of_band(f"{transforms}/t{number}", built_in())
    status, _, body = emulator.request("PUT", f"{transforms}/more", built_in())
    assert status == 403
    assert "100 transforms" in body["error"]["message"]
    assert emulator.request("PUT", f"{transforms}/t7", built_in())[0] == 200


def test_documented_defaults_are_filled(emulator: Emulator, transforms: str) -> None:
    """Also those that follow a neighbour, and those of images, fades and overlays."""
    emulator.control.variants(**{"transform.preset-defaults": "filled"})
    status, _, body = emulator.request("PUT", f"{transforms}/filled", with_preset(ENCODER))
    assert status == 201
    preset = body["properties"]["outputs"][0]["preset"]
    _, video, image = preset["codecs"]
    assert video["layers"][0]["maxBitrate"] == video["layers"][0]["bitrate"]
    assert (image["step"], image["range"]) == ("10%", "100%")
    assert preset["filters"]["fadeIn"]["start"] == "0"
    overlay = preset["filters"]["overlays"][0]
    assert (overlay["fadeInDuration"], overlay["fadeOutDuration"]) == ("PT0S", "PT0S")
