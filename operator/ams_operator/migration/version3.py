"""What version 3 shows of the same account, as far as verdicts need it: which assets and locators, by their GUIDs."""

from __future__ import annotations

from collections.abc import AsyncIterator

from ams_operator.backends.backend import ArmBackend
from ams_operator.backends.urls import LOCATOR
from ams_operator.domain.answers import Lane
from ams_operator.domain.model import JSON, AccountId
from ams_operator.migration import odata


class Version3:
    """Lists of one account. By LIST only: asking each asset for its locators is a POST, and counts as a write."""

    def __init__(self, backend: ArmBackend, account: AccountId) -> None:
        self._backend, self._account = backend, account

    async def assets(self) -> dict[str, bool]:
        """GUID of each asset to whether its name is the GUID, as of all that version 2 made. Raises PortError."""
        found: dict[str, bool] = {}
        async for item in self._items("Asset"):
            guid = odata.guid(_properties(item).get("assetId"))
            if guid is not None:
                found[guid] = str(item["name"]).lower() == guid
        return found

    async def locators(self) -> dict[str, str]:
        """GUID of each streaming locator to when it was made. Raises PortError."""
        found: dict[str, str] = {}
        async for item in self._items(LOCATOR):
            properties = _properties(item)
            guid = odata.guid(properties.get("streamingLocatorId"))
            if guid is not None:
                found[guid] = odata.sortable(properties.get("created"))
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


def _properties(item: JSON) -> JSON:
    found = item.get("properties")
    return found if isinstance(found, dict) else {}
