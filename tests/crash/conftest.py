"""What the crash tests share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from tests.crash.history import Result
from tests.crash.lab import Lab
from tests.crash.product import Product
from tests.crash.scenarios import SCENARIOS
from tests.crash.summary import properties


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
    found = Tally()
    yield found
    for what, count in properties(found.count, found.inherent):
        record_property(what, count)  # type: ignore[operator]  # pytest types its own fixture as a request
