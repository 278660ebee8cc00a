"""Assets and storage accounts as version 2 shows them: the same ones that version 3 shows.

An asset that version 2 made has in version 3 its bare GUID as name, and its Name as description. One that version 3
made shows here without a Name, unless somebody described it, and has no files.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ams_emulator.lazy import kept, where
from ams_emulator.state import Resource, key_of
from ams_emulator.v2.model import Row, entity_id, guid_of
from ams_emulator.world import World

JSON = dict[str, Any]
TYPE = "Microsoft.Media/mediaservices/assets"
ENCRYPTED, PLAIN = "MediaStorageClientEncryption", "None"
_PARTS = (("State", 0), ("Options", 0), ("FormatOption", 0))


class AssetRows:
    """A view of the stored assets of one account."""

    def __init__(self, world: World, account: Resource) -> None:
        self._world, self._account = world, account
        self._collection = world.store.collection((*key_of(account.id), "assets"))
        self._blank = None if world.variants.is_("v2.blank-name", "null") else ""

    def keys(self) -> Sequence[str]:
        return self._collection.names()

    def row(self, key: str) -> Row:
        return self._row(self._collection.items[key])

    def find(self, entity: str) -> Row | None:
        found = self.resource(entity)
        return self._row(found) if found else None

    def resource(self, entity: str) -> Resource | None:
        """The asset of an id; those that version 2 made are named by its GUID."""
        guid = guid_of(entity)
        if entity.lower() != entity_id("cid", guid).lower():
            return None
        named = self._collection.items.get(guid)
        if named is not None and named.properties["assetId"].lower() == guid:
            return named
        others = kept(self._collection.items)
        return next((item for item in others if item.properties["assetId"].lower() == guid), None)

    def where(self, field: str, value: str) -> list[Row]:
        items = where(self._collection.items, field, value, lambda item: self._row(item).get(field))
        return [self._row(item) for item in items]

    def _row(self, asset: Resource) -> Row:
        return row_of(asset, self._blank if not asset.hidden.get("v2") else "")

    def put(self, row: Row) -> None:
        before = self.resource(row["Id"])
        made = resource_of(self._account, row) if before is None else _changed(before, row)
        self._world.store.put(made)
        self._collection = self._world.store.collection((*key_of(self._account.id), "assets"))

    def remove(self, entity: str) -> None:
        found = self.resource(entity)
        if found is not None:
            self._world.store.delete(key_of(found.id))


def row_of(asset: Resource, blank: str | None) -> Row:
    """`blank` is the Name of an asset without a description."""
    properties, own = asset.properties, asset.hidden.get("v2") or {}
    encrypted = properties["storageEncryptionFormat"] == ENCRYPTED
    storage = properties["storageAccountName"]
    row = {
        "Id": entity_id("cid", properties["assetId"]),
        "Created": properties["created"],
        "LastModified": properties["lastModified"],
        "AlternateId": properties.get("alternateId"),
        "Name": properties.get("description") or blank,
        "Uri": f"https://{storage}.blob.core.windows.net/{properties['container']}",
        "StorageAccountName": storage,
    }
    return row | {name: own.get(name, default) for name, default in _PARTS} | ({"Options": 1} if encrypted else {})


def resource_of(account: Resource, row: Row) -> Resource:
    """A new asset that version 2 makes, as version 3 stores it."""
    guid = guid_of(row["Id"])
    name = row.get("StorageAccountName") or primary(account)
    properties = {
        "assetId": guid,
        "created": row["Created"],
        "lastModified": row["LastModified"],
        "alternateId": row.get("AlternateId"),
        "description": row.get("Name"),
        "container": f"asset-{guid}",
        "storageAccountName": name,
        "storageEncryptionFormat": ENCRYPTED if row.get("Options") == 1 else PLAIN,
    }
    shown = {member: value for member, value in properties.items() if value is not None}
    resource_id = f"{account.id}/assets/{guid}"
    body: JSON = {"name": guid, "id": resource_id, "type": TYPE, "properties": shown}
    hidden = {"v2": {part: row.get(part, default) for part, default in _PARTS}, "created": row["Created"]}
    return Resource(resource_id, "assets", body, hidden)


def _changed(asset: Resource, row: Row) -> Resource:
    changed = {"description": row.get("Name"), "alternateId": row.get("AlternateId")}
    properties = {**asset.properties, **changed, "lastModified": row["LastModified"]}
    shown = {member: value for member, value in properties.items() if value is not None}
    body = {**asset.body, "properties": shown}
    if "v2" not in asset.hidden:
        return asset.with_body(body)
    return asset.with_body(body, v2={part: row.get(part, default) for part, default in _PARTS})


def primary(account: Resource) -> str:
    """The name of the account's first storage account."""
    storage = account.properties["storageAccounts"]
    return str(next(item["id"] for item in storage if item["type"] == "Primary").rpartition("/")[2])


class StorageRows:
    """The storage accounts of an account. They have no state here, whatever is wrong with them."""

    def __init__(self, account: Resource) -> None:
        self._rows = {}
        for item in account.properties["storageAccounts"]:
            name = item["id"].rpartition("/")[2]
            self._rows[name.lower()] = {"Name": name, "IsDefault": item["type"] == "Primary", "BytesUsed": None}

    def keys(self) -> Sequence[str]:
        return sorted(self._rows)

    def row(self, key: str) -> Row:
        return self._rows[key]

    def find(self, entity: str) -> Row | None:
        return self._rows.get(entity.lower())

    def where(self, field: str, value: str) -> list[Row]:
        return [row for row in self._rows.values() if row[field] == value]

    def put(self, row: Row) -> None:
        raise NotImplementedError  # the set has no such verbs

    def remove(self, entity: str) -> None:
        raise NotImplementedError
