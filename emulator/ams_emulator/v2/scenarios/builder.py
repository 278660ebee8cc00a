"""Short ways to put rows into an account, as the service would have made them."""

from __future__ import annotations

import hashlib
import json
import random
import uuid
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from ams_emulator.clock import timestamp
from ams_emulator.state import Resource, key_of
from ams_emulator.v2.account import STANDARD
from ams_emulator.v2.model import entity_id, guid_of
from ams_emulator.v2.place import Place
from ams_emulator.v2.rows import blank
from ams_emulator.v2.sets import SETS
from ams_emulator.v2.shared_locators import SAS, STREAMING
from ams_emulator.world import World

MEGABYTE = 1_000_000
PROTECTION_KEY = "7D9BB04D9D0A4A24800CADBFEF232689E048F69C"  # a certificate's thumbprint, made up
QUEUED, SCHEDULED, PROCESSING, FINISHED, ERROR, CANCELED = 0, 1, 2, 3, 4, 5


class Builder:
    """One account being filled. Dates are days before the emulator's now."""

    def __init__(self, world: World, account: Resource, seed: str) -> None:
        self.world, self.account = world, account
        self.place = Place(world, account)
        self._random = random.Random(f"{seed}/{account.name}")  # noqa: S311 - names things
        self._policy: str | None = None

    def guid(self) -> str:
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def ago(self, days: float) -> str:
        return timestamp(self.world.clock.now() - timedelta(days=days))

    def add(self, set_name: str, days: float = 400, **members: Any) -> str:
        """One row with all members that it needs; its id."""
        entity_set = SETS[set_name]
        row = blank(entity_set)
        if entity_set.key == "Id" and entity_set.prefix:
            row["Id"] = entity_id(entity_set.prefix, self.guid())
        for name in ("Created", "LastModified"):
            if name in row:
                row[name] = self.ago(days)
        row |= {"_Created": self.ago(days), **members}
        self.place.rows(set_name).put(row)
        return str(row[entity_set.key])

    def change(self, set_name: str, entity: str, **members: Any) -> None:
        rows = self.place.rows(set_name)
        found = rows.find(entity)
        assert found is not None, entity
        rows.put({**found, **members})

    def link(self, set_name: str, entity: str, navigation: str, *targets: str) -> None:
        for target in targets:
            self.place.own.links.add(set_name, navigation, entity, target)

    # --- media -------------------------------------------------------------------------------------------------------

    def asset(self, name: str, days: float = 400, files: Iterable[str] = (), **members: Any) -> str:
        """An asset with files of some size; the first `.ism` is the primary one."""
        entity = self.add("Assets", days, Name=name, **members)
        listed = list(files)
        primary = next((file for file in listed if file.endswith(".ism")), listed[0] if listed else "")
        for number, file in enumerate(listed):
            size = (number + 1) * 37 * MEGABYTE if file.endswith(".mp4") else 4096
            self.add("Files", days, Name=file, ParentAssetId=entity, ContentFileSize=size, IsPrimary=file == primary)
        if listed:
            container = self.world.containers.of(self.asset_resource(entity))
            container.files.extend(listed)
        return entity

    def asset_resource(self, entity: str) -> Resource:
        found = self.world.store.get((*key_of(self.account.id), "assets", guid_of(entity)))
        assert found is not None, entity
        return found

    def encoded(self, name: str, days: float = 400, **members: Any) -> str:
        """An asset as an encoder leaves it."""
        files = (f"{name}_1080.mp4", f"{name}_720.mp4", f"{name}_360.mp4", f"{name}.ism", f"{name}.ismc")
        return self.asset(name, days, files, FormatOption=1, **members)

    def publish(self, asset: str, days: float = 390, **members: Any) -> str:
        """A streaming locator; all share one access policy of 100 years."""
        return self.add("Locators", days, Type=STREAMING, AssetId=asset, AccessPolicyId=self.policy(), **members)

    def share(self, asset: str, days: float = 30, lasts: float = 365) -> str:
        """A SAS locator: version 2's alone."""
        policy = self.add("AccessPolicies", days, Name="download", DurationInMinutes=lasts * 1440, Permissions=1)
        found = self.asset_resource(asset).properties
        base = f"https://{found['storageAccountName']}.blob.core.windows.net/{found['container']}"
        component = f"?sv=2012-02-12&sr=c&sig={hashlib.sha256(asset.encode()).hexdigest()[:32]}&sp=r"
        until = self.ago(days - lasts)
        members = {"Path": base + component, "BaseUri": base, "ContentAccessComponent": component}
        members |= {"ExpirationDateTime": until, "AssetId": asset, "AccessPolicyId": policy}
        return self.add("Locators", days, Type=SAS, **members)

    def policy(self) -> str:
        if self._policy is None:
            members = {"Name": "streaming", "DurationInMinutes": 52_560_000.0, "Permissions": 1}
            self._policy = self.add("AccessPolicies", 800, **members)
        return self._policy

    def key(self, name: str, kind: int, authorization: str | None = None, days: float = 380) -> str:
        """A content key. Its value comes from its id; shown is something encrypted that nobody can read."""
        entity = self.add(
            "ContentKeys",
            days,
            Name=name,
            ContentKeyType=kind,
            EncryptedContentKey=hashlib.sha512(name.encode()).hexdigest(),
            ProtectionKeyId=PROTECTION_KEY,
            ProtectionKeyType=0,
            Checksum="TfXtjCIlq1Y=",
            AuthorizationPolicyId=authorization,
        )
        length = 32 if kind in (1, 2) else 16
        self.place.own.keys[entity.lower()] = hashlib.sha256(f"key/{guid_of(entity)}".encode()).digest()[:length]
        return entity

    def delivery(self, name: str, kind: int, protocol: int, configuration: dict[int, str] | None = None) -> str:
        listed = [{"Key": number, "Value": value} for number, value in (configuration or {}).items()]
        text = json.dumps(listed) if listed else None
        members: dict[str, Any] = {"AssetDeliveryPolicyType": kind, "AssetDeliveryProtocol": protocol}
        return self.add("AssetDeliveryPolicies", 700, Name=name, AssetDeliveryConfiguration=text, **members)

    def authorization(self, name: str, *options: str) -> str:
        entity = self.add("ContentKeyAuthorizationPolicies", Name=name)
        self.link("ContentKeyAuthorizationPolicies", entity, "Options", *options)
        return entity

    def option(self, name: str, kind: int, configuration: str | None, *restrictions: dict[str, Any]) -> str:
        members: dict[str, Any] = {
            "KeyDeliveryType": kind,
            "KeyDeliveryConfiguration": configuration,
            "Restrictions": list(restrictions),
        }
        return self.add("ContentKeyAuthorizationPolicyOptions", Name=name, **members)

    # --- work --------------------------------------------------------------------------------------------------------

    def job(
        self,
        name: str,
        configuration: str | None,
        days: float = 5,
        state: int = FINISHED,
        *,
        source: str = "",
        **task: Any,
    ) -> str:
        """A job with one task; of what is finished the output is there."""
        ran = state in (FINISHED, ERROR, CANCELED)
        began = state not in (QUEUED, SCHEDULED)
        times = {
            "StartTime": self.ago(days - 0.001) if began else None,
            "EndTime": self.ago(days - 0.01) if ran else None,
            "RunningDuration": 777.6 if ran else 0.0,
        }
        job = self.add("Jobs", days, Name=name, State=state, JobNotificationSubscriptions=[], **times)
        progress = {FINISHED: 100.0, PROCESSING: 41.5}.get(state, 0.0)
        members: dict[str, Any] = {
            "Name": f"{name} task",
            "MediaProcessorId": STANDARD,
            "TaskBody": TASK_BODY,
            **times,
            "State": state,
        }
        members |= {"Configuration": configuration, "Progress": progress, "_JobId": job, **task}
        errors = [{"Code": "ErrorDownloadingInputAssetMalformedContent", "Message": "The input can't be decoded."}]
        members |= {"ErrorDetails": errors if state == ERROR else [], "HistoricalEvents": []}
        entity = self.add("Tasks", days, **members)
        for owner, row in (("Jobs", job), ("Tasks", entity)):
            self.link(owner, row, "InputMediaAssets", *([source] if source else []))
        return job

    def units(self, kind: int, count: int) -> None:
        (key,) = self.place.rows("EncodingReservedUnitTypes").keys()
        self.change("EncodingReservedUnitTypes", key, ReservedUnitType=kind, CurrentReservedUnits=count)

    def endpoint(self, name: str = "default", *, version: str | None = None, **properties: Any) -> None:
        """Change an endpoint as version 3 stores it; one that isn't there is made."""
        key = (*key_of(self.account.id), "streamingendpoints", name.lower())
        found = self.world.store.get(key)
        assert found is not None, name
        body = {**found.body, "properties": {**found.properties, **properties}}
        hidden = {"version": version} if version else {}
        self.world.store.put(found.with_body(body, **hidden))


TASK_BODY = (
    '<?xml version="1.0" encoding="utf-8"?><taskBody><inputAsset>JobInputAsset(0)</inputAsset>'
    "<outputAsset>JobOutputAsset(0)</outputAsset></taskBody>"
)
