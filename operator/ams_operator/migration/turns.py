"""Whose turn it is to read an inventory. Who is asked for patience lets others go first."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from types import TracebackType


class Turn:
    """One inventory's: `async with` waits for it, and `sleep` gives it up meanwhile. Several of its requests may be
    under way at a time: those that need not sleep end without a turn."""

    def __init__(self, turns: asyncio.Semaphore, sleep: Callable[[float], Awaitable[None]]) -> None:
        self._turns, self._sleep = turns, sleep
        self._mine = False
        self._alone = asyncio.Lock()

    async def __aenter__(self) -> Turn:
        await self._take()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._give_up()

    async def sleep(self, seconds: float) -> None:
        self._give_up()
        await self._sleep(seconds)
        await self._take()

    async def _take(self) -> None:
        async with self._alone:
            if not self._mine:
                await self._turns.acquire()
                self._mine = True

    def _give_up(self) -> None:
        if self._mine:
            self._mine = False
            self._turns.release()
