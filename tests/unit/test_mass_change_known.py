"""What a version told to differ stays known to the next ones, also where a status in between could not tell it."""

from __future__ import annotations

import pytest
from tests.unit.engine_fakes import FakeService, settle
from tests.unit.rig import Rig, recipe_of
from tests.unit.test_mass_change import NAMES, begin, differ, reasons, stand, sweep, version

from ams_operator.api.reasons import Reason
from ams_operator.domain.answers import Answer, Lane, NotSent
from ams_operator.domain.model import JSON, Address
from ams_operator.engine import changes

MANY, ONE = NAMES[:22], NAMES[24]


@pytest.fixture
async def told(monkeypatch: pytest.MonkeyPatch) -> Rig:
    """An edit of more than the limit that the service refuses on and on, as their statuses tell."""
    whole = FakeService.patch

    async def patch(self: FakeService, address: Address, body: JSON, lane: Lane) -> Answer:
        if address.names[-1] not in MANY:
            return await whole(self, address, body, lane)
        return Answer(409, None, self.clock.now(), code="Conflict", message="busy")

    monkeypatch.setattr(FakeService, "patch", patch)
    rig = version("1", Rig())
    await stand(rig)
    first = begin(rig, "1")
    async with first.running():
        await settle()
        for name in MANY:
            first.transform(name, more={"description": "mine"})
        await settle()
    return first


async def lets_one_go(rig: Rig, name: str) -> None:
    """Another version is held by nothing: what it finds in those that are many is known."""
    differ(rig, ONE)
    last = begin(rig, name)
    async with last.running():
        await settle()
        for _ in range(2):
            await sweep(last)
        assert last.ready(ONE) == ("True", "InSync")
        assert reasons(last, *MANY) == {("False", Reason.PROGRESSING.value)}, "tried again, and refused"
        assert not any(last.kube.objects[name].record.get("known") for name in MANY), "the plan tells it again"


async def test_an_outage_before_an_upgrade_makes_no_news_of_what_was_told(told: Rig) -> None:
    again = begin(told, "1")
    for name in (*MANY, "contoso"):
        again.service.broken[name] = NotSent(Reason.ENDPOINT_UNREACHABLE, "no connection")
    async with again.running():
        await settle()
        for name in MANY:
            again.schedule.nominate(name, Lane.POLL)
        await settle()
        assert reasons(again, *MANY) == {("False", "EndpointUnreachable")}
        assert not any("plan" in again.kube.objects[name].status for name in MANY)
    again.service.broken.clear()
    await again.clock.advance(600)
    await lets_one_go(again, "2")


async def test_a_version_that_was_mistaken_makes_no_news_of_what_was_told_before(told: Rig) -> None:
    recipes = {name: told.service.transform(name)["created"] for name in MANY}
    differ(told, *MANY)
    second = begin(told)
    async with second.running():
        await settle()
        for _ in range(2):
            await sweep(second)
        assert reasons(second, *MANY) == {("False", "MassChange")}
    restarted = begin(second)
    async with restarted.running():
        await settle()
        await sweep(restarted)
        assert restarted.kube.writes == [], "the second process found everything said"
    for name, created in recipes.items():
        restarted.service.put_transform(name, recipe_of("AdaptiveStreaming", created=created))
    await lets_one_go(restarted, "3")


async def test_what_a_mistaken_version_told_itself_is_news_to_the_next_one(told: Rig) -> None:
    """Only what was known before it is known."""
    differ(told, *MANY)
    second = begin(told)
    async with second.running():
        await settle()
        for _ in range(2):
            await sweep(second)
    third = begin(second, "3")
    async with third.running():
        await settle()
        for _ in range(2):
            await sweep(third)
        assert reasons(third, *MANY) == {("False", "MassChange")}
        assert not third.service.writes()


async def test_an_edit_makes_all_news_again(told: Rig) -> None:
    """What was known to differ was known of another manifest."""
    assert changes.known_to_differ(told.kube.objects[MANY[0]]) == {"spec.description"}
    edited = told.transform(MANY[0], more={"description": "other"})
    assert changes.known_to_differ(edited) == frozenset()
