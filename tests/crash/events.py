"""Scenarios with live events: what runs, what interrupts people, what ends recordings."""

from __future__ import annotations

from typing import Any

from tests.crash.history import Scenario
from tests.crash.stage import Stage, edit, encoding, event_spec, nothing


def _event(stage: Stage, **more: Any) -> None:
    stage.apply("LiveEvent", "one", event_spec(**more))


def _running(stage: Stage, **more: Any) -> None:
    """An event of ours that runs because its manifest says so."""
    _event(stage, runState="Running", **more)


def _in_stand_by(stage: Stage, **more: Any) -> None:
    _event(stage, runState="StandBy", **more)


def _elsewhere(stage: Stage, state: str) -> None:
    stage.foreign("LiveEvent", "one", event_spec(), resourceState=state)


def _interrupt(stage: Stage) -> None:
    stage.patch("one", encoding=encoding("PT4.0S"))


LIVE: dict[str, Any] = {"kind": "LiveEvent", "stride": 11}
"""they are many"""
LONG: dict[str, Any] = {**LIVE, "stride": 53}
"""three acts one after the other"""

EVENTS = (
    Scenario("event: create", nothing, _event, edit, **LIVE),
    Scenario("event: create, slowly", nothing, _event, edit, **LIVE, work=12.0),
    Scenario("event: create and start", nothing, _running, edit, **LIVE),
    Scenario("event: start", _event, lambda s: s.patch("one", runState="Running"), _interrupt, **LIVE),
    Scenario("event: stop", _running, lambda s: s.patch("one", runState="Stopped"), edit, **LIVE),
    Scenario(
        "event: stop and start",
        _running,
        lambda s: s.patch("one", runState="Stopped"),
        lambda s: s.patch("one", runState="Running"),
        **LIVE,
    ),
    Scenario("event: update on air", _running, edit, _interrupt, **LIVE),
    Scenario("event: interrupting change held", _running, _interrupt, edit, **LIVE),
    Scenario(
        "event: both changes on air",
        _running,
        lambda s: s.patch("one", encoding=encoding("PT4.0S"), description="new"),
        edit,
        **LIVE,
    ),
    Scenario(
        "event: interrupt",
        lambda s: _running(s, disruptionPolicy="Interrupt"),
        _interrupt,
        lambda s: s.patch("one", disruptionPolicy="WhenIdle"),
        **LONG,
    ),
    Scenario(
        "event: interrupt, removal",
        lambda s: _running(s, disruptionPolicy="Interrupt"),
        lambda s: s.patch("one", encoding=encoding(None)),
        lambda s: s.patch("one", runState="Stopped"),
        **LONG,
    ),
    Scenario(
        "event: interrupting change, run state not managed",
        lambda s: _running(s, disruptionPolicy="Interrupt"),
        lambda s: s.patch("one", encoding=encoding("PT4.0S"), runState=None),
        edit,
        **LIVE,
    ),
    Scenario("event: stopped outside", _running, lambda s: s.run("one", "Stopped"), edit, **LIVE, outside=True),
    Scenario(
        "event: stopped outside, asked to start",
        _running,
        lambda s: s.ask("one", "start", "1"),
        edit,
        before=lambda s: s.run("one", "Stopped"),
        **LIVE,
        outside=True,
    ),
    Scenario(
        "event: stopped outside, restarted",
        lambda s: _running(s, restartPolicy="Always"),
        lambda s: s.run("one", "Stopped"),
        edit,
        **LIVE,
    ),
    Scenario(
        "event: started outside",
        lambda s: _event(s, runState="Stopped"),
        lambda s: s.run("one", "Running"),
        edit,
        **LIVE,
        outside=True,
    ),
    Scenario("event: adopt running", lambda s: _elsewhere(s, "Running"), _running, _interrupt, **LIVE),
    Scenario("event: adopt stopped", lambda s: _elsewhere(s, "Stopped"), _running, edit, **LIVE, outside=True),
    Scenario("event: vanished", _running, lambda s: s.vanish("LiveEvent", "one"), edit, **LIVE, outside=True),
    Scenario("event: delete", _event, lambda s: s.delete("one"), edit, **LIVE),
    Scenario("event: delete on air", _running, lambda s: s.delete("one"), edit, **LIVE),
    Scenario(
        "event: delete on air, explicitly",
        lambda s: _running(s, deletionPolicy="Delete"),
        lambda s: s.delete("one"),
        edit,
        **LIVE,
    ),
    Scenario("event: allocate", _event, lambda s: s.patch("one", runState="StandBy"), _interrupt, **LIVE),
    Scenario("event: start from StandBy", _in_stand_by, lambda s: s.patch("one", runState="Running"), edit, **LIVE),
    Scenario("event: stop from StandBy", _in_stand_by, lambda s: s.patch("one", runState="Stopped"), edit, **LIVE),
    Scenario(
        "event: from the air to StandBy",
        _running,
        lambda s: s.patch("one", runState="StandBy"),
        lambda s: s.patch("one", runState="Running"),
        **LONG,
    ),
    Scenario(
        "event: change in StandBy",
        lambda s: _in_stand_by(s, disruptionPolicy="Interrupt"),
        _interrupt,
        lambda s: s.patch("one", disruptionPolicy="WhenIdle"),
        **LONG,
    ),
    Scenario(
        "event: held change made after the stop",
        _running,
        lambda s: s.patch("one", runState="Stopped"),
        edit,
        before=_interrupt,
        **LONG,
    ),
    Scenario("event: delete in StandBy", _in_stand_by, lambda s: s.delete("one"), edit, **LIVE),
    Scenario(
        "event: delete on air, kept",
        lambda s: _running(s, deletionPolicy="Retain"),
        lambda s: s.delete("one"),
        edit,
        **LIVE,
    ),
    Scenario("event: asked for StandBy", _running, lambda s: s.ask("one", "standby", "1"), edit, **LONG, outside=True),
    Scenario("event: asked to start", _event, lambda s: s.ask("one", "start", "1"), edit, **LIVE),
    Scenario("event: asked to stop", _running, lambda s: s.ask("one", "stop", "1"), edit, **LIVE, outside=True),
    Scenario("event: asked to reset", _running, lambda s: s.ask("one", "reset", "1"), edit, **LIVE),
    Scenario(
        "event: asked before it was known",
        nothing,
        lambda s: s.apply("LiveEvent", "one", event_spec(), {"start": "1"}),
        edit,
        **LIVE,
    ),
    Scenario(
        "event: recording keeps it on air",
        _running,
        lambda s: s.patch("one", runState="Stopped"),
        lambda s: s.patch("one", disruptionPolicy="EndRecordings"),
        before=lambda s: s.record("one"),
        **LIVE,
    ),
    Scenario(
        "event: recording ended by consent",
        lambda s: _running(s, disruptionPolicy="EndRecordings"),
        _interrupt,
        lambda s: s.patch("one", disruptionPolicy="Interrupt"),
        before=lambda s: s.record("one"),
        **LONG,
    ),
    Scenario(
        "event: recording keeps it from deletion",
        lambda s: _running(s, deletionPolicy="Delete"),
        lambda s: s.delete("one"),
        lambda s: s.patch("one", disruptionPolicy="EndRecordings"),
        before=lambda s: s.record("one"),
        **LIVE,
    ),
)
