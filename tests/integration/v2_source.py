"""Accounts of version 2 under an operator: what a team that annotates one sees, and what the service was asked."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from tests.integration.rig import Rig
from tests.patience import PATIENCE, until

SOURCE: Final = "ams-operator.dev/v2-source"
TYPES: Final = (
    "V2AccessReady", "V2InventoryReady", "V3AccessReady", "FeatureGapsResolved", "V2JobsDrained", "EncodingMigrated",
    "LiveStreamingMigrated", "DeliveryMigrated", "ContentProtectionMigrated", "ReservedUnitsReady", "MigrationComplete",
)  # fmt: skip
ENGINE: Final = ("Ready", "Reconciling", "Stalled", "Synced")


@dataclass
class V2Source:
    """One MediaServicesAccount whose account in the service has a past with version 2."""

    rig: Rig
    name: str
    azure_name: str
    group: str

    @property
    def id(self) -> str:
        return self.rig.emulator.account_id(self.azure_name, self.group)

    def apply(self, **spec: Any) -> None:
        self.rig.account(self.name, azureName=self.azure_name, resourceGroup=self.group, **spec)

    def annotate(self, value: str | None = "true") -> None:
        """The switch."""
        body = {"metadata": {"annotations": {SOURCE: value}}}
        self.rig.cluster.patch("MediaServicesAccount", self.name, body)

    def status(self) -> dict[str, Any]:
        found = self.rig.cluster.get("MediaServicesAccount", self.name) or {}
        status: dict[str, Any] = found.get("status", {})
        return status

    def conditions(self) -> dict[str, dict[str, Any]]:
        """Migration's, by type."""
        return {one["type"]: one for one in self.status().get("conditions", []) if one["type"] not in ENGINE}

    def says(self, type_: str, reason: str, patience: float = PATIENCE) -> dict[str, Any]:
        """Wait until a condition has this reason."""

        def current() -> dict[str, Any] | None:
            found = self.conditions().get(type_)
            return found if found is not None and found["reason"] == reason else None

        try:
            found: dict[str, Any] = until(current, f"{self.name}: {type_} says {reason}", patience)
        except AssertionError as error:
            raise AssertionError(f"{error}; {json.dumps(self.conditions(), indent=1)}") from None
        return found

    def report(self) -> dict[str, Any] | None:
        status, found = self.rig.cluster.call("GET", self.rig.cluster.path("MigrationReport", self.name))
        return found if status == 200 else None

    def versions(self) -> tuple[str, str]:
        """resourceVersions of the account and its report: equal where nothing was written."""
        found, report = self.rig.cluster.get("MediaServicesAccount", self.name), self.report()
        assert found is not None
        return found["metadata"]["resourceVersion"], report["metadata"]["resourceVersion"] if report else ""

    def asked(self, kind: str) -> int:
        """How often the service was asked for a set of version 2, or anything else by its kind."""
        log = self.rig.emulator.control.log(kind=kind)
        return sum(self.azure_name in entry["path"] for entry in log)

    def polls(self, count: int) -> None:
        """Wait for so many further polls."""
        before = self.asked("LIST v2/Channels")
        until(lambda: self.asked("LIST v2/Channels") >= before + count, f"{count} polls of {self.name}")


Sources = Callable[..., V2Source]


def sources(rig: Rig, names: Iterator[str]) -> Sources:
    """Makes them: `make("broadcaster")`; without a scenario an account that version 2 does not know."""
    rig.operator.options = ("--migration-poll=1",)
    rig.backend()
    rig.credentials()

    def make(scenario: str = "small", *, annotated: bool = True, **spec: Any) -> V2Source:
        azure_name = next(names)
        extra = {"scenario": scenario} if scenario else {}
        rig.emulator.control.add_group(f"group-{azure_name}")
        rig.emulator.control.add_account(azure_name, resourceGroup=f"group-{azure_name}", **extra)
        made = V2Source(rig, f"{scenario or 'modern'}-{azure_name[-6:]}", azure_name, f"group-{azure_name}")
        made.apply(**spec)
        if annotated:
            made.annotate()
        return made

    return make
