"""A MigrationReport, as `kubectl get migrationreport NAME -o json` or `-o yaml` prints it, as what an inventory prints.

The object holds what the operator judged (conditions), and what people said of gaps; it holds less of everything else,
and `notes` says how much less.
"""

from __future__ import annotations

from typing import Annotated, Any, Final

from pydantic import Field

from ams_operator.api.base import GROUP
from ams_operator.api.migration_report import MIGRATION_REPORT
from ams_operator.domain.model import JSON
from ams_operator.migration.conditions import Type
from ams_operator.migration.entities import SETS
from ams_operator.migration.report import words
from ams_operator.migration.report.given import NotAnInventory, Part, check

_KIND: Final = MIGRATION_REPORT.kind
_LISTS: Final = ("List", f"{_KIND}List")
_GET: Final = "kubectl get migrationreport NAME -o json"
_SET_FAILED: Final = "SetFailed"
_CUT: Final = "not complete: the file seems cut, or an operator wrote the object that does not say where it ends"
_Items = Annotated[list[dict[str, Any]], Field(max_length=1000, default_factory=list)]


class _Metadata(Part):
    name: Annotated[str, Field(max_length=253)] = ""
    namespace: Annotated[str, Field(max_length=63)] = ""


class _Progress(Part):
    done: int = 0
    all: int = 0


class _Status(Part):
    """What is looked at here; the rest is checked as that of an inventory."""

    begun: str = ""
    retired: str = ""
    inventory: _Progress | None = None
    conditions: _Items
    sets: _Items
    targets: _Items
    becomes: dict[str, int] | None = None
    gaps: _Items
    blockers: _Items
    channels: _Items
    benefits: _Items
    reserved_units: str = ""
    notes: Annotated[list[str], Field(max_length=100, default_factory=list)]
    truncated: Annotated[dict[str, int], Field(max_length=16, default_factory=dict)]
    whole: Any = None


class _Object(Part):
    metadata: _Metadata = _Metadata()
    status: _Status | None = None


class _List(Part):
    items: _Items


def is_object(found: Any) -> bool:
    """Whether it is an object of Kubernetes, or a list of them."""
    return isinstance(found, dict) and "kind" in found and "apiVersion" in found


def inventory(found: JSON) -> JSON:
    """What `given.parse` takes. Raises NotAnInventory for any other object."""
    given = check(_Object, _the_one(found))
    status, name = given.status, given.metadata.name
    if status is None or not status.sets:
        raise NotAnInventory(
            f"{_KIND} {name} says nothing yet, or the file is cut: see V2InventoryReady of its account"
        )
    gaps = [one for one in status.gaps if "count" in one]
    # YAML that ends at a line is YAML: only its last member says that nothing lacks.
    cut = status.whole is not True
    judged = {str(one.get("type")) for one in status.conditions}
    there = {str(one.get("name")) for one in status.sets}
    cut = cut or not judged.issuperset(Type) or not there.issuperset(SETS) or status.inventory is None
    failed = any(one.get("reason") == _SET_FAILED for one in status.conditions)
    return {
        "account": f"{given.metadata.namespace}/{name}",
        "begun": status.begun,
        "retired": status.retired,
        "complete": not (failed or cut)
        and status.inventory is not None
        and len(SETS) <= status.inventory.all == status.inventory.done
        and all(str(one.get("state")) in words.READ for one in status.sets),
        "sets": status.sets,
        "targets": status.targets,
        "becomes": status.becomes,
        "cut": status.becomes is None and status.truncated.get("targets", 0) > 0,
        "gaps": [{**one, "evidence": str(one.get("evidenceHash", "")).rpartition("-")[2]} for one in gaps],
        "toDeclare": [one for one in status.gaps if "count" not in one],
        "blockers": status.blockers,
        "channels": status.channels,
        "benefits": status.benefits,
        "reservedUnits": status.reserved_units,
        "conditions": status.conditions,
        "notes": status.notes
        + [_CUT] * cut
        + [f"the {_KIND} has no room for {count} of {what}" for what, count in status.truncated.items() if count > 0],
    }


def _the_one(found: JSON) -> Any:
    if found["kind"] in _LISTS:
        reports = [one for one in check(_List, found).items if _is_report(one)]
        if len(reports) != 1:
            raise NotAnInventory(f"it holds {len(reports)} of {_KIND} and not one: {_GET}")
        return reports[0]
    if not _is_report(found):
        raise NotAnInventory(f"it is a {found['kind']} and no {_KIND}: {_GET}")
    return found


def _is_report(one: JSON) -> bool:
    return one.get("kind") == _KIND and str(one.get("apiVersion")).startswith(f"{GROUP}/")
