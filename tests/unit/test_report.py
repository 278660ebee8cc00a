"""What people and programs read from a status in every situation."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from tests.unit.crd_schema import problems, status_schema
from tests.unit.scenes import (
    ACCOUNT,
    COMMAND,
    EARLIER,
    NOW,
    TRANSFORM,
    act_of,
    desired,
    ours,
    output,
    recipe,
    scene,
    seen,
    stored,
)
from tests.unit.statuses import (
    ACCOUNT_RAW,
    DRIFTED,
    MINE,
    RAW,
    SECRET,
    STORES,
    UPDATE,
    WANTED,
    acc,
    conditions,
    essence,
    hold,
    policy,
    status,
)

from ams_operator.api.account import MediaServicesAccountStatus
from ams_operator.api.reasons import Reason
from ams_operator.api.transform import TransformStatus
from ams_operator.cli.request import VERBS, _target
from ams_operator.domain.holds import decide
from ams_operator.domain.model import (
    JSON,
    Cure,
    Refusal,
    Repeat,
)
from ams_operator.domain.plan import make_plan
from ams_operator.domain.report import equal, report

UNANSWERED = replace(MINE, act=act_of(UPDATE))
REFUSED = replace(MINE, refusals=(Refusal("update", UPDATE.digest, "BadRequest", "no"),))
STUBBORN = replace(MINE, repeats={f"update {UPDATE.digest}": Repeat(UPDATE.digest, 1, NOW - 20)})
FOREIGN = stored(recipe(output("AACGoodQualityAudio")), EARLIER)
GONE = replace(MINE, how=None)
FAILED: JSON = {"properties": {**ACCOUNT_RAW["properties"], "provisioningState": "Failed"}}
WORKING: JSON = {"properties": {**ACCOUNT_RAW["properties"], "provisioningState": "InProgress"}}
TABLE: dict[str, tuple[JSON, tuple[str, str, str, str]]] = {
    "first sight": (status(desired(WANTED), None), ("Unknown", "Progressing", "Reconciling", "-")),
    "in sync": (status(desired(WANTED), seen(RAW), MINE), ("True", "InSync", "", "True")),
    "to be created": (status(desired(WANTED), seen(None)), ("Unknown", "Progressing", "Reconciling", "False")),
    "drift": (status(desired(WANTED), seen(DRIFTED), MINE), ("Unknown", "Progressing", "Reconciling", "False")),
    "not looked at": (status(desired(WANTED), None, MINE), ("Unknown", "Progressing", "Reconciling", "-")),
    "unanswered": (
        status(desired(WANTED), seen(DRIFTED), UNANSWERED, quiet_until=NOW + 60),
        ("False", "Unanswered", "Reconciling", "False"),
    ),
    "refused": (status(desired(WANTED), seen(DRIFTED), REFUSED), ("False", "Refused", "Stalled", "False")),
    "not converging": (
        status(desired(WANTED), seen(DRIFTED), STUBBORN),
        ("False", "NotConverging", "Stalled", "False"),
    ),
    "adoption refused": (status(desired(WANTED), seen(FOREIGN)), ("False", "AdoptionRefused", "Stalled", "False")),
    "throttled": (
        status(desired(WANTED), None, MINE, holds=(hold(Reason.THROTTLED),)),
        ("False", "Throttled", "Reconciling", "-"),
    ),
    "credential rejected for long": (
        status(desired(WANTED), None, MINE, holds=(hold(Reason.CREDENTIAL_REJECTED, Cure.FIX),)),
        ("False", "CredentialRejected", "Stalled", "-"),
    ),
    "the worst cure wins": (
        status(desired(WANTED), None, MINE, holds=(hold(Reason.THROTTLED), hold(Reason.CLAIMED, Cure.FIX))),
        ("False", "Claimed", "Stalled", "-"),
    ),
    "plan pending": (status(policy(management="Plan"), seen(DRIFTED), MINE), ("False", "PlanPending", "", "False")),
    "plan, nothing to do": (status(policy(management="Plan"), seen(RAW), MINE), ("True", "InSync", "", "True")),
    "observe, equal": (status(policy(management="Observe"), seen(RAW)), ("True", "Observed", "", "True")),
    "observe, different": (
        status(policy(management="Observe"), seen(FOREIGN)),
        ("True", "ObservedDifferent", "", "False"),
    ),
    "observe, refused before": (
        status(policy(management="Observe"), seen(DRIFTED), REFUSED),
        ("True", "ObservedDifferent", "", "False"),
    ),
    "observe, absent": (
        status(policy(management="Observe"), seen(None)),
        ("False", "ResourceNotFound", "Stalled", "False"),
    ),
    "observe, not looked at": (
        status(policy(management="Observe"), None),
        ("Unknown", "Progressing", "Reconciling", "-"),
    ),
    "observe, throttled": (
        status(policy(management="Observe"), None, holds=(hold(Reason.THROTTLED),)),
        ("False", "Throttled", "Reconciling", "-"),
    ),
    "pause": (status(policy(management="Pause"), None, MINE), ("Unknown", "Paused", "", "-")),
    "pause after ready": (
        status(policy(management="Pause"), None, MINE, {"conditions": [{"type": "Ready", "status": "True"}]}),
        ("True", "Paused", "", "-"),
    ),
    "deleting": (
        status(desired(WANTED, deleting=True), seen(RAW), MINE),
        ("False", "Deleting", "Reconciling", "-"),
    ),
    "deleting, stuck": (
        status(desired(WANTED, deleting=True), None, MINE, holds=(hold(Reason.CREDENTIAL_REJECTED, Cure.FIX),)),
        ("False", "Deleting", "Stalled", "-"),
    ),
    "account vanished": (
        status(acc(STORES), seen(None), ours(ACCOUNT_RAW, ACCOUNT), kind=ACCOUNT),
        ("False", "AccountVanished", "Stalled", "False"),
    ),
    "account used": (
        status(acc(), seen(ACCOUNT_RAW), ours(ACCOUNT_RAW, ACCOUNT), kind=ACCOUNT),
        ("True", "InSync", "", "True"),
    ),
    "account moved away": (
        status(acc(), seen(ACCOUNT_RAW), ours({}, ACCOUNT, identity="b", resource_id="/else"), kind=ACCOUNT),
        ("False", "RelocationRefused", "Stalled", "False"),
    ),
    "account at work": (
        status(acc(), seen(WORKING), ours(WORKING, ACCOUNT), kind=ACCOUNT),
        ("Unknown", "Progressing", "Reconciling", "True"),
    ),
    "account failed": (
        status(acc(), seen(FAILED), ours(FAILED, ACCOUNT), kind=ACCOUNT),
        ("False", "Failed", "Stalled", "True"),
    ),
    "removed without a way back": (
        status(acc(), seen(ACCOUNT_RAW), ours(ACCOUNT_RAW, ACCOUNT, fields=("/location",)), kind=ACCOUNT),
        ("False", "CannotUnset", "Stalled", "True"),
    ),
}
NAMES = sorted(TABLE)


@pytest.mark.parametrize("name", NAMES)
def test_what_each_situation_reads_as(name: str) -> None:
    body, expected = TABLE[name]
    assert essence(body) == expected


@pytest.mark.parametrize("name", NAMES)
def test_conditions_are_a_legal_set(name: str) -> None:
    body, _ = TABLE[name]
    found = conditions(body)
    assert len(found) == len(body["conditions"])
    assert {"Reconciling", "Stalled"} - found.keys()
    assert body["observedGeneration"] == 1
    assert all(condition["observedGeneration"] == 1 for condition in found.values())
    if found["Ready"]["status"] == "True":
        assert not {"Reconciling", "Stalled"} & found.keys()
    for name_ in ("Reconciling", "Stalled"):
        assert found.get(name_, {"status": "True"})["status"] == "True"
    assert all(condition["reason"] in set(Reason) for condition in found.values())


@pytest.mark.parametrize("name", NAMES)
def test_the_api_server_takes_it_and_the_models_read_it(name: str) -> None:
    body, _ = TABLE[name]
    kind = "MediaServicesAccount" if name.startswith(("account", "removed")) else "Transform"
    assert list(problems(status_schema(kind), body)) == []
    model = MediaServicesAccountStatus if kind == "MediaServicesAccount" else TransformStatus
    assert model.model_validate(body).observed_generation == 1
    assert json.loads(json.dumps(body)) == body


@pytest.mark.parametrize("name", NAMES)
def test_no_value_of_the_spec_is_told(name: str) -> None:
    assert SECRET not in json.dumps(TABLE[name][0])


@pytest.mark.parametrize("name", ["plan pending", "deleting, stuck", "account vanished"])
def test_a_decision_is_asked_for_with_a_command_that_exists(name: str) -> None:
    message = conditions(TABLE[name][0])["Ready"]["message"]
    found = COMMAND.search(message)
    assert found is not None
    _, _, verb, target, *_ = found.group(0).split()
    assert verb in VERBS
    assert _target(target)[1] == "adaptive"


def test_the_same_situation_gives_an_equal_status_and_none_is_written() -> None:
    first = status(desired(WANTED), seen(RAW), MINE)
    later = status(desired(WANTED), seen(RAW, NOW + 99), MINE, first, now=NOW + 100)
    assert later == first
    assert equal(TRANSFORM, later, first)


def test_a_transition_has_its_time_only_when_the_status_flips() -> None:
    def at(observed: JSON, before: JSON, now: float) -> dict[str, str]:
        body = status(desired(WANTED), seen(observed), MINE, before, now=now)
        before |= body
        return {name: condition["lastTransitionTime"] for name, condition in conditions(body).items()}

    before: JSON = {}
    first = at(RAW, before, NOW)
    assert at(RAW, before, NOW + 60) == first
    drifted = at(DRIFTED, before, NOW + 120)
    assert drifted["Ready"] != first["Ready"]
    assert drifted["Synced"] != first["Synced"]
    assert at(DRIFTED, before, NOW + 180) == drifted


def test_an_older_look_makes_nobody_ready() -> None:
    """What was seen before our last write is shown on, but says nothing about the manifest."""
    wanted = policy(management="Observe")
    place = scene()
    decision = decide(make_plan(TRANSFORM, wanted, None, MINE, place), wanted, place)
    body = report(TRANSFORM, wanted, decision, seen(RAW), MINE, {}, place)
    assert essence(body) == ("Unknown", "Progressing", "Reconciling", "-")


def test_a_new_generation_is_a_new_status_even_where_nothing_else_changed() -> None:
    first = status(desired(WANTED), seen(RAW), MINE)
    second = status(desired(WANTED, generation=2), seen(RAW), MINE, first)
    assert not equal(TRANSFORM, second, first)
    assert all(condition["observedGeneration"] == 2 for condition in second["conditions"])


def test_what_is_only_observed_and_missing_names_the_ways_out() -> None:
    """For an account that is used as it is, they are where it lies; else another name, or another policy."""
    message = conditions(TABLE["observe, absent"][0])["Ready"]["message"]
    assert "another object with the right azureName" in message
    assert "take managementPolicy: Observe away, here or in the account" in message
    account = replace(acc(), policy=replace(acc().policy, management="Observe"))
    message = conditions(status(account, seen(None), kind=ACCOUNT))["Ready"]["message"]
    assert "correct azureName, subscriptionId or resourceGroup" in message
