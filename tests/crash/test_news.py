"""What happens is told once, when it happens: orphans on air, interruptions, starts, refusals."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from tests.crash.lab import STUDIO
from tests.crash.stage import encoding
from tests.crash.test_recordings import TAKE, Set, failing, refused

from ams_operator.domain.answers import Conflict, Resource
from ams_operator.engine.news import News
from ams_operator.engine.store import ACCOUNT


def listening(the: Set) -> list[tuple[str, str, str, bool]]:
    """(name of the object, what happened, by which act, whether it is a warning)."""
    heard: list[tuple[str, str, str, bool]] = []

    def announce(resource: Resource, news: News) -> None:
        heard.append((resource.name, str(news.happening), news.act, news.warning))

    the.driver.engine.announce = announce
    return heard


@pytest.mark.parametrize("known", [True, False], ids=["seen", "after a restart"])
@pytest.mark.parametrize("how", ["no policy", "Pause", "abandon"])
def test_what_is_let_go_on_air_is_told(how: str, known: bool, caplog: pytest.LogCaptureFixture) -> None:
    the = Set()
    the.studio(**({"deletionPolicy": "Delete"} if how == "abandon" else {}))
    if not known:
        the.driver.boot()
    if how == "Pause":
        the.stage.patch(STUDIO, managementPolicy="Pause")
    elif how == "abandon":
        the.stage.ask(STUDIO, "abandon", STUDIO)
    heard = listening(the)
    the.stage.delete(STUDIO)
    with caplog.at_level(logging.WARNING):
        the.driver.rest()
    assert STUDIO not in the.world.objects
    assert the.state() == "Running"
    assert heard == [(STUDIO, "ReleasedOnAir", "release", True)]
    (line,) = (record for record in caplog.records if "released on air" in record.message)
    assert line.message.endswith("/liveEvents/studio")
    assert vars(line)["about"]["kind"] == "LiveEvent"


def test_what_was_on_air_in_an_account_that_is_gone_is_told() -> None:
    """The account may have been out of sight only."""
    the = Set()
    the.studio(deletionPolicy="Delete")
    heard = listening(the)
    the.stage.vanish(ACCOUNT, "contoso")
    the.driver.settle()
    the.stage.delete(STUDIO)
    the.driver.rest()
    assert STUDIO not in the.world.objects
    assert heard == [(STUDIO, "ReleasedOnAir", "release", True)]


@pytest.mark.parametrize("spec", [{"runState": "Stopped"}, {"deletionPolicy": "Delete"}])
def test_what_is_not_on_air_or_goes_with_its_object_is_no_orphan(spec: dict[str, Any]) -> None:
    the = Set()
    the.studio(**spec)
    the.driver.settle()
    the.stage.delete(STUDIO)
    heard = listening(the)
    the.driver.rest()
    assert STUDIO not in the.world.objects
    assert "ReleasedOnAir" not in {what for _, what, _, _ in heard}


def test_a_release_that_has_to_be_tried_again_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    the = Set()
    the.studio()
    heard = listening(the)
    release, left = the.world.set_finalizer, [Conflict("another version")]

    def busy(seen: Resource, present: bool) -> Resource | None:
        if left:
            raise left.pop()
        return release(seen, present)

    monkeypatch.setattr(type(the.world), "set_finalizer", lambda _world, seen, present: busy(seen, present))
    the.stage.delete(STUDIO)
    the.driver.rest()
    assert [what for _, what, _, _ in heard] == ["ReleasedOnAir"]


def test_starts_and_interruptions_are_told_one_for_each_act() -> None:
    the = Set()
    heard = listening(the)
    the.studio(disruptionPolicy="Interrupt")
    assert heard == [(STUDIO, "Started", "start", False)]
    heard.clear()
    the.stage.patch(STUDIO, encoding=encoding("PT4.0S"))
    the.driver.settle()
    assert heard == [(STUDIO, "Interrupted", "stop", True), (STUDIO, "Started", "start", False)]
    heard.clear()
    the.stage.patch(STUDIO, runState="Stopped")
    the.driver.settle()
    assert heard == [(STUDIO, "Interrupted", "stop", False)], "somebody asked for it"


def test_a_refusal_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    the = Set()
    the.studio()
    heard = listening(the)
    failing(monkeypatch, refused)
    the.take()
    the.driver.settle()
    assert the.reason() == "Refused"
    assert heard == [(TAKE, "Refused", "create", True)]
