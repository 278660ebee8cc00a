"""Resource Manager's quotas: a token bucket per subscription, client and kind of request, on the emulator's clock."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ams_emulator.call import Answer, Call
from ams_emulator.clock import Clock, seconds_text
from ams_emulator.config import Settings
from ams_emulator.faults import bucket_of

# Size and refill per second, as published for Resource Manager since 2024.
LIMITS: Mapping[str, tuple[float, float]] = MappingProxyType(
    {"reads": (250.0, 25.0), "writes": (200.0, 10.0), "deletes": (200.0, 10.0)}
)


class RateLimits:
    """The buckets, and the windows in which a fault closed one."""

    def __init__(self, clock: Clock, settings: Settings) -> None:
        self._clock = clock
        self._settings = settings
        self._levels: dict[tuple[str, str, str], tuple[float, float]] = {}
        self._closed_until: dict[str, float] = {}

    def close(self, bucket: str, seconds: float) -> None:
        """Answer every request of a bucket with 429 for so long."""
        self._closed_until[bucket] = self._clock.time() + seconds

    def open(self) -> None:
        self._closed_until.clear()

    def closed(self, bucket: str) -> Answer | None:
        """The 429 of a window, while one is open."""
        left = self._closed_until.get(bucket, 0.0) - self._clock.time()
        return _throttled(bucket, left) if left > 0 else None

    def take(self, call: Call, subscription: str) -> tuple[Answer | None, dict[str, str]]:
        """A 429 when the quota is used up, and the headers that every answer carries."""
        bucket = bucket_of(call.method)
        name = f"x-ms-ratelimit-remaining-subscription-{bucket}"
        now = self._clock.time()
        closed = self.closed(bucket)
        if closed is not None:
            return closed, {name: "0"}
        size, refill = LIMITS[bucket]
        if self._settings.rate_limits == "off":
            return None, {name: str(int(size) - 1)}
        key = (subscription.lower(), call.principal.client_id, bucket)
        level, then = self._levels.get(key, (size, now))
        level = min(size, level + (now - then) * refill)
        if level < 1:
            self._levels[key] = (level, now)
            return _throttled(bucket, (1 - level) / refill), {name: "0"}
        self._levels[key] = (level - 1, now)
        return None, {name: str(int(level - 1))}


def _throttled(bucket: str, seconds: float) -> Answer:
    message = (
        f"The quota of {bucket} of this subscription and client is used up. Try again in {seconds_text(seconds)} s."
    )
    return Answer.of(
        429, {"error": {"code": "TooManyRequests", "message": message}}, {"Retry-After": seconds_text(seconds)}
    )
