"""The process seen from outside: alive, ready, metrics.

In its own thread, so that a blocked loop is reported and not hidden.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Sequence
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

LAG_LIMIT: Final = 30.0
"""Seconds without a beat of the engine's loop after which the process counts as dead."""

logger = logging.getLogger(__name__)

Ready = Callable[[], tuple[bool, Sequence[str]]]
Alive = Callable[[], tuple[bool, str]]


class Heartbeat:
    """The pulse of an event loop: the loop beats, any thread may look."""

    def __init__(
        self,
        interval: float = 1.0,
        monotonic: Callable[[], float] = time.monotonic,
        on_lag: Callable[[float], None] | None = None,
    ) -> None:
        """`on_lag` hears after each beat how late it was, in seconds."""
        self._interval = interval
        self._monotonic = monotonic
        self._on_lag = on_lag
        self._last = monotonic()
        self._handle: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Beat in the running loop until `stop`."""
        self._beat(asyncio.get_running_loop())

    def stop(self) -> None:
        """No further beats."""
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def age(self) -> float:
        """Seconds since the last beat, or since this object was made."""
        return self._monotonic() - self._last

    def _beat(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._on_lag is not None and self._handle is not None:
            self._on_lag(max(0.0, self.age() - self._interval))
        self._last = self._monotonic()
        self._handle = loop.call_later(self._interval, self._beat, loop)


class HealthServer:
    """`/healthz`, `/readyz` and `/metrics` on one plain HTTP port.

    `/healthz` asks the heartbeat and the thread of the Lease only: neither the service nor the API server may have the
    process restarted.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        heartbeat: Heartbeat,
        ready: Ready,
        registry: CollectorRegistry,
        term: Alive = lambda: (True, ""),
        lag_limit: float = LAG_LIMIT,
    ) -> None:
        """Bind at once; port 0 takes a free one. `ready` and `term` are called in the server's threads and must not
        wait. `term` says whether somebody looks after it, and who leads.

        Raises OSError where the address can't be bound."""
        self._heartbeat = heartbeat
        self._ready = ready
        self._registry = registry
        self._term = term
        self._lag_limit = lag_limit
        self._server = _Server((host, port), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.1,), name="health", daemon=True)

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return int(self._server.server_address[1])

    def start(self) -> None:
        """Answer from now on."""
        self._thread.start()

    def stop(self) -> None:
        """Stop answering and close the port."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()

    def answer(self, path: str) -> tuple[HTTPStatus, str, bytes]:
        """Status, content type and body for a path."""
        match path.partition("?")[0].rstrip("/"):
            case "/healthz":
                age = self._heartbeat.age()
                if age >= self._lag_limit:
                    return _text(HTTPStatus.SERVICE_UNAVAILABLE, f"the engine's loop has not run for {age:.0f} s")
                alive, who = self._term()
                if not alive:
                    return _text(HTTPStatus.SERVICE_UNAVAILABLE, "the thread that keeps the Lease does not run")
                return _text(HTTPStatus.OK, "\n".join(filter(None, ("ok", who))))
            case "/readyz":
                return self._readiness()
            case "/metrics":
                return HTTPStatus.OK, CONTENT_TYPE_LATEST, generate_latest(self._registry)
            case _:
                return _text(HTTPStatus.NOT_FOUND, "there are /healthz, /readyz and /metrics")

    def _readiness(self) -> tuple[HTTPStatus, str, bytes]:
        try:
            ready, reasons = self._ready()
        except Exception:
            logger.exception("the readiness check failed")
            return _text(HTTPStatus.SERVICE_UNAVAILABLE, "the readiness check failed; see the log")
        text = "\n".join(reasons) or ("ok" if ready else "not ready")
        return _text(HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE, text)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64


def _text(status: HTTPStatus, text: str) -> tuple[HTTPStatus, str, bytes]:
    return status, "text/plain; charset=utf-8", f"{text}\n".encode()


def _handler(server: HealthServer) -> type[BaseHTTPRequestHandler]:
    """A handler class that knows its server; http.server leaves no other way to hand something over."""

    class Handler(BaseHTTPRequestHandler):
        timeout = 10  # a client that never finishes its request
        server_version = "ams-operator"
        sys_version = ""

        def do_GET(self) -> None:
            self._respond(with_body=True)

        def do_HEAD(self) -> None:
            self._respond(with_body=False)

        def _respond(self, *, with_body: bool) -> None:
            status, content_type, body = server.answer(self.path)
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if with_body:
                self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: a line for each probe would drown the rest."""

    return Handler
