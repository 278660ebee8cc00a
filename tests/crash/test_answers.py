"""What only answers that nobody wants can show: rules about 429, 5xx, 409, 401 and 403, and about what the API server
does not take. `test_histories.py` plays them at every call.
"""

from __future__ import annotations

import pytest
from tests.crash import mutants_of_answers as mutants
from tests.crash.faults import ANSWERS, STATUSES, Fault, answered, answers_at, silent_at
from tests.crash.history import Prepared
from tests.crash.lab import Lab
from tests.crash.mutants import Mutant
from tests.crash.product import Product
from tests.crash.scenarios import SCENARIOS

from ams_operator.domain.answers import PortError

ONLY_BY_ANSWERS: dict[Mutant, tuple[str, str]] = {
    mutants.errors_say_that_nothing_was_done: ("create", "record: what is ours is forgotten"),
    mutants.what_is_not_shown_is_not_there: ("delete", "I6: orphan transform/one"),
    mutants.rights_and_rates_are_refusals: ("create", "truth: one: rests as Refused, and nothing is there"),
    mutants.refused_notes_count: ("update", "note: patch is not what was noted"),
}
"""each mutant, with the scenario that notices it, and how"""


@pytest.mark.parametrize("mutant", ONLY_BY_ANSWERS, ids=lambda mutant: mutant.__name__)
def test_a_rule_that_only_answers_need_is_noticed_by_them(mutant: Mutant, monkeypatch: pytest.MonkeyPatch) -> None:
    name, violation = ONLY_BY_ANSWERS[mutant]
    scenario = next(one for one in SCENARIOS if one.name == name)
    mutant(monkeypatch)
    product = Product(scenario, Prepared.of(Lab(), scenario))
    assert [result.violations for result in product.each() if result.violations] == []
    assert violation in {found for history in product.answered() for found in history().violations}


def test_every_answer_can_come() -> None:
    calls = ("get", "list", "put", "status")
    assert {fault for call in calls for fault in answers_at(call)} == ANSWERS
    assert {fault for call in calls for fault in silent_at(call)} == set(Fault) - ANSWERS


@pytest.mark.parametrize("fault", STATUSES)
def test_a_list_that_is_refused_has_no_page(fault: Fault) -> None:
    with pytest.raises(PortError):
        answered(fault, "list", 0.0, "")
    answer = answered(fault, "get", 0.0, "")
    assert (answer.status, answer.retry_after is not None) == (STATUSES[fault], fault is Fault.THROTTLED)
