"""All rows of a set, each once, although its pages move while they are read. Pure but for the port that reads.

The service cuts a page at 1,000 rows, has no marks, and `$skip` counts from a beginning that moves: a row that is added
before our place shows rows twice, one that goes hides rows. So each page begins with a row that was seen already. If it
does not, rows went away before our place, and it steps back until one is. Then, as long as the order itself stands,
every row that was there all the time has been seen. What was made or changed meanwhile is asked for afterwards by its
date, where the set has one; elsewhere the next inventory sees it. Where rows went, such a set is read again, a few
times, since what was read of it is not what there is.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Final

from ams_operator.domain.model import JSON
from ams_operator.migration import odata

PAGE: Final = 1000
"""rows of a page: the most that the service gives"""
MOST_PAGES: Final = 20_000
READINGS: Final = 3
"""of a set that has no dates and that rows go from"""
SKEW: Final = timedelta(minutes=5)
"""how far the service's clock may be behind the one that dates our beginning"""


@dataclass(frozen=True, slots=True)
class Ask:
    """One page: rows from `skip` on, of those changed since `since` only; `count`: how many are there in all?

    `where` is a `$filter` of one comparison, or of several joined by `or` in parentheses."""

    skip: int = 0
    since: datetime | None = None
    count: bool = False
    where: str = ""


Read = Callable[[Ask], Awaitable[odata.Rows]]
"""Raises NotTaken where the service refuses the question."""


async def counted(read: Read) -> int:
    """How many rows a set has whose service does not say: which places have one tells it in a few questions, and in no
    memory. Raises EndlessSet, and what `read` raises."""

    async def has(place: int) -> bool:
        page = await read(Ask(place))
        return bool(page.rows or page.strangers)

    if not await has(0):
        return 0
    low, high = 0, 1  # there is a row at `low`
    while await has(high):
        low, high = high, 2 * high
        if high > MOST_PAGES * PAGE:
            raise EndlessSet(f"it goes on after {low} rows")
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if await has(middle) else (low, middle)
    return high


class NotTaken(Exception):
    """The service does not take this query."""


class EndlessSet(Exception):
    """A set that does not end: the server repeats itself, or rows come faster than they are read."""


@dataclass(slots=True)
class Passage:
    """How reading a set goes."""

    rows: int = 0
    """different rows seen"""
    strangers: int = 0
    """what was no object, or had no key"""
    pages: int = 0
    moved: bool = False
    """rows went before our place while we read; those that only came hide none"""
    settled: bool = False
    """what was there from beginning to end has been seen, and what came meanwhile was asked for, where it can be"""
    total: int | None = None
    """how many rows there are, as the service says"""


@dataclass(slots=True)
class Walk:
    """One set on its way through its readings. `dated` names the column that tells when a row changed."""

    read: Read
    key: str
    dated: str | None
    begun: datetime
    passage: Passage = field(default_factory=Passage)
    most: int = PAGE
    """rows of a page, by which a shorter one is known to be the last"""
    _seen: set[int] = field(default_factory=set)

    async def pages(self) -> AsyncIterator[list[JSON]]:
        """All rows, page by page, each once: as it was when it was read first.

        Raises EndlessSet, NotTaken where even the plainest query is refused, and what `read` raises.
        """
        for _ in range(READINGS):
            self.passage.moved = False
            async for fresh in self._reading():
                yield fresh
                del fresh
            if self.dated is not None or not self.passage.moved:
                break
        if self.passage.pages == 1:
            self.passage.settled = True  # one page is one moment
            return
        self.passage.settled = not self.passage.moved
        if self.dated is not None:
            async for fresh in self._since(self.dated):
                yield fresh
        self.passage.settled &= await self._counted()

    async def _reading(self) -> AsyncIterator[list[JSON]]:
        skip, back = 0, 1
        # What this reading has seen: all that was seen at all, when it is the first.
        here: set[int] = set() if self.passage.pages else self._seen
        last: int | None = None
        while True:
            page = await self._page(Ask(skip, count=self.passage.pages == 0))
            good, marks = _keyed(page.rows, self.key)
            if skip and (not marks or marks[0] not in here):
                # Our place is behind the end of what is left, or nobody knows what stood before this page. Where the
                # last row that was seen stands on it, a row only came just before that one.
                self.passage.moved |= last not in marks
                skip, back = max(0, skip - back), back * 4
                continue
            self.passage.strangers += page.strangers + len(page.rows) - len(good)
            fresh = self._fresh(good, marks)
            if here is not self._seen:
                here.update(marks)
            size = len(page.rows) + page.strangers
            ended = self._ended(page, skip, size)
            back, last = 1, marks[-1] if marks else None
            skip += max(1, size - 1) if marks else size
            del page, good  # before the next one comes: two of them at once cost more than memory
            if fresh:
                yield fresh
            del fresh
            if ended:
                return

    async def _since(self, dated: str) -> AsyncIterator[list[JSON]]:
        """What was made since our beginning and not seen yet."""
        since, skip = self.begun - SKEW, 0
        try:
            while True:
                page = await self._page(Ask(skip, since))
                if fresh := self._fresh(*_keyed([row for row in page.rows if _later(row, dated, since)], self.key)):
                    yield fresh
                if self._ended(page, skip, len(page.rows)):
                    self.passage.settled = True
                    return
                skip += len(page.rows)
        except NotTaken:
            return

    async def _page(self, ask: Ask) -> odata.Rows:
        if self.passage.pages >= MOST_PAGES:
            raise EndlessSet(f"it goes on after {MOST_PAGES} pages")
        page = await self.read(ask)
        if not ask.count:  # who counts unasked, and more than there are, would be asked for the rest for ever
            page = replace(page, count=None)
        self.passage.pages += 1
        if page.count is not None and ask.since is None:
            self.passage.total = page.count
        return page

    async def _counted(self) -> bool:
        """Whether as many were seen as there are; asked once more, since some may have gone after they were counted."""
        counted = self.passage.rows + self.passage.strangers
        if self.passage.total is None or counted >= self.passage.total:
            return True
        await self._page(Ask(count=True))
        return counted >= self.passage.total

    def _ended(self, page: odata.Rows, skip: int, size: int) -> bool:
        if not size:
            return True
        if page.more or size >= self.most:
            return False
        return page.count is None or skip + size >= page.count

    def _fresh(self, rows: Sequence[JSON], marks: list[int]) -> list[JSON]:
        seen, here = self._seen, set(marks)
        if len(here) != len(marks):
            once = dict(zip(reversed(marks), reversed(rows), strict=True))
            rows, marks = list(once.values())[::-1], list(once)[::-1]
        # Nearly every page: its first row is the one that is looked for, and all others are new.
        begin = bool(marks and marks[0] in seen)
        here.difference_update(marks[:begin])
        if seen.isdisjoint(here):
            found = list(rows[begin:])
        else:
            found = [row for row, mark in zip(rows, marks, strict=True) if mark not in seen]
        seen |= here
        self.passage.rows += len(found)
        return found


def _keyed(rows: Sequence[JSON], key: str) -> tuple[Sequence[JSON], list[int]]:
    """Rows that have a key, and what each is remembered by: its hash, a third of an id's memory. That two of a million
    share one has a chance of one in 37 million."""
    try:
        keys = list(map(itemgetter(key), rows))
        if all(keys):
            return rows, list(map(hash, map(str.lower, keys)))
    except (KeyError, TypeError):
        pass
    rows = [row for row in rows if isinstance(one := row.get(key), str) and one]
    return rows, [hash(row[key].lower()) for row in rows]


def _later(row: JSON, dated: str, since: datetime) -> bool:
    when = odata.moment(row.get(dated))
    return when is None or when >= since
