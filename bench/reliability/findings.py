"""What is known to go wrong, and what always holds, with the tests that hold it: the YAML files as a section."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import yaml

from bench.tables import prose

FILE: Final = Path(__file__).with_name("findings.yaml")
INVARIANTS: Final = Path(__file__).with_name("invariants.yaml")


@dataclass(frozen=True)
class Finding:
    """One, as the file has it."""

    name: str
    severity: Literal["blocker", "major"]
    title: str
    tests: tuple[str, ...] = ()
    note: str = ""

    def cell(self) -> str:
        """What holds it, or why nothing does."""
        found = "; ".join([f"`{test}`" for test in self.tests] + ([self.note] if self.note else []))
        return found or "not yet"


@dataclass(frozen=True)
class Invariant:
    """One, as its file has it."""

    name: str
    holds: str
    sequences: tuple[str, ...] = ()
    """tests that play sequences, random or all of them"""
    tests: tuple[str, ...] = ()
    note: str = ""

    def cells(self) -> list[str]:
        """As the table shows it."""
        played = "; ".join(f"`{test}`" for test in self.sequences) or "no test"
        others = "; ".join([f"`{test}`" for test in self.tests] + ([self.note] if self.note else []))
        return [self.name, self.holds, played, others]


def invariants() -> list[Invariant]:
    """All of them, in their order. Raises TypeError for a member that there is not."""
    found = yaml.safe_load(INVARIANTS.read_text(encoding="utf-8"))
    return [
        Invariant(**{**one, **{name: tuple(one.get(name, ())) for name in ("sequences", "tests")}}) for one in found
    ]


def read() -> dict[str, Any]:
    """The file."""
    found: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return found


def findings(file: dict[str, Any] | None = None) -> list[Finding]:
    """All of them. Raises TypeError for a member that there is not."""
    return [Finding(**{**one, "tests": tuple(one.get("tests", ()))}) for one in (file or read())["findings"]]


def opened() -> str:
    """The section."""
    file = read()
    rows = [[one["what"], one["why"]] for one in file["open"]]
    windows = [[one["name"], one["why"]] for one in file["windows"]]
    held = [[one.name, one.severity, one.title, one.cell()] for one in findings(file)]
    without = [one.name for one in findings(file) if not one.tests]
    return f"""## What is not closed, and why

{prose(["what", "why, and what is done instead"], rows)}

Windows that the crash histories count apart, all of them between a look of ours and the arrival of a request:

{prose(["window", "why"], windows)}

## What always holds

The invariants that the first survey numbered, each with the tests that play random sequences or all histories against
it, and with others that hold it. What begins a violation of a crash history is its number.

{prose(["invariant", "what holds", "sequences", "beside them"], [one.cells() for one in invariants()])}

## Findings and the tests that hold them

Two surveys, one of reliability (R) and one of Kubernetes (K), came before the code. Each finding that was rated blocker
or major is here with tests of what it asks for. Without a test are {", ".join(without)}.

{prose(["finding", "rated", "in short", "held by"], held)}"""
