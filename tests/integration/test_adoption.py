"""Whose is it? What exists already is not overwritten, and of two objects that mean one resource, one wins."""

from __future__ import annotations

from typing import Any

from tests.integration.rig import Rig
from tests.patience import until


def theirs(preset: str = "H264SingleBitrate720p", **properties: Any) -> dict[str, Any]:
    encoder = {"@odata.type": "#Microsoft.Media.BuiltInStandardEncoderPreset", "presetName": preset}
    return {"properties": {"outputs": [{"preset": encoder}], **properties}}


def writes(rig: Rig) -> list[dict[str, Any]]:
    return [one for one in rig.emulator.control.log() if one["method"] != "GET"]


def test_a_different_transform_is_not_overwritten_until_the_user_says_so(rig: Rig) -> None:
    with rig.running():
        rig.ready_account()
        rig.emulator.control.put_out_of_band(rig.transform_id("shared"), theirs(description="theirs"))
        rig.emulator.control.reset_log()
        rig.transform("shared", description="ours")
        message = rig.cluster.reason("Transform", "shared", "AdoptionRefused")
        assert "spec.description" in message
        assert "spec.outputs[0].preset.builtInStandardEncoder.presetName" in message
        assert "adoptionPolicy: Always" in message
        assert not writes(rig)
        rig.transform("shared", description="ours", adoptionPolicy="Always")
        rig.cluster.ready("Transform", "shared")
        found = rig.in_service("shared")
        assert found is not None
        assert found["properties"]["description"] == "ours"


def test_an_identical_one_is_adopted_and_kept_at_deletion(rig: Rig) -> None:
    with rig.running():
        rig.ready_account()
        rig.emulator.control.put_out_of_band(rig.transform_id("shared"), theirs("AdaptiveStreaming"))
        rig.emulator.control.reset_log()
        rig.transform("shared")
        assert rig.cluster.ready("Transform", "shared")["status"]["record"]["how"] == "Adopted"
        rig.cluster.delete("Transform", "shared")
        rig.cluster.gone("Transform", "shared")
        assert rig.in_service("shared") is not None
        assert not writes(rig)


def test_of_two_objects_with_one_name_one_wins(rig: Rig) -> None:
    with rig.running():
        rig.ready_account()
        rig.transform("first", azureName="same")
        rig.cluster.ready("Transform", "first")
        rig.emulator.control.reset_log()
        rig.transform("second", azureName="SAME", preset="H264SingleBitrate720p")
        message = rig.cluster.reason("Transform", "second", "Claimed")
        assert "Transform first" in message
        rig.cluster.delete("Transform", "second")
        rig.cluster.gone("Transform", "second")
        assert not writes(rig)
        assert rig.in_service("same") is not None
        rig.transform("third", azureName="same", adoptionPolicy="Always")
        rig.cluster.reason("Transform", "third", "Claimed")
        rig.cluster.delete("Transform", "first")
        rig.cluster.gone("Transform", "first")
        rig.cluster.ready("Transform", "third")


def test_of_two_accounts_that_mean_one_one_wins(rig: Rig) -> None:
    with rig.running():
        rig.ready_account()
        rig.account("twin")
        assert "MediaServicesAccount default" in rig.cluster.reason("MediaServicesAccount", "twin", "Claimed")
        rig.emulator.control.reset_log()
        rig.transform("inside", accountRef={"name": "twin"})
        rig.cluster.reason("Transform", "inside", "WaitingForAccount")
        assert not writes(rig)
        rig.cluster.delete("MediaServicesAccount", "default")
        rig.cluster.gone("MediaServicesAccount", "default")
        rig.cluster.ready("MediaServicesAccount", "twin")
        rig.cluster.ready("Transform", "inside")


def test_a_restored_backup_without_status_adopts_again(rig: Rig) -> None:
    with rig.running():
        rig.ready_account()
        rig.transform("kept", description="ours")
        rig.cluster.ready("Transform", "kept")
    rig.cluster.patch("Transform", "kept", {"metadata": {"finalizers": []}})
    rig.cluster.delete("Transform", "kept")
    rig.cluster.gone("Transform", "kept")
    rig.transform("kept", description="ours")
    rig.emulator.control.reset_log()
    with rig.running():
        assert rig.cluster.ready("Transform", "kept")["status"]["record"]["how"] == "Adopted"
        assert not writes(rig)
        until(lambda: rig.operator.is_ready(), "the operator is ready")
