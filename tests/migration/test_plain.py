"""Pages that are judged at once say what the rules say row by row; pages of version 3 are read as their items are."""

from __future__ import annotations

import asyncio
import time
import uuid
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.migration.judging import NOW

from ams_operator.domain.answers import Lane
from ams_operator.migration import odata
from ams_operator.migration.entities import SETS
from ams_operator.migration.inventory import Inventory
from ams_operator.migration.mapping import plain
from ams_operator.migration.model import ANOTHER_NAME, UNDATED, Known, Progress
from ams_operator.migration.patience import Patience
from ams_operator.migration.tally import Tally
from ams_operator.migration.version3 import Listed, Version3

GUIDS = [str(uuid.UUID(int=number)) for number in range(4)]
ONE, TWO = GUIDS[0], GUIDS[1]
PATIENCE = Patience(time.time, asyncio.sleep)
a_guid = st.sampled_from([*GUIDS, ONE.upper(), "none"])
an_id = a_guid.map(lambda guid: f"nb:x:UUID:{guid}")
DATES = [None, "", "0001-01-01T00:00:00Z", "2023-05-31T23:59:59.9", "2023-06-01T00:00:00", "2023-06-01T00:00:01Z",
         "9999-12-31T23:59:59.9999999Z", "/Date(1685577600000)/", 7]  # fmt: skip
MOMENTS = st.sampled_from(["2023-05-30T00:00:00", "2023-05-31T00:00:00"])
ROWS: dict[str, Any] = {
    "Assets": {
        "Id": an_id,
        "State": st.sampled_from([0, 0, 0, 1, 2, "0", None]),
        "Options": st.sampled_from([0, 0, 0, 1, 2, 4, "0", None]),
        "Name": st.sampled_from(["film", "film", "", None]),
        "Created": st.sampled_from(DATES),
    },
    "Locators": {
        "Id": an_id,
        "Type": st.sampled_from([2, 2, 2, 1, 0, "2", None]),
        "AccessPolicyId": st.sampled_from(["nb:pid:UUID:x", "nb:pid:UUID:x", None]),
        "AssetId": st.one_of(an_id, st.none()),
        "ExpirationDateTime": st.sampled_from([*DATES[-3:-2] * 5, *DATES]),
        "StartTime": st.none(),
    },
    "ContentKeys": {
        "Id": an_id,
        "ContentKeyType": st.sampled_from([0, 4, 6, 0, 4, 6, 1, 2, 7, 9, "4", None]),
        "Created": st.sampled_from(DATES),
        "AuthorizationPolicyId": st.one_of(an_id, st.none()),
    },
}


USUAL: dict[str, dict[str, Any]] = {
    "Assets": {"State": 0, "Options": 0, "Name": "film", "Created": "2020-01-01T00:00:00"},
    "Locators": {"Type": 2, "AccessPolicyId": "nb:pid:UUID:x", "AssetId": f"nb:cid:UUID:{TWO}",
                 "ExpirationDateTime": "9999-12-31T23:59:59", "StartTime": None},
    "ContentKeys": {"ContentKeyType": 4, "AuthorizationPolicyId": f"nb:ckpid:UUID:{ONE}",
                    "Created": "2020-01-01T00:00:00"},
}  # fmt: skip
OFTEN = 3
"""of so many rows and worlds, one is anything but usual"""


@st.composite
def pages(draw: st.DrawFn) -> tuple[str, list[dict[str, Any]]]:
    """Rows as a walk yields them: each has a key of its own, and may lack everything else. Most are as most rows are,
    but for a member."""
    name = draw(st.sampled_from(sorted(ROWS)))
    rows = []
    for guid in draw(st.lists(st.sampled_from(GUIDS), unique_by=str.lower)):
        row = {"Id": f"nb:x:UUID:{guid}", **USUAL[name]}
        for member in draw(st.lists(st.sampled_from(sorted(ROWS[name])), max_size=2)):
            row[member] = draw(ROWS[name][member])
        for member in draw(st.lists(st.sampled_from(sorted(USUAL[name])), max_size=1)) * draw(st.integers(0, 1)):
            row.pop(member, None)
        rows.append(row)
    return name, rows


@st.composite
def worlds(draw: st.DrawFn) -> Any:
    """Makes what is known, anew each time."""

    def seldom(usual: Any, *others: Any) -> Any:
        return draw(st.sampled_from([usual] * OFTEN + list(others)))

    assets = {guid: seldom("2020-01-01", ANOTHER_NAME, UNDATED) for guid in GUIDS}
    locators = {guid: seldom("Predefined_ClearKey", "") for guid in draw(st.sets(st.sampled_from(GUIDS), min_size=2))}
    same, managed, new = seldom(True, False), seldom(frozenset(), frozenset({ONE})), seldom(frozenset(), {TWO}, {ONE})
    unknown, lists_old = seldom(frozenset(), {TWO}), draw(st.booleans())
    ids = st.sampled_from([*(f"nb:x:uuid:{guid}" for guid in GUIDS), "nb:pid:uuid:x"])
    recent = draw(st.dictionaries(ids, MOMENTS, max_size=2))
    created = draw(st.dictionaries(st.sampled_from(GUIDS), MOMENTS, max_size=1))
    return lambda name: Known(
        NOW, same_account=same, managed=managed, v3_assets=assets if name == "Assets" else None,
        v3_locators=locators, v3_lists_old=lists_old, new_assets=set(new), unknown_assets=set(unknown),
        recent=dict(recent) if name == "Locators" else {}, v3_created=created, since="2023-05-25T00:00:00",
    )  # fmt: skip


def judged(page: tuple[str, list[dict[str, Any]]], known: Known, *, one_by_one: bool) -> Tally:
    """A page, as an inventory judges it."""
    tally = Tally()
    inventory = Inventory("a", None, None, None, known, now=lambda: 0.0)  # type: ignore[arg-type] # nothing is read
    if one_by_one:
        for row in page[1]:
            inventory._add(SETS[page[0]], row, tally)
    else:
        inventory._judge(SETS[page[0]], page[1], tally)
    return tally


def said(tally: Tally, known: Known) -> Any:
    """Everything but the order of names."""
    dumped = tally.dump()
    for part in ("fates", "evidence", "blockers"):
        for group in dumped[part].values():
            group["samples"] = sorted(group["samples"])
    published = {
        name: sorted(raw[at : at + 16] for at in range(0, len(raw), 16)) for name, raw in known.published.items()
    }
    return dumped, published, known.recent, known.used_policies, known.new_assets, known.unknown_assets


@settings(max_examples=500)  # what is odd is rare here, and some of it shows only together
@given(pages(), worlds())
def test_a_page_is_judged_as_its_rows_are(page: tuple[str, list[dict[str, Any]]], world: Any) -> None:
    one, other = world(page[0]), world(page[0])
    assert said(judged(page, one, one_by_one=False), one) == said(judged(page, other, one_by_one=True), other)


def test_usual_pages_are_judged_at_once() -> None:
    known = Known(NOW, v3_assets={ONE: "2020-01-01", TWO: "2020-01-01"})
    rows = [{"Id": f"nb:cid:UUID:{guid}", "State": 0, "Options": 0, "Name": "film"} for guid in (ONE, TWO)]
    alike, others = plain.split("Assets", rows, known)
    assert alike is not None
    assert (alike.rows, list(others)) == (rows, [])


@given(st.lists(st.uuids(), max_size=40))
def test_folding_is_one_after_the_other(guids: list[uuid.UUID]) -> None:
    expected = 0
    for one in guids:
        expected ^= one.int
    assert odata.folded([str(one) for one in guids]) == expected


@pytest.mark.parametrize("guids", [["none"], [ONE, TWO[:-1]], [ONE[:-1] + "x"], [ONE.replace("-", "")[:31]]])
def test_folding_takes_nothing_but_guids(guids: list[str]) -> None:
    with pytest.raises(ValueError):
        odata.folded(guids)


def quiet(_: Progress) -> None:
    """Nobody is told."""


class Pages:
    """Lists of version 3 as they come."""

    def __init__(self, *pages: list[Any]) -> None:
        self.pages = pages

    async def items(self, _: Any, kind: str, lane: Lane, following: str | None) -> tuple[list[Any], str | None]:
        number = int(following or 0)
        return self.pages[number], str(number + 1) if number + 1 < len(self.pages) else None


def asset(guid: Any, name: Any, created: Any = "2020-01-01T00:00:00Z") -> dict[str, Any]:
    return {"name": name, "properties": {"assetId": guid, "created": created}}


async def test_pages_of_version_3() -> None:
    usual = [asset(ONE, ONE), asset(TWO, "by a team")]
    odd = [asset(GUIDS[2].upper(), GUIDS[2]), asset(GUIDS[3], GUIDS[3], None), asset(7, "x"), {"name": "y"}, 7, None]
    deep: Any = {}
    for _ in range(500):
        deep = {"deep": deep}
    odd.append({"name": 7, "properties": deep})
    found = await Version3(Pages(usual, odd, []), None).assets(quiet, PATIENCE)  # type: ignore[arg-type] # no account
    day = "2020-01-01T00:00:00Z"
    assert found == {ONE: day, TWO: ANOTHER_NAME, GUIDS[2]: day, GUIDS[3]: UNDATED}


async def test_a_page_of_version_3_with_texts_that_nobody_expects() -> None:
    """Texts of a page are copied together: none of them may end another one's."""
    broken = f"{TWO}\n{GUIDS[2]}"
    pages = (
        [asset(ONE, ONE, "")],
        [asset(broken, broken)],
        [asset(GUIDS[3], GUIDS[3], "one\nother"), asset("f", "x")],
    )
    found = await Version3(Pages(*pages), None).assets(quiet, PATIENCE)  # type: ignore[arg-type] # no account
    assert found == {
        ONE: UNDATED,
        broken: "2020-01-01T00:00:00Z",
        GUIDS[3]: "one\nother",
        "f": ANOTHER_NAME,
    }


async def test_locators_of_version_3_and_those_with_a_name() -> None:
    def locator(guid: Any, name: Any, policy: Any) -> dict[str, Any]:
        return {"name": name, "properties": {"streamingLocatorId": guid, "streamingPolicyName": policy}}

    usual = [locator(ONE, "Mine", "p"), locator(TWO, "theirs", "p")]
    odd = [locator(GUIDS[2].upper(), "mine", None), {"properties": {}}, 7]
    found = await Version3(Pages(usual, odd), None).locators(frozenset({"mine"}), "2020", quiet, PATIENCE)  # type: ignore[arg-type] # no account
    assert found == Listed({ONE: "p", TWO: "p", GUIDS[2]: ""}, {ONE, GUIDS[2]}, {})


async def test_locators_that_were_made_lately() -> None:
    def locator(guid: str, created: Any) -> dict[str, Any]:
        properties = {"streamingLocatorId": guid, "streamingPolicyName": "p", "created": created}
        return {"name": guid, "properties": properties}

    usual = [locator(ONE, "2020-01-01T00:00:00.1234567Z"), locator(TWO, "2019-12-31T23:59:59Z")]
    odd = [locator(GUIDS[2].upper(), "/Date(1685491200000)/"), locator(GUIDS[3], None), {"properties": {}}]
    pages = Version3(Pages(usual, odd), None)  # type: ignore[arg-type] # no account
    found = await pages.locators(frozenset(), "2020-01-01T00:00:00", quiet, PATIENCE)
    assert found.created == {ONE: "2020-01-01T00:00:00", GUIDS[2]: "2023-05-31T00:00:00"}
