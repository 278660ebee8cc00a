"""The one way out: an aiohttp session without retries, redirects, cookies or proxies. azure-core's pipeline would be a
second client around it, for a third of every request's price, and all that is wanted of its policies are two headers.

What matters most here is whether a request has left. aiohttp tells at the moment before it writes the first byte
(`Attempt.sent`); until then a failure is `NotSent`, from then on it is `NoAnswer`, whatever the exception is called.
"""

from __future__ import annotations

import os
import re
import ssl
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Final

import aiohttp
from aiohttp.client_middlewares import ClientHandlerType
from azure.core.pipeline.transport import AioHttpTransport
from yarl import URL

from ams_operator.api.reasons import Reason
from ams_operator.backends import addresses, bodies
from ams_operator.backends.urls import Request
from ams_operator.domain.answers import NoAnswer, NotSent
from ams_operator.domain.model import JSON
from ams_operator.texts import clean

TIMEOUT: Final = 30.0
"""seconds for a request, from asking for a connection to the last byte of the answer"""
CONNECT_TIMEOUT: Final = 10.0
KEEP_ALIVE: Final = 10.0
"""seconds that an idle connection is used on. Servers close idle ones; a write that meets the close is a write whose
fate is unknown, so ours has to be the shorter patience."""
CONNECTIONS: Final = 512
"""at a time, to one origin. What bounds them is how much of an account is worked on at a time; this many are for when
several accounts at one origin hang, and the others must not wait for their connections"""
BLOCK: Final = 1 << 16
"""bytes of a body that azure-core reads at once; our own are taken as they come, since to cut them costs a copy"""
_CERTIFICATE: Final = re.compile(r"-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----")
_FAILURES: Final = (aiohttp.ClientError, TimeoutError, OSError, ValueError)


@dataclass(slots=True)
class Attempt:
    """What became of one request, also where waiting for it was given up."""

    sent: bool = False
    """at least one byte may have left"""
    status: int | None = None
    permitted: Callable[[], bool] = lambda: True
    """asked at that moment: the connection may have taken longer than a permission lasts"""


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole answer. `body` is None where it is empty, or the page of something that is not the service."""

    status: int
    headers: Mapping[str, str]
    body: JSON | None
    flat: bool = False
    """it is certainly not nested too deeply"""
    said: bytes = field(default=b"", repr=False)
    """the body of a refusal as it came; what speaks XML explains itself in no other way"""


class Pipeline:
    """Sends requests to one origin, trusting one set of certificates."""

    def __init__(
        self,
        origin: str,
        ca_bundle: str | None,
        agent: str,
        *,
        private: bool = False,
        limit: int = CONNECTIONS,
        patience: float = TIMEOUT,
    ) -> None:
        """`ca_bundle` is PEM text, None for the operating system's; `private`: addresses that are not public are
        allowed, too; `patience` is in seconds, for a whole request.

        Raises ValueError and OSError where the bundle is none.
        """
        self.origin, self._agent = origin, agent
        self._patience = aiohttp.ClientTimeout(total=patience, sock_connect=min(patience, CONNECT_TIMEOUT))
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                ssl=_trust(ca_bundle),
                limit=limit,
                keepalive_timeout=KEEP_ALIVE,
                socket_factory=addresses.also_private if private else addresses.public_only,
            ),
            trust_env=False,  # a proxy would choose the address in our place
            auto_decompress=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            trace_configs=[_tell_sent()],
            middlewares=(_once,),
        )
        self.transport = AioHttpTransport(
            session=self._session,
            session_owner=False,
            connection_timeout=CONNECT_TIMEOUT,
            read_timeout=TIMEOUT,
            connection_data_block_size=BLOCK,
        )
        """for azure-identity, whose requests for tokens go the same way"""

    async def send(self, request: Request, token: str, attempt: Attempt) -> Reply:
        """One request, one answer of any status. Raises NotSent where it has certainly not left, else NoAnswer."""
        headers = {
            "Accept": "application/json",
            "Accept-Encoding": "gzip",
            "Authorization": f"Bearer {token}",
            "User-Agent": self._agent,
            "x-ms-client-request-id": str(uuid.uuid4()),
        }
        if request.content is not None:
            headers["Content-Type"] = "application/json"
        headers.update(request.headers)
        try:
            async with self._session.request(
                request.method,
                URL(self.origin + request.url, encoded=request.quoted),
                data=request.content,
                headers=headers,
                timeout=self._patience,
                allow_redirects=False,
                trace_request_ctx=attempt,
            ) as response:
                attempt.status = response.status
                return Reply(response.status, response.headers, *await _read(response))
        except bodies.BadBody as error:
            message = f"the answer of {self.origin} {error}: is the endpoint of the MediaServicesBackend the right one?"
            raise NoAnswer(_reason(request, Reason.BAD_ANSWER), message) from None
        except _FAILURES as error:
            if said := not_public(error):
                raise NotSent(Reason.ORIGIN_NOT_ALLOWED, f"{self.origin} {said}") from None
            reason = explain(error, attempt.sent)
        if attempt.status is not None:  # it is reached and it answers: no trouble of everybody's
            raise NoAnswer(_reason(request, Reason.BAD_ANSWER), f"an answer of {self.origin} broke off: {reason}")
        if attempt.sent:
            message = f"{self.origin} took the request and gave no answer: {reason}"
            raise NoAnswer(_reason(request, Reason.ENDPOINT_UNREACHABLE), message)
        message = f"{self.origin} can't be reached: {reason}; check the MediaServicesBackend"
        raise NotSent(Reason.ENDPOINT_UNREACHABLE, message)

    async def close(self) -> None:
        """Close all connections."""
        await self.transport.close()
        await self._session.close()


def _trust(ca_bundle: str | None) -> ssl.SSLContext:
    """TLS 1.2 or later, and whom to believe. Raises ValueError and OSError where there is no certificate in it."""
    if ca_bundle is None:
        context = ssl.create_default_context()
    else:
        # Bundles carry comments in any language around their certificates, and OpenSSL takes ASCII only.
        found = _CERTIFICATE.findall(ca_bundle)
        if not found:
            raise ValueError("no certificate")
        context = ssl.create_default_context(cadata="\n".join(found))
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


async def _read(response: aiohttp.ClientResponse) -> tuple[JSON | None, bool, bytes]:
    """The body, whether it is flat, and a refusal's as it came: that only explains, and may be anything."""
    refusal = response.status >= 300
    limit = bodies.LARGEST_ERROR if refusal else bodies.LARGEST
    try:
        encoding = response.headers.get("Content-Encoding") or ""
        raw = await bodies.collect(response.content.iter_any(), encoding, limit)
    except bodies.BadBody:
        if refusal:
            return None, True, b""
        raise
    try:
        return bodies.parse(raw), bodies.flat(raw), raw if refusal else b""
    except bodies.BadBody:
        if refusal:
            return None, True, raw
        raise


async def _once(request: aiohttp.ClientRequest, handler: ClientHandlerType) -> aiohttp.ClientResponse:
    """aiohttp quietly sends GET, PUT and DELETE a second time where a kept connection breaks. A second PUT that nobody
    counts or knows of is what the whole engine exists to avoid, so such a break gets a name that it does not repeat.
    """
    try:
        return await handler(request)
    except aiohttp.ClientConnectorError:
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise aiohttp.ClientConnectionError("the connection broke") from error


def _tell_sent() -> aiohttp.TraceConfig:
    """aiohttp's own signal before the first byte, into the request's `Attempt` (token requests have none)."""

    async def headers_sent(
        _session: aiohttp.ClientSession, context: SimpleNamespace, _params: aiohttp.TraceRequestHeadersSentParams
    ) -> None:
        if isinstance(attempt := context.trace_request_ctx, Attempt):
            if not attempt.permitted():
                raise NotSent(Reason.PROGRESSING, "another replica leads")
            attempt.sent = True

    config = aiohttp.TraceConfig()
    config.on_request_headers_sent.append(headers_sent)
    return config


def _reason(request: Request, of_read: Reason) -> Reason:
    """A read without an answer says something about the service; a write without one is a question to be settled."""
    return of_read if request.method == "GET" else Reason.UNANSWERED


def not_public(error: BaseException | None) -> str:
    """Why a connection was not tried whose address is not allowed; empty where it is not that."""
    found = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else None
    return found.said if isinstance(found, addresses.NotPublic) else ""


def explain(error: BaseException, sent: bool) -> str:
    """What happened, in words of ours: exception texts quote URLs and addresses."""
    match error:
        case aiohttp.ClientConnectorCertificateError():
            said = clean(str(getattr(error.certificate_error, "verify_message", "")), 100) or "not valid"
            return f"its certificate is not trusted ({said}), set caBundle to the authority that issued it"
        case aiohttp.ClientConnectorDNSError():
            return "there is no address for its name"
        case aiohttp.ClientSSLError():
            return "it does not speak TLS there, or not 1.2 or later"
        case aiohttp.ClientConnectorError():
            number = error.os_error.errno
            return os.strerror(number).lower() if number else "no connection"
        case TimeoutError():
            return "nothing came in time" if sent else "no connection in time"
        case aiohttp.ClientConnectionError() | aiohttp.ClientPayloadError():
            return "the connection broke"
    return f"the request failed ({clean(type(error).__name__, 60)})"
