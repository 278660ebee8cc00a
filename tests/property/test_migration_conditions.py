"""What is not known never counts as done: polls that complete in any order, or not at all, give no True early."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from tests.migration.accounts import NOW, done, said
from tests.migration.reached import documented
from tests.migration.test_conditions import CASES

from ams_operator.domain import compare
from ams_operator.domain.model import JSON
from ams_operator.domain.transform import KIND as TRANSFORM
from ams_operator.migration.conditions import Type
from ams_operator.migration.conditions.finding import TRUE, UNKNOWN
from ams_operator.migration.conditions.known import has
from ams_operator.migration.entities import SETS
from ams_operator.migration.inputs import (
    AccessRead,
    AccountSeen,
    ChannelsRead,
    Inputs,
    JobsRead,
    Listing,
    ObjectsRead,
    SetRead,
)
from ams_operator.migration.trouble import UNREADABLE

PARTS = (
    "access",
    "account",
    "channels",
    "jobs",
    "objects",
    *(f"set {name}" for name in SETS),
    *(f"list {kind}" for kind in done().target.lists),
    "locators compared",
)
NOT_NEEDED = {f"list {kind}" for kind in ("LiveEvent", "StreamingEndpoint", "StreamingPolicy", "AssetFilter")}
"""this account has nothing that would be compared with them"""
FIRST = "before the first poll"
"""of a part that nobody read yet; else it is stale"""
STATES = st.sampled_from(
    [case for case, (_, kind, status, _) in CASES.items() if (kind, status) != (Type.COMPLETE, TRUE)]
)


def without(inputs: Inputs, part: str, how: str) -> Inputs:
    """The inputs without one part: never read, or so long ago that it can't be judged by."""
    old = NOW - 1e7 if inputs.now == NOW else inputs.now - 1e7
    first = how == FIRST
    name = part.partition(" ")[2]
    if part.startswith("set "):
        sets = dict(inputs.inventory.sets)
        if name in sets:
            sets[name] = SetRead() if first else replace(sets[name], at=old)
        return replace(inputs, inventory=replace(inputs.inventory, sets=sets))
    if part.startswith("list "):
        lists = dict(inputs.target.lists)
        if name in lists:
            lists[name] = Listing() if first else replace(lists[name], at=old)
        return replace(inputs, target=replace(inputs.target, lists=lists))
    if part == "locators compared":
        return replace(inputs, inventory=replace(inputs.inventory, compared={}))
    if part == "account":
        account = AccountSeen() if first else replace(inputs.target.account, at=old)
        return replace(inputs, target=replace(inputs.target, account=account))
    if part == "jobs":
        polls = () if first else tuple(replace(poll, at=poll.at - 1e7) for poll in inputs.jobs.polls)
        return replace(inputs, jobs=JobsRead(polls))
    gone: dict[str, Any] = {"access": AccessRead(), "channels": ChannelsRead(), "objects": ObjectsRead()}
    return replace(inputs, **{part: gone[part] if first else replace(getattr(inputs, part), at=old)})


@given(STATES, st.lists(st.tuples(st.sampled_from(PARTS), st.sampled_from([FIRST, "stale"])), max_size=12))
@example("2020, analysis", [("list Transform", FIRST)])
def test_what_is_not_known_is_never_done(case: str, missing: list[tuple[str, str]]) -> None:
    whole = CASES[case][0]()
    assume(whole.access.reason not in UNREADABLE)  # all stands still then, also what would be known
    part = whole
    for name, how in missing:
        part = without(part, name, how)
    known, seen = said(whole), said(part)
    for kind, one in seen.items():
        # Remembering is all that makes up for what is missing: what was complete before version 2 went.
        assert one.status != TRUE or known[kind].status == TRUE, (kind, one)


@given(STATES, st.lists(st.tuples(st.sampled_from(PARTS), st.sampled_from([FIRST, "stale"])), max_size=12))
def test_nothing_is_told_that_stands_in_no_row(case: str, missing: list[tuple[str, str]]) -> None:
    """Of the reasons in docs/migration-conditions.md, whatever is missing."""
    whole = CASES[case][0]()
    for part, how in missing:
        whole = without(whole, part, how)
    assert {(str(kind), one.status, str(one.reason)) for kind, one in said(whole).items()} <= documented()


@given(st.permutations(PARTS))
def test_the_order_in_which_polls_complete_does_not_matter(order: list[str]) -> None:
    """Nothing is True before all that it needs is there, and nothing turns from True to Unknown as more comes in."""
    stages = [done()]
    for name in reversed(order):
        stages.append(without(stages[-1], name, FIRST))
    before: dict[str, str] = {}
    for inputs in reversed(stages):
        now = {kind: one.status for kind, one in said(inputs).items()}
        assert all(now[kind] == TRUE for kind, status in before.items() if status == TRUE)
        assert set(now.values()) <= {TRUE, UNKNOWN}
        before = now
    assert set(before.values()) == {TRUE}


@given(st.floats(0, 50), st.sampled_from(sorted(CASES)))
def test_an_idle_poll_changes_nothing(later: float, case: str) -> None:
    """Everything is read again, and is as it was."""
    if case.startswith("2020"):
        return
    whole = CASES[case][0]()

    def again(one: Any) -> Any:
        return replace(one, at=one.at + later) if one.at is not None else one

    sets = {name: again(one) for name, one in whole.inventory.sets.items()}
    lists = {kind: again(one) for kind, one in whole.target.lists.items()}
    polls = tuple(replace(poll, at=poll.at + later) for poll in whole.jobs.polls)
    after = replace(
        whole,
        now=whole.now + later,
        access=again(whole.access),
        channels=again(whole.channels),
        objects=again(whole.objects),
        jobs=replace(whole.jobs, polls=polls),
        inventory=replace(whole.inventory, sets=sets),
        target=replace(whole.target, account=again(whole.target.account), lists=lists),
    )
    assert said(after) == said(whole)


@pytest.mark.parametrize("part", PARTS)
def test_what_is_stale_is_as_good_as_never_read(part: str) -> None:
    stale, first = said(without(done(), part, "stale")), said(without(done(), part, FIRST))
    assert {kind: one.status for kind, one in stale.items()} == {kind: one.status for kind, one in first.items()}
    assert stale[Type.COMPLETE].status == (TRUE if part in NOT_NEEDED else UNKNOWN)


LEAVES = st.one_of(st.none(), st.booleans(), st.integers(0, 2), st.sampled_from(["a", "A", "#Microsoft.Media.A"]))
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("xy"), inner, max_size=2)
)


@given(st.dictionaries(st.sampled_from("xy"), VALUES), st.dictionaries(st.sampled_from("xy"), VALUES))
def test_what_differs_at_a_glance_differs(wanted: JSON, found: JSON) -> None:
    """Else something that is there would be told as missing."""
    for table in ({}, TRANSFORM.table):
        differ, stuck = compare.changes(table, wanted, found, ())
        assert has(table, wanted, found) == (not differ and not stuck)
