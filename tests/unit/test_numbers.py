"""Numbers that rules name. Many tests compute with the product's own, and would go along with any change of them."""

from __future__ import annotations

import pytest

from ams_operator.api import crd
from ams_operator.backends import bodies, budget
from ams_operator.domain import repetition, suspicion, turns
from ams_operator.domain.answers import Lane
from ams_operator.engine import accounts, context, state
from ams_operator.kube import lease

NUMBERS: dict[str, tuple[object, object]] = {
    "a request without an answer is waited for": (state.QUIET, 60.0),
    "what does not stay is done again after": (repetition.PATIENCE, (60.0, 300.0, 900.0, 1800.0)),
    "starts of what does not stay on air, in any hour": (repetition.RESTARTS, 3),
    "one probe of an account in trouble, from": (accounts.FIRST_PAUSE, 10.0),
    "one probe of an account in trouble, to": (accounts.LONGEST_PAUSE, 600.0),
    "trouble that needs somebody": (accounts.PATIENCE, 600.0),
    "a namespace that goes is waited for": (context.NAMESPACE_PATIENCE, 900.0),
    "gone at once, to be doubted": (suspicion.LEAST, 3),
    "requests of a new process before the service says more": (budget.START, 10.0),
    "shares of classes": (dict(turns.SHARES), {Lane.USER: 60, Lane.POLL: 15, Lane.RETRY: 10, Lane.SWEEP: 15}),
    "a Lease lasts, is renewed, and permits writes": ((lease.DURATION, lease.RENEW, lease.WRITE), (10.0, 2.0, 4.0)),
    "the largest answer": (bodies.LARGEST, 32 << 20),
    "the deepest answer": (bodies.DEEPEST, 64),
    "the largest definition, and all of them": ((crd.SIZE_LIMIT, crd.TOTAL_SIZE_LIMIT), (200_000, 600_000)),
}


@pytest.mark.parametrize("what", NUMBERS)
def test_a_rules_number_is_changed_on_purpose_only(what: str) -> None:
    found, expected = NUMBERS[what]
    assert found == expected
