"""Kubernetes Events: what they say, and that nothing waits for them or suffers from them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from aiohttp import web
from tests.kube.fake_api import FakeApi, status
from tests.kube.waiting import until

from ams_operator.kube.client import KubeClient
from ams_operator.kube.events import Events
from ams_operator.kube.objects import from_raw
from ams_operator.logs import Redactor

PATH = "/apis/events.k8s.io/v1/namespaces/studio/events"


@asynccontextmanager
async def sending(client: KubeClient, redactor: Redactor | None = None) -> AsyncIterator[Events]:
    events = Events(client, lambda _about: (redactor or Redactor()).safe, "replica-1")
    task = asyncio.create_task(events.run())
    yield events
    assert not task.done()
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def test_an_event_says_what_happened_to_whom_and_no_secret(fake: FakeApi, client: KubeClient) -> None:
    bodies: list[dict[str, Any]] = []

    async def take(request: web.Request) -> web.Response:
        bodies.append(json.loads(await request.read()))
        return web.json_response(bodies[-1], status=201)

    fake.rude = take
    redactor = Redactor()
    redactor.register(["s3cret-token"])
    resource = from_raw("LiveEvent", fake.put("LiveEvent", "studio"))
    async with sending(client, redactor) as events:
        note = "the service refused\x1b[31m rtmp://host/s3cret-token\n" + "ä" * 2000
        events.put(resource, "Refused", "start", note, warning=True)
        await until(lambda: bodies)
    (body,) = bodies
    assert (body["type"], body["reason"], body["action"]) == ("Warning", "Refused", "start")
    assert body["regarding"]["uid"] == resource.uid
    assert body["metadata"]["name"].startswith("studio.")
    assert "s3cret" not in body["note"]
    assert "\n" not in body["note"]
    assert len(body["note"].encode()) <= 1024
    assert fake.requests[f"POST {PATH}"] == 1


async def test_an_api_server_that_wants_no_events_is_asked_everything_else(fake: FakeApi, client: KubeClient) -> None:
    def busy(request: web.Request) -> web.Response | None:
        return status(429, "too many", details={"retryAfterSeconds": 30}) if request.path == PATH else None

    fake.rude = busy
    resource = from_raw("LiveEvent", fake.put("LiveEvent", "studio"))
    async with sending(client) as events:
        for _ in range(1000):
            events.put(resource, "Started", "start", "started", warning=False)
        await until(lambda: fake.requests[f"POST {PATH}"] >= 2)
        assert (await client.get("LiveEvent", "studio", "studio")).uid == resource.uid
