"""Authorization policies of version 2 as version 3 shows them: content key policies, with their secrets or without."""

from __future__ import annotations

import base64
import binascii
import json
import re
from typing import Any

from ams_emulator.state import Resource
from ams_emulator.v2.model import Row, guid_of
from ams_emulator.v2.place import Place
from ams_emulator.v2.sets import SETS

JSON = dict[str, Any]
_KINDS = ("", "PlayReady", "ClearKey", "Widevine", "FairPlay")
_SECRETS = frozenset({"ask", "fairPlayPfx", "fairPlayPfxPassword", "keyValue", "rawBody", "modulus", "exponent"})
_KEY = re.compile(
    r'<(PrimaryVerificationKey|TokenVerificationKey)\b[^>]*type="(?:\w+:)?(\w+)"[^>]*>\s*<(?:KeyValue|RawBody)>([^<]*)<'
)


def masked(policy: Resource) -> Resource:
    """A policy as GET, LIST and PUT answer: recorded so for keys of tokens."""
    return policy.with_body({**policy.body, "properties": _masked(policy.properties)})


def _masked(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: None if name in _SECRETS else _masked(item) for name, item in value.items()}
    return [_masked(item) for item in value] if isinstance(value, list) else value


def properties(place: Place, row: Row, born: str) -> JSON:
    """The properties of an authorization policy's counterpart, secrets included."""
    entity_set = SETS["ContentKeyAuthorizationPolicies"]
    way = entity_set.navigation("Options")
    assert way is not None
    created = row.get("_Created", born)
    return {
        "policyId": guid_of(row["Id"]),
        "created": created,
        "lastModified": created,
        "description": row["Name"],
        "options": [_option(place, item) for item in place.neighbours(entity_set, row, way)],
    }


def _option(place: Place, row: Row) -> JSON:
    number = row["KeyDeliveryType"]
    kind = _KINDS[number] if number in (1, 2, 3, 4) else "Unknown"
    configuration: JSON = {"@odata.type": f"#Microsoft.Media.ContentKeyPolicy{kind}Configuration"}
    if kind == "Widevine":
        configuration["widevineTemplate"] = row["KeyDeliveryConfiguration"]
    elif kind == "FairPlay":
        values = json.loads(row["KeyDeliveryConfiguration"] or "{}")
        configuration |= {
            "ask": _key_of(place, values.get("ASkId")),
            "fairPlayPfx": values.get("FairPlayPfx"),
            "fairPlayPfxPassword": _key_of(place, values.get("FairPlayPfxPasswordId")),
            "rentalAndLeaseKeyType": "Undefined",
            "rentalDuration": values.get("RentalDuration", 0),
        }
    elif kind == "PlayReady":
        configuration |= {"licenses": [], "responseCustomData": None}
    restriction = _restriction((row["Restrictions"] or [{}])[0])
    return {
        "policyOptionId": guid_of(row["Id"]),
        "name": row["Name"],
        "configuration": configuration,
        "restriction": restriction,
    }


def _key_of(place: Place, guid: object) -> str:
    return base64.b64encode(place.own.keys.get(f"nb:kid:uuid:{guid}".lower(), b"")).decode()


def _restriction(value: JSON) -> JSON:
    kind = {0: "Open", 1: "Token"}.get(value.get("KeyRestrictionType", 0), "Unknown")
    found: JSON = {"@odata.type": f"#Microsoft.Media.ContentKeyPolicy{kind}Restriction"}
    if kind == "Token":
        text = value.get("Requirements") or ""
        found |= {"issuer": _between(text, "Issuer"), "audience": _between(text, "Audience")}
        found["restrictionTokenType"] = (_between(text, "TokenType") or "JWT").title()
        keys = [(place, _token_key(kind, content)) for place, kind, content in _KEY.findall(text)]
        found["primaryVerificationKey"] = next((key for place, key in keys if place.startswith("Primary")), None)
        found["alternateVerificationKeys"] = [key for place, key in keys if not place.startswith("Primary")]
        found["requiredClaims"] = []
    return found


def _token_key(kind: str, content: str) -> JSON:
    name, members = "SymmetricTokenKey", {"keyValue": content}
    if kind == "X509CertTokenVerificationKey":
        name, members = "X509CertificateTokenKey", {"rawBody": content}
    elif kind == "RsaTokenVerificationKey":
        name, members = "RsaTokenKey", _rsa(content)
    return {"@odata.type": f"#Microsoft.Media.ContentKeyPolicy{name}", **members}


def _rsa(content: str) -> JSON:
    try:
        found = json.loads(base64.b64decode(content))
        return {"modulus": found["n"], "exponent": found["e"]}
    except (binascii.Error, ValueError, TypeError, KeyError):
        return {"modulus": None, "exponent": None}


def _between(text: str, element: str) -> str | None:
    found = re.search(rf"<{element}>([^<]*)</{element}>", text)
    return found.group(1) if found else None
