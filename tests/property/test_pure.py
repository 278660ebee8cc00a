"""Plan, holds and report over whatever they may be given: total, deterministic, silent about values, legal."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from tests.unit.crd_schema import problems, status_schema
from tests.unit.scenes import (
    ACCOUNT,
    BORN,
    EARLIER,
    NOTED,
    NOW,
    ORIGIN,
    TRANSFORM,
    UID,
    desired,
    output,
    recipe,
    scene,
    stored,
)

from ams_operator.domain.holds import decide, plan_hash
from ams_operator.domain.kind import Kind
from ams_operator.domain.model import (
    ALL_EFFECTS,
    JSON,
    SERVICE_EFFECTS,
    Act,
    Cure,
    Decision,
    Desired,
    Hold,
    How,
    Observed,
    Policy,
    Record,
    Refusal,
    Repeat,
    Scene,
)
from ams_operator.domain.plan import make_plan
from ams_operator.domain.record import dump, load
from ams_operator.domain.remembered import mark
from ams_operator.domain.report import equal, report

SECRET = "value-of-a-spec"
NAMES = st.sampled_from(
    [
        "properties",
        "outputs",
        "preset",
        "created",
        "onError",
        "location",
        "tags",
        "provisioningState",
        "@odata.type",
        "0",
    ]
)
SCALARS = (
    st.none() | st.booleans() | st.integers(-1, 2) | st.sampled_from(["", "InProgress", "Failed", BORN, "x" * 700])
)
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4), max_leaves=12
)
OBJECTS = st.dictionaries(NAMES, ANYTHING, max_size=5)
BODIES = st.sampled_from(
    [
        recipe(),
        recipe(output(label=SECRET), description=SECRET),
        recipe(output(onError="ContinueJob"), output("AACGoodQualityAudio")),
        {},
        {"properties": {}},
        {
            "location": "westeurope",
            "tags": {"a/b": SECRET},
            "properties": {"storageAccounts": [{"id": SECRET, "type": "Primary"}]},
        },
    ]
)
WORDS = st.sampled_from(["create", "update", "delete", "start"])
POINTERS = st.lists(
    st.sampled_from(
        [
            "",
            "/properties",
            "/properties/outputs/0/onError",
            "/properties/description",
            "/location",
            "/tags/0",
            "/tags/a~1b",
            "x",
        ]
    ),
    max_size=4,
).map(tuple)
DIGESTS = st.sampled_from(["", "d"])
ACTS = st.builds(
    Act,
    WORDS,
    st.sampled_from([NOTED, "", "garbage"]),
    POINTERS,
    POINTERS,
    DIGESTS,
    operation=st.sampled_from([None, "op"]),
)
PLACES = st.sampled_from([None, "Running"])
RECORDS = st.builds(
    Record,
    uid=st.just(UID),
    resource_id=st.sampled_from(["", scene().resource_id, scene(ACCOUNT).resource_id]),
    origin=st.sampled_from(["", ORIGIN]),
    how=st.sampled_from([None, *How]),
    identity=st.sampled_from([None, "2024-05-01T12:00:01.500+00:00", "other"]),
    fields=POINTERS,
    requests=st.dictionaries(WORDS, st.sampled_from(["1", "2"]), max_size=2),
    act=st.none() | ACTS,
    repeats=st.lists(
        st.tuples(WORDS, st.builds(Repeat, DIGESTS, st.integers(1, 9), st.sampled_from([0.0, NOW]))), max_size=2
    ).map(lambda found: {mark(name, repeat.digest): repeat for name, repeat in found}),
    refusals=st.lists(st.builds(Refusal, WORDS, DIGESTS, st.just("Bad"), st.just("no"), PLACES), max_size=2).map(tuple),
)
HOLDS = st.builds(
    Hold,
    st.sampled_from(["Throttled", "Claimed"]),
    st.sampled_from([ALL_EFFECTS, SERVICE_EFFECTS, frozenset()]),
    st.sampled_from(Cure),
    st.sampled_from(["because", "m" * 3000]),
    st.sampled_from([None, NOW + 1]),
)
SCENES = st.fixed_dictionaries(
    {},
    optional={
        "sent": st.booleans(),
        "answered": st.booleans(),
        "failure": st.sampled_from([None, ("Quota", "too many")]),
        "quiet_until": st.sampled_from([0.0, NOW + 60]),
        "release": st.sampled_from([None, "gone"]),
        "holds": st.lists(HOLDS, max_size=2).map(tuple),
        "first_sight": st.booleans(),
        "origin": st.sampled_from([ORIGIN, "https://other.test"]),
    },
)


@st.composite
def situations(draw: st.DrawFn) -> tuple[Kind, Desired, Observed | None, Record, Scene]:
    kind = draw(st.sampled_from([TRANSFORM, ACCOUNT]))
    policy = Policy(
        draw(st.sampled_from(["Manage", "Plan", "Observe", "Pause"])),
        draw(st.sampled_from(["IfIdentical", "Always"])),
        draw(st.sampled_from([None, "Delete", "Retain"])),
    )
    requests = draw(
        st.dictionaries(
            st.sampled_from(["approve", "abandon", "recreate"]), st.sampled_from(["1", UID, "other"]), max_size=2
        )
    )
    wanted = desired(
        draw(BODIES),
        kind=kind,
        policy=policy,
        requests=requests,
        deleting=draw(st.booleans()),
        creatable=draw(st.booleans()),
    )
    answers = st.none() | OBJECTS | st.sampled_from([stored(recipe()), stored(recipe(), EARLIER, description="other")])
    observed = draw(st.none() | answers.map(lambda raw: Observed(NOW, raw)))
    return kind, wanted, observed, draw(RECORDS), scene(kind, **draw(SCENES))


def decision_of(kind: Kind, wanted: Desired, observed: Observed | None, record: Record, place: Scene) -> Decision:
    return decide(make_plan(kind, wanted, observed, record, place), wanted, place)


@given(situations())
def test_any_input_gives_one_decision_and_changes_nothing(
    situation: tuple[Kind, Desired, Observed | None, Record, Scene],
) -> None:
    kind, wanted, observed, record, place = situation
    before = copy.deepcopy((wanted, observed, record))
    first, second = (
        decision_of(kind, wanted, observed, record, place),
        decision_of(kind, wanted, observed, record, place),
    )
    assert first == second
    assert (wanted, observed, record) == before


@given(situations())
def test_the_order_of_members_is_nothing(situation: tuple[Kind, Desired, Observed | None, Record, Scene]) -> None:
    kind, wanted, observed, record, place = situation
    turned = replace(wanted, body=_turned(wanted.body), requests=_turned(dict(wanted.requests)))
    seen = replace(observed, raw=_turned(observed.raw)) if observed else None
    again = replace(record, fields=tuple(reversed(record.fields)), requests=_turned(dict(record.requests)))
    first = decision_of(kind, wanted, observed, record, place)
    second = decision_of(kind, turned, seen, again, place)
    assert (first.release, first.due, first.holds) == (second.release, second.due, second.holds) or first.plan.differs
    assert {change.path for change in first.plan.differs} == {change.path for change in second.plan.differs}
    assert (first.next is None) == (second.next is None)
    if first.next and second.next:
        assert first.next.digest == second.next.digest
        assert first.next.body == second.next.body


@given(situations())
def test_nothing_is_done_that_is_not_allowed(situation: tuple[Kind, Desired, Observed | None, Record, Scene]) -> None:
    kind, wanted, observed, record, place = situation
    decision = decision_of(kind, wanted, observed, record, place)
    assert not decision.release or wanted.deleting
    assert not (decision.release and decision.next)
    if decision.next is None:
        return
    held = [hold for hold in place.holds if hold.blocks & (decision.next.effects or ALL_EFFECTS)]
    assert not held
    if not wanted.deleting:
        assert wanted.policy.management in ("Manage", "Plan")
        approved = plan_hash(decision.plan, wanted) == wanted.requests.get("approve")
        assert wanted.policy.management == "Manage" or approved
    if decision.next.name in ("update", "delete"):
        assert observed is not None
        assert observed.raw is not None
        assert decision.plan.record.how is not None
        assert decision.plan.record.identity == kind.identity(observed.raw)
    if decision.next.name == "delete":
        assert wanted.deleting
        assert wanted.policy.deletion != "Retain"
    if decision.next.name == "create":
        assert observed is None or observed.raw is None
        assert wanted.creatable


@given(situations(), st.sampled_from([{}, {"conditions": [{"type": "Ready", "status": "True"}]}]))
def test_every_status_is_legal_stable_and_silent(
    situation: tuple[Kind, Desired, Observed | None, Record, Scene], before: JSON
) -> None:
    kind, wanted, observed, record, place = situation
    decision = decision_of(kind, wanted, observed, record, place)
    body = report(kind, wanted, decision, observed, decision.plan.record, before, place)
    assert list(problems(status_schema(kind.name), body)) == []
    found = {condition["type"]: condition for condition in body["conditions"]}
    assert {"Reconciling", "Stalled"} - found.keys()
    assert all(condition["observedGeneration"] == wanted.generation for condition in found.values())
    paused = wanted.policy.management == "Pause" and not wanted.deleting
    if found["Ready"]["status"] == "True" and not paused:
        assert decision.plan.looked
        assert not {"Reconciling", "Stalled"} & found.keys()
        assert wanted.policy.management == "Observe" or (decision.next is None and not decision.plan.differs)
    later = replace(place, now=place.now + 0.5)
    again = report(kind, wanted, decision, observed, decision.plan.record, body, later)
    assert again == body
    assert equal(kind, again, body)
    assert SECRET not in json.dumps(body)


@given(RECORDS)
def test_any_record_survives_the_api_server(record: Record) -> None:
    assert load(json.loads(json.dumps(dump(record))), record.uid) == record


@given(ANYTHING)
def test_any_stored_record_is_read(raw: Any) -> None:
    for value in (
        raw,
        {"uid": UID, "how": "Created", "act": raw, "repeats": raw},
        {"uid": UID, "refusals": raw, "fields": raw},
    ):
        assert load(value, UID).uid == UID


def _turned(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _turned(value[name]) for name in reversed(value)}
    if isinstance(value, list):
        return [_turned(item) for item in value]
    return value
