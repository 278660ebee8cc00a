"""Normal forms: functions of one value, so that a spelling never counts as a difference."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, timedelta
from functools import lru_cache
from typing import Any

from ams_operator.domain.ids import instant

_DURATION = re.compile(
    r"(?P<sign>-)?P(?:(?P<days>\d+)D)?(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:\.\d+)?)S)?)?"
)
_MOMENTS = 4096
"""how many moments are remembered: each sweep reads them again"""


def text(value: Any) -> Any:
    """Free text: empty and absent are the same."""
    return value or None


def word(default: str) -> Callable[[Any], Any]:
    """An enumeration whose absence means `default`; letters' case does not count."""
    return lambda value: (value or default).lower() if isinstance(value, str) or value is None else value


def location(value: Any) -> Any:
    """A region: `westus2`, `West US 2` and `WESTUS2` are one place."""
    return value.replace(" ", "").lower() if isinstance(value, str) else value


def identifier(value: Any) -> Any:
    """A resource id: compared without case and trailing slash."""
    return value.rstrip("/").lower() if isinstance(value, str) else value


def duration(value: Any) -> Any:
    """An ISO 8601 duration as seconds: PT90M and PT1H30M are one length. Anything else stays as it is."""
    found = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if found is None or len(value) < 3 or value.endswith("T"):
        return value
    parts = {name: float(part or 0) for name, part in found.groupdict().items() if name != "sign"}
    seconds = parts["days"] * 86400 + parts["hours"] * 3600 + parts["minutes"] * 60 + parts["seconds"]
    return -seconds if found["sign"] else seconds


def setting(value: Any) -> Any:
    """A value inside a preset: durations by length, everything else as written; no text is as good as none."""
    return duration(value) if isinstance(value, str) and value else (None if value == "" else value)


def moment(value: Any) -> str | None:
    """A creation time rounded to milliseconds, as later reads round what the first one showed in full."""
    return _rounded(value) if isinstance(value, str) else None


@lru_cache(_MOMENTS)
def _rounded(text: str) -> str | None:
    found = instant(text)
    if found is None:
        return None
    try:
        rounded = found.astimezone(UTC) + timedelta(microseconds=500)
    except OverflowError:
        return None
    return rounded.isoformat(timespec="milliseconds")
