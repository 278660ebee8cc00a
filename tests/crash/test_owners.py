"""The owner tag: two clusters and one service, a cluster that was built anew, and every fault on the way."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from tests.crash.conftest import Tally
from tests.crash.interferences import INTERFERENCES
from tests.crash.lab import Lab, place_of
from tests.crash.product import Product
from tests.crash.scenarios import SCENARIOS
from tests.crash.service import Service
from tests.crash.shared import STORAGE
from tests.crash.sharing import Operator, Sent, listening, together
from tests.crash.stage import endpoint_spec, event_spec
from tests.crash.world import Key, Request, Thing

from ams_operator.domain import owners
from ams_operator.domain.answers import Answer
from ams_operator.engine.store import ACCOUNT

SPECS: dict[str, Callable[..., Any]] = {"LiveEvent": event_spec, "StreamingEndpoint": endpoint_spec}
EVENT = place_of("LiveEvent", "one")
MINUTES = 600.0


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Sent:
    return listening(monkeypatch)


def first(kind: str = "LiveEvent", **more: Any) -> Operator:
    """A cluster that made something, and runs it."""
    blue = Operator.beside(owner="blue")
    blue.stage.apply(kind, "one", SPECS[kind](runState="Running", **more))
    together((blue,), MINUTES)
    assert blue.reason() == "InSync"
    return blue


def second(blue: Operator, owner: str = "green", kind: str = "LiveEvent", **more: Any) -> Operator:
    """Another cluster with the same manifest, but for what it says more."""
    green = Operator.beside(blue, owner)
    green.stage.apply(kind, "one", SPECS[kind](**{"runState": "Stopped", "adoptionPolicy": "Always", **more}))
    together((blue, green), MINUTES)
    return green


def tags(operator: Operator, key: Key = EVENT) -> dict[str, str]:
    return dict(operator.world.things[key].raw.get("tags") or {})


@pytest.mark.parametrize("kind", sorted(SPECS))
def test_a_second_cluster_touches_nothing_and_the_first_never_notices(sent: Sent, kind: str) -> None:
    blue = first(kind)
    green = second(blue, kind=kind, description="theirs")
    assert (green.reason(), blue.reason()) == ("Claimed", "InSync")
    place = place_of(kind, "one")
    assert sent.of(green, place) == []
    green.stage.delete("one")
    together((blue, green), MINUTES)
    assert ("one" in green.world.objects, sent.of(green, place)) == (False, [])
    assert sent.of(blue, place) == ["put", "start"]


@pytest.mark.parametrize("rule", ["claimed", "owner"])
def test_without_the_rule_it_would_be_stopped(rule: str, sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:
    blue = first()
    if rule == "claimed":
        monkeypatch.setattr(owners, "claimed", lambda *_: None)
    green = second(blue, "" if rule == "owner" else "green", disruptionPolicy="EndRecordings", restartPolicy="Always")
    assert "stop" in sent.of(green, EVENT)


def test_an_account_of_another_cluster_is_used_by_nobody_else(sent: Sent) -> None:
    blue = Operator.beside(owner="blue")
    blue.stage.own_account("made", "made", **STORAGE)
    together((blue,), MINUTES)
    green = Operator.beside(blue, "green")
    green.stage.own_account("made", "made", **{**STORAGE, "publicNetworkAccess": "Disabled"}, adoptionPolicy="Always")
    green.stage.apply("LiveEvent", "two", event_spec(accountRef={"name": "made"}))
    together((blue, green), MINUTES)
    assert (blue.reason("made"), green.reason("made"), green.reason("two")) == (
        "InSync",
        "Claimed",
        "WaitingForAccount",
    )
    assert sent.of(green, place_of(ACCOUNT, "made")) == []


def test_an_account_that_is_merely_used_may_be_used_by_several(sent: Sent) -> None:
    """Each with resources of its own."""
    blue = first()
    green = Operator.beside(blue, "green")
    green.stage.apply("LiveEvent", "two", event_spec())
    together((blue, green), MINUTES)
    assert (blue.reason("default"), green.reason("default"), green.reason("two")) == ("InSync",) * 3
    assert "tags" not in blue.world.things[place_of(ACCOUNT, "contoso")].raw


@pytest.mark.parametrize("how", ["Created", "Adopted"])
def test_a_cluster_that_was_built_anew_knows_what_it_made(how: str, sent: Sent) -> None:
    blue = Operator.beside(owner="blue")
    if how == "Adopted":
        blue.stage.foreign("LiveEvent", "one", event_spec(tags={"team": "sports"}))
    blue.stage.apply("LiveEvent", "one", event_spec(runState="Running"))
    together((blue,), MINUTES)
    before = len(sent.writes)
    again = second(blue, "blue", runState="Running")
    assert (again.world.objects["one"].status["record"]["how"], len(sent.writes)) == (how, before)
    if how == "Adopted":
        assert tags(again)["team"] == "sports", "foreign tags stay"


def test_who_removes_the_tag_finds_it_set_again_and_nobody_is_interrupted(sent: Sent) -> None:
    blue = first()
    before = tags(blue)
    _untagged(blue)
    together((blue,), MINUTES)
    assert tags(blue) == before
    assert sent.of(blue, EVENT) == ["put", "start", "patch"]
    for _ in range(10):  # Terraform, say, which knows nothing of it
        _untagged(blue)
        together((blue,), 120.0)
        assert blue.reason() == "InSync"
    assert len(sent.of(blue, EVENT)) <= 2 + 3


def _untagged(operator: Operator) -> None:
    thing: Thing = operator.world.things[EVENT]
    operator.world.change(EVENT, replace(thing, raw={**thing.raw, "tags": {}}))


@pytest.mark.parametrize("status", [400, 403, 409])
def test_a_service_that_takes_no_tag_on_air_is_asked_once_and_again_when_it_is_idle(
    status: int, sent: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = Service.write

    def strict(service: Service, request: Request, at: float) -> Answer:
        thing = service.now(request.key)
        on_air = thing is not None and thing.raw["properties"].get("resourceState") == "Running"
        if request.verb == "patch" and "tags" in (request.body or {}) and on_air:
            service.world.service_writes += 1
            return Answer(status, None, at, date=service.world.date(), code="OnAir", message="not while it runs")
        return write(service, request, at)

    blue = first()
    monkeypatch.setattr(Service, "write", strict)
    before = blue.world.service_writes
    _untagged(blue)
    together((blue,), 3 * MINUTES)
    assert (blue.reason(), blue.world.service_writes - before) == ("InSync", 1)
    assert owners.TAG in blue.ready()[1]
    blue.stage.patch("one", runState="Stopped")
    together((blue,), MINUTES)
    assert (blue.reason(), owners.TAG in tags(blue)) == ("InSync", True)


NAMES = (
    "account: create",
    "event: create and start",
    "event: adopt running",
    "event: both changes on air",
    "event: stopped outside, restarted",
    "event: delete on air, explicitly",
    "endpoint: scale on air",
    "endpoint: default",
)
STEP = 997
"""of the histories with interference, each so many-th; a prime"""


@pytest.mark.parametrize("name", NAMES)
def test_nothing_else_changes_with_an_owner(name: str, tally: Tally) -> None:
    scenario = next(one for one in SCENARIOS if one.name == name)
    product = Product.of(Lab(owner_id="blue"), scenario)
    for _, _, result in product.alone:
        tally.add(result)
    for history in itertools.islice(product.disturbed(INTERFERENCES), None, None, STEP):
        tally.add(history())
    assert not tally.bad
