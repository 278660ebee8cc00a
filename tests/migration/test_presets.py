"""Recipes of tasks: processors, system presets, custom presets in JSON and XML."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.migration.judging import NOW, judged

from ams_operator.migration.mapping import mes, mes_values, presets
from ams_operator.migration.model import Known

PROCESSORS = [
    ("Media Encoder Premium Workflow", "premium-workflow", None),
    ("Azure Media Indexer", None, "AudioAnalyzerPreset"),
    ("Azure Media Indexer 2 Preview", None, "AudioAnalyzerPreset"),
    ("Azure Media Face Detector", "legacy-analytics", None),
    ("Azure Media Redactor", None, "FaceDetectorPreset"),
    ("Azure Media OCR", "legacy-analytics", None),
    ("Azure Media Content Moderator", "legacy-analytics", None),
    ("Azure Media Motion Detector", "no-analytics", None),
    ("Azure Media Video Thumbnails", "no-analytics", None),
    ("Azure Media Hyperlapse", "no-analytics", None),
    ("Azure Media Packager", "static-packaging", None),
    ("Azure Media Encryptor", "static-packaging", None),
    ("Storage Decryption", "static-packaging", None),
    ("Something Else", "unreadable-preset", None),
    ("Windows Azure Media Encoder", None, "BuiltInStandardEncoderPreset"),
    ("Media Encoder Standard", None, "BuiltInStandardEncoderPreset"),
]


@pytest.mark.parametrize(("name", "gap", "preset"), PROCESSORS)
@pytest.mark.parametrize("of", ["Tasks", "TaskTemplates"])
def test_processors(of: str, name: str, gap: str | None, preset: str | None) -> None:
    known = Known(NOW, processors={"nb:mpid:uuid:x": name})
    found = judged(of, known=known, MediaProcessorId="nb:mpid:UUID:X", Configuration="H264 Multiple Bitrate 720p")
    assert found.verdict.gap == (gap or "")
    if preset:
        assert found.verdict.fields["outputs"][0]["preset"]["@odata.type"] == f"#Microsoft.Media.{preset}"
    assert ("units-still-obeyed" in found.blockers) is ("Premium" in name or "Indexer" in name)
    known.since = "2026-01-02T00:00:00"
    for ended, blocks in (("2026-01-01T00:00:00Z", False), ("2026-01-03T00:00:00Z", bool(found.blockers))):
        then = judged(of, known=known, MediaProcessorId="nb:mpid:UUID:X", Configuration="x", EndTime=ended)
        assert ("units-still-obeyed" in then.blockers) is blocks, "what ended before the quiet period blocks nothing"


def test_encrypted_configurations_are_not_kept() -> None:
    found = judged("Tasks", Configuration="c2VjcmV0", Options=1)
    assert found.verdict.gap == "protected-configuration"
    assert "c2VjcmV0" not in repr(found)


SYSTEM = [
    ("Adaptive Streaming", "AdaptiveStreaming", ""),
    ("H264 Multiple Bitrate 1080p", "H264MultipleBitrate1080p", ""),
    ("h264  multiple bitrate 720P", "H264MultipleBitrate720p", ""),
    ("H264 Multiple Bitrate 4x3 SD", "H264MultipleBitrateSD", ""),
    ("H264 Multiple Bitrate 16x9 SD", "H264MultipleBitrateSD", "near"),
    ("H264 Single Bitrate 1080p", "H264SingleBitrate1080p", ""),
    ("H264 Single Bitrate 16x9 SD", "H264SingleBitrateSD", ""),
    ("AAC Good Quality Audio", "AACGoodQualityAudio", ""),
    ("Content Adaptive Multiple Bitrate MP4", "ContentAwareEncoding", "near"),
]


@pytest.mark.parametrize(("text", "name", "near"), SYSTEM)
def test_system_presets(text: str, name: str, near: str) -> None:
    found = presets.recipe(text)
    assert found.preset is not None
    assert found.preset["presetName"] == name
    assert bool(found.near) is bool(near)


@pytest.mark.parametrize("text", ["H264 Single Bitrate 4x3 SD", "AAC Audio", "H264 Multiple Bitrate 1080p Audio 5.1"])
def test_system_presets_that_need_one_of_your_own(text: str) -> None:
    assert [one for one, _ in presets.recipe(text).gaps] == ["preset-features"]


@pytest.mark.parametrize("text", ["", "something", "{", "[]", "{}", "<a/>", "<!DOCTYPE a><Preset/>", '{"Codecs": 7}'])
def test_what_is_no_preset(text: str) -> None:
    assert presets.recipe(text).preset is None
    assert presets.recipe(text).gaps


MES: dict[str, Any] = {
    "Version": 1.0,
    "Codecs": [
        {
            "Type": "H264Video",
            "KeyFrameInterval": "00:00:02",
            "SceneChangeDetection": True,
            "StretchMode": "AutoSize",
            "H264Layers": [
                {
                    "Type": "H264Layer",
                    "Bitrate": 3400,
                    "MaxBitrate": 3400,
                    "BufferWindow": "00:00:05",
                    "Width": 1280,
                    "Height": 720,
                    "BFrames": 3,
                    "ReferenceFrames": 3,
                    "FrameRate": "0/1",
                    "AdaptiveBFrame": True,
                    "Profile": "Auto",
                    "Level": "auto",
                }
            ],
        },
        {"Type": "AACAudio", "Profile": "AACLC", "Channels": 2, "SamplingRate": 48000, "Bitrate": 128},
    ],
    "Outputs": [{"FileName": "{Basename}_{Bitrate}{Extension}", "Format": {"Type": "MP4Format"}}],
}
XML = """<?xml version="1.0" encoding="utf-16"?>
<Preset xmlns="http://www.windowsazure.com/media/encoding/Preset/2014/03" Version="1.0"><Encoding>
<H264Video><KeyFrameInterval>00:00:02</KeyFrameInterval><SceneChangeDetection>true</SceneChangeDetection>
<StretchMode>AutoSize</StretchMode><H264Layers><H264Layer><Bitrate>3400</Bitrate><MaxBitrate>3400</MaxBitrate>
<BufferWindow>00:00:05</BufferWindow><Width>1280</Width><Height>720</Height><BFrames>3</BFrames>
<ReferenceFrames>3</ReferenceFrames><FrameRate>0/1</FrameRate><AdaptiveBFrame>true</AdaptiveBFrame>
<Profile>Auto</Profile><Level>auto</Level></H264Layer></H264Layers></H264Video>
<AACAudio><Profile>AACLC</Profile><Channels>2</Channels><SamplingRate>48000</SamplingRate><Bitrate>128</Bitrate>
<Chapters/></AACAudio></Encoding>
<Outputs><Output FileName="{Basename}_{Bitrate}{Extension}"><MP4Format/></Output></Outputs>
</Preset>"""


def test_custom_presets_count_in_bits() -> None:
    made = mes.preset(MES).preset
    assert made is not None
    video, audio = made["codecs"]
    assert (video["keyFrameInterval"], video["layers"][0]["bitrate"], audio["bitrate"]) == ("PT2S", 3_400_000, 128_000)
    assert "frameRate" not in video["layers"][0]
    assert video["layers"][0]["width"] == "1280"
    assert made["formats"] == [
        {"@odata.type": "#Microsoft.Media.Mp4Format", "filenamePattern": "{Basename}_{Bitrate}{Extension}"}
    ]


def test_xml_and_json_are_one_preset() -> None:
    assert presets.recipe(XML).preset == presets.recipe(json.dumps(MES)).preset


@pytest.mark.parametrize(
    ("change", "gap"),
    [
        ({"Condition": "InsertSilenceIfNoAudio"}, "silent-audio"),
        ({"Condition": "InsertBlackIfNoVideo"}, "black-video"),
        ({"Condition": "InsertBlackIfNoVideoBottomLayerOnly"}, "black-video"),
        ({"Condition": "Odd"}, "preset-features"),
        ({"Type": "BmpImage"}, "preset-features"),
    ],
)
def test_preset_gaps(change: dict[str, Any], gap: str) -> None:
    codecs = [MES["Codecs"][0], {**MES["Codecs"][1], **change}]
    assert gap in dict(presets.recipe(json.dumps({**MES, "Codecs": codecs})).gaps)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("PT5S", "PT5S"),
        ("P1DT1H", "PT25H"),
        (7, None),
        ("00:00:02", "PT2S"),
        ("01:02:03.5000000", "PT1H2M3.5S"),
        ("00:01:00", "PT1M"),
        ("00:00:00", "PT0S"),
        ("2", None),
    ],
)
def test_clocks(text: str, expected: str | None) -> None:
    assert mes_values.clock(text) == expected
