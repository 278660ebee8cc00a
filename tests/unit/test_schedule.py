"""Who is looked at next, by how many, and what one object's or the cluster's trouble does to the others."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from tests.unit.engine_fakes import OWNER, settle
from tests.unit.rig import Rig, recipe_of

from ams_operator.domain.answers import Conflict, KubeRefused, Lane
from ams_operator.domain.model import JSON, State


@pytest.fixture
def rig() -> Rig:
    return Rig()


def names_of(rig: Rig, verb: str = "GET") -> list[str]:
    return [name for name in rig.service.of(verb) if name != "contoso"]


async def test_the_simplest_case_is_ready_with_the_least_requests(rig: Rig) -> None:
    async with rig.running():
        await rig.usable()
        rig.transform("one")
        await settle()
        assert rig.ready("one") == ("True", "InSync")
        assert rig.service.writes() == {"PUT one": 1}
        assert names_of(rig) == ["one", "one"]
        assert [what for what, uid in rig.kube.writes if uid == "one"] == ["finalizer", "status", "status"]


async def test_nothing_is_done_on_half_a_view_of_the_cluster(rig: Rig) -> None:
    task = asyncio.ensure_future(rig.schedule.run())
    rig.service.put_account()
    rig.apply_account()
    rig.transform("one")
    await rig.clock.advance(30)
    assert rig.service.calls == []
    assert rig.kube.writes == []
    rig.schedule.open()
    await settle()
    assert rig.ready(OWNER) == ("True", "InSync")
    task.cancel()


async def test_without_permission_to_write_everything_waits_and_then_goes_on(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    async with rig.running():
        await rig.usable()
        rig.term.leads = False
        rig.transform("one")
        await rig.clock.advance(120)
        assert rig.service.writes() == {}
        assert not rig.schedule.cluster_up.is_set()
        assert caplog.text.count("everything waits") == 1, "it is not tried again and again"
        rig.term.leads = True
        await rig.clock.advance(6)
        assert rig.ready("one") == ("True", "InSync")
        assert rig.service.writes() == {"PUT one": 1}


class TestLanes:
    async def test_a_user_goes_before_a_sweep_and_a_nomination_can_be_overtaken(self) -> None:
        rig = Rig(workers=1)
        async with rig.running():
            await rig.usable()
            for name in ("busy", "swept", "polled", "edited"):
                rig.transform(name)
            await settle()
            rig.service.calls.clear()
            rig.service.barriers["busy"] = asyncio.Event()
            rig.service.put_transform("busy", recipe_of("AACGoodQualityAudio"))
            rig.engine.store.memory["busy"].observed = None
            rig.schedule.nominate("busy", Lane.USER)
            await settle()
            for name, lane in (("swept", Lane.SWEEP), ("polled", Lane.POLL), ("edited", Lane.SWEEP)):
                rig.engine.store.memory[name].observed = None
                rig.schedule.nominate(name, lane)
            rig.schedule.nominate("edited", Lane.USER)
            assert rig.schedule.depth() == {"user": 1, "poll": 1, "retry": 0, "sweep": 1, "first": 0}
            rig.service.barriers.pop("busy").set()
            await settle()
            assert list(dict.fromkeys(names_of(rig))) == ["busy", "edited", "polled", "swept"]
            assert names_of(rig)[-3:] == ["edited", "polled", "swept"]

    async def test_a_less_urgent_nomination_does_not_push_back(self, rig: Rig) -> None:
        rig.schedule.nominate("x", Lane.USER)
        rig.schedule.nominate("x", Lane.SWEEP)
        assert (rig.schedule.lineup.turns.lane("x"), len(rig.schedule.lineup.turns)) == (Lane.USER, 1)


class TestGroups:
    async def test_one_worker_at_a_time_and_what_was_nominated_meanwhile_comes_again(self, rig: Rig) -> None:
        async with rig.running():
            await rig.usable()
            rig.transform("one")
            await settle()
            rig.service.calls.clear()
            barrier = rig.service.barriers["one"] = asyncio.Event()
            rig.engine.store.memory["one"].observed = None
            rig.schedule.nominate("one", Lane.USER)
            await settle()
            assert names_of(rig) == ["one"]
            rig.transform("one", "AACGoodQualityAudio")
            await settle()
            assert names_of(rig) == ["one"]
            barrier.set()
            await settle()
            assert rig.service.transform("one")["outputs"][0]["preset"]["presetName"] == "AACGoodQualityAudio"
            assert rig.ready("one") == ("True", "InSync")
            assert rig.kube.objects["one"].status["observedGeneration"] == 2

    async def test_two_that_mean_one_resource_are_one_group(self, rig: Rig) -> None:
        async with rig.running():
            await rig.usable()
            rig.transform("one")
            await settle()
            rig.transform("two", more={"azureName": "one"})
            await rig.clock.advance(1)
            assert rig.ready("two") == ("False", "Claimed")
            assert rig.service.writes() == {"PUT one": 1}
            assert rig.schedule._group("one") == rig.schedule._group("two")

    async def test_who_waited_for_a_resource_gets_it_when_the_other_is_gone(self, rig: Rig) -> None:
        async with rig.running():
            await rig.usable()
            rig.transform("one", more={"deletionPolicy": "Retain"})
            await settle()
            rig.transform("two", more={"azureName": "one"})
            await settle()
            del rig.kube.objects["one"]
            rig.schedule.gone("Transform", "one")
            await settle()
            assert rig.ready("two") == ("True", "InSync")
            assert rig.kube.objects["two"].status["record"]["how"] == "Adopted"

    async def test_groups_do_not_wait_for_each_other(self, rig: Rig) -> None:
        async with rig.running():
            await rig.usable()
            rig.service.barriers["slow"] = asyncio.Event()
            rig.transform("slow")
            rig.transform("quick")
            await settle()
            assert rig.ready("quick") == ("True", "InSync")
            assert rig.ready("slow")[0] == "Unknown"


async def test_first_sight_does_not_wait_for_a_worker() -> None:
    rig = Rig(workers=1)
    async with rig.running():
        await rig.usable()
        rig.service.barriers["slow"] = asyncio.Event()
        rig.transform("slow")
        await settle()
        for number in range(50):
            rig.transform(f"new{number}")
        await settle()
        assert all(rig.ready(f"new{number}")[0] == "Unknown" for number in range(50))
        assert all("observedGeneration" in rig.kube.objects[f"new{number}"].status for number in range(50))
        assert names_of(rig) == ["slow"]


class TestTrouble:
    async def test_a_conflict_is_tried_again(self, rig: Rig) -> None:
        async with rig.running():
            await rig.usable()
            rig.kube.refuse["one"] = [Conflict(), Conflict(), Conflict()]
            rig.transform("one")
            await settle()
            assert rig.ready("one") != ("True", "InSync")
            await rig.clock.advance(20)
            assert rig.kube.refuse["one"] == []
            assert rig.ready("one") == ("True", "InSync")
            assert rig.service.writes() == {"PUT one": 1}

    async def test_a_write_that_is_refused_for_good_is_tried_rarely_and_the_others_go_on(self, rig: Rig) -> None:
        async with rig.running():
            await rig.usable()
            rig.kube.refuse["one"] = [KubeRefused("422") for _ in range(50)]
            rig.transform("one")
            rig.transform("two")
            await rig.clock.advance(300)
            assert rig.ready("two") == ("True", "InSync")
            assert 40 < len(rig.kube.refuse["one"]) < 50
            assert rig.service.writes() == {"PUT two": 1}

    async def test_an_object_that_vanished_is_forgotten(self, rig: Rig) -> None:
        async with rig.running():
            await rig.usable()
            rig.transform("one")
            await settle()
            del rig.kube.objects["one"]
            rig.service.put_transform("one", recipe_of("AACGoodQualityAudio"))
            rig.engine.store.memory["one"].observed = None
            rig.schedule.nominate("one", Lane.USER)
            await settle()
            assert "one" not in rig.engine.store.objects

    async def test_while_the_api_server_is_away_one_probe_goes_for_all(self, rig: Rig) -> None:
        async with rig.running():
            await rig.usable()
            rig.kube.down = True
            for number in range(20):
                rig.transform(f"new{number}")
            await settle()
            calls = len(rig.service.calls)
            await rig.clock.advance(60)
            assert 5 < rig.kube.probes < 20
            assert len(rig.service.calls) == calls
            rig.kube.down = False
            await rig.clock.advance(6)
            assert all(rig.ready(f"new{number}") == ("True", "InSync") for number in range(20))
            assert set(rig.service.writes().values()) == {1}

    @pytest.mark.parametrize("where", ["get", "plan"])
    async def test_a_fault_of_ours_stays_with_its_object(
        self, rig: Rig, where: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async with rig.running():
            await rig.usable()
            if where == "get":
                rig.service.broken["poison"] = ZeroDivisionError("a secret")
            else:
                kind = rig.engine.kinds["Transform"]

                def state(raw: JSON) -> State:
                    if "poison" in str(raw):
                        raise ZeroDivisionError("a secret")
                    return kind.state(raw)

                rig.service.put_transform("poison", recipe_of("AdaptiveStreaming", description="poison"))
                monkeypatch.setattr(rig.engine, "kinds", {**rig.engine.kinds, "Transform": replace(kind, state=state)})
            rig.transform("poison")
            rig.transform("healthy")
            await rig.clock.advance(120)
            assert rig.ready("healthy") == ("True", "InSync")
            assert rig.ready("poison") == ("False", "InternalError")
            assert "a secret" not in str(rig.kube.objects["poison"].status)
            assert "PUT poison" not in rig.service.writes()
            assert len(names_of(rig)) < 30
            rig.service.broken.clear()
            if where == "get":
                await rig.clock.advance(700)
                assert rig.ready("poison") == ("True", "InSync")
