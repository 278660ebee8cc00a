"""Conditions as those who wait for them read them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ams_operator.domain.answers import Resource

if TYPE_CHECKING:
    from tests.crash.world import World

LEGAL = frozenset(
    {
        ("True", False, False),
        ("False", True, False),
        ("False", False, True),
        ("False", False, False),
        ("Unknown", True, False),
    }
)
"""(Ready, Reconciling, Stalled) as kstatus and Argo CD can read them"""


def conditions(world: World, before: Resource, after: Resource) -> None:
    """The conditions of a status that was just written. Who enters in an asset's record what records into it tells
    nothing else anew."""
    found = after.status.get("conditions", ())
    names = [one["type"] for one in found]
    states = {name: condition(after.status, name).get("status") for name in ("Ready", "Reconciling", "Stalled")}
    state = (states["Ready"] or "", states["Reconciling"] == "True", states["Stalled"] == "True")
    paused = condition(after.status, "Ready").get("reason") == "Paused"
    if (state not in LEGAL and not paused) or len(names) != len(set(names)):
        world.violate("I14", f"conditions {state}")
    news = found != before.status.get("conditions", ())
    if news and any(one["observedGeneration"] != after.generation for one in found):
        world.violate("I14", "a condition of another generation")
    if any(not one["reason"] or not one["message"] for one in found):
        world.violate("I14", "a condition without reason or message")


def condition(status: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """One condition; empty where there is none."""
    return next((one for one in status.get("conditions", ()) if one["type"] == name), {})


def told(status: Mapping[str, Any]) -> str:
    """A status in one line, for whoever reads a history."""
    ready = condition(status, "Ready")
    record = status.get("record") or {}
    act = (record.get("act") or {}).get("name")
    return f"Ready={ready.get('status')} {ready.get('reason')}, {record.get('how')}, act {act}: {ready.get('message')}"
