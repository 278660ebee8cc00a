"""What the core has to know of a kind: its functions, its table, and how it differs from other kinds. No behaviour.

Each kind fills one `Kind` in a file of its own; `domain/transform.py` is the smallest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from ams_operator.domain.model import JSON, Action, Address, Chain, Desired, Effect, Observed, Record, State


class Reset(StrEnum):
    """What removing a field from the manifest means, where it is not a plain value."""

    DROP = "drop"
    OMIT = "omit"
    """left out of a map that the service replaces whole, and in which it takes no null"""
    CANNOT = "cannot"
    LEAVE = "leave"
    """it stays as it is, and is nobody's from then on"""


@dataclass(frozen=True, slots=True)
class Field:
    """A row of a kind's table: how one leaf is reset, when it may change, what changing it does, its normal form."""

    reset: Any = Reset.DROP
    when: frozenset[str] | None = None
    """None: in any state; empty: never; else the states in which the service takes the change"""
    effect: Effect = Effect.WRITE
    normal: Callable[[Any], Any] | None = None
    entry: bool = False
    """an entry of a map whose value is an empty object: it counts by being there"""
    by: str = ""
    """the service's action that changes it, where an update does not take it"""
    follows: str = ""
    """the neighbour whose value is the default: it is nobody's setting while the two are equal"""
    unordered: bool = False
    """of a list: the order of its items, which are plain values, means nothing"""
    key: bool = False
    """tells the items of a list apart: items that differ in it are different things"""
    weight: int = 1
    """how much it says about which item of a list is which"""


@dataclass(frozen=True, slots=True)
class Kind:
    """What the core has to know of one kind: five functions and its tables."""

    name: str
    collection: str
    """the segments of its collection in resource ids, outermost first: `transforms`, `liveEvents/liveOutputs`"""
    address: Callable[..., Address]
    """account, names of what it lies in, and its own name, to its place"""
    body: Callable[..., JSON]
    """parsed spec, and the values of its references and secrets by JSON pointer, to the service's JSON"""
    state: Callable[[JSON], State]
    actions: Callable[[Desired, Observed, Record, Action | None], tuple[Chain, ...]]
    facts: Callable[[JSON], JSON]
    """what status shows of an observation, in values that do not move by themselves"""
    identity: Callable[[JSON], str | None]
    """what tells it from a later one of its name; without one nothing is ever ours"""
    created: Callable[[JSON], str | None]
    """the service's creation time; None where it shows none: what is found after an unanswered create is not ours"""
    shows: tuple[str, ...] = ()
    """the members of status that `facts` fills"""
    table: Mapping[str, Field] = field(default_factory=dict)
    owned: frozenset[str] = frozenset()
    """patterns of what the service owns inside members that we send back"""
    always: frozenset[str] = frozenset()
    """top-level members that every update has to carry"""
    query: Mapping[str, str] = field(default_factory=dict)
    """query of the request that creates it"""
    asks: Mapping[str, Callable[[JSON], JSON]] = field(default_factory=dict)
    """action that stands in `Field.by`, and how its body comes from the declared one"""
    parent: str = ""
    """the kind that it lies in; empty: the account"""
    children: tuple[str, ...] = ()
    """the kinds that lie in it"""
    leads_to: Mapping[str, str] = field(default_factory=dict)
    """act to the state it heads for, of kinds that run"""
    returns_to: Mapping[str, str] = field(default_factory=dict)
    """act that leaves a state and comes back to it, and that state"""
    auto_stop: Callable[[JSON], bool] | None = None
    """whether the service stops this one by itself when nobody sends to it for long enough (`findings.SILENCE`)"""
    records_into: str = ""
    """the kind that takes its recording, of kinds that record what they lie in: begun once, and while that runs"""
    recreate: bool = True
    """whether one that vanished is simply created again"""
    permanent: frozenset[str] = frozenset()
    """names that are neither deleted nor made anew, whatever the manifest says"""
    patch: bool = True
    good: tuple[str, str] | None = None
    """reason and message of one that is as declared, where that is more than being in sync"""
    remark: Callable[[Desired, JSON], str | None] | None = None
    """what somebody who reads that all is as declared should know besides, in words"""
    ended: tuple[str, str] | None = None
    """reason and message of one that was there and is gone, where that is how it ends and not a loss"""
    connection: Callable[[JSON], Mapping[str, str]] | None = None
    """what users need to connect and nobody else may see: it goes into a Secret"""
    missing: str = "Missing"
    """the reason of one that must not be made anew and is gone"""
    keep: bool = False
    """deletion is never the default (`deletionPolicy` absent means Retain)"""
    quota: int | None = None
    """how many the service documents as the most in one account (or parent), unless support raised it"""
    pristine: Callable[[JSON], bool] | None = None
    """whether the service made this itself and nobody touched it since"""
