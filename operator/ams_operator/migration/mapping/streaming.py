"""A delivery policy as a section of a streaming policy, as version 3 takes it [inferred from both schemas]."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from ams_operator.domain.model import JSON
from ams_operator.migration import templates

SMOOTH, DASH, HLS, HDS, DOWNLOAD, ALL = 1, 2, 4, 8, 16, 0xFFFF
BLOCKED, CLEAR, ENVELOPE, CENC, CBCS = 1, 2, 3, 4, 5
"""types of delivery policies"""
SECTIONS: Final[Mapping[int, str]] = MappingProxyType(
    {CLEAR: "noEncryption", ENVELOPE: "envelopeEncryption", CENC: "commonEncryptionCenc", CBCS: "commonEncryptionCbcs"}
)


def policy(kind: int, protocol: int, settings: Mapping[int, str]) -> JSON:
    """What a delivery policy contributes to the properties of a streaming policy: one section, by its type."""
    enabled: JSON = {"enabledProtocols": protocols(protocol)}
    match kind:
        case 2:
            return {"noEncryption": enabled}
        case 3:
            url = _template(settings, 1, 2)
            return {"envelopeEncryption": {**enabled, **({"customKeyAcquisitionUrlTemplate": url} if url else {})}}
        case 4:
            return {"commonEncryptionCenc": {**enabled, **_tracks(settings), "drm": _cenc(settings)}}
        case 5:
            fairplay: JSON = {"allowPersistentLicense": settings.get(13, "").lower() == "true"}
            if url := _template(settings, 9, 10):
                fairplay["customLicenseAcquisitionUrlTemplate"] = url
            return {"commonEncryptionCbcs": {**enabled, **_tracks(settings), "drm": {"fairPlay": fairplay}}}
    return {}


def protocols(flags: int) -> dict[str, bool]:
    """What version 3 calls the protocols of a policy."""
    names = {DOWNLOAD: "download", DASH: "dash", HLS: "hls", SMOOTH: "smoothStreaming"}
    given = flags & ~DOWNLOAD if flags == ALL else flags
    return {name: bool(given & flag) for flag, name in names.items()}


def _cenc(settings: Mapping[int, str]) -> JSON:
    found: JSON = {}
    if 4 in settings or 5 in settings or not _widevine(settings):
        ready: JSON = {}
        if url := _template(settings, 4):
            ready["customLicenseAcquisitionUrlTemplate"] = url
        if settings.get(5):
            ready["playReadyCustomAttributes"] = settings[5]
        found["playReady"] = ready
    if _widevine(settings):
        url = _template(settings, 7, 8)
        found["widevine"] = {"customLicenseAcquisitionUrlTemplate": url} if url else {}
    return found


def _widevine(settings: Mapping[int, str]) -> set[int]:
    return {7, 8} & settings.keys()


def _template(settings: Mapping[int, str], *numbers: int) -> str:
    """A URL that is not the service's own: that one needs no template."""
    number = next((number for number in numbers if templates.foreign(settings.get(number, ""))), None)
    if number is None:
        return ""
    return templates.of_each_key(settings[number]) if number in templates.BASES else settings[number]


def _tracks(settings: Mapping[int, str]) -> dict[str, Any]:
    codes = [code.strip() for code in settings.get(12, "").split(",") if code.strip()]
    tracks = [{"trackSelections": [{"property": "FourCC", "operation": "Equal", "value": code}]} for code in codes]
    return {"clearTracks": tracks} if tracks else {}
