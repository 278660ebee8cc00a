"""The table of docs/migrating-from-v2.md, made from the code: each entity set, what is read of it, its rule, its tests.

`AMS_UPDATE_DOCS=1` writes it anew.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from ams_operator.migration.entities import SETS, How
from ams_operator.migration.verdicts import RULES

ROOT: Final = Path(__file__).parents[2]
DOCUMENT: Final = ROOT / "docs" / "migrating-from-v2.md"
BEGIN: Final = "<!-- begin: made by tests/migration/coverage.py -->"
END: Final = "<!-- end -->"
_TESTS: Final = ("test_mapping.py", "test_protection.py", "test_combinations.py", "test_presets.py")
_READ: Final = {
    How.ROWS: "each row",
    How.COUNT: "only counted",
    How.BELOW: "below each of",
    How.LINKS: "links of published",
}


def table() -> str:
    """The rows, one for each entity set."""
    lines = ["| entity set | fields that are read | how | rule | tested in |", "|---|---|---|---|---|"]
    for one in SETS.values():
        how = f"{_READ[one.how]} `{one.parent}`" if one.parent else _READ[one.how]
        rule = RULES[one.name]
        where = f"{rule.__module__.rpartition('.')[2]}.{rule.__name__}"
        fields = ", ".join(f"`{name}`" for name in one.fields)
        reduced = "; what is secret in them is dropped on arrival" if one.reduce else ""
        lines.append(f"| `{one.name}` | {fields}{reduced} | {how} | `{where}` | {', '.join(tests(one.name))} |")
    return "\n".join(lines)


def tests(name: str) -> list[str]:
    """The files that judge rows of a set by name."""
    found = []
    for file in _TESTS:
        text = (ROOT / "tests" / "migration" / file).read_text(encoding="utf-8")
        if re.search(rf'"{name}"', text):
            found.append(f"`{file}`")
    return found or ["`test_inventory.py`"]


def written() -> str:
    """The table as the document has it."""
    return DOCUMENT.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0].strip()


def write() -> None:
    """Bring the document up to date."""
    head, _, rest = DOCUMENT.read_text(encoding="utf-8").partition(BEGIN)
    tail = rest.partition(END)[2]
    DOCUMENT.write_text(f"{head}{BEGIN}\n{table()}\n{END}{tail}", encoding="utf-8")
