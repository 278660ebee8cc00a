"""What only single assets show: which delivery policies they have, and whether they have files.

There is no list of links, and `$expand` is refused: it takes a request for each asset. Where version 3 says with which
streaming policy it shows a locator, assets with the same one are taken to be linked alike once a few of them were found
to be [inferred]; else each published asset is asked, as long as there are not too many. Of those that are not asked it
is said that nobody looked at them. Memory: 16 bytes for each locator.
"""

from __future__ import annotations

import contextlib
import random
import struct
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Final, TypeVar

from ams_operator.domain.model import JSON
from ams_operator.migration import odata, verdicts
from ams_operator.migration.entities import FILES_OF, KEYS_OF, SETS, EntitySet
from ams_operator.migration.mapping import media
from ams_operator.migration.model import Judgement, Known
from ams_operator.migration.paging import NotTaken
from ams_operator.migration.tally import Tally
from ams_operator.migration.together import together

Below = Callable[[EntitySet, str], Awaitable[list[JSON] | None]]
"""The rows below one row; None where that row is gone."""
AT_ONCE: Final = 8
"""requests"""
LOOKED_AT: Final = AT_ONCE
"""assets of those with one streaming policy in version 3"""
MOST_ASKED: Final = 2000
"""assets of one inventory, for each of both: more than a minute of the requests that a subscription may send"""
_64_BITS: Final = (1 << 64) - 1
_KEY_TYPES: Final = {0: "CommonEncryptionCenc", 4: "EnvelopeEncryption", 6: "CommonEncryptionCbcs"}
T = TypeVar("T")
Kinds = tuple[int, ...]
"""an asset's delivery policies, as places in `Deliveries.kinds`; -1: one that can't be read"""


async def count_files(rows: Sequence[JSON], below: Below, known: Known) -> None:
    """Of the nameless assets of one page: whether they have files; nobody knows where version 2 doesn't say. Those that
    are too many for one inventory are not asked."""
    known.has_files, known.unasked = {}, frozenset()

    async def files(asset: str) -> list[JSON] | None:
        with contextlib.suppress(NotTaken):
            return await below(FILES_OF, asset)
        return None

    with contextlib.suppress(KeyError):
        if all(map(itemgetter("Name"), rows)):
            return
    nameless = [str(row["Id"]) for row in rows if not row.get("Name") and media.is_listed(row, known)]
    room = max(0, MOST_ASKED - known.asked)
    known.unasked = frozenset(guid for one in nameless[room:] if (guid := odata.guid(one)))
    known.asked += len(nameless[:room])
    for some in _batches(nameless[:room], AT_ONCE):
        found = await together(map(files, some))
        known.has_files |= {
            guid: bool(those)
            for one, those in zip(some, found, strict=True)
            if those is not None and (guid := odata.guid(one))
        }


class Combinations:
    """Which published assets have which delivery policies. `tell` gets the number of assets that are judged."""

    def __init__(self, below: Below, known: Known, tally: Tally, tell: Callable[[int, int], None]) -> None:
        self._below, self._known, self._tally, self._tell = below, known, tally, tell
        self._judged: dict[tuple[Kinds | None, str, tuple[str, ...]], Judgement] = {}
        self._total = 0

    async def read(self) -> None:
        """Judge all of them. Raises what `below` raises."""
        groups = list(_groups(self._known.published))
        groups.sort(key=lambda group: len(group[1]))  # what small ones leave of their share is the large ones'
        self._total = sum(len(guids) for _, guids in groups)
        room = MOST_ASKED
        for place, (shown, guids) in enumerate(groups):
            if self._known.deliveries.of:
                room -= await self._group(guids, room // (len(groups) - place), shown)
            else:
                await self._add((), guids, shown=shown)

    async def _group(self, guids: list[bytes], share: int, shown: tuple[str, ...]) -> int:
        """Assets that version 3 shows with the same streaming policies; an empty one: it says nothing. How many were
        asked."""
        # By chance, so that no regular pattern is met, and by the same chance each time, so that evidence lasts.
        order = random.Random(0).sample(guids, min(share, len(guids)))  # noqa: S311 - nothing secret
        found: dict[bytes, Kinds | None] = {}
        alike = all(shown) and len(guids) > 2 * LOOKED_AT
        for some in _batches(order, AT_ONCE):
            answers = dict(zip(some, await together(map(self._links, some)), strict=True))
            if alike and not found and len(answers) == LOOKED_AT and len(kinds := _different(answers)) == 1:
                await self._add(kinds.pop(), guids, "alike", shown)
                return LOOKED_AT
            found |= answers
            for guid, one in answers.items():
                if one is not None:
                    await self._add(one, [guid], shown=shown)
        if rest := [guid for guid in guids if guid not in found]:
            kinds = _different(found)
            await self._add(kinds.pop() if len(kinds) == 1 else None, rest, "unread", shown)
        return len(found)

    async def _links(self, guid: bytes) -> Kinds | None:
        rows = await self._below(SETS["Combinations"], _asset(guid))
        if rows is None:
            return None
        of = self._known.deliveries.of
        return tuple(sorted(of.get(str(row.get("Id")).lower(), -1) for row in rows))

    async def _add(self, kinds: Kinds | None, guids: list[bytes], how: str = "", shown: tuple[str, ...] = ()) -> None:
        """Assets with these links. `how`: `alike`, some of them were looked at, and version 3 says that they are alike;
        `unread`, nobody looked at them, and `kinds` are those of the ones that were, None where these differ."""
        if not guids:
            return
        shown = shown if len(shown) > 1 else ()  # one policy of version 3 is what is to be expected
        found = self._judged.get((kinds, how, shown))
        if found is None:
            row: JSON = {"Id": _asset(guids[0]), "how": how, "shown": shown}
            if kinds is not None:
                row |= {"kinds": [one for one in kinds if one >= 0], "unknown": -1 in kinds}
            if kinds:
                row["keys"] = await self._keys(guids[0])
            found = self._judged[kinds, how, shown] = verdicts.judge("Combinations", row, self._known)
        labels = [_text(guid) for guid in guids[:10]]
        self._tally.add_many(len(guids), found, labels, odata.fold(b"".join(guids)) & _64_BITS)
        self._tell(self._tally.rows, self._total)

    async def _keys(self, guid: bytes) -> list[str] | None:
        rows = await self._below(KEYS_OF, _asset(guid))
        if rows is None:
            return None
        types = (_KEY_TYPES.get(odata.whole(row.get("ContentKeyType")) or 0, "") for row in rows)
        return [one for one in types if one]


def _different(found: Mapping[bytes, Kinds | None]) -> set[Kinds]:
    """Of the assets that are still there."""
    return {one for one in found.values() if one is not None}


def _groups(published: Mapping[str, bytearray]) -> Iterator[tuple[tuple[str, ...], list[bytes]]]:
    """Each asset once, in order, by the streaming policies that version 3 shows it with: several locators may publish
    one asset, and not all with the same policy."""
    several: dict[bytes, tuple[str, ...]] = {}
    seen = set[bytes]()
    for name in published if len(published) > 1 else ():
        guids = _guids(published[name])
        several |= dict.fromkeys(guids & seen, ())
        seen |= guids
    del seen
    for name in sorted(published):
        guids = _guids(published[name])
        for guid in several.keys() & guids:
            several[guid] = (*several[guid], name)
        if alone := sorted(guids - several.keys()):
            yield (name,), alone
    together: dict[tuple[str, ...], list[bytes]] = {}
    for guid, names in sorted(several.items()):
        together.setdefault(names, []).append(guid)
    yield from together.items()


def _guids(packed: bytes | bytearray) -> set[bytes]:
    return set(struct.unpack("16s" * (len(packed) // 16), packed))


def _text(guid: bytes) -> str:
    digits = guid.hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def _asset(guid: bytes) -> str:
    return f"nb:cid:UUID:{_text(guid)}"


def _batches(items: Sequence[T], size: int) -> Iterable[Sequence[T]]:
    return (items[place : place + size] for place in range(0, len(items), size))
