"""Published assets that nobody asked how they are protected: somebody looked at these, or at others."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ams_operator.migration import verdicts
from ams_operator.migration.conditions import Type
from ams_operator.migration.gaps import UNREAD
from ams_operator.migration.inputs import Acknowledgement, InventoryRead
from ams_operator.migration.model import Known

from .accounts import FILM, POLICY, TODAY, config, done, inventory, said, target


def found() -> InventoryRead:
    read = inventory()
    known = Known(TODAY)
    known.deliveries.add(f"nb:adpid:UUID:{POLICY}", [3, 7])
    row = {"Id": f"nb:cid:UUID:{FILM}", "kinds": [0], "unknown": False, "how": "unread", "keys": ["EnvelopeEncryption"]}
    tally = read.sets["Combinations"].tally
    assert tally is not None
    tally.add_many(4000, verdicts.judge("Combinations", row, known), ["a"], 0x1234)
    return read


@pytest.mark.parametrize("trouble", ["none", "refused", "unsettled"])
def test_who_looked_at_others_says_nothing_of_these_whatever_else_is_not_known(trouble: str) -> None:
    read = found()
    looked = {UNREAD: Acknowledgement(UNREAD, "looked", "5000-00000000deadbeef")}
    inputs = done(inventory=read, target=target(read), config=config(acknowledged=looked))
    sets = dict(read.sets)
    if trouble == "refused":
        sets["NotificationEndPoints"] = replace(sets["NotificationEndPoints"], tally=None, at=None, failed="403")
    if trouble == "unsettled":
        jobs = sets["Jobs"]
        assert jobs.tally is not None
        sets["Jobs"] = replace(jobs, tally=replace(jobs.tally, settled=False))
    status = said(replace(inputs, inventory=replace(read, sets=sets)))[Type.PROTECTION].status
    assert status == "Unknown"
