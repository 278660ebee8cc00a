"""What stands in the way of a write, and what else it does, by entity set."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from ams_emulator.call import Call
from ams_emulator.clock import timestamp
from ams_emulator.iso8601 import parse_duration, parse_moment
from ams_emulator.state import key_of
from ams_emulator.v2 import channel_urls, jobs
from ams_emulator.v2.errors import V2Error, bad, conflict, missing
from ams_emulator.v2.model import EntitySet, Navigation, Row, entity_id
from ams_emulator.v2.operations import refused, require_idle
from ams_emulator.v2.place import Place
from ams_emulator.v2.shared_assets import AssetRows
from ams_emulator.v2.shared_locators import NEVER, SAS, STREAMING

MOST_LOCATORS, MOST_CHANNELS, MOST_PROGRAMS, MOST_JOBS = 5, 5, 50, 50_000
_REFERENCES: Mapping[str, str] = MappingProxyType(
    {
        "AssetId": "Assets",
        "ParentAssetId": "Assets",
        "AccessPolicyId": "AccessPolicies",
        "ChannelId": "Channels",
        "AuthorizationPolicyId": "ContentKeyAuthorizationPolicies",
    }
)
_STORAGE_NEEDED = ("Assets", "Files", "Locators", "IngestManifests")
_PROTOCOLS = ("RTMP", "FragmentedMP4")  # RTPMPEG2TS can no longer be created
_SHORTEST, _LONGEST = 5 * 60, 25 * 3600  # seconds of a program's archive window


def nested(entity_set: EntitySet, body: dict[str, Any]) -> list[str]:
    """Members of a body that are other rows."""
    if entity_set.name != "Jobs":
        return []
    return [name for name in body if name.partition("@")[0] in ("Tasks", "InputMediaAssets", "OutputMediaAssets")]


def before_create(place: Place, entity_set: EntitySet, row: Row) -> None:
    """Raises V2Error; fills in what the service chooses."""
    if place.own.storage_lost and entity_set.name in _STORAGE_NEEDED:
        raise V2Error(500, "", "The storage account's information is temporarily not available.")
    for name, target in _REFERENCES.items():
        if row.get(name) and place.rows(target).find(row[name]) is None:
            raise missing(f"{name} '{row[name]}'")
    check = _BEFORE_CREATE.get(entity_set.name)
    if check is not None:
        check(place, row)
    key = row[entity_set.key]
    if key and place.rows(entity_set.name).find(key) is not None:
        raise conflict(f"{entity_set.type} '{key}' exists already.")


def after_create(place: Place, entity_set: EntitySet, row: Row, given: dict[str, Any]) -> None:
    if entity_set.name == "Jobs":
        jobs.submit(place, row, given)
    if entity_set.name == "Files":
        asset = AssetRows(place.world, place.account).resource(row["ParentAssetId"])
        assert asset is not None
        place.world.containers.of(asset).files.append(row["Name"])


def before_update(place: Place, entity_set: EntitySet, row: Row, body: dict[str, Any]) -> None:
    """Raises V2Error."""
    if entity_set.name == "Locators" and row["Type"] == SAS:
        raise bad("A SAS locator can't be updated.")
    if entity_set.name == "AssetDeliveryPolicies" and _published_with(place, row["Id"]):
        raise refused(place, "The policy belongs to an asset that has a streaming locator.")
    if entity_set.name == "Programs" and row["State"] != "Stopped":
        raise refused(place, f"Program '{row['Name']}' is {row['State']}; stop it first.")
    units = body.get("CurrentReservedUnits")
    if units is not None and not 0 <= units <= row["MaxReservableUnits"]:
        raise V2Error(403, "", f"At most {row['MaxReservableUnits']} units can be reserved.")


def before_delete(place: Place, entity_set: EntitySet, row: Row) -> None:
    """Raises V2Error."""
    match entity_set.name:
        case "Assets":
            if place.rows("Programs").where("AssetId", row["Id"]):
                raise refused(place, f"Asset '{row['Id']}' belongs to a program.")
            refuse = place.world.variants.is_("v2.asset-delete-locators", "refuse")
            if refuse and place.rows("Locators").where("AssetId", row["Id"]):
                raise refused(place, f"Asset '{row['Id']}' still has locators; delete them first.")
        case "Programs":
            require_idle(place, row["Id"])
            if row["State"] != "Stopped":
                raise refused(place, f"Program '{row['Name']}' is {row['State']}; stop it first.")
        case "Jobs":
            if row["State"] not in jobs.ENDED:
                raise bad(f"Job '{row['Id']}' has not ended; cancel it first.")


def on_delete(call: Call, place: Place, entity_set: EntitySet, row: Row) -> None:
    """What goes with a row."""
    if entity_set.name == "Jobs":
        for task in place.rows("Tasks").where("_JobId", row["Id"]):
            place.rows("Tasks").remove(task["Id"])
    if entity_set.name == "Assets":
        for locator in place.rows("Locators").where("AssetId", row["Id"]):
            place.rows("Locators").remove(locator["Id"])
        asset = AssetRows(place.world, place.account).resource(row["Id"])
        if asset is not None and call.query.get("keepcontainer", "false").lower() != "true":
            place.world.containers.remove(asset)


def before_link(place: Place, entity_set: EntitySet, row: Row, way: Navigation) -> None:
    """Nothing about the protection of an asset changes while it is published. Raises V2Error."""
    if entity_set.name == "Assets" and way.name in ("DeliveryPolicies", "ContentKeys") and _published(place, row["Id"]):
        raise refused(place, f"Asset '{row['Id']}' has a streaming locator.")


def quota(place: Place, what: str, count: int, most: int) -> None:
    """Refuse one more when there are `count` already. Raises V2Error 403."""
    if place.world.settings.quotas != "off" and count >= most:
        raise V2Error(403, "QuotaExceeded", f"The quota of {most} {what} is used up.")


def _channel(place: Place, row: Row) -> None:
    protocol = row["Input"].get("StreamingProtocol")
    if protocol not in _PROTOCOLS:
        raise bad(f"Input.StreamingProtocol takes {' and '.join(_PROTOCOLS)}.", "InvalidPropertyValue")
    urls = channel_urls.ingest(place.account.name, row["Name"], protocol, place.world.new_id())
    row["Input"] = {"KeyFrameInterval": None, "AccessControl": None, **row["Input"], "Endpoints": urls}
    preview = {"AccessControl": None, **(row["Preview"] or {})}
    row["Preview"] = preview | {"Endpoints": channel_urls.preview(place.account.name, row["Name"])}
    row["State"] = "Stopped"
    count = len(place.rows("Channels").keys())
    if place.world.variants.is_("v2.shared-live-quota", "shared"):
        count += len(place.world.store.collection((*key_of(place.account.id), "liveevents")).items)
    quota(place, "channels", count, MOST_CHANNELS)


def _published(place: Place, asset: str) -> bool:
    return any(row["Type"] == STREAMING for row in place.rows("Locators").where("AssetId", asset))


def _published_with(place: Place, policy: str) -> bool:
    linked = place.own.links.stored.get("Assets/DeliveryPolicies", {})
    return any(policy in found and _published(place, owner) for owner, found in linked.items())


def _asset(place: Place, row: Row) -> None:
    storage = row["StorageAccountName"]
    if storage and place.rows("StorageAccounts").find(storage) is None:
        raise missing(f"storage account '{storage}'")


def _asset_filter(_: Place, row: Row) -> None:
    row["Id"] = f"{row['ParentAssetId']}__###__{row['Name']}"


def _job(place: Place, _: Row) -> None:
    quota(place, "jobs", len(place.rows("Jobs").keys()), MOST_JOBS)


def _file(place: Place, row: Row) -> None:
    siblings = place.rows("Files").where("ParentAssetId", row["ParentAssetId"])
    if any(item["Name"] == row["Name"] for item in siblings):
        raise conflict(f"The asset has a file '{row['Name']}' already.")
    if row["IsPrimary"] and any(item["IsPrimary"] for item in siblings):
        raise conflict("The asset has a primary file already.")


def _locator(place: Place, row: Row) -> None:
    asset = AssetRows(place.world, place.account).resource(row["AssetId"])
    policy = place.rows("AccessPolicies").find(row["AccessPolicyId"])
    if row["Type"] not in (SAS, STREAMING) or asset is None or policy is None:
        raise bad("The property 'Type' takes 1 (SAS) and 2 (OnDemandOrigin).", "InvalidPropertyValue")
    if len(place.rows("Locators").where("AssetId", row["AssetId"])) >= MOST_LOCATORS:
        raise conflict(f"An asset can have {MOST_LOCATORS} locators.")
    begin = parse_moment(row["StartTime"]) if row["StartTime"] else place.world.clock.now()
    if begin is None:
        raise bad("The property 'StartTime' is no date.")
    try:
        until = timestamp(begin + timedelta(minutes=policy["DurationInMinutes"]))
    except OverflowError:
        until = NEVER
    row["ExpirationDateTime"] = row["ExpirationDateTime"] or until
    row["Id"] = row.get("Id") or entity_id("lid", place.world.new_id())
    if place.guid_of_locator_taken(row["Id"]):
        raise conflict(f"Locator '{row['Id']}' exists already.")
    if row["Type"] == SAS:
        found = asset.properties
        base = f"https://{found['storageAccountName']}.blob.core.windows.net/{found['container']}"
        component = f"?sv=2012-02-12&sr=c&sig={row['Id'][-12:]}&se={row['ExpirationDateTime']}"
        row |= {"BaseUri": base, "ContentAccessComponent": component, "Path": base + component}


def _program(place: Place, row: Row) -> None:
    window = parse_duration(row["ArchiveWindowLength"])
    if window is None or not _SHORTEST <= window <= _LONGEST:
        raise bad("The property 'ArchiveWindowLength' takes 5 minutes to 25 hours.", "InvalidPropertyValue")
    others = place.rows("Programs").where("ChannelId", row["ChannelId"])
    quota(place, "programs of a channel", len(others), MOST_PROGRAMS)
    row["State"] = "Stopped"
    row["ManifestName"] = row["ManifestName"] or place.world.new_id()
    if place.world.store.get((*key_of(place.account.id), "assets", row["AssetId"][-36:].lower())) is None:
        raise missing(f"AssetId '{row['AssetId']}'")


_BEFORE_CREATE: Mapping[str, Callable[[Place, Row], None]] = MappingProxyType(
    {
        "Assets": _asset,
        "Files": _file,
        "Locators": _locator,
        "AssetFilters": _asset_filter,
        "Jobs": _job,
        "Channels": _channel,
        "Programs": _program,
    }
)
