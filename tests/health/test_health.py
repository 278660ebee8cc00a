"""Probes and metrics over HTTP, in front of a loop that may be blocked."""

from __future__ import annotations

import asyncio
import socket
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pytest
from prometheus_client import CollectorRegistry

from ams_operator.health import HealthServer, Heartbeat
from ams_operator.metrics import Metrics


@dataclass
class Time:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Served:
    """A health server and what it is told."""

    time: Time = field(default_factory=Time)
    answer: tuple[bool, Sequence[str]] = (True, ())
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    broken: bool = False

    def __post_init__(self) -> None:
        self.heartbeat = Heartbeat(monotonic=self.time)
        self.server = HealthServer("127.0.0.1", 0, heartbeat=self.heartbeat, ready=self.ready, registry=self.registry)
        self.server.start()

    def ready(self) -> tuple[bool, Sequence[str]]:
        if self.broken:
            raise RuntimeError("a fault")
        return self.answer

    def get(self, path: str, method: str = "GET") -> tuple[int, str]:
        request = urllib.request.Request(f"http://127.0.0.1:{self.server.port}{path}", method=method)
        try:
            with urllib.request.urlopen(request, timeout=10) as response:
                return response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()


@pytest.fixture
def served() -> Iterator[Served]:
    made = Served()
    yield made
    made.server.stop()


def test_alive_while_the_loop_beats(served: Served) -> None:
    assert served.get("/healthz") == (200, "ok\n")
    served.time.now += 29
    assert served.get("/healthz")[0] == 200
    served.time.now += 2
    code, text = served.get("/healthz")
    assert code == 503
    assert "has not run for 31 s" in text


def test_alive_says_nothing_of_readiness(served: Served) -> None:
    served.answer = (False, ("the API server does not answer",))
    assert served.get("/healthz")[0] == 200
    assert served.get("/readyz") == (503, "the API server does not answer\n")


def test_ready_tells_each_reason_on_its_line(served: Served) -> None:
    assert served.get("/readyz") == (200, "ok\n")
    served.answer = (False, ("one", "two"))
    assert served.get("/readyz") == (503, "one\ntwo\n")
    served.answer = (False, ())
    assert served.get("/readyz") == (503, "not ready\n")


def test_a_readiness_check_that_fails_is_not_ready(served: Served) -> None:
    served.broken = True
    assert served.get("/readyz")[0] == 503
    served.broken = False
    assert served.get("/readyz")[0] == 200


def test_metrics_are_those_of_the_registry_given(served: Served) -> None:
    Metrics(served.registry, "1.2.3").service_request("Transform", "put", 201)
    code, text = served.get("/metrics")
    assert code == 200
    assert 'ams_operator_service_requests_total{code="201",kind="Transform",verb="put"} 1.0' in text


def test_other_paths_name_those_there_are(served: Served) -> None:
    code, text = served.get("/")
    assert code == 404
    assert "/healthz, /readyz and /metrics" in text
    assert served.get("/healthz/?verbose=1")[0] == 200
    assert served.get("/healthz", "HEAD") == (200, "")


def test_a_silent_client_keeps_nobody_else_waiting(served: Served) -> None:
    with socket.create_connection(("127.0.0.1", served.server.port)):
        assert served.get("/healthz")[0] == 200


async def test_it_answers_while_the_loop_is_blocked() -> None:
    """The loop itself waits for the answers: a server inside it could never give them."""
    heartbeat = Heartbeat()
    heartbeat.start()
    server = HealthServer("127.0.0.1", 0, heartbeat=heartbeat, ready=lambda: (True, ()), registry=CollectorRegistry())
    server.start()
    codes: list[int] = []

    def ask() -> None:
        for path in ("/healthz", "/readyz", "/metrics"):
            with urllib.request.urlopen(f"http://127.0.0.1:{server.port}{path}", timeout=10) as response:
                codes.append(response.status)

    asking = threading.Thread(target=ask)
    asking.start()
    asking.join()  # blocks this loop on purpose
    assert codes == [200, 200, 200]
    server.stop()
    heartbeat.stop()


async def test_the_heart_beats_in_the_loop_and_tells_how_late() -> None:
    lags: list[float] = []
    heard = asyncio.Event()

    def hear(lag: float) -> None:
        lags.append(lag)
        if len(lags) == 3:
            heard.set()

    time = Time()
    heartbeat = Heartbeat(interval=0.001, monotonic=time, on_lag=hear)
    time.now += 100
    assert heartbeat.age() == 100
    heartbeat.start()
    assert heartbeat.age() == 0
    time.now += 5.001
    await heard.wait()
    heartbeat.stop()
    assert lags[0] == pytest.approx(5.0)
    assert lags[1:] == [0, 0]


def test_a_port_in_use_is_an_error_at_once(served: Served) -> None:
    with pytest.raises(OSError, match="in use"):
        HealthServer(
            "127.0.0.1",
            served.server.port,
            heartbeat=served.heartbeat,
            ready=served.ready,
            registry=CollectorRegistry(),
        )
