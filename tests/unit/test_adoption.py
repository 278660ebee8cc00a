"""Whose is it? What exists already, what vanished, and what answers at another place."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.unit.scenes import (
    ACCOUNT,
    EARLIER,
    NOTED,
    NOW,
    ORIGIN,
    TRANSFORM,
    UID,
    decided,
    desired,
    ours,
    output,
    planned,
    reasons,
    recipe,
    scene,
    stored,
)

from ams_operator.domain.compare import fields
from ams_operator.domain.model import JSON, Act, Cure, How, Policy, Record

THERE: JSON = {
    "location": "West Europe",
    "properties": {"mediaServiceId": "aaaa", "provisioningState": "Succeeded", "storageAuthentication": "System"},
}
STORES: JSON = {"location": "westeurope", "properties": {"storageAccounts": [{"id": "store", "type": "Primary"}]}}


def account(body: JSON | None = None, **members: Any) -> Any:
    return desired(body or {}, kind=ACCOUNT, **{"creatable": bool(body), **members})


class TestAdoption:
    same, other = stored(recipe(), EARLIER), stored(recipe(output("AACGoodQualityAudio")), EARLIER)

    def test_an_equal_one_is_adopted_and_nothing_is_written(self) -> None:
        decision = decided(desired(run_state="Running"), self.same)
        assert decision.next is None
        assert decision.holds == ()
        record = decision.plan.record
        assert (record.how, record.identity) == (How.ADOPTED, TRANSFORM.identity(self.same))
        assert (record.resource_id, record.origin) == (scene().resource_id, ORIGIN)
        assert record.fields == fields(recipe())
        assert record.run_state == "Running"

    def test_a_different_one_is_not_overwritten_and_the_fields_are_named(self) -> None:
        decision = decided(desired(), self.other)
        assert decision.next is None
        assert reasons(decision) == ["AdoptionRefused"]
        hold = decision.holds[0]
        assert hold.cure is Cure.FIX
        assert "spec.outputs[0].preset.presetName" in hold.message
        assert "adoptionPolicy: Always" in hold.message
        assert decision.plan.record.how is None

    def test_a_different_one_is_overwritten_on_demand_and_adopted_before(self) -> None:
        decision = decided(desired(policy=Policy(adoption="Always")), self.other)
        assert decision.next is not None
        assert decision.next.name == "update"
        assert decision.plan.record.how is How.ADOPTED

    def test_one_that_the_service_made_itself_counts_as_ours(self) -> None:
        kind = replace(TRANSFORM, pristine=lambda raw: True)
        decision = decided(desired(), self.other, kind=kind)
        assert decision.next is not None
        assert decision.plan.record.how is How.CREATED

    def test_one_that_replaced_ours_is_adopted_or_refused_like_any_other(self) -> None:
        record = ours(stored(recipe()))
        assert decided(desired(), self.same, record).plan.record.how is How.ADOPTED
        assert reasons(decided(desired(), self.other, record)) == ["AdoptionRefused"]

    def test_what_others_set_does_not_stand_in_the_way(self) -> None:
        assert decided(desired(), stored(recipe(output(future=1)), EARLIER, future=2)).holds == ()

    def test_to_observe_nobody_has_to_own(self) -> None:
        wanted = desired(policy=Policy(management="Observe"))
        for raw in (self.same, self.other):
            decision = decided(wanted, raw)
            assert decision.next is None
            assert decision.plan.record.how is None
            assert reasons(decision) == ["Observed"]

    def test_an_unanswered_creation_of_ours_stays_noted(self) -> None:
        act = Act("create", NOTED, digest="x")
        plan = planned(desired(), self.same, Record(uid=UID, act=act), quiet_until=NOW + 60)
        assert plan.record.act == act


class TestVanishedAccount:
    record = ours(THERE, ACCOUNT)

    @pytest.mark.parametrize("requests", [{}, {"recreate": ""}, {"recreate": "bbbb"}, {"approve": "aaaa"}])
    def test_it_is_never_made_anew_by_itself(self, requests: dict[str, str]) -> None:
        decision = decided(account(STORES, requests=requests), None, self.record, ACCOUNT)
        assert decision.next is None
        assert reasons(decision) == ["AccountVanished"]
        assert decision.holds[0].message.endswith(
            "ams-operator request recreate MediaServicesAccount/adaptive aaaa -n media"
        )
        assert decision.plan.record.how is How.CREATED

    def test_the_user_may_ask_for_it(self) -> None:
        decision = decided(account(STORES, requests={"recreate": "aaaa"}), None, self.record, ACCOUNT)
        assert decision.next is not None
        assert decision.next.name == "create"

    def test_one_that_is_only_used_cannot_be_made_anew(self) -> None:
        decision = decided(account(requests={"recreate": "aaaa"}), None, self.record, ACCOUNT)
        assert decision.next is None
        assert "storageAccounts" in decision.holds[0].message

    def test_a_record_without_identity_is_no_consent(self) -> None:
        record = replace(self.record, identity=None)
        decision = decided(account(STORES), None, record, ACCOUNT)
        assert decision.next is None


class TestMoves:
    """subscriptionId, resourceGroup or the endpoint changed."""

    elsewhere = scene(ACCOUNT).resource_id.replace("group", "other")

    def test_the_same_account_is_followed(self) -> None:
        plan = planned(account(), THERE, ours(THERE, ACCOUNT), ACCOUNT, resource_id=self.elsewhere)
        assert plan.record.resource_id == self.elsewhere
        assert plan.stuck == ()

    @pytest.mark.parametrize("raw", [None, {**THERE, "properties": {"mediaServiceId": "bbbb"}}])
    def test_another_one_or_none_is_not(self, raw: JSON | None) -> None:
        decision = decided(account(STORES), raw, ours(THERE, ACCOUNT), ACCOUNT, resource_id=self.elsewhere)
        assert decision.next is None
        assert reasons(decision) == ["RelocationRefused"]
        assert decision.plan.record.resource_id != self.elsewhere

    def test_another_endpoint_that_answers_something_else_is_refused(self) -> None:
        decision = decided(account(STORES), None, ours(THERE, ACCOUNT), ACCOUNT, origin="https://evil.test")
        assert decision.next is None
        assert reasons(decision) == ["OriginNotAllowed"]
        assert "Retain" in decision.holds[0].message

    def test_case_of_ids_and_a_trailing_slash_are_no_move(self) -> None:
        record = ours(THERE, ACCOUNT, resource_id=scene(ACCOUNT).resource_id.upper() + "/", origin=ORIGIN.upper())
        assert reasons(decided(account(STORES), None, record, ACCOUNT)) == ["AccountVanished"]
