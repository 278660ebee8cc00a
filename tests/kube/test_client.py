"""The client's requests, and what it makes of rude answers."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Iterable
from pathlib import Path

import pytest
from aiohttp import web
from tests.kube.fake_api import FakeApi, Rude, path, status

from ams_operator.api.base import FINALIZER
from ams_operator.api.kinds import KINDS
from ams_operator.domain.answers import Conflict, KubeDown, Resource, StatusRefused, Vanished
from ams_operator.kube.access import ConfiguredLogin
from ams_operator.kube.client import KubeClient
from ams_operator.kube.objects import from_raw
from ams_operator.kube.shared import Shared
from ams_operator.kube.transport import Expired


def transform(fake: FakeApi, name: str = "adaptive", **metadata: object) -> Resource:
    fake.put("Transform", name)
    raw = next(one for one in fake.objects["Transform"].values() if one["metadata"]["name"] == name)
    return from_raw("Transform", fake.put("Transform", name, metadata={**raw["metadata"], **metadata}))


async def collect(client: KubeClient, kind: str = "Transform") -> tuple[list[str], int]:
    names: list[str] = []
    malformed = 0
    async for resources, skipped in client.pages(kind):
        names += [one.name for one in resources]
        malformed += skipped
    return names, malformed


async def test_a_list_goes_page_by_page_and_is_a_quorum_read(fake: FakeApi, client: KubeClient) -> None:
    fake.page = 2
    for number in range(5):
        fake.put("Transform", f"t{number}")
    assert await collect(client) == ([f"t{number}" for number in range(5)], 0)
    assert fake.requests[f"GET {path('Transform')}"] == 3
    assert fake.last is not None
    assert "resourceVersion" not in fake.last.query


async def test_a_malformed_item_costs_only_itself(fake: FakeApi, client: KubeClient) -> None:
    fake.put("Transform", "good")
    fake.objects["Transform"]["bad"] = {"metadata": {"name": 7}}
    assert await collect(client) == (["good"], 1)


async def test_a_forgotten_continuation_is_told_apart(fake: FakeApi, client: KubeClient) -> None:
    fake.page = 1
    fake.put("Transform", "a")
    fake.put("Transform", "b")
    fake.rude = lambda request: status(410, "expired") if request.query.get("continue") else None
    with pytest.raises(Expired):
        await collect(client)


async def test_the_finalizer_is_added_beside_those_of_others(fake: FakeApi, client: KubeClient) -> None:
    resource = transform(fake, finalizers=["other"])
    answer = await client.set_finalizer(resource, True)
    assert answer is not None
    assert answer.finalizers == ("other", FINALIZER)
    assert json.loads(fake.last_body) == {
        "metadata": {"resourceVersion": resource.version, "finalizers": ["other", FINALIZER]}
    }
    assert fake.last is not None
    assert fake.last.content_type == "application/merge-patch+json"
    again = await client.set_finalizer(answer, False)
    assert again is not None
    assert again.finalizers == ("other",)


async def test_a_finalizer_that_is_right_costs_no_request(fake: FakeApi, client: KubeClient) -> None:
    resource = transform(fake, finalizers=[FINALIZER])
    before = fake.requests.total()
    assert await client.set_finalizer(resource, True) is resource
    assert fake.requests.total() == before


async def test_an_object_that_goes_with_its_last_finalizer_is_none(fake: FakeApi, client: KubeClient) -> None:
    resource = transform(fake, finalizers=[FINALIZER], deletionTimestamp="2024-01-01T00:00:00Z")
    assert await client.set_finalizer(resource, False) is None


async def test_status_is_applied_whole_by_one_manager(fake: FakeApi, client: KubeClient) -> None:
    resource = transform(fake)
    answer = await client.write_status(resource, {"observedGeneration": 1})
    assert answer.status == {"observedGeneration": 1}
    assert fake.last is not None
    assert fake.last.path == path("Transform", "adaptive", "studio") + "/status"
    assert fake.last.content_type == "application/apply-patch+yaml"
    assert dict(fake.last.query) == {"fieldManager": "ams-operator", "force": "true"}
    assert json.loads(fake.last_body) == {
        "apiVersion": "ams-operator.dev/v1alpha1",
        "kind": "Transform",
        "metadata": {"name": "adaptive", "namespace": "studio", "resourceVersion": resource.version},
        "status": {"observedGeneration": 1},
    }


async def test_a_stale_write_is_a_conflict(fake: FakeApi, client: KubeClient) -> None:
    resource = transform(fake)
    fake.put("Transform", "adaptive", spec={"description": "changed"})
    with pytest.raises(Conflict):
        await client.write_status(resource, {})
    with pytest.raises(Conflict):
        await client.set_finalizer(resource, True)


async def test_another_object_of_the_name_is_a_conflict(fake: FakeApi, client: KubeClient) -> None:
    resource = transform(fake)
    fake.rude = lambda request: web.json_response(
        {"metadata": {"name": "adaptive", "uid": "other", "resourceVersion": "1"}}
    )
    with pytest.raises(Conflict):
        await client.write_status(resource, {})


@pytest.mark.parametrize(
    ("code", "message", "expected"),
    [
        (404, "not found", Vanished),
        (409, "modified", Conflict),
        (400, "no", StatusRefused),
        (403, "forbidden: no right to patch", StatusRefused),
        (413, "too large", StatusRefused),
        (422, "spec.x: invalid", StatusRefused),
        (500, "failed to create typed patch object: .status.x: field not declared in schema", StatusRefused),
        (500, "etcdserver: request is too large", StatusRefused),
        (500, "request to convert CR to an invalid group/version: x", StatusRefused),
        (500, "etcdserver: leader changed", KubeDown),
        (503, "unavailable", KubeDown),
        (429, "too many requests", KubeDown),
        (401, "Unauthorized", KubeDown),
    ],
)
async def test_what_a_refusal_means(
    fake: FakeApi, client: KubeClient, code: int, message: str, expected: type[Exception]
) -> None:
    resource = transform(fake)
    fake.rude = lambda request: status(code, message)
    with pytest.raises(expected) as caught:
        await client.write_status(resource, {})
    assert type(caught.value) is expected
    assert expected is KubeDown or message.split(":")[-1] in str(caught.value)
    assert not isinstance(caught.value, StatusRefused) or caught.value.uid == resource.uid


async def test_no_answer_is_told_without_a_traceback_of_the_network(fake: FakeApi, client: KubeClient) -> None:
    fake.rude = drop
    with pytest.raises(KubeDown, match="does not answer"):
        await client.get("Transform", "studio", "adaptive")


async def test_silence_ends_in_a_timeout(fake: FakeApi, login: ConfiguredLogin) -> None:
    never = asyncio.Event()

    async def silent(request: web.Request) -> None:
        await never.wait()

    fake.rude = silent
    client = await KubeClient.connect(login, timeout=0.1)
    with pytest.raises(KubeDown, match="timeout"):
        await client.get("Transform", "studio", "adaptive")
    await client.close()


@pytest.mark.parametrize("body", ["<html>hello</html>", "[]", "7", "", '{"metadata": 7}', "[" * 100_000])
async def test_a_200_that_is_no_object_is_no_answer(fake: FakeApi, client: KubeClient, body: str) -> None:
    fake.rude = lambda request: web.Response(text=body, content_type="application/json")
    with pytest.raises(KubeDown):
        await client.get("Transform", "studio", "adaptive")


async def test_nothing_is_sent_while_the_api_server_asks_for_a_pause(fake: FakeApi, client: KubeClient) -> None:
    answer = status(429, "too many")
    answer.headers["Retry-After"] = "20"
    fake.rude = lambda request: answer
    with pytest.raises(KubeDown):
        await client.get("Transform", "studio", "adaptive")
    fake.rude = None
    before = fake.requests.total()
    with pytest.raises(KubeDown, match="asked for a pause"):
        await client.get("Transform", "studio", "adaptive")
    assert fake.requests.total() == before


async def test_new_credentials_are_read_once_after_a_401(fake: FakeApi, client: KubeClient, tmp_path: Path) -> None:
    transform(fake)
    fake.token = "second"
    fake.kubeconfig(tmp_path)
    asked = [client.get("Transform", "studio", "adaptive") for _ in range(5)]
    assert {one.name for one in await asyncio.gather(*asked)} == {"adaptive"}
    assert fake.requests[f"GET {path('Transform', 'adaptive', 'studio')}"] == 10
    await client.get("Transform", "studio", "adaptive")
    assert fake.requests[f"GET {path('Transform', 'adaptive', 'studio')}"] == 11


async def test_a_credential_that_stays_bad_is_tried_twice_and_no_more(fake: FakeApi, client: KubeClient) -> None:
    fake.token = "another"
    with pytest.raises(KubeDown, match="credentials"):
        await client.get("Transform", "studio", "adaptive")
    assert fake.requests.total() == 2


async def test_each_request_is_counted_with_its_code(fake: FakeApi, login: ConfiguredLogin) -> None:
    counted: list[tuple[str, str, int | None]] = []
    client = await KubeClient.connect(login, on_request=lambda *one: counted.append(one))
    resource = transform(fake)
    await client.write_status(resource, {})
    await collect(client)
    fake.rude = drop
    with pytest.raises(KubeDown):
        await client.get("Transform", "studio", "adaptive")
    await client.close()
    assert counted == [
        ("Transform", "patch status", 200),
        ("Transform", "list", 200),
        ("Transform", "get", None),
    ]


def answering(body: object) -> web.Response:
    return web.json_response(body)


async def test_a_secret_is_decoded_and_its_values_are_registered(fake: FakeApi, login: ConfiguredLogin) -> None:
    heard: list[tuple[str, str]] = []

    def hear(values: Iterable[str], namespace: str) -> None:
        heard.extend((namespace, value) for value in values)

    client = await KubeClient.connect(login, on_secret=hear)
    data = {"AZURE_CLIENT_SECRET": b"hunter2", "pfx": b"\xff\x00\x80", "other": b"not asked for", "long": b"x" * 4097}
    encoded = {key: base64.b64encode(value).decode() for key, value in data.items()}
    fake.rude = lambda request: answering({"metadata": {"resourceVersion": "5"}, "data": encoded})
    secret = await client.secret("studio", "azure", ["AZURE_CLIENT_SECRET", "pfx", "long", "absent"])
    assert secret is not None
    assert secret.version == "5"
    assert secret.data["AZURE_CLIENT_SECRET"] == "hunter2"
    assert secret.data["pfx"].encode("utf-8", "surrogateescape") == b"\xff\x00\x80"
    assert secret.data.keys() == {"AZURE_CLIENT_SECRET", "pfx"}, "no other was asked for, or is short enough to be one"
    assert heard == [("studio", secret.data[key]) for key in ("AZURE_CLIENT_SECRET", "pfx")]
    assert "hunter2" not in repr(secret)
    fake.rude = lambda request: status(404, "not found")
    assert await client.secret("studio", "azure", ["pfx"]) is None
    assert await client.secret_version("studio", "azure") is None
    await client.close()


async def test_rotation_is_found_without_reading_values(fake: FakeApi, client: KubeClient) -> None:
    fake.rude = lambda request: answering({"metadata": {"resourceVersion": "6"}})
    assert await client.secret_version("studio", "azure") == "6"
    assert fake.last is not None
    assert "as=PartialObjectMetadata" in fake.last.headers["Accept"]


def drop(request: web.Request) -> None:
    """End the connection without an answer."""
    assert request.transport is not None
    request.transport.abort()


def busy(request: web.Request) -> web.Response:
    return status(503, "away")


@pytest.mark.parametrize("away", [drop, busy])
async def test_labels_are_kept_for_seconds_but_not_across_an_outage(
    fake: FakeApi, client: KubeClient, away: Rude
) -> None:
    fake.rude = lambda request: answering({"metadata": {"labels": {"team": "a"}}})
    assert await client.labels("studio") == {"team": "a"}
    before = fake.requests.total()
    assert await client.labels("studio") == {"team": "a"}
    assert fake.requests.total() == before
    fake.rude = away
    with pytest.raises(KubeDown):
        await client.get("Transform", "studio", "adaptive")
    with pytest.raises(KubeDown):  # so that it can serve as the probe for the whole cluster
        await client.labels("studio")


@pytest.mark.parametrize("gone", [{"deletionTimestamp": "2024-01-01T00:00:00Z"}, None])
async def test_what_is_being_deleted_or_gone_is_terminating(
    fake: FakeApi, client: KubeClient, gone: dict[str, str] | None
) -> None:
    def rude(request: web.Request) -> web.Response:
        if "customresourcedefinitions" in request.path:
            return status(404, "gone") if gone is None else answering({"metadata": gone})
        return answering({"metadata": {"name": "studio"}})

    fake.rude = rude
    assert await client.terminating("Transform", "studio") == (True, False)
    assert await client.terminating("MediaServicesBackend", "") == (True, False)


async def test_an_answer_is_shared_only_if_its_request_began_after_the_question() -> None:
    """Else "the CRD is not being deleted" could be older than the deletion that made us ask."""
    asked = 0
    begun, release = asyncio.Event(), asyncio.Event()

    async def ask() -> int:
        nonlocal asked
        asked += 1
        mine = asked
        begun.set()
        await release.wait()
        return mine

    shared = Shared(ask)
    first = asyncio.create_task(shared.ask())
    await begun.wait()
    later = [asyncio.create_task(shared.ask()) for _ in range(10)]
    for _ in range(10):
        await asyncio.sleep(0)
    assert asked == 1, "one question at a time"
    release.set()
    assert await first == 1
    assert set(await asyncio.gather(*later)) == {2}
    assert await shared.ask() == 3


async def test_a_failed_question_does_not_stick() -> None:
    outcomes = iter([KubeDown("away"), None])

    async def ask() -> bool:
        if (error := next(outcomes)) is not None:
            raise error
        return True

    shared = Shared(ask)
    with pytest.raises(KubeDown):
        await shared.ask()
    assert await shared.ask() is True


async def test_which_kinds_are_served(fake: FakeApi, client: KubeClient) -> None:
    fake.served.discard("Transform")
    assert await client.served() == {kind.kind for kind in KINDS} - {"Transform"}
    fake.served.clear()
    assert await client.served() == frozenset()
