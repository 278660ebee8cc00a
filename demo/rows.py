"""Objects as rows of a table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from demo.manifests import NAMESPACE

JSON = dict[str, Any]


@dataclass(frozen=True)
class Row:
    """One object: what its status says, and what is in the service."""

    kind: str
    name: str
    ready: str
    reason: str
    azure: str
    message: str


def condition(item: JSON, type_: str) -> JSON | None:
    """A condition that speaks of the present generation, as `kubectl wait` reads it."""
    for found in item.get("status", {}).get("conditions", ()):
        if found["type"] == type_ and found.get("observedGeneration") == item["metadata"]["generation"]:
            return dict(found)
    return None


def is_ready(item: JSON) -> bool:
    """Whether the object's present generation is Ready."""
    return (condition(item, "Ready") or {}).get("status") == "True"


def row(item: JSON, stored: Iterable[str]) -> Row:
    """`stored`: ids of what the service holds, in lower case."""
    metadata, status = item["metadata"], item.get("status", {})
    ready = condition(item, "Ready") or {}
    space = metadata.get("namespace", "")
    present = str(status.get("resourceId", "")).lower() in stored
    return Row(
        kind=item["kind"],
        name=metadata["name"] if space == NAMESPACE else f"{metadata['name']} ({space})",
        ready="Deleting" if "deletionTimestamp" in metadata else ready.get("status", "-"),
        reason=ready.get("reason", "-"),
        azure=(status.get("resourceState") or status.get("provisioningState") or "exists") if present else "-",
        message=ready.get("message", "not seen yet"),
    )
