"""The crash harness counted: what its histories did, by kind and fault, and by what others did meanwhile."""

from __future__ import annotations

import itertools
import statistics
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from tests.crash.history import Result, Scenario
from tests.crash.interferences import INTERFERENCES
from tests.crash.lab import Lab
from tests.crash.product import Product

HARMS: Final = {
    "orphans": ("I6: orphan", "I6: created after"),
    "made twice": ("I4: created twice",),
    "recordings harmed": ("recording: ", "I7: "),
    "blocked requests sent": ("I7/I8/I10: ", "absence: ", "haste: ", "version: "),
}
"""column to the beginnings of the violations that belong there; what fits none is in the last column"""
OTHER: Final = "other violations"
NONE, ALONE = "no fault", "nothing"


@dataclass
class Tally:
    """What some histories showed."""

    tried: int = 0
    harms: Counter[str] = field(default_factory=Counter)
    off_air: float = 0.0
    windows: int = 0
    steps: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def add(self, result: Result) -> None:
        """One history."""
        self.tried += 1
        self.harms.update(harm_of(violation) for violation in result.violations)
        self.off_air += result.off_air
        self.windows += bool(result.inherent)
        if result.rested is not None:
            self.steps.append(result.rested[0])
            self.seconds.append(result.rested[1])

    def cells(self) -> list[object]:
        """As a table shows them."""
        harms = [self.harms[name] for name in (*HARMS, OTHER)]
        return [f"{self.tried:,}", *harms[:3], f"{self.off_air:.0f}", *harms[3:], f"{self.windows:,}"]

    def rest(self) -> list[object]:
        """Median and longest of steps and seconds."""
        if not self.steps:
            return ["", ""]
        return [f"{statistics.median(each):.0f} / {max(each):.0f}" for each in (self.steps, self.seconds)]


def harm_of(violation: str) -> str:
    """The column that a violation belongs to."""
    found = (name for name, starts in HARMS.items() if violation.startswith(starts))
    return next(found, OTHER)


@dataclass
class Histories:
    """All that was played."""

    part: int
    faults: dict[tuple[str, str], Tally] = field(default_factory=dict)
    """(kind, fault) to what it did"""
    others: dict[str, Tally] = field(default_factory=dict)
    """what others do meanwhile to what it did"""
    windows: Counter[str] = field(default_factory=Counter)
    violations: list[str] = field(default_factory=list)
    """the first few, with the names of their histories"""
    scenarios: Counter[str] = field(default_factory=Counter)

    def add(self, kind: str, result: Result) -> None:
        """One history, whose name says what it was."""
        _, fault, other = (part.rpartition(" at ")[0] or part for part in result.name.split(" | "))
        self.faults.setdefault((kind, fault), Tally()).add(result)
        self.others.setdefault(other, Tally()).add(result)
        self.windows.update(result.inherent)
        self.violations += [f"{result.name}: {one}" for one in result.violations][: 20 - len(self.violations)]

    def total(self) -> int:
        """How many histories."""
        return sum(tally.tried for tally in self.faults.values())


def play(scenarios: Iterable[Scenario], part: int, say: Callable[[str], None]) -> Histories:
    """Every fault and every answer that nobody wants at every call alone; with interference one history of `part` of
    those that the full run plays."""
    lab, found = Lab(), Histories(part)
    for kind, group in itertools.groupby(sorted(scenarios, key=lambda one: one.kind), key=lambda one: one.kind):
        for scenario in group:
            found.scenarios[kind] += 1
            product = Product.of(lab, scenario)
            for _, _, result in product.alone:
                found.add(kind, result)
            for history in product.answered():
                found.add(kind, history())
            step = scenario.stride * part
            for history in itertools.islice(product.disturbed(INTERFERENCES), step // 2, None, step):
                found.add(kind, history())
        say(f"crash histories: {found.total():,}, up to {kind}")
    return found
