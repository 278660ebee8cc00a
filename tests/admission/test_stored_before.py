"""A rule that came later: what was stored before it stays what it is, and can be changed and judged."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from tests.admission.cluster_client import MERGE, Cluster
from tests.admission.conftest import until
from tests.admission.test_schema_admission import CASES

from ams_operator.api.crd import crd
from ams_operator.api.kinds import kind_named

pytestmark = pytest.mark.cluster

ACCOUNT = "MediaServicesAccount"
GROUP = "before.example"
DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
ILL = {"freezeJobsAfter": "2026-11-31T00:00:00Z", "lookback": "P999999D"}


def definition(*, before: bool) -> dict[str, Any]:
    """Our accounts under another group; `before` the rules of `ILL`'s members."""
    found = json.loads(json.dumps(crd(kind_named(ACCOUNT))).replace("ams-operator.dev", GROUP))
    found["metadata"] = {"name": found["metadata"]["name"]}
    del found["spec"]["names"]["shortNames"], found["spec"]["names"]["categories"]
    spec = found["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]
    for name in ILL:
        rules = spec["properties"]["migration"]["properties"][name]
        assert rules["x-kubernetes-validations"]
        if before:
            del rules["x-kubernetes-validations"]
    return copy.deepcopy(found)


def served(cluster: Cluster, path: str) -> bool:
    try:
        return cluster.request("GET", path).accepted
    except ValueError:
        return False  # of a group that it does not know yet it says so in plain words


@pytest.fixture
def accounts(cluster: Cluster, namespace: str) -> Iterator[str]:
    """Where they are, while anything is taken."""
    made = definition(before=True)
    name = made["metadata"]["name"]
    assert cluster.request("POST", DEFINITIONS, made).accepted
    path = f"/apis/{GROUP}/{made['spec']['versions'][0]['name']}/namespaces/{namespace}/mediaservicesaccounts"
    until(lambda: served(cluster, path))
    yield path
    cluster.request("DELETE", f"{DEFINITIONS}/{name}")


def test_an_account_with_a_wish_that_is_refused_by_now_is_still_written(cluster: Cluster, accounts: str) -> None:
    body = {
        "apiVersion": "/".join(accounts.split("/")[2:4]),
        "kind": ACCOUNT,
        "metadata": {"name": "contoso"},
        "spec": {**CASES["bases"]["account"], "migration": ILL},
    }
    answer = cluster.request("POST", accounts, body)
    assert answer.accepted, answer.says
    new = definition(before=False)
    there = f"{DEFINITIONS}/{new['metadata']['name']}"
    assert cluster.request("PATCH", there, {"spec": new["spec"]}, content=MERGE).accepted
    other = {**body, "metadata": {"name": "another"}}
    until(lambda: not cluster.request("POST", accounts, other, dryRun="All").accepted)

    def patch(change: dict[str, Any], below: str = "") -> list[str]:
        return cluster.request("PATCH", f"{accounts}/contoso{below}", change, content=MERGE).says

    assert patch({"metadata": {"labels": {"team": "a"}}}) == [""]
    assert patch({"status": {"location": "here"}}, "/status") == [""]
    assert patch({"spec": {"migration": {"quietPeriod": "P3D"}}}) == [""]
    (said,) = patch({"spec": {"migration": {"lookback": "P888888D"}}})
    assert "ten years at most" in said
    assert patch({"spec": {"migration": {"lookback": "P30D", "freezeJobsAfter": None}}}) == [""]
