"""Samples of what runs, is watched and recorded: live events, endpoints, live outputs, assets."""

from __future__ import annotations

from typing import Final

from tests.integration.field_sample import JSON, Sample, by_azure_name, by_key, by_name

REGION: Final = "westus2"


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
LIVE_EVENT: Final = {
    **_TRACKED,
    "properties.input.streamingProtocol": Sample("RTMP", "FragmentedMP4", required=True),
    "properties.input.accessToken": Sample(
        "1" * 32, "2" * 32, "3" * 32, at="input.accessTokenSecretRef", written=by_key
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
    "properties.streamOptions": Sample(["LowLatency"], ["LowLatencyV2"], ["Default"], around=_ENCODES),
    "properties.streamOptions[]": Sample("LowLatency", "LowLatencyV2", "Default", around=_ENCODES),
    **_cross_site(),
}
_KEYS: Final = "properties.accessControl.akamai.akamaiSignatureHeaderAuthenticationKeyList"
_CDN: Final = {"cdnEnabled": True}
ENDPOINT: Final = {
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
    "properties.customHostNames": Sample(
        ["a.NAME.ACCOUNT.example"], ["a.NAME.ACCOUNT.example", "b.NAME.ACCOUNT.example"], ["c.NAME.ACCOUNT.example"]
    ),
    "properties.customHostNames[]": Sample(
        "a.NAME.ACCOUNT.example", "b.NAME.ACCOUNT.example", "c.NAME.ACCOUNT.example"
    ),
    "properties.cdnEnabled": Sample(False, True),
    "properties.cdnProvider": Sample("StandardAkamai", "PremiumVerizon", around=_CDN),
    "properties.cdnProfile": Sample("first", "second", "third", around=_CDN),
    **_cross_site(),
}
_ANOTHER: Final = "AdoptionRefused"  # asset and manifest name are its identity: somebody made another recording
LIVE_OUTPUT: Final = {
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
ASSET: Final = {
    "properties.description": Sample("first", "second", "third"),
    "properties.alternateId": Sample("first", "second", "third"),
    "properties.container": Sample("first-NAME-ACCOUNT", "second-NAME-ACCOUNT", "third-NAME-ACCOUNT"),
    "properties.storageAccountName": Sample("STORAGE", "another"),
}
