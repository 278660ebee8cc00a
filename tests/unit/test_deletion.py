"""What deletion does, by who made the resource, by policy, by what is there."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from tests.unit.scenes import (
    ACCOUNT,
    NOTED,
    NOW,
    TRANSFORM,
    UID,
    decided,
    desired,
    only_action,
    ours,
    planned,
    reasons,
    recipe,
    scene,
    stored,
)

from ams_operator.api.status import MESSAGE_LIMIT
from ams_operator.domain.holds import decide
from ams_operator.domain.kind import Kind
from ams_operator.domain.model import (
    Act,
    Cure,
    Decision,
    Effect,
    How,
    Policy,
    Record,
    Refusal,
    Repeat,
    State,
)
from ams_operator.domain.plan import make_plan
from ams_operator.domain.record import dump, load
from ams_operator.domain.repetition import PATIENCE
from ams_operator.domain.report import judge
from ams_operator.domain.settle import refused

RAW = stored(recipe())
LATER = stored(recipe(), "2024-06-01T00:00:00Z")
LATE: dict[str, Any] = {"quiet_until": NOW + 60}


def deleted(
    record: Record | None, raw: Any, policy: Policy | None = None, kind: Kind = TRANSFORM, **members: Any
) -> str:
    """What comes next: `delete`, `release`, or `wait`."""
    decision = decided(desired(kind=kind, deleting=True, policy=policy, **members), raw, record, kind)
    return outcome(decision)


def outcome(decision: Decision) -> str:
    assert not (decision.release and decision.next)
    return "release" if decision.release else decision.next.name if decision.next else "wait"


@pytest.mark.parametrize(
    ("how", "deletion", "expected"),
    [
        (How.CREATED, None, "delete"),
        (How.CREATED, "Delete", "delete"),
        (How.CREATED, "Retain", "release"),
        (How.ADOPTED, None, "release"),
        (How.ADOPTED, "Delete", "delete"),
        (How.ADOPTED, "Retain", "release"),
        (None, None, "release"),
        (None, "Delete", "release"),
        (None, "Retain", "release"),
    ],
)
def test_who_made_it_and_what_the_policy_says(how: How | None, deletion: str | None, expected: str) -> None:
    record = ours(RAW, how=how) if how else Record(uid=UID)
    assert deleted(record, RAW, Policy(deletion=deletion)) == expected


@pytest.mark.parametrize(("deletion", "expected"), [(None, "release"), ("Retain", "release"), ("Delete", "delete")])
def test_an_account_stays_unless_the_manifest_says_otherwise(deletion: str | None, expected: str) -> None:
    raw = {"properties": {"mediaServiceId": "aaaa"}}
    assert deleted(ours(raw, ACCOUNT), raw, Policy(deletion=deletion), ACCOUNT) == expected


def test_what_is_gone_already_needs_nothing() -> None:
    assert deleted(ours(RAW), None) == "release"


def test_what_came_in_its_place_is_not_deleted() -> None:
    assert deleted(ours(RAW), LATER, Policy(deletion="Delete")) == "release"


@pytest.mark.parametrize("management", ["Observe", "Pause"])
def test_what_is_only_observed_or_paused_is_let_go(management: str) -> None:
    assert deleted(ours(RAW), RAW, Policy(management=management, deletion="Delete")) == "release"


def test_deleting_is_its_own_approval() -> None:
    assert deleted(ours(RAW), RAW, Policy(management="Plan")) == "delete"


def test_abandoning_needs_the_uid() -> None:
    assert deleted(ours(RAW), RAW, requests={"abandon": UID}) == "release"
    for value in ("", "true", UID[:-1]):
        assert deleted(ours(RAW), RAW, requests={"abandon": value}) == "delete"


@pytest.mark.parametrize("why", ["its account is gone", "its definition is being deleted"])
def test_where_there_is_nothing_left_to_do_in_the_service_it_is_let_go(why: str) -> None:
    assert outcome(decided(desired(deleting=True), RAW, ours(RAW), release=why)) == "release"


def test_without_a_look_nothing_is_deleted_and_nothing_released() -> None:
    wanted, place = desired(deleting=True), scene()
    decision = decide(make_plan(TRANSFORM, wanted, None, ours(RAW), place), wanted, place)
    assert outcome(decision) == "wait"


def test_what_never_had_a_resource_is_let_go_without_a_look() -> None:
    wanted, place = desired(deleting=True), scene()
    assert outcome(decide(make_plan(TRANSFORM, wanted, None, Record(uid=UID), place), wanted, place)) == "release"


class TestUnansweredCreation:
    """Our creation may still take effect: releasing now would leave an orphan."""

    record = Record(uid=UID, act=Act("create", NOTED, digest="?"))

    def of(self, raw: Any, policy: Policy | None = None, **members: Any) -> str:
        return outcome(decided(desired(deleting=True, policy=policy), raw, self.record, **members))

    def test_nothing_is_released_while_it_may_still_appear(self) -> None:
        assert self.of(None, **LATE) == "wait"
        assert self.of(None, quiet_until=NOW) == "release"

    def test_what_somebody_else_made_meanwhile_is_left_alone(self) -> None:
        assert self.of(stored(recipe(), "2024-04-01T00:00:00Z"), **LATE) == "wait"
        assert self.of(stored(recipe(), "2024-04-01T00:00:00Z"), quiet_until=NOW) == "release"

    def test_what_appeared_is_ours_and_deleted(self) -> None:
        action = only_action(planned(desired(), None))
        record = replace(self.record, act=Act("create", NOTED, action.fields, digest=action.digest))
        assert outcome(decided(desired(deleting=True), RAW, record, **LATE)) == "delete"

    def test_one_that_never_left_leaves_nothing(self) -> None:
        assert self.of(None, sent=False) == "release"

    def test_an_unanswered_deletion_is_waited_for_and_repeated(self) -> None:
        record = replace(ours(RAW), act=Act("delete", NOTED))
        assert outcome(decided(desired(deleting=True), RAW, record, **LATE)) == "wait"
        assert outcome(decided(desired(deleting=True), RAW, record, quiet_until=NOW)) == "delete"


class TestOnAir:
    kind = replace(TRANSFORM, state=lambda raw: State(now="Running", heading="Running", on_air=True))

    def test_it_is_released_and_goes_on_unless_deletion_is_explicit(self) -> None:
        assert deleted(ours(RAW), RAW, kind=self.kind) == "release"

    def test_explicit_deletion_is_consent_to_the_interruption(self) -> None:
        wanted = desired(deleting=True, policy=Policy(deletion="Delete"))
        decision = decided(wanted, RAW, ours(RAW), self.kind)
        assert decision.next is not None
        assert decision.next.effects == {Effect.DELETE, Effect.INTERRUPT}

    def test_but_not_to_the_end_of_recordings(self) -> None:
        kind = replace(
            self.kind,
            actions=lambda _desired, _observed, _record, core: (
                ((replace(core, effects=core.effects | {Effect.END_RECORDING}),),) if core else ()
            ),
        )
        decision = decided(desired(deleting=True, policy=Policy(deletion="Delete")), RAW, ours(RAW), kind)
        assert decision.next is None
        assert reasons(decision) == ["WouldEndRecording"]
        consent = Policy(deletion="Delete", disruption="EndRecordings")
        assert decided(desired(deleting=True, policy=consent), RAW, ours(RAW), kind).next is not None


class TestRefused:
    """What stands against a deletion usually ends by itself: a job in flight, a locator, an output."""

    def after(self, times: int, seconds: float, why: str = "a job is in flight") -> Decision:
        record = ours(RAW)
        for _ in range(times):
            record = refused(TRANSFORM, record, Act("delete", NOTED), "BadRequest", why, NOW)
        record = load(json.loads(json.dumps(dump(record))), UID)
        return decided(desired(deleting=True), RAW, record, now=NOW + seconds)

    @pytest.mark.parametrize("times", [1, 2, 3, 4, 5])
    def test_it_is_told_with_the_ways_out_and_tried_again_with_pauses(self, times: int) -> None:
        pause = PATIENCE[min(times, 4) - 1]
        decision = self.after(times, pause - 1)
        (hold,) = decision.holds
        assert (outcome(decision), decision.due) == ("wait", NOW + pause)
        assert (hold.reason, hold.cure) == ("Refused", Cure.FIX if times >= 3 else Cure.TIME)
        assert "BadRequest: a job is in flight" in hold.message
        assert "set deletionPolicy: Retain" in hold.message
        assert hold.message.endswith(f"ams-operator request abandon Transform/adaptive {UID} -n media")
        assert outcome(self.after(times, pause)) == "delete"

    @pytest.mark.parametrize("why", ["a job is in flight", "x" * 2000])
    def test_the_condition_says_it_once(self, why: str) -> None:
        verdict = judge(desired(deleting=True), self.after(1, 1, why), None, {})
        assert (verdict.ready, verdict.reason, verdict.reconciling) == ("False", "Deleting", True)
        assert verdict.message.count("deletionPolicy: Retain") == 1
        assert verdict.message.endswith(f"{UID} -n media")
        assert len(verdict.message) <= MESSAGE_LIMIT

    def test_one_that_the_service_began_and_could_not_do_is_tried_again_too(self) -> None:
        kind = replace(TRANSFORM, state=lambda raw: State(provisioning="Failed"))
        record = ours(RAW, act=Act("delete", NOTED, operation="op"))
        found = planned(
            desired(deleting=True), RAW, record, kind, failure=("InUse", "a job is in flight"), over=True, **LATE
        ).record
        assert (found.act, found.refusals) == (None, ())
        assert found.repeats == {"delete": Repeat("", 1, NOW, "InUse: a job is in flight")}

    def test_one_that_an_earlier_version_took_for_final_is_tried_again(self) -> None:
        record = ours(RAW, refusals=(Refusal("delete", "", "BadRequest", "a job is in flight"),))
        assert deleted(record, RAW) == "delete"


@pytest.mark.parametrize("raw", [None, LATER], ids=["nothing there", "another one there"])
@pytest.mark.parametrize("member", ["resource_id", "origin"])
def test_what_was_left_elsewhere_is_not_let_go_of_by_what_is_here(raw: Any, member: str) -> None:
    """Its account's object was made anew with another name, or its backend's endpoint is another one."""
    left: dict[str, Any] = {member: "https://elsewhere.test"}
    record = ours(RAW, **left)
    assert deleted(record, raw) == "wait"
    decision = decided(desired(deleting=True), raw, record)
    assert decision.holds[0].cure is Cure.FIX
    message = judge(desired(deleting=True), decision, None, {}).message
    assert "elsewhere.test" in message
    assert "abandon" in message
    assert deleted(record, raw, Policy(deletion="Retain")) == "release"
    assert deleted(record, raw, requests={"abandon": UID}) == "release"
    assert deleted(record, RAW) == "delete"  # it was moved there, and is known again
