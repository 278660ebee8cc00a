"""What one set that can't be read does to the others: nothing that is wrong, and nothing for longer than it lasts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ams_operator.migration.census import view
from ams_operator.migration.conditions import Type
from ams_operator.migration.inputs import InventoryRead

from .accounts import ROWS, done, inventory, said
from .conftest import Memory, Source
from .test_conditions import SAS


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
