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


def beside(target: Target) -> list[JSON]:
    """Rows `{v2, was, v3, is}`: path and value on either side, the paths None where the side has nothing.

    A path is the longest that keeps the parts of a pair together.
    """
    old, new = dict(target.source or {}), {NAME: target.name, **target.fields}
    if target.fields.get(NAME) is not None:
        new = dict(target.fields)
    rows: list[JSON] = []
    for left, right in PAIRS.get(target.set, ()):
        if _has(old, left) and _has(new, right):
            rows.append({"v2": left, "was": _take(old, left), "v3": right, "is": _take(new, right)})
    rest = [{"v2": path, "was": value, "v3": None, "is": None} for path, value in leaves(old)]
    fresh = [{"v2": None, "was": None, "v3": path, "is": value} for path, value in leaves(new)]
    return [*rows, *fresh, *rest]


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
    part: Any = value
    for name in path.split("."):
        if not isinstance(part, dict) or part.get(name) is None:
            return False
        part = part[name]
    return True


def _take(value: JSON, path: str) -> Any:
    """The value at a path, which is gone from there afterwards."""
    *above, last = path.split(".")
    part: Any = value
    for name in above:
        part[name] = dict(part[name])  # what was given stays as it is
        part = part[name]
    return part.pop(last)
