"""PlayReady licence templates as version 3 has them. Its defaults are those that version 2's schema implies
[inferred]."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final

from ams_operator.domain.model import JSON
from ams_operator.migration import odata

_LOCATION: Final = "#Microsoft.Media.ContentKeyPolicyPlayReadyContentEncryptionKeyFrom"
_TYPES: Final[Mapping[str, str]] = MappingProxyType({"nonpersistent": "NonPersistent", "persistent": "Persistent"})
_CONTENT: Final[Mapping[str, str]] = MappingProxyType(
    {
        "unspecified": "Unspecified",
        "ultravioletdownload": "UltraVioletDownload",
        "ultravioletstreaming": "UltraVioletStreaming",
    }
)
_TIMES: Final = ("BeginDate", "ExpirationDate", "RelativeBeginDate", "RelativeExpirationDate", "GracePeriod")
_FLAGS: Final = (
    "DigitalVideoOnlyContentRestriction",
    "ImageConstraintForAnalogComponentVideoRestriction",
    "ImageConstraintForAnalogComputerMonitorRestriction",
)
_LEVELS: Final = (
    "UncompressedDigitalVideoOpl",
    "CompressedDigitalVideoOpl",
    "AnalogVideoOpl",
    "CompressedDigitalAudioOpl",
    "UncompressedDigitalAudioOpl",
)
_COPIES: Final = ("ScmsRestriction", "AgcAndColorStripeRestriction")
_OUTPUT: Final = "AllowPassingVideoContentToUnknownOutput"
_OUTPUTS: Final = ("NotAllowed", "Allowed", "AllowedWithVideoConstriction")
_ANALOG: Final = "ExplicitAnalogTelevisionOutputRestriction"
_FIRST_PLAY: Final = "FirstPlayExpiration"
_KNOWN: Final = frozenset({*_FLAGS, *_LEVELS, *_COPIES, _OUTPUT, _ANALOG, _FIRST_PLAY})


def licenses(given: Iterable[JSON]) -> tuple[list[JSON] | None, tuple[str, ...]]:
    """All licences and notes on what was left out; None where one says something that nobody documented."""
    made: list[JSON] = []
    left: set[str] = set()
    for one in given:
        found = _license(one)
        if found is None:
            return None, ()
        made.append(found)
        left |= {str(name) for name in one.get("others") or ()} | (one.get("PlayRight") or {}).keys() - _KNOWN
    return made, (f"left out of the licence: {', '.join(sorted(left))[:200]}",) if left else ()


def _license(one: JSON) -> JSON | None:
    kind = _TYPES.get(str(one.get("LicenseType") or "Nonpersistent").lower())
    content = _CONTENT.get(str(one.get("ContentType") or "Unspecified").lower())
    location = _location(one)
    if kind is None or content is None or location is None:
        return None
    made: JSON = {
        "allowTestDevices": _true(one.get("AllowTestDevices")),
        "licenseType": kind,
        "contentKeyLocation": location,
        "contentType": content,
        **{_lower(name): one[name] for name in _TIMES if one.get(name)},
    }
    if isinstance(right := one.get("PlayRight"), dict):
        play = _play(right)
        if play is None:
            return None
        made["playRight"] = play
    return made


def _location(one: JSON) -> JSON | None:
    match one.get("ContentKey"):
        case "ContentEncryptionKeyFromHeader":
            return {"@odata.type": f"{_LOCATION}Header"}
        case "ContentEncryptionKeyFromKeyIdentifier" if one.get("KeyIdentifier"):
            return {"@odata.type": f"{_LOCATION}KeyIdentifier", "keyId": one["KeyIdentifier"]}
    return None


def _play(right: JSON) -> JSON | None:
    output = str(right.get(_OUTPUT) or _OUTPUTS[0])
    if output not in _OUTPUTS:
        return None
    made: JSON = {_lower(name): _true(right.get(name)) for name in _FLAGS}
    made[_lower(_OUTPUT)] = output
    for name in _LEVELS:
        if (number := odata.whole(right.get(name))) is not None:
            made[_lower(name)] = number
    for name in _COPIES:
        if (number := odata.whole(_part(right, name, "ConfigurationData"))) is not None:
            made[_lower(name)] = number
    if isinstance(right.get(_ANALOG), dict):
        made[_lower(_ANALOG)] = {
            "bestEffort": _true(_part(right, _ANALOG, "BestEffort")),
            "configurationData": odata.whole(_part(right, _ANALOG, "ConfigurationData")) or 0,
        }
    if right.get(_FIRST_PLAY):
        made[_lower(_FIRST_PLAY)] = right[_FIRST_PLAY]
    return made


def _part(right: JSON, name: str, part: str) -> Any:
    found = right.get(name)
    return found.get(part) if isinstance(found, dict) else None


def _true(value: Any) -> bool:
    return str(value).lower() in ("true", "1")


def _lower(name: str) -> str:
    return name[0].lower() + name[1:]
