"""Scenarios with what is not believed at one look, not done again at once, or belongs to somebody who does nothing."""

from __future__ import annotations

from typing import Any

from tests.crash.endpoints import LIVE as ENDPOINT
from tests.crash.events import LIVE as EVENT
from tests.crash.history import Scenario
from tests.crash.lab import place_of
from tests.crash.stage import UNKNOWN, Stage, edit, endpoint_spec, event_spec, nothing, transform_spec
from tests.crash.transforms import one

MANY = ("one", "two", "three", "four", "five")
MOST = MANY[:4]
"""one more than has to be, since others may do something to one of them meanwhile"""


def _many(stage: Stage) -> None:
    for name in MANY:
        stage.apply("Transform", name, transform_spec())


def _most_vanish(stage: Stage) -> None:
    for name in MOST:
        stage.vanish("Transform", name)
    stage.doubt(together=frozenset(place_of("Transform", name) for name in MOST))


def _most_differ(stage: Stage) -> None:
    """As another version reads them, or the service since it came."""
    for name in MOST:
        stage.drift("Transform", name, description="as version 2 reads it")
    stage.doubt(strange=frozenset(place_of("Transform", name) for name in MOST))


def _half_seen(stage: Stage) -> None:
    """And a LIST leaves half of them out for a while."""
    _most_differ(stage)
    left = {place_of("Transform", name) for name in MOST[:2]}
    shown = {key: thing.raw for key, thing in stage.world.things.items() if key not in left}
    stage.world.stale = (stage.world.now + 20.0, shown)


def _changed_back(stage: Stage) -> None:
    stage.drift("Transform", "one", description="theirs")


def _stopped(stage: Stage, kind: str) -> None:
    stage.run("one", "Stopped", kind)


def _claimed(stage: Stage) -> None:
    """Two objects that mean one resource."""
    one(stage)
    stage.apply("Transform", "two", transform_spec(azureName="one"))


def _denied(stage: Stage) -> None:
    """The service says for a while that there is no account, and just then it is asked: its credential is another."""
    stage.doubt(denied=stage.world.now + 25.0)
    stage.rotate()
    stage.delete("one")


FIGHT: dict[str, Any] = {"ends": frozenset({"Contended"}), "stride": 11}
LOOP: dict[str, Any] = {"times": 3, "ends": frozenset({"StartLoop"})}
"""so often it is started again"""
OFTEN: dict[str, Any] = {"stride": 211}
"""they have many calls, in the same way each time"""
UPGRADE: dict[str, Any] = {**OFTEN, "upgrade": True, "ends": frozenset({"MassChange"})}

BELIEVED = (
    Scenario("drift, for the fifth time", one, _changed_back, edit, before=_changed_back, times=4, **FIGHT),
    Scenario(
        "event: stopped outside again and again",
        lambda s: s.apply("LiveEvent", "one", event_spec(runState="Running", restartPolicy="Always")),
        lambda s: _stopped(s, "LiveEvent"),
        edit,
        before=lambda s: _stopped(s, "LiveEvent"),
        **EVENT,
        **LOOP,
    ),
    Scenario(
        "endpoint: stopped outside again and again",
        lambda s: s.apply("StreamingEndpoint", "one", endpoint_spec(runState="Running")),
        lambda s: _stopped(s, "StreamingEndpoint"),
        edit,
        before=lambda s: _stopped(s, "StreamingEndpoint"),
        **ENDPOINT,
        **LOOP,
    ),
    Scenario("most of an account vanish", _many, _most_vanish, edit, **OFTEN),
    Scenario(
        "most of an account differ for another version",
        _many,
        _most_differ,
        edit,
        **UPGRADE,
    ),
    Scenario("most of an account differ for another version, half seen", _many, _half_seen, edit, **UPGRADE),
    Scenario(
        "event: of another cluster",
        lambda s: s.of_another_cluster("LiveEvent", "one", event_spec()),
        lambda s: s.apply("LiveEvent", "one", event_spec(runState="Running", adoptionPolicy="Always")),
        edit,
        owner="blue",
        ends=frozenset({"Claimed"}),
        **EVENT,
    ),
    Scenario("deleted while the service denies its account", one, _denied, edit, stride=53),
    Scenario(
        "two objects, one can't be read any more",
        _claimed,
        lambda s: s.patch("one", **{UNKNOWN: "of a later version"}),
        edit,
        ends=frozenset({"InvalidSpec"}),
    ),
    Scenario("two objects, one is paused", _claimed, lambda s: s.patch("one", managementPolicy="Pause"), edit),
    Scenario(
        "two objects, one is paused and never had it",
        lambda s: one(s, managementPolicy="Pause"),
        lambda s: s.apply("Transform", "two", transform_spec(azureName="one")),
        nothing,
        subject="two",
    ),
)
