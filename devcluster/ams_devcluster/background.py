"""Control planes that run on after the command that started them: find and stop them by their directory."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from ams_devcluster.binaries import Binaries
from ams_devcluster.control_plane import ControlPlane
from ams_devcluster.errors import DevclusterError
from ams_devcluster.files import Files
from ams_devcluster.process import stop_foreign


def default_directory(environ: Mapping[str, str] | None = None) -> Path:
    """Where `devcluster up` keeps its cluster: the user's state directory (XDG)."""
    environ = os.environ if environ is None else environ
    shared = environ.get("XDG_STATE_HOME") or os.path.join(os.path.expanduser("~"), ".local", "state")
    return Path(shared).absolute() / "ams-devcluster"


def running(directory: Path) -> dict[str, int]:
    """Process ids, by program, of the control plane in `directory`; empty where none runs."""
    return Files(directory.resolve()).running()


def up(binaries: Binaries, directory: Path) -> Path:
    """Start a control plane in `directory` that runs on; returns its kubeconfig.

    Does nothing where it runs already. What is left of a half dead one is stopped first.
    """
    pids = running(directory)
    if "kube-apiserver" in pids and "etcd" in pids:
        return Files(directory.resolve()).kubeconfig
    _stop(directory, pids)
    control_plane = ControlPlane(binaries, directory, outlive=True)
    control_plane.start()
    control_plane.leave()
    return control_plane.kubeconfig


def down(directory: Path, *, keep_data: bool = False) -> bool:
    """Stop the control plane in `directory` and remove what it left there; returns whether one was running.

    Raises DevclusterError where the directory is not one of a control plane.
    """
    files = Files(directory.resolve())
    if not files.directory.exists():
        return False
    if not files.pki.is_dir() or not files.data.is_dir():
        raise DevclusterError(f"{directory} is not the directory of a control plane; name the one given to `up --dir`")
    pids = files.running()
    _stop(directory, pids)
    if keep_data:
        files.forget_pids()
    else:
        _remove(files)
    return bool(pids)


def _stop(directory: Path, pids: Mapping[str, int]) -> None:
    for name in ("kube-controller-manager", "kube-apiserver", "etcd"):
        if name in pids:
            stop_foreign(pids[name], directory.resolve())


def _remove(files: Files) -> None:
    """Remove what a control plane makes, and the directory if nothing else is in it."""
    for path in (files.data, files.logs, files.users, files.pki):
        shutil.rmtree(path, ignore_errors=True)
    for path in (files.kubeconfig, files.state, *files.directory.glob("*.sock:0")):
        path.unlink(missing_ok=True)
    if not any(files.directory.iterdir()):
        files.directory.rmdir()
