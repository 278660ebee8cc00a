"""A broadcast goes on, whatever happens to the cluster, to the operator, or to manifests that don't speak of it."""

from __future__ import annotations

import pytest
from tests.integration import on_air
from tests.integration.rig import Rig
from tests.patience import until

STUDIO = "liveEvents/studio"

pytestmark = pytest.mark.usefixtures("variant")


@pytest.fixture(autouse=True)
def _quick(rig: Rig) -> None:
    on_air.quick(rig)


def test_status_lost_and_manifests_applied_again(rig: Rig) -> None:
    """Another cluster, or this one without its memory: everything is adopted as it is."""
    with rig.running():
        rig.ready_account()
        on_air.recording(rig)
    for kind, name in (("LiveEvent", "studio"), ("LiveOutput", "recording"), ("Asset", "tape")):
        path = rig.cluster.path(kind, name)
        rig.cluster.patch(kind, name, {"metadata": {"finalizers": None}, "spec": {"deletionPolicy": "Retain"}})
        assert rig.cluster.call("PATCH", f"{path}/status", {"status": None}, "application/merge-patch+json")[0] == 200
        rig.cluster.delete(kind, name)
        rig.cluster.gone(kind, name)
    rig.emulator.control.reset_log()
    on_air.asset(rig)
    on_air.event(rig, runState="Running")
    on_air.output(rig)
    with rig.running():
        rig.cluster.ready("LiveEvent", "studio")
        rig.cluster.ready("Asset", "tape")
        rig.cluster.reason("LiveOutput", "recording", "Recording")
        on_air.swept(rig, 1)
        assert on_air.writes(rig) == []
        on_air.undisturbed(rig)


def test_an_operator_that_ends_or_is_killed_disturbs_nobody(rig: Rig) -> None:
    with rig.running():
        rig.ready_account()
        on_air.recording(rig)
        rig.cluster.ready("LiveEvent", "studio")
    rig.emulator.control.reset_log()
    rig.operator.start()
    on_air.swept(rig, 1)
    rig.operator.kill()
    with rig.running():
        on_air.swept(rig, 1)
        assert on_air.writes(rig) == []
    on_air.undisturbed(rig)


def test_an_interrupting_change_stops_updates_and_starts_once(rig: Rig) -> None:
    with rig.running():
        rig.ready_account()
        on_air.on_air(rig)
        rig.emulator.control.reset_log()
        on_air.event(rig, runState="Running", hostnamePrefix="news", disruptionPolicy="Interrupt")
        rig.cluster.ready("LiveEvent", "studio")
        on_air.state(rig, "LiveEvent", "studio", "Running")
        on_air.swept(rig, 1)
        found = on_air.writes(rig)
        assert [path for _, path in found] == [f"{STUDIO}/stop", STUDIO, f"{STUDIO}/start"]
        assert on_air.meters(rig)["feedsLost"] == 1


def test_an_interrupting_change_does_not_end_a_recording_without_consent(rig: Rig) -> None:
    with rig.running():
        rig.ready_account()
        on_air.recording(rig)
        rig.emulator.control.reset_log()
        on_air.event(rig, runState="Running", hostnamePrefix="news", disruptionPolicy="Interrupt")
        assert "EndRecordings" in rig.cluster.reason("LiveEvent", "studio", "WouldEndRecording")
        on_air.event(rig, runState="Stopped", disruptionPolicy="Interrupt")
        assert "EndRecordings" in rig.cluster.reason("LiveEvent", "studio", "WouldEndRecording")
        assert on_air.writes(rig) == []
        on_air.undisturbed(rig)
        on_air.event(rig, runState="Stopped", disruptionPolicy="EndRecordings")
        on_air.state(rig, "LiveEvent", "studio", "Stopped")
        rig.cluster.reason("LiveOutput", "recording", "RecordingEnded")
        assert on_air.meters(rig)["recordingsOverwritten"] == 0
        on_air.event(rig, runState="Running", disruptionPolicy="EndRecordings")
        on_air.state(rig, "LiveEvent", "studio", "Running")
        rig.cluster.reason("LiveOutput", "recording", "RecordingEnded")
        assert not [path for method, path in on_air.writes(rig) if method == "PUT"]


def test_requests_are_carried_out_once_for_each_value(rig: Rig) -> None:
    with rig.running():
        rig.ready_account()
        on_air.event(rig)
        rig.cluster.ready("LiveEvent", "studio")
        on_air.request(rig, "LiveEvent", "studio", "standby", "1")
        on_air.state(rig, "LiveEvent", "studio", "StandBy")
        on_air.request(rig, "LiveEvent", "studio", "start", "1")
        on_air.state(rig, "LiveEvent", "studio", "Running")
        on_air.request(rig, "LiveEvent", "studio", "reset", "1")
        until(lambda: on_air.posts(rig, "reset") == 1, "it is reset")
        on_air.state(rig, "LiveEvent", "studio", "Running")
        rig.cluster.ready("LiveEvent", "studio")
    with rig.running():
        on_air.swept(rig, 1)
        assert [on_air.posts(rig, verb) for verb in ("allocate", "start", "reset", "stop")] == [1, 1, 1, 0]


def test_deletion_of_what_is_on_air_says_what_it_means(rig: Rig) -> None:
    with rig.running():
        rig.ready_account()
        on_air.recording(rig, deletionPolicy="Retain")
        rig.emulator.control.reset_log()
        rig.cluster.delete("LiveEvent", "studio")
        rig.cluster.gone("LiveEvent", "studio")
        assert on_air.writes(rig) == []
        on_air.undisturbed(rig)
        on_air.event(rig, runState="Running", deletionPolicy="Delete")
        rig.cluster.ready("LiveEvent", "studio")
        rig.cluster.delete("LiveEvent", "studio")
        until(lambda: "WaitingForChildren" in on_air.holds(rig, "LiveEvent", "studio"), "it waits for its recording")
        assert on_air.writes(rig) == []
        rig.cluster.delete("LiveOutput", "recording")
        rig.cluster.gone("LiveOutput", "recording")
        rig.cluster.gone("LiveEvent", "studio")
        output = f"{STUDIO}/liveOutputs/recording"
        assert on_air.writes(rig) == [("DELETE", output), ("POST", f"{STUDIO}/stop"), ("DELETE", STUDIO)]
        assert on_air.meters(rig)["recordingsDeleted"] == 0


def test_a_sixth_event_waits_for_a_place_and_disturbs_nobody(rig: Rig) -> None:
    """The refusal names no quota: its status and its code are those of a permission that lacks."""
    rig.emulator.control.variants(**{"errors.codes": "general", "quota.status": "403"})
    for number in range(4):
        rig.emulator.control.put_out_of_band(
            on_air.place(rig, f"liveEvents/foreign{number}"),
            {"location": "westus2", "properties": {"input": on_air.INPUT, "resourceState": "Stopped"}},
        )
    rig.emulator.control.settings(quotas="azure")
    with rig.running():
        rig.ready_account()
        on_air.on_air(rig)
        on_air.event(rig, "sixth")
        message = rig.cluster.reason("LiveEvent", "sixth", "QuotaExceeded")
        assert "quota of 5 liveevents is used up" in message
        assert "Delete one of foreign0, foreign1, foreign2, foreign3, studio" in message
        on_air.event(rig, runState="Running", description="others are still looked after")
        rig.cluster.ready("LiveEvent", "studio")
        assert on_air.writes(rig).count(("PUT", "liveEvents/sixth")) < 4
        tries = on_air.writes(rig).count(("PUT", "liveEvents/sixth"))
        rig.emulator.control.delete_out_of_band(on_air.place(rig, "liveEvents/foreign0"))
        rig.cluster.ready("LiveEvent", "sixth")
        assert on_air.writes(rig).count(("PUT", "liveEvents/sixth")) == tries + 1
        on_air.undisturbed(rig)
