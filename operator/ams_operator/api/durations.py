"""Durations: ISO 8601 towards the service, the short Go form (`60s`, `5m`) for the operator's own fields."""

import re
from datetime import timedelta
from typing import Annotated, Final

from pydantic import Field

from ams_operator.api.base import Matches

_SECONDS: Final = r"[0-9]+(\.[0-9]+)?S"
_TIME: Final = rf"T([0-9]+H([0-9]+M)?({_SECONDS})?|[0-9]+M({_SECONDS})?|{_SECONDS})"
ISO8601_PATTERN: Final = rf"P([0-9]+D({_TIME})?|{_TIME})"
"""Days to seconds; years and months have no fixed length, so that the service could not compare them."""

_ISO_PARTS: Final = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?")
_SHORT_PARTS: Final = re.compile(r"(\d+)(ms|h|m|s)")
_SHORT_PATTERN: Final = r"([0-9]{1,5}(h|m|s|ms)){1,4}"

Iso8601Duration = Annotated[
    str,
    Field(max_length=32),
    Matches(ISO8601_PATTERN, "must be an ISO 8601 duration such as PT2S or PT1H30M"),
]
Interval = Annotated[
    str,
    Field(max_length=32),
    Matches(
        _SHORT_PATTERN,
        "must be a duration from 10s to 24h such as 60s or 5m, or 0s for no sweeps",
        where="duration(self) == duration('0s') || "
        "(duration(self) >= duration('10s') && duration(self) <= duration('24h'))",
    ),
]
LongInterval = Annotated[
    str,
    Field(max_length=32),
    Matches(
        _SHORT_PATTERN,
        "must be a duration from 1m to 168h such as 30m or 1h",
        where="duration(self) >= duration('1m') && duration(self) <= duration('168h')",
    ),
]

_TIMED: Final = r"PT([0-9]{1,6}H([0-9]{1,6}M)?(S)?|[0-9]{1,6}M(S)?|S)".replace("S", r"[0-9]{1,6}(\.[0-9]{1,6})?S")
"""Hours to seconds, few enough that the API server can compute with them: without its PT this is its own form."""


def cel_duration(value: str) -> str:
    """A CEL expression for the length of an ISO 8601 duration of hours to seconds; zero for anything else."""
    # Without the question, a bad value would be reported a second time, as an error of this rule.
    readable = f"{value}.matches('^PT([0-9]{{1,6}}([.][0-9]{{1,6}})?[HMS]){{1,3}}$')"
    return f"({readable} ? duration({value}.substring(2).lowerAscii()) : duration('0s'))"


def cel_at_most(seconds: int) -> str:
    """A CEL expression: an ISO 8601 duration of days to seconds is not longer, but for a part of a second. Of more
    digits than ten years have it makes no number. (`duration` knows no days, and a text made of a number has no length
    that the API server could estimate.)"""
    days = "(self.contains('D') ? int(self.substring(1, self.indexOf('D'))) : 0)"
    rest = "(self.contains('T') ? duration(self.substring(self.indexOf('T') + 1).lowerAscii()) : duration('0s'))"
    return f"!self.matches('[0-9]{{5}}D|[0-9]{{7}}') && {days} * 86400 + {rest}.getSeconds() <= {seconds}"


CEL_DAY: Final = (
    "!self.matches('^[0-9]{4}-(02-3|(0[469]|11)-31)') && (!self.matches('^[0-9]{4}-02-29') || "
    "(int(self.substring(0, 4)) % 4 == 0 && !self.matches('^[0-9]{2}00'))"
    " || int(self.substring(0, 4)) % 400 == 0)"
)
"""A CEL expression: a date that is spelled right is one that there is. (`timestamp` would fail in words of its own.)"""


def between(shortest: str, longest: str, example: str) -> Matches:
    """Annotation for an ISO 8601 duration in hours to seconds, from `shortest` to `longest` inclusive."""
    length = cel_duration("self")
    low, high = (f"duration('{text[2:].lower()}')" for text in (shortest, longest))
    return Matches(
        _TIMED,
        f"must be an ISO 8601 duration in hours, minutes and seconds, from {shortest} to {longest} such as {example}",
        where=f"{length} >= {low} && {length} <= {high}",
    )


def parse_iso8601(text: str) -> timedelta:
    """`PT1H30M` as a timedelta. Accepts what the service answers too: any mix of days to seconds.

    Raises ValueError if the text is not such a duration.
    """
    match = _ISO_PARTS.fullmatch(text)
    if match is None or text in ("P", "PT") or text.endswith("T"):
        raise ValueError(f"{text!r} is not an ISO 8601 duration such as PT2S or PT1H30M")
    days, hours, minutes, seconds = (float(part or 0) for part in match.groups())
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


def parse_interval(text: str) -> timedelta:
    """`1h30m`, `60s`, `500ms` as a timedelta. Raises ValueError if the text is not such a duration."""
    if re.fullmatch(_SHORT_PATTERN, text) is None:
        raise ValueError(f"{text!r} is not a duration such as 60s or 5m")
    unit = {"h": "hours", "m": "minutes", "s": "seconds", "ms": "milliseconds"}
    return sum((timedelta(**{unit[u]: int(n)}) for n, u in _SHORT_PARTS.findall(text)), timedelta())
