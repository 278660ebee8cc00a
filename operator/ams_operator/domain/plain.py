"""The least that a status says, where the whole of it is not to be had. Beside `report`, which writes all others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ams_operator.api.reasons import Reason
from ams_operator.domain import ids
from ams_operator.domain.answers import Resource
from ams_operator.domain.kind import Kind
from ams_operator.domain.model import JSON

QUOTED = 400
"""characters of what the API server says"""


def refused(kind: Kind, resource: Resource, why: str, now: float, safe: Callable[[str, int], str]) -> JSON:
    """What is written instead of a status that the API server refuses: why, and all else as the API server has it."""
    message = (
        f"the API server refuses the status of this object ({safe(why, QUOTED)}). Until it takes it nothing is done "
        "here: apply crds/ of this version"
    )
    before = resource.status
    kept = {name: before[name] for name in ("record", "resourceId", *kind.shows) if name in before}
    old = {one.get("type"): one for one in before.get("conditions", ())}
    moment = ids.stamp(now)
    conditions = [
        {
            "type": name,
            "status": status,
            "reason": Reason.STATUS_REJECTED.value,
            "message": message,
            "observedGeneration": resource.generation,
            "lastTransitionTime": _since(old.get(name, {}), status) or moment,
        }
        for name, status in (("Ready", "False"), ("Stalled", "True"))
    ]
    return {"observedGeneration": resource.generation, "conditions": conditions, **kept}


def _since(before: Mapping[str, Any], status: str) -> str:
    return str(before.get("lastTransitionTime") or "") if before.get("status") == status else ""
