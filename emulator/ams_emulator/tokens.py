"""Tokens: issued for a client's secret, signed with a key of this process, verified on every request.

Their times are real times, not the emulator's: clients cache tokens by their own clock.
"""

from __future__ import annotations

import base64
import hmac
import re
import secrets
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from ams_emulator.call import Principal
from ams_emulator.config import Identity, Settings
from ams_emulator.federation import Federation

PUBLIC_AUDIENCES = ("https://management.azure.com", "https://management.core.windows.net")
V2_AUDIENCE = "https://rest.media.azure.net"  # one for all accounts of a cloud, and not Resource Manager's
_LEEWAY = 5  # seconds


class TokenError(Exception):
    """A token that is not accepted: `code` and `message` of the 401, without any part of the token."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass
class Client:
    """An application that may ask for tokens."""

    client_id: str
    secret: str = field(repr=False)
    object_id: str = field(default_factory=lambda: str(uuid.uuid4()))


class Tokens:
    """The token service's memory: clients, the signing key, what was revoked."""

    def __init__(self, identity: Identity, settings: Settings) -> None:
        self.tenant_id = identity.tenant_id
        self._settings = settings
        self.clients: dict[str, Client] = {}
        self.federations: list[Federation] = []
        self.add_client(identity.client_id, identity.client_secret)
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.key_id = secrets.token_hex(8)
        self._revoked_before: dict[str, int] = {}
        self._sequence = 0
        self._verified: dict[str, tuple[Principal, float, tuple[str, ...]]] = {}

    def add_client(self, client_id: str | None = None, secret: str | None = None) -> Client:
        """A client, or another secret for one that is known: that one stays who it is."""
        client = Client(client_id or str(uuid.uuid4()), secret or secrets.token_urlsafe(24))
        if known := self.clients.get(client.client_id.lower()):
            client = replace(client, object_id=known.object_id)
        self.clients[client.client_id.lower()] = client
        return client

    def secret_fits(self, client_id: str, secret: str) -> bool:
        """Compared in constant time; an unknown client takes as long as a known one."""
        client = self.clients.get(client_id.lower())
        expected = client.secret if client else secrets.token_urlsafe(24)
        return hmac.compare_digest(expected.encode(), secret.encode()) and client is not None

    def issue(
        self, client_id: str, audience: str, issuer: str, *, version: str, lifetime: float | None = None
    ) -> tuple[str, int]:
        """A signed token for a known client, and its lifetime in seconds. A negative lifetime makes an expired one."""
        client = self.clients[client_id.lower()]
        seconds = self._settings.token_seconds if lifetime is None else lifetime
        now = time.time()
        issued = min(now, now + seconds) - _LEEWAY
        self._sequence += 1
        claims: dict[str, Any] = {
            "aud": audience,
            "iss": issuer,
            "iat": int(issued),
            "nbf": int(issued),
            "exp": int(now + seconds),
            "tid": self.tenant_id,
            "oid": client.object_id,
            "sub": client.object_id,
            "appid" if version == "1.0" else "azp": client.client_id,
            "idtyp": "app",
            "ver": version,
            "uti": secrets.token_urlsafe(12),
            "emulator-sequence": self._sequence,
        }
        token = jwt.encode(claims, self._key, algorithm="RS256", headers={"kid": self.key_id})
        return token, int(seconds)

    def verify(self, authorization: str, audiences: tuple[str, ...]) -> Principal:
        """The principal of an `Authorization` header whose token is for one of `audiences`. Raises TokenError."""
        scheme, _, token = authorization.partition(" ")
        if not authorization:
            raise TokenError("AuthenticationFailed", "Authentication failed. The 'Authorization' header is missing.")
        if scheme.lower() != "bearer" or not token.strip():
            raise TokenError(
                "AuthenticationFailedInvalidHeader", "The 'Authorization' header is not of the form 'Bearer token'."
            )
        cached = self._verified.get(token)
        if cached is not None and cached[1] > time.time() and cached[2] == audiences:
            return cached[0]
        claims = self._claims(token.strip(), audiences)
        principal = self._principal(claims)
        if len(self._verified) > 256:
            self._verified.clear()
        self._verified[token] = (principal, float(claims["exp"]), audiences)
        return principal

    def revoke(self, client_id: str | None = None) -> None:
        """Refuse every token issued until now, of one client or of all."""
        for known in [client_id.lower()] if client_id else list(self.clients):
            self._revoked_before[known] = self._sequence
        self._verified.clear()

    def public_keys(self) -> dict[str, Any]:
        numbers = self._key.public_key().public_numbers()

        def encoded(value: int) -> str:
            return base64.urlsafe_b64encode(value.to_bytes((value.bit_length() + 7) // 8, "big")).decode().rstrip("=")

        key = {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.key_id}
        return {"keys": [key | {"n": encoded(numbers.n), "e": encoded(numbers.e)}]}

    def _claims(self, token: str, audiences: tuple[str, ...]) -> Mapping[str, Any]:
        try:
            claims: Mapping[str, Any] = jwt.decode(
                token,
                self._key.public_key(),
                algorithms=["RS256"],
                leeway=0,
                options={"require": ["exp", "iat", "aud", "iss", "tid"], "verify_aud": False},
            )
        except jwt.ExpiredSignatureError:
            raise TokenError("ExpiredAuthenticationToken", "The access token is expired. Get a new one.") from None
        except jwt.InvalidTokenError as error:
            raise TokenError(
                "InvalidAuthenticationToken", f"The access token is invalid ({type(error).__name__})."
            ) from None
        known = "' or '".join(audiences)
        if str(claims["aud"]).rstrip("/") not in audiences:
            raise TokenError(
                "InvalidAuthenticationTokenAudience",
                f"The access token was issued for another audience than '{known}'.",
            )
        if claims["tid"] != self.tenant_id or not re.search(
            rf"/{re.escape(self.tenant_id)}/?(v2\.0)?$", str(claims["iss"])
        ):
            message = f"The access token is of another tenant than '{self.tenant_id}'."
            raise TokenError("InvalidAuthenticationTokenTenant", message)
        return claims

    def _principal(self, claims: Mapping[str, Any]) -> Principal:
        client_id = str(claims.get("appid") or claims.get("azp") or "")
        client = self.clients.get(client_id.lower())
        revoked = self._revoked_before.get(client_id.lower(), -1)
        if client is None or int(claims.get("emulator-sequence", 0)) <= revoked:
            raise TokenError("InvalidAuthenticationToken", "The access token was revoked. Get a new one.")
        return Principal(client.client_id, client.object_id)
