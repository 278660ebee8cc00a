"""Content keys, who may have them, and how content is delivered: ContentKeyPolicy and StreamingPolicy."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from ams_operator.domain.model import JSON
from ams_operator.migration import odata
from ams_operator.migration.model import Judgement, Known, gap, maps, not_needed, visible

_CONTENT: Final = (0, 4, 6)
_LICENSES: Final = {1: "PlayReady", 2: "ClearKey", 3: "Widevine", 4: "FairPlay"}
_TOKEN_KEYS: Final = {
    "SymmetricVerificationKey": "SymmetricTokenKey",
    "X509CertTokenVerificationKey": "X509CertificateTokenKey",
    "RsaTokenVerificationKey": "RsaTokenKey",
}
_TOKEN_TYPES: Final = {"1": "Swt", "SWT": "Swt", "2": "Jwt", "JWT": "Jwt"}
SMOOTH, DASH, HLS, HDS, DOWNLOAD, ALL = 1, 2, 4, 8, 16, 0xFFFF
_STREAMING: Final = SMOOTH | DASH | HLS
_URL_KEYS: Final = (1, 2, 4, 7, 8, 9, 10)
_SPECIAL_KEYS: Final = (5, 12, 13)
_OWN_VECTORS: Final = (3, 6, 11)
_SERVICE_HOSTS: Final = (".keydelivery.mediaservices.windows.net", ".media.azure.net")


def key(row: JSON, known: Known) -> Judgement:
    """Keys of content are properties of locators in version 3; two types are parts of a FairPlay configuration."""
    policy = odata.guid(row.get("AuthorizationPolicyId"))
    kind = odata.whole(row.get("ContentKeyType"))
    if kind in _CONTENT:
        if policy:
            known.used_policies.add(policy)
        why = "a property of its asset's locators; version 3 shows it and can't change it"
        if known.same_account:
            return Judgement(visible(why))
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
    keys = {pair[0] for pair in row.get("Configuration") or ()}
    name = odata.text(row.get("Name"))[:60]
    if protocol & HDS and protocol != ALL:
        evidence.append(("hds", f"delivery policy {name}"))
        if protocol == HDS:
            return Judgement(gap("hds", "a delivery policy for HDS alone", inferred=True), tuple(evidence))
    if keys & set(_OWN_VECTORS):
        evidence.append(("delivery-features", f"delivery policy {name}"))
    fields = {"type": kind, "protocols": protocols(protocol), "special": special(row, kind, protocol)}
    predefined = _alone(kind, protocol)
    if predefined and not fields["special"]:
        verdict = maps("StreamingPolicy", predefined, "a policy that version 3 has already", fields)
    else:
        verdict = maps("StreamingPolicy", f"v2-{odata.guid(row['Id']) or name}", "a policy of your own", fields)
    return Judgement(verdict, tuple(evidence))


def protocols(flags: int) -> list[str]:
    """What version 3 calls the protocols of a policy."""
    names = {SMOOTH: "smoothStreaming", DASH: "dash", HLS: "hls", DOWNLOAD: "download"}
    return [name for flag, name in names.items() if flags & flag]


def special(row: JSON, kind: int, protocol: int) -> list[str]:
    """What keeps a policy from being one of the predefined ones."""
    found = []
    for number, value in row.get("Configuration") or ():
        host = (urlsplit(value).hostname or "") if "://" in value else ""
        if number in _URL_KEYS and host and not host.endswith(_SERVICE_HOSTS):
            found.append("licences from elsewhere")
        if number in _SPECIAL_KEYS:
            found.append({5: "PlayReady attributes", 12: "clear tracks", 13: "persistent licences"}[number])
    if kind == 1:
        found.append("blocked protocols")
    if kind == 4 and protocol & HLS and not protocol & HDS and protocol != ALL:
        found.append("common encryption for HLS")
    return found


def _alone(kind: int, protocol: int) -> str:
    """The predefined policy that one delivery policy amounts to [inferred]."""
    streaming, download = protocol & _STREAMING, bool(protocol & DOWNLOAD)
    match kind:
        case 2 if streaming == _STREAMING:
            return (
                "Predefined_DownloadAndClearStreaming"
                if download and protocol != ALL
                else "Predefined_ClearStreamingOnly"
            )
        case 2 if not streaming and download:
            return "Predefined_DownloadOnly"
        case 3 if streaming == _STREAMING:
            return "Predefined_ClearKey"
        case 4 if streaming == SMOOTH | DASH:
            return "Predefined_MultiDrmCencStreaming"
        case 5 if streaming == HLS:
            return "Predefined_MultiDrmStreaming"  # with what the same asset has for Smooth and DASH
    return ""
