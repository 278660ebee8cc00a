"""Processes end with whoever started them, and no other process is ever hit."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.fixtures_cluster import wait_for

from ams_devcluster.process import Process, Watcher, runs_in, stop_foreign


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Process]:
    """A process that shows its directory in its command line and would run for long."""
    started = Process("sleeper", sleeper(tmp_path), tmp_path, tmp_path / "log")
    yield started
    started.stop(0)


def sleeper(directory: Path) -> list[str]:
    return [sys.executable, "-S", "-c", "import time; time.sleep(1000)", str(directory)]


def test_the_watcher_kills_what_it_guards_and_removes_the_directory(tmp_path: Path, process: Process) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    watcher = Watcher(temporary)
    watcher.guard(process.pid)
    watcher.close()
    wait_for(lambda: not process.alive, "the guarded process is gone")
    assert not temporary.exists()


def test_the_watcher_leaves_alone_what_was_released(tmp_path: Path, process: Process) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    watcher = Watcher(temporary)
    watcher.guard(process.pid)
    watcher.release(process.pid)
    watcher.close()
    assert process.alive
    assert temporary.exists()


def test_a_process_is_known_by_its_directory_not_only_by_its_number(tmp_path: Path, process: Process) -> None:
    other = tmp_path / "other"
    wait_for(lambda: runs_in(process.pid, tmp_path), "the process has its command line")
    assert not runs_in(process.pid, other)
    stop_foreign(process.pid, other)
    assert process.alive
    stop_foreign(process.pid, tmp_path)
    wait_for(lambda: not process.alive, "the process is gone")


def test_a_process_that_ignores_the_request_is_killed(tmp_path: Path) -> None:
    ignoring = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
    ignoring += "print('ready', flush=True); time.sleep(1000)"
    stubborn = Process("stubborn", [sys.executable, "-S", "-c", ignoring], tmp_path, tmp_path / "log")
    wait_for(lambda: "ready" in stubborn.output_end(), "it ignores the signal")
    stubborn.stop(grace=0.05)
    assert not stubborn.alive


def test_a_process_left_running_makes_no_warning(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from ams_devcluster.process import Process; "
        "here = Path(sys.argv[1]); one = Process('x', ['sleep', '0'], here, here / 'log'); one.forget(); del one"
    )
    ended = subprocess.run(
        [sys.executable, "-W", "error", "-c", script, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert ended.stderr == ""
