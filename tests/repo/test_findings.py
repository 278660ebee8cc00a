"""What docs/reliability.md and SECURITY.md say is held by a test is held by one that exists."""

from __future__ import annotations

import ast
import re
from functools import cache

from bench.reliability.findings import findings, invariants, opened, read
from tests.repo.conftest import ROOT

TESTS = ROOT / "tests"


@cache
def ids(file: str) -> frozenset[str]:
    """The tests of a file as pytest takes them: functions, classes and the methods of these, and the case of a state
    machine, which is assigned."""
    path, found = TESTS / file, set[str]()
    for node in ast.parse(path.read_text(encoding="utf-8")).body if path.is_file() else ():
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found.add(node.name)
        if isinstance(node, ast.ClassDef) and node.name.startswith("Test"):
            methods = (one.name for one in node.body if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef))
            found |= {f"{node.name}::{name}" for name in methods}
        if isinstance(node, ast.Assign) and ast.unparse(node.value).endswith(".TestCase"):
            found |= {ast.unparse(target) for target in node.targets}
    return frozenset(found)


def exists(test: str) -> bool:
    file, _, name = test.partition("::")
    return name.rpartition("::")[2].lower().startswith("test") and name in ids(file)


def test_each_is_held_or_says_why_not() -> None:
    found, text = findings(), opened()
    assert len({finding.name for finding in found}) == len(found)
    for finding in found:
        assert finding.severity in ("blocker", "major")
        assert finding.tests or finding.note, finding.name
        assert f"| {finding.name} |" in text
    assert [(one.name, test) for one in found for test in one.tests if not exists(test)] == []


def test_each_invariant_is_held() -> None:
    found, text = invariants(), opened()
    assert [one.name for one in found] == [f"I{number}" for number in range(1, 19)]
    for one in found:
        assert one.sequences or one.note, one.name
        assert f"| {one.name} | {one.holds} |" in text
    assert [(one.name, test) for one in found for test in (*one.sequences, *one.tests) if not exists(test)] == []


def test_what_violates_an_invariant_is_called_by_its_number() -> None:
    texts = [path.read_text(encoding="utf-8") for path in (TESTS / "crash").glob("*.py")]
    told = {number for text in texts for rule in re.findall(r'"(I\d+(?:/I\d+)*)"', text) for number in rule.split("/")}
    assert {"I4", "I16"} <= told <= {one.name for one in invariants()}


def test_the_threat_model_names_tests_that_exist() -> None:
    named = re.findall(r"`(\S+?\.py::[\w:]+)`", (ROOT / "SECURITY.md").read_text(encoding="utf-8"))
    assert len(named) > 30
    assert [test for test in named if not exists(test)] == []


def test_a_test_that_is_gone_would_be_noticed() -> None:
    assert not exists("repo/test_findings.py::test_that_is_gone")
    assert not exists("repo/test_gone.py::test_none_is_told_twice")


def test_an_id_without_its_class_would_be_noticed() -> None:
    assert exists("crash/test_reliability.py::TestSoak::test_a_seed_gives_the_same_run")
    assert not exists("crash/test_reliability.py::test_a_seed_gives_the_same_run")


def test_every_window_that_the_harness_counts_has_its_reason() -> None:
    texts = [path.read_text(encoding="utf-8") for path in (TESTS / "crash").glob("*.py")]
    named = [one["name"] for one in read()["windows"]]
    assert [name for name in named if not any(name in text for text in texts)] == []
    counted = set()
    for text in texts:
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "judge":
                counted |= {words for words in _words(node.args[3]) if len(words) > 3}
            if isinstance(node, ast.Subscript) and ast.unparse(node.value).endswith("inherent"):
                counted |= set(_words(node.slice))
    assert len(counted) > 10
    assert [words for words in counted if not any(name in words or words in name for name in named)] == []


def _words(node: ast.expr) -> list[str]:
    """The texts in an argument; of one that is put together its fixed part."""
    found = [one.value for one in ast.walk(node) if isinstance(one, ast.Constant) and isinstance(one.value, str)]
    return [re.sub(r"^\W+|\W+$", "", one) for one in found]
