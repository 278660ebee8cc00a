"""Which rows, read again and compared with nothing, are those that were compared before, as far as they count."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ams_operator.domain.model import JSON
from ams_operator.migration import older
from ams_operator.migration.gaps import UNREAD
from ams_operator.migration.mapping.publishing import UNPUBLISHED
from ams_operator.migration.model import Judgement, gap, maps, not_needed, origin_unknown, origin_v3, visible
from ams_operator.migration.tally import Group, Tally

SEEN, OVER = Judgement(visible("it goes on")), Judgement(not_needed("it has expired"))
THEIRS, NOBODYS = Judgement(origin_v3("version 3 made it")), Judgement(origin_unknown("nobody knows"))
NOT_READ = Judgement(gap(UNREAD, "not asked"), ((UNREAD, "an asset"),))
HDS = Judgement(gap("hds", "for HDS alone"), (("hds", "a policy"),))


def tally(*found: Judgement, when: str = "") -> Tally:
    made = Tally()
    for number, one in enumerate(found):
        made.add(str(number), 1 << number, one, when, str(number))
    return made


def policy(name: str, **fields: JSON) -> Judgement:
    return Judgement(maps("StreamingPolicy", name, "the same", fields))


def unpublished(found: Judgement) -> Judgement:
    return replace(found, verdict=replace(found.verdict, note=UNPUBLISHED))


def joined(found: Tally) -> Tally:
    """With one that is not published anew."""
    found.blockers["not-republished"] = Group(1)
    return found


@pytest.mark.parametrize(
    ("name", "old", "new", "same"),
    [
        ("Locators", tally(SEEN, OVER), tally(OVER, OVER), True),
        ("Locators", tally(SEEN, OVER), tally(SEEN, SEEN), False),
        ("Locators", tally(SEEN, OVER), tally(SEEN, OVER, OVER), True),
        ("Locators", tally(SEEN, OVER), tally(SEEN, SEEN, OVER), False),
        ("Locators", tally(SEEN, OVER, SEEN), tally(OVER, SEEN, OVER), False),
        ("Locators", tally(SEEN, SEEN, *99 * [OVER]), tally(SEEN, OVER, *99 * [OVER]), True),
        ("Locators", tally(SEEN, SEEN, *101 * [OVER]), tally(SEEN, OVER, *101 * [OVER]), False),
        ("Locators", tally(SEEN, THEIRS), tally(SEEN, NOBODYS, NOBODYS), True),
        ("Locators", tally(SEEN, THEIRS, *101 * [OVER]), tally(SEEN, SEEN, *101 * [OVER]), True),
        ("Locators", tally(SEEN, THEIRS, OVER), tally(SEEN, NOBODYS, SEEN), False),
        ("Locators", tally(SEEN, SEEN, OVER, THEIRS), tally(SEEN, OVER, OVER, NOBODYS, NOBODYS), True),
        ("Locators", tally(SEEN, SEEN, OVER, THEIRS), tally(SEEN, OVER, SEEN, NOBODYS, NOBODYS), False),
        ("Locators", tally(SEEN), tally(SEEN, NOBODYS, when="2024"), False),
        ("Assets", tally(SEEN), tally(SEEN, SEEN), True),
        ("Assets", tally(SEEN), tally(SEEN, HDS), False),
        ("Locators", tally(SEEN, when="2024"), tally(SEEN), True),
        ("Locators", tally(SEEN), tally(SEEN, when="2024"), False),
        ("AssetDeliveryPolicies", tally(HDS, SEEN), tally(SEEN, SEEN), True),
        ("AssetDeliveryPolicies", tally(HDS, SEEN), tally(HDS, HDS), False),
        ("Combinations", tally(policy("a"), policy("b")), tally(policy("a"), policy("a")), True),
        ("Combinations", tally(policy("a"), policy("a")), tally(policy("a"), policy("b")), False),
        ("Combinations", tally(policy("a")), tally(policy("a"), policy("a")), True),
        ("Combinations", tally(policy("a")), tally(policy("a"), NOT_READ), False),
        ("AssetFilters", tally(policy("a", tracks={})), tally(policy("a", tracks={"x": 1})), False),
        ("AssetFilters", tally(unpublished(policy("a"))), tally(policy("a")), False),
        ("AssetFilters", tally(policy("a")), tally(unpublished(policy("a"))), True),
        ("AssetFilters", tally(THEIRS), tally(policy("a")), False),
        ("AssetFilters", tally(THEIRS), tally(unpublished(policy("a"))), True),
        ("AssetDeliveryPolicies", tally(OVER), tally(OVER, when="2024"), False),
        ("AssetDeliveryPolicies", tally(OVER, when="2024"), tally(OVER, when="2024"), True),
        ("Locators", tally(SEEN), replace(tally(SEEN), settled=False), False),
        ("Locators", tally(SEEN), joined(tally(SEEN)), False),
        ("Locators", joined(tally(SEEN)), joined(tally(SEEN)), True),
        ("Locators", joined(tally(SEEN)), tally(SEEN), True),
    ],
)
def test_a_new_reading_is_covered_where_it_shows_nothing_new(name: str, old: Tally, new: Tally, same: bool) -> None:
    assert older.covers(name, old, new) is same
