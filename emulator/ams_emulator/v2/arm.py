"""Resource Manager's api-version 2015-10-01: where an account's version 2 is, and its keys of old."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from ams_emulator.call import Answer, Call
from ams_emulator.errors import ArmError, BadInputError, account_not_found
from ams_emulator.resource_manager import find_group, method_not_allowed
from ams_emulator.state import Resource, key_of
from ams_emulator.v2.address import endpoint
from ams_emulator.v2.place import has_version_2
from ams_emulator.world import World

API_VERSION = "2015-10-01"
JSON = dict[str, Any]


def answer(world: World, call: Call, parts: list[str]) -> Answer:
    """`.../resourceGroups/G/providers/Microsoft.Media/mediaservices[/NAME[/action]]`. Raises ArmError."""
    lower = [part.lower() for part in parts]
    group = find_group(world, parts[1], parts[3])
    if lower[6:7] != ["mediaservices"] or len(parts) > 9:
        raise ArmError(404, "InvalidResourceType", f"{call.path} is nothing that api-version {API_VERSION} has.")
    below = key_of(f"{group.id}/providers/Microsoft.Media/mediaservices")
    if len(parts) == 7:
        if call.method != "GET":
            raise method_not_allowed(call)
        found = world.store.collection(below).items.values()
        # No link to a next page: the version has none.
        return Answer.of(200, {"value": [_body(call, item) for item in found if has_version_2(item)]})
    account = world.store.get((*below, lower[7]))
    if account is None:
        raise account_not_found(f"Microsoft.Media/mediaservices/{parts[7]}", group.name)
    match [call.method, *lower[8:]]:
        case ["GET"]:
            return _get(world, call, account)
        case ["POST", "listkeys"]:
            return Answer.of(200, _keys(account, 0))
        case ["POST", "regeneratekey"]:
            kind = call.json().get("keyType")
            if kind not in ("Primary", "Secondary"):
                raise BadInputError("keyType", "choose Primary or Secondary")
            return Answer.of(200, {"key": _key(account, kind, 1)})
        case ["POST", "syncstoragekeys"]:
            return _sync(call, account)
    raise method_not_allowed(call)


def _get(world: World, call: Call, account: Resource) -> Answer:
    if not has_version_2(account) and world.variants.is_("v2.arm-v3-only", "refuse"):
        message = f"'{account.name}' can't be read with api-version {API_VERSION}: it was made with a later one."
        raise ArmError(400, "ApiVersionNotSupported", message, general="BadRequest")
    return Answer.of(200, _body(call, account))


def _body(call: Call, account: Resource) -> JSON:
    storage = [
        {"id": item["id"], "isPrimary": item["type"] == "Primary"} for item in account.properties["storageAccounts"]
    ]
    endpoints = [{"endpoint": endpoint(account, call.origin), "majorVersion": "2"}] if has_version_2(account) else []
    return {
        "id": account.id,
        "name": account.name,
        "type": "Microsoft.Media/mediaservices",
        "location": account.body["location"],
        "tags": account.body.get("tags") or {},
        "properties": {"apiEndpoints": endpoints, "storageAccounts": storage},
    }


def _keys(account: Resource, generation: int) -> JSON:
    """Keys of the access control service, which was switched off in 2018: they open nothing."""
    return {
        "primaryAuthEndpoint": "https://wamsprodglobal001acs.accesscontrol.windows.net/",
        "secondaryAuthEndpoint": "https://wamsprodglobal001acs.accesscontrol.windows.net/",
        "primaryKey": _key(account, "Primary", generation),
        "secondaryKey": _key(account, "Secondary", generation),
        "scope": "urn:WindowsAzureMediaServices",
    }


def _key(account: Resource, kind: str, generation: int) -> str:
    text = f"{account.properties['mediaServiceId']}/{kind}/{generation}"
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _sync(call: Call, account: Resource) -> Answer:
    storage_id = call.json().get("id")
    known = [item["id"].lower() for item in account.properties["storageAccounts"]]
    if not isinstance(storage_id, str) or storage_id.lower() not in known:
        raise BadInputError("id", "is not a storage account of this account")
    return Answer(200)
