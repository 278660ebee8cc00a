"""Scenarios with live outputs: recordings, which begin once, end once and overwrite nothing."""

from __future__ import annotations

from typing import Any

from tests.crash.history import Scenario
from tests.crash.lab import STUDIO
from tests.crash.stage import Stage, encoding, event_spec, nothing, output_spec

TAKE, REEL = "take", "reel"


def _studio(stage: Stage, **more: Any) -> None:
    """An event on air and an empty asset."""
    stage.apply("LiveEvent", STUDIO, event_spec(runState="Running", **more))
    stage.apply("Asset", REEL, {})


def _take(stage: Stage, name: str = TAKE, **more: Any) -> None:
    stage.apply("LiveOutput", name, output_spec(**more))


def _recording(stage: Stage, **more: Any) -> None:
    _studio(stage, **more)
    _take(stage, deletionPolicy="Delete")


def _kept(stage: Stage) -> None:
    """A change that a recording takes: whether it ends with its object."""
    stage.patch(TAKE, deletionPolicy="Delete")


def _free(stage: Stage) -> None:
    stage.patch(TAKE, deletionPolicy=None)


def _all_at_once(stage: Stage) -> None:
    _studio(stage)
    _take(stage)


def _everything_goes(stage: Stage) -> None:
    stage.delete(STUDIO)
    stage.delete(TAKE)


def _hostile_change(stage: Stage) -> None:
    stage.patch(STUDIO, encoding=encoding("PT4.0S"))


def _foreign(stage: Stage) -> None:
    """Somebody else records into the asset already."""
    stage.foreign("LiveOutput", TAKE, output_spec())


def _begin_in_reset(stage: Stage) -> None:
    """The recording waits for its asset; the reset waits for nothing."""
    stage.ask(STUDIO, "reset", "1")
    stage.apply("Asset", REEL, {})
    _take(stage)


def _begin_in_change(stage: Stage) -> None:
    _take(stage)
    _hostile_change(stage)


OUTPUT: dict[str, Any] = {"kind": "LiveOutput", "subject": TAKE, "azure": TAKE, "stride": 23}
LONG: dict[str, Any] = {**OUTPUT, "stride": 71}
PARENT: dict[str, Any] = {"kind": "LiveEvent", "subject": STUDIO, "azure": STUDIO, "stride": 23}

RECORDINGS = (
    Scenario("recording: begin", _studio, _take, _kept, **OUTPUT),
    Scenario("recording: begin with its event", nothing, _all_at_once, _kept, **LONG),
    Scenario("recording: end by its deletion", _recording, lambda s: s.delete(TAKE), _free, **OUTPUT),
    Scenario("recording: keep after its deletion", _all_at_once, lambda s: s.delete(TAKE), _kept, **OUTPUT),
    Scenario("recording: ended by others", _recording, lambda s: s.vanish("LiveOutput", TAKE), _free, **OUTPUT),
    Scenario("recording: adopt", _studio, _take, _kept, before=_foreign, **OUTPUT),
    Scenario(
        "recording: a second one in its asset",
        _recording,
        lambda s: _take(s, "second", azureName="second"),
        _free,
        **OUTPUT,
    ),
    Scenario(
        "recording: event reset",
        lambda s: s.apply("LiveEvent", STUDIO, event_spec(runState="Running")),
        _begin_in_reset,
        _kept,
        **LONG,
        outside=True,
    ),
    Scenario(
        "recording: event stops while it begins",
        lambda s: _studio(s, disruptionPolicy="EndRecordings"),
        _begin_in_change,
        _kept,
        **LONG,
        outside=True,
    ),
    Scenario(
        "event with recording: stop",
        _recording,
        lambda s: s.patch(STUDIO, runState="Stopped"),
        _hostile_change,
        **PARENT,
    ),
    Scenario(
        "event with recording: interrupt by consent",
        lambda s: _recording(s, disruptionPolicy="EndRecordings"),
        _hostile_change,
        lambda s: s.patch(STUDIO, disruptionPolicy="WhenIdle"),
        **{**PARENT, "stride": 71},
    ),
    Scenario(
        "event with recording: delete both",
        lambda s: _recording(s, deletionPolicy="Delete"),
        _everything_goes,
        nothing,
        **{**PARENT, "stride": 71},
    ),
)
