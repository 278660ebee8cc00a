"""A status that speaks of another object, or that this program can't read: old requests are no orders."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.crash.drive import Driver
from tests.crash.lab import Lab
from tests.crash.stage import Stage, event_spec
from tests.crash.world import World

ASKED = {"stop": "years ago", "reset": "years ago"}


@pytest.mark.parametrize("damage", [{"uid": "another"}, {"how": "Invented"}])
def test_requests_that_stand_on_a_forgotten_object_are_not_carried_out(damage: dict[str, Any]) -> None:
    lab, world = Lab(), World()
    stage = Stage(lab, world)
    stage.backend()
    stage.account()
    driver = Driver(lab, world)
    stage.watchman = driver.service.watchman
    stage.apply("LiveEvent", "one", event_spec(runState="Running"), ASKED)
    driver.rest()
    known = world.objects["one"]
    assert known.status["resourceState"] == "Running"
    stage.watchman.forgets("one")
    spoilt = {**known.status, "record": {**known.status["record"], "requests": {}, **damage}}
    world.restore(replace(known, status=spoilt))
    writes = world.service_writes
    driver.boot()
    driver.rest()
    assert world.objects["one"].status["record"]["requests"] == ASKED
    assert world.service_writes == writes
    stage.ask("one", "stop", "now")
    driver.rest()
    assert world.objects["one"].status["resourceState"] == "Stopped"
