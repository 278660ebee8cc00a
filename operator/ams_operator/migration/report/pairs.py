"""Fields of version 2 beside those of version 3 that take their place.

A pair is shown where both ends are there; what is left stands alone on its side. The pairs are those of the mapping
(`migration/mapping`); a path names members, parted by dots.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from ams_operator.domain.model import JSON
from ams_operator.migration.report.given import Target

Pairs = tuple[tuple[str, str], ...]
NAME: Final = "name"
"""stands for the name of the target itself"""
_MOST: Final = 60
"""rows of one target; what has more leaves keeps its parts together"""
_FILTER: Final[Pairs] = (
    ("Name", NAME), ("PresentationTimeRange", "presentationTimeRange"), ("FirstQuality", "firstQuality"),
    ("Tracks", "tracks"),
)  # fmt: skip
_RECIPE: Final[Pairs] = (("Configuration", "outputs"),)

PAIRS: Final[Mapping[str, Pairs]] = MappingProxyType(
    {
        "Assets": (("Id", NAME), ("Name", "description"), ("AlternateId", "alternateId")),
        "Locators": (
            ("Id", "streamingLocatorId"), ("AssetId", "assetName"), ("StartTime", "startTime"),
            ("ExpirationDateTime", "endTime"),
        ),
        "ContentKeyAuthorizationPolicies": (("Options", "options"), ("Name", "description")),
        "AssetDeliveryPolicies": (
            ("Name", NAME), ("AssetDeliveryPolicyType", "noEncryption"),
            ("AssetDeliveryPolicyType", "envelopeEncryption"), ("AssetDeliveryPolicyType", "commonEncryptionCenc"),
            ("AssetDeliveryPolicyType", "commonEncryptionCbcs"),
        ),
        "Channels": (
            ("Name", NAME), ("Description", "description"), ("EncodingType", "encoding.encodingType"),
            ("Encoding.SystemPreset", "encoding.presetName"), ("Input.StreamingProtocol", "input.streamingProtocol"),
            ("Input.KeyFrameInterval", "input.keyFrameIntervalDuration"),
            ("Input.AccessControl", "input.accessControl"), ("Preview.AccessControl", "preview.accessControl"),
            ("CrossSiteAccessPolicies", "crossSiteAccessPolicies"), ("VanityUrl", "useStaticHostname"),
        ),
        "Programs": (
            ("Name", NAME), ("Description", "description"), ("ManifestName", "manifestName"),
            ("ArchiveWindowLength", "archiveWindowLength"),
        ),
        "Filters": _FILTER,
        "AssetFilters": _FILTER,
        "JobTemplates": (("Name", NAME),),
        "TaskTemplates": _RECIPE,
        "Tasks": _RECIPE,
    }
)  # fmt: skip


_SERVICE: Final = "the service sets it"
_ANYWHERE: Final[Mapping[str, str]] = MappingProxyType({"Id": _SERVICE, "Created": _SERVICE, "LastModified": _SERVICE})
REMARKS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "Locators": {"AccessPolicyId": "a locator has its own beginning and end"},
        "ContentKeyAuthorizationPolicies": {"Name": "names and digests tell policies apart"},
        "AssetDeliveryPolicies": {
            "AssetDeliveryProtocol": "enabledProtocols of the policy",
            "AssetDeliveryPolicyType": "which of the policy's parts is there",
            "AssetDeliveryConfiguration": "URLs of the service itself need no template",
        },
        "Channels": {
            "State": "not carried over: runState of the manifest",
            "Encoding.AdMarkerSource": "no counterpart for Api: gap ad-markers",
            "Encoding.IgnoreCea708ClosedCaptions": "no counterpart: gap channel-tracks",
            "Encoding.VideoStreams": "no counterpart: gap channel-tracks",
            "Encoding.AudioStreams": "no counterpart: gap channel-tracks",
            "Slate": "no counterpart: gap slate",
            "Output.Hls": "hls of its live outputs",
        },
        "Programs": {
            "State": "a live output records from its creation to its deletion",
            "ChannelId": "the live event that it belongs to",
            "AssetId": "a recording needs an asset of its own",
        },
        "AssetFilters": {"ParentAssetId": "the first part of its name"},
        "TaskTemplates": {"MediaProcessor": "the preset chooses it"},
        "Tasks": {"MediaProcessor": "the preset chooses it", "State": "belongs to the job, which stays in version 2"},
    }
)
"""where fields without a partner went: by path, or by what the path begins with"""


def beside(target: Target) -> list[JSON]:
    """Rows `{v2, was, v3, is, note}`: path and value on either side, the paths None where the side has nothing.

    A path is the longest that keeps the parts of a pair together; `note` says where a field without a partner went.
    """
    old, new = dict(target.source or {}), {NAME: target.name, **target.fields}
    if target.fields.get(NAME) is not None:
        new = dict(target.fields)
    rows: list[JSON] = []
    for left, right in PAIRS.get(target.set, ()):
        if _has(old, left) and _has(new, right) and _at(new, right) is not None:
            rows.append({"v2": left, "was": _take(old, left), "v3": right, "is": _take(new, right), "note": ""})
    fresh = [{"v2": None, "was": None, "v3": path, "is": value, "note": ""} for path, value in leaves(new)]
    rest = [
        {"v2": path, "was": value, "v3": None, "is": None, "note": _remark(target.set, path)}
        for path, value in leaves(old)
        if value not in (None, [], {})
    ]
    return [*rows, *fresh, *rest]


def _remark(entities: str, path: str) -> str:
    known = REMARKS.get(entities, {})
    parts = path.split(".")
    ways = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((known[way] for way in ways if way in known), _ANYWHERE.get(path, ""))


def leaves(value: JSON, most: int = _MOST) -> list[tuple[str, Any]]:
    """Paths of members to their values, as deep as objects go; what has too many of them stays one level higher."""
    found: list[tuple[str, Any]] = [(name, one) for name, one in value.items() if one not in ({}, None)]
    while True:
        deeper = [pair for path, one in found for pair in _opened(path, one)]
        if len(deeper) > most or [path for path, _ in deeper] == [path for path, _ in found]:
            return found
        found = deeper


def _opened(path: str, value: Any) -> list[tuple[str, Any]]:
    """The members of an object; one that names its type is read as a whole."""
    if not isinstance(value, dict) or not value or "@odata.type" in value:
        return [(path, value)]
    return [(f"{path}.{name}", one) for name, one in value.items()]


def _has(value: JSON, path: str) -> bool:
    *above, last = path.split(".")
    part = _at(value, ".".join(above)) if above else value
    return isinstance(part, dict) and last in part


def _at(value: JSON, path: str) -> Any:
    """The value at a path; None where there is nothing."""
    part: Any = value
    for name in path.split("."):
        part = part.get(name) if isinstance(part, dict) else None
    return part


def _take(value: JSON, path: str) -> Any:
    """The value at a path, which is gone from there afterwards."""
    *above, last = path.split(".")
    part: Any = value
    for name in above:
        part[name] = dict(part[name])  # what was given stays as it is
        part = part[name]
    return part.pop(last)
