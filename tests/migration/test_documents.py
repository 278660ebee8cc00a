"""docs/migrating-from-v2.md says what the code does."""

from __future__ import annotations

import os

from tests.migration import condition_tables, coverage

from ams_operator.migration.conditions.judging import STEPS
from ams_operator.migration.gaps import GAPS


def test_table_of_entities_is_that_of_the_code() -> None:
    if os.environ.get("AMS_UPDATE_DOCS"):
        coverage.write()
    assert coverage.written() == coverage.table(), "AMS_UPDATE_DOCS=1 writes it anew"


def test_table_of_reasons_is_that_of_the_code() -> None:
    if os.environ.get("AMS_UPDATE_DOCS"):
        condition_tables.write()
    assert condition_tables.written() == condition_tables.table(), "AMS_UPDATE_DOCS=1 writes it anew"


def test_every_condition_is_in_a_step_and_explained() -> None:
    text = condition_tables.DOCUMENT.read_text(encoding="utf-8")
    for name, _, conditions in STEPS:
        assert f"| `{name}` | {', '.join(f'`{one}`' for one in conditions)} |" in text


def test_every_gap_is_listed() -> None:
    text = coverage.DOCUMENT.read_text(encoding="utf-8")
    assert [one for one in GAPS if f"| `{one}` |" not in text] == []
