"""The Secrets that the operator writes: its own key and those of live events, and none besides."""

import base64
import uuid
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.admission.cluster_client import MERGE, Answer, Cluster, documents, manifest
from tests.admission.conftest import MANIFESTS, OPERATOR, until

pytestmark = [pytest.mark.cluster, pytest.mark.usefixtures("rights", "policy")]

POLICY = "admission-secrets.yaml"
OWNER = {"apiVersion": "ams-operator.dev/v1alpha1", "kind": "LiveEvent", "name": "studio", "controller": True}
DATA = {"preview": base64.b64encode(b"https://preview.example").decode()}


def secret(name: str, *owners: dict[str, Any], kind: str = "Opaque") -> dict[str, Any]:
    metadata = {"name": name, "ownerReferences": [{"uid": str(uuid.uuid4()), **owner} for owner in owners]}
    return {"apiVersion": "v1", "kind": "Secret", "type": kind, "metadata": metadata, "data": DATA}


def create(cluster: Cluster, namespace: str, body: dict[str, Any], dry: bool = False) -> Answer:
    query = "?dryRun=All" if dry else ""
    return cluster.request("POST", f"/api/v1/namespaces/{namespace}/secrets{query}", body)


def change(cluster: Cluster, namespace: str, name: str, patch: dict[str, Any]) -> Answer:
    return cluster.request("PATCH", f"/api/v1/namespaces/{namespace}/secrets/{name}", patch, content=MERGE)


@pytest.fixture
def connection(cluster: Cluster, namespace: str) -> dict[str, Any]:
    """The Secret of an event that is there: what nobody owns is taken away at once by the garbage collector."""
    spec = {"accountRef": {"name": "contoso"}, "input": {"streamingProtocol": "RTMP"}}
    event = cluster.create(manifest("LiveEvent", "studio", spec), namespace)
    assert event.accepted, event.says
    return secret("studio-connection", {**OWNER, "uid": event.body["metadata"]["uid"]})


@pytest.fixture(scope="module")
def policy(cluster: Cluster, rights: None) -> None:
    """The policy, in force."""
    for body in documents(MANIFESTS / POLICY):
        answer = cluster.apply_plain(body)
        assert answer.accepted, answer.says
    operator = cluster.as_user(OPERATOR)
    until(lambda: not create(operator, "default", secret("probe"), dry=True).accepted)


def test_the_operator_makes_and_renews_the_secret_of_an_event(
    cluster: Cluster, namespace: str, connection: dict[str, Any]
) -> None:
    operator = cluster.as_user(OPERATOR)
    made = create(operator, namespace, connection)
    assert made.accepted, made.says
    changed = change(operator, namespace, "studio-connection", {"data": {"preview": None}})
    assert changed.accepted, changed.says


def test_the_operator_makes_its_own_key_and_no_other_secret(cluster: Cluster, namespace: str) -> None:
    operator = cluster.as_user(OPERATOR)
    assert create(operator, "ams-operator", secret("ams-operator-fingerprint-key"), dry=True).accepted
    for where, body in (
        (namespace, secret("ams-operator-fingerprint-key")),
        ("ams-operator", secret("another")),
        (namespace, secret("owned-by-something-else", {**OWNER, "kind": "Transform"})),
        (namespace, secret("owned-and-not-controlled", {**OWNER, "controller": False})),
    ):
        refused = create(operator, where, body)
        assert refused.code == 403, body["metadata"]["name"]
        assert "only Secrets that a LiveEvent owns" in refused.body["message"]
    token = secret("token", OWNER, kind="example.org/other")
    assert "another type" in create(operator, namespace, token).body["message"]


def test_the_operator_changes_nobodys_secret_and_takes_none(
    cluster: Cluster, namespace: str, connection: dict[str, Any]
) -> None:
    assert create(cluster, namespace, secret("azure")).accepted
    operator = cluster.as_user(OPERATOR)
    assert change(operator, namespace, "azure", {"data": DATA | {"more": DATA["preview"]}}).code == 403
    claim = {"metadata": {"ownerReferences": [{**OWNER, "uid": str(uuid.uuid4())}]}}
    assert change(operator, namespace, "azure", claim).code == 403
    assert create(operator, namespace, connection).accepted
    refused = change(operator, namespace, "studio-connection", {"metadata": {"ownerReferences": None}})
    assert refused.code == 403
    assert "never changes whose a Secret is" in refused.body["message"]


def test_the_operator_neither_searches_nor_deletes_secrets(cluster: Cluster, namespace: str) -> None:
    operator = cluster.as_user(OPERATOR)
    path = f"/api/v1/namespaces/{namespace}/secrets"
    assert operator.request("GET", path).code == 403
    assert operator.request("DELETE", f"{path}/azure").code == 403


def test_the_policy_names_the_account_and_the_key_that_run() -> None:
    (found, _) = documents(MANIFESTS / POLICY)
    (account,) = documents(MANIFESTS / "service-account.yaml")
    namespace, name = account["metadata"]["namespace"], account["metadata"]["name"]
    text = yaml.safe_dump(found, width=1000)
    assert f"system:serviceaccount:{namespace}:{name}" in text
    assert f"request.namespace == ''{namespace}''" in text or f"request.namespace == '{namespace}'" in text
    assert Path(MANIFESTS / POLICY).name in (MANIFESTS / "kustomization.yaml").read_text(encoding="utf-8")
