"""What was compared with version 3 before stands for a list that is not given only where version 2 shows the same."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from ams_operator.migration import older
from ams_operator.migration.conditions import Finding, Type
from ams_operator.migration.inputs import (
    Acknowledgement,
    ChannelsRead,
    Config,
    Inputs,
    InventoryRead,
    JobsRead,
    Remembered,
)
from ams_operator.migration.kept import Kept
from ams_operator.migration.model import Known

from .accounts import NOW, ROWS, TODAY, config, done, inventory, listed, said
from .conftest import Source
from .test_meanwhile import SEAL, Lossy, read, version_3

HOUR = 3600.0
DECLARED = ("slate", "ad-markers-api", "key-delivery-only", "unlisted-locators", "player-sdk")


@dataclass
class Account:
    """One whose migration was complete, as far as an inventory tells."""

    kept: Kept
    config: Config
    remembered: Remembered = field(default_factory=Remembered)

    def judged(self) -> dict[str, Finding]:
        census = self.kept.census()
        found = InventoryRead(
            self.kept.read(HOUR), HOUR, "", census.units, census.compared, tuple(census.notes), self.kept.before(),
            self.kept.asked, self.kept.again, self.kept.since, older.alone(self.kept.lasting),
        )  # fmt: skip
        return {str(kind): one for kind, one in said(replace(self._whole(), inventory=found)).items()}

    def _whole(self) -> Inputs:
        whole, now = done(), time.time()
        later = now - whole.now

        def moved(reading: Any) -> Any:
            return replace(reading, at=reading.at + later)

        lists = {kind: moved(one) for kind, one in whole.target.lists.items()}
        return replace(
            whole,
            now=now,
            access=moved(whole.access),
            target=replace(whole.target, account=moved(whole.target.account), lists=lists),
            jobs=replace(whole.jobs, polls=tuple(map(moved, whole.jobs.polls))),
            objects=moved(whole.objects),
            channels=replace(moved(whole.channels), channels=(), programs=()),
            remembered=self.remembered,
            config=self.config,
        )


@pytest.fixture
def source(source_factory: Callable[..., Source]) -> Source:
    """Nothing of it was published lately."""
    return source_factory("small")


@pytest.fixture
async def account(source: Source) -> Account:
    """Read once, with nothing left to do: what the emulator's account encodes and protects is retired."""
    kept = Kept("a", SEAL)
    source.emulator.control.variants(**{"v2.locators-in-v3-list": "listed"})
    await read(source, kept)
    targets = [target for one in kept.sets.values() if one.tally for target in one.tally.targets.values()]
    config = done().config
    declared = {**config.declared, **{one: Acknowledgement(one, "asked") for one in DECLARED}}
    names = frozenset(name.lower() for one in targets for name in (one["name"], *one["ids"]))
    found = Account(kept, replace(config, declared=declared, retired=names))
    gaps = kept.census().merged("evidence")
    accepted = {name: Acknowledgement(name, "known", evidence=group.evidence) for name, group in gaps.items()}
    found.config = replace(found.config, acknowledged=accepted)
    said = found.judged()
    assert said[Type.COMPLETE].status == "True", [one.message for one in said.values() if one.status != "True"]
    found.remembered = Remembered(complete=True, completed=True)
    return found


def given(source: Source, *kinds: int) -> None:
    """Somebody publishes a new asset in version 2."""
    control, now = source.emulator.control, datetime.now(UTC)
    asset = control.v2_put(source.resource_id, "Assets", Name="new", State=0, Options=0, Created=f"{now:%FT%TZ}")
    policy = control.v2_put(
        source.resource_id, "AccessPolicies", Name="np", DurationInMinutes=1e6, Permissions=1, Created=f"{now:%FT%TZ}"
    )
    for kind in kinds:
        control.v2_put(
            source.resource_id, "Locators", AssetId=asset["Id"], AccessPolicyId=policy["Id"], Type=kind,
            ExpirationDateTime=f"{now + timedelta(days=900):%FT%TZ}",
        )  # fmt: skip


@pytest.mark.parametrize("lost", ["assets", "locators"])
async def test_what_version_2_is_given_is_told_although_a_list_of_version_3_is_lost(
    source: Source, account: Account, lost: str
) -> None:
    given(source, 1, 2)
    for _ in range(2):  # the second is of what could not be compared alone
        await read(source, account.kept, Lossy(version_3(source), lost))
        account.kept = Kept.newest("a", SEAL, (account.kept.pack(),))
        found = account.judged()
        assert (found[Type.GAPS].status, found[Type.GAPS].reason) == ("False", "Unacknowledged")
        assert (found[Type.DELIVERY].status, found[Type.DELIVERY].reason) == ("False", "V2StillPublishing")
        assert (found[Type.COMPLETE].status, found[Type.COMPLETE].completed) == ("False", False)


async def test_what_nobody_compared_grows_no_older_than_it_is(source: Source, account: Account) -> None:
    """It stands for nothing that was compared: what it proves is proved as long as version 2 shows it."""
    given(source, 2)
    for _ in range(3):
        await read(source, account.kept, Lossy(version_3(source), "assets"))
        found = account.judged()[Type.DELIVERY]
        assert (found.status, found.reason) == ("False", "V2StillPublishing"), found.message
        sets = account.kept.sets
        account.kept.sets = {name: replace(one, at=(one.at or 0.0) - 2 * HOUR) for name, one in sets.items()}


async def test_a_locator_that_nobody_compared_is_no_proof_and_takes_back_that_all_was_done(
    source: Source, account: Account
) -> None:
    """Nothing in version 2 says when it was made, and version 3's list does."""
    control = source.emulator.control
    asset = control.v2_put(source.resource_id, "Assets", Name="old", State=0, Options=0, Created="2020-01-01T00:00:00Z")
    await read(source, account.kept)
    policy = next(iter(control.v2_rows(source.resource_id, "AccessPolicies")))
    control.v2_put(
        source.resource_id, "Locators", AssetId=asset["Id"], AccessPolicyId=policy["Id"], Type=2,
        ExpirationDateTime="2099-01-01T00:00:00Z",
    )  # fmt: skip
    await read(source, account.kept, Lossy(version_3(source), "locators"))
    found = account.judged()
    assert (found[Type.DELIVERY].status, found[Type.COMPLETE].status) == ("Unknown", "Unknown")
    assert not found[Type.COMPLETE].completed
    await read(source, account.kept)
    assert not older.alone(account.kept.lasting)
    assert account.judged()[Type.DELIVERY].reason == "V2StillPublishing"


def made_in_3(source: Source, *, asset: str = "", created: datetime | None = None) -> None:
    """Version 3 publishes an asset, its own where none is given; version 2 shows what it makes."""
    control, guid = source.emulator.control, "22222222-122c-496e-9ac5-7f9e2c2547b8"
    control.variants(**{"v2.v3-locators": "shown"})
    new = {"created": f"{created or datetime.now(UTC):%FT%TZ}"}
    if not asset:
        control.put_out_of_band(f"{source.resource_id}/assets/film", {"properties": new | {"assetId": guid}})
    control.put_out_of_band(
        f"{source.resource_id}/streamingLocators/film",
        {"properties": new | {"streamingLocatorId": guid, "assetName": asset or "film"}},
    )


def without(source: Source, *lists: str) -> Any:
    """Version 3, which does not give these."""
    target: Any = version_3(source)
    for one in lists:
        target = Lossy(target, one)
    return target


@pytest.mark.parametrize("published", ["new", "old"])
@pytest.mark.parametrize("lost", [("locators",), ("assets",), ("assets", "locators")])
async def test_what_version_3_publishes_is_nothing_that_version_2_was_given(
    source: Source, account: Account, lost: tuple[str, ...], published: str
) -> None:
    if published == "new":
        made_in_3(source)
    else:
        old = source.emulator.control.v2_put(
            source.resource_id, "Assets", Name="old", State=0, Options=0, Created="2020-01-01T00:00:00Z"
        )
        made_in_3(source, asset=old["Id"][-36:], created=datetime(2024, 1, 1, tzinfo=UTC))
        await read(source, account.kept)
    for _ in range(2):
        await read(source, account.kept, without(source, *lost))
        found = account.judged()
        assert (found[Type.DELIVERY].status, found[Type.DELIVERY].done) == ("True", 3), found[Type.DELIVERY].message
        assert account.kept.since
        assert not older.alone(account.kept.lasting), "what was complete stays so for as long as the list is wanting"
        account.kept = Kept.newest("a", SEAL, (account.kept.pack(),))
    await read(source, account.kept)
    assert account.judged()[Type.COMPLETE].status == "True"


async def test_a_filter_counts_as_soon_as_its_asset_is_known_to_be_published(source: Source, account: Account) -> None:
    """Also where only what could not be compared is read again."""
    control, put = source.emulator.control, partial(source.emulator.control.v2_put, source.resource_id)
    control.variants(**{"v2.locators-in-v3-list": "hidden"})  # which would say that it is new
    policy = next(one["AccessPolicyId"] for one in control.v2_rows(source.resource_id, "Locators"))
    asset = put("Assets", Name="old", State=0, Options=0, Created="2020-01-01T00:00:00Z")["Id"]
    put("AssetFilters", Id=f"{asset}__###__new", ParentAssetId=asset, Name="new")
    ended = {"Type": 2, "ExpirationDateTime": "2021-01-01T00:00:00Z"}
    over = put("Locators", AssetId=asset, AccessPolicyId=policy, **ended)
    await read(source, account.kept, Lossy(version_3(source), "locators"))
    control.v2_patch(source.resource_id, "Locators", over["Id"], ExpirationDateTime="2099-01-01T00:00:00Z")
    await read(source, account.kept)
    assert account.judged()[Type.DELIVERY].reason == "FiltersMissing"


async def test_a_locator_that_is_in_force_again_is_seen_whoever_else_has_expired(
    source: Source, account: Account
) -> None:
    """As many or more are over as were before."""
    control, where = source.emulator.control, (source.resource_id, "Locators")
    streaming = [one for one in control.v2_rows(*where) if one["Type"] == 2]
    over = control.v2_put(
        *where, AssetId=streaming[0]["AssetId"], AccessPolicyId=streaming[0]["AccessPolicyId"], Type=2,
        ExpirationDateTime="2021-01-01T00:00:00Z",
    )  # fmt: skip
    await read(source, account.kept)
    control.v2_patch(*where, streaming[1]["Id"], ExpirationDateTime="2022-01-01T00:00:00Z")
    await read(source, account.kept, without(source, "locators"))
    assert (account.judged()[Type.COMPLETE].status, bool(account.kept.since)) == ("True", True)
    control.v2_patch(*where, over["Id"], ExpirationDateTime="2099-01-01T00:00:00Z")
    control.v2_patch(*where, streaming[2]["Id"], ExpirationDateTime="2022-01-01T00:00:00Z")
    await read(source, account.kept, without(source, "locators"))
    found = account.judged()
    assert (found[Type.DELIVERY].status, found[Type.COMPLETE].completed) == ("Unknown", False)


@pytest.mark.parametrize("republish", [False, True])
def test_a_locator_that_nobody_compared_may_be_version_2s_where_there_is_no_other(republish: bool) -> None:
    """That version 2 publishes nothing is proved by version 3's list alone."""
    (row,) = ROWS["Locators"]
    unnamed = {**ROWS, "Locators": ({**row, "AccessPolicyId": None},)}
    for compared, status in (("Failed", "Unknown"), ("Unjoined", "Unknown"), ("Listed", "True")):
        known = listed(republish=republish) if compared == "Listed" else Known(TODAY, republish=republish)
        found = inventory(unnamed, known, compared={"Assets": "Listed", "Locators": compared})
        judged = said(done(inventory=found, config=config(republish=republish)))[Type.DELIVERY]
        assert (judged.status, judged.done) == (status, 0), judged.message


async def test_what_shows_the_same_stands(source: Source, account: Account) -> None:
    await read(source, account.kept, Lossy(version_3(source), "locators"))
    found = account.judged()
    assert (found[Type.COMPLETE].status, found[Type.COMPLETE].completed) == ("True", True)
    assert account.kept.since


async def test_figures_that_are_new_are_not_told_as_of_then(source: Source, account: Account) -> None:
    where = (source.resource_id, "Locators")
    streaming = [one for one in source.emulator.control.v2_rows(*where) if one["Type"] == 2]
    source.emulator.control.v2_delete(*where, streaming[0]["Id"])
    await read(source, account.kept, without(source, "assets"))
    found, since = account.judged(), account.kept.since
    assert (sorted(older.alone(account.kept.lasting)), found[Type.DELIVERY].done) == (["Locators"], 2)
    assert since
    assert "as of" not in found[Type.DELIVERY].message
    assert f"as of {since}, but for Locators: no newer list" in found[Type.INVENTORY].message
    assert account.kept.census().notes[0].endswith(f"as of {since}, but for Locators, which nobody compared")
    await read(source, account.kept)
    assert not any(" as of " in one.message for one in account.judged().values())


def test_rows_that_nobody_compared_take_back_what_was_complete() -> None:
    found, complete = inventory(), Remembered(complete=True, completed=True)
    waiting = frozenset({"Locators"})
    for alone, stays in ((frozenset[str](), True), (waiting, False)):
        changed = replace(found, compared={"Assets": "Listed", "Locators": "Failed"}, again=waiting, alone=alone)
        assert said(done(inventory=changed, remembered=complete))[Type.COMPLETE].completed is stays


@pytest.mark.parametrize(
    "changes",
    [
        {"config": config(declared={})},
        {"jobs": JobsRead(())},
        {"channels": ChannelsRead(NOW - 9 * HOUR, 60.0)},
    ],
)
def test_what_is_unknown_for_another_sake_than_a_list_takes_back_what_was_complete(changes: dict[str, Any]) -> None:
    waiting = replace(inventory(), again=frozenset({"Locators"}), since="2023-05-31T23:00:00Z", notes=("lost",))
    found = done(inventory=waiting, remembered=Remembered(complete=True, completed=True))
    assert said(found)[Type.COMPLETE].completed
    without = replace(found, target=replace(found.target, lists={}))
    assert said(without)[Type.COMPLETE].status == "Unknown"
    assert said(without)[Type.COMPLETE].completed, "a look at version 3 is wanting, too"
    whole = said(replace(found, **changes))[Type.COMPLETE]
    assert (whole.status, whole.completed) == ("Unknown", False)
