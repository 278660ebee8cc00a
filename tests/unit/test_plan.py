"""What would have to happen next: creation, updates, what the service does not offer."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

import pytest
from tests.unit.scenes import (
    ACCOUNT,
    COMMAND,
    NOTED,
    TRANSFORM,
    UID,
    decided,
    desired,
    heads,
    only_action,
    ours,
    output,
    patched,
    planned,
    reasons,
    recipe,
    scene,
    stored,
)

from ams_operator.api.reasons import Reason
from ams_operator.domain.compare import fields
from ams_operator.domain.kind import Field
from ams_operator.domain.model import (
    JSON,
    Act,
    Effect,
    How,
    Policy,
    Record,
    Refusal,
    Repeat,
    State,
)
from ams_operator.domain.plan import make_plan

THERE: JSON = {
    "location": "West Europe",
    "properties": {"mediaServiceId": "aaaa", "provisioningState": "Succeeded", "storageAuthentication": "System"},
}
STORES: JSON = {"location": "westeurope", "properties": {"storageAccounts": [{"id": "store", "type": "Primary"}]}}


def account(body: JSON | None = None, **members: Any) -> Any:
    return desired(body or {}, kind=ACCOUNT, **{"creatable": bool(body), **members})


class TestBeforeTheFirstLook:
    def test_the_creation_is_planned_so_that_it_can_be_noted(self) -> None:
        plan = make_plan(TRANSFORM, desired(), None, Record(), scene())
        assert heads(plan) == ["create"]
        assert not plan.looked

    @pytest.mark.parametrize(
        "record", [Record(uid=UID, act=Act("create", NOTED)), Record(uid=UID, how=How.CREATED, identity="i")]
    )
    def test_what_has_a_record_waits_for_a_look(self, record: Record) -> None:
        assert heads(make_plan(TRANSFORM, desired(), None, record, scene())) == []

    def test_what_is_only_used_is_never_created(self) -> None:
        assert heads(make_plan(ACCOUNT, account(), None, Record(), scene(ACCOUNT))) == []

    def test_requests_that_were_there_at_first_sight_are_noted_and_not_executed(self) -> None:
        wanted = desired(requests={"start": "1", "stop": "2"})
        record = Record(uid=UID, requests={"start": "0"})
        plan = make_plan(TRANSFORM, wanted, None, record, scene(first_sight=True))
        assert plan.record.requests == {"start": "0", "stop": "2"}
        assert make_plan(TRANSFORM, wanted, None, record, scene()).record.requests == {"start": "0"}


class TestCreation:
    def test_what_is_absent_is_created_with_the_declared_members_only(self) -> None:
        action = only_action(planned(desired(recipe(description="d")), None))
        assert (action.method, action.body) == ("PUT", recipe(description="d"))
        assert action.effects == {Effect.CREATE}
        assert {change.path for change in action.changes} == set(fields(recipe(description="d")))

    def test_a_transform_that_vanished_is_created_again(self) -> None:
        raw = stored(recipe())
        plan = planned(desired(), None, ours(raw, fields=fields(recipe())))
        assert heads(plan) == ["create"]
        assert (plan.record.how, plan.record.identity, plan.record.fields) == (None, None, ())

    def test_a_used_account_that_is_not_there_says_what_to_correct(self) -> None:
        decision = decided(account(), None, kind=ACCOUNT)
        assert decision.next is None
        assert reasons(decision) == ["ResourceNotFound"]
        assert "azureName" in decision.holds[0].message


class TestUpdate:
    before = recipe(output(onError="ContinueJob"), description="d")
    raw = stored(before)
    record = ours(raw, fields=fields(before))

    def test_what_is_equal_needs_nothing_and_clears_what_was_remembered(self) -> None:
        record = replace(
            self.record, repeats={"update x": Repeat("x", 3, 0)}, refusals=(Refusal("update", "x", "c", "m"),)
        )
        decision = decided(desired(self.before), self.raw, record)
        assert decision.next is None
        assert (decision.plan.record.repeats, decision.plan.record.refusals) == ({}, ())

    def test_newly_declared_equal_members_are_ours_from_now_on(self) -> None:
        after = recipe(output(onError="ContinueJob", relativePriority="Normal"), description="d")
        plan = planned(desired(after), self.raw, self.record)
        assert heads(plan) == []
        assert plan.record.fields == fields(after)

    def test_only_what_differs_is_patched(self) -> None:
        action = only_action(
            planned(desired(recipe(output(onError="ContinueJob"), description="e")), self.raw, self.record)
        )
        assert (action.method, action.body) == ("PATCH", {"properties": {"description": "e"}})
        assert [change.path for change in action.changes] == ["/properties/description"]

    def test_a_removal_names_what_it_resets(self) -> None:
        action = only_action(planned(desired(recipe()), self.raw, self.record))
        assert action.unset == ("/properties/description", "/properties/outputs/0/onError")
        assert all(change.removed for change in action.changes)

    def test_drift_is_corrected(self) -> None:
        drifted = stored(recipe(output(onError="ContinueJob"), description="by hand"))
        assert heads(planned(desired(self.before), drifted, self.record)) == ["update"]

    def test_the_same_difference_has_the_same_digest_and_another_has_another(self) -> None:
        one = only_action(planned(desired(recipe()), self.raw, self.record))
        two = only_action(planned(desired(recipe()), stored(self.before, lastModified="x"), self.record))
        other = only_action(planned(desired(recipe(description="e")), self.raw, self.record))
        assert one.digest == two.digest != other.digest

    def test_a_kind_that_cannot_be_patched_is_put(self) -> None:
        kind = replace(TRANSFORM, patch=False)
        assert only_action(planned(desired(recipe()), self.raw, self.record, kind)).method == "PUT"

    def test_effects_and_states_come_from_the_table(self) -> None:
        table = {
            "properties.description": Field(effect=Effect.INTERRUPT, when=frozenset({"Stopped", "Paused"})),
            "properties.outputs[].onError": Field(effect=Effect.WRITE, when=frozenset({"Stopped", "Running"})),
        }
        action = only_action(planned(desired(recipe()), self.raw, self.record, replace(TRANSFORM, table=table)))
        assert action.effects == {Effect.INTERRUPT, Effect.WRITE}
        assert action.needs == {"Stopped"}


class TestWhatMayComeOnlyLater:
    """Some members can be changed in some states only; the others do not wait for them."""

    table: ClassVar[dict[str, Field]] = {
        **TRANSFORM.table,
        "properties.description": Field(reset=None, when=frozenset({"Stopped"})),
    }
    before = recipe(output(onError="ContinueJob"), output("AACGoodQualityAudio"), description="d")
    after = recipe(output("AACGoodQualityAudio"), output(onError="StopProcessingJob"))
    raw = stored(before)
    record = ours(raw, fields=fields(before))

    def of(self, now: str, raw: JSON, record: Record, **members: Any) -> Any:
        kind = replace(TRANSFORM, table=self.table, state=lambda _raw: State(now=now, heading=now))
        return decided(desired(self.after), raw, record, kind, **members)

    def test_what_may_come_now_is_sent_and_the_rest_is_neither_sent_nor_forgotten(self) -> None:
        first = self.of("Running", self.raw, self.record)
        assert first.next is not None
        assert first.next.body is not None
        assert first.next.body["properties"].keys() == {"outputs"}
        act = Act("update", NOTED, first.next.fields, first.next.unset, first.next.digest)
        done = patched(self.raw, first.next.body, deep=True)
        settled = self.of("Running", done, replace(self.record, act=act), answered=True)
        assert settled.next is None
        assert reasons(settled) == ["WaitingForIdle"]
        last = self.of("Stopped", done, settled.plan.record)
        assert last.next is not None
        assert last.next.body == {"properties": {"description": None}}

    def test_what_moved_away_is_no_longer_ours_at_its_old_place(self) -> None:
        first = self.of("Running", self.raw, self.record)
        assert first.next is not None
        assert "/properties/outputs/0/onError" not in first.next.fields
        assert "/properties/description" in first.next.fields


class TestWhatTheServiceDoesNotOffer:
    raw: ClassVar[JSON] = {
        **THERE,
        "properties": {**THERE["properties"], **STORES["properties"], "publicNetworkAccess": "Disabled"},
    }
    record = ours(raw, ACCOUNT, fields=(*fields(STORES), "/properties/publicNetworkAccess"))

    def test_a_change_that_is_impossible_is_told_and_the_others_go_on(self) -> None:
        wanted = account({**STORES, "location": "northeurope"})
        decision = decided(wanted, self.raw, self.record, ACCOUNT)
        assert reasons(decision) == ["CannotChange"]
        assert "spec.location" in decision.holds[0].message
        assert decision.next is not None
        assert decision.next.body == {"properties": {"publicNetworkAccess": "Enabled"}}

    def test_a_removal_without_a_way_back_is_told_and_stays_told_when_another_change_is_done(self) -> None:
        wanted = account({"properties": {"storageAccounts": STORES["properties"]["storageAccounts"]}})
        decision = decided(wanted, self.raw, self.record, ACCOUNT)
        assert reasons(decision) == ["CannotUnset"]
        assert "spec.location" in decision.holds[0].message
        action = decision.next
        assert action is not None
        act = Act("update", NOTED, action.fields, action.unset, action.digest)
        done = {**self.raw, "properties": {**self.raw["properties"], "publicNetworkAccess": "Enabled"}}
        for _ in range(3):
            later = decided(wanted, done, replace(decision.plan.record, act=act), ACCOUNT, answered=True)
            assert reasons(later) == ["CannotUnset"]
            assert later.next is None
            decision = later

    def test_declaring_it_again_ends_it(self) -> None:
        assert (
            decided(
                account({**STORES, "properties": {**STORES["properties"], "publicNetworkAccess": "Disabled"}}),
                self.raw,
                self.record,
                ACCOUNT,
            ).holds
            == ()
        )

    def test_storage_accounts_are_never_taken_away_by_removing_the_list(self) -> None:
        decision = decided(
            account({"location": "westeurope", "properties": {"publicNetworkAccess": "Disabled"}}),
            self.raw,
            self.record,
            ACCOUNT,
        )
        assert decision.next is None
        assert reasons(decision) == ["CannotUnset"]
        assert "spec.storageAccounts" in decision.holds[0].message


class TestWork:
    """The service's own work on the last change."""

    def raw(self, state: str) -> JSON:
        return {**THERE, "properties": {**THERE["properties"], "provisioningState": state}}

    wanted = account({"properties": {"publicNetworkAccess": "Disabled"}})

    def test_nothing_is_sent_while_it_works(self) -> None:
        decision = decided(self.wanted, self.raw("InProgress"), ours(THERE, ACCOUNT), ACCOUNT)
        assert decision.next is None
        assert decision.plan.waiting
        assert decision.plan.differs

    def test_a_failure_is_told_with_its_reason_as_long_as_it_lasts_and_the_next_change_is_the_way_out(self) -> None:
        refusals = (Refusal("update", "d", "Quota", "too many"),)
        record = ours(THERE, ACCOUNT, refusals=refusals)
        for _ in range(3):
            decision = decided(account(), self.raw("Failed"), record, ACCOUNT)
            assert reasons(decision) == ["Failed"]
            assert "Quota: too many" in decision.holds[0].message
            record = decision.plan.record
        assert decided(self.wanted, self.raw("Failed"), record, ACCOUNT).next is not None
        assert decided(account(), self.raw("Succeeded"), record, ACCOUNT).plan.record.refusals == ()


@pytest.mark.parametrize(
    ("policy", "kind", "carried"),
    [
        (Policy(), TRANSFORM, True),
        (Policy(management="Plan"), TRANSFORM, True),
        (Policy(deletion="Delete"), TRANSFORM, True),
        (Policy(deletion="Retain"), TRANSFORM, False),
        (Policy(management="Observe"), TRANSFORM, False),
        (Policy(management="Pause"), TRANSFORM, False),
        (Policy(deletion="Retain"), ACCOUNT, True),
        (Policy(management="Observe"), ACCOUNT, False),
    ],
)
def test_a_finalizer_only_where_deletion_may_have_something_to_do(policy: Policy, kind: Any, carried: bool) -> None:
    for raw in (None, THERE if kind is ACCOUNT else stored(recipe())):
        assert planned(desired(kind=kind, policy=policy), raw, kind=kind).finalizer is carried


@pytest.mark.parametrize(
    "raw", [{}, {"properties": None}, {"properties": []}, {"properties": {"created": 7}}, {"systemData": []}]
)
@pytest.mark.parametrize("kind", [TRANSFORM, ACCOUNT])
def test_an_answer_of_any_shape_gives_a_plan(kind: Any, raw: JSON) -> None:
    for record in (Record(), ours({}, kind, identity="x"), Record(uid=UID, act=Act("create", NOTED))):
        for deleting in (True, False):
            assert planned(desired(kind=kind, deleting=deleting), raw, record, kind, answered=True) is not None
    assert isinstance(kind.state(raw), State)
    assert kind.facts(raw) == {}


def test_messages_that_await_a_decision_end_in_the_command() -> None:
    for wanted in (account(STORES), account()):  # one that may be created, and one that is only used
        decision = decided(wanted, None, ours(THERE, ACCOUNT), ACCOUNT)
        assert reasons(decision) == ["AccountVanished"]
        assert COMMAND.search(decision.holds[0].message)


def test_the_longest_names_leave_room_for_the_way_out() -> None:
    long = {"tags": {f"{index}" * 500: "x" for index in range(9)}}
    place = "/" + "x" * 900
    decision = decided(account(long), THERE, kind=ACCOUNT, resource_id=place)
    assert len(decision.holds[0].message) <= 1024
    assert decision.holds[0].message.endswith("to overwrite it")
    moved = decided(account(STORES), None, ours(THERE, ACCOUNT, resource_id=place + "y"), ACCOUNT, resource_id=place)
    assert reasons(moved) == [Reason.RELOCATION_REFUSED]
    assert len(moved.holds[0].message) <= 1024
