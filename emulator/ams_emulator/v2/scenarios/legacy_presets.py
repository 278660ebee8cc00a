"""What tasks of old were asked to do: by processors that are retired, and in words that version 3 has none for."""

from __future__ import annotations

import json

_XML = '<?xml version="1.0"?>'
_PRESET = "http://www.windowsazure.com/media/encoding/Preset/2014/03"
_LAYERS = [{"Type": "H264Layer", "Bitrate": 1800, "Width": "640", "Height": "360"}]
_OUTPUTS = [{"FileName": "{Basename}_{Width}x{Height}.mp4", "Format": {"Type": "MP4Format"}}]


def _options(version: object, **options: object) -> str:
    return json.dumps({"version": version, "options": options})


def _standard(condition: str = "", **more: object) -> str:
    """A preset of the standard encoder."""
    video = {"Type": "H264Video", "KeyFrameInterval": "00:00:02", "H264Layers": _LAYERS}
    condition_of = {"Condition": condition} if condition else {}
    return json.dumps({"Version": 1.0, "Codecs": [{**video, **condition_of}], "Outputs": _OUTPUTS, **more})


RETIRED: tuple[tuple[str, str | None], ...] = (
    ("Windows Azure Media Encoder", "H264 Adaptive Bitrate MP4 Set 720p"),
    ("Azure Media Encoder", "H264 Adaptive Bitrate MP4 Set 1080p"),
    ("Media Encoder Premium Workflow", f"{_XML}<transcodeRequest><transcodeSource /></transcodeRequest>"),
    (
        "Azure Media Indexer",
        f'{_XML}<configuration version="2.0"><features /></configuration>',
    ),
    ("Azure Media Indexer 2 Preview", json.dumps({"version": "1.0", "Features": [{"Options": {"Language": "EnUs"}}]})),
    ("Azure Media Face Detector", _options("1.0", mode="aggregateEmotion", aggregateEmotionWindowMs="987")),
    ("Azure Media Redactor", _options("1.0", mode="combined")),
    ("Azure Media OCR", _options(1.0, Language="English")),
    ("Azure Media Content Moderator", _options("2.0")),
    ("Azure Media Motion Detector", _options("1.0", SensitivityLevel="medium")),
    ("Azure Media Video Thumbnails", _options("1.0", outputAudio="true")),
    ("Azure Media Hyperlapse", _options(1.0, Speed=1)),
    ("Windows Azure Media Packager", "<taskDefinition><name>MP4 to Smooth</name></taskDefinition>"),
    ("Windows Azure Media Encryptor", "<taskDefinition><name>PlayReady protection</name></taskDefinition>"),
    ("Storage Decryption", None),
)
_FILTERS = {
    "Crop": {"X": 240, "Y": 0, "Width": 1440, "Height": 1080},
    "Deinterlace": {"Mode": "Off"},
    "Rotation": "90",
    "VideoOverlay": {
        "Source": "logo.png",
        "Position": {"X": 100, "Y": 100, "Width": 100, "Height": 50},
        "Clip": {"Duration": "00:00:05"},
        "FadeInDuration": {"Duration": "00:00:01"},
        "MediaParams": [{"OverlayLoopCount": 1}, {"IsOverlay": True, "OverlayLoopCount": 1}],
        "AudioGainLevel": 0.0,
    },
}
_AS_XML = (
    f'{_XML}<Preset xmlns="{_PRESET}" Version="1.0"><Sources><Source StartTime="PT4S" Duration="PT16S"><Streams />'
    "</Source></Sources><Encoding><H264Video><KeyFrameInterval>00:00:02</KeyFrameInterval><H264Layers><H264Layer>"
    "<Bitrate>1800</Bitrate><Width>640</Width><Height>360</Height></H264Layer></H264Layers><Chapters /></H264Video>"
    '</Encoding><Outputs><Output FileName="{Basename}_{Bitrate}{Extension}"><MP4Format /></Output></Outputs></Preset>'
)
SOURCES: tuple[tuple[str, str], ...] = (
    ("cut, turned and with a logo", _standard(Sources=[{"Streams": [], "Filters": _FILTERS, "Pad": True}])),
    ("trimmed", _AS_XML),
    ("stitched", _standard(Sources=[{"StartTime": "00:00:01"}, {"StartTime": "00:01:00"}])),
)
"""what version 3 has in other places"""
GAPS: tuple[tuple[str, str | None], ...] = (
    ("silence", _standard("InsertSilenceIfNoAudio")),
    ("black", _standard("InsertBlackIfNoVideo")),
    ("black below", _standard("InsertBlackIfNoVideoBottomLayerOnly")),
    ("green screen", _standard(Sources=[{"Filters": {"Chroma": {"Key": "green"}}}])),
    ("bitmap", json.dumps({"Version": 1.0, "Codecs": [{"Type": "BmpImage", "Start": "00:00:05"}], "Outputs": []})),
    ("as XML", f'{_XML}<Preset xmlns="{_PRESET}" Version="1.0"><Encoding /></Preset>'),
    ("for a phone", "H264 Multiple Bitrate 720p for iOS"),
    ("surround", "H264 Multiple Bitrate 1080p Audio 5.1"),
    ("nothing", None),
    ("not a preset", "whatever they typed"),
)
