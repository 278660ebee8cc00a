"""Whose turn it is to read an inventory: namespace by namespace, so that none keeps another one's waiting. Who is asked
for patience lets others go first, and so does now and then who is not."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from types import TracebackType
from typing import Final, Protocol

from ams_operator.domain.answers import Lane
from ams_operator.domain.turns import Turns
from ams_operator.migration.patience import LONG

HOLD: Final = 10.0
"""seconds after which who reads lets others go first"""
MANY: Final = 50_000
"""rows of a set that make an account large: one such is read at a time, since something of each row is in memory"""


class Clock(Protocol):
    """Seconds since the epoch that never jump."""

    def now(self) -> float: ...
    async def sleep(self, seconds: float) -> None: ...


class Places:
    """A few places for all namespaces, which come up in turn. `kept`: for so long that nobody can wait for his turn
    alone. Then the more a namespace has the more it leaves free: it takes none where it has as many as are free."""

    def __init__(self, count: int, *, kept: bool = False) -> None:
        self.free = count
        self._kept = kept
        self._held = Counter[str]()
        self._line: Turns[asyncio.Future[None]] = Turns()
        self._waiting: dict[asyncio.Future[None], str] = {}

    async def take(self, namespace: str) -> None:
        """Wait for one."""
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[place] = namespace
        self._line.push(place, Lane.SWEEP, namespace)
        self._serve()
        try:
            await place
        except asyncio.CancelledError:
            if self._waiting.pop(place, None) is None:
                self.give_back(namespace)  # it was ours already
            else:
                self._line.remove(place)
            raise

    def give_back(self, namespace: str) -> None:
        """Let the next one have it."""
        self.free += 1
        self._held -= Counter((namespace,))
        self._serve()

    @contextlib.asynccontextmanager
    async def one(self, namespace: str) -> AsyncIterator[None]:
        """Wait for one, and have it for the block."""
        await self.take(namespace)
        try:
            yield
        finally:
            self.give_back(namespace)

    def wanted(self, namespace: str) -> bool:
        """Whether somebody would have the place that this namespace gives back."""
        held = self._held - Counter((namespace,))
        return any(self._may(held[one], self.free + 1) for one in self._waiting.values())

    def _may(self, held: int, free: int) -> bool:
        return free > (held if self._kept else 0)

    def _serve(self) -> None:
        while True:
            full = {one for one in self._waiting.values() if not self._may(self._held[one], self.free)}
            found = self._line.pop(full)
            if found is None:
                return
            place = found[0]
            if not place.done():  # else who waited for it is about to hear that he need not
                self._held[self._waiting.pop(place)] += 1
                self.free -= 1
                place.set_result(None)


class Alone:
    """Nobody else reads."""

    def __init__(self, sleep: Callable[[float], Awaitable[None]]) -> None:
        self.sleep = sleep
        self.rows = 0
        self.long = LONG

    async def next(self) -> None:
        return

    def wanted(self) -> bool:
        return False


class Shared(Protocol):
    """What inventories share: `Tools`."""

    @property
    def clock(self) -> Clock: ...
    @property
    def slots(self) -> Places: ...
    @property
    def turns(self) -> Places: ...
    @property
    def large(self) -> Places: ...


class Turn:
    """One inventory's: `async with` waits for it, and `sleep` gives it up meanwhile. Several of its requests may be
    under way at a time: those that need not sleep end without a turn. Once it turned out to be large it stays so until
    its end: later sets are judged by what was found in those that are large. `long`: as `Patience.long`."""

    def __init__(self, shared: Shared, namespace: str, long: float = LONG) -> None:
        self._shared, self._namespace, self.long = shared, namespace, long
        self._since: float | None = None
        """when it was given to us; None: it is not ours"""
        self._large = False
        """whether the place of large accounts is ours"""
        self._asking = asyncio.Lock()
        """several requests may ask for the turn at a time, and get one"""
        self.rows = 0
        """of the largest set so far"""

    async def __aenter__(self) -> Turn:
        await self.next()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._give_up()
        if self._large:
            self._large = False
            self._shared.large.give_back(self._namespace)

    async def next(self) -> None:
        """Before each request."""
        async with self._asking:
            shared, namespace = self._shared, self._namespace
            if self.rows > MANY and not self._large:
                self._give_up()  # whom we wait for may wait for it
                await shared.large.take(namespace)
                self._large = True
            if self._since is not None and shared.clock.now() - self._since >= HOLD and shared.turns.wanted(namespace):
                self._give_up()
            if self._since is None:
                await shared.turns.take(namespace)
                self._since = shared.clock.now()

    async def sleep(self, seconds: float) -> None:
        """The service asks for patience, of either version."""
        self._give_up()
        await self._shared.clock.sleep(seconds)
        await self.next()

    def wanted(self) -> bool:
        """Whether somebody waits for what is ours also while we sleep."""
        shared, namespace = self._shared, self._namespace
        return shared.slots.wanted(namespace) or (self._large and shared.large.wanted(namespace))

    def _give_up(self) -> None:
        if self._since is not None:
            self._since = None
            self._shared.turns.give_back(self._namespace)
