"""What each step costs while nothing fails: exactly these calls, no more and no less.

The figures are of one object whose last look is still in memory. Looking at a running event lists its outputs, too;
its URLs are published when they are first seen, and a sweep asks whether the Secret with them is still there.
"""

from __future__ import annotations

from collections import Counter

import pytest
from tests.crash.product import Product

SWEEP = {"secret version": 1, "list": 2}
"""finds what changed in the service: the account, and all transforms or events at once"""

CALLS: dict[str, dict[str, int]] = {
    "create": {"finalizer on": 1, "status": 2, "get": 2, "put": 1},
    "adopt": {"finalizer on": 1, "status": 2, "get": 1},
    "adoption refused": {"finalizer on": 1, "status": 2, "get": 1},
    "adopt and overwrite": {"finalizer on": 1, "status": 3, "get": 3, "patch": 1},
    "update": {"status": 2, "get": 2, "patch": 1},
    "removal": {"status": 2, "get": 2, "patch": 1},
    "drift": {**SWEEP, "status": 2, "get": 2, "patch": 1},
    "delete": {"terminating": 1, "status": 1, "get": 2, "delete": 1, "finalizer off": 1},
    "delete adopted": {"terminating": 1, "finalizer off": 1},
    "event: create": {"finalizer on": 1, "status": 2, "get": 2, "put": 1},
    "event: create and start": {
        "finalizer on": 1,
        "status": 4,
        "get": 5,
        "list outputs": 2,
        "put": 1,
        "start": 1,
        "publish": 1,
    },
    "event: start": {"status": 3, "get": 3, "list outputs": 2, "start": 1, "publish": 1},
    "event: stop": {"status": 3, "get": 4, "list outputs": 2, "stop": 1},
    "event: update on air": {"status": 2, "get": 2, "list outputs": 2, "patch": 1},
    "event: interrupt": {"status": 6, "get": 9, "list outputs": 4, "stop": 1, "patch": 1, "start": 1, "publish": 1},
    "event: stopped outside": {**SWEEP, "secret version": 2, "status": 1, "get": 1},
    "event: delete on air": {"terminating": 1, "get": 1, "list outputs": 1, "finalizer off": 1},
    "recording: begin": {"finalizer on": 1, "status": 4, "get": 3, "put": 1},
    "endpoint: scale on air": {"status": 3, "get": 3, "scale": 1},
}


@pytest.mark.parametrize("name", CALLS)
def test_a_step_makes_these_calls(products: dict[str, Product], name: str) -> None:
    plain = products[name].prepared.run()
    found = plain.calls if "list" in CALLS[name] else plain.calls[: plain.settled]
    assert Counter(found) == CALLS[name]


@pytest.mark.parametrize("name", [name for name, calls in CALLS.items() if "list" not in calls])
def test_a_sweep_at_rest_only_lists(products: dict[str, Product], name: str) -> None:
    plain = products[name].prepared.run()
    assert Counter(plain.calls[plain.settled :]).keys() <= {*SWEEP, "list outputs"}
