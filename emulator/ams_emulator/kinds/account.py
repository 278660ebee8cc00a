"""Media Services accounts: the one asynchronous kind of this part. Each brings its streaming endpoint `default`."""

# All handlers have one signature.
# ruff: noqa: ARG001
from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ams_emulator import crud, locations
from ams_emulator.call import Answer, Call
from ams_emulator.clock import seconds_text
from ams_emulator.errors import ArmError, BadInputError, account_not_found, conflict
from ams_emulator.kinds.account_schema import STORAGE_ID, account_schema, require_one_identity, update_schema
from ams_emulator.kinds.base import Kind, Target, new_id
from ams_emulator.kinds.streaming_endpoint import default_endpoint
from ams_emulator.operations import Operation
from ams_emulator.paging import page
from ams_emulator.regions import REGIONS
from ams_emulator.schema import Rules, Text
from ams_emulator.state import Collection, Group, Resource, Store, key_of
from ams_emulator.v2 import account as v2_account
from ams_emulator.world import World

JSON = dict[str, Any]
NAME = Text(r"[a-z0-9]{3,24}", "3 to 24 lower-case letters and digits")
RECORDED_RETRY_AFTER = 30.0
FIRST_WITHOUT_V2 = "2020-05-01"  # accounts made with this version of the API or a later one have no version 2
REGIONS_WITHOUT_V2 = frozenset({"norwayeast"})


def account() -> Kind:
    """Limits: 100 accounts per subscription (documented in the service's quotas)."""
    return Kind(
        path=("mediaservices",),
        type="Microsoft.Media/mediaservices",
        segment="mediaservices",
        schema=account_schema(),
        name=NAME,
        verbs={
            "PUT": put,
            "GET": get,
            "LIST": list_all,
            "PATCH": patch,
            "DELETE": delete,
            "syncstoragekeys": sync_storage_keys,
            "listedgepolicies": list_edge_policies,
        },
        tracked=True,
        limit=100,
    )


def get(world: World, call: Call, target: Target) -> Answer:
    return Answer(200, find(world, target).json())


def list_all(world: World, call: Call, target: Target) -> Answer:
    """The accounts of one group or of the subscription."""
    store = call.list_fault.store if call.list_fault and call.list_fault.store else world.store
    if target.group is not None:
        return page(world, call, store.collection(target.collection))
    return page(world, call, Collection(in_subscription(store, target)))


def in_subscription(store: Store, target: Target) -> dict[str, Resource]:
    """The accounts of a subscription by their ids in lower case."""
    prefix = key_of(f"/subscriptions/{target.subscription}")
    found = (resource for resource in store.of_kind(target.kind.label) if key_of(resource.id)[:2] == prefix)
    return {resource.id.lower(): resource for resource in found}


def put(world: World, call: Call, target: Target) -> Answer:
    """Create (201, an operation) or replace (200)."""
    assert target.group is not None
    NAME.read(target.name, "accountName", Rules(call.api_version))
    body = call.json()
    stored = target.kind.schema.read(body, "", world.rules(call.api_version, target.key))
    region = locations.known_region(stored["location"])
    stored["location"] = REGIONS[region]
    check(stored)
    found = world.store.get(target.key)
    if found is None:
        return _create(world, call, target, stored, region)
    refuse_while_busy(world, found)
    if found.body["location"] != stored["location"]:
        raise _other_location(world, found, region)
    if world.variants.is_("account.put-existing-omitted", "keep"):
        given = body.get("properties") or {}
        stored["properties"] = crud.writable(target.kind, found) | {
            key: value for key, value in stored["properties"].items() if key in given
        }
    changed = with_members(world, target.kind, found, stored)
    if world.variants.is_("account.put-existing-operation", "at-once"):
        world.store.put(changed)
        return Answer(200, changed.json())
    busy = in_progress(changed)
    world.store.put(busy)
    return Answer(200, busy.json(), begin(world, call, busy, lambda now: with_members(world, target.kind, now, stored)))


def patch(world: World, call: Call, target: Target) -> Answer:
    """Always 202 and an operation."""
    found = find(world, target)
    body = call.json()
    if "location" in body:
        if world.variants.is_("account.patch-location", "refuse"):
            raise BadInputError("location", "can't be changed, and an update has no such member")
        call = replace(call, body=_without(call, "location"))
    stored = crud.patched(world, call, target.kind, update_schema(), found)
    check(stored)
    refuse_while_busy(world, found)
    changed = with_members(world, target.kind, found, stored)
    shown = changed if world.variants.is_("account.patch-visible", "at-once") else found
    busy = in_progress(shown)
    world.store.put(busy)
    return Answer(
        202,
        in_progress(changed).json(),
        begin(world, call, busy, lambda now: with_members(world, target.kind, now, stored)),
    )


def delete(world: World, call: Call, target: Target) -> Answer:
    """Synchronous: 200, or 204 when there was nothing."""
    children = [child for child in world.store.children(target.key) if child.kind != "streamingendpoints"]
    if children and world.variants.is_("account.delete-children", "refuse"):
        message = f"'{target.name}' still has {len(children)} resources, such as '{children[0].id}'. Delete them first."
        raise conflict("CannotDeleteResource", message)
    return Answer(200 if world.store.delete(target.key) else 204)


def sync_storage_keys(world: World, call: Call, target: Target) -> Answer:
    """200 and an empty body, once a storage account of this account is named."""
    found = find(world, target)
    storage_id = STORAGE_ID.read(call.json().get("id"), "id", Rules(call.api_version))
    attached = [item["id"].lower() for item in found.properties["storageAccounts"]]
    if storage_id.lower() not in attached:
        raise BadInputError("id", "is not a storage account of this account")
    return Answer(200)


def list_edge_policies(world: World, call: Call, target: Target) -> Answer:
    find(world, target)
    return Answer.of(200, {"usageDataCollectionPolicy": None})


# --- parts -----------------------------------------------------------------------------------------------------------


def find(world: World, target: Target) -> Resource:
    found = world.store.get(target.key)
    if found is None:
        raise account_not_found(f"{target.kind.type}/{target.name}", target.group.name if target.group else "")
    return found


def check(stored: JSON) -> None:
    """Rules between members: one primary storage account, one identity for each use, no allow list where all may."""
    properties = stored["properties"]
    primaries = [item for item in properties["storageAccounts"] if item["type"] == "Primary"]
    if len(primaries) != 1:
        raise BadInputError("properties.storageAccounts", f"needs exactly one Primary, has {len(primaries)}")
    for index, item in enumerate(properties["storageAccounts"]):
        require_one_identity(item, f"properties.storageAccounts[{index}].identity")
    require_one_identity(properties["encryption"], "properties.encryption.identity")
    access = properties["keyDelivery"].get("accessControl") or {}
    if access.get("defaultAction") == "Allow" and access.get("ipAllowList"):
        path = "properties.keyDelivery.accessControl.ipAllowList"
        raise BadInputError(path, "must be empty when defaultAction is Allow")


def build(world: World, kind: Kind, group: Group, name: str, stored: JSON) -> Resource:
    """An account as GET shows it once it is created."""
    body: JSON = {"name": name, "id": new_id(f"{group.id}/providers/Microsoft.Media", kind, name), "type": kind.type}
    body["location"] = stored["location"]
    body["properties"] = {
        "mediaServiceId": world.new_id(),
        "provisioningState": "Succeeded",
        "privateEndpointConnections": [],
    }
    return with_members(world, kind, Resource(body["id"], kind.label, body, {"created": world.timestamp()}), stored)


def with_members(world: World, kind: Kind, account: Resource, stored: JSON) -> Resource:
    """`account` with the members that a client may set; empty tags are not shown."""
    body = {key: account.body[key] for key in ("name", "id", "type", "location")} | crud.unknown(kind, stored)
    if stored.get("tags"):
        body["tags"] = stored["tags"]
    if stored.get("identity", {}).get("type", "None") != "None":
        body["identity"] = _with_principals(world, stored["identity"], account.body.get("identity", {}))
    owned = {
        key: account.properties[key] for key in ("mediaServiceId", "provisioningState", "privateEndpointConnections")
    }
    body["properties"] = stored["properties"] | owned
    return account.with_body(body)


def in_progress(account: Resource) -> Resource:
    return account.with_body(account.body | {"properties": account.properties | {"provisioningState": "InProgress"}})


def refuse_while_busy(world: World, account: Resource) -> None:
    if world.operations.running(account.id) and world.variants.is_("account.put-in-progress", "refuse"):
        raise conflict(
            "AnotherOperationInProgress", f"An operation on '{account.id}' is still running. Try again later."
        )


def begin(world: World, call: Call, account: Resource, result: Callable[[Resource], Resource]) -> dict[str, str]:
    """Start an operation that stores `result` of what is stored when it succeeds; the headers that lead to it."""
    key = key_of(account.id)
    subscription = account.id.split("/")[2]
    region = locations.known_region(account.body["location"])

    def done(operation: Operation) -> None:
        stored = world.store.get(key)
        if stored is None or stored.properties["mediaServiceId"] != account.properties["mediaServiceId"]:
            return  # deleted meanwhile, or another one of that name
        if operation.failure is not None:
            failed = stored.properties | {"provisioningState": "Failed"}
            world.store.put(stored.with_body(stored.body | {"properties": failed}, creating=False))
            return
        ended = result(stored)
        succeeded = ended.properties | {"provisioningState": "Succeeded"}
        world.store.put(ended.with_body(ended.body | {"properties": succeeded}, creating=False))

    operation = world.operations.start(
        resource_id=account.id,
        region=region,
        subscription=subscription,
        seconds=world.settings.operation_seconds,
        fault=call.operation_fault,
        done=done,
    )
    retry = RECORDED_RETRY_AFTER if world.settings.retry_after is None else world.settings.retry_after
    return locations.operation_headers(call, operation) | {"Retry-After": seconds_text(retry)}


def create(world: World, kind: Kind, group: Group, name: str, stored: JSON) -> Resource:
    """Store a finished account with its endpoint `default`, without an operation: seeds and out-of-band changes."""
    account = build(world, kind, group, name, stored)
    world.store.put(account)
    world.store.put(default_endpoint(world, account))
    return account


def _create(world: World, call: Call, target: Target, stored: JSON, region: str) -> Answer:
    assert target.group is not None
    crud.check_limit(world, target, len(in_subscription(world.store, target)))
    taken = locations.holder_of(world, target.name, region)
    if taken is not None:
        raise conflict("AccountNameTaken", locations.NAME_TAKEN)
    final = create(world, target.kind, target.group, target.name, stored)
    if call.api_version < FIRST_WITHOUT_V2 and region not in REGIONS_WITHOUT_V2:
        final = v2_account.enable(world, final)
    busy = in_progress(final)
    world.store.put(busy.with_body(busy.body, creating=True))
    # The recorded 201 shows tags even when empty, and no encryption yet.
    first = {key: value for key, value in busy.properties.items() if key != "encryption"}
    body = busy.body | {"tags": stored.get("tags") or {}, "properties": first}
    return Answer.of(201, body, begin(world, call, busy, lambda now: now))


def _other_location(world: World, found: Resource, region: str) -> ArmError:
    message = (
        f"'{found.id}' is in '{found.body['location']}'; the location of a resource can't be changed to '{region}'."
    )
    status = int(world.variants.answer("account.put-location"))
    return ArmError(status, "InvalidResourceLocation", message, general="Conflict" if status == 409 else "BadRequest")


def _with_principals(world: World, identity: JSON, before: JSON) -> JSON:
    result = dict(identity)
    if "SystemAssigned" in identity["type"]:
        result["principalId"] = before.get("principalId") or world.new_id()
        result["tenantId"] = world.config.identity.tenant_id
    users = result.pop("userAssignedIdentities", None)
    if users and "UserAssigned" in identity["type"]:
        known = before.get("userAssignedIdentities") or {}
        result["userAssignedIdentities"] = {
            key: known.get(key) or {"clientId": world.new_id(), "principalId": world.new_id()} for key in users
        }
    return result


def _without(call: Call, member: str) -> bytes:
    return Answer.of(200, {key: value for key, value in call.json().items() if key != member}).body or b""


def seed(world: World, kind: Kind, group: Group, name: str, region: str) -> Resource:
    """A finished account with one made-up storage account. Raises BadInputError for a bad name or region."""
    NAME.read(name, "account", Rules(""))
    storage = f"{group.id}/providers/Microsoft.Storage/storageAccounts/{name}"
    body = {
        "location": REGIONS[locations.known_region(region)],
        "properties": {"storageAccounts": [{"id": storage, "type": "Primary"}]},
    }
    return create(world, kind, group, name, kind.schema.read(body, "", Rules("2023-01-01")))
