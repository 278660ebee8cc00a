"""Applications that sign in with the token of somebody else's issuer instead of a secret: workload identity.

An application believes what it was told to believe: an issuer, a subject, an audience, and the issuer's public keys.
The real service fetches the keys from the issuer's discovery document; here they are given, so that a cluster nobody
can reach from outside will do. Signature, issuer, subject, audience and times are verified. The codes of the
refusals are the documented ones, their texts are not.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jwt

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
AUDIENCE = "api://AzureADTokenExchange"
_LEEWAY = 5  # seconds


@dataclass(frozen=True)
class Federation:
    """What one application believes."""

    client_id: str
    issuer: str
    subject: str
    audience: str
    keys: jwt.PyJWKSet


def federation(client_id: str, issuer: str, subject: str, audience: str, keys: Mapping[str, Any]) -> Federation:
    """Raises ValueError where the keys are none."""
    try:
        return Federation(client_id, issuer, subject, audience, jwt.PyJWKSet.from_dict(dict(keys)))
    except jwt.PyJWTError as error:
        raise ValueError(f"jwks: {error}") from None


def refusal(known: list[Federation], client_id: str, assertion: str) -> str | None:
    """Why an assertion is not taken, in the service's manner; None where it is."""
    try:
        header = jwt.get_unverified_header(assertion)
        claims = jwt.decode(assertion, options={"verify_signature": False})
    except jwt.PyJWTError:
        return "AADSTS50027: the client assertion is no JWT."
    of_client = [one for one in known if one.client_id.lower() == client_id.lower()]
    of_issuer = [one for one in of_client if one.issuer == claims.get("iss")]
    if not of_issuer:
        return "AADSTS700211: no federated credential of the application has the assertion's issuer."
    of_subject = [one for one in of_issuer if one.subject == claims.get("sub")]
    if not of_subject:
        return "AADSTS700213: no federated credential of the application has the assertion's subject."
    wanted = claims.get("aud")
    audiences = wanted if isinstance(wanted, list) else [wanted]
    fitting = [one for one in of_subject if one.audience in audiences]
    if not fitting:
        return "AADSTS700212: no federated credential of the application has the assertion's audience."
    key = next((key for one in fitting for key in one.keys.keys if key.key_id == header.get("kid")), None)
    if key is None:
        return "AADSTS7000272: the issuer has no such key."
    try:
        jwt.decode(
            assertion,
            key,
            algorithms=["RS256", "ES256"],
            audience=fitting[0].audience,
            leeway=_LEEWAY,
            options={"require": ["exp", "iat", "iss", "sub", "aud"]},
        )
    except jwt.ExpiredSignatureError:
        return f"AADSTS700024: the client assertion is over; it is {int(time.time())} now."
    except jwt.PyJWTError:
        return "AADSTS700027: the client assertion's signature is wrong, or it is not valid yet."
    return None
