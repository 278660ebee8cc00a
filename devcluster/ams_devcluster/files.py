"""The directory of a control plane: what lies where."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ams_devcluster.errors import DevclusterError
from ams_devcluster.pki import Authority, key_pem, new_key, write_private
from ams_devcluster.process import runs_in

SERVICE_ADDRESSES = "10.96.0.0/16"
"""Addresses of Services; the first is the API server's own and stands in its certificate."""

_NAMES = ["localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc"]
_ADDRESSES = ["127.0.0.1", "::1", "10.96.0.1"]


class Files:
    """Paths in `directory`, which only its owner may enter (etcd's socket is there, and needs no password)."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.data = directory / "etcd"
        self.logs = directory / "logs"
        self.users = directory / "users"
        self.kubeconfig = directory / "kubeconfig"
        self.state = directory / "state.json"
        self.pki = directory / "pki"
        self.ca, self.ca_key = self._pair("ca")
        self.server, self.server_key = self._pair("server")
        self.admin, self.admin_key = self._pair("admin")
        self.manager, self.manager_key = self._pair("controller-manager")
        self.manager_kubeconfig = self.pki / "controller-manager.kubeconfig"
        self.service_account_key = self.pki / "service-accounts.key"

    def prepare(self) -> None:
        """Make directories and certificates that are not there yet.

        Raises DevclusterError where the directory holds other things.
        """
        if self.directory.is_dir() and not self.pki.is_dir() and any(self.directory.iterdir()):
            raise DevclusterError(f"{self.directory} has other files in it; name an empty or a new directory")
        self.directory.mkdir(parents=True, exist_ok=True)
        self.directory.chmod(0o700)
        for directory in (self.data, self.logs, self.users, self.pki):
            directory.mkdir(mode=0o700, exist_ok=True)
        # Written last, so that an interrupted preparation is made again as a whole.
        if not self.service_account_key.exists():
            self._make_certificates()

    def save_state(self, owner: int, port: int, pids: Mapping[str, int]) -> None:
        """Note what runs, so that another process can find and stop it."""
        partial = self.state.with_suffix(".partial")
        partial.write_text(json.dumps({"owner": owner, "port": port, "pids": dict(pids)}))
        partial.replace(self.state)

    def forget_pids(self) -> None:
        """Nothing runs any more; the port is kept for the next start."""
        if port := self.last_port():
            self.save_state(os.getpid(), port, {})

    def running(self) -> dict[str, int]:
        """Process ids, by program, of what runs in this directory, whoever started it."""
        pids: dict[str, int] = self._state().get("pids", {})
        return {name: pid for name, pid in pids.items() if runs_in(pid, self.directory)}

    def last_port(self) -> int | None:
        """The port of the last start."""
        port = self._state().get("port")
        return port if isinstance(port, int) else None

    def _state(self) -> dict[str, Any]:
        try:
            state = json.loads(self.state.read_text())
        except FileNotFoundError:
            return {}
        except ValueError as error:
            raise DevclusterError(f"{self.state} is damaged; remove {self.directory} and start again") from error
        return state if isinstance(state, dict) else {}

    def _pair(self, name: str) -> tuple[Path, Path]:
        return self.pki / f"{name}.crt", self.pki / f"{name}.key"

    def _make_certificates(self) -> None:
        authority = Authority.create()
        authority.save(self.ca, self.ca_key)
        for (certificate, key), issued in (
            ((self.server, self.server_key), authority.issue_server(_NAMES, _ADDRESSES)),
            ((self.admin, self.admin_key), authority.issue_client("admin", ["system:masters"])),
            ((self.manager, self.manager_key), authority.issue_client("system:kube-controller-manager", [])),
        ):
            certificate.write_bytes(issued[0])
            write_private(key, issued[1])
        write_private(self.service_account_key, key_pem(new_key()))
