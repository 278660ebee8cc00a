"""Who may do what: requests need a verb of their own, and the operator keeps its hands off users' objects."""

from typing import Any

import pytest
from tests.admission.cluster_client import APPLY, MERGE, Answer, Cluster, manifest, path_of
from tests.admission.conftest import OPERATOR, asking

pytestmark = [pytest.mark.cluster, pytest.mark.usefixtures("rights")]

ONCE = ("start", "stop", "standby", "reset", "sync-keys", "inventory")
CONSENT = ("approve", "recreate", "run-anyway", "abandon", "cut-over")
PREFIX = "request.ams-operator.dev/"
SAMPLE = manifest(
    "Transform",
    "sample",
    {
        "managementPolicy": "Plan",
        "description": "x",
        "outputs": [{"preset": {"builtInStandardEncoder": {"presetName": "AdaptiveStreaming"}}}],
    },
)


@pytest.fixture
def editor(cluster: Cluster, namespace: str) -> Cluster:
    """Somebody who may edit manifests, and no more."""
    grant(cluster, namespace, "ed", "ams-operator-view", "ams-operator-edit")
    return cluster.as_user("ed")


@pytest.fixture
def approver(cluster: Cluster, namespace: str) -> Cluster:
    """Somebody who may consent."""
    grant(cluster, namespace, "ann", "ams-operator-approve")
    return cluster.as_user("ann")


@pytest.fixture
def sample(cluster: Cluster, namespace: str) -> dict[str, Any]:
    """A transform under managementPolicy Plan."""
    assert cluster.create(SAMPLE, namespace).accepted
    return SAMPLE


def grant(cluster: Cluster, namespace: str, user: str, *roles: str) -> None:
    for role in roles:
        answer = cluster.apply_plain(
            {
                "apiVersion": "rbac.authorization.k8s.io/v1",
                "kind": "RoleBinding",
                "metadata": {"name": f"{user}-{role}", "namespace": namespace},
                "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role},
                "subjects": [{"kind": "User", "name": user, "apiGroup": "rbac.authorization.k8s.io"}],
            }
        )
        assert answer.accepted, answer.says


def ask(cluster: Cluster, namespace: str, verb: str, value: str | None = "1") -> Answer:
    return cluster.merge(SAMPLE, namespace, {"metadata": {"annotations": {PREFIX + verb: value}}})


@pytest.mark.parametrize("verb", ONCE)
def test_an_editor_may_ask_for_what_the_spec_could_do_too(
    editor: Cluster, sample: dict[str, Any], namespace: str, verb: str
) -> None:
    assert ask(editor, namespace, verb).says == [""]


@pytest.mark.parametrize("verb", CONSENT)
def test_consent_needs_the_verb_of_its_name(
    editor: Cluster, approver: Cluster, sample: dict[str, Any], namespace: str, verb: str
) -> None:
    refused = ask(editor, namespace, verb)
    assert refused.code == 403
    assert refused.body["message"].endswith(
        f"the annotation {PREFIX}{verb} needs the RBAC verb '{verb}' on this object"
    )
    assert ask(approver, namespace, verb).says == [""]
    # What stands there may stay, go, but not change.
    assert editor.merge(SAMPLE, namespace, {"spec": {"description": "y"}}).says == [""]
    assert ask(editor, namespace, verb, "2").code == 403
    assert ask(editor, namespace, verb, None).says == [""]


def test_consent_in_a_new_object_needs_the_verb_too(editor: Cluster, namespace: str) -> None:
    assert editor.create(asking(SAMPLE, "approve"), namespace).code == 403
    assert editor.create(SAMPLE, namespace).says == [""]


def test_an_unknown_request_names_the_known_ones(cluster: Cluster, sample: dict[str, Any], namespace: str) -> None:
    refused = ask(cluster, namespace, "aprove")
    assert refused.code == 422
    assert f"unknown request aprove; the annotation is {PREFIX}<verb> with one of start, " in refused.body["message"]


def test_all_requests_at_once_stay_within_the_cost_limit(cluster: Cluster, namespace: str) -> None:
    assert cluster.create(asking(SAMPLE, *ONCE, *CONSENT), namespace).says == [""]


@pytest.mark.parametrize("policy", ["Manage", "Observe", "Pause", None])
def test_leaving_plan_needs_the_right_to_approve(
    editor: Cluster, approver: Cluster, sample: dict[str, Any], namespace: str, policy: str | None
) -> None:
    leave = {"spec": {"managementPolicy": policy}}
    refused = editor.merge(SAMPLE, namespace, leave)
    assert refused.code == 403
    assert "leaving managementPolicy Plan needs the RBAC verb 'approve'" in refused.body["message"]
    assert approver.merge(SAMPLE, namespace, leave).says == [""]
    assert editor.merge(SAMPLE, namespace, {"spec": {"managementPolicy": "Plan"}}).says == [""]


def test_an_editor_may_not_write_a_status(editor: Cluster, sample: dict[str, Any], namespace: str) -> None:
    path = path_of(SAMPLE, namespace) + "/status"
    assert editor.request("PATCH", path, {"status": {"resourceId": "x"}}, content=MERGE).code == 403


# The operator


def test_the_operator_writes_its_finalizer_and_the_status(
    cluster: Cluster, sample: dict[str, Any], namespace: str
) -> None:
    operator = cluster.as_user(OPERATOR)
    read = operator.request("GET", path_of(SAMPLE, namespace))
    patch = {
        "metadata": {
            "resourceVersion": read.body["metadata"]["resourceVersion"],
            "finalizers": ["ams-operator.dev/finalizer"],
        }
    }
    with_finalizer = operator.merge(SAMPLE, namespace, patch)
    assert with_finalizer.says == [""]
    assert operator.merge(SAMPLE, namespace, patch).code == 409  # stale
    version = with_finalizer.body["metadata"]["resourceVersion"]
    condition = {
        "type": "Ready",
        "status": "Unknown",
        "reason": "Progressing",
        "message": "",
        "lastTransitionTime": "2024-01-01T00:00:00Z",
        "observedGeneration": 1,
    }
    body = {
        **manifest("Transform", "sample", None, resourceVersion=version),
        "status": {"observedGeneration": 1, "conditions": [condition], "record": {"act": {"name": "create"}}},
    }
    del body["spec"]
    path = path_of(SAMPLE, namespace) + "/status"

    def write() -> Answer:
        return operator.request("PATCH", path, body, content=APPLY, fieldManager="ams-operator", force="true")

    written = write()
    assert written.says == [""]
    assert written.body["status"]["record"] == {"act": {"name": "create"}}
    body["metadata"]["resourceVersion"] = written.body["metadata"]["resourceVersion"]
    version = write().body["metadata"]["resourceVersion"]
    assert version == body["metadata"]["resourceVersion"]  # an equal status is no write
    assert operator.merge(SAMPLE, namespace, {"metadata": {"finalizers": []}}).says == [""]


@pytest.mark.parametrize(
    ("patch", "what"),
    [
        ({"spec": {"description": "y"}}, "spec"),
        ({"metadata": {"labels": {"a": "b"}}}, "labels"),
        ({"metadata": {"annotations": {"a": "b"}}}, "annotations"),
        ({"metadata": {"finalizers": ["ams-operator.dev/finalizer"]}}, "the finalizers of others"),
        (
            {"metadata": {"ownerReferences": [{"apiVersion": "v1", "kind": "Secret", "name": "a", "uid": "b"}]}},
            "owner references",
        ),
    ],
)
def test_the_operator_keeps_its_hands_off(cluster: Cluster, namespace: str, patch: dict[str, Any], what: str) -> None:
    body = manifest("Transform", "sample", SAMPLE["spec"], finalizers=["example.org/other"])
    assert cluster.create(body, namespace).accepted
    refused = cluster.as_user(OPERATOR).merge(body, namespace, patch)
    assert refused.code == 422
    assert refused.body["message"].endswith(f"the operator never changes {what}")
    assert cluster.merge(
        body, namespace, {**patch, "metadata": {**patch.get("metadata", {}), "finalizers": []}}
    ).accepted


@pytest.mark.parametrize(
    ("verb", "group", "resource", "name", "allowed"),
    [
        ("list", "ams-operator.dev", "transforms", "", True),
        ("watch", "ams-operator.dev", "mediaservicesaccounts", "", True),
        ("list", "ams-operator.dev", "mediaservicesbackends", "", True),
        ("get", "", "secrets", "azure", True),
        ("watch", "", "namespaces", "", True),
        ("get", "apiextensions.k8s.io", "customresourcedefinitions", "transforms.ams-operator.dev", True),
        ("create", "events.k8s.io", "events", "", True),
        ("list", "", "secrets", "", False),
        ("watch", "", "secrets", "", False),
        ("create", "", "secrets", "", True),  # and which ones: test_secrets.py
        ("patch", "", "secrets", "studio-connection", True),
        ("update", "", "secrets", "", False),
        ("delete", "", "secrets", "studio-connection", False),
        ("create", "", "serviceaccounts/token", "any", False),
        ("get", "apiextensions.k8s.io", "customresourcedefinitions", "others.example.org", False),
        ("update", "ams-operator.dev", "transforms", "", False),
        ("create", "ams-operator.dev", "transforms", "", False),
        ("delete", "ams-operator.dev", "transforms", "", False),
        ("patch", "ams-operator.dev", "mediaservicesbackends", "", False),
        ("approve", "ams-operator.dev", "transforms", "", False),
    ],
)
def test_the_operators_rights_are_these(
    cluster: Cluster, namespace: str, verb: str, group: str, resource: str, name: str, *, allowed: bool
) -> None:
    assert may(cluster, namespace, verb, group, resource, name) == allowed


def test_the_operator_makes_its_own_secret_and_its_own_lease(cluster: Cluster) -> None:
    home, leases = "ams-operator", ("coordination.k8s.io", "leases")
    assert may(cluster, home, "create", "", "secrets", "")
    assert may(cluster, home, "create", *leases, "")
    assert may(cluster, home, "get", *leases, "ams-operator")
    assert may(cluster, home, "patch", *leases, "ams-operator")
    assert not may(cluster, home, "patch", *leases, "another")
    assert not may(cluster, home, "delete", *leases, "ams-operator")
    assert not may(cluster, "default", "patch", *leases, "ams-operator")
    assert not may(cluster, home, "update", "", "secrets", "ams-operator-fingerprint-key")


def may(cluster: Cluster, namespace: str, verb: str, group: str, resource: str, name: str) -> bool:
    """Whether the operator has a right."""
    resource, _, subresource = resource.partition("/")
    answer = cluster.request(
        "POST",
        "/apis/authorization.k8s.io/v1/subjectaccessreviews",
        {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SubjectAccessReview",
            "spec": {
                "user": OPERATOR,
                "resourceAttributes": {
                    "namespace": namespace,
                    "verb": verb,
                    "group": group,
                    "resource": resource,
                    "subresource": subresource,
                    "name": name,
                },
            },
        },
    )
    assert answer.accepted, answer.says
    allowed: bool = answer.body["status"]["allowed"]
    return allowed
