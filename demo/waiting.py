"""Waiting for a condition, never for time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, TypeVar

from demo.errors import DemoError

T = TypeVar("T")
PATIENCE: Final = 60.0
TICK: Final = 0.1
"""Seconds between two looks."""


def until(
    what: str,
    condition: Callable[[], T | None],
    patience: float = PATIENCE,
    meanwhile: Callable[[float], None] | None = None,
    tick: float = TICK,
) -> T:
    """The first true value of `condition`; `meanwhile` is called with the seconds waited, at the end once more.

    Raises DemoError where there is none within `patience` seconds.
    """
    began = time.monotonic()
    while True:
        value = condition()
        waited = time.monotonic() - began
        if meanwhile is not None:
            meanwhile(waited)
        if value:
            return value
        if waited > patience:
            raise DemoError(f"not within {patience:.0f} s: {what}")
        time.sleep(tick)
