"""One account as version 2 sees it: its rows, its links, and the way from a row to its neighbours."""

from __future__ import annotations

from dataclasses import dataclass, field

from ams_emulator.regions import region_name
from ams_emulator.state import Resource
from ams_emulator.v2.model import EntitySet, Navigation, Row, entity_id
from ams_emulator.v2.operation_rows import OperationRows
from ams_emulator.v2.sets import SETS
from ams_emulator.v2.shared_assets import AssetRows, StorageRows
from ams_emulator.v2.shared_endpoints import EndpointRows
from ams_emulator.v2.shared_locators import LocatorRows
from ams_emulator.v2.tables import Rows, V2Account
from ams_emulator.world import World


@dataclass
class Place:
    """One account, for as long as one request lasts."""

    world: World
    account: Resource
    own: V2Account = field(init=False)

    def __post_init__(self) -> None:
        self.own = self.world.v2.of(self.account.properties)

    def rows(self, name: str) -> Rows:
        match name:
            case "Assets":
                return AssetRows(self.world, self.account)
            case "Locators":
                return LocatorRows(self.world, self.account, self.own.table("Locators", "Id"))
            case "StreamingEndpoints":
                return EndpointRows(self.world, self.account)
            case "Operations":
                return OperationRows(self.own)
            case "StorageAccounts":
                return StorageRows(self.account)
        return self.own.table(name, SETS[name].key)

    def neighbours(self, entity_set: EntitySet, row: Row, way: Navigation) -> list[Row]:
        """The rows that a navigation leads to."""
        rows = self.rows(way.target)
        if way.back:
            return rows.where(way.back, row[entity_set.key])
        names = [row.get(way.key)] if way.key else self.own.links.of(entity_set.name, way.name, row[entity_set.key])
        found = [rows.find(str(name)) for name in names if name]
        return [item for item in found if item is not None]

    def guid_of_locator_taken(self, entity: str) -> bool:
        """A locator's GUID is unique over both versions, whether version 2 shows those of version 3 or not."""
        rows = LocatorRows(self.world, self.account, self.own.table("Locators", "Id"))
        return rows.stored(entity) is not None or self.own.table("Locators", "Id").find(entity) is not None

    def new_id(self, entity_set: EntitySet) -> str:
        return entity_id(entity_set.prefix, self.world.new_id())


def has_version_2(account: Resource) -> bool:
    """Accounts made with an API older than 2020-05-01, or said to have it."""
    return bool(account.hidden.get("v2"))


def find_account(world: World, name: str, label: str) -> Resource | None:
    """The account that has an endpoint with this label; None when it has no version 2."""
    for found in world.store.of_kind("mediaservices"):
        if found.name.lower() == name.lower() and label_of(found) == label.lower() and has_version_2(found):
            return found
    return None


def label_of(account: Resource) -> str:
    """The label in host names: not the region's name, so that nobody builds an endpoint from it (recorded so)."""
    return f"{region_name(account.body['location'])}-2"
