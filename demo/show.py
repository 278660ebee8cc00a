"""All that is printed: colours and a live table on a terminal, plain lines elsewhere; never silent for long."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import MappingProxyType
from typing import Final, TextIO, TypeVar

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.markup import escape
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from ams_devcluster import narrated
from demo.rows import Row
from demo.waiting import PATIENCE, TICK, until

T = TypeVar("T")
BEAT: Final = 5.0
"""Seconds between two lines where there is no spinner."""
_SHORT: Final = MappingProxyType(
    {
        "Asset": "asset",
        "LiveEvent": "liveevent",
        "LiveOutput": "liveoutput",
        "MediaServicesAccount": "account",
        "StreamingEndpoint": "streamingendpoint",
        "Transform": "transform",
    }
)
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
        # Never wrapped, so that it can be copied.
        self.console.print(Text(f"  $ {text}", style="cyan"), soft_wrap=True, highlight=False)

    def proof(self, source: str, text: str) -> None:
        """What `source` says of it: the service, a status, a Secret, people, or who refused."""
        label = Text(f"  {source:<8}", style="bold green")
        grid = Table.grid(padding=(0, 1))
        grid.add_row(label, Text(text))
        if self.live:
            self.console.print(grid)
        else:
            self.line(f"  {source:<8} {text}")

    def counts(self, title: str, counts: Mapping[str, int]) -> None:
        """A sum and what it is made of."""
        self.line(f"  {title:<44}{sum(counts.values()):>5}")
        for name, count in sorted(counts.items()):
            self.line(f"    {name:<42}{count:>5}", "dim")

    @contextmanager
    def working(self, what: str) -> Iterator[None]:
        """Something that takes a while and can't tell how far it is; at its end, what it took."""
        began = time.monotonic()
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
        self.line(f"{what}: done [{time.monotonic() - began:.0f} s]", "dim")

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
            # With a table each look is several requests.
            return until(what, condition, patience, meanwhile, TICK if rows is None else 3 * TICK)

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
        self._console = screen.console
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
            self._parts = [_table(self._rows(), self._console.width)]
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


def _table(rows: Sequence[Row], width: int) -> Table:
    """At most `width` wide: messages are cut, and nothing else, as long as there is room for a word of them."""
    names = ("OBJECT", "READY", "REASON", "IN AZURE")
    cells = [(_object(row), row.ready, row.reason, row.azure) for row in rows]
    widths = [max(len(name), *(len(line[index]) for line in cells), 0) for index, name in enumerate(names)]
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold", pad_edge=False)
    for name, least in zip(names, widths, strict=True):
        table.add_column(name, no_wrap=True, width=least)
    # A width of its own: rich would take what a long message needs from all columns alike.
    table.add_column("MESSAGE", no_wrap=True, overflow="ellipsis", width=max(10, width - sum(widths) - 2 * len(names)))
    for row, (name, ready, reason, azure) in zip(rows, cells, strict=True):
        table.add_row(Text(name), Text(ready, style=_STYLES.get(ready, "dim")), reason, azure, Text(row.message))
    return table


def _plain(row: Row) -> str:
    return f"{_object(row)}: Ready={row.ready} {row.reason}, in Azure: {row.azure} ({row.message})"


def _object(row: Row) -> str:
    return f"{_SHORT.get(row.kind, row.kind)}/{row.name}"
