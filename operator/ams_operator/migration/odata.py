"""Version 2's JSON: both formats, numbers that are texts, dates with and without a zone, errors. Pure.

Nothing here raises for a value that is not what it should be: it becomes None, or stays as it is, and whoever judges
the row says that it can't be read.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import isfinite
from typing import Any, Final
from urllib.parse import quote

from ams_operator import jsons
from ams_operator.domain.ids import instant
from ams_operator.domain.model import JSON
from ams_operator.migration import markup

ACCEPT: Final = "application/json;odata=minimalmetadata"
"""the format that is asked for; the verbose one is read as well, for servers that have no other"""
_GUID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_TIME: Final = re.compile(
    r"(-)?P(?:(\d{1,6})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,9})(?:\.(\d{1,9}))?S)?)?", re.ASCII
)
_TICKS: Final = re.compile(r"/Date\((-?\d{1,17})(?:[+-]\d{1,4})?\)/")
_WHOLE: Final = re.compile(r"-?\d{1,19}", re.ASCII)
_UNSET: Final = datetime(1, 1, 1, tzinfo=UTC)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DEEPEST: Final = 32
_LONGEST_ID: Final = 51
"""characters of `nb:ckpoid:UUID:` and a GUID"""


@dataclass(frozen=True, slots=True)
class Rows:
    """One page of a set."""

    rows: tuple[JSON, ...]
    strangers: int = 0
    """members of the page that are no objects"""
    count: int | None = None
    """how many rows there are in all, where it was asked for and the server says so"""
    more: bool = False
    """the server says that there is another page"""


def rows(body: Mapping[str, Any] | None) -> Rows | None:
    """The rows of a page in either format; None where it is no page."""
    body = body or {}
    inner = body.get("d", body)
    if isinstance(inner, list):  # verbose, as OData 1 had it
        found: Any = inner
        inner = {}
    elif isinstance(inner, dict):
        found = inner.get("results", inner.get("value"))
    else:
        return None
    if not isinstance(found, list):
        return None
    # Only the verbose format wraps what is inside of rows; in the other one there is nothing to take away.
    objects = found if set(map(type, found)) <= {dict} else [one for one in found if isinstance(one, dict)]
    good = tuple(map(plain, objects)) if "d" in body else tuple(objects)
    count = whole(inner.get("__count", inner.get("odata.count")))
    more = bool(inner.get("__next") or inner.get("odata.nextLink"))
    return Rows(good, len(found) - len(good), count if count is not None and count >= 0 else None, more)


def plain(value: JSON) -> JSON:
    """A row without what only describes it: metadata, deferred navigation, wrapped collections."""
    return {name: _plain(one, 1) for name, one in value.items() if not _describes(name, one)}


def _plain(value: Any, depth: int) -> Any:
    if depth > _DEEPEST:
        return None
    if isinstance(value, list):
        return [_plain(one, depth + 1) for one in value]
    if isinstance(value, dict):
        if isinstance(value.get("results"), list) and not value.keys() - {"__metadata", "results"}:
            return _plain(value["results"], depth + 1)
        return {name: _plain(one, depth + 1) for name, one in value.items() if not _describes(name, one)}
    return value


def _describes(name: str, value: Any) -> bool:
    deferred = isinstance(value, dict) and "__deferred" in value
    return deferred or name == "__metadata" or name.startswith("odata.") or "@odata." in name


def whole(value: Any) -> int | None:
    """A whole number: Int32 comes as a number, Int64 as a text."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return int(value) if isfinite(value) and value == int(value) else None
    return int(value) if isinstance(value, str) and _WHOLE.fullmatch(value.strip()) else None


def text(value: Any) -> str:
    """A text; empty for everything else."""
    return value if isinstance(value, str) else ""


def moment(value: Any) -> datetime | None:
    """A date in any of its forms, UTC where it names no zone; None where it is not set (null, year 1) or is none."""
    if not isinstance(value, str):
        return None
    ticks = _TICKS.fullmatch(value.strip())
    try:
        found = _EPOCH + timedelta(milliseconds=int(ticks[1])) if ticks else instant(value.strip())
        found = found.astimezone(UTC) if found else None
    except (OverflowError, ValueError):
        return None
    return found if found and found.year > _UNSET.year else None


def sortable(value: Any) -> str:
    """A date as a text that sorts by time, to the second; empty where it is not set."""
    if isinstance(value, str) and value[4:5] == "-" and value[10:11] == "T":
        return value[:19] if value >= "0002" else ""
    found = moment(value)
    return sorting(found) if found else ""


def sorting(when: datetime) -> str:
    """A moment in UTC as `sortable` spells it."""
    return f"{when.astimezone(UTC):%Y-%m-%dT%H:%M:%S}"


def literal(when: datetime) -> str:
    """A date as `$filter` takes it."""
    return f"datetime'{when.astimezone(UTC):%Y-%m-%dT%H:%M:%S}'"


def duration(value: Any) -> timedelta | None:
    """An Edm.Time such as `PT1H`; None where it is absent or none."""
    found = _TIME.fullmatch(value) if isinstance(value, str) else None
    if found is None or not any(found.groups()[1:]):
        return None
    sign, days, hours, minutes, seconds, rest = found.groups()
    micro = int((rest or "0")[:6].ljust(6, "0"))
    span = timedelta(
        days=int(days or 0), hours=int(hours or 0), minutes=int(minutes or 0), seconds=int(seconds or 0),
        microseconds=micro,
    )  # fmt: skip
    return -span if sign else span


def guid(identifier: Any) -> str | None:
    """The GUID at an id's end (`nb:cid:UUID:...`), in lower case: what two ids of one thing share."""
    tail = identifier[-36:].lower() if isinstance(identifier, str) else ""
    return tail if _GUID.fullmatch(tail) else None


def mark(identifier: str) -> int | str:
    """What a row is remembered by: a number takes a third of an id's memory. Ids of filters are longer, and may end in
    what looks like a GUID."""
    if len(identifier) <= _LONGEST_ID and identifier.startswith("nb:"):
        try:
            return int(identifier[-36:].replace("-", ""), 16)
        except ValueError:
            pass
    return identifier.lower()


def packed(guids: Sequence[str]) -> bytes:
    """GUIDs of 36 characters in 16 bytes each. Raises ValueError where one is none."""
    found = binascii.unhexlify("".join(guids).encode("ascii").translate(None, b"-"))
    if len(found) != 16 * len(guids):
        raise ValueError("no GUIDs")
    return found


def folded(guids: Sequence[str]) -> int:
    """All GUIDs as numbers, one xor the other: the same in any order. Raises ValueError where one is none."""
    return fold(packed(guids))


def fold(guids: bytes) -> int:
    """All of some packed GUIDs as numbers, one xor the other."""
    number, rest = int.from_bytes(guids), len(guids) // 16
    while rest > 1:  # halves as whole numbers: a few steps instead of one for each
        rest = (rest + 1) // 2
        number = (number >> (128 * rest)) ^ (number & ((1 << (128 * rest)) - 1))
    return number


def key(value: str, *, is_guid: bool = False) -> str:
    """A row's key as it stands in a path, quotes included."""
    doubled = value.replace("'", "''")
    return f"{'guid' if is_guid else ''}'{quote(doubled, safe='')}'"


def error(body: Mapping[str, Any] | None, said: bytes = b"") -> tuple[str, str]:
    """Code and message of a refusal in any of its forms, empty where it has none; not cleaned yet."""
    for name in ("error", "odata.error"):
        found = (body or {}).get(name)
        if isinstance(found, dict):
            message = found.get("message")
            inner = message.get("value") if isinstance(message, dict) else message
            return text(found.get("code")), text(inner)
    if not said.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<"):
        return "", ""
    try:
        node = markup.parse(said)
    except markup.NotXml:
        return "", ""
    return (node.value("code") or "", node.value("message") or "") if node.name == "error" else ("", "")


def embedded(value: Any) -> Any:
    """A JSON text inside of a row, such as a delivery policy's configuration; None where it is none."""
    if not isinstance(value, str) or not value.strip():
        return None
    try:
        return jsons.loads(value.encode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None
