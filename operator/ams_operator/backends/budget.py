"""Permission to send: three buckets for each (origin, subscription, principal), fed by what the service says.

A window that the service closes closes its own bucket only: throttled reads must not stop a stop. Waiting requests
are served by lane, the user's before a sweep's. Figures: Azure Resource Manager's limits since 2024 for one principal.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from ams_operator.api.reasons import Reason
from ams_operator.domain.answers import Lane, NotSent

LIMITS = {"read": (250.0, 25.0), "write": (200.0, 10.0), "delete": (200.0, 10.0)}
"""bucket to (size, tokens a second)"""
START = 10.0
"""tokens of a new process, which does not know what its predecessor spent; the first good answers raise it"""
LONGEST = 5.0
"""seconds that a request waits here; with more ahead of it, it comes back later and frees its worker"""
_OF_METHOD = {"GET": "read", "HEAD": "read", "DELETE": "delete"}


def bucket_of(method: str) -> str:
    """Reads, deletes, and writes: everything else, actions too."""
    return _OF_METHOD.get(method, "write")


@dataclass(slots=True)
class Bucket:
    """Tokens of one bucket, and until when the service has closed it."""

    size: float
    rate: float
    tokens: float
    filled: float
    closed_until: float = 0.0
    proven: bool = False
    queue: list[tuple[int, int, asyncio.Future[None]]] = field(default_factory=list)
    serving: asyncio.Task[None] | None = None

    def refill(self, now: float) -> None:
        """Add what came in since the last look."""
        self.tokens = min(self.size, self.tokens + (now - self.filled) * self.rate)
        self.filled = now


class Budget:
    """The buckets of one principal at one place. `paced` False leaves only the windows that the service closes."""

    def __init__(
        self,
        now: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        *,
        paced: bool = True,
    ) -> None:
        self._now, self._sleep, self._paced = now, sleep, paced
        self._numbers = itertools.count()
        self.buckets = {name: Bucket(size, rate, START, now()) for name, (size, rate) in LIMITS.items()}

    async def take(self, method: str, lane: Lane) -> None:
        """Wait for permission to send one request. Raises NotSent(Throttled) where that would take long."""
        bucket = self.buckets[bucket_of(method)]
        self._check_open(bucket, method)
        if not self._paced:
            return
        bucket.refill(self._now())
        if bucket.tokens >= 1 and not bucket.queue:
            bucket.tokens -= 1
            return
        ahead = sum(1 for other, _, _ in bucket.queue if other <= lane)
        wait = (ahead + 1 - bucket.tokens) / bucket.rate
        if wait > LONGEST:
            raise NotSent(Reason.THROTTLED, "more requests wait than the service's limits allow", self._now() + wait)
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(bucket.queue, (lane, next(self._numbers), turn))
        if bucket.serving is None:
            bucket.serving = asyncio.create_task(self._serve(bucket))
        try:
            await turn
        except asyncio.CancelledError:
            turn.cancel()
            raise
        self._check_open(bucket, method)

    def _check_open(self, bucket: Bucket, method: str) -> None:
        if self._now() < bucket.closed_until:
            raise NotSent(Reason.THROTTLED, f"the service throttles {bucket_of(method)}s", bucket.closed_until)

    async def _serve(self, bucket: Bucket) -> None:
        """Hand tokens to whoever waits, most urgent first."""
        while bucket.queue:
            bucket.refill(self._now())
            if bucket.tokens < 1:
                await self._sleep((1 - bucket.tokens) / bucket.rate)
                continue
            _, _, turn = heapq.heappop(bucket.queue)
            if not turn.done():
                bucket.tokens -= 1
                turn.set_result(None)
        bucket.serving = None

    def answered(self, method: str, status: int, retry_after: float | None, remaining: float | None) -> None:
        """Learn from an answer: a window that closes, or proof that there is room."""
        now = self._now()
        if status == 429:
            bucket = self.buckets[bucket_of(method)]
            bucket.closed_until = max(bucket.closed_until, now + (retry_after if retry_after is not None else 5.0))
        elif status == 503 and retry_after is not None:
            for bucket in self.buckets.values():
                bucket.closed_until = max(bucket.closed_until, now + retry_after)
        elif remaining is not None:
            bucket = self.buckets[bucket_of(method)]
            bucket.refill(now)
            if not bucket.proven:
                bucket.proven, bucket.tokens = True, bucket.size
            bucket.tokens = min(bucket.tokens, max(0.0, remaining))

    def left(self) -> dict[str, float]:
        """Requests that may be sent now, by bucket; 0 while the service keeps it closed."""
        now = self._now()
        for bucket in self.buckets.values():
            bucket.refill(now)
        return {name: 0.0 if now < one.closed_until else one.tokens for name, one in self.buckets.items()}
