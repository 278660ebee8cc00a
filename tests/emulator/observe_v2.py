"""How the answers to version 2's open questions can be told apart from outside."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from tests.emulator.bodies import event_body
from tests.emulator.scene import Scene
from tests.emulator.v2_client import V2, at

GUID = "0d7b4a4c-9a49-4b4b-8f4b-3f1b5a1f0c11"


def v2(scene: Scene, scenario: str = "small") -> V2:
    name = f"{scene.account.name}v"
    account = scene.emulator.control.add_account(name, resourceGroup=scene.account.resource_group, scenario=scenario)
    return V2(scene.emulator, account["id"])


def arm_v3_only(scene: Scene) -> Any:
    return scene.ask("GET", scene.account.id, api_version="2015-10-01")[0]


def endpoint_redirect(scene: Scene) -> Any:
    client = v2(scene)
    endpoint = client.discovered()
    status, headers, _ = client.to(endpoint, "GET", "Assets")
    host = headers.get("location", "").split("/")[2:3]
    return status, host == endpoint.split("/")[2:3]


def error_shape(scene: Scene) -> Any:
    return set(v2(scene).ask("GET", "Assets?$top=x")[2])


def dates(scene: Scene) -> Any:
    return v2(scene).rows("Assets")[0]["Created"][-1] == "Z"


def next_link(scene: Scene) -> Any:
    scene.emulator.control.settings(page_size=2)
    client = v2(scene)
    first = client.get("Assets?$select=Id")
    found = len(first["value"])
    while "odata.nextLink" in first:
        first = client.get(first["odata.nextLink"].removeprefix(client.base))
        assert set(first["value"][0]) == {"Id"}
        found += len(first["value"])
    return found


def inlinecount(scene: Scene) -> Any:
    return v2(scene).get("Assets?$inlinecount=allpages&$top=1").get("odata.count")


def filter_or(scene: Scene) -> Any:
    return v2(scene).ask("GET", "Jobs?$filter=State%20eq%203%20or%20State%20eq%204")[0]


def orderby(scene: Scene) -> Any:
    return v2(scene).ask("GET", "Assets?$orderby=Name%20desc,Created")[0]


def locator_name(scene: Scene) -> Any:
    client = v2(scene)
    locator = client.rows("Locators")[0]
    path = f"{client.account_id}/assets/{locator['AssetId'][-36:]}/listStreamingLocators"
    (found,) = scene.ask("POST", path)[2]["streamingLocators"]
    assert found["streamingLocatorId"] == locator["Id"][-36:]
    assert scene.ask("GET", f"{client.account_id}/streamingLocators/{found['name']}")[0] == 200
    return found["name"] == locator["Id"][-36:]


def locators_in_v3_list(scene: Scene) -> Any:
    client = v2(scene)
    return len(scene.ask("GET", f"{client.account_id}/streamingLocators")[2]["value"])


def blank_name(scene: Scene) -> Any:
    client = v2(scene, "empty")
    scene.ask("PUT", f"{client.account_id}/assets/a", {"properties": {}})
    return client.rows("Assets")[0]["Name"]


def retired(scene: Scene) -> Any:
    client = v2(scene)
    assert client.base
    scene.emulator.control.v2_account(client.account_id, retired=True)
    return client.ask("GET", "Assets")[0]


def v3_locators(scene: Scene) -> Any:
    client = v2(scene)
    asset = scene.ask("GET", f"{client.account_id}/assets")[2]["value"][0]["name"]
    made = {"properties": {"assetName": asset, "streamingLocatorId": GUID, "streamingPolicyName": "p"}}
    scene.emulator.control.put_out_of_band(f"{client.account_id}/streamingLocators/mine", made)
    entity = f"nb:lid:UUID:{GUID}"
    listed = entity in [row["Id"] for row in client.rows("Locators")]
    assert listed == (client.ask("GET", at("Locators", entity))[0] == 200)
    assert listed == (entity in [row["Id"] for row in client.rows(f"{at('Assets', f'nb:cid:UUID:{asset}')}/Locators")])
    return listed


def filters_in_v3(scene: Scene) -> Any:
    client = v2(scene, "broadcaster")
    listed = scene.ask("GET", f"{client.account_id}/accountFilters")[2]["value"]
    film = client.rows("AssetFilters")[0]["ParentAssetId"][-36:]
    below = scene.ask("GET", f"{client.account_id}/assets/{film}/assetFilters")[2]["value"]
    return [item["name"] for item in (*listed, *below)]


def asset_update_in_v3(scene: Scene) -> Any:
    client = v2(scene)
    path = f"{client.account_id}/assets/{client.rows('Assets')[0]['Id'][-36:]}"
    status = scene.ask("PATCH", path, {"properties": {"description": "new"}})[0]
    assert status == scene.ask("PUT", path, {"properties": {"description": "new"}})[0]
    return status, client.get(at("Assets", f"nb:cid:UUID:{path[-36:]}"))["Name"] == "new"


def state_refused(scene: Scene) -> Any:
    client = v2(scene, "broadcaster")
    channel = client.row("Channels", Name="news")["Id"]
    return client.ask("POST", f"{at('Channels', channel)}/Stop")[0]


def shared_live_quota(scene: Scene) -> Any:
    scene.emulator.control.settings(quotas="azure")
    client = v2(scene, "broadcaster")  # four channels
    channel = {"Name": "fifth", "Input": {"StreamingProtocol": "RTMP"}}
    event = f"{client.account_id}/liveEvents"
    made = [scene.ask("PUT", f"{event}/{name}", event_body())[0] for name in ("one", "two")]
    assert made[0] == 201
    return made[1], client.ask("POST", "Channels", channel)[0]


def asset_delete_locators(scene: Scene) -> Any:
    client = v2(scene)
    locator = client.rows("Locators")[0]
    status = client.ask("DELETE", at("Assets", locator["AssetId"]))[0]
    return status, client.ask("GET", at("Locators", locator["Id"]))[0]


def units_account(scene: Scene) -> Any:
    client = v2(scene)
    (row,) = client.rows("EncodingReservedUnitTypes")
    assert client.get(f"EncodingReservedUnitTypes(guid'{row['AccountId']}')")["AccountId"] == row["AccountId"]
    return row["AccountId"] == scene.properties(client.account_id)["mediaServiceId"]


OBSERVE_V2: Mapping[str, Callable[[Scene], Any]] = MappingProxyType(
    {
        "v2.arm-v3-only": arm_v3_only,
        "v2.endpoint-redirect": endpoint_redirect,
        "v2.error-shape": error_shape,
        "v2.dates": dates,
        "v2.next-link": next_link,
        "v2.inlinecount": inlinecount,
        "v2.filter-or": filter_or,
        "v2.orderby": orderby,
        "v2.locator-name": locator_name,
        "v2.v3-locators": v3_locators,
        "v2.filters-in-v3": filters_in_v3,
        "v2.asset-update-in-v3": asset_update_in_v3,
        "v2.state-refused": state_refused,
        "v2.shared-live-quota": shared_live_quota,
        "v2.asset-delete-locators": asset_delete_locators,
        "v2.locators-in-v3-list": locators_in_v3_list,
        "v2.blank-name": blank_name,
        "v2.retired": retired,
        "v2.units-account": units_account,
    }
)
