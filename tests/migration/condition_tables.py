"""The table of docs/migration-conditions.md, made from the code: each reason of each condition, and what it means.

`AMS_UPDATE_DOCS=1` writes it anew.
"""

from __future__ import annotations

import ast
import inspect
from enum import StrEnum
from pathlib import Path
from typing import Final

from tests.migration.accounts import done, said
from tests.migration.test_conditions import CASES

from ams_operator.migration.conditions import Type
from ams_operator.migration.conditions.finding import FALSE, TRUE, UNKNOWN
from ams_operator.migration.conditions.reasons import Why
from ams_operator.migration.trouble import Access

DOCUMENT: Final = Path(__file__).parents[2] / "docs" / "migration-conditions.md"
BEGIN: Final = "<!-- begin: made by tests/migration/condition_tables.py -->"
END: Final = "<!-- end -->"
_ORDER: Final = (TRUE, FALSE, UNKNOWN)
ALWAYS: Final = (("V2Retired", "as it was"),)


def meanings() -> dict[str, str]:
    """Reason to what it means: the text below each member."""
    return {**_texts(Access), **_texts(Why)}


def _texts(reasons: type[StrEnum]) -> dict[str, str]:
    (found,) = ast.parse(inspect.getsource(reasons)).body
    assert isinstance(found, ast.ClassDef)
    texts: dict[str, str] = {}
    for member, below in zip(found.body, found.body[1:], strict=False):
        if isinstance(member, ast.Assign) and isinstance(below, ast.Expr):
            assert isinstance(member.value, ast.Constant)
            assert isinstance(below.value, ast.Constant)
            texts[str(member.value.value)] = " ".join(str(below.value.value).split())
    return texts


def table() -> str:
    """The rows, one for each reason of each condition, in the order of judgement's outcome."""
    reached = {(str(kind), status, str(reason)) for _, kind, status, reason in CASES.values()}
    reached |= {(one.type, one.status, str(one.reason)) for one in said(done()).values()}
    lines = ["| condition | status | reason | meaning |", "|---|---|---|---|"]
    texts = meanings()
    for kind in Type:
        for status in _ORDER:
            reasons = sorted(reason for one, state, reason in reached if (one, state) == (kind, status))
            lines += [f"| `{kind}` | {status} | `{reason}` | {texts[reason]} |" for reason in reasons]
    lines += [f"| every one | {status} | `{reason}` | {texts[reason]} |" for reason, status in ALWAYS]
    return "\n".join(lines)


def written() -> str:
    """The table as the document has it."""
    return DOCUMENT.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0].strip()


def write() -> None:
    """Bring the document up to date."""
    head, _, rest = DOCUMENT.read_text(encoding="utf-8").partition(BEGIN)
    DOCUMENT.write_text(f"{head}{BEGIN}\n{table()}\n{END}{rest.partition(END)[2]}", encoding="utf-8")
