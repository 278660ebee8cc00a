"""Sources of custom presets: filters of the preset, inputs of its jobs, and what has no place; in JSON and XML."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.migration.judging import judged
from tests.migration.shapes import faults
from tests.migration.test_presets import MES

from ams_operator.migration.mapping import presets
from ams_operator.migration.mapping.presets import Recipe
from ams_operator.migration.tally import Tally

ASSET = "606db602-efd7-4436-97b4-c0b867ba195b"
OVERLAY: dict[str, Any] = {
    "Position": {"X": 100, "Y": 100, "Width": 100, "Height": 50},
    "AudioGainLevel": 0.5,
    "MediaParams": [{"OverlayLoopCount": 1}, {"IsOverlay": True, "OverlayLoopCount": 1, "InputLoop": True}],
    "Source": "Image 001.png",
    "Clip": {"StartTime": "00:00:02", "Duration": "00:00:05"},
    "FadeInDuration": {"Duration": "00:00:01"},
    "FadeOutDuration": {"StartTime": "00:00:03", "Duration": "00:00:04"},
}


def recipe(*sources: dict[str, Any], **changes: Any) -> Recipe:
    """A preset with these sources; version 3 takes what comes of it."""
    found = presets.recipe(json.dumps({**MES, "Sources": list(sources), **changes}))
    assert found.preset is not None
    assert list(faults({"outputs": [{"preset": found.preset}]}, "Transform")) == []
    if found.job_input:
        kind = found.job_input["@odata.type"].rpartition(".")[2]
        given = {"/assetName", *(f"/inputs/{number}/assetName" for number in range(50))}
        assert list(faults(found.job_input, kind, given)) == []
    return found


def filters(found: Recipe) -> Any:
    assert found.preset is not None
    return found.preset.get("filters")


def test_cropping() -> None:
    found = recipe({"Streams": [], "Filters": {"Crop": {"X": 240, "Y": 0, "Width": 1440, "Height": 1080}}, "Pad": True})
    assert filters(found) == {"crop": {"left": "240", "top": "0", "width": "1440", "height": "1080"}}
    assert (found.gaps, found.job_input) == ((), {})


@pytest.mark.parametrize(
    ("given", "expected"),
    [("90", "Rotate90"), (180, "Rotate180"), ("270", "Rotate270"), ("0", "Rotate0"), ("Auto", "Auto"), ("45", None)],
)
def test_rotation(given: Any, expected: str | None) -> None:
    found = recipe({"Filters": {"Rotation": given}})
    assert filters(found) == ({"rotation": expected} if expected else None)
    assert bool(found.gaps) is (expected is None)


@pytest.mark.parametrize(
    ("mode", "expected"), [("Off", {"deinterlace": {"mode": "Off"}}), ("Auto", None), ("Odd", None)]
)
def test_deinterlacing(mode: str, expected: Any) -> None:
    found = recipe({"Filters": {"Deinterlace": {"Mode": mode}}})
    assert filters(found) == expected
    assert bool(found.gaps) is (mode == "Odd")


def test_overlays_are_inputs_of_the_job_by_a_label() -> None:
    found = recipe({"Filters": {"VideoOverlay": OVERLAY, "AudioOverlay": {"Source": "jingle.mp3"}}})
    assert filters(found)["overlays"] == [
        {
            "@odata.type": "#Microsoft.Media.VideoOverlay",
            "inputLabel": "Image-001",
            "start": "PT2S",
            "end": "PT7S",
            "fadeInDuration": "PT1S",
            "fadeOutDuration": "PT4S",
            "audioGainLevel": 0.5,
            "position": {"left": "100", "top": "100", "width": "100", "height": "50"},
        },
        {"@odata.type": "#Microsoft.Media.AudioOverlay", "inputLabel": "jingle"},
    ]
    assert "input labelled Image-001" in found.near
    assert not found.gaps


def test_trimming_is_said_by_jobs() -> None:
    found = recipe({"StartTime": "00:00:04", "Duration": "00:00:16"})
    assert found.job_input == {
        "@odata.type": "#Microsoft.Media.JobInputAsset",
        "start": {"@odata.type": "#Microsoft.Media.AbsoluteClipTime", "time": "PT4S"},
        "end": {"@odata.type": "#Microsoft.Media.AbsoluteClipTime", "time": "PT20S"},
    }
    assert "start at PT4S, end at PT20S" in found.near
    assert recipe({"Duration": "00:00:16"}).job_input["end"]["time"] == "PT16S"
    assert not found.gaps


def test_stitching_is_a_sequence_of_inputs() -> None:
    found = recipe({"AssetID": ASSET, "StartTime": "00:00:01"}, {"AssetID": ASSET, "Duration": "00:00:05"})
    assert found.job_input["@odata.type"] == "#Microsoft.Media.JobInputSequence"
    assert [one["assetName"] for one in found.job_input["inputs"]] == [ASSET, ASSET]
    assert "2 inputs as a sequence" in found.near
    assert not found.gaps


def test_streams() -> None:
    top = recipe({"Streams": [{"VideoStream": "TopBitrate"}, {"AudioStream": "*"}]})
    tracks = top.job_input["inputDefinitions"][0]["includedTracks"]
    assert [(one["attribute"], one["filter"]) for one in tracks] == [("Bitrate", "Top"), ("Bitrate", "All")]
    assert not recipe({"Streams": [{"VideoStream": "*"}, {"AudioStream": "*"}]}).job_input
    assert recipe({"Streams": [{"AudioStream": "7"}]}).gaps


@pytest.mark.parametrize(
    "sources",
    [
        [{"Filters": {"Chroma": {"Key": "green"}}}],
        [{"Odd": 1}],
        [{"StartTime": "soon"}],
        [{"Filters": {"VideoOverlay": {**OVERLAY, "MediaParams": [{"OverlayLoopCount": 3}]}}}],
        [{"Filters": {"Rotation": "90"}}, {"Filters": {"Rotation": "180"}}],
        [{}] * 51,
    ],
)
def test_what_sources_can_not_say_is_a_gap(sources: list[dict[str, Any]]) -> None:
    assert {identifier for identifier, _ in recipe(*sources).gaps} == {"preset-features"}


XML = """<?xml version="1.0" encoding="utf-16"?>
<Preset xmlns="http://www.windowsazure.com/media/encoding/Preset/2014/03" Version="1.0"><Sources>
<Source StartTime="PT4S" Duration="PT16S"><Streams /><Filters><VideoOverlay><Source>Image001.png</Source>
<Clip Duration="PT5S" /><FadeInDuration Duration="PT1S" /><Position X="1" Y="2" Width="3" Height="4" />
<Opacity>0</Opacity><AudioGainLevel>0</AudioGainLevel><MediaParams><MediaParam><IsOverlay>true</IsOverlay>
<OverlayLoopCount>1</OverlayLoopCount></MediaParam></MediaParams></VideoOverlay><Deinterlace><Mode>Off</Mode>
</Deinterlace><Rotation>90</Rotation></Filters><Pad>true</Pad></Source></Sources><Encoding><H264Video>
<KeyFrameInterval>00:00:02</KeyFrameInterval><H264Layers><H264Layer><Bitrate>1045</Bitrate><Width>640</Width>
<Height>360</Height></H264Layer></H264Layers><Chapters /></H264Video><CopyAudio /></Encoding>
<Outputs><Output FileName="{Basename}{Extension}"><MP4Format /></Output></Outputs></Preset>"""


def test_sources_in_xml() -> None:
    found = presets.recipe(XML)
    assert not found.gaps
    assert found.preset is not None
    assert list(faults({"outputs": [{"preset": found.preset}]}, "Transform")) == []
    made = found.preset["filters"]
    assert (made["rotation"], made["deinterlace"]) == ("Rotate90", {"mode": "Off"})
    assert made["overlays"][0]["inputLabel"] == "Image001"
    assert made["overlays"][0]["position"] == {"left": "1", "top": "2", "width": "3", "height": "4"}
    assert found.job_input["end"]["time"] == "PT20S"


def test_recipes_that_differ_in_trimming_alone_are_one_transform() -> None:
    texts = [json.dumps({**MES, "Sources": [{"StartTime": time}]}) for time in ("00:00:01", "00:00:02")]
    found = [judged("Tasks", Configuration=text).verdict for text in (*texts, json.dumps(MES))]
    assert len({one.name for one in found}) == 1
    assert [one.beside for one in found][2] == {}
    assert found[0].beside["jobInputs"][0]["start"]["time"] == "PT1S"
    tally = Tally()
    for number, text in enumerate((json.dumps(MES), texts[0], texts[1], texts[0])):
        tally.add("task", number, judged("Tasks", Configuration=text))
    (target,) = tally.targets.values()
    assert [one["start"]["time"] for one in target["beside"]["jobInputs"]] == ["PT1S", "PT2S"]
    assert target["note"].count("trim their input") == 2
    other = json.dumps({**MES, "Sources": [{"Filters": {"Rotation": "90"}}]})
    assert judged("Tasks", Configuration=other).verdict.name != found[0].name


@pytest.mark.parametrize(
    ("change", "gap"),
    [
        ({"Codecs": [{**MES["Codecs"][0], "PreserveResolutionAfterRotation": True}]}, True),
        ({"Codecs": [{**MES["Codecs"][0], "TwoPass": False, "Chapters": ""}]}, False),
        ({"Codecs": [{**MES["Codecs"][0], "Complexity": "Odd"}]}, True),
        ({"Codecs": [{**MES["Codecs"][1], "Profile": "Odd"}]}, True),
        ({"Odd": 1}, True),
        ({"StretchMode": "AutoFit"}, False),
    ],
)
def test_members_that_nobody_maps_are_gaps_by_name(change: dict[str, Any], gap: bool) -> None:
    assert bool(recipe(**change).gaps) is gap


def test_layers_need_a_bitrate() -> None:
    video = {**MES["Codecs"][0], "H264Layers": [{"Width": 1}]}
    found = presets.recipe(json.dumps({**MES, "Codecs": [video]}))
    assert found.preset is None
    assert any("bitrate" in what for _, what in found.gaps)


def test_file_names_by_the_macros_of_version_3() -> None:
    name = "{Basename}_{Width}x{Height}_{VideoBitrate}.mp4"
    found = recipe(Outputs=[{"FileName": name, "Format": {"Type": "MP4Format"}}])
    assert found.preset is not None
    assert found.preset["formats"][0]["filenamePattern"] == "{Basename}_{Label}_{Bitrate}.mp4"
    assert found.preset["codecs"][0]["layers"][0]["label"] == "1280x720"
    assert "other macros" in found.near
    assert not found.gaps


def test_sprites_and_qualities() -> None:
    image = {"Type": "JpgImage", "Start": "0%", "Step": "5%", "Range": "100%", "SpriteColumn": 10,
             "JpgLayers": [{"Type": "JpgLayer", "Quality": 90, "Width": "20%", "Height": "20%"}]}  # fmt: skip
    found = recipe(
        Codecs=[image], Outputs=[{"FileName": "{Basename}_{Index}{Extension}", "Format": {"Type": "JpgFormat"}}]
    )
    assert found.preset is not None
    made = found.preset["codecs"][0]
    assert (made["spriteColumn"], made["layers"]) == (10, [{"quality": 90, "width": "20%", "height": "20%"}])
