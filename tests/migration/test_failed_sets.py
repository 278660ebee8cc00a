"""What one set that can't be read does to the others: nothing that is wrong, and nothing for longer than it lasts."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import pytest

from ams_operator.migration import settings
from ams_operator.migration.census import view
from ams_operator.migration.conditions import Type
from ams_operator.migration.inputs import STALE_AFTER, InventoryRead
from ams_operator.migration.kept import Kept
from ams_operator.migration.ports import Way
from ams_operator.migration.tools import Tools
from ams_operator.migration.watch import Watch

from .accounts import ROWS, done, inventory, said
from .conftest import Memory, Source
from .telling_world import Clock, account_of
from .test_conditions import SAS
from .test_turns import SEAL, Reached


async def nap(_: float) -> None:
    return None


def moving(found: InventoryRead, *names: str) -> InventoryRead:
    """Of these sets nobody knows whether all rows were seen."""
    sets = {name: replace(found.sets[name], tally=replace(found.tally(name), settled=False)) for name in names}
    return replace(found, sets={**found.sets, **sets})


@pytest.mark.parametrize(
    ("name", "condition"),
    [
        ("Locators", Type.DELIVERY),
        ("Tasks", Type.ENCODING),
        ("Combinations", Type.PROTECTION),
        ("NotificationEndPoints", Type.GAPS),
    ],
)
def test_nothing_is_done_by_rows_that_may_not_be_all_and_what_is_among_them_blocks(name: str, condition: Type) -> None:
    found = said(done(inventory=moving(inventory(), name)))
    for one in (condition, Type.INVENTORY, Type.COMPLETE):
        assert found[one].status == "Unknown", found[one]
    assert name in found[Type.INVENTORY].message
    seen = inventory({**ROWS, "Locators": (*ROWS["Locators"], SAS)})
    for whole in (seen, moving(seen, "Locators")):
        assert said(done(inventory=whole))[Type.GAPS].reason == "Unacknowledged"
        assert said(done(inventory=whole))[Type.DELIVERY].reason == "SasLocators"


@pytest.mark.parametrize(
    ("path", "waiting"),
    [
        ("/api/Assets$", {"Assets", "Locators", "Combinations", "AssetFilters"}),
        ("/api/AccessPolicies$", {"AccessPolicies", "Locators", "Combinations", "AssetFilters"}),
        ("/api/Locators$", {"Locators", "Combinations", "AssetFilters"}),
        ("/api/ContentKeys$", {"ContentKeys", "ContentKeyAuthorizationPolicies"}),
        ("/api/AssetDeliveryPolicies$", {"AssetDeliveryPolicies", "Combinations"}),
        (r"\)/DeliveryPolicies$", {"Combinations"}),
        ("/api/AssetFilters$", {"AssetFilters"}),
        ("/api/MediaProcessors$", {"MediaProcessors", "JobTemplates", "Tasks"}),
    ],
)
async def test_what_is_judged_by_a_set_that_failed_waits_for_it_and_comes_to_the_same(
    source: Source, path: str, waiting: set[str]
) -> None:
    whole = view(await source.inventory().run())
    source.emulator.control.fault("answer", {"path": path, "count": 0}, status=500)
    store = Memory()
    assert set((await source.inventory(store, sleep=nap).run()).failed) == waiting
    source.emulator.control.clear_faults()
    again = view(await source.inventory(store).run())
    for report in (whole, again):
        del report["begun"]
    assert again == whole


class Racing(Clock):
    """Time passes as fast as anybody sleeps."""

    def __init__(self, at: float) -> None:
        self.at, self.passed = at, list[float]()

    async def sleep(self, seconds: float) -> None:
        self.at += seconds
        self.passed.append(self.at)
        await asyncio.sleep(0)


async def test_a_set_that_is_broken_for_good_is_asked_ever_more_seldom_and_makes_no_other_stale(
    source_factory: Callable[..., Source], monkeypatch: pytest.MonkeyPatch
) -> None:
    source, clock = source_factory("small"), Racing(time.time())
    control, began, minute = source.emulator.control, clock.at, 60.0
    backend = source.connector(source.policy(), source.account, source.credentials())
    held = replace(account_of(), spec={"subscriptionId": "s", "migration": {"inventoryInterval": "1m"}})
    tools = Tools(Reached(held, there=Way(backend, source.account)), clock, SEAL, seal=SEAL)
    watch = Watch(tools, "uid", Kept(await tools.identity(held), SEAL), settings.config)
    ends = list[tuple[float, set[str]]]()
    end = Kept.end

    def ended(kept: Kept, *given: object) -> None:
        end(kept, *given)  # type: ignore[arg-type] # as it was called
        ends.append((clock.at, {name for name, one in kept.sets.items() if one.failed}))

    monkeypatch.setattr(Kept, "end", ended)
    control.fault("answer", {"path": "/api/MediaProcessors$", "count": 0}, status=500)
    watch._reachable.set()
    watch.target.account = replace(watch.target.account, at=began)
    inventories = asyncio.create_task(watch._inventories())

    read, asked, rounds = set[float](), 0, 0
    while not (rounds and watch.kept.census().complete) and not inventories.done():
        await asyncio.sleep(0.001)
        read |= {at for name, one in watch.kept.sets.items() if name == "Assets" and (at := one.at) is not None}
        if not rounds and clock.at >= began + 15 * minute:
            asked = sum(entry["kind"] == "LIST v2/MediaProcessors" for entry in source.log())
            rounds = len(ends)
            control.clear_faults()
    inventories.cancel()
    await asyncio.gather(inventories, return_exceptions=True)
    assert max(later - early for early, later in pairwise([began, *sorted(read)])) < STALE_AFTER * minute
    assert rounds > 12
    assert asked < 2 * rounds, "five tries each time would be many more"
    failed = [those for _, those in ends[:rounds]]
    assert failed == [{"MediaProcessors", "JobTemplates", "Tasks"}] * rounds, "it is told all the time"
    assert not any(one.failed for one in watch.kept.sets.values())
    assert watch.kept.census().complete


def test_what_a_wrong_clock_dated_ahead_is_read_again_and_not_judged_by_until_then() -> None:
    """A process took it up from one on another machine; else its inventory would be that of a whole month."""
    kept, now = Kept("a", SEAL, whole=True), time.time()
    for ahead, due in ((-7200.0, now), (-60.0, now + 3540.0), (30 * 86_400.0, now)):
        kept.begun = now + ahead
        assert max(now, kept.due(3600.0, now)) == due
    found = inventory()
    for ahead in (30 * 86_400.0, -30 * 86_400.0):
        sets = {name: replace(one, at=(one.at or 0.0) + ahead) for name, one in found.sets.items()}
        said_of = said(done(inventory=replace(found, sets=sets)))
        assert {said_of[one].status for one in (Type.INVENTORY, Type.DELIVERY, Type.COMPLETE)} == {"Unknown"}
