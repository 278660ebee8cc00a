"""`spec.migration` as the conditions take it: what absence means is filled in."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from ams_operator.api.durations import parse_interval, parse_iso8601
from ams_operator.api.migration import LONGEST_SPAN, LocatorPolicy, MigrationSpec
from ams_operator.domain.ids import instant
from ams_operator.migration.inputs import Acknowledgement, Config, Units

INVENTORY_INTERVAL: Final = "1h"
SHORTEST: Final = 60.0
"""seconds; admission asks for as much"""
QUIET_PERIOD: Final = "P7D"
LOOKBACK: Final = "P90D"


def _span(name: str, text: str) -> float:
    try:
        seconds = parse_iso8601(text).total_seconds()
    except OverflowError:
        seconds = LONGEST_SPAN + 1.0
    if int(seconds) > LONGEST_SPAN:  # parts of one don't count, as at admission
        raise ValueError(f"spec.migration.{name}: {text} is more than ten years, which nobody can look back on")
    return seconds


def config(spec: MigrationSpec | None, *, same: bool) -> Config:
    """`same`: the target is the source itself. Raises ValueError for what admission would have refused."""
    found = spec or MigrationSpec()
    freeze = instant(found.freeze_jobs_after) if found.freeze_jobs_after else None
    if found.freeze_jobs_after and freeze is None:
        raise ValueError("spec.migration.freezeJobsAfter: there is no such time")
    scenarios = found.scenarios.model_dump(exclude_none=True) if found.scenarios else {}
    units = found.reserved_units
    return Config(
        quiet=_span("quietPeriod", found.quiet_period or QUIET_PERIOD),
        lookback=_span("lookback", found.lookback or LOOKBACK),
        freeze=freeze.timestamp() if freeze else None,
        not_used=frozenset(scenarios),
        republish=not same or found.locators is LocatorPolicy.REPUBLISH,
        retired=frozenset(one.lower() for one in found.retired or ()),
        acknowledged=MappingProxyType(
            {one.id: Acknowledgement(one.id, one.reason, one.evidence_hash or "")
             for one in found.acknowledged_gaps or ()}
        ),
        declared=MappingProxyType(
            {one.id: Acknowledgement(one.id, one.reason, one.answer.value) for one in found.declarations or ()}
        ),
        units=Units(units.type.value, units.count) if units else None,
        verified_by=found.licenses_verified_by or "",
        inventory_every=max(SHORTEST, parse_interval(found.inventory_interval or INVENTORY_INTERVAL).total_seconds()),
    )  # fmt: skip
