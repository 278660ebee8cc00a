"""Everything that has to run for the story, brought up in order and taken down in the opposite one."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final, Self

import yaml

from ams_devcluster import ControlPlane, ExistingCluster, find_or_build
from ams_devcluster.process import Watcher
from demo import access, manifests
from demo.children import tail
from demo.cluster import JSON, ON_AIR, OURS, Cluster
from demo.errors import DemoError
from demo.manifests import HOME, NAMESPACE
from demo.processes import Operator, start_emulator
from demo.service import Service
from demo.show import Screen
from demo.waiting import until

_LAST_LINES: Final = 15


class Stage:
    """The control plane, the service and the operator. A context manager; `set_up` starts everything.

    With `kubeconfig` that cluster is used, and what the demo made there is removed at the end; else one of its own.
    """

    cluster: Cluster
    service: Service
    operator: Operator
    kubectl: Path | None = None
    """A kubectl that fits, where the demo has one."""

    def __init__(self, screen: Screen, kubeconfig: Path | None = None) -> None:
        self._screen = screen
        self._given = kubeconfig
        self._made: list[JSON] = []
        self._ends = contextlib.ExitStack()
        self._checks: list[Callable[[], None]] = []
        self._logs: dict[str, Path] = {}
        self.directory = Path(tempfile.mkdtemp(prefix="ams-demo-"))
        self._watcher = Watcher(self.directory)
        self._ends.callback(shutil.rmtree, self.directory, ignore_errors=True)
        self._ends.callback(self._watcher.close)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._screen.alive = lambda: None
        with self._screen.working("Cleaning up"):
            try:
                self._ends.close()
            except DemoError as error:
                self._screen.line(f"not everything could be removed: {error}", "red")

    @property
    def is_given(self) -> bool:
        """Whether the cluster is somebody else's."""
        return self._given is not None

    def set_up(self) -> None:
        """Start everything. Raises DemoError and DevclusterError where something does not."""
        self._screen.alive = self._all_run
        kubeconfig = ExistingCluster(self._given).kubeconfig if self._given else self._control_plane()
        self.cluster = Cluster(kubeconfig)
        self._ends.callback(self.cluster.close)
        if self._given is not None:
            with self._screen.working(f"Looking at the cluster {self.cluster.server}"):
                self._refuse_if_in_use()
        emulator, place = start_emulator(self._screen, self.directory, self._watcher)
        self._ends.callback(emulator.stop)
        self._checks.append(emulator.check)
        self._logs["emulator"] = emulator.log
        self.service = Service(place)
        self._screen.line(f"Media Services is emulated at {place.url}")
        if self._given is not None:
            self._ends.callback(self._remove_made)
        with self._screen.working("Installing crds/ and manifests/"):
            self._install()
        self._start_operator()

    def apply(self, document: JSON) -> None:
        """Apply an object, and remember it for the end where it is new."""
        if self.cluster.apply(document):
            self._made.append(document)

    def tails(self) -> dict[str, list[str]]:
        """The end of each log."""
        return {name: tail(path, _LAST_LINES) for name, path in self._logs.items()}

    def ended(self) -> str | None:
        """Which program ended though nobody asked it to: the likely cause of everything else that fails."""
        for check in self._checks:
            try:
                check()
            except DemoError as error:
                return str(error)
        return None

    def _control_plane(self) -> Path:
        with self._screen.progress() as progress:
            binaries = find_or_build(progress)
        control_plane = ControlPlane(binaries)
        self._ends.callback(control_plane.stop)
        self.kubectl = control_plane.kubectl
        with self._screen.working("Starting etcd, kube-apiserver and kube-controller-manager"):
            control_plane.start()
        names = control_plane.pids.keys()

        def check() -> None:
            if gone := names - control_plane.pids.keys():
                raise DemoError(f"{', '.join(sorted(gone))} ended")

        self._checks.append(check)
        self._logs["kube-apiserver"] = control_plane.logs / "kube-apiserver.log"
        config = yaml.safe_load(control_plane.kubeconfig.read_text())
        config["contexts"][0]["context"]["namespace"] = NAMESPACE
        return access.write(self.directory / "kubeconfig", config)

    def _refuse_if_in_use(self) -> None:
        """At the end the demo removes its namespaces and its kinds, and with them every object of these kinds."""
        names = [("Namespace", NAMESPACE), ("Namespace", HOME)]
        names += [("CustomResourceDefinition", document["metadata"]["name"]) for document in manifests.kinds()]
        for kind, name in names:
            until(f"the {kind} {name}, which is being deleted, is gone", partial(self._not_ending, kind, name))
            if self.cluster.get(kind, name) is not None:
                raise DemoError(
                    f"the cluster {self.cluster.server} has the {kind} {name} already, so somebody may use the "
                    "operator there: name another cluster, or none for one of the demo's own"
                )

    def _not_ending(self, kind: str, name: str) -> bool:
        found = self.cluster.get(kind, name)
        return found is None or "deletionTimestamp" not in found["metadata"]

    def _install(self) -> None:
        for document in manifests.kinds():
            self.apply(document)
        for document in manifests.kinds():
            name = document["metadata"]["name"]
            until(f"the kind {name} is established", partial(self._established, name))
        for document in [*manifests.installation(), manifests.backend(self.service.place), manifests.namespace()]:
            self.apply(document)

    def _established(self, name: str) -> bool:
        found = self.cluster.get("CustomResourceDefinition", name) or {}
        conditions = found.get("status", {}).get("conditions", ())
        return any(item["type"] == "Established" and item["status"] == "True" for item in conditions)

    def _start_operator(self) -> None:
        """As its own ServiceAccount, so that its RBAC and the admission policies apply as in any cluster."""
        kubeconfig = access.kubeconfig_of(self.cluster, HOME, "ams-operator", self.directory / "operator.kubeconfig")
        self.operator = Operator(kubeconfig, self.directory, self._watcher)
        self._ends.callback(self.operator.child.stop)
        self._checks.append(self.operator.child.check)
        self._logs["operator"] = self.operator.child.log
        self._screen.wait("Starting the operator", self.operator.is_ready)
        if self._given is not None:
            self._ends.callback(self._delete_objects)

    def _delete_objects(self) -> None:
        """While the operator still runs: it removes what it holds on to. All are of the demo, as their kinds are."""
        if self.ended():
            return
        for item in self._objects():
            self._delete(item)
        with contextlib.suppress(DemoError):
            until("all objects are gone", lambda: not self._objects(), patience=15)

    def _remove_made(self) -> None:
        """What is left when the operator runs no more, the kinds last."""
        for item in self._objects():
            self._delete(item)
            self.cluster.drop_finalizers(item["kind"], item["metadata"]["name"], item["metadata"]["namespace"])
        for document in reversed(self._made):
            metadata = document["metadata"]
            self.cluster.delete(document["kind"], metadata["name"], metadata.get("namespace"))

    def _delete(self, item: JSON) -> None:
        """Of what is on air the API server wants to know first what its deletion means."""
        kind, name, namespace = item["kind"], item["metadata"]["name"], item["metadata"]["namespace"]
        if kind in ON_AIR and "deletionTimestamp" not in item["metadata"]:
            self.cluster.merge(kind, name, namespace, {"spec": {"deletionPolicy": "Delete"}})
        self.cluster.delete(kind, name, namespace)

    def _all_run(self) -> None:
        if ended := self.ended():
            raise DemoError(ended)

    def _objects(self) -> list[JSON]:
        return [item for kind in reversed(OURS) for item in self.cluster.objects(kind)]
