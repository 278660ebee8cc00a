"""Did the noted act happen? Only a GET tells, and only what the record says makes a resource ours."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.unit.scenes import (
    ACCOUNT,
    BORN,
    EARLIER,
    KEY,
    NOTED,
    NOW,
    ORIGIN,
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

from ams_operator.domain import ids
from ams_operator.domain.compare import fields
from ams_operator.domain.kind import Kind
from ams_operator.domain.model import JSON, Act, How, Record, State
from ams_operator.domain.settle import owned, settle

LATE: dict[str, Any] = {"quiet_until": NOW + 60}
"""a scene in which the request may still take effect"""


def create_act(body: JSON | None = None, **members: Any) -> Act:
    return act_of(only_action(planned(desired(body), None)), **members)


def update_act(body: JSON, raw: JSON, record: Record) -> Act:
    return act_of(only_action(planned(desired(body), raw, record)))


def settled(record: Record, raw: JSON | None, kind: Kind = TRANSFORM, **members: Any) -> Record:
    return settle(kind, record, seen(raw), scene(kind, **members))


class TestOwnership:
    raw = stored(recipe())

    def test_ours_is_what_has_the_recorded_identity(self) -> None:
        assert owned(TRANSFORM, ours(self.raw), self.raw, scene())
        assert not owned(TRANSFORM, ours(self.raw), stored(recipe(), EARLIER), scene())

    def test_nothing_is_ours_without_a_record_or_an_identity(self) -> None:
        assert not owned(TRANSFORM, replace(ours(self.raw), how=None), self.raw, scene())
        assert not owned(TRANSFORM, replace(ours(self.raw), identity=None), {"properties": {}}, scene())

    @pytest.mark.parametrize("again", ["2024-05-01T12:00:01.500Z", "2024-05-01T12:00:01.5002489Z"])
    def test_a_later_read_may_round_the_creation_time(self, again: str) -> None:
        assert owned(TRANSFORM, ours(self.raw), stored(recipe(), again), scene())

    def test_rounding_up_is_rounding_too(self) -> None:
        first, later = stored(recipe(), "2024-05-01T12:00:01.4996999Z"), stored(recipe(), "2024-05-01T12:00:01.5Z")
        assert owned(TRANSFORM, ours(first), later, scene())


class TestCreate:
    record = Record(uid=UID, act=create_act())

    @pytest.mark.parametrize("answered", [False, True])
    def test_what_somebody_makes_where_the_manifest_moved_on_to_is_not_ours(self, *, answered: bool) -> None:
        """It would be deleted with our object."""
        place = ids.place(ORIGIN, scene().resource_id.replace("/contoso/", "/Fabrikam/"))
        record = replace(self.record, act=replace(create_act(), place=place))
        late = settled(record, stored(recipe()), answered=answered, **LATE)
        assert (late.how, late.act) == (None, record.act)
        over = settled(record, stored(recipe()), answered=answered)
        assert (over.how, over.act) == (None, None)
        there = scene().resource_id.replace("contoso", "FABRIKAM")
        assert settled(record, stored(recipe()), answered=answered, resource_id=there).how is How.CREATED

    def test_an_answered_one_is_ours(self) -> None:
        found = settled(self.record, stored(recipe()), answered=True)
        assert found.how is How.CREATED
        assert (found.resource_id, found.origin, found.act) == (scene().resource_id, ORIGIN, None)
        assert found.fields == fields(recipe())
        assert found.identity == TRANSFORM.identity(stored(recipe()))

    def test_one_whose_answer_was_lost_is_ours_if_it_shows_what_was_sent_and_is_younger_than_the_note(self) -> None:
        assert settled(self.record, stored(recipe(), future=1), **LATE).how is How.CREATED

    @pytest.mark.parametrize("answered", [True, False])
    def test_what_was_there_before_the_note_is_never_ours(self, answered: bool) -> None:
        for created in (EARLIER, NOTED):
            found = settled(self.record, stored(recipe(), created), answered=answered, **LATE)
            assert found.how is None
            assert found.act == self.record.act

    def test_a_younger_one_with_another_body_is_not_ours(self) -> None:
        found = settled(self.record, stored(recipe(output("AACGoodQualityAudio"))), **LATE)
        assert found.how is None
        assert found.act is not None

    def test_without_a_creation_time_only_an_answer_tells(self) -> None:
        raw = stored(recipe())
        del raw["properties"]["created"]
        assert settled(self.record, raw, **LATE).how is None
        assert settled(self.record, raw, answered=True).how is How.CREATED

    def test_nothing_to_be_seen_is_waited_for_and_then_forgotten(self) -> None:
        assert settled(self.record, None, **LATE).act == self.record.act
        assert settled(self.record, None, quiet_until=NOW).act is None

    def test_one_that_never_left_is_forgotten_at_once(self) -> None:
        found = settle(TRANSFORM, self.record, None, scene(sent=False, **LATE))
        assert found.act is None
        assert found.how is None

    def test_without_a_look_nothing_is_settled(self) -> None:
        assert settle(TRANSFORM, self.record, None, scene(answered=True)) == self.record


class TestLongOperation:
    """The service answers before it has done it."""

    kind = replace(TRANSFORM, state=lambda raw: State(provisioning=raw["properties"].get("provisioningState")))
    record = Record(uid=UID, act=create_act(operation="op"))

    def test_what_is_being_created_is_ours_already_and_the_act_stays(self) -> None:
        found = settled(self.record, stored(recipe(), provisioningState="InProgress"), self.kind, **LATE)
        assert found.how is How.CREATED
        assert found.act == self.record.act

    def test_an_operation_alone_does_not_say_what_it_made(self) -> None:
        other = stored(recipe(output("AACGoodQualityAudio")), provisioningState="Succeeded")
        assert settled(self.record, other, self.kind, **LATE).how is None
        assert (
            settled(self.record, stored(recipe(), provisioningState="Succeeded"), self.kind, **LATE).how is How.CREATED
        )

    def test_a_failure_is_remembered_with_the_act(self) -> None:
        raw = stored(recipe(), provisioningState="Failed")
        found = settled(self.record, raw, self.kind, failure=("Quota", "too many"))
        (refusal,) = found.refusals
        assert self.record.act is not None
        assert (refusal.name, refusal.digest) == ("create", self.record.act.digest)
        assert (refusal.code, refusal.message) == ("Quota", "too many")
        assert found.how is How.CREATED


class TestUpdate:
    before, after = recipe(output(onError="ContinueJob"), description="d"), recipe(description="e")
    raw = stored(before)
    record = ours(raw, fields=fields(before))
    act = update_act(after, raw, record)
    noted = replace(record, act=act)

    def shown(self, **properties: Any) -> JSON:
        return stored(self.after, **properties)

    def test_what_shows_is_done_whether_or_not_it_was_answered(self) -> None:
        for answered in (True, False):
            found = settled(self.noted, self.shown(), answered=answered, **LATE)
            assert found.act is None
            assert found.fields == fields(self.after)
            assert [one.shown for one in found.repeats.values()] == [True]

    def test_what_was_answered_and_does_not_show_is_counted(self) -> None:
        once = settled(self.noted, self.raw, answered=True)
        mark = f"update {self.act.digest}"
        assert (once.repeats[mark].count, once.repeats[mark].at) == (1, NOW)
        twice = settled(replace(once, act=self.act), self.raw, answered=True)
        assert twice.repeats[mark].count == 2
        other = settled(replace(once, act=replace(self.act, digest="other")), self.raw, answered=True)
        assert {name: one.count for name, one in other.repeats.items()} == {mark: 1, "update other": 1}

    def test_a_reset_that_does_not_show_is_not_forgotten(self) -> None:
        stubborn = stored(recipe(output(onError="ContinueJob"), description="e"))
        found = settled(self.noted, stubborn, answered=True)
        assert "/properties/outputs/0/onError" in found.fields
        again = planned(desired(self.after), stubborn, found)
        assert [change.path for change in again.differs] == ["/properties/outputs/0/onError"]

    def test_what_nothing_resets_is_not_forgotten(self) -> None:
        noted = replace(self.noted, fields=(*self.noted.fields, "/location"))
        kind = replace(TRANSFORM, table={**TRANSFORM.table, "location": ACCOUNT.table["location"]})
        assert "/location" in settled(noted, self.shown(), kind, answered=True).fields

    def test_without_an_answer_and_without_effect_it_is_waited_for_and_then_forgotten(self) -> None:
        assert settled(self.noted, self.raw, **LATE).act == self.act
        later = settled(self.noted, self.raw, quiet_until=NOW)
        assert (later.act, later.fields, later.repeats) == (None, self.record.fields, {})

    def test_a_resource_of_the_same_name_made_later_is_not_what_we_updated(self) -> None:
        other = stored(self.after, "2024-06-01T00:00:00Z")
        found = settled(self.noted, other, answered=True, quiet_until=NOW)
        assert found.identity == self.record.identity
        assert found.fields == self.record.fields

    def test_the_digest_depends_on_the_key(self) -> None:
        assert settle(TRANSFORM, self.noted, seen(self.shown()), scene(key=KEY + b"!", **LATE)).act == self.act


def test_what_an_answered_update_left_out_of_a_list_shows_the_services_default() -> None:
    def encoder(**members: Any) -> JSON:
        codec = {"@odata.type": "#Microsoft.Media.H264Video", **members}
        return recipe({"preset": {"@odata.type": "#Microsoft.Media.StandardEncoderPreset", "codecs": [codec]}})

    before, after = encoder(keyFrameInterval="PT5S"), encoder()
    record = ours(stored(before), fields=fields(before))
    noted = replace(record, act=update_act(after, stored(before), record))
    filled = stored(encoder(keyFrameInterval="PT2S"))
    done = settled(noted, filled, answered=True)
    assert (done.fields, [one.shown for one in done.repeats.values()]) == (fields(after), [True])
    assert planned(desired(after), filled, done).differs == ()
    assert settled(noted, filled, **LATE).act == noted.act  # without an answer it may be anybody's value


class TestDelete:
    raw = stored(recipe())
    noted = replace(ours(raw), act=Act("delete", NOTED))

    def test_what_is_gone_is_no_longer_ours(self) -> None:
        found = settled(self.noted, None, **LATE)
        assert (found.how, found.identity, found.act) == (None, None, None)

    def test_what_came_in_its_place_is_not_ours(self) -> None:
        assert settled(self.noted, stored(recipe(), "2024-06-01T00:00:00Z"), **LATE).how is None

    def test_what_is_still_there_is_waited_for(self) -> None:
        assert settled(self.noted, self.raw, **LATE).act == self.noted.act
        assert settled(self.noted, self.raw, quiet_until=NOW).act is None


class TestRunState:
    """Start and stop, of kinds that run."""

    kind = replace(
        TRANSFORM,
        state=lambda raw: State(heading=raw["properties"].get("resourceState")),
        leads_to={"start": "Running", "stop": "Stopped"},
    )
    raw = stored(recipe(), resourceState="Running")
    record = ours(raw, run_state="Stopped")

    @pytest.mark.parametrize(("then", "recorded"), [("Running", "Running"), (None, "Stopped"), ("", None)])
    def test_what_is_recorded_once_it_happened(self, then: str | None, recorded: str | None) -> None:
        noted = replace(self.record, act=Act("start", NOTED, then=then))
        assert settled(noted, self.raw, self.kind, **LATE).run_state == recorded

    def test_a_request_is_done_once(self) -> None:
        noted = replace(self.record, act=Act("start", NOTED, request=("start", "7")))
        found = settled(noted, self.raw, self.kind, **LATE)
        assert found.requests == {"start": "7"}
        assert found.run_state == "Stopped"

    def test_heading_elsewhere_is_no_effect(self) -> None:
        noted = replace(self.record, act=Act("stop", NOTED, then="Stopped"))
        assert settled(noted, self.raw, self.kind, **LATE).act == noted.act


def test_the_creation_time_of_these_scenes_is_younger_than_the_note() -> None:
    assert BORN > NOTED > EARLIER
