"""Trying again what may pass: a few times, and as often as the service asks for patience."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, TypeVar

from ams_operator.migration.trouble import Access, NotReadable

TRIES: Final = 5
WAITS: Final = 60
"""times that a request is put off because the service asks for patience"""
LONGEST_WAIT: Final = 300.0
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Patience:
    """`now` in seconds since the epoch."""

    now: Callable[[], float]
    sleep: Callable[[float], Awaitable[None]]

    async def read(self, read: Callable[[], Awaitable[T]], *, there: bool = False) -> T:
        """`there`: what is asked for was given before, so that a 404 is trouble, which may pass, and no answer."""
        tries = waits = 0
        while True:
            try:
                return await read()
            except NotReadable as error:
                waits, tries = waits + 1, tries + (error.reason is not Access.THROTTLED)
                answer = not error.passing or (error.missing and not there)
                if answer or tries >= TRIES or waits >= WAITS:
                    raise
                told = max(0.0, error.until - self.now()) if error.until is not None else 0.0
                await self.sleep(min(LONGEST_WAIT, max(told, 0.5 * 2 ** min(waits, 6))))
