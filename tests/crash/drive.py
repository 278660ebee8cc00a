"""Drives one engine over one world without an event loop: nothing ever waits, so a step is one run of a coroutine.

It does what the schedule's workers do, with the schedule's own queues: intake, first sight, nominations, due times,
and sweeps. A crash throws engine and schedule away; the next one begins with a LIST.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, TypeVar

from tests.crash.lab import Lab
from tests.crash.ports import Crash, Gate, WorldKube, connect
from tests.crash.service import Service
from tests.crash.watchman import Watchman
from tests.crash.world import START, World

from ams_operator.domain.answers import Conflict, KubeDown, KubeRefused, Lane, NoAnswer, NotSent, Vanished
from ams_operator.engine import accounts
from ams_operator.engine.accounts import Accounts
from ams_operator.engine.greeting import greet
from ams_operator.engine.reconcile import reconcile
from ams_operator.engine.schedule import Schedule
from ams_operator.engine.state import Engine
from ams_operator.engine.store import ACCOUNT, BACKEND
from ams_operator.engine.sweeps import Sweeps

T = TypeVar("T")

STEPS = 250
"""steps in which everything must come to rest"""
PATIENCE = 130.0
"""seconds without a write after which nothing more is expected: longer than an act without an answer takes"""
INTERVAL = 61.0
ORDER = {BACKEND: 0, ACCOUNT: 1}


class Restless(Exception):
    """It does not come to rest."""


class Meter:
    def reconciled(self, kind: str, seconds: float) -> None: ...
    def poison(self, kind: str) -> None: ...


@dataclass(slots=True)
class WorldClock:
    world: World

    def now(self) -> float:
        return self.world.now

    async def sleep(self, seconds: float) -> None:
        raise AssertionError("the engine's steps never sleep")


class Leader:
    def may_write(self) -> bool:
        return True


def run(work: Coroutine[Any, Any, T]) -> T:
    """The result of a coroutine that never waits for anything."""
    try:
        work.send(None)
    except StopIteration as stop:
        result: T = stop.value
        return result
    work.close()
    raise AssertionError("a step waits for something")


@dataclass(slots=True)
class Driver:
    """A process of the operator, again and again."""

    lab: Lab
    world: World
    gate: Gate = field(init=False)
    service: Service = field(init=False)
    engine: Engine = field(init=False)
    schedule: Schedule = field(init=False)
    sweeps: Sweeps = field(init=False)
    current: str = ""
    """uid of the object under work"""
    crashes: int = 0
    between: Callable[[], None] = lambda: None
    """called between two steps"""
    swept: float = START
    steps: int = 0
    """how many were worked, by all processes"""
    wrote: tuple[int, float] = (0, START)
    """(step, time) of the last that wrote anything anywhere"""

    def __post_init__(self) -> None:
        self.gate = Gate(self.world)
        self.service = Service(self.world, Watchman(self.world, self.lab))
        self.boot()

    def boot(self) -> None:
        """A new process: memory empty, store filled by a LIST."""
        self.engine = Engine(
            WorldKube(self.gate, self.service),
            connect(self.gate, self.service, lambda _address: self.current),
            WorldClock(self.world),
            Leader(),
            b"key",
            version=self.lab.version,
            mass_change_limit=self.lab.limit,
            owner_id=self.lab.owner_id,
            kinds=self.lab.kinds,
            models=self.lab.models,
            accounts=Accounts(jitter=random.Random(1)),
        )
        self.schedule = Schedule(self.engine, Meter())
        self.sweeps = Sweeps(self.engine, jitter=random.Random(1))
        self.world.events.clear()
        self.service.watchman.delivered = self.world.calls
        for resource in sorted(self.world.objects.values(), key=lambda one: ORDER.get(one.kind, 2)):
            self.schedule.seen(resource)
        self.schedule.open()

    def rest(self) -> None:
        """Work until nothing is to do: neither now, nor at a due time, nor when something late arrives.

        Asking the same again and again and writing nothing is rest, too, once nothing can arrive any more.
        """
        before, since, steps = self.writes(), self.world.now, 0
        while self.step():
            if self.writes() != before:
                before, since = self.writes(), self.world.now
                self.wrote = (self.steps, since)
            if self.world.now - since > PATIENCE and not self.world.late:
                return
            steps += 1
            if steps > STEPS:
                raise Restless

    def step(self) -> bool:
        """Work at what is most urgent, or let time pass until something is. False: nothing ever will be."""
        self.steps += 1
        self._deliver()
        self.between()
        schedule, world = self.schedule, self.world
        if not schedule.strangers.empty():
            uid = schedule.strangers.get_nowait()
            self._guarded(uid, greet(self.engine, uid))
            if self.schedule is schedule:
                schedule.arriving.discard(uid)
                schedule.nominate(uid, Lane.USER)
            return True
        lineup = schedule.lineup
        if (step := lineup.begin(world.now)) is not None:
            self._guarded(step.uid, self._reconcile(step.uid, step.lane))
            lineup.end(step)
            return True
        for account in self.engine.accounts.known.values():
            if account.sweep_soon and account.usable:
                self.sweep()
                return True
        times = sorted({when for when, uid in schedule.timers if schedule.due.get(uid) == when})
        late = [one.due for one in world.late]
        if not times and not late:
            return False
        if times and min(times + late) > self.swept + INTERVAL:
            world.advance(max(world.now, self.swept + INTERVAL))
            self.sweep()
            return True
        world.advance(min(times + late))
        while schedule.timers and schedule.timers[0][0] <= world.now:
            when, uid = heapq.heappop(schedule.timers)
            if schedule.due.get(uid) == when:
                del schedule.due[uid]
                schedule.nominate(uid, schedule.lane_of(uid))
        return True

    async def _reconcile(self, uid: str, lane: Lane) -> None:
        when = await reconcile(self.engine, uid, lane)
        if when is None:
            self.schedule.due.pop(uid, None)
        elif when <= self.world.now:
            self.schedule.nominate(uid, Lane.POLL)
        else:
            self.schedule.later(uid, when)

    def _deliver(self) -> None:
        """What the watches bring."""
        self.gate.fresh = True
        events, self.world.events[:] = list(self.world.events), []
        self.service.watchman.delivered = self.world.calls
        for kind, uid in events:
            resource = self.world.objects.get(uid)
            if resource is None:
                self.schedule.gone(kind, uid)
            else:
                self.schedule.seen(resource)

    def _guarded(self, uid: str, work: Coroutine[Any, Any, None]) -> None:
        self.current = uid
        schedule = self.schedule
        try:
            run(work)
        except Crash:
            self.crashes += 1
            self.boot()
        except Conflict:
            schedule.later(uid, self.world.now + 1.0)
        except Vanished:
            gone = self.engine.store.objects.get(uid)
            if gone is not None:
                schedule.gone(gone.kind, uid)
        except KubeDown:
            schedule.later(uid, self.world.now + 1.0)
        except KubeRefused:
            schedule.later(uid, self.world.now + 60.0)

    def sweep(self) -> None:
        """Every usable account is swept once."""
        self.swept, self.gate.fresh = self.world.now, True
        for owner in self.engine.store.of_kind(ACCOUNT):
            account = self.engine.accounts.known.get(owner.uid)
            if account is None or not account.usable or account.backend is None:
                continue
            account.sweep_soon = False
            self.current = owner.uid
            try:
                run(self.sweeps.sweep(owner, account))
            except Crash:
                self.crashes += 1
                self.boot()
                return
            except (NotSent, NoAnswer) as error:
                if accounts.is_shared(error) and isinstance(error, NotSent):
                    self.engine.accounts.fail(account, error, self.world.now)
                    self.schedule.nominate(owner.uid, Lane.RETRY)
                else:
                    self.schedule.nominate(owner.uid, Lane.POLL)
            except (KubeDown, KubeRefused):
                pass

    def settle(self, rounds: int = 4) -> None:
        """Rest, and sweep at every interval until a sweep leads to no write any more."""
        self.rest()
        for _ in range(rounds):
            before = self.writes()
            self.world.advance(self.world.now + INTERVAL)
            self.sweep()
            self.rest()
            if self.writes() == before and not self.world.late and not self.world.behind():
                return
        raise Restless

    def writes(self) -> tuple[int, int]:
        """How much was written so far: to the API server, to the service."""
        return self.world.version, self.world.service_writes
