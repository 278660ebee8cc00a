"""Values in a JSON body: their paths, their rows in a kind's table, and the one spelling in which they are compared.

A *leaf* is a value that is neither a non-empty object nor a non-empty list; its path is a JSON pointer (RFC 6901) in
which a member whose name is a number (a tag `2024`) is marked, since a pointer does not tell it from an index.

What depends on a path alone is remembered: thousands of objects of a kind have the same few dozen paths, and spelling
them again for each comparison took half of the operator's time. `dict` is named before `Mapping` for the same reason.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from ams_operator.domain.kind import Field

Path = tuple[str | int, ...]
MISSING: Any = object()
DEFAULT_FIELD = Field()
DISCRIMINATOR = "@odata.type"
_OBJECT = (dict, Mapping)
_INDEX = re.compile(r"0|[1-9][0-9]{0,8}")
_NAME = "~2"
"""begins a member's name that would be taken for an index; RFC 6901 leaves it free"""
_PATHS = 4096
"""how many paths are remembered"""


def leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every leaf below `value`; an empty object or list is a leaf of its own."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, _OBJECT) and value:
        for name, member in value.items():
            yield from leaves(member, (*path, name))
    elif isinstance(value, list) and value:
        for index, item in enumerate(value):
            yield from leaves(item, (*path, index))
    else:
        yield path, value


@lru_cache(_PATHS)
def pointer(path: Path) -> str:
    """The JSON pointer of a path."""
    return "".join(f"/{token(part)}" for part in path)


def token(part: str | int) -> str:
    """An index, or a member's name, as it is spelled in a pointer."""
    if isinstance(part, int):
        return str(part)
    if "~" in part or "/" in part:
        return part.replace("~", "~0").replace("/", "~1")
    return _NAME + part if _INDEX.fullmatch(part) else part


@lru_cache(_PATHS)
def parse(text: str) -> Path:
    """The path of a JSON pointer. `at` takes an index for a name where it meets an object."""
    return tuple(
        int(part) if _INDEX.fullmatch(part) else part.removeprefix(_NAME).replace("~1", "/").replace("~0", "~")
        for part in text.split("/")[1:]
    )


def spell(pointer: str) -> str:
    """A pointer as a path in a manifest of the same shape: `/properties/outputs/0/onError` is
    `spec.outputs[0].onError`. `manifest.spell` knows where shapes differ."""
    path = parse(pointer)
    if path and path[0] == "properties":
        path = path[1:]
    if path and path[-1] == DISCRIMINATOR:
        path = path[:-1]  # manifests have a key of the one-of instead
    return "spec" + "".join(segment(part) for part in path)


def segment(part: str | int) -> str:
    """One step of a path, as a message writes it."""
    return f".{part}" if _plain(part) else f"[{json.dumps(part)}]"


def _plain(part: str | int) -> bool:
    return isinstance(part, str) and re.fullmatch(r"[-@\w]+", part) is not None


def at(value: Any, path: Path) -> Any:
    """The value at a path, or MISSING."""
    for part in path:
        kind = type(value)  # asked first: nearly all are plain, and `isinstance` is the dearer question
        if kind is list and type(part) is int:
            value = value[part] if part < len(value) else MISSING
        elif kind is dict or isinstance(value, Mapping):
            name = part if type(part) is str else str(part)
            if (found := value.get(name, MISSING)) is MISSING and (key := member(value, name)) is not None:
                found = value[key]
            value = found
        else:
            return MISSING
    return value


def member(value: Mapping[str, Any], name: str) -> str | None:
    """The key under which `value` holds `name`, or None. Case counts only where both spellings are there.

    Tag names and the ids of identities come back in another case than they were sent in.
    """
    if name in value:
        return name
    lower = name.lower()
    return next((found for found in value if found.lower() == lower), None)


def row(table: Mapping[str, Field], path: Path) -> Field:
    """The table's row for a leaf: `properties.outputs[].preset.*`, the longest pattern that fits; else the default."""
    pattern = pattern_for(tuple(table), path)
    return DEFAULT_FIELD if pattern is None else table[pattern]


@lru_cache(_PATHS)
def pattern_for(patterns: tuple[str, ...], path: Path) -> str | None:
    """The longest of a table's patterns that fits a path."""
    name = spelled(path)
    if name in patterns:
        return name
    return max((pattern for pattern in patterns if fits(pattern, name)), key=len, default=None)


def spelled(path: Path) -> str:
    """A path as the tables spell it: `properties.outputs[].onError`."""
    return "".join("[]" if isinstance(part, int) else f".{part}" for part in path)[1:]


def fits(pattern: str, name: str) -> bool:
    """Whether a spelled path fits a pattern, in which `*` stands for anything."""
    if "*" not in pattern:
        return pattern == name
    return re.fullmatch(re.escape(pattern).replace(r"\*", ".*"), name, re.DOTALL) is not None


def normal(table: Mapping[str, Field], path: Path, value: Any) -> Any:
    """The one spelling under which two values of a leaf count as the same."""
    return normal_form(row(table, path), value)


def normal_form(rule: Field, value: Any) -> Any:
    """`value` in the spelling of a row. Absent, null and empty are the same.

    An object is a leaf only where nothing is declared inside it, so that any object is as good as none; the entries of
    some maps are all in their being there.
    """
    if type(value) is dict or isinstance(value, Mapping):
        return True if rule.entry else None
    if value is MISSING or value == []:
        value = None
    elif isinstance(value, float) and value.is_integer():
        value = int(value)
    return rule.normal(value) if rule.normal is not None else value
