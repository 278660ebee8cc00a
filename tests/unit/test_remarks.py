"""What Ready says besides: all is as declared, and somebody should know more."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.on_air import ENDPOINT, EVENT, decided, ours, planned, reasons, shown, wanted

from ams_operator.domain.model import JSON

BASE: JSON = {"input": {"streamingProtocol": "RTMP"}}
ANYBODY = {"ip": {"allow": [{"address": "0.0.0.0", "subnetPrefixLength": 0}]}}


@pytest.mark.parametrize("access", ["undeclared", None, {"ip": None}, {"ip": {"allow": []}}], ids=str)
def test_an_event_that_admits_nobody_says_so(access: Any) -> None:
    desired = wanted(EVENT, BASE)
    raw = shown(desired.body, "Running")
    if access != "undeclared":
        raw["properties"]["input"]["accessControl"] = access
    plan = planned(EVENT, desired, raw, ours(EVENT, raw, fields=desired.fields))
    assert plan.good is not None
    assert plan.good[0] == "InSync"
    assert "nobody may send to it: spec.input.accessControl.ip.allow" in plan.good[1]


def test_an_event_that_admits_somebody_says_nothing_more() -> None:
    desired = wanted(EVENT, BASE)
    raw = shown(desired.body, "Running")
    raw["properties"]["input"]["accessControl"] = ANYBODY  # also where somebody else saw to it
    assert planned(EVENT, desired, raw, ours(EVENT, raw, fields=desired.fields)).good is None


def test_scale_units_that_are_declared_no_more_stay_and_are_nobodys() -> None:
    before, desired = wanted(ENDPOINT, {"scaleUnits": 3}), wanted(ENDPOINT, {})
    raw = shown(before.body, "Running")
    decision = decided(ENDPOINT, desired, raw, ours(ENDPOINT, raw, fields=before.fields))
    assert (decision.plan.chains, reasons(decision), decision.plan.record.fields) == ((), [], desired.fields)
    assert decision.plan.good is not None
    assert "its scale units (3) are not declared and stay as they are" in decision.plan.good[1]
    assert planned(ENDPOINT, before, raw, ours(ENDPOINT, raw, fields=before.fields)).good is None
    plain = shown(desired.body, "Running", scaleUnits=0)
    assert planned(ENDPOINT, desired, plain, ours(ENDPOINT, plain, fields=desired.fields)).good is None
