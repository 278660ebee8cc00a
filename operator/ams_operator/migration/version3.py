"""What version 3 shows of the same account, as far as verdicts need it: which assets and locators, by their GUIDs."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from functools import partial
from operator import itemgetter
from typing import Any, NamedTuple, Protocol

from ams_operator.backends.urls import LOCATOR
from ams_operator.domain.answers import Lane
from ams_operator.domain.model import JSON, AccountId
from ams_operator.migration import odata
from ams_operator.migration.model import ANOTHER_NAME, UNDATED, Progress, Tell
from ams_operator.migration.patience import Patience


class Listed(NamedTuple):
    """Streaming locators by their GUIDs."""

    policies: dict[str, str]
    """streaming policy of each"""
    chosen: set[str]
    """those with one of the names that were asked for"""
    created: dict[str, str]
    """when those were made that are not older than what was asked for"""


class Lists(Protocol):
    """What is asked for pages: an `ArmBackend`."""

    async def items(
        self, account: AccountId, kind: str, lane: Lane, next: str | None
    ) -> tuple[Sequence[Any], str | None]:
        """Raises PortError."""
        ...


class Version3:
    """Lists of one account. By LIST only: asking each asset for its locators is a POST, and counts as a write. `tell`
    hears of each page, and each is asked for with `patience`: an archive has hundreds."""

    def __init__(self, backend: Lists, account: AccountId) -> None:
        self._backend, self._account = backend, account

    async def assets(self, tell: Tell, patience: Patience) -> dict[str, str]:
        """GUID of each asset to when it was made; ANOTHER_NAME where its name is not the GUID, as it is of all that
        version 2 made. Raises PortError."""
        found: dict[str, str] = {}
        async for items in self._pages("Asset", tell, patience):
            found |= _usual(_assets, items) or {
                guid.lower(): _made(name, guid, properties.get("created"))
                for name, properties in _odd(items)
                if isinstance(guid := properties.get("assetId"), str)
            }
            del items
        return found

    async def locators(self, named: frozenset[str], since: str, tell: Tell, patience: Patience) -> Listed:
        """All streaming locators. `named`: names, in lower case, of those that are asked for; `since` as
        `odata.sortable`. Raises PortError."""
        found = Listed({}, set(), {})
        async for items in self._pages(LOCATOR, tell, patience):
            found.policies.update(
                _usual(_locators, items)
                or {
                    guid.lower(): policy if isinstance(policy := properties.get("streamingPolicyName"), str) else ""
                    for _, properties in _odd(items)
                    if isinstance(guid := properties.get("streamingLocatorId"), str)
                }
            )
            if named:
                found.chosen.update(
                    guid.lower()
                    for name, properties in _odd(items)
                    if name.lower() in named and isinstance(guid := properties.get("streamingLocatorId"), str)
                )
            found.created.update(_recent(items, since))
            del items
        return found

    async def published(self, tell: Tell, patience: Patience) -> dict[str, tuple[str, str]]:
        """GUID of each streaming locator to its asset's name, in lower case, and its end. Raises PortError."""
        return {
            guid.lower(): (odata.text(properties.get("assetName")).lower(), odata.sortable(properties.get("endTime")))
            async for items in self._pages(LOCATOR, tell, patience)
            for _, properties in _odd(items)
            if isinstance(guid := properties.get("streamingLocatorId"), str)
        }

    async def asset_names(self, tell: Tell, patience: Patience) -> set[str]:
        """Names of all assets, in lower case. Raises PortError."""
        return {name.lower() async for items in self._pages("Asset", tell, patience) for name, _ in _odd(items)}

    async def first(self, kind: str) -> None:
        """Ask for the first page of a LIST. Raises PortError."""
        await self._backend.items(self._account, kind, Lane.SWEEP, None)

    async def _pages(self, kind: str, tell: Tell, patience: Patience) -> AsyncIterator[Sequence[Any]]:
        """Items as they come: only few members of each are looked at, however deep it is."""
        # A page is let go before the next one comes: two of them at once cost more than memory.
        following: str | None = None
        name, count = f"version 3: {kind}", 0
        tell(Progress(name, count))
        while True:
            page = partial(self._backend.items, self._account, kind, Lane.SWEEP, following)
            items, following = await patience.read(page)
            count += len(items)
            yield items
            del items
            tell(Progress(name, count, None if following else count, done=following is None))
            if following is None:
                return


def _assets(items: Sequence[Any]) -> dict[str, str]:
    properties = list(map(itemgetter("properties"), items))
    guids, names = list(map(itemgetter("assetId"), properties)), list(map(itemgetter("name"), items))
    made = list(map(itemgetter("created"), properties))
    usual = names == guids and all(made)
    return dict(zip(_together(guids), _together(made) if usual else map(_made, names, guids, made), strict=True))


def _locators(items: Sequence[Any]) -> dict[str, str]:
    properties = list(map(itemgetter("properties"), items))
    policies = map(sys.intern, map(itemgetter("streamingPolicyName"), properties))
    guids = list(map(itemgetter("streamingLocatorId"), properties))
    return dict(zip(_together(guids), policies, strict=True))


def _together(texts: list[str]) -> list[str]:
    """Copies that lie side by side: what is left of a page lies scattered, and all of it is looked up later, in no
    order. Raises ValueError where one holds a line break, or there is none."""
    found = "\n".join(texts).split("\n")
    if len(found) != len(texts):
        raise ValueError("not as they were")
    return found


def _recent(items: Sequence[Any], since: str) -> dict[str, str]:
    try:
        new = [properties for item in items if (properties := item["properties"])["created"] >= since]
    except (KeyError, TypeError):
        new = [properties for _, properties in _odd(items)]
    return {
        guid.lower(): made
        for properties in new
        if isinstance(guid := properties.get("streamingLocatorId"), str)
        and (made := odata.sortable(properties.get("created"))) >= since
    }


def _made(name: str, guid: str, created: object) -> str:
    if name.lower() != guid.lower():
        return ANOTHER_NAME
    return created if isinstance(created, str) and created else UNDATED


def _usual(read: Callable[[Sequence[Any]], dict[str, str]], items: Sequence[Any]) -> dict[str, str] | None:
    """What a page says that is as pages are: each item whole, GUIDs in lower case. None: look at each by itself."""
    try:
        found = read(items)
        together = "".join(found)
        return found if set(map(type, found.values())) <= {str} and together == together.lower() else None
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def _odd(items: Sequence[Any]) -> Iterator[tuple[str, JSON]]:
    """Name and properties of those that have both."""
    for item in items:
        if isinstance(item, dict) and isinstance(name := item.get("name"), str):
            properties = item.get("properties")
            if isinstance(properties, dict):
                yield name, properties
