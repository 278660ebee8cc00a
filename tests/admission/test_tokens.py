"""Attack: the operator, or whoever got hold of it, makes a tenant's ServiceAccount act at the API server."""

import uuid
from typing import Any

import pytest
from tests.admission.cluster_client import Answer, Cluster, documents
from tests.admission.conftest import MANIFESTS, OPERATOR, until

pytestmark = [pytest.mark.cluster, pytest.mark.usefixtures("policy")]

EXCHANGE = "api://AzureADTokenExchange"
ROLE = "ams-operator-tokens"


@pytest.fixture(scope="module")
def policy(cluster: Cluster, rights: None) -> None:
    """The policy, in force."""
    for body in documents(MANIFESTS / "admission-tokens.yaml"):
        answer = cluster.apply_plain(body)
        assert answer.accepted, answer.says
    consent(cluster, "default", "default")
    until(lambda: token(cluster, "default", "default", [EXCHANGE]).accepted)
    until(lambda: not token(cluster, "default", "default", []).accepted)


def consent(cluster: Cluster, namespace: str, name: str) -> None:
    """What a tenant writes: docs/operations.md."""
    for body in (
        {"kind": "Role", "rules": [{"apiGroups": [""], "resources": ["serviceaccounts/token"], "resourceNames": [name],
                                    "verbs": ["create"]}]},
        {"kind": "RoleBinding",
         "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": ROLE},
         "subjects": [{"kind": "ServiceAccount", "name": "ams-operator", "namespace": "ams-operator"}]},
    ):  # fmt: skip
        metadata = {"name": ROLE, "namespace": namespace}
        answer = cluster.apply_plain({"apiVersion": "rbac.authorization.k8s.io/v1", "metadata": metadata, **body})
        assert answer.accepted, answer.says


def token(
    cluster: Cluster, namespace: str, name: str, audiences: list[str], seconds: int | None = 600, user: str = OPERATOR
) -> Answer:
    spec: dict[str, Any] = {"audiences": audiences, **({"expirationSeconds": seconds} if seconds else {})}
    body = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": spec}
    path = f"/api/v1/namespaces/{namespace}/serviceaccounts/{name}/token"
    return cluster.as_user(user).request("POST", path, body)


@pytest.mark.parametrize(
    ("audiences", "seconds", "words"),
    [
        ([], 600, "only tokens for api://AzureADTokenExchange"),
        (["https://kubernetes.default.svc.cluster.local"], 600, "only tokens for api://AzureADTokenExchange"),
        ([EXCHANGE, "https://vault.example"], 600, "only tokens for api://AzureADTokenExchange"),
        ([EXCHANGE], 3600, "within 10 minutes"),
        ([EXCHANGE], None, "within 10 minutes"),
    ],
)
def test_a_token_that_opens_more_than_the_exchange_is_refused(
    cluster: Cluster, audiences: list[str], seconds: int | None, words: str
) -> None:
    refused = token(cluster, "default", "default", audiences, seconds)
    assert refused.code == 403
    assert words in refused.body["message"]


def test_nobodys_identity_without_his_consent(cluster: Cluster, namespace: str) -> None:
    """Consent to one ServiceAccount is none to its neighbours."""
    other = f"other-{uuid.uuid4().hex[:6]}"
    body = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": other, "namespace": "default"}}
    assert cluster.apply_plain(body).accepted
    refused = token(cluster, "default", other, [EXCHANGE])
    assert refused.code == 403
    assert 'cannot create resource "serviceaccounts/token"' in refused.body["message"]
    assert token(cluster, namespace, "default", [EXCHANGE]).code == 403


def test_others_are_not_concerned(cluster: Cluster) -> None:
    assert token(cluster, "default", "default", ["https://vault.example"], 3600, user="").accepted
