"""Ends the control plane's processes when the process that started them is gone, however it went.

Runs as a process of its own (`python -I -S watcher.py`, standard library only) and reads standard input, a pipe whose
other end only the starter has: `+PID` guards the leader of a process group, `-PID` no longer does, `!PATH` names a
temporary directory. At the end of the input it kills the groups still guarded and removes the directory. A pipe, rather
than Linux's parent-death signal, since that one follows the starting thread and does not exist elsewhere.
"""

import contextlib
import os
import shutil
import signal
import sys
import time


def watch() -> None:
    """Serve until standard input ends."""
    guarded: set[int] = set()
    directory = None
    for line in sys.stdin:
        order, value = line[0], line[1:].rstrip("\n")
        if order == "+":
            guarded.add(int(value))
        elif order == "-":
            guarded.discard(int(value))
        elif order == "!":
            directory = value
    for pid in guarded:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)
    if directory and guarded:
        # The killed may still hold files for a moment.
        for _ in range(50):
            shutil.rmtree(directory, ignore_errors=True)
            if not os.path.exists(directory):
                break
            time.sleep(0.1)


if __name__ == "__main__":
    watch()
