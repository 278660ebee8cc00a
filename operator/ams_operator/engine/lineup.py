"""Which object a free worker takes: in turns, one of a group at a time, and so that no account keeps all workers.

An account has as many steps under way as there are workers, and a few more are under way where there are several
accounts. A step that takes long waits for the service and costs nothing: it counts against its account, and another is
begun in its place. Where all places are taken, a tenant, which is the namespace of an account, still has a few of his
own. So an account that hangs keeps its own objects waiting, many that hang those of their tenant, and nobody others'.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Collection, Container
from dataclasses import dataclass, field
from typing import Final

from ams_operator.domain.answers import Lane
from ams_operator.domain.turns import Turns

SPARE: Final = 4
"""steps under way beyond those that one account may have; and those that a tenant may have whatever others do"""
SLOW: Final = 2.0
"""seconds after which another step is begun in the place of one"""
MOST: Final = 256
"""steps beyond which none is begun in another's place: it may as well be the API server that is slow, for all"""
WHILE_GREETING: Final = 4
"""steps that are under way while objects wait for their first status: fewer, since whoever applied them waits too"""


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


class Idle:
    """Workers that found nothing to begin. Who is roused and finds it rouses the next one: to rouse all of them each
    time was a tenth of what a new object takes."""

    def __init__(self) -> None:
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def wait(self) -> None:
        """Until there may be something to begin."""
        self._waiting.append(news := asyncio.get_running_loop().create_future())
        await news

    def rouse(self) -> None:
        """Have one of them look again."""
        while self._waiting:
            news = self._waiting.popleft()
            if not news.done():  # else he was cancelled
                news.set_result(None)
                return


@dataclass(frozen=True, slots=True)
class Step:
    """One object under work."""

    uid: str
    lane: Lane
    group: str
    account: str
    began: float


@dataclass(frozen=True, slots=True)
class _Closed:
    """The accounts of which nothing is begun now."""

    full: Container[str]
    tenants: Container[str]

    def __contains__(self, account: object) -> bool:
        return account in self.full or tenant_of(str(account)) in self.tenants


def tenant_of(account: str) -> str:
    """Whose account it is: its namespace."""
    return account.partition("/")[0]


@dataclass(slots=True)
class Lineup:
    """What waits and what is under work. Everything in it takes the same time, however much waits."""

    group_of: Callable[[str], str]
    """uid to what it is worked on as"""
    place_of: Callable[[str], tuple[str, str]]
    """uid to its account, as namespace/name, and its own namespace"""
    workers: int
    """how many steps of one account are under way at most"""
    turns: Turns[str] = field(default_factory=Turns)
    steps: dict[str, Step] = field(default_factory=dict)
    """by group"""
    working: set[str] = field(default_factory=set)
    """uids under work: an edit may make one of another group meanwhile"""
    loads: Counter[str] = field(default_factory=Counter)
    full: set[str] = field(default_factory=set)
    """accounts that have as many steps under way as they may"""
    parked: dict[str, Turns[str]] = field(default_factory=dict)
    """what has to wait until a group is free"""
    released: dict[str, str] = field(default_factory=dict)
    """what waits for a worker again, to the group that it waited for: the next one of that comes after it"""
    shut: Container[str] = ()
    """accounts whose turn it could not be when last nothing was found to begin; it may be once something ended, with
    time, and when nobody arrives any more"""

    def add(self, uid: str, lane: Lane) -> bool:
        """Have an object looked at. False: it waits already, as urgently."""
        waits = self.turns.lane(uid)
        return (waits is None or waits > lane) and self.turns.push(uid, lane, *self.place_of(uid))

    def begin(self, now: float, arriving: Collection[str] = ()) -> Step | None:
        """Take the next object into work whose group nobody works on, and that is neither `arriving` nor under work as
        what it meant before."""
        closed = self._closed(now, WHILE_GREETING if arriving else self.workers + SPARE)
        while (found := self.turns.pop(closed)) is not None:
            uid, lane = found
            group, before = self.group_of(uid), self.released.pop(uid, None)
            until = uid if uid in arriving else group if group in self.steps else uid if uid in self.working else None
            if until is not None:
                self.parked.setdefault(until, Turns()).push(uid, lane, *self.place_of(uid))
            else:
                step = self.steps[group] = Step(uid, lane, group, self.place_of(uid)[0], now)
                self.working.add(uid)
                self.loads[step.account] += 1
                if self.loads[step.account] >= self.workers:
                    self.full.add(step.account)
            if before is not None and before not in self.steps and before != until:
                self.free(before)  # it is of another group by now, or gone
            if until is None:
                self.shut = ()
                return step
        self.shut = closed
        return None

    def shuts_out(self, uid: str) -> bool:
        """Whether nobody has to look for a worker on its behalf."""
        return self.place_of(uid)[0] in self.shut

    def end(self, step: Step) -> None:
        """It is done: whoever waited for its group may go on."""
        del self.steps[step.group]
        self.working.discard(step.uid)
        self.shut = ()
        self.loads[step.account] -= 1
        self.full.discard(step.account)
        if not self.loads[step.account]:
            del self.loads[step.account]
        self.free(step.group)
        if step.uid != step.group:
            self.free(step.uid)

    def free(self, group: str) -> None:
        """What waited for a group, or for its own first status, waits for a worker again: of a group the next one of
        each tenant, since only one of all can be worked on, and a tenant may have no place left. If an account of his
        has all that it may, and another has not, the other one's."""
        parked, served = self.parked.get(group), set[str]()
        for full in (self.full, ()):
            while parked is not None and (found := parked.pop(_Closed(full, served))) is not None:
                self.add(*found)
                self.released[found[0]] = group
                served.add(tenant_of(self.place_of(found[0])[0]))
        if not parked:
            self.parked.pop(group, None)

    def _closed(self, now: float, places: int) -> Container[str]:
        """Whose turn it can't be: accounts that have all that they may, and where all places are taken, whoever has
        as many of them as are his own."""
        if len(self.steps) < places:
            return self.full
        taken = [step for step in self.steps.values() if len(self.steps) >= MOST or now - step.began < SLOW]
        if len(taken) < places:
            return self.full
        shares = Counter(tenant_of(step.account) for step in taken)
        return _Closed(self.full, {tenant for tenant, count in shares.items() if count >= SPARE})

    def depth(self) -> Counter[Lane]:
        """How many objects wait, by class."""
        waiting = Counter({lane: self.turns.count(lane) for lane in Lane})
        for parked in self.parked.values():
            waiting.update({lane: parked.count(lane) for lane in Lane})
        return waiting
