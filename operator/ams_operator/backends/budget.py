"""Permission to send: three buckets for each (origin, subscription, principal), fed by what the service says.

A window that the service closes closes its own bucket only: throttled reads must not stop a stop. Waiting requests
are served by class, and in a class account by account (`domain.turns`). Figures: Azure Resource Manager's limits since
2024 for one principal.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from ams_operator.api.reasons import Reason
from ams_operator.domain.answers import Lane, NotSent, Recalled
from ams_operator.domain.turns import Turns

LIMITS: Final[Mapping[str, tuple[float, float]]] = MappingProxyType(
    {"read": (250.0, 25.0), "write": (200.0, 10.0), "delete": (200.0, 10.0)}
)
"""bucket to (size, tokens a second)"""
START: Final = 10.0
"""tokens of a new process, which can't know what its predecessor spent; the first good answers raise it"""
LONGEST_WAIT: Final = 5.0
"""seconds that a request waits here; with more ahead of it, it comes back later and frees its worker"""
UNSAID: Final = 5.0
"""seconds that a window stays closed where the service does not say"""
LONGEST_WINDOW: Final = 3600.0
SHORTEST_SLEEP: Final = 0.001
"""seconds; shorter ones are lost in rounding, and the wait would spin"""
_OF_METHOD: Final = MappingProxyType({"GET": "read", "HEAD": "read", "DELETE": "delete"})


def bucket_of(method: str) -> str:
    """Reads, deletes, and writes: everything else, actions too."""
    return _OF_METHOD.get(method, "write")


@dataclass(slots=True)
class Bucket:
    """Tokens of one bucket, who waits for them, and until when the service has closed it."""

    size: float
    rate: float
    tokens: float
    filled: float
    closed_until: float = 0.0
    proven: bool = False
    """the service has said what is left"""
    turns: Turns[asyncio.Future[None]] = field(default_factory=Turns)
    waiting: dict[Hashable, asyncio.Future[None]] = field(default_factory=dict)
    """who waits on behalf of a resource"""
    serving: asyncio.Task[None] | None = None
    """hands out tokens while somebody waits"""

    def refill(self, now: float) -> None:
        """Add what came in since the last look."""
        self.tokens = min(self.size, self.tokens + max(0.0, now - self.filled) * self.rate)
        self.filled = now

    def wait(self, lane: Lane) -> float:
        """Seconds until the last of this class would be served if one more asked now, and nobody of the others gave up
        his share."""
        return (self.turns.count(lane) + 1 - self.tokens) / (self.rate * self.turns.share(lane))


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
        self.buckets = {name: Bucket(size, rate, START, now()) for name, (size, rate) in LIMITS.items()}

    async def take(self, method: str, lane: Lane, account: str = "", resource: Hashable = None) -> None:
        """Wait for permission to send one request. Raises NotSent(Throttled) where that would take long, and Recalled
        where something more urgent came for the same `resource`."""
        name = bucket_of(method)
        bucket, now = self.buckets[name], self._now()
        if now < bucket.closed_until:
            raise _closed(name, bucket.closed_until)
        if not self._paced:
            return
        bucket.refill(now)
        if bucket.tokens >= 1 and bucket.serving is None:
            bucket.tokens -= 1
            return
        wait = bucket.wait(lane)
        if wait > LONGEST_WAIT:
            raise NotSent(Reason.THROTTLED, "more requests wait than the service's limits allow", now + wait)
        await self._turn(bucket, lane, account, resource)
        if self._now() < bucket.closed_until:
            raise _closed(name, bucket.closed_until)

    async def _turn(self, bucket: Bucket, lane: Lane, account: str, resource: Hashable) -> None:
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        bucket.turns.push(turn, lane, account)
        if resource is not None:
            bucket.waiting[resource] = turn
        if bucket.serving is None:
            bucket.serving = asyncio.create_task(self._serve(bucket))
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled() and turn.exception() is None:
                bucket.tokens += 1  # it was given a token and can't use it
            raise
        finally:
            bucket.turns.remove(turn)
            if resource is not None and bucket.waiting.get(resource) is turn:
                del bucket.waiting[resource]

    def recall(self, resource: Hashable, lane: Lane) -> None:
        """Send away who still waits on behalf of a resource in a class that is less urgent than `lane`: what he wanted
        to send is outdated, and nobody else may work on the resource while he waits."""
        for bucket in self.buckets.values():
            turn = bucket.waiting.get(resource)
            waits = bucket.turns.lane(turn) if turn is not None else None
            if turn is not None and waits is not None and waits > lane and not turn.done():
                bucket.turns.remove(turn)
                turn.set_exception(Recalled(Reason.PROGRESSING, "something more urgent came for it"))

    async def _serve(self, bucket: Bucket) -> None:
        """Hand tokens to whoever waits, in their turns."""
        try:
            while bucket.turns:
                bucket.refill(self._now())
                if bucket.tokens < 1:
                    await self._sleep(max(SHORTEST_SLEEP, (1 - bucket.tokens) / bucket.rate))
                    continue
                following = bucket.turns.pop()
                if following is not None and not following[0].done():
                    bucket.tokens -= 1
                    following[0].set_result(None)
        finally:
            bucket.serving = None

    def answered(self, method: str, status: int, retry_after: float | None, remaining: float | None) -> None:
        """Learn from an answer: a window that closes, or how much room there is."""
        name = bucket_of(method)
        if status == 429:
            self._close(name, UNSAID if retry_after is None else retry_after)
        elif status == 503 and retry_after is not None:
            for each in self.buckets:
                self._close(each, retry_after)
        elif remaining is not None:
            bucket = self.buckets[name]
            bucket.refill(self._now())
            if not bucket.proven:
                bucket.proven, bucket.tokens = True, bucket.size
            bucket.tokens = min(bucket.tokens, max(0.0, remaining))

    def _close(self, name: str, seconds: float) -> None:
        """Close a window. Who waits is sent away: a token that is handed out now could not be used."""
        bucket, now = self.buckets[name], self._now()
        bucket.closed_until = max(bucket.closed_until, now + min(seconds, LONGEST_WINDOW))
        bucket.refill(now)
        bucket.tokens = 0.0
        for turn in bucket.turns.clear():
            if not turn.done():
                turn.set_exception(_closed(name, bucket.closed_until))

    def left(self) -> dict[str, float]:
        """Requests that may be sent now, by bucket; 0 while the service keeps it closed."""
        now = self._now()
        for bucket in self.buckets.values():
            bucket.refill(now)
        return {name: 0.0 if now < one.closed_until else one.tokens for name, one in self.buckets.items()}

    def closed(self) -> frozenset[str]:
        """The buckets that the service keeps closed now."""
        now = self._now()
        return frozenset(name for name, one in self.buckets.items() if now < one.closed_until)

    def close(self) -> None:
        """Serve nobody any more."""
        for bucket in self.buckets.values():
            if bucket.serving is not None:
                bucket.serving.cancel()


def _closed(name: str, until: float) -> NotSent:
    return NotSent(Reason.THROTTLED, f"the service throttles {name}s of this credential", until)
