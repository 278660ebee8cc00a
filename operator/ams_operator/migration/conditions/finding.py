"""What a condition says: the types, the closed set of reasons, and how a message is put together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

TRUE, FALSE, UNKNOWN = "True", "False", "Unknown"
NAMES: Final = 3
"""blockers that a message names"""
LONGEST_NAME: Final = 80


class Type(StrEnum):
    """The conditions, in the order of the guide's steps."""

    ACCESS = "V2AccessReady"
    INVENTORY = "V2InventoryReady"
    GAPS = "FeatureGapsResolved"
    TARGET = "V3AccessReady"
    JOBS = "V2JobsDrained"
    ENCODING = "EncodingMigrated"
    LIVE = "LiveStreamingMigrated"
    DELIVERY = "DeliveryMigrated"
    PROTECTION = "ContentProtectionMigrated"
    UNITS = "ReservedUnitsReady"
    COMPLETE = "MigrationComplete"


@dataclass(frozen=True, slots=True)
class Finding:
    """One condition as it should stand. `switched`: ids that have to be remembered (`Remembered.switched`)."""

    type: str
    status: str
    reason: str
    message: str
    done: int = 0
    all: int = 0
    switched: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Step:
    """One of the guide's four steps: how many of its conditions are True."""

    name: str
    title: str
    conditions: tuple[str, ...]
    done: int
    all: int


def blocking(names: Iterable[str], count: int | None = None) -> str:
    """`first, second, third (+n)`: the first names, and how many more. `count` where not all names are known."""
    found = sorted(dict.fromkeys(name[:LONGEST_NAME] for name in names))
    shown = found[:NAMES]
    more = (count if count is not None else len(found)) - len(shown)
    return ", ".join(shown) + (f" (+{more})" if more > 0 else "") if shown else str(count or 0)


def message(said: str, stopping: str = "", following: str = "") -> str:
    """`<done> of <all> ...; blocking: ...; next: ...`."""
    parts: Sequence[str] = (said, f"blocking: {stopping}" if stopping else "", f"next: {following}" if following else "")
    return "; ".join(part for part in parts if part)
