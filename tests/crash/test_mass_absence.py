"""Three of four are gone at once: whatever fails meanwhile, nothing is made anew early, and everything in the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from tests.crash.drive import INTERVAL, Driver
from tests.crash.faults import READ_FAULTS, READS, Fault
from tests.crash.lab import Lab, place_of
from tests.crash.stage import Stage, transform_spec
from tests.crash.world import World

from ams_operator.domain import suspicion
from ams_operator.domain.suspicion import APART
from ams_operator.engine.accounts import Suspicion

NAMES = ("one", "two", "three", "four")
GONE = NAMES[:3]
ROUNDS = 6
"""sweeps in which everything has to be there again"""
EARLY = "made anew before it was confirmed"
Start = tuple[Lab, World]


@pytest.fixture(scope="module")
def start() -> Start:
    """Transforms at rest."""
    lab, world = Lab(), World()
    driver = Driver(lab, world)
    stage = Stage(lab, world, driver.service.watchman)
    stage.backend()
    stage.account()
    for name in NAMES:
        stage.apply("Transform", name, transform_spec())
    driver.settle()
    return lab, world


def play(start: Start, fault: Fault | None = None, at: int = 0) -> tuple[list[str], list[str]]:
    """One history with one fault: the calls, and what was wrong."""
    lab, world = start[0], start[1].copy()
    driver = Driver(lab, world)
    driver.settle()
    stage = Stage(lab, world, driver.service.watchman)
    for name in GONE:
        stage.vanish("Transform", name)
    since, wrong = world.now, list[str]()
    driver.gate.armed, driver.gate.fault, driver.gate.fault_at = True, fault, at
    for _ in range(ROUNDS):
        world.advance(world.now + INTERVAL)
        driver.sweep()
        began = world.now
        driver.rest()
        back = [name for name in GONE if place_of("Transform", name) in world.things]
        if back and began < since + INTERVAL + APART:
            wrong.append(EARLY)
        if len(back) == len(GONE):
            break
    for name in NAMES:
        ready = next(one for one in world.objects[name].status["conditions"] if one["type"] == "Ready")
        if place_of("Transform", name) not in world.things or ready["status"] != "True":
            wrong.append(f"{name} rests as {ready['reason']}")
    return driver.gate.names, wrong + world.violations


def each(start: Start) -> Iterator[tuple[Fault, int]]:
    """Each fault at each call, until a second sweep has made everything anew."""
    for number, name in enumerate(play(start)[0], start=1):
        for fault in READ_FAULTS if name in READS else (Fault.BEFORE, Fault.AFTER, Fault.LOST, Fault.LATE_CRASH):
            yield fault, number


def test_without_a_fault_two_sweeps_confirm_it(start: Start) -> None:
    calls, wrong = play(start)
    assert wrong == []
    assert calls.count("put") == len(GONE)


def test_no_fault_makes_it_earlier_or_keeps_it_for_good(start: Start) -> None:
    found = {(fault, at): wrong for fault, at in each(start) if (wrong := play(start, fault, at)[1])}
    assert found == {}


def absences_are_few(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(suspicion, "too_many_gone", lambda _count, _of: False)


def one_sweep_is_enough(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(suspicion, "APART", 0.0)


def absences_need_no_sweep(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Suspicion, "of", lambda *_: None)


@pytest.mark.parametrize("mutant", [absences_are_few, one_sweep_is_enough, absences_need_no_sweep])
def test_a_rule_taken_out_is_noticed(
    start: Start, mutant: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    mutant(monkeypatch)
    assert EARLY in play(start)[1]
