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


# The provider's own quota, which recordings of asset, locator and job writes show instead: 12,000, for an hour perhaps.
RESOURCE_REQUESTS = "resource-requests"
_RESOURCE_LIMIT = (12_000.0, 12_000 / 3600)
_RESOURCE_KINDS = ("assets", "streaminglocators", "jobs")


class RateLimits:
    """The buckets, and the windows in which a fault closed one."""

    def __init__(self, clock: Clock, settings: Settings) -> None:
        self._clock = clock
        self._settings = settings
        self._levels: dict[tuple[str, str, str], tuple[float, float]] = {}
        self._closed_until: dict[tuple[str, str], float] = {}

    def close(self, bucket: str, seconds: float, client_id: str = "") -> None:
        """Answer every request of a bucket with 429 for so long: everybody's, or one client's."""
        self._closed_until[(bucket, client_id)] = self._clock.time() + seconds

    def open(self) -> None:
        self._closed_until.clear()

    def closed(self, bucket: str, client_id: str) -> Answer | None:
        """The 429 of a window that concerns this client, while there is one."""
        until = max(self._closed_until.get((bucket, whose), 0.0) for whose in ("", client_id))
        left = until - self._clock.time()
        return _throttled(bucket, left) if left > 0 else None

    def take(self, call: Call, subscription: str) -> tuple[Answer | None, dict[str, str]]:
        """A 429 when the quota is used up, and the headers that every answer carries."""
        kept = _quota_of(call)
        name = f"x-ms-ratelimit-remaining-subscription-{kept}"
        now = self._clock.time()
        closed = self.closed(bucket_of(call.method), call.principal.client_id)
        if closed is not None:
            return closed, {name: "0"}
        size, refill = LIMITS.get(kept, _RESOURCE_LIMIT)
        if self._settings.rate_limits == "off":
            return None, {name: str(int(size) - 1)}
        key = (subscription.lower(), call.principal.client_id, kept)
        level, then = self._levels.get(key, (size, now))
        level = min(size, level + (now - then) * refill)
        if level < 1:
            self._levels[key] = (level, now)
            return _throttled(kept, (1 - level) / refill), {name: "0"}
        self._levels[key] = (level - 1, now)
        return None, {name: str(int(level - 1))}


def _quota_of(call: Call) -> str:
    """The quota that a request is taken from."""
    kind = call.path.lower().rstrip("/").split("/")[-2:-1]
    own = call.method in ("PUT", "PATCH") and kind and kind[0] in _RESOURCE_KINDS
    return RESOURCE_REQUESTS if own else bucket_of(call.method)


def _throttled(bucket: str, seconds: float) -> Answer:
    message = (
        f"The quota of {bucket} of this subscription and client is used up. Try again in {seconds_text(seconds)} s."
    )
    return Answer.of(
        429, {"error": {"code": "TooManyRequests", "message": message}}, {"Retry-After": seconds_text(seconds)}
    )
