"""Secrets of both versions are compared as what they mean, and are nowhere in what they are compared by."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from tests.migration.judging import option

from ams_operator.migration import authorization, digests
from ams_operator.migration.mapping import policies
from ams_operator.migration.reduce import keyed

DIGEST = keyed(b"test")
ONE, TWO = b"one-signing-key-of-32-bytes-00001", b"\xff\xfe two \x00\x01"
MODULUS = bytes(range(200, 256)) * 4
PLAYREADY = (
    "<PlayReadyLicenseResponseTemplate xmlns:i='http://www.w3.org/2001/XMLSchema-instance'><LicenseTemplates>"
    "<PlayReadyLicenseTemplate><ContentKey i:type='ContentEncryptionKeyFromHeader'/></PlayReadyLicenseTemplate>"
    "</LicenseTemplates><ResponseCustomData>%s</ResponseCustomData></PlayReadyLicenseResponseTemplate>"
)
JSON = dict[str, Any]


def b64(value: bytes) -> str:
    return base64.b64encode(value).decode()


def symmetric(value: bytes) -> tuple[str, str]:
    return "SymmetricVerificationKey", f"<KeyValue>{b64(value)}</KeyValue>"


def certificate(value: bytes) -> tuple[str, str]:
    return "X509CertTokenVerificationKey", f"<RawBody>{b64(value)}</RawBody>"


def rsa(modulus: str) -> tuple[str, str]:
    raw = json.dumps({"n": modulus, "e": "AQAB"}).encode()
    return "RsaTokenVerificationKey", f"<RawBody>{b64(raw)}</RawBody>"


def token(primary: tuple[str, str], *alternates: tuple[str, str], audience: str = "urn:a") -> str:
    others = "".join(f'<TokenVerificationKey i:type="{kind}">{one}</TokenVerificationKey>' for kind, one in alternates)
    return (
        "<TokenRestrictionTemplate xmlns:i='http://www.w3.org/2001/XMLSchema-instance' xmlns='urn:t'>"
        f"<AlternateVerificationKeys>{others}</AlternateVerificationKeys><Audience>{audience}</Audience>"
        f'<Issuer>i</Issuer><PrimaryVerificationKey i:type="{primary[0]}">{primary[1]}</PrimaryVerificationKey>'
        "<TokenType>JWT</TokenType></TokenRestrictionTemplate>"
    )


def of_2(*options: JSON) -> tuple[JSON, list[digests.Secrets]]:
    """What the options become, and their digests as a checkpoint would keep them."""
    made = policies.policy([authorization.option(one, DIGEST) for one in options])
    return made.fields, json.loads(json.dumps(made.secrets))


def aes(*keys: tuple[str, str], audience: str = "urn:a") -> JSON:
    return option(2, None, 1, token(*keys, audience=audience))


def shown(fields: JSON, *keys: JSON, **configuration: Any) -> JSON:
    """The policy in version 3 with these keys in each option, the first of them primary."""
    options = [
        {
            "configuration": {**one["configuration"], **configuration},
            "restriction": {
                **one["restriction"],
                "primaryVerificationKey": keys[0],
                "alternateVerificationKeys": keys[1:],
            },
        }
        for one in json.loads(json.dumps(fields))["options"]
    ]
    return json.loads(json.dumps({"options": options, "lastModified": "x"}))  # type: ignore[no-any-return]  # it is one


def key(value: bytes) -> JSON:
    return {"@odata.type": "#Microsoft.Media.ContentKeyPolicySymmetricTokenKey", "keyValue": b64(value)}


def same(policy: tuple[JSON, list[digests.Secrets]], found: JSON, secret: bytes = b"test") -> bool | None:
    return digests.equal(*policy, found, keyed(secret))


def test_equal_whatever_the_spelling_and_the_order() -> None:
    policy = of_2(aes(symmetric(ONE), symmetric(TWO), certificate(b"certificate")))
    raw = {"rawBody": b64(b"certificate")}
    assert same(policy, shown(policy[0], key(ONE), key(TWO), raw)) is True
    assert same(policy, shown(policy[0], raw, key(TWO), key(ONE))) is True
    odd = {"keyValue": " " + base64.urlsafe_b64encode(TWO).decode().rstrip("=") + "\r\n"}
    assert same(policy, shown(policy[0], key(ONE), odd, raw)) is True


@pytest.mark.parametrize(
    "keys",
    [(key(b"other"),), (key(ONE), key(TWO)), ({"rawBody": b64(ONE)},), ({"modulus": b64(ONE), "exponent": "AQAB"},)],
)
def test_other_keys_fewer_or_more_are_others(keys: tuple[JSON, ...]) -> None:
    policy = of_2(aes(symmetric(ONE)))
    assert same(policy, shown(policy[0], *keys)) is False
    both = of_2(aes(symmetric(ONE), symmetric(TWO)))
    assert same(both, shown(both[0], key(ONE))) is False


def test_rsa_keys_are_numbers() -> None:
    policy = of_2(aes(rsa(b64(MODULUS))))
    for modulus in (b64(MODULUS), b64(b"\0" + MODULUS), base64.urlsafe_b64encode(MODULUS).decode().rstrip("=")):
        assert same(policy, shown(policy[0], {"modulus": modulus, "exponent": b64(b"\0\x01\0\x01")})) is True
    assert same(policy, shown(policy[0], {"modulus": b64(MODULUS), "exponent": b64(b"\x03")})) is False


@pytest.mark.parametrize(
    "given",
    [
        {"keyValue": None},
        {},
        {"keyValue": ""},
        {"keyValue": "no base64!"},
        {"keyValue": 5},
        {"modulus": "AQ", "exponent": None},
    ],
)
def test_what_is_not_shown_can_not_be_compared(given: JSON) -> None:
    policy = of_2(aes(symmetric(ONE)))
    assert same(policy, shown(policy[0], given)) is None


@pytest.mark.parametrize(
    "primary",
    [
        ("SymmetricVerificationKey", "<KeyValue>no base64!</KeyValue>"),
        ("RsaTokenVerificationKey", "<RawBody>bm8=</RawBody>"),
        ("X509CertTokenVerificationKey", ""),
    ],
)
def test_what_version_2_does_not_say_can_not_be_compared(primary: tuple[str, str]) -> None:
    policy = of_2(aes(primary))
    assert not digests.comparable(policy[1])
    assert same(policy, shown(policy[0], key(ONE))) is None


def test_fairplay_is_never_known_to_be_equal_and_may_be_known_to_differ() -> None:
    template = json.dumps({"ASkId": "x", "FairPlayPfx": b64(b"pfx"), "RentalAndLeaseKeyType": 0, "RentalDuration": 0})
    policy = of_2(option(4, template, 1, token(symmetric(ONE))))
    secrets = {"ask": b64(b"ask"), "fairPlayPfx": b64(b"pfx"), "fairPlayPfxPassword": "pass"}
    assert digests.comparable(policy[1])
    assert same(policy, shown(policy[0], key(ONE), **secrets)) is None
    assert same(policy, shown(policy[0], key(TWO), **secrets)) is False
    assert not digests.comparable(of_2(option(4, template, 0, None))[1])


def test_custom_data_of_playready() -> None:
    policy = of_2(option(1, PLAYREADY % "for my servers", 1, token(symmetric(ONE))))
    assert same(policy, shown(policy[0], key(ONE), responseCustomData="for my servers")) is True
    assert same(policy, shown(policy[0], key(ONE), responseCustomData="for others")) is False
    assert same(policy, shown(policy[0], key(ONE))) is False
    none = of_2(option(1, PLAYREADY % "", 1, token(symmetric(ONE))))
    assert same(none, shown(none[0], key(ONE), responseCustomData="more")) is True


def test_options_are_paired_by_what_they_deliver_and_to_whom() -> None:
    first, second = aes(symmetric(ONE)), aes(symmetric(TWO), audience="urn:b")
    policy = of_2(first, second)
    one, two = shown(of_2(first)[0], key(ONE))["options"], shown(of_2(second)[0], key(TWO))["options"]
    assert same(policy, {"options": two + one}) is True
    crossed = shown(of_2(first)[0], key(TWO))["options"] + shown(of_2(second)[0], key(ONE))["options"]
    assert same(policy, {"options": crossed}) is False
    for found in ({"options": one}, {"options": one + two + two}, {}, {"options": None}, {"options": [5]}):
        assert same(policy, found) is None, found
    twice = of_2(first, aes(symmetric(TWO)))
    assert same(twice, {"options": shown(of_2(first)[0], key(TWO))["options"] + one}) is True


def test_digests_of_another_key_say_nothing() -> None:
    policy = of_2(aes(symmetric(ONE)))
    assert same(policy, shown(policy[0], key(ONE)), b"another") is None
    assert same(policy, shown(policy[0], key(TWO)), b"another") is None
    assert same((policy[0], []), shown(policy[0], key(ONE))) is None, "of an inventory that made none"


def test_nothing_of_a_secret_is_left() -> None:
    rows = [
        aes(symmetric(ONE), rsa(b64(MODULUS)), certificate(TWO)),
        option(1, PLAYREADY % "for my servers", 1, token(symmetric(ONE))),
    ]
    kept = json.dumps([authorization.option(one, DIGEST) for one in rows])
    for secret in (ONE, TWO, MODULUS):
        for spelled in (b64(secret), secret.hex(), secret.decode("latin-1")):
            assert spelled not in kept
    assert "for my servers" not in kept
    assert authorization.option(rows[0], keyed(b"another"))["Secrets"] != json.loads(kept)[0]["Secrets"]
