"""Another version finds much that differs, and a LIST leaves out what was told to differ before."""

from __future__ import annotations

import pytest
from tests.unit.engine_fakes import OWNER, FakeService, settle
from tests.unit.rig import Rig, recipe_of
from tests.unit.test_mass_change import begin, differ, reasons, stand, sweep, version

from ams_operator.api.reasons import Reason
from ams_operator.api.transform import TransformSpec
from ams_operator.domain import suspicion
from ams_operator.domain.answers import Answer
from ams_operator.domain.holds import compared
from ams_operator.domain.model import JSON, Change, Decision, Desired, Plan, Scene, State
from ams_operator.domain.noun import replace

OMITTED = tuple(f"a{number:02}" for number in range(15))
SHOWN = tuple(f"b{number:02}" for number in range(20))


async def busy(self: FakeService, *_args: object) -> Answer:
    return Answer(409, None, self.clock.now(), code="Conflict", message="busy")


def without(items: list[JSON]) -> list[JSON]:
    return [one for one in items if one["name"] not in OMITTED]


@pytest.fixture
async def told(monkeypatch: pytest.MonkeyPatch) -> Rig:
    """Somebody changed the descriptions of those that a LIST will leave out, and this version could not change them
    back: their statuses tell so."""
    rig = version("1", Rig())
    await stand(rig, OMITTED + SHOWN)
    first = begin(rig, "1")
    with monkeypatch.context() as patches:
        patches.setattr(FakeService, "patch", busy)
        async with first.running():
            await settle()
            for name in OMITTED:
                first.transform(name, more={"description": "mine"})
            await settle()
    plan = first.kube.objects[OMITTED[0]].status["plan"]
    assert [change["field"] for change in plan["actions"][0]["changes"]] == ["spec.description"]
    return first


async def test_what_was_told_to_differ_and_is_left_out_lets_nothing_go(told: Rig) -> None:
    """More than the limit are to be changed, of which one LIST shows as many as the limit."""
    differ(told, *OMITTED, *SHOWN)
    second = begin(told)
    second.service.listed = without
    async with second.running():
        await settle()
        for _ in range(4):
            await sweep(second)
        assert not second.service.writes()
        assert reasons(second, *OMITTED, *SHOWN) == {("False", "MassChange")}


async def test_what_differs_as_it_was_told_is_looked_at_once_and_waits_for_ever_on_its_own(
    told: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The service shows them to a GET alone, and goes on refusing their change: the others' are made."""
    differ(told, *SHOWN)
    second, whole = begin(told), FakeService.patch
    second.service.listed = without

    async def patch(self: FakeService, address: object, *args: object) -> Answer:
        of = busy if address.names[-1] in OMITTED else whole  # type: ignore[attr-defined]  # an Address
        return await of(self, address, *args)  # type: ignore[arg-type]  # handed on as they came

    monkeypatch.setattr(FakeService, "patch", patch)
    async with second.running():
        await settle()
        for _ in range(3):
            await sweep(second)
        assert reasons(second, *SHOWN) == {("True", "InSync")}
        assert reasons(second, *OMITTED) == {("False", Reason.PROGRESSING.value)}
        assert set(OMITTED) <= second.engine.accounts.known[OWNER].suspicion.compared


FIELD = "spec.description"
DIFFERENT = (Change("/properties/description"),)
SEEN = Plan(looked=True, state=State())


@pytest.mark.parametrize(
    ("plan", "told", "partial", "whole"),
    [
        (SEEN, set(), False, True),
        (replace(SEEN, differs=DIFFERENT), {FIELD}, False, True),
        (replace(SEEN, differs=DIFFERENT, waiting="it is Starting"), set(), False, False),
        (SEEN, set(), True, False),
        (Plan(looked=True), set(), False, False),
        (Plan(state=State()), set(), False, False),
    ],
    ids=["equal", "told", "the service works on it", "half a manifest", "gone", "not looked at"],
)
def test_who_compared_it_last_is_who_saw_all_of_it(plan: Plan, told: set[str], partial: bool, whole: bool) -> None:
    """Else what differs, and nobody could plan to change at that moment, would be no news afterwards."""
    desired = Desired("Transform", "u", "one", "team", 1, None, {}, (), model=TransformSpec)  # type: ignore[arg-type]  # no address is read
    scene = Scene(0.0, b"", change=suspicion.uncounted(), known=frozenset(told))
    assert compared(Decision(plan), replace(desired, partial=partial), scene) is whole


async def test_what_was_gone_for_a_while_was_not_compared_by_who_missed_it(told: Rig) -> None:
    """The service shows nothing to another version at first, and all of it otherwise then."""
    kept = {name: told.service.transform(name)["created"] for name in SHOWN + OMITTED}
    for name in kept:
        del told.service.stored[("Transform", name)]
    second = begin(told)
    async with second.running():
        await settle()
        await sweep(second)
        assert reasons(second, *SHOWN) == {("False", "MassAbsence")}
        for name, created in kept.items():
            second.service.put_transform(name, recipe_of("AACGoodQualityAudio", created=created))
        for _ in range(3):
            await sweep(second)
        assert not second.service.writes()
        assert reasons(second, *SHOWN, *OMITTED) == {("False", "MassChange")}
