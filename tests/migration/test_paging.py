"""Reading a set whose rows come and go meanwhile, in every order of events that hypothesis thinks of."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ams_operator.migration import paging
from ams_operator.migration.odata import Rows
from ams_operator.migration.paging import Ask, NotTaken, Walk

BEGUN = datetime(2021, 6, 1, tzinfo=UTC)
PAGE = 4


def row(number: int, *, changed: bool = False) -> dict[str, object]:
    when = BEGUN + timedelta(seconds=1) if changed else BEGUN - timedelta(days=9)
    return {"Id": f"nb:cid:UUID:00000000-0000-0000-0000-{number:012d}", "LastModified": when.isoformat()}


@dataclass
class Service:
    """A set in the order of its ids, and what happens to it after each page."""

    rows: dict[int, dict[str, object]]
    events: list[tuple[str, int]] = field(default_factory=list)
    dated: bool = True
    counts: bool = False
    burst: int = 1
    """events after each page"""
    asked: int = 0
    at_second_look: set[int] = field(default_factory=set)

    async def read(self, ask: Ask) -> Rows:
        self.asked += 1
        if ask.since is not None and not self.dated:
            raise NotTaken
        if ask.since is not None and not ask.skip:
            self.at_second_look = set(self.rows)
            self.events.clear()
        found = [self.rows[number] for number in sorted(self.rows)]
        if ask.since is not None:
            found = [one for one in found if str(one["LastModified"]) >= ask.since.isoformat()]
        page = Rows(tuple(found[ask.skip : ask.skip + PAGE]), count=len(found) if ask.count and self.counts else None)
        for what, number in self.events[: self.burst]:
            if what == "insert":
                self.rows.setdefault(number, row(number, changed=True))
            else:
                self.rows.pop(number, None)
        del self.events[: self.burst]
        return page


def read(service: Service, dated: bool = True) -> tuple[list[str], Walk]:
    walk = Walk(service.read, "Id", "LastModified" if dated else None, BEGUN, most=PAGE)

    async def all_pages() -> list[str]:
        return [str(one["Id"]) async for page in walk.pages() for one in page]

    return asyncio.run(all_pages()), walk


EVENTS = st.lists(st.tuples(st.sampled_from(["insert", "delete"]), st.integers(0, 60)), max_size=25)
ROWS = st.sets(st.integers(0, 60), max_size=45)


@given(ROWS, EVENTS, st.integers(1, 6), st.booleans(), st.booleans())
def test_what_was_there_all_the_time_is_seen_and_counted_once(
    numbers: set[int], events: list[tuple[str, int]], burst: int, dated: bool, counts: bool
) -> None:
    gone = {number for what, number in events if what == "delete"}
    service = Service({number: row(number) for number in numbers}, list(events), counts=counts, burst=burst)
    seen, walk = read(service, dated)
    assert {str(row(number)["Id"]) for number in numbers - gone} <= set(seen)
    assert walk.passage.rows == len(set(seen))


@given(ROWS, EVENTS)
def test_what_came_meanwhile_is_seen_where_the_set_has_dates(numbers: set[int], events: list[tuple[str, int]]) -> None:
    service = Service({number: row(number) for number in numbers}, list(events))
    seen, walk = read(service)
    assert bool(service.at_second_look) or walk.passage.pages == 1 or not service.rows
    assert {str(row(number)["Id"]) for number in service.at_second_look} <= set(seen)


@given(ROWS, st.booleans())
def test_a_set_that_rests_is_settled_without_reading_anything_twice(numbers: set[int], counts: bool) -> None:
    service = Service({number: row(number) for number in numbers}, counts=counts)
    seen, walk = read(service)
    assert sorted(seen) == sorted(str(row(number)["Id"]) for number in numbers)
    assert walk.passage.settled
    assert not walk.passage.moved


def test_rows_that_go_before_our_place_hide_none() -> None:
    gone = [("delete", 0), ("delete", 1), ("delete", 2)]
    service = Service({number: row(number) for number in range(10)}, gone, burst=3)
    seen, walk = read(service)
    assert {str(row(number)["Id"]) for number in range(3, 10)} <= set(seen)
    assert walk.passage.moved


def test_a_set_without_dates_that_lost_rows_is_read_again() -> None:
    service = Service({number: row(number) for number in range(1, 9)}, [("delete", 1), ("insert", 0)])
    seen, walk = read(service, dated=False)
    assert str(row(0)["Id"]) in seen
    assert len(seen) == len(set(seen)) == 9
    assert walk.passage.settled


def test_a_service_that_refuses_to_filter_by_date_leaves_it_unsettled_only_if_rows_went() -> None:
    still = Service({number: row(number) for number in range(9)}, dated=False)
    assert read(still)[1].passage.settled
    growing = Service({number: row(number) for number in range(1, 9)}, [("insert", 0)], dated=False)
    assert read(growing)[1].passage.settled
    moving = Service({number: row(number) for number in range(1, 9)}, [("delete", 1)], dated=False)
    assert not read(moving)[1].passage.settled


@given(ROWS, st.lists(st.integers(0, 60), max_size=25), st.integers(1, 6), st.booleans())
def test_a_set_that_only_grows_is_settled(numbers: set[int], came: list[int], burst: int, counts: bool) -> None:
    events = [("insert", number) for number in came]
    service = Service({number: row(number) for number in numbers}, events, counts=counts, burst=burst)
    seen, walk = read(service, dated=False)
    assert {str(row(number)["Id"]) for number in numbers} <= set(seen)
    assert walk.passage.settled
    assert not walk.passage.moved


@pytest.mark.parametrize(("came", "asked"), [(1, 2), (5, 4), (9, 2)])
def test_a_set_that_only_grows_is_read_once(came: int, asked: int) -> None:
    """Before our place, just before the row that was seen last, and behind it. Locators of an account in use have no
    dates: they would be read three times, and known in none of them."""
    service = Service({number: row(number) for number in range(0, 10, 2)}, [("insert", came)])
    read(service, dated=False)
    assert service.asked == asked


def test_rows_that_are_missing_by_the_services_own_count_leave_it_unsettled() -> None:
    async def short(ask: Ask) -> Rows:
        rows = tuple(row(number) for number in range(6))[ask.skip : ask.skip + PAGE]
        return Rows(rows, count=9 if ask.count else None)

    walk = Walk(short, "Id", None, BEGUN, most=PAGE)

    async def drain() -> None:
        async for _ in walk.pages():
            pass

    asyncio.run(drain())
    assert not walk.passage.settled


@given(st.integers(0, 9000))
def test_rows_are_counted_by_which_places_have_one(many: int) -> None:
    asked: list[int] = []

    async def one(ask: Ask) -> Rows:
        asked.append(ask.skip)
        return Rows((row(ask.skip),) if ask.skip < many else ())

    assert asyncio.run(paging.counted(one)) == many
    assert len(asked) <= 30


def test_a_service_that_shows_a_row_at_every_place_has_no_count() -> None:
    async def one(_: Ask) -> Rows:
        return Rows((row(1),))

    with pytest.raises(paging.EndlessSet):
        asyncio.run(paging.counted(one))


def test_one_page_is_one_question() -> None:
    service = Service({number: row(number) for number in range(3)})
    read(service)
    assert service.asked == 1


def test_what_has_no_key_is_counted_and_not_given() -> None:
    async def strange(ask: Ask) -> Rows:
        return Rows(({"Name": "x"}, row(1)), strangers=2)

    walk = Walk(strange, "Id", None, BEGUN, most=9)

    async def all_pages() -> list[object]:
        return [one["Id"] async for page in walk.pages() for one in page]

    assert len(asyncio.run(all_pages())) == 1
    assert walk.passage.strangers == 3


def test_a_server_that_repeats_itself_is_left() -> None:
    async def same(ask: Ask) -> Rows:
        return Rows(tuple(row(number) for number in range(PAGE)), more=True)

    walk = Walk(same, "Id", None, BEGUN, most=PAGE)

    async def drain() -> None:
        async for _ in walk.pages():
            pass

    with pytest.raises(paging.EndlessSet):
        asyncio.run(drain())


def test_who_counts_more_rows_than_there_are_is_not_asked_for_them_again_and_again() -> None:
    """Whether or not anybody asked how many there are."""
    service = Service({number: row(number) for number in range(3)})
    given = service.read

    async def read_more(ask: Ask) -> Rows:
        return replace(await given(ask), count=9)

    service.read = read_more  # type: ignore[method-assign] # a service that counts wrongly
    seen, walk = read(service)
    assert len(seen) == 3
    assert not walk.passage.settled
    assert service.asked < 9
