"""Streaming endpoints as version 2 shows them: one object, two APIs."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from ams_emulator.state import Resource, key_of
from ams_emulator.v2.model import Row, entity_id
from ams_emulator.world import World

JSON = dict[str, Any]
UNSET = "0001-01-01T00:00:00Z"
CLASSIC, CURRENT = "1.0", "2.0"


class EndpointRows:
    """A view of the stored endpoints of one account."""

    def __init__(self, world: World, account: Resource) -> None:
        self._world = world
        self._collection = world.store.collection((*key_of(account.id), "streamingendpoints"))

    def keys(self) -> Sequence[str]:
        return sorted(self._collection.items, key=lambda name: id_of(self._collection.items[name]))

    def row(self, key: str) -> Row:
        return row_of(self._collection.items[key])

    def find(self, entity: str) -> Row | None:
        found = self.resource(entity)
        return row_of(found) if found else None

    def resource(self, entity: str) -> Resource | None:
        items = self._collection.items.values()
        return next((item for item in items if id_of(item).lower() == entity.lower()), None)

    def where(self, field: str, value: str) -> list[Row]:
        return [row for row in map(row_of, self._collection.items.values()) if row.get(field) == value]

    def put(self, row: Row) -> None:
        """Replace what version 2 may change."""
        found = self.resource(row["Id"])
        if found is None:
            raise ValueError("Id: streaming endpoints are made with version 3")
        self._world.store.put(changed(found, row))

    def remove(self, entity: str) -> None:
        found = self.resource(entity)
        if found is not None:
            self._world.store.delete(key_of(found.id))


def id_of(endpoint: Resource) -> str:
    """An id of version 2; version 3 shows none. The same for as long as the endpoint lives."""
    incarnation = endpoint.hidden.get("incarnation", "")
    return entity_id("oid", str(uuid.uuid5(uuid.NAMESPACE_URL, f"{endpoint.id.lower()}#{incarnation}")))


def row_of(endpoint: Resource) -> Row:
    properties = endpoint.properties
    age = properties.get("maxCacheAge")
    return {
        "Id": id_of(endpoint),
        "Name": endpoint.name,
        "Description": properties.get("description"),
        "HostName": properties.get("hostName"),
        "CustomHostNames": properties.get("customHostNames") or [],
        "Created": properties["created"],
        "LastModified": properties["lastModified"],
        "ScaleUnits": properties.get("scaleUnits") or 0,
        "State": properties["resourceState"],
        "CdnEnabled": bool(properties.get("cdnEnabled")),
        "CdnProvider": properties.get("cdnProvider"),
        "CdnProfile": properties.get("cdnProfile") or None,
        "FreeTrialEndTime": properties.get("freeTrialEndTime") or UNSET,
        "StreamingEndpointVersion": endpoint.hidden.get("version", CURRENT),
        "CrossSiteAccessPolicies": _cross_site(properties.get("crossSiteAccessPolicies")),
        "AccessControl": _access(properties.get("accessControl")),
        "CacheControl": None if age is None else {"MaxAge": str(age)},
    }


def changed(endpoint: Resource, row: Row) -> Resource:
    age = (row.get("CacheControl") or {}).get("MaxAge")
    properties = {
        **endpoint.properties,
        "description": row.get("Description"),
        "customHostNames": row.get("CustomHostNames") or [],
        "cdnEnabled": bool(row.get("CdnEnabled")),
        "cdnProvider": row.get("CdnProvider"),
        "cdnProfile": row.get("CdnProfile") or "",
        "maxCacheAge": int(age) if age is not None else None,
        "lastModified": row["LastModified"],
    }
    return endpoint.with_body({**endpoint.body, "properties": properties}, version=row.get("StreamingEndpointVersion"))


def _cross_site(value: JSON | None) -> JSON | None:
    if value is None:
        return None
    return {
        "ClientAccessPolicy": value.get("clientAccessPolicy"),
        "CrossDomainPolicy": value.get("crossDomainPolicy"),
    }


def _access(value: JSON | None) -> JSON | None:
    if value is None:
        return None
    keys = ((value.get("akamai") or {}).get("akamaiSignatureHeaderAuthenticationKeyList")) or []
    listed = [
        {"Identifier": item.get("identifier"), "Expiration": item.get("expiration"), "Base64Key": item.get("base64Key")}
        for item in keys
    ]
    akamai = {"AkamaiSignatureHeaderAuthenticationKeyList": listed} if value.get("akamai") else None
    return {"Akamai": akamai, "IP": _ranges(value.get("ip"))}


def _ranges(ip: JSON | None) -> JSON | None:
    if ip is None:
        return None
    allow = [
        {
            "Name": item.get("name"),
            "Address": item.get("address"),
            "SubnetPrefixLength": item.get("subnetPrefixLength"),
        }
        for item in ip.get("allow") or []
    ]
    return {"Allow": allow}
