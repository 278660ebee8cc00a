"""From a decision to the status body: the only writer of conditions.

Nothing in a status moves by itself: no ages, no counters, no times of polls. So an unchanged state gives an equal body,
and an equal body is never written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ams_operator.api.reasons import Reason
from ams_operator.api.status import (
    HOLDS_LIMIT,
    MESSAGE_LIMIT,
    PLAN_ACTIONS_LIMIT,
    PLAN_CHANGES_LIMIT,
    TEXT_LIMIT,
)
from ams_operator.domain import facts, ids
from ams_operator.domain.findings import NOT_THERE, letting_go
from ams_operator.domain.holds import plan_hash
from ams_operator.domain.kind import Kind
from ams_operator.domain.manifest import as_told, spell
from ams_operator.domain.model import (
    JSON,
    SERVICE_EFFECTS,
    Cure,
    Decision,
    Desired,
    Effect,
    Hold,
    Observed,
    Plan,
    Record,
    Scene,
)
from ams_operator.domain.noun import replace
from ams_operator.domain.record import dump
from ams_operator.texts import clean, cleaned

CONDITIONS = ("Ready", "Reconciling", "Stalled", "Synced")
OWN = ("observedGeneration", "conditions", "holds", "plan", "resourceId", "record")
"""What the engine's field manager writes, beside the kind's facts."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The essence of a status: is it ready, why, and which of the two abnormal conditions hold."""

    ready: str
    reason: str
    message: str
    reconciling: bool = False
    stalled: bool = False


def report(
    kind: Kind,
    desired: Desired,
    decision: Decision,
    observed: Observed | None,
    record: Record,
    before: Mapping[str, Any],
    scene: Scene,
    safe: Callable[[str, int], str] = clean,
) -> JSON:
    """The whole of what the engine writes to status. `before` is the status as it stands; `safe` makes foreign text fit
    to show, and cuts it."""
    plan = decision.plan
    verdict = judge(desired, decision, observed, before)
    body: JSON = {
        "observedGeneration": desired.generation,
        "conditions": _conditions(
            verdict, _synced(desired, plan, observed, verdict), desired.generation, before, scene, safe
        ),
        "record": _record(record, safe),
    }
    if record.how is not None or record.unseen or (observed is not None and observed.raw is not None):
        body["resourceId"] = scene.resource_id[:TEXT_LIMIT]
    if decision.holds:
        body["holds"] = [_hold(hold, safe) for hold in decision.holds[:HOLDS_LIMIT]]
    if any(plan.chains) and decision.next is None:
        body["plan"] = _plan(plan, desired)
    body |= cleaned(facts.told(kind, desired.stands_for, observed, before, scene.now, safe), TEXT_LIMIT)
    return body | dict(scene.shown)


def judge(desired: Desired, decision: Decision, observed: Observed | None, before: Mapping[str, Any]) -> Verdict:
    """What the conditions say. The worst cure decides, then the order of rules."""
    plan = decision.plan
    if desired.deleting:
        lasting = [hold for hold in decision.holds if Effect.RELEASE in hold.blocks]
        worst = worst_of(lasting) or worst_of(decision.holds)  # first what even letting go has to wait for
        message = "the resource is being removed from the service"
        if worst is not None and worst in lasting:
            message = worst.message
        elif worst is not None:
            exits = letting_go(desired)
            message = worst.message.removesuffix(exits)[: MESSAGE_LIMIT - len(exits)] + exits
        stalled = worst is not None and worst.cure is Cure.FIX
        return Verdict("False", Reason.DELETING.value, message, reconciling=not stalled, stalled=stalled)
    outside = worst_of([hold for hold in decision.holds if hold.reason not in (Reason.OBSERVED, Reason.PAUSED)])
    if desired.policy.management == "Pause":
        last = next((c["status"] for c in before.get("conditions", ()) if c.get("type") == "Ready"), "Unknown")
        return Verdict(last, Reason.PAUSED.value, "managementPolicy is Pause: nothing is read or written")
    if desired.policy.management == "Observe":
        outside = worst_of([hold for hold in decision.holds if hold not in plan.stuck and _outside(hold)])
        if outside is None:
            return _observe(desired, plan, observed)
    if outside is not None:
        return _held(outside)
    if decision.next is not None or plan.waiting is not None or not plan.looked:
        what = plan.waiting or (f"{decision.next.name} is under way" if decision.next else "waiting for the first look")
        return Verdict("Unknown", Reason.PROGRESSING.value, what, reconciling=True)
    return Verdict("True", *(plan.good or (Reason.IN_SYNC.value, "the service is as declared")))


def worst_of(holds: Sequence[Hold]) -> Hold | None:
    """The hold with the worst cure; among equals the first."""
    return max(holds, key=lambda hold: hold.cure, default=None)


def _outside(hold: Hold) -> bool:
    """Whether a hold keeps us from knowing, not only from writing."""
    return hold.reason not in (Reason.OBSERVED, Reason.REFUSED, Reason.NOT_CONVERGING) and (hold.only is None)


def _observe(desired: Desired, plan: Plan, observed: Observed | None) -> Verdict:
    if observed is None or not plan.looked:
        return Verdict("Unknown", Reason.PROGRESSING.value, "waiting for the first look", reconciling=True)
    if observed.raw is None:
        message = next((hold.message for hold in plan.stuck if hold.reason == Reason.RESOURCE_NOT_FOUND), NOT_THERE)
        return Verdict("False", Reason.RESOURCE_NOT_FOUND.value, message, stalled=True)
    if plan.differs or _elsewhere(desired, plan):
        found = [spell(desired, change.path, observed.raw) for change in plan.differs[:5]]
        paths = ", ".join(found + ["spec.runState"] * _elsewhere(desired, plan))
        return Verdict("True", Reason.OBSERVED_DIFFERENT.value, f"observed only; the service differs in {paths}")
    return Verdict("True", Reason.OBSERVED.value, "observed only; the service is as declared")


def _held(worst: Hold) -> Verdict:
    if worst.cure is Cure.TIME:
        return Verdict("False", worst.reason, worst.message, reconciling=True)
    return Verdict("False", worst.reason, worst.message, stalled=worst.cure is Cure.FIX)


def _synced(desired: Desired, plan: Plan, observed: Observed | None, verdict: Verdict) -> tuple[str, str, str] | None:
    """Whether the service is as declared, whatever is done about it: status, reason, message. None while nobody
    knows."""
    if desired.deleting or desired.partial or observed is None or not plan.looked:
        return None
    wrong = any(hold.blocks >= SERVICE_EFFECTS for hold in plan.stuck) and desired.policy.management != "Observe"
    if not plan.ended and (observed.raw is None or plan.differs or wrong):
        return "False", Reason.OBSERVED_DIFFERENT.value, "the service is not as declared"
    if plan.state is not None and _elsewhere(desired, plan):
        now = plan.state.now or "in no state"
        return "False", verdict.reason, f"the service is not as declared: it is {now}, not {desired.run_state}"
    return "True", Reason.IN_SYNC.value, "the service is as declared"


def _elsewhere(desired: Desired, plan: Plan) -> bool:
    """Whether another run state shows than the declared one, also on the way there."""
    return desired.run_state is not None and plan.state is not None and plan.state.now != desired.run_state


def _conditions(
    verdict: Verdict,
    synced: tuple[str, str, str] | None,
    generation: int,
    before: Mapping[str, Any],
    scene: Scene,
    safe: Callable[[str, int], str],
) -> list[JSON]:
    wanted = [("Ready", verdict.ready, verdict.reason, verdict.message)]
    if verdict.reconciling:
        wanted.append(("Reconciling", "True", verdict.reason, verdict.message))
    if verdict.stalled:
        wanted.append(("Stalled", "True", verdict.reason, verdict.message))
    if synced is not None:
        wanted.append(("Synced", *synced))
    now = ids.stamp(scene.now)
    old = {condition.get("type"): condition for condition in before.get("conditions", ())}
    return [
        {
            "type": name,
            "status": status,
            "reason": reason,
            "message": safe(message, MESSAGE_LIMIT),
            "observedGeneration": generation,
            "lastTransitionTime": (
                old[name]["lastTransitionTime"]
                if name in old and old[name].get("status") == status and "lastTransitionTime" in old[name]
                else now
            ),
        }
        for name, status, reason, message in wanted
    ]


def _record(record: Record, safe: Callable[[str, int], str]) -> JSON:
    """What the service said is told beside an object in its record, too."""
    refusals = tuple(
        replace(one, code=safe(one.code, TEXT_LIMIT), message=safe(one.message, MESSAGE_LIMIT))
        for one in record.refusals
    )
    repeats = {name: replace(one, why=safe(one.why, MESSAGE_LIMIT)) for name, one in record.repeats.items()}
    return dump(replace(record, refusals=refusals, repeats=repeats) if refusals or repeats else record)


def _hold(hold: Hold, safe: Callable[[str, int], str]) -> JSON:
    body: JSON = {
        "reason": hold.reason,
        "message": safe(hold.message, MESSAGE_LIMIT),
        "blocks": sorted(effect.value for effect in hold.blocks),
        "cure": hold.cure.name.lower(),
    }
    return body


def _plan(plan: Plan, desired: Desired) -> JSON:
    actions = [action for chain in plan.chains for action in chain]
    shown = [
        {
            "name": action.name,
            "effects": sorted(effect.value for effect in action.effects),
            "changes": [
                {
                    "field": as_told(desired, change.path),
                    **({"desired": "(reset)"} if change.removed else {}),
                }
                for change in action.changes[:PLAN_CHANGES_LIMIT]
            ],
        }
        for action in actions[:PLAN_ACTIONS_LIMIT]
    ]
    hidden = max(0, len(actions) - PLAN_ACTIONS_LIMIT) + sum(
        max(0, len(action.changes) - PLAN_CHANGES_LIMIT) for action in actions[:PLAN_ACTIONS_LIMIT]
    )
    return {"hash": plan_hash(plan, desired), "actions": shown, **({"more": hidden} if hidden else {})}


def equal(kind: Kind, body: Mapping[str, Any], before: Mapping[str, Any]) -> bool:
    """Whether writing `body` would change nothing that is ours; other managers' members don't count."""
    names = {*OWN, *kind.shows}
    return {name: _ours(name, body[name]) for name in names if name in body} == {
        name: _ours(name, before[name]) for name in names if name in before
    }


def _ours(name: str, value: Any) -> Any:
    if name == "record" and isinstance(value, Mapping):  # who compared it last is no news by itself
        return {key: kept for key, kept in value.items() if key != "by"}
    return ours({name: value}) if name == "conditions" else value


def ours(status: Mapping[str, Any]) -> JSON:
    """The engine's conditions by type: they are a map to the API server, which may answer them in another order and
    beside those of others."""
    return {one.get("type"): one for one in status.get("conditions") or () if one.get("type") in CONDITIONS}


def verdicts(status: Mapping[str, Any]) -> Mapping[str, tuple[Any, Any]]:
    """What the engine's conditions say, without their words."""
    return {name: (one.get("status"), one.get("reason")) for name, one in ours(status).items()}
