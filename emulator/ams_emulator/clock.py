"""The emulator's clock: real time, or time that stands still until the control API moves it.

Everything that a client can see of time (`created`, `lastModified`, the `Date` header, operations, quotas) follows this
clock. Tokens don't: clients cache them by their own clock.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Literal

ClockMode = Literal["real", "manual"]
Callback = Callable[[], None]


class Clock:
    """Emulator time in seconds since 1970, and timers on it."""

    def __init__(self, mode: ClockMode = "real") -> None:
        self.mode = mode
        self._base = time.time()
        self._started = time.monotonic()
        self._offset = 0.0
        self._timers: list[tuple[float, int, Callback]] = []
        self._sequence = itertools.count()
        self._running_at: float | None = None
        self._wakeup: asyncio.TimerHandle | None = None

    def time(self) -> float:
        """Seconds since 1970; while a timer runs, the moment it was due."""
        if self._running_at is not None:
            return self._running_at
        elapsed = time.monotonic() - self._started if self.mode == "real" else 0.0
        return self._base + elapsed + self._offset

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.time(), UTC)

    def call_later(self, seconds: float, callback: Callback) -> None:
        """Run `callback` when the clock has moved `seconds` on; at once when that is not positive."""
        if seconds <= 0:
            callback()
            return
        heapq.heappush(self._timers, (self.time() + seconds, next(self._sequence), callback))
        self._arm()

    def run_due(self) -> None:
        """Run every timer that is due, in order. Each request calls this first: no answer shows an older state."""
        while self._timers and self._running_at is None and self._timers[0][0] <= self.time():
            due, _, callback = heapq.heappop(self._timers)
            self._running_at = due
            try:
                callback()
            finally:
                self._running_at = None

    def advance(self, seconds: float) -> None:
        """Move the clock forward; timers run at the moments they are due. Raises ValueError for a negative step."""
        if seconds < 0:
            raise ValueError("seconds must not be negative: the clock only moves forward")
        self._offset += seconds
        self.run_due()
        self._arm()

    def _arm(self) -> None:
        if self.mode == "manual" or not self._timers:
            return
        if self._wakeup is not None:
            self._wakeup.cancel()
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return  # no server runs (a unit test): run_due() is called by hand
        self._wakeup = loop.call_later(max(0.0, self._timers[0][0] - self.time()), self._on_wakeup)

    def _on_wakeup(self) -> None:
        self.run_due()
        self._arm()


def http_date(moment: datetime) -> str:
    """The form of a `Date` header; whole seconds."""
    return format_datetime(moment.replace(microsecond=0), usegmt=True)


def timestamp(moment: datetime) -> str:
    """The service's timestamps: UTC with seven digits of fraction, as in the recordings."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f") + "0Z"


def seconds_text(seconds: float) -> str:
    """A whole number of seconds for `Retry-After`: rounded up, never less than what is left."""
    return str(max(0, -int(-timedelta(seconds=seconds).total_seconds() // 1)))
