"""Just enough Markdown to check what the documents promise."""

from __future__ import annotations

import re
from pathlib import Path

_FENCE = re.compile(r"^[ ]*```.*?^[ ]*```[ ]*$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[[^\]\n]*\]\(([^)\s]+)\)")


def documents(root: Path) -> list[Path]:
    """Every document for readers."""
    return sorted([*root.glob("*.md"), *root.glob("docs/*.md")])


def links(text: str) -> list[str]:
    """Targets of links outside of code."""
    return _LINK.findall(_FENCE.sub("", text))


def anchors(text: str) -> set[str]:
    """The anchors of its headings, as GitHub makes them."""
    found = re.findall(r"^#+ (.+)$", _FENCE.sub("", text), re.MULTILINE)
    plain = (re.sub(r"[^\w\- ]", "", heading.replace("`", "").lower()) for heading in found)
    return {heading.strip().replace(" ", "-") for heading in plain}


def blocks(text: str) -> list[str]:
    """The contents of fenced code blocks."""
    return re.findall(r"^[ ]*```[a-z]*\n(.*?)^[ ]*```[ ]*$", text, re.MULTILINE | re.DOTALL)


def rows(text: str) -> list[list[str]]:
    """The cells of every table row, headings and rules included."""
    lines = (line.strip() for line in _FENCE.sub("", text).splitlines())
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines if line.startswith("|")]


def codes(cell: str) -> list[str]:
    """The code spans of a cell."""
    return re.findall(r"`([^`]+)`", cell)
