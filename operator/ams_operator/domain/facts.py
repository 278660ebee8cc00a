"""The facts that a status shows of a resource: what the last look showed, and when it was first seen running."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from ams_operator.api.status import TEXT_LIMIT
from ams_operator.domain import ids
from ams_operator.domain.kind import Kind
from ams_operator.domain.model import JSON, Observed
from ams_operator.domain.run_states import HEADINGS

FIRST_RUNNING: Final = "firstRunningAt"
FIRST_RUNNING_FOR: Final = "firstRunningFor"
_FIRST: Final = (FIRST_RUNNING, FIRST_RUNNING_FOR)
_STATES: Final = re.compile("|".join((*HEADINGS, "Succeeded", "Failed", "InProgress", "Canceled")))
_REGION: Final = re.compile("[A-Za-z0-9 ]{1,32}")
_WORD: Final = 4
"""characters by which masking a secret shortens a text at most, where that is a word of up to seven characters"""


def told(
    kind: Kind,
    stands_for: str,
    observed: Observed | None,
    before: Mapping[str, Any],
    now: float,
    safe: Callable[[str, int], str],
) -> JSON:
    """The members of a status that are of this kind. `before`: the status as it stands; `safe` makes foreign text fit
    to show, and cuts it."""
    return _masked(_seen(kind, observed, before), safe) | _first_running(kind, stands_for, observed, before, now)


def first_running(status: Mapping[str, Any], stands_for: str) -> str:
    """When it was first seen running as what it stands for now (`stands_for`, the annotation); empty where it was
    not. A status may lag behind the annotation."""
    mine = status.get(FIRST_RUNNING_FOR, "") == stands_for[:TEXT_LIMIT]
    return str(status.get(FIRST_RUNNING) or "") if mine else ""


def _seen(kind: Kind, observed: Observed | None, before: Mapping[str, Any]) -> JSON:
    """What the last look showed; while nobody could look, what an earlier one showed."""
    if observed is None:
        return {name: value for name, value in before.items() if name in kind.shows and name not in _FIRST}
    return kind.facts(observed.raw) if observed.raw is not None else {}


def _masked(seen: JSON, safe: Callable[[str, int], str]) -> JSON:
    """Where a state is none, or any text, the service may have put there what it was sent. States and the region, which
    are read back from a status, stay whatever words people have for secrets. A region that is a token is left out: one
    with a mask in it would be sent to the service."""

    def fit(name: str, value: Any) -> Any:
        plain = _REGION if name == "location" else _STATES
        return value if not isinstance(value, str) or plain.fullmatch(value) else safe(value, TEXT_LIMIT)

    region = seen.get("location")
    strange = isinstance(region, str) and len(region) - len(safe(region, TEXT_LIMIT)) > _WORD
    return {name: fit(name, value) for name, value in seen.items() if not (strange and name == "location")}


def _first_running(
    kind: Kind, stands_for: str, observed: Observed | None, before: Mapping[str, Any], now: float
) -> JSON:
    """When it was first seen running, of kinds that show it: written once, with what says that it runs, and kept.

    What ran before it took something's place says nothing about that place: another annotation begins anew.
    """
    if FIRST_RUNNING not in kind.shows:
        return {}
    since = first_running(before, stands_for)
    if not since and observed is not None and observed.raw is not None and kind.state(observed.raw).now == "Running":
        since = ids.stamp(now)
    if not since:
        return {}
    place = stands_for[:TEXT_LIMIT]
    return {FIRST_RUNNING: since} | ({FIRST_RUNNING_FOR: place} if place else {})
