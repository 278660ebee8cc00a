"""Every preset that a transform may carry: encoders with their codecs, layers, formats and filters, and the analyzers.

Members, types, required ones and enums are those of api-version 2022-07-01; `filled` are the defaults that the models
document.
"""

from __future__ import annotations

from typing import Any

from ams_emulator.errors import BadInputError
from ams_emulator.schema import Duration, Enum, Flag, ListOf, MapOf, Member, Number, Object, Rules, Shape, Text, Union

_NAMED_PRESETS = (
    "H264SingleBitrateSD",
    "H264SingleBitrate720p",
    "H264SingleBitrate1080p",
    "AdaptiveStreaming",
    "AACGoodQualityAudio",
    "DDGoodQualityAudio",
    "ContentAwareEncodingExperimental",
    "ContentAwareEncoding",
    "CopyAllBitrateNonInterleaved",
    "H264MultipleBitrate1080p",
    "H264MultipleBitrate720p",
    "H264MultipleBitrateSD",
    "H265ContentAwareEncoding",
    "H265AdaptiveStreaming",
    "H265SingleBitrate720p",
    "H265SingleBitrate1080p",
    "H265SingleBitrate4K",
)
_SPEEDS = Enum(("Speed", "Balanced", "Quality"))
_WHOLE = Number(whole=True, minimum=0, maximum=2**31 - 1)
_OPTIONS = Member(MapOf(Text()))
_POSITION = Text(r"\{Best\}|\d+%?|P.+", "a duration such as PT5S, a frame count, a percentage or {Best}")


_COLOUR = r"[A-Za-z]+|rgb\( *\d{1,3} *(, *\d{1,3} *){2}\)|(#|0x)[0-9A-Fa-f]{6}"
_CONTENT_AWARE = ("ContentAwareEncoding", "H265ContentAwareEncoding")


class _BuiltIn(Object):
    """Its configurations are for the content-aware presets."""

    def read(self, value: Any, path: str, rules: Rules) -> dict[str, Any]:
        stored = super().read(value, path, rules)
        if rules.refuse_unfit and stored.get("configurations") and stored.get("presetName") not in _CONTENT_AWARE:
            raise BadInputError(f"{path}.configurations", f"are supported by {' and '.join(_CONTENT_AWARE)} only")
        return stored


class _Analyzer(Object):
    """The mode Basic finds out no language by itself."""

    def read(self, value: Any, path: str, rules: Rules) -> dict[str, Any]:
        stored = super().read(value, path, rules)
        if rules.refuse_unfit and stored.get("mode") == "Basic" and not stored.get("audioLanguage"):
            raise BadInputError(f"{path}.audioLanguage", "has to be given with mode Basic")
        return stored


def _optional(shape: Shape, filled: object = None) -> Member:
    return Member(shape, filled=filled)


def rectangle() -> Object:
    return Object({name: Member(Text()) for name in ("left", "top", "width", "height")})


def _layer() -> dict[str, Member]:
    return {name: Member(Text()) for name in ("width", "height", "label")}


def _video_layer(profiles: tuple[str, ...], crf: float) -> dict[str, Member]:
    return _layer() | {
        "bitrate": Member(_WHOLE, required=True),
        "maxBitrate": Member(_WHOLE, filled_from="bitrate"),
        "bFrames": Member(_WHOLE),
        "frameRate": Member(Text(r"\d+(\.\d+)?(/\d+)?", "a number or M/N")),
        "slices": _optional(_WHOLE, 0),
        "adaptiveBFrame": Member(Flag()),
        "profile": _optional(Enum(profiles), "Auto"),
        "level": _optional(Text(r"Auto|[1-9](\.[0-9])?", "Auto or a level such as 4.1"), "Auto"),
        "bufferWindow": _optional(Duration(0.1, 100), "PT5S"),
        "crf": _optional(Number(minimum=0, maximum=51), crf),
        "referenceFrames": Member(_WHOLE),
    }


def _codecs() -> Union:
    label = {"label": Member(Text())}
    audio = label | {name: Member(_WHOLE) for name in ("channels", "samplingRate", "bitrate")}
    video = label | {
        "keyFrameInterval": _optional(Duration(0.5, 20), "PT2S"),
        "stretchMode": _optional(Enum(("None", "AutoSize", "AutoFit")), "AutoSize"),
        "syncMode": Member(Enum(("Auto", "Passthrough", "Cfr", "Vfr"))),
    }
    image = video | {"start": Member(_POSITION, required=True), "step": _optional(_POSITION, "10%")}
    image["range"] = _optional(_POSITION, "100%")
    scene_change = {"sceneChangeDetection": _optional(Flag(), False)}
    h264_layer = _video_layer(("Auto", "Baseline", "Main", "High", "High422", "High444"), 23)
    h264_layer["entropyMode"] = Member(Enum(("Cabac", "Cavlc")))
    h265_layer = _video_layer(("Auto", "Main", "Main10"), 28)
    return Union(
        {
            "#Microsoft.Media.Audio": Object(audio),
            "#Microsoft.Media.AacAudio": Object(
                audio | {"profile": _optional(Enum(("AacLc", "HeAacV1", "HeAacV2")), "AacLc")}
            ),
            "#Microsoft.Media.DDAudio": Object(audio),
            "#Microsoft.Media.CopyAudio": Object(label),
            "#Microsoft.Media.CopyVideo": Object(label),
            "#Microsoft.Media.Video": Object(video),
            "#Microsoft.Media.H264Video": Object(
                video
                | scene_change
                | {
                    "complexity": _optional(_SPEEDS, "Balanced"),
                    "layers": Member(ListOf(Object(h264_layer))),
                    "rateControlMode": Member(Enum(("ABR", "CBR", "CRF"))),
                }
            ),
            "#Microsoft.Media.H265Video": Object(
                video
                | scene_change
                | {"complexity": _optional(_SPEEDS, "Balanced"), "layers": Member(ListOf(Object(h265_layer)))}
            ),
            "#Microsoft.Media.Image": Object(image),
            "#Microsoft.Media.JpgImage": Object(
                image
                | {
                    "layers": Member(
                        ListOf(
                            Object(_layer() | {"quality": _optional(Number(whole=True, minimum=0, maximum=100), 70)})
                        )
                    ),
                    "spriteColumn": Member(Number(whole=True, minimum=1)),
                }
            ),
            "#Microsoft.Media.PngImage": Object(image | {"layers": Member(ListOf(Object(_layer())))}),
        }
    )


def _formats() -> Union:
    pattern = {"filenamePattern": Member(Text(), required=True)}
    output_file = Object({"labels": Member(ListOf(Text(), minimum=1), required=True)})
    files = pattern | {"outputFiles": Member(ListOf(output_file))}
    return Union(
        {
            "#Microsoft.Media.ImageFormat": Object(pattern),
            "#Microsoft.Media.JpgFormat": Object(pattern),
            "#Microsoft.Media.PngFormat": Object(pattern),
            "#Microsoft.Media.MultiBitrateFormat": Object(files),
            "#Microsoft.Media.Mp4Format": Object(files),
            "#Microsoft.Media.TransportStreamFormat": Object(files),
        }
    )


def _filters() -> Object:
    fade = Object(
        {
            "duration": Member(Duration(), required=True),
            "fadeColor": Member(Text(_COLOUR, "a CSS name, rgb(255,0,0), #FF0000 or 0xFF0000"), required=True),
            "start": _optional(_POSITION, "0"),
        }
    )
    unit = Number(minimum=0, maximum=1)
    overlay = {
        "inputLabel": Member(Text(), required=True),
        "start": Member(Duration()),
        "end": Member(Duration()),
        "fadeInDuration": _optional(Duration(), "PT0S"),
        "fadeOutDuration": _optional(Duration(), "PT0S"),
        "audioGainLevel": _optional(unit, 1.0),
    }
    video = overlay | {
        "position": Member(rectangle()),
        "opacity": _optional(unit, 1.0),
        "cropRectangle": Member(rectangle()),
    }
    overlays = Union({"#Microsoft.Media.AudioOverlay": Object(overlay), "#Microsoft.Media.VideoOverlay": Object(video)})
    deinterlace = Object(
        {
            "parity": _optional(Enum(("Auto", "TopFieldFirst", "BottomFieldFirst")), "Auto"),
            "mode": _optional(Enum(("Off", "AutoPixelAdaptive")), "AutoPixelAdaptive"),
        }
    )
    return Object(
        {
            "deinterlace": Member(deinterlace),
            "rotation": _optional(Enum(("Auto", "None", "Rotate0", "Rotate90", "Rotate180", "Rotate270")), "Auto"),
            "crop": Member(rectangle()),
            "fadeIn": Member(fade),
            "fadeOut": Member(fade),
            "overlays": Member(ListOf(overlays)),
        }
    )


def presets() -> Union:
    """The union that a transform output's `preset` is."""
    configurations = Object(
        {
            "complexity": Member(_SPEEDS),
            "interleaveOutput": Member(Enum(("NonInterleavedOutput", "InterleavedOutput"))),
            "keyFrameIntervalInSeconds": Member(Number(minimum=0)),
        }
        | {name: Member(_WHOLE) for name in ("maxBitrateBps", "maxHeight", "maxLayers", "minBitrateBps", "minHeight")}
    )
    audio_analyzer = {
        "audioLanguage": Member(Text(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", "a language tag such as en-US")),
        "mode": _optional(Enum(("Standard", "Basic")), "Standard"),
        "experimentalOptions": _OPTIONS,
    }
    insights = Enum(("AudioInsightsOnly", "VideoInsightsOnly", "AllInsights"))
    return Union(
        {
            "#Microsoft.Media.BuiltInStandardEncoderPreset": _BuiltIn(
                {"presetName": Member(Enum(_NAMED_PRESETS), required=True), "configurations": Member(configurations)}
            ),
            "#Microsoft.Media.StandardEncoderPreset": Object(
                {
                    "codecs": Member(ListOf(_codecs(), minimum=1), required=True),
                    "formats": Member(ListOf(_formats(), minimum=1), required=True),
                    "filters": Member(_filters()),
                    "experimentalOptions": _OPTIONS,
                }
            ),
            "#Microsoft.Media.AudioAnalyzerPreset": _Analyzer(audio_analyzer),
            "#Microsoft.Media.VideoAnalyzerPreset": _Analyzer(
                audio_analyzer | {"insightsToExtract": _optional(insights, "AllInsights")}
            ),
            "#Microsoft.Media.FaceDetectorPreset": Object(
                {
                    "resolution": _optional(Enum(("SourceResolution", "StandardDefinition")), "SourceResolution"),
                    "mode": _optional(Enum(("Analyze", "Redact", "Combined")), "Analyze"),
                    "blurType": Member(Enum(("Box", "Low", "Med", "High", "Black"))),
                    "experimentalOptions": _OPTIONS,
                }
            ),
        }
    )
