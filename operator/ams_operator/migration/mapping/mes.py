"""Custom presets of Media Encoder Standard as StandardEncoderPreset [inferred from both schemas].

Bitrates are kilobits there and bits here. A frame rate of `0/1` means the source's, and stays away.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from ams_operator.domain.model import JSON
from ams_operator.migration import odata
from ams_operator.migration.mapping.mes_sources import sources
from ams_operator.migration.mapping.mes_values import Work, choice, clock, flag, parts

MOST: Final = 20
"""codecs, layers or formats"""
_TYPE: Final = "#Microsoft.Media."
_PROFILES: Final[Mapping[str, str]] = MappingProxyType({"aaclc": "AacLc", "heaacv1": "HeAacV1", "heaacv2": "HeAacV2"})
_SIZES: Final = re.compile(r"\{Width\}x\{Height\}|\{Resolution\}|\{Width\}|\{Height\}", re.IGNORECASE)
_RATES: Final = re.compile(r"\{(?:Video|Audio)Bitrate\}", re.IGNORECASE)
_CHANNEL: Final = re.compile(r"\{Channel\}", re.IGNORECASE)
_NUMBERS: Final[Mapping[str, str]] = MappingProxyType({"BFrames": "bFrames", "ReferenceFrames": "referenceFrames"})
_CHOICES: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = MappingProxyType(
    {
        "Complexity": ("complexity", ("Speed", "Balanced", "Quality")),
        "SyncMode": ("syncMode", ("Auto", "Passthrough", "Cfr", "Vfr")),
    }
)
_OF_LAYER: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = MappingProxyType(
    {"Profile": ("profile", ("Auto", "Baseline", "Main", "High")), "EntropyMode": ("entropyMode", ("Cabac", "Cavlc"))}
)
_STRETCH: Final = ("None", "AutoSize", "AutoFit")
# Members that are mapped, and those that change nothing: one pass is all there is, empty chapters are in each sample.
_PRESET: Final = frozenset({"Version", "Codecs", "Outputs", "Sources", "StretchMode", "Type"})
_VIDEO: Final = frozenset({"Type", "KeyFrameInterval", "StretchMode", "SceneChangeDetection", "H264Layers", "Label",
                           "TwoPass", "Chapters", *_CHOICES})  # fmt: skip
_LAYER: Final = frozenset({"Type", "Bitrate", "MaxBitrate", "BufferWindow", "Width", "Height", "Profile", "Level",
                           "EntropyMode", "AdaptiveBFrame", "FrameRate", "Slices", "Label", *_NUMBERS})  # fmt: skip
_AUDIO: Final = frozenset({"Type", "Profile", "Channels", "SamplingRate", "Bitrate", "Label"})
_IMAGE: Final = frozenset({"Type", "Start", "Step", "Range", "JpgLayers", "PngLayers", "KeyFrameInterval",
                           "StretchMode", "SpriteColumn", "Label", "SceneChangeDetection"})  # fmt: skip
_OUTPUT: Final = frozenset({"Type", "FileName", "Format"})


class NotMes(Exception):
    """It is no preset of this encoder."""


@dataclass(slots=True)
class Made:
    """A preset; `preset` None where nothing is left of it."""

    preset: JSON | None = None
    gaps: tuple[tuple[str, str], ...] = ()
    """(gap id, what shows it)"""
    notes: tuple[str, ...] = ()
    job_input: JSON = field(default_factory=dict)
    """what its jobs say about their input; empty where there is nothing to say"""


def preset(found: JSON) -> Made:
    """What a preset becomes. Raises NotMes."""
    codecs, outputs = parts(found, "Codecs"), parts(found, "Outputs")
    if not codecs:
        raise NotMes
    work = Work()
    work.watch(found, "Preset", _PRESET)
    filters, job = sources(found, work)
    formats = [one for one in (_format(output, work) for output in outputs[:MOST]) if one]
    stretch = choice(found.get("StretchMode"), _STRETCH)
    made = [one for one in (_codec(codec, stretch, work) for codec in codecs[:MOST]) if one]
    for name, given in (("Codecs", codecs), ("Outputs", outputs)):
        if len(given) > MOST:
            work.gap(f"{name}: more than {MOST}")
    if not made or not formats:
        work.gap("Codecs" if not made else "Outputs")
        return Made(None, tuple(work.gaps), tuple(work.notes))
    body: JSON = {"@odata.type": f"{_TYPE}StandardEncoderPreset", "codecs": made, "formats": formats}
    if filters:
        body["filters"] = filters
    return Made(body, tuple(work.gaps), tuple(work.notes), job)


def _codec(given: JSON, stretch: str | None, work: Work) -> JSON | None:
    kind = str(given.get("Type", ""))
    match kind:
        case "H264Video":
            return _video(given, stretch, work)
        case "AACAudio":
            return _audio(given, work)
        case "JpgImage" | "PngImage":
            return _image(given, kind, work)
        case "CopyVideo" | "CopyAudio":
            work.watch(given, kind, ("Type", "Label"))
            return {"@odata.type": f"{_TYPE}{kind}"}
    work.gap(f"Codecs: {kind or 'without a type'}")
    return None


def _video(given: JSON, stretch: str | None, work: Work) -> JSON | None:
    work.watch(given, "H264Video", _VIDEO)
    made: JSON = {"@odata.type": f"{_TYPE}H264Video"}
    if span := clock(given.get("KeyFrameInterval")):
        made["keyFrameInterval"] = span
    if mode := choice(given.get("StretchMode"), _STRETCH) or stretch:
        made["stretchMode"] = mode
    if (scene := flag(given.get("SceneChangeDetection"))) is not None:
        made["sceneChangeDetection"] = scene
    _choose(given, made, "H264Video", _CHOICES, work)
    layers = parts(given, "H264Layers")
    if len(layers) > MOST:
        work.gap(f"H264Layers: more than {MOST}")
    if any(odata.whole(layer.get("Bitrate")) is None for layer in layers[:MOST]):
        work.gap("H264Layer: without a bitrate, which version 3 requires")
        return None
    made["layers"] = [_layer(layer, work) for layer in layers[:MOST]]
    return made


def _choose(
    given: JSON, made: JSON, where: str, choices: Mapping[str, tuple[str, tuple[str, ...]]], work: Work
) -> None:
    for name, (target, allowed) in choices.items():
        if given.get(name) in (None, ""):
            continue
        if chosen := choice(given[name], allowed):
            made[target] = chosen
        else:
            work.gap(f"{where}: {name} {given[name]}")


def _layer(given: JSON, work: Work) -> JSON:
    work.watch(given, "H264Layer", _LAYER)
    made: JSON = {}
    for name, target in (("Bitrate", "bitrate"), ("MaxBitrate", "maxBitrate")):
        if (kilobits := odata.whole(given.get(name))) is not None:
            made[target] = kilobits * 1000
    made |= _size(given)
    _choose(given, made, "H264Layer", _OF_LAYER, work)
    if given.get("Level"):
        level = str(given["Level"])
        made["level"] = "Auto" if level.lower() == "auto" else level
    for name, target in _NUMBERS.items():
        if (number := _count(given, name)) is not None:
            made[target] = number
    if slices := _count(given, "Slices"):  # 0: as the encoder likes, which version 3 says by leaving it out
        made["slices"] = slices
    if (adaptive := flag(given.get("AdaptiveBFrame"))) is not None:
        made["adaptiveBFrame"] = adaptive
    if span := clock(given.get("BufferWindow")):
        made["bufferWindow"] = span
    if (rate := given.get("FrameRate")) and not str(rate).startswith("0"):
        made["frameRate"] = str(rate)
    if work.label_by_size and {"width", "height"} <= made.keys():
        made["label"] = f"{made['width']}x{made['height']}"
    return made


def _audio(given: JSON, work: Work) -> JSON:
    work.watch(given, "AACAudio", _AUDIO)
    made: JSON = {"@odata.type": f"{_TYPE}AacAudio"}
    if given.get("Profile"):
        if profile := _PROFILES.get(str(given["Profile"]).lower().replace("-", "")):
            made["profile"] = profile
        else:
            work.gap(f"AACAudio: Profile {given['Profile']}")
    for name, target in (("Channels", "channels"), ("SamplingRate", "samplingRate")):
        if (number := odata.whole(given.get(name))) is not None:
            made[target] = number
    if (kilobits := odata.whole(given.get("Bitrate"))) is not None:
        made["bitrate"] = kilobits * 1000
    return made


def _image(given: JSON, kind: str, work: Work) -> JSON:
    work.watch(given, kind, _IMAGE)
    made: JSON = {"@odata.type": f"{_TYPE}{kind}"}
    for name in ("Start", "Step", "Range"):
        if given.get(name) is not None:
            made[name.lower()] = clock(given[name]) or str(given[name])
    made.setdefault("start", "{Best}")
    if mode := choice(given.get("StretchMode"), _STRETCH):
        made["stretchMode"] = mode
    if kind == "JpgImage" and (columns := _count(given, "SpriteColumn")):
        made["spriteColumn"] = columns
    made["layers"] = [_picture(one, kind, work) for one in parts(given, f"{kind[:3]}Layers")[:MOST]]
    return made


def _picture(given: JSON, kind: str, work: Work) -> JSON:
    work.watch(given, f"{kind[:3]}Layer", ("Type", "Width", "Height", "Quality", "Label"))
    made = _size(given)
    if kind == "JpgImage" and (quality := _count(given, "Quality")) is not None:
        made["quality"] = quality
    return made


def _size(given: JSON) -> JSON:
    return {name.lower(): str(given[name]) for name in ("Width", "Height") if given.get(name) is not None}


def _count(given: JSON, name: str) -> int | None:
    return odata.whole(given.get(name))


def _format(given: JSON, work: Work) -> JSON | None:
    work.watch(given, "Output", _OUTPUT)
    inner = given.get("Format")
    kind = str(inner.get("Type")) if isinstance(inner, dict) else ""
    if kind not in ("MP4Format", "JpgFormat", "PngFormat"):
        work.gap(f"Outputs: {kind or 'without a format'}")
        return None
    wire = "Mp4Format" if kind == "MP4Format" else kind
    return {"@odata.type": f"{_TYPE}{wire}", "filenamePattern": _pattern(str(given.get("FileName") or ""), work)}


def _pattern(name: str, work: Work) -> str:
    """File names by macros that version 3 has: sizes become labels of layers, each kind of bitrate is the bitrate."""
    if not name:
        return "{Basename}_{Label}{Extension}"
    made = _RATES.sub("{Bitrate}", name)
    if _SIZES.search(made):
        work.label_by_size = True
        made = _SIZES.sub("{Label}", made, count=1)
        made = _SIZES.sub("", made)
    if _CHANNEL.search(made):
        made = _CHANNEL.sub("{Codec}", made)
    if made != name:
        work.note(f"files are named {made}, since version 3 has other macros than {name}")
    return made
