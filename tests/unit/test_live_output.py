"""LiveOutput: a recording is never changed, never made again, and known by its place in its asset."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.on_air import (
    GIVEN,
    OUTPUT,
    Row,
    decided,
    following,
    names,
    ours,
    planned,
    put,
    reasons,
    scene,
    shown,
    wanted,
)
from tests.unit.scenes import NOTED, NOW, OWNER, UID

from ams_operator.domain.compare import changes
from ams_operator.domain.model import JSON, Act, Effect, Observed, Record
from ams_operator.domain.plan import make_plan

BASE: JSON = {
    "liveEventRef": {"name": "studio"},
    "assetRef": {"name": "match"},
    "archiveWindowLength": "PT8H",
    "manifestName": "match",
}
SETTLED = [
    Row("description", "one", "two"),
    Row("archiveWindowLength", "PT8H", "PT4H"),
    Row("rewindWindowLength", "PT1H", "PT2H"),
    Row("manifestName", "match", "other"),
    Row("hls.fragmentsPerTsSegment", 4, 5),
    Row("outputSnapTime", 7, 8),
]


def output(state: str = "Running", **properties: Any) -> JSON:
    return shown(wanted(OUTPUT, BASE).body, state, **properties)


def test_its_place_is_below_its_event_and_its_asset_is_given() -> None:
    assert OUTPUT.address(OWNER, "studio", "match").names == ("studio", "match")
    assert scene(OUTPUT).resource_id.endswith("/liveEvents/studio/liveOutputs/match")
    assert wanted(OUTPUT, BASE).body["properties"]["assetName"] == "match-1"
    assert "assetName" not in wanted(OUTPUT, BASE, {}).body["properties"]


@pytest.mark.parametrize("row", SETTLED, ids=str)
@pytest.mark.parametrize("state", ["Running", "Stopped"])
def test_nothing_of_a_recording_changes(row: Row, state: str) -> None:
    before = wanted(OUTPUT, put(BASE, row.path, row.one))
    raw = shown(before.body, state)
    record = ours(OUTPUT, raw, fields=before.fields)
    same = decided(OUTPUT, before, raw, record)
    assert (same.plan.chains, reasons(same)) == ((), [])
    changed = decided(OUTPUT, wanted(OUTPUT, put(BASE, row.path, row.other)), raw, record)
    assert (changed.plan.chains, reasons(changed)) == ((), ["CannotChange"])


@pytest.mark.parametrize("row", [row for row in SETTLED if row.path not in BASE], ids=str)
def test_removing_a_field_is_a_change_too(row: Row) -> None:
    before = wanted(OUTPUT, put(BASE, row.path, row.one))
    raw = shown(before.body)
    removed = decided(OUTPUT, wanted(OUTPUT, BASE), raw, ours(OUTPUT, raw, fields=before.fields))
    assert (removed.plan.chains, reasons(removed)) == ((), ["CannotChange"])


def test_another_asset_is_refused() -> None:
    raw = output()
    other = wanted(OUTPUT, BASE, {**GIVEN, "/properties/assetName": "match-2"})
    assert reasons(decided(OUTPUT, other, raw, ours(OUTPUT, raw, fields=other.fields))) == ["CannotChange"]


def test_another_spelling_and_defaults_are_no_difference() -> None:
    declared = wanted(OUTPUT, {**BASE, "archiveWindowLength": "PT480M", "outputSnapTime": 0, "description": ""})
    raw = output(assetName="Match-1", description=None, hls=None)
    raw["properties"].pop("outputSnapTime", None)
    assert changes(OUTPUT.table, declared.body, raw, declared.fields)[0] == ()


def test_its_creation_time_moves_and_means_nothing() -> None:
    first, later = output(created="2024-05-01T12:00:00Z"), output(created="2024-05-01T13:00:00Z")
    assert OUTPUT.identity(first) == OUTPUT.identity(later) == "match-1|match"
    assert OUTPUT.created(first) is None
    desired = wanted(OUTPUT, BASE)
    assert planned(OUTPUT, desired, later, ours(OUTPUT, first, fields=desired.fields)).differs == ()


def test_without_its_place_it_is_nobodys() -> None:
    assert OUTPUT.identity(output(assetName=None)) is None
    assert OUTPUT.identity(output(manifestName=None)) is None


def test_one_found_after_an_unanswered_create_is_not_ours() -> None:
    raw, desired = output(), wanted(OUTPUT, BASE)
    record = Record(uid=UID, act=Act("create", NOTED, fields=desired.fields))
    plan = make_plan(OUTPUT, desired, Observed(NOW, raw), record, scene(OUTPUT, sent=True))
    assert plan.record.how is None or str(plan.record.how) == "Adopted"


def test_one_that_was_there_and_is_gone_has_ended_for_good() -> None:
    raw, desired = output(), wanted(OUTPUT, BASE, requests={"recreate": "match-1|match"})
    plan = make_plan(OUTPUT, desired, Observed(NOW, None), ours(OUTPUT, raw), scene(OUTPUT))
    assert (plan.chains, plan.stuck, plan.ended) == ((), (), True)
    assert plan.good is not None
    assert plan.good[0] == "RecordingEnded"
    assert not OUTPUT.recreate


@pytest.mark.parametrize(
    ("state", "heading", "on_air"),
    [("Creating", "Running", True), ("Running", "Running", True), ("Deleting", "Deleted", False)],
)
def test_states(state: str, heading: str, on_air: bool) -> None:
    found = OUTPUT.state(output(state))
    assert (found.now, found.heading, found.on_air) == (state, heading, on_air)


def test_deleting_it_ends_its_recording_only_where_that_is_said() -> None:
    raw = output()
    kept = planned(OUTPUT, wanted(OUTPUT, BASE, deleting=True), raw, ours(OUTPUT, raw))
    assert (kept.chains, kept.done) == ((), True)
    deleted = decided(OUTPUT, wanted(OUTPUT, BASE, deleting=True, deletion="Delete"), raw, ours(OUTPUT, raw))
    assert (names(deleted.plan), following(deleted)) == ([["delete"]], "delete")
    assert deleted.next is not None
    assert Effect.DELETE in deleted.next.effects


def test_deleting_one_whose_beginning_nobody_saw_does_not_let_it_go_on() -> None:
    """Found as declared it would have been adopted a moment later, and then be deleted."""
    raw, unseen = output(), Record(uid=UID, unseen=NOTED)
    wish = wanted(OUTPUT, BASE, deleting=True, deletion="Delete")
    deleted = decided(OUTPUT, wish, raw, unseen)
    assert (names(deleted.plan), following(deleted), str(deleted.plan.record.how)) == (
        [["delete"]],
        "delete",
        "Adopted",
    )
    unlooked = make_plan(OUTPUT, wish, None, unseen, scene(OUTPUT))
    assert (unlooked.done, unlooked.looked) == (False, False)
    for left in (
        planned(OUTPUT, wanted(OUTPUT, BASE, deleting=True), raw, unseen),
        planned(OUTPUT, wish, output(archiveWindowLength="PT2H"), unseen),
        planned(OUTPUT, wish, raw, Record(uid=UID)),
        make_plan(OUTPUT, wish, Observed(NOW, None), unseen, scene(OUTPUT)),
    ):
        assert (left.chains, left.done) == ((), True)


def test_status_tells_where_the_recording_is() -> None:
    found = OUTPUT.facts(output(url="https://host/s3cret"))
    assert found == {
        "resourceState": "Running",
        "provisioningState": "Succeeded",
        "assetName": "match-1",
        "manifestName": "match",
    }
    assert set(found) <= set(OUTPUT.shows)
    assert OUTPUT.facts({}) == {}
