"""Every deletion ends."""

from __future__ import annotations

from tests.integration.rig import Rig
from tests.patience import until


def test_never_created(rig: Rig) -> None:
    with rig.running():
        rig.transform("orphan")
        message = rig.cluster.reason("Transform", "orphan", "AccountNotAvailable")
        assert "MediaServicesAccount default" in message
        rig.cluster.delete("Transform", "orphan")
        rig.cluster.gone("Transform", "orphan")


def test_already_gone_and_retain(rig: Rig) -> None:
    with rig.running():
        rig.ready_account()
        rig.transform("gone")
        rig.transform("kept", deletionPolicy="Retain")
        rig.cluster.ready("Transform", "gone")
        rig.cluster.ready("Transform", "kept")
        rig.emulator.control.delete_out_of_band(rig.transform_id("gone"))
        for name in ("gone", "kept"):
            rig.cluster.delete("Transform", name)
            rig.cluster.gone("Transform", name)
        assert rig.in_service("kept") is not None


def test_children_go_before_their_account_and_the_account_stays_in_the_service(rig: Rig) -> None:
    with rig.running():
        rig.ready_account()
        rig.transform("inside")
        rig.cluster.ready("Transform", "inside")
        rig.cluster.delete("MediaServicesAccount", "default")
        message = rig.cluster.reason("MediaServicesAccount", "default", "Deleting")
        assert "Transform inside" in message
        rig.cluster.delete("Transform", "inside")
        rig.cluster.gone("Transform", "inside")
        rig.cluster.gone("MediaServicesAccount", "default")
        assert rig.in_service("inside") is None
        account = rig.emulator.account_id(rig.account_name, rig.group)
        assert rig.emulator.request("GET", account, api_version="2021-11-01")[0] == 200


def test_a_lost_credential_names_the_exits_and_abandon_is_one(rig: Rig) -> None:
    with rig.running():
        rig.ready_account()
        found = rig.transform("stuck")
        rig.cluster.ready("Transform", "stuck")
    rig.credentials(AZURE_CLIENT_SECRET="wrong")
    with rig.running():
        rig.cluster.reason("MediaServicesAccount", "default", "CredentialRejected")
        rig.cluster.delete("Transform", "stuck")
        message = rig.cluster.reason("Transform", "stuck", "Deleting")
        uid = found["metadata"]["uid"]
        assert f"ams-operator request abandon Transform/stuck {uid} -n {rig.cluster.namespace}" in message
        rig.cluster.patch(
            "Transform", "stuck", {"metadata": {"annotations": {"request.ams-operator.dev/abandon": uid}}}
        )
        rig.cluster.gone("Transform", "stuck")


def test_deleting_everything_at_once_ends(rig: Rig) -> None:
    """`kubectl delete -f`: the Secret goes first, the credential in memory is used on."""
    from kubernetes import client

    with rig.running():
        rig.ready_account()
        rig.transform("inside")
        rig.cluster.ready("Transform", "inside")
        client.CoreV1Api(rig.cluster.api).delete_namespaced_secret("azure", rig.cluster.namespace)
        rig.cluster.delete("MediaServicesAccount", "default")
        rig.cluster.delete("Transform", "inside")
        rig.cluster.gone("Transform", "inside")
        rig.cluster.gone("MediaServicesAccount", "default")
        assert rig.in_service("inside") is None


def test_one_that_the_service_refuses_is_told_and_not_sent_in_a_loop(rig: Rig) -> None:
    error = '{"error": {"code": "TransformInUse", "message": "A job of it is in flight."}}'
    with rig.running():
        rig.ready_account()
        found = rig.transform("busy")
        rig.cluster.ready("Transform", "busy")
        rig.emulator.control.fault("answer", {"method": "DELETE"}, status=400, body=error)
        rig.cluster.delete("Transform", "busy")
        uid, told = found["metadata"]["uid"], "TransformInUse: A job of it is in flight."
        until(lambda: told in rig.cluster.reason("Transform", "busy", "Deleting"), "the refusal is told")
        message = rig.cluster.reason("Transform", "busy", "Deleting")
        assert message.endswith(f"ams-operator request abandon Transform/busy {uid} -n {rig.cluster.namespace}")
        rig.transform("another")
        rig.cluster.ready("Transform", "another")
        assert len(rig.emulator.control.log(method="DELETE")) == 1
        rig.cluster.patch("Transform", "busy", {"metadata": {"annotations": {"request.ams-operator.dev/abandon": uid}}})
        rig.cluster.gone("Transform", "busy")
