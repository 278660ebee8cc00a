"""What inventories have found is kept in a text of bounded size, and a later process takes up just that."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from ams_operator.migration import checkpoint
from ams_operator.migration.census import Census
from ams_operator.migration.conditions import access
from ams_operator.migration.entities import SETS
from ams_operator.migration.inputs import AccessRead, Inputs, InventoryRead
from ams_operator.migration.inventory import Inventory
from ams_operator.migration.kept import LARGEST, Kept
from ams_operator.migration.model import Judgement, Known, Progress, maps, not_needed
from ams_operator.migration.reduce import keyed
from ams_operator.migration.tally import MOST_TARGETS, UNDATED, Tally
from ams_operator.migration.trouble import Access

from .conftest import Source

BEGUN = "2026-01-01T00:00:00Z"
SEAL = keyed(b"ours")


def _tally(rows: int, fields: dict[str, Any] | None = None) -> Tally:
    tally = Tally()
    for number in range(rows):
        found = not_needed("over") if fields is None else maps("Transform", f"t{number}", "why", fields | {"n": number})
        tally.add(f"row {number}", number, Judgement(found))
    return tally


def _inventory(kept: Kept, census: Census, known: dict[str, Any] | None = None, **tallies: Tally) -> None:
    """Sets are read one after the other, as `Inventory` does it."""
    for name, tally in tallies.items():
        census.tallies[name] = tally
        kept.take(census, now=100.0 + len(census.tallies))
        kept.save(
            {
                "version": checkpoint.VERSION,
                "account": census.account,
                "begun": census.begun,
                "sets": {one: each.dump() for one, each in census.tallies.items()},
                "notes": [],
                "compared": {"Locators": "Unlisted"} if "Locators" in census.tallies else {},
                "known": known or {"processors": {"a": "b"}, "units": "2 x S3"},
            }
        )


def _again(kept: Kept) -> Kept:
    return Kept.newest(kept.account, SEAL, (kept.pack(),))


def test_what_a_killed_process_had_read_is_taken_up() -> None:
    kept, census = Kept("a", SEAL), Census("a", BEGUN)
    _inventory(kept, census, Assets=_tally(3), Locators=_tally(2), MediaProcessors=_tally(1))
    later = _again(kept)
    assert later.load() == kept.load()
    assert {name: one.at for name, one in later.sets.items()} == {name: one.at for name, one in kept.sets.items()}
    assert later.census().compared == {"Locators": "Unlisted"}
    assert not later.whole


def test_what_was_read_before_does_not_grow_younger_by_being_taken_up() -> None:
    kept, census = Kept("a", SEAL), Census("a", BEGUN)
    _inventory(kept, census, Assets=_tally(3))
    later, resumed = _again(kept), Census("a", BEGUN, {"Assets": _tally(3)})
    assert not later.take(resumed, now=999.0)
    assert later.sets["Assets"].at == 101.0


def test_what_an_inventory_that_was_too_old_had_read_is_read_again_and_as_young_as_the_rest() -> None:
    kept, census = Kept("a", SEAL), Census("a", BEGUN)
    _inventory(kept, census, StorageAccounts=_tally(1), Assets=_tally(3))
    anew = Census("a", "2026-01-03T00:00:00Z")
    _inventory(kept, anew, StorageAccounts=_tally(2))
    assert kept.sets["StorageAccounts"].tally is anew.tallies["StorageAccounts"]


def test_the_next_inventory_begins_anew_and_the_last_results_stay_meanwhile() -> None:
    kept, census = Kept("a", SEAL), Census("a", BEGUN)
    _inventory(kept, census, EncodingReservedUnitTypes=_tally(1), Assets=_tally(3), Locators=_tally(2))
    census.failed = {}
    kept.end(census, 200.0)
    kept.whole = True  # of a complete one
    later = _again(kept)
    assert later.load() is None
    _inventory(later, Census("a", "2026-01-01T01:00:00Z"), {"units": ""}, StorageAccounts=_tally(1))
    assert later.census().tallies["Assets"].rows == 3
    assert later.census().units == "2 x S3"
    assert later.census().compared == {"Locators": "Unlisted"}
    assert {*(later.load() or {})["sets"]} == {"StorageAccounts"}
    third = _again(later)
    assert third.census().tallies["Assets"].rows == 3
    assert {*(third.load() or {})["sets"]} == {"StorageAccounts"}


def test_a_set_that_was_told_and_not_saved_is_read_again() -> None:
    """What follows a set (its join with version 3) may still change its result."""
    kept, census = Kept("a", SEAL), Census("a", BEGUN)
    _inventory(kept, census, Assets=_tally(3))
    census.tallies["Locators"] = _tally(2)
    kept.take(census, 300.0)
    assert "Locators" in kept.sets
    assert "Locators" not in _again(kept).sets


def test_what_is_known_of_sets_that_are_not_given_is_taken_up() -> None:
    kept, census = Kept("a", SEAL), Census("a", BEGUN)
    assert kept.absences().doubt("Filters", 500.0, given=False)
    _inventory(kept, census, Assets=_tally(3), Jobs=Tally(absent=True))
    absences = _again(kept).absences()
    assert absences.since == {"Filters": 500.0}
    assert absences.doubt("Assets", 10_000.0, given=False)
    assert not absences.doubt("Filters", 10_000.0, given=False)
    assert not absences.doubt("Jobs", 10_000.0, given=False)


def test_the_text_is_bounded_and_what_has_no_room_is_read_again() -> None:
    kept, census = Kept("a", SEAL), Census("a", BEGUN)
    noise = _tally(1000, {})
    for one in noise.targets.values():
        one["fields"] = {"outputs": [{"preset": uuid.uuid4().hex} for _ in range(10)]}
    _inventory(kept, census, Assets=_tally(3), TaskTemplates=noise, JobTemplates=_tally(1), Jobs=_tally(1))
    assert len(kept.pack()) <= LARGEST
    assert kept.lacking
    later = _again(kept)
    assert set(later.sets) == {"Assets", "Jobs"}, "templates are read with what is below them"
    assert set((later.load() or {})["sets"]) == {"Assets", "Jobs"}
    whole = Kept.newest("a", SEAL, (kept.pack(64 << 20),))
    assert set(whole.sets) == {"Assets", "TaskTemplates", "JobTemplates", "Jobs"}


def test_facts_without_room_take_the_sets_that_they_come_from_along_unless_nothing_needs_them_any_more() -> None:
    assets = checkpoint.pack(str(uuid.uuid4()) for _ in range(20_000))
    kept, census = Kept("a", SEAL), Census("a", BEGUN)
    _inventory(kept, census, {"newAssets": assets, "units": ""}, Assets=_tally(3), Jobs=_tally(1))
    assert set(_again(kept).sets) == {"Jobs"}
    kept.whole = True
    later = _again(kept)
    assert set(later.sets) == {"Assets", "Jobs"}
    assert later.whole


def test_of_another_account_or_unreadable_is_nothing() -> None:
    kept, census = Kept("a", SEAL), Census("a", BEGUN)
    _inventory(kept, census, Assets=_tally(3))
    text = kept.pack()
    assert not Kept("b", SEAL).unpack(text)
    for wrong in ("", "{", "[]", '{"head": 5, "sets": {}}', '{"head": "AAAA", "sets": {}}', text[:-30], "\ud800"):
        fresh = Kept("a", SEAL)
        assert not fresh.unpack(wrong)
        assert not fresh.sets


def test_what_somebody_else_wrote_is_nothing_to_go_by() -> None:
    kept, census = Kept("a", SEAL), Census("a", BEGUN)
    _inventory(kept, census, Assets=_tally(3))
    text = kept.pack()
    assert Kept("a", SEAL).unpack(text)
    assert not Kept("a", keyed(b"another installation's")).unpack(text), "read again"
    length = len(SEAL(""))
    for forged in (text[length:], "0" * length + text[length:], text[:length] + text[length:].replace("A", "B", 1)):
        assert not Kept("a", SEAL).unpack(forged)


@pytest.mark.parametrize("wanted", [60.0, 3600.0])
@pytest.mark.parametrize("takes", [0.2, 50.0, 200.0, 7200.0])
def test_what_is_complete_stays_so_while_the_next_inventory_is_under_way(wanted: float, takes: float) -> None:
    """Whatever the interval, and also in a process that took it up; and what is read no more is no more complete."""
    kept, now = Kept("a", SEAL), 1_767_225_600.0
    told: set[str] = set()

    def look() -> None:
        every = kept.interval(wanted)
        inputs = Inputs(now, access=AccessRead(now, 60.0, Access.REACHABLE))
        found = access.inventory(replace(inputs, inventory=InventoryRead(kept.read(every), every)))
        told.add(found.reason)
        assert all(one.fresh(now) for one in kept.read(every).values())

    for number in range(6):
        begun = now
        census = Census("a", f"{datetime.fromtimestamp(now, UTC):%FT%TZ}")
        for place, name in enumerate(SETS):
            now = begun + takes * (place + 1) / len(SETS)
            census.tallies[name], census.ran = _tally(1), now - begun
            kept.take(census, now)
            kept.save({"version": checkpoint.VERSION, "account": "a", "begun": census.begun, "known": {},
                       "ran": census.ran,
                       "sets": {one: each.dump() for one, each in census.tallies.items()}})  # fmt: skip
            look()
            if number > 2:
                kept = _again(kept)
        if number == 0:
            assert told == {"InProgress", "Complete"}
            told.clear()
        kept.end(census, now)
        look()
        now = max(now, begun + kept.interval(wanted))
        look()
    assert told == {"Complete"}
    now += 2 * kept.interval(wanted)
    look()
    assert told == {"Complete", "InProgress"}


@pytest.mark.parametrize("complete_before", [True, False])
def test_one_set_that_cant_be_read_keeps_no_other_from_being_read_again(complete_before: bool) -> None:
    begun = 1_767_225_600.0
    kept, census = Kept("a", SEAL), Census("a", BEGUN)
    kept.begun = begun - 3600.0 if complete_before else None
    _inventory(kept, census, Assets=_tally(3))
    census.failed, census.ran = {"Jobs": "500"}, 20.0
    kept.end(census, begun + 20.0)
    assert kept.due(3600.0, begun + 3599.0) == begun + 3599.0
    assert kept.due(3600.0, begun + 100.0, begun + 700.0) == begun + 700.0, "in peace"
    assert kept.due(3600.0, begun + 100.0, begun + 9999.0) == begun + 3600.0, "the others are not to wait for it"
    assert kept.load() is not None, "only what failed is tried again so far"
    assert kept.interval(3600.0) == 3600.0
    assert kept.due(3600.0, begun + 3600.0) <= begun + 3600.0
    assert kept.load() is None, "everything is read again"
    assert kept.census().tallies["Assets"].rows == 3
    _inventory(kept, Census("a", "2026-01-01T01:00:00Z"), Assets=_tally(4))
    assert kept.due(3600.0, begun + 9 * 3600.0) == begun + 9 * 3600.0
    assert kept.load() is not None, "one that is not through goes on, however long it takes"


async def test_time_in_which_nothing_was_read_is_none_that_an_inventory_takes(source: Source) -> None:
    """The operator was down, or version 2."""
    kept, now = Kept("a", SEAL), [1_767_225_600.0]

    async def run(last: str = "") -> None:
        known = Known(datetime.fromtimestamp(now[0], UTC))

        def tell(_: Progress) -> None:
            now[0] += 1.0
            kept.take(inventory.census, now[0])
            if last in inventory.census.tallies:
                raise OSError("killed")

        inventory = Inventory("a", source.client(), None, kept, known, now=lambda: now[0], tell=tell)
        kept.end(await inventory.run(), now[0])

    with pytest.raises(OSError, match="killed"):
        await run("Locators")
    before = kept.sets["Assets"].at
    now[0] += 40_000.0
    assert kept.interval(3600.0) == 3600.0
    kept = _again(kept)
    await run()
    assert kept.sets["Assets"].at == before
    assert kept.whole
    assert 10.0 < kept.took < 1000.0
    assert kept.interval(3600.0) == 3600.0


def test_of_targets_without_room_the_number_and_the_newest_is_known() -> None:
    tally = _tally(MOST_TARGETS, {})
    more = Judgement(maps("Transform", "more", "why", {}))
    assert (tally.more_targets, tally.more_last) == (0, "")
    for when in ("2023-05-01T00:00:00", "2023-04-01T00:00:00"):
        tally.add("more", 1, more, when)
    later = Tally.load(tally.dump())
    assert (len(later.targets), later.more_targets, later.more_last) == (MOST_TARGETS, 2, "2023-05-01T00:00:00")
    later.add("more", 1, more)
    assert later.more_last == UNDATED, "nobody knows how new it is"
