"""A quota is used up: who waits for a place is tried when one frees, and who waits longest first."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.unit.engine_fakes import OWNER, settle
from tests.unit.rig import Rig, recipe_of

from ams_operator.domain import transform


async def full(rig: Rig) -> None:
    """One place, which `first` has; `second` and `third` wait."""
    await rig.usable()
    rig.service.most = 1
    for name in ("first", "second", "third"):
        rig.transform(name)
        await settle()
        await rig.clock.advance(1)
    assert rig.ready("first") == ("True", "InSync")
    assert {rig.ready(name) for name in ("second", "third")} == {("False", "QuotaExceeded")}
    # the pauses have grown long by now
    for name in ("second", "third"):
        trouble = rig.engine.store.memory[name].trouble
        assert trouble is not None
        trouble.until = rig.clock.now() + 600
        rig.schedule.later(name, trouble.until)
    rig.service.calls.clear()


@pytest.mark.parametrize("how", ["object", "foreign", "account made anew"])
async def test_a_place_that_frees_is_taken_by_the_oldest_and_costs_one_request(how: str) -> None:
    rig = Rig()
    async with rig.running():
        await full(rig)
        if how == "account made anew":
            spec = rig.kube.objects[OWNER].spec
            rig.kube.objects.pop(OWNER)
            rig.schedule.gone("MediaServicesAccount", OWNER)
            rig.see("MediaServicesAccount", "default", spec, uid="anew")
            await settle()
            rig.service.calls.clear()
        if how != "foreign":
            rig.service.stored.pop(("Transform", "first"))
            rig.schedule.gone("Transform", "first")
        else:
            rig.service.put_transform("stranger", recipe_of("AdaptiveStreaming"))
            await rig.sweep()
            assert rig.service.writes() == {}
            rig.service.most = 2
            rig.service.stored.pop(("Transform", "stranger"))
            await rig.sweep()
        await settle()
        assert rig.ready("second") == ("True", "InSync")
        assert rig.ready("third") == ("False", "QuotaExceeded")
        assert rig.service.writes() == {"PUT second": 1}


async def test_nobody_is_tried_while_nothing_frees() -> None:
    rig = Rig()
    async with rig.running():
        await full(rig)
        await rig.sweep()
        await rig.sweep()
        assert rig.service.writes() == {}
        await rig.clock.advance(601)
        assert set(rig.service.writes()) == {"PUT second", "PUT third"}


@pytest.mark.parametrize("refusal", [(403, "Forbidden"), (409, "Conflict")])
@pytest.mark.parametrize(("quota", "reason"), [(1, "QuotaExceeded"), (2, "")], ids=["full", "not full"])
async def test_a_refusal_that_names_no_quota_is_one_where_the_places_are_taken(
    refusal: tuple[int, str], quota: int, reason: str
) -> None:
    rig = Rig()
    rig.engine.kinds = {**rig.engine.kinds, "Transform": replace(transform.KIND, quota=quota)}
    async with rig.running():
        await rig.usable()
        rig.service.most, rig.service.refusal = 1, refusal
        rig.service.put_transform("theirs", recipe_of("AdaptiveStreaming"))
        rig.transform("ours")
        await settle()
        expected = reason or {403: "Forbidden", 409: "Progressing"}[refusal[0]]
        assert rig.ready("ours")[1] == expected
        if reason:
            (condition,) = (one for one in rig.kube.objects["ours"].status["conditions"] if one["type"] == "Ready")
            assert "Delete one of theirs" in condition["message"]
        assert rig.service.of("LIST").count("Transform") == 1


async def test_a_page_that_repeats_is_no_used_up_quota() -> None:
    """Each of a LIST's things counts once, however often it is shown."""
    rig = Rig()
    async with rig.running():
        await rig.usable()
        rig.service.put_transform("there", recipe_of("AdaptiveStreaming"))
        rig.service.most, rig.service.refusal = 1, (409, "Conflict")
        rig.service.listed = lambda items: items * (transform.KIND.quota or 0)
        rig.transform("one")
        await settle()
        assert rig.ready("one") == ("False", "Progressing")
