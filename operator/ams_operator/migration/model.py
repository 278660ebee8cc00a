"""The nouns of migration: what a verdict is, what evidence is, and what is known when one is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

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


@dataclass(slots=True)
class Known:
    """What verdicts need from other sets and from version 3. All bounded by 16 bytes for each asset or locator."""

    now: datetime
    same_account: bool = True
    """version 3's side is the same account"""
    managed: frozenset[str] = frozenset()
    """GUIDs of locators that the operator made"""
    v3_assets: dict[str, bool] | None = None
    """GUID of each v3 asset to whether its name is the GUID, as version 2 makes it; None: not read"""
    v3_locators: Mapping[str, str] | None = None
    """GUID to when it was made, as version 3 says; None: not read"""
    republish: bool = False
    """assets get locators of their own from version 3"""
    published: dict[str, str] = field(default_factory=dict)
    """GUID of each streaming locator to its asset's, empty of those that have expired; kept only where assets are
    published anew"""
    active_assets: set[int] = field(default_factory=set)
    """GUIDs, as numbers, of assets with a streaming locator in force"""
    v3_lists_old: bool = False
    """version 3's LIST shows locators of version 2: no source says that it does, so that absence there proves nothing
    until one of them was seen"""
    new_assets: set[str] = field(default_factory=set)
    """GUIDs of version 2's rows that version 3 made"""
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


def visible(why: str, *, inferred: bool = False) -> Verdict:
    return Verdict(Fate.VISIBLE, why, inferred=inferred)


def not_needed(why: str, *, inferred: bool = False) -> Verdict:
    return Verdict(Fate.NOT_NEEDED, why, inferred=inferred)


def origin_v3(why: str) -> Verdict:
    return Verdict(Fate.ORIGIN_V3, why, inferred=True)


def maps(kind: str, name: str, why: str, fields: Mapping[str, Any] | None = None, *, inferred: bool = True) -> Verdict:
    return Verdict(Fate.MAPS, why, kind, name, fields or {}, inferred=inferred)


def gap(identifier: str, why: str, *, inferred: bool = False) -> Verdict:
    return Verdict(Fate.GAP, why, gap=identifier, inferred=inferred)
