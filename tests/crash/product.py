"""Which histories there are: every fault at every call, alone and with every interference at every call; and every
answer that nobody wants at every call, alone.

Those that nobody can tell apart are run once. Somebody who writes a manifest just before or just after a GET of the
service leaves the same world behind, and so does a crash before or after one; the order only shows at calls that touch
what he changed, between two steps (time passes and the watches deliver), and where something late lands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tests.crash.faults import INDIFFERENT, OF_SECRET, OF_SERVICE, Fault, answers_at, silent_at
from tests.crash.history import Interference, Prepared, Result, Scenario, Side
from tests.crash.lab import Lab

History = Callable[[], Result]

OF_CLUSTER = frozenset({"status", "finalizer on", "finalizer off"})
WRITES = frozenset({"put", "patch", "delete", "start", "stop", "allocate", "reset", "scale"})
UNTOLD = {
    Side.CLUSTER: OF_SERVICE | OF_SECRET | INDIFFERENT,
    Side.SERVICE: OF_CLUSTER | OF_SECRET | INDIFFERENT,
    Side.BOTH: OF_SECRET | INDIFFERENT,
    Side.LIST: (OF_SERVICE - {"list"}) | OF_CLUSTER | OF_SECRET | INDIFFERENT,
    Side.SECRET: OF_CLUSTER | INDIFFERENT,
}
"""calls before which an interference is the same as after them"""


def faults(plain: Result) -> Iterator[tuple[Fault, int]]:
    """Every fault at every call of a run, but crashes where the last durable write was followed by one already."""
    for number, name in enumerate(plain.calls, 1):
        for fault in silent_at(name):
            if fault is not Fault.BEFORE or number in plain.marks:
                yield fault, number


def answers(plain: Result) -> Iterator[tuple[Fault, int]]:
    """Every answer that nobody wants at every call of a run."""
    for number, name in enumerate(plain.calls, 1):
        yield from ((fault, number) for fault in answers_at(name))


def places(plain: Result, side: Side) -> Iterator[int]:
    """The calls at which an interference may come: just before they take effect, and just after they left."""
    for number, (name, after) in enumerate(zip(plain.calls, (*plain.calls[1:], ""), strict=True), 1):
        if number > plain.own:
            return
        last = not after or number + 1 in plain.marks
        if name not in UNTOLD[side] or last or (after in WRITES and side is not Side.CLUSTER):
            yield number


@dataclass(slots=True)
class Product:
    """All histories of one scenario. What is alone in them is run once."""

    scenario: Scenario
    prepared: Prepared
    alone: list[tuple[Fault | None, int, Result]] = field(default_factory=list)

    @classmethod
    def of(cls, lab: Lab, scenario: Scenario) -> Product:
        found = cls(scenario, Prepared.of(lab, scenario))
        for _ in found.each():
            pass
        return found

    def each(self) -> Iterator[Result]:
        """Runs each fault that leaves a call without an answer alone, the plain history first."""
        plain = self.prepared.run()
        for fault, number in ((None, 0), *faults(plain)):
            result = self.prepared.run(fault, number) if fault is not None else plain
            self.alone.append((fault, number, result))
            yield result

    def answered(self) -> Iterator[History]:
        """Each answer that nobody wants, alone."""
        return (self._history(fault, number, None, 0) for fault, number in answers(self.alone[0][2]))

    def disturbed(self, interferences: tuple[Interference, ...]) -> Iterator[History]:
        """Each with one interference."""
        for fault, number, alone in self.alone:
            for interference in interferences:
                if self.scenario.kind in interference.kinds:
                    for place in places(alone, interference.side):
                        yield self._history(fault, number, interference, place)

    def _history(self, fault: Fault | None, number: int, interference: Interference | None, place: int) -> History:
        return lambda: self.prepared.run(fault, number, interference, place)
