"""Binaries that are real, and a Go module and a `go` that are not."""

from __future__ import annotations

import stat
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from ams_devcluster import Binaries, find_or_build
from ams_devcluster.source import PROGRAMS, GoModule


@pytest.fixture(scope="session")
def binaries() -> Binaries:
    """The real programs."""
    return find_or_build(print)


@pytest.fixture
def module(tmp_path: Path) -> GoModule:
    """A Go module that pins versions and has nothing to compile."""
    directory = tmp_path / "module"
    directory.mkdir()
    (directory / "go.mod").write_text("module x\n\ngo 1.25.0\n\nrequire (\n\tk8s.io/kubernetes v1.99.3\n)\n")
    (directory / "go.sum").write_text("")
    return GoModule(directory)


@pytest.fixture
def programs() -> Callable[[Path], Path]:
    """Fills a directory with programs that do nothing."""

    def fill(directory: Path, names: tuple[str, ...] = PROGRAMS) -> Path:
        directory.mkdir(parents=True, exist_ok=True)
        for name in names:
            executable(directory / name, "exit 0")
        return directory

    return fill


def executable(path: Path, script: str) -> Path:
    """A shell script."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n" + textwrap.dedent(script))
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


FAKE_GO = """
case "$1" in
env) echo go{version} ;;
build)
    for argument; do last=$argument; [ "$previous" = -o ] && output=$argument; previous=$argument; done
    echo "compiled $last" >&2
    echo "$GOTOOLCHAIN $GOFLAGS $CGO_ENABLED $GOMODCACHE goroot=$GOROOT" >> "{journal}"
    {extra}
    printf '#!/bin/sh\\n' > "$output$last" && chmod +x "$output$last"
    ;;
esac
"""


def fake_go(path: Path, journal: Path, *, version: str = "1.26.1", extra: str = "") -> Path:
    """A `go` that answers `env GOVERSION`, writes a line for each build to `journal`, and "compiles" at once."""
    return executable(path, FAKE_GO.format(version=version, journal=journal, extra=extra))
