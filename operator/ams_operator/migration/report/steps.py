"""The migration guide's four steps, and the conditions that say how far each is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ams_operator.domain.model import JSON
from ams_operator.migration.report.given import Blocker, Condition

NOT_JUDGED: Final = "NotJudged"
NEEDS_CLUSTER: Final = "not judged: needs a cluster"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the guide; `conditions` are types and what each says when it is True."""

    name: str
    title: str
    about: str
    conditions: tuple[tuple[str, str], ...]


STEPS: Final = (
    Step("benefits", "Understand the benefits", "What the account holds today, and what version 3 adds to it.", (
        ("V2AccessReady", "Version 2 of the account can be read"),
        ("V2InventoryReady", "Every set of version 2 was read"),
    )),
    Step("differences", "Understand the differences", "What has another name, and what has no counterpart.", (
        ("FeatureGapsResolved", "Every gap is closed or accepted"),
    )),
    Step("setup", "Set up", "Version 3 can be reached with the rights that the work needs.", (
        ("V3AccessReady", "Version 3 of the account can be used"),
    )),
    Step("scenarios", "Move each scenario", "Encoding, live streaming, publishing, protection.", (
        ("V2JobsDrained", "No job of version 2 is in flight"),
        ("EncodingMigrated", "Every recipe in use has a transform"),
        ("LiveStreamingMigrated", "Every channel has a live event that has been on air"),
        ("DeliveryMigrated", "Everything published is delivered by version 3"),
        ("ContentProtectionMigrated", "Every key and delivery policy in use has its policy in version 3"),
        ("ReservedUnitsReady", "Encoding has the capacity that it needs"),
        ("MigrationComplete", "All of these are true"),
    )),
)  # fmt: skip


def steps(conditions: Sequence[Condition], blockers: Sequence[Blocker]) -> list[JSON]:
    """The four steps as JSON; see `build.report`. A condition that nobody judged has the status NotJudged."""
    judged = {one.type: one for one in conditions}
    found = [
        {
            "step": number,
            "name": step.name,
            "title": step.title,
            "about": step.about,
            "conditions": [_condition(kind, says, judged.get(kind), blockers) for kind, says in step.conditions],
        }
        for number, step in enumerate(STEPS, 1)
    ]
    for one in found:
        rows = one["conditions"]
        assert isinstance(rows, list)
        one["done"] = sum(row["status"] == "True" for row in rows)
        one["all"] = len(rows)
        one["blockers"] = sum(len(row["blockers"]) for row in rows)
    return found


def _condition(kind: str, says: str, judged: Condition | None, blockers: Sequence[Blocker]) -> JSON:
    mine = [one.id for one in blockers if one.condition == kind]
    status, reason, message = NOT_JUDGED, "", NEEDS_CLUSTER
    if judged is not None:
        status, reason, message = judged.status, judged.reason, judged.message
    return {"type": kind, "says": says, "status": status, "reason": reason, "message": message, "blockers": mine}
