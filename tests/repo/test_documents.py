"""What the documents say is so."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import CollectorRegistry
from tests.repo import markdown
from tests.repo.conftest import ROOT
from typer.main import get_command

from ams_emulator.fault_examples import EXAMPLES
from ams_operator.api.kinds import KINDS
from ams_operator.api.reasons import Reason
from ams_operator.cli.app import app
from ams_operator.cli.request import VERBS
from ams_operator.metrics import Metrics
from demo.manifests import NAMESPACE

OPERATOR = ROOT / "operator" / "ams_operator"
DOCUMENTS = markdown.documents(ROOT)
LATER = {"docs/performance.md", "docs/reliability.md"}
"""written by `make bench` and `make reliability`; a checkout may be without them until the first run"""


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path) -> None:
    for link in markdown.links(path.read_text(encoding="utf-8")):
        if re.match(r"https?://", link):
            continue
        target, _, anchor = link.partition("#")
        file = (path.parent / target).resolve() if target else path
        if str(file.relative_to(ROOT)) in LATER:
            continue
        assert file.exists(), f"{path.name}: {link}"
        if anchor:
            assert anchor in markdown.anchors(file.read_text(encoding="utf-8")), f"{path.name}: {link}"


def test_every_reason_is_explained_once() -> None:
    named: list[str] = []
    for row in markdown.rows(read("docs/conditions.md")):
        named += [code for code in markdown.codes(row[0]) if code not in ("Ready", "Reconciling", "Stalled", "Synced")]
    assert sorted(named) == sorted(reason.value for reason in Reason)


def test_reasons_in_other_documents_exist() -> None:
    known = {reason.value for reason in Reason}
    for row in markdown.rows(read("docs/troubleshooting.md")):
        for code in markdown.codes(row[0])[:1]:
            if re.fullmatch(r"[A-Z][a-z]+(?:[A-Z][a-z]+)+", code):
                assert code in known


def test_metrics_are_listed() -> None:
    metrics = Metrics(CollectorRegistry(), "1", process=False)
    exposed = {
        f"{family.name}_total" if family.type == "counter" else family.name for family in metrics.registry.collect()
    }
    named = {code for row in markdown.rows(read("docs/operations.md")) for code in markdown.codes(row[0])}
    assert {name for name in named if name.startswith("ams_operator_")} == exposed


def test_options_of_run_are_listed_with_environment_and_default() -> None:
    program: Any = get_command(app)
    run = program.commands["run"]
    table = {codes[0]: row for row in markdown.rows(read("docs/operations.md")) if (codes := markdown.codes(row[0]))}
    options = [parameter for parameter in run.params if parameter.name != "help"]
    assert {option.opts[0] for option in options} == {name for name in table if name.startswith("--")}
    for option in options:
        _, environment, default, _ = table[option.opts[0]]
        envvar = option.envvar
        assert markdown.codes(environment) == ([envvar] if envvar else []), option.name
        if option.default is not None:
            value = getattr(option.default, "value", option.default)
            assert str(value) in default.replace("`", "").replace(";", " ").split(), option.name


def test_requests_are_those_that_the_command_knows() -> None:
    verbs = {codes[0] for row in markdown.rows(read("docs/concepts.md")) if (codes := markdown.codes(row[0]))}
    assert verbs == set(VERBS)


def test_simplest_file_is_the_shipped_one() -> None:
    shipped = list(yaml.safe_load_all(read("examples/simplest.yaml")))
    assert any(
        list(yaml.safe_load_all(block)) == shipped for block in markdown.blocks(read("README.md")) if "kind:" in block
    )


def test_kinds_of_this_version_are_named() -> None:
    text = read("README.md")
    assert [kind.kind for kind in KINDS if f"`{kind.kind}`" not in text] == []


def test_tour_tells_the_demos_story() -> None:
    begin, end = "<!-- tour: begin", "<!-- tour: end -->"
    text = read("README.md")
    tour = text[text.index(begin) : text.index(end)]
    story = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "demo").glob("*.py"))
    titles = [line for line in tour.splitlines() if re.match(r"\d+\. |Manifests ", line)]
    told = re.findall(r'chapter\(\s*"((?:\d+\. |Manifests )[^"]+)"', story)
    assert sorted(titles) == sorted(told)
    assert set(re.findall(r"(?:kubectl|request) .*? ?-n (\S+)", tour)) == {NAMESPACE}


def test_faults_are_shown_as_the_emulator_prints_them() -> None:
    text = read("docs/emulator.md")
    for example in EXAMPLES:
        assert f"# {example.body['action']['type']}: {example.says}\n{json.dumps(example.body)}\n" in text


def test_targets_named_in_documents_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", read("Makefile"), re.MULTILINE))
    for path in [*DOCUMENTS, ROOT / ".ci" / "run"]:
        text = path.read_text(encoding="utf-8")
        named = set(re.findall(r"(?:`|^|step )make ([a-z]+)", text, re.MULTILINE))
        assert named <= targets, path.name


def test_names_in_contributing_exist() -> None:
    rows = [row for row in markdown.rows(read("CONTRIBUTING.md")) if len(row) == 3 and row[2].startswith("`")]
    assert len(rows) >= 12
    for row in rows:
        file, _, name = markdown.codes(row[2])[0].partition(":")
        tree = ast.parse((OPERATOR / file).read_text(encoding="utf-8"))
        functions = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
        assert name in functions, row


def test_directories_of_tests_are_listed() -> None:
    named = {code for row in markdown.rows(read("CONTRIBUTING.md")) for code in markdown.codes(row[0])}
    there = {f"tests/{path.name}" for path in (ROOT / "tests").iterdir() if any(path.glob("test_*.py"))}
    assert there <= named, sorted(there - named)


def test_messages_in_troubleshooting_are_said_by_the_product() -> None:
    said = _said()
    unsaid = [
        message
        for row in markdown.rows(read("docs/troubleshooting.md"))
        for message in markdown.codes(row[0])
        if message.count(" ") > 2 and not message.startswith("kubectl")
        for piece in re.split(r"\.\.\.|: |\b[A-Z]{4,}\b(?![_0-9])", message)
        if piece.strip(" '.:") and not any(piece.strip(" '.:") in text for text in said)
    ]
    assert unsaid == []


def _said() -> set[str]:
    """Every text that the product may say: strings of its code, and the shipped policies."""
    found: set[str] = {path.read_text(encoding="utf-8") for path in (ROOT / "manifests").glob("admission-*.yaml")}
    for path in OPERATOR.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value)
    return found
