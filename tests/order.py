"""A pytest plugin: in a parallel run, tests that mostly wait for servers run beside tests that compute.

Integration tests leave the processors idle half of the time, and the pure ones never do. In the order of the folders
each sort would run among its own; spread evenly they share the machine, and the whole takes a fifth less. What is dear
to set up is one worker's (pytest-xdist's own marks for that do nothing with this version of pytest).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]  # it has no types

_TOGETHER = (
    re.compile(r"tests/kube/test_cluster\.py"),
    re.compile(r"tests/integration/test_never_deaf\.py"),
    re.compile(r"tests/migration/test_report_page\.py"),
    re.compile(r"tests/emulator/test_v2_scenarios\.py::test_the_archive_"),
    re.compile(
        r"tests/crash/test_histories\.py::"
        r"test_(?:every_fault_alone|faults_while_others_interfere|every_answer_that_nobody_wants)(\[.*\])"
    ),
)
"""Beginnings of tests' names. Those with one text (in brackets, where there are any) need the same control plane of
their own, browser, account of 100,000 assets, or histories of a scenario."""
_SHARED = frozenset({"module", "package", "class"})


class Together(LoadScopeScheduling):  # type: ignore[misc]  # as above
    """Gives tests to workers one by one, in their order, but those that belong together to one worker."""

    def _split_scope(self, nodeid: str) -> str:
        return group(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Together:
    config.option.loadscopereorder = False
    return Together(config, log)


def group(nodeid: str) -> str:
    """What a test runs together with; itself where that is nothing."""
    found = next((found for pattern in _TOGETHER if (found := pattern.match(nodeid))), None)
    return nodeid if found is None else found[found.re.groups]


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
