"""The files that users apply: examples and manifests, as the API server sees them."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.admission.cluster_client import Cluster, documents
from tests.repo import markdown

from ams_operator.api.base import GROUP
from ams_operator.api.kinds import kind_named

pytestmark = pytest.mark.cluster

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "examples").rglob("*.yaml"))
PASTED = [
    pytest.param(block, id=f"{path.name}-{count}")
    for path in markdown.documents(ROOT)
    for count, block in enumerate(markdown.blocks(path.read_text(encoding="utf-8")))
    if block.startswith("apiVersion:")
]
"""the blocks of the documents that are whole manifests"""


def accept(cluster: Cluster, namespace: str, body: dict[str, Any]) -> None:
    if not body["apiVersion"].startswith(GROUP):  # a Secret's value may be a number for YAML, and refused
        body = body | {"metadata": {"namespace": namespace} | body["metadata"]}
        assert cluster.apply_plain(body).says == [""]
        return
    created = cluster.create(body, namespace, dry=True)
    assert created.says == [""]
    assert created.body["spec"] == body["spec"]
    kind_named(body["kind"]).spec.model_validate(body["spec"])


@pytest.mark.parametrize("block", PASTED)
def test_what_the_documents_show_can_be_pasted(cluster: Cluster, namespace: str, block: str) -> None:
    bodies = list(yaml.safe_load_all(block))
    assert any(body["apiVersion"].startswith(GROUP) for body in bodies)
    for body in bodies:
        accept(cluster, namespace, body)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_examples_are_accepted(cluster: Cluster, namespace: str, path: Path) -> None:
    for body in documents(path):
        accept(cluster, namespace, body)


def test_the_default_backend_is_accepted(cluster: Cluster) -> None:
    (body,) = documents(ROOT / "manifests" / "backend.yaml")
    assert body["metadata"]["name"] == "default"
    assert cluster.apply(body, "", dry=True).says == [""]


def test_the_pod_runs_under_the_restricted_profile(cluster: Cluster, namespace: str) -> None:
    cluster.request(
        "PATCH",
        f"/api/v1/namespaces/{namespace}",
        {"metadata": {"labels": {"pod-security.kubernetes.io/enforce": "restricted"}}},
        content="application/merge-patch+json",
    )
    account = {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": {"name": "ams-operator", "namespace": namespace},
    }
    assert cluster.apply_plain(account).accepted
    (deployment,) = documents(ROOT / "manifests" / "deployment.yaml")
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "ams-operator"},
        "spec": deployment["spec"]["template"]["spec"],
    }
    path = f"/api/v1/namespaces/{namespace}/pods"
    answer = cluster.request("POST", path, pod, dryRun="All", fieldValidation="Strict")
    assert answer.says == [""]
    loose = deepcopy(pod)
    loose["spec"]["containers"][0]["securityContext"]["allowPrivilegeEscalation"] = True
    assert cluster.request("POST", path, loose, dryRun="All").code == 403  # the profile is in force


def test_what_runs_the_operator_is_accepted(cluster: Cluster, namespace: str) -> None:
    for name in ("deployment", "service", "network-policy"):
        (body,) = documents(ROOT / "manifests" / f"{name}.yaml")
        body["metadata"]["namespace"] = namespace
        assert cluster.apply_plain(body).says == [""]
