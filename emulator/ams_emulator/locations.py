"""What is asked per location: whether a name is free, and how the operations of accounts stand."""

# All handlers have one signature.
# ruff: noqa: ARG001
from __future__ import annotations

from ams_emulator.call import Answer, Call
from ams_emulator.clock import seconds_text
from ams_emulator.errors import ArmError, BadInputError, proxy_not_found
from ams_emulator.operations import Operation
from ams_emulator.regions import REGIONS, region_name
from ams_emulator.state import Resource, key_of
from ams_emulator.world import World

NAME_TAKEN = (
    "Already in use by another Media Service account. Please try again with a name that is not likely to be in use."
)
NAME_INVALID = (
    "The Media Services account name should be between 3 and 24 characters and may contain only lowercase letters "
    "and numbers."
)
STATUSES, RESULTS = "mediaServicesOperationStatuses", "mediaServicesOperationResults"


def known_region(location: str) -> str:
    """The region's short name. Raises the refusal of a location where the service isn't."""
    region = region_name(location)
    if region not in REGIONS:
        message = f"location: '{location}' is not available for Microsoft.Media/mediaservices; try 'westus2'."
        raise ArmError(400, "LocationNotAvailableForResourceType", message, target="location", general="BadRequest")
    return region


def holder_of(world: World, name: str, region: str) -> Resource | None:
    """The account that has this name already, in the region or anywhere (variant `account.name-scope`)."""
    everywhere = world.variants.is_("account.name-scope", "global")
    for found in world.store.of_kind("mediaservices"):
        if found.name.lower() == name.lower() and (everywhere or region_name(found.body["location"]) == region):
            return found
    return None


def check_name(world: World, call: Call, region: str) -> Answer:
    """Always 200: free, taken or invalid."""
    body = call.json()
    name = body.get("name")
    if not isinstance(name, str):
        raise BadInputError("name", "expected a string")
    if not 3 <= len(name) <= 24 or not (name.isascii() and name.isalnum() and name == name.lower()):
        return Answer.of(200, {"nameAvailable": False, "reason": "Invalid", "message": NAME_INVALID})
    if holder_of(world, name, region):
        return Answer.of(200, {"nameAvailable": False, "reason": "AlreadyExists", "message": NAME_TAKEN})
    return Answer.of(200, {"nameAvailable": True})


def operation_headers(call: Call, operation: Operation) -> dict[str, str]:
    """Absolute links, at the host that the client spoke to."""
    base = (
        f"{call.origin}/subscriptions/{operation.subscription}/providers/Microsoft.Media/locations/{operation.region}"
    )
    query = f"?api-version={call.api_version}"
    return {
        "Azure-AsyncOperation": f"{base}/{STATUSES}/{operation.id}{query}",
        "Location": f"{base}/{RESULTS}/{operation.id}{query}",
    }


def operation_status(world: World, call: Call, subscription: str, region: str, operation_id: str) -> Answer:
    operation = _operation(world, subscription, operation_id)
    self_id = f"/subscriptions/{subscription}/providers/Microsoft.Media/locations/{region}/{STATUSES}/{operation.id}"
    headers = {"Retry-After": _retry_after(world)} if operation.running else {}
    return Answer.of(200, operation.document(self_id), headers)


def operation_result(world: World, call: Call, subscription: str, region: str, operation_id: str) -> Answer:
    """202 while it runs, then the account; 204 when there is none any more."""
    operation = _operation(world, subscription, operation_id)
    if operation.running:
        return Answer(202, None, operation_headers(call, operation) | {"Retry-After": _retry_after(world)})
    account = world.store.get(key_of(operation.resource_id))
    return Answer(200, account.json()) if account else Answer(204)


def _operation(world: World, subscription: str, operation_id: str) -> Operation:
    found = world.operations.find(subscription, operation_id)
    if found is None:
        raise proxy_not_found()
    return found


def _retry_after(world: World) -> str:
    return seconds_text(30.0 if world.settings.retry_after is None else world.settings.retry_after)
