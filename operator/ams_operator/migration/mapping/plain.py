"""Rows of large sets that are what nearly all of them are: judged by the page, without a look at each.

Each function here says of which rows it is certain that the set's own rule would say the same; a test holds that. All
others, and pages with anything odd in them, go the long way. It is what makes an archive of 100,000 assets cheap.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from operator import not_
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
    """Rows that share a verdict, and the others."""
    found = _SETS.get(name)
    if found is None or not known.same_account or not rows:
        return None, rows
    try:
        flags = found.flags(rows, known)
        alike = rows if all(flags) else list(compress(rows, flags))
        digest = odata.folded([row["Id"][_GUID] for row in alike])
        found.note(alike, known)
    except (KeyError, TypeError, ValueError):
        return None, rows
    others = () if alike is rows else list(compress(rows, map(not_, flags)))
    return (Alike(found.judgement, alike, digest) if alike else None), others


def _assets(rows: Rows, known: Known) -> list[bool]:
    """Named, not encrypted, not deleted, and in version 3 by their GUIDs."""
    listed = known.v3_assets or {}
    return [
        row["State"] == 0 and row["Options"] == 0 and bool(row["Name"]) and bool(listed.get(row["Id"][_GUID]))
        for row in rows
    ]


def _locators(rows: Rows, known: Known) -> list[bool]:
    """For streaming, not expired, made by version 2, and listed by version 3."""
    listed, odd, now = known.v3_locators or {}, known.new_assets | known.unknown_assets, f"{known.now:%FT%T}"
    if known.managed or known.v3_assets or known.republish:
        return [False] * len(rows)
    return [
        row["Type"] == publishing.STREAMING
        and bool(row["AccessPolicyId"])
        and row["ExpirationDateTime"][_SECOND] > now
        and row["Id"][_GUID] in listed
        and row["AssetId"][_GUID] not in odd
        for row in rows
    ]


def _published(rows: Rows, known: Known) -> None:
    listed = known.v3_locators or {}
    assets: defaultdict[str, list[str]] = defaultdict(list)
    for row in rows:
        assets[listed[row["Id"][_GUID]]].append(row["AssetId"][_GUID])
    packed = {policy: odata.packed(guids) for policy, guids in assets.items()}
    for policy, guids in packed.items():
        known.published.setdefault(policy, bytearray()).extend(guids)


def _keys(rows: Rows, _: Known) -> list[bool]:
    """Of content."""
    return [row["ContentKeyType"] in protection.CONTENT for row in rows]


def _used(rows: Rows, known: Known) -> None:
    named = {row["AuthorizationPolicyId"] for row in rows}
    known.used_policies |= {guid for one in named if (guid := odata.guid(one))}


def _nothing(_: Rows, __: Known) -> None:
    """There is nothing to remember."""


@dataclass(frozen=True, slots=True)
class _Set:
    flags: Callable[[Rows, Known], list[bool]]
    """of which rows it is certain; raises KeyError, TypeError and ValueError for pages with anything odd in them"""
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
