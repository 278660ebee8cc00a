"""Figures as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """The first column to the left, the others to the right."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def prose(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Texts: all columns to the left."""
    return "\n".join(
        "| " + " | ".join(str(cell) for cell in line) + " |" for line in [head, ["---"] * len(head), *rows]
    )


def ms(seconds: float) -> str:
    """Seconds as milliseconds."""
    return f"{seconds * 1000:.2f}"
