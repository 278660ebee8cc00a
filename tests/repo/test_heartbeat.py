"""The plugin that keeps `make test` from falling silent."""

from __future__ import annotations

import time

import pytest
from tests.repo.heartbeat import Heartbeat


def test_names_what_runs_once_nothing_ended_for_a_while(pytestconfig: pytest.Config) -> None:
    beat = Heartbeat(pytestconfig, quiet=5.0)
    now = time.monotonic()
    beat.pytest_runtest_logstart("tests/unit/test_a.py::test_quick")
    beat.pytest_runtest_logstart("tests/unit/test_b.py::test_slow")
    beat.pytest_runtest_logfinish("tests/unit/test_a.py::test_quick")
    assert beat.line(now + 1) is None
    said = beat.line(now + 60)
    assert said is not None
    assert "1 tests done" in said
    assert "test_b.py::test_slow" in said
    assert "test_quick" not in said
    assert beat.line(now + 61) is None, "said just now"


def test_says_so_while_collecting(pytestconfig: pytest.Config) -> None:
    assert "collecting" in (Heartbeat(pytestconfig).line(time.monotonic() + 60) or "")
