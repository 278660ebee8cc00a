"""Kubernetes Events: what they say, and that nothing waits for them or suffers from them."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import Any

from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st
from tests.kube.fake_api import FakeApi, status
from tests.kube.waiting import until

from ams_operator.kube.client import KubeClient
from ams_operator.kube.events import Events, Waiting
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


async def test_what_others_have_to_say_neither_waits_behind_one_namespaces_nor_is_dropped_for_it(
    fake: FakeApi, client: KubeClient
) -> None:
    sent: list[str] = []

    async def take(request: web.Request) -> web.Response:
        sent.append(request.path.split("/")[5])
        return web.json_response({}, status=201)

    fake.rude = take
    calm = from_raw("LiveEvent", fake.put("LiveEvent", "studio"))
    loud = replace(calm, namespace="loud")
    async with sending(client) as events:
        for _ in range(600):
            events.put(loud, "Refused", "start", "refused", warning=True)
        events.put(calm, "Started", "start", "started", warning=False)
        await until(lambda: len(sent) >= 256)
    assert "studio" in sent[:2]


PUTS = st.lists(st.tuples(st.sampled_from("abcd"), st.booleans()), max_size=200)


@given(st.integers(1, 20), PUTS)
def test_of_what_is_too_much_nobody_loses_as_many_as_each_could_have(most: int, puts: list[tuple[str, bool]]) -> None:
    waiting, put, lost = Waiting(most), Counter[str](), Counter[str]()
    for number, (namespace, one_is_sent) in enumerate(puts):
        put[namespace] += 1
        dropped = waiting.put(namespace, {"of": namespace, "number": number})
        if dropped is not None:
            lost[dropped["of"]] += 1
        assert len(waiting) <= most
        if one_is_sent:
            waiting.take()
    share = most // max(1, len(put))
    assert not [one for one in put if put[one] <= share and lost[one]]
    kept = [waiting.take() for _ in range(len(waiting))]
    assert sum(put.values()) == sum(lost.values()) + len(kept) + sum(one for _, one in puts)
    for space in put:
        mine = [body["number"] for of, body in kept if of == space]
        assert mine == sorted(mine), "what happened first is told first"
