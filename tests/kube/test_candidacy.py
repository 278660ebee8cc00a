"""The Lease on the wire: what is sent, what is made of answers. What is decided: `property/test_lease.py`."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from tests.kube.fake_api import FakeApi, status
from tests.kube.waiting import until

from ams_operator.domain.answers import KubeDown
from ams_operator.domain.model import JSON
from ams_operator.kube.access import ConfiguredLogin
from ams_operator.kube.candidacy import Candidacy, steady
from ams_operator.kube.client import KubeClient
from ams_operator.kube.lease import DURATION

PLACE = "/apis/coordination.k8s.io/v1/namespaces/home/leases"


class Leases:
    """The Leases of a `FakeApi`."""

    def __init__(self) -> None:
        self.raw: JSON | None = None
        self.version = 100
        self.answers: list[web.Response | None] = []
        """given instead of doing anything; None: do it"""
        self.log: list[str] = []

    def __call__(self, fake: FakeApi) -> Any:
        return lambda request: self.answer(request.method, request.path, fake.last_body)

    def answer(self, method: str, path: str, body: bytes) -> web.Response | None:
        if not path.startswith(PLACE):
            return None
        self.log.append(method)
        if self.answers and (given := self.answers.pop(0)) is not None:
            return given
        if method == "GET":
            return status(404, "not found") if self.raw is None else web.json_response(self.raw)
        sent = json.loads(body)
        if method == "PATCH" and self.raw is None:
            return status(404, "not found")
        if method == "PATCH" and sent["metadata"]["resourceVersion"] != self.raw["metadata"]["resourceVersion"]:  # type: ignore[index]  # see above
            return status(409, "the object has been modified")
        if method == "POST" and self.raw is not None:
            return status(409, "exists")
        self.put(**sent["spec"])
        return web.json_response(self.raw)

    def put(self, **spec: Any) -> None:
        self.version += 1
        self.raw = {
            "metadata": {"resourceVersion": str(self.version)},
            "spec": {**(self.raw or {}).get("spec", {}), **spec},
        }

    @property
    def spec(self) -> JSON:
        assert self.raw is not None
        return dict(self.raw["spec"])


@pytest.fixture
def leases(fake: FakeApi) -> Leases:
    made = Leases()
    fake.rude = made(fake)
    return made


@pytest.fixture
async def one(login: ConfiguredLogin, leases: Leases) -> AsyncIterator[Candidacy]:
    made = Candidacy(login, "home", "ams-operator", "me", agent="test", fresh=True)
    yield made
    await asyncio.to_thread(made.release)


async def test_an_uncontended_start_is_two_requests_and_an_end_is_one(leases: Leases, one: Candidacy) -> None:
    assert not one.may_write()
    assert one.says() == "stands by for nobody"
    one.start()
    await until(one.may_write)
    assert leases.log == ["GET", "POST"]
    assert (one.number, one.says(), one.alive) == (1, "leads, term 1", True)
    spec = leases.spec
    assert (spec["holderIdentity"], spec["leaseDurationSeconds"], spec["leaseTransitions"]) == ("me", DURATION, 1)
    assert spec["acquireTime"] == spec["renewTime"]
    await asyncio.to_thread(one.release)
    assert leases.log == ["GET", "POST", "PATCH"]
    assert leases.spec["holderIdentity"] == ""
    assert not one.may_write()


async def test_what_was_given_up_is_taken_at_once_and_a_second_stands_by(
    leases: Leases, one: Candidacy, login: ConfiguredLogin
) -> None:
    leases.put(holderIdentity="", leaseTransitions=6)
    second = Candidacy(login, "home", "ams-operator", "second", agent="test")
    one.start()
    await until(one.may_write)
    assert leases.spec["leaseTransitions"] == 7
    second.start()
    await until(lambda: second.says() == "stands by for me")
    assert second.number is None
    await asyncio.to_thread(one.release)
    await until(second.may_write)
    assert second.says() == "leads, term 8"
    await asyncio.to_thread(second.release)


async def test_it_renews_and_ends_when_another_holds(leases: Leases, one: Candidacy) -> None:
    one.start()
    await until(one.may_write)
    leases.put(holderIdentity="another")
    await until(lambda: one.over, "the renewal meets another's version")
    assert leases.log == ["GET", "POST", "PATCH", "GET"]
    assert not one.may_write()
    assert one.number is None
    await until(lambda: not one.alive)
    assert leases.spec["holderIdentity"] == "another", "nothing is given up that is not ours"


async def test_a_right_that_is_missing_is_named_with_the_way_out(leases: Leases, one: Candidacy) -> None:
    leases.answers = [status(403, 'leases.coordination.k8s.io "ams-operator" is forbidden: no')]
    one.start()
    await until(lambda: one.trouble)
    assert "is forbidden" in one.trouble
    assert "manifests/rbac.yaml" in one.trouble
    assert "--no-lease" in one.trouble
    assert not one.may_write()
    await until(one.may_write, "with the right it goes on")
    assert not one.trouble


async def test_a_lease_that_is_none_and_a_pause_are_no_end(leases: Leases, one: Candidacy) -> None:
    leases.answers = [
        web.json_response({"spec": {}}),
        status(429, "later", details={"retryAfterSeconds": 30}),
    ]
    one.start()
    await until(one.may_write)


async def test_no_write_without_permission(fake: FakeApi, client: KubeClient) -> None:
    permitted = False
    client.heed(lambda: permitted)
    found = await client.get("Transform", "studio", fake.put("Transform", "one")["metadata"]["name"])
    before = fake.requests.total()
    with pytest.raises(KubeDown, match="may not write now"):
        await client.set_finalizer(found, True)
    with pytest.raises(KubeDown, match="may not write now"):
        await client.write_status(found, {})
    assert fake.requests.total() == before
    permitted = True
    assert await client.set_finalizer(found, True)


async def test_a_term_that_ends_while_a_connection_is_made_ends_before_the_write(
    fake: FakeApi, login: ConfiguredLogin, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A handshake may hang for longer than the term of whoever asked before it."""
    client = await KubeClient.connect(login, timeout=5)
    try:
        found = await client.get("Transform", "studio", fake.put("Transform", "one")["metadata"]["name"])
        permitted, connect = True, aiohttp.TCPConnector.connect

        async def slow(*args: Any, **more: Any) -> Any:
            nonlocal permitted
            connection = await connect(*args, **more)
            permitted = False
            return connection

        client.heed(lambda: permitted)
        monkeypatch.setattr(aiohttp.TCPConnector, "connect", slow)
        before = fake.requests.total()
        with pytest.raises(KubeDown, match="may not write now"):
            await client.set_finalizer(found, True)
        assert fake.requests.total() == before
    finally:
        await client.close()


def test_a_clock_that_somebody_sets_moves_no_term(monkeypatch: pytest.MonkeyPatch) -> None:
    """Terms last by a clock that nobody sets, and that goes on while the machine sleeps."""
    before = steady()
    real, asked = time.clock_gettime, list[int]()

    def an_hour_on(clock: int) -> float:
        asked.append(clock)
        return real(clock) + (3600.0 if clock == time.CLOCK_REALTIME else 0.0)

    monkeypatch.setattr(time, "time", lambda: an_hour_on(time.CLOCK_REALTIME))
    monkeypatch.setattr(time, "clock_gettime", an_hour_on)
    assert 0 <= steady() - before < 600
    assert asked == [getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)]
