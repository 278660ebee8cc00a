"""Accounts with a past: what somebody finds who looks at an account that was used with version 2 for years.

Everything is the same each time, but for dates, which count back from the emulator's now.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from ams_emulator.state import Resource
from ams_emulator.v2.scenarios.archive import archive
from ams_emulator.v2.scenarios.broadcaster import broadcaster
from ams_emulator.v2.scenarios.legacy import legacy
from ams_emulator.v2.scenarios.mixed import mixed
from ams_emulator.v2.scenarios.small import small
from ams_emulator.world import World

Play = Callable[[World, Resource], None]

SCENARIOS: Mapping[str, Play] = MappingProxyType(
    {
        "empty": lambda *_: None,
        "small": small,
        "broadcaster": broadcaster,
        "mixed": mixed,
        "legacy": legacy,
        "archive": archive,
    }
)


def scenario(name: str) -> Play:
    """What puts a scenario into an account that has version 2. Raises ValueError for an unknown name."""
    if name not in SCENARIOS:
        raise ValueError(f"scenario: {name!r} is unknown; choose one of {', '.join(SCENARIOS)}")
    return SCENARIOS[name]
