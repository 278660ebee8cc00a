"""`archive`: 100,000 assets, each with two files, a streaming locator and a content key; 2,000 jobs of the last weeks.

Nothing of it is stored: each row is made when somebody looks at it, and is the same each time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import TypeVar

from ams_emulator.clock import timestamp
from ams_emulator.lazy import Lazy
from ams_emulator.state import Resource, key_of
from ams_emulator.v2.account import STANDARD
from ams_emulator.v2.model import Row, entity_id
from ams_emulator.v2.rows import blank
from ams_emulator.v2.scenarios import protection
from ams_emulator.v2.scenarios.builder import FINISHED, MEGABYTE, PROTECTION_KEY, TASK_BODY, Builder
from ams_emulator.v2.scenarios.guids import Guids
from ams_emulator.v2.sets import SETS
from ams_emulator.v2.shared_assets import resource_of as asset_of
from ams_emulator.v2.shared_locators import PREFIX
from ams_emulator.v2.shared_locators import resource_of as locator_of
from ams_emulator.v2.tables import Table
from ams_emulator.world import World

T = TypeVar("T")
SIZE = 100_000
JOBS = 2_000
_YEARS = 5 * 365
_PRESETS = ("Adaptive Streaming", "H264 Multiple Bitrate 1080p", "H264 Multiple Bitrate 720p")


def archive(world: World, account: Resource) -> None:
    """See the module's first line."""
    _Archive(world, account, SIZE).install()


class _Archive:
    """The n-th asset, file, locator, key, job and task."""

    def __init__(self, world: World, account: Resource, size: int) -> None:
        self.world, self.account, self.size = world, account, size
        self.make = Builder(world, account, "archive")
        self._now = world.clock.now()
        self.assets, self.locators, self.keys = Guids(size, 1), Guids(size, 2), Guids(size, 3)
        self.files, self.jobs, self.tasks = Guids(2 * size, 4), Guids(JOBS, 5), Guids(JOBS, 6)
        host = f"{account.name}.keydelivery.mediaservices.windows.net"
        members, aes = protection.aes(self.make, host)
        premium, (cenc,) = protection.drm(self.make, host)
        self._protection = ((4, members, aes), (0, premium, cenc))
        self._policy = self.make.policy()
        self._form = world.variants.answer("v2.locator-name")

    def install(self) -> None:
        below, own = key_of(self.account.id), self.make.place.own
        self.world.store.install((*below, "assets"), Lazy(self.size, self.assets.at, self.assets.index, self.asset))
        self.world.store.install(
            (*below, "streaminglocators"),
            Lazy(self.size, self._locator_name, self._locator_index, self.locator, self._locators_of),
        )
        own.tables["Files"] = self._table("cid", self.files, self.file, self._files_of)
        own.tables["ContentKeys"] = self._table("kid", self.keys, self.key)
        own.tables["Jobs"] = self._table("jid", self.jobs, self.job)
        own.tables["Tasks"] = self._table("tid", self.tasks, self.task, self._tasks_of)
        own.keys = self._by_id("kid", self.keys, self._secret)
        own.links.stored["Assets/ContentKeys"] = self._by_id("cid", self.assets, self._keys_of)
        own.links.stored["Assets/DeliveryPolicies"] = self._by_id("cid", self.assets, self._deliveries_of)
        self.make.endpoint(resourceState="Running", scaleUnits=4)

    def asset(self, number: int) -> Resource:
        created = self._created(number)
        row: Row = {"Id": entity_id("cid", self.assets.at(number)), "Name": f"Film {number}"}
        row |= {"Created": created, "LastModified": created, "FormatOption": 1}
        return asset_of(self.account, row)

    def locator(self, number: int) -> Resource:
        row = {"Id": entity_id("lid", self.locators.at(number)), "AccessPolicyId": self._policy}
        row["AssetId"] = self._asset_id(number)
        row["_Created"] = self._created(number)
        return locator_of(self.account, self.assets.at(number), row, self._form)

    def file(self, number: int) -> Row:
        asset, second = divmod(number, 2)
        created = self._created(asset)
        row = {**blank(SETS["Files"]), "Id": entity_id("cid", self.files.at(number))}
        row |= {"Name": f"film-{asset}.{'ism' if second else 'mp4'}", "IsPrimary": bool(second)}
        row |= {"ContentFileSize": 4096 if second else (1 + asset % 900) * MEGABYTE}
        return row | {"ParentAssetId": self._asset_id(asset), "Created": created, "LastModified": created}

    def key(self, number: int) -> Row:
        kind, authorization, _ = self._protection[number % 2]
        created = self._created(number)
        row = {**blank(SETS["ContentKeys"]), "Id": entity_id("kid", self.keys.at(number)), "Name": f"key {number}"}
        row |= {"ContentKeyType": kind, "AuthorizationPolicyId": authorization, "Created": created}
        row |= {
            "EncryptedContentKey": self.keys.at(number),
            "ProtectionKeyId": PROTECTION_KEY,
        }
        return row | {"LastModified": created}

    def job(self, number: int) -> Row:
        return (
            blank(SETS["Jobs"])
            | self._work(number)
            | {
                "Id": entity_id("jid", self.jobs.at(number)),
                "Name": f"Encode film {number}",
                "Created": self._ago(80 * (JOBS - number) / JOBS),
                "LastModified": self._ago(80 * (JOBS - number) / JOBS),
            }
        )

    def task(self, number: int) -> Row:
        return (
            blank(SETS["Tasks"])
            | self._work(number)
            | {
                "Id": entity_id("tid", self.tasks.at(number)),
                "Name": "encode",
                "Configuration": _PRESETS[number % len(_PRESETS)],
                "MediaProcessorId": STANDARD,
                "TaskBody": TASK_BODY,
                "Progress": 100.0,
                "_JobId": entity_id("jid", self.jobs.at(number)),
            }
        )

    def _work(self, number: int) -> Row:
        begin = 80 * (JOBS - number) / JOBS
        return {
            "State": FINISHED,
            "StartTime": self._ago(begin),
            "EndTime": self._ago(begin - 0.01),
            "RunningDuration": 864.0,
        }

    def _asset_id(self, number: int) -> str:
        return entity_id("cid", self.assets.at(number))

    def _created(self, number: int) -> str:
        """Assets are not in the order in which they were made."""
        return self._ago(1 + (number * 7919 % self.size) * _YEARS / self.size)

    def _ago(self, days: float) -> str:
        return timestamp(self._now - timedelta(days=days))

    def _secret(self, number: int) -> bytes:
        return hashlib.sha256(f"key/{self.keys.at(number)}".encode()).digest()[:16]

    def _keys_of(self, number: int) -> list[str]:
        return [entity_id("kid", self.keys.at(number))]

    def _deliveries_of(self, number: int) -> list[str]:
        return [self._protection[number % 2][2]]

    def _files_of(self, field: str, value: str) -> Iterable[str]:
        number = self.assets.index(value[-36:].lower()) if field == "ParentAssetId" else None
        return [] if number is None else [_key("cid", self.files.at(2 * number + part)) for part in (0, 1)]

    def _tasks_of(self, field: str, value: str) -> Iterable[str]:
        number = self.jobs.index(value[-36:].lower()) if field == "_JobId" else None
        return [] if number is None else [_key("tid", self.tasks.at(number))]

    def _locators_of(self, field: str, value: str) -> Iterable[str]:
        number = self.assets.index(value) if field == "assetName" else None
        return [] if number is None else [self._locator_name(number)]

    def _locator_name(self, number: int) -> str:
        guid = self.locators.at(number)
        return guid if self._form == "guid" else f"{PREFIX}{guid}"

    def _locator_index(self, name: str) -> int | None:
        prefix = "" if self._form == "guid" else PREFIX
        return self.locators.index(name.removeprefix(prefix)) if name.startswith(prefix) else None

    def _table(
        self,
        prefix: str,
        guids: Guids,
        make: Callable[[int], Row],
        related: Callable[[str, str], Iterable[str]] | None = None,
    ) -> Table:
        return Table("Id", Lazy(guids.size, *_keyed(prefix, guids), make, related))

    def _by_id(self, prefix: str, guids: Guids, make: Callable[[int], T]) -> Lazy[T]:
        return Lazy(guids.size, *_keyed(prefix, guids), make)


def _key(prefix: str, guid: str) -> str:
    """How tables spell an id."""
    return entity_id(prefix, guid).lower()


def _keyed(prefix: str, guids: Guids) -> tuple[Callable[[int], str], Callable[[str], int | None]]:
    begin = _key(prefix, "")

    def index(key: str) -> int | None:
        return guids.index(key.removeprefix(begin)) if key.startswith(begin) else None

    return lambda number: begin + guids.at(number), index
