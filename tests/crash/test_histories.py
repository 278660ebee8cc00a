"""Every fault at every port call, alone and together with what others do meanwhile: nothing may be lost or doubled.

Each commit runs every fault that leaves a call without an answer alone, and a part of the rest: of the answers that
nobody wants (429, 5xx, 409, 401, 403; conflicts and refusals of the API server), and of all that others do meanwhile.
AMS_CRASH=full, which CI sets, plays every such answer alone, and the whole product with others for transforms and
accounts, and each so many-th history of it, by the scenario's stride, of assets and of what is on air.
"""

from __future__ import annotations

import itertools
import os

import pytest
from tests.crash.conftest import Tally
from tests.crash.interferences import INTERFERENCES
from tests.crash.product import Product
from tests.crash.scenarios import SCENARIOS
from tests.crash.tell import again

FULL = os.environ.get("AMS_CRASH") == "full"
SAMPLE = 499
"""of the histories with interference, each so many-th is run on each commit; a prime, so that it hits all places"""
PART = 1 if FULL else 5
"""of the answers that nobody wants, each so many-th comes; it shares no factor with how many a read can have"""
NAMES = [scenario.name for scenario in SCENARIOS]
FOUND = (
    "two objects, one deleted | no answer, and its effect comes 59 s later at 4 | user observes at 20",
    "two objects at once, one name | crash before it at 2 | user observes at 5",
    "two objects at once, one name | it never leaves at 1 | user observes at 8",
    "two accounts at once, one id | its answer is lost at 2 | user observes at 14",
    "drift behind a stale LIST | its answer is lost at 5 | user observes at 8",
    "account: delete with what lies in it | crash after it at 2 | user observes at 7",
    "event: stopped outside | no answer, and its effect comes 3 s later at 6 | started outside at 3",
    "recording: begin | no answer, and its effect comes 59 s later at 5 | user observes at 13",
    "recording: begin with its event | no answer, and its effect comes 3 s later at 27 | copy restored at 26",
    "recording: a second one in its asset | no fault at 0 | user deletes at 1",
    "recording: event stops while it begins | its answer is lost at 16 | Secret is rotated at 5",
    "most of an account differ for another version, half seen | its answer is lost at 11 | user lets go at 8",
)
"""histories that found something once"""


@pytest.mark.parametrize("name", NAMES)
def test_every_fault_alone(products: dict[str, Product], name: str, tally: Tally) -> None:
    for _, _, result in products[name].alone:
        tally.add(result)
    assert not tally.bad


@pytest.mark.parametrize("name", NAMES)
def test_faults_while_others_interfere(products: dict[str, Product], name: str, tally: Tally) -> None:
    product = products[name]
    stride = product.scenario.stride
    step = stride if FULL else max(SAMPLE, 5 * stride)
    for history in itertools.islice(product.disturbed(INTERFERENCES), None, None, step):
        tally.add(history())
    assert not tally.bad


@pytest.mark.parametrize("name", NAMES)
def test_every_answer_that_nobody_wants(products: dict[str, Product], name: str, tally: Tally) -> None:
    for history in itertools.islice(products[name].answered(), None, None, PART):
        tally.add(history())
    assert not tally.bad


@pytest.mark.parametrize("name", FOUND)
def test_what_was_found_once(name: str) -> None:
    assert again(name).violations == ()
