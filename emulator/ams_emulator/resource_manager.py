"""What Resource Manager itself answers: tenants, subscriptions, resource groups, the provider and its operations."""

# All handlers have one signature.
# ruff: noqa: ARG001
from __future__ import annotations

from typing import Any

from ams_emulator.call import Answer, Call
from ams_emulator.errors import ArmError, BadInputError, conflict
from ams_emulator.kinds.base import Kind
from ams_emulator.locations import known_region
from ams_emulator.regions import REGIONS
from ams_emulator.schema import MapOf, Rules, Text
from ams_emulator.state import Group, key_of
from ams_emulator.world import World

API_VERSIONS = (
    "2018-07-01",
    "2020-05-01",
    "2021-05-01",
    "2021-06-01",
    "2021-11-01",
    "2022-07-01",
    "2022-08-01",
    "2022-11-01",
    "2023-01-01",
)
GROUP_NAME = Text(r"[-\w.()]{0,89}[-\w()]", "letters, digits, - _ . ( ), at most 90, not ending in a dot")


def tenants(world: World, call: Call) -> Answer:
    tenant = world.config.identity.tenant_id
    return Answer.of(
        200, {"value": [{"id": f"/tenants/{tenant}", "tenantId": tenant, "displayName": "Emulated tenant"}]}
    )


def subscriptions(world: World, call: Call) -> Answer:
    return Answer.of(200, {"value": [_subscription(world, found) for found in world.store.subscriptions]})


def subscription(world: World, call: Call, subscription_id: str) -> Answer:
    return Answer.of(200, _subscription(world, subscription_id))


def _subscription(world: World, subscription_id: str) -> dict[str, Any]:
    return {
        "id": f"/subscriptions/{subscription_id}",
        "subscriptionId": subscription_id,
        "tenantId": world.config.identity.tenant_id,
        "displayName": world.store.subscriptions[subscription_id.lower()],
        "state": "Enabled",
    }


def group_body(group: Group) -> dict[str, Any]:
    return {
        "id": group.id,
        "name": group.name,
        "type": "Microsoft.Resources/resourceGroups",
        "location": group.location,
        "tags": group.tags,
        "properties": {"provisioningState": "Succeeded"},
    }


def groups(world: World, call: Call, subscription_id: str) -> Answer:
    found = [group for group in world.store.groups.values() if group.subscription.lower() == subscription_id.lower()]
    return Answer.of(
        200, {"value": [group_body(group) for group in sorted(found, key=lambda group: group.name.lower())]}
    )


def find_group(world: World, subscription_id: str, name: str) -> Group:
    group = world.store.group(subscription_id, name)
    if group is None:
        code = world.variants.answer("group.missing")
        raise ArmError(404, code, f"Resource group '{name}' could not be found.")
    return group


def group(world: World, call: Call, subscription_id: str, name: str) -> Answer:
    """GET, HEAD, PUT and DELETE of one resource group. A group that still has accounts is only deleted with force."""
    if call.method == "PUT":
        return put_group(world, call, subscription_id, name)
    if call.method == "HEAD":
        return Answer(204 if world.store.group(subscription_id, name) else 404)
    found = find_group(world, subscription_id, name)
    if call.method == "GET":
        return Answer.of(200, group_body(found))
    if call.method == "DELETE":
        # The real one deletes what is in the group over minutes; here nothing vanishes that a test didn't name.
        if any(world.store.children(key_of(found.id))):
            raise conflict("ResourceGroupNotEmpty", f"'{found.id}' still holds accounts. Delete them first.")
        del world.store.groups[(found.subscription.lower(), found.name.lower())]
        return Answer(200)
    raise method_not_allowed(call)


def put_group(world: World, call: Call, subscription_id: str, name: str) -> Answer:
    rules = Rules(call.api_version)
    GROUP_NAME.read(name, "resourceGroupName", rules)
    body = call.json()
    location = body.get("location")
    if not isinstance(location, str):
        raise BadInputError("location", "is required")
    tags = MapOf(Text()).read(body.get("tags") or {}, "tags", rules)
    before = world.store.group(subscription_id, name)
    world.store.add_group(Group(subscription_id, before.name if before else name, known_region(location), tags))
    return Answer.of(200 if before else 201, group_body(find_group(world, subscription_id, name)))


def provider(world: World, call: Call, kinds: list[Kind], subscription_id: str | None) -> Answer:
    prefix = f"/subscriptions/{subscription_id}" if subscription_id else ""
    types = [
        {
            "resourceType": kind.type.partition("/")[2],
            "locations": list(REGIONS.values()),
            "apiVersions": list(API_VERSIONS),
        }
        for kind in kinds
    ]
    body = {
        "id": f"{prefix}/providers/Microsoft.Media",
        "namespace": "Microsoft.Media",
        "registrationState": "Registered",
        "resourceTypes": types,
    }
    return Answer.of(200, body)


def provider_operations(world: World, call: Call, kinds: list[Kind]) -> Answer:
    """The rights that exist, in the shape of the provider's operations list."""
    rights = {"PUT": "write", "GET": "read", "DELETE": "delete"}
    value = [
        {
            "name": f"{kind.type}/{right}",
            "isDataAction": False,
            "display": {"provider": "Microsoft Media Services", "resource": kind.segment, "operation": right},
        }
        for kind in kinds
        for verb, right in rights.items()
        if verb in kind.verbs
    ]
    return Answer.of(200, {"value": value})


def locations(world: World, call: Call, subscription_id: str) -> Answer:
    value = [
        {"id": f"/subscriptions/{subscription_id}/locations/{name}", "name": name, "displayName": display}
        for name, display in REGIONS.items()
    ]
    return Answer.of(200, {"value": value})


def method_not_allowed(call: Call) -> ArmError:
    return ArmError(405, "MethodNotAllowed", f"{call.method} is not a method of {call.path}.", general="BadRequest")
