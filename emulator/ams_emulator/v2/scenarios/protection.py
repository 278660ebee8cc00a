"""Authorization and delivery of keys, as the guides of version 2 set them up. All secrets are made up."""

from __future__ import annotations

import base64
import hashlib
import json

from ams_emulator.v2.scenarios.builder import Builder

_TEMPLATES = "http://schemas.microsoft.com/Azure/MediaServices/KeyDelivery"
_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
WIDEVINE = json.dumps(
    {
        "allowed_track_types": "SD_HD",
        "content_key_specs": [
            {"track_type": "SD", "security_level": 1, "required_output_protection": {"hdcp": "HDCP_NONE"}}
        ],
        "policy_overrides": {"can_play": True, "can_persist": True, "can_renew": False},
    }
)
PLAYREADY = (
    f'<PlayReadyLicenseResponseTemplate xmlns:i="{_INSTANCE}" xmlns="{_TEMPLATES}/PlayReadyTemplate/v1">'
    '<LicenseTemplates><PlayReadyLicenseTemplate><AllowTestDevices>true</AllowTestDevices><BeginDate i:nil="true" />'
    '<ContentKey i:type="ContentEncryptionKeyFromHeader" /><LicenseType>Nonpersistent</LicenseType><PlayRight />'
    '</PlayReadyLicenseTemplate></LicenseTemplates><ResponseCustomData i:nil="true" />'
    "</PlayReadyLicenseResponseTemplate>"
)


def secret(name: str) -> str:
    return base64.b64encode(hashlib.sha512(name.encode()).digest()).decode()


def token(issuer: str, audience: str, *, kind: str = "JWT", key: str = "SymmetricVerificationKey") -> dict[str, object]:
    """A restriction to who has a token."""
    value = secret(f"{issuer}/{audience}")
    member = "KeyValue" if key == "SymmetricVerificationKey" else "RawBody"
    if key == "RsaTokenVerificationKey":
        value = base64.b64encode(json.dumps({"n": secret("n"), "e": "AQAB"}).encode()).decode()
    requirements = (
        f'<TokenRestrictionTemplate xmlns:i="{_INSTANCE}" xmlns="{_TEMPLATES}/TokenRestrictionTemplate/v1">'
        f"<AlternateVerificationKeys /><Audience>{audience}</Audience><Issuer>{issuer}</Issuer>"
        f'<PrimaryVerificationKey i:type="{key}"><{member}>{value}</{member}></PrimaryVerificationKey>'
        "<RequiredClaims><TokenClaim><ClaimType>urn:microsoft:azure:mediaservices:contentkeyidentifier</ClaimType>"
        '<ClaimValue i:nil="true" /></TokenClaim></RequiredClaims>'
        f"<TokenType>{kind}</TokenType></TokenRestrictionTemplate>"
    )
    return {"Name": "token", "KeyRestrictionType": 1, "Requirements": requirements}


def drm(make: Builder, host: str) -> tuple[str, list[str]]:
    """An authorization policy for PlayReady and Widevine, and the delivery policies that go with it."""
    restriction = token("https://login.example.com/", "urn:player")
    options = [
        make.option("PlayReady", 1, PLAYREADY, restriction),
        make.option("Widevine", 3, WIDEVINE, restriction),
    ]
    urls = {4: f"https://{host}/PlayReady/", 8: f"https://{host}/Widevine/"}
    return make.authorization("premium", *options), [make.delivery("multi-drm", 4, 3, urls)]


def aes(make: Builder, host: str) -> tuple[str, str]:
    """An open authorization policy for clear keys, and the delivery policy that goes with it."""
    restriction = {"Name": "open", "KeyRestrictionType": 0, "Requirements": None}
    policy = make.authorization("members", make.option("AES", 2, None, restriction))
    return policy, make.delivery("aes", 3, 7, {2: f"https://{host}/?"})


def fairplay(make: Builder, host: str) -> tuple[str, str]:
    """FairPlay: its two secrets are content keys of their own."""
    ask, password = make.key("FairPlay ASk", 7), make.key("FairPlay password", 8)
    configuration = json.dumps(
        {
            "ASkId": ask[-36:],
            "FairPlayPfxPasswordId": password[-36:],
            "FairPlayPfx": secret("pfx"),
            "ContentEncryptionIV": hashlib.md5(b"iv", usedforsecurity=False).hexdigest(),
            "RentalAndLeaseKeyType": 0,
            "RentalDuration": 0,
        }
    )
    option = make.option("FairPlay", 4, configuration, token("https://login.example.com/", "urn:player"))
    return make.authorization("apple", option), make.delivery(
        "fairplay", 5, 4, {9: f"skd://{host}/FairPlay", 11: secret("iv")[:24]}
    )
