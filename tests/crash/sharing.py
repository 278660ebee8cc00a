"""Several operators, each with an engine and an API server of its own, that share one service and its clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from tests.crash.drive import INTERVAL, Driver
from tests.crash.lab import Lab
from tests.crash.service import Service
from tests.crash.stage import Stage
from tests.crash.world import START, Key, Request, World

from ams_operator.domain.answers import Answer

APART = 100_000
"""between the numbers that two worlds give to what they make"""


@dataclass(slots=True)
class Operator:
    """One of them, with the people of its cluster."""

    driver: Driver
    stage: Stage

    @classmethod
    def beside(cls, other: Operator | None = None, owner: str = "") -> Operator:
        """One more for the service of another one, with an account of its own."""
        lab, world = Lab(owner_id=owner), World()
        if other is not None:
            shared = other.driver.world
            world = World(now=shared.now, things=shared.things, serial=shared.serial + APART)
        made = cls(Driver(lab, world), Stage(lab, world))
        made.stage.watchman = made.driver.service.watchman
        made.stage.backend()
        made.stage.account()
        made.work()
        return made

    @property
    def world(self) -> World:
        return self.driver.world

    def work(self) -> None:
        """Everything that is to do by now."""
        driver, world = self.driver, self.driver.world
        while True:
            driver._deliver()
            schedule = driver.schedule
            due = any(when <= world.now and schedule.due.get(uid) == when for when, uid in schedule.timers)
            if schedule.strangers.empty() and not len(schedule.lineup.turns) and not due:
                return
            driver.step()

    def ready(self, name: str = "one") -> tuple[str, str]:
        """Reason and message of Ready."""
        found = next(one for one in self.world.objects[name].status["conditions"] if one["type"] == "Ready")
        return found["reason"], found["message"]

    def reason(self, name: str = "one") -> str:
        return self.ready(name)[0]


@dataclass(slots=True)
class Sent:
    """Every write that reached the service: when, whose, what, and where."""

    writes: list[tuple[float, World, str, Key]] = field(default_factory=list)

    def at(self, key: Key, *verbs: str, since: float = START) -> list[float]:
        """When these verbs, or all, reached one resource."""
        return [when for when, _, verb, to in self.writes if to == key and when >= since and verb in (verbs or (verb,))]

    def of(self, operator: Operator, key: Key) -> list[str]:
        """What one of them sent there."""
        return [verb for _, world, verb, to in self.writes if world is operator.world and to == key]


def listening(patch: pytest.MonkeyPatch) -> Sent:
    """From now on every write is noted."""
    sent, write = Sent(), Service.write

    def noting(service: Service, request: Request, at: float) -> Answer:
        sent.writes.append((service.world.now, service.world, request.verb, request.key))
        return write(service, request, at)

    patch.setattr(Service, "write", noting)
    return sent


def together(operators: tuple[Operator, ...], seconds: float, meanwhile: Callable[[], object] = lambda: None) -> None:
    """All of them work for so long: each sweeps once in an interval, and does what is due a second later at most."""
    end = max(one.world.now for one in operators) + seconds
    while (now := max(one.world.now for one in operators)) < end:
        meanwhile()
        for one in operators:
            now = max(now, one.world.now)
            one.world.advance(now)
            if now >= one.driver.swept + INTERVAL:
                one.driver.sweep()
            one.work()
        for one in operators:
            one.world.advance(max(now + 1.0, one.world.now))
