"""Assets: a blob container with a name. What is in the container goes with the asset."""

# All handlers have one signature.
# ruff: noqa: ARG001
from __future__ import annotations

import base64
import hashlib
from datetime import timedelta
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from ams_emulator import crud
from ams_emulator.call import Answer, Call
from ams_emulator.errors import ArmError, BadInputError, conflict
from ams_emulator.iso8601 import parse_moment
from ams_emulator.kinds.base import Kind, Target
from ams_emulator.lazy import where
from ams_emulator.schema import Enum, Member, Moment, Object, Text
from ams_emulator.state import Resource, key_of
from ams_emulator.v2 import in_version_3
from ams_emulator.v2.place import Place
from ams_emulator.v2.shared_locators import asset_name, by_version_2
from ams_emulator.world import World

JSON = dict[str, Any]
_CONTAINER = Text(
    r"\$?[a-z0-9](-?[a-z0-9]){2,62}", "a container's name: 3 to 63 lower-case letters, digits, hyphens", 63
)
_PERMISSIONS = MappingProxyType({"Read": "rl", "ReadWrite": "racwl", "ReadWriteDelete": "racwdl"})
_SAS = Object(
    {
        "permissions": Member(Enum(tuple(_PERMISSIONS)), default="Read"),
        "expiryTime": Member(Moment(), required=True),
    }
)
_DAY = timedelta(hours=24)
_LOCATOR = ("assetName", "created", "startTime", "endTime", "streamingLocatorId", "streamingPolicyName")
_LOCATOR_OPTIONAL = "defaultContentKeyPolicyName"


def asset() -> Kind:
    """Limits: 1,000,000 per account (documented in the service's quotas)."""
    properties = Object(
        {
            "assetId": Member(Text(), read_only=True),
            "created": Member(Moment(), read_only=True),
            "lastModified": Member(Moment(), read_only=True),
            "alternateId": Member(Text()),
            "description": Member(Text()),
            "container": Member(_CONTAINER),
            "storageAccountName": Member(Text()),
            "storageEncryptionFormat": Member(Text(), read_only=True),
            "encryptionScope": Member(Text(), since="2023-01-01"),
        }
    )
    return Kind(
        path=("mediaservices", "assets"),
        type="Microsoft.Media/mediaservices/assets",
        segment="assets",
        schema=Object(crud.proxy_members() | {"properties": Member(properties, default={})}),
        name=Text(r"[^<>%&:\\?/*+.'\x00-\x1f]{1,260}", "a name of up to 260 characters without any of <>%&:\\?/*+.'"),
        verbs={
            "PUT": put,
            "GET": crud.get,
            "LIST": crud.list_all,
            "PATCH": patch,
            "DELETE": delete,
            "listcontainersas": list_container_sas,
            "getencryptionkey": get_encryption_key,
            "liststreaminglocators": list_streaming_locators,
        },
        limit=1_000_000,
        words="assets",
        immutable=("container", "storageAccountName"),
        blank=blank,
    )


def put(world: World, call: Call, target: Target) -> Answer:
    """Create (201, without the container unless it was given, as recorded) or replace (200)."""
    parent = crud.require_parent(world, target)
    assert parent is not None
    crud.check_name(target)
    stored = target.kind.schema.read(call.json(), "", world.rules(call.api_version, target.key))
    found = world.store.get(target.key)
    if found is not None:
        _refuse_of_version_2(world, found)
        crud.keep_immutable(world, target.kind, found, call.json(), stored)
        return Answer(200, crud.store_changed(world, call, target.kind, found, stored).json())
    _check_storage(parent, stored["properties"].get("storageAccountName"))
    crud.check_limit(world, target, crud.count(world, target))
    made = _make(world, call, target.kind, parent, target.name, stored)
    if "container" in stored["properties"]:
        _check_container(world, made)
    world.store.put(made)
    hidden = set() if "container" in stored["properties"] else {"container"}
    properties = {name: value for name, value in made.properties.items() if name not in hidden}
    return Answer.of(201, {**made.body, "properties": properties})


def patch(world: World, call: Call, target: Target) -> Answer:
    found = crud.existing(world, target)
    _refuse_of_version_2(world, found)
    stored = crud.patched(world, call, target.kind, target.kind.schema, found)
    crud.keep_immutable(world, target.kind, found, call.json(), stored)
    return Answer(200, crud.store_changed(world, call, target.kind, found, stored).json())


def delete(world: World, call: Call, target: Target) -> Answer:
    """200, or 204 when there was nothing. The container goes too, with every recording in it."""
    found = crud.deletable(world, target)
    if found is None:
        return Answer(204)
    writer = _writer(world, target, found.name)
    if writer is not None and world.variants.is_("asset.delete-in-use", "refuse"):
        raise conflict("AssetInUse", f"'{found.id}' is being recorded into by '{writer.id}'. Delete that first.")
    lost = [item for item in world.containers.remove(found).recordings if not item.overwritten]
    if lost:
        world.meters.add("recordingsDeleted", found.id, len(lost))
    world.store.delete(target.key)
    return Answer(200)


def list_container_sas(world: World, call: Call, target: Target) -> Answer:
    """Two URLs, one for each key of the storage account. The signature is made up."""
    found = crud.existing(world, target)
    body = _SAS.read(call.json(), "", world.rules(call.api_version))
    expiry = parse_moment(body["expiryTime"])
    now = world.clock.now()
    if expiry is None or expiry.tzinfo is None:
        raise BadInputError("expiryTime", "needs a time zone, such as the Z in 2026-01-31T12:00:00Z")
    if not now < expiry <= now + _DAY:
        raise BadInputError("expiryTime", "must be in the future and less than 24 hours away")
    place = found.properties
    base = f"https://{place['storageAccountName']}.blob.core.windows.net/{place['container']}"
    until, rights = expiry.strftime("%Y-%m-%dT%H:%M:%SZ"), _PERMISSIONS[body["permissions"]]
    urls = []
    for number in (1, 2):
        digest = hashlib.sha256(f"{place['assetId']}/{number}/{until}/{rights}".encode()).digest()
        signature = quote(base64.b64encode(digest).decode(), safe="")
        urls.append(f"{base}?sv=2019-07-07&sr=c&sig={signature}&se={quote(until, safe='')}&sp={rights}")
    return Answer.of(200, {"assetContainerSasUrls": urls})


def get_encryption_key(world: World, call: Call, target: Target) -> Answer:
    """Only what version 2 of the API encrypted has a key."""
    found = crud.existing(world, target)
    if found.properties["storageEncryptionFormat"] == "None":
        status = int(world.variants.answer("asset.no-encryption-key"))
        general = "BadRequest" if status == 400 else "NotFound"
        raise ArmError(status, "AssetNotEncrypted", "The asset is not storage encrypted.", general=general)
    key = hashlib.sha256(found.properties["assetId"].encode()).digest()
    return Answer.of(200, {"key": base64.b64encode(key).decode(), "assetFileEncryptionMetadata": []})


def list_streaming_locators(world: World, call: Call, target: Target) -> Answer:
    found = crud.existing(world, target)
    account = world.store.get(target.collection[:-1])
    assert account is not None
    stored = world.store.collection((*target.collection[:-1], "streaminglocators")).items
    place, value = Place(world, account), []
    for item in where(stored, "assetName", found.name.lower(), asset_name):
        locator = in_version_3.shown(place, item)
        properties = locator.properties
        listed = {"name": locator.name} | {name: properties.get(name) for name in _LOCATOR}
        if _LOCATOR_OPTIONAL in properties:
            listed[_LOCATOR_OPTIONAL] = properties[_LOCATOR_OPTIONAL]
        value.append(listed)
    return Answer.of(200, {"streamingLocators": value})


# --- parts -----------------------------------------------------------------------------------------------------------


def _make(world: World, call: Call, kind: Kind, account: Resource, name: str, stored: JSON) -> Resource:
    asset_id = world.new_id()
    chosen = {
        "assetId": asset_id,
        "storageAccountName": _primary(account),
        "container": f"asset-{asset_id}",
        "storageEncryptionFormat": "None",
        **stored["properties"],
    }
    return crud.make(world, call, kind, account.id, name, {**stored, "properties": chosen})


def _primary(account: Resource) -> str:
    storage = account.properties["storageAccounts"]
    return str(next(item["id"] for item in storage if item["type"] == "Primary").rpartition("/")[2])


def _refuse_of_version_2(world: World, asset: Resource) -> None:
    """Whether version 3 may change what version 2 made: the guide says both."""
    if by_version_2(asset) and world.variants.is_("v2.asset-update-in-v3", "refuse"):
        raise conflict("CannotUpdateResource", f"'{asset.id}' was made with version 2. Change it there.")


def _check_storage(account: Resource, name: str | None) -> None:
    known = [item["id"].rpartition("/")[2] for item in account.properties["storageAccounts"]]
    if name is not None and name.lower() not in [item.lower() for item in known]:
        path = "properties.storageAccountName"
        raise BadInputError(path, f"'{name}' is not a storage account of this account; it has {', '.join(known)}")


def _check_container(world: World, made: Resource) -> None:
    """One container, one asset: reported as 400 with the message of a unique index."""
    place = _container(made)
    if any(_container(other) == place for other in world.store.of_kind(made.kind)):
        raise BadInputError("properties.container", f"'{place[1]}' of '{place[0]}' belongs to another asset")


def _container(asset: Resource) -> tuple[str, str]:
    return str(asset.properties["storageAccountName"]).lower(), str(asset.properties["container"])


def _writer(world: World, target: Target, asset_name: str) -> Resource | None:
    """A live output that records into the asset."""
    for output in world.store.children((*target.collection[:-1], "liveevents")):
        if output.kind == "liveoutputs" and output.properties["assetName"].lower() == asset_name.lower():
            return output
    return None


def blank(world: World, call: Call, kind: Kind, parent: Resource, name: str) -> Resource:
    """An asset with all defaults."""
    return _make(world, call, kind, parent, name, {"properties": {}})


def find_asset(world: World, asset_id: str) -> Resource:
    """Raises ArmError 404 when the id is not a stored asset's."""
    found = world.store.get(key_of(asset_id))
    if found is None or found.kind != "assets":
        raise ArmError(404, "NotFound", f"assetId: there is no asset at {asset_id!r}")
    return found
