"""What a storm showed."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from ams_operator.api.kinds import KINDS
from bench.reliability.storm_people import People

DEED_EACH: Final = 0.75
"""seconds between two things that people do, on average"""
SOON: Final = 60.0
"""seconds after the storm in which all should be as it was declared"""
PATIENCE: Final = 1200.0
"""seconds after which nobody waits for it any more"""


@dataclass
class Storm:
    """How it went."""

    seed: int
    seconds: float
    set: Counter[str] = field(default_factory=Counter)
    """fault to how often it came"""
    hits: Counter[str] = field(default_factory=Counter)
    """fault to how many requests it hit"""
    deeds: Counter[str] = field(default_factory=Counter)
    population: Counter[str] = field(default_factory=Counter)
    """at the end of the storm"""
    requests: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    converged: float | None = None
    late: list[str] = field(default_factory=list)
    """what was not as declared within `SOON`"""
    asks: list[str] = field(default_factory=list)
    windows: list[str] = field(default_factory=list)
    """what nobody can know to be ours, since somebody changed it before it was seen"""
    lies: list[tuple[str, str]] = field(default_factory=list)
    """what waits for a person, since something on the way said that a step was carried out that was not"""
    closings: Counter[int] = field(default_factory=Counter)
    quiet: dict[str, tuple[int, int]] = field(default_factory=dict)
    """what was counted in the quiet account, and in the one without a storm beside it"""
    harm: dict[str, list[str]] = field(default_factory=dict)
    """what may never happen, to where it did"""
    seconds_off: dict[str, float] = field(default_factory=dict)
    """meter to seconds, of what nobody asked to stop"""

    @property
    def violations(self) -> list[str]:
        """All of it as lines."""
        found = [f"storm: {what}: {one}" for what, ones in self.harm.items() for one in ones]
        found += [f"storm: {meter}: {seconds:.1f}" for meter, seconds in self.seconds_off.items() if seconds]
        if self.converged is None:
            found += [f"storm: not within {PATIENCE:.0f} s: {one}" for one in self.late]
        return found


def without_population() -> list[str]:
    """The kinds of the registry that the storm has none of."""
    known = {kind for kind, _ in People(random.Random()).manifests} | {"MediaServicesAccount", "MediaServicesBackend"}
    return [kind.kind for kind in KINDS if kind.kind not in known]
