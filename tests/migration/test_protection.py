"""Keys, who may have them, and how content is delivered: what that becomes, and what of it is never kept."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.migration.judging import GUID, NOW, OTHER, gaps, judged

from ams_operator.migration import entities, verdicts
from ams_operator.migration.mapping import streaming
from ams_operator.migration.model import Fate, Judgement, Known
from ams_operator.migration.reduce import keyed


@pytest.mark.parametrize(
    ("kind", "fate"),
    [
        (0, Fate.VISIBLE),
        (1, Fate.VISIBLE),
        (2, Fate.GAP),
        (3, Fate.GAP),
        (4, Fate.VISIBLE),
        (5, Fate.GAP),
        (6, Fate.VISIBLE),
        (7, Fate.MAPS),
        (8, Fate.MAPS),
        (None, Fate.GAP),
    ],
)
def test_keys(kind: int | None, fate: Fate) -> None:
    known = Known(NOW)
    found = judged("ContentKeys", known=known, ContentKeyType=kind, AuthorizationPolicyId=f"nb:ckpid:UUID:{OTHER}")
    assert found.verdict.fate is fate
    assert (OTHER in known.used_policies) is (kind in (0, 4, 6))


TOKEN = (
    '<TokenRestrictionTemplate xmlns:i="http://www.w3.org/2001/XMLSchema-instance" xmlns="urn:t">'
    "<AlternateVerificationKeys>"
    '<TokenVerificationKey i:type="RsaTokenVerificationKey"><RawBody>c2VjcmV0</RawBody></TokenVerificationKey>'
    "</AlternateVerificationKeys><Audience>urn:a</Audience><Issuer>https://i</Issuer>"
    '<PrimaryVerificationKey i:type="SymmetricVerificationKey"><KeyValue>c2VjcmV0</KeyValue></PrimaryVerificationKey>'
    "<RequiredClaims><TokenClaim><ClaimType>role</ClaimType><ClaimValue>x</ClaimValue></TokenClaim></RequiredClaims>"
    "<TokenType>JWT</TokenType></TokenRestrictionTemplate>"
)


def option(
    kind: int, configuration: str | None, restriction: int = 1, requirements: str | None = TOKEN
) -> dict[str, Any]:
    return {
        "KeyDeliveryType": kind,
        "KeyDeliveryConfiguration": configuration,
        "Restrictions": [{"KeyRestrictionType": restriction, "Requirements": requirements}],
    }


@pytest.mark.parametrize(
    ("row", "fate", "gap"),
    [
        (option(2, None), Fate.MAPS, None),
        (option(2, "", 0, None), Fate.MAPS, None),
        (option(3, "{}"), Fate.MAPS, None),
        (option(3, "none"), Fate.GAP, "unreadable-policy"),
        (option(1, "<a/>"), Fate.GAP, "unreadable-policy"),
        (option(1, None), Fate.GAP, "unreadable-policy"),
        (option(4, '{"RentalDuration": 3, "ContentEncryptionIV": "x"}'), Fate.MAPS, "fairplay-iv"),
        (option(0, None), Fate.GAP, "undocumented"),
        (option(2, None, 2), Fate.GAP, "ip-restriction"),
        (option(2, None, 1, "<!DOCTYPE a><a/>"), Fate.GAP, "unreadable-policy"),
    ],
)
def test_options(row: dict[str, Any], fate: Fate, gap: str | None) -> None:
    found = judged("ContentKeyAuthorizationPolicyOptions", **row)
    assert found.verdict.fate is fate
    assert gaps(found) == ({gap} if gap else set())


def policy(*rows: dict[str, Any], secret: bytes = b"test") -> Judgement:
    known = Known(NOW, used_policies={GUID})
    reduce = entities.SETS["ContentKeyAuthorizationPolicyOptions"].reduce
    assert reduce is not None
    made = [reduce({"Id": "nb:ckpoid:UUID:x", **row}, keyed(secret)) for row in rows]
    verdicts.learn("ContentKeyAuthorizationPolicyOptions", f"nb:ckpid:UUID:{GUID}", made, known)
    return judged("ContentKeyAuthorizationPolicies", known=known)


def test_policies_are_one_where_their_content_is_and_only_there() -> None:
    one, two = option(2, None), option(3, "{}")
    assert policy(one, two).verdict.name == policy(two, one).verdict.name
    assert policy(one).verdict.name != policy(option(2, None, 1, TOKEN.replace("c2VjcmV0", "YW5vdGhlcg"))).verdict.name
    assert policy(one).verdict.name != policy(one, secret=b"another").verdict.name


def test_policies_show_who_may_watch_and_no_key() -> None:
    text = json.dumps(policy(option(2, None)).verdict.fields, default=dict)
    assert "c2VjcmV0" not in text
    for word in ("https://i", "urn:a", "Jwt", "SymmetricTokenKey", "RsaTokenKey", "role"):
        assert word in text


def test_policies_that_no_key_names_are_not_needed() -> None:
    assert judged("ContentKeyAuthorizationPolicies").verdict.fate is Fate.NOT_NEEDED


@pytest.mark.parametrize(
    ("kind", "protocol", "settings", "name"),
    [
        (2, 7, {}, "Predefined_ClearStreamingOnly"),
        (2, 0xFFFF, {}, "Predefined_ClearStreamingOnly"),
        (2, 0x17, {}, "Predefined_DownloadAndClearStreaming"),
        (2, 0x10, {}, "Predefined_DownloadOnly"),
        (3, 7, {1: "https://a.keydelivery.mediaservices.windows.net/"}, "Predefined_ClearKey"),
        (3, 7, {1: "https://example.com/"}, ""),
        (3, 3, {}, ""),
        (2, 1, {}, ""),
        (4, 7, {4: "", 8: ""}, ""),
        (4, 3, {4: "", 8: ""}, "Predefined_MultiDrmCencStreaming"),
        (4, 3, {4: ""}, ""),
        (4, 3, {8: ""}, ""),
        (4, 3, {4: "", 8: "", 12: "avc1"}, ""),
        (5, 4, {9: ""}, "Predefined_MultiDrmStreaming"),
        (5, 4, {13: "true"}, ""),
    ],
)
def test_predefined_streaming_policies(kind: int, protocol: int, settings: dict[int, str], name: str) -> None:
    assert streaming.predefined(kind, protocol, settings) == name
    pairs = json.dumps([{"Key": key, "Value": value} for key, value in settings.items()])
    found = judged(
        "AssetDeliveryPolicies",
        AssetDeliveryPolicyType=kind,
        AssetDeliveryProtocol=protocol,
        AssetDeliveryConfiguration=pairs,
    )
    assert found.verdict.name == (name or f"v2-{GUID}")


def test_own_streaming_policies_have_the_fields_of_version_3() -> None:
    settings = {4: "https://example.com/p", 5: "attributes", 12: "avc1,mp4a"}
    made = streaming.policy(4, 1, settings)["commonEncryptionCenc"]
    assert made["enabledProtocols"] == {"download": False, "dash": False, "hls": False, "smoothStreaming": True}
    assert made["drm"]["playReady"]["customLicenseAcquisitionUrlTemplate"] == "https://example.com/p"
    assert len(made["clearTracks"]) == 2
    assert streaming.policy(5, 4, {13: "True"})["commonEncryptionCbcs"]["drm"]["fairPlay"] == {
        "allowPersistentLicense": True
    }


def test_delivery_gaps() -> None:
    assert judged("AssetDeliveryPolicies", AssetDeliveryPolicyType=2, AssetDeliveryProtocol=8).verdict.gap == "hds"
    assert gaps(judged("AssetDeliveryPolicies", AssetDeliveryPolicyType=2, AssetDeliveryProtocol=15)) == {"hds"}
    vector = json.dumps([{"Key": 6, "Value": "0011"}])
    found = judged(
        "AssetDeliveryPolicies", AssetDeliveryPolicyType=3, AssetDeliveryProtocol=7, AssetDeliveryConfiguration=vector
    )
    assert gaps(found) == {"delivery-features"}
    assert "0011" not in repr(found)
    assert (
        judged("AssetDeliveryPolicies", AssetDeliveryPolicyType=1, AssetDeliveryProtocol=7).verdict.fate
        is Fate.NOT_NEEDED
    )
    assert (
        judged("AssetDeliveryPolicies", AssetDeliveryPolicyType=9, AssetDeliveryProtocol=7).verdict.gap
        == "undocumented"
    )
