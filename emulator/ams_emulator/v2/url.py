"""Paths below an account's endpoint: `Assets('id')/Files`, `Jobs('id')/$links/OutputMediaAssets`, `CancelJob`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote

from ams_emulator.v2.errors import no_segment

_SEGMENT = re.compile(r"(\$?\w+)(?:\((.*)\))?", re.DOTALL)
_LITERAL = re.compile(r"(?:guid)?'((?:[^']|'')*)'", re.DOTALL)


@dataclass(frozen=True)
class Segment:
    """One segment: `name`, and `key` where there are parentheses."""

    name: str
    key: str | None = None


def split(raw_path: str) -> list[Segment]:
    """Decoded segments of what follows `/api/`; an encoded slash stays inside its segment. Raises V2Error 404."""
    return [_segment(unquote(part)) for part in raw_path.split("/") if part]


def _segment(text: str) -> Segment:
    found = _SEGMENT.fullmatch(text)
    if found is None:
        raise no_segment(text)
    name, inner = found.groups()
    if inner is None:
        return Segment(name)
    literal = _LITERAL.fullmatch(inner.strip())
    if literal is None:
        raise no_segment(text)
    return Segment(name, literal.group(1).replace("''", "'"))


def literal(value: str) -> str:
    """The string in a function's parameter, such as `assetid='nb:cid:...'`; without quotes as it is."""
    found = _LITERAL.fullmatch(value.strip())
    return found.group(1).replace("''", "'") if found else value


def key_text(key: str, *, guid: bool = False) -> str:
    """How links spell a key."""
    quoted = "'" + key.replace("'", "''") + "'"
    return f"guid{quoted}" if guid else quoted
