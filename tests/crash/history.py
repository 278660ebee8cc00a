"""One history: a scenario, at most one fault at one call, at most one interference at one call; and how it ended."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from tests.crash.audit import audit, confused, may_wait
from tests.crash.drive import Driver, Restless
from tests.crash.lab import Lab
from tests.crash.ports import READ_FAULTS, READS, Crash, Fault
from tests.crash.stage import Stage
from tests.crash.world import World

from ams_operator.api.base import REQUEST_PREFIX
from ams_operator.engine.store import ACCOUNT, BACKEND


@dataclass(frozen=True, slots=True)
class Interference:
    """What others do meanwhile."""

    name: str
    do: Callable[[Stage, Scenario], None]
    kinds: tuple[str, ...] = ("Transform", "LiveEvent", ACCOUNT)
    outside: bool = False
    """whether it may leave the run state other than declared"""


@dataclass(frozen=True, slots=True)
class Scenario:
    """A world at rest, and what a user or somebody else does to it."""

    name: str
    setup: Callable[[Stage], None]
    trigger: Callable[[Stage], None]
    edit: Callable[[Stage], None]
    """the change of the manifest that interferes"""
    before: Callable[[Stage], None] | None = None
    """what happened after the set-up was at rest, and is at rest too when the trigger comes"""
    subject: str = "one"
    azure: str = "one"
    """the subject's name in the service"""
    bare: bool = False
    """without the account that all others begin with"""
    kind: str = "Transform"
    outside: bool = False
    work: float = 0.0
    ends: frozenset[str] = frozenset()
    """reasons other than InSync with which it may rest although nobody interferes"""


@dataclass(slots=True)
class Result:
    """How a history ended."""

    name: str
    calls: tuple[str, ...] = ()
    counts: Counter[str] = field(default_factory=Counter)
    violations: tuple[str, ...] = ()
    inherent: Counter[str] = field(default_factory=Counter)
    log: tuple[str, ...] = ()


@dataclass(slots=True)
class Prepared:
    """A scenario with its world at rest: the start of all its histories."""

    lab: Lab
    scenario: Scenario
    world: World

    @classmethod
    def of(cls, lab: Lab, scenario: Scenario) -> Prepared:
        world = World()
        driver = Driver(lab, world)
        stage = Stage(lab, world, driver.service.watchman)
        stage.backend()
        if not scenario.bare:
            stage.account()
        scenario.setup(stage)
        driver.settle()
        if scenario.before is not None:
            scenario.before(stage)
            driver.settle()
        return cls(lab, scenario, world)

    def run(
        self,
        fault: Fault | None = None,
        fault_at: int = 0,
        interference: Interference | None = None,
        interfere_at: int = 0,
    ) -> Result:
        """Run it to its end and look at everything."""
        scenario, world = self.scenario, self.world.copy()
        world.on_remove = lambda _resource: None
        world.log, world.violations = [], []
        world.inherent.clear()
        driver = Driver(self.lab, world)
        driver.service.work = scenario.work
        stage = Stage(self.lab, world, driver.service.watchman)
        name = f"{scenario.name} | {fault or 'no fault'} at {fault_at} | " + (
            f"{interference.name} at {interfere_at}" if interference else "nothing"
        )
        gate = driver.gate
        gate.fault, gate.fault_at = fault, fault_at
        if interference is not None:
            gate.interfere, gate.interfere_at = (lambda: interference.do(stage, scenario)), interfere_at
        try:
            driver.rest()
            scenario.trigger(stage)
            world.touched.clear()
            gate.armed = True
            driver.rest()
            _round(driver)
            gate.armed = False
            calls = tuple(gate.names)
            driver.settle()
            audit(self.lab, world, scenario, interference)
            _quiet(driver)
            _teardown(driver, world)
        except Restless:
            calls = tuple(gate.names)
            world.violate("I16", "it does not come to rest")
        except Crash:
            raise
        except Exception as error:
            calls = tuple(gate.names)
            world.violate("poison", f"{type(error).__name__}: {error}")
        return Result(name, calls, gate.counts, tuple(world.violations), world.inherent, tuple(world.log))


def _round(driver: Driver) -> None:
    driver.world.advance(driver.world.now + 61.0)
    driver.sweep()
    driver.rest()


def _quiet(driver: Driver) -> None:
    """At rest a restart writes nothing, and neither does the sweep after it."""
    before = driver.writes()
    driver.boot()
    driver.rest()
    _round(driver)
    if driver.writes() != before:
        driver.world.violate("quiet", "a restart at rest writes")


def _teardown(driver: Driver, world: World) -> None:
    """The users delete everything: each deletion ends, and nothing that was ours is left."""
    for uid, resource in list(world.objects.items()):
        if resource.kind not in (ACCOUNT, BACKEND):
            world.delete(uid)
    driver.rest()
    _round(driver)
    for uid, resource in list(world.objects.items()):
        if resource.deleting and confused(world, resource):
            world.edit(uid, annotations={REQUEST_PREFIX + "abandon": uid})  # the way out that the message names
            driver.rest()
    if any(may_wait(world, resource) for resource in world.objects.values() if resource.deleting):
        for key, thing in list(world.things.items()):
            world.things[key] = replace(thing, outputs=())  # the recordings end by themselves
        _round(driver)
        _round(driver)
    left = [uid for uid, resource in world.objects.items() if resource.kind not in (ACCOUNT, BACKEND)]
    if left:
        world.violate("I16", f"deletion does not end: {left}")


def faults(calls: tuple[str, ...]) -> Iterator[tuple[Fault | None, int]]:
    """Every fault at every call, and none."""
    yield None, 0
    for number, name in enumerate(calls, 1):
        for fault in READ_FAULTS if name in READS or name.startswith("list") else Fault:
            yield fault, number


def product(prepared: Prepared, interferences: tuple[Interference, ...]) -> Iterator[Callable[[], Result]]:
    """Every fault at every call, alone and with every interference at every call."""
    plain = prepared.run()
    for fault, number in faults(plain.calls):
        alone = prepared.run(fault, number)
        yield lambda alone=alone: alone  # type: ignore[misc]  # mypy can't type a lambda's default
        for interference in interferences:
            for place in range(1, len(alone.calls) + 1):
                yield lambda f=fault, n=number, i=interference, p=place: prepared.run(f, n, i, p)  # type: ignore[misc]  # as above


def sample(items: list[Callable[[], Result]], size: int, seed: int) -> list[Callable[[], Result]]:
    return random.Random(seed).sample(items, min(size, len(items)))
