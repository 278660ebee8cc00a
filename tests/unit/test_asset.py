"""Asset: what it holds is worth more than that it is there again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.unit.on_air import (
    ASSET,
    Row,
    decided,
    following,
    names,
    ours,
    planned,
    put,
    reasons,
    reset_leaves_nothing,
    scene,
    shown,
    wanted,
)
from tests.unit.scenes import NOW

from ams_operator.domain.compare import changes
from ams_operator.domain.model import JSON, Observed
from ams_operator.domain.plan import make_plan
from ams_operator.domain.suspicion import ALONE

ANYTIME = [Row("description", "one", "two"), Row("alternateId", "one", "two")]
SETTLED = [Row("container", "one", "two"), Row("storageAccountName", "one", "two")]
MEMBERS: JSON = {
    "assetId": "6F2A1C3E-0D5B-4C4F-9B0A-3A1F6D2E8C71",
    "container": "asset-6f2a1c3e",
    "storageAccountName": "primary",
    "storageEncryptionFormat": "None",
}


def asset(**properties: Any) -> JSON:
    return shown(wanted(ASSET, {}).body, None, **{**MEMBERS, **properties})


@pytest.mark.parametrize("row", ANYTIME + SETTLED, ids=str)
def test_each_field(row: Row) -> None:
    before, desired = wanted(ASSET, put({}, row.path, row.one)), wanted(ASSET, put({}, row.path, row.other))
    raw = asset(**before.body["properties"])
    record = ours(ASSET, raw, fields=before.fields)
    assert planned(ASSET, before, raw, record).chains == ()
    decision = decided(ASSET, desired, raw, record)
    if row in SETTLED:
        assert (decision.plan.chains, reasons(decision)) == ((), ["CannotChange"])
    else:
        assert (names(decision.plan), following(decision)) == ([["update"]], "update")
        assert decision.next is not None
        assert decision.next.body == {"properties": {row.path: row.other}}


@pytest.mark.parametrize("row", ANYTIME, ids=str)
@pytest.mark.parametrize("deep", [True, False], ids=["merging", "replacing"])
def test_what_is_removed_from_the_manifest_is_reset(row: Row, deep: bool) -> None:
    body = reset_leaves_nothing(ASSET, {}, row, state=None, deep=deep, **MEMBERS)
    assert body == {"properties": {row.path: None}}


@pytest.mark.parametrize("row", SETTLED, ids=str)
def test_what_the_service_keeps_for_good_stays_when_it_is_removed(row: Row) -> None:
    before = wanted(ASSET, put({}, row.path, row.one))
    raw = asset(**before.body["properties"])
    decision = decided(ASSET, wanted(ASSET, {}), raw, ours(ASSET, raw, fields=before.fields))
    assert (decision.plan.chains, reasons(decision)) == ((), ["CannotUnset"])


def test_what_the_service_chose_is_nobodys_change() -> None:
    raw = asset()
    assert planned(ASSET, wanted(ASSET, {}), raw, ours(ASSET, raw)).chains == ()
    declared = wanted(ASSET, {"storageAccountName": "Primary"})
    assert changes(ASSET.table, declared.body, raw, declared.fields)[0] == ()


def test_one_that_is_gone_is_a_loss_and_made_anew_only_at_somebodys_word() -> None:
    raw = asset()
    record = ours(ASSET, raw)
    lost = make_plan(ASSET, wanted(ASSET, {}), Observed(NOW, None), record, scene(ASSET))
    assert lost.chains == ()
    assert [hold.reason for hold in lost.stuck] == ["DataLost"]
    asked = wanted(ASSET, {}, requests={"recreate": str(record.identity)})
    for absence in (None, ALONE):  # who asks for it has explained it
        found = make_plan(ASSET, asked, Observed(NOW, None), record, replace(scene(ASSET), absence=absence))
        assert (names(found), found.stuck) == ([["create"]], ())


def test_its_files_outlive_its_object_unless_somebody_says_otherwise() -> None:
    raw = asset()
    kept = planned(ASSET, wanted(ASSET, {}, deleting=True), raw, ours(ASSET, raw))
    assert (kept.chains, kept.done) == ((), True)
    gone = wanted(ASSET, {}, deleting=True, deletion="Delete")
    assert names(planned(ASSET, gone, raw, ours(ASSET, raw))) == [["delete"]]


def test_another_asset_of_the_same_name_is_another() -> None:
    first, second = asset(), asset(assetId="00000000-0d5b-4c4f-9b0a-3a1f6d2e8c71")
    assert ASSET.identity(first) == "6f2a1c3e-0d5b-4c4f-9b0a-3a1f6d2e8c71"
    assert ASSET.identity(first) != ASSET.identity(second)
    assert ASSET.identity({}) is None


def test_status_tells_where_the_files_are() -> None:
    assert ASSET.facts(asset()) == MEMBERS
    assert ASSET.facts({"properties": {"container": 7}}) == {}
    assert len(ASSET.facts(asset(container="x" * 5000))["container"]) <= 512
    assert set(MEMBERS) == set(ASSET.shows)
