"""docs/v2-mapping.md, made from the code: what becomes of each field, value and trap, and which test shows it.

`AMS_UPDATE_DOCS=1` writes it anew.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final

from tests.migration import coverage_shown as shown
from tests.migration.coverage_enums import ENUMERATIONS, Enumeration
from tests.migration.coverage_probe import effects, judge, members, outcome
from tests.migration.coverage_reasons import UNASKED, reasons, stated
from tests.migration.coverage_traps import TRAPS
from tests.migration.coverage_words import WORDS

from ams_operator.migration.entities import SETS
from ams_operator.migration.verdicts import RULES

DOCUMENT: Final = shown.TESTS.parent / "docs" / "v2-mapping.md"
_HEAD: Final = """# What becomes of each field of version 2

Made from the code by `tests/migration/coverage_page.py`; `AMS_UPDATE_DOCS=1` writes it anew. Nobody writes down what
becomes of a field: rows that differ in that field alone are judged, and what is said of them differently stands here.
Where nothing is, the reason is given. A test holds that each field, each value and each trap has tests, and that these
exist.

Verdicts and gaps are those of [migrating-from-v2.md](migrating-from-v2.md). `/a/b` is a member of what takes an
entity's place, as the v3 API takes it; *verdict* lists those that a field can lead to. Tests are in `tests/migration`.
"""


def text() -> str:
    """The whole document."""
    asked = {name: members(name) for name in SETS}
    fields, unasked = sum(map(len, asked.values())), sum(map(len, UNASKED.values()))
    lines = [
        _HEAD,
        f"{fields} fields of {len(asked)} entity sets are read and {unasked} are not. There are {len(ENUMERATIONS)}\n"
        f"enumerations of entities and {len(WORDS)} inside of templates and recipes, {_count()} values in all, and\n"
        f"{len(TRAPS)} traps.\n",
        "## Fields\n",
    ]
    for name, paths in asked.items():
        rule = RULES[name]
        lines += [f"### {name}\n", f"Judged by `{rule.__module__.rpartition('.')[2]}.{rule.__name__}`.\n"]
        lines += ["| field | what becomes of it | shown by |", "|---|---|---|"]
        lines += [f"| `{path}` | {field(name, path)} | {_tests(shown.of_field(name, path))} |" for path in paths]
        lines.append("")
    lines += ["## Fields that are not asked for\n", "| entity set | field | why | shown by |", "|---|---|---|---|"]
    lines += list(_unasked())
    lines += ["", "## Enumerations\n", "| enumeration | value | what becomes of it | shown by |", "|---|---|---|---|"]
    for one in (*ENUMERATIONS, *WORDS):
        lines += list(_values(one))
    lines += ["", "## Traps\n", "| what surprises | shown by |", "|---|---|"]
    lines += [f"| {trap} | {_tests(list(tests))} |" for trap, tests in TRAPS.items()]
    return "\n".join(lines) + "\n"


def _count() -> int:
    return sum(len(one.values) for one in (*ENUMERATIONS, *WORDS))


def field(name: str, path: str) -> str:
    """What becomes of a field, as the code says."""
    why = stated(name, path)
    return "; ".join([*effects(name, path), *reasons(name, path), *([why] if why else [])]).replace("|", "\\|")


def _unasked() -> Iterator[str]:
    for name, some in UNASKED.items():
        for why in dict.fromkeys(some.values()):
            fields = ", ".join(f"`{path}`" for path, reason in some.items() if reason == why)
            yield f"| `{name}` | {fields} | {why} | {_tests([shown.UNASKED_FOR])} |"


def _values(one: Enumeration) -> Iterator[str]:
    why = UNASKED.get(one.of, {}).get(one.path)
    among = [] if why else [judge(one.of, one.made(value), one.world()) for value in one.values]
    tests = _tests(shown.of_value(one))
    for place, (value, name) in enumerate(one.values.items()):
        told = f"not asked for: {why}" if why else outcome(one.of, one.made(value), one.world(), among)
        label = f"`{json.dumps(value)}` {name}" if value != name else f"`{value}`"
        title, tested = (f"`{one.title}`", tests) if place == 0 else ("", "")
        told = told.replace("|", "\\|")
        yield f"| {title} | {label} | {told} | {tested} |"


def _tests(names: list[str]) -> str:
    return "<br>".join(f"`{name}`" for name in names).replace("migration/", "")


def write() -> None:
    """Bring the document up to date."""
    DOCUMENT.write_text(text(), encoding="utf-8")
