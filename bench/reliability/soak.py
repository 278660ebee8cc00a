"""A long run of the engine in memory, on virtual time: many objects, faults and people at random from one seed.

What is measured is what the engine itself holds, counted object by object from its store, its accounts and its queues,
since a process of this tool holds the emulated service and its witnesses, too.
"""

from __future__ import annotations

import gc
import os
import random
import sys
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any, Final

from tests.crash.audit import audit
from tests.crash.drive import INTERVAL, Driver
from tests.crash.faults import READS, Fault, silent_at
from tests.crash.history import Scenario
from tests.crash.lab import Lab
from tests.crash.ports import Gate, WorldBackend
from tests.crash.stage import Stage, nothing
from tests.crash.world import World

from ams_operator.engine.schedule import Schedule
from bench.processes import memory
from bench.reliability.deeds import DEEDS, people, user_applies_another

HOUR: Final = 3600.0
TICK: Final = 0.05
"""seconds that a call takes"""
READS_FAIL, WRITES_FAIL = 0.01, 0.1
"""chances"""
DEED_EACH: Final = 20.0
"""seconds between two things that somebody does, on average"""
CALM: Final = 1800.0
"""seconds after the last fault and the last deed in which all has to converge"""
IDLE_SWEEPS: Final = 10
CRASHES: Final = frozenset({Fault.BEFORE, Fault.AFTER, Fault.LATE_CRASH})
_NO_PART: Final = (type, ModuleType, FunctionType, BuiltinFunctionType, MethodType, WorldBackend, World)
"""what is shared with everything, or belongs to the emulated service"""


@dataclass
class Storm(Gate):
    """Each call may fail, by chance."""

    chance: random.Random = field(default_factory=random.Random)
    storming: bool = False
    crashes: bool = True
    """whether the process may die; after half an hour it lives on, so that what it gathers can be seen"""
    dealt: Counter[str] = field(default_factory=Counter)
    _planned: tuple[int, Fault | None] = (-1, None)

    def planned(self, name: str) -> Fault | None:
        """The same answer however often it is asked for one call."""
        number = len(self.names)
        if self._planned[0] != number:
            self._planned = (number, self._draw(name))
        return self._planned[1]

    def _draw(self, name: str) -> Fault | None:
        if not self.storming or self.chance.random() >= (READS_FAIL if name in READS else WRITES_FAIL):
            return None
        kinds = [one for one in silent_at(name) if self.crashes or one not in CRASHES]
        fault = self.chance.choice(kinds)
        self.dealt[fault] += 1
        return fault


@dataclass(frozen=True)
class Hour:
    """What there was at the end of an hour."""

    number: int
    held: int
    """objects of the interpreter that the engine reaches"""
    mebibytes: float
    resident: float
    """MiB of this process, its emulated service included"""
    queued: int
    """entries of all queues: ready, due, timers, first sight"""
    service_writes: int
    cluster_writes: int
    """both within the hour"""


@dataclass
class Soak:
    """How it went."""

    hours: int
    objects: int
    seed: int
    mix: Counter[str] = field(default_factory=Counter)
    seen: list[Hour] = field(default_factory=list)
    faults: Counter[str] = field(default_factory=Counter)
    deeds: Counter[str] = field(default_factory=Counter)
    windows: Counter[str] = field(default_factory=Counter)
    violations: list[str] = field(default_factory=list)
    off_air: float = 0.0
    calls: int = 0
    sweeps_writes: int = 0
    """writes anywhere in the idle sweeps at the end"""
    restart_writes: int = 0
    cpu: float = 0.0


def soak(hours: int, objects: int, seed: int, say: Callable[[str], None]) -> Soak:
    """Set the stage, let it storm, let it calm down, and look at everything."""
    began, found = time.process_time(), Soak(hours, objects, seed)
    run = _Run.of(found)
    run.calm(2 * HOUR, "everything is made")
    run.storm(say)
    run.calm(CALM, "everything converges again")
    run.judge()
    found.cpu = time.process_time() - began
    return found


@dataclass
class _Run:
    found: Soak
    driver: Driver
    stage: Stage
    gate: Storm
    chance: random.Random

    @classmethod
    def of(cls, found: Soak) -> _Run:
        lab, world = Lab(), World(tick=TICK)
        driver, chance = Driver(lab, world), random.Random(found.seed)
        driver.gate = gate = Storm(world, armed=True, chance=chance)
        stage = Stage(lab, world, driver.service.watchman)
        stage.backend()
        stage.account()
        driver.boot()
        people(stage, found.objects)
        found.mix = Counter(resource.kind for resource in world.objects.values())
        return cls(found, driver, stage, gate, chance)

    def calm(self, patience: float, what: str) -> None:
        """No faults and no deeds, until two sweeps after each other lead to no write."""
        self.gate.storming, still, end = False, 0, self.driver.world.now + patience
        while still < 2:
            before = self.driver.writes()
            self._until(self.driver.world.now + INTERVAL, lambda: None)
            still = still + 1 if self.driver.writes() == before and not self.driver.world.late else 0
            if self.driver.world.now > end:
                self.found.violations.append(f"not within {patience:.0f} s: {what}")
                return

    def storm(self, say: Callable[[str], None]) -> None:
        """Hour after hour."""
        world, found = self.driver.world, self.found
        next_deed, self.gate.storming = world.now, True
        start = world.now

        def chance() -> None:
            nonlocal next_deed
            while world.now >= next_deed:
                next_deed += self.chance.expovariate(1 / DEED_EACH)
                self._deed()

        for number in range(1, found.hours + 1):
            before = self.driver.writes()
            self._until(start + (number - 0.5) * HOUR, chance)
            self.gate.crashes = False
            self._until(start + number * HOUR, chance)
            found.seen.append(self._hour(number, before))
            if number in (1, found.hours) or number % 6 == 0:
                say(f"soak: hour {number} of {found.hours}, {len(world.violations)} violations")
        found.faults = Counter(self.gate.dealt)

    def _until(self, end: float, between: Callable[[], None]) -> None:
        """Work until a time."""
        driver, world = self.driver, self.driver.world
        while world.now < end:
            between()
            if not driver.step():
                world.advance(driver.swept + INTERVAL)
                driver.sweep()
            world.log.clear()

    def _hour(self, number: int, before: tuple[int, int]) -> Hour:
        schedule, (cluster, service) = self.driver.schedule, self.driver.writes()
        held, size = reached([self.driver.engine.store, self.driver.engine.accounts, _queues(schedule)])
        queued = sum(map(len, _queues(schedule)))
        return Hour(
            number, held, size / 2**20, memory(os.getpid())[1], queued, service - before[1], cluster - before[0]
        )

    def judge(self) -> None:
        """At the end: all statuses say the truth, idle sweeps write nothing, and neither does a restart."""
        driver, found = self.driver, self.found
        world, before = driver.world, sum(driver.writes())
        for _ in range(IDLE_SWEEPS):
            world.advance(world.now + INTERVAL)
            driver.sweep()
            while len(driver.schedule.lineup.turns):
                driver.step()
        found.sweeps_writes = sum(driver.writes()) - before
        audit(driver.lab, world, Scenario("soak", nothing, nothing, nothing), outside=True)
        before = sum(driver.writes())
        driver.boot()
        self._until(world.now + 2 * INTERVAL, lambda: None)
        found.restart_writes = sum(driver.writes()) - before
        found.violations += world.violations
        found.windows, found.calls = world.inherent, world.calls
        found.off_air = driver.service.watchman.off_air.total()

    def _deed(self) -> None:
        """Somebody does something."""
        deed, objects = self.chance.choice(DEEDS), self.driver.world.objects
        if deed is user_applies_another and len(objects) >= sum(self.found.mix.values()):
            return  # as many as there were
        name = self.chance.choice(sorted(objects))
        if deed(self.stage, name, self.chance):
            self.found.deeds[deed.__name__.replace("_", " ")] += 1


def _queues(schedule: Schedule) -> list[Any]:
    lineup = schedule.lineup
    waiting = [lineup.turns, lineup.steps, lineup.parked, lineup.released]
    return [*waiting, schedule.due, schedule.timers, schedule.arriving]


def reached(roots: list[Any]) -> tuple[int, int]:
    """How many objects can be reached from these, and their bytes."""
    seen: set[int] = set()
    waiting, size = deque(roots), 0
    while waiting:
        one = waiting.popleft()
        if id(one) in seen or isinstance(one, _NO_PART):
            continue
        seen.add(id(one))
        size += sys.getsizeof(one)
        waiting.extend(gc.get_referents(one))
    return len(seen), size
