"""Another version finds much that differs, in kinds of which one may not be listed."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from tests.unit.engine_fakes import FakeService, moment, settle
from tests.unit.rig import Rig, recipe_of
from tests.unit.test_mass_change import begin, differ, reasons, stand, sweep, version

from ams_operator.api.reasons import Reason
from ams_operator.domain.answers import NoAnswer, NotSent, Page, PortError

LISTED = tuple(f"t{number:02}" for number in range(15))
HIDDEN = tuple(f"a{number:02}" for number in range(15))
REFUSED = NotSent(Reason.FORBIDDEN, "no right to list")


async def before() -> Rig:
    """Transforms and assets, which the former version found in sync."""
    rig = version("1", Rig())
    await stand(rig, LISTED)
    first = begin(rig, "1")
    async with first.running():
        for name in HIDDEN:
            properties = {"assetId": f"id-of-{name}", "created": moment(0), "description": "mine"}
            first.service.stored[("Asset", name)] = {"name": name, "properties": properties}
            first.see("Asset", name, {"description": "mine"}, uid=name)
        await settle()
        await first.sweep()
        assert reasons(first, *LISTED, *HIDDEN) == {("True", "InSync")}
    return first


async def swept(rig: Rig) -> None:
    with contextlib.suppress(NotSent, NoAnswer):
        await sweep(rig)
    await settle()


def refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    """Assets may be listed no more."""
    whole = FakeService.list

    async def partly(self: FakeService, account: Any, kind: str, *args: Any) -> Page:
        if kind == "Asset":
            raise REFUSED
        return await whole(self, account, kind, *args)

    monkeypatch.setattr(FakeService, "list", partly)


def differ_hidden(rig: Rig) -> None:
    for name in HIDDEN:
        rig.service.stored[("Asset", name)]["properties"]["description"] = "as version 2 reads it"


@pytest.mark.parametrize("both", [True, False], ids=["both kinds differ", "one kind differs"])
async def test_what_may_not_be_listed_is_looked_at_before_others_are_changed(
    monkeypatch: pytest.MonkeyPatch, both: bool
) -> None:
    """Together they are more than the limit, each kind alone is not."""
    rig = await before()
    refuse(monkeypatch)
    differ(rig, *LISTED)
    if both:
        differ_hidden(rig)
    second = begin(rig)
    async with second.running():
        await settle()
        for _ in range(4):
            await swept(second)
        if both:
            assert not second.service.writes()
            assert reasons(second, *LISTED, *HIDDEN) == {("False", "MassChange")}
        else:
            assert second.service.writes() == {f"PATCH {name}": 1 for name in LISTED}
            assert {second.service.of("GET").count(name) for name in HIDDEN} == {1}, "once is enough"


@pytest.mark.parametrize("trouble", [REFUSED, NoAnswer(Reason.BAD_ANSWER, "no JSON")], ids=["403", "no JSON"])
async def test_what_may_neither_be_listed_nor_read_keeps_nothing_else_waiting(
    monkeypatch: pytest.MonkeyPatch, trouble: PortError
) -> None:
    rig = await before()
    refuse(monkeypatch)
    differ(rig, *LISTED)
    second = begin(rig)
    second.service.broken |= dict.fromkeys(HIDDEN, trouble)
    async with second.running():
        await settle()
        for _ in range(3):
            await swept(second)
        assert second.service.writes() == {f"PATCH {name}": 1 for name in LISTED}


async def test_what_differs_no_more_is_counted_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody corrects most of it in the service, while the other kind may not be listed for good."""
    rig = await before()
    refuse(monkeypatch)
    differ(rig, *LISTED)
    differ_hidden(rig)
    second = begin(rig)
    async with second.running():
        await settle()
        for _ in range(4):
            await swept(second)
        assert reasons(second, *LISTED, *HIDDEN) == {("False", "MassChange")}
        for name in LISTED:
            created = second.service.transform(name)["created"]
            second.service.put_transform(name, recipe_of("AdaptiveStreaming", created=created))
        for _ in range(4):
            await swept(second)
        assert reasons(second, *LISTED, *HIDDEN) == {("True", "InSync")}
        assert second.service.writes() == {f"PATCH {name}": 1 for name in HIDDEN}


async def test_what_is_held_for_something_else_keeps_nothing_else_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each asset is declared twice: who came second is never looked at."""
    rig = await before()
    refuse(monkeypatch)
    differ(rig, *LISTED)
    second = begin(rig)
    async with second.running():
        for name in HIDDEN:
            second.see("Asset", f"{name}-again", {"azureName": name}, uid=f"{name}-again")
        await settle()
        assert reasons(second, *(f"{name}-again" for name in HIDDEN)) == {("False", "Claimed")}
        for _ in range(3):
            await swept(second)
        assert second.service.writes() == {f"PATCH {name}": 1 for name in LISTED}


async def test_what_can_be_compared_only_later_has_no_limit_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of two kinds alone is few enough; one of them may not be read before a right comes."""
    rig = await before()
    differ(rig, *LISTED)
    differ_hidden(rig)
    second = begin(rig)
    with monkeypatch.context() as refused:
        refuse(refused)
        second.service.broken |= dict.fromkeys(HIDDEN, REFUSED)
        async with second.running():
            await settle()
            for _ in range(3):
                await swept(second)
            assert sum(second.service.writes().values()) == len(LISTED)
            refused.undo()
            second.service.broken.clear()
            await second.clock.advance(700)
            for _ in range(4):
                await swept(second)
            assert reasons(second, *HIDDEN) == {("False", "MassChange")}
            assert sum(second.service.writes().values()) == len(LISTED)
            told = str(second.kube.objects[HIDDEN[0]].status["conditions"])
            assert f"beside {len(LISTED)} that were changed already" in told
            assert f"--mass-change-limit={len(LISTED) + len(HIDDEN)}" in told
