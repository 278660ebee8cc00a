"""What a watch would know of an account in the emulator, read once, and the states that tests bring the account to."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from ams_operator.domain.model import JSON, AccountId
from ams_operator.migration import odata
from ams_operator.migration.census import Census
from ams_operator.migration.comparing import Comparer
from ams_operator.migration.conditions import judge
from ams_operator.migration.conditions.finding import Finding
from ams_operator.migration.gaps import GAPS
from ams_operator.migration.inputs import (
    AccessRead,
    Acknowledgement,
    ChannelsRead,
    Config,
    Inputs,
    InventoryRead,
    JobsRead,
    Managed,
    ObjectsRead,
    SetRead,
    TargetRead,
)
from ams_operator.migration.inventory import Inventory
from ams_operator.migration.model import Known
from ams_operator.migration.polls import Jobs, read_channels, read_programs
from ams_operator.migration.ports import Target, Way
from ams_operator.migration.reduce import keyed
from ams_operator.migration.target import Sides, TargetReader
from ams_operator.migration.trouble import Access, NotReadable

from .conftest import Memory, Source
from .reached import History

PLACES = {
    "Transform": "transforms/{0}",
    "AccountFilter": "accountFilters/{0}",
    "AssetFilter": "assets/{0}/assetFilters/{1}",
    "ContentKeyPolicy": "contentKeyPolicies/{0}",
    "StreamingPolicy": "streamingPolicies/{0}",
    "StreamingLocator": "streamingLocators/{0}",
    "Asset": "assets/{0}",
    "StreamingEndpoint": "streamingEndpoints/{0}",
}


def ago(**span: float) -> str:
    return f"{datetime.now(UTC) - timedelta(**span):%Y-%m-%dT%H:%M:%S}Z"


@dataclass
class Eyes:
    """One source account, what was read of it last, and what people declared."""

    source: Source
    config: Config = field(default_factory=Config)
    objects: tuple[Managed, ...] = ()
    switched: frozenset[str] = frozenset()
    there: AccountId | None = None
    """the target, where it is another account"""
    census: Census = field(default_factory=lambda: Census("", ""))
    asked: bool | None = None
    later: float = 0.0
    """seconds by which the comparison of secrets is ahead"""
    history: History = field(default_factory=History)
    """what its conditions said"""
    secret: dict[str, str] = field(default_factory=dict)
    """what is wrong in the Secret of the account's credentials"""
    comparer: Comparer = field(init=False)
    ways: dict[str, Way] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.comparer = Comparer(lambda: time.time() + self.later, keyed(b"test"))

    @property
    def control(self) -> Any:
        return self.source.emulator.control

    def way(self, account: AccountId) -> Way:
        name = "/".join((account.name, *self.secret.values()))
        if name not in self.ways:
            backend = self.source.connector(self.source.policy(), account, self.source.credentials(**self.secret))
            self.ways[name] = Way(backend, account)
        return self.ways[name]

    async def read(self) -> None:
        """The inventory."""
        here = self.way(self.source.account)
        known = Known(datetime.now(UTC), same_account=self.there is None, republish=self.config.republish)
        sides = Sides(here, self.way(self.there or self.source.account))
        client = self.source.client()
        work = Inventory(self.source.account.name, client, sides, Memory(), known, now=time.time)
        self.census = await work.run()

    async def look(self) -> dict[str, Finding]:
        """The conditions, by polls of now and the inventory of the last reading."""
        found = judge(await self.inputs())
        for one in found:
            self.history.add(one.type, one.status, one.reason)
        return {str(one.type): one for one in found}

    async def inputs(self) -> Inputs:
        client, now = self.source.client(**self.secret), time.time()
        read = {name: SetRead(now, 3600.0, tally) for name, tally in self.census.tallies.items()}
        inventory = InventoryRead(
            read | {name: SetRead(None, 3600.0, None, why) for name, why in self.census.failed.items()},
            units=self.census.units,
            compared=self.census.compared,
            asked=self.asked,
        )
        target = TargetReader(time.time, 60.0, 60.0, keyed(b"test"))
        account = self.there or self.source.account
        filtered = {str(one["name"]).partition("/")[0] for one in inventory.tally("AssetFilters").targets.values()}
        await target.read(Target("uid", "media", account.name, self.way(account)), filtered)
        shown = TargetRead(self.there is None, target.account, target.lists)
        if not target.account.reason:
            await self.comparer.read(self.way(account), inventory.sets, shown, self.objects, self.config)
        whole = Inputs(
            now,
            inventory=inventory,
            target=replace(shown, secrets=self.comparer.compared),
            objects=ObjectsRead(now, 60.0, self.objects),
            config=self.config,
        )
        whole = replace(whole, remembered=replace(whole.remembered, switched=self.switched))
        try:
            await client.probe()
            channels, programs = await read_channels(client, now), await read_programs(client, now)
            poll = await Jobs(client, time.time).read(self.config.freeze)
        except NotReadable as error:
            return replace(whole, access=AccessRead(now, 60.0, error.reason, error.message))
        polls = (replace(poll, at=now - 60), replace(poll, at=now))
        return replace(
            whole,
            access=AccessRead(now, 60.0, Access.REACHABLE),
            channels=ChannelsRead(now, 60.0, channels, programs),
            jobs=JobsRead(polls),
        )

    # -- what somebody else does, behind everybody's back

    def id(self, kind: str, *names: str) -> str:
        account = self.there or self.source.account
        return f"{self.source.emulator.account_id(account.name, account.resource_group)}/{PLACES[kind].format(*names)}"

    def make(self, kind: str, *names: str, **properties: Any) -> None:
        """A resource of version 3 in the target."""
        self.control.put_out_of_band(self.id(kind, *names), {"properties": properties})

    def drop(self, kind: str, *names: str) -> None:
        self.control.delete_out_of_band(self.id(kind, *names))

    def row(self, name: str, **members: Any) -> JSON:
        """A row of version 2."""
        found: JSON = self.control.v2_put(self.source.resource_id, name, **members)
        return found

    def patch(self, name: str, identifier: str, **members: Any) -> None:
        self.control.v2_patch(self.source.resource_id, name, identifier, **members)

    def delete(self, name: str, row: JSON) -> None:
        self.control.v2_delete(self.source.resource_id, name, row["Id"])

    def link(self, name: str, identifier: str, navigation: str, other: str) -> None:
        self.control.v2_link(self.source.resource_id, name, identifier, navigation, other)

    def rows(self, name: str) -> list[JSON]:
        found: list[JSON] = self.control.v2_rows(self.source.resource_id, name)
        return found

    def provide(self) -> None:
        """Everything that the inventory says is to be made in version 3."""
        for name in (
            "Tasks",
            "TaskTemplates",
            "Filters",
            "AssetFilters",
            "ContentKeyAuthorizationPolicies",
            "Combinations",
        ):
            for one in self.census.tallies[name].targets.values():
                if not one["name"].startswith("Predefined_"):
                    names = one["name"].split("/") if one["kind"] == "AssetFilter" else [one["name"]]
                    self.make(one["kind"], *names, **one["fields"])

    def accept(self) -> None:
        """Acknowledge what was found, answer what is asked, and say that licences were seen."""
        seen = self.census.merged("evidence")
        acknowledged = {gap: Acknowledgement(gap, "fine", group.evidence) for gap, group in seen.items()}
        declared = {one.id: Acknowledgement(one.id, "asked", "Confirmed") for one in GAPS.values() if one.declare}
        self.config = replace(self.config, acknowledged=acknowledged, declared=declared, verified_by="playback team")

    def finish(self) -> None:
        """Stop what runs in version 2, and let its last job be long ago; each channel has an event that ran."""
        for program in self.rows("Programs"):
            self.patch("Programs", program["Id"], State="Stopped")
        for channel in self.rows("Channels"):
            self.patch("Channels", channel["Id"], State="Stopped")
        for job in self.rows("Jobs"):
            self.patch("Jobs", job["Id"], State=3, Created=min(job["Created"], ago(days=20)))
        self.objects = tuple(
            Managed("LiveEvent", one["Name"], one["Name"], one["Id"], "True", ago(days=3))
            for one in self.rows("Channels")
        )

    def assets_published(self) -> set[str]:
        """GUIDs of assets with a streaming locator."""
        return {odata.guid(one["AssetId"]) or "" for one in self.rows("Locators") if one["Type"] == 2}
