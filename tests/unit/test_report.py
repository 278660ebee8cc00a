"""The status: what people and programs read from it in every situation, and what the API server accepts."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from typing import Any

import pytest
from tests.unit.crd_schema import problems, status_schema
from tests.unit.scenes import (
    ACCOUNT,
    COMMAND,
    EARLIER,
    NOTED,
    NOW,
    TRANSFORM,
    UID,
    act_of,
    desired,
    only_action,
    ours,
    output,
    planned,
    recipe,
    scene,
    seen,
    stored,
)

from ams_operator.api.account import MediaServicesAccountStatus
from ams_operator.api.reasons import Reason
from ams_operator.api.status import HOLDS_LIMIT, PLAN_ACTIONS_LIMIT, PLAN_CHANGES_LIMIT
from ams_operator.api.transform import TransformStatus
from ams_operator.cli.request import VERBS, _target
from ams_operator.domain.compare import fields
from ams_operator.domain.holds import decide
from ams_operator.domain.model import (
    ALL_EFFECTS,
    JSON,
    SERVICE_EFFECTS,
    Act,
    Action,
    Change,
    Cure,
    Decision,
    Desired,
    Hold,
    Kind,
    Observed,
    Plan,
    Policy,
    Record,
    Refusal,
    Repeat,
    Scene,
)
from ams_operator.domain.plan import make_plan
from ams_operator.domain.report import equal, report

SECRET = "a-value-of-the-spec"
WANTED = recipe(output(label=SECRET), description=SECRET)
RAW = stored(WANTED)
DRIFTED = stored(recipe(output(label="x"), description="y"))
MINE = ours(RAW, fields=fields(WANTED))
ACCOUNT_RAW: JSON = {
    "location": "West Europe",
    "properties": {"mediaServiceId": "aaaa", "provisioningState": "Succeeded"},
}
STORES: JSON = {"location": "westeurope", "properties": {"storageAccounts": [{"id": "store", "type": "Primary"}]}}
UPDATE = only_action(planned(desired(WANTED), DRIFTED, MINE))


def hold(reason: Reason, cure: Cure = Cure.TIME, message: str = "because") -> Hold:
    return Hold(reason.value, SERVICE_EFFECTS, cure, message, until=NOW + 10 if cure is Cure.TIME else None)


def status(
    wanted: Desired,
    observed: Observed | None,
    record: Record | None = None,
    before: JSON | None = None,
    kind: Kind = TRANSFORM,
    **members: Any,
) -> JSON:
    place: Scene = scene(kind, **members)
    plan = make_plan(kind, wanted, observed, record or Record(), place)
    decision = decide(plan, wanted, place)
    return report(kind, wanted, decision, observed, plan.record, before or {}, place)


def conditions(body: JSON) -> dict[str, JSON]:
    return {condition["type"]: condition for condition in body["conditions"]}


def essence(body: JSON) -> tuple[str, str, str, str]:
    """(status of Ready, its reason, abnormal conditions, status of Synced)."""
    found = conditions(body)
    abnormal = "+".join(name for name in ("Reconciling", "Stalled") if name in found)
    return found["Ready"]["status"], found["Ready"]["reason"], abnormal, found.get("Synced", {}).get("status", "-")


def policy(**members: Any) -> Desired:
    return desired(WANTED, policy=Policy(**members))


def acc(body: JSON | None = None, **members: Any) -> Desired:
    return desired(body or {}, kind=ACCOUNT, creatable=bool(body), **members)


UNANSWERED = replace(MINE, act=act_of(UPDATE))
REFUSED = replace(MINE, refusals=(Refusal("update", UPDATE.digest, "BadRequest", "no"),))
STUBBORN = replace(MINE, repeats={"update": Repeat(UPDATE.digest, 1, NOW - 20)})
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


class TestEqual:
    body = status(desired(WANTED), seen(RAW), MINE)

    def test_what_others_wrote_does_not_count(self) -> None:
        others = [{"type": "Migrated", "status": "True"}]
        before = {**self.body, "migration": {"steps": []}, "conditions": [*others, *reversed(self.body["conditions"])]}
        assert equal(TRANSFORM, self.body, before)

    @pytest.mark.parametrize("name", ["observedGeneration", "conditions", "record", "resourceId"])
    def test_each_of_our_members_counts(self, name: str) -> None:
        assert not equal(TRANSFORM, self.body, {**self.body, name: []})
        assert not equal(TRANSFORM, self.body, {key: value for key, value in self.body.items() if key != name})

    def test_a_member_that_has_to_go_counts(self) -> None:
        assert not equal(TRANSFORM, self.body, {**self.body, "holds": []})
        assert not equal(TRANSFORM, self.body, {**self.body, "plan": {"hash": "x", "actions": []}})

    def test_a_condition_that_has_to_go_counts(self) -> None:
        before = copy.deepcopy(self.body)
        before["conditions"].append({"type": "Stalled", "status": "True"})
        assert not equal(TRANSFORM, self.body, before)


class TestFacts:
    def test_an_account_shows_what_the_service_says_of_it(self) -> None:
        body = status(acc(), seen(ACCOUNT_RAW), ours(ACCOUNT_RAW, ACCOUNT), kind=ACCOUNT)
        shown = {name: body[name] for name in ACCOUNT.shows}
        assert shown == {"mediaServiceId": "aaaa", "location": "West Europe", "provisioningState": "Succeeded"}

    def test_while_nobody_could_look_what_was_known_stays(self) -> None:
        before = status(acc(), seen(ACCOUNT_RAW), ours(ACCOUNT_RAW, ACCOUNT), kind=ACCOUNT)
        trouble = (hold(Reason.ENDPOINT_UNREACHABLE),)
        body = status(acc(), None, ours(ACCOUNT_RAW, ACCOUNT), before, kind=ACCOUNT, holds=trouble)
        assert body["mediaServiceId"] == "aaaa"

    def test_what_is_gone_shows_nothing(self) -> None:
        body = status(acc(), seen(None), ours(ACCOUNT_RAW, ACCOUNT), {"mediaServiceId": "aaaa"}, kind=ACCOUNT)
        assert "mediaServiceId" not in body

    @pytest.mark.parametrize("value", ["x" * 100_000, 7, None, ["x"], {"a": "b"}])
    def test_a_hostile_answer_gives_no_status_that_is_refused(self, value: Any) -> None:
        raw = {
            "location": value,
            "properties": {"mediaServiceId": value, "provisioningState": value, "storageAccounts": value},
        }
        body = status(acc(), seen(raw), kind=ACCOUNT)
        assert list(problems(status_schema("MediaServicesAccount"), body)) == []
        assert len(json.dumps(body)) < 5000


class TestLimits:
    """Everything at once and everything too long: still a status that the API server takes."""

    def test_holds_plans_and_texts_are_cut(self) -> None:
        changes = tuple(Change(f"/tags/{index}-{'x' * 500}") for index in range(PLAN_CHANGES_LIMIT + 5))
        actions = tuple((Action(f"a{index}", "PATCH", changes=changes),) for index in range(PLAN_ACTIONS_LIMIT + 3))
        holds = tuple(Hold("Some", ALL_EFFECTS, Cure.FIX, "m" * 5000) for _ in range(HOLDS_LIMIT + 1))
        plan = Plan(chains=actions, record=MINE, looked=True)
        place = scene(resource_id="/" + "x" * 2000)
        body = report(TRANSFORM, desired(), Decision(plan, holds), seen(RAW), MINE, {}, place)
        assert list(problems(status_schema("Transform"), body)) == []
        assert body["plan"]["more"] == 3 + PLAN_ACTIONS_LIMIT * 5

    def test_the_way_out_of_a_stuck_deletion_is_never_cut(self) -> None:
        long = hold(Reason.ENDPOINT_UNREACHABLE, Cure.FIX, "m" * 5000)
        body = status(desired(WANTED, deleting=True), None, MINE, holds=(long,))
        message = conditions(body)["Ready"]["message"]
        assert len(message) <= 1024
        assert message.endswith(f"ams-operator request abandon Transform/adaptive {UID}")

    def test_the_record_of_the_largest_manifest_stays_within_bounds(self) -> None:
        body = status(desired(recipe(*[output() for _ in range(20)])), seen(None))
        assert len(json.dumps(body)) < 20_000


def test_the_record_is_carried_over_with_what_a_later_version_wrote() -> None:
    record = replace(MINE, rest={"later": 1}, act=Act("update", NOTED))
    assert status(desired(WANTED), seen(RAW), record, quiet_until=NOW + 60)["record"]["later"] == 1


def test_a_plan_names_fields_and_says_which_are_reset() -> None:
    before = stored(recipe(output(onError="ContinueJob", label=SECRET), description=SECRET))
    record = ours(before, fields=fields(recipe(output(onError="ContinueJob", label=SECRET), description=SECRET)))
    body = status(policy(management="Plan"), seen(before), record)
    (action,) = body["plan"]["actions"]
    assert action["changes"] == [{"field": "spec.outputs[0].onError", "desired": "(reset)"}]
    assert action["effects"] == ["write"]
    assert body["plan"]["hash"] in conditions(body)["Ready"]["message"]
