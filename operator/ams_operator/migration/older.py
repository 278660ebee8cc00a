"""Which results stay although their sets were read again: those that had been compared with version 3, where the new
ones could not be. As a set that can't be read does, they grow stale; what is told by them says of when they are.

It is noted in `lasting`, beside how the last comparisons went: under `older`, of `Assets` and `Locators`, what the
comparison had come to and when the inventory of it had begun. Pure but for that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from ams_operator.domain.model import JSON
from ams_operator.migration.census import Census, again

_NOTED: Final = "older"


def tried(lasting: JSON) -> dict[str, str]:
    """How the last comparisons went, as `Census.compared`."""
    return dict(lasting.get("compared", {}))


def compared(lasting: JSON) -> dict[str, str]:
    """What the results that are there were compared with."""
    return tried(lasting) | {name: how for name, (how, _) in lasting.get(_NOTED, {}).items()}


def since(lasting: JSON) -> str:
    """When the oldest inventory began of which results stay; empty where none do."""
    return min((begun for _, begun in lasting.get(_NOTED, {}).values()), default="")


def staying(lasting: JSON, now: Census, known: Callable[[], Census]) -> frozenset[str]:
    """Sets whose results stay, although `now` there are others. `known`: what was known so far."""
    before, there = compared(lasting), known()
    worse = {name: how for name, how in now.compared.items() if name in before and not again({name: before[name]})}
    stay = again(worse).intersection(there.tallies)
    noted = lasting.setdefault(_NOTED, {})
    for name in (stay & before.keys()) - noted.keys():
        noted[name] = [before[name], there.begun]
    if stay:
        lasting["notes"] = list(now.notes)
    return stay


def replaced(lasting: JSON, names: Iterable[str]) -> None:
    """These have new results."""
    for name in names:
        lasting.get(_NOTED, {}).pop(name, None)
