"""What the crash tests share, and the count of what no rule can close at the end of every test run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from tests.crash.history import Result
from tests.crash.lab import Lab
from tests.crash.product import Product
from tests.crash.scenarios import SCENARIOS

HISTORIES, WINDOW = "crash histories", "inherent: "


class Products(dict[str, Product]):
    """Products by the names of their scenarios, made when they are first asked for."""

    def __init__(self) -> None:
        super().__init__()
        self._lab = Lab()

    def __missing__(self, name: str) -> Product:
        scenario = next(one for one in SCENARIOS if one.name == name)
        return self.setdefault(name, Product.of(self._lab, scenario))


@dataclass(slots=True)
class Tally:
    """What the histories of one test showed."""

    count: int = 0
    bad: list[str] = field(default_factory=list)
    """the first ten violations, with the names of their histories"""
    inherent: Counter[str] = field(default_factory=Counter)

    def add(self, result: Result) -> None:
        self.count += 1
        self.inherent.update(result.inherent)
        self.bad += [f"{result.name}: {violation}" for violation in result.violations[: 10 - len(self.bad)]]


@pytest.fixture(scope="session")
def products() -> Products:
    return Products()


@pytest.fixture
def tally(record_property: pytest.FixtureRequest) -> Iterator[Tally]:
    """Counts travel with the test's report, so that they arrive from the workers of a parallel run, too."""
    found = Tally()
    yield found
    record_property(HISTORIES, found.count)  # type: ignore[operator]  # pytest types its own fixture as a request
    for what, count in found.inherent.items():
        record_property(WINDOW + what, count)  # type: ignore[operator]  # as above


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What no rule can close, counted."""
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
