"""What the operator counts. Labels name kinds, verbs and codes, never objects: their number must not grow with use."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, GCCollector, Histogram, PlatformCollector
from prometheus_client.process_collector import ProcessCollector


class Metrics:
    """All metrics, in a registry of their own. The methods may be called from any thread."""

    def __init__(
        self,
        registry: CollectorRegistry,
        version: str = "",
        process: bool = True,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`process` adds memory, CPU and garbage collection of the process itself."""
        self.registry = registry
        self._monotonic = monotonic
        self._sweep: float | None = None
        self._states: dict[str, frozenset[str]] = {}
        self._reasons: frozenset[str] = frozenset()
        prefix = "ams_operator_"
        self._service = Counter(
            f"{prefix}service_requests", "Requests sent to the service.", ["kind", "verb", "code"], registry=registry
        )
        self._kubernetes = Counter(
            f"{prefix}kubernetes_requests",
            "Requests sent to the API server, the watches excepted.",
            ["kind", "verb", "code"],
            registry=registry,
        )
        self._queue = Gauge(f"{prefix}queue_depth", "Groups that wait for their turn.", ["lane"], registry=registry)
        self._reconcile = Histogram(
            f"{prefix}reconcile_seconds",
            "From taking a group up to putting it down, waiting for answers included.",
            ["kind"],
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60),
            registry=registry,
        )
        self._objects = Gauge(
            f"{prefix}objects", "Custom resources by the status of their Ready.", ["kind", "ready"], registry=registry
        )
        self._held = Gauge(
            f"{prefix}held", "Custom resources by the reasons of their holds.", ["reason"], registry=registry
        )
        self._budget = Gauge(
            f"{prefix}budget_left",
            "Requests that may be sent now; the lowest of all budgets.",
            ["bucket"],
            registry=registry,
        )
        self._closed = Gauge(
            f"{prefix}budget_closed",
            "Budgets of which the service keeps the bucket closed now.",
            ["bucket"],
            registry=registry,
        )
        self._poison = Counter(
            f"{prefix}poison", "Objects or listed items that could not be worked on.", ["kind"], registry=registry
        )
        self._released = Counter(
            f"{prefix}released_on_air",
            "Objects that went while what they kept stays on air.",
            ["kind"],
            registry=registry,
        )
        Gauge(
            f"{prefix}oldest_sweep_seconds", "Time since the longest overdue sweep ended.", registry=registry
        ).set_function(self._sweep_age)
        self._suspected = Gauge(
            f"{prefix}suspected",
            "Objects that are held since too much of their account is gone, or differs, at once.",
            ["reason"],
            registry=registry,
        )
        self._counters: dict[tuple[Counter, str, str, int | None], Counter] = {}
        self._lag = Gauge(f"{prefix}loop_lag_seconds", "How late the engine's loop was last.", registry=registry)
        self._ready = Gauge(f"{prefix}ready", "1 while /readyz says yes.", registry=registry)
        self._term = Gauge(f"{prefix}term", "The term in which it leads; 0 while it stands by.", registry=registry)
        self._leading = Gauge(f"{prefix}leading", "1 while it may write.", registry=registry)
        self._starts = Counter(f"{prefix}watch_starts", "How often the watches were started.", registry=registry)
        Gauge(f"{prefix}build", "Always 1; carries the version.", ["version"], registry=registry).labels(version).set(1)
        if process:
            ProcessCollector(registry=registry)
            PlatformCollector(registry=registry)
            GCCollector(registry=registry)

    def service_request(self, kind: str, verb: str, code: int | None) -> None:
        """One request to the service was sent; `code` None: no answer came."""
        self._counter(self._service, kind, verb, code).inc()

    def kubernetes_request(self, kind: str, verb: str, code: int | None) -> None:
        """One request to the API server was sent; `code` None: no answer came."""
        self._counter(self._kubernetes, kind, verb, code).inc()

    def _counter(self, counter: Counter, kind: str, verb: str, code: int | None) -> Counter:
        """The child of these labels, looked up once: there are few, and each request needs one."""
        key = (counter, kind, verb, code)
        if key not in self._counters:
            self._counters[key] = counter.labels(kind, verb, _code(code))
        return self._counters[key]

    def queue_depth(self, lane: str, depth: int) -> None:
        """How many groups wait in a lane."""
        self._queue.labels(lane).set(depth)

    def reconciled(self, kind: str, seconds: float) -> None:
        """One group was worked on once."""
        self._reconcile.labels(kind).observe(seconds)

    def objects(self, kind: str, by_ready: Mapping[str, int]) -> None:
        """How many custom resources of a kind there are, by status of Ready ("True", "False", "Unknown", "")."""
        for ready in self._states.get(kind, frozenset()) - by_ready.keys():
            self._objects.labels(kind, ready).set(0)
        for ready, count in by_ready.items():
            self._objects.labels(kind, ready).set(count)
        self._states[kind] = self._states.get(kind, frozenset()) | by_ready.keys()

    def held(self, by_reason: Mapping[str, int]) -> None:
        """How many custom resources there are by the reason of a hold; one that several hold counts for each."""
        for reason in self._reasons - by_reason.keys():
            self._held.labels(reason).set(0)
        for reason, count in by_reason.items():
            self._held.labels(reason).set(count)
        self._reasons |= by_reason.keys()

    def budget_left(self, bucket: str, requests: float) -> None:
        """How many requests the tightest budget has left in a bucket (read, write, delete)."""
        self._budget.labels(bucket).set(requests)

    def budget_closed(self, bucket: str, budgets: int) -> None:
        """How many budgets the service keeps closed for a bucket (read, write, delete)."""
        self._closed.labels(bucket).set(budgets)

    def poison(self, kind: str) -> None:
        """An object or a listed item was set aside after an error of ours."""
        self._poison.labels(kind).inc()

    def released_on_air(self, kind: str) -> None:
        """Something was let go while it was on air: an orphan that costs money."""
        self._released.labels(kind).inc()

    def suspected(self, reason: str, objects: int) -> None:
        """How many objects are held for what happens to many at once."""
        self._suspected.labels(reason).set(objects)

    def oldest_sweep(self, ended: float | None) -> None:
        """Monotonic time at which the least recent sweep ended; None: there is nothing to sweep."""
        self._sweep = ended

    def loop_lag(self, seconds: float) -> None:
        """How late the engine's loop ran a timer."""
        self._lag.set(seconds)

    def ready(self, ready: bool) -> None:
        """What /readyz says."""
        self._ready.set(1 if ready else 0)

    def leads(self, term: int | None, may_write: bool) -> None:
        """Whether this replica leads, and in which term; without a Lease there is no term."""
        self._term.set(term or 0)
        self._leading.set(1 if may_write else 0)

    def watches_started(self) -> None:
        """The watches were started, again or for the first time."""
        self._starts.inc()

    def _sweep_age(self) -> float:
        return 0.0 if self._sweep is None else max(0.0, self._monotonic() - self._sweep)


def _code(code: int | None) -> str:
    return "none" if code is None else str(code)
