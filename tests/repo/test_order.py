"""A parallel run loses no test, and makes nothing twice that tests of one file share."""

from __future__ import annotations

import pytest
from tests import order


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
    both = one.replace("every_fault_alone", "faults_while_others_interfere")
    assert order.group(one) == order.group(both) == "[event: start]"
    assert order.group(other) == other
    assert order.group("tests/kube/test_cluster.py::test_a") == order.group("tests/kube/test_cluster.py::test_b[x]")


def test_groups_name_tests_that_there_are(request: pytest.FixtureRequest) -> None:
    names = [item.nodeid for item in request.session.items]
    if len(names) < 1000:
        pytest.skip("not all tests are collected")
    for pattern in order._TOGETHER:
        assert sum(pattern.match(name) is not None for name in names) > 1, pattern
