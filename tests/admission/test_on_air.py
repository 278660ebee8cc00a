"""What is on air is not deleted by mistake: the manifest has to say what deleting it means."""

import uuid
from typing import Any

import pytest
from tests.admission.cluster_client import MERGE, Answer, Cluster, manifest, path_of
from tests.admission.conftest import until

from ams_operator.domain.model import Act, Record
from ams_operator.domain.record import dump
from ams_operator.domain.running import start
from ams_operator.domain.writes import CREATE

pytestmark = [pytest.mark.cluster, pytest.mark.usefixtures("in_force")]

EVENT = {"input": {"streamingProtocol": "RTMP"}}
OUTPUT = {"liveEventRef": {"name": "a"}, "assetRef": {"name": "b"}, "archiveWindowLength": "PT1H"}
NAMESPACE_CONTROLLER = "system:serviceaccount:kube-system:namespace-controller"


@pytest.fixture(scope="module")
def in_force(cluster: Cluster) -> None:
    """The policy takes effect a moment after it is written, and nothing says when."""
    probe = put(cluster, "default", "LiveEvent", EVENT, "Running", f"probe-{uuid.uuid4().hex[:8]}")
    until(lambda: not delete(cluster, "default", probe, dry=True).accepted)
    assert declare(cluster, "default", probe, deletionPolicy="Retain").accepted
    assert delete(cluster, "default", probe).accepted


def put(
    cluster: Cluster, namespace: str, kind: str, spec: dict[str, Any], state: str | None, name: str = "sample"
) -> dict[str, Any]:
    """An object whose status says that state."""
    body = manifest(kind, name, spec)
    assert cluster.apply(body, namespace).says == [""]
    if state is not None:
        path = path_of(body, namespace) + "/status"
        answer = cluster.request("PATCH", path, {"status": {"resourceState": state}}, content=MERGE)
        assert answer.body["status"] == {"resourceState": state}
    return body


def declare(cluster: Cluster, namespace: str, body: dict[str, Any], **spec: str) -> Answer:
    return cluster.merge(body, namespace, {"spec": spec})


def delete(cluster: Cluster, namespace: str, body: dict[str, Any], *, dry: bool = False) -> Answer:
    return cluster.request("DELETE", path_of(body, namespace), **({"dryRun": "All"} if dry else {}))


@pytest.mark.parametrize(
    ("kind", "spec", "state"),
    [
        ("LiveEvent", EVENT, "Running"),
        ("LiveEvent", EVENT, "Starting"),
        ("StreamingEndpoint", {}, "Running"),
        ("StreamingEndpoint", {}, "Scaling"),
        ("LiveOutput", OUTPUT, "Running"),
        ("LiveOutput", OUTPUT, "Creating"),
        ("LiveEvent", EVENT, "Error"),
        ("StreamingEndpoint", {}, "Degraded"),
        ("LiveOutput", OUTPUT, "Error"),
    ],
)
def test_what_is_on_air_is_not_deleted_without_a_word(
    cluster: Cluster, namespace: str, kind: str, spec: dict[str, Any], state: str
) -> None:
    body = put(cluster, namespace, kind, spec, state)
    refused = delete(cluster, namespace, body)
    assert refused.code == 403
    assert f"it is on air ({state})" in refused.body["message"]
    for policy in ("Retain", "Delete"):
        assert declare(cluster, namespace, body, deletionPolicy=policy).accepted
        assert delete(cluster, namespace, body, dry=True).accepted
    assert delete(cluster, namespace, body).accepted


@pytest.mark.parametrize(
    ("kind", "spec", "act", "refused"),
    [
        ("LiveEvent", EVENT, start().name, True),
        ("StreamingEndpoint", {}, start().name, True),
        ("LiveOutput", OUTPUT, CREATE, True),
        ("LiveEvent", EVENT, CREATE, False),
        ("LiveEvent", EVENT, "stop", False),
    ],
)
def test_what_is_being_started_counts_though_nobody_saw_it_run_yet(
    cluster: Cluster, namespace: str, kind: str, spec: dict[str, Any], act: str, refused: bool
) -> None:
    body = put(cluster, namespace, kind, spec, None if kind == "LiveOutput" else "Stopped")
    noted = dump(Record(act=Act(act, "2030-01-31T12:00:00Z")))
    path = path_of(body, namespace) + "/status"
    answer = cluster.request("PATCH", path, {"status": {"record": noted}}, content=MERGE)
    assert answer.body["status"]["record"] == noted
    answer = delete(cluster, namespace, body)
    assert answer.accepted is not refused
    if refused:
        assert f"it is on air ({act} is under way)" in answer.body["message"]
        assert declare(cluster, namespace, body, deletionPolicy="Delete").accepted
        assert delete(cluster, namespace, body).accepted


@pytest.mark.parametrize(
    ("kind", "spec", "state"),
    [
        ("LiveEvent", EVENT, None),
        ("LiveEvent", EVENT, "Stopped"),
        ("LiveEvent", EVENT, "StandBy"),
        ("LiveEvent", {**EVENT, "managementPolicy": "Observe"}, "Running"),
        ("LiveEvent", {**EVENT, "managementPolicy": "Pause"}, "Running"),
        ("StreamingEndpoint", {}, "Stopped"),
        ("LiveOutput", OUTPUT, None),
        ("LiveOutput", OUTPUT, "Deleting"),
    ],
)
def test_what_is_off_air_or_only_observed_is_deleted_as_ever(
    cluster: Cluster, namespace: str, kind: str, spec: dict[str, Any], state: str | None
) -> None:
    assert delete(cluster, namespace, put(cluster, namespace, kind, spec, state)).accepted


def test_the_refusal_names_both_ways_out_as_commands(cluster: Cluster, namespace: str) -> None:
    message = delete(cluster, namespace, put(cluster, namespace, "LiveEvent", EVENT, "Running")).body["message"]
    for policy in ("Retain", "Delete"):
        patch = f'\'{{"spec":{{"deletionPolicy":"{policy}"}}}}\''
        assert f"kubectl -n {namespace} patch liveevents.ams-operator.dev sample --type merge -p {patch}" in message


@pytest.mark.parametrize(("name", "spec"), [("default", {}), ("own", {"azureName": "Default"})])
def test_the_endpoint_that_nothing_deletes_is_not_offered_for_deletion(
    cluster: Cluster, namespace: str, name: str, spec: dict[str, Any]
) -> None:
    body = put(cluster, namespace, "StreamingEndpoint", spec, "Running", name)
    message = delete(cluster, namespace, body).body["message"]
    assert (
        f'patch streamingendpoints.ams-operator.dev {name} --type merge -p \'{{"spec":{{"deletionPolicy":"Retain"'
        in message
    )
    assert 'Delete"' not in message
    assert message.endswith("Then delete it again")
    other = put(cluster, namespace, "StreamingEndpoint", {"azureName": "premium"}, "Running", "premium")
    assert '"deletionPolicy":"Delete"' in delete(cluster, namespace, other).body["message"]


def test_deleting_all_of_a_kind_is_no_way_around(cluster: Cluster, namespace: str) -> None:
    body = put(cluster, namespace, "LiveEvent", EVENT, "Running")
    refused = cluster.request("DELETE", path_of(body, namespace, named=False))
    assert refused.code == 403
    patch = f"kubectl -n {namespace} patch liveevents.ams-operator.dev sample --type merge -p "
    assert patch in refused.body["message"]
    assert cluster.request("GET", path_of(body, namespace)).accepted


def test_a_namespace_that_goes_takes_everything_along(cluster: Cluster, namespace: str) -> None:
    grant = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "RoleBinding",
        "metadata": {"name": "namespace-controller", "namespace": namespace},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
        "subjects": [
            {"kind": "User", "name": user, "apiGroup": "rbac.authorization.k8s.io"}
            for user in (NAMESPACE_CONTROLLER, "ed")
        ],
    }
    assert cluster.apply_plain(grant).accepted
    body = put(cluster, namespace, "LiveEvent", EVENT, "Running")
    assert "it is on air" in delete(cluster.as_user("ed"), namespace, body).body["message"]
    assert delete(cluster.as_user(NAMESPACE_CONTROLLER), namespace, body).accepted


def test_what_is_being_deleted_may_be_deleted_again(cluster: Cluster, namespace: str) -> None:
    """`kubectl delete` repeats itself; the operator's finalizer holds the object meanwhile."""
    body = put(cluster, namespace, "LiveEvent", {**EVENT, "deletionPolicy": "Delete"}, "Running")
    finalizers = {"metadata": {"finalizers": ["ams-operator.dev/finalizer"]}}
    assert cluster.merge(body, namespace, finalizers).accepted
    assert delete(cluster, namespace, body).accepted
    assert declare(cluster, namespace, body, deletionPolicy=None).accepted  # type: ignore[arg-type]  # null removes it
    assert delete(cluster, namespace, body).accepted
    assert cluster.merge(body, namespace, {"metadata": {"finalizers": None}}).accepted
