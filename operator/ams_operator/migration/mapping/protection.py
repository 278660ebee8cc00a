"""Content keys, who may have them, and how content is delivered: ContentKeyPolicy and StreamingPolicy."""

from __future__ import annotations

from typing import Final

from ams_operator.domain.model import JSON
from ams_operator.migration import odata
from ams_operator.migration.mapping import streaming
from ams_operator.migration.model import Judgement, Known, gap, maps, not_needed, visible

_VISIBLE: Final = Judgement(visible("a property of its asset's locators; version 3 shows it and can't change it"))
_CONTENT: Final = (0, 4, 6)
_LICENSES: Final = {1: "PlayReady", 2: "ClearKey", 3: "Widevine", 4: "FairPlay"}
_TOKEN_KEYS: Final = {
    "SymmetricVerificationKey": "SymmetricTokenKey",
    "X509CertTokenVerificationKey": "X509CertificateTokenKey",
    "RsaTokenVerificationKey": "RsaTokenKey",
}
_TOKEN_TYPES: Final = {"1": "Swt", "SWT": "Swt", "2": "Jwt", "JWT": "Jwt"}


def key(row: JSON, known: Known) -> Judgement:
    """Keys of content are properties of locators in version 3; two types are parts of a FairPlay configuration."""
    policy = odata.guid(row.get("AuthorizationPolicyId"))
    kind = odata.whole(row.get("ContentKeyType"))
    if kind in _CONTENT:
        if policy:
            known.used_policies.add(policy)
        if known.same_account:
            return _VISIBLE
        return Judgement(maps("StreamingLocator", "contentKeys", "made with its locator, with the same id and value"))
    match kind:
        case 1:
            return Judgement(visible("the encryption key of its asset"))
        case 7 | 8:
            return Judgement(maps("ContentKeyPolicy", "fairPlayConfiguration", "part of the FairPlay configuration"))
        case 2 | 3:
            why = "a key that encrypts configurations or URLs"
            return Judgement(gap("configuration-encryption", why, inferred=True), (("configuration-encryption", why),))
    return Judgement(gap("undocumented", "a key of a type that nobody documented"))


def option(row: JSON, _: Known) -> Judgement:
    """One option of a policy; the policy's own verdict says the whole."""
    kind = odata.whole(row.get("KeyDeliveryType"))
    restrictions = [one for one in row.get("Restrictions") or () if isinstance(one, dict)]
    if any(one.get("type") == 2 for one in restrictions):
        return Judgement(gap("ip-restriction", "keys restricted to addresses", inferred=True),
                         (("ip-restriction", "authorization option"),))  # fmt: skip
    if kind not in _LICENSES:
        return Judgement(gap("undocumented", "an option of a type that nobody documented"))
    unreadable = row.get("Configuration") is None or any(one.get("unreadable") for one in restrictions)
    if unreadable:
        return Judgement(gap("unreadable-policy", "an option whose template can't be read", inferred=True),
                         (("unreadable-policy", "authorization option"),))  # fmt: skip
    own_vector = (row.get("Configuration") or {}).get("ownIv")
    evidence = (("fairplay-iv", "FairPlay option"),) if own_vector else ()
    name = f"{_LICENSES[kind]} option"
    return Judgement(maps("ContentKeyPolicy", "options", f"a {name} of a ContentKeyPolicy"), evidence)


def authorization(row: JSON, known: Known) -> Judgement:
    """Policies with the same content become one ContentKeyPolicy; those that no key names become none."""
    guid = odata.guid(row["Id"])
    if guid is None:
        return Judgement(gap("undocumented", "its id is none of a policy"))
    if guid not in known.used_policies:
        return Judgement(not_needed("no key of content names it"))
    options = known.options.get(guid, [])
    if not options:
        return Judgement(gap("unreadable-policy", "a policy without options delivers no key", inferred=True))
    content = sorted(str(one.get("Content")) for one in options)
    fields = {"options": [_option(one) for one in sorted(options, key=lambda one: str(one.get("Content")))]}
    return Judgement(maps("ContentKeyPolicy", f"v2-{content[0][:12]}-{len(content)}",
                          "the same rights; keys and templates have to be given again", fields))  # fmt: skip


def _option(row: JSON) -> JSON:
    """What can be shown of an option: its secrets are not here, and never were."""
    restrictions = row.get("Restrictions") or [{}]
    kind = _LICENSES.get(row.get("KeyDeliveryType") or 0, "")
    return {
        "name": row.get("Name"),
        "configuration": {"type": kind, **(row.get("Configuration") or {})},
        "restriction": _restriction(restrictions[0]),
    }


def _restriction(one: JSON) -> JSON:
    if one.get("type") != 1:
        return {"type": "Open"}
    return {
        "type": "Token",
        "issuer": one.get("issuer"),
        "audience": one.get("audience"),
        "restrictionTokenType": _TOKEN_TYPES.get(str(one.get("tokenType")).upper(), "Unknown"),
        "verificationKeys": [_TOKEN_KEYS.get(key, key) for key in one.get("keys") or ()],
        "requiredClaims": one.get("claims") or [],
        "openIdConnectDiscoveryDocument": one.get("discovery"),
    }


def delivery(row: JSON, _: Known) -> Judgement:
    """A streaming policy by itself. Which ones an asset combines decides about the predefined ones."""
    protocol, kind = odata.whole(row.get("AssetDeliveryProtocol")), odata.whole(row.get("AssetDeliveryPolicyType"))
    if protocol is None or kind is None or not 1 <= kind <= 5 or row.get("Unreadable"):
        return Judgement(gap("undocumented", "a delivery policy with values that nobody documented"))
    evidence = []
    settings = dict(row.get("Configuration") or ())
    name = odata.text(row.get("Name"))[:60]
    if protocol & streaming.HDS and protocol != streaming.ALL:
        evidence.append(("hds", f"delivery policy {name}"))
        if protocol == streaming.HDS:
            return Judgement(gap("hds", "a delivery policy for HDS alone", inferred=True), tuple(evidence))
    if settings.keys() & streaming.VECTORS:
        evidence.append(("delivery-features", f"delivery policy {name}"))
    predefined = streaming.predefined(kind, protocol, settings)
    if predefined:
        verdict = maps("StreamingPolicy", predefined, "a policy that version 3 has already")
    elif kind == streaming.BLOCKED:
        verdict = not_needed("version 3 delivers only what a streaming policy enables")
    else:
        fields = streaming.policy(kind, protocol, settings)
        verdict = maps("StreamingPolicy", f"v2-{odata.guid(row['Id']) or name}", "a policy of your own", fields)
    return Judgement(verdict, tuple(evidence))
