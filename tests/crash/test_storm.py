"""The storm of `make reliability` without its servers: what comes when, what people do, and what the log tells."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import pytest
from bench.reliability import storm_audit as audit
from bench.reliability.storm_faults import AUTHORITY, FAULTS, Spell, schedule
from bench.reliability.storm_found import Storm
from bench.reliability.storm_people import EVENTS, WATCHED, People, population
from bench.reliability.storm_text import storm as text

from ams_emulator.faults import ACTIONS, HOSTILE, parse_action, parse_match

FAILING = ("liveEvents/one", "liveEvents/two")
TAILS = {fault.name: fault.tail for fault in FAULTS}


def spells(seed: int = 1, seconds: float = 600.0) -> list[Spell]:
    return schedule(seed, seconds, "client", ["a", "b", "c"], FAILING)


def test_every_fault_of_the_service_comes_and_goes() -> None:
    found = spells()
    assert found == spells()
    assert found != spells(2)
    assert {spell.name for spell in found} == {fault.name for fault in FAULTS}
    types = {str(spell.action.get("type")) for spell in found}
    assert set(ACTIONS) - types == {"busy"}, "that is version 2's"
    assert {str(spell.action.get("what")) for spell in found} >= set(HOSTILE)
    assert max(spell.end + TAILS[spell.name] for spell in found) <= 600.0, "nothing acts after its end"
    times = Counter(spell.name for spell in found)
    assert {count for name, count in times.items() if name != "an operation fails"} == {times["503"]}


def test_it_hits_one_client_and_fails_each_step_once() -> None:
    found = spells()
    for spell in found:
        if spell.match is not None:
            assert ("clientId" in spell.match) == (spell.match.get("kind") != AUTHORITY)
        else:
            assert "do" in spell.action or spell.action["clientId"] == "client"
    paths = [str((spell.match or {}).get("path")) for spell in found if spell.name == "an operation fails"]
    assert sorted(paths) == [f"/{name}/(start|stop)$" for name in FAILING]


def test_the_service_takes_every_one() -> None:
    for spell in spells(3):
        if "do" not in spell.action:
            parse_action(spell.action)
            parse_match(spell.match or {})


def test_people_never_ask_to_stop_what_is_on_air() -> None:
    people, before = People(random.Random(1)), population()
    disturbed: Counter[tuple[str, str]] = Counter()
    for _ in range(3000):
        for deed in people.next():
            disturbed[deed.verb, deed.name] += deed.verb in ("drift", "vanish")
    for kind, name in before:
        if name in (*EVENTS, WATCHED) or name.startswith(("take", "reel")):
            now = people.manifests[kind, name]
            assert {**now, "description": ""} == {**before[kind, name], "description": ""}
    assert max(disturbed.values()) == 2
    assert len(people.done) == 9


def entry(method: str, at: float, status: int | None = 200, **more: Any) -> dict[str, Any]:
    """A request that takes a tenth of a second."""
    fields: dict[str, Any] = {"path": "/subscriptions/s/mediaservices/a/transforms/t", "kind": f"{method} transforms"}
    fields |= {
        "method": method,
        "effect": "applied",
        "status": status,
        "started_monotonic": at,
        "ended_monotonic": at + 0.1,
        "faults": [],
    }
    return {
        **fields,
        "retry_after": None,
        "over": None,
        "access": "read" if method == "GET" else "write",
        **more,
    }


@pytest.mark.parametrize(
    ("method", "at", "counts"),
    [
        ("GET", 102.0, True),
        ("GET", 100.5, False),  # it was under way
        ("GET", 105.2, False),  # the window is over
        ("PUT", 102.0, False),  # another bucket
        ("DELETE", 102.0, False),
    ],
)
def test_a_request_inside_a_closed_window_is_seen(method: str, at: float, counts: bool) -> None:
    closing = entry("GET", 100.0, 429, retry_after=5.0)
    assert audit.inside([closing, asked := entry(method, at)]) == ([asked] if counts else [])
    every = entry("GET", 100.0, 503, retry_after=5.0)
    assert bool(audit.inside([every, asked])) == (101.1 < at < 105.1)


def test_what_asks_for_patience_otherwise_closes_nothing() -> None:
    assert audit.inside([entry("GET", 100.0, 202, retry_after=5.0), entry("GET", 102.0)]) == []
    assert audit.closings([entry("GET", 1.0, 429, retry_after=5.0), entry("GET", 2.0, 503)]) == {429: 1}


def test_a_put_over_what_was_there_is_a_second_creation_unless_puts_are_updates() -> None:
    twice = entry("PUT", 2.0, None, over=True)
    assert audit.made_twice([entry("PUT", 1.0, over=False), entry("PATCH", 1.5), twice], ()) == [twice]
    assert audit.made_twice([twice], ("transforms",)) == []


def test_what_belongs_to_nobody_and_what_lacks() -> None:
    assert audit.orphans(["/A/x", "/a/y", "/a"], ["/a/X"], ["/a"]) == ["/a/y"]
    assert audit.missing(["/A/x"], ["/a/X", "/a/z"]) == ["/a/z"]


@pytest.mark.parametrize(("changed", "window"), [([1.5], True), ([0.5], False), ([3.5], False), ([], False)])
def test_what_somebody_changed_before_anybody_saw_it_is_told_apart(changed: list[float], window: bool) -> None:
    log = [entry("GET", 0.2, 404), entry("PUT", 1.0, None, over=False), entry("GET", 2.0, 503), entry("GET", 3.0)]
    log.insert(2, entry("GET", 1.2, faults=["fault-1"]))  # somebody else's page, for all one knows
    assert audit.unknowable(str(log[0]["path"]).upper(), log, changed) is window
    assert not audit.unknowable("/another", log, changed)
    assert not audit.unknowable(str(log[0]["path"]), [entry("PATCH", 1.0), log[-1]], changed)


def test_how_a_thing_came_to_be_left_is_told_by_what_was_sent_and_what_was_logged() -> None:
    one = "/subscriptions/s/mediaservices/a/transforms/t"
    log = [
        entry("PUT", 1.0, None, faults=["fault-1"]),
        entry("GET", 2.0, path=f"{one}/x"),
        entry("GET", 3.0, path="/y"),
    ]
    said = ['{"message": "released", "name": "t"}', '{"message": "released", "name": "tt"}']
    told = audit.story(one, log, said)
    assert [line.split()[1] for line in told[1:-1]] == ["PUT", "GET"]
    assert told[-1] == said[0]


def test_refusals_of_no_single_fault_are_named_as_the_faults_are() -> None:
    log = [entry("PUT", 1.0, 429), entry("GET", 1.0, 403), entry("POST", 1.0, 403), entry("GET", 1.0, 401)]
    found = audit.of_no_fault([*log, entry("GET", 1.0, 401, faults=["fault-1"])])
    assert found.keys() <= {fault.name for fault in FAULTS}
    assert set(found.values()) == {1}


def test_traces_of_two_accounts_are_compared_thing_by_thing() -> None:
    base = "/subscriptions/s/providers/Microsoft.Media/mediaServices"
    one = [entry("PUT", 1.0, 201, path=f"{base}/one/transforms/t?api-version=1"), entry("GET", 2.0, path=f"{base}/one")]
    other = [entry("PUT", 3.0, 201, path=f"{base}/other/transforms/T")]
    assert audit.differing(audit.trace(one, "one"), audit.trace(other, "other")) == []
    again = [*other, entry("PATCH", 4.0, path=f"{base}/other/transforms/t")]
    (told,) = audit.differing(audit.trace(one, "one"), audit.trace(again, "other"))
    assert told == "/transforms/t: PUT 201; in the other PUT 201, PATCH 200"
    assert audit.reads(one, "one") == {"GET ": 1}


def thing(status: str, reason: str = "InSync", generation: int = 1) -> dict[str, Any]:
    ready = {"type": "Ready", "status": status, "reason": reason, "message": "", "observedGeneration": generation}
    return {"metadata": {"generation": 1}, "status": {"conditions": [ready]}}


def test_a_step_that_was_answered_as_done_by_what_did_nothing_is_told_apart() -> None:
    at = "/subscriptions/s/mediaservices/a/liveevents/e"
    lie = entry("POST", 1.0, path=f"{at.upper()}/START", effect="none", faults=["fault-1"])
    assert audit.lied_to(at, [lie])
    others = [("effect", "applied"), ("faults", []), ("status", 503), ("path", at), ("method", "PATCH")]
    for name, value in others:
        assert not audit.lied_to(at, [{**lie, name: value}])


@pytest.mark.parametrize(
    ("objects", "left"),
    [
        ({"a": thing("True")}, 0),
        ({"a": thing("False", "Refused")}, 1),
        ({"a": thing("True", generation=0)}, 1),
        ({"a": {"metadata": {"generation": 1}}}, 1),
        ({}, 1),
        ({"a": thing("True"), "b": thing("True")}, 1),
        ({"a": thing("False", "RecordingExists"), "b": thing("False", "AdoptionRefused")}, 2),
    ],
)
def test_what_is_not_as_declared(objects: dict[str, Any], left: int) -> None:
    there = {("Transform", name): one for name, one in objects.items()}
    assert len(audit.unsettled({("Transform", "a"): {}}, there)) == left


def test_what_a_person_has_to_decide_is_not_waited_for() -> None:
    there = {("LiveOutput", "a"): thing("False", "RecordingExists"), ("LiveOutput", "b"): thing("True")}
    waits = audit.told(there, audit.ASKS)
    assert waits == [("LiveOutput", "a")]
    assert audit.unsettled({name: {} for name in there}, there, waits) == []


def test_what_the_service_has_otherwise() -> None:
    spec, stored = {"runState": "Running", "description": "new"}, {"resourceState": "Running", "description": "old"}
    assert audit.differs(spec, {"properties": stored}) == ["description is old"]
    assert audit.differs({}, {"properties": stored}) == []


def test_the_section_has_a_row_for_each_fault_and_each_harm() -> None:
    found = Storm(7, 600.0, converged=12.0, harm={"orphans": [], "created twice": ["PUT /x"]})
    found.seconds_off = {"offAirSeconds": 3.0}
    shown = text(found)
    assert [fault.name for fault in FAULTS if f"| {fault.name} |" not in shown] == []
    assert "| orphans | 0 |" in shown
    assert "| created twice | 1 |" in shown
    assert "--seed 7 --minutes 10" in shown
    assert len(found.violations) == 2
