"""What stands in a MigrationReport: the first of many, and how many are left out. Pure; its size is bounded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from ams_operator import jsons
from ams_operator.api.migration_report import GIVEN, NOTES, SAMPLES, SHOWN
from ams_operator.api.status import MESSAGE_LIMIT, TEXT_LIMIT
from ams_operator.domain.model import JSON
from ams_operator.migration.census import Census, view
from ams_operator.migration.conditions import Finding, gaps, live, polled, steps
from ams_operator.migration.conditions.finding import TRUE
from ams_operator.migration.gaps import BLOCKERS, GAPS
from ams_operator.migration.inputs import Inputs
from ams_operator.migration.report.text import laid, shown
from ams_operator.texts import clean

LARGEST: Final = 128 << 10
"""bytes of what is shown; with the checkpoint the object stays under 256 KiB"""
_NAME: Final = 120
_VERDICTS: Final = 16
_MOST: Final[dict[str, int]] = {"targets": 8 * SHOWN, "gaps": 100, "blockers": 100, "benefits": 40, "channels": SHOWN}


def content(inputs: Inputs, findings: Sequence[Finding], census: Census, inventory: JSON | None = None) -> JSON:
    """The status of a MigrationReport, without the checkpoint."""
    seen = view(census)
    listed = [_gap(inputs, one, census) for one in seen["gaps"]]
    shown = {one["id"] for one in listed}
    acknowledged = {one["id"] for one in listed if one["state"] == "Acknowledged"}
    accepted = {f"gap:{one}" for one in acknowledged} | {one.id for one in BLOCKERS.values() if one.gap in acknowledged}
    done = {str(one.type) for one in findings if one.status == TRUE}
    blockers = [one for one in seen["blockers"] if one["id"] not in BLOCKERS or not BLOCKERS[one["id"]].polled]
    truncated: dict[str, int] = {}
    body: JSON = {
        "generation": inputs.generation,
        "steps": [
            {"name": one.name, "done": one.done, "all": one.all, "conditions": [str(name) for name in one.conditions]}
            for one in steps(findings)
        ],
        "conditions": [_condition(one) for one in findings],
        "sets": [_set(one, truncated) for one in seen["sets"]],
        "targets": [_target(one) for one in _spread(seen["targets"])],
        "becomes": seen["becomes"],
        "gaps": listed + [_question(inputs, one) for one in gaps.questions(inputs) if one not in shown],
        "blockers": [
            _blocker(one)
            for one in (*polled(inputs), *blockers)
            if one["condition"] not in done and one["id"] not in accepted
        ],
        "channels": [_channel(one) for one in live.journeys(inputs)],
        "benefits": [{"id": one["id"], "title": _text(one["title"])} for one in seen["benefits"]],
        "whole": True,
    }
    if notes := [_text(one) for one in seen["notes"][:NOTES]]:
        body["notes"] = notes
    if seen["begun"]:
        body["begun"] = seen["begun"]
    if inventory is not None:
        body["inventory"] = inventory
    if seen["reservedUnits"]:
        body["reservedUnits"] = _text(seen["reservedUnits"])
    for name, most in _MOST.items():
        _shorten(body, name, most, truncated)
    _fit(body, truncated)
    if truncated:
        body["truncated"] = truncated
    return body


def _fit(body: JSON, truncated: dict[str, int]) -> None:
    """Leave out what matters least until it fits: fields of targets, names, then the ends of lists."""
    cuts: tuple[Callable[[], None], ...] = (
        lambda: _drop_fields(body, truncated),
        lambda: _drop_samples(body),
        lambda: _shorten(body, "targets", SHOWN, truncated),
        lambda: _shorten_verdicts(body, 4, truncated),
        lambda: _shorten(body, "blockers", 20, truncated),
        lambda: _shorten(body, "targets", 0, truncated),
        lambda: _shorten_verdicts(body, 0, truncated),
    )
    for cut in cuts:
        if len(jsons.dumps(body)) <= LARGEST:
            return
        cut()


def _drop_fields(body: JSON, truncated: dict[str, int]) -> None:
    """The largest fields first, as many as have to go."""
    over = len(jsons.dumps(body)) - LARGEST
    for target in sorted(body["targets"], key=lambda one: -len(jsons.dumps(one.get("fields")))):
        if over <= 0:
            return
        over -= len(jsons.dumps(target.pop("fields", None)))
        truncated["fields"] = truncated.get("fields", 0) + 1


def _drop_samples(body: JSON) -> None:
    for one in (*body["gaps"], *body["blockers"], *(verdict for each in body["sets"] for verdict in each["verdicts"])):
        one.pop("samples", None)


def _shorten(body: JSON, name: str, most: int, truncated: dict[str, int]) -> None:
    if (more := len(body.get(name, ())) - most) > 0:
        body[name] = body[name][:most]
        truncated[name] = truncated.get(name, 0) + more


def _shorten_verdicts(body: JSON, most: int, truncated: dict[str, int]) -> None:
    for one in body["sets"]:
        if (more := len(one["verdicts"]) - most) > 0:
            one["verdicts"] = one["verdicts"][:most]
            truncated["verdicts"] = truncated.get("verdicts", 0) + more


def _spread(targets: Iterable[JSON]) -> list[JSON]:
    """Some of each kind, those that most entities become first."""
    kinds: dict[str, list[JSON]] = {}
    for one in targets:
        kinds.setdefault(str(one["kind"]), []).append(one)
    ranked = {kind: sorted(each, key=lambda one: -int(one["count"])) for kind, each in kinds.items()}
    first = [one for each in ranked.values() for one in each[:SHOWN]]
    return first + [one for each in ranked.values() for one in each[SHOWN:]]


def _condition(one: Finding) -> JSON:
    said = clean(one.message, MESSAGE_LIMIT)
    body: JSON = {"type": str(one.type), "status": one.status, "reason": str(one.reason), "message": said}
    return {**body, "done": one.done, "all": one.all} if one.all else body


def retold(report: JSON, findings: Iterable[Finding], retired: str) -> JSON:
    """A report whose account is judged no more, with its conditions as they are told there; how far each was stays.
    `retired`: since when, if it is."""
    before = {one["type"]: one for one in report.get("conditions") or ()}
    told = [{**before.get(str(one.type), {}), **_condition(one)} for one in findings]
    return {**report, "conditions": told, **({"retired": retired} if retired else {})}


def _set(one: JSON, truncated: dict[str, int]) -> JSON:
    body: JSON = {"name": one["name"], "state": one["state"], "rows": one["rows"]}
    body |= {name: one[name] for name in ("strangers", "moreTargets") if one.get(name)}
    body["verdicts"] = [
        _inferred({"fate": str(each["fate"]), "about": _text(each["about"]), "why": _text(each["why"])}, each)
        | _group(each)
        for each in one["verdicts"][:_VERDICTS]
    ]
    if (more := len(one["verdicts"]) - _VERDICTS) > 0:
        truncated["verdicts"] = truncated.get("verdicts", 0) + more
    return body


def _target(one: JSON) -> JSON:
    body: JSON = {"set": one["set"], "kind": one["kind"], "name": _text(one["name"]), "count": one["count"]}
    if one.get("note"):
        body["note"] = _text(one["note"])
    if one.get("ids"):
        body["ids"] = [_text(each) for each in one["ids"][:SAMPLES]]
    if one.get("fields"):
        body["fields"] = laid(one["fields"])
    if one.get("give"):
        body["give"] = [_text(each) for each in one["give"][:GIVEN]]
    return body


def _gap(inputs: Inputs, one: JSON, census: Census) -> JSON:
    group = census.merged("evidence")[one["id"]]
    state = gaps.state(inputs, one["id"], group)
    body = {"id": one["id"], "title": _text(one["title"]), "todo": _text(one["todo"]), "state": state}
    return _inferred(body | _reason(inputs, one["id"]), one) | _group(one) | {"evidenceHash": group.evidence}


def _question(inputs: Inputs, gap: str) -> JSON:
    state = "Declared" if gaps.answered(inputs, gap) else "ToDeclare"
    return {"id": gap, "title": _text(GAPS[gap].title), "state": state} | _reason(inputs, gap)


def _reason(inputs: Inputs, gap: str) -> JSON:
    said = inputs.config.acknowledged.get(gap) or inputs.config.declared.get(gap)
    return {"reason": _text(said.reason)} if said is not None else {}


def _channel(one: live.Journey) -> JSON:
    body = {
        "id": _text(one.id),
        "name": _text(one.name, _NAME),
        "state": _text(one.state, 64),
        "phase": one.phase.value,
    }
    return {**body, "liveEvent": _text(one.event)} if one.event else body


def _blocker(one: JSON) -> JSON:
    body = {name: _text(one[name]) for name in ("id", "condition", "title", "todo")}
    return body | _group(one)


def _group(one: JSON) -> JSON:
    samples = [_text(each, _NAME) for each in one.get("samples", ())[:SAMPLES]]
    return {"count": int(one["count"]), **({"samples": samples} if samples else {})}


def _inferred(body: JSON, one: JSON) -> JSON:
    return {**body, "inferred": True} if one.get("inferred") else body


def _text(value: Any, limit: int = TEXT_LIMIT) -> str:
    return shown(str(value), limit)
