"""What goes wrong around the operator, and how often: in the service, in the API server, and with the clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import NamedTuple

from tests.unit.engine_fakes import Clock, FakeKube

from ams_operator.domain.answers import Conflict, KubeDown, KubeRefused, Resource


class Fault(NamedTuple):
    """What becomes of one write: does it `arrive` (None: later), and what is `told` (None: nothing, 0: what is so)."""

    arrives: bool | None
    told: int | None
    slow: bool = False


LOST, SLOW, AS_EVER = Fault(True, None), Fault(True, 0, slow=True), Fault(True, 0)
DELAYED = Fault(None, None)
UNSENT = Fault(False, 0)
REFUSED = tuple(Fault(False, status) for status in (401, 403, 409, 429))
WRITING = (LOST, SLOW, UNSENT, DELAYED, DELAYED, *REFUSED, *(Fault(arrives, 503) for arrives in (True, False)))
WRITING += (Fault(False, None), Fault(True, 200), Fault(False, 200))
READING = ("unsent", "unanswered", "unreadable", "slow", "bare", 401, 403, 429, 500)
LISTING = ("as it is", "stale", "without items", "some items", "without members", "without properties")


@dataclass
class Weather:
    """How bad it is just now: chances of each request and write to fail, and of the clock to jump."""

    random: Random
    service: float = 0.0
    cluster: float = 0.0
    jumps: float = 0.0
    lists_lie: bool = False

    def strikes(self, chance: float) -> bool:
        return chance > 0 and self.random.random() < chance

    def clear(self) -> None:
        self.service = self.cluster = self.jumps = 0.0
        self.lists_lie = False


@dataclass(kw_only=True)
class Jumping(Clock):
    """A machine that is busy, or sleeps: time passes between any two lines, and no two moments are the same."""

    weather: Weather

    def now(self) -> float:
        self.time += 1e-6
        return self.time

    def jump(self) -> None:
        if self.weather.strikes(self.weather.jumps):
            self.time += self.weather.random.uniform(1, 30)


@dataclass(kw_only=True)
class Troubled(FakeKube):
    """The API server: some writes fail, and of some nobody hears whether they got through."""

    clock: Jumping
    weather: Weather
    written: Callable[[Resource], None] = lambda _: None
    """hears of each write that got through"""

    async def _write(self, what: str, resource: Resource, change: Callable[[Resource], Resource]) -> Resource:
        self.clock.jump()
        struck = self.weather.strikes(self.weather.cluster)
        error = self.weather.random.choice((Conflict, KubeDown, KubeRefused, None)) if struck else None
        if error is not None:
            raise error("trouble")
        found = await super()._write(what, resource, change)
        self.written(found)
        if struck:
            raise KubeDown("nobody knows whether it was written")
        return found
