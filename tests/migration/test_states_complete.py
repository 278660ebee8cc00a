"""Every row of docs/migration-conditions.md is reached from a state of an account in the emulator, and undone again."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Final

import pytest

from .reached import RETIRED, History, Row, Seen, documented, rows

HERE: Final = Path(__file__).parent


def scenes() -> dict[str, frozenset[Row]]:
    """What each test says that it reaches, read without running it: the fixture `seen` holds it to its word, in
    whatever process it runs."""
    found = {}
    for path in sorted(HERE.glob("test_*.py")):
        for one in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(one, ast.AsyncFunctionDef) and (said := _said(one)):
                assert "seen" in [argument.arg for argument in one.args.args], f"nobody holds {one.name} to its word"
                found[f"{path.stem}.{one.name}"] = rows(said)
    return found


def _said(scene: ast.AsyncFunctionDef) -> list[str]:
    marks = [one for one in scene.decorator_list if isinstance(one, ast.Call) and ast.unparse(one.func) == "reaches"]
    return [ast.literal_eval(argument) for one in marks for argument in one.args]


def test_every_row_is_reached_and_undone() -> None:
    said = frozenset[Row]().union(*scenes().values())
    assert sorted(documented() - said) == [], "no scene shows these"
    assert sorted(said - documented()) == [], "no such rows"


def test_a_scene_is_held_to_its_word() -> None:
    seen = Seen()
    history = seen.history()
    good, bad = ("True", "TransformsReady"), ("False", "TransformMissing")
    for status, reason in (good, bad):
        history.add("EncodingMigrated", status, reason)
    word = rows(["ENCODING False TransformMissing"])
    with pytest.raises(AssertionError, match="not undone"):
        seen.check(word)
    history.add("EncodingMigrated", *good)
    seen.check(word)
    with pytest.raises(AssertionError, match="not reached"):
        seen.check(rows(["ENCODING False PresetUnmapped"]))
    history.add("EncodingMigrated", "True", "TransformMissing")
    with pytest.raises(AssertionError, match="in no row"):
        seen.check(word)


def test_retired_is_as_it_was_of_every_condition() -> None:
    history = History()
    kinds = sorted({kind for kind, _, _ in documented()} - {"every one"})
    for kind in kinds:
        for reason in ("Reachable", RETIRED, "Reachable"):
            history.add(kind, "True", reason)
    assert rows([RETIRED]) <= history.undone()
    del history.said[kinds[0]]
    assert not rows([RETIRED]) & history.undone()
