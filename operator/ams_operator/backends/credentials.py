"""From a Secret's values to tokens, by azure-identity. Nothing of a credential ever reaches an exception's text."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from azure.core.credentials import AccessToken
from azure.core.exceptions import AzureError, ClientAuthenticationError
from azure.core.pipeline.transport import AioHttpTransport
from azure.identity.aio import ClientSecretCredential

from ams_operator.api.backend import AZURE_AUTHORITY
from ams_operator.api.reasons import Reason
from ams_operator.domain.answers import NotSent
from ams_operator.logs import clean

KEYS = ("AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET")


@dataclass(frozen=True, slots=True)
class ClientSecret:
    """The values of a client secret; its repr shows none of them."""

    tenant: str
    client: str
    secret: str

    def __repr__(self) -> str:
        return "ClientSecret(...)"


def read(data: Mapping[str, str]) -> ClientSecret:
    """Raises NotSent that names the missing key."""
    for key in KEYS:
        if not data.get(key, "").strip():
            hint = ""
            if data.get("AZURE_CLIENT_CERTIFICATE"):
                hint = "; client certificates are not supported by this version"
            message = f"spec.credentials.secretRef: the Secret has no {key}; it needs {', '.join(KEYS)}{hint}"
            raise NotSent(Reason.KEY_NOT_FOUND, message)
    return ClientSecret(*(data[key].strip() for key in KEYS))


class Tokens:
    """Tokens of one credential for one audience; azure-identity keeps them until shortly before they end."""

    def __init__(self, secret: ClientSecret, authority: str, audience: str, transport: AioHttpTransport) -> None:
        self._scope = f"{audience.rstrip('/')}/.default"
        self._own = urlsplit(authority).hostname != urlsplit(AZURE_AUTHORITY).hostname
        self._secret, self._authority, self._transport = secret, authority, transport
        self._credential: ClientSecretCredential | None = None
        self.principal = f"{secret.tenant}/{secret.client}"

    def _make(self) -> ClientSecretCredential:
        return ClientSecretCredential(
            self._secret.tenant,
            self._secret.client,
            self._secret.secret,
            authority=self._authority,
            disable_instance_discovery=self._own,
            transport=self._transport,
            retry_total=0,
        )

    async def get(self) -> str:
        """A token. Raises NotSent: CredentialRejected, or EndpointUnreachable where nobody answers."""
        try:
            if self._credential is None:
                self._credential = self._make()
            token: AccessToken = await self._credential.get_token(self._scope)
        except ClientAuthenticationError as error:
            message = f"the credential is rejected: {_reason(error)}; correct the Secret"
            raise NotSent(Reason.CREDENTIAL_REJECTED, message) from None
        except ValueError as error:  # azure-identity: an ill-formed tenant, an authority that answers nonsense
            message = f"the credential can't be used: {clean(str(error).split('.')[0], 160)}"
            raise NotSent(Reason.CREDENTIAL_REJECTED, message) from None
        except (AzureError, OSError) as error:
            message = (
                f"the authority does not answer ({type(error).__name__}): check the MediaServicesBackend's authority"
            )
            raise NotSent(Reason.ENDPOINT_UNREACHABLE, message) from None
        self.principal = principal(token.token) or self.principal
        return token.token

    async def forget(self) -> None:
        """The service rejected the token: the next one is asked for anew."""
        credential, self._credential = self._credential, None
        if credential is not None:
            await credential.close()

    async def close(self) -> None:
        """Close what azure-identity keeps."""
        await self.forget()


def principal(token: str) -> str:
    """Who a token stands for (`tid/oid`), read without verifying: only to tell budgets apart. Empty if unreadable."""
    try:
        payload = token.split(".")[1]
        claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return f"{claims.get('tid', '')}/{claims.get('oid') or claims.get('appid') or claims.get('azp') or ''}"
    except (IndexError, ValueError, AttributeError):
        return ""


def _reason(error: ClientAuthenticationError) -> str:
    """The authority's own code, such as AADSTS7000215, and no more of its text: it may quote what was sent."""
    text = str(error)
    found = next((word.strip(":,.") for word in text.split() if word.startswith("AADSTS")), "")
    return found or "the authority refused it"
