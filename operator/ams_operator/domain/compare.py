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
    """The path of a JSON pointer; digits become indices, which object keys of this API never are."""
    parts = (part.replace("~1", "/").replace("~0", "~") for part in text.split("/")[1:])
    return tuple(int(part) if part.isdigit() else part for part in parts)


def spell(pointer: str) -> str:
    """A pointer as a path in the manifest: `/properties/outputs/0/onError` is `spec.outputs[0].onError`."""
    path = parse(pointer)
    if path and path[0] == "properties":
        path = path[1:]
    return "spec" + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)


def at(value: Any, path: Path) -> Any:
    """The value at a path, or MISSING."""
    for part in path:
        if isinstance(part, int) and isinstance(value, list):
            value = value[part] if part < len(value) else MISSING
        elif isinstance(value, Mapping):
            value = value.get(str(part), MISSING)
        else:
            return MISSING
        if value is MISSING:
            return MISSING
    return value


def row(table: Mapping[str, Field], path: Path) -> Field:
    """The table's row for a leaf: `properties.outputs[].preset.*`, the longest pattern that fits; else the default."""
    spelled = "".join("[]" if isinstance(part, int) else f".{part}" for part in path)[1:]
    if spelled in table:
        return table[spelled]
    best = DEFAULT_FIELD
    longest = -1
    for pattern, candidate in table.items():
        if "*" in pattern and len(pattern) > longest and _fits(pattern, spelled):
            best, longest = candidate, len(pattern)
    return best


def _fits(pattern: str, spelled: str) -> bool:
    return re.fullmatch(re.escape(pattern).replace(r"\*", ".*"), spelled) is not None


def normal(table: Mapping[str, Field], path: Path, value: Any) -> Any:
    """The one spelling under which two values of a leaf count as the same. Absent and null are the same."""
    if value is MISSING or (isinstance(value, (list, Mapping)) and not value):
        value = None
    elif isinstance(value, float) and value.is_integer():
        value = int(value)
    rule = row(table, path).normal
    return rule(value) if rule is not None else value


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
    for path in removed(declared, before):
        rule = row(table, path)
        found = at(observed, path)
        if rule.reset is Reset.CANNOT:
            if found is not MISSING and found is not None:
                stuck.append(Change(pointer(path), removed=True))
        elif normal(table, path, found) != normal(table, path, reset_value(rule)):
            differ.append(Change(pointer(path), removed=True))
    return tuple(differ), tuple(stuck)


def removed(declared: JSON, before: tuple[str, ...]) -> Iterator[Path]:
    """Paths that we set and that are declared no more; items beyond a list's end are the list's own difference."""
    for text in before:
        path = parse(text)
        if at(declared, path) is not MISSING:
            continue
        if not any(
            isinstance(part, int)
            and isinstance(at(declared, path[:depth]), list)
            and at(declared, path[: depth + 1]) is MISSING
            for depth, part in enumerate(path)
        ):
            yield path


def reset_value(rule: Field) -> Any:
    """The value that a removed leaf is reset to; None where it is dropped."""
    return None if rule.reset in (Reset.DROP, Reset.CANNOT) else rule.reset


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


def overlay(
    table: Mapping[str, Field], declared: JSON, observed: JSON, differ: tuple[Change, ...], owned: frozenset[str]
) -> JSON:
    """The smallest body that closes the differences: whole members of `properties` (and whole top-level ones).

    How deep the service merges a PATCH is not known, so each member goes out complete: what was observed, less what
    the service owns, with the declared leaves laid over it. Nothing that others set is lost that way.
    """
    body: JSON = {}
    for path in (parse(change.path) for change in differ):
        depth = 2 if path[0] == "properties" and len(path) > 1 else 1
        _put(body, path[:depth], MISSING)
    for name in list(body):
        members = [(name, inner) for inner in body[name]] if name == "properties" else [(name,)]
        for member in members:
            merged = _merge(at(declared, member), at(observed, member))
            _put(body, member, _strip(merged, owned, member))
    for change in differ:
        if change.removed:
            path = parse(change.path)
            _reset(body, path, row(table, path))
    return body


def _merge(declared: Any, observed: Any) -> Any:
    """Declared over observed. Another discriminator is another object: nothing of the old one is kept."""
    if declared is MISSING:
        return None if observed is MISSING else observed
    if observed is MISSING:
        return declared
    if isinstance(declared, Mapping) and isinstance(observed, Mapping):
        if DISCRIMINATOR in declared and declared[DISCRIMINATOR] != observed.get(DISCRIMINATOR):
            return declared
        return {**observed, **{name: _merge(value, observed.get(name, MISSING)) for name, value in declared.items()}}
    if isinstance(declared, list) and isinstance(observed, list):
        if len(declared) == len(observed):
            return [_merge(new, old) for new, old in zip(declared, observed, strict=True)]
        return [_merge(new, next((old for old in observed if _within(new, old)), MISSING)) for new in declared]
    return declared


def _within(declared: Any, observed: Any) -> bool:
    """Whether an observed item is this declared one: a list whose length changes is matched by content."""
    return all(at(observed, path) == value for path, value in leaves(declared))


def _strip(value: Any, owned: frozenset[str], path: Path) -> Any:
    if isinstance(value, Mapping):
        kept = {}
        for name, member in value.items():
            spelled = "".join("[]" if isinstance(part, int) else f".{part}" for part in (*path, name))[1:]
            if spelled not in owned:
                kept[name] = _strip(member, owned, (*path, name))
        return kept
    if isinstance(value, list):
        return [_strip(item, owned, (*path, index)) for index, item in enumerate(value)]
    return value


def _put(body: JSON, path: Path, value: Any) -> None:
    for part in path[:-1]:
        body = body.setdefault(str(part), {})
    body[str(path[-1])] = value


def _reset(body: JSON, path: Path, rule: Field) -> None:
    parent = at(body, path[:-1])
    if isinstance(parent, dict):
        name = str(path[-1])
        if rule.reset is Reset.DROP and len(path) > 2:
            parent.pop(name, None)
        else:
            parent[name] = reset_value(rule)
