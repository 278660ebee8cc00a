"""Building the smallest body that closes a difference, so that nothing others set is lost by it.

Three-way: what was observed, less what the service owns and less what we set earlier and declare no more, with the
declared leaves laid over it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ams_operator.domain.align import aligned, tree
from ams_operator.domain.compare import reset_value
from ams_operator.domain.kind import Field, Reset
from ams_operator.domain.model import JSON, Change
from ams_operator.domain.values import (
    DISCRIMINATOR,
    MISSING,
    Path,
    at,
    fits,
    member,
    normal,
    parse,
    row,
    spelled,
    token,
)


def overlay(
    table: Mapping[str, Field],
    declared: JSON,
    observed: JSON,
    differ: tuple[Change, ...],
    owned: frozenset[str],
    before: tuple[str, ...] = (),
) -> JSON:
    """The body of an update: whole members of `properties`, and whole top-level ones.

    How deep the service merges a PATCH is not known, so each member goes out complete, and what has to go is set to
    null where merging would keep it. `before` are the pointers that we set earlier.
    """
    observed, before = aligned(table, declared, observed, before)
    merge = _Merge(table, tree(before))
    body: JSON = {}
    for path in dict.fromkeys(_member_of(parse(change.path)) for change in differ):
        merged = merge.over(at(declared, path), _strip(at(observed, path), owned, path), path)
        _put(body, path, None if merged is MISSING else merged)
    gone = [(path, row(table, path)) for path in (parse(change.path) for change in differ if change.removed)]
    for path, rule in gone:
        if rule.reset is Reset.OMIT:
            _put(body, path[:1], body[str(path[0])] or {})
        elif rule.reset is not Reset.DROP:
            _reset(body, path, reset_value(rule))
    for path, rule in gone:
        if rule.reset is Reset.DROP:
            _clear(body, path)
    return body


def held_back(declared: JSON, observed: JSON, pointers: tuple[str, ...]) -> JSON:
    """The declared body with the observed values at these pointers: what may not be changed yet stays as it is."""
    body = declared
    for path in (parse(text) for text in pointers):
        body = _with(body, path, at(observed, path))
    return body


def _with(value: Any, path: Path, leaf: Any) -> Any:
    if not path:
        return leaf
    if isinstance(value, list) and isinstance(path[0], int):
        return [_with(item, path[1:], leaf) if index == path[0] else item for index, item in enumerate(value)]
    name = str(path[0])
    inner = _with(value.get(name, {}), path[1:], leaf)
    return {key: item for key, item in {**value, name: inner}.items() if item is not MISSING}


def _member_of(path: Path) -> Path:
    return path[: 2 if path[0] == "properties" else 1]


@dataclass(frozen=True, slots=True)
class _Merge:
    table: Mapping[str, Field]
    ours: JSON
    """what we set earlier, as a tree"""

    def over(self, declared: Any, observed: Any, path: Path) -> Any:
        """Declared over observed; MISSING where nothing is left."""
        if declared is MISSING:
            return self.foreign(observed, path)
        if isinstance(declared, Mapping) and isinstance(observed, Mapping):
            return self._objects(declared, observed, path)
        if isinstance(declared, list) and isinstance(observed, list):
            pairs = enumerate(zip(declared, observed, strict=True)) if declared else ()
            return [self.over(item, old, (*path, index)) for index, (item, old) in pairs]
        if isinstance(declared, Mapping | list) or observed in (MISSING, None):
            return declared
        if normal(self.table, path, declared) == normal(self.table, path, observed):
            return observed  # another spelling of what never changes would be refused as a change
        return declared

    def _objects(self, declared: Mapping[str, Any], observed: Mapping[str, Any], path: Path) -> JSON:
        """Another discriminator is another object: nothing of the old one is kept."""
        if DISCRIMINATOR in declared and declared[DISCRIMINATOR] != observed.get(DISCRIMINATOR):
            return dict(declared)
        kept = {
            name: self.foreign(value, (*path, name))
            for name, value in observed.items()
            if member(declared, name) is None and not self._follows(name, observed, path)
        }
        laid = {name: self.over(value, at(observed, (name,)), (*path, name)) for name, value in declared.items()}
        return {name: value for name, value in kept.items() if value is not MISSING} | laid

    def _follows(self, name: str, observed: Mapping[str, Any], path: Path) -> bool:
        """Whether a member only repeats its neighbour, which the service made it do."""
        leader = row(self.table, (*path, name)).follows
        return bool(leader) and leader in observed and observed[leader] == observed[name]

    def foreign(self, value: Any, path: Path) -> Any:
        """An observed value less what we set in it earlier; MISSING where nothing is left.

        An object inside a list item goes as a whole: what the service filled in beside our members means nothing
        without them, and is refused as incomplete."""
        node = at(self.ours, tuple(token(part) for part in path))
        if value is MISSING or node is MISSING or row(self.table, path).reset in (Reset.CANNOT, Reset.LEAVE):
            return value
        inside_item = any(isinstance(part, int) for part in path)
        if not isinstance(value, Mapping) or inside_item or row(self.table, path).entry:
            return MISSING
        kept = {name: self.foreign(inner, (*path, name)) for name, inner in value.items()}
        kept = {name: inner for name, inner in kept.items() if inner is not MISSING}
        # The service shows null for what nobody set: beside what was ours it is nothing worth keeping.
        return kept if any(inner is not None for inner in kept.values()) else MISSING


def _strip(value: Any, owned: frozenset[str], path: Path) -> Any:
    if isinstance(value, Mapping):
        inner = {name: (*path, name) for name in value}
        return {
            name: _strip(value[name], owned, there)
            for name, there in inner.items()
            if not any(fits(pattern, spelled(there)) for pattern in owned)
        }
    if isinstance(value, list):
        return [_strip(item, owned, (*path, index)) for index, item in enumerate(value)]
    return value


def _put(body: JSON, path: Path, value: Any) -> None:
    for part in path[:-1]:
        body = body.setdefault(str(part), {})
    body[str(path[-1])] = value


def _reset(body: JSON, path: Path, value: Any) -> None:
    """Set a leaf, making the objects around it anew where merging left nothing of them; never an item of a list."""
    node: Any = body
    for part in path[:-1]:
        if isinstance(node, list):
            if not isinstance(part, int) or part >= len(node):
                return
            node = node[part]
            continue
        name = member(node, str(part)) or str(part)
        if node.get(name) is None:
            node[name] = {}
        node = node[name]
        if not isinstance(node, dict | list):
            return
    if isinstance(node, dict):
        node[member(node, str(path[-1])) or str(path[-1])] = value


def _clear(body: JSON, path: Path) -> None:
    """Let a leaf go: null where the service may merge, and nothing inside lists, which are replaced whole."""
    node: Any = body
    for part in path:
        if not isinstance(node, dict):
            return
        name = member(node, str(part))
        if name is None or node[name] is None:
            node[str(part) if name is None else name] = None
            return
        node = node[name]
