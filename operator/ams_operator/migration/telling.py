"""From findings to what migration owns in the account's status. Pure: nothing moves by itself, so that an unchanged
state gives an equal body, which is never written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from ams_operator.api.status import MESSAGE_LIMIT, TEXT_LIMIT
from ams_operator.domain import ids
from ams_operator.domain.answers import Resource
from ams_operator.domain.model import JSON
from ams_operator.migration.conditions import Finding, Type, steps
from ams_operator.migration.conditions.access import short_text
from ams_operator.migration.conditions.finding import TRUE, UNKNOWN
from ams_operator.migration.inputs import Remembered
from ams_operator.migration.trouble import UNREADABLE
from ams_operator.texts import clean

TYPES: Final = frozenset(one.value for one in Type)
RETIRED: Final = "V2Retired"
MOST_SWITCHED: Final = 500


def own(status: Mapping[str, Any]) -> list[JSON]:
    """The conditions of a status that are migration's."""
    return [one for one in status.get("conditions") or () if isinstance(one, dict) and one.get("type") in TYPES]


def remembered(status: Mapping[str, Any]) -> Remembered:
    """What earlier judgements left behind."""
    conditions = own(status)
    known = status.get("migration")
    known = known if isinstance(known, dict) else {}
    switched, said = known.get("switched"), {one["type"]: one.get("status") for one in conditions}
    complete = said.get(Type.COMPLETE) == TRUE or known.get("completed") is True
    return Remembered(
        complete=complete,
        completed=complete,
        frozen=(*(_shown(one) for one in conditions if not _mistyped(one)), *_access(conditions, known)),
        switched=frozenset(str(one) for one in switched or ()),
    )


def _access(conditions: list[JSON], known: JSON) -> list[JSON]:
    """What V2AccessReady said before what somebody mistyped took its place: nobody could find it out again of a version
    2 that is asked no more."""
    before = known.get("access")
    if isinstance(before, dict) and any(_mistyped(one) for one in conditions):
        return [_shown({**before, "type": Type.ACCESS})]
    return []


def _shown(condition: Mapping[str, Any]) -> JSON:
    return {name: str(condition.get(name, "")) for name in ("type", "status", "reason", "message")}


def _mistyped(condition: Mapping[str, Any]) -> bool:
    return condition.get("reason") in UNREADABLE


def is_of(status: Mapping[str, Any], target: str) -> bool:
    """Whether what was told before is of this target (`Tools.target`)."""
    return bool(target) and (status.get("migration") or {}).get("target") == target


def judged(account: Resource) -> bool:
    """Whether everything told was judged of this very manifest. What was only kept as it stood was not."""
    return all(
        one.get("observedGeneration") == account.generation and one.get("reason") not in (RETIRED, *UNREADABLE)
        for one in own(account.status)
    )


def forgets(findings: Iterable[Finding], account: Resource) -> bool:
    """Whether something would be unknown that was told of this very manifest: a process that has just begun has not
    looked at everything yet, and a restart is no news."""
    before = told(account)
    return any(one.status == UNKNOWN and before.get(one.type, UNKNOWN) != UNKNOWN for one in findings)


def told(account: Resource) -> dict[str, str]:
    """Type to status of what was told of this very manifest."""
    return {
        one["type"]: str(one.get("status"))
        for one in own(account.status)
        if one.get("observedGeneration") == account.generation and one.get("reason") != RETIRED
    }


def unreported(findings: list[Finding], why: str) -> list[Finding]:
    """The findings; where there is no report, V2InventoryReady says why."""
    if not why:
        return findings
    said = f"; there is no MigrationReport: {short_text(why)}"
    return [
        replace(one, message=one.message[: MESSAGE_LIMIT - len(said)] + said) if one.type == Type.INVENTORY else one
        for one in findings
    ]


def body(
    findings: list[Finding],
    account: Resource,
    now: float,
    *,
    endpoint: str = "",
    report: str = "",
    inventory: JSON | None = None,
    target: str = "",
    retired: str = "",
    stands: bool = False,
) -> JSON:
    """The whole of what migration writes to status. Without a target what was remembered of the last one stays, for
    when it is there again. `retired`: since when; `stands`: but for V2AccessReady, conditions keep the generation that
    they had."""
    old = {one["type"]: one for one in own(account.status)}
    moment = ids.stamp(now)
    conditions = [
        {
            "type": str(one.type),
            "status": one.status,
            "reason": str(one.reason),
            "message": clean(one.message, MESSAGE_LIMIT),
            "observedGeneration": (
                old[one.type].get("observedGeneration", account.generation)
                if stands and one.type in old and one.type != Type.ACCESS
                else account.generation
            ),
            "lastTransitionTime": (
                old[one.type]["lastTransitionTime"]
                if one.type in old and old[one.type].get("status") == one.status
                else moment
            ),
        }
        for one in findings
    ]
    switched = frozenset[str]().union(*(one.switched for one in findings))
    if not target or is_of(account.status, target):
        switched |= remembered(account.status).switched
    target = target or str((account.status.get("migration") or {}).get("target") or "")
    migration: JSON = {
        "steps": [
            {"name": one.name, "done": one.done, "all": one.all, "conditions": [str(name) for name in one.conditions]}
            for one in steps(findings)
        ]
    }
    if endpoint:
        migration["endpoint"] = endpoint[:TEXT_LIMIT]
    if report:
        migration["report"] = report
    if target:
        migration["target"] = target
    frozen = {one["type"]: one for one in remembered(account.status).frozen}
    if Type.ACCESS in frozen and any(one.reason in UNREADABLE for one in findings):
        migration["access"] = {name: one for name, one in frozen[Type.ACCESS].items() if name != "type"}
    if retired:
        migration["retired"] = retired
    if inventory is not None:
        migration["inventory"] = inventory
    if any(one.completed for one in findings):
        migration["completed"] = True
    if switched:
        migration["switched"] = sorted(switched)[:MOST_SWITCHED]
    return {"conditions": conditions, "migration": migration}


def equal(wanted: JSON, status: Mapping[str, Any]) -> bool:
    """Whether writing `wanted` would change nothing."""
    now = {one["type"]: one for one in wanted["conditions"]}
    return now == {one["type"]: one for one in own(status)} and wanted["migration"] == status.get("migration")


def only_progress(wanted: JSON, status: Mapping[str, Any]) -> bool:
    """Whether writing `wanted` would tell nothing but how far the reading of one set is."""
    shown = status.get("migration")
    if not isinstance(shown, dict):
        return False
    return _calm(wanted["conditions"], wanted["migration"]) == _calm(own(status), shown)


_MOVING: Final = ("reading", "rows", "total")


def _calm(conditions: list[JSON], migration: JSON) -> tuple[JSON, JSON]:
    inventory = {name: one for name, one in (migration.get("inventory") or {}).items() if name not in _MOVING}
    return {one["type"]: one for one in conditions}, {**migration, "inventory": inventory}
