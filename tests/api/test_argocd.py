"""The health check for Argo CD, run by a Lua interpreter."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from lupa.lua51 import LuaRuntime  # type: ignore[import-untyped]  # has no types

from ams_operator.api.kinds import KINDS

ARGOCD = Path(__file__).parents[2] / "manifests" / "argocd"
LUA = (ARGOCD / "health.lua").read_text(encoding="utf-8")


def health(status: dict[str, Any] | None, generation: int = 2) -> tuple[str, str]:
    """What Argo CD would show for an object with that status."""
    lua = LuaRuntime(register_eval=False)
    body: dict[str, Any] = {"metadata": {"generation": generation}, "spec": {}}
    if status is not None:
        body["status"] = status
    lua.globals().obj = lua.table_from(body, recursive=True)
    answer = lua.execute(LUA)
    return answer["status"], answer["message"]


def conditions(*items: tuple[str, str, str], observed: int | None = 2) -> dict[str, Any]:
    found = [
        {"type": type_, "status": status, "reason": reason, "message": f"{type_} {reason}"}
        for type_, status, reason in items
    ]
    return {"conditions": found} if observed is None else {"conditions": found, "observedGeneration": observed}


READY = ("Ready", "True", "InSync")
CASES = [
    ("nothing yet", None, "Progressing", "the operator has not looked at this version yet"),
    ("empty status", {}, "Progressing", "the operator has not looked at this version yet"),
    (
        "no generation",
        conditions(READY, observed=None),
        "Progressing",
        "the operator has not looked at this version yet",
    ),
    ("stale", conditions(READY, observed=1), "Progressing", "the operator has not looked at this version yet"),
    ("no conditions", {"observedGeneration": 2}, "Progressing", ""),
    ("in sync", conditions(READY), "Healthy", "Ready InSync"),
    (
        "observed",
        conditions(("Ready", "True", "ObservedDifferent"), ("Synced", "False", "ObservedDifferent")),
        "Healthy",
        "Ready ObservedDifferent",
    ),
    (
        "first sight",
        conditions(("Ready", "Unknown", "Progressing"), ("Reconciling", "True", "Progressing")),
        "Progressing",
        "Reconciling Progressing",
    ),
    ("ready unknown only", conditions(("Ready", "Unknown", "Progressing")), "Progressing", "Ready Progressing"),
    ("throttled", conditions(READY, ("Reconciling", "True", "Throttled")), "Progressing", "Reconciling Throttled"),
    ("plan", conditions(("Ready", "False", "PlanPending")), "Suspended", "Ready PlanPending"),
    ("disruption", conditions(("Ready", "False", "WouldInterrupt")), "Suspended", "Ready WouldInterrupt"),
    ("paused", conditions(("Ready", "True", "Paused")), "Suspended", "Ready Paused"),
    (
        "refused",
        conditions(("Ready", "False", "Refused"), ("Stalled", "True", "Refused")),
        "Degraded",
        "Stalled Refused",
    ),
    ("no longer stalled", conditions(READY, ("Stalled", "False", "Refused")), "Healthy", "Ready InSync"),
]


@pytest.mark.parametrize(
    ("status", "expected", "message"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_health(status: dict[str, Any] | None, expected: str, message: str) -> None:
    assert health(status) == (expected, message)


def test_the_config_map_has_the_same_text_for_each_kind_with_a_status() -> None:
    data = yaml.safe_load((ARGOCD / "argocd-cm.yaml").read_text(encoding="utf-8"))["data"]
    keys = {f"resource.customizations.health.ams-operator.dev_{kind.kind}" for kind in KINDS if kind.status is not None}
    assert data == dict.fromkeys(keys, LUA)
