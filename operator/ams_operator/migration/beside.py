"""What has no room in a MigrationReport, in files: half of a large account's inventory, for a process that takes it up.

A directory that outlives the container is enough. Without one, or on another node, the sets that are not in the report
are read again; so are those of an account whose file had to go, since all together have no more room than `MOST`.
"""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Container
from pathlib import Path
from typing import Final

from ams_operator.migration.kept import Kept

log = logging.getLogger(__name__)
LARGEST: Final = 8 << 20
"""bytes of one account's file"""
MOST: Final = 48 << 20
"""bytes of all files; manifests/ have room for one more beside them, while it takes the place of another"""

_PREFIX: Final = "v2-"


class Beside:
    """One file for each account, by its uid, that only its owner can read. `directory` None: nothing is kept."""

    def __init__(self, directory: Path | None) -> None:
        self._directory = directory

    def keep(self, uid: str, kept: Kept) -> None:
        """Write what has no room in the report, or remove it where all has. Trouble with files costs only time."""
        if self._directory is None:
            return
        path = self._path(uid)
        try:
            if not kept.lacking:
                path.unlink(missing_ok=True)
                return
            text = kept.pack(LARGEST)
            self._directory.mkdir(parents=True, exist_ok=True)
            self._make_room(MOST - len(text), path)
            new = path.with_suffix(".new")
            with contextlib.suppress(FileNotFoundError):
                new.unlink()
            handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w", encoding="ascii") as file:
                file.write(text)
            new.replace(path)
        except OSError as error:
            log.warning("an inventory can't be kept in %s: %s", self._directory, error.strerror)

    def read(self, uid: str) -> str:
        """What was kept; empty where there is nothing."""
        if self._directory is None:
            return ""
        try:
            path = self._path(uid)
            return path.read_text(encoding="ascii") if path.stat().st_size <= 2 * LARGEST else ""
        except (OSError, ValueError):
            return ""

    def drop(self, uid: str) -> None:
        """The account is no source any more."""
        if self._directory is not None:
            with contextlib.suppress(OSError):
                self._path(uid).unlink(missing_ok=True)

    def tidy(self, uids: Container[str]) -> None:
        """Remove what is of no account that is there."""
        for path in self._files():
            if path.stem.removeprefix(_PREFIX) not in uids:
                with contextlib.suppress(OSError):
                    path.unlink(missing_ok=True)

    def _make_room(self, room: int, own: Path) -> None:
        """The oldest go: what is under way is written again and again. Raises OSError."""
        found = [(status.st_mtime, status.st_size, path) for path in self._files() for status in (path.stat(),)]
        for _, size, path in sorted(found, reverse=True):
            if path != own:
                room -= size
                if room < 0:
                    path.unlink(missing_ok=True)

    def _files(self) -> list[Path]:
        return list(self._directory.glob(f"{_PREFIX}*")) if self._directory is not None else []

    def _path(self, uid: str) -> Path:
        assert self._directory is not None
        return self._directory / f"{_PREFIX}{uid}.json"
