"""A creation that the service answers with 409: another operation runs, or somebody was quicker. A look tells which."""

from __future__ import annotations

import pytest
from tests.unit.engine_fakes import settle
from tests.unit.rig import Rig, recipe_of

from ams_operator.domain.answers import Answer, Lane
from ams_operator.domain.model import JSON, Address


def conflicting(rig: Rig, monkeypatch: pytest.MonkeyPatch, theirs: JSON | None) -> None:
    """The next PUT meets a conflict; `theirs` is what is there afterwards."""
    put = rig.service.put
    met: list[Address] = []

    async def once(address: Address, body: JSON, lane: Lane, query: object = None) -> Answer:
        if met:
            return await put(address, body, lane)
        met.append(address)
        rig.service.calls.append(("PUT", address.names[-1], lane))
        if theirs is not None:
            rig.service.put_transform(address.names[-1], theirs)
        return Answer(409, None, rig.clock.now(), code="Conflict", message="no, or not now")

    monkeypatch.setattr(rig.service, "put", once)


async def test_where_nothing_is_there_it_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    rig = Rig()
    async with rig.running():
        await rig.usable()
        conflicting(rig, monkeypatch, None)
        rig.transform("one")
        await settle()
        assert rig.ready("one")[1] == "Progressing"
        await rig.clock.advance(30)
        assert rig.ready("one") == ("True", "InSync")
        assert rig.service.writes()["PUT one"] == 2


async def test_where_somebody_was_quicker_his_is_adopted_or_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for theirs, expected in (("AdaptiveStreaming", "InSync"), ("H264SingleBitrate720p", "AdoptionRefused")):
        rig = Rig()
        async with rig.running():
            await rig.usable()
            rig.clock.time += 10
            conflicting(rig, monkeypatch, recipe_of(theirs, created="2020-01-01T00:00:00Z"))
            rig.transform("one")
            await settle()
            await rig.clock.advance(30)
            assert rig.ready("one")[1] == expected
            assert rig.service.writes()["PUT one"] == 1
            if expected == "InSync":
                assert rig.kube.objects["one"].status["record"]["how"] == "Adopted"
