"""Drift, policies and removal: what is declared holds, what is not is left alone."""

from __future__ import annotations

from typing import Any

from tests.integration.rig import Rig
from tests.patience import until


def properties(rig: Rig, name: str) -> dict[str, Any]:
    found = rig.in_service(name)
    return dict(found["properties"]) if found else {}


def test_a_vanished_transform_is_created_again(rig: Rig) -> None:
    with rig.running():
        rig.ready_account()
        rig.transform("adaptive", description="ours")
        rig.cluster.ready("Transform", "adaptive")
        rig.emulator.control.delete_out_of_band(rig.transform_id("adaptive"))
        until(lambda: properties(rig, "adaptive").get("description") == "ours", "it is there again")
        rig.cluster.ready("Transform", "adaptive")


def test_a_vanished_account_is_never_created_again(rig: Rig) -> None:
    rig.emulator.control.delete_out_of_band(rig.emulator.account_id(rig.account_name, rig.group))
    storage = f"/subscriptions/{rig.emulator.subscription_id}/resourceGroups/{rig.group}"
    storage += "/providers/Microsoft.Storage/storageAccounts/media"
    with rig.running():
        rig.ready_account(location="westus2", storageAccounts=[{"id": storage, "type": "Primary"}])
        rig.transform("adaptive")
        rig.cluster.ready("Transform", "adaptive")
        rig.emulator.control.delete_out_of_band(rig.emulator.account_id(rig.account_name, rig.group))
        rig.emulator.control.reset_log()
        message = rig.cluster.reason("MediaServicesAccount", "default", "AccountVanished")
        assert "ams-operator request recreate MediaServicesAccount/default " in message
        rig.cluster.reason("Transform", "adaptive", "WaitingForAccount")
        assert not [one for one in rig.emulator.control.log() if one["method"] != "GET"]
        # The children of an account that is gone have nothing left to remove.
        rig.cluster.delete("Transform", "adaptive")
        rig.cluster.gone("Transform", "adaptive")


def test_observe_and_pause_write_nothing(rig: Rig) -> None:
    with rig.running():
        rig.ready_account()
        rig.emulator.control.put_out_of_band(
            rig.transform_id("theirs"),
            {
                "properties": {
                    "description": "theirs",
                    "outputs": [
                        {
                            "preset": {
                                "@odata.type": "#Microsoft.Media.BuiltInStandardEncoderPreset",
                                "presetName": "AdaptiveStreaming",
                            }
                        }
                    ],
                }
            },
        )
        rig.emulator.control.reset_log()
        rig.transform("theirs", description="ours", managementPolicy="Observe")
        rig.transform("absent", managementPolicy="Observe")
        rig.transform("paused", managementPolicy="Pause")
        rig.cluster.reason("Transform", "theirs", "ObservedDifferent")
        assert rig.cluster.condition("Transform", "theirs", "Synced")["status"] == "False"  # type: ignore[index]  # just seen
        rig.cluster.reason("Transform", "absent", "ResourceNotFound")
        rig.cluster.reason("Transform", "paused", "Paused")
        rig.emulator.control.delete_out_of_band(rig.transform_id("theirs"))
        rig.cluster.reason("Transform", "theirs", "ResourceNotFound")
        for name in ("theirs", "absent", "paused"):
            rig.cluster.delete("Transform", name)
            rig.cluster.gone("Transform", name)
        assert not [one for one in rig.emulator.control.log() if one["method"] != "GET"]


def test_a_removed_field_is_reset_and_undeclared_ones_survive(rig: Rig) -> None:
    preset = {"builtInStandardEncoder": {"presetName": "AdaptiveStreaming"}}
    with rig.running():
        rig.ready_account()
        full = [{"preset": preset, "onError": "ContinueJob", "relativePriority": "High"}]
        rig.cluster.apply("Transform", "adaptive", {"description": "one", "outputs": full})
        rig.cluster.ready("Transform", "adaptive")
        stored = rig.emulator.control.get_out_of_band(rig.transform_id("adaptive"))
        stored["properties"]["outputs"][0]["unheardOf"] = {"a": 1}
        stored["properties"]["alsoUnheardOf"] = True
        rig.emulator.control.put_out_of_band(rig.transform_id("adaptive"), stored)

        rig.cluster.apply("Transform", "adaptive", {"outputs": [{"preset": preset, "relativePriority": "High"}]})
        rig.cluster.ready("Transform", "adaptive")
        left = rig.emulator.control.get_out_of_band(rig.transform_id("adaptive"))["properties"]
        assert not left.get("description")
        assert left["outputs"][0]["onError"] == "StopProcessingJob"
        assert left["outputs"][0]["relativePriority"] == "High"
        assert left["outputs"][0]["unheardOf"] == {"a": 1}
        assert left["alsoUnheardOf"] is True


def test_a_field_that_cannot_be_reset_is_reported(rig: Rig) -> None:
    storage = f"/subscriptions/{rig.emulator.subscription_id}/resourceGroups/{rig.group}"
    storage += "/providers/Microsoft.Storage/storageAccounts/media"
    rig.emulator.control.delete_out_of_band(rig.emulator.account_id(rig.account_name, rig.group))
    with rig.running():
        rig.ready_account(location="westus2", storageAccounts=[{"id": storage, "type": "Primary"}])
        rig.account()
        message = rig.cluster.reason("MediaServicesAccount", "default", "CannotUnset")
        assert "spec.storageAccounts" in message
        rig.account(location="eastus", storageAccounts=[{"id": storage, "type": "Primary"}])
        message = rig.cluster.reason("MediaServicesAccount", "default", "CannotChange")
        assert "spec.location" in message
