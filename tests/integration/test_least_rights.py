"""The operator as `manifests/` install it: as its ServiceAccount, with no right but those that they and docs/ give it.

All other tests here let it in as the cluster's administrator, which would hide a right that it lacks.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from kubernetes import client
from tests.admission.cluster_client import Cluster, documents
from tests.integration import on_air
from tests.integration.rig import Rig
from tests.integration.test_workload_identity import federate
from tests.patience import until

ROOT = Path(__file__).resolve().parents[2]
HOME = "ams-operator"
"""namespace and ServiceAccount of manifests/"""
OPERATOR = f"system:serviceaccount:{HOME}:{HOME}"


def granted_in_docs() -> list[dict[str, Any]]:
    """What docs/operations.md has a namespace grant, for its ServiceAccount `media`."""
    text = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    block = next(one for one in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL) if "serviceaccounts/token" in one)
    return [one for one in yaml.safe_load_all(block) if one["kind"] != "MediaServicesAccount"]


def in_force(cluster: Cluster, path: str) -> None:
    """The API server takes up roles a moment after they are written."""
    until(lambda: cluster.as_user(OPERATOR).request("GET", path).code != 403, f"the operator may read {path}")


@pytest.fixture
def installed(rig: Rig, kubeconfig: Path, tmp_path: Path) -> Cluster:
    """The rights of manifests/, and the operator of `rig` with them: its home, its key and its Lease are its own."""
    cluster = Cluster.connect(kubeconfig)
    for name in ("namespace", "service-account", "rbac"):
        for body in documents(ROOT / "manifests" / f"{name}.yaml"):
            assert cluster.apply_plain(body).accepted
    in_force(cluster, "/apis/ams-operator.dev/v1alpha1/transforms")
    in_force(cluster, f"/apis/coordination.k8s.io/v1/namespaces/{HOME}/leases/ams-operator")
    asked = client.AuthenticationV1TokenRequest(spec=client.V1TokenRequestSpec(audiences=[], expiration_seconds=3600))
    made = client.CoreV1Api(rig.cluster.api).create_namespaced_service_account_token(HOME, HOME, asked)
    assert made.status is not None
    config = yaml.safe_load(kubeconfig.read_text(encoding="utf-8"))
    config["users"][0]["user"] = {"token": made.status.token}
    rig.operator.kubeconfig = tmp_path / "operator.kubeconfig"
    rig.operator.kubeconfig.write_text(yaml.safe_dump(config), encoding="utf-8")
    rig.operator.home = HOME
    return cluster


@pytest.mark.usefixtures("variant")
def test_the_rights_of_the_manifests_are_enough(rig: Rig, installed: Cluster) -> None:
    on_air.quick(rig)
    rig.backend()
    application = federate(rig, "media")
    for body in granted_in_docs():
        body["metadata"]["namespace"] = rig.cluster.namespace
        if body["kind"] == "ServiceAccount":
            annotations = body["metadata"]["annotations"]
            annotations["azure.workload.identity/client-id"] = application
            annotations["azure.workload.identity/tenant-id"] = rig.emulator.tenant_id
        answer = installed.apply_plain(body)
        assert answer.accepted, answer.says
    in_force(installed, f"/api/v1/namespaces/{rig.cluster.namespace}/serviceaccounts/media")
    with rig.running() as operator:
        rig.account(credentials={"serviceAccountRef": {"name": "media"}})
        rig.cluster.secret("ingest", {"token": "0123456789abcdef0123456789abcdef"})
        on_air.asset(rig, deletionPolicy="Delete")
        ingest = {**on_air.INPUT, "accessTokenSecretRef": {"name": "ingest", "key": "token"}}
        on_air.event(rig, input=ingest, runState="Running", deletionPolicy="Delete")
        on_air.output(rig)
        rig.cluster.reason("LiveOutput", "recording", "Recording")
        assert client.CoreV1Api(rig.cluster.api).read_namespaced_secret("studio-connection", rig.cluster.namespace).data
        for kind, name in (("LiveOutput", "recording"), ("LiveEvent", "studio"), ("Asset", "tape")):
            rig.cluster.delete(kind, name)
            rig.cluster.gone(kind, name)
        rig.cluster.delete("MediaServicesAccount", "default")
        rig.cluster.gone("MediaServicesAccount", "default")
        told = client.EventsV1Api(rig.cluster.api).list_namespaced_event(rig.cluster.namespace).items
        assert {"Started", "Interrupted"} <= {one.reason for one in told}
        assert operator.metric("ams_operator_kubernetes_requests_total", code="403") == 0
        assert operator.metric("ams_operator_kubernetes_requests_total", kind="Lease", code="200") > 0
    assert "gave the Lease ams-operator up" in operator.text()
    assert "forbidden" not in operator.text()
