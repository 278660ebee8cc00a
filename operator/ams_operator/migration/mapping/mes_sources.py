"""Sources of a custom preset: what is cut, turned and laid over goes into the preset's filters; what is trimmed and
stitched is said by the jobs, in version 3 [inferred from both schemas].
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from ams_operator.domain.model import JSON
from ams_operator.migration import odata
from ams_operator.migration.mapping.mes_values import Work, choice, clock, iso, number, parts, span

MOST: Final = 50
"""inputs of a job"""
_SOURCE: Final = frozenset({"StartTime", "Duration", "Streams", "Filters", "Pad", "AssetID", "AssetId", "Type"})
_FILTERS: Final = frozenset({"Crop", "Rotation", "Deinterlace", "VideoOverlay", "AudioOverlay", "Type"})
_OVERLAY: Final = frozenset({"Source", "Position", "Opacity", "AudioGainLevel", "MediaParams", "Clip",
                             "FadeInDuration", "FadeOutDuration", "Type"})  # fmt: skip
_ROTATIONS: Final[Mapping[str, str]] = MappingProxyType(
    {"auto": "Auto", "none": "None", "0": "Rotate0", "90": "Rotate90", "180": "Rotate180", "270": "Rotate270"}
)
_SIDES: Final = (("X", "left"), ("Y", "top"), ("Width", "width"), ("Height", "height"))
_EVERY: Final = ("*", "")
_TOP: Final = "topbitrate"
_TYPE: Final = "#Microsoft.Media."


def sources(preset: JSON, work: Work) -> tuple[JSON, JSON]:
    """The preset's `filters`, and the `input` of its jobs; empty where there is nothing to say."""
    given = parts(preset, "Sources")
    if len(given) > MOST:
        work.gap(f"Sources: more than {MOST}")
        given = given[:MOST]
    found = [_filters(one, work) for one in given]
    if any(one != found[0] for one in found):
        work.gap("Sources: filters that differ from source to source")
    clips = [_clip(one, work) for one in given]
    job: JSON = {}
    if len(clips) > 1:
        job = {"@odata.type": f"{_TYPE}JobInputSequence", "inputs": clips}
        work.note(f"its jobs name {len(clips)} inputs as a sequence")
    elif clips and clips[0].keys() - {"@odata.type", "assetName"}:
        job = clips[0]
        cut = [f"{name} at {job[name]['time']}" for name in ("start", "end") if name in job]
        work.note(f"its jobs trim their input ({', '.join(cut)})" if cut else "its jobs choose tracks of their input")
    return (found[0] if found else {}), job


def _clip(one: JSON, work: Work) -> JSON:
    """A source as the input of a job. Times are those of the source's own stamps in both versions."""
    work.watch(one, "Sources", _SOURCE)
    made: JSON = {"@odata.type": f"{_TYPE}JobInputAsset"}
    if asset := odata.guid(one.get("AssetID") or one.get("AssetId")):
        made["assetName"] = asset
    begin, length = span(one.get("StartTime")), span(one.get("Duration"))
    for name in ("StartTime", "Duration"):
        if one.get(name) and span(one[name]) is None:
            work.gap(f"Sources: {name}")
    if begin is not None:
        made["start"] = {"@odata.type": f"{_TYPE}AbsoluteClipTime", "time": iso(begin)}
    if length is not None:
        made["end"] = {"@odata.type": f"{_TYPE}AbsoluteClipTime", "time": iso(length + begin if begin else length)}
    if tracks := _tracks(one, work):
        made["inputDefinitions"] = [{"@odata.type": f"{_TYPE}FromAllInputFile", "includedTracks": tracks}]
    return made


def _tracks(one: JSON, work: Work) -> list[JSON]:
    """Streams of a source: all of them, or the video's best one with all sound."""
    asked = [
        (name, str(value).lower()) for part in parts(one, "Streams") for name, value in part.items() if name != "Type"
    ]
    if all(value in _EVERY for _, value in asked):
        return []
    video, audio = _TYPE + "SelectVideoTrackByAttribute", _TYPE + "SelectAudioTrackByAttribute"
    made: list[JSON] = []
    for name, value in asked:
        if name == "VideoStream" and value == _TOP:
            made.append({"@odata.type": video, "attribute": "Bitrate", "filter": "Top"})
        elif name in ("VideoStream", "AudioStream") and value in _EVERY:
            kind = video if name == "VideoStream" else audio
            made.append({"@odata.type": kind, "attribute": "Bitrate", "filter": "All"})
        else:
            work.gap(f"Sources.Streams: {name}")
            return []
    return made


def _filters(one: JSON, work: Work) -> JSON:
    given = one.get("Filters")
    if not isinstance(given, dict):
        return {}
    work.watch(given, "Sources.Filters", _FILTERS)
    made: JSON = {}
    if isinstance(crop := given.get("Crop"), dict):
        made["crop"] = _rectangle(crop)
    if (turn := given.get("Rotation")) not in (None, ""):
        if name := _ROTATIONS.get(str(turn).lower()):
            made["rotation"] = name
        else:
            work.gap(f"Sources.Filters: Rotation {turn}")
    if isinstance(lines := given.get("Deinterlace"), dict):
        mode = choice(lines.get("Mode"), ("Off", "AutoPixelAdaptive"))
        if mode:
            made["deinterlace"] = {"mode": mode}
        elif str(lines.get("Mode") or "Auto").lower() != "auto":
            work.gap(f"Sources.Filters: Deinterlace {lines.get('Mode')}")
    overlays = [
        _overlay(part, kind, work) for kind in ("VideoOverlay", "AudioOverlay") for part in _several(given.get(kind))
    ]
    if overlays:
        made["overlays"] = overlays
    return made


def _overlay(given: JSON, kind: str, work: Work) -> JSON:
    """Its source is an input of the job in version 3, found by a label; there it isn't looped."""
    work.watch(given, f"Sources.Filters.{kind}", _OVERLAY)
    source = str(given.get("Source") or kind)
    label = re.sub(r"[^A-Za-z0-9]+", "-", source.rpartition(".")[0] or source).strip("-")[:40] or kind
    made: JSON = {"@odata.type": f"{_TYPE}{kind}", "inputLabel": label}
    clip = given["Clip"] if isinstance(given.get("Clip"), dict) else {}
    begin, length = span(clip.get("StartTime")), span(clip.get("Duration"))
    if begin is not None:
        made["start"] = iso(begin)
    if length is not None:
        made["end"] = iso(length + begin if begin else length)
    for name, target in (("FadeInDuration", "fadeInDuration"), ("FadeOutDuration", "fadeOutDuration")):
        fade = given.get(name)
        if isinstance(fade, dict) and (time := clock(fade.get("Duration"))):
            made[target] = time
    if (level := number(given.get("AudioGainLevel"))) is not None:
        made["audioGainLevel"] = level
    if kind == "VideoOverlay" and isinstance(given.get("Position"), dict):
        made["position"] = _rectangle(given["Position"])
    for one in parts(given, "MediaParams"):
        if (odata.whole(one.get("OverlayLoopCount")) or 1) > 1:
            work.gap(f"Sources.Filters.{kind}: OverlayLoopCount")
    work.note(f"its jobs name the overlay as an input labelled {label}")
    return made


def _rectangle(given: JSON) -> JSON:
    return {target: str(given[name]) for name, target in _SIDES if given.get(name) is not None}


def _several(given: Any) -> list[JSON]:
    return [one for one in (given if isinstance(given, list) else [given]) if isinstance(one, dict)]
