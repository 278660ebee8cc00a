"""Assets: what is settled at creation, containers, and what hangs on them."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from tests.emulator.bodies import JSON
from tests.emulator.scene import Scene


def moment(scene: Scene, hours: float) -> str:
    """A time by the emulator's clock: other tests move it."""
    now = datetime.fromisoformat(scene.emulator.control.clock()["now"][:19] + "+00:00")
    return (now + timedelta(hours=hours)).isoformat()


def test_life(scene: Scene) -> None:
    asset = scene.make_asset()
    before = scene.properties(asset)
    assert before["storageAccountName"] == scene.account.name
    assert scene.ask("PATCH", asset, {"properties": {"alternateId": "a", "description": "b"}})[0] == 200
    assert scene.ask("PUT", asset, {"properties": {"description": "c"}})[0] == 200
    after = scene.properties(asset)
    assert (after.get("alternateId"), after["description"]) == (None, "c")
    for name in ("assetId", "container", "storageAccountName", "created", "storageEncryptionFormat"):
        assert after[name] == before[name]
    assert [scene.ask("DELETE", asset)[0] for _ in range(2)] == [200, 204]


def test_given_container_shows_at_once(scene: Scene) -> None:
    body = {"properties": {"container": "mine", "storageAccountName": scene.account.name}}
    _, _, made = scene.ask("PUT", f"{scene.account.id}/assets/a", body)
    assert made["properties"]["container"] == "mine"


@pytest.mark.parametrize(
    ("properties", "target"),
    [
        ({"container": "No"}, "properties.container"),
        ({"container": "ab"}, "properties.container"),
        ({"storageAccountName": "elsewhere"}, "properties.storageAccountName"),
        ({"description": 1}, "properties.description"),
        ({"encryptionScope": "x"}, "properties.encryptionScope"),  # known from 2023-01-01 on
        ({"tags": {}}, "properties.tags"),
    ],
)
def test_bad_assets(scene: Scene, properties: JSON, target: str) -> None:
    status, _, body = scene.ask("PUT", f"{scene.account.id}/assets/a", {"properties": properties})
    assert (status, body["error"]["target"]) == (400, target)


def test_newer_member(scene: Scene) -> None:
    body = {"properties": {"encryptionScope": "x"}}
    assert scene.ask("PUT", f"{scene.account.id}/assets/a", body, api_version="2023-01-01")[0] == 201


@pytest.mark.parametrize(
    ("body", "target"),
    [
        ({}, "expiryTime"),
        ({"expiryTime": "tomorrow"}, "expiryTime"),
        ({"expiryTime": "2026-01-01T00:00:00"}, "expiryTime"),
        ({"expiryTime": 25}, "expiryTime"),
        ({"expiryTime": -1}, "expiryTime"),
        ({"expiryTime": 1, "permissions": "Write"}, "permissions"),
    ],
)
def test_bad_sas(scene: Scene, body: JSON, target: str) -> None:
    if isinstance(body.get("expiryTime"), int):
        body = {**body, "expiryTime": moment(scene, body["expiryTime"])}
    status, _, answer = scene.ask("POST", f"{scene.make_asset()}/listContainerSas", body)
    assert (status, answer["error"]["target"]) == (400, target)


@pytest.mark.parametrize(("permissions", "rights"), [("Read", "rl"), ("ReadWrite", "racwl"), (None, "rl")])
def test_sas(scene: Scene, permissions: Any, rights: str) -> None:
    body = {"permissions": permissions, "expiryTime": moment(scene, 2)}
    status, _, answer = scene.ask("POST", f"{scene.make_asset()}/listContainerSas", body)
    assert status == 200
    assert len(set(answer["assetContainerSasUrls"])) == 2
    assert all(url.endswith(f"&sp={rights}") for url in answer["assetContainerSasUrls"])


def test_storage_encrypted(scene: Scene) -> None:
    """As version 2 of the API left them: only a change behind the back makes one."""
    asset = scene.make_asset()
    change = {"properties": {"storageEncryptionFormat": "MediaStorageClientEncryption"}}
    scene.emulator.control.patch_out_of_band(asset, change)
    status, _, body = scene.ask("POST", f"{asset}/getEncryptionKey")
    assert (status, body["assetFileEncryptionMetadata"]) == (200, [])
    assert len(body["key"]) == 44  # 32 bytes


def test_seeded_behind_the_back(scene: Scene) -> None:
    path = f"{scene.account.id}/assets/seeded"
    scene.emulator.control.put_out_of_band(path, {"properties": {"description": "x"}})
    found = scene.properties(path)
    assert found["container"] == f"asset-{found['assetId']}"
    event = f"{scene.account.id}/liveEvents/seeded"
    scene.emulator.control.put_out_of_band(event, {"properties": {"encoding": {"encodingType": "Standard"}}})
    assert scene.act(event, "start") == 202
    assert len(scene.urls(event)) == 4


def test_filter_and_order(scene: Scene) -> None:
    for name in "abc":
        scene.make_asset(name)
    path = f"{scene.account.id}/assets"

    def listed(query: str) -> list[str]:
        return [item["name"] for item in scene.ask("GET", f"{path}?{query}")[2]["value"]]

    assert listed("$filter=name%20gt%20'a'") == ["b", "c"]
    assert listed("$orderby=name%20desc&$top=2") == ["c", "b"]
    assert scene.ask("GET", f"{path}?$top=none")[0] == 400


def test_a_container_has_one_asset(scene: Scene) -> None:
    first = {"properties": {"container": "mine"}}
    assert scene.ask("PUT", f"{scene.account.id}/assets/first", first)[0] == 201
    status, _, answer = scene.ask("PUT", f"{scene.account.id}/assets/second", first)
    assert (status, answer["error"]["target"]) == (400, "properties.container")
    assert scene.ask("PUT", f"{scene.account.id}/assets/first", first)[0] == 200


def test_the_container_goes_with_the_asset(scene: Scene) -> None:
    """Also one that the user named: another asset on a container of that name begins with nothing."""
    asset, body = f"{scene.account.id}/assets/tape", {"properties": {"container": "mine"}}
    for _ in range(2):
        assert scene.ask("PUT", asset, body)[0] == 201
        assert scene.emulator.control.container(asset)["files"] == []
        scene.emulator.control.upload(asset, "film.ism")
        assert scene.ask("DELETE", asset)[0] == 200
