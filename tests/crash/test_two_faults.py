"""A create whose answer is lost or late, one more fault after it, and its object deleted meanwhile: nothing stays.

The product of the histories has one fault in each. A storm has many at a time, and what it once left behind was a
transform whose creation was answered with 500, and whose object was deleted before anybody looked.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest
from tests.crash import mutants
from tests.crash.faults import READ_FAULTS, READS, Fault
from tests.crash.history import Prepared, Result
from tests.crash.interferences import INTERFERENCES
from tests.crash.lab import Lab
from tests.crash.scenarios import SCENARIOS

STRIDE = 23
"""of these histories, each so many-th is played; a prime"""
FIRST = (Fault.LOST, Fault.SOON, Fault.LATE, Fault.LATE_CRASH, Fault.AFTER)
WITHIN = 24
"""calls after the create in which its object is deleted"""
DELETED = next(one for one in INTERFERENCES if one.name == "user deletes")


def each(prepared: Prepared) -> Iterator[tuple[int, Fault, dict[int, Fault], int]]:
    """The call that creates and its fault, the other fault, and the call before which the object is deleted."""
    create = prepared.run().calls.index("put") + 1
    for first in FIRST:
        calls = played(prepared, create, first).calls
        for number, name in enumerate(calls[create:], create + 1):
            for second in READ_FAULTS if name in READS else (*FIRST, Fault.BEFORE, Fault.UNSENT):
                for place in range(create, min(len(calls), create + WITHIN) + 1):
                    yield create, first, {number: second}, place


def played(prepared: Prepared, create: int, first: Fault, also: dict[int, Fault] | None = None, at: int = 0) -> Result:
    """One of them, to its own end."""
    prepared.points.clear()
    prepared.open_points.clear()
    return prepared.run(first, create, DELETED if at else None, at, also)


def left(name: str) -> list[str]:
    """What is wrong in a part of them, with their names."""
    prepared, found = Prepared.of(Lab(), next(one for one in SCENARIOS if one.name == name)), list[str]()
    for create, first, also, at in itertools.islice(each(prepared), STRIDE // 2, None, STRIDE):
        result = played(prepared, create, first, also, at)
        found += [f"{result.name}, {also}: {one}" for one in result.violations]
    return found


@pytest.mark.parametrize("name", ["create", "vanished"])
def test_nothing_is_left_behind(name: str) -> None:
    assert left(name) == []


def test_without_a_quiet_time_something_would_be(monkeypatch: pytest.MonkeyPatch) -> None:
    mutants.no_quiet_time(monkeypatch)
    assert any("I6: created after its object was let go" in one for one in left("create"))
