"""Every reason not to act: what it blocks, how long, and which command ends it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.unit.scenes import (
    COMMAND,
    NOTED,
    NOW,
    UID,
    decided,
    desired,
    heads,
    only_action,
    ours,
    output,
    planned,
    reasons,
    recipe,
    scene,
    stored,
)

from ams_operator.domain.holds import decide, permitted, plan_hash
from ams_operator.domain.model import (
    ALL_EFFECTS,
    JSON,
    SERVICE_EFFECTS,
    Act,
    Action,
    Cure,
    Decision,
    Desired,
    Effect,
    Hold,
    Plan,
    Policy,
    Record,
    Refusal,
    Repeat,
    State,
)
from ams_operator.domain.repetition import PATIENCE, RECHECK

RAW = stored(recipe(output(onError="ContinueJob")))
OURS = ours(RAW)
"""ours, and different from the manifest of these tests"""
WANTED = recipe(output(onError="StopProcessingJob"))


def judged(policy: Policy | None = None, record: Record = OURS, **members: Any) -> Decision:
    return decided(desired(WANTED, policy=policy), RAW, record, **members)


def live(*actions: Action, state: State | None = None, run_state: str | None = None, looked: bool = True) -> Plan:
    record = Record(uid=UID, run_state=run_state)
    return Plan(chains=(actions,), record=record, state=state, looked=looked)


class TestPermission:
    write = Action("update", "PATCH", frozenset({Effect.WRITE}))

    def hold(self, *blocks: Effect, only: str | None = None) -> Hold:
        return Hold("Some", frozenset(blocks), Cure.TIME, "", only=only)

    def test_an_action_runs_if_no_hold_blocks_any_of_its_effects(self) -> None:
        assert permitted(self.write, ())
        assert permitted(self.write, (self.hold(Effect.DELETE, Effect.INTERRUPT),))
        assert not permitted(self.write, (self.hold(Effect.DELETE), self.hold(Effect.WRITE)))

    def test_unknown_effects_are_all_effects(self) -> None:
        assert not permitted(Action("x", "POST"), (self.hold(Effect.RELEASE),))

    def test_a_hold_of_one_action_does_not_block_another(self) -> None:
        assert permitted(self.write, (self.hold(Effect.WRITE, only="start"),))
        assert not permitted(self.write, (self.hold(Effect.WRITE, only="update"),))

    def test_a_held_action_holds_the_rest_of_its_chain_only(self) -> None:
        stop, start = Action("stop", "POST", frozenset({Effect.INTERRUPT})), Action("start", "POST")
        plan = Plan(chains=((self.write, start), (stop,)), looked=True)
        place = scene(holds=(self.hold(Effect.WRITE),))
        decision = decide(plan, desired(), place)
        assert decision.next is stop
        assert decide(replace(plan, chains=((self.write, start),)), desired(), place).next is None


def test_holds_that_concern_nothing_here_are_not_told() -> None:
    hold = Hold("Some", frozenset({Effect.START}), Cure.FIX, "")
    assert judged(holds=(hold,)).holds == ()


def test_the_earliest_end_of_a_hold_is_when_to_look_again() -> None:
    holds = tuple(Hold("Some", SERVICE_EFFECTS, Cure.TIME, "", until=NOW + seconds) for seconds in (30, 10, 20))
    assert judged(holds=holds).due == NOW + 10
    assert judged().due is None


@pytest.mark.parametrize(("management", "reason"), [("Observe", "Observed"), ("Pause", "Paused")])
def test_observe_and_pause_write_nothing(management: str, reason: str) -> None:
    for raw in (None, RAW, stored(WANTED), stored(WANTED, "2024-04-01T00:00:00Z")):
        decision = decided(desired(WANTED, policy=Policy(management=management)), raw, OURS)
        assert decision.next is None
        assert reason in reasons(decision)
        assert not decision.release


class TestUnanswered:
    record = replace(OURS, act=Act("update", NOTED, digest="x"))

    def test_everything_waits_until_the_effect_is_known(self) -> None:
        decision = judged(record=self.record, quiet_until=NOW + 42)
        assert decision.next is None
        assert reasons(decision) == ["Unanswered"]
        assert decision.holds[0].blocks == ALL_EFFECTS
        assert decision.due == NOW + 42

    @pytest.mark.parametrize("over", [{"quiet_until": NOW}, {"sent": False, "quiet_until": NOW + 60}])
    def test_and_goes_on_when_no_late_effect_is_possible(self, over: dict[str, Any]) -> None:
        assert heads(judged(record=self.record, **over).plan) == ["update"]
        assert judged(record=self.record, **over).next is not None


class TestRefusals:
    def refused(self, wanted: JSON) -> Record:
        digest = only_action(planned(desired(wanted), RAW, OURS)).digest
        return replace(OURS, refusals=(Refusal("update", digest, "BadRequest", "no such preset"),))

    def test_the_same_request_is_not_sent_again(self) -> None:
        decision = judged(record=self.refused(WANTED))
        assert decision.next is None
        assert reasons(decision) == ["Refused"]
        assert "BadRequest: no such preset" in decision.holds[0].message
        assert decision.holds[0].cure is Cure.FIX

    def test_another_one_is(self) -> None:
        assert judged(record=self.refused(recipe(output("AACGoodQualityAudio")))).next is not None

    def test_a_refused_creation_does_not_hold_an_update(self) -> None:
        digest = only_action(planned(desired(WANTED), RAW, OURS)).digest
        record = replace(OURS, refusals=(Refusal("create", digest, "c", "m"),))
        assert judged(record=record).next is not None


class TestNotConverging:
    """The service accepts the change and answers something else."""

    def after(self, seconds: float, count: int = 1, digest: str = "") -> Decision:
        found = only_action(planned(desired(WANTED), RAW, OURS)).digest
        digest = digest or found
        record = replace(OURS, repeats={f"update {digest}": Repeat(digest, count, NOW)})
        return judged(record=record, now=NOW + seconds)

    def test_it_may_take_a_moment_to_show(self) -> None:
        decision = self.after(RECHECK - 1)
        assert (decision.next, reasons(decision)) == (None, ["Progressing"])
        assert decision.holds[0].cure is Cure.TIME
        assert decision.due == NOW + RECHECK

    def test_then_the_fields_are_named_and_it_is_tried_again_with_growing_pauses(self) -> None:
        for count, patience in enumerate((*PATIENCE, PATIENCE[-1], PATIENCE[-1]), start=1):
            decision = self.after(RECHECK, count)
            assert (decision.next, reasons(decision)) == (None, ["NotConverging"])
            assert "spec.outputs[0].onError" in decision.holds[0].message
            assert decision.holds[0].cure is Cure.FIX
            assert decision.due == NOW + patience
            assert self.after(patience - 1, count).next is None
            assert self.after(patience, count).next is not None

    def test_another_change_is_not_held(self) -> None:
        assert self.after(RECHECK, digest="another").next is not None


class TestApproval:
    policy = Policy(management="Plan")

    def of(self, **members: Any) -> Decision:
        return decided(desired(WANTED, policy=self.policy, **members), RAW, OURS)

    def offered(self, **members: Any) -> str:
        wanted = desired(WANTED, policy=self.policy, **members)
        return plan_hash(planned(wanted, RAW, OURS), wanted)

    def test_the_message_ends_in_the_command_that_approves_this_plan(self) -> None:
        decision = self.of()
        assert decision.next is None
        assert reasons(decision) == ["PlanPending"]
        assert decision.holds[0].cure is Cure.DECISION
        message = decision.holds[0].message
        assert COMMAND.search(message)
        assert message.endswith(f"request approve Transform/adaptive {self.offered()} -n media")

    def test_only_the_hash_of_this_plan_approves_it(self) -> None:
        assert self.of(requests={"approve": self.offered()}).next is not None
        for value in ("", "true", self.offered()[:-1], self.offered().upper() + " "):
            assert self.of(requests={"approve": value}).next is None

    def test_an_approval_dies_with_the_generation(self) -> None:
        assert self.of(requests={"approve": self.offered()}, generation=2).next is None

    def test_another_uid_or_other_actions_have_another_hash(self) -> None:
        wanted = desired(WANTED, policy=self.policy)
        plan = planned(wanted, RAW, OURS)
        other_uid = plan_hash(plan, replace(wanted, uid="other"))
        other_value = planned(desired(recipe(output(onError="StopProcessingJob"), description="x")), RAW, OURS)
        hashes = {plan_hash(plan, wanted), other_uid, plan_hash(other_value, wanted)}
        assert len(hashes) == 3

    def test_the_hash_does_not_move_by_itself(self) -> None:
        wanted = desired(WANTED, policy=self.policy)
        later = stored(recipe(output(onError="ContinueJob")), lastModified="later", future=1)
        assert plan_hash(planned(wanted, later, OURS, now=NOW + 99), wanted) == self.offered()

    def test_nothing_to_do_needs_no_approval(self) -> None:
        decision = decided(desired(WANTED, policy=self.policy), stored(WANTED), ours(stored(WANTED)))
        assert decision.holds == ()

    def test_a_creation_needs_it_too(self) -> None:
        assert reasons(decided(desired(WANTED, policy=self.policy), None)) == ["PlanPending"]


class TestPeopleWatching:
    on_air = State(now="Running", on_air=True)

    def change(self, *effects: Effect, **members: Any) -> Action:
        return Action("update", "PATCH", frozenset(effects), **members)

    def of(self, action: Action, state: State | None = None, **policy: Any) -> Decision:
        return decide(live(action, state=state or self.on_air), desired(policy=Policy(**policy)), scene())

    @pytest.mark.parametrize(
        ("effects", "disruption", "allowed"),
        [
            ({Effect.WRITE}, "WhenIdle", True),
            ({Effect.INTERRUPT}, "WhenIdle", False),
            ({Effect.REPLACE}, "WhenIdle", False),
            ({Effect.END_RECORDING}, "WhenIdle", False),
            ({Effect.INTERRUPT, Effect.REPLACE}, "Interrupt", True),
            ({Effect.INTERRUPT, Effect.END_RECORDING}, "Interrupt", False),
            ({Effect.INTERRUPT, Effect.END_RECORDING}, "EndRecordings", True),
        ],
    )
    def test_only_as_much_as_the_policy_allows(self, effects: set[Effect], disruption: str, allowed: bool) -> None:
        decision = self.of(self.change(*effects), disruption=disruption)
        assert (decision.next is not None) is allowed
        ends = Effect.END_RECORDING in effects
        assert reasons(decision) == ([] if allowed else ["WouldEndRecording" if ends else "WouldInterrupt"])
        if not allowed:
            wanted = "EndRecordings" if Effect.END_RECORDING in effects else "Interrupt"
            patch = f'{{"spec":{{"disruptionPolicy":"{wanted}"}}}}'
            command = f"kubectl -n media patch transforms.ams-operator.dev adaptive --type merge -p '{patch}'"
            assert decision.holds[0].message.endswith(f". To do it now: {command}")

    def test_nobody_has_to_be_protected_from_his_own_wish_or_from_what_is_idle(self) -> None:
        assert self.of(self.change(Effect.INTERRUPT, own_wish=True)).next is not None
        assert self.of(self.change(Effect.INTERRUPT), State(now="Stopped")).next is not None

    def test_what_the_service_takes_only_in_another_state_waits_and_names_the_command(self) -> None:
        decision = self.of(self.change(Effect.WRITE, needs=frozenset({"Stopped"})))
        assert (decision.next, reasons(decision)) == (None, ["WaitingForIdle"])
        assert COMMAND.search(decision.holds[0].message)
        assert self.of(self.change(Effect.WRITE, needs=frozenset({"Running", "Stopped"}))).next is not None


class TestRunState:
    """The declared run state was carried out, and somebody else changed it: drift, not an order."""

    start = Action("start", "POST", frozenset({Effect.START}), then="Running")
    stop = Action("stop", "POST", frozenset({Effect.INTERRUPT}), then="Stopped", own_wish=True)

    def of(self, action: Action, carried_out: str | None, **members: Any) -> Decision:
        state = State(now="Stopped" if action is self.start else "Running", on_air=action is self.stop)
        return decide(live(action, state=state, run_state=carried_out), self.wanted(**members), scene())

    def wanted(self, **members: Any) -> Desired:
        return desired(**members)

    def test_an_order_that_was_never_carried_out_is(self) -> None:
        assert self.of(self.start, None).next is self.start
        assert self.of(self.start, "Stopped").next is self.start

    @pytest.mark.parametrize(
        ("name", "carried_out", "reason"),
        [("start", "Running", "StoppedOutside"), ("stop", "Stopped", "StartedOutside")],
    )
    def test_drift_awaits_a_decision_with_the_command(self, name: str, carried_out: str, reason: str) -> None:
        decision = self.of(getattr(self, name), carried_out)
        assert (decision.next, reasons(decision)) == (None, [reason])
        assert decision.holds[0].cure is Cure.DECISION
        assert COMMAND.search(decision.holds[0].message)

    def test_drift_is_corrected_where_the_manifest_says_always_or_a_request_asks(self) -> None:
        assert self.of(self.start, "Running", restart="Always").next is not None
        asked = replace(self.start, request=("start", "1"))
        assert self.of(asked, "Running").next is not None
