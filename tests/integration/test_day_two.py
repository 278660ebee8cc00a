"""The days after the first: what services, people on call, sync tools and encoders do to what is on air."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from kubernetes import client
from tests.integration import on_air
from tests.integration.rig import Rig
from tests.patience import until

pytestmark = pytest.mark.usefixtures("variant")
STANDARD: dict[str, Any] = {"encoding": {"encodingType": "Standard"}}
HALF_A_DAY = 12 * 3600 + 60


def test_an_event_that_the_service_stopped_for_silence_is_not_started_again(rig: Rig) -> None:
    """An encoding event gets no feed for 12 hours and the service stops it, while Git goes on saying Running: it costs
    nothing any more until somebody asks for it, or `restartPolicy` did."""
    with rig.running():
        rig.ready_account()
        on_air.event(rig, "silent", runState="Running", **STANDARD)
        on_air.event(rig, "always", runState="Running", restartPolicy="Always", **STANDARD)
        for name in ("silent", "always"):
            rig.cluster.ready("LiveEvent", name)
        rig.emulator.control.advance(HALF_A_DAY)
        message = rig.cluster.reason("LiveEvent", "silent", "StoppedByService")
        assert message.endswith(f"ams-operator request start LiveEvent/silent -n {rig.cluster.namespace}")
        until(lambda: on_air.posts(rig, "always/start") == 2, "who wants it always running gets that")
        assert on_air.posts(rig, "silent/start") == 1
        ask(rig, "start", "silent")
        on_air.state(rig, "LiveEvent", "silent", "Running")
        rig.cluster.ready("LiveEvent", "silent")
        assert on_air.posts(rig, "silent/start") == 2


def test_an_encoder_that_falls_silent_is_not_repaired(rig: Rig) -> None:
    """The feed of an event comes and goes: that is the encoder's affair. The event stays Ready, and is neither reset
    nor restarted, which would end its recording."""
    with rig.running():
        rig.ready_account()
        on_air.recording(rig)
        rig.cluster.ready("LiveEvent", "studio")
        rig.emulator.control.reset_log()
        for _ in range(2):
            rig.emulator.control.detach(rig.emulator.control.encoders()[0])
            rig.emulator.control.advance(HALF_A_DAY)
            rig.emulator.control.attach_encoder(on_air.place(rig, "liveEvents/studio"))
        rig.emulator.control.detach_all()
    with rig.running():  # a new process looks at everything at once
        on_air.swept(rig, 1)
        rig.cluster.ready("LiveEvent", "studio")
        rig.cluster.reason("LiveOutput", "recording", "Recording")
        assert on_air.writes(rig) == []


def test_people_without_a_commit_start_and_stop_what_no_manifest_runs(rig: Rig) -> None:
    """Operations people start and stop an event by command; its manifest says no `runState`, and a sync tool that
    applies the manifest again and again reverts nothing."""
    with rig.running():
        rig.ready_account()
        on_air.event(rig)
        rig.cluster.ready("LiveEvent", "studio")
        ask(rig, "start", "studio")
        on_air.state(rig, "LiveEvent", "studio", "Running")
        on_air.event(rig)
        ask(rig, "stop", "studio")
        on_air.state(rig, "LiveEvent", "studio", "Stopped")
        on_air.event(rig)
    with rig.running():
        on_air.swept(rig, 1)
        rig.cluster.ready("LiveEvent", "studio")
        assert [on_air.posts(rig, verb) for verb in ("start", "stop")] == [1, 1]
        assert on_air.holds(rig, "LiveEvent", "studio") == set()


def test_what_can_not_change_is_changed_by_a_second_event(rig: Rig) -> None:
    """Encoding, protocol or preset of a round-the-clock event is to change, which the service does only to a new one:
    the manifest is refused with the way to go, and going it interrupts nobody."""
    with rig.running():
        rig.ready_account()
        on_air.on_air(rig, **STANDARD)
        changes: list[dict[str, Any]] = [
            {"encoding": {"encodingType": "Premium1080p"}},
            {"encoding": {"encodingType": "Standard", "presetName": "Default1080p"}},
            {"input": {**on_air.INPUT, "streamingProtocol": "FragmentedMP4"}},
        ]
        for change in changes[::2]:
            code, answer = rig.cluster.call(
                "PATCH", rig.cluster.path("LiveEvent", "studio"), {"spec": change}, "application/merge-patch+json"
            )
            assert code == 422, answer
            assert "create another LiveEvent, move the encoder there and delete this one" in answer["message"]
        on_air.event(rig, "green", runState="Running", **changes[0])
        rig.cluster.ready("LiveEvent", "green")
        assert not set(on_air.connection(rig, "green-connection").values()) & set(on_air.connection(rig).values())
        old = rig.emulator.control.encoders()[0]
        rig.emulator.control.attach_encoder(
            on_air.place(rig, "liveEvents/green"), url=on_air.connection(rig, "green-connection")["rtmps-primary"]
        )
        rig.emulator.control.detach(old)
        on_air.event(rig, runState="Running", deletionPolicy="Delete", **STANDARD)
        rig.cluster.delete("LiveEvent", "studio")
        rig.cluster.gone("LiveEvent", "studio")
        assert not on_air.exists(rig, "liveEvents/studio")
        assert [encoder["arrives"] for encoder in rig.emulator.control.encoders()] == [True]
        on_air.undisturbed(rig)


def test_pruning_is_refused_and_a_namespace_goes_without_what_is_on_air(rig: Rig) -> None:
    """A sync tool prunes an event that is on air, then somebody deletes the whole namespace: the first is refused, the
    second can't be, and lets everything go on without the manifests."""
    with rig.running():
        rig.ready_account()
        on_air.recording(rig)
        rig.cluster.patch("LiveOutput", "recording", {"spec": {"deletionPolicy": None}})
        rig.emulator.control.reset_log()
        until(lambda: pruned(rig) == 403, "deletion is refused")
        client.CoreV1Api(rig.cluster.api).delete_namespace(rig.cluster.namespace)
        for kind, name in (("LiveEvent", "studio"), ("Asset", "tape"), ("MediaServicesAccount", "default")):
            rig.cluster.gone(kind, name)
        assert on_air.writes(rig) == []
        assert on_air.service_state(rig, "liveEvents/studio") == "Running"
        on_air.undisturbed(rig)


def ask(rig: Rig, verb: str, event: str) -> None:
    """What people type."""
    program = Path(sys.executable).with_name("ams-operator")
    words = ("request", verb, f"liveevent/{event}", f"--kubeconfig={rig.operator.kubeconfig}")
    subprocess.run([program, *words, f"--namespace={rig.cluster.namespace}"], check=True)


def pruned(rig: Rig) -> int:
    """The API server's answer to the deletion of an event that is on air."""
    return rig.cluster.call("DELETE", rig.cluster.path("LiveEvent", "studio") + "?dryRun=All")[0]
