"""The API server with the CRDs, for every test here."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.admission.cluster_client import Cluster


@pytest.fixture(scope="session")
def cluster(kubeconfig: Path, crds_installed: None) -> Iterator[Cluster]:
    """The API server, as its administrator."""
    connected = Cluster.connect(kubeconfig)
    yield connected
    connected.api.close()  # type: ignore[no-untyped-call]  # generated code
