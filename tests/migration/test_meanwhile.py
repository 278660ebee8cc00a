"""What is told while an inventory runs, after it broke off or was killed: nothing by what nobody read or compared."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from ams_operator.api.reasons import Reason
from ams_operator.domain.answers import NoAnswer
from ams_operator.migration.client import V2Client
from ams_operator.migration.conditions import Finding, Type, judge
from ams_operator.migration.entities import SETS, EntitySet
from ams_operator.migration.inputs import AccessRead, Config, Inputs, InventoryRead, TargetRead
from ams_operator.migration.inventory import Inventory
from ams_operator.migration.joins import lists_old
from ams_operator.migration.kept import Kept
from ams_operator.migration.model import Judgement, Known, Progress, not_needed
from ams_operator.migration.odata import Rows
from ams_operator.migration.paging import PAGE, Ask, Walk
from ams_operator.migration.reduce import keyed
from ams_operator.migration.tally import Tally
from ams_operator.migration.trouble import Access, NotReadable
from ams_operator.migration.turns import Turn
from ams_operator.migration.version3 import Version3

from .accounts import done, inventory, said
from .conftest import Memory, Source
from .test_turns import shared

SEAL = keyed(b"ours")


async def nap(_: float) -> None:
    return None


@dataclass
class Lossy:
    """Version 3, that gives no answer to one question."""

    real: Version3
    lost: str

    def __getattr__(self, name: str) -> Any:
        async def ask(*given: Any) -> Any:
            if name == self.lost:
                raise NoAnswer(Reason.ENDPOINT_UNREACHABLE, "later")
            return await getattr(self.real, name)(*given)

        return ask


def version_3(source: Source) -> Version3:
    return Version3(source.connector(source.policy(), source.account, source.credentials()), source.account)


def delivery(kept: Kept, *, republish: bool = False) -> Finding:
    """As a teller judges what is kept now."""
    now, census = time.time(), kept.census()
    found = InventoryRead(kept.read(3600.0), 3600.0, compared=census.compared, asked=kept.asked)
    access = AccessRead(now, 60.0, Access.REACHABLE)
    inputs = Inputs(now, access=access, inventory=found, config=Config(republish=republish), target=TargetRead())
    return next(one for one in judge(inputs) if one.type == Type.DELIVERY)


async def read(
    source: Source,
    kept: Kept,
    target: Any = None,
    *,
    republish: bool = False,
    hear: Callable[[Progress], None] = lambda _: None,
) -> None:
    """One inventory, as a watch has it."""

    def tell(progress: Progress) -> None:
        kept.take(work.census, time.time())
        hear(progress)

    known = Known(datetime.now(UTC), republish=republish)
    target = target or version_3(source)
    work = Inventory("a", source.client(), target, kept, known, now=time.time, tell=tell, sleep=nap)
    kept.end(await work.run(), time.time())


async def test_nothing_counts_as_published_anew_while_that_is_being_compared(source: Source) -> None:
    kept = Kept("a", SEAL)
    await read(source, kept, republish=True)
    assert delivery(kept, republish=True).reason == "NotRepublished"
    told = set[str]()
    await read(source, kept, republish=True, hear=lambda _: told.add(delivery(kept, republish=True).reason))
    assert told == {"NotRepublished"}, "the inventory before said so, and so does this one"


async def test_what_is_compared_now_says_nothing_of_what_was_read_before(source: Source) -> None:
    kept = Kept("a", SEAL)
    await read(source, kept, Lossy(version_3(source), "locators"))
    assert delivery(kept).done == 0
    source.emulator.control.fault("answer", {"path": "/api/Locators$", "count": 0}, status=500)
    await read(source, kept)
    assert kept.sets["Locators"].failed
    assert delivery(kept).done == 0, "its rows are still those that nobody compared"
    source.emulator.control.clear_faults()
    await read(source, kept)
    assert delivery(kept).done == 12


async def test_what_is_published_anew_is_not_compared_by_locators_that_nobody_could_tell_apart(source: Source) -> None:
    kept = Kept("a", SEAL)
    await read(source, kept, Lossy(version_3(source), "locators"), republish=True)
    assert (delivery(kept, republish=True).status, kept.uncompared) == ("Unknown", True)
    await read(source, kept, republish=True)
    assert (delivery(kept, republish=True).reason, kept.uncompared) == ("NotRepublished", False)


@pytest.mark.parametrize("republish", [False, True])
async def test_what_version_3_makes_meanwhile_is_not_version_2s(source: Source, republish: bool) -> None:
    """Version 3 is in use when all is done: one of its locators would undo that with each inventory."""
    control = source.emulator.control
    control.variants(**{"v2.v3-locators": "shown", "v2.locators-in-v3-list": "listed"})
    kept, made, there = Kept("a", SEAL), "22222222-122c-496e-9ac5-7f9e2c2547b8", f"{source.resource_id}/"

    def hear(progress: Progress) -> None:
        if progress == Progress("Locators", 0):
            new = {"created": "2026-01-01T00:00:00Z"}
            asset, locator = new | {"assetId": made}, new | {"streamingLocatorId": made, "assetName": "film"}
            control.put_out_of_band(f"{there}assets/film", {"properties": asset})
            control.put_out_of_band(f"{there}streamingLocators/film", {"properties": locator})

    for _ in range(2):
        await read(source, kept, republish=republish, hear=hear)
        tally = kept.sets["Locators"].tally
        assert tally is not None
        named = {name for one in tally.blockers.values() for name in one.samples}
        assert not {one for one in named if made in one}
        assert tally.by_fate().get("OriginUnknown", 0) + tally.by_fate().get("OriginV3", 0) == 1


async def test_what_a_reading_had_learned_that_came_to_no_end_is_not_added_to(source: Source) -> None:
    """Else an archive whose last page is broken grows with each try."""
    control, kept, sizes = source.emulator.control, Kept("a", SEAL), list[int]()
    control.settings(page_size=5)
    control.variants(**{"v2.next-link": "present"})
    control.fault("answer", {"path": "/api/Locators$", "count": 0, "nth": 3}, status=500)
    for _ in range(3):
        await read(source, kept, Lossy(version_3(source), "locators"))
        sizes.append(sum(map(len, (kept.saved or {})["known"]["published"].values())))
        control.clear_faults()
        control.fault("answer", {"path": "/api/Locators$", "count": 0, "nth": 3}, status=500)
    assert kept.sets["Locators"].failed
    assert sizes[0]
    assert len(set(sizes)) == 1


async def test_what_could_not_be_read_is_known_after_a_restart(source: Source) -> None:
    kept = Kept("a", SEAL)
    await read(source, kept)
    source.emulator.control.fault("answer", {"path": "/api/Locators$", "count": 0}, status=500)
    await read(source, kept)
    later = Kept.newest("a", SEAL, (kept.pack(),))
    assert {name: one.failed for name, one in later.sets.items()} == {n: one.failed for n, one in kept.sets.items()}
    assert later.sets["Locators"].failed
    source.emulator.control.clear_faults()
    await read(source, later)
    assert not any(one.failed for one in later.sets.values())


async def test_an_outage_is_no_trouble_of_the_sets_that_are_read_meanwhile(source: Source) -> None:
    """Else V2InventoryReady is False, which undoes what was complete, and version 2 may be gone for good."""
    kept, control = Kept("a", SEAL), source.emulator.control

    def hear(progress: Progress) -> None:
        if progress.name == "Files":
            control.fault("answer", {"path": "/api/", "count": 0}, status=500)

    with pytest.raises(NotReadable):
        await read(source, kept, hear=hear)
    assert not any(one.failed for one in kept.sets.values())
    control.clear_faults()
    await read(source, kept)
    assert kept.whole


async def test_who_is_refused_leaves_no_request_behind_that_takes_a_turn_for_good(source: Source) -> None:
    tools = shared(1)
    control, options = source.emulator.control, r"\)/Options$"
    control.fault("answer", {"path": options, "count": 1}, status=503)
    control.fault("answer", {"path": options, "count": 0, "nth": 2}, status=401)
    control.fault("answer", {"path": "/StorageAccounts$", "count": 0, "nth": 2}, status=401)
    with pytest.raises(NotReadable):
        async with Turn(tools, "n") as turn:
            await source.inventory(turn=turn).run()
    assert len(asyncio.all_tasks()) == 1, "who was asked for patience does not go on"
    assert tools.turns.free == 1


def test_one_asset_that_was_asked_says_nothing_once_all_are_listed() -> None:
    for compared, status in (("Unlisted", "False"), ("Listed", "True")):
        found = inventory(compared={"Assets": "Listed", "Locators": compared}, asked=False)
        assert said(done(inventory=found))[Type.DELIVERY].status == status


def test_sets_that_could_not_be_read_are_not_counted_as_read() -> None:
    found = inventory()
    sets = {**found.sets, "Jobs": replace(found.sets["Jobs"], failed="500")}
    message = said(done(inventory=replace(found, sets=sets)))[Type.INVENTORY].message
    assert message.startswith(f"{len(SETS) - 1} of {len(SETS)} entity sets are read; blocking: Jobs")


class Many:
    """Version 2 with more rows of one set than stand on a page, and one row below each."""

    def __init__(self, *rows: dict[str, Any]) -> None:
        self.rows = rows
        self.look: Callable[[], None] = lambda: None

    async def page(self, entities: EntitySet, ask: Ask, *, parent: str | None = None, top: int = PAGE) -> Rows:
        self.look()
        if parent is not None:
            return Rows(({"Id": f"nb:ckpoid:UUID:{parent[-36:]}", "Content": parent},))
        return Rows(self.rows[ask.skip : ask.skip + top])

    async def probe(self) -> None:
        return None


def guid(number: int) -> str:
    return f"00000000-0000-0000-0000-{number:012d}"


async def test_whether_version_3_lists_what_is_published_is_not_settled_by_the_first_page() -> None:
    rows = [{"Id": f"nb:lid:UUID:{guid(number)}", "AccessPolicyId": "nb:pid:UUID:x"} for number in range(PAGE + 5)]
    reader = Many(*rows)

    async def lists(*locators: str) -> bool:
        walk = Walk(lambda ask: reader.page(SETS["Locators"], ask), "Id", None, datetime.now(UTC))
        return await lists_old(locators, walk.pages())

    assert await lists(guid(PAGE + 3))
    assert not await lists(guid(PAGE + 9))
    assert not await lists()


async def test_options_are_held_for_one_page_of_policies() -> None:
    reader, most = Many(*({"Id": f"nb:ckpid:UUID:{guid(number)}"} for number in range(2 * PAGE + 5))), [0]
    work = Inventory("a", reader, None, Memory(), Known(datetime.now(UTC)), now=time.time)
    reader.look = lambda: most.append(len(work._known.options))
    work.census.tallies["ContentKeys"] = Tally()
    await work._read(SETS["ContentKeyAuthorizationPolicies"])
    assert work.census.tallies["ContentKeyAuthorizationPolicyOptions"].rows == 2 * PAGE + 5
    assert max(most) <= PAGE


@dataclass
class Moving:
    """Version 2, whose Locators are counted as one more than are listed."""

    real: V2Client

    async def page(self, entities: EntitySet, ask: Ask, *, parent: str | None = None, top: int = PAGE) -> Rows:
        found = await self.real.page(entities, ask, parent=parent, top=top)
        if entities.name != "Locators" or ask.skip:
            return found
        return replace(found, count=len(found.rows) + 1, more=True)

    async def probe(self) -> None:
        await self.real.probe()


async def test_what_is_judged_by_rows_that_may_not_be_all_is_not_settled_either(source: Source) -> None:
    work = Inventory("a", Moving(source.client()), version_3(source), Memory(), Known(datetime.now(UTC)), now=time.time)
    found = await work.run()
    assert {name for name, one in found.tallies.items() if not one.settled} == {
        "Locators", "Combinations", "AssetFilters",
    }  # fmt: skip


def test_who_shows_a_gap_in_several_ways_is_counted_once_and_is_told_from_another_who_does() -> None:
    seen = set[str]()
    for mark in (5, 6):
        tally = Tally()
        shown = (("preset-features", "BmpImage"), ("preset-features", "Condition"), ("hds", "HDS"))
        tally.add("a task", mark, Judgement(not_needed("over"), shown))
        group = tally.evidence["preset-features"]
        assert (group.count, group.samples) == (1, ["BmpImage", "Condition"])
        seen.add(group.evidence)
    assert len(seen) == 2
