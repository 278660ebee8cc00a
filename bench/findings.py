"""Everything that one run measured."""

from __future__ import annotations

from dataclasses import dataclass, field

from bench.archive import Archive
from bench.duel import Duel
from bench.life import Life
from bench.measure import Step
from bench.mixed import Mixed
from bench.watched import Watched


@dataclass
class Findings:
    """Everything that was measured."""

    lives: list[Life] = field(default_factory=list)
    duel: Duel | None = None
    sights: list[float] = field(default_factory=list)
    paced: Step | None = None
    mixed: Mixed | None = None
    archive: Archive | None = None
    watched: Watched | None = None
    loads: list[float] = field(default_factory=list)
    """the machine's load average before each part"""
    kubernetes: str = ""
