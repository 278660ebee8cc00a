"""A correction that waits for its turn holds its resource: a user's change must neither wait for it nor follow it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.unit.engine_fakes import OWNER, settle
from tests.unit.rig import Rig
from tests.unit.scenes import preset
from tests.unit.test_identity import Signing

from ams_operator.domain.answers import Lane


async def waiting(rig: Rig, lane: Lane) -> None:
    """The transform `one` differs, and somebody of a class waits at the budget to look at it."""
    await rig.usable()
    rig.transform("one")
    await settle()
    rig.service.transform("one")["outputs"] = [{"preset": preset("H264MultipleBitrate720p")}]
    rig.service.barriers["one"] = asyncio.Event()
    rig.service.calls.clear()
    rig.schedule.nominate("one", lane)
    if lane is Lane.SWEEP:
        await rig.sweep()
    await settle()


async def test_a_users_change_calls_back_what_was_not_sent_and_goes_first() -> None:
    rig = Rig()
    async with rig.running():
        await waiting(rig, Lane.SWEEP)
        assert rig.service.calls[-1] == ("GET", "one", Lane.SWEEP)
        writes = len(rig.kube.writes)
        rig.transform("one", "ContentAwareEncoding")
        assert rig.service.recalled == ["one"]
        await settle()
        sent = [(verb, lane) for verb, name, lane in rig.service.calls if name == "one"]
        assert sent == [("GET", Lane.SWEEP), ("GET", Lane.USER), ("PATCH", Lane.USER), ("GET", Lane.USER)]
        assert rig.service.transform("one")["outputs"][0]["preset"] == preset("ContentAwareEncoding")
        assert rig.ready("one") == ("True", "InSync")
        assert len(rig.kube.writes) == writes + 2, "a note and a report: nothing is told of what was called back"


@pytest.mark.parametrize(
    ("lane", "changes"),
    [
        (Lane.USER, {"recipe": "ContentAwareEncoding"}),  # it is as urgent: what is noted is done, then the next
        (Lane.SWEEP, {}),  # nobody changed what is wanted
    ],
)
async def test_nothing_else_calls_back(lane: Lane, changes: dict[str, Any]) -> None:
    rig = Rig()
    async with rig.running():
        await waiting(rig, lane)
        rig.transform("one", **changes)
        assert rig.service.recalled == []
        rig.service.barriers.pop("one").set()
        await settle()


async def test_who_means_anothers_account_calls_nothing_back_there() -> None:
    """He knows its ids, and has no right to it: the way of who has is not his."""
    rig = Signing()
    async with rig.running():
        await waiting(rig, Lane.SWEEP)
        rig.clock.time += 1
        account = rig.kube.objects[OWNER].spec
        spec = rig.kube.objects["one"].spec | {"azureName": "one"}
        rig.see("MediaServicesAccount", "default", account, uid="squatter", namespace="elsewhere")
        rig.see("Transform", "his", spec, uid="his", namespace="elsewhere")
        await settle()
        rig.see("Transform", "his", {**spec, "description": "another"}, uid="his", namespace="elsewhere")
        assert rig.service.recalled == []
        rig.service.barriers.pop("one").set()
        await settle()
