"""What the operator remembers of one resource, as frozen values: the record and its parts. `model` hands them on."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import field
from enum import StrEnum
from typing import Any

from ams_operator.domain.noun import noun


class How(StrEnum):
    """How a resource came to be ours."""

    CREATED = "Created"
    ADOPTED = "Adopted"


@noun(frozen=True, slots=True)
class Act:
    """The one request that was noted before it was sent, and whose effect is not settled yet."""

    name: str
    at: str
    """the service's time when it was noted (ISO 8601): only what was created later can be its effect"""
    fields: tuple[str, ...] = ()
    unset: tuple[str, ...] = ()
    """pointers that it resets, since they were removed from the manifest"""
    digest: str = ""
    then: str | None = None
    """the run state to record once the act is known to have happened"""
    request: tuple[str, str] | None = None
    """(verb, value) of the request annotation that this act carries out"""
    operation: str | None = None
    """id of the service's long operation: it is there only if the act was answered"""
    touched: str = ""
    """of an update: a fingerprint of the pointers that differed; see `touched`"""
    place: str = ""
    """of a creation: a fingerprint of where it was sent to; see `ids.place`"""


def mark(name: str, digest: str, touched: str = "") -> str:
    """Names one act among those of its resource: two updates have different digests. With `touched`: one difference
    that this update closed."""
    return f"{name} {digest} {touched}".rstrip()


def touched(pointers: Iterable[str]) -> str:
    """A fingerprint of the leaves that an update brings back, whatever else it sets."""
    found = sorted(pointers)
    return hashlib.sha256("\n".join(found).encode()).hexdigest()[:8] if found else ""


@noun(frozen=True, slots=True)
class Repeat:
    """An act that was answered, and whose effect did not stay: how often within an hour, and when last.

    Of a deletion, and of a step from one run state to another: how often it failed, or had to be done again."""

    digest: str
    count: int
    at: float
    why: str = ""
    """what the service said about its failure; empty where it succeeded, and somebody undid it"""
    state: str | None = None
    """of a failed reset: the run state that the first look after it showed; None: nobody looked since"""
    shown: bool = False
    """of an update: it was seen to have its effect, so that where the same differs again, somebody undid it"""
    times: tuple[float, ...] = ()
    """of a step that had been carried out and was undone: when it was done again, in the last hour"""


@noun(frozen=True, slots=True)
class Aired:
    """From when until when it was seen to run, on the service's clock (ISO 8601); `until` is empty while it does."""

    since: str
    until: str = ""


@noun(frozen=True, slots=True)
class Stay:
    """Why it is in another run state than the declared one, where that is known: for this state and this manifest."""

    state: str
    declared: str
    why: str
    """`request`: somebody asked for it. `anew`: it had vanished, and what is made anew is stopped. `found`: it was so
    when it was adopted"""


@noun(frozen=True, slots=True)
class Asked:
    """The requests for a run state that were seen and are not carried out yet, and what was declared beside them."""

    requests: Mapping[str, str]
    """verb to value"""
    declared: str


@noun(frozen=True, slots=True)
class Refusal:
    """An act that the service refused; not tried again while its digest is the same, and it is not in another state."""

    name: str
    digest: str
    code: str
    message: str
    state: str | None = None
    """the run state that the first look after it showed; None: nobody looked since, or it has none"""


@noun(frozen=True, slots=True)
class Record:
    """The operator's memory of one resource. Losing it must only ever mean "adopt again"."""

    uid: str = ""
    resource_id: str = ""
    origin: str = ""
    how: How | None = None
    identity: str | None = None
    """the service's own id or creation time: what tells this resource from a later one of the same name"""
    fields: tuple[str, ...] = ()
    """JSON pointers of the leaves that we set"""
    run_state: str | None = None
    requests: Mapping[str, str] = field(default_factory=dict)
    act: Act | None = None
    repeats: Mapping[str, Repeat] = field(default_factory=dict)
    """by the act's mark, so that acts that fail by turns don't forget each other"""
    refusals: tuple[Refusal, ...] = ()
    aired: Aired | None = None
    """only of what the service may stop by itself"""
    asked: Asked | None = None
    """what a newer request, or a newer run state in the manifest, takes back"""
    unseen: str = ""
    """the noted time of a recording's create that was sent and never seen to have an effect: it may have recorded"""
    stay: Stay | None = None
    by: str = ""
    """the version of the operator that compared it last and found nothing suspicious; it is written beside other news,
    never for itself, so that what rests for long names an old one"""
    known: tuple[str, ...] = ()
    """the fields that it was known to differ in when a status last told of a look, where this one can't: nobody could
    look since, or what it tells is another version's find"""
    rest: Mapping[str, Any] = field(default_factory=dict)
    """keys of a later version, carried over untouched"""
