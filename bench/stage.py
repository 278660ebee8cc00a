"""What every measurement runs on: a control plane and an emulator of its own, and a namespace per measurement."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from ams_devcluster import ControlPlane, find_or_build
from ams_devcluster.process import Watcher
from ams_emulator.testing import Emulator
from bench.cluster import Admin, Failed, admin
from bench.objects import manifest, path
from bench.processes import OperatorProcess

ROOT: Final = Path(__file__).resolve().parent.parent
_CRDS: Final = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
_SECRET_KEYS: Final = ("AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET")


@dataclass
class Stage:
    """The servers, and an administrator of both."""

    control_plane: ControlPlane
    emulator: Emulator
    admin: Admin
    directory: Path
    watcher: Watcher

    def servers(self) -> dict[str, int]:
        """Process ids by name."""
        pids = self.control_plane.pids
        return {"apiserver": pids["kube-apiserver"], "etcd": pids["etcd"], "emulator": self.emulator.pid}

    async def scene(
        self, name: str, accounts: int = 1, interval: str = "0s", *, declared: bool = True, **options: Any
    ) -> Scene:
        """A namespace with credentials and accounts that exist in the service; nothing runs yet.

        Sweeps are off while requests are counted, unless `interval` says otherwise. `declared` False: the accounts
        have no objects yet.
        """
        namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
        await self.admin.call("POST", "/api/v1/namespaces", namespace)
        values = (self.emulator.tenant_id, self.emulator.client_id, self.emulator.client_secret)
        secret = {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": "azure"},
            "stringData": dict(zip(_SECRET_KEYS, values, strict=True)),
        }
        await self.admin.call("POST", f"/api/v1/namespaces/{name}/secrets", secret)
        operator = OperatorProcess(self.control_plane.kubeconfig, name, self.directory, self.watcher, **options)
        scene = Scene(self, name, tuple(f"{name}{number}".replace("-", "") for number in range(accounts)), operator)
        for account in scene.accounts:
            self.emulator.control.add_account(account)
            if declared:
                await self.admin.create("MediaServicesAccount", name, account, scene.account_spec(account, interval))
        return scene


@dataclass
class Scene:
    """One namespace, its accounts and its operator."""

    stage: Stage
    namespace: str
    accounts: tuple[str, ...]
    operator: OperatorProcess

    def account_spec(self, account: str, interval: str) -> dict[str, Any]:
        """The account as manifest."""
        emulator = self.stage.emulator
        return {
            "azureName": account,
            "subscriptionId": emulator.subscription_id,
            "resourceGroup": emulator.resource_group,
            "credentials": {"secretRef": {"name": "azure"}},
            "driftInterval": interval,
        }

    def account_of(self, number: int) -> str:
        """The account in which transform `number` lies."""
        return self.accounts[number % len(self.accounts)]

    def resource_id(self, number: int) -> str:
        """Where the service has transform `number`."""
        return f"{self.stage.emulator.account_id(self.account_of(number))}/transforms/{name_of(number)}"

    async def accounts_ready(self) -> None:
        """Wait until the operator may use each account."""
        for account in self.accounts:
            for _ in range(600):
                found = await self.stage.admin.call("GET", path("MediaServicesAccount", self.namespace, account))
                conditions = found.get("status", {}).get("conditions") or ()
                if any(one["type"] == "Ready" and one["status"] == "True" for one in conditions):
                    break
                await asyncio.sleep(0.1)
            else:
                raise Failed(f"the account {account} did not get ready: {found.get('status')}")


def name_of(number: int) -> str:
    """Name of transform `number`."""
    return f"transform-{number:04d}"


@asynccontextmanager
async def staged(say: Any) -> AsyncIterator[Stage]:
    """All servers, for the block."""
    binaries = await asyncio.to_thread(find_or_build, say)
    with ExitStack() as ends:
        directory = Path(tempfile.mkdtemp(prefix="ams-bench-"))
        ends.callback(shutil.rmtree, directory, ignore_errors=True)
        watcher = Watcher(directory)
        ends.callback(watcher.close)
        say("starting etcd, kube-apiserver, kube-controller-manager and ams-emulator")
        control_plane = ends.enter_context(ControlPlane(binaries))
        emulator = ends.enter_context(Emulator("--tls", data=directory))
        async with admin(control_plane.kubeconfig) as used:
            await _install(used)
            await used.apply(_backend(emulator), path("MediaServicesBackend", "", "default"))
            yield Stage(control_plane, emulator, used, directory, watcher)


async def _install(used: Admin) -> None:
    names = []
    for file in sorted((ROOT / "crds").glob("*.yaml")):
        document = yaml.safe_load(file.read_text())
        names.append(document["metadata"]["name"])
        await used.apply(document, f"{_CRDS}/{names[-1]}")
    for name in names:
        while True:
            found = await used.call("GET", f"{_CRDS}/{name}")
            conditions = found.get("status", {}).get("conditions") or ()
            if any(one["type"] == "Established" and one["status"] == "True" for one in conditions):
                break
            await asyncio.sleep(0.05)


def _backend(emulator: Emulator) -> dict[str, Any]:
    assert emulator.ca_file is not None
    bundle = Path(emulator.ca_file).read_text()
    spec = {"type": "armCompatible", "endpoint": emulator.url, "authority": emulator.url, "audience": emulator.url}
    return manifest("MediaServicesBackend", "default", {**spec, "caBundle": bundle, "allowPrivate": True})
