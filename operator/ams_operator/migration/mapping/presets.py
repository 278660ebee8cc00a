"""Task configurations as presets: a system preset's name, MES JSON or MES XML.

The equivalence of system presets is [inferred]: the same number of layers in the same range of bitrates.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from ams_operator.domain.model import JSON
from ams_operator.migration import markup, odata
from ams_operator.migration.mapping import mes
from ams_operator.migration.mapping.mes_xml import from_xml
from ams_operator.migration.reduce import spoken, spoken_in

_SYSTEM: Final[Mapping[str, str]] = MappingProxyType(
    {
        "adaptive streaming": "AdaptiveStreaming",
        "h264 multiple bitrate 1080p": "H264MultipleBitrate1080p",
        "h264 multiple bitrate 720p": "H264MultipleBitrate720p",
        "h264 multiple bitrate 4x3 sd": "H264MultipleBitrateSD",
        "h264 single bitrate 1080p": "H264SingleBitrate1080p",
        "h264 single bitrate 720p": "H264SingleBitrate720p",
        "h264 single bitrate 16x9 sd": "H264SingleBitrateSD",
        "aac good quality audio": "AACGoodQualityAudio",
    }
)
_NEAR: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "content adaptive multiple bitrate mp4": ("ContentAwareEncoding", "another ladder"),
        "h264 multiple bitrate 16x9 sd": ("H264MultipleBitrateSD", "another ladder; the same needs a custom preset"),
    }
)
_LEGACY: Final[Mapping[str, str]] = MappingProxyType(
    {
        "h264 adaptive bitrate mp4 set 1080p": "h264 multiple bitrate 1080p",
        "h264 adaptive bitrate mp4 set 720p": "h264 multiple bitrate 720p",
    }
)
_CUSTOM: Final = re.compile(r"h264 (single|multiple) bitrate .*|aac audio.*|.*audio 5\.1.*", re.IGNORECASE)
_LONGEST_NAME: Final = 40


@dataclass(frozen=True, slots=True)
class Recipe:
    """A preset as the v3 API takes it; None where there is none. `near`: in what it differs. `label`: for names.
    `gaps`: (gap id, what shows it). `job_input`: what its jobs say about their input."""

    preset: JSON | None
    label: str
    custom: bool = False
    near: str = ""
    gaps: tuple[tuple[str, str], ...] = ()
    job_input: Mapping[str, Any] = field(default_factory=dict)

    @property
    def distinct(self) -> str:
        """What tells two presets apart: not who wrote them, nor in which format."""
        return hashlib.sha256(json.dumps(self.preset, sort_keys=True).encode()).hexdigest()[:12] if self.custom else ""


def recipe(text: str, *, legacy: bool = False) -> Recipe:
    """What the Standard encoder's configuration means; `legacy`: one of its predecessors'."""
    if text.startswith("{"):
        return _custom(odata.embedded(text))
    if text.lstrip("\ufeff").startswith("<"):
        try:
            return _custom(from_xml(markup.parse(text)))
        except markup.NotXml:
            return _unreadable()
    name = " ".join(text.lower().split())
    name = _LEGACY.get(name, name) if legacy else name
    if name in _SYSTEM:
        return Recipe(_built_in(_SYSTEM[name]), name)
    if name in _NEAR:
        preset, near = _NEAR[name]
        return Recipe(_built_in(preset), name, near=near)
    if _CUSTOM.fullmatch(name):
        return Recipe(None, name, gaps=(("preset-features", spoken(name)[:80]),))
    return _unreadable()


def _custom(found: Any) -> Recipe:
    if not isinstance(found, dict):
        return _unreadable()
    try:
        made = mes.preset(found)
    except mes.NotMes:
        return _unreadable()
    gaps = tuple((identifier, f"custom preset, {spoken(what)}") for identifier, what in made.gaps)
    near = "; ".join(map(spoken, made.notes))
    return Recipe(spoken_in(made.preset), "custom", True, near, gaps, spoken_in(made.job_input))


def _built_in(name: str) -> JSON:
    return {"@odata.type": "#Microsoft.Media.BuiltInStandardEncoderPreset", "presetName": name}


def _unreadable() -> Recipe:
    return Recipe(None, "unreadable", gaps=(("unreadable-preset", "unreadable"),))


def named(label: str, distinct: str) -> str:
    """A name for a transform: from words, and where these don't tell two apart, from what does."""
    words = re.sub(r"[^a-z0-9]+", "-", label.lower()).strip("-")[:_LONGEST_NAME].strip("-")
    tail = re.sub(r"[^a-z0-9]+", "", distinct.lower())[-12:]
    return "-".join(part for part in ("v2", words, tail) if part)
