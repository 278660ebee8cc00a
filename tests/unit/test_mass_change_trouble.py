"""Another version of the operator finds a difference, while others can't be compared or may not be changed."""

from __future__ import annotations

import pytest
from tests.unit.engine_fakes import FakeService, settle
from tests.unit.rig import Rig, recipe_of
from tests.unit.test_mass_change import NAMES, begin, differ, reasons, stand, sweep, version

from ams_operator.api.reasons import Reason
from ams_operator.domain.answers import Answer, Lane, NoAnswer
from ams_operator.domain.model import JSON, Address
from ams_operator.domain.noun import replace
from ams_operator.engine import changes

MANY, ONE = NAMES[:22], NAMES[24]


@pytest.fixture
def rig() -> Rig:
    return version("1", Rig())


def forbid(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody may change those that are many."""
    whole = FakeService.patch

    async def patch(self: FakeService, address: Address, body: JSON, lane: Lane) -> Answer:
        if address.names[-1] not in MANY:
            return await whole(self, address, body, lane)
        return Answer(403, None, self.clock.now(), code="AuthorizationFailed", message="no")

    monkeypatch.setattr(FakeService, "patch", patch)


async def edited(rig: Rig) -> None:
    for name in MANY:
        rig.transform(name, "AACGoodQualityAudio")
    await settle()
    assert reasons(rig, *MANY) == {("False", "Forbidden")}


@pytest.mark.parametrize("before", [True, False], ids=["edited before", "edited since"])
async def test_edits_that_are_forbidden_keep_nothing_else_from_being_changed(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, before: bool
) -> None:
    await stand(rig)
    forbid(monkeypatch)
    if before:
        rig = begin(rig, "1")
        async with rig.running():
            await settle()
            await edited(rig)
            changes = rig.kube.objects[MANY[0]].status["plan"]["actions"][0]["changes"]
            assert changes, "what waits is told on"
    differ(rig, ONE)
    second = begin(rig)
    async with second.running():
        await settle()
        if not before:
            await edited(second)
        for _ in range(2):
            await sweep(second)
        assert second.service.writes()[f"PATCH {ONE}"] == 1
        assert second.ready(ONE) == ("True", "InSync")
        assert reasons(second, *MANY) == {("False", "Forbidden")}


async def test_what_differs_and_waits_for_others_to_be_compared_is_never_told_as_in_sync(rig: Rig) -> None:
    await stand(rig)
    second = begin(rig)
    async with second.running():
        await settle()
        for name in MANY:
            second.service.broken[name] = NoAnswer(Reason.BAD_ANSWER, "no JSON")
            second.schedule.nominate(name, Lane.POLL)
        await settle()
        differ(second, ONE)
        for _ in range(3):
            await second.sweep()
        assert second.ready(ONE) == ("False", "MassChange")
        assert not second.service.writes()
        writes, asked = len(second.kube.writes), second.service.of("GET").count(ONE)
        await second.sweep()
        assert (len(second.kube.writes), second.service.of("GET").count(ONE)) == (writes, asked), "it is told once"
        second.service.broken.clear()
        await second.clock.advance(600)
        await sweep(second)
        assert second.service.writes() == {f"PATCH {ONE}": 1}
        assert reasons(second, *NAMES) == {("True", "InSync")}


@pytest.mark.parametrize("code", [403, 409, 429])
async def test_what_could_not_be_corrected_before_excuses_no_other_difference(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    """Somebody had changed all descriptions, and for a moment nobody could change them back; then another version came
    that finds another field to differ in all of them."""

    async def busy(self: FakeService, address: Address, body: JSON, lane: Lane) -> Answer:
        return Answer(code, None, self.clock.now(), code="Conflict", message="busy")

    async with rig.running():
        await rig.usable()
        for name in NAMES:
            rig.transform(name, more={"description": "mine"})
        await settle()
        await rig.sweep()
    first = begin(rig, "1")
    with monkeypatch.context() as patches:
        patches.setattr(FakeService, "patch", busy)
        async with first.running():
            await settle()
            for name in NAMES:
                first.service.transform(name)["description"] = "theirs"
            await sweep(first)
            await sweep(first)
    for name in NAMES:
        found = first.service.transform(name)
        recipe = recipe_of("AACGoodQualityAudio", created=found["created"], description=found["description"])
        first.service.put_transform(name, recipe)
    second = begin(first)
    async with second.running():
        await settle()
        for _ in range(3):
            await sweep(second)
        assert not second.service.writes()
        assert reasons(second, *NAMES) == {("False", "MassChange")}


@pytest.mark.parametrize(("name", "told"), [("update", {"spec.description"}), ("create", set())])
def test_what_was_to_be_made_anew_is_not_known_to_differ(rig: Rig, name: str, told: set[str]) -> None:
    """All of its fields were to be set, since it was gone for a while."""
    plan = {"hash": "h", "actions": [{"name": name, "effects": [], "changes": [{"field": "spec.description"}]}]}
    resource = rig.transform("t00")
    status = {"plan": plan, "observedGeneration": resource.generation}
    assert changes.known_to_differ(replace(resource, status=status)) == told
