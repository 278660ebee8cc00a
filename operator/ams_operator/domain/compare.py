"""Comparing a declared body with an observed one, leaf by leaf, and building the body that closes the difference.

A *leaf* is a value that is neither a non-empty object nor a non-empty list; its path is a JSON pointer (RFC 6901).
Lists are compared whole: another length is a difference, an item's undeclared members are not. What nobody declared is
left alone, in comparing and in sending alike.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ams_operator.domain.model import JSON, Change, Field, Reset

Path = tuple[str | int, ...]
MISSING: Any = object()
DEFAULT_FIELD = Field()
DISCRIMINATOR = "@odata.type"
_INDEX = re.compile(r"0|[1-9][0-9]{0,8}")


def leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every leaf below `value`; an empty object or list is a leaf of its own."""
    if isinstance(value, Mapping) and value:
        for name, member in value.items():
            yield from leaves(member, (*path, name))
    elif isinstance(value, list) and value:
        for index, item in enumerate(value):
            yield from leaves(item, (*path, index))
    else:
        yield path, value


def pointer(path: Path) -> str:
    """The JSON pointer of a path."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)


def parse(text: str) -> Path:
    """The path of a JSON pointer. A number becomes an index, and `at` takes it for a key where it meets an object."""
    parts = (part.replace("~1", "/").replace("~0", "~") for part in text.split("/")[1:])
    return tuple(int(part) if _INDEX.fullmatch(part) else part for part in parts)


def spell(pointer: str) -> str:
    """A pointer as a path in the manifest: `/properties/outputs/0/onError` is `spec.outputs[0].onError`."""
    path = parse(pointer)
    if path and path[0] == "properties":
        path = path[1:]
    if path and path[-1] == DISCRIMINATOR:
        path = path[:-1]  # manifests have a key of the one-of instead
    return "spec" + "".join(f".{part}" if _plain(part) else f"[{json.dumps(part)}]" for part in path)


def _plain(part: str | int) -> bool:
    return isinstance(part, str) and re.fullmatch(r"[-@\w]+", part) is not None


def at(value: Any, path: Path) -> Any:
    """The value at a path, or MISSING."""
    for part in path:
        if isinstance(part, int) and isinstance(value, list):
            value = value[part] if part < len(value) else MISSING
        elif isinstance(value, Mapping):
            name = member(value, str(part))
            value = MISSING if name is None else value[name]
        else:
            return MISSING
        if value is MISSING:
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
    name = spelled(path)
    if name in table:
        return table[name]
    best = DEFAULT_FIELD
    longest = -1
    for pattern, candidate in table.items():
        if len(pattern) > longest and fits(pattern, name):
            best, longest = candidate, len(pattern)
    return best


def spelled(path: Path) -> str:
    """A path as the tables spell it: `properties.outputs[].onError`."""
    return "".join("[]" if isinstance(part, int) else f".{part}" for part in path)[1:]


def fits(pattern: str, name: str) -> bool:
    """Whether a spelled path fits a pattern, in which `*` stands for anything."""
    if "*" not in pattern:
        return pattern == name
    return re.fullmatch(re.escape(pattern).replace(r"\*", ".*"), name, re.DOTALL) is not None


def normal(table: Mapping[str, Field], path: Path, value: Any) -> Any:
    """The one spelling under which two values of a leaf count as the same. Absent, null and empty are the same.

    An object is a leaf only where nothing is declared inside it, so that any object is as good as none; the entries of
    some maps are all in their being there.
    """
    field = row(table, path)
    if isinstance(value, Mapping):
        return True if field.entry else None
    if value is MISSING or value == []:
        value = None
    elif isinstance(value, float) and value.is_integer():
        value = int(value)
    return field.normal(value) if field.normal is not None else value


def changes(
    table: Mapping[str, Field], declared: JSON, observed: JSON, before: tuple[str, ...]
) -> tuple[tuple[Change, ...], tuple[Change, ...]]:
    """What differs, and what was removed from the manifest but can't be reset.

    `before` are the pointers that we set earlier: one of them that is declared no more is *removed*, and differs until
    it has its reset value.
    """
    differ: list[Change] = []
    for path, value in leaves(declared):
        if normal(table, path, value) != normal(table, path, at(observed, path)):
            differ.append(Change(pointer(path)))
    for path in _lists(declared):
        found = at(observed, path)
        if isinstance(found, list) and len(found) != len(at(declared, path)):
            differ.append(Change(pointer(path)))
    stuck: list[Change] = []
    for path in removed(declared, observed, before):
        rule = row(table, path)
        found = at(observed, path)
        if rule.reset is Reset.CANNOT:
            if found is not MISSING and found is not None:
                stuck.append(Change(pointer(path), removed=True))
        elif normal(table, path, found) != normal(table, path, reset_value(rule)):
            differ.append(Change(pointer(path), removed=True))
    return tuple(differ), tuple(stuck)


def removed(declared: JSON, observed: JSON, before: tuple[str, ...]) -> list[Path]:
    """What we set and what is declared no more, each once: leaves, and lists that went as a whole."""
    found = (_gone(declared, observed, parse(text)) for text in before)
    return list(dict.fromkeys(path for path in found if path is not None))


def _gone(declared: JSON, observed: JSON, path: Path) -> Path | None:
    """The part of a leaf's path that is declared no more. Items beyond a list's end are the list's own difference."""
    for depth, part in enumerate(path):
        if isinstance(part, int):
            holder = at(declared, path[:depth])
            if isinstance(holder, list) and part >= len(holder):
                return None
            if holder is MISSING and not isinstance(at(observed, path[:depth]), Mapping):
                return path[:depth]
    return path if at(declared, path) is MISSING else None


def lasting(table: Mapping[str, Field], before: tuple[str, ...]) -> tuple[str, ...]:
    """Those of `before` that nothing can reset: they stay ours, declared or not."""

    def stays(path: Path) -> bool:
        ends = [depth for depth, part in enumerate(path) if isinstance(part, int)]
        return any(row(table, path[:end]).reset is Reset.CANNOT for end in (*ends, len(path)))

    return tuple(text for text in before if stays(parse(text)))


def reset_value(rule: Field) -> Any:
    """The value that a removed leaf is reset to; None where it is dropped."""
    return None if isinstance(rule.reset, Reset) else rule.reset


def _lists(value: Any, path: Path = ()) -> Iterator[Path]:
    if isinstance(value, Mapping):
        for name, member in value.items():
            yield from _lists(member, (*path, name))
    elif isinstance(value, list) and value:
        yield path
        for index, item in enumerate(value):
            yield from _lists(item, (*path, index))


def fields(declared: JSON) -> tuple[str, ...]:
    """The pointers of all declared leaves, in order: what the record keeps."""
    return tuple(sorted(pointer(path) for path, _ in leaves(declared)))


def digest(key: bytes, table: Mapping[str, Field], values: JSON, pointers: tuple[str, ...], unset: JSON) -> str:
    """A keyed fingerprint of the leaves at `pointers`, and of those that `unset` maps to their reset values.

    Taken over a declared body it says what an act sets, over an observation whether the act happened: the two are
    equal if and only if every leaf has the value that the act set and every list its length. Keyed, because a body may
    hold secrets whose plain hash could be guessed from status.
    """
    paths = [parse(name) for name in pointers]
    found: JSON = {name: normal(table, path, at(values, path)) for name, path in zip(pointers, paths, strict=True)}
    for prefix in {path[:depth] for path in paths for depth, part in enumerate(path) if isinstance(part, int)}:
        items = at(values, prefix)
        found[pointer(prefix) + "#"] = len(items) if isinstance(items, list) else None
    found |= {f"-{name}": normal(table, parse(name), value) for name, value in unset.items()}
    text = json.dumps(found, sort_keys=True, default=str)
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()[:32]
