"""What is left of an authorization policy's option: who may have which licence, without anything that makes one.

Templates hold signing keys, certificates and, in some of Widevine's, content keys. Only what is named here is taken
from them; all else is dropped. Of what was dropped it is kept that there was something, and of keys that verify tokens
and of custom data the digests by which they are compared with version 3's.
"""

from __future__ import annotations

from typing import Any, Final

from ams_operator.domain.model import JSON
from ams_operator.migration import digests, markup, odata
from ams_operator.migration.markup import Node
from ams_operator.migration.reduce import Digest, without_secrets

LICENSE: Final = ("LicenseType", "AllowTestDevices", "BeginDate", "ExpirationDate", "RelativeBeginDate",
                  "RelativeExpirationDate", "GracePeriod", "ContentType")  # fmt: skip
_CUSTOM_DATA: Final = "ResponseCustomData"
_FAIR_PLAY: Final = ("RentalAndLeaseKeyType", "RentalDuration")
_WIDEVINE: Final = frozenset({"allowed_track_types", "policy_name", "use_policy_overrides_exclusively", "parse_only"})
_SPEC: Final = frozenset({"track_type", "security_level", "key_id"})
_PROTECTION: Final = frozenset({"hdcp", "hdc", "cgms_flags"})
_OVERRIDES: Final = frozenset(
    {"can_play", "can_persist", "can_renew", "rental_duration_seconds", "playback_duration_seconds",
     "license_duration_seconds", "renewal_recovery_duration_seconds", "renewal_server_url", "renewal_delay_seconds",
     "renewal_retry_interval_seconds", "renew_with_usage"}
)  # fmt: skip
_MOST: Final = 30
"""licences, keys, claims and specs of one option: version 3's limit of claims"""
_LONGEST: Final = 500
"""characters of an issuer, an audience, a claim"""


def option(row: JSON, digest: Digest) -> JSON:
    """An authorization policy's option. `Content` is one digest of all that says who gets which licence; `Secrets` are
    those of each secret (`digests.Secrets`)."""
    kind, configuration = odata.whole(row.get("KeyDeliveryType")), odata.text(row.get("KeyDeliveryConfiguration"))
    given = row.get("Restrictions")
    restrictions = [one for one in given if isinstance(one, dict)] if isinstance(given, list) else []
    texts = [f"{one.get('KeyRestrictionType')} {odata.text(one.get('Requirements')).strip()}" for one in restrictions]
    return {
        "Id": row.get("Id"),
        "Name": row.get("Name"),
        "KeyDeliveryType": kind,
        "Configuration": _configuration(kind, configuration),
        "Restrictions": [_restriction(one) for one in restrictions[:_MOST]],
        "Secrets": _secrets(kind, configuration, restrictions, digest),
        "Content": digest("\n".join([str(kind), configuration.strip(), *sorted(texts)])),
    }


def _secrets(kind: int | None, configuration: str, restrictions: list[JSON], digest: Digest) -> digests.Secrets:
    licenses = _root(configuration) if kind == 1 else None
    tokens = [_root(odata.text(one.get("Requirements"))) for one in restrictions if _is_token(one)]
    keys = [key for root in tokens if root is not None for key in (*_primary(root), *_alternates(root))]
    return digests.of_version_2(kind, licenses.value(_CUSTOM_DATA) if licenses is not None else None, keys, digest)


def _configuration(kind: int | None, text: str) -> JSON | None:
    """What a licence's template says, without keys. None: it can't be read. Empty: there is nothing to say."""
    match kind:
        case 1:
            return _play_ready(text)
        case 3:
            found = odata.embedded(text)
            return _widevine(found) if isinstance(found, dict) else None
        case 4:
            found = odata.embedded(text)
            if not isinstance(found, dict):
                return None
            facts = {name: found[name] for name in _FAIR_PLAY if isinstance(found.get(name), str | int)}
            return {**facts, "ownIv": bool(found.get("ContentEncryptionIV"))}
    return {}


def _play_ready(text: str) -> JSON | None:
    root = _root(text)
    if root is None:
        return None
    licenses = [_license(one) for one in root.all("PlayReadyLicenseTemplate")][:_MOST]
    return {"licenses": licenses, "customData": bool(root.value(_CUSTOM_DATA))} if licenses else None


def _license(one: Node) -> JSON:
    facts: JSON = {name: value[:_LONGEST] for name in LICENSE if (value := one.value(name)) is not None}
    if (key := one.child("ContentKey")) is not None:
        facts["ContentKey"] = key.attributes.get("type", "").rpartition(":")[2]
        facts["KeyIdentifier"] = odata.guid(key.value("KeyIdentifier"))
    if (right := one.child("PlayRight")) is not None:
        facts["PlayRight"] = {item.name: _right(item) for item in right.children[:_MOST]}
    facts["others"] = sorted({item.name for item in one.children} - {*LICENSE, "ContentKey", "PlayRight"})
    return facts


def _right(item: Node) -> Any:
    """A right's value; of one with parts, those."""
    if item.children:
        return {part.name: part.text.strip()[:_LONGEST] for part in item.children[:_MOST]}
    return None if item.attributes.get(markup.NIL) == "true" else item.text.strip()[:_LONGEST]


def _widevine(found: JSON) -> JSON:
    """What the documentation of templates names and is no key, token or challenge."""
    kept: JSON = {name: found[name] for name in sorted(_WIDEVINE & found.keys()) if _plain(found[name])}
    dropped = found.keys() - _WIDEVINE - {"content_key_specs", "policy_overrides"}
    specs = found.get("content_key_specs")
    if isinstance(specs, list):
        kept["content_key_specs"] = [_spec(one, dropped) for one in specs[:_MOST] if isinstance(one, dict)]
    overrides = found.get("policy_overrides")
    if isinstance(overrides, dict):
        kept["policy_overrides"] = {
            name: without_secrets(value) if isinstance(value, str) else value
            for name, value in overrides.items()
            if name in _OVERRIDES and _plain(value)
        }
        dropped |= overrides.keys() - _OVERRIDES
    return {"template": kept, "dropped": bool(dropped)}


def _spec(one: JSON, dropped: set[str]) -> JSON:
    kept: JSON = {name: one[name] for name in sorted(_SPEC & one.keys()) if _plain(one[name])}
    protection = one.get("required_output_protection")
    if isinstance(protection, dict):
        kept["required_output_protection"] = {
            name: value for name, value in protection.items() if name in _PROTECTION and _plain(value)
        }
    dropped |= one.keys() - _SPEC - {"required_output_protection"}
    return kept


def _plain(value: Any) -> bool:
    return isinstance(value, bool | int | float) or (isinstance(value, str) and len(value) <= _LONGEST)


def _restriction(one: JSON) -> JSON:
    """`primary` and `alternates` are kinds of keys; a claim is its type and its value, None where any is taken."""
    kind = odata.whole(one.get("KeyRestrictionType"))
    if not _is_token(one):
        return {"type": kind}
    root = _root(odata.text(one.get("Requirements")))
    if root is None:
        return {"type": kind, "unreadable": True}
    claims = [
        [name[:_LONGEST], value[:_LONGEST] if (value := claim.value("ClaimValue")) is not None else None]
        for claim in root.all("TokenClaim")
        if (name := claim.value("ClaimType"))
    ]
    discovery = next((uri for node in root.all("OpenIdConnectDiscoveryDocument")
                      if (uri := node.value("OpenIdDiscoveryUri"))), None)  # fmt: skip
    return {
        "type": kind,
        "issuer": _short(root.value("Issuer")),
        "audience": _short(root.value("Audience")),
        "tokenType": _short(root.value("TokenType")),
        "primary": next(map(_key_kind, _primary(root)), ""),
        "alternates": list(map(_key_kind, _alternates(root)))[:_MOST],
        "claims": claims[:_MOST],
        "moreClaims": max(0, len(claims) - _MOST),
        "discovery": without_secrets(discovery) if discovery else None,
    }


def _is_token(one: JSON) -> bool:
    return odata.whole(one.get("KeyRestrictionType")) == 1


def _root(text: str) -> Node | None:
    """None for what is no XML."""
    try:
        return markup.parse(text)
    except markup.NotXml:
        return None


def _primary(root: Node) -> list[Node]:
    key = root.child("PrimaryVerificationKey")
    return [key] if key is not None and _key_kind(key) else []


def _alternates(root: Node) -> list[Node]:
    return [key for key in root.all("TokenVerificationKey") if _key_kind(key)]


def _key_kind(node: Node) -> str:
    return "" if node.attributes.get(markup.NIL) == "true" else node.attributes.get("type", "").rpartition(":")[2]


def _short(text: str | None) -> str | None:
    return text[:_LONGEST] if text is not None else None
