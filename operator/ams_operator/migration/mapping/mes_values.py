"""Values of custom presets, and what is noticed while they are read: what has no place, and what is said otherwise."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from ams_operator.domain.model import JSON
from ams_operator.migration import odata

_CLOCK: Final = re.compile(r"(\d{1,2}):(\d{2}):(\d{2})(\.\d{1,7})?")
FEATURES: Final = "preset-features"
_SILENCE: Final = "InsertSilenceIfNoAudio"
_BLACK: Final = ("InsertBlackIfNoVideo", "InsertBlackIfNoVideoBottomLayerOnly")
_CONDITIONS: Final = frozenset({"Condition", _SILENCE, *_BLACK})


@dataclass(slots=True)
class Work:
    """`gaps`: (gap id, what shows it), each once, in the order in which they were met."""

    gaps: dict[tuple[str, str], None] = field(default_factory=dict)
    notes: dict[str, None] = field(default_factory=dict)
    label_by_size: bool = False
    """file names tell sizes, which version 3 can say by labels"""

    def gap(self, what: str, identifier: str = FEATURES) -> None:
        self.gaps[identifier, what[:80]] = None

    def note(self, what: str) -> None:
        self.notes[what[:200]] = None

    def watch(self, part: JSON, where: str, known: Collection[str]) -> None:
        """Note what a part asks for and has no place anywhere: conditions, and members that nobody maps."""
        condition = str(part.get("Condition") or "")
        if condition == _SILENCE or part.get(_SILENCE):
            self.gap(where, "silent-audio")
        elif condition in _BLACK or any(part.get(one) for one in _BLACK):
            self.gap(where, "black-video")
        elif condition:
            self.gap(f"{where}: Condition {condition}")
        for name in sorted(part.keys() - known - _CONDITIONS):
            if part[name] not in (None, "", [], {}, False, "false"):
                self.gap(f"{where}: {name}")


def span(value: Any) -> timedelta | None:
    """`00:00:02` or `PT2S`; None where it is neither."""
    found = _CLOCK.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return odata.duration(value)
    return timedelta(hours=int(found[1]), minutes=int(found[2]), seconds=int(found[3]), microseconds=_micro(found[4]))


def clock(value: Any) -> str | None:
    """`00:00:02` as `PT2S`; None where it is no time."""
    found = span(value)
    return iso(found) if found is not None else None


def iso(value: timedelta) -> str:
    """A duration as version 3 writes it."""
    total = value.days * 86400 + value.seconds
    hours, minutes, seconds = total // 3600, total // 60 % 60, total % 60
    rest = f".{value.microseconds:06}".rstrip("0") if value.microseconds else ""
    text = "".join(f"{number}{unit}" for number, unit in ((hours, "H"), (minutes, "M")) if number)
    return f"PT{text}{seconds}{rest}S" if seconds or rest or not text else f"PT{text}"


def flag(value: Any) -> bool | None:
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}.get(str(value).lower())


def number(value: Any) -> float | None:
    """A number, or a text that is one."""
    if isinstance(value, bool):
        return None
    try:
        return float(value) if isinstance(value, int | float | str) else None
    except ValueError:
        return None


def choice(value: Any, allowed: Collection[str]) -> str | None:
    """The spelling of version 3, whatever the case."""
    return next((one for one in allowed if one.lower() == str(value).lower()), None)


def parts(found: JSON, name: str) -> list[JSON]:
    given = found.get(name)
    return [one for one in given if isinstance(one, dict)] if isinstance(given, list) else []


def _micro(text: str | None) -> int:
    return int((text or ".0")[1:7].ljust(6, "0"))
