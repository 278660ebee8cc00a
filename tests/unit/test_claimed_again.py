"""Who takes Observe away while a look at the former manifest is under way."""

from __future__ import annotations

from tests.unit.rig import Rig

from ams_operator.engine import claims


def test_a_look_that_ends_late_takes_no_claim_of_a_newer_manifest() -> None:
    rig = Rig()
    rig.apply_account()
    observed = rig.transform("mine", more={"managementPolicy": "Observe"})
    assert "mine" not in rig.engine.store.claimed
    rig.transform("mine")
    assert "mine" in rig.engine.store.claimed
    claims.index(rig.engine, observed)
    assert "mine" in rig.engine.store.claimed
