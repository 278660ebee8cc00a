"""What a live event's body may hold, and what the service fills in."""

from __future__ import annotations

from typing import Any

from ams_emulator import crud
from ams_emulator.errors import BadInputError
from ams_emulator.kinds.access_control import cross_site, ip_access
from ams_emulator.kinds.transcription_languages import LANGUAGES
from ams_emulator.schema import Duration, Enum, Flag, ListOf, Member, Moment, Object, Rules, Text, shorten
from ams_emulator.world import World

JSON = dict[str, Any]
IMMUTABLE = (
    "input.streamingProtocol",
    "input.accessToken",
    "preview.previewLocator",
    "preview.streamingPolicyName",
    "preview.alternativeMediaId",
    "encoding.encodingType",
    "encoding.presetName",
    "streamOptions",
)
ENCODING = ("Standard", "Premium1080p")
# Recorded for Standard, spelled with a small d; documented for Premium1080p.
_PRESETS = (("Standard", "default720p"), ("Premium1080p", "default1080p"))
_HEX = "[0-9a-fA-F]"


class _KeyFrames(Duration):
    """Kept as it is spelled: the model says a string, which may be empty."""

    def read(self, value: Any, path: str, rules: Rules) -> str:
        if value != "":
            super().read(value, path, rules)
        return str(value)


class _Token(Text):
    """A GUID with or without its hyphens; what is none may be a secret all the same, so that no answer repeats it."""

    def read(self, value: Any, path: str, rules: Rules) -> str:
        try:
            return super().read(value, path, rules)
        except BadInputError:
            raise BadInputError(path, f"is not {self.meaning}") from None


def _input() -> Object:
    access = Object({"ip": ip_access()})
    return Object(
        {
            "streamingProtocol": Member(Enum(("RTMP", "FragmentedMP4")), required=True),
            "accessControl": Member(access, shown_null=True),
            "keyFrameIntervalDuration": Member(_KeyFrames(0.5, 20), default=""),
            "accessToken": Member(
                _Token(rf"{_HEX}{{32}}|{_HEX}{{8}}(-{_HEX}{{4}}){{3}}-{_HEX}{{12}}", "a GUID, with or without hyphens")
            ),
            "endpoints": Member(ListOf(Object()), read_only=True),
        }
    )


def _preview() -> Object:
    return Object(
        {
            "endpoints": Member(ListOf(Object()), read_only=True),
            "accessControl": Member(Object({"ip": ip_access()}), shown_null=True),
            "previewLocator": Member(Text(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", "a GUID")),
            "streamingPolicyName": Member(Text(), default="Predefined_ClearStreamingOnly"),
            "alternativeMediaId": Member(Text(), shown_null=True),
        }
    )


def _encoding() -> Object:
    return Object(
        {
            "encodingType": Member(
                Enum(("None", "Standard", "Premium1080p", "PassthroughBasic", "PassthroughStandard")), default="None"
            ),
            "presetName": Member(Text(), shown_null=True),
            "stretchMode": Member(Enum(("None", "AutoSize", "AutoFit")), shown_null=True),
            "keyFrameInterval": Member(Duration(0.5, 20), shown_null=True),
        }
    )


def _transcription() -> Object:
    selection = Object({name: Member(Text()) for name in ("property", "operation", "value")})
    track = Object({"trackName": Member(Text(), required=True)})
    return Object(
        {
            "language": Member(Text()),
            "inputTrackSelection": Member(ListOf(selection)),
            "outputTranscriptionTrack": Member(track),
        }
    )


def live_event_schema() -> Object:
    """Members, types and enums of api-version 2022-08-01; defaults as recorded."""
    properties = Object(
        {
            "description": Member(Text(), default=""),
            "input": Member(_input(), required=True),
            "preview": Member(_preview(), default={}),
            "encoding": Member(_encoding(), default={}),
            "transcriptions": Member(ListOf(_transcription()), default=[]),
            "crossSiteAccessPolicies": Member(cross_site(), default={}),
            "useStaticHostname": Member(Flag(), default=False),
            "hostnamePrefix": Member(
                Text(r"[a-zA-Z0-9]+(-*[a-zA-Z0-9])*", "letters, digits and inner hyphens"), shown_null=True
            ),
            "streamOptions": Member(ListOf(Enum(("Default", "LowLatency", "LowLatencyV2"))), default=[]),
            "provisioningState": Member(Text(), read_only=True),
            "resourceState": Member(Text(), read_only=True),
            "created": Member(Moment(), read_only=True),
            "lastModified": Member(Moment(), read_only=True),
        }
    )
    return Object(crud.tracked_members() | {"properties": Member(properties, required=True)})


def fill_in(world: World, stored: JSON, before: JSON) -> None:
    """Complete `stored` (properties) with what the service chooses; `before` are the properties until now.

    Raises BadInputError for an encoding that contradicts itself, and for settings that don't fit it.
    """
    ingest, preview = stored["input"], stored["preview"] or {}
    ingest.setdefault("accessToken", world.new_id().replace("-", ""))
    ingest["endpoints"] = before.get("input", {}).get("endpoints", [])
    nothing = {
        "accessControl": None,
        "alternativeMediaId": None,
        "streamingPolicyName": "Predefined_ClearStreamingOnly",
    }
    stored["preview"] = {"previewLocator": world.new_id(), **nothing, **preview}
    stored["preview"]["endpoints"] = before.get("preview", {}).get("endpoints", [])
    stored["crossSiteAccessPolicies"] = {
        "clientAccessPolicy": None,
        "crossDomainPolicy": None,
        **stored["crossSiteAccessPolicies"],
    }
    _fit_together(world, stored)
    _encoding_of(stored)


def _fit_together(world: World, stored: JSON) -> None:
    """Settings that are documented for other events than this one. How such a request is answered is nowhere said."""
    kind, encoding = stored["encoding"].get("encodingType", "None"), stored["encoding"]
    encodes, options = kind in ENCODING, stored["streamOptions"]
    rtmp = stored["input"]["streamingProtocol"] == "RTMP"
    unfit = {
        "encoding.presetName": bool(encoding.get("presetName")) and not encodes,
        "encoding.stretchMode": bool(encoding.get("stretchMode")) and not encodes,
        "input.keyFrameIntervalDuration": bool(stored["input"]["keyFrameIntervalDuration"]) and encodes,
        "transcriptions": bool(stored["transcriptions"]) and kind == "PassthroughBasic",
        "streamOptions": "LowLatencyV2" in options and not (encodes and rtmp),
    }
    for name in (name for name, wrong in unfit.items() if wrong):
        if world.variants.is_("live-event.unfit-setting", "refuse"):
            raise BadInputError(f"properties.{name}", f"can't be used with encodingType {kind} and this input")
    if {"LowLatency", "LowLatencyV2"} <= set(options) and world.variants.is_("live-event.both-latencies", "refuse"):
        raise BadInputError("properties.streamOptions", "holds both LowLatency and LowLatencyV2")
    for index, one in enumerate(stored["transcriptions"]):
        unknown = one.get("language") is not None and one["language"] not in LANGUAGES
        if unknown and world.variants.is_("live-event.unknown-language", "refuse"):
            path = f"properties.transcriptions[{index}].language"
            raise BadInputError(path, f"{shorten(one['language'])} is no language that can be transcribed")


def _encoding_of(stored: JSON) -> None:
    empty = {"encodingType": "None", "presetName": None, "stretchMode": None, "keyFrameInterval": None}
    stored["encoding"] = encoding = {**empty, **stored["encoding"]}
    if encoding["encodingType"] in ENCODING:
        own = dict(_PRESETS)
        if (encoding["presetName"] or "").lower() in {
            own[other] for other in ENCODING if other != encoding["encodingType"]
        }:
            raise BadInputError("properties.encoding.presetName", f"is not a preset of {encoding['encodingType']}")
        encoding["presetName"] = encoding["presetName"] or own[encoding["encodingType"]]
        encoding["stretchMode"] = encoding["stretchMode"] or "AutoSize"
        encoding["keyFrameInterval"] = encoding["keyFrameInterval"] or "PT2S"
    elif encoding["keyFrameInterval"] is not None:
        raise BadInputError("properties.encoding.keyFrameInterval", "can't be set for a pass-through live event")
