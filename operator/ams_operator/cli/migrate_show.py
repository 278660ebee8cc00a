"""An inventory in a terminal: bars while it runs, tables at its end. Names are foreign text and are never markup."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Final, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from ams_operator.domain.model import JSON
from ams_operator.migration.model import Fate
from ams_operator.migration.model import Progress as Reading
from ams_operator.migration.report.text import shown
from ams_operator.migration.report.words import FATES, SETTLED, UNSETTLED, titled, unblocked

_STYLES: Final = {Fate.GAP: "yellow", Fate.MAPS: "cyan", Fate.VISIBLE: "green"}
_NAMES: Final = 3


class Bars:
    """Progress of each set: bars in a terminal, elsewhere a line for each finished set and for one that takes long."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._tasks: dict[str, TaskID] = {}
        self._last: Reading | None = None
        self._silent = False
        self._trouble = ""
        self._bars = Progress(
            TextColumn("{task.description:<38}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
            disable=not console.is_terminal,
        )

    def tell(self, progress: Reading) -> None:
        """What an inventory reports."""
        name = progress.name
        if not self._console.is_terminal:
            self._last = progress
            if progress.done:
                self._say(f"{name}: {progress.rows}")
            return
        if name not in self._tasks:
            self._tasks[name] = self._bars.add_task(name, total=progress.total)
        self._bars.update(self._tasks[name], completed=progress.rows, total=progress.total)

    def trouble(self, says: str) -> None:
        """What keeps it from being read now; empty where nothing does. Said when it changes, and tried again anyway."""
        if says and says != self._trouble:
            self._say(f"  not readable now, tried again: {says}")
        self._trouble = says

    def beat(self) -> None:
        """To be called each few seconds: outside of a terminal, says what is read if nothing was said meanwhile."""
        if self._console.is_terminal:
            return  # bars move by themselves
        if self._silent and self._trouble:
            self._say("  still not readable, tried again")
        elif self._silent and self._last is not None:
            of = f" of {self._last.total}" if self._last.total is not None else ""
            self._say(f"  {self._last.name}: {self._last.rows}{of} so far")
        self._silent = True

    def _say(self, line: str) -> None:
        self._silent = False
        self._console.print(line, markup=False, highlight=False, soft_wrap=True)

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()


def show(report: JSON, console: Console) -> None:
    """All verdicts, what blocks the switch, and what version 3 adds."""
    console.print(_verdicts(report))
    if report["blockers"]:
        console.print(_blockers(report))
    else:
        console.print(unblocked(report), markup=False)
    _list(
        console,
        "No API shows these; say for each whether it is used:",
        [one for one in report["toDeclare"] if one.get("state") not in SETTLED],
    )
    _list(console, "What version 3 adds for this account:", report["benefits"])
    for note in report["notes"]:
        console.print(_text(f"Note: {note}"))
    if any(verdict["inferred"] for one in report["sets"] for verdict in one["verdicts"]):
        console.print("[i] inferred from documented facts; nobody documented the rule itself.", markup=False)


def _verdicts(report: JSON) -> Table:
    table = Table(title=_text(f"Version 2 of {report['account'].rpartition('/')[2]}"), title_justify="left")
    for name in ("Set", "Entities", "Verdict"):
        table.add_column(name, justify="right" if name == "Entities" else "left", overflow="fold")
    for one in report["sets"]:
        if one["state"] in ("Failed", "NotRead"):
            table.add_row(_text(one["name"]), "?", Text("could not be read", style="red"))
        for place, verdict in enumerate(one["verdicts"]):
            table.add_row("" if place else _text(titled(one["name"])), str(verdict["count"]), _verdict(verdict))
        if one["state"] == "Unsettled":
            table.add_row("", "", Text(UNSETTLED, style="yellow"))
    return table


def _verdict(verdict: dict[str, Any]) -> Text:
    fate = Fate(verdict["fate"])
    about = f" {verdict['about']}" if verdict["about"] else ""
    mark = " [i]" if verdict["inferred"] else ""
    says = "becomes" if fate is Fate.MAPS else FATES[fate]
    return Text(shown(f"{says}{about}: {verdict['why']}{mark}"), style=_STYLES.get(fate, ""))


def _blockers(report: JSON) -> Table:
    table = Table(title="What blocks the switch", title_justify="left")
    for name in ("Condition", "What", "Next"):
        table.add_column(name, overflow="fold")  # what has to be typed is never shortened
    for one in report["blockers"]:
        names = ", ".join(one["samples"][:_NAMES])
        more = f" (+{one['count'] - _NAMES})" if one["count"] > _NAMES and names else ""
        what = f"{one['title']}: {one['count']}, {names}{more}" if names else one["title"]
        table.add_row(_text(one["condition"]), _text(what), _text(one["todo"]))
    return table


def _list(console: Console, title: str, items: list[dict[str, Any]]) -> None:
    if items:
        console.print(title)
        for one in items:
            console.print(_text(f"  {one['title']} ({one['id']})"))


def _text(text: str) -> Text:
    return Text(shown(text, 400))
