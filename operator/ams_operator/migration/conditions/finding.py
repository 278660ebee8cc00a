"""What a condition says: the types, how a message is put together, and the order of judgement."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ams_operator.api.status import MESSAGE_LIMIT
from ams_operator.migration.conditions.reasons import Why

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
    """One condition as it should stand. `switched` and `completed` have to be remembered (`Remembered`)."""

    type: str
    status: str
    reason: str
    message: str
    done: int = 0
    all: int = 0
    switched: frozenset[str] = frozenset()
    completed: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One of the guide's four steps: how many of its conditions are True."""

    name: str
    title: str
    conditions: tuple[str, ...]
    done: int
    all: int


@dataclass(frozen=True, slots=True)
class Stop:
    """A proved blocker: who blocks, how many (0: as many as names), and what to do next."""

    reason: Why
    names: tuple[str, ...]
    following: str
    count: int = 0


@dataclass(frozen=True, slots=True)
class Score:
    """`<done> of <all> <what>`, the beginning of a message."""

    done: int
    all: int
    what: str

    def __str__(self) -> str:
        return f"{self.done} of {self.all} {self.what}"


def judged(
    kind: Type, score: Score, stops: Sequence[Stop], missing: Sequence[str], good: Why, told: str = ""
) -> Finding:
    """The order of judgement: a proved blocker, else a missing input, else True with the reason `good`."""
    if stops:
        first = stops[0]
        text = message(str(score), blocking(first.names, first.count or None), first.following)
        return Finding(kind, FALSE, first.reason, text, score.done, score.all)
    if missing:
        return unknown(kind, missing)
    return Finding(kind, TRUE, good, message(told or str(score)), score.done, score.all)


def unknown(
    kind: Type,
    missing: Sequence[str],
    reason: Why = Why.INPUTS_MISSING,
    following: str = "",
    score: Score | None = None,
) -> Finding:
    """Nothing is proved, and something that is needed is not known. `score`: where all else is."""
    said = f"{score}; not known yet: " if score else "not known yet: "
    done, whole = (score.done, score.all) if score else (0, 0)
    return Finding(kind, UNKNOWN, reason, message(said + blocking(missing), following=following), done, whole)


def blocking(names: Iterable[str], count: int | None = None) -> str:
    """`first, second, third (+n)`: the first names, and how many more. `count` where not all names are known."""
    found = sorted(dict.fromkeys(short(name) for name in names))
    shown = found[:NAMES]
    more = (count if count is not None else len(found)) - len(shown)
    return ", ".join(shown) + (f" (+{more})" if more > 0 else "") if shown else str(count or 0)


def short(name: str) -> str:
    """A name as a message may show it: somebody else chose it, so that it may hold anything."""
    plain = "".join(char if char.isprintable() else "?" for char in name[: LONGEST_NAME + 1])
    return plain if len(plain) <= LONGEST_NAME else plain[: LONGEST_NAME - 1] + "…"


def without_next(text: str) -> str:
    """A message without what is next: nothing is, any more."""
    return text.partition("; next: ")[0]


def message(said: str, stopping: str = "", following: str = "") -> str:
    """`<done> of <all> ...; blocking: ...; next: ...`."""
    parts = (said, f"blocking: {stopping}" if stopping else "", f"next: {following}" if following else "")
    return "; ".join(part for part in parts if part)[:MESSAGE_LIMIT]
