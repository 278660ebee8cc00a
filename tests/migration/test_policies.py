"""Authorization policies as ContentKeyPolicies: bodies that version 3 takes, and the secrets that have to be given."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.migration.judging import GUID, NOW, TOKEN, judged, option
from tests.migration.shapes import faults

from ams_operator.migration import authorization, verdicts
from ams_operator.migration.model import Fate, Judgement, Known
from ams_operator.migration.reduce import keyed

SECRET = "c2VjcmV0"
TYPE = "#Microsoft.Media.ContentKeyPolicy"
PLAYREADY = (
    '<PlayReadyLicenseResponseTemplate xmlns:i="http://www.w3.org/2001/XMLSchema-instance" xmlns="urn:p">'
    "<LicenseTemplates><PlayReadyLicenseTemplate>%s</PlayReadyLicenseTemplate></LicenseTemplates>"
    "<ResponseCustomData>c2VjcmV0</ResponseCustomData></PlayReadyLicenseResponseTemplate>"
)
HEADER = '<ContentKey i:type="ContentEncryptionKeyFromHeader" />'
RIGHT = (
    "<PlayRight><AgcAndColorStripeRestriction><ConfigurationData>1</ConfigurationData></AgcAndColorStripeRestriction>"
    "<AllowPassingVideoContentToUnknownOutput>Allowed</AllowPassingVideoContentToUnknownOutput>"
    "<AnalogVideoOpl>150</AnalogVideoOpl><DigitalVideoOnlyContentRestriction>true</DigitalVideoOnlyContentRestriction>"
    "<ExplicitAnalogTelevisionOutputRestriction><BestEffort>true</BestEffort><ConfigurationData>2</ConfigurationData>"
    "</ExplicitAnalogTelevisionOutputRestriction><FirstPlayExpiration>PT2H</FirstPlayExpiration>"
    '<ScmsRestriction i:nil="true" /></PlayRight>'
)
FAIRPLAY = json.dumps({"ASkId": GUID, "FairPlayPfx": SECRET, "ContentEncryptionIV": SECRET,
                       "RentalAndLeaseKeyType": 1, "RentalDuration": 60})  # fmt: skip


def policy(*rows: dict[str, Any], secret: bytes = b"test") -> Judgement:
    known = Known(NOW, used_policies={GUID})
    made = [authorization.option({"Id": "nb:ckpoid:UUID:x", **row}, keyed(secret)) for row in rows]
    verdicts.learn("ContentKeyAuthorizationPolicyOptions", f"nb:ckpid:UUID:{GUID}", made, known)
    return judged("ContentKeyAuthorizationPolicies", known=known)


def only(*rows: dict[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The first option of the policy, and what has to be given; the whole is what version 3 takes."""
    found = policy(*rows).verdict
    assert list(faults({**found.fields}, "ContentKeyPolicy", found.give)) == []
    assert SECRET not in repr(found)
    body: dict[str, Any] = found.fields["options"][0]
    return body, found.give


def test_policies_are_one_where_their_content_is_and_only_there() -> None:
    one, two, three = option(2, None), option(3, "{}"), option(3, '{"allowed_track_types": "SD_HD"}')
    assert policy(one, two).verdict.name == policy(two, one).verdict.name
    assert policy(one).verdict.name != policy(option(2, None, 1, TOKEN.replace(SECRET, "YW5vdGhlcg"))).verdict.name
    assert policy(one).verdict.name != policy(one, secret=b"another").verdict.name
    assert len({policy(*some).verdict.name for some in ((one, two), (one, three), (two, three), (one,))}) == 4


def test_tokens_say_who_may_watch_and_name_what_has_to_be_given() -> None:
    body, give = only(option(2, None))
    restriction = body["restriction"]
    assert restriction == {
        "@odata.type": f"{TYPE}TokenRestriction",
        "issuer": "https://i",
        "audience": "urn:a",
        "restrictionTokenType": "Jwt",
        "primaryVerificationKey": {"@odata.type": f"{TYPE}SymmetricTokenKey"},
        "alternateVerificationKeys": [{"@odata.type": f"{TYPE}RsaTokenKey"}],
        "requiredClaims": [{"claimType": "role", "claimValue": "x"}],
    }
    assert body["configuration"] == {"@odata.type": f"{TYPE}ClearKeyConfiguration"}
    assert give == (
        "/options/0/restriction/primaryVerificationKey/keyValue",
        "/options/0/restriction/alternateVerificationKeys/0/modulus",
        "/options/0/restriction/alternateVerificationKeys/0/exponent",
    )


@pytest.mark.parametrize(("said", "expected"), [("SWT", "Swt"), ("1", "Swt"), ("JWT", "Jwt"), ("2", "Jwt")])
def test_types_of_tokens(said: str, expected: str) -> None:
    body, _ = only(option(2, None, 1, TOKEN.replace(">JWT<", f">{said}<")))
    assert body["restriction"]["restrictionTokenType"] == expected


def test_certificates_and_claims_of_any_value() -> None:
    text = TOKEN.replace("SymmetricVerificationKey", "X509CertTokenVerificationKey").replace(
        "<ClaimValue>x</ClaimValue>", '<ClaimValue i:nil="true" />'
    )
    body, give = only(option(2, None, 1, text))
    assert body["restriction"]["requiredClaims"] == [{"claimType": "role"}]
    assert "/options/0/restriction/primaryVerificationKey/rawBody" in give


def test_a_discovery_document_may_stand_for_keys() -> None:
    document = "<OpenIdConnectDiscoveryDocument><OpenIdDiscoveryUri>https://u:p@i/d?k=1</OpenIdDiscoveryUri>"
    text = (
        '<TokenRestrictionTemplate xmlns="urn:t"><Audience>a</Audience><Issuer>i</Issuer>'
        f"{document}</OpenIdConnectDiscoveryDocument><TokenType>JWT</TokenType></TokenRestrictionTemplate>"
    )
    found = policy(option(2, None, 1, text)).verdict
    restriction = found.fields["options"][0]["restriction"]
    assert restriction["openIdConnectDiscoveryDocument"] == "https://i/d?k"
    assert "primaryVerificationKey" not in restriction
    assert not found.give
    assert "discovery document" in found.note


def test_open_options_are_open_and_need_nothing() -> None:
    body, give = only(option(2, "", 0, None))
    assert body["restriction"] == {"@odata.type": f"{TYPE}OpenRestriction"}
    assert give == ()


def test_playready_licences() -> None:
    begin = "<AllowTestDevices>true</AllowTestDevices><BeginDate>2017-01-01T00:00:00Z</BeginDate>"
    parts = f"{begin}{HEADER}<GracePeriod>PT1H</GracePeriod><LicenseType>Persistent</LicenseType>{RIGHT}<Odd>1</Odd>"
    found = policy(option(1, PLAYREADY % parts)).verdict
    body, give = only(option(1, PLAYREADY % parts))
    assert body["configuration"]["licenses"] == [
        {
            "allowTestDevices": True,
            "beginDate": "2017-01-01T00:00:00Z",
            "gracePeriod": "PT1H",
            "licenseType": "Persistent",
            "contentType": "Unspecified",
            "contentKeyLocation": {"@odata.type": f"{TYPE}PlayReadyContentEncryptionKeyFromHeader"},
            "playRight": {
                "agcAndColorStripeRestriction": 1,
                "allowPassingVideoContentToUnknownOutput": "Allowed",
                "analogVideoOpl": 150,
                "digitalVideoOnlyContentRestriction": True,
                "explicitAnalogTelevisionOutputRestriction": {"bestEffort": True, "configurationData": 2},
                "firstPlayExpiration": "PT2H",
                "imageConstraintForAnalogComponentVideoRestriction": False,
                "imageConstraintForAnalogComputerMonitorRestriction": False,
            },
        }
    ]
    assert "/options/0/configuration/responseCustomData" in give
    assert "Odd" in found.note


def test_playready_keys_by_their_id() -> None:
    key = (
        f'<ContentKey i:type="ContentEncryptionKeyFromKeyIdentifier"><KeyIdentifier>{GUID}</KeyIdentifier></ContentKey>'
    )
    body, _ = only(option(1, PLAYREADY % f"{key}<PlayRight />"))
    location = body["configuration"]["licenses"][0]["contentKeyLocation"]
    assert (location["@odata.type"].rpartition("From")[2], location["keyId"]) == ("KeyIdentifier", GUID)


@pytest.mark.parametrize("parts", ["", '<ContentKey i:type="Odd" />', f"{HEADER}<LicenseType>Odd</LicenseType>",
                                   f"{HEADER}<ContentType>Odd</ContentType>"])  # fmt: skip
def test_licences_that_nobody_documented_are_gaps(parts: str) -> None:
    assert policy(option(1, PLAYREADY % parts)).verdict.gap == "unreadable-policy"


def test_widevine_templates_lose_keys_tokens_and_whatever_nobody_documented() -> None:
    template = {
        "payload": SECRET,
        "provider": SECRET,
        "allowed_track_types": "SD_HD",
        "session_init": {"provider_client_token": SECRET},
        "content_key_specs": [{"track_type": "SD", "key": SECRET, "key_id": "aWQ=", "security_level": 1,
                               "required_output_protection": {"hdcp": "HDCP_NONE", "x": SECRET}}],
        "policy_overrides": {"can_play": True, "renewal_server_url": f"https://x:{SECRET}@r/?s={SECRET}", "y": SECRET},
    }  # fmt: skip
    body, _ = only(option(3, json.dumps(template)))
    assert json.loads(body["configuration"]["widevineTemplate"]) == {
        "allowed_track_types": "SD_HD",
        "content_key_specs": [{"track_type": "SD", "key_id": "aWQ=", "security_level": 1,
                               "required_output_protection": {"hdcp": "HDCP_NONE"}}],
        "policy_overrides": {"can_play": True, "renewal_server_url": "https://r/?s"},
    }  # fmt: skip
    assert "not read" in policy(option(3, json.dumps(template))).verdict.note
    assert policy(option(3, "{}")).verdict.note == ""


def test_fairplay_needs_its_three_secrets_and_loses_its_vector() -> None:
    body, give = only(option(4, FAIRPLAY))
    assert body["configuration"]["rentalAndLeaseKeyType"] == "DualExpiry"
    assert body["configuration"]["rentalDuration"] == 60
    assert {f"/options/0/configuration/{name}" for name in ("ask", "fairPlayPfxPassword", "fairPlayPfx")} <= set(give)
    assert "initialization vector" in policy(option(4, FAIRPLAY)).verdict.note


@pytest.mark.parametrize(("lease", "expected"), [("PersistentLimited", "PersistentLimited"),
                                                 ("2", "PersistentUnlimited"),
                                                 (None, "Undefined"), (9, None), ("odd", None)])  # fmt: skip
def test_fairplay_leases(lease: Any, expected: str | None) -> None:
    found = policy(option(4, json.dumps({"RentalAndLeaseKeyType": lease}))).verdict
    assert found.gap == ("" if expected else "undocumented")
    if expected:
        assert found.fields["options"][0]["configuration"]["rentalAndLeaseKeyType"] == expected


def test_options_without_a_place_are_left_out_and_said() -> None:
    found = policy(option(2, None), option(2, None, 2)).verdict
    assert len(found.fields["options"]) == 1
    assert "1 of 2 options" in found.note
    assert policy(option(2, None, 2)).verdict.fate is Fate.GAP
    assert policy(option(2, None, 2)).verdict.gap == "ip-restriction"
