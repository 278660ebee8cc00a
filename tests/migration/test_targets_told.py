"""What is told where the annotation or the target is another one: never on somebody else's word."""

from __future__ import annotations

import copy
import io
import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from rich.console import Console

from ams_operator.api.reasons import Reason
from ams_operator.cli.report_show import show
from ams_operator.domain import ids
from ams_operator.domain.answers import NotSent, Resource
from ams_operator.migration import telling
from ams_operator.migration.conditions import Type
from ams_operator.migration.inputs import AccessRead, AccountSeen, JobPoll
from ams_operator.migration.report import build, html, markdown
from ams_operator.migration.report.reading import read
from ams_operator.migration.trouble import Access
from ams_operator.migration.watch import Watch

from .telling_world import NOW, V2_SOURCE, World, complete, elsewhere, look, looks, sees


@pytest.fixture
def world() -> World:
    return World()


async def test_what_somebody_mistyped_is_told_and_removes_nothing(world: World) -> None:
    watch = world.watch()
    sees(watch, NOW)
    await world.teller(watch).tell()
    report = copy.deepcopy(world.cluster.report) or {}
    for wrong in ("Ture", "", "yes", "1"):
        await look(world, wrong)
        status, reason, message = world.cluster.says(Type.ACCESS)
        assert (status, reason) == ("False", "AnnotationUnreadable")
        assert f'says "{wrong}"' in message
        assert "true, to retired" in message
        assert len(telling.own(world.cluster.held.status)) == len(Type)
        assert world.cluster.held.status["migration"]["report"] == "a"
        assert world.cluster.report is not None
        assert {**world.cluster.report, "conditions": []} == {**report, "conditions": []}
        told = {one["type"]: one["reason"] for one in world.cluster.report["conditions"]}
        assert told == {one["type"]: one["reason"] for one in telling.own(world.cluster.held.status)}
    world.cluster.held = elsewhere(world.cluster.held)
    await look(world, "1")
    generations = {one["type"]: one["observedGeneration"] for one in telling.own(world.cluster.held.status)}
    assert generations == {one: 2 if one == Type.ACCESS else 1 for one in Type}, "nobody judged the other target"
    before = world.cluster.written
    await look(world, "1")
    assert world.cluster.written == before
    await look(world, "False ")
    assert not telling.own(world.cluster.held.status)
    assert world.cluster.report is None


@pytest.mark.parametrize("mode", ["true", "retired"])
@pytest.mark.parametrize(
    ("field", "value", "why"),
    [
        ("freezeJobsAfter", "2026-11-31T00:00:00Z", "there is no such time"),
        ("lookback", "P999999D", "more than ten years"),
        ("quietPeriod", "P9999999999D", "more than ten years"),
        ("quietPeriod", "a week", "quietPeriod"),
    ],
)
async def test_a_wish_that_says_nothing_is_told_and_removes_nothing(
    world: World, mode: str, field: str, value: str, why: str
) -> None:
    watch = world.watch()
    sees(watch, NOW)
    await world.teller(watch).tell()
    before = {one["type"]: one for one in telling.own(world.cluster.held.status)}
    spec, account = world.cluster.held.spec, world.cluster.held
    world.cluster.held = replace(account, spec={**spec, "migration": {field: value}}, generation=2)
    await look(world, mode)
    status, reason, message = world.cluster.says(Type.ACCESS)
    assert (status, reason) == ("False", "SpecUnreadable")
    assert f"spec.migration.{field}: " in message
    assert why in message
    assert message.endswith("next: correct it; until then every other condition stays as it was")
    after = {one["type"]: one for one in telling.own(world.cluster.held.status)}
    assert {name: one for name, one in after.items() if name != Type.ACCESS} == {
        name: one for name, one in before.items() if name != Type.ACCESS
    }
    written = world.cluster.written
    await look(world, mode)
    assert world.cluster.written == written


async def test_a_generation_is_not_told_of_by_what_was_looked_at_for_another_target(world: World) -> None:
    watch = world.watch()
    sees(watch, NOW)
    teller = world.teller(watch)
    await teller.tell()
    before = world.cluster.held
    world.cluster.no_way = NotSent(Reason.CREDENTIAL_REJECTED, "of the target")
    world.cluster.held = elsewhere(before)
    watch.changed.set()
    await teller.tell()
    assert (world.cluster.written, world.cluster.held.status) == (1, before.status)
    await looks(watch, "never")
    assert watch.target.account.at is None, "nor is the other target looked at for this one"
    world.cluster.held = replace(before, generation=3)
    await teller.tell()
    assert {one["observedGeneration"] for one in telling.own(world.cluster.held.status)} == {3}, "it was taken back"


def _later(held: Resource) -> Resource:
    """The same account and target, after somebody changed something else."""
    return replace(held, generation=held.generation + 1)


@pytest.mark.parametrize(
    ("change", "ours", "stays"),
    [(elsewhere, False, False), (elsewhere, True, False), (_later, False, False), (_later, True, True),
     (None, False, True)],
)  # fmt: skip
async def test_what_was_complete_stays_so_for_the_same_accounts_only(
    world: World, change: Callable[[Resource], Resource] | None, ours: bool, stays: bool
) -> None:
    """Version 2 can't be read: what another target was complete with says nothing of this one."""
    await world.teller().tell()
    world.cluster.held = complete(world.cluster.held)
    if change is not None:
        world.cluster.held = change(world.cluster.held)
    teller = world.teller()
    teller.ours = ours
    world.clock.at += 200.0
    for _ in range(2):
        await teller.tell()
        reason = "CompletedEarlier" if stays else "ConditionsUnknown"
        assert world.cluster.says(Type.COMPLETE)[:2] == ("True" if stays else "Unknown", reason)


@pytest.mark.parametrize("what", ["secret", "object"])
async def test_what_was_complete_is_so_again_after_trouble_with_the_target(world: World, what: str) -> None:
    """Version 2 is gone for good: nothing can show once more that all was done."""
    await world.teller().tell()
    world.cluster.held = complete(world.cluster.held)

    async def told(trouble: str = "") -> tuple[str, str]:
        watch = world.watch()
        teller = world.teller(watch)
        world.clock.at += 200.0  # it looked by now, as far as it can
        watch.access = AccessRead(world.clock.at, 60.0, Access.NO_V2_ENDPOINT)
        watch.target.account = AccountSeen(world.clock.at, 60.0, trouble, provisioning="Succeeded")
        await teller.tell()
        return world.cluster.says(Type.COMPLETE)[:2]

    assert await told() == ("True", "CompletedEarlier")
    world.cluster.places["a"] = "" if what == "object" else "a"
    assert (await told("SignInRejected"))[0] == "False"
    assert (await told("SignInRejected"))[0] == "False"
    world.cluster.places.clear()
    assert await told() == ("True", "CompletedEarlier")
    assert world.cluster.held.status["migration"]["completed"] is True
    world.cluster.places["a"] = "another"
    assert (await told())[0] == "False"
    assert "completed" not in world.cluster.held.status["migration"]


@pytest.mark.parametrize("when", ["meanwhile", "restart", "gone"])
async def test_a_target_that_stands_for_another_account_is_judged_anew_at_once(world: World, when: str) -> None:
    """The manifest is the same, and so is the name in it: an object was deleted, and applied for another one."""
    watch = world.watch()
    sees(watch, NOW)
    await world.teller(watch).tell()
    world.cluster.held = complete(world.cluster.held)
    migration = {**world.cluster.held.status["migration"], "switched": ["nb:chid:old"]}
    world.cluster.held = replace(world.cluster.held, status={**world.cluster.held.status, "migration": migration})
    kept, before = watch.kept.account, world.cluster.held.status
    world.cluster.places["a"] = "" if when == "gone" else "another"
    if when == "meanwhile":
        await world.teller(watch).tell()
        assert world.cluster.held.status == before, "what was looked at is of the one before"
    later = world.watch()
    assert later.kept.account != kept, "nothing is taken up of what was compared with the one before"
    sees(later, NOW)
    await world.teller(later).tell()
    assert {world.cluster.says(one)[0] for one in (Type.DELIVERY, Type.COMPLETE)} == {"Unknown"}
    found = world.cluster.held.status["migration"]
    assert found.get("switched") == (["nb:chid:old"] if when == "gone" else None)
    world.cluster.places.clear()
    assert telling.is_of(world.cluster.held.status, await world.tools.target(world.cluster.held)) is (when == "gone")


async def test_jobs_that_were_counted_by_another_freeze_are_counted_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else V2JobsDrained is True of a freeze that nobody looked at; and one that was moved on as it says is never."""
    freezes: list[float | None] = []

    class Jobs:
        async def read(self, freeze: float | None) -> JobPoll:
            freezes.append(freeze)
            return JobPoll(world.clock.now(), newest=NOW, after_freeze=int(freeze is not None and freeze <= NOW))

    async def nothing(*_: Any) -> tuple[()]:
        return ()

    for name in ("read_channels", "read_programs"):
        monkeypatch.setattr(f"ams_operator.migration.polls.{name}", nothing)
    monkeypatch.setattr(Watch, "_reached", lambda _: None)
    watch = world.watch()
    monkeypatch.setattr(watch, "_jobs", Jobs())
    teller = world.teller(watch)
    stories = [("", "NoneInFlight"), ("2023-01-01", "NewJobsAfterFreeze"), ("2023-12-01", "DrainedAndFrozen")]
    for day, reason in stories:
        spec = {"subscriptionId": "s", "migration": {"freezeJobsAfter": f"{day}T00:00:00Z"} if day else {}}
        world.cluster.held = replace(world.cluster.held, spec=spec, generation=world.cluster.held.generation + 1)
        await teller.tell()
        assert world.cluster.says(Type.JOBS)[:2] == ("Unknown", "InputsMissing"), day
        for _ in range(2):
            world.clock.at += 60.0
            await watch._look(world.clock.at, drained=False)
        watch.access = AccessRead(world.clock.at, 60.0, Access.REACHABLE)
        await teller.tell()
        assert world.cluster.says(Type.JOBS)[1] == reason
    assert len(set(freezes)) == len(stories)


async def test_what_is_retired_survives_a_typo(world: World) -> None:
    """Nobody could find it again: version 2 may be gone."""
    watch = world.watch()
    sees(watch, NOW)
    await world.teller(watch).tell()
    await look(world, "Retried")
    live = world.cluster.says(Type.LIVE)
    assert live == ("True", "NotUsed", "version 2 has no channel to switch")
    for value in ("retired", "rETIRED?", "retired"):
        await look(world, value)
        assert (world.cluster.says(Type.LIVE)[0], world.cluster.says(Type.LIVE)[2]) == (live[0], live[2])
    now = {one["type"]: one["reason"] for one in world.cluster.report["conditions"]} if world.cluster.report else {}
    assert set(now.values()) == {"V2Retired"}, "who only looks at the report sees it, too"
    assert len(now) == len(Type)
    assert world.cluster.says(Type.ACCESS) == ("True", "V2Retired", "version 2 answers")
    assert "next:" not in str(world.cluster.report), "nothing is, any more"


async def test_since_when_version_2_is_retired_is_kept_until_it_is_asked_again(world: World) -> None:
    """Over restarts, other manifests and typos, in the account and in its report, in whichever form that is read."""
    watch = world.watch()
    sees(watch, NOW)
    await world.teller(watch).tell()

    def since() -> tuple[str, str]:
        assert world.cluster.report is not None
        held = world.cluster.held.status["migration"]
        return held.get("retired", ""), world.cluster.report.get("retired", "")

    assert since() == ("", "")
    await look(world, "retired")
    began = ids.stamp(NOW)
    assert since() == (began, began)
    for value in ("retired", "retierd", "retired"):
        world.clock.at += 86_400.0
        world.cluster.held = replace(world.cluster.held, generation=world.cluster.held.generation + 1)
        await look(world, value)
        assert since() == (began, began)
    item = {"apiVersion": "ams-operator.dev/v1alpha1", "kind": "MigrationReport", "metadata": {"name": "a"}}
    made = build.report(read(json.dumps({**item, "status": world.cluster.report}).encode()))
    drawn = io.StringIO()
    show(made, Console(file=drawn, width=200))
    for text in (html.page(made), markdown.markdown(made), drawn.getvalue()):
        assert f"retired since {began}" in re.sub("<[^>]*>|`", "", text)
    world.cluster.held = replace(world.cluster.held, annotations={V2_SOURCE: "true"})
    again = world.watch()
    sees(again, world.clock.at)
    await world.teller(again).tell()
    assert since() == ("", "")
    world.clock.at += 86_400.0
    await look(world, "retired")
    assert since() == (ids.stamp(world.clock.at),) * 2
