"""Processes of the demo: started with a log of their own, asked to end, and only ever these."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from ams_devcluster.process import Watcher
from demo.errors import DemoError

SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
GRACE: Final = 12.0
"""Seconds that a process has for its orderly end."""


class Child:
    """One process. It is in a session of its own: Ctrl-C reaches only the demo, which then ends it in order.

    Should the demo itself be killed, `watcher` kills it.
    """

    def __init__(
        self, name: str, command: Sequence[str], log: Path, watcher: Watcher, env: Mapping[str, str] | None = None
    ) -> None:
        self.name = name
        self.log = log
        self.output = log.with_suffix(".out")
        self._watcher = watcher
        with signals_deferred(), log.open("ab") as errors, self.output.open("wb") as output:
            self._process = subprocess.Popen(  # noqa: S603 - commands of ours
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=errors,
                env={**os.environ, **(env or {})},
                start_new_session=True,
            )
            watcher.guard(self._process.pid)

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    def check(self) -> None:
        """Raises DemoError where it has ended."""
        code = self._process.poll()
        if code is not None:
            raise DemoError(f"{self.name} ended by itself with exit code {code}")

    def stop(self) -> int:
        """Ask it to end, kill it if it does not; the exit code."""
        self._process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(GRACE)
        self._process.kill()
        code = self._process.wait()
        self._watcher.release(self._process.pid)
        return code

    def tail(self, lines: int) -> list[str]:
        """The end of its log."""
        return tail(self.log, lines)


@contextmanager
def signals_deferred() -> Iterator[None]:
    """Signals that end the demo come after the block, so that nothing is started and then forgotten."""
    arrived: list[int] = []
    before = {number: signal.signal(number, lambda signum, _: arrived.append(signum)) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    for signum in arrived:
        signal.raise_signal(signum)


def tail(path: Path, lines: int) -> list[str]:
    """The last lines of a file; none where there is no such file."""
    try:
        return path.read_text(errors="replace").splitlines()[-lines:]
    except OSError:
        return []
