"""Who fights over a resource, and what does not stay on air: how much is written is bounded, and it is told why."""

from __future__ import annotations

import pytest
from tests.crash.lab import place_of
from tests.crash.sharing import Operator, Sent, listening, together
from tests.crash.stage import encoding, endpoint_spec, event_spec, transform_spec
from tests.crash.world import Key

from ams_operator.domain import holds
from ams_operator.domain.repetition import RESTARTS
from ams_operator.domain.settle import HOUR

IN_AN_HOUR = 3 + 4
"""writes of one operator in a fight's first hour: at once, and after 1, 5, 15, 30 minutes"""
LATER = 3
"""hours in which it is two each"""
TRANSFORM, EVENT = place_of("Transform", "one"), place_of("LiveEvent", "one")
ENDPOINT = place_of("StreamingEndpoint", "one")


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Sent:
    return listening(monkeypatch)


def unheld(patch: pytest.MonkeyPatch) -> None:
    """The rule taken out."""
    patch.setattr(holds, "repeated", lambda *_: iter(()))


def fighting(hours: float) -> tuple[Operator, Operator]:
    """Two clusters that declare one transform, each otherwise."""
    ours = Operator.beside()
    ours.stage.apply("Transform", "one", transform_spec("ours"))
    ours.work()
    theirs = Operator.beside(ours)
    theirs.stage.apply("Transform", "one", transform_spec("theirs", adoptionPolicy="Always"))
    together((ours, theirs), hours * HOUR)
    return ours, theirs


def test_two_operators_that_set_one_field_tell_it_and_write_little(sent: Sent) -> None:
    ours, theirs = fighting(1)
    for one in (ours, theirs):
        assert 3 <= len(sent.of(one, TRANSFORM)) <= IN_AN_HOUR + 1, "the first of ours made it"
    assert "Contended" in (ours.reason(), theirs.reason())
    loser = ours if ours.reason() == "Contended" else theirs
    assert "spec.description" in loser.ready()[1]
    together((ours, theirs), LATER * HOUR)
    assert max(len(sent.of(one, TRANSFORM)) for one in (ours, theirs)) <= IN_AN_HOUR + 1 + 2 * LATER


def test_without_the_rule_they_would_fight_at_every_sweep(sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:
    unheld(monkeypatch)
    ours, _ = fighting(1)
    assert len(sent.of(ours, TRANSFORM)) > 20


def test_a_fight_over_what_needs_a_stop_disturbs_people_once_an_hour_each(sent: Sent) -> None:
    ours = Operator.beside()
    spec = event_spec(runState="Running", disruptionPolicy="Interrupt")
    ours.stage.apply("LiveEvent", "one", spec)
    together((ours,), 120.0)
    theirs = Operator.beside(ours)
    theirs.stage.apply("LiveEvent", "one", {**spec, "encoding": encoding("PT4.0S"), "adoptionPolicy": "Always"})
    together((ours, theirs), HOUR)
    assert len(sent.at(EVENT, "stop")) <= 2 * 3
    assert "Contended" in (ours.reason(), theirs.reason())
    since = ours.world.now
    together((ours, theirs), 3 * HOUR)
    assert 2 <= len(sent.at(EVENT, "stop", since=since)) <= 2 * 3


def test_a_fight_ends_when_one_of_them_lets_go(sent: Sent) -> None:
    ours, theirs = fighting(1)
    theirs.stage.patch("one", description="ours")
    together((ours, theirs), HOUR)
    assert (ours.reason(), theirs.reason()) == ("InSync", "InSync")
    before = len(sent.writes)
    together((ours, theirs), HOUR)
    assert len(sent.writes) == before


@pytest.mark.parametrize("held", [True, False])
def test_what_somebody_deletes_whenever_it_was_made(held: bool, sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:
    if not held:
        unheld(monkeypatch)
    ours = Operator.beside()
    ours.stage.apply("Transform", "one", transform_spec())
    together((ours,), HOUR, lambda: ours.stage.vanish("Transform", "one"))
    if not held:
        assert len(sent.at(TRANSFORM, "put")) > 20
        return
    assert 3 <= len(sent.at(TRANSFORM, "put")) <= IN_AN_HOUR
    assert ours.reason() == "Contended"


def starts(sent: Sent, place: Key) -> list[float]:
    """When it was started again: the first start was an order."""
    return sent.at(place, "start")[1:]


def most(times: list[float]) -> int:
    """The most of these that fall into one hour."""
    return max((sum(first <= time < first + HOUR for time in times) for first in times), default=0)


@pytest.mark.parametrize("kind", ["LiveEvent", "StreamingEndpoint"])
def test_what_does_not_stay_on_air_is_started_three_times_in_any_hour(sent: Sent, kind: str) -> None:
    place = place_of(kind, "one")
    ours = Operator.beside()
    spec = event_spec(restartPolicy="Always") if kind == "LiveEvent" else endpoint_spec()
    ours.stage.apply(kind, "one", {**spec, "runState": "Running"})
    together((ours,), 3 * HOUR, lambda: ours.stage.run("one", "Stopped", kind))
    assert most(starts(sent, place)) == RESTARTS
    assert ours.reason() == "StartLoop"
    ours.stage.ask("one", "start", "now")
    before = len(starts(sent, place))
    ours.work()
    assert len(starts(sent, place)) == before + 1, "a request works at once"


def test_without_the_rule_it_would_be_started_at_every_sweep(sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:
    unheld(monkeypatch)
    ours = Operator.beside()
    ours.stage.apply("LiveEvent", "one", event_spec(restartPolicy="Always", runState="Running"))
    together((ours,), HOUR, lambda: ours.stage.run("one", "Stopped"))
    assert most(starts(sent, EVENT)) > 20


def test_the_count_survives_a_restart_of_the_operator(sent: Sent) -> None:
    ours = Operator.beside()
    ours.stage.apply("StreamingEndpoint", "one", endpoint_spec(runState="Running"))

    for _ in range(30):
        together((ours,), 120.0, lambda: ours.stage.run("one", "Stopped", "StreamingEndpoint"))
        ours.driver.boot()
    assert most(starts(sent, ENDPOINT)) == RESTARTS
    assert ours.reason() == "StartLoop"
