"""Scenarios with streaming endpoints: what viewers load from runs unless somebody says otherwise."""

from __future__ import annotations

from typing import Any

from tests.crash.history import Scenario
from tests.crash.stage import Stage, edit, endpoint_spec, nothing


def _endpoint(stage: Stage, **more: Any) -> None:
    stage.apply("StreamingEndpoint", "one", endpoint_spec(**more))


def _running(stage: Stage, **more: Any) -> None:
    _endpoint(stage, runState="Running", **more)


def _cache(stage: Stage) -> None:
    """A change that needs it stopped."""
    stage.patch("one", maxCacheAge=90)


def _default(stage: Stage) -> None:
    """The endpoint that came with the account."""
    stage.foreign("StreamingEndpoint", "default", {})


LIVE: dict[str, Any] = {"kind": "StreamingEndpoint", "stride": 23}
LONG: dict[str, Any] = {**LIVE, "stride": 41}

ENDPOINTS = (
    Scenario("endpoint: create and start", nothing, _running, edit, **LIVE),
    Scenario("endpoint: scale on air", _running, lambda s: s.patch("one", scaleUnits=2), lambda s: _cache(s), **LIVE),
    Scenario("endpoint: scale while stopped", _endpoint, lambda s: s.patch("one", scaleUnits=2), edit, **LIVE),
    Scenario(
        "endpoint: interrupt",
        lambda s: _running(s, disruptionPolicy="Interrupt"),
        _cache,
        lambda s: s.patch("one", disruptionPolicy="WhenIdle"),
        **LONG,
    ),
    Scenario(
        "endpoint: stopped outside",
        _running,
        lambda s: s.run("one", "Stopped", "StreamingEndpoint"),
        lambda s: s.patch("one", restartPolicy="Never"),
        **LIVE,
        outside=True,
    ),
    Scenario("endpoint: delete on air", _running, lambda s: s.delete("one"), edit, **LIVE),
    Scenario(
        "endpoint: delete on air, explicitly",
        lambda s: _running(s, deletionPolicy="Delete"),
        lambda s: s.delete("one"),
        edit,
        **LIVE,
    ),
    Scenario(
        "endpoint: default",
        _default,
        lambda s: _running(s, azureName="default"),
        edit,
        azure="default",
        ends=frozenset({"DataLost"}),
        **LIVE,
    ),
)
