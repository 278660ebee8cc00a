"""What is printed at the end can be pasted into a shell."""

from __future__ import annotations

import stat
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from demo import ending
from demo.service import Place
from demo.stage import Stage


@pytest.fixture
def stage(place: Place, tmp_path: Path) -> Stage:
    directory = tmp_path / "it's here"
    directory.mkdir()
    service = SimpleNamespace(place=place, new_token=lambda: "a-token")
    cluster = SimpleNamespace(kubeconfig=directory / "kubeconfig")
    return cast(
        "Stage", SimpleNamespace(directory=directory, service=service, cluster=cluster, kubectl=directory / "kubectl")
    )


def test_every_line_is_shell(stage: Stage) -> None:
    groups = ending.lines_to_try(stage, stage.directory / "simplest.yaml", stage.directory / "service.sh")
    script = "\n".join(line for _, lines in groups for line in lines)
    done = subprocess.run(["/bin/sh", "-n"], input=script, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert script.startswith("export KUBECONFIG=")


def test_kubectl_is_named_where_the_person_has_none(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    def lines(found: str | None) -> list[str]:
        monkeypatch.setattr(ending, "which", lambda _: found)
        return ending.lines_to_try(stage, stage.directory / "a", stage.directory / "b")[0][1]

    assert any(line.startswith("alias kubectl=") for line in lines(None))
    assert not any(line.startswith("alias kubectl=") for line in lines("kubectl"))


def test_the_function_asks_the_service_as_written(stage: Stage, tmp_path: Path) -> None:
    """`curl` is replaced by a program that prints its arguments, one a line."""
    fake = tmp_path / "bin"
    fake.mkdir()
    (fake / "curl").write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    (fake / "curl").chmod(0o755)
    script = ending.shell_function(stage) + """service PATCH transforms/a '{"properties": {}}'"""
    done = subprocess.run(
        ["/bin/sh", "-c", f"PATH='{fake}:$PATH'\n{script}"], text=True, capture_output=True, check=True
    )
    arguments = done.stdout.splitlines()
    place = stage.service.place
    assert arguments[arguments.index("-X") + 1] == "PATCH"
    assert arguments[arguments.index("--cacert") + 1] == str(place.ca_file)
    assert arguments[arguments.index("-d") + 1] == '{"properties": {}}'
    assert f"{place.url}{place.account_id('contoso')}/transforms/a?api-version=2022-07-01" in arguments


def test_the_token_is_in_a_file_of_its_owner_alone(stage: Stage) -> None:
    text = ending.shell_function(stage)
    assert "a-token" not in text
    headers = stage.directory / "headers"
    assert "Authorization: Bearer a-token" in headers.read_text()
    assert stat.S_IMODE(headers.stat().st_mode) == 0o600
