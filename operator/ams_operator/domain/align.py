"""Which observed item of a list each declared one continues: lists are compared by place, and their items move."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ams_operator.domain.kind import Field
from ams_operator.domain.model import JSON
from ams_operator.domain.values import Path, at, leaves, member, normal, row, token


def aligned(
    table: Mapping[str, Field], declared: JSON, observed: JSON, before: tuple[str, ...]
) -> tuple[JSON, tuple[str, ...]]:
    """The observation, and the pointers of what we set, with list items in the order of the manifest.

    None stands for an item that is new; what continues nowhere is left out.
    """
    found, ours = _align(table, declared, observed, tree(before), ())
    return found, tuple(sorted("".join(f"/{part}" for part in path) for path, _ in leaves(ours) if path))


def tree(pointers: Iterable[str]) -> JSON:
    """Pointers as nested objects by their tokens: a leaf is an empty one."""
    root: JSON = {}
    for text in pointers:
        node = root
        for part in text.split("/")[1:]:
            node = node.setdefault(part, {})
    return root


def _align(table: Mapping[str, Field], declared: Any, observed: Any, ours: JSON, path: Path) -> tuple[Any, JSON]:
    if isinstance(declared, Mapping) and isinstance(observed, Mapping):
        observed, ours = dict(observed), dict(ours)
        for name, value in declared.items():
            there, here = member(observed, name), member(ours, token(name))
            if there is not None:
                branch = ours[here] if here is not None else {}
                observed[there], branch = _align(table, value, observed[there], branch, (*path, name))
                if here is not None:
                    ours[here] = branch
        return observed, ours
    if isinstance(declared, list) and isinstance(observed, list) and declared:
        items: list[Any] = []
        branches: JSON = {}
        for index, place in enumerate(_partners(table, declared, observed, (*path, 0))):
            if place is None:
                items.append(None)
                continue
            branch = ours.get(str(place))
            item, moved = _align(table, declared[index], observed[place], branch or {}, (*path, index))
            items.append(item)
            if branch is not None:
                branches[str(index)] = moved
        return items, branches
    return observed, ours


def _partners(table: Mapping[str, Field], declared: list[Any], observed: list[Any], path: Path) -> list[int | None]:
    """The observed item that each declared one shares most with, at its own place if in doubt.

    Nothing names the items of most lists, and they move, change and go in one edit.
    """
    pairs = sorted(
        (-likeness, index != place, index, place)
        for index, item in enumerate(declared)
        for place, old in enumerate(observed)
        if (likeness := _likeness(table, item, old, path)) > 0 or (likeness == 0 and index == place)
    )
    found: dict[int, int] = {}
    for _, _, index, place in pairs:
        if index not in found and place not in found.values():
            found[index] = place
    return [found.get(index) for index in range(len(declared))]


def _likeness(table: Mapping[str, Field], declared: Any, observed: Any, path: Path) -> int:
    """The weight of what two items share; -1 where a key says that they are different things."""
    count = 0
    for inner, value in leaves(declared):
        full = (*path, *inner)
        same = normal(table, full, value) == normal(table, full, at(observed, inner))
        rule = row(table, full)
        if not same and rule.key:
            return -1
        count += rule.weight if same else 0
    return count
