"""FeatureGapsResolved: what version 3 lacks is acknowledged, and what no API shows is declared."""

from __future__ import annotations

from typing import Final

from ams_operator.migration.conditions.finding import FALSE, Finding, Score, Stop, Type, judged, unknown
from ams_operator.migration.conditions.known import accepted, covers, doubts, evidence, sets_missing
from ams_operator.migration.conditions.reasons import Why
from ams_operator.migration.entities import SETS
from ams_operator.migration.gaps import GAPS
from ams_operator.migration.inputs import Inputs
from ams_operator.migration.tally import Group

UNUSED: Final = "NotUsed"


def feature_gaps(inputs: Inputs) -> Finding:
    """Each gap with evidence has an acknowledgement that covers it, and each question of those that arise an answer."""
    seen = evidence(inputs)
    states = {gap: state(inputs, gap, group) for gap, group in seen.items()}
    asked = [gap for gap in questions(inputs) if gap not in seen]  # what is seen is no question
    silent = sorted(gap for gap in asked if not answered(inputs, gap))
    done = sum(one == "Acknowledged" for one in states.values()) + len(asked) - len(silent)
    score = Score(done, len(states) + len(asked), "gaps and questions are settled")
    missing = sets_missing(inputs, *SETS)
    found = judged(Type.GAPS, score, _stops(seen, states), missing, Why.RESOLVED)
    if found.status == FALSE or missing or not silent:
        return found
    following = (
        f"say in spec.migration.declarations whether it is used: {{id: {silent[0]}, answer: NotUsed, reason: ...}}"
    )
    return unknown(Type.GAPS, silent, Why.NEEDS_DECLARATION, following, score)


def _stops(seen: dict[str, Group], states: dict[str, str]) -> list[Stop]:
    found = []
    for name, reason in (
        ("DeclaredUnusedButSeen", Why.DECLARED_UNUSED_BUT_SEEN),
        ("Open", Why.UNACKNOWLEDGED),
        ("NewEvidence", Why.NEW_EVIDENCE),
    ):
        gaps = sorted(gap for gap, one in states.items() if one == name)
        if not gaps:
            continue
        first = gaps[0]
        if reason is Why.DECLARED_UNUSED_BUT_SEEN:
            following = f"correct spec.migration.declarations: {first} is in use ({_samples(seen[first])})"
        else:
            todo = GAPS[first].todo if first in GAPS else "look at it in version 2"
            following = (
                f"{todo}; else spec.migration.acknowledgedGaps: "
                f"{{id: {first}, reason: ..., evidenceHash: {seen[first].evidence}}}"
            )
        found.append(Stop(reason, tuple(gaps), following))
    return found


def _samples(group: Group) -> str:
    return ", ".join(group.samples[:2])[:80]


def state(inputs: Inputs, gap: str, group: Group) -> str:
    """How far a gap with evidence is: Open, Acknowledged, NewEvidence or DeclaredUnusedButSeen."""
    declared = inputs.config.declared.get(gap)
    if declared is not None and declared.evidence == UNUSED and not accepted(inputs, gap):
        return "DeclaredUnusedButSeen"
    if gap not in inputs.config.acknowledged:
        return "Open"
    return "Acknowledged" if covers(inputs, gap, group) or doubts(inputs, gap) else "NewEvidence"


def questions(inputs: Inputs) -> list[str]:
    """Gaps that somebody has to declare: those that no API shows, where the account has what could use them."""
    return [
        one.id
        for one in GAPS.values()
        if one.declare and (not one.sets or any(inputs.inventory.rows(name) for name in one.sets))
    ]


def answered(inputs: Inputs, gap: str) -> bool:
    """Whether somebody said something about it; who acknowledges it has said that it is used."""
    return gap in inputs.config.declared or gap in inputs.config.acknowledged
