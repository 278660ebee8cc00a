"""Processes of the demo: seen to end, ended, and never forgotten."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ams_devcluster.process import Watcher
from demo.children import Child, signals_deferred, tail
from demo.errors import DemoError, Stopped
from demo.waiting import until

ENDLESS = [sys.executable, "-c", "import sys, time; print('up', flush=True); time.sleep(600)"]


@pytest.fixture
def watcher() -> Iterator[Watcher]:
    made = Watcher(None)
    yield made
    made.close()


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_running_process_is_left_alone_and_then_stopped(tmp_path: Path, watcher: Watcher) -> None:
    child = Child("endless", ENDLESS, tmp_path / "endless.log", watcher)
    until("it runs", lambda: child.output.read_text() == "up\n")
    child.check()
    assert child.stop() == -signal.SIGTERM
    assert not is_running(child.pid)


def test_an_end_is_noticed_with_its_code(tmp_path: Path, watcher: Watcher) -> None:
    command = [sys.executable, "-c", "import sys; print('oh no', file=sys.stderr); sys.exit(3)"]
    child = Child("failing", command, tmp_path / "failing.log", watcher)

    def ended() -> str | None:
        try:
            child.check()
        except DemoError as error:
            return str(error)
        return None

    assert until("it ends", ended) == "failing ended by itself with exit code 3"
    assert child.tail(5) == ["oh no"]
    assert child.stop() == 3


def test_what_is_not_stopped_ends_with_the_demo(tmp_path: Path) -> None:
    watcher = Watcher(None)
    child = Child("endless", ENDLESS, tmp_path / "endless.log", watcher)
    watcher.close()  # what the end of the demo's process does, however it ended
    with pytest.raises(DemoError, match="exit code -9"):
        until("it is killed", lambda: child.check())


def test_a_signal_comes_after_the_block_and_not_within(own_handlers: None) -> None:
    def stop(signum: int, _: object) -> None:
        raise Stopped(signum)

    signal.signal(signal.SIGTERM, stop)
    done = []
    with pytest.raises(Stopped) as stopped, signals_deferred():  # noqa: PT012 - the block is what is tested
        signal.raise_signal(signal.SIGTERM)
        done.append("started and noted")
    assert done == ["started and noted"]
    assert stopped.value.signum == signal.SIGTERM


def test_the_tail_of_a_log(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    log.write_text("one\ntwo\nthree\n")
    assert tail(log, 2) == ["two", "three"]
    assert tail(tmp_path / "none.log", 2) == []
