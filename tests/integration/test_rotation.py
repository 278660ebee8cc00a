"""Credentials change under way: nobody notices, or everybody is told the same."""

from __future__ import annotations

from tests.integration.rig import Rig
from tests.patience import until


def test_a_directory_applied_at_once(rig: Rig) -> None:
    """An account and what lies in it, edited in one go: no moment looks like a fault of the operator."""
    with rig.running() as operator:
        rig.ready_account()
        rig.transform("inside", description="0")
        rig.cluster.ready("Transform", "inside")
        for number in range(1, 6):
            rig.account(driftInterval=f"{10 + number}s")
            rig.transform("inside", description=str(number))
            rig.cluster.ready("Transform", "inside")
            rig.cluster.ready("MediaServicesAccount", "default")
        assert operator.metric("ams_operator_poison_total") == 0
        assert "InternalError" not in operator.text()


def test_a_rotated_secret_is_found_by_the_next_sweep(rig: Rig) -> None:
    with rig.running() as operator:
        rig.ready_account()
        rig.transform("inside")
        rig.cluster.ready("Transform", "inside")
        other = rig.emulator.control.add_client()
        rig.credentials(AZURE_CLIENT_ID=other["clientId"], AZURE_CLIENT_SECRET=other["clientSecret"])
        until(
            lambda: [one for one in rig.emulator.control.log() if other["clientId"] in one.values()],
            "the new credential is used",
        )
        rig.cluster.ready("Transform", "inside")
        assert operator.metric("ams_operator_poison_total") == 0
        assert other["clientSecret"] not in operator.text()
