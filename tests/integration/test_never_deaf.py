"""Never deaf and ready: the API server away, a definition gone and back, missing at the start."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from kubernetes import client, config
from tests.fixtures_cluster import install_crds
from tests.integration.operators import Operator
from tests.integration.rig import Rig
from tests.patience import until

from ams_devcluster import ControlPlane, find_or_build

CRD = "transforms.ams-operator.dev"


@pytest.fixture(scope="module")
def control_plane() -> Iterator[ControlPlane]:
    """A cluster of their own: these tests take parts of it away."""
    with ControlPlane(find_or_build(print)) as own:
        yield own


@pytest.fixture(scope="module")
def kubeconfig(control_plane: ControlPlane) -> Path:
    return control_plane.kubeconfig


@pytest.fixture(scope="module")
def kubernetes_client(kubeconfig: Path) -> Iterator[client.ApiClient]:
    with config.new_client_from_config(str(kubeconfig)) as api_client:  # type: ignore[no-untyped-call]  # generated code
        yield api_client


@pytest.fixture
def crds_installed(kubernetes_client: client.ApiClient) -> None:
    install_crds(kubernetes_client)


def gone(rig: Rig) -> bool:
    """Whether the definition is no longer there. `until` tells a 404 of anything else."""
    try:
        client.ApiextensionsV1Api(rig.cluster.api).read_custom_resource_definition(CRD)
    except client.ApiException as error:
        return bool(error.status == 404)
    return False


def writes(rig: Rig) -> list[str]:
    return [one["method"] for one in rig.emulator.control.log() if one["method"] != "GET"]


def unanswered(operator: Operator) -> float:
    """Requests to the API server that were not answered; the Lease's go on by the clock."""
    name = "ams_operator_kubernetes_requests_total"
    return operator.metric(name, code="none") - operator.metric(name, code="none", kind="Lease")


def test_the_api_server_killed_and_back(rig: Rig, control_plane: ControlPlane) -> None:
    with rig.running() as operator:
        rig.ready_account()
        for number in range(10):
            rig.transform(f"calm-{number}")
        for number in range(10):
            rig.cluster.ready("Transform", f"calm-{number}")
        rig.emulator.control.reset_log()
        control_plane.stop_apiserver(kill=True)
        until(lambda: operator.probe("/readyz")[0] == 503, "it says that it is not ready")
        assert operator.probe("/healthz")[0] == 200
        sent = unanswered(operator)
        control_plane.start_apiserver()
        until(operator.is_ready, "it is ready again")
        # One probe for the whole cluster: the number of failed calls has nothing to do with the number of objects.
        assert unanswered(operator) - sent < 10
        assert "leads, term 1\n" in operator.probe("/healthz")[1], "nobody else was quicker"
        rig.transform("later")
        rig.cluster.ready("Transform", "later")
        assert writes(rig) == ["PUT"], "nothing was repeated"


def test_a_definition_deleted_and_made_again(rig: Rig) -> None:
    """All objects go with it; in the service nothing does."""
    with rig.running() as operator:
        rig.ready_account()
        rig.transform("kept")
        rig.cluster.ready("Transform", "kept")
        rig.emulator.control.reset_log()
        client.ApiextensionsV1Api(rig.cluster.api).delete_custom_resource_definition(CRD)
        until(lambda: operator.probe("/readyz")[0] == 503, "it says that it is not ready")
        until(lambda: gone(rig), "the definition is gone")
        assert rig.in_service("kept") is not None
        install_crds(rig.cluster.api)
        until(operator.is_ready, "it is ready again")
        rig.transform("kept")
        assert rig.cluster.ready("Transform", "kept")["status"]["record"]["how"] == "Adopted"
        assert writes(rig) == []


def test_a_definition_missing_at_the_start(rig: Rig) -> None:
    client.ApiextensionsV1Api(rig.cluster.api).delete_custom_resource_definition(CRD)
    until(lambda: gone(rig), "the definition is gone")
    with rig.running(wait=False) as operator:
        until(lambda: "Transform is not served" in operator.probe("/readyz")[1], "it says what is missing")
        assert operator.probe("/healthz")[0] == 200
        install_crds(rig.cluster.api)
        until(operator.is_ready, "it is ready")
        rig.ready_account()
        rig.transform("first")
        rig.cluster.ready("Transform", "first")
