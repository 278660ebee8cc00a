"""The skeleton walks: manifests are followed, from the first sight to the deletion."""

from __future__ import annotations

from tests.integration.rig import Rig
from tests.patience import until


def test_a_transform_follows_its_manifest(rig: Rig) -> None:
    with rig.running():
        rig.ready_account()
        rig.transform("adaptive", description="first")
        found = rig.cluster.ready("Transform", "adaptive")
        assert found["status"]["resourceId"].lower() == rig.transform_id("adaptive").lower()
        served = rig.in_service("adaptive")
        assert served is not None
        assert served["properties"]["description"] == "first"

        rig.transform("adaptive", description="second")
        rig.cluster.ready("Transform", "adaptive")
        served = rig.in_service("adaptive")
        assert served is not None
        assert served["properties"]["description"] == "second"

        rig.cluster.delete("Transform", "adaptive")
        rig.cluster.gone("Transform", "adaptive")
        assert rig.in_service("adaptive") is None


def test_what_changed_behind_our_back_is_corrected(rig: Rig) -> None:
    with rig.running():
        rig.ready_account()
        rig.transform("adaptive", description="ours")
        rig.cluster.ready("Transform", "adaptive")
        rig.emulator.control.patch_out_of_band(rig.transform_id("adaptive"), {"properties": {"description": "theirs"}})
        until(
            lambda: (rig.in_service("adaptive") or {}).get("properties", {}).get("description") == "ours",
            "the drift is corrected",
        )
        rig.cluster.ready("Transform", "adaptive")
