"""What an inventory says for the conditions: when things were made, whose filters matter, what is published anew."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.migration.accounts import (
    FILM,
    LOCATOR,
    LONG_AGO,
    ROWS,
    SERIES,
    TODAY,
    YESTERDAY,
    done,
    inventory,
    listed,
    said,
)
from tests.migration.judging import judged

from ams_operator.api.reasons import Reason
from ams_operator.domain.answers import NoAnswer
from ams_operator.domain.model import JSON
from ams_operator.migration import checkpoint, joins, odata
from ams_operator.migration.conditions import Type
from ams_operator.migration.mapping.publishing import UNPUBLISHED
from ams_operator.migration.model import ANOTHER_NAME, MOST_RECENT, Fate, Known, Tell
from ams_operator.migration.patience import Patience
from ams_operator.migration.tally import Group, Tally
from ams_operator.migration.verdicts import newest, when

OTHER = "77777777-122c-496e-9ac5-7f9e2c2547b8"


def locator(known: Known, guid: str = LOCATOR, asset: str = FILM, **row: Any) -> None:
    judged("Locators", known=known, Id=f"nb:lid:UUID:{guid}", AssetId=f"nb:cid:UUID:{asset}",
           **{"Type": 2, "AccessPolicyId": "x", **row})  # fmt: skip


def joined(known: Known, there: dict[str, tuple[str, str]], names: set[str] | None = None) -> dict[str, list[str]]:
    found: dict[str, Group] = {}
    joins.republished(known, there, names or set(), found)
    return {name: group.samples for name, group in found.items()}


def test_in_the_same_account_any_locator_of_version_3_is_one_anew() -> None:
    known = Known(TODAY, republish=True)
    locator(known)
    locator(known, SERIES, SERIES)
    there = {LOCATOR: (FILM, ""), SERIES: (SERIES, ""), OTHER: (SERIES, "")}
    assert joined(known, there) == {"not-republished": [FILM], "v2-locator-left": [SERIES]}


def test_what_no_list_showed_is_version_3s_where_its_next_one_does_and_else_left() -> None:
    """Nobody knows of one without an access policy; that version 3 is in use must not undo what is done."""
    there = {LOCATOR: (FILM, ""), OTHER: (SERIES, "")}
    for shown, found in ((there, {}), ({OTHER: (SERIES, "")}, {"not-republished": [FILM]})):
        known = Known(TODAY, republish=True, v3_locators={OTHER: "x"})
        locator(known, AccessPolicyId=None)
        assert joined(known, shown) == found
    kept = Known(TODAY, v3_locators={OTHER: "x"})
    found_of = judged("Locators", known=kept, Id=f"nb:lid:UUID:{LOCATOR}", AssetId=f"nb:cid:UUID:{FILM}", Type=2)
    assert found_of.verdict.fate is Fate.VISIBLE, "it goes on, whoever made it"


class Half:
    """A target that lists its locators, of which there are none, and not its assets."""

    async def published(self, tell: Tell, patience: Patience) -> dict[str, tuple[str, str]]:
        return {}

    async def asset_names(self, tell: Tell, patience: Patience) -> set[str]:
        raise NoAnswer(Reason.ENDPOINT_UNREACHABLE, "later")


async def test_what_is_not_published_anew_is_told_though_nobody_knows_whether_its_asset_is_there() -> None:
    known, found = Known(TODAY, same_account=False), dict[str, Group]()
    locator(known)
    with pytest.raises(NoAnswer):
        await joins.join(known, Half(), found, lambda _: None, Patience(lambda: 0.0, asyncio.sleep))
    assert {name: group.samples for name, group in found.items()} == {"not-republished": [FILM]}


@pytest.mark.parametrize(
    ("listed", "fate"),
    [(None, Fate.UNKNOWN), ({OTHER: "x"}, Fate.UNKNOWN), ({LOCATOR: "x"}, Fate.ORIGIN_V3)],
    ids=["no list", "a list that does not show it", "a list"],
)
def test_what_version_3_published_at_the_source_is_not_moved(listed: dict[str, str] | None, fate: Fate) -> None:
    """Whoever lost the source's list of assets does not know that version 3 made its asset, either."""
    known = Known(TODAY, same_account=False, v3_locators=listed)
    row = {"Id": f"nb:lid:UUID:{LOCATOR}", "AssetId": f"nb:cid:UUID:{FILM}", "Type": 2, "AccessPolicyId": None}
    assert judged("Locators", known=known, **row).verdict.fate is fate
    assert joined(known, {}) == {}


def test_what_has_expired_publishes_nothing() -> None:
    known = Known(TODAY, republish=True)
    locator(known)
    locator(known, SERIES, FILM, ExpirationDateTime="2020-01-01T00:00:00")
    both = {LOCATOR: (FILM, ""), SERIES: (FILM, "2020-01-01T00:00:00")}
    assert joined(known, both) == {"not-republished": [FILM]}
    assert joined(known, {**both, SERIES: (FILM, "")}) == {"not-republished": [FILM]}  # version 2's, whatever it shows
    assert joined(known, {**both, OTHER: (FILM, "2020-01-01T00:00:00")}) == {"not-republished": [FILM]}
    assert joined(known, {**both, OTHER: (FILM, "9999-01-01T00:00:00")}) == {"v2-locator-left": [LOCATOR]}


def test_in_another_account_a_locator_has_the_same_guid() -> None:
    known = Known(TODAY, same_account=False)
    locator(known)
    locator(known, SERIES, SERIES)
    assert joined(known, {LOCATOR: ("any", "")}, {SERIES}) == {"not-republished": [SERIES]}
    assert joined(known, {OTHER: (FILM, "")}, {SERIES}) == {
        "not-republished": sorted([FILM, SERIES]), "asset-missing": [FILM],
    }  # fmt: skip
    assert joined(known, {LOCATOR: ("any", ""), SERIES: ("any", "")}) == {}


def test_only_filters_of_published_assets_matter() -> None:
    known = listed()
    locator(known)
    for asset, note in ((FILM, ""), (SERIES, UNPUBLISHED)):
        found = judged("AssetFilters", known=known, Id=f"nb:cid:UUID:{asset}__###__mobile", Name="mobile",
                       ParentAssetId=f"nb:cid:UUID:{asset}", Tracks=[])  # fmt: skip
        assert (found.verdict.name, found.verdict.note) == (f"{asset}/mobile", note)


@pytest.mark.parametrize(("policy", "fate"), [("x", Fate.MAPS), (None, Fate.ORIGIN_V3)])
def test_filters_of_what_version_3_encoded_matter_where_version_2_publishes_it(policy: str | None, fate: Fate) -> None:
    known = Known(TODAY, v3_locators={LOCATOR: "x"}, v3_lists_old=True, new_assets={FILM})
    judged("Locators", known=known, Id=f"nb:lid:UUID:{LOCATOR}", AssetId=f"nb:cid:UUID:{FILM}", Type=2,
           AccessPolicyId=policy)  # fmt: skip
    found = judged("AssetFilters", known=known, Id=f"nb:cid:UUID:{FILM}__###__mobile", Name="mobile", Tracks=[])
    assert (found.verdict.fate, found.verdict.note) == (fate, "")


def test_a_checkpoint_knows_which_assets_are_published() -> None:
    known, again = listed(), listed()
    locator(known)
    checkpoint.load_known(checkpoint.dump_known(known), again)
    assert again.is_published(FILM)
    assert not again.is_published(SERIES)
    again.forget_published()
    assert not again.is_published(FILM)


def test_what_a_checkpoint_leaves_out_can_be_read() -> None:
    known = listed()
    whole = checkpoint.dump_known(known)
    assert checkpoint.NEEDS.keys() <= whole.keys()
    checkpoint.load_known({**whole, **{name: type(whole[name])() for name in checkpoint.NEEDS}}, known)


@pytest.mark.parametrize(
    ("name", "row", "expected"),
    [
        ("ContentKeys", {"Created": "2023-01-02T03:04:05.678", "AuthorizationPolicyId": "x"}, "2023-01-02T03:04:05"),
        ("ContentKeys", {"Created": "2023-01-02T03:04:05.678"}, ""),
        ("AssetDeliveryPolicies", {"Created": "2023-01-02T03:04:05Z"}, "2023-01-02T03:04:05"),
        ("Tasks", {"StartTime": "2023-01-02T03:04:05", "EndTime": None}, "2023-01-02T03:04:05"),
        ("Tasks", {"StartTime": "2023-01-02T03:04:05", "EndTime": "2023-01-03T03:04:05"}, "2023-01-03T03:04:05"),
        ("Locators", {"Id": f"nb:lid:UUID:{LOCATOR}", "AccessPolicyId": "x"}, YESTERDAY),
        ("Locators", {"Id": f"nb:lid:UUID:{OTHER}", "AccessPolicyId": "x"}, ""),
        ("Files", {"Created": "2023-01-02T03:04:05"}, ""),
    ],
)
def test_when_something_was_made(name: str, row: dict[str, Any], expected: str) -> None:
    assert when(name, row, listed(YESTERDAY)) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("2015-01-18T22:06:40.6010903Z", "2015-01-18T22:06:40"),
        ("2015-02-11T01:46:08.897", "2015-02-11T01:46:08"),
        ("/Date(1421618800601)/", "2015-01-18T22:06:40"),
        ("0001-01-01T00:00:00Z", ""),
        ("0001-01-01T00:00:00", ""),
        (None, ""),
        ("yesterday", ""),
        (7, ""),
    ],
)
def test_dates_sort_as_texts(given: Any, expected: str) -> None:
    assert odata.sortable(given) == expected


def test_a_tally_knows_its_newest_entity_and_keeps_it() -> None:
    tally = inventory().tally("ContentKeys")
    assert tally.newest() == LONG_AGO
    again = Tally.load(tally.dump())
    assert again.newest() == LONG_AGO
    assert again.targets == tally.targets
    assert Tally.load(inventory().tally("Locators").dump()).newest() == LONG_AGO
    assert Tally().newest() == ""


def test_a_target_names_its_first_entities_and_its_last_use() -> None:
    tally = Tally()
    for number in range(9):
        tally.add(
            "task", number, judged("Tasks", Configuration="Adaptive Streaming"), f"2023-01-0{9 - number}", f"t{number}"
        )
    (target,) = tally.targets.values()
    assert target["ids"] == ["t0", "t1", "t2", "t3", "t4"]
    assert target["last"] == "2023-01-09"
    assert target["count"] == 9


def test_a_locator_is_not_older_than_what_it_is_made_of() -> None:
    known = Known(TODAY, since="2023-05-25T00:00:00")
    new, old = f"nb:cid:UUID:{FILM}", f"nb:cid:UUID:{SERIES}"
    when("Assets", {"Id": new, "Created": YESTERDAY}, known)
    when("Assets", {"Id": old, "Created": LONG_AGO}, known)
    when("AccessPolicies", {"Id": "nb:pid:UUID:x", "Created": YESTERDAY}, known)
    assert known.recent == {new.lower(): YESTERDAY, "nb:pid:uuid:x": YESTERDAY}
    row = {"Id": f"nb:lid:UUID:{LOCATOR}", "AssetId": old, "AccessPolicyId": "nb:pid:UUID:y"}
    assert when("Locators", row, known) == ""
    assert when("Locators", {**row, "AssetId": new}, known) == YESTERDAY
    assert when("Locators", {**row, "AccessPolicyId": "nb:pid:UUID:x"}, known) == YESTERDAY
    assert when("Locators", {**row, "AssetId": new, "AccessPolicyId": None}, known) == "", (
        "version 3's, which made both"
    )


def test_what_version_3_makes_leaves_room_for_what_version_2_is_given() -> None:
    for v3_assets, name in (({FILM: ANOTHER_NAME}, "film"), (None, "")):
        known = Known(TODAY, since=LONG_AGO, v3_assets=v3_assets, new_assets={FILM}, recent=new(MOST_RECENT))
        before = set(known.recent)
        when("Assets", {"Id": f"nb:cid:UUID:{FILM}", "Name": name, "Created": YESTERDAY}, known)
        when("Assets", {"Id": f"nb:cid:UUID:{SERIES}", "Name": "series", "Created": YESTERDAY}, known)
        known.recent |= new(2 * MOST_RECENT)
        when("AccessPolicies", {"Id": "nb:pid:UUID:x", "Created": YESTERDAY}, known)
        assert known.recent.keys() - before - new(2 * MOST_RECENT).keys() == {f"nb:cid:uuid:{SERIES}", "nb:pid:uuid:x"}


@pytest.mark.parametrize(
    ("many", "asset", "shown", "status"),
    [
        (MOST_RECENT - 1, SERIES, False, "True"),
        (MOST_RECENT, SERIES, False, "Unknown"),
        (MOST_RECENT, SERIES, True, "True"),
        (MOST_RECENT, FILM, False, "True"),
        (2 * MOST_RECENT, FILM, False, "Unknown"),
    ],
)
def test_where_more_is_new_than_there_is_room_for_locators_may_be_new(
    many: int, asset: str, shown: bool, status: str
) -> None:
    """Version 3 made SERIES. Where its list shows a locator, that says when it was made."""
    mine, there = ROWS["Locators"][0], {LOCATOR: "x", OTHER: "x"} if shown else {}
    other = {**mine, "Id": f"nb:lid:UUID:{OTHER}", "AssetId": f"nb:cid:UUID:{asset}"}
    known = Known(TODAY, v3_locators=there, v3_lists_old=shown, new_assets={SERIES}, recent=new(many), since=YESTERDAY)
    compared = {"Assets": "Listed", "Locators": "Listed" if shown else "Unlisted"}
    found = inventory({**ROWS, "Locators": (mine, other)}, known, compared=compared, asked=True)
    assert said(done(inventory=found))[Type.DELIVERY].status == status


def new(many: int) -> dict[str, str]:
    return dict.fromkeys(map(str, range(many)), YESTERDAY)


@pytest.mark.parametrize("name", ["Assets", "Locators", "ContentKeys"])
@pytest.mark.parametrize("created", [YESTERDAY, LONG_AGO, f"{YESTERDAY}.123", "/Date(1685491200000)/", None, 7])
def test_the_newest_of_a_page_is_that_of_each_row(name: str, created: Any) -> None:
    rows = [
        {"Id": f"nb:x:UUID:{guid}", "AssetId": f"nb:x:UUID:{guid}", "AccessPolicyId": "p", "AuthorizationPolicyId": "p",
         "Created": created if guid == FILM else LONG_AGO}
        for guid in (FILM, SERIES)
    ]  # fmt: skip
    pages, each = (Known(TODAY, since="2023-05-25T00:00:00", v3_created={SERIES: LONG_AGO}) for _ in range(2))
    assert newest(name, rows, [FILM, SERIES], pages) == max(when(name, row, each) for row in rows)
    assert pages.recent == each.recent


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"Type": 2, "AccessPolicyId": "x"}, "V2StillPublishing"),
        ({"Type": 1, "AccessPolicyId": "x"}, "SasLocators"),
        ({"Type": 2, "AccessPolicyId": None}, "Kept"),
    ],
)
def test_version_2_publishes_also_what_version_3_encoded(row: JSON, reason: str) -> None:
    """Who made an asset says nothing of who publishes it: encoding moves first."""
    mine, new = ROWS["Locators"][0], {"Id": f"nb:lid:UUID:{OTHER}", "AssetId": f"nb:cid:UUID:{SERIES}", **row}
    known = listed(new_assets={SERIES})
    if row["Type"] == 2:
        known.v3_locators, known.v3_created = {LOCATOR: "x", OTHER: "x"}, {OTHER: YESTERDAY}
    found = done(inventory=inventory({**ROWS, "Locators": (mine, new)}, known))
    assert said(found)[Type.DELIVERY].reason == reason
