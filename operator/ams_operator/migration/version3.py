"""What version 3 shows of the same account, as far as verdicts need it: which assets and locators, by their GUIDs."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any, Final, NamedTuple

from ams_operator.backends.backend import ArmBackend
from ams_operator.backends.urls import LOCATOR
from ams_operator.domain.answers import Lane
from ams_operator.domain.model import JSON, AccountId
from ams_operator.migration import odata
from ams_operator.migration.model import ANOTHER_NAME

_EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001 - what the service says is UTC


class Listed(NamedTuple):
    """Streaming locators by their GUIDs."""

    policies: dict[str, str]
    """streaming policy of each"""
    chosen: set[str]
    """those with one of the names that were asked for"""
    created: dict[str, str]
    """when those were made that are not older than what was asked for"""


class Version3:
    """Lists of one account. By LIST only: asking each asset for its locators is a POST, and counts as a write."""

    def __init__(self, backend: ArmBackend, account: AccountId) -> None:
        self._backend, self._account = backend, account

    async def assets(self) -> dict[str, int]:
        """GUID of each asset to when it was made; ANOTHER_NAME where its name is not the GUID, as it is of all that
        version 2 made. Raises PortError."""
        found: dict[str, int] = {}
        async for item in self._items("Asset"):
            properties = _properties(item)
            guid = odata.guid(properties.get("assetId"))
            if guid is not None:
                same = str(item["name"]).lower() == guid
                found[guid] = _seconds(properties.get("created")) if same else ANOTHER_NAME
        return found

    async def locators(self, named: frozenset[str], since: str) -> Listed:
        """All streaming locators. `named`: names, in lower case, of those that are asked for; `since` as
        `odata.sortable`. Raises PortError."""
        found = Listed({}, set(), {})
        async for item in self._items(LOCATOR):
            properties = _properties(item)
            guid = odata.guid(properties.get("streamingLocatorId"))
            if guid is None:
                continue
            found.policies[guid] = sys.intern(str(properties.get("streamingPolicyName") or "")[:260])
            if named and str(item["name"]).lower() in named:
                found.chosen.add(guid)
            if (created := odata.sortable(properties.get("created"))) >= since:
                found.created[guid] = created
        return found

    async def published(self) -> dict[str, tuple[str, str]]:
        """GUID of each streaming locator to its asset's name, in lower case, and its end. Raises PortError."""
        found: dict[str, tuple[str, str]] = {}
        async for item in self._items(LOCATOR):
            properties = _properties(item)
            guid = odata.guid(properties.get("streamingLocatorId"))
            if guid is not None:
                found[guid] = odata.text(properties.get("assetName")).lower(), odata.sortable(properties.get("endTime"))
        return found

    async def asset_names(self) -> set[str]:
        """Names of all assets, in lower case. Raises PortError."""
        return {str(item["name"]).lower() async for item in self._items("Asset")}

    async def _items(self, kind: str) -> AsyncIterator[JSON]:
        following: str | None = None
        while True:
            page = await self._backend.list(self._account, kind, (), Lane.SWEEP, following)
            for item in page.items:
                yield item
            following = page.next
            if following is None:
                return


def _seconds(created: Any) -> int:
    """Since the epoch; 0 where it is no date. Fractions are left away: the two versions round them differently."""
    try:
        return int((datetime.fromisoformat(created[:19]) - _EPOCH).total_seconds())
    except (TypeError, ValueError):
        return 0


def _properties(item: JSON) -> JSON:
    found = item.get("properties")
    return found if isinstance(found, dict) else {}
