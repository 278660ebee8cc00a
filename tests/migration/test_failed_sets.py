"""What one set that can't be read does to the others: nothing that is wrong, and nothing for longer than it lasts."""

from __future__ import annotations

import pytest

from ams_operator.migration.census import view

from .conftest import Memory, Source


async def nap(_: float) -> None:
    return None


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
