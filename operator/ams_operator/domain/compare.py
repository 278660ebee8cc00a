"""Comparing a declared body with an observed one, leaf by leaf.

Lists are compared whole: another length is a difference, an item's undeclared members are not. What nobody declared is
left alone, in comparing and in sending alike.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from ams_operator.domain.align import aligned
from ams_operator.domain.kind import Field, Reset
from ams_operator.domain.model import JSON, Change
from ams_operator.domain.values import (
    DEFAULT_FIELD,
    MISSING,
    Path,
    at,
    member,
    normal,
    normal_form,
    parse,
    pattern_for,
    pointer,
    row,
    token,
)

_LENGTH = "#"
"""marks a list's length among the values of a digest"""
_SET = "~"
"""marks the items of a list whose order means nothing"""
_SHAPES = 1024
"""how many sets of pointers are remembered"""


def changes(
    table: Mapping[str, Field],
    declared: JSON,
    observed: JSON,
    before: tuple[str, ...],
    pointers: tuple[str, ...] | None = None,
) -> tuple[tuple[Change, ...], tuple[Change, ...]]:
    """What differs, and what was removed from the manifest but can't be reset.

    `before` are the pointers that we set earlier: one of them that is declared no more is *removed*, and differs until
    it has its reset value. `pointers` are those of `declared`, where the caller has them.
    """
    values, lists = _differing(table, declared, observed)
    differ = [Change(pointer(path)) for path in (*values, *lists)]
    if differ:
        observed, before = aligned(table, declared, observed, before)
    elif before == pointers:
        before = ()  # nothing was removed
    if not before:
        return tuple(differ), ()
    stuck: list[Change] = []
    for path in removed(declared, observed, before):
        rule = row(table, path)
        found = at(observed, path)
        if rule.reset is Reset.LEAVE:
            continue
        if rule.reset is Reset.CANNOT:
            if found is not MISSING and found is not None:
                stuck.append(Change(pointer(path), removed=True))
        elif normal(table, path, found) != normal(table, path, reset_value(rule)):
            differ.append(Change(pointer(path), removed=True))
    return tuple(differ), tuple(stuck)


def _differing(table: Mapping[str, Field], declared: JSON, observed: JSON) -> tuple[list[Path], list[Path]]:
    """The declared leaves that read otherwise in the observation, and the lists that have another length there."""
    values: list[Path] = []
    lists: list[Path] = []

    def walk(wanted: Any, found: Any, path: Path) -> None:
        if wanted == found:
            return  # nearly everything, and for the price of one look at the whole
        if isinstance(wanted, dict | Mapping) and wanted:
            there = found if isinstance(found, dict | Mapping) else {}
            for name, value in wanted.items():
                key = member(there, name)
                beside = MISSING if key is None else there[key]
                if value != beside:  # asked here, too: most members need no call
                    walk(value, beside, (*path, name))
        elif isinstance(wanted, list) and wanted:
            if row(table, path).unordered:
                if _items(table, path, wanted) != _items(table, path, found):
                    lists.append(path)
                return
            items = found if isinstance(found, list) else []
            if isinstance(found, list) and len(found) != len(wanted):
                lists.append(path)
            for index, value in enumerate(wanted):
                walk(value, items[index] if index < len(items) else MISSING, (*path, index))
        elif normal(table, path, wanted) != normal(table, path, found):
            values.append(path)

    walk(declared, observed, ())
    return values, lists


def _items(table: Mapping[str, Field], path: Path, value: Any) -> list[str] | None:
    """The items of a list whose order means nothing, in one that does not depend on it."""
    return sorted(str(normal(table, (*path, 0), item)) for item in value) if isinstance(value, list) else None


def removed(declared: JSON, observed: JSON, before: tuple[str, ...]) -> list[Path]:
    """What we set and what is declared no more, each once: leaves, and lists that went as a whole."""
    ours = frozenset(fields(declared)) if before else frozenset()
    found = (_gone(declared, observed, parse(text)) for text in before if text not in ours)
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


def fields(declared: JSON) -> tuple[str, ...]:
    """The pointers of all declared leaves, in order: what the record keeps."""
    found: list[str] = []
    _collect(declared, "", found)
    return tuple(sorted(found))


def _collect(value: Any, prefix: str, found: list[str]) -> None:
    if isinstance(value, dict | Mapping) and value:
        for name, inner in value.items():
            _collect(inner, f"{prefix}/{token(name)}", found)
    elif isinstance(value, list) and value:
        for index, inner in enumerate(value):
            _collect(inner, f"{prefix}/{index}", found)
    elif prefix:
        found.append(prefix)


def digest(key: bytes, table: Mapping[str, Field], values: JSON, pointers: tuple[str, ...], unset: JSON) -> str:
    """A keyed fingerprint of the leaves at `pointers`, and of those that `unset` maps to their reset values.

    Taken over a declared body it says what an act sets, over an observation whether the act happened: the two are
    equal if and only if every leaf has the value that the act set and every list its length. Keyed, because a body may
    hold secrets whose plain hash could be guessed from status.
    """
    found: JSON = {}
    unordered = tuple(name for name, rule in table.items() if rule.unordered)
    for name, path, pattern in _shape(tuple(table), pointers, unordered):
        value = at(values, path)
        if pattern == _LENGTH:
            found[name] = len(value) if isinstance(value, list) else None
        elif pattern == _SET:
            found[name] = _items(table, path, value)
        else:
            found[name] = normal_form(table[pattern] if pattern else DEFAULT_FIELD, value)
    found |= {f"-{name}": normal(table, parse(name), value) for name, value in unset.items()}
    text = json.dumps(found, sort_keys=True, default=str)
    return hmac.digest(key, text.encode(), "sha256").hex()[:32]


@lru_cache(_SHAPES)
def _shape(
    patterns: tuple[str, ...], pointers: tuple[str, ...], unordered: tuple[str, ...]
) -> tuple[tuple[str, Path, str | None], ...]:
    """The leaves at `pointers` and the lists that they lie in, each with its name in a digest and its row in the table.
    Manifests are of few shapes, so that it is remembered."""
    paths = [(name, parse(name)) for name in pointers]
    lists = {path[:depth] for _, path in paths for depth, part in enumerate(path) if isinstance(part, int)}
    sets = {path for path in lists if pattern_for(patterns, path) in unordered}
    single = [(name, path) for name, path in paths if not any(path[: len(one)] == one for one in sets)]
    return (
        *((name, path, pattern_for(patterns, path)) for name, path in single),
        *((pointer(path) + _SET, path, _SET) for path in sorted(sets, key=str)),
        *((pointer(path) + _LENGTH, path, _LENGTH) for path in lists),
    )
