"""Workload identity from end to end: the API server's own tokens, exchanged at the emulator, and taken back; those of a
namespace, and the operator's own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from kubernetes import client
from tests.integration.rig import Rig
from tests.patience import until

ISSUER = "https://kubernetes.default.svc"
IDENTITY = {"serviceAccountRef": {"name": "media"}}


def service_account(rig: Rig, name: str, application: str) -> None:
    annotations = {
        "azure.workload.identity/client-id": application,
        "azure.workload.identity/tenant-id": rig.emulator.tenant_id,
    }
    body = client.V1ServiceAccount(metadata=client.V1ObjectMeta(name=name, annotations=annotations))
    client.CoreV1Api(rig.cluster.api).create_namespaced_service_account(rig.cluster.namespace, body)


def federate(rig: Rig, name: str) -> str:
    """An application that believes this cluster's tokens of one ServiceAccount, verified with the cluster's keys."""
    api = rig.cluster.api
    accepts = {"Accept": "application/jwk-set+json"}
    keys = json.loads(
        api.rest_client.pool_manager.request("GET", f"{api.configuration.host}/openid/v1/jwks", headers=accepts).data
    )
    application = str(rig.emulator.control.add_client()["clientId"])
    subject = f"system:serviceaccount:{rig.cluster.namespace}:{name}"
    rig.emulator.control.federate(ISSUER, subject, keys, clientId=application)
    return application


def test_a_namespace_lends_its_identity_and_takes_it_back(rig: Rig) -> None:
    with rig.running() as operator:
        rig.backend()
        application = federate(rig, "media")
        rig.account(credentials=IDENTITY)
        rig.cluster.reason("MediaServicesAccount", "default", "ServiceAccountNotFound")
        service_account(rig, "media", application)
        rig.transform("one")
        rig.cluster.ready("Transform", "one")
        assert {one["client_id"] for one in rig.emulator.control.log() if one["user_agent"].startswith("ams-op")} == {
            application
        }
        # A neighbour that claims to stand for the same application: the exchange knows its name.
        service_account(rig, "thief", application)
        rig.account("stolen", credentials={"serviceAccountRef": {"name": "thief"}}, managementPolicy="Observe")
        said = rig.cluster.reason("MediaServicesAccount", "stolen", "CredentialRejected")
        assert "AADSTS700213" in said
        client.CoreV1Api(rig.cluster.api).delete_namespaced_service_account("media", rig.cluster.namespace)
        rig.cluster.reason("MediaServicesAccount", "default", "ServiceAccountNotFound")
        asked = len(rig.emulator.control.log())
        rig.transform("two")
        rig.cluster.reason("Transform", "two", "ServiceAccountNotFound")
        assert len(rig.emulator.control.log()) == asked
        assert operator.metric("ams_operator_poison_total") == 0
        shown = operator.text() + json.dumps([rig.cluster.get("MediaServicesAccount", "default")])
        assert "eyJ" not in shown, "no token is logged or shown"
        until(lambda: operator.is_ready(), "nothing of this is the operator's trouble")


def token_file(rig: Rig, name: str, path: Path) -> Path:
    """What the kubelet would put into the operator's pod: a token of its ServiceAccount for the exchange."""
    spec = client.V1TokenRequestSpec(audiences=["api://AzureADTokenExchange"], expiration_seconds=600)
    made = client.CoreV1Api(rig.cluster.api).create_namespaced_service_account_token(
        name, rig.cluster.namespace, client.AuthenticationV1TokenRequest(spec=spec)
    )
    assert made.status is not None
    path.write_text(str(made.status.token))
    return path


def test_the_operator_lends_its_own_identity_to_whom_and_where_it_is_told(rig: Rig, tmp_path: Path) -> None:
    application = federate(rig, "operator")
    service_account(rig, "operator", application)
    rig.operator.env = {
        "AZURE_FEDERATED_TOKEN_FILE": str(token_file(rig, "operator", tmp_path / "token")),
        "AZURE_CLIENT_ID": application,
        "AZURE_TENANT_ID": rig.emulator.tenant_id,
        "AZURE_AUTHORITY_HOST": "https://login.invalid/",  # the webhook's word counts for nothing
    }
    ambient: dict[str, Any] = {"credentials": {"ambient": {}}, "backendRef": {"name": "lending"}}
    with rig.running() as operator:
        rig.backend("lending")
        rig.account(**ambient)
        refused = rig.cluster.reason("MediaServicesAccount", "default", "IdentityNotAvailable")
        assert not [one for one in rig.emulator.control.log() if one["user_agent"].startswith("ams-op")]
        here = {"matchLabels": {"kubernetes.io/metadata.name": rig.cluster.namespace}}
        lent = {
            "ambientNamespaces": {"from": "Selector", "selector": here},
            "ambientScopes": [{"subscriptionId": rig.emulator.subscription_id, "resourceGroup": rig.group}],
        }
        rig.backend("lending", **lent)
        rig.transform("one")
        rig.cluster.ready("Transform", "one")
        assert {one["client_id"] for one in rig.emulator.control.log() if one["user_agent"].startswith("ams-op")} == {
            application
        }
        rig.account("elsewhere", resourceGroup="storage", managementPolicy="Observe", **ambient)
        assert rig.cluster.reason("MediaServicesAccount", "elsewhere", "IdentityNotAvailable") == refused
        rig.backend("lending")
        rig.cluster.reason("MediaServicesAccount", "default", "IdentityNotAvailable")
        asked = len(rig.emulator.control.log())
        rig.transform("two")
        rig.cluster.reason("Transform", "two", "IdentityNotAvailable")
        log = rig.emulator.control.log()
        assert len(log) == asked
        assert not [one for one in log if "/resourcegroups/storage" in one["path"].lower()]
        assert operator.metric("ams_operator_poison_total") == 0
        shown = operator.text() + json.dumps([rig.cluster.get("MediaServicesAccount", "default")])
        assert "eyJ" not in shown, "no token is logged or shown"
