"""Every reason not to act, one small function each. Nothing else delays an action, except budget and term."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator

from ams_operator.api.reasons import Reason
from ams_operator.domain import findings, remembered
from ams_operator.domain.findings import command
from ams_operator.domain.manifest import as_told
from ams_operator.domain.model import (
    ALL_EFFECTS,
    SERVICE_EFFECTS,
    SHAPING,
    Action,
    Chain,
    Cure,
    Decision,
    Desired,
    Effect,
    Hold,
    Plan,
    Record,
    Scene,
)
from ams_operator.domain.noun import replace
from ams_operator.domain.repetition import repeated
from ams_operator.domain.run_states import VERBS
from ams_operator.domain.steps import refusal, requested
from ams_operator.domain.writes import CREATE, DELETE

DISRUPTIONS = {
    "WhenIdle": frozenset({Effect.INTERRUPT, Effect.END_RECORDING, Effect.REPLACE}),
    "Interrupt": frozenset({Effect.END_RECORDING}),
    "EndRecordings": frozenset[Effect](),
}


def decide(plan: Plan, desired: Desired, scene: Scene) -> Decision:
    """The plan after the holds: the first permitted head of a chain. A held action holds the rest of its chain."""
    holds = tuple(every_hold(plan, desired, scene))
    if not holds and not plan.chains:
        return Decision(plan, release=plan.done)  # nearly every item of a sweep
    action = next((chain[0] for chain in plan.chains if chain and permitted(chain[0], holds)), None)
    relevant = tuple(hold for hold in holds if _matters(hold, plan))
    times = [hold.until for hold in relevant if hold.until is not None]
    said = {(hold.reason, hold.message, hold.until): hold for hold in reversed(relevant)}  # once for all steps of a way
    relevant = tuple(reversed(said.values()))
    release = plan.done and not any(Effect.RELEASE in hold.blocks for hold in holds)
    return Decision(plan, relevant, action, release, min(times, default=None))


def permitted(action: Action, holds: tuple[Hold, ...]) -> bool:
    """Whether no hold blocks any of the action's effects; an action without effects may have them all."""
    effects = action.effects or ALL_EFFECTS
    return not any(hold.blocks & effects for hold in holds if hold.only in (None, mark(action)))


def mark(action: Action) -> str:
    """Names one action of a plan, as the record does."""
    return remembered.mark(action.name, action.digest)


def _matters(hold: Hold, plan: Plan) -> bool:
    """Whether it is worth telling: it blocks something here, is the finding itself, or keeps us from looking."""
    if hold in plan.stuck or hold.blocks >= SHAPING or (plan.done and Effect.RELEASE in hold.blocks):
        return True
    return any(
        hold.blocks & (action.effects or ALL_EFFECTS) and hold.only in (None, mark(action))
        for chain in plan.chains
        for action in chain
    )


def every_hold(plan: Plan, desired: Desired, scene: Scene) -> Iterator[Hold]:
    """All holds in order of rule; where cures tie, the earlier one is reported."""
    yield from scene.holds
    yield from _paused(desired)
    yield from _observing(desired)
    yield from _unanswered(plan, scene)
    yield from plan.stuck
    for chain in plan.chains:
        yield from _suspected(chain, desired, scene)
        yield from _refused(chain, plan)
        yield from _unknown_state(chain, plan, desired)
        for action in chain:
            yield from _may_have_recorded(action, plan.record, desired)
            yield from repeated(action, plan, desired, scene)
            yield from _wrong_state(action, plan, desired)
            drift = tuple(_run_state_drift(action, plan, desired))
            # To consent to the disruption is not enough where nobody ordered it.
            yield from drift or _disrupts(action, chain, plan, desired)
    yield from _pending(plan, desired)


def _paused(desired: Desired) -> Iterator[Hold]:
    if desired.policy.management == "Pause" and not desired.deleting:
        message = "managementPolicy is Pause, here or in the account: nothing is read or written"
        yield Hold(Reason.PAUSED.value, ALL_EFFECTS, Cure.DECISION, message)


def _observing(desired: Desired) -> Iterator[Hold]:
    if desired.policy.management == "Observe" and not desired.deleting:
        message = "managementPolicy is Observe, here or in the account: nothing is written"
        yield Hold(Reason.OBSERVED.value, ALL_EFFECTS, Cure.DECISION, message)


def _unanswered(plan: Plan, scene: Scene) -> Iterator[Hold]:
    """A sent act whose effect nobody saw yet blocks everything of its group, itself included.

    It ends with a look, not with the time alone: an answer from before the last moment proves nothing. Only where
    nobody can look and nothing but letting go is left, the time has to do.
    """
    act = plan.record.act
    blind = scene.release is not None or any(hold.blocks >= SERVICE_EFFECTS for hold in scene.holds)
    if plan.done and blind and scene.now >= scene.quiet_until:
        return
    if act is not None and scene.sent and plan.waiting is None:
        how = "accepted, and nobody could look since" if scene.answered or act.operation else "sent and not answered"
        message = f"{act.name} was {how}; nothing is repeated before its effect is known"
        until = scene.quiet_until if scene.now < scene.quiet_until else None
        yield Hold(Reason.UNANSWERED.value, ALL_EFFECTS, Cure.TIME, message, until=until)


def _suspected(chain: Chain, desired: Desired, scene: Scene) -> Iterator[Hold]:
    """A change holds what leads to it, too: nothing is stopped for it. What was told to differ before is no news."""
    if scene.change is None:
        return
    differ = (change for action in chain if action.name != CREATE for change in action.changes)
    if any(as_told(desired, change.path) not in scene.known for change in differ):
        yield replace(scene.change, blocks=chain[0].effects or ALL_EFFECTS, only=mark(chain[0]))


def suspected(decision: Decision, scene: Scene) -> bool:
    """Whether something is held that only another version of the operator could explain."""
    held = scene.change
    return held is not None and any((one.reason, one.message) == (held.reason, held.message) for one in decision.holds)


def compared(decision: Decision, desired: Desired, scene: Scene) -> bool:
    """Whether this version looked at all of it and found nothing strange: it is what an edit made it, or it differs in
    nothing but what it was told to differ in before. What the service works on may differ although nothing is done."""
    plan = decision.plan
    if scene.change is None or not plan.looked:
        return plan.looked
    whole = plan.state is not None and not desired.partial and not suspected(decision, scene)
    return whole and all(as_told(desired, change.path) in scene.known for change in plan.differs)


def _may_have_recorded(action: Action, record: Record, desired: Desired) -> Iterator[Hold]:
    if action.name == CREATE and record.unseen and desired.requests.get("recreate") != record.unseen:
        yield findings.may_have_recorded(record, desired, action.effects, mark(action))


def _refused(chain: Chain, plan: Plan) -> Iterator[Hold]:
    """Only what comes first: nothing leads to what was refused (`steps.futile`)."""
    for action in chain[:1]:
        found = refusal(action, plan.record, plan.state.now if plan.state else None)
        if found is not None and action.name != DELETE:  # which is tried again: an earlier version remembered it so
            message = f"the service refused to {action.name} it ({found.code}: {found.message}): correct the manifest"
            yield Hold(Reason.REFUSED.value, action.effects or ALL_EFFECTS, Cure.FIX, message, only=mark(action))


def _unknown_state(chain: Chain, plan: Plan, desired: Desired) -> Iterator[Hold]:
    """Nobody knows what an act would do to it, or to whom: only what is asked for by name is sent."""
    if not chain or plan.state is None or plan.state.known or chain[0].request is not None:
        return
    shown = f"is {plan.state.now}, which is no run state" if plan.state.now else "shows no run state"
    message = (
        f"it {shown} that this version knows: it counts as on air, and nothing is sent. Look at it in the service; it "
        f"goes on once a known one shows. To ask for one: {command(desired, 'stop')}"
    )
    yield Hold(Reason.UNKNOWN_STATE.value, chain[0].effects or ALL_EFFECTS, Cure.FIX, message, only=mark(chain[0]))


def _wrong_state(action: Action, plan: Plan, desired: Desired) -> Iterator[Hold]:
    """The service takes it only in other states; waiting ends when an earlier action or somebody changes the state."""
    if action.needs and plan.state is not None and plan.state.known and plan.state.now not in action.needs:
        states = " or ".join(sorted(action.needs))
        verb = next((VERBS[state] for state in ("Stopped", "StandBy", "Running") if state in action.needs), "stop")
        message = (
            f"{action.name} is possible only while {states}; it is {plan.state.now}. It is done once that changes. To "
            f"bring it there: {command(desired, verb)}"
        )
        yield Hold(
            Reason.WAITING_FOR_IDLE.value, action.effects or ALL_EFFECTS, Cure.DECISION, message, only=mark(action)
        )


def _disrupts(action: Action, chain: Chain, plan: Plan, desired: Desired) -> Iterator[Hold]:
    """People depend on it: only as much as disruptionPolicy allows. A deletion and a run state that the user asks for
    are his own consent to interrupting, but not to the end of recordings: those are of others, too."""
    if plan.state is None or not plan.state.on_air:
        return
    blocked = DISRUPTIONS[desired.policy.disruption] & action.effects
    if desired.deleting or action.own_wish:
        blocked &= {Effect.END_RECORDING}
    if blocked:
        yield findings.would_disrupt(action, chain, plan.state, desired, frozenset(blocked))


def _run_state_drift(action: Action, plan: Plan, desired: Desired) -> Iterator[Hold]:
    """The declared run state was carried out before, and somebody else changed it since: drift, not an order."""
    if action.then is None or action.then == "" or action.request is not None or desired.deleting:
        return
    kept = plan.state is not None and requested(plan.record, plan.state.now, desired.run_state)
    if not kept and (plan.record.run_state != action.then or desired.restart == "Always"):
        return
    if plan.state is not None and not plan.state.known:
        return
    now = plan.state.now if plan.state else None
    yield findings.elsewhere(action, now, plan.record, desired, kept=kept)


def _pending(plan: Plan, desired: Desired) -> Iterator[Hold]:
    """managementPolicy Plan: everything but deletion waits for the approval of exactly this plan."""
    if desired.policy.management != "Plan" or desired.deleting or not any(plan.chains):
        return
    name = plan_hash(plan, desired)
    if desired.requests.get("approve") != name:
        message = f"this plan waits for approval. To approve it: {command(desired, 'approve', name)}"
        yield Hold(Reason.PLAN_PENDING.value, SERVICE_EFFECTS, Cure.DECISION, message)


def plan_hash(plan: Plan, desired: Desired) -> str:
    """Names exactly this plan of exactly this generation: another uid, generation or action has another hash, and so
    has what was approved and done once already (`consents.used`)."""
    actions = [
        [
            action.name,
            action.digest,
            sorted(action.effects),
            [(change.path, change.removed) for change in action.changes],
        ]
        for chain in plan.chains
        for action in chain
    ]
    text = json.dumps([desired.uid, desired.generation, actions, plan.record.requests.get("approve")])
    return hashlib.sha256(text.encode()).hexdigest()[:16]
