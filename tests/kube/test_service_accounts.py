"""Tokens of ServiceAccounts: asked for narrowly, and only believed where they are whose they should be."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable

import pytest
from aiohttp import web
from tests.kube.fake_api import FakeApi, status

from ams_operator.domain.answers import Federation, Vanished
from ams_operator.kube.access import ConfiguredLogin
from ams_operator.kube.client import KubeClient


def answering(body: object) -> web.Response:
    return web.json_response(body)


def token_of(uid: object) -> str:
    claims = {"kubernetes.io": {"serviceaccount": {"name": "media", "uid": uid}}}
    return f"head.{base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip('=')}.signature"


MEDIA = Federation("studio", "media", "u1", "7", "tenant", "app")


async def test_a_service_account_is_looked_at_and_its_token_is_asked_for_one_audience_only(
    fake: FakeApi, login: ConfiguredLogin
) -> None:
    heard: list[tuple[str, str]] = []

    def hear(values: Iterable[str], namespace: str) -> None:
        heard.extend((namespace, value) for value in values)

    client = await KubeClient.connect(login, on_secret=hear)
    annotations = {"azure.workload.identity/client-id": "app", "azure.workload.identity/tenant-id": "tenant\n"}
    metadata = {"uid": "u1", "resourceVersion": "7", "annotations": annotations}
    fake.rude = lambda request: answering({"metadata": metadata})
    assert await client.service_account("studio", "media") == MEDIA
    assert fake.last is not None
    assert "as=PartialObjectMetadata" in fake.last.headers["Accept"]
    fake.rude = lambda request: answering({"status": {"token": token_of("u1")}})
    assert await client.service_account_token(MEDIA) == token_of("u1")
    assert fake.last.path == "/api/v1/namespaces/studio/serviceaccounts/media/token"
    assert json.loads(fake.last_body)["spec"] == {"audiences": ["api://AzureADTokenExchange"], "expirationSeconds": 600}
    assert heard == [("studio", token_of("u1"))]
    await client.close()


@pytest.mark.parametrize("code", [403, 404])
async def test_what_was_not_granted_reads_like_what_is_not_there(fake: FakeApi, client: KubeClient, code: int) -> None:
    fake.rude = lambda request: status(code, "no")
    assert await client.service_account("studio", "media") is None
    with pytest.raises(Vanished):
        await client.service_account_token(MEDIA)


@pytest.mark.parametrize("token", [token_of("u2"), token_of(None), "", "a.b.c", "a.e30.c", "a.W10.c"])
async def test_a_namesake_is_somebody_else(fake: FakeApi, client: KubeClient, token: str) -> None:
    """Who deletes a ServiceAccount takes it back, and whoever makes one of that name granted nothing with it."""
    fake.rude = lambda request: answering({"status": {"token": token}})
    with pytest.raises(Vanished):
        await client.service_account_token(MEDIA)
