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

    async def locators(self) -> set[str]:
        """GUIDs of all streaming locators. Raises PortError."""
        found: set[str] = set()
        async for item in self._items(LOCATOR):
            guid = odata.guid(_properties(item).get("streamingLocatorId"))
            if guid is not None:
                found.add(guid)
        return found

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
