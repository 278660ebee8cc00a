"""A reverse proxy before the API server, for the operator of one test: holds requests at exact points, loses their
effects or their answers, answers in the API server's place, or lets nothing through at all.

Plain HTTP on 127.0.0.1 on this side; TLS and the administrator's credentials on the other. Watches stream through.
Stages and outcomes are those of the emulator's barriers, so that a test says the same of both sides.
"""

from __future__ import annotations

import asyncio
import json
import re
import ssl
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Self

import yaml
from aiohttp import ClientError, ClientSession, ClientTimeout, DummyCookieJar, TCPConnector, web
from kubernetes import client
from yarl import URL

JSON = dict[str, Any]
Outcome = Literal["apply", "apply-drop", "drop", "answer"]
Stage = Literal["before", "after"]
FINALIZER = "ams-operator.dev/finalizer"
_PATIENCE = 30.0
_OF_ONE_HOP = frozenset(
    {"authorization", "connection", "content-length", "host", "keep-alive", "te", "trailer", "transfer-encoding"}
)


def anything(body: JSON) -> bool:
    """Whatever it holds."""
    return True


def notes(act: str) -> Callable[[JSON], bool]:
    """Whether a status notes this act."""
    return lambda body: (body["status"]["record"].get("act") or {}).get("name") == act


def reports(body: JSON) -> bool:
    """Whether a status says what an act came to."""
    return bool(body["status"]["record"].get("how")) and "act" not in body["status"]["record"]


def finalized(body: JSON) -> bool:
    """Whether an object, or a change of it, has the finalizer."""
    return FINALIZER in body["metadata"].get("finalizers", ())


def released(body: JSON) -> bool:
    """Whether it has it no more."""
    return not finalized(body)


@dataclass(frozen=True)
class Request:
    """A request as the operator sent it; `path` without its query."""

    method: str
    path: str
    body: JSON


@dataclass
class Barrier:
    """Holds the `nth` request that fits: its method, its path (a regular expression for the whole of it), and what
    `holds` says of its body. `stage` is `before` the effect or `after` it, when only the answer waits."""

    stage: Stage
    method: str
    path: str
    holds: Callable[[JSON], bool]
    nth: int
    held: Future[Request] = field(default_factory=Future)
    released: Future[tuple[Outcome, int, JSON]] = field(default_factory=Future)
    landed: Future[int] = field(default_factory=Future)

    def wait(self, timeout: float = _PATIENCE) -> Request:
        """The request that is held. Raises TimeoutError where none comes in time."""
        return self.held.result(timeout)

    def release(self, outcome: Outcome = "apply", status: int = 200, body: JSON | None = None) -> None:
        """Go on: `apply`, `apply-drop` (effect, no answer), `drop`, or `answer` with `status` and `body`."""
        self.released.set_result((outcome, status, body or {}))

    def effect(self, timeout: float = _PATIENCE) -> int:
        """What the API server answered, whether or not anybody was still there to hear it; 0: it was not asked."""
        return self.landed.result(timeout)

    def catches(self, request: Request) -> bool:
        """Whether it holds this one; counts those that fit."""
        fits = request.method == self.method and re.fullmatch(self.path, request.path) is not None
        if self.nth < 1 or not fits or not self.holds(request.body):
            return False
        self.nth -= 1
        return self.nth == 0


class ApiProxy:
    """Serves in a thread of its own from `with` on; everything but `kubeconfig` may be used in any thread."""

    def __init__(self, api: client.ApiClient) -> None:
        """`api`: how the API server is reached, and as whom."""
        self._server = api.configuration.host
        self._headers: dict[str, str] = {}
        api.update_params_for_auth(self._headers, [], ["BearerToken"], "", "", None)
        configuration = api.configuration
        self._tls: ssl.SSLContext | bool = True
        if self._server.startswith("https:"):
            self._tls = ssl.create_default_context(cafile=configuration.ssl_ca_cert)
            if configuration.cert_file:
                self._tls.load_cert_chain(configuration.cert_file, configuration.key_file)
        self._barriers: list[Barrier] = []
        self._away = False
        self._open: set[asyncio.Transport] = set()
        """the connections with a request under way"""
        self._through = asyncio.Event()
        self._through.set()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), name="proxy", daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._end = asyncio.Event()
        self._port: Future[int] = Future()

    def __enter__(self) -> Self:
        self._thread.start()
        self._port.result(_PATIENCE)
        return self

    def __exit__(self, *_: object) -> None:
        self._now(self._end.set)
        self._thread.join(_PATIENCE)

    def kubeconfig(self, path: Path) -> Path:
        """Writes the kubeconfig that leads here; `path` again."""
        content = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "proxy",
            "contexts": [{"name": "proxy", "context": {"cluster": "proxy", "user": "nobody"}}],
            "clusters": [{"name": "proxy", "cluster": {"server": f"http://127.0.0.1:{self._port.result()}"}}],
            "users": [{"name": "nobody", "user": {}}],
        }
        path.write_text(yaml.safe_dump(content), encoding="utf-8")
        return path

    def barrier(
        self, stage: Stage, method: str, path: str, holds: Callable[[JSON], bool] = anything, nth: int = 1
    ) -> Barrier:
        """Hold a request; see Barrier."""
        made = Barrier(stage, method, path, holds, nth)
        self._barriers.append(made)
        return made

    def pause(self) -> None:
        """Nothing gets through any more, events of watches included; nobody is turned away either."""
        self._now(self._through.clear)

    def turn_away(self) -> None:
        """Every connection breaks without an answer: those that there are, watches included, and each new one."""
        self._now(self._break)

    def go_on(self) -> None:
        """All that was kept goes on to where it was sent, also of those who wait for it no longer."""
        self._now(self._serve_again)

    def _break(self) -> None:
        self._away = True
        for transport in list(self._open):
            transport.abort()

    def _serve_again(self) -> None:
        self._away = False
        self._through.set()

    def _now(self, change: Callable[[], None]) -> None:
        """Returns when it is done in the thread that serves."""
        assert self._loop is not None
        done = threading.Event()
        self._loop.call_soon_threadsafe(change)
        self._loop.call_soon_threadsafe(done.set)
        done.wait(_PATIENCE)

    async def _run(self) -> None:
        self._loop = asyncio.get_running_loop()
        app = web.Application(client_max_size=2**26)
        app.router.add_route("*", "/{path:.*}", self._serve)
        connector = TCPConnector(ssl=self._tls, limit=0)
        self._session = ClientSession(
            connector=connector, cookie_jar=DummyCookieJar(), auto_decompress=False, timeout=ClientTimeout(total=None)
        )
        runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self._port.set_result(runner.addresses[0][1])
        await self._end.wait()
        await runner.cleanup()
        await self._session.close()

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        if self._away or request.transport is None:
            return _dropped(request)
        transport = request.transport
        self._open.add(transport)
        try:
            return await self._served(request)
        finally:
            self._open.discard(transport)

    async def _served(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        asked = Request(request.method, request.path, _json(body))
        barrier = next((one for one in self._barriers if one.catches(asked)), None)
        await self._through.wait()
        try:
            if barrier is not None:
                return await self._behind(barrier, asked, request, body)
            if request.query.get("watch"):
                return await self._stream(request)
            return await self._ask(request, body)
        except ClientError:
            return _dropped(request)

    async def _behind(self, barrier: Barrier, asked: Request, request: web.Request, body: bytes) -> web.StreamResponse:
        done = await self._ask(request, body) if barrier.stage == "after" else None
        barrier.held.set_result(asked)
        outcome, status, answer = await asyncio.wrap_future(barrier.released)
        if outcome in ("apply", "apply-drop") and done is None:
            done = await self._ask(request, body)
        barrier.landed.set_result(done.status if done is not None else 0)
        if outcome == "answer":
            return web.json_response(answer, status=status)
        return done if outcome == "apply" and done is not None else _dropped(request)

    async def _ask(self, request: web.Request, body: bytes) -> web.Response:
        """The API server's whole answer. It comes about whatever becomes of who asked."""
        async with self._session.request(
            request.method, self._place(request), data=body or None, headers=self._sent(request), allow_redirects=False
        ) as answer:
            return web.Response(status=answer.status, headers=_kept(answer.headers), body=await answer.read())

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        async with self._session.get(self._place(request), headers=self._sent(request)) as answer:
            response = web.StreamResponse(status=answer.status, headers=_kept(answer.headers))
            await response.prepare(request)
            with suppress(ConnectionError):
                async for chunk in answer.content.iter_any():
                    await self._through.wait()
                    await response.write(chunk)
            return response

    def _place(self, request: web.Request) -> URL:
        return URL(self._server + request.raw_path, encoded=True)

    def _sent(self, request: web.Request) -> dict[str, str]:
        return _kept(request.headers) | self._headers


def _kept(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name.lower() not in _OF_ONE_HOP}


def _dropped(request: web.Request) -> web.Response:
    """The connection ends without an answer."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


def _json(body: bytes) -> JSON:
    try:
        found = json.loads(body or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
