"""The nouns of migration: what a verdict is, what evidence is, and what is known when one is given."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from ams_operator.domain.model import JSON


class Fate(StrEnum):
    """What becomes of an entity. Each has exactly one."""

    MAPS = "MapsTo"
    """something new in version 3 takes its place"""
    VISIBLE = "VisibleInV3"
    """it is in version 3 already, as it is"""
    NOT_NEEDED = "NotNeeded"
    """version 3 does without"""
    ORIGIN_V3 = "OriginV3"
    """version 3 made it, and version 2 only shows it"""
    UNKNOWN = "OriginUnknown"
    """nobody can tell which version made it: counted apart, and blocks nothing"""
    GAP = "Gap"
    """version 3 has nothing in its place"""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of one entity.

    MAPS: `kind`, `name` and `fields` say what takes its place (`fields` as in the properties of the v3 API). GAP: `gap`
    is the id of the missing feature. `why` is said to people, and the same for all entities of one fate.
    """

    fate: Fate
    why: str
    kind: str = ""
    name: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""
    """in what it differs from what it was"""
    give: tuple[str, ...] = ()
    """JSON pointers into `fields`: secrets, which are never kept and have to be given"""
    secrets: Sequence[Sequence[Sequence[str]]] = ()
    """digests of those of each option (`digests.Secrets`), of a ContentKeyPolicy that has any; of a StreamingPolicy one
    item, which has the digest of what each of `give` lacks (`templates`)"""
    beside: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    """what version 3 has in another place, such as trimmed inputs in jobs"""
    gap: str = ""
    inferred: bool = False
    """the rule behind it was inferred from documented facts; nobody wrote it down"""


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict, and what else the entity says."""

    verdict: Verdict
    evidence: tuple[tuple[str, str], ...] = ()
    """(gap id, what shows that the feature is used), also where the entity itself has a counterpart"""
    blockers: tuple[str, ...] = ()
    """ids in `blockers.BLOCKERS`: what has to be done first"""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a set is, or a list of version 3 that it is compared with. `total` None: nobody knows."""

    name: str
    rows: int
    total: int | None = None
    done: bool = False


Tell = Callable[[Progress], None]
ANOTHER_NAME: Final = ""
UNDATED: Final = "?"
MOST_RECENT: Final = 10_000
"""that are remembered as new: assets that version 3 made, at least as many others, and as many access policies"""
MOST_KINDS: Final = 2000
"""different contents of delivery policies"""


@dataclass(slots=True)
class Deliveries:
    """Delivery policies by what they say. Each asset may have its own, and there are few different ones."""

    kinds: list[list[Any]] = field(default_factory=list)
    """`[type, protocols, [key, value]...]`"""
    of: dict[str, int] = field(default_factory=dict)
    """id, in lower case, to its place in `kinds`; absent: it can't be read, or there are too many kinds"""
    _places: dict[str, int] = field(default_factory=dict, repr=False)

    def add(self, identifier: str, kind: list[Any]) -> None:
        """One policy."""
        text = repr(kind)
        place = self._places.get(text)
        if place is None:
            if len(self.kinds) >= MOST_KINDS:
                return
            place = self._places[text] = len(self.kinds)
            self.kinds.append(kind)
        self.of[identifier.lower()] = place


@dataclass(slots=True)
class Known:
    """What verdicts need from other sets and from version 3. All bounded by 16 bytes for each asset or locator."""

    now: datetime
    same_account: bool = True
    """version 3's side is the same account"""
    managed: frozenset[str] = frozenset()
    """GUIDs of locators that the operator made"""
    managed_names: frozenset[str] = frozenset()
    """names in version 3, in lower case, of locators that custom resources manage; those that are only observed are
    somebody else's"""
    v3_assets: dict[str, str] | None = None
    """GUID of each v3 asset to when it was made, UNDATED where it does not say; ANOTHER_NAME where its name is not the
    GUID, as version 2 makes it; None: not read"""
    v3_locators: dict[str, str] | None = None
    """GUID of each v3 locator to its streaming policy; None: not read"""
    v3_created: dict[str, str] = field(default_factory=dict)
    """GUID of each v3 locator that was made since `since` to when, as `odata.sortable`"""
    republish: bool = False
    """assets get locators of their own from version 3"""
    by_locator: dict[str, str] = field(default_factory=dict)
    """GUID of each streaming locator to its asset's, empty of those that have expired; kept only where assets are
    published anew"""
    unlisted: dict[str, str] = field(default_factory=dict)
    """the same of those that name no access policy and that version 3 did not list: it may have made them since"""
    quiet: timedelta = timedelta(days=7)
    """how long before now a locator still counts as new"""
    recent: dict[str, str] = field(default_factory=dict)
    """id, in lower case, of assets and access policies that are not older than that, to when they were made"""
    v3_lists_old: bool = False
    """version 3's LIST shows locators of version 2: no source says that it does, so that absence there proves nothing
    until one of them was seen"""
    new_assets: set[str] = field(default_factory=set)
    """GUIDs of version 2's rows that version 3 made"""
    unknown_assets: set[str] = field(default_factory=set)
    """GUIDs of rows whose origin can't be told"""
    has_files: dict[str, bool] = field(default_factory=dict)
    """of the nameless assets of one page: whether they have files; those are missing of which nobody knows"""
    unasked: frozenset[str] = frozenset()
    """GUIDs of the nameless assets of one page that were not asked, since there are too many"""
    asked: int = 0
    """nameless assets that were asked so far"""
    published: dict[str, bytearray] = field(default_factory=dict)
    """streaming policy in version 3, empty where it is not known, to the GUIDs of the assets that an active streaming
    locator of version 2 publishes with it: 16 bytes each, one for each locator"""
    deliveries: Deliveries = field(default_factory=lambda: Deliveries())
    used_policies: set[str] = field(default_factory=set)
    """GUIDs of authorization policies that a key names"""
    processors: dict[str, str] = field(default_factory=dict)
    """id of each media processor to its name"""
    options: dict[str, list[JSON]] = field(default_factory=dict)
    """GUID of an authorization policy to its options"""
    channels: dict[str, JSON] = field(default_factory=dict)
    """id of each channel to its name, and to its fragments per HLS segment"""
    units: str = ""
    """reserved units, such as `2 x S3`"""
    since: str = ""
    """`now` less `quiet`, as `odata.sortable`"""
    _active: set[bytes] | None = field(default=None, repr=False)

    def is_published(self, asset: str) -> bool:
        """Whether an asset, by its GUID, has a streaming locator of version 2 in force. Asked once all are read."""
        if self._active is None:
            packed = [bytes(one) for one in self.published.values()]
            self._active = {raw[place : place + 16] for raw in packed for place in range(0, len(raw), 16)}
        return bytes.fromhex(asset.replace("-", "")) in self._active

    def forget_published(self) -> None:
        """Nothing asks any more which assets are published."""
        self.published, self._active = {}, None


def visible(why: str, *, inferred: bool = False) -> Verdict:
    return Verdict(Fate.VISIBLE, why, inferred=inferred)


def not_needed(why: str, *, inferred: bool = False) -> Verdict:
    return Verdict(Fate.NOT_NEEDED, why, inferred=inferred)


def origin_v3(why: str) -> Verdict:
    return Verdict(Fate.ORIGIN_V3, why, inferred=True)


def origin_unknown(why: str) -> Verdict:
    return Verdict(Fate.UNKNOWN, why, inferred=True)


def maps(
    kind: str,
    name: str,
    why: str,
    fields: Mapping[str, Any] | None = None,
    *,
    note: str = "",
    beside: Mapping[str, Sequence[Any]] = MappingProxyType({}),
    inferred: bool = True,
) -> Verdict:
    return Verdict(Fate.MAPS, why, kind, name, fields or {}, note, beside=beside, inferred=inferred)


def gap(identifier: str, why: str, *, inferred: bool = False) -> Verdict:
    return Verdict(Fate.GAP, why, gap=identifier, inferred=inferred)
