"""What waits must not keep others from their turn, and what nobody admitted must not keep the owner from his."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from kubernetes import client
from tests.integration.rig import Rig
from tests.patience import until

OUTPUTS = [{"preset": {"builtInStandardEncoder": {"presetName": "AdaptiveStreaming"}}}]


@pytest.fixture
def neighbour(rig: Rig, kubernetes_client: client.ApiClient) -> Iterator[str]:
    """A second namespace that the operator watches."""
    core = client.CoreV1Api(kubernetes_client)
    name = f"{rig.cluster.namespace}-next"
    core.create_namespace(client.V1Namespace(metadata=client.V1ObjectMeta(name=name)))
    rig.operator.namespaces = (*rig.operator.namespaces, name)
    yield name
    core.delete_namespace(name)


def _guest(rig: Rig, namespace: str, name: str, **spec: Any) -> None:
    reference = {"name": "default", "namespace": rig.cluster.namespace}
    rig.cluster.apply("Transform", name, {"outputs": OUTPUTS, "accountRef": reference, **spec}, namespace=namespace)


def _reason(rig: Rig, namespace: str, name: str) -> str:
    found = rig.cluster.get("Transform", name, namespace) or {}
    return next((c["reason"] for c in found.get("status", {}).get("conditions", ()) if c["type"] == "Ready"), "")


def test_objects_of_an_account_in_trouble_leave_it_its_turn(rig: Rig) -> None:
    """The Secret is corrected and nothing else is touched: the account's next try finds it."""
    with rig.running():
        rig.backend()
        rig.credentials(AZURE_CLIENT_SECRET="wrong")
        rig.account()
        for number in range(8):
            rig.transform(f"waiting-{number}")
        for number in range(8):
            rig.cluster.reason("Transform", f"waiting-{number}", "CredentialRejected")

        def asked() -> int:
            return rig.operator.text().count("/oauth2/v2.0/token")

        before = asked()
        until(lambda: asked() > before, "the account tries again by itself")
        rig.credentials()
        rig.cluster.ready("MediaServicesAccount", "default", patience=120)
        rig.cluster.ready("Transform", "waiting-7")


def test_a_denial_of_one_thing_is_its_own_and_one_of_the_account_is_everybodys(rig: Rig) -> None:
    """A lock, and then a role that was taken away: everything inside waits for the account, and goes on with it."""
    with rig.running():
        rig.ready_account()
        rig.emulator.control.deny(scope=rig.transform_id("locked"))
        rig.transform("locked")
        rig.transform("beside")
        rig.cluster.reason("Transform", "locked", "Forbidden")
        rig.cluster.ready("Transform", "beside")
        rig.cluster.ready("MediaServicesAccount", "default")
        rig.emulator.control.deny(scope=rig.emulator.account_id(rig.account_name, rig.group))
        for number in range(8):
            rig.transform(f"waiting-{number}")
        message = rig.cluster.reason("MediaServicesAccount", "default", "Forbidden")
        assert "may not read the account (403 AuthorizationFailed" in message
        for number in range(8):
            rig.cluster.reason("Transform", f"waiting-{number}", "Forbidden")
        rig.emulator.control.reset_log()
        until(lambda: len(rig.emulator.control.log()) >= 1, "the account is asked again")
        inside = [one["path"] for one in rig.emulator.control.log() if "/transforms/" in one["path"]]
        assert inside == [], "and nothing in it"
        rig.emulator.control.allow_all()
        rig.cluster.ready("MediaServicesAccount", "default")
        for name in ("waiting-0", "waiting-7", "locked"):
            rig.cluster.ready("Transform", name)


def test_a_stranger_keeps_nobody_away(rig: Rig, neighbour: str) -> None:
    """Older, of the same name in the service, and not admitted: it claims nothing, and its account's end is not its."""
    with rig.running():
        rig.ready_account(allowedNamespaces={"from": "All"})
        _guest(rig, neighbour, "stranger", azureName="wanted")
        until(lambda: _reason(rig, neighbour, "stranger") == "InSync", "the guest is admitted")
        rig.account(allowedNamespaces={"from": "Same"})
        until(lambda: _reason(rig, neighbour, "stranger") == "AccountNotAvailable", "the guest is shown out")
        _guest(rig, neighbour, "newcomer", azureName="also-wanted")
        until(lambda: _reason(rig, neighbour, "newcomer") == "AccountNotAvailable", "a second one is not let in")
        rig.transform("wanted")
        rig.transform("also-wanted")
        rig.cluster.ready("Transform", "wanted")
        rig.cluster.ready("Transform", "also-wanted")
        for name in ("wanted", "also-wanted"):
            rig.cluster.delete("Transform", name)
            rig.cluster.gone("Transform", name)
        rig.cluster.delete("MediaServicesAccount", "default")
        rig.cluster.gone("MediaServicesAccount", "default")
        stranger = rig.cluster.path("Transform", "stranger", neighbour)
        rig.cluster.call(
            "PATCH", stranger, {"spec": {"deletionPolicy": "Retain"}}, content="application/merge-patch+json"
        )
        rig.cluster.call("DELETE", stranger)
        rig.cluster.call("DELETE", rig.cluster.path("Transform", "newcomer", neighbour))
        until(lambda: rig.cluster.get("Transform", "stranger", neighbour) is None, "the stranger can be deleted")


def test_another_drift_interval_counts_at_once(rig: Rig) -> None:
    with rig.running():
        rig.ready_account(driftInterval="0s")
        rig.transform("watched", description="ours")
        rig.cluster.ready("Transform", "watched")
        rig.emulator.control.patch_out_of_band(rig.transform_id("watched"), {"properties": {"description": "theirs"}})
        rig.account(driftInterval="10s")

        def corrected() -> bool:
            return bool((rig.in_service("watched") or {}).get("properties", {}).get("description") == "ours")

        until(corrected, "the drift is corrected")


def test_a_corrected_secret_is_found_however_many_tries_failed(rig: Rig) -> None:
    """Everything under way fails at once, which is one trouble and one pause; the corrected Secret ends it."""
    with rig.running():
        rig.ready_account()
        rig.transform("inside")
        rig.cluster.ready("Transform", "inside")
        rig.credentials(AZURE_CLIENT_SECRET="wrong")
        rig.cluster.reason("MediaServicesAccount", "default", "CredentialRejected")
        for number in range(20):
            rig.transform(f"more-{number}")
        for number in range(20):
            rig.cluster.reason("Transform", f"more-{number}", "CredentialRejected")

        def asked() -> int:
            return rig.operator.text().count("/oauth2/v2.0/token")

        before = asked()
        until(lambda: asked() > before, "it is tried again")
        rig.credentials()
        rig.cluster.ready("MediaServicesAccount", "default", patience=30)
        rig.cluster.ready("Transform", "more-19")
