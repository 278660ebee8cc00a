"""Accounts with a past: everything that has no successor, two versions side by side, rows that come while one reads."""

from __future__ import annotations

import asyncio
import json
import tracemalloc
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from ams_operator.migration import odata
from ams_operator.migration.census import view
from ams_operator.migration.entities import EntitySet
from ams_operator.migration.gaps import GAPS, UNREAD, UNREAD_ASSETS
from ams_operator.migration.inventory import Inventory
from ams_operator.migration.model import Fate, Known, Progress, Tell
from ams_operator.migration.paging import Ask
from ams_operator.migration.patience import Patience
from ams_operator.migration.version3 import Listed

from .conftest import Memory, Source

NOT_IN_LEGACY = {
    "availability-set",
    "key-delivery-only",
    "sdk-language",
    "old-processors",
    "undocumented",
    UNREAD,
    UNREAD_ASSETS,
}
"""no API shows the first four, the emulator makes no row that nobody documented, and there are few assets"""


def fates(report: dict[str, Any], name: str) -> dict[str, int]:
    rows = next(one["verdicts"] for one in report["sets"] if one["name"] == name)
    return {fate: sum(row["count"] for row in rows if row["fate"] == fate) for fate in {row["fate"] for row in rows}}


async def test_legacy_shows_every_gap(source_factory: Callable[..., Source]) -> None:
    report = view(await source_factory("legacy").inventory().run())
    assert {one["id"] for one in report["gaps"]} == set(GAPS) - NOT_IN_LEGACY
    assert {one["id"] for one in report["blockers"]} >= {"sas-locator", "classic-endpoint", "job-in-flight"}
    for one in report["sets"]:
        assert sum(row["count"] for row in one["verdicts"]) == one["rows"]


async def test_mixed_counts_only_what_version_2_made(source_factory: Callable[..., Source]) -> None:
    report = view(await source_factory("mixed").inventory().run())
    assert fates(report, "Assets") == {Fate.VISIBLE: 7, Fate.ORIGIN_V3: 5}
    assert fates(report, "Locators") == {Fate.VISIBLE: 7, Fate.ORIGIN_V3: 5}


async def test_nameless_assets_without_files_are_version_3s_or_nobodys(source_factory: Callable[..., Source]) -> None:
    source = source_factory("legacy")
    report = view(await source.inventory().run())
    assert fates(report, "Assets")[Fate.ORIGIN_V3] == 1
    nameless = [row for row in source.emulator.control.v2_rows(source.resource_id, "Assets") if not row["Name"]]
    assert len(nameless) == 1
    source.emulator.control.fault("answer", {"path": r"\)/Files", "count": 0}, status=400)
    after = view(await source.inventory().run())
    assert fates(after, "Assets")[Fate.UNKNOWN] == 1
    assert after["complete"]
    ids = {one["id"] for one in report["blockers"]}
    assert {one["id"] for one in after["blockers"]} <= ids


async def test_locators_that_a_custom_resource_names_are_version_3s(source_factory: Callable[..., Source]) -> None:
    source = source_factory("small")
    source.emulator.control.variants(**{"v2.locators-in-v3-list": "listed"})
    listed = source.emulator.request("GET", f"{source.resource_id}/streamingLocators")[2]["value"]
    source.emulator.control.reset_log()
    inventory = source.inventory(managed_names=frozenset({listed[0]["name"].lower()}))
    assert fates(view(await inventory.run()), "Locators")[Fate.ORIGIN_V3] == 1


async def test_assets_that_come_and_go_while_they_are_read(source: Source) -> None:
    control = source.emulator.control
    control.settings(page_size=3)
    control.variants(**{"v2.next-link": "present"})
    before = fates(view(await source.inventory().run()), "Assets")[Fate.VISIBLE]
    made: list[str] = []

    def meanwhile(progress: Progress) -> None:
        if progress.name != "Assets" or progress.done:
            return
        made.append(f"{source.resource_id}/assets/meanwhile-{len(made)}")
        assert source.emulator.request("PUT", made[-1], {"properties": {}})[0] == 201
        if len(made) > 2:
            source.emulator.request("DELETE", made[-3])

    census = await source.inventory(tell=meanwhile).run()
    written = [entry for entry in source.log() if entry["api"] == "v2" and entry["access"] != "read"]
    control.reset_log()
    assert not written
    assert made
    # What version 3 makes now is newer than its list, which is why it counts as version 2's until the next inventory.
    assert census.tallies["Assets"].rows >= before
    assert census.complete


def page(start: int, many: int) -> odata.Rows:
    rows = [{"Id": f"nb:cid:UUID:{uuid.UUID(int=number)}", "Name": f"film {number}", "State": 0, "Options": 0}
            for number in range(start, min(start + 1000, many))]  # fmt: skip
    return odata.Rows(tuple(rows))


class Archive:
    """A reader and a version 3 with that many assets and nothing else."""

    def __init__(self, many: int) -> None:
        self.many = many

    async def page(self, entities: EntitySet, ask: Ask, *, parent: str | None = None, top: int = 1000) -> odata.Rows:
        return page(ask.skip, self.many) if entities.name == "Assets" and ask.since is None else odata.Rows(())

    async def probe(self) -> None:
        """It answers."""

    async def assets(self, tell: Tell, patience: Patience) -> dict[str, str]:
        return {str(uuid.UUID(int=number)): f"2020-01-01T00:00:00.{number:07}Z" for number in range(self.many)}

    async def asset_names(self, tell: Tell, patience: Patience) -> set[str]:
        return set()

    async def locators(self, named: frozenset[str], since: str, tell: Tell, patience: Patience) -> Listed:
        return Listed({}, set(), {})

    async def published(self, tell: Tell, patience: Patience) -> dict[str, tuple[str, str]]:
        return {}


def test_memory_is_a_few_hundred_bytes_for_each_asset() -> None:
    many, store = 20_000, Memory()
    archive = Archive(many)
    inventory = Inventory("a", archive, archive, store, Known(datetime.now(UTC)), now=lambda: 0.0)
    tracemalloc.start()
    try:
        asyncio.run(inventory.run())
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert inventory.census.tallies["Assets"].rows == many
    assert peak < 500 * many
    assert len(store.saved[-1]) < 30_000
    assert json.loads(store.saved[-1])["sets"]["Assets"]["rows"] == many
