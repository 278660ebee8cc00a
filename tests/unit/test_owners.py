"""The owner tag: what it says, who is kept away by it, what comes back with it, and what it may never do."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.unit.on_air import ENDPOINT, EVENT, following, names, ours, planned, reasons, scene, shown, wanted
from tests.unit.scenes import ACCOUNT, NOW, TRANSFORM, seen

from ams_operator.domain import owners
from ams_operator.domain.holds import decide
from ams_operator.domain.kind import Kind
from ams_operator.domain.model import (
    JSON,
    Change,
    Decision,
    Desired,
    Effect,
    How,
    Observed,
    Plan,
    Policy,
    Record,
    Refusal,
    Repeat,
)
from ams_operator.domain.owners import POINTER, TAG, mark, tagged
from ams_operator.domain.plan import make_plan

BASE: JSON = {"input": {"streamingProtocol": "RTMP"}, "description": "ours", "tags": {"team": "sports"}}
OURS = mark("blue", EVENT, "media", "studio", {"properties": {}})
CLUSTER = OURS.partition("-")[0]
THEIRS = mark("green", EVENT, "media", "studio", {"properties": {}})


def wish(spec: JSON | None = None, owner: str = OURS, management: str = "Manage", **members: Any) -> Desired:
    found = replace(wanted(EVENT, BASE if spec is None else spec, **members), owner=owner)
    policy = replace(found.policy, management=management, adoption=members.get("adoption", found.policy.adoption))
    return tagged(replace(found, policy=policy), None)


def there(tag: str | None, state: str = "Stopped", **properties: Any) -> JSON:
    """The event as somebody made it, with this owner tag and a tag that nobody declares."""
    raw = shown(wanted(EVENT, BASE).body, state, **properties)
    return {**raw, "tags": {**raw["tags"], "cost": "7", **({TAG: tag} if tag is not None else {})}}


def judged(desired: Desired, raw: JSON, record: Record | None = None, **members: Any) -> Decision:
    found = Record(uid=desired.uid) if record is None else record
    place = scene(EVENT, **members)
    return decide(make_plan(EVENT, desired, Observed(NOW, raw, {"LiveOutput": ()}), found, place), desired, place)


def mine(raw: JSON, how: How = How.CREATED, **members: Any) -> Record:
    return ours(EVENT, raw, how=how, fields=wish().fields, **members)


def bodies(plan: Plan) -> list[JSON | None]:
    return [action.body for chain in plan.chains for action in chain]


class TestTheMark:
    def test_it_names_cluster_and_object_and_no_more(self) -> None:
        assert len(OURS) <= 64
        others = {
            mark("blue", EVENT, "media", "other", {"a": 1}),
            mark("blue", EVENT, "news", "studio", {"a": 1}),
            mark("blue", ENDPOINT, "media", "studio", {"a": 1}),
        }
        assert len(others | {OURS}) == 4
        assert {other.partition("-")[0] for other in others} == {CLUSTER}
        assert THEIRS.partition("-")[0] != CLUSTER
        assert mark("a", EVENT, "b-c", "d", {"a": 1}) != mark("a", EVENT, "b", "c-d", {"a": 1})
        assert not {"blue", "media", "studio"} & set(OURS.split("-"))

    @pytest.mark.parametrize(
        ("owner", "kind", "body"), [("", EVENT, {"a": 1}), ("blue", TRANSFORM, {"a": 1}), ("blue", ACCOUNT, {})]
    )
    def test_no_owner_no_tags_and_an_account_that_is_merely_used_have_none(
        self, owner: str, kind: Kind, body: JSON
    ) -> None:
        assert mark(owner, kind, "media", "studio", body) == ""

    @pytest.mark.parametrize("kind", [EVENT, ENDPOINT, ACCOUNT])
    def test_all_that_bear_tags_have_one(self, kind: Kind) -> None:
        assert mark("blue", kind, "media", "studio", {"a": 1})

    def test_without_an_owner_nothing_changes(self) -> None:
        desired = wish(owner="")
        assert desired == wanted(EVENT, BASE)
        decision = judged(desired, there(THEIRS))
        assert (decision.plan.record.how, decision.next, decision.holds) == (How.ADOPTED, None, ())

    def test_the_manifests_own_tag_of_that_name_is_none(self) -> None:
        desired = wish({**BASE, "tags": {"AMS-Operator-Owner": "me", "team": "sports"}})
        assert desired.body["tags"] == {TAG: OURS, "team": "sports"}


class TestMaking:
    def test_what_is_made_has_it_from_the_first_request_on(self) -> None:
        desired = wish()
        plan = make_plan(EVENT, desired, seen(None, NOW), Record(uid=desired.uid), scene(EVENT))
        action = plan.chains[0][0]
        assert action.body is not None
        assert action.body["tags"] == {"team": "sports", TAG: OURS}
        assert POINTER in action.fields

    def test_what_is_made_anew_after_it_was_adopted_is_made_by_us(self) -> None:
        record = mine(there(CLUSTER), How.ADOPTED)
        plan = make_plan(EVENT, wish(), seen(None, NOW), record, scene(EVENT))
        assert [body["tags"][TAG] for body in bodies(plan) if body] == [OURS]


class TestAdopting:
    @pytest.mark.parametrize("state", ["Stopped", "Running"])
    def test_a_missing_tag_is_no_difference_and_is_set_by_a_request_that_interrupts_nobody(self, state: str) -> None:
        decision = judged(wish(), there(None, state))
        assert decision.plan.record.how is How.ADOPTED
        assert names(decision.plan) == [["update"]]
        assert following(decision) == "update"
        action = decision.plan.chains[0][0]
        assert (action.effects, action.needs) == (frozenset({Effect.WRITE}), frozenset())
        assert action.body is not None
        assert {name: value for name, value in action.body.items() if name != "location"} == {
            "tags": {"team": "sports", "cost": "7", TAG: CLUSTER}
        }

    def test_a_tag_of_this_cluster_but_another_object_is_adopted(self) -> None:
        other = mark("blue", EVENT, "media", "other", {"a": 1})
        decision = judged(wish(), there(other))
        assert decision.plan.record.how is How.ADOPTED
        assert [body["tags"][TAG] for body in bodies(decision.plan) if body] == [CLUSTER]

    @pytest.mark.parametrize(("tag", "how"), [(OURS, How.CREATED), (CLUSTER, How.ADOPTED)])
    @pytest.mark.parametrize("state", ["Stopped", "Running"])
    def test_a_rebuilt_cluster_knows_again_what_it_made(self, tag: str, how: How, state: str) -> None:
        decision = judged(wish({**BASE, "runState": "Running"}), there(tag, state))
        assert decision.plan.record.how is how
        assert decision.next is None, "to know it again changes nothing, and starts nothing"

    def test_what_differs_is_refused_as_ever(self) -> None:
        decision = judged(wish(), there(OURS, description="theirs"))
        assert (reasons(decision), decision.plan.record.how) == (["AdoptionRefused"], None)
        assert TAG not in decision.holds[0].message


class TestAnotherCluster:
    @pytest.mark.parametrize("adoption", ["IfIdentical", "Always"])
    @pytest.mark.parametrize("description", ["ours", "theirs"])
    def test_it_is_refused_and_touches_nothing(self, adoption: str, description: str) -> None:
        desired = wish()
        desired = replace(desired, policy=replace(desired.policy, adoption=adoption))
        decision = judged(desired, there(THEIRS, "Running", description=description))
        assert (reasons(decision), decision.next, decision.plan.record.how) == (["Claimed"], None, None)
        assert decision.plan.chains == ()
        for way_out in ("delete this object", "remove the tag", "--owner-id"):
            assert way_out in decision.holds[0].message

    @pytest.mark.parametrize("requests", [{}, {"stop": "now"}])
    def test_what_another_one_took_over_is_touched_no_more(self, requests: dict[str, str]) -> None:
        raw = there(THEIRS, "Running", description="theirs")
        desired = wish({**BASE, "runState": "Stopped"}, requests=requests)
        decision = judged(desired, raw, mine(raw, run_state="Running"))
        assert (reasons(decision), decision.next, decision.plan.chains) == (["Claimed"], None, ())
        assert decision.plan.record.how is How.CREATED, "once the tag goes, it is ours as before"

    @pytest.mark.parametrize("policy", [Policy(), Policy(deletion="Delete")])
    @pytest.mark.parametrize(("tag", "chains"), [(THEIRS, []), (OURS, [["delete"]]), (None, [["delete"]])])
    def test_a_deletion_leaves_what_is_anothers(self, policy: Policy, tag: str | None, chains: list[list[str]]) -> None:
        raw = there(tag)
        desired = replace(wish(), policy=policy, deleting=True)
        plan = make_plan(EVENT, desired, Observed(NOW, raw, {"LiveOutput": ()}), mine(raw), scene(EVENT))
        assert (names(plan), plan.done) == (chains, not chains)

    def test_who_only_observes_sees_no_tag(self) -> None:
        for tag in (None, OURS, THEIRS):
            for record in (None, mine(there(tag))):
                decision = judged(wish(management="Observe"), there(tag), record)
                assert (decision.plan.differs, reasons(decision)) == ((), ["Observed"])
                differs = judged(wish(management="Observe"), there(tag, description="theirs"), record).plan.differs
                assert [change.path for change in differs] == ["/properties/description"]


class TestDrift:
    def removed(self, state: str, **record: Any) -> Decision:
        raw = there(None, state)
        return judged(wish({**BASE, "runState": state}), raw, mine(raw, run_state=state, **record))

    @pytest.mark.parametrize("state", ["Stopped", "StandBy", "Running"])
    def test_it_is_set_again_in_any_state_and_stops_nothing(self, state: str) -> None:
        decision = self.removed(state)
        assert (following(decision), names(decision.plan)) == ("update", [["update"]])
        assert decision.plan.chains[0][0].effects == {Effect.WRITE}

    def test_it_is_a_request_of_its_own(self) -> None:
        """Also where the rest needs a stop, which is not made for the tag."""
        raw = there(None, "Running", description="theirs", encoding={"stretchMode": "None"})
        spec = {**BASE, "runState": "Running", "encoding": {"stretchMode": "AutoFit"}}
        desired = wish(spec, disruption="Interrupt")
        plan = judged(desired, raw, mine(raw, run_state="Running")).plan
        assert names(plan) == [["update"], ["update"], ["stop", "update", "start"]]
        first, second = plan.chains[0][0], plan.chains[1][0]
        assert [change.path for change in first.changes] == [POINTER]
        assert POINTER not in second.fields, "what another request sets is not what this one is known by"
        assert second.body is not None
        assert "tags" not in second.body

    def test_what_the_service_refuses_on_air_waits_and_is_no_fault(self) -> None:
        (action,) = self.removed("Running").plan.chains[0]
        refusal = Refusal(action.name, action.digest, "OnAir", "not while it runs", "Running")
        decision = self.removed("Running", refusals=(refusal,))
        assert (decision.next, decision.holds, decision.plan.chains, decision.plan.differs) == (None, (), (), ())
        assert decision.plan.good is not None
        assert TAG in decision.plan.good[1]
        assert decision.plan.record.refusals == (refusal,), "it is not asked again at every look"
        assert following(self.removed("Stopped", refusals=(refusal,))) == "update", "but once it is idle"

    def test_what_the_service_does_not_keep_or_somebody_removes_each_time_is_no_fault(self) -> None:
        (action,) = self.removed("Stopped").plan.chains[0]
        ignored = {f"update {action.digest}": Repeat(action.digest, 1, NOW - 100)}
        undone = {f"update {action.digest} {action.touched}": Repeat(action.digest, 3, NOW - 100, shown=True)}
        for repeats in (ignored, undone):
            decision = self.removed("Stopped", repeats=repeats)
            assert (decision.next, decision.holds, decision.plan.record.repeats) == (None, (), repeats)

    def test_another_change_goes_out_though_the_tag_is_refused(self) -> None:
        (action,) = self.removed("Running").plan.chains[0]
        refusal = Refusal(action.name, action.digest, "OnAir", "not while it runs", "Running")
        raw = there(None, "Running")
        edited = wish({**BASE, "runState": "Running", "description": "edited"})
        record = mine(raw, run_state="Running", refusals=(refusal,))
        plan = judged(edited, raw, record).plan
        assert [change.path for chain in plan.chains for one in chain for change in one.changes] == [
            "/properties/description"
        ]

    @pytest.mark.parametrize(
        ("status", "state", "alone", "refuses"),
        [
            (403, "Stopped", True, True),
            (409, "Running", True, True),
            (409, "Stopped", True, False),
            (403, "Stopped", False, False),
            (500, "Running", True, False),
        ],
    )
    def test_only_the_tag_alone_is_declined(self, status: int, state: str, alone: bool, refuses: bool) -> None:
        (action,) = self.removed("Running").plan.chains[0]
        changes = action.changes if alone else (*action.changes, Change("/properties/description"))
        found = EVENT.state(there(None, state))
        assert owners.declined(replace(action, changes=changes), status, found) is refuses

    def test_who_takes_the_owner_away_takes_the_tag_away(self) -> None:
        raw = there(OURS)
        decision = judged(wish(owner=""), raw, mine(raw))
        (action,) = decision.plan.chains[0]
        assert action.body is not None
        assert action.body["tags"] == {"team": "sports", "cost": "7"}


def test_the_endpoint_as_it_came_is_ours_and_says_so() -> None:
    owner = mark("blue", ENDPOINT, "media", "default", {"a": 1})
    raw = {**shown(wanted(ENDPOINT, {}).body, "Stopped"), "name": "default"}
    plan = planned(ENDPOINT, tagged(replace(wanted(ENDPOINT, {}), owner=owner), None), raw, Record())
    assert plan.record.how is How.CREATED
    assert [body["tags"] for body in bodies(plan) if body] == [{TAG: owner}]


def test_what_changes_by_an_action_of_its_own_is_not_known_by_the_tag_either() -> None:
    """Otherwise a scaling whose tag the service does not take would seem to have had no effect."""
    wish = replace(wanted(ENDPOINT, {"scaleUnits": 2}), owner=mark("blue", ENDPOINT, "media", "studio", {"a": 1}))
    raw = shown(wanted(ENDPOINT, {}).body, "Running", scaleUnits=1)
    plan = planned(ENDPOINT, tagged(wish, None), raw, ours(ENDPOINT, raw))
    assert names(plan) == [["update"], ["scale"]]
    assert [POINTER in chain[0].fields for chain in plan.chains] == [True, False]
