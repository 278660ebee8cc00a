"""What evidence is, and what most operations share of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["recorded", "documented", "guessed", "later"]


@dataclass(frozen=True)
class Evidence:
    """What is known about one operation."""

    level: Level
    source: str
    guesses: tuple[str, ...] = ()


BODY = ("body.unknown-member", "durations.spelling", "errors.codes")
EVERYWHERE = ("api-version.missing", "api-version.unknown", "group.missing")
BELOW = ("parent.missing", *EVERYWHERE)
WRITE = (*BODY, "state.refused", "parent.in-progress", *BELOW)
DOCUMENTS = ("api-version.missing", "api-version.unknown")
CLI = "recordings of the Azure CLI"
NET = "recordings of the .NET client"
DOCS = "API description and documentation"
