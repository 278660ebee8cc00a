"""Every fault at every port call, alone and together with what others do meanwhile: nothing may be lost or doubled.

Each commit runs every fault alone and a part of the rest; AMS_CRASH=full, which CI sets, runs a much larger part. What
no rule can close is counted apart and printed.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator

import pytest
from tests.crash.history import Prepared, Scenario, faults, product
from tests.crash.lab import Lab
from tests.crash.scenarios import EVENTS, INTERFERENCES, TRANSFORMS

STEP = 7 if os.environ.get("AMS_CRASH") == "full" else 61
"""of the histories with interference, each so many-th is run"""
SCENARIOS = (*TRANSFORMS, *EVENTS)


@pytest.fixture(scope="module")
def lab() -> Lab:
    return Lab()


@pytest.fixture(scope="module")
def inherent() -> Iterator[Counter[str]]:
    """The windows that no rule can close, printed at the end."""
    found: Counter[str] = Counter()
    yield found
    for what, count in found.most_common():
        print(f"inherent: {count} x {what}")


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_every_fault_alone(lab: Lab, scenario: Scenario, inherent: Counter[str]) -> None:
    prepared = Prepared.of(lab, scenario)
    bad = []
    for fault, number in faults(prepared.run().calls):
        result = prepared.run(fault, number)
        inherent.update(result.inherent)
        bad += [f"{result.name}: {violation}" for violation in result.violations]
    assert not bad, "\n".join(bad[:10])


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_faults_while_others_interfere(lab: Lab, scenario: Scenario, inherent: Counter[str]) -> None:
    prepared = Prepared.of(lab, scenario)
    fitting = tuple(one for one in INTERFERENCES if scenario.kind in one.kinds)
    bad = []
    for number, history in enumerate(product(prepared, fitting)):
        if number % STEP:
            continue
        result = history()
        inherent.update(result.inherent)
        bad += [f"{result.name}: {violation}" for violation in result.violations]
    assert not bad, "\n".join(bad[:10])
