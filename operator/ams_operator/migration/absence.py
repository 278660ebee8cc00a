"""Whether version 2 really has no such set. A 404 may be trouble as well, and what nobody could read is not nothing.

So it takes answers over a time and nothing but a 404 meanwhile, of a set that was never given, while a probe is well.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final

from ams_operator.migration.tally import Tally

CERTAIN: Final = 1800.0
"""seconds after the first 404 from which another one counts"""


@dataclass(slots=True)
class Absences:
    """What is known of sets that are not given. Outlives inventories."""

    before: Mapping[str, Tally] = field(default_factory=lambda: MappingProxyType({}))
    """what earlier inventories found"""
    since: dict[str, float] = field(default_factory=dict)
    """when a set said 404 first, of those that said nothing else since"""

    def answered(self, name: str) -> bool:
        """Something else than a 404. True where that is news."""
        return self.since.pop(name, None) is not None

    def doubt(self, name: str, now: float, *, given: bool) -> str:
        """Why this 404 does not mean that there is no such set; empty where it does. `given`: it was, just before."""
        before = self.before.get(name)
        if given or (before is not None and not before.absent):
            self.answered(name)
            return "version 2 says 404 to what it gave before"
        if before is not None:
            return ""
        first = self.since[name] = min(self.since.get(name, now), now)
        until = first + CERTAIN
        if now >= until:
            return ""
        told = f"{datetime.fromtimestamp(until, UTC):%H:%M}Z"
        return f"version 2 says 404: it has no such set if it says so until {told}, else it is in trouble"
