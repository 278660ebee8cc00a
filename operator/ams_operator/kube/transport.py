"""One request to the API server, and what its failures mean. Never retried, but for one look at new credentials."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import SimpleNamespace
from typing import Any, Final
from urllib.parse import urlencode

import aiohttp
from yarl import URL

from ams_operator import jsons
from ams_operator.domain.answers import Conflict, KubeDown, KubeRefused, Vanished
from ams_operator.domain.model import JSON
from ams_operator.kube.access import Access, Login, NoAccess
from ams_operator.texts import clean

logger = logging.getLogger(__name__)

MERGE: Final = "application/merge-patch+json"
APPLY: Final = "application/apply-patch+yaml"
PLAIN: Final = "application/json"
METADATA_ONLY: Final = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"

_LONGEST_PAUSE: Final = 30.0
# Server-side apply answers these with 500, though trying again can't help.
_REFUSALS: Final = ("field not declared in schema", "request is too large", "failed to create typed", "invalid group/")

Safe = Callable[[str, int, Collection[str]], str]
"""(text, limit, namespaces): the text made fit to show, without secrets of these namespaces"""
Observe = Callable[[str, str, int | None], None]
"""Told of each request: kind, verb, and the code or None where no answer came."""


def cleaned(text: str, limit: int, _namespaces: Collection[str]) -> str:
    """For who knows no secrets."""
    return clean(text, limit)


class Expired(Exception):
    """The rest of a LIST is no longer to be had (410): begin anew."""


class _NotPermitted(KubeDown):
    """A write was not sent, since it is not permitted now."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request. `kind` and `verb` are for metrics and messages, in the words of Kubernetes."""

    kind: str
    verb: str
    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: JSON | None = None
    content: str = PLAIN
    accept: str = PLAIN
    aside: bool = False
    """whether the API server's wish for a pause concerns this request alone"""


class Transport:
    """A session with the API server: authenticates, counts, maps what comes back."""

    def __init__(
        self,
        login: Login,
        access: Access,
        *,
        agent: str,
        timeout: float,
        observe: Observe | None = None,
        safe: Safe = cleaned,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._login = login
        self._agent = agent
        self._timeout = aiohttp.ClientTimeout(total=timeout, sock_connect=min(timeout, 5.0))
        self._observe = observe
        self._safe = safe
        self._monotonic = monotonic
        self._open(access)
        self._generation = 0
        self._reloading = asyncio.Lock()
        self._pause_ends = 0.0
        self.outages = 0
        """how often the API server did not answer; what was read before the last time says nothing of now"""
        self.may_write: Callable[[], bool] = lambda: True
        """asked before the first byte of each write: to get a connection may take longer than the term lasts"""
        self._retired: set[asyncio.Task[None]] = set()

    def _open(self, access: Access) -> None:
        self.server, self.namespace = access.server, access.namespace
        trace = aiohttp.TraceConfig()
        trace.on_request_headers_sent.append(self._leaving)
        self._session = access.session(trace=trace)

    async def close(self) -> None:
        """Close all connections."""
        for task in self._retired:
            task.cancel()
        await asyncio.gather(*self._retired, return_exceptions=True)
        await self._session.close()

    async def send(self, call: Call) -> JSON:
        """The body of a 2xx answer. Raises Conflict, Vanished, KubeRefused, KubeDown, Expired.

        A write that is not permitted now is as one that finds the API server away: everything waits for it.
        """
        if (wait := self._pause_ends - self._monotonic()) > 0:
            raise KubeDown(f"the API server asked for a pause; {wait:.0f} s are left")
        generation = self._generation
        status, body = await self._once(call)
        if status == 401 and await self._reload(generation):
            status, body = await self._once(call)
        if 200 <= status < 300:
            return body
        error = failure(call, status, body, self._safe)
        self.outages += isinstance(error, KubeDown)
        raise error

    async def _leaving(
        self, _session: aiohttp.ClientSession, context: SimpleNamespace, _params: aiohttp.TraceRequestHeadersSentParams
    ) -> None:
        """aiohttp's own signal before the first byte of a request."""
        call = context.trace_request_ctx
        if isinstance(call, Call) and call.method != "GET" and not self.may_write():
            raise _NotPermitted("this replica may not write now")

    async def _once(self, call: Call) -> tuple[int, JSON]:
        headers = {"Accept": call.accept, "User-Agent": self._agent}
        data = None
        if call.body is not None:
            headers["Content-Type"] = call.content
            data = jsons.dumps(call.body)
        query = f"?{_query(tuple(call.query.items()))}" if call.query else ""
        status: int | None = None
        sent = True
        try:
            async with self._session.request(
                call.method,
                URL(f"{self.server}{call.path}{query}", encoded=True),
                data=data,
                headers=headers,
                timeout=self._timeout,
                allow_redirects=False,
                trace_request_ctx=call,
            ) as response:
                status = response.status
                body = _json(await response.read())
                if (status == 429 or status >= 500) and not call.aside:
                    self._pause(response.headers.get("Retry-After"), body)
        except _NotPermitted:
            sent = False
            raise
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            self.outages += 1
            raise KubeDown(f"the API server does not answer ({_why(error)})") from None
        finally:
            if self._observe is not None and sent:
                self._observe(call.kind, call.verb, status)
        if body is None:
            if 200 <= status < 300:
                raise KubeDown("the API server answered something that is no JSON object; is it one?")
            body = {}
        return status, body

    def _pause(self, header: str | None, body: JSON | None) -> None:
        details = (body or {}).get("details")
        wanted = header or (details.get("retryAfterSeconds") if isinstance(details, dict) else None)
        try:
            seconds = float(wanted or 0)
        except (TypeError, ValueError):
            return
        self._pause_ends = max(self._pause_ends, self._monotonic() + min(seconds, _LONGEST_PAUSE))

    async def _reload(self, generation: int) -> bool:
        """Read the configuration again, once for all who were turned away with the same one."""
        async with self._reloading:
            if self._generation != generation:
                return True
            try:
                access = await self._login.load()
            except NoAccess as error:
                logger.warning("the API server refused our credentials, and there are no others: %s", error)
                return False
            old = self._session
            self._open(access)
            self._generation += 1
        task = asyncio.create_task(self._retire(old))
        self._retired.add(task)
        task.add_done_callback(self._retired.discard)
        return True

    async def _retire(self, session: aiohttp.ClientSession) -> None:
        """Close a session when the requests that still use it must have ended."""
        try:
            await asyncio.sleep(self._timeout.total or 0)
        finally:
            await session.close()


def failure(call: Call, status: int, body: JSON, safe: Safe) -> Exception:
    """What an answer other than 2xx means."""
    raw = str(body.get("message") or "")  # by which it is judged: what is shown may have lost words that are secrets
    said = safe(raw, 600, [call.path.partition("/namespaces/")[2].partition("/")[0]])
    what = f"{call.verb} {call.kind}: {said or f'HTTP {status}'}"
    if status == 409:
        return Conflict(what)
    if status == 410:
        return Expired(what)
    if status == 404:
        return Vanished(what)
    if status == 401:
        return KubeDown("the API server does not accept our credentials (401)")
    if status == 429 or (status >= 500 and not any(one in raw for one in _REFUSALS)):
        return KubeDown(f"the API server can't answer now ({status}): {what}")
    return KubeRefused(what)


def _why(error: BaseException) -> str:
    if isinstance(error, TimeoutError):
        return "timeout"
    return clean(f"{type(error).__name__}: {error}", 200)


@lru_cache(64)
def _query(values: tuple[tuple[str, str], ...]) -> str:
    return urlencode(values)


def _json(raw: bytes) -> JSON | None:
    try:
        value: Any = jsons.loads(raw)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
