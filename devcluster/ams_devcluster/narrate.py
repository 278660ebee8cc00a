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
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - commands of ours
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=dict(env),
            cwd=cwd,
            start_new_session=True,
        )
    watcher = Watcher(None)
    watcher.guard(process.pid)
    try:
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


def elapsed(seconds: float) -> str:
    """Minutes and seconds, such as `2:05`."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}:{rest:02d}"
