"""All conditions at once, and the guide's four steps that they belong to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from ams_operator.migration.conditions import access, delivery, gaps, live, protection, units, work
from ams_operator.migration.conditions.access import short_text
from ams_operator.migration.conditions.finding import (
    FALSE,
    TRUE,
    UNKNOWN,
    Finding,
    Step,
    Type,
    blocking,
    message,
    without_next,
)
from ams_operator.migration.conditions.known import channels_missing, jobs_missing, sets_missing
from ams_operator.migration.conditions.reasons import Why
from ams_operator.migration.entities import SETS
from ams_operator.migration.inputs import Inputs
from ams_operator.migration.trouble import UNREADABLE, Access

_RULES: Final[tuple[Callable[[Inputs], Finding], ...]] = (
    access.version_2,
    access.inventory,
    gaps.feature_gaps,
    access.target,
    work.drained,
    work.encoding,
    live.live_streaming,
    delivery.delivery,
    protection.content_protection,
    units.reserved_units,
)
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
_COMPARED: Final = frozenset({Type.INVENTORY, Type.DELIVERY, Type.PROTECTION})
"""what is judged by sets that are compared with version 3, and what says how these are"""
_COUNTED: Final[Mapping[str, str]] = MappingProxyType({Type.DELIVERY: "Locators", Type.PROTECTION: "Combinations"})
"""the set whose rows a condition's figures count"""
_LISTED: Final = _COMPARED | {Type.GAPS, Type.ENCODING}
"""what may be unknown since version 3 gave a list neither to the inventory nor to a look of its own"""
_POLLED: Final[Mapping[str, Callable[[Inputs], list[str]]]] = MappingProxyType(
    {Type.JOBS: jobs_missing, Type.LIVE: channels_missing}
)
"""what is looked at each minute for a condition, and lacks"""


def judge(inputs: Inputs) -> list[Finding]:
    """Every condition, in the order of `Type`. Pure: the same inputs give the same findings."""
    if inputs.retired:
        return _frozen(inputs, Why.V2_RETIRED)
    if inputs.access.reason in UNREADABLE:
        return [access.version_2(inputs), *_frozen(inputs)[1:]]
    found = [_as_of(inputs, _unseen(inputs, rule(inputs))) for rule in _RULES]
    whole = _complete(inputs, found)
    return [*found, replace(whole, completed=whole.status == TRUE or _stays(inputs, found))]


def steps(findings: Iterable[Finding]) -> list[Step]:
    """The findings under the guide's steps."""
    status = {finding.type: finding.status for finding in findings}
    return [
        Step(name, title, tuple(types), sum(status.get(one) == TRUE for one in types), len(types))
        for name, title, types in STEPS
    ]


def _complete(inputs: Inputs, found: Sequence[Finding]) -> Finding:
    """MigrationComplete: all others are True. What was complete stays so when version 2 goes, or can't be read for a
    while: what is unknown then takes nothing back, and what is proved does."""
    done = sum(one.status == TRUE for one in found)
    said = f"{done} of {len(found)} conditions are True"
    access, others = found[0], found[1:]
    if inputs.remembered.complete and access.status != TRUE and all(one.status != FALSE for one in others):
        gone = access.status == FALSE
        told = f"version 2 can't be read {'any more' if gone else 'just now'}; all was done while it could"
        following = "set the annotation ams-operator.dev/v2-source to retired" if gone else ""
        return Finding(Type.COMPLETE, TRUE, Why.COMPLETED_EARLIER, message(told, following=following), done, len(found))
    for status, reason in ((FALSE, Why.CONDITIONS_FALSE), (UNKNOWN, Why.CONDITIONS_UNKNOWN)):
        if names := [one.type for one in found if one.status == status]:
            text = message(said, blocking(names), f"see {names[0]}")
            return Finding(Type.COMPLETE, status, reason, text, done, len(found))
    following = "set the annotation ams-operator.dev/v2-source to retired once version 2 is not needed any more"
    return Finding(Type.COMPLETE, TRUE, Why.COMPLETE, message(said, following=following), done, len(found))


def _unseen(inputs: Inputs, found: Finding) -> Finding:
    """The finding; where a look that is made each minute shows nothing although version 2 answers, it says who knows
    why."""
    seen = inputs.access
    missing = _POLLED[found.type](inputs) if found.type in _POLLED and found.reason == Why.INPUTS_MISSING else []
    if not (missing and seen.reason is Access.REACHABLE and seen.message):
        return found
    return replace(found, message=message(found.message, following=f"see {Type.ACCESS}"))


def _as_of(inputs: Inputs, found: Finding) -> Finding:
    """The finding; where version 3's lists are wanting and what was compared before stands for that, it says so, but
    not of figures that are new."""
    newer = inputs.inventory.alone
    if not inputs.inventory.since or found.type not in _COMPARED or _COUNTED.get(found.type) in newer:
        return found
    but = f", but for {blocking(newer)}" if newer else ""
    why = f" ({short_text(inputs.inventory.notes[-1])})" if inputs.inventory.notes else ""
    return replace(found, message=message(f"{found.message}; as of {inputs.inventory.since}{but}: no newer list{why}"))


def _stays(inputs: Inputs, found: Sequence[Finding]) -> bool:
    """Whether what was complete is only not to be seen: trouble with version 2, or with the target, undoes nothing, and
    nor does a list of version 3 that is wanting, as long as version 2 shows the same. While version 2 is read, what is
    unknown must be so for their sake."""
    status = {one.type: one.status for one in found}
    gone, away = status[Type.ACCESS] != TRUE, status[Type.TARGET] != TRUE and status[Type.INVENTORY] == TRUE
    waiting, alone = inputs.inventory.again, inputs.inventory.alone
    listed = bool(waiting) and not alone and all(map(_by_lists, found))
    away = away or (listed and not sets_missing(inputs, *SETS.keys() - waiting))
    proved = any(one.status == FALSE for one in found if one.type not in (Type.ACCESS, Type.TARGET))
    return inputs.remembered.completed and (gone or away) and not proved


def _by_lists(found: Finding) -> bool:
    """Whether it is not unknown, or may be so for the sake of version 3's lists."""
    if found.status != UNKNOWN or found.type in (Type.INVENTORY, Type.TARGET):
        return True
    return found.type in _LISTED and found.reason == Why.INPUTS_MISSING


def _frozen(inputs: Inputs, reason: Why | None = None) -> list[Finding]:
    """The conditions as they stood when version 2 was asked the last time, with another reason or their own."""
    before = {one["type"]: one for one in inputs.remembered.frozen if one["reason"] not in UNREADABLE}
    found = []
    for kind in Type:
        one = before.get(kind)
        if one is None:
            told = "version 2 was asked no more before this was judged"
            found.append(Finding(kind, UNKNOWN, reason or Why.INPUTS_MISSING, told))
        else:
            told = without_next(one["message"]) if reason is Why.V2_RETIRED else one["message"]
            found.append(Finding(kind, one["status"], reason or one["reason"], told))
    return [
        replace(one, switched=inputs.remembered.switched, completed=inputs.remembered.completed)
        if one.type == Type.LIVE
        else one
        for one in found
    ]
