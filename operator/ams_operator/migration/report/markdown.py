"""The report as Markdown, for a tracker or a wiki: nothing foreign in it is a link, a mention, a reference or HTML."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from ams_operator.domain.model import JSON
from ams_operator.migration.report import charts, words
from ams_operator.migration.report.text import block, code, fenced, marked, prose

LARGEST: Final = 60_000
"""characters that the fields of objects may fill up to: an issue of GitHub ends at 65,536"""
_MOST: Final = 100
"""rows of a table"""
_NAMES: Final = 3
_BOXES: Final = {"done": "x", "blocked": " ", "unknown": " ", "open": " "}
_STATES: Final = {"done": "done", "blocked": "blocked", "unknown": "unknown", "open": "not judged: needs a cluster"}


def markdown(report: JSON) -> str:
    """The text of a report that `build.report` made."""
    before = [
        *_head(report),
        *_goes(report),
        *_steps(report),
        *_channels(report),
        *_blockers(report),
        *_gaps(report),
        *_everything(report),
    ]
    after = [*_words(report), *_benefits(report), *_foot(report)]
    room = LARGEST - sum(len(line) + 1 for line in (*before, *after))
    return "\n".join((*before, *_targets(report, room), *after)).rstrip("\n") + "\n"


def _head(report: JSON) -> Iterator[str]:
    summary = report["summary"]
    yield f"# {prose(report['name'])}: from version 2 to version 3"
    yield ""
    yield f"{code(report['account'])}, read at {code(report['begun'] or 'a time that is not said')}."
    if report["retired"]:
        yield from ("", f"Version 2 is retired since {code(report['retired'])}: all this stays as it was then.")
    if not report["complete"]:
        yield ""
        yield f"**Not complete**: {summary['setsRead']} of {summary['sets']} entity sets could be read."
    yield ""
    yield from _table(("Entities in version 2", "New objects", "Block the switch", "Gaps", "To declare"), [(
        str(summary["entities"]), "at least " * summary["atLeast"] + str(sum(summary["becomes"].values())),
        str(summary["blockers"]), str(summary["gaps"]), str(summary["toDeclare"]),
    )])  # fmt: skip


def _goes(report: JSON) -> Iterator[str]:
    yield from ("## Where everything goes", "")
    found = report["summary"]["fates"]
    yield from _table(
        ("Verdict", "Entities"), [(says, str(found[fate])) for fate, says in words.FATES.items() if fate in found]
    )
    if report["gaps"]:
        yield from (words.APART, "")


def _steps(report: JSON) -> Iterator[str]:
    yield from ("## The four steps", "")
    titles = {one["id"]: one["title"] for one in report["blockers"]}
    for step in report["steps"]:
        yield from (f"### {step['step']}. {step['title']}", "")
        for one in step["conditions"]:
            state = charts.state(one)
            reason = f" ({code(one['reason'])})" if one["reason"] else ""
            yield f"- [{_BOXES[state]}] **{prose(one['type'])}**: {_STATES[state]}{reason}. {prose(one['says'])}."
            if one["status"] != "NotJudged" and one["message"]:
                yield f"  - {prose(one['message'])}"
            for identifier in one["blockers"][:_NAMES]:
                yield f"  - {prose(titles[identifier])}"
            if (more := len(one["blockers"]) - _NAMES) > 0:
                yield f"  - and {more} more"
        yield ""


def _channels(report: JSON) -> Iterator[str]:
    if report["channels"]:
        yield from ("### Channels on their way", "")
        rows = [
            (
                code(one["name"]),
                prose(one["state"]),
                prose(one["phase"]),
                code(one["liveEvent"]) if one["liveEvent"] else "",
            )
            for one in report["channels"]
        ]
        yield from _table(words.JOURNEY, rows)


def _blockers(report: JSON) -> Iterator[str]:
    yield from ("## What blocks the switch", "")
    if not report["blockers"]:
        yield from (prose(words.unblocked(report)), "")
        return
    rows = [
        (prose(one["condition"]), _what(one), str(one["count"] or "-"), prose(one["todo"]))
        for one in report["blockers"]
    ]
    yield from _table(("Condition", "What", "How many", "Next"), rows)


def _gaps(report: JSON) -> Iterator[str]:
    yield from ("## Gaps", "")
    if report["gaps"]:
        rows = [
            (
                code(one["id"]),
                _what(one),
                str(one["count"]),
                prose(words.todo(one)) + _mark(one),
                code(one["accept"]) if one["accept"] else "",
            )
            for one in report["gaps"]
        ]
        yield from _table(
            ("Id", "What", "Seen", "What to do", "Or accept it in `spec.migration.acknowledgedGaps`"), rows
        )
    else:
        yield from ("No feature without a counterpart was seen.", "")
    if report["toDeclare"]:
        yield from ("No API shows all use of these; say for each whether it is used:", "")
        for one in report["toDeclare"]:
            settled = one["state"] in words.SETTLED
            todo = f"{': ' if settled else '. If it is used: '}{prose(said)}" if (said := words.todo(one)) else ""
            answer = f". If not, in `spec.migration.declarations`: {code(one['answer'])}" if one["answer"] else ""
            yield f"- [{'x' if settled else ' '}] {prose(one['title'])} ({code(one['id'])}){todo}{answer}"
        yield ""


def _everything(report: JSON) -> Iterator[str]:
    yield from ("## Everything in the account", "")
    rows: list[tuple[str, ...]] = []
    for one in report["sets"]:
        for verdict in one["verdicts"]:
            becomes = (
                f"becomes {code(verdict['about'])}" if verdict["fate"] == "MapsTo" else words.FATES[verdict["fate"]]
            )
            rows.append(
                (
                    prose(words.titled(one["name"])),
                    str(verdict["count"]),
                    becomes,
                    prose(verdict["why"]) + _mark(verdict),
                )
            )
        if one["state"] in ("Failed", "NotRead"):
            rows.append((prose(one["name"]), "?", "could not be read", ""))
        if one["state"] == "Unsettled":
            rows.append((prose(one["name"]), "?", words.UNSETTLED, ""))
    yield from _table(("Set", "Entities", "Verdict", "Why"), rows)
    yield from ("[i]: inferred from documented facts; nobody documented the rule itself.".replace("[i]", r"\[i\]"), "")


def _targets(report: JSON, room: int) -> Iterator[str]:
    """As many as there is room for."""
    if not report["targets"]:
        return
    yield from ("## Side by side", "")
    for place, one in enumerate(report["targets"]):
        lines = list(_target(one))
        room -= sum(len(line) + 1 for line in lines)
        if room < 0:
            yield from (f"{len(report['targets']) - place} more are in the page and in the JSON.", "")
            return
        yield from lines


def _target(one: JSON) -> Iterator[str]:
    what = f"{marked(one['kind'])} {marked(one['name'])}, from {one['count']} in {marked(one['set'])}"
    yield from (f"<details><summary>{what}</summary>", "")
    if one["note"]:
        yield from (f"In this it differs: {prose(one['note'])}", "")
    if one["give"]:
        yield from (f"Secrets that have to be given: {', '.join(code(pointer) for pointer in one['give'])}", "")
    if one["beside"]:
        yield from ("In another place of version 3:", "", fenced(block(one["beside"]), "yaml"), "")
    if one["source"]:
        yield from ("Version 2:", "", fenced(block(one["source"]), "yaml"), "")
    yield from ("Version 3:", "", fenced(block({"name": one["name"], **one["fields"]}), "yaml"), "", "</details>", "")


def _words(report: JSON) -> Iterator[str]:
    yield from ("## Words", "")
    rows = [
        (prose(one["v2"]), prose(one["v3"] or "nothing"), one["visible"], one["changeable"],
         prose(one["note"]) + _mark(one))
        for one in report["terminology"]
    ]  # fmt: skip
    yield from _table(("Version 2", "Version 3", "Shown", "Changed", "Remark"), rows)


def _benefits(report: JSON) -> Iterator[str]:
    if report["benefits"]:
        yield from ("## What version 3 adds for this account", "")
        yield from (f"- {prose(one['title'])}" for one in report["benefits"])
        yield ""


def _foot(report: JSON) -> Iterator[str]:
    for note in report["notes"]:
        yield from (f"Note: {prose(note)}", "")
    if report["reservedUnits"]:
        yield from (f"Reserved units: {code(report['reservedUnits'])}.", "")
    yield "Made by `ams-operator migrate report`."


def _what(one: JSON) -> str:
    names = [code(name, 80) for name in one["samples"][:_NAMES]]
    more = f" (+{one['count'] - len(names)})" if names and one["count"] > len(names) else ""
    return f"{prose(one['title'])}: {', '.join(names)}{more}" if names else prose(one["title"])


def _mark(one: JSON) -> str:
    return r" \[i\]" if one["inferred"] else ""


def _table(heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield f"|{'---|' * len(heads)}"
    listed = list(rows)
    for row in listed[:_MOST]:
        yield f"| {' | '.join(str(cell) for cell in row)} |"
    yield ""
    if len(listed) > _MOST:
        yield from (f"{len(listed) - _MOST} more rows are in the page and in the JSON.", "")
