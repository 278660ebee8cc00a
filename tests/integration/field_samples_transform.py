"""Samples of transforms: presets with their codecs, layers, formats and filters, and analyzers.

In the service a member names the type of a polymorphic object, in a manifest its key does: places differ.
"""

from __future__ import annotations

from typing import Any, Final

from tests.integration.field_sample import JSON, Sample
from tests.integration.field_sample_of_types import MEDIA, as_declared, below, three, typed

from ams_operator.api.wire import TYPE_KEY

_OUTPUT: Final = "outputs[]"
_PRESET: Final = "outputs[].preset"
_ENCODER: Final = "outputs[].preset.standardEncoder"
_FILTERS: Final = f"{_ENCODER}.filters"
_WORDS: Final = ("first", "second", "third")
_SIZES: Final = ("10", "20", "30")
_TIMES: Final = ("PT1S", "PT2S", "PT3S")
_SHARES: Final = (0.5, 0.6, 0.7)
_BITRATES: Final = (1000, 2000, 3000)
_RECTANGLE: Final = dict.fromkeys(("left", "top", "width", "height"), _SIZES)
_BUILT_IN: Final = {f"{_PRESET}.builtInStandardEncoder.presetName": "ContentAwareEncoding"}
_SPOKEN: Final = {f"{_PRESET}.audioAnalyzer.audioLanguage": "en-US"}
_SEEN: Final = {f"{_PRESET}.videoAnalyzer.audioLanguage": "en-US"}
_MP4: Final = {f"{_ENCODER}.formats": [{"mp4": {"filenamePattern": "{Basename}"}}]}


def _codec(key: str, **members: Any) -> JSON:
    """A recipe with one codec."""
    return {**_MP4, f"{_ENCODER}.codecs": [{key: members}]}


_SOUND: Final = _codec("aacAudio", label="sound")
_PICTURE: Final = _codec("h264Video", label="picture")
_LAYER: Final = _codec("h264Video", label="picture", layers=[{"bitrate": 1000}])
_STILLS: Final = _codec("jpgImage", start="PT1S")
_OVERLAY: Final = {**_SOUND, f"{_FILTERS}.overlays": [{"video": {"inputLabel": "logo"}}]}


def _aac(bitrate: int) -> JSON:
    return {TYPE_KEY: f"{MEDIA}AacAudio", "bitrate": bitrate}


def _file(pattern: str) -> JSON:
    return {TYPE_KEY: f"{MEDIA}Mp4Format", "filenamePattern": pattern}


def _logo(label: str) -> JSON:
    return {TYPE_KEY: f"{MEDIA}VideoOverlay", "inputLabel": label}


def _recipe(name: str) -> JSON:
    return {"preset": {TYPE_KEY: f"{MEDIA}BuiltInStandardEncoderPreset", "presetName": name}}


_ANALYZERS: Final = {
    **below(
        _PRESET,
        f"{_PRESET}.audioAnalyzer",
        _SPOKEN,
        mode=("Standard", "Basic"),
        experimentalOptions=({"a": "1"}, {"a": "1", "b": "2"}, {"c": "3"}),
    ),
    **below(f"{_PRESET}.experimentalOptions", f"{_PRESET}.audioAnalyzer.experimentalOptions", _SPOKEN, any=_WORDS),
    **below(
        _PRESET,
        f"{_PRESET}.audioAnalyzer",
        {f"{_PRESET}.audioAnalyzer.mode": "Standard"},
        audioLanguage=("en-US", "de-DE", "fr-FR"),
    ),
    **below(
        _PRESET,
        f"{_PRESET}.videoAnalyzer",
        _SEEN,
        insightsToExtract=("AudioInsightsOnly", "VideoInsightsOnly", "AllInsights"),
    ),
    **below(
        _PRESET,
        f"{_PRESET}.faceDetector",
        {f"{_PRESET}.faceDetector.mode": "Redact"},
        resolution=("SourceResolution", "StandardDefinition"),
        blurType=("Box", "Low", "Med"),
    ),
}
_CODEC: Final = f"{_PRESET}.codecs[]"
_H264: Final = f"{_ENCODER}.codecs[].h264Video"
_JPG: Final = f"{_ENCODER}.codecs[].jpgImage"
_CODECS: Final = {
    f"properties.{_CODEC}.{TYPE_KEY}": typed(
        f"{_ENCODER}.codecs[]", _MP4, "AacAudio", "DDAudio", "Audio", bitrate=128_000
    ),
    **below(
        _CODEC,
        f"{_ENCODER}.codecs[].aacAudio",
        _SOUND,
        channels=(1, 2, 6),
        samplingRate=(22_050, 44_100, 48_000),
        bitrate=(64_000, 96_000, 128_000),
        profile=("AacLc", "HeAacV1", "HeAacV2"),
    ),
    **below(_CODEC, _H264, _codec("h264Video", complexity="Speed"), label=_WORDS),
    **below(
        _CODEC,
        _H264,
        _PICTURE,
        keyFrameInterval=("PT2S", "PT4S", "PT6S"),
        stretchMode=("AutoSize", "AutoFit", "None"),
        syncMode=("Auto", "Cfr", "Vfr"),
        complexity=("Speed", "Quality", "Balanced"),
        rateControlMode=("ABR", "CBR", "CRF"),
        sceneChangeDetection=(False, True),
        layers=three(lambda bitrate: {"bitrate": bitrate}, *_BITRATES),
    ),
    **below(f"{_CODEC}.layers[]", f"{_H264}.layers[]", _PICTURE, bitrate=_BITRATES),
    **below(
        f"{_CODEC}.layers[]",
        f"{_H264}.layers[]",
        _LAYER,
        width=("320", "640", "50%"),
        height=("180", "360", "50%"),
        label=_WORDS,
        maxBitrate=(1500, 2500, 3500),
        bFrames=(1, 2, 3),
        frameRate=("25", "30", "30000/1001"),
        slices=(1, 2, 3),
        adaptiveBFrame=(False, True),
        level=("3.1", "4.0", "5.2"),
        bufferWindow=("PT2S", "PT3S", "PT4S"),
        referenceFrames=(1, 2, 3),
        crf=(20.5, 21.5, 24.5),
        profile=("Main", "High", "Baseline"),
        entropyMode=("Cabac", "Cavlc"),
    ),
    **below(_CODEC, _JPG, _codec("jpgImage", range="60%"), frozenset({"start"}), start=_TIMES),
    **below(_CODEC, _JPG, _STILLS, step=("20%", "30%", "40%"), range=("50%", "60%", "70%"), spriteColumn=(1, 2, 3)),
    **below(f"{_CODEC}.layers[]", f"{_JPG}.layers[]", _STILLS, quality=(50, 60, 80)),
}
_FORMAT: Final = f"{_PRESET}.formats[]"
_FORMATS: Final = {
    f"properties.{_FORMAT}.{TYPE_KEY}": typed(
        f"{_ENCODER}.formats[]",
        _SOUND,
        "Mp4Format",
        "TransportStreamFormat",
        "MultiBitrateFormat",
        filenamePattern="{Basename}",
    ),
    **below(
        _FORMAT,
        f"{_ENCODER}.formats[].mp4",
        {**_SOUND, f"{_ENCODER}.formats": [{"mp4": {"outputFiles": [{"labels": ["a"]}]}}]},
        frozenset({"filenamePattern"}),
        filenamePattern=_WORDS,
    ),
    **below(
        _FORMAT, f"{_ENCODER}.formats[].mp4", _SOUND, outputFiles=three(lambda label: {"labels": [label]}, *_WORDS)
    ),
    **below(
        f"{_FORMAT}.outputFiles[]",
        f"{_ENCODER}.formats[].mp4.outputFiles[]",
        _SOUND,
        **{"labels": three(str, *_WORDS), "labels[]": _WORDS},
    ),
}
_OVERLAYS: Final = f"{_PRESET}.filters.overlays[]"
_VIDEO: Final = f"{_FILTERS}.overlays[].video"
_FADE: Final = {"duration": "PT5S", "fadeColor": "Black"}
_TEXTS: Final = {"duration": _TIMES, "fadeColor": ("Black", "White", "Red"), "start": ("PT7S", "PT8S", "PT9S")}


def _fade(name: str) -> Any:
    """A fade: it has a length and a colour."""
    found: dict[str, Sample] = {}
    for member, values in _TEXTS.items():
        neighbours = {f"{_FILTERS}.{name}.{one}": value for one, value in _FADE.items() if one != member}
        place = f"{_PRESET}.filters.{name}", f"{_FILTERS}.{name}"
        found |= below(*place, {**_SOUND, **neighbours}, frozenset(_FADE), **{member: values})
    return found


_FILTERED: Final = {
    **below(f"{_PRESET}.filters.crop", f"{_FILTERS}.crop", _SOUND, **_RECTANGLE),
    **below(
        f"{_PRESET}.filters.deinterlace",
        f"{_FILTERS}.deinterlace",
        _SOUND,
        mode=("Off", "AutoPixelAdaptive"),
        parity=("Auto", "TopFieldFirst", "BottomFieldFirst"),
    ),
    **_fade("fadeIn"),
    **_fade("fadeOut"),
    **below(
        f"{_PRESET}.filters",
        _FILTERS,
        _SOUND,
        rotation=("Auto", "Rotate90", "Rotate180"),
        overlays=three(_logo, *_WORDS),
    ),
    f"properties.{_OVERLAYS}.{TYPE_KEY}": typed(
        f"{_FILTERS}.overlays[]", _SOUND, "VideoOverlay", "AudioOverlay", inputLabel="logo"
    ),
    **below(_OVERLAYS, _VIDEO, _SOUND, inputLabel=_WORDS),
    **below(
        _OVERLAYS,
        _VIDEO,
        _OVERLAY,
        start=_TIMES,
        end=("PT7S", "PT8S", "PT9S"),
        fadeInDuration=_TIMES,
        fadeOutDuration=_TIMES,
        audioGainLevel=_SHARES,
        opacity=_SHARES,
    ),
    **below(f"{_OVERLAYS}.position", f"{_VIDEO}.position", _OVERLAY, **_RECTANGLE),
    **below(f"{_OVERLAYS}.cropRectangle", f"{_VIDEO}.cropRectangle", _OVERLAY, **_RECTANGLE),
}
_RATES: Final = {
    "maxBitrateBps": (4_000_000, 5_000_000, 6_000_000),
    "minBitrateBps": (100_000, 200_000, 300_000),
    "maxHeight": (720, 1080, 2160),
    "minHeight": (180, 240, 360),
    "maxLayers": (3, 4, 5),
}
TRANSFORM: Final[dict[str, Sample]] = {
    "properties.description": Sample(*_WORDS, around=_BUILT_IN),
    "properties.outputs": Sample(
        *three(_recipe, "AdaptiveStreaming", "AACGoodQualityAudio", "H264SingleBitrateSD"),
        written=as_declared,
        required=True,
    ),
    **below(
        _OUTPUT,
        _OUTPUT,
        _BUILT_IN,
        onError=("StopProcessingJob", "ContinueJob"),
        relativePriority=("Low", "High", "Normal"),
    ),
    f"properties.{_PRESET}.{TYPE_KEY}": typed(
        _PRESET, {}, "VideoAnalyzerPreset", "AudioAnalyzerPreset", audioLanguage="en-US"
    ),
    f"properties.{_PRESET}.presetName": Sample(
        "AdaptiveStreaming",
        "AACGoodQualityAudio",
        "H264SingleBitrateSD",
        at=f"{_PRESET}.builtInStandardEncoder.presetName",
        required=True,
    ),
    **below(
        f"{_PRESET}.configurations",
        f"{_PRESET}.builtInStandardEncoder.configurations",
        _BUILT_IN,
        complexity=("Speed", "Quality", "Balanced"),
        interleaveOutput=("NonInterleavedOutput", "InterleavedOutput"),
        keyFrameIntervalInSeconds=(2.5, 4.5, 6.5),
        **_RATES,
    ),
    **_ANALYZERS,
    **below(_PRESET, _ENCODER, _MP4, frozenset({"codecs"}), codecs=three(_aac, 64_000, 96_000, 128_000)),
    **below(
        _PRESET,
        _ENCODER,
        {f"{_ENCODER}.codecs": [{"aacAudio": {"label": "sound"}}]},
        frozenset({"formats"}),
        formats=three(_file, *_WORDS),
    ),
    **_CODECS,
    **_FORMATS,
    **_FILTERED,
}
