"""Fixtures for tests that need a real API server; each test that uses one is marked `cluster`.

One control plane per test process, a namespace per test. `AMS_TEST_KUBECONFIG` names a cluster to use instead.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml
from kubernetes import client, config
from tests.patience import pause

from ams_devcluster import Cluster, ControlPlane, ExistingCluster, find_or_build
from ams_operator.api.base import GROUP, VERSION
from ams_operator.api.kinds import KINDS, MADE

_ROOT = Path(__file__).resolve().parent.parent
_PATIENCE = 60.0
_COLLECTIONS = {
    "CustomResourceDefinition": "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
    "ValidatingAdmissionPolicy": "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies",
    "ValidatingAdmissionPolicyBinding": "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings",
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs the control plane, so that `-m "not cluster"` is quick."""
    for item in items:
        if {"control_plane", "binaries"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.cluster)


@pytest.fixture(scope="session")
def control_plane(request: pytest.FixtureRequest) -> Iterator[Cluster]:
    """The cluster of this test process."""
    if named := os.environ.get("AMS_TEST_KUBECONFIG"):
        yield ExistingCluster(Path(named))
        return
    with ControlPlane(find_or_build(_aloud(request))) as own:
        yield own


@pytest.fixture(scope="session")
def kubeconfig(control_plane: Cluster) -> Path:
    """Its administrator's kubeconfig."""
    return control_plane.kubeconfig


@pytest.fixture(scope="session")
def kubectl(control_plane: Cluster) -> str:
    """A kubectl that fits it; empty where there is none."""
    own = control_plane.kubectl if isinstance(control_plane, ControlPlane) else None
    return str(own or shutil.which("kubectl") or "")


@pytest.fixture(scope="session")
def kubernetes_client(kubeconfig: Path) -> Iterator[client.ApiClient]:
    """A synchronous client of its administrator."""
    with config.new_client_from_config(str(kubeconfig)) as api_client:  # type: ignore[no-untyped-call]  # generated code
        yield api_client


@pytest.fixture
def namespace(control_plane: Cluster, kubernetes_client: client.ApiClient) -> Iterator[str]:
    """A fresh namespace. It stays where the control plane ends with the tests: each deletion costs a quarter of a
    second of processor time, a tenth of the whole run. Elsewhere it is deleted, and not waited for.

    The finalizers that a test left go first. Nobody else would take them away: a namespace and a definition could not
    end, and the control plane would try for as long as it runs.
    """
    core = client.CoreV1Api(kubernetes_client)
    name = f"test-{secrets.token_hex(4)}"
    core.create_namespace(client.V1Namespace(metadata=client.V1ObjectMeta(name=name)))
    yield name
    # A test may have left the API server stopped, or deleted the namespace itself.
    with contextlib.suppress(Exception):
        _release(client.CustomObjectsApi(kubernetes_client), name)
        if isinstance(control_plane, ExistingCluster):
            core.delete_namespace(name)


def _release(objects: client.CustomObjectsApi, namespace: str) -> None:
    for kind in (*KINDS, *MADE):
        place = (GROUP, VERSION, namespace, kind.plural)
        try:
            found: Any = objects.list_namespaced_custom_object(*place)
        except client.ApiException as error:
            if error.status != 404:
                raise
            continue  # not installed, or not in namespaces
        for name in [one["metadata"]["name"] for one in found["items"] if one["metadata"].get("finalizers")]:
            objects.patch_namespaced_custom_object(*place, name, {"metadata": {"finalizers": None}})


@pytest.fixture(scope="session")
def crds_installed(kubernetes_client: client.ApiClient) -> None:
    """The repository's CRDs, established, and its admission policies.

    A policy takes effect some time after it was applied, and nothing says when: a test of one tries until it does.
    """
    install_crds(kubernetes_client)


def install_crds(api_client: client.ApiClient) -> None:
    """Apply what `crds_installed` promises; again, after a test deleted a part of it."""
    documents = [
        document
        for path in [*sorted((_ROOT / "crds").glob("*.yaml")), *sorted((_ROOT / "manifests").glob("*.yaml"))]
        for document in yaml.safe_load_all(path.read_text())
        if isinstance(document, dict) and document.get("kind") in _COLLECTIONS
    ]
    for document in documents:
        apply(api_client, document)
    names = [document["metadata"]["name"] for document in documents if document["kind"] == "CustomResourceDefinition"]
    for name in names:
        wait_for(partial(_established, api_client, name), f"the CRD {name} is Established")


def apply(api_client: client.ApiClient, document: dict[str, Any]) -> None:
    """Server-side apply of a cluster-scoped object."""
    name = document["metadata"]["name"]
    path = f"{_COLLECTIONS[document['kind']]}/{name}"
    headers = {"Content-Type": "application/apply-patch+yaml", "Accept": "application/json"}
    api_client.update_params_for_auth(headers, [], ["BearerToken"], path, "PATCH", document)
    url = f"{api_client.configuration.host}{path}?fieldManager=tests&force=true"
    # Below the generated client, which sends no apply patches.
    answer = api_client.rest_client.pool_manager.request("PATCH", url, body=json.dumps(document), headers=headers)
    if answer.status not in (200, 201):
        pytest.fail(f"{document['kind']} {name} was refused: {answer.data.decode(errors='replace')[:2000]}")


def _established(api_client: client.ApiClient, name: str) -> bool:
    status = client.ApiextensionsV1Api(api_client).read_custom_resource_definition(name).status
    conditions = (status.conditions if status else None) or []
    return any(condition.type == "Established" and condition.status == "True" for condition in conditions)


def wait_for(condition: Callable[[], bool], what: str, patience: float = _PATIENCE) -> None:
    """Return when `condition` holds; fails with `what` where it does not within `patience` seconds."""
    began = time.monotonic()
    while not condition():
        if time.monotonic() > began + patience:
            pytest.fail(f"After {patience:.0f} s still not: {what}")
        pause(began)


def _aloud(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Progress past pytest's capture: a first build takes minutes."""
    capture = request.config.pluginmanager.getplugin("capturemanager")

    def say(text: str) -> None:
        with capture.global_and_fixture_disabled() if capture else contextlib.nullcontext():
            print(text, flush=True)

    return say
