"""Streaming endpoints, so far only read: the `default` one that appears with each account."""

# All handlers have one signature.
# ruff: noqa: ARG001
from __future__ import annotations

from typing import Any

from ams_emulator import crud
from ams_emulator.call import Answer, Call
from ams_emulator.errors import account_not_found
from ams_emulator.kinds.base import Kind, Target
from ams_emulator.regions import host_code, region_name
from ams_emulator.schema import Object, Text
from ams_emulator.state import Resource
from ams_emulator.world import World

TYPE = "Microsoft.Media/mediaservices/streamingEndpoints"
SEGMENT = "streamingendpoints"  # ids spell it in lower case, types don't


def streaming_endpoint() -> Kind:
    return Kind(
        path=("mediaservices", "streamingendpoints"),
        type=TYPE,
        segment=SEGMENT,
        schema=Object(crud.tracked_members()),
        name=Text(r"[a-zA-Z0-9]+(-*[a-zA-Z0-9])*", "letters, digits and inner hyphens", max_length=24),
        verbs={"GET": get, "LIST": crud.list_all},
        tracked=True,
        limit=2,
    )


def get(world: World, call: Call, target: Target) -> Answer:
    crud.require_parent(world, target)
    found = world.store.get(target.key)
    if found is None:
        account, name = target.names
        raise account_not_found(
            f"Microsoft.Media/mediaservices/{account}/streamingEndpoints/{name}",
            target.group.name if target.group else "",
        )
    return Answer(200, found.json())


def default_endpoint(world: World, account: Resource) -> Resource:
    """Stopped, Standard, nobody's work: all members of systemData are null, as recorded."""
    now = world.timestamp()
    nobody = ("createdBy", "createdByType", "createdAt", "lastModifiedBy", "lastModifiedByType", "lastModifiedAt")
    location = account.body["location"]
    body: dict[str, Any] = {
        "name": "default",
        "id": f"{account.id}/{SEGMENT}/default",
        "type": TYPE,
        "location": location,
        "tags": {},
        "properties": {
            "description": "",
            "scaleUnits": 0,
            "availabilitySetName": None,
            "cdnEnabled": False,
            "cdnProvider": None,
            "cdnProfile": None,
            "maxCacheAge": None,
            "customHostNames": [],
            "accessControl": None,
            "crossSiteAccessPolicies": None,
            "hostName": f"{account.name}-{host_code(region_name(location))}.streaming.media.azure.net",
            "freeTrialEndTime": "0001-01-01T00:00:00Z",
            "provisioningState": "Succeeded",
            "resourceState": "Stopped",
            "created": now,
            "lastModified": now,
        },
        "systemData": dict.fromkeys(nobody),
        "sku": {"name": "Standard", "capacity": 0},
    }
    return Resource(body["id"], "streamingendpoints", body, {"created": now})
