"""Durations and moments as the service reads and writes them."""

from __future__ import annotations

import re
from datetime import datetime
from fractions import Fraction

_DURATION = re.compile(
    r"(?P<sign>-?)P(?:(?P<days>\d+)D)?(?:T(?=\d)(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:\.\d+)?)S)?)?"
)


def parse_duration(text: str) -> Fraction | None:
    """Seconds of a duration in days, hours, minutes and seconds; None when it isn't one (years and months are not)."""
    match = _DURATION.fullmatch(text)
    if match is None or text.endswith(("P", "T")):
        return None
    part = {name: Fraction(value or 0) for name, value in match.groupdict().items() if name != "sign"}
    seconds = ((part["days"] * 24 + part["hours"]) * 60 + part["minutes"]) * 60 + part["seconds"]
    return -seconds if match["sign"] else seconds


def canonical_duration(text: str) -> str:
    """The one spelling of a duration: PT90M becomes PT1H30M. Raises ValueError when `text` isn't one."""
    seconds = parse_duration(text)
    if seconds is None:
        raise ValueError(f"not a duration: {text!r}")
    sign, seconds = ("-", -seconds) if seconds < 0 else ("", seconds)
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    clock = "".join(f"{int(value)}{unit}" for value, unit in ((hours, "H"), (minutes, "M")) if value)
    if rest:
        clock += f"{float(rest):.7f}".rstrip("0").rstrip(".") + "S"
    date = f"{int(days)}D" if days else ""
    return f"{sign}P{date}{'T' + clock if clock else ''}" if date or clock else "PT0S"


def parse_moment(text: str) -> datetime | None:
    """A date and time; None when it isn't one. Fractions beyond microseconds are cut."""
    try:
        return datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text).replace("Z", "+00:00"))
    except ValueError:
        return None
