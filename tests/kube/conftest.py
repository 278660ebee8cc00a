"""What the tests of the Kubernetes side share."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.kube.fake_api import FakeApi

from ams_operator.kube.access import ConfiguredLogin
from ams_operator.kube.client import KubeClient


@pytest.fixture
async def fake() -> AsyncIterator[FakeApi]:
    """An API server in memory."""
    async with FakeApi() as api:
        yield api


@pytest.fixture
def login(fake: FakeApi, tmp_path: Path) -> ConfiguredLogin:
    """The way to it."""
    return ConfiguredLogin(fake.kubeconfig(tmp_path))


@pytest.fixture
async def client(login: ConfiguredLogin) -> AsyncIterator[KubeClient]:
    """A client of it."""
    connected = await KubeClient.connect(login, timeout=5)
    yield connected
    await connected.close()
