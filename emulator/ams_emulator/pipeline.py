"""The life of one request: who asks, what goes wrong, what the service answers, what is noted."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from aiohttp import web

from ams_emulator.access import Access
from ams_emulator.authority import Authority
from ams_emulator.barriers import Barrier, Barriers
from ams_emulator.call import ERROR_TYPE, Answer, Call, Principal
from ams_emulator.clock import http_date
from ams_emulator.errors import ArmError
from ams_emulator.faults import AUTHORITY, Fault, Faults, bucket_of, prepare, replacement
from ams_emulator.hostile import send_hostile
from ams_emulator.kinds.live_event import auto_stop
from ams_emulator.kinds.registry import kinds
from ams_emulator.log import Entry, RequestLog
from ams_emulator.ratelimits import RateLimits
from ams_emulator.routing import Router, split_path, subject
from ams_emulator.state import key_of
from ams_emulator.tokens import PUBLIC_AUDIENCES, V2_AUDIENCE, TokenError, Tokens
from ams_emulator.transport import drop
from ams_emulator.v2 import service as v2
from ams_emulator.v2.address import parse as v2_address
from ams_emulator.world import World

_LOGGER = logging.getLogger(__name__)
_ASKING = ("list", "get", "check")
"""how actions begin that change nothing"""
_HOST = re.compile(r"[A-Za-z0-9.\-]+(:\d+)?|\[[0-9a-fA-F:]+\](:\d+)?")


@dataclass
class Outcome:
    """What happened to a request before its answer was sent."""

    answer: Answer | None  # None: the answer is lost
    how: str = "close"
    hostile: Fault | None = None


class Pipeline:
    """Handles every request to the service's port."""

    def __init__(self, world: World, tokens: Tokens, *, scheme: str) -> None:
        self.world = world
        self.tokens = tokens
        self.access = Access()
        self.faults = Faults()
        self.barriers = Barriers()
        self.limits = RateLimits(world.clock, world.settings)
        self.log = RequestLog(world.config.log_limit, world.clock.time)
        self.router = Router(world, kinds(), self.access)
        self.v2 = v2.V2Service(world, self.access)
        events = self.router.kinds[("mediaservices", "liveevents")]
        world.auto_stop.stop = lambda event: auto_stop(world, events, event)
        self.closing = asyncio.Event()
        self._authority = Authority(tokens)
        self._scheme = scheme

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """One request, from the socket to the socket."""
        self.world.clock.run_due()
        host = request.headers.get("Host", "")
        if not _HOST.fullmatch(host):
            return self._respond(_refusal(400, "InvalidHostHeader", "The Host header is not of the form name[:port]."))
        origin = f"{self._scheme}://{host}"
        parts = split_path(request.rel_url.raw_path)
        query = {name.lower(): value for name, value in request.query.items()}
        try:
            body = await request.read()
        except web.HTTPRequestEntityTooLarge:
            return self._respond(_refusal(413, "RequestEntityTooLarge", "The body is larger than 1 MiB."))
        call = self._call(request, query, body, origin)
        answer = self._authority.answer(request.method, parts, query, body, origin)
        if answer is not None:
            return await self._answer_as_authority(request, call, answer)
        call.api = "v3" if v2_address(call.raw_path) is None else "v2"
        entry = self._note(call, parts)
        try:
            return await self._answer_as_manager(request, call, entry, parts)
        except Exception as error:  # a mistake of ours must not look like a lost answer
            _LOGGER.exception("%s %s failed", call.method, call.path)
            message = f"The emulator failed: {type(error).__name__}. This is a bug in it; its log has the details."
            return await self._finish(entry, _refusal(500, "EmulatorFailed", message))

    async def _answer_as_authority(self, request: web.BaseRequest, call: Call, answer: Answer) -> web.StreamResponse:
        """Tokens and discovery: not in the log, only counted; faults hit them when they match the kind `authority`."""
        self.log.authority_requests += 1
        for fault in self.faults.firing(call, AUTHORITY):
            if fault.type == "latency":
                await asyncio.sleep(fault.action.get("seconds", 0))
            elif fault.type == "drop":
                return await drop(request, str(fault.action.get("how", "reset")), self.closing)
            elif fault.type == "hostile":
                return await send_hostile(request, fault.action, {})
            else:
                answer = replacement(fault, call) or answer
        return self._respond(answer)

    async def _answer_as_manager(
        self, request: web.BaseRequest, call: Call, entry: Entry, parts: list[str]
    ) -> web.StreamResponse:
        audiences = (V2_AUDIENCE,) if call.api == "v2" else (*PUBLIC_AUDIENCES, call.origin)
        try:
            call.principal = self.tokens.verify(request.headers.get("Authorization", ""), audiences)
        except TokenError as error:
            if call.api == "v2":
                return await self._finish(entry, self.v2.unauthorized(call, error.message))
            return await self._finish(entry, self._unauthorized(error, call.origin))
        entry.client_id = call.principal.client_id
        return await self._serve(request, call, entry, parts)

    def _call(self, request: web.BaseRequest, query: dict[str, str], body: bytes, origin: str) -> Call:
        raw = request.rel_url.raw_path
        # Nothing behind this point sees the token.
        headers = {name.lower(): value for name, value in request.headers.items()}
        headers.pop("authorization", None)
        nobody = Principal("", "")
        return Call(request.method, unquote(raw), raw, query, headers, body, origin, nobody, self.world.new_id())

    async def _serve(self, request: web.BaseRequest, call: Call, entry: Entry, parts: list[str]) -> web.StreamResponse:
        subscription = parts[1] if len(parts) > 1 else ""
        refused, quota = None, None
        if call.api == "v3":  # version 2 is not behind Resource Manager
            refused, quota = self.limits.take(call, subscription)
        if refused is not None:
            return await self._finish(entry, refused, quota)
        faults = self.faults.firing(call, entry.kind)
        entry.faults = [fault.id for fault in faults]
        outcome = await self._with_faults(call, entry, faults)
        if outcome.hostile is not None:
            await self.log.end(entry, outcome.hostile.action.get("status", 200))
            return await send_hostile(request, outcome.hostile.action, self._headers(entry))
        if outcome.answer is None:
            await self.log.end(entry, None)
            return await drop(request, outcome.how, self.closing)
        return await self._finish(entry, outcome.answer, quota)

    async def _with_faults(self, call: Call, entry: Entry, faults: list[Fault]) -> Outcome:
        for fault in faults:
            if fault.type == "latency":
                await asyncio.sleep(fault.action.get("seconds", 0))
        prepare(call, faults)
        barrier = self.barriers.catch(call, entry.kind)
        entry.barrier = barrier.id if barrier else None
        try:
            if barrier is not None:
                return await self._behind(barrier, call, entry, faults)
            return self._act(call, entry, faults)
        finally:
            if barrier is not None:
                barrier.finished.set()

    async def _behind(self, barrier: Barrier, call: Call, entry: Entry, faults: list[Fault]) -> Outcome:
        done = self._act(call, entry, faults) if barrier.stage == "after" else None
        await barrier.released.wait()
        self.world.clock.run_due()
        if barrier.outcome == "answer":
            return Outcome(barrier.answer)
        if barrier.outcome == "drop":
            return Outcome(None, "reset")
        if done is None:
            done = self._act(call, entry, faults)
        return Outcome(None, "reset") if barrier.outcome == "apply-drop" else done

    def throttle(self, action: Mapping[str, Any]) -> None:
        """Close a bucket as a fault says."""
        bucket, seconds = action.get("bucket", "writes"), action.get("retryAfter", 1.0)
        self.limits.close(bucket, seconds, action.get("clientId", ""))

    def _act(self, call: Call, entry: Entry, faults: list[Fault]) -> Outcome:
        """Apply the request, or not, as the faults want it."""
        for fault in faults:
            if fault.type == "throttle":
                self.throttle(fault.action)
                closed = self.limits.closed(bucket_of(call.method), call.principal.client_id)
                if closed is not None:
                    return Outcome(closed)
            answer = replacement(fault, call)
            if answer is None and fault.type not in ("drop", "hostile"):
                continue
            self._apply_by(fault, call, entry)
            if fault.type == "hostile":
                return Outcome(None, hostile=fault)
            return Outcome(answer, str(fault.action.get("how", "reset")))
        return Outcome(self._apply(call, entry))

    def _apply_by(self, fault: Fault, call: Call, entry: Entry) -> None:
        if fault.effect == "applied":
            self._apply(call, entry)
        elif fault.effect == "late":
            entry.effect = "late"
            seconds = fault.action.get("seconds")
            if seconds is None:
                fault.late.append(lambda: self._land(call, entry))
            else:
                self.world.clock.call_later(seconds, lambda: self._apply_late(call, entry))

    def _apply_late(self, call: Call, entry: Entry) -> None:
        self._land(call, entry)

    def _land(self, call: Call, entry: Entry) -> Answer:
        """Do it, and note whether a PUT met something that was there already."""
        met = self.world.store.get(key_of(call.path)) is not None
        answer = self._of_service(call)
        if call.method == "PUT" and call.api == "v3" and answer.status < 300:
            entry.over = met
        return answer

    def _of_service(self, call: Call) -> Answer:
        return self.v2.answer(call) if call.api == "v2" else self.router.answer(call)

    def _apply(self, call: Call, entry: Entry) -> Answer:
        answer = self._land(call, entry)
        entry.effect = "applied" if answer.status < 300 else "none"
        return answer

    # --- answers -----------------------------------------------------------------------------------------------------

    async def _finish(self, entry: Entry, answer: Answer, headers: dict[str, str] | None = None) -> web.StreamResponse:
        entry.retry_after = seconds_of(answer.headers.get("Retry-After", ""))
        await self.log.end(entry, answer.status)
        return self._respond(answer, self._headers(entry) | (headers or {}))

    def _respond(self, answer: Answer, headers: dict[str, str] | None = None) -> web.Response:
        merged = {"Date": http_date(self.world.clock.now())} | (headers or {}) | answer.headers
        if answer.body is not None:
            merged["Content-Type"] = answer.content_type
        return web.Response(status=answer.status, body=answer.body, headers=merged)

    def _headers(self, entry: Entry) -> dict[str, str]:
        if entry.api == "v2":
            return v2.headers(entry.request_id, entry.client_request_id)
        headers = {
            "x-ms-request-id": entry.request_id,
            "x-ms-correlation-request-id": entry.request_id,
            "OData-Version": "4.0",
            "Cache-Control": "no-cache",
        }
        if entry.client_request_id:
            headers["x-ms-client-request-id"] = entry.client_request_id
        return headers

    def _unauthorized(self, error: TokenError, origin: str) -> Answer:
        uri = f"{origin}/{self.tokens.tenant_id}"
        challenge = f'Bearer authorization_uri="{uri}", error="invalid_token", error_description="{error.message}"'
        return Answer.of(
            401, {"error": {"code": error.code, "message": error.message}}, {"WWW-Authenticate": challenge}
        )

    def _note(self, call: Call, parts: list[str]) -> Entry:
        if call.api == "v2":
            kind, writes = v2.subject(call)
        else:
            about, is_collection = subject(parts)
            kind = f"{'LIST' if call.method == 'GET' and is_collection else call.method} {about}"
            asks = call.method == "POST" and bool(parts) and parts[-1].lower().startswith(_ASKING)
            writes = call.method not in ("GET", "HEAD") and not asks
        return self.log.begin(
            method=call.method,
            path=call.path,
            api_version=call.query.get("api-version", ""),
            kind=kind,
            api=call.api,
            access="write" if writes else "read",
            request_id=call.request_id,
            client_request_id=client_request_id(call)[:80],
            user_agent=call.headers.get("user-agent", "")[:300],
            client_id="",
        )


def client_request_id(call: Call) -> str:
    """What the client calls its request; version 2 takes two names for it."""
    second = call.headers.get("client-request-id", "") if call.api == "v2" else ""
    return call.headers.get("x-ms-client-request-id", second)


def seconds_of(text: str) -> float | None:
    """A Retry-After in seconds; None where it is absent or a date."""
    try:
        return float(text)
    except ValueError:
        return None


def _refusal(status: int, code: str, message: str) -> Answer:
    return Answer(status, ArmError(status, code, message).body(), content_type=ERROR_TYPE)
