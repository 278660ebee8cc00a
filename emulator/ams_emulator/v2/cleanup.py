"""What goes with an asset whichever version deletes it: its files, its SAS locators and its links."""

from __future__ import annotations

from collections.abc import Callable

from ams_emulator.state import Store, key_of
from ams_emulator.v2.model import entity_id
from ams_emulator.v2.tables import V2State

_OF_ASSETS = (("Files", "ParentAssetId"), ("Locators", "AssetId"), ("AssetFilters", "ParentAssetId"))
_LENGTH = len(key_of("/subscriptions/s/resourceGroups/g/providers/Microsoft.Media/mediaServices/a/assets/n"))


def listener(store: Store, state: V2State) -> Callable[[str], None]:
    """Told the id of everything that is stored or deleted."""

    def changed(resource_id: str) -> None:
        key = key_of(resource_id)
        if len(key) != _LENGTH or key[-2] != "assets" or store.get(key) is not None:
            return
        account = store.get(key[:8])
        own = state.accounts.get(account.properties["mediaServiceId"]) if account else None
        if own is None:
            return
        # Only what version 2 made is named by its GUID; what version 3 made has nothing here.
        asset = entity_id("cid", key[-1])
        for name, field in _OF_ASSETS:
            table = own.tables.get(name)
            if table is not None:
                for row in table.where(field, asset):
                    table.remove(row["Id"])
        for navigation in ("ContentKeys", "DeliveryPolicies"):
            for entity in own.links.of("Assets", navigation, asset):
                own.links.remove("Assets", navigation, asset, entity)

    return changed
