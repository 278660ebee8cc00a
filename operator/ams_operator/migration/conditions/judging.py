"""All conditions at once, and the guide's four steps that they belong to."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from ams_operator.migration.conditions import access
from ams_operator.migration.conditions.finding import TRUE, Finding, Step, Type
from ams_operator.migration.inputs import Inputs

_RULES: Final[tuple[Callable[[Inputs], Finding], ...]] = (access.version_2, access.inventory)
STEPS: Final = (
    ("benefits", "What there is, and what version 3 adds", (Type.ACCESS, Type.INVENTORY)),
    ("differences", "What is different", (Type.GAPS,)),
    ("setup", "Access to version 3", (Type.TARGET,)),
    (
        "scenarios",
        "Scenario by scenario",
        (Type.JOBS, Type.ENCODING, Type.LIVE, Type.DELIVERY, Type.PROTECTION, Type.UNITS, Type.COMPLETE),
    ),
)
"""The migration guide's order: benefits, differences and gaps, setup, scenarios."""


def judge(inputs: Inputs) -> list[Finding]:
    """Every condition, in the order of `Type`. Pure: the same inputs give the same findings."""
    return [rule(inputs) for rule in _RULES]


def steps(findings: Iterable[Finding]) -> list[Step]:
    """The findings under the guide's steps."""
    status = {finding.type: finding.status for finding in findings}
    return [
        Step(name, title, tuple(types), sum(status.get(one) == TRUE for one in types), len(types))
        for name, title, types in STEPS
    ]
