"""The API server with the CRDs, and with what manifests/ says about rights, for every test here."""

import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.admission.cluster_client import Cluster, documents, manifest, path_of
from tests.patience import pause

MANIFESTS = Path(__file__).parents[2] / "manifests"
OPERATOR = "system:serviceaccount:ams-operator:ams-operator"


@pytest.fixture(scope="session")
def cluster(kubeconfig: Path, crds_installed: None) -> Iterator[Cluster]:
    """The API server, as its administrator."""
    connected = Cluster.connect(kubeconfig)
    yield connected
    connected.api.close()  # type: ignore[no-untyped-call]  # generated code


@pytest.fixture(scope="session")
def rights(cluster: Cluster) -> None:
    """Roles and admission policies of manifests/, in force."""
    for name in ("namespace", "service-account", "rbac", "roles", "admission-requests", "admission-operator"):
        for body in documents(MANIFESTS / f"{name}.yaml"):
            answer = cluster.apply_plain(body)
            assert answer.accepted, answer.says
    # The API server takes up policies and roles a moment after they are written.
    probe = manifest("Transform", f"probe-{uuid.uuid4().hex[:8]}", {"managementPolicy": "Observe"})
    until(lambda: not cluster.create(asking(probe, "probe"), "default", dry=True).accepted)
    assert cluster.create(probe, "default").accepted
    operator = cluster.as_user(OPERATOR)

    def refused(patch: dict[str, object], what: str) -> bool:
        return f"never changes {what}" in operator.merge(probe, "default", patch, dry=True).says[0]

    until(lambda: refused({"spec": {"description": "x"}}, "spec"))
    until(lambda: refused({"metadata": {"labels": {"x": "y"}}}, "labels"))
    cluster.request("DELETE", path_of(probe, "default"))


def asking(body: dict[str, object], *verbs: str) -> dict[str, object]:
    """A copy of an object with a request for each verb."""
    metadata = body["metadata"]
    assert isinstance(metadata, dict)
    annotations = {f"request.ams-operator.dev/{verb}": "1" for verb in verbs}
    return {**body, "metadata": {**metadata, "annotations": annotations}}


def until(condition: Callable[[], bool]) -> None:
    """Wait for a condition of the cluster; fails after half a minute."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() < began + 30, "the cluster did not get there within 30 s"
        pause(began)
