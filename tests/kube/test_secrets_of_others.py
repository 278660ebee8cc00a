"""Secrets that a manifest names and that are not the operator's: seen by their metadata before anything in them is."""

from __future__ import annotations

import base64

import pytest
from aiohttp import web
from tests.kube.fake_api import FakeApi

from ams_operator.domain.answers import Conflict, Resource
from ams_operator.kube.client import KubeClient

EVENT = Resource(
    kind="LiveEvent",
    namespace="studio",
    name="news",
    uid="u1",
    generation=1,
    version="1",
    created="",
    deleting=None,
    finalizers=(),
    annotations={},
    spec={},
    status={},
)


class Secrets:
    """One Secret, and who asked for more than its metadata."""

    def __init__(self, fake: FakeApi, **metadata: object) -> None:
        self.metadata = {"resourceVersion": "7", **metadata}
        self.values_read = 0
        fake.rude = self.answer

    def answer(self, request: web.Request) -> web.Response:
        if "as=PartialObjectMetadata" in request.headers["Accept"]:
            return web.json_response({"metadata": self.metadata})
        self.values_read += 1
        values = {"key": base64.b64encode(b"nobody's business").decode()}
        return web.json_response({"metadata": self.metadata, "data": values})


@pytest.mark.parametrize(
    ("labels", "use"),
    [({"ams-operator.dev/use": "credentials"}, "credentials"), ({"app": "x"}, ""), (None, "")],
)
async def test_what_a_secret_may_be_used_for_is_told_without_its_values(
    fake: FakeApi, client: KubeClient, labels: dict[str, str] | None, use: str
) -> None:
    there = Secrets(fake, labels=labels)
    assert await client.secret_label("studio", "azure") == ("7", use)
    assert there.values_read == 0
    found = await client.secret("studio", "azure", ["key"])
    assert found is not None
    assert (found.version, found.use, found.data) == ("7", use, {"key": "nobody's business"})


async def test_somebody_elses_secret_is_not_read_to_find_out_that_it_is(fake: FakeApi, client: KubeClient) -> None:
    there = Secrets(fake, ownerReferences=[{"uid": "another"}])
    with pytest.raises(Conflict):
        await client.publish(EVENT, "azure", {"rtmp-primary": "url"})
    assert there.values_read == 0
    there.metadata["ownerReferences"] = [{"uid": EVENT.uid}]
    await client.publish(EVENT, "azure", {"key": "nobody's business"})
    assert there.values_read == 1
