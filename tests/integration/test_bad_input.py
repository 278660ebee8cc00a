"""Bad input: each a message that names the field and the way out, and everybody else goes on."""

from __future__ import annotations

import pytest
from tests.integration.rig import Rig
from tests.patience import until


@pytest.mark.parametrize(
    ("changes", "reason", "words"),
    [
        ({"AZURE_CLIENT_SECRET": "wrong"}, "CredentialRejected", "AZURE_CLIENT_SECRET is wrong"),
        ({"AZURE_CLIENT_SECRET": ""}, "KeyNotFound", "has no key AZURE_CLIENT_SECRET"),
        ({"AZURE_TENANT_ID": "no tenant at all"}, "CredentialRejected", "AZURE_TENANT_ID is no tenant"),
    ],
)
def test_a_credential_that_does_not_work(rig: Rig, changes: dict[str, str], reason: str, words: str) -> None:
    with rig.running() as operator:
        rig.backend()
        rig.credentials(**changes)
        rig.account()
        message = rig.cluster.reason("MediaServicesAccount", "default", reason)
        assert f"Secret {rig.cluster.namespace}/azure: " in message
        assert words in message
        rig.transform("inside")
        rig.cluster.reason("Transform", "inside", reason)
        secret = rig.emulator.client_secret
        found = (
            str(rig.cluster.get("MediaServicesAccount", "default")) + operator.text() + operator.probe("/metrics")[1]
        )
        assert secret not in found
        rig.credentials()
        rig.cluster.patch("MediaServicesAccount", "default", {"spec": {"driftInterval": "11s"}})
        rig.cluster.ready("MediaServicesAccount", "default")
        rig.cluster.ready("Transform", "inside")
        assert secret not in operator.text()


def test_missing_secret_backend_account(rig: Rig) -> None:
    with rig.running():
        rig.backend()
        rig.account()
        assert "Secret azure" in rig.cluster.reason("MediaServicesAccount", "default", "SecretNotFound")
        rig.account("elsewhere", backendRef={"name": "nowhere"}, azureName="other")
        message = rig.cluster.reason("MediaServicesAccount", "elsewhere", "BackendNotAvailable")
        assert "MediaServicesBackend nowhere" in message
        rig.credentials()
        rig.account("unknown", azureName="nosuchaccount")
        message = rig.cluster.reason("MediaServicesAccount", "unknown", "ResourceNotFound")
        assert "storageAccounts" in message


def test_an_endpoint_that_nobody_answers_at(rig: Rig) -> None:
    with rig.running():
        rig.ready_account()
        rig.backend("dead", endpoint="https://127.0.0.1:9")
        rig.account("dead", azureName="dead", backendRef={"name": "dead"})
        message = rig.cluster.reason("MediaServicesAccount", "dead", "EndpointUnreachable")
        assert "127.0.0.1:9" in message
        rig.transform("alive")
        rig.cluster.ready("Transform", "alive")


def test_an_untrusted_certificate(rig: Rig) -> None:
    with rig.running():
        rig.backend("untrusted", caBundle=None)
        rig.credentials()
        rig.account("untrusted", backendRef={"name": "untrusted"})
        message = rig.cluster.reason("MediaServicesAccount", "untrusted", "EndpointUnreachable")
        assert "caBundle" in message or "certificate" in message.lower()


HOSTILE = ("html", "huge", "gzip-bomb", "deep-json", "wrong-type", "truncated")


def reason_of(rig: Rig, name: str) -> str:
    return str((rig.cluster.condition("Transform", name) or {}).get("reason"))


def test_hostile_answers_for_some_transforms(rig: Rig) -> None:
    with rig.running():
        rig.ready_account()
        for what in HOSTILE:
            where = {"method": "GET", "path": f".*/transforms/{what}[^/]*", "count": 3}
            rig.emulator.control.fault("hostile", where, what=what)
            rig.transform(what)
        rig.transform("bystander")
        rig.cluster.ready("Transform", "bystander")
        told = {"BadAnswer", "InSync"}
        until(lambda: all(reason_of(rig, what) in told for what in HOSTILE), "each of them is told")
        rig.emulator.control.clear_faults()
        for what in HOSTILE:
            rig.cluster.ready("Transform", what)


def test_what_the_service_refuses_is_said_once_and_not_tried_again(rig: Rig) -> None:
    with rig.running():
        rig.ready_account()
        rig.emulator.control.fault(
            "answer",
            {"method": "PUT", "path": ".*/transforms/refused.*", "count": 0},
            status=400,
            code="BadRequest",
            message="this preset is not for you",
        )
        rig.transform("refused")
        message = rig.cluster.reason("Transform", "refused", "Refused")
        assert "this preset is not for you" in message
        rig.emulator.control.clear_faults()
        rig.emulator.control.reset_log()
        rig.emulator.control.wait_log(count=4, timeout=60, method="GET")
        assert not [one for one in rig.emulator.control.log() if one["method"] == "PUT"]
        rig.transform("refused", description="changed")
        rig.cluster.ready("Transform", "refused")


def test_an_account_of_another_namespace_that_is_not_there_is_named_with_it(rig: Rig) -> None:
    with rig.running():
        rig.ready_account()
        rig.transform("guest", accountRef={"name": "default", "namespace": "kube-system"})
        message = rig.cluster.reason("Transform", "guest", "AccountNotAvailable")
        assert "of namespace kube-system" in message


def test_a_plan_waits_for_its_approval(rig: Rig) -> None:
    with rig.running() as operator:
        rig.ready_account()
        rig.transform("planned", description="one", managementPolicy="Plan")
        message = rig.cluster.reason("Transform", "planned", "PlanPending")
        found = rig.cluster.get("Transform", "planned")
        assert found is not None
        plan = found["status"]["plan"]
        assert plan["hash"] in message
        assert plan["actions"][0]["name"] == "create"
        assert rig.in_service("planned") is None
        until(lambda: operator.metric("ams_operator_held", reason="PlanPending") == 1, "it is counted")
        note = {"metadata": {"annotations": {"request.ams-operator.dev/approve": "wrong"}}}
        rig.cluster.patch("Transform", "planned", note)
        rig.cluster.reason("Transform", "planned", "PlanPending")
        note["metadata"]["annotations"]["request.ams-operator.dev/approve"] = plan["hash"]
        rig.cluster.patch("Transform", "planned", note)
        rig.cluster.ready("Transform", "planned")
        until(lambda: operator.metric("ams_operator_held", reason="PlanPending") == 0, "it is not counted any more")
        rig.transform("planned", description="two", managementPolicy="Plan")
        rig.cluster.reason("Transform", "planned", "PlanPending")
        served = rig.in_service("planned")
        assert served is not None
        assert served["properties"]["description"] == "one"
