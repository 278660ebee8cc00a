"""All that is printed: colours and a live table on a terminal, plain lines elsewhere; never silent for long."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final, TextIO, TypeVar

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.markup import escape
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from ams_devcluster import narrated
from demo.rows import Row
from demo.waiting import PATIENCE, until

T = TypeVar("T")
BEAT: Final = 5.0
"""Seconds between two lines where there is no spinner."""
_STYLES: Final = {"True": "green", "False": "red", "Unknown": "yellow", "Deleting": "yellow"}


class Screen:
    """The demo's voice. `alive` is called while waiting, and raises where waiting makes no sense any more."""

    def __init__(self, stream: TextIO | None = None, *, terminal: bool | None = None, beat: float = BEAT) -> None:
        stream = stream or sys.stdout
        # Not rich's own guess, which FORCE_COLOR and others bend: no control characters where no terminal reads them.
        terminal = stream.isatty() if terminal is None else terminal
        self.console = Console(file=stream, force_terminal=terminal, no_color=None if terminal else True)
        self.live = terminal and not self.console.is_dumb_terminal
        self.alive: Callable[[], None] = lambda: None
        self._beat = beat
        self._began = time.monotonic()

    def line(self, text: str = "", style: str = "") -> None:
        """One line, as it is."""
        self.console.print(Text(text, style=style), soft_wrap=not self.live, highlight=False)

    def chapter(self, title: str, explanation: str) -> None:
        """What comes next, and why."""
        self.line()
        self.line(title, "bold")
        self.line(explanation)

    def command(self, text: str) -> None:
        """What is done, as a person would type it."""
        for line in text.splitlines():
            self.line(f"  $ {line}" if not line.startswith(" ") else f"    {line}", "cyan")

    def proof(self, source: str, text: str) -> None:
        """What `source` says of it: service, status or log."""
        label = Text(f"  {source:<8}", style="bold green")
        grid = Table.grid(padding=(0, 1))
        grid.add_row(label, Text(text))
        if self.live:
            self.console.print(grid)
        else:
            self.line(f"  {source:<8} {text}")

    def table(self, rows: Iterable[Row]) -> None:
        """The objects as they are."""
        if self.live:
            self.console.print(_table(rows))
            return
        for row in rows:
            self.line(_plain(row))

    def pairs(self, rows: Sequence[tuple[str, str]]) -> None:
        """Names and values."""
        width = max(len(name) for name, _ in rows)
        for name, value in rows:
            self.line(f"  {name:<{width}}  {value}")

    @contextmanager
    def working(self, what: str) -> Iterator[None]:
        """Something that takes a while and can't tell how far it is."""
        if self.live:
            with self.console.status(escape(what)):
                yield
        else:
            done = threading.Event()
            beat = threading.Thread(target=self._beats, args=(what, done), daemon=True)
            self.line(f"{what} ...")
            beat.start()
            try:
                yield
            finally:
                done.set()
                beat.join()
        self.line(f"{what}: done [{self.elapsed}]", "dim")

    @contextmanager
    def progress(self) -> Iterator[Callable[[str], None]]:
        """For something that tells how far it is."""
        with narrated(self.console) as progress:
            yield progress

    def wait(
        self,
        what: str,
        condition: Callable[[], T | None],
        rows: Callable[[], list[Row]] | None = None,
        patience: float = PATIENCE,
    ) -> T:
        """The first true value of `condition`; with `rows`, the table of them meanwhile and at the end.

        Raises DemoError where there is none within `patience` seconds.
        """
        shown = _LiveView(self, what, rows) if self.live else _LineView(self, what, rows, self._beat)

        def meanwhile(seconds: float) -> None:
            shown.update(seconds)
            self.alive()

        with shown:
            return until(what, condition, patience, meanwhile)

    @property
    def elapsed(self) -> str:
        """Time since the start, such as `12 s`."""
        return f"{time.monotonic() - self._began:.0f} s"

    def _beats(self, what: str, done: threading.Event) -> None:
        began = time.monotonic()
        while not done.wait(self._beat):
            self.line(f"  still: {what} ({time.monotonic() - began:.0f} s)")


class _LiveView:
    """A table and a spinner that change in place; of the spinner nothing stays."""

    def __init__(self, screen: Screen, what: str, rows: Callable[[], list[Row]] | None) -> None:
        self._rows = rows
        self._spinner = Spinner("dots", what)
        self._what = what
        self._parts: list[RenderableType] = []
        self._live = Live(console=screen.console, refresh_per_second=10, transient=rows is None)

    def __enter__(self) -> None:
        self._live.start()

    def __exit__(self, *_: object) -> None:
        self._live.update(Group(*self._parts))
        self._live.stop()

    def update(self, seconds: float) -> None:
        """Show how it is now."""
        self._spinner.update(text=f"{self._what} [{seconds:.0f} s]")
        if self._rows is not None:
            self._parts = [_table(self._rows())]
        self._live.update(Group(*self._parts, self._spinner))


class _LineView:
    """A line for each row that changed, and one now and then while nothing does."""

    def __init__(self, screen: Screen, what: str, rows: Callable[[], list[Row]] | None, beat: float) -> None:
        self._screen = screen
        self._what = what
        self._rows = rows
        self._beat = beat
        self._seen: dict[tuple[str, str], Row] = {}
        self._spoken = 0.0

    def __enter__(self) -> None:
        self._screen.line(f"  {self._what} ...")

    def __exit__(self, *_: object) -> None:
        return

    def update(self, seconds: float) -> None:
        """Say what changed."""
        for row in self._rows() if self._rows is not None else ():
            if self._seen.get((row.kind, row.name)) != row:
                self._seen[row.kind, row.name] = row
                self._screen.line(f"  {_plain(row)}")
                self._spoken = seconds
        if seconds - self._spoken >= self._beat:
            self._screen.line(f"  {self._what} ... [{seconds:.0f} s]")
            self._spoken = seconds


def _table(rows: Iterable[Row]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for name in ("KIND", "NAME", "READY", "REASON", "IN AZURE"):
        table.add_column(name, no_wrap=True)
    table.add_column("MESSAGE", overflow="ellipsis", no_wrap=True, ratio=1)
    for row in rows:
        ready = Text(row.ready, style=_STYLES.get(row.ready, "dim"))
        table.add_row(row.kind, Text(row.name), ready, row.reason, row.azure, Text(row.message))
    return table


def _plain(row: Row) -> str:
    return f"{row.kind}/{row.name}: Ready={row.ready} {row.reason}, in Azure: {row.azure} ({row.message})"
