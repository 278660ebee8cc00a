"""What is below single rows: options of a policy, files of an asset. A row that is gone has nothing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

from ams_operator.domain.model import JSON
from ams_operator.migration import odata
from ams_operator.migration.entities import SETS, EntitySet
from ams_operator.migration.paging import Ask
from ams_operator.migration.trouble import Access, NotReadable


class Reader(Protocol):
    """What reads version 2: a `V2Client`."""

    async def page(self, entities: EntitySet, ask: Ask, *, parent: str | None = None, top: int = ...) -> odata.Rows: ...
    async def probe(self) -> None: ...


Rows = list[JSON] | None
Patiently = Callable[[Callable[[], Awaitable[Rows]]], Awaitable[Rows]]


class Below:
    """Asks for it row by row."""

    def __init__(self, reader: Reader, patiently: Patiently) -> None:
        self._reader, self._patiently = reader, patiently

    async def of(self, entities: EntitySet, parent: str) -> Rows:
        """The rows below one; None for a row that went meanwhile. Raises NotReadable and NotTaken."""
        return await self._patiently(lambda: self._read(entities, parent))

    async def _read(self, entities: EntitySet, parent: str) -> Rows:
        try:
            page = await self._reader.page(entities, Ask(), parent=parent)
        except NotReadable as error:
            if not error.missing:
                raise
            if await self._is_listed(SETS[entities.parent], parent):
                told = f"version 2 says 404 to {entities.navigation} of a row of {entities.parent} that it lists"
                raise NotReadable(Access.UNREACHABLE, told) from None
            return None
        return [row for row in page.rows if row.get(entities.key)]

    async def _is_listed(self, entities: EntitySet, key: str) -> bool:
        same = "''".join(key.split("'"))
        try:
            page = await self._reader.page(entities, Ask(where=f"{entities.key} eq '{same}'"), top=1)
        except NotReadable as error:
            if error.missing:
                return True  # all of it says 404: nobody knows that this row went
            raise
        return bool(page.rows)
