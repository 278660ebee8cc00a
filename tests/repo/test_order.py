"""A parallel run loses no test, and makes nothing twice that tests of one file share."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests import order

ROOT = Path(__file__).parents[2]


def test_every_test_is_run_once_and_files_that_share_stay_whole(request: pytest.FixtureRequest) -> None:
    items = request.session.items
    found = order.spread(items)
    assert sorted(item.nodeid for item in found) == sorted(item.nodeid for item in items)
    waiting = [item for item in items if order._waits(item)]
    assert [item for item in found if not order._waits(item)] == [item for item in items if item not in waiting]
    for file in {item.path for item in items if order._shares(item)}:
        places = [place for place, item in enumerate(found) if item.path == file]
        apart = [place for place in range(places[0], places[-1]) if found[place].path != file]
        assert all(not order._shares(found[place + 1]) for place in apart if found[place + 1].path == file)


def test_what_is_dear_to_set_up_is_one_workers() -> None:
    one, other = (f"tests/crash/test_histories.py::test_{name}[event: start]" for name in ("every_fault_alone", "x"))
    for same in ("faults_while_others_interfere", "every_answer_that_nobody_wants"):
        assert order.group(one) == order.group(one.replace("every_fault_alone", same)) == "[event: start]"
    assert order.group(other) == other
    assert order.group("tests/kube/test_cluster.py::test_a") == order.group("tests/kube/test_cluster.py::test_b[x]")


@pytest.mark.parametrize("pattern", order._TOGETHER, ids=lambda pattern: pattern.pattern)
def test_groups_name_tests_that_there_are(pattern: re.Pattern[str]) -> None:
    file = pattern.pattern.partition("::")[0].replace("\\", "")
    names = re.findall(r"^(?:async )?def (test_\w+)", (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE)
    assert sum(pattern.match(f"{file}::{name}[x]") is not None for name in names) > 1
