"""Time is a port: what decides and what acts asks the clock that it was given, so that tests can move it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.repo.conftest import ROOT

LAYERS = [ROOT / "operator" / "ams_operator" / name for name in ("domain", "engine")]
TELLS = {"now", "utcnow", "today"}
"""what of a date is the machine's; `clock.now` is the port"""
WAITS = {"timeout", "timeout_at", "wait_for", "call_later", "call_at"}


def own_time(tree: ast.AST) -> Iterator[str]:
    """What in a file asks for the machine's time, or waits by it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [alias.name for alias in node.names] + [getattr(node, "module", None) or ""]
            yield from (name for name in names if name.partition(".")[0] in ("time", "sched"))
        if not isinstance(node, ast.Attribute):
            continue
        whose = ast.unparse(node.value)
        if node.attr in TELLS and whose.rpartition(".")[2] in ("datetime", "date"):
            yield f"{whose}.{node.attr}"
        if node.attr in WAITS or (node.attr == "sleep" and not whose.endswith("clock")):
            yield f"{whose}.{node.attr}"


@pytest.mark.parametrize("layer", LAYERS, ids=lambda path: path.name)
def test_neither_decisions_nor_acts_know_the_machines_time(layer: Path) -> None:
    files = sorted(layer.glob("*.py"))
    assert len(files) > 20
    found = {path.name: list(own_time(ast.parse(path.read_text(encoding="utf-8")))) for path in files}
    assert {name: uses for name, uses in found.items() if uses} == {}


@pytest.mark.parametrize(
    "text",
    [
        "import time",
        "from time import monotonic",
        "datetime.now(UTC)",
        "await asyncio.sleep(1)",
        "asyncio.timeout(3)",
        "loop.call_later(1, f)",
    ],
)
def test_each_way_round_it_would_be_noticed(text: str) -> None:
    assert list(own_time(ast.parse(text)))
    assert not list(own_time(ast.parse("engine.clock.now(); await self.engine.clock.sleep(1)")))
