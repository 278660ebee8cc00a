"""A pytest plugin: in a parallel run, tests that mostly wait for servers run beside tests that compute.

Integration tests leave the processors idle half of the time, and the pure ones never do. In the order of the folders
each sort would run among its own; spread evenly they share the machine, and the whole takes a fifth less.
"""

from __future__ import annotations

from collections.abc import Sequence

import pytest

_SHARED = frozenset({"module", "package", "class"})


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if hasattr(config, "workerinput"):  # without pytest-xdist the order of the folders is the one to read
        items[:] = spread(items)


def spread(items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """The same items: those that wait are evenly among the others, which stay in their order. What shares a fixture
    with its file stays together, so that none is made twice; the unit tests, a hundred a second, are left for the end,
    so that no processor is idle there for the sake of one long test."""
    waiting = [item for item in items if _waits(item)]
    others = [item for item in items if not _waits(item)]
    gaps = [
        place
        for place, item in enumerate(others)
        if "unit" not in item.path.parts and not (_shares(item) and _beside(others, place))
    ]
    found: list[pytest.Item] = []
    due = 0
    for place, item in enumerate(others):
        if gaps and place == gaps[due]:
            begin, end = (len(waiting) * number // len(gaps) for number in (due, due + 1))
            found += waiting[begin:end]
            due = min(due + 1, len(gaps) - 1)
        found.append(item)
    return found if gaps else [*waiting, *others]


def _waits(item: pytest.Item) -> bool:
    return "integration" in item.path.parts and not _shares(item)


def _beside(items: Sequence[pytest.Item], place: int) -> bool:
    """Whether the one before is of the same file."""
    return place > 0 and items[place - 1].path == items[place].path


def _shares(item: pytest.Item) -> bool:
    """Whether it uses a fixture that lives as long as its file or folder."""
    known = getattr(item, "_fixtureinfo", None)
    found = known.name2fixturedefs.values() if known is not None else ()
    return any(one.scope in _SHARED for definitions in found for one in definitions)
