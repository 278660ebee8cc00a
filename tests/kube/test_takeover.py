"""What a replica hears while it stands by, and what comes before its first act when it leads."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest
from aiohttp import web
from tests.kube.fake_api import FakeApi, path
from tests.kube.test_intake import FAST, KINDS
from tests.kube.waiting import Store, until

from ams_operator.kube.access import ConfiguredLogin
from ams_operator.kube.client import KubeClient
from ams_operator.kube.intake import Intake
from ams_operator.leading import Alone, Door, TermOver, lead, readiness
from ams_operator.main import SystemClock


class Term(Alone):
    """One that is given and taken by the test."""

    trouble = ""
    number: Any = None
    over = False


class Schedule:
    """Remembers that it was opened."""

    def __init__(self) -> None:
        self.cluster_up = asyncio.Event()

    def open(self) -> None:
        self.cluster_up.set()


async def test_a_new_leader_lists_everything_before_its_first_act(
    fake: FakeApi, client: KubeClient, login: ConfiguredLogin
) -> None:
    store, term, schedule = Store(), Term(), cast("Any", Schedule())
    door = Door(store)
    intake = Intake(client, login, door, KINDS, timing=FAST)
    watching = asyncio.create_task(intake.run())
    leading = asyncio.create_task(lead(term, door, intake, schedule, SystemClock()))
    fake.put("Transform", "before")
    await until(lambda: intake.state.ready)
    uid = fake.put("Transform", "before")["metadata"]["uid"]
    assert readiness(term, intake, schedule) == (True, []), "whoever stands by is ready"
    assert door.knows(uid, "1"), "its watch need not tell what others change"
    assert store.told == []

    held = asyncio.Event()

    async def hold(request: web.Request) -> None:
        if request.path == path("Transform") and not request.query.get("watch"):
            await held.wait()

    fake.rude = hold
    term.number = 1
    await until(lambda: not intake.state.ready)
    fake.put("Transform", "during")
    await until(lambda: "during" in store.names())
    assert not schedule.cluster_up.is_set()
    assert not readiness(term, intake, schedule)[0]
    held.set()
    await until(schedule.cluster_up.is_set)
    assert store.names() == {"before", "during"}
    assert not door.knows(uid, "999")

    term.over = True
    with pytest.raises(TermOver, match="another replica leads"):
        await leading
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)


async def test_a_lease_that_can_not_be_had_is_no_readiness(
    fake: FakeApi, client: KubeClient, login: ConfiguredLogin
) -> None:
    store, term = Store(), Term()
    intake = Intake(client, login, Door(store), KINDS, timing=FAST)
    watching = asyncio.create_task(intake.run())
    await until(lambda: intake.state.ready)
    term.trouble = "forbidden"
    assert readiness(term, intake, cast("Any", Schedule())) == (False, ["forbidden"])
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
