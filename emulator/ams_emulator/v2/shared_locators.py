"""Locators as version 2 shows them. Streaming ones are version 3's too; SAS locators are version 2's alone.

What name a streaming locator of version 2 has in version 3 is settled when it is made, by `v2.locator-name`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, overload

from ams_emulator.lazy import kept, where
from ams_emulator.state import Resource, key_of
from ams_emulator.v2.model import Row, entity_id, guid_of
from ams_emulator.v2.shared_assets import AssetRows
from ams_emulator.v2.tables import Table
from ams_emulator.world import World

JSON = dict[str, Any]
TYPE = "Microsoft.Media/mediaservices/streamingLocators"
SAS, STREAMING = 1, 2
NEVER = "9999-12-31T23:59:59.9999999Z"
PREFIX = "locator-"
_VERSION_3 = "v3:"  # before the keys of what version 3 stores


class _Keys(Sequence[str]):
    """Names of version 3's and then ids of version 2's own, without a copy of either."""

    def __init__(self, names: Sequence[str], own: Sequence[str]) -> None:
        self._names, self._own = names, own

    def __len__(self) -> int:
        return len(self._names) + len(self._own)

    @overload
    def __getitem__(self, index: int) -> str: ...

    @overload
    def __getitem__(self, index: slice) -> list[str]: ...

    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            return [self[number] for number in range(*index.indices(len(self)))]
        if not 0 <= index < len(self):
            raise IndexError(index)
        count = len(self._names)
        return f"{_VERSION_3}{self._names[index]}" if index < count else self._own[index - count]


class LocatorRows:
    """A view of the stored streaming locators of one account, together with its SAS locators."""

    def __init__(self, world: World, account: Resource, own: Table) -> None:
        self._world, self._account, self._own = world, account, own
        self._collection = world.store.collection((*key_of(account.id), "streaminglocators"))
        self._assets = AssetRows(world, account)

    def keys(self) -> Sequence[str]:
        hidden: set[str] = set()
        if self._world.variants.is_("v2.v3-locators", "hidden"):
            hidden = {item.name.lower() for item in kept(self._collection.items) if not by_version_2(item)}
        names = self._collection.names()
        return _Keys([name for name in names if name not in hidden] if hidden else names, self._own.keys())

    def row(self, key: str) -> Row:
        if key.startswith(_VERSION_3):
            return self._row_of(self._collection.items[key.removeprefix(_VERSION_3)])
        return self._own.row(key)

    def find(self, entity: str) -> Row | None:
        found = self.resource(entity)
        return self._row_of(found) if found else self._own.find(entity)

    def stored(self, entity: str) -> Resource | None:
        """The streaming locator of an id, whichever version made it."""
        guid = guid_of(entity)
        if entity.lower() != entity_id("lid", guid).lower():
            return None
        found = self._collection.items.get(guid) or self._collection.items.get(f"{PREFIX}{guid}")
        if found is None or found.properties["streamingLocatorId"].lower() != guid:
            same = (
                item for item in kept(self._collection.items) if item.properties["streamingLocatorId"].lower() == guid
            )
            found = next(same, None)
        return found

    def resource(self, entity: str) -> Resource | None:
        """The streaming locator of an id, if version 2 shows it."""
        found = self.stored(entity)
        if found is None or by_version_2(found) or self._world.variants.is_("v2.v3-locators", "shown"):
            return found
        return None

    def where(self, field: str, value: str) -> list[Row]:
        if field != "AssetId":
            return [row for row in map(self.row, self.keys()) if row.get(field) == value]
        asset = self._assets.resource(value)
        if asset is None:
            return []
        named = where(self._collection.items, "assetName", asset.name.lower(), asset_name)
        shown = [item for item in named if self.resource(entity_id("lid", item.properties["streamingLocatorId"]))]
        return [*map(self._row_of, shown), *self._own.where(field, value)]

    def put(self, row: Row) -> None:
        if row["Type"] != STREAMING:
            self._own.put(row)
            return
        asset = self._assets.resource(row["AssetId"])
        if asset is None:
            raise ValueError(f"AssetId: there is no asset {row['AssetId']!r}")
        before = self.resource(row["Id"])
        form = self._world.variants.answer("v2.locator-name")
        self._world.store.put(resource_of(self._account, asset.name, row, form, before))

    def remove(self, entity: str) -> None:
        found = self.resource(entity)
        if found is not None:
            self._world.store.delete(key_of(found.id))
        else:
            self._own.remove(entity)

    def _row_of(self, locator: Resource) -> Row:
        properties, own = locator.properties, locator.hidden.get("v2") or {}
        guid = properties["streamingLocatorId"].lower()
        host = self._host()
        return {
            "Id": entity_id("lid", guid),
            "ExpirationDateTime": properties.get("endTime") or NEVER,
            "Type": STREAMING,
            "Path": f"https://{host}/{guid}/",
            "BaseUri": f"https://{host}",
            "ContentAccessComponent": guid,
            "AccessPolicyId": own.get("AccessPolicyId"),
            "AssetId": asset_id(self._world, self._account, locator),
            "StartTime": properties.get("startTime"),
            "Name": own.get("Name"),
        }

    def _host(self) -> str:
        endpoints = self._world.store.collection((*key_of(self._account.id), "streamingendpoints")).items
        default = endpoints.get("default") or next(iter(endpoints.values()), None)
        return str(default.properties["hostName"]) if default else f"{self._account.name}.streaming.media.azure.net"


def by_version_2(resource: Resource) -> bool:
    """Whether version 2 made it: then version 3 can't change it."""
    return "v2" in resource.hidden


def asset_id(world: World, account: Resource, locator: Resource) -> str | None:
    """The id in version 2 of a locator's asset; None where there is no such asset."""
    if known := (locator.hidden.get("v2") or {}).get("AssetId"):
        return str(known)
    found = world.store.get((*key_of(account.id), "assets", asset_name(locator)))
    return entity_id("cid", found.properties["assetId"]) if found else None


def asset_name(locator: Resource) -> str:
    """The name of a locator's asset, in lower case."""
    return str(locator.properties.get("assetName", "")).lower()


def resource_of(account: Resource, asset: str, row: Row, form: str, before: Resource | None = None) -> Resource:
    """A streaming locator as version 3 stores it. Its policies and keys are looked up when they are asked for."""
    guid = guid_of(row["Id"])
    name = before.name if before else guid if form == "guid" else f"{PREFIX}{guid}"
    properties = {
        "assetName": asset,
        "created": before.properties["created"] if before else row["_Created"],
        "startTime": row.get("StartTime"),
        "endTime": row.get("ExpirationDateTime") or NEVER,
        "streamingLocatorId": guid,
        "streamingPolicyName": "Predefined_ClearStreamingOnly",
    }
    shown = {member: value for member, value in properties.items() if value is not None}
    resource_id = f"{account.id}/streamingLocators/{name}"
    body: JSON = {"name": name, "id": resource_id, "type": TYPE, "properties": shown}
    own = {member: row.get(member) for member in ("AccessPolicyId", "AssetId", "Name")}
    return Resource(resource_id, "streaminglocators", body, {"v2": own, "created": properties["created"]})
