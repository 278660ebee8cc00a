"""What is said where nothing is to be moved since somebody wants it so: not that there is nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ams_operator.migration.conditions import Type
from ams_operator.migration.conditions.key_policies import KEYS
from ams_operator.migration.conditions.protection import DELIVERY
from ams_operator.migration.inputs import DAY, Acknowledgement, ChannelsRead, Inputs

from .accounts import CHANNEL, NOW, ROWS, channel, config, done, inventory, listed, rows, said

RECIPES = {one["name"] for one in inventory().tally("Tasks").targets.values()}
POLICIES = {one["name"] for name in (KEYS, DELIVERY) for one in inventory().tally(name).targets.values()}
NONE = "version 2 encoded nothing in the last 90 days, after which records end"


def retiring(*names: str) -> Inputs:
    return done(
        config=config(retired=frozenset(one.lower() for one in names)),
        channels=ChannelsRead(NOW, 60.0, (channel(),)),
    )


def accepting() -> Inputs:
    """One task alone, of a processor without counterpart, and somebody does without."""
    processor = {"Id": "nb:mpid:UUID:99999999-d419-42f0-bc17-a481b1331e56", "Name": "Azure Media OCR"}
    task = {**ROWS["Tasks"][0], "MediaProcessorId": processor["Id"]}
    instead = rows("Tasks", task, base=rows("MediaProcessors", processor))
    found = inventory(instead, replace(listed(), processors={processor["Id"].lower(): processor["Name"]}))
    (gap,) = {key.split("|")[1] for key in found.tally("Tasks").fates}
    return done(inventory=found, config=config(acknowledged={gap: Acknowledgement(gap, "fine", "")}))


@pytest.mark.parametrize(
    ("found", "kind", "message"),
    [
        (retiring(*RECIPES), Type.ENCODING, "no recipe is left to move, by spec.migration.retired"),
        (
            done(config=config(lookback=30 * DAY)),
            Type.ENCODING,
            "no recipe is left to move, by spec.migration.lookback",
        ),
        (retiring(*POLICIES), Type.PROTECTION, "no policy is left to move, by spec.migration.retired"),
        (retiring(CHANNEL), Type.LIVE, "no channel is left to move, by spec.migration.retired"),
        (accepting(), Type.ENCODING, "no recipe is left to move, by spec.migration.acknowledgedGaps"),
        (done(inventory=inventory(rows("Tasks"))), Type.ENCODING, NONE),
        (done(channels=ChannelsRead(NOW, 60.0)), Type.LIVE, "version 2 has no channel to switch"),
    ],
)
def test_whose_wish_it_is_that_nothing_is_left(found: Inputs, kind: Type, message: str) -> None:
    told = said(found)[kind]
    assert (told.status, told.reason, told.message) == ("True", "NotUsed", message)
