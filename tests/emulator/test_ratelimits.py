"""Resource Manager's quotas on a clock that only the test moves."""

import pytest

from ams_emulator.call import Call, Principal
from ams_emulator.clock import Clock
from ams_emulator.config import Settings
from ams_emulator.ratelimits import RateLimits


def call(method: str, client: str = "one", path: str = "/") -> Call:
    return Call(method, path, path, {}, {}, b"", "", Principal(client, client), "id")


@pytest.fixture
def clock() -> Clock:
    return Clock("manual")


@pytest.mark.parametrize(
    ("method", "bucket", "size", "refill"),
    [
        ("GET", "reads", 250, 25),
        ("PUT", "writes", 200, 10),
        ("PATCH", "writes", 200, 10),
        ("POST", "writes", 200, 10),
        ("DELETE", "deletes", 200, 10),
    ],
)
def test_bucket(clock: Clock, method: str, bucket: str, size: int, refill: int) -> None:
    limits, header = RateLimits(clock, Settings()), f"x-ms-ratelimit-remaining-subscription-{bucket}"
    for left in range(size - 1, -1, -1):
        refused, headers = limits.take(call(method), "sub")
        assert (refused, headers) == (None, {header: str(left)})
    refused, _ = limits.take(call(method), "sub")
    assert refused is not None
    assert (refused.status, refused.headers["Retry-After"]) == (429, "1")
    assert limits.take(call(method, "two"), "sub")[0] is None
    assert limits.take(call(method), "other")[0] is None
    clock.advance(1)
    assert sum(limits.take(call(method), "sub")[0] is None for _ in range(size)) == refill


@pytest.mark.parametrize("kind", ["assets", "streamingLocators", "jobs"])
def test_own_quota_of_the_provider(clock: Clock, kind: str) -> None:
    limits = RateLimits(clock, Settings())
    own = call("PUT", path=f"/subscriptions/s/providers/Microsoft.Media/mediaservices/a/{kind}/x")
    refused, headers = limits.take(own, "sub")
    assert (refused, headers) == (None, {"x-ms-ratelimit-remaining-subscription-resource-requests": "11999"})
    limits.close("writes", 10)
    assert limits.take(own, "sub")[0] is not None


def test_off(clock: Clock) -> None:
    limits = RateLimits(clock, Settings(rate_limits="off"))
    assert all(limits.take(call("PUT"), "sub")[0] is None for _ in range(1000))


def test_window_counts_down(clock: Clock) -> None:
    limits = RateLimits(clock, Settings(rate_limits="off"))
    limits.close("writes", 10)
    clock.advance(3.5)
    refused, headers = limits.take(call("PUT"), "sub")
    assert refused is not None
    assert refused.headers["Retry-After"] == "7"
    assert headers == {"x-ms-ratelimit-remaining-subscription-writes": "0"}
    assert limits.take(call("GET"), "sub")[0] is None
    clock.advance(6.5)
    assert limits.take(call("PUT"), "sub")[0] is None
