"""Deletions end, and nothing is written that nobody would remove: the bound in a namespace that goes, and the
finalizer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from tests.unit.engine_fakes import moment, settle
from tests.unit.rig import Rig

from ams_operator.api.base import FINALIZER
from ams_operator.api.reasons import Reason
from ams_operator.domain.answers import Answer, Lane, NoAnswer, NotSent
from ams_operator.domain.model import JSON, Address


@pytest.mark.parametrize("shown", [{}, {"created": "2020-01-01T00:00:00Z"}], ids=["no properties", "an earlier one"])
async def test_what_a_LIST_shows_lets_go_of_nothing(shown: JSON) -> None:  # noqa: N802 - the word is written so
    """It may be of an earlier state, and leave members out: what reads as somebody else's in it is still deleted."""
    rig = Rig()
    async with rig.running():
        await rig.at_rest("one")
        going = replace(rig.kube.objects["one"], deleting=moment(rig.clock.now()), version=str(next(rig.kube.versions)))
        rig.kube.objects["one"] = going
        rig.engine.store.put(going)  # its turn has not come yet when the LIST passes
        rig.service.listed = lambda items: [{**item, "properties": shown} for item in items]
        await rig.sweep()
        assert rig.kube.objects["one"].finalizers == ()
        assert rig.service.of("DELETE") == ["one"]
        assert ("Transform", "one") not in rig.service.stored


async def test_an_answer_that_does_not_tell_what_it_is_lets_go_of_nothing() -> None:
    """Without its creation time it reads like another one of its name, which would be left alone."""
    rig = Rig()
    async with rig.running():
        await rig.at_rest("one")
        whole = dict(rig.service.stored["Transform", "one"])
        rig.service.stored["Transform", "one"] = {name: one for name, one in whole.items() if name != "properties"}
        rig.see("Transform", "one", rig.kube.objects["one"].spec, deleting=moment(rig.clock.now()))
        await rig.clock.advance(30)
        assert FINALIZER in rig.kube.objects["one"].finalizers
        assert "creation time" in str(rig.kube.objects["one"].status["conditions"])
        assert not rig.service.of("DELETE")
        rig.service.stored["Transform", "one"] = whole
        await rig.clock.advance(60)
        assert FINALIZER not in rig.kube.objects["one"].finalizers
        assert rig.service.of("DELETE") == ["one"]


@pytest.mark.parametrize("answered", [True, False])
async def test_what_may_be_ours_and_does_not_tell_is_not_taken_for_another_one(
    answered: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its creation is on its way, or only this process heard of it: the record does not name it yet."""
    rig = Rig()
    put, get = rig.service.put, rig.service.get

    async def lost(address: Address, body: JSON, lane: Lane, query: Mapping[str, str] | None = None) -> Answer:
        answer = await put(address, body, lane, query)
        if not answered:
            raise NoAnswer(Reason.UNANSWERED, "its answer was lost")
        return answer

    async def bare(address: Address, lane: Lane) -> Answer:
        answer = await get(address, lane)
        return replace(answer, body={"name": "one"}) if address.names and answer.body else answer

    async with rig.running():
        await rig.usable()
        monkeypatch.setattr(rig.service, "put", lost)
        monkeypatch.setattr(rig.service, "get", bare)
        made = rig.transform("one")
        await rig.clock.advance(120)
        assert rig.ready("one") == ("False", "BadAnswer")
        rig.see("Transform", "one", made.spec, deleting=moment(rig.clock.now()))
        await rig.clock.advance(120)
        assert FINALIZER in rig.kube.objects["one"].finalizers
        monkeypatch.setattr(rig.service, "get", get)
        await rig.clock.advance(300)
        assert FINALIZER not in rig.kube.objects["one"].finalizers
        assert rig.service.of("DELETE") == ["one"]


@pytest.mark.parametrize("terminating", [True, False])
async def test_only_a_namespace_that_goes_lets_go_of_what_nobody_can_delete(
    terminating: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a quarter of an hour; elsewhere somebody can be told, and decides."""
    rig = Rig()

    async def ending(_kind: str, _namespace: str) -> tuple[bool, bool]:
        return False, terminating

    async with rig.running():
        await rig.usable()
        spec = rig.transform("one").spec
        await settle()
        monkeypatch.setattr(rig.kube, "terminating", ending)
        rig.service.broken["one"] = NotSent(Reason.FORBIDDEN, "no right to look")
        rig.see("Transform", "one", spec, deleting=moment(rig.clock.now()))
        for _ in range(15):
            assert rig.kube.objects["one"].finalizers == (FINALIZER,)
            await rig.clock.advance(59)
        await rig.clock.advance(700)
        assert rig.kube.objects["one"].finalizers == (() if terminating else (FINALIZER,))
        assert not rig.service.of("DELETE")


async def test_what_was_left_elsewhere_goes_with_its_namespace_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    rig = Rig()

    async def ending(_kind: str, _namespace: str) -> tuple[bool, bool]:
        return False, True

    async with rig.running():
        await rig.at_rest("one")
        spec = {**rig.kube.objects["one"].spec, "azureName": "another"}
        monkeypatch.setattr(rig.kube, "terminating", ending)
        rig.see("Transform", "one", spec, deleting=moment(rig.clock.now()))
        for _ in range(14):
            await rig.clock.advance(60)
            assert rig.kube.objects["one"].finalizers == (FINALIZER,)
        await rig.clock.advance(130)
        assert rig.kube.objects["one"].finalizers == ()
        assert not rig.service.of("DELETE")


async def test_a_finalizer_that_somebody_took_away_is_back_before_the_next_write(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """`kubectl replace` with the manifest takes it: what is written then, nobody would remove."""
    rig = Rig()
    patch, guarded = rig.service.patch, []

    async def watched(address: Address, body: JSON, lane: Lane) -> Answer:
        guarded.append(FINALIZER in rig.kube.objects["one"].finalizers)
        return await patch(address, body, lane)

    async with rig.running():
        await rig.usable()
        rig.transform("one")
        await settle()
        monkeypatch.setattr(rig.service, "patch", watched)
        found = rig.kube.objects["one"]
        rig.kube.objects["one"] = replace(found, finalizers=(), version=str(next(rig.kube.versions)))
        rig.schedule.seen(rig.kube.objects["one"])
        rig.transform("one", "ContentAwareEncoding")
        await settle()
        assert guarded == [True]
        assert rig.ready("one") == ("True", "InSync")
