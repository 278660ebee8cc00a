"""The commands and targets that people type."""

from __future__ import annotations

import inspect
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.repo.conftest import ROOT
from typer.main import get_command

from ams_devcluster.cli import app as devcluster
from ams_emulator.cli import app as emulator
from ams_operator.cli.app import app as operator

PROGRAMS: dict[str, Any] = {
    "ams-operator": operator,
    "ams-emulator": emulator,
    "devcluster": devcluster,
}


def commands() -> dict[tuple[str, ...], Any]:
    """Every program, and every command of it."""
    return {words: one for program, app in PROGRAMS.items() for words, one in below((program,), get_command(app))}


def below(words: tuple[str, ...], command: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    yield words, command
    for name, one in sorted(getattr(command, "commands", {}).items()):
        if name != "kubectl":  # hands everything on, --help as well
            yield from below((*words, name), one)


def run(*words: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, capture_output=True, text=True, check=False, cwd=cwd, timeout=60)


@pytest.mark.parametrize("words", list(commands()), ids=" ".join)
def test_help(words: tuple[str, ...]) -> None:
    program = Path(sys.executable).with_name(words[0])
    found = run(str(program), *words[1:], "--help")
    assert found.returncode == 0, found.stderr
    assert "Usage" in found.stdout


@pytest.mark.parametrize("words", list(commands()), ids=" ".join)
def test_no_paragraph_of_a_help_breaks_where_the_source_does(words: tuple[str, ...]) -> None:
    """typer keeps line breaks: of the first paragraph in the list of commands, of all others in their own help."""
    paragraphs = inspect.cleandoc(commands()[words].help or "").split("\n\n")
    assert [one for one in paragraphs if "\n" in one] == []


def test_operator_has_the_commands_of_the_readme() -> None:
    assert {words[1] for words in commands() if words[0] == "ams-operator" and len(words) > 1} >= {
        "run",
        "request",
        "crds",
        "version",
    }


def test_version_is_one() -> None:
    program = Path(sys.executable).with_name("ams-operator")
    version = run(str(program), "version").stdout.strip()
    assert run(str(program), "--version").stdout == f"ams-operator {version}\n"
    assert f"## [{version}]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"newTag: {version}" in (ROOT / "manifests" / "kustomization.yaml").read_text(encoding="utf-8")


@pytest.mark.skipif(shutil.which("make") is None, reason="there is no make")
def test_every_target_explains_itself() -> None:
    found = run("make", "help")
    assert found.returncode == 0, found.stderr
    for target in ("demo", "test", "bench", "reliability", "lint", "crds", "sbom", "lock", "clean", "help"):
        assert f"\n{target} " in "\n" + found.stdout


@pytest.mark.skipif(shutil.which("make") is None, reason="there is no make")
def test_a_python_that_is_too_old_is_named_before_anything_is_made(tmp_path: Path) -> None:
    old = tmp_path / "python-old"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    shutil.copy(ROOT / "Makefile", tmp_path)
    for name in ("requirements.lock", "pyproject.toml", "emulator/pyproject.toml", "devcluster/pyproject.toml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    found = run("make", f"PYTHON={old}", "test", cwd=tmp_path)
    assert found.returncode != 0
    assert "make PYTHON=" in found.stderr
    assert not (tmp_path / ".venv").exists()


@pytest.mark.skipif(shutil.which("make") is None, reason="there is no make")
def test_a_failing_installation_is_not_taken_for_done(tmp_path: Path) -> None:
    """The lines of pip go through a filter; its failure must not get lost there."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / "requirements.lock").write_text("no-such-package==0 --hash=sha256:" + "0" * 64 + "\n")
    for name in ("pyproject.toml", "emulator/pyproject.toml", "devcluster/pyproject.toml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    fake = tmp_path / ".venv" / "bin"
    fake.mkdir(parents=True)
    (fake / "python").write_text(
        f'#!/bin/sh\ncase "$*" in *install*) echo Collecting; exit 3;; *) exec {sys.executable} "$@";; esac\n'
    )
    (fake / "python").chmod(0o755)
    found = run("make", f"PYTHON={sys.executable}", "lint", cwd=tmp_path)
    assert found.returncode != 0
    assert "ruff" not in found.stdout
    assert not list((tmp_path / ".venv").glob(".installed*"))
