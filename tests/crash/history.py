"""One history: a scenario, at most one fault at one call, at most one interference at one call; and how it ended."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum

from tests.crash.audit import audit, confused, may_wait
from tests.crash.drive import Driver, Restless
from tests.crash.lab import Lab
from tests.crash.ports import Crash, Fault
from tests.crash.stage import Stage
from tests.crash.world import Thing, World

from ams_operator.api.base import REQUEST_PREFIX
from ams_operator.engine.store import ACCOUNT, BACKEND

TIMES = re.compile(r"20\d\d-[-0-9T:.]+(?:Z|[+]00:00)")


class Side(StrEnum):
    """What an interference changes."""

    CLUSTER = "objects in the API server"
    SERVICE = "resources in the service"
    BOTH = "both"
    LIST = "what LIST shows"
    SECRET = "the credential, in both"


@dataclass(frozen=True, slots=True)
class Interference:
    """What others do meanwhile."""

    name: str
    do: Callable[[Stage, Scenario], None]
    kinds: tuple[str, ...] = ("Transform", "LiveEvent", ACCOUNT)
    side: Side = Side.CLUSTER
    """what it changes, and so which calls can tell whether it came before or after them"""
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
    stride: int = 1
    """of its histories with interference, only each so many-th belongs to the full product: they are long"""
    ends: frozenset[str] = frozenset()
    """reasons other than InSync with which it may rest although nobody interferes"""


@dataclass(slots=True)
class Result:
    """How a history ended."""

    name: str
    calls: tuple[str, ...] = ()
    settled: int = 0
    """how many of them were made before the sweep that comes after all is at rest"""
    marks: frozenset[int] = frozenset()
    """numbers of the calls that begin a step, or before which something late landed"""
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
    rests: set[int] = field(default_factory=set)
    """in which histories ended so far"""

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
        settled = 0
        try:
            driver.rest()
            scenario.trigger(stage)
            world.touched.clear()
            gate.armed = True
            driver.rest()
            before, settled = driver.writes(), len(gate.names)
            _round(driver)
            gate.armed = False
            calls = tuple(gate.names)
            if max(fault_at, interfere_at) > settled or driver.writes() != before or world.late:
                driver.settle()
            audit(self.lab, world, scenario, interference)
            if self._new(world):
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
        marks = frozenset(number for number in gate.marks if number <= len(calls))
        return Result(
            name, calls, settled, marks, gate.counts, tuple(world.violations), world.inherent, tuple(world.log)
        )

    def _new(self, world: World) -> bool:
        """Whether this rest was never reached before, but for the times: a restart forgets all but what is durable, so
        that equal rests go on in the same way."""
        state = json.dumps(
            [
                [
                    [uid, one.generation, one.deleting, one.finalizers, one.annotations, one.spec, one.status]
                    for uid, one in sorted(world.objects.items())
                ],
                [[key, *_remains(thing)] for key, thing in sorted(world.things.items())],
                world.secret,
            ],
            default=str,
        )
        ranks = {time: f"t{rank}" for rank, time in enumerate(sorted(set(TIMES.findall(state))))}
        rest = hash(TIMES.sub(lambda found: ranks[found[0]], state))
        known = rest in self.rests
        self.rests.add(rest)
        return not known


def _remains(thing: Thing) -> tuple[object, ...]:
    return thing.raw, thing.maker, thing.owner, thing.versions[-1:], thing.outputs, thing.becomes is None


def _round(driver: Driver) -> None:
    driver.world.advance(driver.world.now + 61.0)
    driver.sweep()
    driver.rest()


def _quiet(driver: Driver) -> None:
    """At rest a restart writes nothing, and neither does the sweep after it."""
    before = driver.writes()
    driver.boot()
    driver.rest()  # which sweeps: a new process lists everything
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
