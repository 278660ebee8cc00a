"""One history: a scenario, at most one fault at one call, at most one interference at one call; and how it ended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from tests.crash.audit import audit, confused, may_wait
from tests.crash.drive import Driver, Restless
from tests.crash.faults import Fault
from tests.crash.lab import Lab
from tests.crash.sameness import durable, everything
from tests.crash.stage import Stage
from tests.crash.watchman import LANDED_LATER
from tests.crash.world import OUTPUT, World

from ams_operator.api.base import REQUEST_PREFIX
from ams_operator.domain.answers import Resource
from ams_operator.engine.store import ACCOUNT, BACKEND

FEW = 2
"""how many resources a version that is new may change unasked, in scenarios with one"""


class Known(Exception):
    """The rest of this history is the rest of another one."""


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
    kinds: tuple[str, ...] = ("Transform", "Asset", "LiveEvent", "LiveOutput", "StreamingEndpoint", ACCOUNT)
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
    times: int = 1
    """how often that happened, each time brought to rest"""
    subject: str = "one"
    azure: str = "one"
    """the subject's name in the service"""
    bare: bool = False
    """without the account that all others begin with"""
    kind: str = "Transform"
    outside: bool = False
    work: float = 0.0
    cascades: bool = False
    """`World.cascades`: the other answer to what nobody could verify"""
    owner: str = ""
    """the operator's `--owner-id`"""
    upgrade: bool = False
    """the trigger comes while no operator runs, and then another version does, which may change `FEW` unasked"""
    stride: int = 1
    """of its histories with interference, each so many-th belongs to the full run; where there are many, a prime"""
    ends: frozenset[str] = frozenset()
    """reasons other than InSync with which it may rest although nobody interferes"""


@dataclass(slots=True)
class Result:
    """How a history ended."""

    name: str
    calls: tuple[str, ...] = ()
    settled: int = 0
    """how many of them were made before the sweep that comes after all is at rest"""
    own: int = 0
    """how many were made before it came to a point from which another history went on"""
    marks: frozenset[int] = frozenset()
    """numbers of the calls that begin a step, or before which something late landed"""
    violations: tuple[str, ...] = ()
    inherent: Counter[str] = field(default_factory=Counter)
    log: tuple[str, ...] = ()
    rested: tuple[int, float] | None = None
    """steps and seconds from the trigger to the last write; None where another history was its rest"""
    off_air: float = 0.0
    """seconds that nobody asked for"""


@dataclass(slots=True)
class Prepared:
    """A scenario with its world at rest: the start of all its histories."""

    lab: Lab
    scenario: Scenario
    world: World
    points: set[int] = field(default_factory=set)
    """to which histories came after their fault, with the interference, if any, behind them"""
    open_points: set[int] = field(default_factory=set)
    """the same of histories without interference: one may still come"""

    @classmethod
    def of(cls, lab: Lab, scenario: Scenario) -> Prepared:
        world = World(cascades=scenario.cascades)
        if scenario.owner or scenario.upgrade:
            lab = replace(lab, owner_id=scenario.owner, version="1" if scenario.upgrade else "")
        driver = Driver(lab, world)
        stage = Stage(lab, world, driver.service.watchman)
        stage.backend()
        if not scenario.bare:
            stage.account()
        scenario.setup(stage)
        driver.settle()
        for _ in range(scenario.times if scenario.before is not None else 0):
            assert scenario.before is not None
            scenario.before(stage)
            driver.settle()
        return cls(replace(lab, version="2", limit=FEW) if scenario.upgrade else lab, scenario, world)

    def run(
        self,
        fault: Fault | None = None,
        fault_at: int = 0,
        interference: Interference | None = None,
        interfere_at: int = 0,
        also: Mapping[int, Fault] | None = None,
    ) -> Result:
        """Run it to its end and look at everything. `also`: other faults, of which `points` know nothing."""
        scenario, world = self.scenario, self.world.copy()
        world.on_remove = lambda _resource: None
        world.log, world.violations = [], []
        world.inherent.clear()
        driver = Driver(self.lab, world)
        driver.service.work = scenario.work
        stage = Stage(self.lab, world, driver.service.watchman)
        gate = driver.gate
        gate.fault, gate.fault_at, gate.also = fault, fault_at, also or {}
        if interference is not None:
            gate.interfere, gate.interfere_at = (lambda: interference.do(stage, scenario)), interfere_at
        run = Run(self, driver, interference, max(fault_at, interfere_at))
        driver.between = run.between
        run.play(stage)
        name = f"{scenario.name} | {fault or 'no fault'} at {fault_at} | " + (
            f"{interference.name} at {interfere_at}" if interference else "nothing"
        )
        return Result(
            name,
            tuple(gate.names),
            run.settled,
            len(gate.names) if run.own is None else run.own,
            frozenset(gate.marks),
            tuple(world.violations),
            world.inherent,
            tuple(world.log),
            run.rested,
            driver.service.watchman.off_air.total(),
        )

    def arrive(self, point: int) -> None:
        """Raises Known where another history went on from the same point."""
        if point in self.points:
            raise Known
        self.points.add(point)


@dataclass(slots=True)
class Run:
    """One history while it goes on."""

    prepared: Prepared
    driver: Driver
    interference: Interference | None
    last: int
    """number of the call at which the last of fault and interference comes"""
    settled: int = 0
    own: int | None = None
    rested: tuple[int, float] | None = None

    @property
    def outside(self) -> bool:
        return self.prepared.scenario.outside or (self.interference is not None and self.interference.outside)

    def play(self, stage: Stage) -> None:
        """From the trigger to the deletion of everything. What is wrong is told to the world."""
        world = self.driver.world
        try:
            self._armed(stage)
            audit(self.prepared.lab, world, self.prepared.scenario, self.outside)
            self.prepared.arrive(durable(world, self.outside))
            if not world.inherent[LANDED_LATER] and not any(_open(one) for one in world.objects.values()):
                _quiet(self.driver)
            _teardown(self.driver, world)
        except Known:
            return
        except Restless:
            world.violate("I16", "it does not come to rest")
        except Exception as error:
            world.violate("poison", f"{type(error).__name__}: {error}")

    def _armed(self, stage: Stage) -> None:
        """The part in which calls count and fail, until all is at rest."""
        driver, gate, world = self.driver, self.driver.gate, self.driver.world
        if not self.prepared.scenario.upgrade:
            driver.rest()
        self.prepared.scenario.trigger(stage)
        began = driver.wrote = (driver.steps, world.now)
        world.touched.clear()
        gate.armed = True
        driver.rest()
        before, self.settled = driver.writes(), len(gate.names)
        if self.interference is not None and self.settled >= self.last:
            self.prepared.arrive(everything(driver, self.outside))
        _round(driver)
        gate.armed = False
        if self.last > self.settled or driver.writes() != before or world.late or world.behind():
            driver.settle()
        self.rested = (driver.wrote[0] - began[0], driver.wrote[1] - began[1])

    def between(self) -> None:
        """Between two steps: without interference, has all that happened led to where another history was, too?"""
        done = len(self.driver.gate.names)
        if not self.driver.gate.armed or self.own is not None or done < self.last or self.interference is not None:
            return
        point = everything(self.driver, self.outside)
        self.own = done if point in self.prepared.open_points else None
        self.prepared.open_points.add(point)


def _open(resource: Resource) -> bool:
    """Whether it waits for the effect of an act: a new process, too, waits for it once."""
    return bool((resource.status.get("record") or {}).get("act"))


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
        for key in [key for key in world.things if key[3] == OUTPUT]:
            del world.things[key]  # the recordings end by themselves
        _round(driver)
        _round(driver)
    left = [uid for uid, resource in world.objects.items() if resource.kind not in (ACCOUNT, BACKEND)]
    if left:
        world.violate("I16", f"deletion does not end: {left}")
