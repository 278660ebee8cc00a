"""Statuses for tests: how one is made, and what it reads as."""

from __future__ import annotations

from typing import Any

from tests.unit.scenes import (
    ACCOUNT,
    NOW,
    TRANSFORM,
    desired,
    only_action,
    ours,
    output,
    planned,
    recipe,
    scene,
    stored,
)

from ams_operator.api.reasons import Reason
from ams_operator.domain.compare import fields
from ams_operator.domain.holds import decide
from ams_operator.domain.kind import Kind
from ams_operator.domain.model import (
    JSON,
    SERVICE_EFFECTS,
    Cure,
    Desired,
    Hold,
    Observed,
    Policy,
    Record,
    Scene,
)
from ams_operator.domain.plan import make_plan
from ams_operator.domain.report import report

SECRET = "a-value-of-the-spec"
WANTED = recipe(output(label=SECRET), description=SECRET)
RAW = stored(WANTED)
DRIFTED = stored(recipe(output(label="x"), description="y"))
MINE = ours(RAW, fields=fields(WANTED))
ACCOUNT_RAW: JSON = {
    "location": "West Europe",
    "properties": {"mediaServiceId": "aaaa", "provisioningState": "Succeeded"},
}
STORES: JSON = {"location": "westeurope", "properties": {"storageAccounts": [{"id": "store", "type": "Primary"}]}}
UPDATE = only_action(planned(desired(WANTED), DRIFTED, MINE))


def hold(reason: Reason, cure: Cure = Cure.TIME, message: str = "because") -> Hold:
    return Hold(reason.value, SERVICE_EFFECTS, cure, message, until=NOW + 10 if cure is Cure.TIME else None)


def status(
    wanted: Desired,
    observed: Observed | None,
    record: Record | None = None,
    before: JSON | None = None,
    kind: Kind = TRANSFORM,
    **members: Any,
) -> JSON:
    place: Scene = scene(kind, **members)
    plan = make_plan(kind, wanted, observed, record or Record(), place)
    decision = decide(plan, wanted, place)
    return report(kind, wanted, decision, observed, plan.record, before or {}, place)


def conditions(body: JSON) -> dict[str, JSON]:
    return {condition["type"]: condition for condition in body["conditions"]}


def essence(body: JSON) -> tuple[str, str, str, str]:
    """(status of Ready, its reason, abnormal conditions, status of Synced)."""
    found = conditions(body)
    abnormal = "+".join(name for name in ("Reconciling", "Stalled") if name in found)
    return found["Ready"]["status"], found["Ready"]["reason"], abnormal, found.get("Synced", {}).get("status", "-")


def policy(**members: Any) -> Desired:
    return desired(WANTED, policy=Policy(**members))


def acc(body: JSON | None = None, **members: Any) -> Desired:
    return desired(body or {}, kind=ACCOUNT, creatable=bool(body), **members)
