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
    digest: int


def split(name: str, rows: Rows, known: Known) -> tuple[Alike | None, Rows]:
    """Rows that share a verdict, and the others: all rows of a page, or where something is odd in it, most of them."""
    found = _SETS.get(name)
    if found is None or not known.same_account or not rows:
        return None, rows
    try:
        some = rows if found.all(rows, known) else [row for row in rows if found.all((row,), known)]
        alike = Alike(found.judgement, some, odata.folded([row["Id"][_GUID] for row in some]))
        found.note(some, known)
    except (KeyError, TypeError, ValueError):
        return None, rows
    if some is rows:
        return alike, ()
    plain = set(map(id, some))
    return (alike if some else None), [row for row in rows if id(row) not in plain]


# What follows is said without a loop of ours: a page of a thousand rows costs what a few dozen rows would.


def _assets(rows: Rows, known: Known) -> bool:
    """Named, not encrypted, not deleted, and in version 3 by their GUIDs."""
    listed = known.v3_assets or {}
    return (
        set(map(itemgetter("State", "Options"), rows)) == {(0, 0)}
        and all(map(itemgetter("Name"), rows))
        and all(map(listed.get, [row["Id"][_GUID] for row in rows]))
    )


def _locators(rows: Rows, known: Known) -> bool:
    """For streaming, not expired, made by version 2, and listed by version 3."""
    if known.managed or known.v3_assets or known.republish:
        return False
    return (
        set(map(itemgetter("Type"), rows)) == {publishing.STREAMING}
        and all(map(itemgetter("AccessPolicyId"), rows))
        and str.__getitem__(min(map(itemgetter("ExpirationDateTime"), rows)), _SECOND) > f"{known.now:%FT%T}"
        and (known.v3_locators or {}).keys() >= {row["Id"][_GUID] for row in rows}
        and known.new_assets.isdisjoint(assets := [row["AssetId"][_GUID] for row in rows])
        and known.unknown_assets.isdisjoint(assets)
    )


def _published(rows: Rows, known: Known) -> None:
    listed = known.v3_locators or {}
    policies = [listed[row["Id"][_GUID]] for row in rows]
    assets = [row["AssetId"][_GUID] for row in rows]
    packed = {one: odata.packed(list(compress(assets, map(one.__eq__, policies)))) for one in set(policies)}
    for policy, guids in packed.items():
        known.published.setdefault(policy, bytearray()).extend(guids)


def _keys(rows: Rows, _: Known) -> bool:
    """Of content."""
    kinds = set(map(itemgetter("ContentKeyType"), rows))
    return kinds <= protection.CONTENT and bool not in set(map(type, kinds))


def _used(rows: Rows, known: Known) -> None:
    named = set(map(itemgetter("AuthorizationPolicyId"), rows))
    known.used_policies |= {guid for one in named if (guid := odata.guid(one))}


def _nothing(_: Rows, __: Known) -> None:
    """There is nothing to remember."""


@dataclass(frozen=True, slots=True)
class _Set:
    all: Callable[[Rows, Known], bool]
    """whether all of some rows are plain; raises KeyError, TypeError and ValueError for anything odd in them"""
    note: Callable[[Rows, Known], None]
    """what the rule would have remembered; raises likewise, having remembered nothing"""
    judgement: Judgement


_SETS: Final[Mapping[str, _Set]] = MappingProxyType(
    {
        "Assets": _Set(_assets, _nothing, media.VISIBLE),
        "Locators": _Set(_locators, _published, publishing.VISIBLE),
        "ContentKeys": _Set(_keys, _used, protection.VISIBLE),
    }
)
