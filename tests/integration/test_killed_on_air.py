"""SIGKILL while what is on air is started, changed and recorded: nobody notices, and nothing is repeated."""

from __future__ import annotations

import pytest
from tests.integration import on_air
from tests.integration.rig import Rig

from ams_emulator.control_client import Barrier

STARTED, CHANGED, RECORDED = "morning", "studio", "stadium"
"""events: one is started, one is stopped for a change, one is recorded"""
TAKE = f"liveEvents/{RECORDED}/liveOutputs/take"


@pytest.fixture(autouse=True)
def _quick(rig: Rig) -> None:
    on_air.quick(rig)


def _held(rig: Rig, stage: str, method: str, path: str) -> Barrier:
    return rig.emulator.control.barrier(stage, method=method, path=rf".*/{path}(\?.*)?")


def _on_air(rig: Rig) -> None:
    """One event that is stopped, two that run; an encoder sends to the one that is going to be recorded."""
    rig.ready_account()
    on_air.asset(rig, "reel")
    on_air.event(rig, STARTED, runState="Stopped")
    on_air.event(rig, CHANGED, runState="Running", disruptionPolicy="Interrupt")
    on_air.event(rig, RECORDED, runState="Running")
    for name in (STARTED, CHANGED, RECORDED):
        rig.cluster.ready("LiveEvent", name)
    rig.cluster.ready("Asset", "reel")
    rig.emulator.control.attach_encoder(on_air.place(rig, f"liveEvents/{RECORDED}"))
    rig.emulator.control.reset_log()


def _trigger(rig: Rig) -> None:
    on_air.event(rig, STARTED, runState="Running")
    on_air.event(rig, CHANGED, runState="Running", disruptionPolicy="Interrupt", hostnamePrefix="news")
    on_air.output(rig, "take", of=RECORDED, to="reel")


def test_killed_three_times_while_acts_are_held(rig: Rig) -> None:
    """A start, a stop for a change, and a recording: done, and nobody heard of it. The change itself: done while the
    next process is at work. The start after it: done again without an answer.

    Nothing but time tells whether a recording is ours whose beginning was not answered: this test waits a minute.
    """
    rig.operator.start()
    _on_air(rig)
    first = [
        _held(rig, "after", "POST", f"liveEvents/{STARTED}/start"),
        _held(rig, "after", "POST", f"liveEvents/{CHANGED}/stop"),
        _held(rig, "after", "PUT", TAKE),
    ]
    second = _held(rig, "before", "PATCH", f"liveEvents/{CHANGED}")
    third = _held(rig, "after", "POST", f"liveEvents/{CHANGED}/start")
    _trigger(rig)
    for barrier in first:
        barrier.wait()
    rig.operator.kill()
    for barrier in first:
        barrier.release("apply")
    rig.operator.start()
    second.wait()
    rig.operator.kill()
    rig.operator.start()
    second.release("apply")
    third.wait()
    rig.operator.kill()
    third.release("apply")
    with rig.running():
        rig.cluster.reason("LiveOutput", "take", "Recording")
        for name in (STARTED, CHANGED, RECORDED):
            rig.cluster.ready("LiveEvent", name)
            assert on_air.service_state(rig, f"liveEvents/{name}") == "Running"
        _, _, served = rig.emulator.request("GET", on_air.place(rig, f"liveEvents/{CHANGED}"))
        assert served["properties"]["hostnamePrefix"] == "news"
        on_air.swept(rig, 1)
        assert sorted(on_air.writes(rig)) == [
            ("PATCH", f"liveEvents/{CHANGED}"),
            ("POST", f"liveEvents/{STARTED}/start"),
            ("POST", f"liveEvents/{CHANGED}/start"),
            ("POST", f"liveEvents/{CHANGED}/stop"),
            ("PUT", TAKE),
        ], "each once"
        on_air.undisturbed(rig)
