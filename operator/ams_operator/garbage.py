"""Cycles of objects, and how often they are looked for."""

from __future__ import annotations

import gc


def collect_seldom() -> None:
    """Little of what is made here goes in circles, and looking for them costs more than they do: what was loaded at
    the start is never looked at again, the rest when it is worth it."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)
