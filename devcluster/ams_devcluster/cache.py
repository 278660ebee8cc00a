"""Where the built binaries are kept, and the lock that keeps concurrent builders apart."""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

Progress = Callable[[str], None]
"""Gets one line for a person; called at least every `BEAT` seconds while something is going on."""

BEAT = 5.0
"""Seconds between two lines of progress."""


def cache_root(environ: Mapping[str, str] | None = None) -> Path:
    """`AMS_DEVCLUSTER_CACHE`, or `ams-devcluster` in the user's cache directory (XDG)."""
    environ = os.environ if environ is None else environ
    if own := environ.get("AMS_DEVCLUSTER_CACHE"):
        return Path(own).expanduser().absolute()
    shared = environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return Path(shared).absolute() / "ams-devcluster"


@contextmanager
def locked(path: Path, progress: Progress, beat: float = BEAT) -> Iterator[None]:
    """Hold the file lock `path`, waiting for whoever holds it; the lock of a killed process is free at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        spoken = float("-inf")
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() - spoken >= beat:
                    progress("Waiting for another process that builds the control plane")
                    spoken = time.monotonic()
                time.sleep(min(0.2, beat))
        yield


def clean(environ: Mapping[str, str] | None = None) -> list[Path]:
    """Remove everything in the cache; returns what was removed."""
    root = cache_root(environ)
    removed = [path for path in sorted(root.glob("*")) if path.name.startswith(("v1.", "build-"))]
    for path in removed:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    return removed
