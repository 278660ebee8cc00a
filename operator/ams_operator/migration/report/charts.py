"""What is drawn, as numbers: the template only puts them into SVG."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from ams_operator.domain.model import JSON
from ams_operator.migration.model import Fate

WIDTH: Final = 1000.0
"""units from one end of a bar to the other"""
_LEAST: Final = 6.0
"""units of what is there at all: else one gap among 100,000 assets could not be seen"""
_GAP: Final = 2.0
STATES: Final = ("done", "blocked", "unknown", "open")


def shares(counts: Mapping[str, int]) -> list[JSON]:
    """The parts of one bar, `{fate, count, x, width}`, in the order of `Fate`; empty where there is nothing."""
    present = [(str(fate), counts.get(str(fate), 0)) for fate in Fate if counts.get(str(fate), 0) > 0]
    whole = sum(count for _, count in present)
    if not whole:
        return []
    small = [count for _, count in present if count / whole * WIDTH < _LEAST]
    scale = (WIDTH - _LEAST * len(small)) / (whole - sum(small))
    parts, x = [], 0.0
    for fate, count in present:
        width = _LEAST if count / whole * WIDTH < _LEAST else count * scale
        parts.append({"fate": fate, "count": count, "x": round(x, 1), "width": round(max(1.0, width - _GAP), 1)})
        x += width
    return parts


def bars(counts: Sequence[tuple[str, int]]) -> list[JSON]:
    """Bars that compare, `{name, count, width}`: the longest is as wide as can be."""
    most = max((count for _, count in counts), default=0) or 1
    return [
        {"name": name, "count": count, "width": round(max(_LEAST, count / most * WIDTH), 1)} for name, count in counts
    ]


def state(condition: JSON) -> str:
    """What a condition amounts to: what blocks it was proved by the inventory, whether or not anybody judged it."""
    match condition["status"]:
        case "True":
            return "done"
        case "False":
            return "blocked"
        case "Unknown":
            return "unknown"
    return "blocked" if condition["blockers"] else "open"


def ring(conditions: Sequence[JSON]) -> list[JSON]:
    """A ring with a part for each condition, `{state, begin, length}` in hundredths of it: what is done comes first."""
    states = Counter(state(one) for one in conditions)
    ordered = [name for name in STATES for _ in range(states[name])]
    part = 100.0 / max(1, len(ordered))
    gap = 3.0 if len(ordered) > 1 else 0.0
    return [
        {"state": name, "begin": round(number * part, 2), "length": round(part - gap, 2)}
        for number, name in enumerate(ordered)
    ]


def spoken(counts: Mapping[str, int], names: Mapping[str, str]) -> str:
    """A bar in words, for whoever can't see it."""
    return ", ".join(f"{counts[fate]} {name}" for fate, name in names.items() if counts.get(fate)) or "nothing"
