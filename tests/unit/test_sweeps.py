"""LIST nominates, GET convicts: what a sweep may conclude, and what it costs."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest
from tests.unit.engine_fakes import OWNER, settle
from tests.unit.rig import Rig, recipe_of

from ams_operator.api.base import FINALIZER
from ams_operator.domain.answers import Lane
from ams_operator.domain.model import JSON
from ams_operator.engine import comparing as module
from ams_operator.engine import places
from ams_operator.engine.store import ACCOUNT


@pytest.fixture
def rig() -> Rig:
    return Rig()


async def three(rig: Rig) -> None:
    """Three transforms that are ready, and a sweep that has seen them."""
    await rig.usable()
    for name in ("one", "two", "three"):
        rig.transform(name)
    await settle()
    await rig.sweep()
    rig.service.calls.clear()
    rig.kube.writes.clear()


def gets(rig: Rig) -> list[str]:
    return [name for name in rig.service.of("GET") if name != "contoso"]


async def test_a_sweep_of_what_is_equal_costs_its_pages_only(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    async with rig.running():
        await three(rig)
        plans = counted(monkeypatch, "plan")
        loads = counted(monkeypatch, "load")
        for _ in range(3):
            await rig.clock.advance(60)
            await rig.sweep()
        assert {verb for verb, _, _ in rig.service.calls} == {"LIST"}
        assert len(rig.service.calls) == 6  # accounts and transforms, three times
        assert rig.kube.writes == []
        assert (plans, loads) == ([], [])


def counted(monkeypatch: pytest.MonkeyPatch, name: str) -> list[str]:
    calls: list[str] = []
    original = getattr(module, name)

    def counting(*args: Any) -> Any:
        calls.append(name)
        return original(*args)

    monkeypatch.setattr(module, name, counting)
    return calls


async def test_drift_is_found_proved_and_corrected(rig: Rig) -> None:
    async with rig.running():
        await three(rig)
        rig.service.put_transform("two", drifted(rig, "two"))
        await rig.sweep()
        assert rig.service.writes() == {"PATCH two": 1}
        assert gets(rig) == ["two", "two"]
        assert [uid for _, uid in rig.kube.writes] == ["two", "two"]
        assert rig.ready("two") == ("True", "InSync")


def drifted(rig: Rig, name: str) -> JSON:
    created = rig.service.transform(name)["created"]
    return recipe_of("AACGoodQualityAudio", created=created)


async def test_what_only_a_list_shows_is_never_acted_upon(rig: Rig) -> None:
    """Shallow or stale items: the GET says otherwise, and nothing is sent."""
    async with rig.running():
        await three(rig)

        def shallow(items: list[JSON]) -> list[JSON]:
            return [
                {"name": item["name"], "properties": {"created": item["properties"].get("created")}} for item in items
            ]

        rig.service.listed = shallow
        await rig.clock.advance(60)
        await rig.sweep()
        rig.kube.writes.clear()
        rig.service.calls.clear()
        for _ in range(3):
            await rig.clock.advance(60)
            await rig.sweep()
        assert rig.kube.writes == []
        assert len(gets(rig)) == 9
        assert not rig.service.writes()
        assert all(rig.ready(name) == ("True", "InSync") for name in ("one", "two", "three"))


@pytest.mark.parametrize("looked", [True, False])
async def test_a_page_from_before_our_last_write_counts_for_nothing(rig: Rig, looked: bool) -> None:
    async with rig.running():
        await three(rig)
        rig.service.put_transform("two", drifted(rig, "two"))
        stale = [dict(item) for item in rig.service.stored.values()]
        await rig.sweep()
        rig.service.calls.clear()
        rig.service.listed = lambda _items: [item for item in stale if "outputs" in item["properties"]]
        rig.service.lag = 5.0
        if not looked:
            rig.engine.store.memory["two"].observed = None
        await rig.sweep()
        assert gets(rig) == []
        assert not rig.service.writes()


async def test_what_is_not_listed_is_asked_for_without_believing_the_list(rig: Rig) -> None:
    async with rig.running():
        await three(rig)
        rig.service.listed = lambda items: [item for item in items if item["name"] != "two"]
        await rig.clock.advance(60)
        await rig.sweep()
        assert gets(rig) == ["two"]
        assert not rig.service.writes()
        assert rig.ready("two") == ("True", "InSync")
        assert [lane for verb, name, lane in rig.service.calls if (verb, name) == ("GET", "two")] == [Lane.SWEEP]


async def test_what_is_really_gone_is_made_again(rig: Rig) -> None:
    async with rig.running():
        await three(rig)
        del rig.service.stored[("Transform", "two")]
        await rig.clock.advance(60)
        await rig.sweep()
        assert rig.service.writes() == {"PUT two": 1}
        assert rig.ready("two") == ("True", "InSync")


async def test_an_account_that_is_gone_is_told_and_nothing_is_made(rig: Rig) -> None:
    async with rig.running():
        await three(rig)
        rig.service.stored.clear()
        await rig.clock.advance(60)
        await rig.sweep()
        assert rig.ready(OWNER) == ("False", "AccountVanished")
        assert not rig.service.writes()
        assert all(rig.ready(name)[0] != "True" for name in ("one", "two", "three"))


@pytest.mark.parametrize("back", [True, False])
async def test_nothing_is_let_go_because_its_account_was_missing_once(rig: Rig, back: bool) -> None:
    async with rig.running():
        await three(rig)
        stored = rig.service.stored.copy()
        rig.service.stored.clear()
        await rig.clock.advance(60)
        await rig.sweep()
        assert rig.ready(OWNER) == ("False", "AccountVanished")
        one = rig.kube.objects["one"]
        rig.see("Transform", "one", one.spec, finalizers=one.finalizers, deleting="2024-01-01T00:00:00Z")
        await settle()
        assert FINALIZER in rig.kube.objects["one"].finalizers
        if back:
            rig.service.stored.update(stored)
        await rig.clock.advance(60)
        assert FINALIZER not in rig.kube.objects["one"].finalizers
        assert rig.service.writes() == ({"DELETE one": 1} if back else {})


async def test_an_account_whose_object_goes_during_its_sweep_is_no_fault(rig: Rig) -> None:
    async with rig.running():
        await three(rig)
        places.listed(rig.engine, rig.kube.objects[OWNER], "Transform", (), 3)
        rig.schedule.gone("MediaServicesAccount", OWNER)
        places.listed(rig.engine, rig.kube.objects[OWNER], "Transform", (), 2)


@pytest.mark.parametrize(
    "item", [{}, {"name": 7}, {"name": "one"}, {"name": "two", "properties": None}, {"name": "x" * 9}]
)
async def test_an_item_of_any_shape_disturbs_no_other(rig: Rig, item: JSON) -> None:
    async with rig.running():
        await three(rig)
        rig.service.put_transform("three", drifted(rig, "three"))
        rig.service.listed = lambda items: [item, *(one for one in items if one["name"] != item.get("name"))]
        await rig.clock.advance(60)
        await rig.sweep()
        assert rig.service.writes() == {"PATCH three": 1}
        assert all(rig.ready(name) == ("True", "InSync") for name in ("one", "two", "three"))


async def test_what_nobody_declares_here_is_left_alone(rig: Rig) -> None:
    async with rig.running():
        await three(rig)
        rig.service.put_transform("foreign", recipe_of("AACGoodQualityAudio"))
        await rig.sweep()
        assert gets(rig) == []
        assert rig.kube.writes == []


async def test_observe_and_pause_write_nothing_however_often_it_is_swept(rig: Rig) -> None:
    async with rig.running():
        await rig.usable()
        rig.service.put_transform("seen", recipe_of("AACGoodQualityAudio"))
        rig.transform("seen", more={"managementPolicy": "Observe"})
        rig.transform("left", more={"managementPolicy": "Pause"})
        await settle()
        rig.kube.writes.clear()
        for _ in range(3):
            await rig.clock.advance(60)
            await rig.sweep()
        assert rig.ready("seen") == ("True", "ObservedDifferent")
        assert rig.ready("left")[1] == "Paused"
        assert not rig.service.writes()
        assert rig.kube.writes == []


async def test_an_account_that_is_gone_leaves_nothing_behind(rig: Rig) -> None:
    async with rig.living():
        await rig.usable()
        await rig.clock.advance(120)
        assert rig.service.of("LIST")
        rig.schedule.gone(ACCOUNT, OWNER)
        await rig.clock.advance(1)
        left = {one.name: str(getattr(rig.sweeps, one.name)) for one in fields(rig.sweeps) if one.name != "engine"}
        assert [name for name, what in left.items() if OWNER in what] == []
        assert rig.engine.accounts.known == {}


class TestWhen:
    async def test_a_usable_account_is_due_after_its_interval_and_never_twice_at_once(self, rig: Rig) -> None:
        async with rig.running():
            await rig.usable()
            (owner,) = rig.sweeps.due()
            await rig.sweeps._one(owner)
            assert rig.sweeps.due() == []
            await rig.clock.advance(60)
            assert [one.uid for one in rig.sweeps.due()] == [OWNER]
            rig.sweeps.running.add(OWNER)
            assert rig.sweeps.due() == []

    async def test_an_interval_of_zero_means_never_again(self, rig: Rig) -> None:
        rig.service.put_account()
        async with rig.running():
            rig.apply_account(driftInterval="0s")
            await settle()
            (owner,) = rig.sweeps.due()
            await rig.sweeps._one(owner)
            rig.clock.time += 1_000_000
            assert rig.sweeps.due() == []

    async def test_an_account_that_is_not_usable_is_not_swept(self, rig: Rig) -> None:
        async with rig.running():
            rig.apply_account()
            await settle()
            assert rig.ready(OWNER)[0] == "False"
            assert rig.sweeps.due() == []

    async def test_how_long_the_oldest_sweep_is_ago(self, rig: Rig) -> None:
        async with rig.running():
            await rig.usable()
            await rig.sweep()
            await rig.clock.advance(45)
            assert rig.sweeps.oldest() == pytest.approx(45)


async def test_whose_it_is_no_LIST_tells() -> None:  # noqa: N802 - the word is written so
    """What was only looked at so far is to be managed: it is adopted as a GET shows it, and not as it was listed."""
    rig = Rig()
    async with rig.running():
        await rig.at_rest("one")
        here = rig.service.stored["Transform", "one"]
        rig.service.stored["Transform", "theirs"] = {**here, "name": "theirs"}
        rig.transform("theirs", more={"managementPolicy": "Observe"})
        await settle()
        former = {**here["properties"], "created": "2020-01-01T00:00:00Z"}
        rig.service.listed = lambda items: [{**item, "properties": former} for item in items]
        await rig.clock.advance(70)
        await rig.sweep()
        rig.transform("theirs")
        await settle()
        record = rig.kube.objects["theirs"].status["record"]
        assert record["how"] == "Adopted"
        assert record["identity"] != "2020-01-01T00:00:00.000+00:00"
