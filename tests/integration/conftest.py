"""A world per test: namespace, account, operator process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from kubernetes import client
from tests.integration import on_air
from tests.integration.api_proxy import ApiProxy
from tests.integration.operators import Operator
from tests.integration.rig import Cluster, Rig
from tests.integration.variants import profiles_of

from ams_emulator.testing import Emulator


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One profile of answers for each test that asks for `variant`, or all of them: see variants.py."""
    if "variant" in metafunc.fixturenames:
        metafunc.parametrize("variant", profiles_of(metafunc.function.__name__), indirect=True)


@pytest.fixture
def variant(request: pytest.FixtureRequest, emulator: Emulator) -> str:
    """The profile that the emulator answers by."""
    on_air.answers(emulator, request.param)
    return str(request.param)


@pytest.fixture
def rig(
    kubernetes_client: client.ApiClient,
    kubeconfig: Path,
    namespace: str,
    crds_installed: None,
    emulator: Emulator,
    account_factory: object,
    tmp_path: Path,
) -> Iterator[Rig]:
    """Everything but the operator's start: `with rig.running():` or `rig.operator.start()`."""
    account = account_factory()  # type: ignore[operator]  # the factory of tests/fixtures_emulator.py
    operator = Operator(kubeconfig, (namespace,), namespace, tmp_path / "operator.log")
    made = Rig(Cluster(kubernetes_client, namespace), emulator, operator, account.resource_group, account.name)
    yield made
    if operator.process is not None and operator.process.poll() is None:
        operator.kill()


@pytest.fixture
def proxy(rig: Rig, kubernetes_client: client.ApiClient, tmp_path: Path) -> Iterator[ApiProxy]:
    """Between the operator of `rig` and the API server; what the test itself asks goes past it."""
    with ApiProxy(kubernetes_client) as found:
        rig.operator.kubeconfig = found.kubeconfig(tmp_path / "proxy.kubeconfig")
        yield found
