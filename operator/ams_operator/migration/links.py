"""What only single assets show: which delivery policies they have, and whether they have files.

There is no list of links, and `$expand` is refused: it takes a request for each asset. Where version 3 says with which
streaming policy it shows a locator, assets with the same one are taken to be linked alike once a few of them were found
to be [inferred]; else every published asset is asked. Memory: 16 bytes for each locator.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterable, Sequence
from operator import itemgetter
from typing import Final, TypeVar

from ams_operator.domain.model import JSON
from ams_operator.migration import odata, verdicts
from ams_operator.migration.entities import FILES_OF, KEYS_OF, SETS, EntitySet
from ams_operator.migration.mapping import media
from ams_operator.migration.model import Judgement, Known
from ams_operator.migration.paging import NotTaken
from ams_operator.migration.tally import Tally

Below = Callable[[EntitySet, str], Awaitable[list[JSON] | None]]
"""The rows below one row; None where that row is gone."""
AT_ONCE: Final = 8
"""requests"""
LOOKED_AT: Final = 8
"""assets of those with one streaming policy in version 3"""
_SPREAD: Final = 0.6180339887498949
_64_BITS: Final = (1 << 64) - 1
_KEY_TYPES: Final = {0: "CommonEncryptionCenc", 4: "EnvelopeEncryption", 6: "CommonEncryptionCbcs"}
T = TypeVar("T")
Kinds = tuple[int, ...]
"""an asset's delivery policies, as places in `Deliveries.kinds`; -1: one that can't be read"""


async def count_files(rows: Sequence[JSON], below: Below, known: Known) -> None:
    """Of the nameless assets of one page: whether they have files; nobody knows where version 2 doesn't say."""
    known.has_files = {}

    async def files(asset: str) -> list[JSON] | None:
        with contextlib.suppress(NotTaken):
            return await below(FILES_OF, asset)
        return None

    with contextlib.suppress(KeyError):
        if all(map(itemgetter("Name"), rows)):
            return
    nameless = [str(row["Id"]) for row in rows if not row.get("Name") and media.is_listed(row, known)]
    for some in _batches(nameless, AT_ONCE):
        found = await asyncio.gather(*map(files, some))
        known.has_files |= {
            guid: bool(those)
            for one, those in zip(some, found, strict=True)
            if those is not None and (guid := odata.guid(one))
        }


class Combinations:
    """Which published assets have which delivery policies. `tell` gets the number of assets that are judged."""

    def __init__(self, below: Below, known: Known, tally: Tally, tell: Callable[[int, int], None]) -> None:
        self._below, self._known, self._tally, self._tell = below, known, tally, tell
        self._judged: dict[tuple[Kinds, bool], Judgement] = {}
        self._total = 0

    async def read(self) -> None:
        """Judge all of them. Raises what `below` raises."""
        groups = {name: _guids(packed) for name, packed in self._known.published.items()}
        self._total = sum(len(guids) for guids in groups.values())
        for name, guids in groups.items():
            if not self._known.deliveries.of:
                await self._add((), guids, sampled=False)
            elif name and len(guids) > 2 * LOOKED_AT:
                await self._sample(guids)
            else:
                await self._each(guids)

    async def _sample(self, guids: list[bytes]) -> None:
        # Spread so that no regular pattern is met: neither the first ones, nor each so many-th.
        some = [guids[int(len(guids) * (number * _SPREAD % 1))] for number in range(LOOKED_AT)]
        found = await asyncio.gather(*(self._links(one) for one in some))
        kinds = {one for one in found if one is not None}
        if len(kinds) == 1:
            await self._add(kinds.pop(), guids, sampled=True)
        else:
            await self._each(guids)

    async def _each(self, guids: list[bytes]) -> None:
        for some in _batches(guids, AT_ONCE):
            found = await asyncio.gather(*(self._links(one) for one in some))
            for guid, kinds in zip(some, found, strict=True):
                if kinds is not None:
                    await self._add(kinds, [guid], sampled=False)

    async def _links(self, guid: bytes) -> Kinds | None:
        rows = await self._below(SETS["Combinations"], _asset(guid))
        if rows is None:
            return None
        of = self._known.deliveries.of
        return tuple(sorted(of.get(str(row.get("Id")).lower(), -1) for row in rows))

    async def _add(self, kinds: Kinds, guids: list[bytes], *, sampled: bool) -> None:
        if not guids:
            return
        found = self._judged.get((kinds, sampled))
        if found is None:
            row: JSON = {"Id": _asset(guids[0]), "kinds": [one for one in kinds if one >= 0], "sampled": sampled}
            row["unknown"] = -1 in kinds
            if kinds:
                row["keys"] = await self._keys(guids[0])
            found = self._judged[kinds, sampled] = verdicts.judge("Combinations", row, self._known)
        labels = [_text(guid) for guid in guids[:10]]
        self._tally.add_many(len(guids), found, labels, odata.fold(b"".join(guids)) & _64_BITS)
        self._tell(self._tally.rows, self._total)

    async def _keys(self, guid: bytes) -> list[str] | None:
        rows = await self._below(KEYS_OF, _asset(guid))
        if rows is None:
            return None
        types = (_KEY_TYPES.get(odata.whole(row.get("ContentKeyType")) or 0, "") for row in rows)
        return [one for one in types if one]


def _guids(packed: bytes | bytearray) -> list[bytes]:
    """Each once, in order: several locators may publish one asset."""
    raw = bytes(packed)
    return sorted({raw[place : place + 16] for place in range(0, len(raw), 16)})


def _text(guid: bytes) -> str:
    digits = guid.hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def _asset(guid: bytes) -> str:
    return f"nb:cid:UUID:{_text(guid)}"


def _batches(items: Sequence[T], size: int) -> Iterable[Sequence[T]]:
    return (items[place : place + size] for place in range(0, len(items), size))
