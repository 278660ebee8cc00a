"""What stays in a status though its writer sends it no more.

Server-side apply takes away what a manager sent before and sends no more, unless somebody else has it, too. Where
somebody wipes `metadata.managedFields`, the API server gives all that a status holds to `before-first-apply`; where a
backup is restored with its statuses, they are the tool's that did it. None of that would ever go by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import dataclass
from typing import Any, Final

from ams_operator.domain.model import JSON
from ams_operator.domain.report import CONDITIONS
from ams_operator.kube.secrets import MANAGER


@dataclass(frozen=True, slots=True)
class Writer:
    """A field manager, and what of a status is its own, whoever may have written it."""

    manager: str
    members: Callable[[str], bool]
    conditions: Container[str]


ENGINE: Final = Writer(MANAGER, lambda name: name != "migration", CONDITIONS)


def leftovers(raw: JSON, status: JSON, writer: Writer) -> JSON:
    """The merge patch of `status` that takes away, of an object as it was answered, what its writer did not send. Empty
    where nobody but those who apply has anything of the status, which is what our managers do."""
    entries = raw["metadata"].get("managedFields") or ()
    if not any(one.get("operation") != "Apply" and "f:status" in (one.get("fieldsV1") or ()) for one in entries):
        return {}
    found = raw.get("status") or {}
    patch = {
        name: change
        for name, change in _surplus(found, status).items()
        if name != "conditions" and writer.members(name)
    }
    conditions = found.get("conditions") or []
    sent = {one["type"] for one in status.get("conditions") or ()}
    kept = [one for one in conditions if one["type"] in sent or one["type"] not in writer.conditions]
    return patch if kept == conditions else {**patch, "conditions": kept or None}


def _surplus(found: JSON, sent: JSON) -> JSON:
    patch: dict[str, Any] = {name: None for name in found if name not in sent}
    for name, value in sent.items():
        if isinstance(value, dict) and isinstance(found.get(name), dict) and (deeper := _surplus(found[name], value)):
            patch[name] = deeper
    return patch
