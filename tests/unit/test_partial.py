"""A Secret that a manifest names is gone: run states are acted on, and of half a manifest nothing is concluded."""

from __future__ import annotations

from dataclasses import replace

from tests.unit.on_air import EVENT, GIVEN, decided, following, ours, scene, shown, wanted
from tests.unit.scenes import NOW, reasons

from ams_operator.api.reasons import Reason
from ams_operator.domain.holds import decide
from ams_operator.domain.model import SHAPING, Cure, Decision, Desired, Hold, Observed, Record
from ams_operator.domain.plan import make_plan
from ams_operator.domain.report import report

SPEC = {
    "input": {"streamingProtocol": "RTMP", "accessTokenSecretRef": {"name": "ingest", "key": "token"}},
    "hostnamePrefix": "news",
    "runState": "Running",
}
WHOLE = wanted(EVENT, SPEC)
LACKING = Hold(Reason.SECRET_NOT_FOUND.value, SHAPING, Cure.TIME, "there is no Secret ingest", 1e9)
NO_TOKEN = {pointer: value for pointer, value in GIVEN.items() if not pointer.endswith("accessToken")}


def half(**members: object) -> Desired:
    return replace(wanted(EVENT, SPEC, NO_TOKEN, disruption="EndRecordings"), partial=True, **members)  # type: ignore[arg-type]  # names and types as in Desired


def judged(desired: Desired, state: str, record: Record | None = None, **properties: object) -> Decision:
    raw = shown(WHOLE.body, state, **properties)
    record = record or ours(EVENT, raw, run_state="Running", fields=WHOLE.fields)
    return decided(EVENT, desired, raw, record, (), holds=(LACKING,))


def test_it_is_stopped_and_started() -> None:
    assert following(judged(half(requests={"stop": "1"}), "Running")) == "stop"
    assert following(judged(half(run_state="Stopped"), "Running")) == "stop"
    assert following(judged(half(requests={"start": "1"}), "Stopped")) == "start"


def test_nothing_is_updated_and_nothing_stopped_for_an_update() -> None:
    decision = judged(half(), "Running", hostnamePrefix="theirs")
    assert (following(decision), reasons(decision)) == (None, ["SecretNotFound"])
    assert not any(decision.plan.chains)


def test_what_was_set_is_still_known_and_nobody_says_that_it_is_in_sync() -> None:
    decision = judged(half(), "Running")
    assert decision.plan.record.fields == WHOLE.fields
    body = report(
        EVENT, half(), decision, Observed(NOW, shown(WHOLE.body, "Running")), decision.plan.record, {}, scene(EVENT)
    )
    assert [one["type"] for one in body["conditions"]] == ["Ready", "Reconciling"]


def test_nothing_is_created_or_adopted() -> None:
    nothing = make_plan(EVENT, half(), Observed(NOW, None), Record(uid=WHOLE.uid), scene(EVENT, holds=(LACKING,)))
    absent = decide(nothing, half(), scene(EVENT, holds=(LACKING,)))
    assert (following(absent), reasons(absent)) == (None, ["SecretNotFound"])
    theirs = judged(half(), "Running", Record(uid=WHOLE.uid))
    assert (following(theirs), theirs.plan.record.how) == (None, None)
