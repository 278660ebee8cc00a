"""Trying again what may pass: a few times, and as often as the service asks for patience; and what did not pass, after
pauses that grow."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field, replace
from typing import Final, TypeVar

from ams_operator.domain.answers import PortError
from ams_operator.migration.trouble import Access, NotReadable, of_listing

TRIES: Final = 5
WAITS: Final = 60
"""times that a request is put off because the service asks for patience"""
LONGEST_WAIT: Final = 300.0
LONG: Final = 60.0
"""seconds of sleep for one request, beyond which others come first"""
LISTING: Final = 600.0
"""seconds of sleep for all lists of version 3 that one comparison needs: it is made again, and version 2 comes first"""
_DOUBLED: Final = 5
_ALL: Final = ""
"""stands for all sets, among their names"""
T = TypeVar("T")


class Overtaken(Exception):
    """Nothing was read, since others wait for what is ours. `until` is a time before which trying again is useless."""

    def __init__(self, until: float) -> None:
        super().__init__("others wait")
        self.until = until


async def _at_once() -> None:
    return


@dataclass(slots=True)
class Allowance:
    """What is left of the seconds for which several requests together are put off."""

    left: float


@dataclass(frozen=True, slots=True)
class Patience:
    """`now` in seconds since the epoch; `begin` before each request; `wanted`: whether others wait for what is ours
    also while we sleep, who are not kept waiting for long."""

    now: Callable[[], float]
    sleep: Callable[[float], Awaitable[None]]
    begin: Callable[[], Awaitable[None]] = _at_once
    wanted: Callable[[], bool] = lambda: False
    allowance: Allowance | None = None
    """None: each request is put off for as long as it is asked for"""
    long: float = LONG

    def of_lists(self) -> Patience:
        """The same for the lists of one comparison."""
        return replace(self, allowance=Allowance(LISTING))

    async def read(self, read: Callable[[], Awaitable[T]], *, there: bool = False) -> T:
        """Of either version, each in its own words of trouble. `there`: what is asked for was given before, so that a
        404 of version 2 is trouble, which may pass, and no answer."""
        tries = waits = 0
        slept = 0.0
        while True:
            await self.begin()
            try:
                return await read()
            except (NotReadable, PortError) as error:
                said = error if isinstance(error, NotReadable) else of_listing(error)
                waits, tries = waits + 1, tries + (said.reason is not Access.THROTTLED)
                answer = not said.passing or (said.missing and not there)
                if answer or tries >= TRIES or waits >= WAITS:
                    raise
                told = max(0.0, said.until - self.now()) if said.until is not None else 0.0
                pause = min(LONGEST_WAIT, max(told, 0.5 * 2 ** min(waits, 6)))
                if self.allowance is not None:
                    if pause > self.allowance.left:
                        raise
                    self.allowance.left -= pause
                slept += pause
                if slept > self.long and self.wanted():
                    raise Overtaken(self.now() + pause) from None
                await self.sleep(pause)


@dataclass(slots=True)
class Resting:
    """What could not be read, and when it is tried again: each set by itself, so that one that is broken is left alone
    ever longer, and all others are read meanwhile, whenever that is due. Seconds."""

    now: Callable[[], float]
    shortest: float
    longest: float
    _known: dict[str, tuple[int, float]] = field(default_factory=dict)
    """set, or `_ALL`, to how often it failed in a row, and to when it is tried again"""

    @property
    def again(self) -> float:
        """When something is tried again; 0 where nothing waits."""
        if _ALL in self._known:
            return self._known[_ALL][1]
        return min((at for _, at in self._known.values()), default=0.0)

    @property
    def long(self) -> float:
        """As LONG, for whom others come first: it grows while he comes to nothing, else who is asked for patience more
        than once in a large set would begin that again and again."""
        return LONG * 2.0 ** min(self._known.get(_ALL, (0, 0.0))[0], _DOUBLED)

    def asleep(self) -> list[str]:
        """Sets that are not to be asked for now."""
        return [name for name, (_, at) in self._known.items() if name != _ALL and at > self.now()]

    def ended(self, asleep: Collection[str], in_vain: Collection[str]) -> None:
        """An inventory came to its end. `asleep`: who was not asked; `in_vain`: who could not be read."""
        self._known = {name: one for name, one in self._known.items() if name in (_ALL, *asleep, *in_vain)}
        for name in in_vain:
            self._fail(name)

    def over(self, *, well: bool, until: float = 0.0) -> None:
        """An inventory ended or broke off. `well`: it came to something; `until`: it is of no use before."""
        if well:
            self._known.pop(_ALL, None)
        else:
            self._fail(_ALL, until)

    def _fail(self, name: str, until: float = 0.0) -> None:
        count = self._known.get(name, (0, 0.0))[0] + 1
        pause = min(self.longest, self.shortest * 2 ** min(count - 1, 8))
        self._known[name] = (count, max(self.now() + pause, until))
