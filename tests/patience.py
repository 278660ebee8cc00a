"""How often a test looks whether something has happened."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final

PATIENCE: Final = 120.0
"""seconds until a test gives up"""
_SHORTEST, _LONGEST = 0.02, 0.25
_PART = 0.1


def pause(began: float) -> None:
    """Wait until the next look, given the `time.monotonic()` of the first.

    Long waits end a little late. Twenty looks a second would cost the servers more than what the test is about.
    """
    time.sleep(min(_LONGEST, max(_SHORTEST, (time.monotonic() - began) * _PART)))


def until(condition: Callable[[], Any], what: str, patience: float = PATIENCE) -> Any:
    """The first true value of `condition`. Fails with `what`, and with the last value, where there is none in time."""
    began = time.monotonic()
    last: Any = None
    while time.monotonic() < began + patience:
        last = condition()
        if last:
            return last
        pause(began)
    raise AssertionError(f"not within {patience:.0f} s: {what}; last seen: {last!r}")
