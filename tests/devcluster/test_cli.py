"""The commands that people type."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.fixtures_cluster import wait_for

from ams_devcluster import Binaries
from ams_devcluster.background import running


def devcluster(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a person would."""
    command = [sys.executable, "-c", "from ams_devcluster.cli import main; main()", *arguments]
    return subprocess.run(command, env=os.environ | environ, capture_output=True, text=True, check=False)


def test_up_runs_on_until_down(binaries: Binaries, tmp_path: Path) -> None:
    place = tmp_path / "my cluster"
    environ = {"AMS_DEVCLUSTER_DIR": str(place)}
    up = devcluster("up", **environ)
    try:
        assert up.returncode == 0, up.stderr
        assert up.stdout == f"export KUBECONFIG='{place / 'kubeconfig'}'\n"
        assert "The cluster is ready." in up.stderr
        again = devcluster("up", **environ)
        assert again.stdout == up.stdout
        assert "is running already" in again.stderr
        assert devcluster("kubeconfig", **environ).stdout == f"{place / 'kubeconfig'}\n"
        status = devcluster("status", **environ)
        assert status.returncode == 0
        assert "kube-apiserver (pid " in status.stderr
        seen = devcluster("kubectl", "get", "namespaces", "-o", "name", **environ)
        assert "namespace/kube-system" in seen.stdout.splitlines()
    finally:
        down = devcluster("down", **environ)
    assert "stopped" in down.stderr
    assert not place.exists()
    assert devcluster("status", **environ).returncode == 1
    assert "No cluster was running" in devcluster("down", **environ).stderr


def test_data_can_be_kept_and_what_died_is_started_again(binaries: Binaries, tmp_path: Path) -> None:
    place = tmp_path / "cluster"
    named = ("--dir", str(place))
    names = ("kubectl", "get", "namespaces", "-o", "name")
    try:
        devcluster("up", *named)
        devcluster("kubectl", "create", "namespace", "kept", AMS_DEVCLUSTER_DIR=str(place))
        devcluster("down", "--keep-data", *named)
        assert devcluster("status", *named).returncode == 1
        devcluster("up", *named)
        os.kill(running(place)["kube-apiserver"], signal.SIGKILL)
        wait_for(lambda: "kube-apiserver" not in running(place), "the API server is gone")
        assert devcluster("status", *named).returncode == 1
        assert "is ready" in devcluster("up", *named).stderr
        assert "namespace/kept" in devcluster(*names, AMS_DEVCLUSTER_DIR=str(place)).stdout.splitlines()
    finally:
        devcluster("down", *named)


def test_without_a_cluster_each_command_says_how_to_get_one(tmp_path: Path) -> None:
    for command in ("kubeconfig", "kubectl"):
        answer = devcluster(command, AMS_DEVCLUSTER_DIR=str(tmp_path / "none"), KUBEBUILDER_ASSETS="")
        assert answer.returncode == 2
        assert "devcluster up" in answer.stderr or "devcluster build" in answer.stderr
        assert "Traceback" not in answer.stderr
        assert answer.stdout == ""


def test_down_leaves_a_directory_alone_that_is_no_cluster(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "mine").touch()
    answer = devcluster("down", "--dir", str(tmp_path))
    assert answer.returncode == 2
    assert "is not the directory of a control plane" in answer.stderr
    assert (tmp_path / "logs" / "mine").exists()


def test_help_names_every_command() -> None:
    shown = devcluster("--help", COLUMNS="200").stdout
    for command in ("up", "down", "kubeconfig", "status", "build", "clean", "kubectl"):
        assert f"│ {command} " in shown
    assert "KUBEBUILDER_ASSETS" in shown
