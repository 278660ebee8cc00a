"""A pytest plugin: how many crash histories were run, and what of them no rule can close, at the end of a test run.

Each test's counts travel with its report, so that they arrive from the workers of a parallel run, too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final

import pytest

HISTORIES: Final = "crash histories"
WINDOW: Final = "inherent: "


def properties(count: int, inherent: Counter[str]) -> Iterable[tuple[str, int]]:
    """What a test's report has to carry."""
    yield HISTORIES, count
    for what, times in inherent.items():
        yield WINDOW + what, times


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Prints nothing where no history was run."""
    found: Counter[str] = Counter()
    for reports in terminalreporter.stats.values():
        for report in reports:
            if getattr(report, "when", "") == "teardown":
                found.update(dict(one for one in report.user_properties if _ours(one[0])))
    histories = found.pop(HISTORIES, 0)
    if histories:
        terminalreporter.section(f"{histories} crash histories; windows that no rule can close", sep="-")
        for what, count in found.most_common():
            terminalreporter.line(f"{count:8} x {what.removeprefix(WINDOW)}")


def _ours(name: str) -> bool:
    return name == HISTORIES or name.startswith(WINDOW)
