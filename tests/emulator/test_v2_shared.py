"""One account, two versions: what each shows of the other's work."""

import base64
from collections.abc import Callable
from typing import Any

import pytest
from tests.emulator.scene import Scene
from tests.emulator.v2_client import V2, at

MakeV2 = Callable[..., V2]


@pytest.fixture
def v2(v2_factory: MakeV2) -> V2:
    return v2_factory("broadcaster")


def listed(scene: Scene, v2: V2, kind: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = scene.ask("GET", f"{v2.account_id}/{kind}")[2]["value"]
    return found


def test_assets_of_version_2_are_named_by_their_guid(scene: Scene, v2: V2) -> None:
    film = v2.row("Assets", Name="film-0")
    guid = film["Id"][-36:]
    status, _, found = scene.ask("GET", f"{v2.account_id}/assets/{guid}")
    assert (status, found["name"], found["properties"]["assetId"]) == (200, guid, guid)
    assert found["properties"]["description"] == "film-0"
    assert found["properties"]["container"] == f"asset-{guid}" == film["Uri"].rpartition("/")[2]
    assert len(listed(scene, v2, "assets")) == len(v2.rows("Assets"))


def test_assets_of_version_3_have_no_name_and_no_files(scene: Scene, v2: V2) -> None:
    path = f"{v2.account_id}/assets/made-by-version-3"
    assert scene.ask("PUT", path, {"properties": {}})[0] == 201
    entity = f"nb:cid:UUID:{scene.properties(path)['assetId']}"
    found = v2.get(at("Assets", entity))
    assert (found["Id"], found["Name"]) == (entity, None)
    assert v2.rows(f"{at('Assets', entity)}/Files") == []
    assert entity in [row["Id"] for row in v2.rows("Assets")]
    scene.ask("DELETE", path)
    assert v2.ask("GET", at("Assets", entity))[0] == 404


def test_endpoints_are_one_object(scene: Scene, v2: V2) -> None:
    (found,) = v2.rows("StreamingEndpoints")
    assert (found["Name"], found["State"], found["ScaleUnits"]) == ("default", "Running", 2)
    scene.act(f"{v2.account_id}/streamingEndpoints/default", "stop")
    again = v2.get(at("StreamingEndpoints", found["Id"]))
    assert (again["State"], again["Id"]) == ("Stopped", found["Id"])
    assert again["HostName"] == scene.properties(f"{v2.account_id}/streamingEndpoints/default")["hostName"]


def test_locators_and_their_keys_show_in_version_3(scene: Scene, v2: V2) -> None:
    film = v2.row("Assets", Name="film-0")
    (locator,) = v2.rows(f"{at('Assets', film['Id'])}/Locators")
    keys = {key["Id"][-36:]: key for key in v2.rows(f"{at('Assets', film['Id'])}/ContentKeys")}
    path = f"{v2.account_id}/assets/{film['Id'][-36:]}/listStreamingLocators"
    (seen,) = scene.ask("POST", path)[2]["streamingLocators"]
    assert seen["streamingLocatorId"] == locator["Id"][-36:]
    assert seen["streamingPolicyName"] == "Predefined_MultiDrmStreaming"
    at_v3 = f"{v2.account_id}/streamingLocators/{seen['name']}"
    found = scene.ask("POST", f"{at_v3}/listContentKeys")[2]["contentKeys"]
    assert {key["id"]: key["type"] for key in found} == {
        guid: {0: "CommonEncryptionCenc", 6: "CommonEncryptionCbcs"}[key["ContentKeyType"]]
        for guid, key in keys.items()
    }
    assert all(len(base64.b64decode(key["value"])) == 16 for key in found)
    policies = {item["name"] for item in listed(scene, v2, "contentKeyPolicies")}
    assert {key["policyName"] for key in found} <= policies
    assert locator["Path"].endswith(f"/{locator['Id'][-36:]}/")
    assert scene.ask("POST", f"{at_v3}/listPaths")[2]["streamingPaths"][0]["encryptionScheme"] != "NoEncryption"
    asked = [one for one in scene.emulator.control.log() if "/list" in one["path"]]
    assert {one["access"] for one in asked} == {"read"}


def test_version_3_deletes_a_locator_and_leaves_its_keys(scene: Scene, v2: V2) -> None:
    keys = len(v2.rows("ContentKeys"))
    scene.emulator.control.variants(**{"v2.locators-in-v3-list": "listed"})
    locator = v2.rows("Locators")[0]["Id"]
    name = next(
        item["name"] for item in listed(scene, v2, "streamingLocators")
        if item["properties"]["streamingLocatorId"] == locator[-36:]
    )  # fmt: skip
    assert scene.ask("DELETE", f"{v2.account_id}/streamingLocators/{name}")[0] == 200
    assert v2.ask("GET", at("Locators", locator))[0] == 404
    assert len(v2.rows("ContentKeys")) == keys


def test_version_3_deletes_an_asset_with_all_that_version_2_knows_of_it(scene: Scene, v2_factory: MakeV2) -> None:
    v2 = v2_factory("legacy")
    shared = v2.row("Assets", Name="shared by SAS")["Id"]
    assert len(v2.rows(f"{at('Assets', shared)}/Locators")) == 2
    assert scene.ask("DELETE", f"{v2.account_id}/assets/{shared[-36:]}")[0] == 200
    assert shared not in {row["ParentAssetId"] for row in v2.rows("Files")}
    assert shared not in {row["AssetId"] for row in v2.rows("Locators")}


def test_writing_what_was_published_is_not_here_yet(scene: Scene, v2: V2) -> None:
    assert scene.ask("PUT", f"{v2.account_id}/streamingLocators/new", {})[0] == 501


def test_key_policies_never_show_secrets(scene: Scene, v2: V2) -> None:
    found = listed(scene, v2, "contentKeyPolicies")
    assert len(found) == len(v2.rows("ContentKeyAuthorizationPolicies")) == 3
    kinds = sorted(
        option["configuration"]["@odata.type"].removeprefix("#Microsoft.Media.ContentKeyPolicy")
        for item in found for option in item["properties"]["options"]
    )  # fmt: skip
    assert kinds == [
        "ClearKeyConfiguration",
        "FairPlayConfiguration",
        "PlayReadyConfiguration",
        "WidevineConfiguration",
    ]
    tokens = [option["restriction"] for item in found for option in item["properties"]["options"]]
    keys = [token["primaryVerificationKey"]["keyValue"] for token in tokens if "issuer" in token]
    assert keys == [None, None, None]


def test_key_policies_show_their_secrets_to_whoever_may_ask(scene: Scene, v2_factory: MakeV2) -> None:
    v2 = v2_factory("legacy")
    key = {"@odata.type": "#Microsoft.Media.ContentKeyPolicySymmetricTokenKey", "keyValue": "c2VjcmV0"}
    options = [{"configuration": {}, "restriction": {"primaryVerificationKey": key}}]
    mine = f"{v2.account_id}/contentKeyPolicies/mine"
    scene.emulator.control.put_out_of_band(mine, {"properties": {"options": options}})
    masked = [{"configuration": {}, "restriction": {"primaryVerificationKey": {**key, "keyValue": None}}}]
    assert scene.properties(mine)["options"] == masked
    assert masked in [item["properties"]["options"] for item in listed(scene, v2, "contentKeyPolicies")]
    status, _, found = scene.ask("POST", f"{mine}/getPolicyPropertiesWithSecrets")
    assert (status, found["options"]) == (200, options)
    shown = [
        scene.ask("POST", f"{v2.account_id}/contentKeyPolicies/{row['Id'][-36:]}/getPolicyPropertiesWithSecrets")[2]
        for row in v2.rows("ContentKeyAuthorizationPolicies")
    ]
    restrictions = [option["restriction"] for item in shown for option in item["options"]]
    keys = [one["primaryVerificationKey"] for one in restrictions if "issuer" in one]
    assert {one["@odata.type"].removeprefix("#Microsoft.Media.ContentKeyPolicy") for one in keys} == {
        "SymmetricTokenKey", "RsaTokenKey", "X509CertificateTokenKey",
    }  # fmt: skip
    assert all(base64.b64decode(value) for one in keys for name, value in one.items() if name != "@odata.type")
    assert scene.act(f"{v2.account_id}/contentKeyPolicies/nothing", "getPolicyPropertiesWithSecrets") == 404
    scene.emulator.control.deny(scope=mine, rights=["action"])
    assert scene.act(mine, "getPolicyPropertiesWithSecrets") == 403
    assert scene.properties(mine)["options"] == masked
    scene.emulator.control.allow_all()


def test_channels_programs_and_jobs_do_not_show_in_version_3(scene: Scene, v2: V2) -> None:
    assert [len(v2.rows(name)) for name in ("Channels", "Programs", "Jobs")] == [4, 4, 14]
    for kind in ("liveEvents", "transforms"):
        assert listed(scene, v2, kind) == []


def test_an_account_takes_its_past_along(scene: Scene, v2: V2) -> None:
    assert v2.base
    scene.emulator.control.delete_out_of_band(v2.account_id)
    assert v2.ask("GET", "Assets")[0] == 403
