"""Workload identity from end to end: the API server's own tokens, exchanged at the emulator, and taken back."""

from __future__ import annotations

import json

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
