"""A 404 for a set: what nobody could read is not nothing."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from ams_operator.migration import checkpoint, polls
from ams_operator.migration.absence import CERTAIN, Absences
from ams_operator.migration.below import Below
from ams_operator.migration.census import Census, view
from ams_operator.migration.entities import FILES_OF, SETS
from ams_operator.migration.inputs import SetRead
from ams_operator.migration.inventory import Inventory
from ams_operator.migration.kept import Kept
from ams_operator.migration.model import Known, Progress
from ams_operator.migration.patience import Patience
from ams_operator.migration.tally import Group, Tally
from ams_operator.migration.trouble import Access, NotReadable

from .accounts import NOW as ACCOUNTS_NOW
from .accounts import done, inventory
from .accounts import said as judged
from .conftest import Memory, Source
from .test_turns import SEAL

NOW = 1_767_225_600.0
HEAD = {"version": checkpoint.VERSION, "account": "a", "notes": [], "compared": {}, "known": {}}


async def nap(_: float) -> None:
    return None


def lost(source: Source, path: str, count: int = 0, nth: int = 1) -> None:
    source.emulator.control.fault("answer", {"path": path, "count": count, "nth": nth}, status=404)


async def read(source: Source, now: float = NOW, store: Memory | None = None, **options: Any) -> Census:
    return await source.inventory(store, now=lambda: now, sleep=nap, **options).run()


def states(census: Census) -> dict[str, str]:
    return {one["name"]: one["state"] for one in view(census)["sets"]}


async def test_a_set_that_is_missing_once_is_read_again_and_not_taken_for_empty(source: Source) -> None:
    lost(source, "/api/Locators", 1)
    store = Memory()
    census = await read(source, store=store)
    assert states(census)["Locators"] == "Failed"
    assert not census.complete
    assert "404" in census.failed["Locators"]
    after = await read(source, NOW + 1.0, store)
    assert states(after)["Locators"] == "Read"
    assert after.tallies["Locators"].rows


async def test_a_set_that_says_nothing_but_404_for_long_is_none_and_that_is_told(source: Source) -> None:
    lost(source, "/api/IngestManifests")
    store = Memory()
    for after in (0.0, 60.0, CERTAIN - 1.0):
        assert states(await read(source, NOW + after, store))["IngestManifests"] == "Failed"
    census = await read(source, NOW + CERTAIN, store)
    assert states(census)["IngestManifests"] == "Absent"
    assert census.complete
    assert "version 2 has no IngestManifests" in view(census)["notes"][0]
    absences = Absences(before=census.tallies)
    assert (await read(source, NOW + 2 * CERTAIN, absences=absences)).complete, "the next inventory need not wait"


def test_sets_that_count_as_none_are_named_where_everything_counts_as_read() -> None:
    found = inventory()
    sets = {**found.sets, "Filters": SetRead(ACCOUNTS_NOW, 3600.0, Tally(absent=True))}
    said = judged(done(inventory=replace(found, sets=sets)))["V2InventoryReady"]
    assert (said.status, said.message) == (
        "True", f"{len(SETS)} of {len(SETS)} entity sets are read; version 2 has no Filters: it says 404"
    )  # fmt: skip


async def test_another_answer_in_between_begins_the_waiting_anew(source: Source) -> None:
    store, path = Memory(), {"path": "/api/IngestManifests"}
    lost(source, "/api/IngestManifests", 1)
    await read(source, NOW, store)
    source.emulator.control.fault("answer", {**path, "count": 5}, status=500)
    await read(source, NOW + 60.0, store)
    lost(source, "/api/IngestManifests")
    assert states(await read(source, NOW + CERTAIN, store))["IngestManifests"] == "Failed"


async def test_another_answer_that_is_the_last_one_of_an_inventory_counts_as_well(source: Source) -> None:
    store, absences = Memory(), Absences()
    lost(source, "/api/IngestManifests", 1)
    await read(source, NOW, store, absences=absences)
    source.emulator.control.fault("answer", {"path": "/api/", "count": 0}, status=500)
    with pytest.raises(NotReadable):
        await read(source, NOW + 60.0, store, absences=absences)
    source.emulator.control.clear_faults()
    lost(source, "/api/IngestManifests")
    for known in (absences, Absences()):  # the same process, and one that has only the checkpoint
        assert states(await read(source, NOW + CERTAIN, store, absences=known))["IngestManifests"] == "Failed"


def test_what_was_given_is_known_after_a_restart_also_where_there_was_no_room_for_it() -> None:
    kept, census = Kept("a", SEAL), Census("a", "2026-01-01T00:00:00Z")
    large = Group(1, [uuid.uuid4().hex for _ in range(200)])
    census.tallies = {"Locators": Tally({"Gap|x|y": large}), "Filters": Tally(absent=True)}
    kept.take(census, NOW)
    kept.save({**HEAD, "begun": census.begun, "sets": {name: one.dump() for name, one in census.tallies.items()}})
    later = Kept.newest("a", SEAL, (kept.pack(4000),))
    assert set(later.sets) == {"Filters"}, "there was room for this one only"
    for after in (0.0, CERTAIN):
        assert later.absences().doubt("Locators", NOW + after, given=False)


def test_who_was_ahead_of_time_keeps_no_set_waiting() -> None:
    absences = Absences(since={"Filters": NOW + 9 * CERTAIN})
    assert absences.doubt("Filters", NOW, given=False)
    assert not absences.doubt("Filters", NOW + CERTAIN, given=False)


async def test_a_set_that_was_given_before_is_in_trouble_however_long_it_says_404(source: Source) -> None:
    absences = Absences(before={"Locators": Tally(rows=3), "Filters": Tally()})
    lost(source, "/api/(Locators|Filters)")
    for after in (0.0, CERTAIN, 9 * CERTAIN):
        census = await read(source, NOW + after, absences=absences)
        assert {census.failed[name] for name in ("Locators", "Filters")} == {
            "version 2 says 404 to what it gave before"
        }


@pytest.mark.parametrize(("count", "state"), [(1, "Read"), (0, "Failed")])
async def test_rows_that_were_read_are_not_all_rows_where_the_next_page_is_missing(
    source: Source, count: int, state: str
) -> None:
    source.emulator.control.settings(page_size=3)
    source.emulator.control.variants(**{"v2.next-link": "present"})
    lost(source, "/api/Assets$", count, nth=2)
    census = await read(source)
    assert states(census)["Assets"] == state


async def test_while_nothing_is_given_no_set_is_taken_for_none(source: Source) -> None:
    lost(source, "/api/(IngestManifests|StorageAccounts)")
    store, absences = Memory(), Absences(since={"IngestManifests": NOW - CERTAIN, "StorageAccounts": NOW - CERTAIN})
    with pytest.raises(NotReadable) as error:
        await read(source, store=store, absences=absences)
    assert error.value.reason == Access.NO_V2_ENDPOINT
    assert not store.saved


async def test_an_account_that_is_gone_has_no_absent_sets(source: Source) -> None:
    source.emulator.control.fault("answer", {"path": "/mediaservices/[^/]+$", "count": 0}, status=404)
    with pytest.raises(NotReadable) as error:
        await read(source, absences=Absences(since={"StorageAccounts": NOW - CERTAIN}))
    assert error.value.reason == Access.NO_V2_ENDPOINT


async def test_what_is_below_a_row_that_went_is_nothing(source: Source) -> None:
    below = Below(source.client(), Patience(lambda: NOW, nap).read)
    gone = "nb:cid:UUID:00000000-0000-0000-0000-000000000001"
    assert await below.of(FILES_OF, gone) is None
    there = source.emulator.control.v2_rows(source.resource_id, "Assets")[0]["Id"]
    assert await below.of(FILES_OF, there) is not None


@pytest.mark.parametrize("below", ["Options", "DeliveryPolicies"])
async def test_what_is_below_a_row_that_is_listed_is_not_nothing(
    source_factory: Callable[..., Source], below: str
) -> None:
    source = source_factory("broadcaster")
    lost(source, rf"\)/{below}")
    census = await read(source)
    assert any("that it lists" in why for why in census.failed.values())


async def watched(source: Source, kept: Kept, now: float) -> Census:
    """One inventory, as a watch has it."""

    def tell(_: Progress) -> None:
        kept.take(work.census, now)

    known, absences = Known(datetime.fromtimestamp(now, UTC)), kept.absences()
    work = Inventory(
        "a", source.client(), None, kept, known, now=lambda: now, sleep=nap, tell=tell, absences=absences
    )  # fmt: skip
    kept.end(await work.run(), now)
    return work.census


async def polled(source: Source, kept: Kept) -> int:
    return len(await polls.unless_absent(kept, "Channels", polls.read_channels(source.client(), NOW), ()))


async def test_what_a_poll_was_given_is_no_set_that_version_2_has_not(source: Source) -> None:
    """Else one 404 more of a poll would make it nothing, while channels run."""
    kept, path = Kept("a", SEAL), "/api/Channels$"
    lost(source, path)
    assert states(await watched(source, kept, NOW))["Channels"] == "Failed"
    source.emulator.control.clear_faults()
    assert await polled(source, kept)
    lost(source, path)
    for after in (CERTAIN, 3 * CERTAIN):
        assert states(await watched(source, kept, NOW + after))["Channels"] == "Failed", "it was given in between"
    with pytest.raises(NotReadable):
        await polled(source, kept)


async def test_a_set_that_counted_as_none_is_read_again_once_a_poll_is_given_it(source: Source) -> None:
    kept, path, later = Kept("a", SEAL), "/api/Channels$", NOW + CERTAIN
    lost(source, path)
    for now in (NOW, later):
        await watched(source, kept, now)
    assert kept.whole
    assert kept.absent("Channels")
    assert not await polled(source, kept)
    source.emulator.control.clear_faults()
    assert await polled(source, kept)
    assert not kept.absent("Channels")
    assert kept.due(3600.0, later) == later, "at once"
    source.emulator.control.reset_log()
    await watched(source, kept, later)
    assert {entry["kind"] for entry in source.log() if "LIST v2" in entry["kind"]} == {"LIST v2/Channels"}
    assert kept.whole
    assert kept.sets["Channels"].tally
