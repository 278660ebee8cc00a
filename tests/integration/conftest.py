"""A world per test: namespace, account, operator process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from kubernetes import client
from tests.integration.rig import Cluster, Operator, Rig

from ams_emulator.testing import Emulator


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
