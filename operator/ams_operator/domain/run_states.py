"""The words for run states of live events and streaming endpoints, what each means to people, and the steps between.

Source: the words and verbs are those of liveEvents, liveOutputs and streamingEndpoints, api-version 2022-08-01. There
is no step from Running to StandBy: it is a stop and then an allocation.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ams_operator.domain.model import State

LEADS_TO: Final[Mapping[str, str]] = {"start": "Running", "stop": "Stopped", "standby": "StandBy"}
VERBS: Final[Mapping[str, str]] = {state: verb for verb, state in LEADS_TO.items()}
"""state to the request that leads to it"""
ROUTES: Final[Mapping[tuple[str, str], tuple[str, ...]]] = {
    ("Stopped", "Running"): ("start",),
    ("Stopped", "StandBy"): ("standby",),
    ("StandBy", "Running"): ("start",),
    ("StandBy", "Stopped"): ("stop",),
    ("Running", "Stopped"): ("stop",),
    ("Running", "StandBy"): ("stop", "standby"),
}
HEADINGS: Final[Mapping[str, str]] = {
    "Running": "Running",
    "Stopped": "Stopped",
    "StandBy": "StandBy",
    "Creating": "Running",
    "Starting": "Running",
    "Stopping": "Stopped",
    "Allocating": "StandBy",
    "Scaling": "Running",  # stopped ones are scaled at once
    "Deleting": "Deleted",  # none that it could stay in: as long as it shows, it is waited for
}
"""every word, and where it leads"""
_OFF_AIR: Final = frozenset({"Stopped", "StandBy", "Stopping", "Allocating", "Deleting"})
_SPELLINGS: Final[Mapping[str, str]] = {word.lower(): word for word in HEADINGS}


def spelled(word: str | None) -> str | None:
    """The word as the service documents it, however it is capitalised; one that nobody knows stays as it is."""
    return _SPELLINGS.get(word.lower(), word) if word is not None else None


def read(word: str | None, provisioning: str | None) -> State:
    """What it is and where it is heading.

    On air is what an encoder feeds or viewers load from, and whatever can't be told to be off air. Stopping is: the
    feed is cut already. So is StandBy, but it is allocated, reveals its URLs and is billed: changes don't stop it
    without consent either (`running._excursion`).
    """
    now = spelled(word)
    return State(
        now=now,
        heading=HEADINGS.get(now, now) if now else None,
        on_air=now not in _OFF_AIR,
        provisioning=provisioning,
        known=now in HEADINGS,
    )


def route(now: str | None, goal: str) -> tuple[str, ...]:
    """The steps from one state to another. From one that nobody knows it is the one step that leads there."""
    if now is not None and now in HEADINGS:
        return ROUTES.get((now, goal), ())
    return tuple(verb for verb, end in LEADS_TO.items() if end == goal)
