"""docs/v2-mapping.md is what the code does, and nothing in it is without a test."""

from __future__ import annotations

import os

from tests.migration import coverage_page, coverage_shown
from tests.migration.coverage_enums import ENUMERATIONS
from tests.migration.coverage_probe import members
from tests.migration.coverage_traps import TRAPS
from tests.migration.coverage_words import WORDS

from ams_operator.migration.entities import SETS
from ams_operator.migration.mapping import encoding
from ams_operator.migration.report import words

FIELDS = [(name, path) for name in SETS for path in members(name)]


def test_the_page_is_what_the_code_does() -> None:
    if os.environ.get("AMS_UPDATE_DOCS"):
        coverage_page.write()
    written = coverage_page.DOCUMENT.read_text(encoding="utf-8")
    assert written == coverage_page.text(), "AMS_UPDATE_DOCS=1 writes it anew"


def test_every_field_that_is_read_is_on_it() -> None:
    """Or its parts are."""
    there = {(name, path.partition(".")[0].removesuffix("[]")) for name, path in FIELDS}
    assert {(name, field) for name, one in SETS.items() for field in one.fields} == there


def test_every_field_value_and_trap_has_a_test() -> None:
    assert [f"{name}.{path}" for name, path in FIELDS if not coverage_shown.of_field(name, path)] == []
    assert [one.title for one in (*ENUMERATIONS, *WORDS) if not coverage_shown.of_value(one)] == []
    assert [trap for trap, tests in TRAPS.items() if not tests] == []


def test_every_test_on_it_exists() -> None:
    named = {test for name, path in FIELDS for test in coverage_shown.of_field(name, path)}
    named |= {test for one in (*ENUMERATIONS, *WORDS) for test in coverage_shown.of_value(one)}
    named |= {test for tests in TRAPS.values() for test in tests} | {coverage_shown.UNASKED_FOR}
    assert [test for test in sorted(named) if not coverage_shown.source(test)] == []


def test_a_test_that_is_named_for_a_field_speaks_of_it() -> None:
    silent = [
        f"{test}: {name}.{path}"
        for name, tests in coverage_shown.SHOWN.items()
        for test, paths in tests.items()
        for path in paths.split()
        if path.rpartition(".")[2] not in coverage_shown.source(test) or (name, path) not in FIELDS
    ]
    assert silent == []


def test_a_test_that_is_named_for_an_enumeration_speaks_of_its_values() -> None:
    """Of most of them: those that name each one stand beside it."""
    each = {one.title: one for one in (*ENUMERATIONS, *WORDS)}
    assert coverage_shown.VALUES.keys() <= each.keys()
    for title, test in coverage_shown.VALUES.items():
        text = coverage_shown.source(test)
        said = [value for value in each[title].values if str(value) in text]
        assert 2 * len(said) >= len(each[title].values), f"{test}: {title}"


def test_enumerations_are_those_of_the_code() -> None:
    """Where the code names values, they are these."""
    each = {one.title: one for one in ENUMERATIONS}
    for (name, path), meanings in words._NUMBERS.items():
        assert meanings.keys() <= each[f"{name}.{path}"].values.keys(), path
    assert tuple(each["Jobs.State"].values.values()) == encoding.STATES
