"""Comparing a declared body with an observed one, leaf by leaf.

Lists are compared whole: another length is a difference, an item's undeclared members are not. What nobody declared is
left alone, in comparing and in sending alike.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from typing import Any

from ams_operator.domain.align import aligned
from ams_operator.domain.model import JSON, Change, Field, Reset
from ams_operator.domain.values import MISSING, Path, at, leaves, normal, parse, pointer, row


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
    if differ:
        observed, before = aligned(table, declared, observed, before)
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
    return tuple(sorted(pointer(path) for path, _ in leaves(declared) if path))


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
