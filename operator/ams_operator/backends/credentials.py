"""From a Secret's values to tokens, by azure-identity. Nothing of a credential ever reaches an exception's text."""

from __future__ import annotations

import asyncio
import base64
import json
import random
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import urlsplit

from azure.core.exceptions import AzureError, ClientAuthenticationError
from azure.core.pipeline.transport import AioHttpTransport
from azure.identity.aio import ClientAssertionCredential, ClientSecretCredential

from ams_operator.api.backend import AZURE_AUTHORITY
from ams_operator.api.reasons import Reason
from ams_operator.backends.pipeline import explain, not_public
from ams_operator.domain.answers import Federated, NotSent

KEYS: Final = ("AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET")
_LATER: Final = MappingProxyType(
    {
        "AZURE_CLIENT_CERTIFICATE": "a client certificate",
        "AZURE_FEDERATED_TOKEN_FILE": "workload identity",
        "API_KEY": "an API key",
        "TOKEN": "a fixed token",
    }
)
"""keys of what this version can't use yet"""
_EXPLAINED: Final = MappingProxyType(
    {
        "AADSTS7000215": "AZURE_CLIENT_SECRET is wrong",
        "AADSTS7000222": "AZURE_CLIENT_SECRET has expired",
        "AADSTS700016": "AZURE_CLIENT_ID is no application of the tenant",
        "AADSTS90002": "there is no tenant AZURE_TENANT_ID",
        "AADSTS70021": "no federated credential of the application fits the ServiceAccount",
        "AADSTS700211": "no federated credential of the application has the cluster's issuer",
        "AADSTS700212": "the application's federated credential has another audience than api://AzureADTokenExchange",
        "AADSTS700213": "no federated credential of the application has the ServiceAccount's subject",
        "AADSTS500011": "the audience of the MediaServicesBackend is unknown in the tenant",
    }
)
_TAKEN_BACK: Final = (Reason.SERVICE_ACCOUNT_NOT_FOUND, Reason.IDENTITY_NOT_AVAILABLE)
_TENANT: Final = re.compile(r"[0-9A-Za-z.-]+")
_TIMEOUT: Final = 30.0
_EARLY: Final = 300.0
"""seconds before its end at which a token is replaced"""
_PAUSE: Final = 30.0
"""seconds between tries to replace a token that is still good"""
_REST: Final = 10.0
_LONGEST_REST: Final = 600.0
"""seconds until the authority is asked again that gave no token; doubled each time, with jitter over the upper half"""
_TRUSTED: Final = 10.0
"""seconds in which a token that took the place of a refused one is not replaced: another one would be refused, too"""


@dataclass(frozen=True, slots=True)
class ClientSecret:
    """The values of a client secret; its repr shows none of them."""

    tenant: str = field(repr=False)
    client: str = field(repr=False)
    secret: str = field(repr=False)


Credential = ClientSecret | Federated


@dataclass(frozen=True, slots=True)
class Token:
    """A token in use, and `tid/oid`: who it stands for. `until` is a time (`Clock.now`)."""

    value: str = field(repr=False)
    principal: str
    until: float


def read(data: Mapping[str, str] | Federated) -> Credential:
    """Raises NotSent that names the key."""
    if isinstance(data, Federated):
        if not _TENANT.fullmatch(data.tenant):
            raise NotSent(
                Reason.CREDENTIAL_REJECTED, "its tenant is none: it must be the directory's id or its domain name"
            )
        return data
    for key in KEYS:
        if not data.get(key, "").strip():
            other = next((what for name, what in _LATER.items() if data.get(name)), None)
            hint = f"; {other} is not supported by this version" if other else ""
            message = (
                f"it has no key {key}, or one that is empty or longer than 4096 bytes; it needs {', '.join(KEYS)}{hint}"
            )
            raise NotSent(Reason.KEY_NOT_FOUND, message)
    found = ClientSecret(*(data[key].strip() for key in KEYS))
    if not _TENANT.fullmatch(found.tenant):
        message = "its AZURE_TENANT_ID is no tenant: it must be the directory's id or its domain name"
        raise NotSent(Reason.CREDENTIAL_REJECTED, message)
    return found


class Tokens:
    """The token of one credential for one audience, kept until shortly before it ends and asked for once at a time.

    Where there is none, the authority is asked by one probe, however many accounts have the credential.
    """

    def __init__(
        self,
        secret: Credential,
        authority: str,
        audience: str,
        transport: AioHttpTransport,
        now: Callable[[], float],
        register: Callable[[Iterable[str]], None],
        jitter: Callable[[float, float], float] = random.uniform,
    ) -> None:
        """`register` is told each token: it is a secret as well."""
        self._scope = f"{audience.rstrip('/')}/.default"
        self._secret, self._authority, self._transport = secret, authority, transport
        self._now, self._register, self._jitter = now, register, jitter
        self._lock = asyncio.Lock()
        self._credential: ClientSecretCredential | ClientAssertionCredential | None = None
        self._token: Token | None = None
        self._retry_at = 0.0
        self._replaced = float("-inf")
        self._doubted = False
        self._failure: NotSent | None = None
        self._failures = 0

    async def get(self) -> Token:
        """A token. Raises NotSent: CredentialRejected, or EndpointUnreachable where the authority is not there."""
        if (found := self._fresh()) is not None:
            return found
        async with self._lock:
            if (found := self._fresh()) is not None:
                return found
            if self._failure is not None and self._now() < (self._failure.until or 0.0):
                raise NotSent(self._failure.reason, self._failure.message, self._failure.until)
            try:
                self._token = await self._request()
            except NotSent as error:
                # The old one has some minutes left: an authority that is away for so long is nobody's trouble. Also
                # where one account was refused with it, the others need not be. An identity that was taken back takes
                # with it what was got for it.
                gone = self._doubted and error.reason == Reason.CREDENTIAL_REJECTED
                gone = gone or error.reason in _TAKEN_BACK
                if self._token is None or self._now() >= self._token.until or gone:
                    self._token = None
                    raise self._failed(error) from None
                self._retry_at = self._now() + _PAUSE
            else:
                self._failure, self._failures, self._doubted = None, 0, False
            return self._token

    def _failed(self, error: NotSent) -> NotSent:
        """Nobody asks again before the pause is over."""
        pause = min(_REST * 2 ** min(self._failures, 16), _LONGEST_REST) * self._jitter(0.5, 1.0)
        self._failures += 1
        self._failure = NotSent(error.reason, error.message, self._now() + pause)
        return NotSent(error.reason, error.message, self._failure.until)

    def reject(self, token: Token) -> None:
        """The service refuses this token: unless it was replaced just now, the next one is asked for anew."""
        if self._token is token and self._now() >= self._replaced + _TRUSTED:
            self._doubted, self._retry_at, self._replaced = True, 0.0, self._now()

    def _fresh(self) -> Token | None:
        token, now = self._token, self._now()
        if token is None or now >= token.until:
            return None
        if (self._doubted or now >= token.until - _EARLY) and now >= self._retry_at:
            return None
        return token

    async def _request(self) -> Token:
        try:
            async with asyncio.timeout(_TIMEOUT):
                # A new credential each time: azure-identity's own cache would give the old token.
                self._credential = await self._make()
                found = await self._credential.get_token(self._scope)
        except ClientAuthenticationError as error:
            raise self._refused(error) from None
        except ValueError:
            message = "the authority of the MediaServicesBackend, or AZURE_TENANT_ID, is ill-formed"
            raise NotSent(Reason.CREDENTIAL_REJECTED, message) from None
        except (AzureError, OSError, TypeError, KeyError, AttributeError) as error:
            # The last three: azure-identity stumbles over JSON that is no token response.
            cause = getattr(error, "inner_exception", None) or error
            if said := not_public(cause):
                raise NotSent(Reason.ORIGIN_NOT_ALLOWED, f"{self._authority} {said}") from None
            raise self._away(explain(cause, sent=False)) from None
        if not re.fullmatch(r"[!-~]+", found.token):
            raise self._away("its token is none")
        self._register((found.token,))
        return Token(
            found.token, principal(found.token) or f"{self._secret.tenant}/{self._secret.client}", found.expires_on
        )

    async def _make(self) -> ClientSecretCredential | ClientAssertionCredential:
        options: dict[str, Any] = {
            "authority": self._authority,
            # Discovery asks Microsoft about an authority, and knows none but its own.
            "disable_instance_discovery": urlsplit(self._authority).hostname != urlsplit(AZURE_AUTHORITY).hostname,
            "transport": self._transport,
            "retry_total": 0,
        }
        secret = self._secret
        if isinstance(secret, ClientSecret):
            return ClientSecretCredential(secret.tenant, secret.client, secret.secret, **options)
        assertion = await secret.assertion()  # here, since azure-identity asks for it without waiting
        self._register((assertion,))
        return ClientAssertionCredential(secret.tenant, secret.client, lambda: assertion, **options)

    def _refused(self, error: ClientAuthenticationError) -> NotSent:
        """The authority's own code, and no more of its text: it may quote what was sent."""
        status = getattr(error.response, "status_code", 400) or 400
        if status == 429 or status >= 500:
            return self._away(str(status))
        code = next(iter(re.findall(r"AADSTS\d{1,9}", str(error))), "")
        refused, correct = _words(self._secret)
        what = _EXPLAINED.get(code, f"the authority refuses {refused}")
        message = f"the credential is rejected: {what}{f' ({code})' if code else ''}; correct {correct}"
        return NotSent(Reason.CREDENTIAL_REJECTED, message)

    def _away(self, what: str) -> NotSent:
        message = f"{self._authority} gives no token ({what}): check the authority of the MediaServicesBackend"
        return NotSent(Reason.ENDPOINT_UNREACHABLE, message)


def _words(secret: Credential) -> tuple[str, str]:
    """What an authority refuses, and what has to be corrected then."""
    if not isinstance(secret, Federated):
        return f"its {', '.join(KEYS)}", "the Secret"
    if secret.own:
        return "the operator's token", "the operator's workload identity: ask your administrator"
    return "the ServiceAccount's token", "the ServiceAccount's annotations, or the application's federated credential"


def principal(token: str) -> str:
    """Who a token stands for (`tid/oid`), read without verifying: only to tell budgets apart. Empty if unreadable."""
    try:
        payload = token.split(".")[1]
        claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        who = claims.get("oid") or claims.get("appid") or claims.get("azp")
    except (IndexError, ValueError, AttributeError):
        return ""
    return f"{claims.get('tid', '')}/{who}" if who else ""
