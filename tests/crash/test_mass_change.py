"""Three of four differ for another version: whatever fails meanwhile, none is changed before somebody says so."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.crash.drive import INTERVAL, Driver
from tests.crash.faults import READ_FAULTS, READS, Fault
from tests.crash.lab import Lab
from tests.crash.stage import Stage, transform_spec
from tests.crash.world import World

from ams_operator.domain import holds, suspicion
from ams_operator.engine import reconcile
from ams_operator.engine.accounts import Suspicion

NAMES = ("one", "two", "three", "four")
DIFFERENT = NAMES[:3]
CHANGED = "changed though nobody said so"


class Version(Driver):
    """A process of one version, with one limit, again and again."""

    version, limit = "1", 2

    def boot(self) -> None:
        Driver.boot(self)
        self.engine.version, self.engine.mass_change_limit = self.version, self.limit


class Upgraded(Version):
    version = "2"


class Allowed(Upgraded):
    limit = 3


Start = tuple[Lab, World]


@pytest.fixture(scope="module")
def start() -> Start:
    """Transforms at rest, and what version 1 left of them."""
    lab, world = Lab(), World()
    driver = Version(lab, world)
    stage = Stage(lab, world, driver.service.watchman)
    stage.backend()
    stage.account()
    for name in NAMES:
        stage.apply("Transform", name, transform_spec())
    driver.settle()
    for name in DIFFERENT:
        stage.drift("Transform", name, description="as version 2 reads it")
    return lab, world


def play(start: Start, fault: Fault | None = None, at: int = 0) -> tuple[list[str], list[str]]:
    """One history with one fault: the calls of version 2, and what was wrong."""
    lab, world = start[0], start[1].copy()
    driver, wrong = Upgraded(lab, world), list[str]()
    driver.gate.armed, driver.gate.fault, driver.gate.fault_at = True, fault, at
    for _ in range(4):
        driver.rest()
        world.advance(world.now + INTERVAL)
        driver.sweep()
    driver.rest()
    if "patch" in driver.gate.names:
        wrong.append(CHANGED)
    wrong += [f"{name} rests as {reason}" for name in DIFFERENT if (reason := ready(world, name)) != "MassChange"]
    before = driver.writes()
    Upgraded(lab, world).rest()
    if driver.writes() != before:
        wrong.append("a restart writes")
    Allowed(lab, world).settle()
    wrong += [f"{name} ends as {reason}" for name in NAMES if (reason := ready(world, name)) != "InSync"]
    return driver.gate.names, wrong + world.violations


def ready(world: World, name: str) -> str:
    found = next(one for one in world.objects[name].status["conditions"] if one["type"] == "Ready")
    return str(found["reason"])


def test_no_fault_changes_anything(start: Start) -> None:
    calls, wrong = play(start)
    assert wrong == []
    found = {
        (fault, number): wrong
        for number, name in enumerate(calls, start=1)
        for fault in (READ_FAULTS if name in READS else (Fault.BEFORE, Fault.AFTER, Fault.LOST, Fault.LATE_CRASH))
        if (wrong := play(start, fault, number)[1])
    }
    assert found == {}


def differences_are_few(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(suspicion, "too_many_differ", lambda *_: False)


def differences_need_no_sweep(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Suspicion, "of_change", lambda *_: None)


def nothing_is_held(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(holds, "_suspected", lambda *_: iter(()))


def what_is_held_counts_as_compared(patch: pytest.MonkeyPatch) -> None:
    """The status that tells of it says that this version compared it: whoever reads it sees nothing strange."""
    patch.setattr(reconcile, "compared", lambda *_: True)


@pytest.mark.parametrize(
    "mutant", [differences_are_few, differences_need_no_sweep, nothing_is_held, what_is_held_counts_as_compared]
)
def test_a_rule_taken_out_is_noticed(
    start: Start, mutant: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    mutant(monkeypatch)
    assert CHANGED in play(start)[1]
