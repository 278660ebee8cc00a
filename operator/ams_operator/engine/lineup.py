"""Which object a free worker takes: in turns, one of a group at a time, and so that no account keeps all workers.

An account has as many steps under way as there are workers, and there are a few workers more than that. A step that
takes long waits for the service and costs nothing: it counts against its account, and its worker is replaced. So an
account that hangs keeps its own objects waiting, and nobody else's for longer than a step is given to be quick.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Container
from dataclasses import dataclass, field
from typing import Final

from ams_operator.domain.answers import Lane
from ams_operator.domain.turns import Turns

SPARE: Final = 4
"""workers beyond those that one account may keep"""
SLOW: Final = 2.0
"""seconds after which a step's worker is replaced"""
MOST: Final = 256
"""workers beyond which nobody is replaced: it may as well be the API server that is slow, for all of them"""


class Arrivals(asyncio.Queue[str]):
    """The uids that wait for their first status: namespaces in turn, and in each its accounts, so that nobody's import
    keeps others waiting. In it everything takes the same time, however much waits."""

    def __init__(self, place_of: Callable[[str], tuple[str, str]]) -> None:
        """`place_of`: uid to its account and its namespace."""
        self._place_of = place_of
        super().__init__()

    def _init(self, maxsize: int) -> None:  # noqa: ARG002 - the hook of asyncio.Queue
        self._queue: Turns[str] = Turns()

    def _put(self, item: str) -> None:
        account, namespace = self._place_of(item)
        self._queue.push(item, Lane.USER, namespace, account)

    def _get(self) -> str:
        found = self._queue.pop()
        assert found is not None
        return found[0]


@dataclass(frozen=True, slots=True)
class Step:
    """One object under work."""

    uid: str
    lane: Lane
    group: str
    account: str
    began: float


@dataclass(slots=True)
class Lineup:
    """What waits and what is under work. Everything in it takes the same time, however much waits."""

    group_of: Callable[[str], str]
    """uid to what it is worked on as"""
    place_of: Callable[[str], tuple[str, str]]
    """uid to its account and its namespace"""
    workers: int
    """how many steps of one account are under way at most"""
    turns: Turns[str] = field(default_factory=Turns)
    steps: dict[str, Step] = field(default_factory=dict)
    """by group"""
    loads: Counter[str] = field(default_factory=Counter)
    full: set[str] = field(default_factory=set)
    """accounts that have as many steps under way as they may"""
    parked: dict[str, dict[str, Lane]] = field(default_factory=dict)
    """what has to wait until a group is free"""

    def add(self, uid: str, lane: Lane) -> bool:
        """Have an object looked at. False: it waits already, as urgently."""
        waits = self.turns.lane(uid)
        return (waits is None or waits > lane) and self.turns.push(uid, lane, *self.place_of(uid))

    def begin(self, now: float, arriving: Container[str] = ()) -> Step | None:
        """Take the next object into work whose group nobody works on, and that is not `arriving`."""
        while (found := self.turns.pop(self.full)) is not None:
            uid, lane = found
            group = self.group_of(uid)
            if uid in arriving or group in self.steps:
                parked = self.parked.setdefault(uid if uid in arriving else group, {})
                parked[uid] = min(lane, parked.get(uid, lane))
                continue
            step = self.steps[group] = Step(uid, lane, group, self.place_of(uid)[0], now)
            self.loads[step.account] += 1
            if self.loads[step.account] >= self.workers:
                self.full.add(step.account)
            return step
        return None

    def end(self, step: Step) -> None:
        """It is done: whoever waited for its group may go on."""
        del self.steps[step.group]
        self.loads[step.account] -= 1
        self.full.discard(step.account)
        if not self.loads[step.account]:
            del self.loads[step.account]
        self.free(step.group)

    def free(self, group: str) -> None:
        """What waited for a group, or for its own first status, waits for a worker again."""
        for uid, lane in self.parked.pop(group, {}).items():
            self.add(uid, lane)

    def quick(self, now: float) -> int:
        """How many steps are under way that nobody was to replace."""
        return sum(1 for step in self.steps.values() if now - step.began < SLOW)

    def crew(self, now: float) -> int:
        """How many workers there should be."""
        least = self.workers + SPARE
        return min(least + len(self.steps) - self.quick(now), max(least, MOST))

    def depth(self) -> Counter[Lane]:
        """How many objects wait, by class."""
        waiting = Counter({lane: self.turns.count(lane) for lane in Lane})
        for parked in self.parked.values():
            waiting.update(lane for uid, lane in parked.items() if uid not in self.turns)
        return waiting
