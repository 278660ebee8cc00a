"""A control plane of one's own: etcd, kube-apiserver and kube-controller-manager as child processes."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from ams_devcluster import commands
from ams_devcluster.api import ApiServer
from ams_devcluster.binaries import Binaries
from ams_devcluster.errors import DevclusterError
from ams_devcluster.files import Files
from ams_devcluster.kubeconfig import write_kubeconfig
from ams_devcluster.pki import Authority
from ams_devcluster.ports import free_port
from ams_devcluster.process import Process, Watcher

_ATTEMPTS = 3  # another process may take the port between our choice and the API server's bind


class Cluster(Protocol):
    """What tests and the demo need of a cluster, whoever runs it."""

    @property
    def kubeconfig(self) -> Path:
        """A kubeconfig of its administrator."""


class ExistingCluster:
    """A cluster that somebody else runs; never started or stopped from here.

    Raises DevclusterError where the file is missing.
    """

    def __init__(self, kubeconfig: Path) -> None:
        if not kubeconfig.is_file():
            raise DevclusterError(
                f"The kubeconfig {kubeconfig} does not exist; name another, or none for a cluster here"
            )
        self.kubeconfig = kubeconfig


class ControlPlane:
    """Starts, restarts and stops a control plane on 127.0.0.1; use it as a context manager.

    Without `directory` all data is temporary. With one, data, certificates and (if free) the port are those of the
    last time. `outlive` leaves the processes running when this process ends; otherwise they end with it, even if it is
    killed. Not safe for use by several threads at once.
    """

    def __init__(self, binaries: Binaries, directory: Path | None = None, *, outlive: bool = False) -> None:
        self._binaries = binaries
        self._temporary = directory is None
        self._outlive = outlive
        chosen = Path(tempfile.mkdtemp(prefix="devcluster-")) if directory is None else directory
        self.directory = chosen.resolve()
        self._files = Files(self.directory)
        self._watcher: Watcher | None = None
        self._processes: dict[str, Process] = {}
        self._port = 0

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """The API server's address."""
        return f"https://127.0.0.1:{self._port}"

    @property
    def kubeconfig(self) -> Path:
        """A kubeconfig in the group system:masters."""
        return self._files.kubeconfig

    @property
    def kubectl(self) -> Path | None:
        """A kubectl of the same version, where the binaries have one."""
        return self._binaries.kubectl

    @property
    def logs(self) -> Path:
        """The directory with one log for each program."""
        return self._files.logs

    @property
    def pids(self) -> dict[str, int]:
        """Process ids of what runs, by program."""
        return {name: process.pid for name, process in self._processes.items() if process.alive}

    def start(self) -> None:
        """Start everything; returns when the API server is ready (about 3 s).

        Raises DevclusterError, with the end of the log, where a program ends or is not ready within a minute;
        nothing is left running then.
        """
        if self._processes:
            raise DevclusterError(f"The control plane in {self.directory} is started already")
        if running := self._files.running():
            raise DevclusterError(
                f"A control plane runs in {self.directory} already (pids {sorted(running.values())}); "
                f"stop it with `devcluster down --dir {self.directory}`, or use another directory"
            )
        try:
            self._files.prepare()
            if not self._outlive:
                self._watcher = Watcher(self.directory if self._temporary else None)
            self._launch("etcd", commands.etcd(self._binaries.etcd, self._files))
            self._start_apiserver_on_free_port()
            self._launch_controller_manager()
            self._save()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop what this object started, and remove its data if that is temporary; may be called twice."""
        grace = 0.0 if self._temporary else 10.0  # data that is thrown away needs no orderly end
        for name in ("kube-controller-manager", "kube-apiserver", "etcd"):
            self._end(name, grace)
        if self._watcher is not None:
            self._watcher.close()
            self._watcher = None
        if self._temporary:
            shutil.rmtree(self.directory, ignore_errors=True)
        else:
            self._files.forget_pids()

    def leave(self) -> None:
        """Let go of the processes, which run on; only with `outlive`."""
        if not self._outlive:
            raise DevclusterError("Only a control plane with outlive=True can be left running")
        for process in self._processes.values():
            process.forget()
        self._processes.clear()

    def stop_apiserver(self, *, kill: bool = False) -> None:
        """End the API server, orderly or by SIGKILL; etcd and its data stay."""
        self._end("kube-apiserver", 0.0 if kill else 10.0)

    def start_apiserver(self) -> None:
        """Start the API server again on the same port; returns when it is ready."""
        self._launch_apiserver()
        if "kube-controller-manager" not in self.pids:
            self._launch_controller_manager()
        self._save()

    def kubeconfig_for(self, user: str, groups: Iterable[str] = ()) -> Path:
        """A kubeconfig of another user, for tests of RBAC: a client certificate with CN `user` and O `groups`."""
        groups = tuple(groups)
        named = hashlib.sha256("\0".join([user, *groups]).encode()).hexdigest()[:16]
        authority = Authority.load(self._files.ca, self._files.ca_key)
        certificate, key = authority.issue_client(user, groups)
        path = self._files.users / f"{named}.kubeconfig"
        return write_kubeconfig(path, self.url, authority.certificate, certificate, key)

    def metrics(self) -> str:
        """The API server's metrics in Prometheus text form."""
        return self._api().get("/metrics").decode()

    def _api(self) -> ApiServer:
        return ApiServer(self._port, self._files.ca, self._files.admin, self._files.admin_key)

    def _start_apiserver_on_free_port(self) -> None:
        preferred = self._files.last_port()
        for attempt in range(_ATTEMPTS):
            self._port = free_port(preferred if attempt == 0 else None)
            self._write_kubeconfigs()
            try:
                self._launch_apiserver()
            except DevclusterError as error:
                if "address already in use" not in str(error) or attempt == _ATTEMPTS - 1:
                    raise
            else:
                return

    def _write_kubeconfigs(self) -> None:
        authority = self._files.ca.read_bytes()
        files = self._files
        admin = files.admin.read_bytes(), files.admin_key.read_bytes()
        write_kubeconfig(files.kubeconfig, self.url, authority, *admin)
        manager = files.manager.read_bytes(), files.manager_key.read_bytes()
        write_kubeconfig(files.manager_kubeconfig, self.url, authority, *manager)

    def _launch_apiserver(self) -> None:
        command = commands.api_server(self._binaries.kube_apiserver, self._files, self._port)
        process = self._launch("kube-apiserver", command)
        try:
            self._api().wait_ready([process, self._processes["etcd"]])
        except BaseException:
            self._end("kube-apiserver", 0.0)
            raise

    def _launch_controller_manager(self) -> None:
        """It ends by itself where it loses the API server while it is still starting."""
        if self._binaries.kube_controller_manager is not None:
            command = commands.controller_manager(self._binaries.kube_controller_manager, self._files)
            self._launch("kube-controller-manager", command)

    def _launch(self, name: str, command: list[str]) -> Process:
        log = self._files.logs / f"{name}.log"
        process = Process(name, command, self.directory, log)
        self._processes[name] = process
        if self._watcher is not None:
            self._watcher.guard(process.pid)
        return process

    def _end(self, name: str, grace: float) -> None:
        process = self._processes.pop(name, None)
        if process is None:
            return
        process.stop(grace)
        if self._watcher is not None:
            self._watcher.release(process.pid)

    def _save(self) -> None:
        self._files.save_state(os.getpid(), self._port, self.pids)
