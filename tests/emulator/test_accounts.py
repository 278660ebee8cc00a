"""Accounts: asynchronous create and update, rules between members, names, locations, resource groups."""

from typing import Any

import pytest
from tests.emulator.bodies import JSON, account_body, built_in
from tests.fixtures_emulator import AccountFactory, TestAccount

from ams_emulator.testing import Emulator


def other(account: TestAccount, suffix: str = "n") -> str:
    """The path of an account that doesn't exist."""
    return f"{account.id}{suffix}"


def test_creation_takes_its_time(emulator: Emulator, account: TestAccount, storage_id: str) -> None:
    emulator.control.settings(operation_seconds=1000)
    path = other(account)
    status, headers, _ = emulator.request("PUT", path, account_body(storage_id))
    assert (status, headers["retry-after"]) == (201, "30")
    assert emulator.request("GET", path)[2]["properties"]["provisioningState"] == "InProgress"
    emulator.control.advance(1000)
    assert emulator.request("GET", path)[2]["properties"]["provisioningState"] == "Succeeded"


def test_deleted_while_it_is_created(emulator: Emulator, account: TestAccount, storage_id: str) -> None:
    emulator.control.settings(operation_seconds=1000)
    path = other(account)
    emulator.request("PUT", path, account_body(storage_id))
    assert emulator.request("DELETE", path)[0] == 200
    emulator.control.advance(1000)
    assert emulator.request("GET", path)[0] == 404


def test_update_sets_and_removes(emulator: Emulator, account: TestAccount) -> None:
    status, headers, _ = emulator.request("PATCH", account.id, {"tags": {"team": "live"}})
    assert status == 202
    assert headers["azure-asyncoperation"].startswith(f"{emulator.url}/subscriptions/")
    assert emulator.request("GET", account.id)[2]["tags"] == {"team": "live"}
    access = {"keyDelivery": {"accessControl": {"defaultAction": "Deny", "ipAllowList": ["10.0.0.1"]}}}
    emulator.request("PATCH", account.id, {"properties": access})
    body = emulator.request("GET", account.id)[2]
    assert body["properties"]["keyDelivery"] == access["keyDelivery"]
    assert body["tags"] == {"team": "live"}
    emulator.request("PATCH", account.id, {"tags": None, "properties": {"keyDelivery": None}})
    body = emulator.request("GET", account.id)[2]
    assert "tags" not in body
    assert body["properties"]["keyDelivery"]["accessControl"] == {"defaultAction": "Allow", "ipAllowList": []}


def test_identity(emulator: Emulator, account: TestAccount, storage_id: str) -> None:
    user = f"{account.id.partition('/providers')[0]}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/u"
    identity = {"type": "SystemAssigned,UserAssigned", "userAssignedIdentities": {user: {}}}
    emulator.request("PATCH", account.id, {"identity": identity})
    first = emulator.request("GET", account.id)[2]["identity"]
    assert first["tenantId"] == emulator.tenant_id
    assert sorted(first["userAssignedIdentities"][user]) == ["clientId", "principalId"]
    emulator.request("PATCH", account.id, {"tags": {"a": "b"}})
    assert emulator.request("GET", account.id)[2]["identity"] == first


def test_members_that_a_newer_version_knows(emulator: Emulator, account: TestAccount) -> None:
    body = {"properties": {"minimumTlsVersion": "Tls12"}}
    status, _, refused = emulator.request("PATCH", account.id, body, api_version="2021-11-01")
    assert (status, refused["error"]["target"]) == (400, "properties.minimumTlsVersion")
    assert emulator.request("PATCH", account.id, body, api_version="2023-01-01")[0] == 202
    emulator.request("PATCH", account.id, {"tags": {"a": "b"}}, api_version="2021-11-01")
    newer = emulator.request("GET", account.id, api_version="2023-01-01")[2]
    assert newer["properties"]["minimumTlsVersion"] == "Tls12"


@pytest.mark.parametrize(
    ("change", "target"),
    [
        ({"location": None}, "location"),
        ({"location": "atlantis"}, "location"),
        ({"tags": {"a": 1}}, "tags.a"),
        ({"sku": {}}, "sku"),
        ({"identity": {"type": "Everything"}}, "identity.type"),
        ({"properties": {"storageAccounts": []}}, "properties.storageAccounts"),
        ({"properties": {"storageAccounts": [{"type": "Primary"}]}}, "properties.storageAccounts[0].id"),
        ({"properties": {"storageAccounts": [{"id": "x", "type": "Primary"}]}}, "properties.storageAccounts[0].id"),
        ({"properties": {"storageAccounts": [{"id": "{s}"}]}}, "properties.storageAccounts[0].type"),
        ({"properties": {"storageAccounts": [{"id": "{s}", "type": "Secondary"}]}}, "properties.storageAccounts"),
        ({"properties": {"storageAccounts": [{"id": "{s}", "type": "Primary"}] * 2}}, "properties.storageAccounts"),
        (
            {"properties": {"keyDelivery": {"accessControl": {"ipAllowList": ["10.0.0.1"]}}}},
            "properties.keyDelivery.accessControl.ipAllowList",
        ),
        ({"properties": {"encryption": {}}}, "properties.encryption.type"),
        ({"properties": {"publicNetworkAccess": "Maybe"}}, "properties.publicNetworkAccess"),
    ],
)
def test_bad_bodies_are_named(
    emulator: Emulator, account: TestAccount, storage_id: str, change: JSON, target: str
) -> None:
    body: Any = account_body(storage_id)
    for key, value in change.items():
        body[key] = {**body["properties"], **value} if key == "properties" else value
    for storage in body["properties"]["storageAccounts"]:
        storage.update({"id": storage_id} if storage.get("id") == "{s}" else {})
    status, _, answer = emulator.request("PUT", other(account), body)
    assert (status, answer["error"]["target"]) == (400, target)
    assert target in answer["error"]["message"]
    assert emulator.request("GET", other(account))[0] == 404


@pytest.mark.parametrize("name", ["ab", "Contoso", "a-b", "x" * 25])
def test_bad_names(emulator: Emulator, account: TestAccount, storage_id: str, name: str) -> None:
    path = account.id.rpartition("/")[0] + f"/{name}"
    status, _, body = emulator.request("PUT", path, account_body(storage_id))
    assert status == 400
    assert "3 to 24 lower-case letters and digits" in body["error"]["message"]


def test_deletion(emulator: Emulator, account: TestAccount) -> None:
    assert [emulator.request("DELETE", account.id)[0] for _ in range(2)] == [200, 204]
    assert emulator.request("GET", f"{account.id}/streamingEndpoints")[0] == 404
    assert emulator.control.stored_ids(account.id) == []


def test_lists_by_group_and_by_subscription(emulator: Emulator, account_factory: AccountFactory) -> None:
    first, second = account_factory(), account_factory()
    _, _, body = emulator.request("GET", first.id.rpartition("/")[0])
    assert [item["name"] for item in body["value"]] == [first.name]
    path = f"/subscriptions/{emulator.subscription_id}/providers/Microsoft.Media/mediaservices"
    _, _, body = emulator.request("GET", path)
    assert {first.name, second.name} <= {item["name"] for item in body["value"]}


def test_sync_storage_keys(emulator: Emulator, account: TestAccount) -> None:
    storage = emulator.request("GET", account.id)[2]["properties"]["storageAccounts"][0]["id"]
    assert emulator.request("POST", f"{account.id}/syncStorageKeys", {"id": storage})[::2] == (200, None)
    status, _, body = emulator.request("POST", f"{account.id}/syncStorageKeys", {"id": f"{storage}x"})
    assert (status, body["error"]["target"]) == (400, "id")


def test_resource_groups(emulator: Emulator, account: TestAccount) -> None:
    base = f"/subscriptions/{emulator.subscription_id}/resourceGroups"
    assert emulator.request("PUT", f"{base}/fresh", {"location": "westeurope"})[0] == 201
    assert emulator.request("PUT", f"{base}/FRESH", {"location": "westeurope"})[0] == 200
    assert emulator.request("GET", f"{base}/fresh")[2]["name"] == "fresh"
    assert emulator.request("HEAD", f"{base}/fresh")[0] == 204
    assert "fresh" in {group["name"] for group in emulator.request("GET", base)[2]["value"]}
    assert emulator.request("DELETE", f"{base}/fresh")[0] == 200
    assert emulator.request("GET", f"{base}/fresh")[0] == 404
    assert emulator.request("DELETE", f"{base}/{account.resource_group}")[0] == 409


def test_around_the_service(emulator: Emulator) -> None:
    tenants = emulator.request("GET", "/tenants")[2]["value"]
    assert [tenant["tenantId"] for tenant in tenants] == [emulator.tenant_id]
    subscriptions = emulator.request("GET", "/subscriptions")[2]["value"]
    assert emulator.subscription_id in {found["subscriptionId"] for found in subscriptions}
    base = f"/subscriptions/{emulator.subscription_id}"
    assert emulator.request("GET", base)[2]["state"] == "Enabled"
    assert "westus2" in {found["name"] for found in emulator.request("GET", f"{base}/locations")[2]["value"]}
    provider = emulator.request("GET", f"{base}/providers/Microsoft.Media")[2]
    assert provider["registrationState"] == "Registered"
    assert "mediaservices/transforms" in {found["resourceType"] for found in provider["resourceTypes"]}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("GET", "/nonsense", 404),
        ("GET", "/subscriptions/00000000-0000-0000-0000-000000000000", 404),
        ("GET", "{sub}/providers/Microsoft.Compute/virtualMachines", 404),
        ("GET", "{account}/nonsense", 404),
        ("POST", "{account}/nonsense", 404),
        ("POST", "{account}/transforms", 405),
        ("PUT", "{account}/streamingPolicies/p", 501),
        ("GET", "{account}/assets/a/tracks", 501),
        ("POST", "{account}/liveEvents/e/nonsense", 404),
        ("GET", "{account}/streamingEndpoints/default/nonsense", 404),
        ("PATCH", "{account}/liveEvents/e/liveOutputs/o", 405),
        ("GET", "{account}/transforms/t/jobs/j", 501),
    ],
)
def test_paths_that_lead_nowhere(emulator: Emulator, account: TestAccount, method: str, path: str, status: int) -> None:
    filled = path.replace("{account}", account.id).replace("{sub}", f"/subscriptions/{emulator.subscription_id}")
    assert emulator.request(method, filled)[0] == status


@pytest.mark.parametrize("version", ["2018-07-01", "2021-06-01", "2023-01-01"])
def test_versions_of_several_vintages(emulator: Emulator, account: TestAccount, version: str) -> None:
    assert emulator.request("GET", account.id, api_version=version)[0] == 200


def test_ill_formed_version(emulator: Emulator, account: TestAccount) -> None:
    status, _, body = emulator.request("GET", account.id, api_version="latest")
    assert (status, body["error"]["target"]) == (400, "api-version")


def test_headers(emulator: Emulator, account: TestAccount) -> None:
    _, headers, _ = emulator.request("GET", account.id)
    assert headers["content-type"] == "application/json; odata.metadata=minimal"
    assert headers["odata-version"] == "4.0"
    assert headers["x-ms-request-id"] == emulator.control.log()[-1]["request_id"]
    assert headers["x-ms-ratelimit-remaining-subscription-reads"] == "249"


def test_limit_per_subscription(emulator: Emulator, storage_id: str) -> None:
    emulator.control.settings(quotas="azure")
    subscription = "11111111-0000-0000-0000-000000000000"
    for group in ("first", "second"):
        emulator.control.add_group(group, subscriptionId=subscription)
    for number in range(100):
        emulator.control.add_account(f"full{number}", resourceGroup="first", subscriptionId=subscription)
    path = f"/subscriptions/{subscription}/resourceGroups/second/providers/Microsoft.Media/mediaservices/onemore"
    assert emulator.request("PUT", path, account_body(storage_id))[0] == 403
    emulator.control.delete_out_of_band(path.replace("second", "first").replace("onemore", "full7"))
    assert emulator.request("PUT", path, account_body(storage_id))[0] == 201


def test_children_need_their_account(emulator: Emulator, account: TestAccount) -> None:
    path = f"{other(account)}/transforms"
    for method, below, body in (
        ("GET", "", None),
        ("GET", "/t", None),
        ("PUT", "/t", built_in()),
        ("DELETE", "/t", None),
    ):
        assert emulator.request(method, path + below, body)[0] == 404


def test_key_delivery_without_its_member_shows_the_default(
    emulator: Emulator, account: TestAccount, storage_id: str
) -> None:
    _, _, body = emulator.request("PUT", account.id, account_body(storage_id, keyDelivery={}))
    assert body["properties"]["keyDelivery"] == {"accessControl": {"defaultAction": "Allow", "ipAllowList": []}}


@pytest.mark.parametrize("use", ["storageAccounts[0]", "encryption"])
def test_one_identity_for_one_use(emulator: Emulator, account: TestAccount, storage_id: str, use: str) -> None:
    both = {"identity": {"userAssignedIdentity": "/somebody", "useSystemAssignedIdentity": True}}
    body = account_body(storage_id)
    if use == "encryption":
        body["properties"]["encryption"] = {"type": "CustomerKey", **both}
    else:
        body["properties"]["storageAccounts"][0] |= both
    status, _, answer = emulator.request("PUT", account.id, body)
    assert (status, answer["error"]["target"]) == (400, f"properties.{use}.identity")


@pytest.mark.parametrize("depth", ["replace", "merge"])
def test_user_assigned_identity_is_removed_by_null(emulator: Emulator, account: TestAccount, depth: str) -> None:
    emulator.control.variants(**{"patch.depth": depth})
    base = f"{account.id.partition('/providers')[0]}/providers/Microsoft.ManagedIdentity/userAssignedIdentities"
    one, two = f"{base}/one", f"{base}/two"
    identity = {"type": "UserAssigned", "userAssignedIdentities": {one: {}, two: {}}}
    emulator.request("PATCH", account.id, {"identity": identity})
    change = {"type": "UserAssigned", "userAssignedIdentities": {one: None}}
    assert emulator.request("PATCH", account.id, {"identity": change})[0] == 202
    assert list(emulator.request("GET", account.id)[2]["identity"]["userAssignedIdentities"]) == [two]
    emulator.request("PATCH", account.id, {"identity": {"type": "SystemAssigned"}})
    assert "userAssignedIdentities" not in emulator.request("GET", account.id)[2]["identity"]


@pytest.mark.parametrize("depth", ["replace", "merge"])
def test_tags_are_replaced_whole(emulator: Emulator, account: TestAccount, depth: str) -> None:
    emulator.control.variants(**{"patch.depth": depth})
    emulator.request("PATCH", account.id, {"tags": {"a": "1", "b": "2"}})
    emulator.request("PATCH", account.id, {"tags": {"b": "3"}})
    assert emulator.request("GET", account.id)[2]["tags"] == {"b": "3"}
