"""Custom presets of Media Encoder Standard, JSON or XML, as StandardEncoderPreset [inferred from both schemas].

Bitrates are kilobits there and bits here. A frame rate of `0/1` means the source's, and stays away.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from ams_operator.domain.model import JSON
from ams_operator.migration import odata
from ams_operator.migration.markup import Node

MOST: Final = 20
"""codecs, layers or formats"""
_CLOCK: Final = re.compile(r"(\d{1,2}):(\d{2}):(\d{2})(\.\d{1,7})?")
_PROFILES: Final = {"aaclc": "AacLc", "heaacv1": "HeAacV1", "heaacv2": "HeAacV2"}
_MACROS: Final = re.compile(r"\{(Channel|Width|Height|AudioBitrate)\}", re.IGNORECASE)
_LAYER: Final[Mapping[str, str]] = MappingProxyType(
    {"Profile": "profile", "Level": "level", "EntropyMode": "entropyMode"}
)
_NUMBERS: Final[Mapping[str, str]] = MappingProxyType(
    {"BFrames": "bFrames", "ReferenceFrames": "referenceFrames", "Slices": "slices"}
)
_WITHOUT_PLACE: Final = ("Condition", "InsertBlackIfNoVideo", "InsertBlackIfNoVideoBottomLayerOnly")
_LISTS: Final = frozenset({"Codecs", "Outputs", "Sources", "H264Layers", "JpgLayers", "PngLayers", "BmpLayers"})


class NotMes(Exception):
    """It is no preset of this encoder."""


@dataclass(slots=True)
class Made:
    """A preset; `preset` None where nothing is left of it. `gaps`: ids of what has no place."""

    preset: JSON | None = None
    gaps: tuple[str, ...] = ()


@dataclass(slots=True)
class _Work:
    gaps: set[str] = field(default_factory=set)

    def watch(self, part: JSON) -> None:
        """Note attributes that have no place anywhere."""
        if part.get("InsertSilenceIfNoAudio") or part.get("Condition") == "InsertSilenceIfNoAudio":
            self.gaps.add("silent-audio")
        elif str(part.get("Condition", "")).startswith("InsertBlack") or any(
            part.get(one) for one in _WITHOUT_PLACE[1:]
        ):
            self.gaps.add("black-video")
        elif part.get("Condition"):
            self.gaps.add("preset-features")


def preset(found: JSON) -> Made:
    """What a preset becomes. Raises NotMes."""
    codecs, outputs = _parts(found, "Codecs"), _parts(found, "Outputs")
    if not codecs:
        raise NotMes
    work = _Work()
    made = [one for one in (_codec(codec, work) for codec in codecs[:MOST]) if one]
    formats = [one for one in (_format(output, work) for output in outputs[:MOST]) if one]
    if len(codecs) > MOST or len(outputs) > MOST or _parts(found, "Sources"):
        work.gaps.add("preset-features")  # stitching, trimming, overlays, cropping: no place that a table could name
    if not made or not formats:
        return Made(None, (*sorted(work.gaps), "preset-features"))
    body = {"@odata.type": "#Microsoft.Media.StandardEncoderPreset", "codecs": made, "formats": formats}
    return Made(body, tuple(sorted(work.gaps)))


def _codec(given: JSON, work: _Work) -> JSON | None:
    work.watch(given)
    kind = str(given.get("Type", ""))
    match kind:
        case "H264Video":
            return _video(given, work)
        case "AACAudio":
            return _audio(given)
        case "JpgImage" | "PngImage":
            return _image(given, kind)
        case "CopyVideo" | "CopyAudio":
            return {"@odata.type": f"#Microsoft.Media.{kind}"}
    work.gaps.add("preset-features")
    return None


def _video(given: JSON, work: _Work) -> JSON:
    made: JSON = {"@odata.type": "#Microsoft.Media.H264Video"}
    if span := clock(given.get("KeyFrameInterval")):
        made["keyFrameInterval"] = span
    if given.get("StretchMode"):
        made["stretchMode"] = given["StretchMode"]
    if (scene := _flag(given.get("SceneChangeDetection"))) is not None:
        made["sceneChangeDetection"] = scene
    if given.get("Complexity"):
        made["complexity"] = given["Complexity"]
    layers = _parts(given, "H264Layers")
    for layer in layers:
        work.watch(layer)
    made["layers"] = [_layer(layer) for layer in layers[:MOST]]
    return made


def _layer(given: JSON) -> JSON:
    made: JSON = {}
    for name, target in (("Bitrate", "bitrate"), ("MaxBitrate", "maxBitrate")):
        if (kilobits := odata.whole(given.get(name))) is not None:
            made[target] = kilobits * 1000
    for name in ("Width", "Height"):
        if given.get(name) is not None:
            made[name.lower()] = str(given[name])
    for name, target in _LAYER.items():
        if given.get(name):
            made[target] = str(given[name])
    for name, target in _NUMBERS.items():
        if (number := odata.whole(given.get(name))) is not None:
            made[target] = number
    if (adaptive := _flag(given.get("AdaptiveBFrame"))) is not None:
        made["adaptiveBFrame"] = adaptive
    if span := clock(given.get("BufferWindow")):
        made["bufferWindow"] = span
    if (rate := given.get("FrameRate")) and not str(rate).startswith("0"):
        made["frameRate"] = str(rate)
    return made


def _audio(given: JSON) -> JSON:
    made: JSON = {"@odata.type": "#Microsoft.Media.AacAudio"}
    if profile := _PROFILES.get(str(given.get("Profile", "")).lower().replace("-", "")):
        made["profile"] = profile
    for name, target in (("Channels", "channels"), ("SamplingRate", "samplingRate")):
        if (number := odata.whole(given.get(name))) is not None:
            made[target] = number
    if (kilobits := odata.whole(given.get("Bitrate"))) is not None:
        made["bitrate"] = kilobits * 1000
    return made


def _image(given: JSON, kind: str) -> JSON:
    made: JSON = {"@odata.type": f"#Microsoft.Media.{kind}"}
    for name in ("Start", "Step", "Range"):
        if given.get(name) is not None:
            made[name.lower()] = clock(given[name]) or str(given[name])
    made.setdefault("start", "{Best}")
    made["layers"] = [
        {name.lower(): str(one[name]) for name in ("Width", "Height") if one.get(name) is not None}
        for one in _parts(given, f"{kind[:3]}Layers")
    ]
    return made


def _format(given: JSON, work: _Work) -> JSON | None:
    work.watch(given)
    inner = given.get("Format")
    kind = str(inner.get("Type")) if isinstance(inner, dict) else ""
    if kind not in ("MP4Format", "JpgFormat", "PngFormat"):
        work.gaps.add("preset-features")
        return None
    pattern = str(given.get("FileName") or "{Basename}_{Label}{Extension}")
    if _MACROS.search(pattern):
        work.gaps.add("preset-features")
    wire = "Mp4Format" if kind == "MP4Format" else kind
    return {"@odata.type": f"#Microsoft.Media.{wire}", "filenamePattern": pattern}


def clock(value: Any) -> str | None:
    """`00:00:02` as `PT2S`; None where it is none."""
    found = _CLOCK.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return None
    hours, minutes, seconds = int(found[1]), int(found[2]), int(found[3])
    rest = (found[4] or "").rstrip("0").rstrip(".")
    text = "".join(f"{number}{unit}" for number, unit in ((hours, "H"), (minutes, "M")) if number)
    return f"PT{text}{seconds}{rest}S" if seconds or rest or not text else f"PT{text}"


def _flag(value: Any) -> bool | None:
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}.get(str(value).lower())


def _parts(found: JSON, name: str) -> list[JSON]:
    given = found.get(name)
    return [one for one in given if isinstance(one, dict)] if isinstance(given, list) else []


def from_xml(node: Node) -> JSON:
    """The XML form as the JSON form: elements that are lists by their names, others by their last value."""
    if node.name != "Preset":
        return {}
    return {**node.attributes, **{one.name: list(_listed(one)) for one in node.children if one.name in _LISTS}}


def _listed(node: Node) -> Iterator[JSON]:
    for one in node.children:
        made: JSON = {**one.attributes}
        for inner in one.children:
            if inner.name in _LISTS:
                made[inner.name] = list(_listed(inner))
            elif inner.children or inner.name.endswith("Format"):
                made["Format"] = {"Type": inner.name}
            else:
                made[inner.name] = inner.text.strip()
        made.setdefault("Type", one.name)
        yield made
