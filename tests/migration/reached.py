"""Which rows of docs/migration-conditions.md a scene says that it reaches, and whether it did, and undid them.

    @reaches("ENCODING False JobsInFlight V2JobsStillCreated")
    async def test_jobs(..., seen: Seen) -> None: ...

What is declared can be read without running anything, so that `test_states_complete` knows it in whatever process; the
fixture `seen` holds each scene to its word.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest

from ams_operator.migration.conditions import Type

Row = tuple[str, str, str]
"""condition, status, reason, as the document spells them"""
RETIRED: Final = "V2Retired"
_EVERY_ONE: Final = "every one"
_AS_IT_WAS: Final = "as it was"
_DOCUMENT: Final = Path(__file__).parents[2] / "docs" / "migration-conditions.md"
_ROW: Final = re.compile(r"^\| (every one|`\w+`) \| (\w[\w ]*) \| `(\w+)` \| .* \|$", re.MULTILINE)


def reaches(*said: str) -> pytest.MarkDecorator:
    """Each is a condition by its name in `Type`, a status and reasons."""
    return pytest.mark.reaches(*said)


def rows(said: Iterable[str]) -> frozenset[Row]:
    """What was given to `reaches`."""
    found = set[Row]()
    for one in said:
        if one == RETIRED:
            found.add((_EVERY_ONE, _AS_IT_WAS, RETIRED))
            continue
        name, status, *reasons = one.split()
        assert reasons, one
        found |= {(str(Type[name]), status, reason) for reason in reasons}
    return frozenset(found)


def documented() -> frozenset[Row]:
    """The table; `test_documents` holds that it is the code's."""
    text = _DOCUMENT.read_text(encoding="utf-8").partition("<!-- begin: made by tests/migration/condition_tables.py")[2]
    return frozenset((kind.strip("`"), status, reason) for kind, status, reason in _ROW.findall(text))


@dataclass
class History:
    """What one account said, condition by condition, each time something else than before."""

    said: dict[str, list[tuple[str, str]]] = field(default_factory=dict)

    def add(self, kind: str, status: str, reason: str) -> None:
        before = self.said.setdefault(kind, [])
        if reason == RETIRED and before and before[-1][0] in (status, _AS_IT_WAS):
            status = _AS_IT_WAS
        if (status, reason) not in before[-1:]:
            before.append((status, reason))

    def shown(self) -> set[Row]:
        found = {(kind, *one) for kind, those in self.said.items() for one in those}
        return {(_EVERY_ONE, *row[1:]) if row[1] == _AS_IT_WAS else row for row in found}

    def undone(self) -> set[Row]:
        """Those that came to something that had been so, or that were so again after something else."""
        found = {(kind, *one) for kind, those in self.said.items() for one in _undone(those)}
        frozen = {kind for kind, status, _ in found if status == _AS_IT_WAS}
        whole = {(_EVERY_ONE, _AS_IT_WAS, RETIRED)} if frozen == set(Type) else set[Row]()
        return {row for row in found if row[1] != _AS_IT_WAS} | whole


def _undone(said: list[tuple[str, str]]) -> set[tuple[str, str]]:
    """Of `a b c a` all of them."""
    last = {one: place for place, one in enumerate(said)}
    return {one for place, first in enumerate(said) if last[first] > place for one in said[place : last[first]]}


@dataclass
class Seen:
    """What a scene's accounts said."""

    histories: list[History] = field(default_factory=list)

    def history(self) -> History:
        """Of one more account."""
        self.histories.append(History())
        return self.histories[-1]

    def check(self, declared: frozenset[Row]) -> None:
        """Hold a scene to its word."""
        shown = set[Row]().union(*(one.shown() for one in self.histories))
        undone = set[Row]().union(*(one.undone() for one in self.histories))
        assert sorted(declared - shown) == [], "declared, and not reached"
        assert sorted(declared - undone) == [], "reached, and not undone"
        assert sorted(shown - documented()) == [], "reached, and in no row of docs/migration-conditions.md"


def declared(scene: Any) -> frozenset[Row]:
    """What a test function says that it reaches."""
    marks = [one for one in getattr(scene, "pytestmark", ()) if one.name == "reaches"]
    return rows(said for one in marks for said in one.args)
