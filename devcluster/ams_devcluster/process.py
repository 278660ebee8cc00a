"""The processes of a control plane: start, tell whether they live, stop exactly them."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import MappingProxyType
from typing import IO, Final

from ams_devcluster.errors import DevclusterError

# Go's default collects garbage so often that it is a third of what installing CRDs costs the API server. Instead it
# takes 130 MB more; beyond the limit it collects as always.
_COLLECTING: Final = MappingProxyType({"GOGC": "400", "GOMEMLIMIT": "1GiB"})


class Process:
    """One program of a control plane, running in `directory`, with its output in `log`.

    It is in a session of its own, so that Ctrl-C reaches only whoever started it, who then stops it in order.
    """

    def __init__(self, name: str, command: Sequence[str], directory: Path, log: Path) -> None:
        self.name = name
        self.log = log
        with log.open("ab") as output:
            self._popen = subprocess.Popen(  # noqa: S603 - binaries of ours
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=directory,
                env={**_COLLECTING, **os.environ},
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """The process id."""
        return self._popen.pid

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self._popen.poll() is None

    def stop(self, grace: float) -> None:
        """Ask it to end, kill it after `grace` seconds (0: at once); returns when it is gone."""
        if grace:
            self._popen.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._popen.wait(grace)
        self._popen.kill()
        self._popen.wait()

    def forget(self) -> None:
        """Leave it running when this process ends, without a warning about that."""
        self._popen.returncode = 0

    def output_end(self, lines: int = 12) -> str:
        """The end of its log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])


class Watcher:
    """Kills the guarded processes, and removes `temporary`, if this process is killed (see `watcher.py`)."""

    def __init__(self, temporary: Path | None) -> None:
        self._popen = subprocess.Popen(  # noqa: S603 - our own interpreter
            [sys.executable, "-I", "-S", str(Path(__file__).with_name("watcher.py"))],
            stdin=subprocess.PIPE,
            start_new_session=True,
        )
        if temporary is not None:
            self._say(f"!{temporary}")

    @property
    def pid(self) -> int:
        """The watcher's process id."""
        return self._popen.pid

    def guard(self, pid: int) -> None:
        """Kill the process group that `pid` leads when this process is gone."""
        self._say(f"+{pid}")

    def release(self, pid: int) -> None:
        """`pid` has ended; its number may be another process's now."""
        self._say(f"-{pid}")

    def close(self) -> None:
        """End the watcher."""
        pipe = self._pipe
        with contextlib.suppress(BrokenPipeError):
            pipe.close()
        self._popen.wait()

    @property
    def _pipe(self) -> IO[bytes]:
        if self._popen.stdin is None:
            raise DevclusterError("The watcher has no standard input")
        return self._popen.stdin

    def _say(self, order: str) -> None:
        self._pipe.write(order.encode() + b"\n")
        self._pipe.flush()


def runs_in(pid: int, directory: Path) -> bool:
    """Whether `pid` is a process of the control plane in `directory`, and not a later one with the same number."""
    try:
        # A process that has ended but was not waited for has an empty command line.
        command = Path(f"/proc/{pid}/cmdline").read_bytes() if Path("/proc/self").exists() else _ps(pid)
    except OSError:
        return False
    return os.fsencode(directory) in command


def stop_foreign(pid: int, directory: Path, grace: float = 10.0) -> None:
    """Stop the process `pid` of the control plane in `directory`, which another process may have started."""
    for number, patience in ((signal.SIGTERM, grace), (signal.SIGKILL, 5.0)):
        if not runs_in(pid, directory):
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
        end = time.monotonic() + patience
        while runs_in(pid, directory) and time.monotonic() < end:
            time.sleep(0.05)


def _ps(pid: int) -> bytes:
    return subprocess.run(  # noqa: S603
        ["/bin/ps", "-ww", "-p", str(pid), "-o", "command="], capture_output=True, check=False
    ).stdout
