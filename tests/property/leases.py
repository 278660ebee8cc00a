"""Replicas that stand for one Lease, on clocks of their own and over a network that loses and delays.

Simulated: an API server with one Lease; candidates that are paused for any time between any two of their steps, whose
clocks run at different speeds, and that die and are started again; answers that are lost; requests that take effect
long after whoever sent them gave up; somebody who deletes the Lease.
"""

from __future__ import annotations

import heapq
import itertools
import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from ams_operator.kube.lease import Candidate, Hold, Lease

TIMEOUT = 3.0


@dataclass
class Server:
    """The one Lease, and its optimistic concurrency."""

    lease: Lease | None = None
    versions: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def write(self, hold: Hold, holder: str) -> Lease | str:
        """What `hold` comes to: the Lease, "conflict", or "gone"."""
        now = self.lease.version if self.lease is not None else None
        if now != hold.replaces:
            return "gone" if now is None else "conflict"
        self.lease = Lease(holder, hold.term, str(next(self.versions)))
        return self.lease


@dataclass
class Replica:
    """A candidate with a clock of its own, and when it could write, in the simulation's time."""

    candidate: Candidate
    speed: float
    offset: float
    alive: bool = True
    asked: int = 0
    """number of the request that it waits for; an answer to an older one is not heard"""
    spans: list[tuple[float, float]] = field(default_factory=list)

    def clock(self, now: float) -> float:
        return self.offset + now * self.speed

    def true(self, local: float) -> float:
        return (local - self.offset) / self.speed


class World:
    """Runs until a time; `spans` says who could write when."""

    def __init__(self, seed: int, *, skew: float, trouble: float) -> None:
        self.random, self.skew, self.trouble = random.Random(seed), skew, trouble
        self.server = Server()
        self.now = 0.0
        self.agenda: list[tuple[float, int, Callable[[], None]]] = []
        self.numbers = itertools.count()
        self.replicas: list[Replica] = []
        self.ran = False

    def at(self, when: float, what: Callable[[], None]) -> None:
        heapq.heappush(self.agenda, (when, next(self.numbers), what))

    def start(self) -> Replica:
        """A process begins; only the very first of an installation knows that there was none before."""
        speed = 1.0 + self.random.uniform(-self.skew, self.skew)
        name = f"replica-{len(self.replicas)}"
        made = Replica(Candidate(name, fresh=not self.ran), speed, self.random.uniform(-1e6, 1e6))
        self.ran = True
        self.replicas.append(made)
        self.step(made)
        return made

    def run(self, until: float) -> None:
        while self.agenda and self.agenda[0][0] <= until:
            self.now, _, what = heapq.heappop(self.agenda)
            what()
        self.now = until

    def step(self, one: Replica) -> None:
        """Send what is due, and plan the answer, or its loss."""
        if not one.alive or one.candidate.over:
            return
        local = one.clock(self.now)
        if one.candidate.due > local:
            self.at(max(one.true(one.candidate.due), self.now) + self.pause() + 1e-6, lambda: self.step(one))
            return
        one.asked += 1
        number, hold = one.asked, one.candidate.step()
        arrives = self.now + self.delay()
        self.at(arrives, lambda: self.arrive(one, number, hold, local))
        self.at(self.now + TIMEOUT / one.speed + self.pause(), lambda: self.give_up(one, number))

    def arrive(self, one: Replica, number: int, hold: Hold | None, sent: float) -> None:
        """A request takes effect, maybe long after it was given up."""
        if self.random.random() < self.trouble / 3:
            return
        answer = self.server.lease if hold is None else self.server.write(hold, one.candidate.identity)
        if self.random.random() >= self.trouble / 3:
            self.at(self.now + self.delay(), lambda: self.hear(one, number, hold, sent, answer))

    def hear(self, one: Replica, number: int, hold: Hold | None, sent: float, answer: Lease | str | None) -> None:
        if number != one.asked or not one.alive:
            return
        one.asked += 1
        local, candidate = one.clock(self.now), one.candidate
        if hold is None or answer == "gone":
            candidate.found(answer if isinstance(answer, Lease) else None, local)
        elif isinstance(answer, Lease):
            candidate.held(sent, answer)
            self.note(one)
        else:
            candidate.refused(local)
        self.step(one)

    def give_up(self, one: Replica, number: int) -> None:
        if number == one.asked and one.alive:
            one.asked += 1
            one.candidate.failed(one.clock(self.now))
            self.step(one)

    def note(self, one: Replica) -> None:
        """From now until its permission ends it may write at any moment, whatever becomes of it meanwhile."""
        begin, end = max(one.true(one.candidate.begins), self.now), one.true(one.candidate._until)
        if begin < end:
            one.spans.append((begin, end))

    def die(self, one: Replica) -> None:
        one.alive = False
        one.spans = [(begin, min(end, self.now)) for begin, end in one.spans if begin < self.now]

    def resign(self, one: Replica) -> None:
        """A clean exit: no write from now on, then the Lease is given up, if that arrives."""
        hold, led = one.candidate.step(), one.candidate.term is not None and not one.candidate.over
        led = led and one.clock(self.now) >= one.candidate.begins
        one.candidate.resign()
        self.die(one)
        if led and hold is not None and hold.replaces is not None:
            given = hold
            self.at(self.now + self.delay(), lambda: self.give(given))

    def give(self, hold: Hold) -> None:
        self.server.write(hold, "")

    def delete(self) -> None:
        self.server.lease = None

    def touch(self) -> None:
        """Somebody else writes into the Lease, an annotation for example."""
        if self.server.lease is not None:
            self.server.lease = replace(self.server.lease, version=str(next(self.server.versions)))

    def delay(self) -> float:
        if self.random.random() < self.trouble:
            return self.random.choice((0.5, 2.0, 5.0, 30.0)) * self.random.random()
        return 0.01

    def pause(self) -> float:
        """Seconds in which a process stands still, as after SIGSTOP."""
        return self.random.choice((1.0, 5.0, 20.0)) * self.random.random() if self.random.random() < self.trouble else 0
