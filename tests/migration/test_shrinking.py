"""An acknowledgement outlives those of whom it speaks: what only ends opens no gap again, and whatever comes does."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from ams_operator.migration import checkpoint
from ams_operator.migration.census import Census
from ams_operator.migration.conditions import gaps, known
from ams_operator.migration.entities import SETS
from ams_operator.migration.inputs import AccessRead, Acknowledgement, Config, Inputs, InventoryRead
from ams_operator.migration.kept import Kept
from ams_operator.migration.model import Judgement, gap
from ams_operator.migration.reduce import keyed
from ams_operator.migration.tally import MOST_MARKS, Tally
from ams_operator.migration.trouble import Access

SEAL = keyed(b"ours")
SAS = "sas-locators"
NOW = 1_767_225_700.0
MARKS = [pow(3, number, 2**64 - 59) for number in range(50, 250)]


def read(kept: Kept, shown: Iterable[int]) -> str:
    """An inventory in which these locators show the gap. The hash that acknowledges them."""
    census = Census("a", "2026-01-01T00:00:00Z", {name: Tally() for name in SETS})
    for number in shown:
        found = Judgement(gap(SAS, "a SAS locator"), ((SAS, "SAS locator"),))
        census.tallies["Locators"].add(f"l{number}", MARKS[number], found, "", f"l{number}")
    sets = {name: tally.dump() for name, tally in census.tallies.items()}
    kept.whole = True
    kept.take(census, NOW)
    kept.save({"version": checkpoint.VERSION, "account": "a", "begun": census.begun, "sets": sets, "known": {}})
    kept.end(census, NOW)
    return census.merged("evidence")[SAS].evidence if SAS in census.merged("evidence") else "0-0000000000000000"


def state(kept: Kept, acknowledged: str) -> str:
    inputs = Inputs(
        NOW,
        access=AccessRead(NOW, 60.0, Access.REACHABLE),
        inventory=InventoryRead(kept.read(3600.0), before=kept.before()),
        config=Config(acknowledged={SAS: Acknowledgement(SAS, "fine", acknowledged)}),
    )
    seen = known.evidence(inputs)
    return gaps.state(inputs, SAS, seen[SAS]) if SAS in seen else "Gone"


def test_what_only_ends_opens_no_gap_again() -> None:
    kept = Kept("a", SEAL)
    first = read(kept, (1, 2, 3, 4))
    second = read(kept, (4, 2, 1))
    for told in (first, second):
        assert state(kept, told) == "Acknowledged"
    read(kept, (2,))
    later = Kept.newest("a", SEAL, (kept.pack(),))
    for one in (kept, later):
        assert {state(one, told) for told in (first, second)} == {"Acknowledged"}, "a restart is no news"
    read(later, (5,))
    assert state(later, first) == "NewEvidence", "one went and another came"
    assert read(later, (1, 2, 3, 4)) == first
    assert state(later, first) == "Acknowledged"
    later.lasting.pop("before")
    read(later, (1, 2))
    assert state(later, first) == "NewEvidence", "nobody knows any more who they were"


def test_of_many_nobody_knows_who_is_left() -> None:
    kept = Kept("a", SEAL)
    most = read(kept, range(MOST_MARKS))
    read(kept, range(MOST_MARKS - 1))
    assert state(kept, most) == "Acknowledged"
    more = read(kept, range(MOST_MARKS + 1))
    assert state(kept, more) == "Acknowledged"
    read(kept, range(MOST_MARKS))
    assert state(kept, more) == "NewEvidence"


@given(st.lists(st.frozensets(st.integers(0, 6), min_size=1), min_size=2, max_size=8))
def test_whoever_is_not_acknowledged_opens_it_and_who_went_does_not(seen: list[frozenset[int]]) -> None:
    kept = Kept("a", SEAL)
    told = [(shown, read(kept, shown)) for shown in seen]
    for place, (shown, acknowledged) in enumerate(told):
        good = state(kept, acknowledged) == "Acknowledged"
        assert not good or seen[-1] <= shown
        assert good or not all(early >= late for early, late in pairwise(seen[place:]))
