"""The requests that change a resource: made from what is declared, what is observed, and what differs."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from ams_operator.domain import compare, values
from ams_operator.domain.kind import Kind
from ams_operator.domain.model import (
    JSON,
    Action,
    Chain,
    Change,
    Desired,
    Effect,
    Record,
    Scene,
)
from ams_operator.domain.noun import replace
from ams_operator.domain.overlay import held_back, overlay
from ams_operator.domain.remembered import touched

CREATE, UPDATE, DELETE = "create", "update", "delete"


def create(kind: Kind, desired: Desired, scene: Scene) -> Action:
    """The request that makes it, never started by the way."""
    return Action(
        CREATE,
        "PUT",
        frozenset({Effect.CREATE}),
        body=desired.body,
        query=kind.query,
        fields=desired.fields,
        digest=desired.digest or compare.digest(scene.key, kind.table, desired.body, desired.fields, {}),
        changes=_set(desired.fields),
    )


@lru_cache(1024)
def _set(pointers: tuple[str, ...]) -> tuple[Change, ...]:
    """The changes that set these leaves; manifests are of few shapes."""
    return tuple(map(Change, pointers))


def update(
    kind: Kind,
    desired: Desired,
    raw: JSON,
    differ: tuple[Change, ...],
    before: tuple[str, ...],
    scene: Scene,
    later: tuple[Change, ...] = (),
) -> Action:
    """The request that closes `differ`, and leaves as it is what can be changed only `later`."""
    rows = [values.row(kind.table, values.parse(change.path)) for change in differ]
    unset: Mapping[str, object] = {
        change.path: compare.reset_value(rule) for change, rule in zip(differ, rows, strict=True) if change.removed
    }
    body = held_back(desired.body, raw, tuple(change.path for change in later))
    pointers = _sent(kind, body, later, before) if later else desired.fields
    carried = {name: body[name] for name in kind.always if name in body}
    states = [rule.when for rule in rows if rule.when is not None]
    return Action(
        UPDATE,
        "PATCH" if kind.patch else "PUT",
        frozenset(rule.effect for rule in rows),
        body=carried | overlay(kind.table, body, raw, differ, kind.owned, before),
        needs=frozenset.intersection(*states) if states else frozenset(),
        fields=pointers,
        unset=tuple(sorted(unset)),
        digest=compare.digest(scene.key, kind.table, body, pointers, dict(unset)),
        changes=differ,
        touched=touched(change.path for change in differ),
    )


def _sent(kind: Kind, body: JSON, later: tuple[Change, ...], before: tuple[str, ...]) -> tuple[str, ...]:
    """The leaves that are ours after an update: not what it can never change, unless it was ours already."""
    never = {change.path for change in later if values.row(kind.table, values.parse(change.path)).when == frozenset()}
    return tuple(pointer for pointer in compare.fields(body) if pointer not in never or pointer in before)


def asked(
    kind: Kind,
    desired: Desired,
    raw: JSON,
    record: Record,
    scene: Scene,
    changes: tuple[Change, ...],
    fixed: tuple[Change, ...],
) -> tuple[tuple[Chain, ...], tuple[Change, ...]]:
    """What changes by an action of its own, each in its chain, and the changes that an update can make. `fixed`: what
    neither sends."""
    if not kind.asks:
        return (), changes
    verbs = {change: values.row(kind.table, values.parse(change.path)).by for change in changes}
    chains = []
    for verb in dict.fromkeys(found for found in verbs.values() if found):
        mine = tuple(change for change in changes if verbs[change] == verb)
        others = tuple(change for change in changes if verbs[change] != verb)
        made = update(kind, desired, raw, mine, record.fields, scene, others + fixed)
        chains.append((replace(made, name=verb, method="POST", verb=verb, body=kind.asks[verb](desired.body)),))
    return tuple(chains), tuple(change for change in changes if not verbs[change])
