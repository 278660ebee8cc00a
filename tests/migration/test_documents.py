"""docs/migrating-from-v2.md says what the code does."""

from __future__ import annotations

import os

from tests.migration import condition_tables, coverage, hostile

from ams_operator.migration.conditions.judging import STEPS
from ams_operator.migration.gaps import GAPS
from ams_operator.migration.report import build
from ams_operator.migration.report.given import parse


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


def test_every_member_of_a_reports_json_is_listed() -> None:
    report = build.report(parse(hostile.inventory(("news",))))
    text = coverage.DOCUMENT.read_text(encoding="utf-8").partition("### Its JSON")[2].partition("\n## ")[0]
    members = {*report, *report["summary"], *report["steps"][0], *report["steps"][0]["conditions"][0]}
    for name in ("sets", "targets", "gaps", "toDeclare", "blockers", "channels", "benefits", "terminology"):
        members |= set(report[name][0])
    members |= {*report["sets"][0]["verdicts"][0], *report["targets"][0]["rows"][0]}
    assert {name for name in members if f"`{name}`" not in text} == set()


def test_pictures_are_small_and_shown() -> None:
    text = coverage.DOCUMENT.read_text(encoding="utf-8")
    images = sorted((coverage.DOCUMENT.parent / "images").iterdir())
    assert images
    for path in images:
        assert path.read_bytes().startswith(b"\x89PNG")
        assert path.stat().st_size < 300_000
        assert f"images/{path.name}" in text
