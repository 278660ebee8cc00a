"""Who blocks the switch as the last polls saw it: an inventory is an hour old, and what is on air ends in between.

What the polls can't tell just now is not told: its condition says that it is not known.
"""

from __future__ import annotations

from ams_operator.domain.model import JSON
from ams_operator.migration.conditions import live, work
from ams_operator.migration.gaps import BLOCKERS
from ams_operator.migration.inputs import Inputs


def polled(inputs: Inputs) -> list[JSON]:
    """The blockers that polls look at, as `census.blockers` spells them."""
    channels, programs = live.on_air(inputs)
    found = {"job-in-flight": work.in_flight(inputs), "channel-on-air": channels, "program-on-air": programs}
    return [
        {"id": one.id, "condition": one.condition, "title": one.title, "todo": one.todo,
         "count": len(found[one.id]), "samples": sorted(found[one.id])}
        for one in BLOCKERS.values()
        if one.polled and found[one.id]
    ]  # fmt: skip
