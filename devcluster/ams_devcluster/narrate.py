"""Run a long command without leaving a person in silence."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from ams_devcluster.cache import BEAT, Progress
from ams_devcluster.process import Watcher

_GATE = ("/bin/sh", "-c", 'read -r go && exec "$@" </dev/null', "gate")
"""in front of a command: it begins once it is guarded, and never where its starter was killed before that"""


def run_narrated(
    command: Sequence[str],
    log: Path,
    describe: Callable[[list[str]], str],
    progress: Progress,
    *,
    env: Mapping[str, str],
    cwd: Path | None = None,
    beat: float = BEAT,
) -> int:
    """Run `command` with its output in `log`; returns its exit code.

    Each `beat` seconds `progress` gets what `describe` makes of the lines so far, and the time taken. An exception
    (Ctrl-C too) ends the command and everything that it started, and so does the end of this process.
    """
    began = time.monotonic()
    watcher = Watcher(None)
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - commands of ours
            [*_GATE, *command],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            env=dict(env),
            cwd=cwd,
            start_new_session=True,
        )
    watcher.guard(process.pid)
    try:
        _open(process)
        while True:
            lines = log.read_text(errors="replace").splitlines()
            progress(f"{describe(lines)} [{elapsed(time.monotonic() - began)}]")
            try:
                return process.wait(timeout=beat)
            except subprocess.TimeoutExpired:
                continue
    except BaseException:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        raise
    finally:
        if process.returncode is not None:
            watcher.release(process.pid)
        watcher.close()


def _open(process: subprocess.Popen[bytes]) -> None:
    """Let the command behind the gate begin."""
    assert process.stdin is not None
    with contextlib.suppress(BrokenPipeError), process.stdin as gate:
        gate.write(b"go\n")


def elapsed(seconds: float) -> str:
    """Minutes and seconds, such as `2:05`."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}:{rest:02d}"
