"""`mixed`: a team that has begun to work with version 3 in the account that it had, and goes on with version 2."""

from __future__ import annotations

from typing import Any

from ams_emulator import crud
from ams_emulator.kinds.asset import asset
from ams_emulator.kinds.live_event import live_event
from ams_emulator.state import Resource, key_of
from ams_emulator.v2.scenarios import protection
from ams_emulator.v2.scenarios.builder import PROCESSING, Builder
from ams_emulator.v2.scenarios.live import channel, program
from ams_emulator.world import World

CLEAR = "Predefined_ClearStreamingOnly"


def mixed(world: World, account: Resource) -> None:
    """Assets and locators of both versions, and a channel whose successor stands beside it, stopped."""
    make = Builder(world, account, "mixed")
    members, aes = protection.aes(make, f"{account.name}.keydelivery.mediaservices.windows.net")
    clear = make.delivery("clear", 2, 7)
    for number in range(6):
        film = make.encoded(f"old-{number}", 300 - number)
        make.link("Assets", film, "DeliveryPolicies", aes if number == 0 else clear)
        if number == 0:
            make.link("Assets", film, "ContentKeys", make.key("aes", 4, members))
        make.publish(film, 299 - number)
    for number in range(5):
        _asset_of_version_3(make, f"new-{number}", 20 - number, published=number < 4)
    # The second locator of an asset of version 2, made with version 3.
    _locator_of_version_3(make, "old-5-again", film[-36:], 10)
    news = channel(make, "news", "RTMP", "Running")
    program(make, "news-now", news, "Running", days=1)
    world.store.put(live_event_like(world, account, "news"))
    make.job("Still with version 2", "Adaptive Streaming", 0.01, PROCESSING)
    make.job("Adaptive", "Adaptive Streaming", 2)
    make.endpoint(resourceState="Running")


def _asset_of_version_3(make: Builder, name: str, days: float, *, published: bool) -> None:
    kind = asset()
    assert kind.blank is not None
    made = kind.blank(make.world, crud.nobodys_call(), kind, make.account, name)
    made = made.with_body(_dated(made.body, make.ago(days)))
    make.world.store.put(made)
    make.world.containers.of(made).files.append(f"{name}.ism")
    if published:
        _locator_of_version_3(make, f"{name}-locator", name, days - 1)


def _locator_of_version_3(make: Builder, name: str, asset_name: str, days: float) -> None:
    resource_id = f"{make.account.id}/streamingLocators/{name}"
    properties = {
        "assetName": asset_name,
        "created": make.ago(days),
        "endTime": "9999-12-31T23:59:59.9999999Z",
        "streamingLocatorId": make.guid(),
        "streamingPolicyName": CLEAR,
        "contentKeys": [],
        "filters": [],
    }
    body = {"name": name, "id": resource_id, "type": "Microsoft.Media/mediaservices/streamingLocators"}
    make.world.store.put(Resource(resource_id, "streaminglocators", body | {"properties": properties}))


def live_event_like(world: World, account: Resource, name: str) -> Resource:
    """The live event that is to take over from a channel; it has never run."""
    kind = live_event()
    assert kind.blank is not None
    assert world.store.get(key_of(account.id)) is not None
    return kind.blank(world, crud.nobodys_call(), kind, account, name)


def _dated(body: dict[str, Any], created: str) -> dict[str, Any]:
    return {**body, "properties": {**body["properties"], "created": created, "lastModified": created}}
