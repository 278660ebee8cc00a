"""Thousands of objects of an account are deleted: what one of them costs does not depend on how many there are."""

from __future__ import annotations

import random
from typing import Any

import pytest
from tests.unit.engine_fakes import OWNER
from tests.unit.rig import Rig

from ams_operator.engine.state import children_of
from ams_operator.engine.store import ACCOUNT, owner_of


class Counted(dict[str, Any]):
    """How many of its values were read."""

    reads = 0

    def __getitem__(self, key: str) -> Any:
        self.reads += 1
        return super().__getitem__(key)

    def get(self, key: str, *default: Any) -> Any:
        self.reads += 1
        return super().get(key, *default)

    def values(self) -> Any:
        self.reads += len(self)
        return super().values()


async def reads(others: int) -> int:
    """How many objects are read because one goes of those that lie in an account."""
    rig = Rig()
    async with rig.running():
        await rig.usable()
        for number in range(others):
            rig.transform(f"t{number}")
        rig.engine.store.objects = counted = Counted(rig.engine.store.objects)
        rig.schedule.gone("Transform", "t0")
        return counted.reads


async def test_who_goes_has_nobody_go_through_all_others() -> None:
    assert await reads(50) == await reads(5)


@pytest.mark.parametrize("seed", range(5))
def test_what_means_an_account_is_found_as_by_going_through_all(seed: int) -> None:
    draw, rig = random.Random(seed), Rig()
    rig.apply_account()
    other = rig.see(ACCOUNT, "other", rig.kube.objects[OWNER].spec, uid="other")
    for _ in range(200):
        name = f"t{draw.randrange(20)}"
        if draw.random() < 0.3:
            rig.kube.objects.pop(name, None)
            rig.schedule.gone("Transform", name)
        else:
            account = {"name": draw.choice(["default", "other", "nowhere"])}
            if draw.random() < 0.5:
                account["namespace"] = draw.choice(["team", "elsewhere"])
            rig.transform(name, more={"accountRef": account})
        known = rig.engine.store.objects.values()
        for owner in (rig.kube.objects[OWNER], other):
            found = {one.uid for one in children_of(rig.engine, owner)}
            place = (owner.namespace, owner.name)
            assert found == {one.uid for one in known if one.kind == "Transform" and owner_of(one) == place}
        assert {one.uid for one in rig.engine.store.of_kind(ACCOUNT)} == {OWNER, "other"}
