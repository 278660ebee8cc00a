"""A sample of one field, and paths as the kinds' tables spell them, `[]` standing for a list's first item."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final

JSON = dict[str, Any]
SECRET: Final = "values"
"""the Secret in which each key's value is the key itself"""


@dataclass(frozen=True)
class Sample:
    """One field: declared first, changed to, and what somebody else sets it to behind the operator's back."""

    first: Any
    second: Any
    third: Any = None
    """None: whichever of the other two is not declared"""
    at: str = ""
    """its path in the manifest, where that is not the service's"""
    written: Callable[[Any], Any] = lambda value: value
    """from the service's value to the manifest's"""
    around: Mapping[str, Any] = field(default_factory=dict)
    """manifest path to value: what has to be declared with it"""
    required: bool = False
    """a manifest without it is refused"""
    comes_and_goes: bool = False
    """settled at creation, and declared or not the same"""
    drift: str = "CannotChange"
    """the reason that tells of another value of what can't change"""


def by_key(value: str) -> JSON:
    """A reference to a Secret's key."""
    return {"name": SECRET, "key": value}


def by_azure_name(value: str) -> JSON:
    """A reference by name in the service."""
    return {"azureName": value}


def by_name(value: str) -> JSON:
    """A reference to an object."""
    return {"name": value}


def steps(path: str) -> list[str | int]:
    """`a.b[].c` as keys and indices."""
    parts: list[str | int] = []
    for part in re.split(r"(?<!@odata)[.]", path):
        name, *items = part.split("[]")
        parts += [name, *([0] * len(items))]
    return parts


def put(into: Any, path: str, value: Any) -> None:
    """Set a value in nested objects and lists, and make those that are missing."""
    way = steps(path)
    for part, following in pairwise(way):
        if isinstance(part, int):
            into[part:] = into[part : part + 1] or [_empty(following)]
        elif into.get(part) is None:
            into[part] = _empty(following)
        into = into[part]
    if isinstance(way[-1], int):
        into[way[-1] :] = [value]
    else:
        into[way[-1]] = value


def _empty(holds: str | int) -> Any:
    return [] if isinstance(holds, int) else {}


def get(found: Any, path: str) -> Any:
    """The value at a path, None where there is none."""
    for part in steps(path):
        if isinstance(part, int):
            found = found[part] if isinstance(found, list) and part < len(found) else None
        else:
            found = found.get(part) if isinstance(found, dict) else None
    return found


def named(value: Any, words: Mapping[str, str]) -> Any:
    """A value with its placeholders filled in."""
    if isinstance(value, dict):
        return {key: named(item, words) for key, item in value.items()}
    if isinstance(value, list):
        return [named(item, words) for item in value]
    if isinstance(value, str):
        for word, text in words.items():
            value = value.replace(word, text)
    return value


def take_out(spec: JSON, path: str) -> None:
    """Without the member; what held nothing else goes too."""
    way = steps(path)
    for depth in range(len(way), 0, -1):
        holder: Any = spec
        for part in way[: depth - 1]:
            holder = holder[part]
        if depth < len(way) and holder[way[depth - 1]]:
            return
        del holder[way[depth - 1]]
