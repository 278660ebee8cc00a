"""Another version of the operator finds much that differs: what waits, for whom, and what it costs otherwise."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.engine_fakes import OWNER, FakeService, settle
from tests.unit.rig import Rig, recipe_of

from ams_operator.api.reasons import Reason
from ams_operator.domain import suspicion
from ams_operator.domain.answers import Lane, NoAnswer, NotSent
from ams_operator.domain.holds import decide, suspected
from ams_operator.domain.model import Action, Change, Decision, Desired, Effect, Plan, Scene, State
from ams_operator.domain.suspicion import too_many_differ
from ams_operator.engine.context import load
from ams_operator.engine.store import ACCOUNT, BACKEND
from ams_operator.engine.suspicion import counts

NAMES = tuple(f"t{number:02}" for number in range(25))
ORDER = {BACKEND: 0, ACCOUNT: 1}
PATCHES = {f"PATCH {name}": 1 for name in NAMES}


@pytest.fixture
def rig() -> Rig:
    return version("1", Rig())


def version(name: str, rig: Rig, limit: int = 20) -> Rig:
    rig.engine.version, rig.engine.mass_change_limit = name, limit
    return rig


async def stand(rig: Rig, names: tuple[str, ...] = NAMES) -> None:
    """Transforms that this version finds in sync."""
    async with rig.running():
        await rig.usable()
        for name in names:
            rig.transform(name)
        await settle()
        await rig.sweep()


def differ(rig: Rig, *names: str) -> None:
    """What is there reads otherwise now; the identity is the same."""
    for name in names:
        created = rig.service.transform(name)["created"]
        rig.service.put_transform(name, recipe_of("AACGoodQualityAudio", created=created))


def begin(before: Rig, name: str = "2", limit: int = 20) -> Rig:
    """Another process, which lists everything, in the same world."""
    rig = version(name, Rig(clock=before.clock, kube=before.kube), limit)
    rig.service = before.service
    forget(rig)
    for resource in sorted(rig.kube.objects.values(), key=lambda one: ORDER.get(one.kind, 2)):
        rig.schedule.seen(resource)
    return rig


def forget(rig: Rig) -> None:
    rig.service.calls.clear()
    rig.kube.writes.clear()


async def sweep(rig: Rig) -> None:
    await rig.clock.advance(60)
    await rig.sweep()


def reasons(rig: Rig, *names: str) -> set[tuple[str, str]]:
    return {rig.ready(name) for name in names}


def written(rig: Rig) -> set[str]:
    return {str(rig.kube.objects[name].record.get("by")) for name in NAMES}


@given(count=st.integers(0, 400), of=st.integers(0, 2000), limit=st.integers(0, 200))
def test_the_limit_is_the_larger_of_a_number_and_a_tenth(count: int, of: int, limit: int) -> None:
    assert too_many_differ(count, of, limit) is (count > max(limit, of / 10))


async def test_nothing_is_changed_when_much_differs_for_another_version(rig: Rig) -> None:
    await stand(rig)
    differ(rig, *NAMES[:21])
    second = begin(rig)
    async with second.running():
        await settle()
        await sweep(second)
        assert reasons(second, *NAMES[:21]) == {("False", "MassChange")}
        assert reasons(second, *NAMES[21:]) == {("True", "InSync")}
        assert len(second.engine.accounts.known[OWNER].suspicion.changed) == 21
        assert "21 of the 25 resources" in second.kube.objects["t00"].status["conditions"][0]["message"]
        assert written(second) == {"1"}, "who compared them last is remembered, for the next process"
        forget(second)
        for _ in range(2):
            await sweep(second)
        assert second.kube.writes == []
        assert {verb for verb, _, _ in second.service.calls} == {"LIST"}


async def test_a_restart_holds_it_again_and_a_higher_limit_lets_it_go(rig: Rig) -> None:
    await stand(rig)
    differ(rig, *NAMES)
    for _ in range(2):
        second = begin(rig)
        async with second.running():
            await settle()
            await sweep(second)
            assert reasons(second, *NAMES) == {("False", "MassChange")}
            assert not second.service.writes()
    assert second.kube.writes == [], "the second process found everything said"
    third = begin(rig, limit=25)
    async with third.running():
        await settle()
        await sweep(third)
        assert third.service.writes() == PATCHES
        assert reasons(third, *NAMES) == {("True", "InSync")}
        assert written(third) == {"2"}


async def test_little_is_changed_at_once(rig: Rig) -> None:
    await stand(rig)
    differ(rig, *NAMES[:20])
    second = begin(rig)
    async with second.running():
        await settle()
        await sweep(second)
        assert second.service.writes() == {f"PATCH {name}": 1 for name in NAMES[:20]}
        assert reasons(second, *NAMES) == {("True", "InSync")}
        assert second.engine.accounts.known[OWNER].suspicion.counting == set()


async def test_for_the_same_version_it_is_drift_however_much(rig: Rig) -> None:
    await stand(rig)
    differ(rig, *NAMES)
    second = begin(rig, "1")
    async with second.running():
        await settle()
        await sweep(second)
        assert second.service.writes() == PATCHES


async def test_an_upgrade_writes_nothing_while_nothing_differs(rig: Rig) -> None:
    await stand(rig)
    second = begin(rig)
    async with second.running():
        await settle()
        await sweep(second)
        assert second.kube.writes == []
        assert {(verb, name) for verb, name, _ in second.service.calls if verb == "GET"} == {("GET", "contoso")}
        differ(second, *NAMES)  # compared by this version already: drift
        await sweep(second)
        assert second.service.writes() == PATCHES


async def test_a_look_that_saw_it_equal_makes_no_difference(rig: Rig) -> None:
    await stand(rig)
    second = begin(rig)
    async with second.running():
        await settle()
        second.schedule.nominate("t00", Lane.POLL)
        await settle()
        differ(second, "t00")
        await sweep(second)
        assert second.service.writes() == {"PATCH t00": 1}


async def test_what_is_told_of_those_that_are_held_stays_true(rig: Rig) -> None:
    await stand(rig)
    differ(rig, *NAMES[:22])
    second = begin(rig)
    async with second.running():
        await settle()
        await sweep(second)
        created = second.service.transform("t21")["created"]
        second.service.put_transform("t21", recipe_of("AdaptiveStreaming", created=created))
        for _ in range(2):
            await sweep(second)
        assert second.ready("t21") == ("True", "InSync")
        assert "21 of the 25 resources" in second.kube.objects["t00"].status["conditions"][0]["message"]


async def test_what_waits_for_an_approval_anyway_is_not_counted(rig: Rig) -> None:
    await stand(rig)
    rig.see(ACCOUNT, "default", {**rig.kube.objects[OWNER].spec, "managementPolicy": "Plan"}, uid=OWNER)
    differ(rig, *NAMES)
    second = begin(rig)
    async with second.running():
        await settle()
        await sweep(second)
        assert reasons(second, *NAMES) == {("False", "PlanPending")}
        assert [one["reason"] for one in second.kube.objects["t00"].status["holds"]] == ["PlanPending"]


async def test_an_edit_is_an_order_for_this_one(rig: Rig) -> None:
    await stand(rig)
    differ(rig, *NAMES)
    second = begin(rig)
    async with second.running():
        await settle()
        await sweep(second)
        second.transform("t03", more={"description": "edited"})
        await settle()
        assert second.service.writes() == {"PATCH t03": 1}


async def test_a_look_before_the_first_sweep_waits_for_it(rig: Rig) -> None:
    await stand(rig)
    differ(rig, *NAMES)
    second = begin(rig)
    async with second.running():
        await settle()
        second.engine.accounts.known[OWNER].sweep_soon = False
        second.schedule.nominate("t00", Lane.POLL)
        await settle()
        assert second.ready("t00") == ("False", "MassChange")
        assert not second.service.writes()
        assert second.engine.accounts.known[OWNER].sweep_soon
        second.service.listed = lambda items: [one for one in items if one["name"] != "t00"]  # and LIST knows nothing
        await sweep(second)
        assert reasons(second, *NAMES) == {("False", "MassChange")}
        assert not second.service.writes()


async def test_one_that_is_looked_at_before_the_first_sweep_is_changed_after_it(rig: Rig) -> None:
    await stand(rig)
    differ(rig, "t00")
    second = begin(rig)
    async with second.running():
        await settle()
        second.schedule.nominate("t00", Lane.POLL)
        await settle()
        assert not second.service.writes()
        await sweep(second)
        assert second.service.writes() == {"PATCH t00": 1}
        assert second.ready("t00") == ("True", "InSync")


async def test_what_differed_before_is_no_news(rig: Rig) -> None:
    """Its status tells of the change that waits: this version found nothing new in it."""
    await stand(rig)
    differ(rig, *NAMES)
    known = rig.kube.objects["t00"]
    field = "spec.outputs[0].preset.builtInStandardEncoder.presetName"
    plan = {"hash": "h", "actions": [{"name": "update", "effects": [], "changes": [{"field": field}]}]}
    rig.kube.objects["t00"] = replace(known, status={**known.status, "plan": plan})
    second = begin(rig)
    async with second.running():
        await settle()
        await sweep(second)
        assert second.service.writes() == {"PATCH t00": 1}


async def test_a_status_without_a_look_does_not_say_who_compared_it(rig: Rig) -> None:
    """The service does not answer this version at first, and that is told of all of them."""
    await stand(rig)
    differ(rig, *NAMES)
    second = begin(rig)
    second.service.broken["contoso"] = NotSent(Reason.ENDPOINT_UNREACHABLE, "no connection")
    async with second.running():
        await settle()
        for name in NAMES:
            second.schedule.nominate(name, Lane.POLL)
        await settle()
        assert reasons(second, *NAMES) == {("False", "EndpointUnreachable")}
        second.service.broken.clear()
        await second.clock.advance(60)
        await sweep(second)
        assert reasons(second, *NAMES) == {("False", "MassChange")}
        assert not second.service.writes()


@pytest.mark.parametrize(
    ("listed", "differs", "partial", "compared"),
    [
        (True, False, False, True),
        (False, False, False, False),
        (True, True, False, False),
        (True, False, True, False),
    ],
    ids=["equal", "not listed", "different, and waiting for something else", "half a manifest"],
)
async def test_only_what_is_seen_to_be_equal_was_compared(
    rig: Rig, listed: bool, differs: bool, partial: bool, compared: bool
) -> None:
    await stand(rig, NAMES[:1])
    second = begin(rig)
    async with second.running():
        await settle()
        job = await load(second.engine, second.kube.objects["t00"])
        job.desired = replace(job.desired, partial=partial)
        plan = Plan(looked=True, state=State(), differs=(Change("/properties/description"),) if differs else ())
        assert counts(job, Decision(plan), listed=listed) is False
        assert ("t00" in second.engine.accounts.known[OWNER].suspicion.compared) is compared


async def test_a_broken_list_frees_nothing(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    await stand(rig)
    differ(rig, *NAMES)
    second = begin(rig)
    async with second.running():
        await settle()
        await sweep(second)
        whole = FakeService.list

        async def broken(*args: object) -> object:
            if args[2] == "Transform":
                raise NoAnswer(Reason.BAD_ANSWER, "no JSON")
            return await whole(*args)  # type: ignore[arg-type]  # handed on as they came

        monkeypatch.setattr(FakeService, "list", broken)
        with pytest.raises(Exception, match="no JSON"):
            await sweep(second)
        monkeypatch.undo()
        await sweep(second)
        assert not second.service.writes()


def test_what_leads_to_a_change_is_held_with_it() -> None:
    """Nothing is stopped for a change that nobody believes."""
    stop = Action("stop", "POST", frozenset({Effect.INTERRUPT}), verb="stop")
    update = Action("update", "PATCH", frozenset({Effect.WRITE}), changes=(Change("/properties/description"),))
    start = Action("start", "POST", frozenset({Effect.START}), verb="start", own_wish=True)
    desired = Desired("LiveEvent", "uid", "one", "team", 1, None, {}, ())  # type: ignore[arg-type]  # no address is read
    scene = Scene(0.0, b"", change=suspicion.mass_change(21, 25, 20))
    held = decide(Plan(chains=((stop, update, start), (start,)), looked=True), desired, scene)
    assert held.next == start, "what has nothing to do with it goes on"
    held = decide(Plan(chains=((stop, update, start),), looked=True), desired, scene)
    assert held.next is None
    assert suspected(held, scene)
    assert not suspected(decide(Plan(chains=((start,),), looked=True), desired, scene), scene)
    create = Action("create", "PUT", frozenset({Effect.CREATE}), changes=update.changes)
    assert decide(Plan(chains=((create,),), looked=True), desired, scene).next == create, "what is gone differs for all"
