"""What version 3 shows of version 2's locators, policies, keys and filters. Nothing of it can be changed there.

Made up, and opaque to clients: that policies are named by their GUIDs, and which streaming policy a locator names.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from ams_emulator.kinds.base import Target
from ams_emulator.state import Resource
from ams_emulator.v2 import key_policies
from ams_emulator.v2.model import Row, guid_of
from ams_emulator.v2.place import Place, has_version_2
from ams_emulator.v2.shared_locators import asset_id

JSON = dict[str, Any]
_KEY_TYPES: Mapping[int, str] = MappingProxyType(
    {0: "CommonEncryptionCenc", 4: "EnvelopeEncryption", 6: "CommonEncryptionCbcs"}
)
_PREDEFINED = (
    "DownloadOnly",
    "ClearStreamingOnly",
    "DownloadAndClearStreaming",
    "ClearKey",
    "MultiDrmCencStreaming",
    "MultiDrmStreaming",
)
_BORN = "2017-01-01T00:00:00Z"


def projected(place: Place, target: Target) -> list[Resource]:
    """What a collection shows besides what is stored in it."""
    label, found = target.kind.label, []
    if label == "streamingpolicies":
        found = [_made(target, f"Predefined_{name}", {"created": _BORN}) for name in _PREDEFINED]
    if not has_version_2(place.account):
        return found
    if label == "streamingpolicies":
        rows = _rows(place, "AssetDeliveryPolicies")
        return [*found, *(_made(target, guid_of(row["Id"]), {"created": row["Created"]}) for row in rows)]
    if label == "contentkeypolicies":
        rows = _rows(place, "ContentKeyAuthorizationPolicies")
        return [_made(target, guid_of(row["Id"]), key_policies.properties(place, row, _BORN)) for row in rows]
    if place.world.variants.is_("v2.filters-in-v3", "visible"):
        return _filters(place, target)
    return found


def shown(place: Place, item: Resource) -> Resource:
    """A resource as version 3 shows it: key policies without secrets; a locator of version 2 says what its asset's
    policies come to."""
    if item.kind == "contentkeypolicies":
        return key_policies.masked(item)
    if item.kind != "streaminglocators" or "v2" not in item.hidden:
        return item
    properties = {**item.properties, "streamingPolicyName": _streaming_policy(place, item)}
    keys = content_keys(place, item)
    if keys and "policyName" in keys[0][0]:
        properties["defaultContentKeyPolicyName"] = keys[0][0]["policyName"]
    return item.with_body({**item.body, "properties": properties})


def content_keys(place: Place, locator: Resource) -> list[tuple[JSON, bytes]]:
    """The keys of a locator that version 2 made, as version 3 describes them, and their values."""
    if "v2" not in locator.hidden:
        return []
    asset, keys = asset_id(place.world, place.account, locator), place.rows("ContentKeys")
    if asset is None:
        return []
    found = []
    for key_id in place.own.links.of("Assets", "ContentKeys", asset):
        row = keys.find(key_id)
        if row is None or row["ContentKeyType"] not in _KEY_TYPES:
            continue
        item = {"id": guid_of(key_id), "type": _KEY_TYPES[row["ContentKeyType"]], "tracks": []}
        if row["AuthorizationPolicyId"]:
            item["policyName"] = guid_of(row["AuthorizationPolicyId"])
        found.append((item, place.own.keys.get(key_id.lower(), b"")))
    return found


def scheme(place: Place, locator: Resource) -> str:
    kinds = [key["type"] for key, _ in content_keys(place, locator)]
    return str(kinds[0]) if kinds else "NoEncryption"


def _streaming_policy(place: Place, locator: Resource) -> str:
    asset = asset_id(place.world, place.account, locator)
    linked = place.own.links.of("Assets", "DeliveryPolicies", asset) if asset else []
    policies = [found for found in map(place.rows("AssetDeliveryPolicies").find, linked) if found]
    kinds = {policy["AssetDeliveryPolicyType"] for policy in policies}
    if kinds <= {2}:
        download = any(policy["AssetDeliveryProtocol"] & 16 for policy in policies)
        return "Predefined_DownloadAndClearStreaming" if download else "Predefined_ClearStreamingOnly"
    known = {(3,): "ClearKey", (4,): "MultiDrmCencStreaming", (4, 5): "MultiDrmStreaming"}
    name = known.get(tuple(sorted(kinds)))
    return f"Predefined_{name}" if name else guid_of(policies[0]["Id"])


def _filters(place: Place, target: Target) -> list[Resource]:
    if target.kind.label == "accountfilters":
        return [_made(target, row["Name"], {"tracks": []}) for row in _rows(place, "Filters")]
    if target.kind.label == "assetfilters":
        asset = f"nb:cid:uuid:{target.names[1].lower()}"
        rows = [row for row in _rows(place, "AssetFilters") if row["ParentAssetId"].lower() == asset]
        return [_made(target, row["Name"], {"tracks": []}) for row in rows]
    return []


def _rows(place: Place, name: str) -> list[Row]:
    rows = place.rows(name)
    return [rows.row(key) for key in rows.keys()]  # noqa: SIM118 - not a mapping


def _made(target: Target, name: str, properties: JSON) -> Resource:
    resource_id = f"{target.parent_id}/{target.kind.segment}/{name}"
    body = {"name": name, "id": resource_id, "type": target.kind.type, "properties": properties}
    return Resource(resource_id, target.kind.label, body, {"v2": {}})
