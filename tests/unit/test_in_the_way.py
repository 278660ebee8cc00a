"""The service answers with 409 again and again: it may be busy, or never take it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from tests.unit.engine_fakes import settle
from tests.unit.rig import Rig

TAKEN = "the host name match belongs to somebody else"
HOUR = 3600.0


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    """A transform that the service does not take."""
    rig = Rig()
    rig.service.most, rig.service.refusal, rig.service.says = 0, (409, "Conflict"), TAKEN
    async with rig.running():
        await rig.usable()
        rig.transform("one")
        await settle()
        assert rig.ready("one") == ("False", "Progressing")
        yield rig


def stalled(rig: Rig) -> bool:
    return any(one["type"] == "Stalled" for one in rig.kube.objects["one"].status["conditions"])


async def pass_by(rig: Rig, seconds: float) -> None:
    for _ in range(int(seconds / 60)):
        await rig.clock.advance(60)


async def test_one_that_lasts_is_told_as_a_refusal_with_its_text_and_the_way_out(rig: Rig) -> None:
    await rig.clock.advance(300)
    assert rig.ready("one") == ("False", "Progressing"), "the service may be busy for minutes"
    assert not stalled(rig)
    await pass_by(rig, HOUR / 2)
    assert rig.ready("one") == ("False", "Refused")
    assert stalled(rig)
    assert f"(409 Conflict: {TAKEN}): where somebody else has a name" in rig.said("one")
    before, written = rig.service.writes()["PUT one"], len(rig.kube.writes)
    await pass_by(rig, HOUR)
    assert 5 <= rig.service.writes()["PUT one"] - before <= 13, "it is tried on, seldom"
    rig.service.most = None
    await pass_by(rig, HOUR / 4)
    assert rig.ready("one") == ("True", "InSync")
    assert not stalled(rig)
    assert len(rig.kube.writes) - written < 60, rig.kube.writes


async def test_another_manifest_is_tried_at_once(rig: Rig) -> None:
    await pass_by(rig, HOUR / 2)
    before = rig.service.writes()["PUT one"]
    rig.transform("one", more={"description": "under another name"})
    await settle()
    assert rig.service.writes()["PUT one"] == before + 1
    assert rig.ready("one") == ("False", "Progressing"), "nobody knows yet whether that one is taken, too"


@pytest.mark.parametrize(
    ("says", "reason"),
    [
        ("busy with step {}", "Progressing"),
        ("taken (request 6f9619ff-8b86-d011-b42d-{:012})", "Refused"),
    ],
    ids=["something else each time", "the same with another id"],
)
async def test_it_is_the_same_where_the_answer_is(rig: Rig, says: str, reason: str) -> None:
    for number in range(60):
        rig.service.says = says.format(number)
        await rig.clock.advance(60)
    assert rig.ready("one") == ("False", reason)
