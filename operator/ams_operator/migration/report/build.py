"""The report as JSON; every other form is drawn from it. Pure.

Shape: `{format, account, name, begun, retired, complete, summary, steps, sets, targets, gaps, toDeclare, blockers,
channels, benefits, terminology, reservedUnits, notes}`; docs/migrating-from-v2.md says what each is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from ams_operator.domain.model import JSON
from ams_operator.migration import becoming
from ams_operator.migration.gaps import GAPS
from ams_operator.migration.model import Fate
from ams_operator.migration.report import pairs, words
from ams_operator.migration.report.given import EntitySet, Given
from ams_operator.migration.report.steps import blocking, steps

FORMAT: Final = 1
"""of the JSON; a member is only added, none gets another meaning"""
_DIGEST: Final = re.compile("[0-9a-f]{16}")
_ID: Final = re.compile("[a-z0-9-]{1,63}")


def report(given: Given) -> JSON:
    """Everything that a report says."""
    given = given.model_copy(update={"blockers": blocking(given.conditions, given.blockers)})
    plain = given.model_dump(mode="json", by_alias=True, exclude={"conditions"})
    totals = {one.name for one in counted(given.sets)}
    return {
        "format": FORMAT,
        "account": given.account,
        "name": given.account.rstrip("/").rpartition("/")[2],
        "begun": given.begun,
        "retired": given.retired,
        "complete": given.complete,
        "summary": _summary(given),
        "steps": steps(given.conditions, given.blockers),
        "sets": [{**one, "counted": one["name"] in totals} for one in plain["sets"]],
        "targets": [
            {"set": one.set, "kind": one.kind, "name": one.name, "count": one.count, "note": one.note,
             "fields": one.fields, "give": one.give, "beside": one.beside,
             "source": one.source, "rows": pairs.beside(one)}
            for one in given.targets
        ],
        "gaps": [{**one, "evidenceHash": _hash(one), "accept": _accept(one)} for one in plain["gaps"]],
        "toDeclare": [
            {**one, "todo": GAPS[one["id"]].todo if one["id"] in GAPS else "", "answer": _answer(one)}
            for one in plain["toDeclare"]
        ],
        "blockers": plain["blockers"],
        "channels": plain["channels"],
        "benefits": plain["benefits"],
        "terminology": [
            {"v2": one.v2, "v3": one.v3, "visible": one.visible, "changeable": one.changeable, "note": one.note,
             "inferred": one.inferred}
            for one in words.TERMS
        ],
        "reservedUnits": given.reserved_units,
        "notes": given.notes,
    }  # fmt: skip


def _summary(given: Given) -> JSON:
    becomes = given.becomes
    if becomes is None:
        grouped = any(one.name == becoming.GROUPED for one in given.sets)
        becomes = becoming.counted(((one.set, one.kind, one.name) for one in given.targets), grouped=grouped)
    return {
        "entities": sum(one.rows for one in counted(given.sets)),
        "fates": fates(given.sets),
        "becomes": becomes,
        "atLeast": given.cut or becoming.lacks((one.name, one.more_targets) for one in given.sets),
        "gaps": len(given.gaps),
        "toDeclare": sum(one.state not in words.SETTLED for one in given.to_declare),
        "blockers": len(given.blockers),
        "setsRead": sum(one.state in words.READ for one in given.sets),
        "sets": len(given.sets),
    }


def counted(sets: Iterable[EntitySet]) -> list[EntitySet]:
    """The sets that every total is made of: each entity is in one of them."""
    return [one for one in sets if one.name != becoming.GROUPED]


def fates(sets: Iterable[EntitySet]) -> dict[str, int]:
    """Every fate to the number of entities that have it."""
    found = dict.fromkeys((str(fate) for fate in Fate), 0)
    for one in counted(sets):
        for verdict in one.verdicts:
            found[str(verdict.fate)] += verdict.count
    return found


def _hash(gap: JSON) -> str:
    """As `spec.migration.acknowledgedGaps` takes it; empty where the inventory says no digest."""
    return f"{gap['count']}-{gap['evidence']}" if _DIGEST.fullmatch(gap["evidence"]) else ""


def _accept(gap: JSON) -> str:
    """What goes into `spec.migration.acknowledgedGaps` by whom the feature may go; the reason is theirs to give."""
    if gap["state"] in words.SETTLED:
        return ""
    known = f"evidenceHash: {found}" if (found := _hash(gap)) else "scope: Any"
    return f"{{id: {gap['id']}, reason: ..., {known}}}" if _ID.fullmatch(gap["id"]) else ""


def _answer(question: JSON) -> str:
    """What goes into `spec.migration.declarations` where it is not used."""
    if question["state"] in words.SETTLED or not _ID.fullmatch(question["id"]):
        return ""
    return f"{{id: {question['id']}, answer: NotUsed, reason: ...}}"
