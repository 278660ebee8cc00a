"""What comes in from the API server and from the clock, and what a restart costs."""

from __future__ import annotations

import pytest
from tests.unit.engine_fakes import moment, settle
from tests.unit.rig import Rig


@pytest.fixture
def rig() -> Rig:
    return Rig()


def names_of(rig: Rig, verb: str = "GET") -> list[str]:
    return [name for name in rig.service.of(verb) if name != "contoso"]


class TestDue:
    async def test_what_is_due_comes_when_its_time_has_come(self, rig: Rig) -> None:
        async with rig.running():
            await rig.usable()
            rig.transform("one")
            await settle()
            rig.service.calls.clear()
            rig.engine.store.memory["one"].observed = None
            rig.schedule.later("one", rig.clock.now() + 30)
            await rig.clock.advance(29)
            assert names_of(rig) == []
            await rig.clock.advance(2)
            assert names_of(rig) == ["one"]

    async def test_only_the_latest_time_counts(self, rig: Rig) -> None:
        async with rig.running():
            await rig.usable()
            rig.transform("one")
            await settle()
            rig.service.calls.clear()
            rig.engine.store.memory["one"].observed = None
            rig.schedule.later("one", rig.clock.now() + 5)
            rig.schedule.later("one", rig.clock.now() + 60)
            await rig.clock.advance(50)
            assert names_of(rig) == []

    async def test_nothing_moves_by_itself(self, rig: Rig) -> None:
        async with rig.running():
            await rig.usable()
            for number in range(5):
                rig.transform(f"t{number}")
            await settle()
            calls, writes, work = len(rig.service.calls), len(rig.kube.writes), len(rig.meter.kinds)
            await rig.clock.advance(600)
            assert (len(rig.service.calls), len(rig.kube.writes), len(rig.meter.kinds)) == (calls, writes, work)


class TestIntake:
    async def test_an_older_version_is_ignored(self, rig: Rig) -> None:
        async with rig.running():
            await rig.usable()
            old = rig.transform("one")
            await settle()
            work = len(rig.meter.kinds)
            rig.schedule.seen(old)
            await settle()
            assert len(rig.meter.kinds) == work

    async def test_a_restart_neither_asks_nor_writes(self, rig: Rig) -> None:
        async with rig.running():
            await rig.usable()
            for number in range(5):
                rig.transform(f"t{number}")
            await settle()
        after = Rig(clock=rig.clock, kube=rig.kube)
        after.service.stored = rig.service.stored
        rig.kube.writes.clear()
        for resource in list(rig.kube.objects.values()):
            after.schedule.seen(resource)
        async with after.running():
            await after.sweep()
            assert names_of(after) == []
            assert after.kube.writes == []
            assert not after.service.writes()

    async def test_a_list_prunes_what_it_no_longer_has(self, rig: Rig) -> None:
        async with rig.running():
            await rig.usable()
            rig.transform("one")
            rig.transform("two")
            await settle()
            known = rig.schedule.known("Transform")
            rig.transform("three")
            rig.schedule.listed("Transform", frozenset({"one"}), known)
            assert rig.schedule.known("Transform") == {"one", "three"}

    async def test_a_deletion_runs_to_its_end(self, rig: Rig) -> None:
        async with rig.running():
            await rig.usable()
            resource = rig.transform("one")
            await settle()
            rig.see("Transform", "one", resource.spec, deleting=moment(rig.clock.now()))
            await settle()
            assert rig.service.writes() == {"PUT one": 1, "DELETE one": 1}
            assert rig.kube.objects["one"].finalizers == ()
