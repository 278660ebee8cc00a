"""The migration guide's four steps, and the conditions that say how far each is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from ams_operator.domain.model import JSON
from ams_operator.migration.conditions.finding import Type
from ams_operator.migration.conditions.judging import STEPS
from ams_operator.migration.conditions.reasons import Why
from ams_operator.migration.report.given import Blocker, Condition

NOT_JUDGED: Final = "NotJudged"
NEEDS_CLUSTER: Final = "not judged: needs a cluster"
_JUDGED: Final = "condition:"
_REASONS: Final[Mapping[str, frozenset[Why]]] = MappingProxyType({
    "job-in-flight": frozenset({Why.IN_FLIGHT}),
    "channel-on-air": frozenset({Why.CHANNEL_RUNNING}),
    "program-on-air": frozenset({Why.CHANNEL_RUNNING}),
    "not-visible": frozenset({Why.NOT_VISIBLE_IN_V3}),
    "not-republished": frozenset({Why.NOT_REPUBLISHED}),
    "v2-locator-left": frozenset({Why.V2_LOCATOR_LEFT}),
    "asset-missing": frozenset({Why.ASSET_MISSING_IN_TARGET}),
    "sas-locator": frozenset({Why.SAS_LOCATORS}),
    "classic-endpoint": frozenset({Why.CLASSIC_ENDPOINT}),
    "units-still-obeyed": frozenset({Why.STILL_OBEYED}),
    "gap": frozenset({Why.UNACKNOWLEDGED, Why.NEW_EVIDENCE}),
    "transform-limit": frozenset({Why.TRANSFORM_LIMIT}),
    "set": frozenset({Why.SET_FAILED}),
})  # fmt: skip
"""blocker, or what is before its colon, to the reasons of its condition that it stands for"""

ABOUT: Final[Mapping[str, str]] = MappingProxyType(
    {
        "benefits": "What the account holds today, and what version 3 adds to it.",
        "differences": "What has another name, and what has no counterpart.",
        "setup": "Version 3 can be reached with the rights that the work needs.",
        "scenarios": "Encoding, live streaming, publishing, protection.",
    }
)
SAYS: Final[Mapping[Type, str]] = MappingProxyType(
    {
        Type.ACCESS: "Version 2 of the account can be read",
        Type.INVENTORY: "Every set of version 2 was read",
        Type.GAPS: "Every gap is closed or accepted",
        Type.TARGET: "Version 3 of the account can be used",
        Type.JOBS: "No job of version 2 is in flight",
        Type.ENCODING: "Every recipe in use has a transform",
        Type.LIVE: "Every channel has a live event that has been on air",
        Type.DELIVERY: "Everything published is delivered by version 3",
        Type.PROTECTION: "Every key and delivery policy in use has its policy in version 3",
        Type.UNITS: "Encoding has the capacity that it needs",
        Type.COMPLETE: "All of these are true",
    }
)
"""what each condition says when it is True"""


def blocking(conditions: Sequence[Condition], blockers: Sequence[Blocker]) -> list[Blocker]:
    """Those that still stand: nothing blocks what was judged to be done. What blocks a condition that was judged
    False, and none of them stands for (a channel without live event, a transform that lacks), its message says."""
    done = {one.type for one in conditions if one.status == "True"}
    found = [one for one in blockers if one.condition not in done]
    lacking = [one for one in conditions if one.status == "False" and one.type != Type.COMPLETE]
    return found + [_said(one) for one in lacking if not any(_stands_for(each, one) for each in found)]


def _stands_for(blocker: Blocker, judged: Condition) -> bool:
    """Whether a blocker says what a condition says. Of what is not known here it is taken for granted."""
    reasons = _REASONS.get(blocker.id.partition(":")[0])
    return blocker.condition == judged.type and (reasons is None or not judged.reason or judged.reason in reasons)


def _said(one: Condition) -> Blocker:
    title, _, todo = one.message.partition("; next: ")
    return Blocker(id=f"{_JUDGED}{one.type}", condition=one.type, title=title, todo=todo)


def steps(conditions: Sequence[Condition], blockers: Sequence[Blocker]) -> list[JSON]:
    """The four steps as JSON; see `build.report`. A condition that nobody judged has the status NotJudged."""
    judged = {one.type: one for one in conditions}
    found = [
        {
            "step": number,
            "name": name,
            "title": title,
            "about": ABOUT[name],
            "conditions": [_condition(kind, judged.get(kind), blockers) for kind in kinds],
        }
        for number, (name, title, kinds) in enumerate(STEPS, 1)
    ]
    for one in found:
        rows = one["conditions"]
        assert isinstance(rows, list)
        one["done"] = sum(row["status"] == "True" for row in rows)
        one["all"] = len(rows)
        one["blockers"] = sum(len(row["blockers"]) for row in rows)
    return found


def _condition(kind: Type, judged: Condition | None, blockers: Sequence[Blocker]) -> JSON:
    mine = [one.id for one in blockers if one.condition == kind and not one.id.startswith(_JUDGED)]
    status, reason, message = NOT_JUDGED, "", NEEDS_CLUSTER
    if judged is not None:
        status, reason, message = judged.status, judged.reason, judged.message
    return {
        "type": str(kind),
        "says": SAYS[kind],
        "status": status,
        "reason": reason,
        "message": message,
        "blockers": mine,
    }
