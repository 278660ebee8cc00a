"""The status as a whole: when it is written, what it shows, and what the API server accepts."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from typing import Any

import pytest
from tests.unit.crd_schema import problems, status_schema
from tests.unit.scenes import (
    ACCOUNT,
    NOTED,
    NOW,
    TRANSFORM,
    UID,
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
    MINE,
    RAW,
    SECRET,
    WANTED,
    acc,
    conditions,
    hold,
    policy,
    status,
)

from ams_operator.api.reasons import Reason
from ams_operator.api.status import HOLDS_LIMIT, PLAN_ACTIONS_LIMIT, PLAN_CHANGES_LIMIT
from ams_operator.domain.compare import fields
from ams_operator.domain.model import (
    ALL_EFFECTS,
    Act,
    Action,
    Change,
    Cure,
    Decision,
    Hold,
    Plan,
)
from ams_operator.domain.report import equal, report


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
        assert message.endswith(f"ams-operator request abandon Transform/adaptive {UID} -n media")

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
