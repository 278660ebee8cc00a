"""ReservedUnitsReady: media reserved units are ignored since 17 April 2021, but by two processors."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from ams_operator.migration.conditions.finding import Finding, Score, Stop, Type, judged
from ams_operator.migration.conditions.known import day, lists_missing, readable, sets_missing
from ams_operator.migration.conditions.reasons import Why
from ams_operator.migration.inputs import Inputs, Units
from ams_operator.migration.trouble import Access

IGNORED_SINCE: Final = datetime(2021, 4, 17, tzinfo=UTC).timestamp()
ANALYSIS: Final = Units("S3", 10)
"""what the service advised for analysis"""
LEAST: Final = Units("S1", 1)
_SET: Final = "EncodingReservedUnitTypes"
_TYPES: Final = ("S1", "S2", "S3")
_ANALYZERS: Final = re.compile(r"(Audio|Video)Analyzer|FaceDetector")


def reserved_units(inputs: Inputs) -> Finding:
    """By account and date: who has no version 2, or reads this after that day, needs none but for what obeys them."""
    if inputs.access.fresh(inputs.now) and inputs.access.reason is Access.NO_V2_ENDPOINT:
        told = "an account without version 2 has no reserved units"
        return judged(Type.UNITS, Score(0, 0, "units"), (), (), Why.NOT_NEEDED, told)
    obeyed = _obeyed(inputs)
    wanted = inputs.config.units
    if inputs.now >= IGNORED_SINCE and wanted is None:
        following = "move these processors' work away; or say in spec.migration.reservedUnits what it needs meanwhile"
        stops = [Stop(Why.STILL_OBEYED, tuple(obeyed), following)] if obeyed else []
        told = "reserved units are ignored since 17 April 2021"
        return judged(Type.UNITS, Score(0, 0, "units"), stops, sets_missing(inputs, "Tasks"), Why.NOT_NEEDED, told)
    if wanted is not None:
        return _provisioned(inputs, wanted, ())
    if _analyses(inputs):
        return _provisioned(inputs, ANALYSIS, ())
    return _provisioned(inputs, LEAST, lists_missing(inputs, "Transform"))  # one that analyses would want more


def _provisioned(inputs: Inputs, wanted: Units, unsure: Sequence[str]) -> Finding:
    """`unsure`: what may show that more is wanted."""
    missing = sets_missing(inputs, _SET)
    found = re.fullmatch(r"(\d+) x (S[123])", inputs.inventory.units)
    if missing or found is None:
        return judged(Type.UNITS, Score(0, wanted.count, "units"), (), missing or ["the row of units"], Why.PROVISIONED)
    count, kind = int(found[1]), found[2]
    score = Score(min(count, wanted.count), wanted.count, f"units are there ({count} {kind}, wanted {wanted.type})")
    following = f"set version 2 to {wanted.count} {wanted.type} (az ams account mru set)"
    names = (f"{count} {kind}",)
    reason = None
    if not count:
        reason = Why.NO_UNITS
    elif _TYPES.index(kind) < _TYPES.index(wanted.type):
        reason = Why.WRONG_TYPE
    elif count < wanted.count:
        reason = Why.TOO_FEW
    stops = [Stop(reason, names, following)] if reason else []
    return judged(Type.UNITS, score, stops, unsure, Why.PROVISIONED)


def _obeyed(inputs: Inputs) -> list[str]:
    """Tasks, used within the quiet period, of processors that still obey units."""
    if not readable(inputs, "Tasks"):
        return []
    found = inputs.inventory.tally("Tasks").blockers.get("units-still-obeyed")
    recent = found is not None and (not found.last or found.last >= day(inputs.now - inputs.config.quiet))
    return list(found.samples) if found is not None and recent else []


def _analyses(inputs: Inputs) -> bool:
    """Whether the target has transforms that analyse."""
    outputs = [one for found in inputs.target.items("Transform").values() for one in found.get("outputs") or ()]
    return any(_ANALYZERS.search(str(one.get("preset"))) for one in outputs if isinstance(one, dict))
