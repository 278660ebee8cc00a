"""A sample for every field: three values of it, and what else a manifest needs so that it may be declared.

Paths are spelled as in the kinds' tables, `[]` standing for a list's first item. In texts NAME becomes the object's
name, and STORAGE that of the account's storage account.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final

from tests.model_fields import everything

from ams_operator.api.asset import AssetSpec
from ams_operator.api.base import ResourceSpec
from ams_operator.api.live_event import LiveEventSpec
from ams_operator.api.live_output import LiveOutputSpec
from ams_operator.api.streaming_endpoint import StreamingEndpointSpec

JSON = dict[str, Any]
SECRET: Final = "values"
"""the Secret in which each key's value is the key itself"""
REGION: Final = "westus2"
MODELS: Final[dict[str, type[ResourceSpec]]] = {
    "Asset": AssetSpec,
    "LiveEvent": LiveEventSpec,
    "LiveOutput": LiveOutputSpec,
    "StreamingEndpoint": StreamingEndpointSpec,
}


@dataclass(frozen=True)
class Sample:
    """One field: declared first, changed to, and what somebody else sets it to behind the operator's back."""

    first: Any
    second: Any
    third: Any = None
    """None: whichever of the other two is not declared"""
    at: str = ""
    """its path in the manifest, where that is not the service's"""
    written: Callable[[Any], Any] = lambda value: value
    """from the service's value to the manifest's"""
    around: Mapping[str, Any] = field(default_factory=dict)
    """manifest path to value: what has to be declared with it"""
    required: bool = False
    """a manifest without it is refused"""
    comes_and_goes: bool = False
    """settled at creation, and declared or not the same"""
    drift: str = "CannotChange"
    """the reason that tells of another value of what can't change"""


def by_key(value: str) -> JSON:
    """A reference to a Secret's key."""
    return {"name": SECRET, "key": value}


def by_azure_name(value: str) -> JSON:
    """A reference by name in the service."""
    return {"azureName": value}


def by_name(value: str) -> JSON:
    """A reference to an object."""
    return {"name": value}


def fields_of(kind: str) -> set[str]:
    """Every leaf, list and map that a manifest of this kind can declare."""
    found = dict(everything(MODELS[kind]))
    return {path for path, leaf in found.items() if leaf or f"{path}[]" in found or f"{path}.any" in found}


def steps(path: str) -> list[str | int]:
    """`a.b[].c` as keys and indices."""
    parts: list[str | int] = []
    for part in path.split("."):
        name, *items = part.split("[]")
        parts += [name, *([0] * len(items))]
    return parts


def put(into: Any, path: str, value: Any) -> None:
    """Set a value in nested objects and lists, and make those that are missing."""
    way = steps(path)
    for part, following in pairwise(way):
        if isinstance(part, int):
            into[part:] = into[part : part + 1] or [_empty(following)]
        elif into.get(part) is None:
            into[part] = _empty(following)
        into = into[part]
    if isinstance(way[-1], int):
        into[way[-1] :] = [value]
    else:
        into[way[-1]] = value


def _empty(holds: str | int) -> Any:
    return [] if isinstance(holds, int) else {}


def get(found: Any, path: str) -> Any:
    """The value at a path, None where there is none."""
    for part in steps(path):
        if isinstance(part, int):
            found = found[part] if isinstance(found, list) and part < len(found) else None
        else:
            found = found.get(part) if isinstance(found, dict) else None
    return found


def named(value: Any, words: Mapping[str, str]) -> Any:
    """A value with its placeholders filled in."""
    if isinstance(value, dict):
        return {key: named(item, words) for key, item in value.items()}
    if isinstance(value, list):
        return [named(item, words) for item in value]
    if isinstance(value, str):
        for word, text in words.items():
            value = value.replace(word, text)
    return value


# --- the samples -----------------------------------------------------------------------------------------------------


def _range(name: str, address: str) -> JSON:
    return {"name": name, "address": address, "subnetPrefixLength": 24}


def _access(path: str) -> dict[str, Sample]:
    """An access control by address."""
    allow = f"{path}.ip.allow"
    address = {f"{allow.removeprefix('properties.')}[].address": "203.0.113.0"}
    one, two = _range("one", "203.0.113.0"), _range("two", "198.51.100.0")
    return {
        allow: Sample([one], [one, two], [two]),
        f"{allow}[].name": Sample("first", "second", "third", around=address),
        f"{allow}[].address": Sample("203.0.113.1", "203.0.113.2", "203.0.113.3"),
        f"{allow}[].subnetPrefixLength": Sample(24, 25, 26, around=address),
    }


def _cross_site() -> dict[str, Sample]:
    names = ("clientAccessPolicy", "crossDomainPolicy")
    return {f"properties.crossSiteAccessPolicies.{name}": Sample("<a/>", "<b/>", "<c/>") for name in names}


_TRACKED: Final = {
    "location": Sample(REGION, "eastus", comes_and_goes=True),
    "tags": Sample({"team": "news"}, {"team": "news", "cost": "7"}, {"team": "sports"}),
    "tags.any": Sample("first", "second", "third"),
    "properties.description": Sample("first", "second", "third"),
}
_ENCODES: Final = {"encoding.encodingType": "Standard"}
_TEXT: Final = "properties.transcriptions[]"
_SELECTS: Final = f"{_TEXT}.inputTrackSelection"
_LIVE_EVENT: Final = {
    **_TRACKED,
    "properties.input.streamingProtocol": Sample("RTMP", "FragmentedMP4", required=True),
    "properties.input.accessToken": Sample(
        "token-1", "token-2", "token-3", at="input.accessTokenSecretRef", written=by_key
    ),
    "properties.input.keyFrameIntervalDuration": Sample("PT2S", "PT4S", "PT6S"),
    **_access("properties.input.accessControl"),
    **_access("properties.preview.accessControl"),
    "properties.preview.previewLocator": Sample(
        "11111111-1111-4111-8111-111111111111",
        "22222222-2222-4222-8222-222222222222",
        "33333333-3333-4333-8333-333333333333",
    ),
    "properties.preview.streamingPolicyName": Sample(
        "Predefined_DownloadOnly", "Predefined_ClearKey", at="preview.streamingPolicyRef", written=by_azure_name
    ),
    "properties.preview.alternativeMediaId": Sample("first", "second", "third"),
    "properties.encoding.encodingType": Sample("PassthroughStandard", "PassthroughBasic"),
    "properties.encoding.presetName": Sample("Default720p", "Other", around=_ENCODES),
    "properties.encoding.stretchMode": Sample("AutoFit", "None", around=_ENCODES),
    "properties.encoding.keyFrameInterval": Sample("PT4S", "PT6S", "PT8S", around=_ENCODES),
    "properties.transcriptions": Sample(
        [{"language": "en-US"}], [{"language": "en-US"}, {"language": "de-DE"}], [{"language": "fr-FR"}]
    ),
    f"{_TEXT}.language": Sample("en-US", "de-DE", "fr-FR"),
    _SELECTS: Sample([{"property": "p"}], [{"property": "p"}, {"value": "v"}], [{"value": "w"}]),
    **{f"{_SELECTS}[].{name}": Sample("first", "second", "third") for name in ("property", "operation", "value")},
    f"{_TEXT}.outputTranscriptionTrack.trackName": Sample("first", "second", "third"),
    "properties.useStaticHostname": Sample(False, True),
    "properties.hostnamePrefix": Sample("first", "second", "third"),
    "properties.streamOptions": Sample(["LowLatency"], ["LowLatencyV2"], ["Default"]),
    "properties.streamOptions[]": Sample("LowLatency", "LowLatencyV2", "Default"),
    **_cross_site(),
}
_KEYS: Final = "properties.accessControl.akamai.akamaiSignatureHeaderAuthenticationKeyList"
_CDN: Final = {"cdnEnabled": True}
_ENDPOINT: Final = {
    **_TRACKED,
    "properties.scaleUnits": Sample(1, 2, 3),
    "properties.availabilitySetName": Sample("first", "second", "third"),
    **_access("properties.accessControl"),
    _KEYS: Sample([{"identifier": "a"}], [{"identifier": "a"}, {"identifier": "b"}], [{"identifier": "c"}]),
    f"{_KEYS}[].identifier": Sample("first", "second", "third"),
    f"{_KEYS}[].base64Key": Sample(
        "Zmlyc3Q",
        "c2Vjb25k",
        "dGhpcmQ",
        at=f"{_KEYS.removeprefix('properties.')}[].base64KeySecretRef",
        written=by_key,
    ),
    f"{_KEYS}[].expiration": Sample("2030-01-01T00:00:00Z", "2031-01-01T00:00:00Z", "2032-01-01T00:00:00Z"),
    "properties.maxCacheAge": Sample(60, 120, 180),
    "properties.customHostNames": Sample(["a.NAME.example"], ["a.NAME.example", "b.NAME.example"], ["c.NAME.example"]),
    "properties.customHostNames[]": Sample("a.NAME.example", "b.NAME.example", "c.NAME.example"),
    "properties.cdnEnabled": Sample(False, True),
    "properties.cdnProvider": Sample("StandardAkamai", "PremiumVerizon", around=_CDN),
    "properties.cdnProfile": Sample("first", "second", "third", around=_CDN),
    **_cross_site(),
}
_ANOTHER: Final = "AdoptionRefused"  # asset and manifest name are its identity: somebody made another recording
_LIVE_OUTPUT: Final = {
    "properties.description": Sample("first", "second", "third"),
    "properties.assetName": Sample(
        "tape-NAME", "other-NAME", at="assetRef", written=by_name, required=True, drift=_ANOTHER
    ),
    "properties.archiveWindowLength": Sample("PT1H", "PT2H", "PT3H"),
    "properties.rewindWindowLength": Sample("PT10M", "PT20M", "PT30M"),
    "properties.manifestName": Sample("first", "second", "third", drift=_ANOTHER),
    "properties.hls.fragmentsPerTsSegment": Sample(2, 3, 4),
    "properties.outputSnapTime": Sample(5, 6, 7),
}
_ASSET: Final = {
    "properties.description": Sample("first", "second", "third"),
    "properties.alternateId": Sample("first", "second", "third"),
    "properties.container": Sample("first-NAME", "second-NAME", "third-NAME"),
    "properties.storageAccountName": Sample("STORAGE", "another"),
}
SAMPLES: Final = {
    "Asset": _ASSET,
    "LiveEvent": _LIVE_EVENT,
    "LiveOutput": _LIVE_OUTPUT,
    "StreamingEndpoint": _ENDPOINT,
}
_BASES: Final[dict[str, JSON]] = {
    "Asset": {"deletionPolicy": "Retain"},  # server-side apply refuses to empty a spec
    "LiveEvent": {"input": {"streamingProtocol": "RTMP"}},
    "LiveOutput": {
        "liveEventRef": {"name": "stage"},
        "assetRef": {"name": "tape-NAME"},
        "archiveWindowLength": "PT1H",
    },
    "StreamingEndpoint": {},
}


def manifest(kind: str, path: str, value: Any, words: Mapping[str, str]) -> JSON:
    """The spec that declares this value; None: one without the field, the rest as before."""
    sample = SAMPLES[kind][path]
    spec = deepcopy(_BASES[kind])
    for place, neighbour in sample.around.items():
        put(spec, place, deepcopy(neighbour))
    place = sample.at or path.removeprefix("properties.")
    put(spec, place, sample.written(sample.first if value is None else value))
    if value is None:
        _take_out(spec, place)
    return dict(named(spec, words))


def _take_out(spec: JSON, path: str) -> None:
    """Without the member; what held nothing else goes too."""
    way = steps(path)
    for depth in range(len(way), 0, -1):
        holder: Any = spec
        for part in way[: depth - 1]:
            holder = holder[part]
        if depth < len(way) and holder[way[depth - 1]]:
            return
        del holder[way[depth - 1]]
