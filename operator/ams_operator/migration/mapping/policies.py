"""An authorization policy's options as those of a ContentKeyPolicy, as version 3 takes it [inferred from the schemas].

Secrets are not in it: each is named by a JSON pointer, as what has to be given. What can't be said in version 3 makes
an option a gap, and what is only said otherwise becomes a note.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from ams_operator.domain.model import JSON
from ams_operator.migration import odata
from ams_operator.migration.digests import Secrets
from ams_operator.migration.mapping import playready

_TYPE: Final = "#Microsoft.Media.ContentKeyPolicy"
_KINDS: Final[Mapping[int, str]] = MappingProxyType({1: "PlayReady", 2: "ClearKey", 3: "Widevine", 4: "FairPlay"})
_TOKEN_KEYS: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = MappingProxyType(
    {
        "SymmetricVerificationKey": ("SymmetricTokenKey", ("keyValue",)),
        "X509CertTokenVerificationKey": ("X509CertificateTokenKey", ("rawBody",)),
        "RsaTokenVerificationKey": ("RsaTokenKey", ("modulus", "exponent")),
    }
)
_TOKEN_TYPES: Final[Mapping[str, str]] = MappingProxyType({"1": "Swt", "SWT": "Swt", "2": "Jwt", "JWT": "Jwt"})
_RENTALS: Final = ("Undefined", "DualExpiry", "PersistentUnlimited", "PersistentLimited")
_FAIR_PLAY_SECRETS: Final = ("ask", "fairPlayPfxPassword", "fairPlayPfx")


@dataclass(frozen=True, slots=True)
class Option:
    """One option of a ContentKeyPolicy; `give` are JSON pointers into it. Where `gap` is set, there is no body."""

    body: JSON
    give: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    """ids of gaps that it shows although it has a counterpart"""
    gap: str = ""
    why: str = ""


def option(row: JSON) -> Option:
    """What a reduced option becomes."""
    kind = _KINDS.get(odata.whole(row.get("KeyDeliveryType")) or 0)
    restrictions = [one for one in row.get("Restrictions") or () if isinstance(one, dict)]
    if any(one.get("type") == 2 for one in restrictions):
        return Option({}, gap="ip-restriction", why="keys restricted to addresses")
    if kind is None:
        return Option({}, gap="undocumented", why="an option of a type that nobody documented")
    found = row.get("Configuration")
    if found is None or any(one.get("unreadable") for one in restrictions):
        return Option({}, gap="unreadable-policy", why="an option whose template can't be read")
    # Without a restriction nobody knows who may have the key: it must not become everybody.
    tokens = [one for one in restrictions if one.get("type") == 1]
    if not restrictions or any(one.get("type") not in (0, 1) for one in restrictions):
        return Option({}, gap="undocumented", why="an option whose restriction nobody documented")
    if len(tokens) > 1:
        return Option({}, gap="several-restrictions", why="an option with more than one token")
    restriction = _token(tokens[0]) if tokens else Option({"@odata.type": f"{_TYPE}OpenRestriction"})
    if restriction.gap:
        return restriction
    configuration = _configuration(kind, found)
    if configuration.gap:
        return configuration
    body: JSON = {"configuration": configuration.body, "restriction": restriction.body}
    if name := odata.text(row.get("Name")):
        body["name"] = name[:200]
    give = [f"/configuration{one}" for one in configuration.give] + [f"/restriction{one}" for one in restriction.give]
    return Option(body, tuple(give), (*configuration.notes, *restriction.notes), configuration.evidence)


def _token(one: JSON) -> Option:
    issuer, audience = one.get("issuer"), one.get("audience")
    kind = _TOKEN_TYPES.get(str(one.get("tokenType")).upper())
    if not issuer or not audience or kind is None:
        return Option({}, gap="unreadable-policy", why="a token without issuer, audience or type")
    give: list[str] = []
    body: JSON = {
        "@odata.type": f"{_TYPE}TokenRestriction",
        "issuer": issuer,
        "audience": audience,
        "restrictionTokenType": kind,
    }
    notes = []
    if primary := odata.text(one.get("primary")):
        if primary not in _TOKEN_KEYS:
            return Option({}, gap="undocumented", why="a token's key of a type that nobody documented")
        body["primaryVerificationKey"] = _key(primary, "/primaryVerificationKey", give)
    elif one.get("discovery"):
        notes.append("no verification key: tokens are checked by the discovery document")
    else:
        return Option({}, gap="unreadable-policy", why="a token without a key that verifies it")
    alternates = [str(key) for key in one.get("alternates") or ()]
    if any(key not in _TOKEN_KEYS for key in alternates):
        return Option({}, gap="undocumented", why="a token's key of a type that nobody documented")
    if alternates:
        body["alternateVerificationKeys"] = [
            _key(key, f"/alternateVerificationKeys/{number}", give) for number, key in enumerate(alternates)
        ]
    if claims := one.get("claims"):
        body["requiredClaims"] = [
            {"claimType": name, **({"claimValue": value} if value is not None else {})} for name, value in claims
        ]
    if one.get("discovery"):
        body["openIdConnectDiscoveryDocument"] = one["discovery"]
    if one.get("moreClaims"):
        return Option({}, gap="unreadable-policy", why="a token with more claims than version 3 takes")
    return Option(body, tuple(give), tuple(notes))


def _key(kind: str, place: str, give: list[str]) -> JSON:
    name, secrets = _TOKEN_KEYS[kind]
    give.extend(f"{place}/{secret}" for secret in secrets)
    return {"@odata.type": f"{_TYPE}{name}"}


def _configuration(kind: str, found: JSON) -> Option:
    body: JSON = {"@odata.type": f"{_TYPE}{kind}Configuration"}
    match kind:
        case "PlayReady":
            licenses, notes = playready.licenses(found.get("licenses") or ())
            if licenses is None:
                return Option({}, gap="unreadable-policy", why="a PlayReady licence with values that nobody documented")
            give = ("/responseCustomData",) if found.get("customData") else ()
            return Option({**body, "licenses": licenses}, give, notes)
        case "Widevine":
            template = json.dumps(found.get("template") or {}, separators=(",", ":"), sort_keys=True)
            said = ("what the template says beyond rights (keys, sessions, providers) was not read",)
            return Option({**body, "widevineTemplate": template}, notes=said if found.get("dropped") else ())
        case "FairPlay":
            lease = _rental(found.get("RentalAndLeaseKeyType"))
            duration = odata.whole(found.get("RentalDuration", 0))
            if lease is None or duration is None:
                why = "a FairPlay lease of a type that nobody documented"
                return Option({}, gap="undocumented", why=why)
            body |= {"rentalAndLeaseKeyType": lease, "rentalDuration": duration}
            own = ("fairplay-iv",) if found.get("ownIv") else ()
            notes = ("the initialization vector follows from the key's id",) if own else ()
            return Option(body, tuple(f"/{name}" for name in _FAIR_PLAY_SECRETS), notes, own)
    return Option(body)


def _rental(value: Any) -> str | None:
    """The wire has a number, as serializers write enumerations, or a word."""
    if value is None:
        return _RENTALS[0]
    number = odata.whole(value)
    if number is not None:
        return _RENTALS[number] if 0 <= number < len(_RENTALS) else None
    return next((one for one in _RENTALS if one.lower() == str(value).lower()), None)


@dataclass(frozen=True, slots=True)
class Policy:
    """The properties of a ContentKeyPolicy, what has to be given, the digests of that (of each option, as
    `digests.Secrets`), a note, and the first option that has no place."""

    fields: JSON
    give: tuple[str, ...]
    secrets: tuple[Secrets, ...]
    note: str
    lost: Option | None


def policy(rows: Sequence[JSON]) -> Policy:
    """What an authorization policy with these options becomes, which stay in their order."""
    bodies: list[JSON] = []
    give: list[str] = []
    notes: list[str] = []
    lost: list[Option] = []
    secrets: list[Secrets] = []
    for row in rows:
        made = option(row)
        if made.gap:
            lost.append(made)
            continue
        secrets.append(row["Secrets"])
        give.extend(f"/options/{len(bodies)}{one}" for one in made.give)
        notes.extend(made.notes)
        bodies.append(made.body)
    if lost:
        notes.append(f"{len(lost)} of {len(rows)} options have no place in version 3 ({lost[0].why})")
    note = "; ".join(dict.fromkeys(notes))
    return Policy({"options": bodies}, tuple(give), tuple(secrets) if give else (), note, lost[0] if lost else None)
