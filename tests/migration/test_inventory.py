"""A whole inventory against the emulator: verdicts, resumption, what can't be read, and what must not leak."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.migration.secrets_of import SECRETS

from ams_operator.migration.census import view
from ams_operator.migration.entities import SETS, EntitySet, How
from ams_operator.migration.inventory import Inventory
from ams_operator.migration.model import Fate, Known, Progress
from ams_operator.migration.odata import Rows
from ams_operator.migration.paging import PAGE, Ask
from ams_operator.migration.trouble import Access, NotReadable

from .conftest import Memory, Source


async def seen(source: Source) -> dict[str, Any]:
    return view(await source.inventory().run())


def found(report: dict[str, Any], name: str) -> dict[str, Any]:
    return next(one for one in report["sets"] if one["name"] == name)


def fates(report: dict[str, Any], name: str) -> dict[str, int]:
    counted: Counter[str] = Counter()
    for verdict in found(report, name)["verdicts"]:
        counted[verdict["fate"]] += verdict["count"]
    return dict(counted)


async def test_every_entity_of_a_broadcaster_has_one_verdict(source: Source) -> None:
    report = await seen(source)
    assert report["complete"]
    for one in report["sets"]:
        assert sum(verdict["count"] for verdict in one["verdicts"]) == one["rows"], one["name"]
        assert one["state"] == "Read"
    assert fates(report, "Assets") == {Fate.VISIBLE: found(report, "Assets")["rows"]}
    assert fates(report, "Channels") == {Fate.MAPS: 4}
    assert fates(report, "Programs") == {Fate.MAPS: 2, Fate.NOT_NEEDED: 2}
    assert fates(report, "Filters") == fates(report, "AssetFilters") == {Fate.MAPS: 1}
    assert fates(report, "StreamingEndpoints") == {Fate.VISIBLE: 1}
    assert fates(report, "Locators") == {Fate.VISIBLE: 12}
    targets = {(one["kind"], one["name"]): one for one in report["targets"]}
    assert targets["LiveEvent", "sport"]["fields"]["encoding"]["encodingType"] == "Standard"
    assert ("Transform", "v2-h264-multiple-bitrate-1080p") in targets
    assert targets["Transform", "v2-h264-multiple-bitrate-1080p"]["count"] == 14
    assert {name for kind, name in targets if kind == "StreamingPolicy"} >= {"Predefined_ClearStreamingOnly"}
    assert report["reservedUnits"] == "10 x S3"


async def test_blockers_name_what_is_on_air_and_in_flight(source: Source) -> None:
    report = await seen(source)
    blockers = {one["id"]: one for one in report["blockers"]}
    assert sorted(blockers["channel-on-air"]["samples"]) == ["news", "sport"]
    assert blockers["job-in-flight"]["count"] == 2
    assert blockers["program-on-air"]["count"] == 2
    assert "gap:slate" in blockers
    conditions = [one["condition"] for one in report["blockers"]]
    assert conditions.index("V2JobsDrained") < conditions.index("FeatureGapsResolved")


async def test_no_secret_is_in_report_checkpoint_or_logs(source: Source, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    store = Memory()
    report = json.dumps(view(await source.inventory(store).run()))
    everything = "\n".join([report, caplog.text, *(one.decode() for one in store.saved)])
    for secret in SECRETS(source):
        assert secret not in everything
    assert "ecrets" not in report, "digests are for the operator alone"


@pytest.mark.parametrize("answer", ["hidden", "listed"])
async def test_locators_that_version_3_does_not_list_block_only_where_it_lists_others(
    source: Source, answer: str
) -> None:
    source.emulator.control.variants(**{"v2.locators-in-v3-list": answer})
    before = await seen(source)
    assert fates(before, "Locators") == {Fate.VISIBLE: 12}
    assert any(one["inferred"] for one in found(before, "Locators")["verdicts"]) is (answer == "hidden")
    name = source.emulator.request("GET", f"{source.resource_id}/streamingLocators")[2]["value"]
    if answer == "listed":
        source.emulator.control.fault("list", {"path": "/streamingLocators$", "count": 0}, skip=[name[0]["name"]])
        after = await seen(source)
        assert fates(after, "Locators") == {Fate.VISIBLE: 11, Fate.MAPS: 1}
        assert "not-visible" in {one["id"] for one in after["blockers"]}


async def test_what_version_3_made_is_not_version_2s(source: Source) -> None:
    path = f"{source.resource_id}/assets/made-by-version-3"
    before = fates(await seen(source), "Assets")[Fate.VISIBLE]
    assert source.emulator.request("PUT", path, {"properties": {}})[0] == 201
    source.emulator.control.reset_log()
    assert fates(await seen(source), "Assets") == {Fate.VISIBLE: before, Fate.ORIGIN_V3: 1}


async def test_nothing_is_asked_for_that_is_not_told_before(source: Source) -> None:
    source.emulator.control.settings(page_size=5)
    source.emulator.control.variants(**{"v2.locators-in-v3-list": "listed"})
    told: list[Progress] = []
    await source.inventory(tell=told.append).run()
    names = list(dict.fromkeys(one.name for one in told))
    assert set(names) >= {name for name, one in SETS.items() if one.how is not How.BELOW}
    assert all(next(one.rows for one in told if one.name == name) == 0 for name in names)
    for before, name in (("version 3: Asset", "Assets"), ("version 3: StreamingLocator", "Locators")):
        assert names.index(before) == names.index(name) - 1
        rows = [one.rows for one in told if one.name == before]
        assert rows == sorted(rows)
        assert len(set(rows)) > 2
        assert [one.done for one in told if one.name == before] == [False] * (len(rows) - 1) + [True]


class KilledError(Exception):
    pass


@pytest.mark.parametrize("last", ["Assets", "Locators", "AssetDeliveryPolicies", "Combinations", "Tasks"])
async def test_a_killed_inventory_reads_no_finished_set_again(source: Source, last: str) -> None:
    whole, store = await seen(source), Memory()

    def kill(progress: Progress) -> None:
        if progress.done and progress.name in SETS and list(SETS).index(progress.name) > list(SETS).index(last):
            raise KilledError

    with pytest.raises(KilledError):
        await source.inventory(store, tell=kill).run()
    done = set(json.loads(store.saved[-1])["sets"])
    source.emulator.control.reset_log()
    again = view(await source.inventory(store).run())
    # Links of single assets are a set of their own here, whatever they lead to.
    asked = {
        "Combinations" if "v2/Assets." in entry["kind"] else entry["kind"].partition("v2/")[2].rpartition(".")[2]
        for entry in source.log()
        if "LIST v2" in entry["kind"]
    }
    assert last in done
    assert not asked & done
    for report in (whole, again):
        del report["begun"]
    assert again == whole


async def test_a_checkpoint_of_another_account_or_of_nobody_is_not_taken_up(source: Source) -> None:
    store = Memory()
    await source.inventory(store).run()
    changes: list[dict[str, Any]] = [
        {"account": "another"}, {"begun": "2001-01-01T00:00:00Z"}, {"sets": {"Assets": 7}}, {"known": {}},
    ]  # fmt: skip
    for change in changes:
        damaged = Memory([json.dumps({**json.loads(store.saved[-1]), **change}).encode()])
        source.emulator.control.reset_log()
        await source.inventory(damaged).run()
        assert any(entry["kind"] == "LIST v2/Assets" for entry in source.log()), change


async def test_a_set_that_fails_does_not_keep_the_others_from_being_read(source: Source) -> None:
    source.emulator.control.fault("answer", {"path": "/api/Channels", "count": 0}, status=500)
    naps: list[float] = []

    async def nap(seconds: float) -> None:
        naps.append(seconds)

    report = view(await source.inventory(sleep=nap).run())
    assert not report["complete"]
    assert found(report, "Channels")["state"] == "Failed"
    assert found(report, "Programs")["state"] == "Read"
    assert "set:Channels" in {one["id"] for one in report["blockers"]}
    assert len(naps) == 4


async def test_patience_is_as_long_as_the_service_asks_for(source: Source) -> None:
    said = json.dumps({"odata.error": {"code": "", "message": {"value": "Server is busy. Previous runs"}}})
    source.emulator.control.fault("answer", {"path": "/api/Assets"}, status=503, body=said, retryAfter=1)
    naps: list[float] = []

    async def nap(seconds: float) -> None:
        naps.append(seconds)
        await asyncio.sleep(seconds)

    assert view(await source.inventory(sleep=nap).run())["complete"]
    assert naps


@pytest.mark.parametrize("answer", ["odata", "ignored"])
async def test_files_are_counted_and_not_walked_also_where_the_service_does_not_say_how_many(
    source: Source, answer: str
) -> None:
    """There may be millions: all their ids would be more than an operator has memory for."""
    source.emulator.control.variants(**{"v2.inlinecount": answer})
    rows = len(source.emulator.control.v2_rows(source.resource_id, "Files"))
    asked: list[int] = []

    class Noting:
        real = source.client()

        async def page(self, entities: EntitySet, ask: Ask, *, parent: str | None = None, top: int = PAGE) -> Rows:
            asked.extend([top] if entities.name == "Files" and parent is None else [])
            return await self.real.page(entities, ask, parent=parent, top=top)

        async def probe(self) -> None:
            await self.real.probe()

    known = Known(datetime.now(UTC))
    census = await Inventory("a", Noting(), None, Memory(), known, now=time.time).run()
    assert census.tallies["Files"].rows == rows
    assert set(asked) == {1}


async def test_nothing_is_read_where_nobody_may(source_factory: Callable[..., Source]) -> None:
    source = source_factory("small")
    source.emulator.control.deny(scope=source.resource_id, rights=["write"])
    with pytest.raises(NotReadable) as error:
        await source.inventory().run()
    assert error.value.reason == Access.NOT_AUTHORIZED


async def test_the_same_account_has_the_same_report_in_every_variant(source: Source) -> None:
    one = await seen(source)
    source.emulator.control.variants(**{
        "v2.endpoint-redirect": "serves", "v2.error-shape": "error", "v2.dates": "zone", "v2.next-link": "present",
        "v2.inlinecount": "odata",
    })  # fmt: skip
    two = await seen(source)
    del one["begun"], two["begun"]
    assert one == two
