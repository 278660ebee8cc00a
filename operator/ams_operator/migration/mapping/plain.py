"""Rows of large sets that are what nearly all of them are: judged by the page, without a look at each.

Each function here says of which rows it is certain that the set's own rule would say the same; a test holds that. All
others, and pages with anything odd in them, go the long way. It is what makes an archive of 100,000 assets cheap.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from operator import itemgetter
from types import MappingProxyType
from typing import Final

from ams_operator.domain.model import JSON
from ams_operator.migration import odata
from ams_operator.migration.mapping import media, protection, publishing
from ams_operator.migration.model import Judgement, Known

Rows = Sequence[JSON]
_GUID: Final = slice(-36, None)
_SECOND: Final = slice(0, 19)


@dataclass(frozen=True, slots=True)
class Alike:
    """Rows that share a verdict. `digest`: all their ids together."""

    judgement: Judgement
    rows: Rows
    guids: Sequence[str]
    digest: int


@dataclass(frozen=True, slots=True)
class _Seen:
    """Rows all of which are plain: their GUIDs, and what the rule would have remembered of them."""

    guids: list[str]
    note: Callable[[Known], None] = lambda _: None
    """raises as `_Set.look` does, having remembered nothing"""


def split(name: str, rows: Rows, known: Known) -> tuple[Alike | None, Rows]:
    """Rows that share a verdict, and the others: all rows of a page, or where something is odd in it, most of them."""
    found = _SETS.get(name)
    if found is None or not known.same_account or not rows:
        return None, rows
    try:
        some, seen = rows, found.look(rows, known)
        if seen is None:
            some = [row for row in rows if found.look((row,), known) is not None]
            seen = found.look(some, known) if some else None
        if seen is None:
            return None, rows
        alike = Alike(found.judgement, some, seen.guids, odata.folded(seen.guids))
        seen.note(known)
    except (KeyError, TypeError, ValueError):
        return None, rows
    if some is rows:
        return alike, ()
    plain = set(map(id, some))
    return alike, [row for row in rows if id(row) not in plain]


# What follows is said without a loop of ours: a page of a thousand rows costs what a few dozen rows would.


def _assets(rows: Rows, known: Known) -> _Seen | None:
    """Named, not encrypted, not deleted, and in version 3 by their GUIDs."""
    guids = [row["Id"][_GUID] for row in rows]
    good = (
        set(map(itemgetter("State", "Options"), rows)) == {(0, 0)}
        and all(map(itemgetter("Name"), rows))
        and all(map((known.v3_assets or {}).get, guids))
    )
    return _Seen(guids) if good else None


def _locators(rows: Rows, known: Known) -> _Seen | None:
    """For streaming, not expired, made by version 2, and listed by version 3."""
    if known.managed or known.v3_assets or known.republish:
        return None
    guids, assets = [row["Id"][_GUID] for row in rows], [row["AssetId"][_GUID] for row in rows]
    policies = list(map((known.v3_locators or {}).get, guids))
    good = (
        set(map(itemgetter("Type"), rows)) == {publishing.STREAMING}
        and all(map(itemgetter("AccessPolicyId"), rows))
        and str.__getitem__(min(map(itemgetter("ExpirationDateTime"), rows)), _SECOND) > f"{known.now:%FT%T}"
        and None not in policies
        and not (known.new_assets and not known.new_assets.isdisjoint(assets))
        and not (known.unknown_assets and not known.unknown_assets.isdisjoint(assets))
    )

    def published(known: Known) -> None:
        kinds = {one for one in policies if one is not None}
        packed = {one: odata.packed(list(compress(assets, map(one.__eq__, policies)))) for one in kinds}
        for policy, those in packed.items():
            known.published.setdefault(policy, bytearray()).extend(those)

    return _Seen(guids, published) if good else None


def _keys(rows: Rows, _: Known) -> _Seen | None:
    """Of content."""
    kinds = set(map(itemgetter("ContentKeyType"), rows))
    if not kinds <= protection.CONTENT or bool in set(map(type, kinds)):
        return None

    def used(known: Known) -> None:
        named = set(map(itemgetter("AuthorizationPolicyId"), rows))
        known.used_policies |= {guid for one in named if (guid := odata.guid(one))}

    return _Seen([row["Id"][_GUID] for row in rows], used)


@dataclass(frozen=True, slots=True)
class _Set:
    look: Callable[[Rows, Known], _Seen | None]
    """None unless all of some rows are plain; raises KeyError, TypeError and ValueError for anything odd in them"""
    judgement: Judgement


_SETS: Final[Mapping[str, _Set]] = MappingProxyType(
    {
        "Assets": _Set(_assets, media.VISIBLE),
        "Locators": _Set(_locators, publishing.VISIBLE),
        "ContentKeys": _Set(_keys, protection.VISIBLE),
    }
)
