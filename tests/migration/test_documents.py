"""docs/migrating-from-v2.md says what the code does."""

from __future__ import annotations

import os

from tests.migration import coverage

from ams_operator.migration.gaps import GAPS


def test_table_of_entities_is_that_of_the_code() -> None:
    if os.environ.get("AMS_UPDATE_DOCS"):
        coverage.write()
    assert coverage.written() == coverage.table(), "AMS_UPDATE_DOCS=1 writes it anew"


def test_every_gap_is_listed() -> None:
    text = coverage.DOCUMENT.read_text(encoding="utf-8")
    assert [one for one in GAPS if f"| `{one}` |" not in text] == []
