"""A report in a terminal."""

from __future__ import annotations

from typing import Any, Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ams_operator.cli import migrate_show
from ams_operator.domain.model import JSON
from ams_operator.migration.report import charts, words
from ams_operator.migration.report.steps import NOT_JUDGED
from ams_operator.migration.report.text import shown

_CELLS: Final = 60
"""characters of the bar"""
_COLORS: Final = {
    "MapsTo": "blue", "VisibleInV3": "green", "NotNeeded": "bright_black", "OriginV3": "magenta", "Gap": "yellow",
}  # fmt: skip
_STATES: Final = {"done": ("done", "green"), "blocked": ("blocked", "yellow"), "unknown": ("unknown", "magenta"),
                  "open": ("not judged", "bright_black")}  # fmt: skip


def show(report: JSON, console: Console) -> None:
    """The whole report but the fields of both sides, for which a terminal is too narrow."""
    console.print(Text(f"{shown(report['name'])}: from version 2 to version 3", style="bold"))
    if report["retired"]:
        console.print(Text(f"Version 2 is retired since {shown(report['retired'])}: all this stays as it was then."))
    if not report["complete"]:
        summary = report["summary"]
        console.print(Text(f"Not complete: {summary['setsRead']} of {summary['sets']} sets were read.", style="red"))
    _bar(report, console)
    console.print()
    console.print(_steps(report))
    if report["channels"]:
        console.print(_channels(report))
    if report["gaps"]:
        console.print(_gaps(report))
    migrate_show.show(report, console)
    console.print(_words(report))
    becomes = ", ".join(f"{count} {shown(kind)}" for kind, count in report["summary"]["becomes"].items())
    if becomes:
        least = "at least " * report["summary"]["atLeast"]
        console.print(Text(f"New in version 3: {least}{becomes}. Their fields: -o html, md or json."))


def _bar(report: JSON, console: Console) -> None:
    bar, legend = Text(), Text()
    for part in charts.shares(report["summary"]["fates"]):
        color = _COLORS.get(part["fate"], "white")
        bar.append("█" * max(1, round(part["width"] / charts.WIDTH * _CELLS)), style=color)
        legend.append("■ ", style=color).append(f"{part['count']} {words.FATES[part['fate']]}  ")
    if console.color_system:
        console.print(bar)
    console.print(legend)


def _steps(report: JSON) -> Table:
    table = _table("The four steps", "Step", "Condition", "State", "What is said")
    for step in report["steps"]:
        title = f"{step['step']}. {step['title']}"
        for place, one in enumerate(step["conditions"]):
            says, color = _STATES[charts.state(one)]
            number = len(one["blockers"])
            todo = f"{number} thing{'s' * (number > 1)} to do" if number else ""
            rest = [one["reason"], one["message"], todo]
            if one["status"] == NOT_JUDGED:
                rest = [todo or "needs a cluster"]
            said = "; ".join(shown(part) for part in rest if part)
            table.add_row(title if place == 0 else "", Text(shown(one["type"])), Text(says, style=color), Text(said))
        table.add_section()
    return table


def _channels(report: JSON) -> Table:
    table = _table("Channels on their way", *words.JOURNEY)
    for one in report["channels"]:
        table.add_row(*(Text(shown(one[name])) for name in ("name", "state", "phase", "liveEvent")))
    return table


def _gaps(report: JSON) -> Table:
    table = _table("Gaps: features in use that have no counterpart", "Id", "What", "Seen", "What to do")
    for one in report["gaps"]:
        title = f"{shown(one['title'])}{' [i]' if one['inferred'] else ''}"
        table.add_row(Text(shown(one["id"])), Text(title), str(one["count"]), Text(shown(words.todo(one))))
    return table


def _words(report: JSON) -> Table:
    table = _table("Words", "Version 2", "Version 3", "Shown", "Changed", "Remark")
    for one in report["terminology"]:
        cells: list[Any] = [one["v2"], one["v3"] or "nothing", one["visible"], one["changeable"], one["note"]]
        table.add_row(*(Text(shown(cell)) for cell in cells))
    return table


def _table(title: str, *names: str) -> Table:
    table = Table(title=title, title_justify="left")
    for name in names:
        table.add_column(name, overflow="fold")  # what may have to be typed is never shortened
    return table
