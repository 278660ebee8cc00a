"""What metrics show of all objects at once is what their statuses tell, and costs one look at each."""

from __future__ import annotations

from collections import Counter

import pytest
from tests.unit.engine_fakes import settle
from tests.unit.rig import Rig, recipe_of

from ams_operator.engine.store import ACCOUNT
from ams_operator.gauges import counted


@pytest.fixture
def rig() -> Rig:
    return Rig()


def shown(rig: Rig) -> tuple[dict[str, Counter[str]], Counter[str]]:
    return counted(rig.engine.store.objects.values(), rig.engine.kinds)


async def test_objects_are_counted_by_each_reason_that_holds_them(rig: Rig) -> None:
    """One that somebody fights over, two whose plans wait, one that nothing holds."""
    async with rig.running():
        await rig.at_rest("calm", "fought")
        for name in ("planned", "planned-too"):
            rig.transform(name, more={"managementPolicy": "Plan"})
        await settle()
        for _ in range(4):
            created = rig.service.transform("fought")["created"]
            rig.service.put_transform("fought", recipe_of("AACGoodQualityAudio", created=created))
            for _ in range(2):  # it is found and corrected, then the correction is seen
                await rig.sweep()
                await rig.clock.advance(5)
        assert rig.ready("fought")[1] == "Contended"
        ready, held = shown(rig)
        assert held == {"Contended": 1, "PlanPending": 2}
        assert ready["Transform"] == {"True": 1, "False": 3}
        assert ready[ACCOUNT] == {"True": 1}
        rig.transform("planned", more={"managementPolicy": "Manage"})
        await rig.clock.advance(1)
        assert shown(rig)[1] == {"Contended": 1, "PlanPending": 1}, "what is over is not counted on"


async def test_one_that_several_hold_counts_for_each_and_for_each_once(rig: Rig) -> None:
    reasons = ("Refused", "Refused", "CannotUnset", "What somebody else may have written")
    rig.see("Transform", "held", {}, status={"holds": [{"reason": one} for one in reasons]})
    assert shown(rig)[1] == {"Refused": 1, "CannotUnset": 1, "": 1}
