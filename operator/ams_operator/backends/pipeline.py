"""The one way out: azure-core's pipeline over one aiohttp session, without retries, redirects or proxies.

Bodies are read as a stream and capped; what is too large, too deep or no JSON object is no answer.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
from azure.core import AsyncPipelineClient
from azure.core.exceptions import AzureError, ServiceRequestError
from azure.core.pipeline.policies import RequestIdPolicy, UserAgentPolicy
from azure.core.pipeline.transport import AioHttpTransport
from azure.core.rest import HttpRequest

from ams_operator.api.reasons import Reason
from ams_operator.domain.answers import NoAnswer, NotSent
from ams_operator.logs import clean

LARGEST = 32 << 20
"""bytes of a body after decompression"""
DEEPEST = 64
"""levels of nesting in a body"""
TIMEOUT = 30.0
_NEVER_LEFT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL)


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole answer. `body` is None where there is none."""

    status: int
    headers: Mapping[str, str]
    body: dict[str, Any] | None


class Pipeline:
    """Sends requests to one origin, trusting one set of certificates."""

    def __init__(self, origin: str, ca_bundle: str | None, agent: str, limit: int = 64) -> None:
        self.origin = origin.rstrip("/")
        context = ssl.create_default_context(cadata=ca_bundle) if ca_bundle else ssl.create_default_context()
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        connector = aiohttp.TCPConnector(ssl=context, limit=limit)
        timeout = aiohttp.ClientTimeout(total=TIMEOUT, sock_connect=10)
        self._session = aiohttp.ClientSession(
            connector=connector, timeout=timeout, auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar()
        )
        self.transport = AioHttpTransport(session=self._session, session_owner=False)
        self._client: AsyncPipelineClient[HttpRequest, Any] = AsyncPipelineClient(
            self.origin, transport=self.transport, policies=[RequestIdPolicy(), UserAgentPolicy(agent)]
        )

    async def send(self, request: HttpRequest, token: str) -> Reply:
        """One request, one answer of any status. Raises NotSent where it has certainly not left, else NoAnswer."""
        request.url = self._client.format_url(request.url)
        request.headers["Authorization"] = f"Bearer {token}"
        request.headers["Accept-Encoding"] = "gzip"
        try:
            async with asyncio.timeout(TIMEOUT):
                async with await self._client.send_request(request, stream=True) as response:
                    raw = await self._body(response)
                    return Reply(response.status_code, response.headers, _parse(raw, response.status_code))
        except ServiceRequestError as error:
            raise self._trouble(error) from None
        except (AzureError, aiohttp.ClientError, TimeoutError, OSError) as error:
            message = f"{self.origin} gave no answer ({_name(error)})"
            raise NoAnswer(Reason.ENDPOINT_UNREACHABLE, message) from None

    def _trouble(self, error: ServiceRequestError) -> NotSent | NoAnswer:
        """azure-core files every client error under "not sent"; only a failed connection really is."""
        inner = error.inner_exception
        if isinstance(inner, _NEVER_LEFT):
            certificate = isinstance(inner, aiohttp.ClientConnectorCertificateError)
            what = "its certificate is not trusted: set caBundle" if certificate else _name(inner)
            message = f"{self.origin} can't be reached ({what}); check the MediaServicesBackend"
            return NotSent(Reason.ENDPOINT_UNREACHABLE, message)
        return NoAnswer(Reason.ENDPOINT_UNREACHABLE, f"{self.origin} gave no answer ({_name(inner or error)})")

    async def _body(self, response: Any) -> bytes:
        """The body, decompressed as far as the cap allows."""
        packed = (response.headers.get("Content-Encoding") or "").lower()
        unzip = zlib.decompressobj(wbits=47) if packed in ("gzip", "deflate") else None
        found = bytearray()
        async for chunk in response.iter_raw():
            while chunk:
                if unzip is None:
                    found += chunk
                    break
                try:
                    found += unzip.decompress(chunk, LARGEST + 1 - len(found))
                except zlib.error:
                    raise NoAnswer(Reason.BAD_ANSWER, "the service's answer is badly compressed") from None
                chunk = unzip.unconsumed_tail if len(found) <= LARGEST else b""
            if len(found) > LARGEST:
                message = f"the service's answer is larger than {LARGEST >> 20} MiB: is the endpoint the right one?"
                raise NoAnswer(Reason.BAD_ANSWER, message)
        return bytes(found)

    async def close(self) -> None:
        """Close all connections."""
        await self._client.close()
        await self._session.close()


def _parse(raw: bytes, status: int) -> dict[str, Any] | None:
    if not raw.strip():
        return None
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        found = None
    if isinstance(found, dict):
        return found
    if status >= 400:
        return None  # an error page of whatever stands before the service; the status says enough
    kind = "an HTML page" if raw.lstrip()[:1] == b"<" else "something that is no JSON object"
    raise NoAnswer(Reason.BAD_ANSWER, f"the service answers with {kind}: is the endpoint the right one?")


def too_deep(value: Any, left: int = DEEPEST) -> bool:
    """Whether a parsed body is nested deeper than anything of this API; looks no deeper than that itself."""
    if isinstance(value, dict):
        return left == 0 or any(too_deep(one, left - 1) for one in value.values() if isinstance(one, dict | list))
    if isinstance(value, list):
        return left == 0 or any(too_deep(one, left - 1) for one in value if isinstance(one, dict | list))
    return False


def _name(error: object) -> str:
    return clean(type(error).__name__, 60)
