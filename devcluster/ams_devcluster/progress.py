"""Show progress: a spinner on a terminal, plain lines elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape

from ams_devcluster.cache import Progress


@contextmanager
def narrated(console: Console) -> Iterator[Progress]:
    """A `Progress` that shows each line on `console`: in place on a terminal, one below the other elsewhere."""
    if not console.is_terminal:
        yield lambda text: console.print(text, markup=False, highlight=False, soft_wrap=True)
        return
    with console.status("") as status:
        yield lambda text: status.update(escape(text))
