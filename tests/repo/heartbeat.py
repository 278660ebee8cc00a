"""A pytest plugin: no silence longer than a few seconds, and a test that hangs is named while it hangs.

Loaded by `make test` (`-p tests.repo.heartbeat`). It only prints; with pytest-xdist it runs in the controller.
"""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

QUIET = 6.0
"""Seconds without a finished test after which the running ones are named."""


class Heartbeat:
    """Knows which tests run, and says so when none of them ends for a while."""

    def __init__(self, config: pytest.Config, quiet: float = QUIET) -> None:
        self._reporter: Any = config.pluginmanager.get_plugin("terminalreporter")
        self._quiet = quiet
        self._running: dict[str, float] = {}
        self._done = 0
        self._last = time.monotonic()
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)

    def pytest_sessionstart(self) -> None:
        self._thread.start()

    def pytest_sessionfinish(self) -> None:
        self._stop.set()

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        with self._lock:
            self._running[nodeid] = time.monotonic()

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        with self._lock:
            self._running.pop(nodeid, None)
            self._done += 1
            self._last = time.monotonic()

    def line(self, now: float) -> str | None:
        """What to say at a time; None while something was heard lately."""
        with self._lock:
            if now - self._last < self._quiet:
                return None
            self._last = now
            running = sorted(self._running.items(), key=lambda entry: entry[1])[:4]
            named = ", ".join(f"{name.rpartition('/')[2]} ({now - since:.0f} s)" for name, since in running)
            return f"... {self._done} tests done; {'running: ' + named if named else 'collecting'}"

    def _beat(self) -> None:
        while not self._stop.wait(1.0):
            line = self.line(time.monotonic())
            if line and self._reporter is not None:
                self._reporter.write(f"\n{line}\n")


@pytest.hookimpl(trylast=True)  # the terminal reporter is registered by a hook of the same name
def pytest_configure(config: pytest.Config) -> None:
    """Only where there is a terminal: not in the workers of pytest-xdist."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Heartbeat(config), "ams-heartbeat")
