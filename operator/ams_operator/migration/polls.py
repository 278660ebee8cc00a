"""The cheap looks at version 2 between two inventories: channels, programs, and jobs in flight."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final, TypeVar

from ams_operator.domain.answers import Lane
from ams_operator.domain.model import JSON
from ams_operator.migration import odata
from ams_operator.migration.client import V2Client
from ams_operator.migration.entities import EntitySet
from ams_operator.migration.inputs import ChannelSeen, JobPoll, JobSeen, JobsRead, ProgramSeen
from ams_operator.migration.kept import Kept
from ams_operator.migration.mapping.encoding import IN_FLIGHT, OVER, state_of
from ams_operator.migration.paging import PAGE, SKEW, Ask, EndlessSet, NotTaken, Walk
from ams_operator.migration.trouble import Access, NotReadable

log = logging.getLogger(__name__)
T = TypeVar("T")
_DATES: Final = ("Created", "LastModified")
CHANNELS: Final = EntitySet("Channels", ("Id", "Name", *_DATES, "State"), dated="LastModified")
PROGRAMS: Final = EntitySet("Programs", ("Id", "Name", "ChannelId", "State", *_DATES), dated="LastModified")
JOBS: Final = EntitySet("Jobs", ("Id", "Name", *_DATES, "State"), dated="Created")
"""dated by its making, so that the newest ones can be asked for"""
_WINDOWS: Final = (timedelta(hours=1), timedelta(days=1), timedelta(days=7), timedelta(days=91))
"""how far back the newest job is looked for, until one is found; records end after 90 days"""
_EXACT: Final = timedelta(seconds=1)
"""within which of too many jobs for a page it does not matter which one is the newest"""


async def read_channels(client: V2Client, now: float) -> tuple[ChannelSeen, ...]:
    """All channels. Raises NotReadable, and what a set that can't be read raises."""
    return tuple(
        ChannelSeen(row["Id"], _name(row), odata.text(row.get("State")), *_times(row))
        for row in await _all(client, CHANNELS, now, whole=True)
    )


async def read_programs(client: V2Client, now: float) -> tuple[ProgramSeen, ...]:
    """All programs. Raises as `read_channels` does."""
    return tuple(
        ProgramSeen(row["Id"], _name(row), odata.text(row.get("ChannelId")), odata.text(row.get("State")))
        for row in await _all(client, PROGRAMS, now, whole=True)
    )


async def tried(what: str, look: Awaitable[None], probe: Callable[[], Awaitable[None]], uid: str) -> str:
    """Look at something, and say why there was nothing to see although version 2 answers: what rests on it grows stale,
    and nothing else does. Raises NotReadable where version 2 does not."""
    try:
        await look
    except (NotTaken, EndlessSet) as error:
        log.warning("a poll of version 2 for %s is not understood: %s", what, error, extra={"about": {"uid": uid}})
        return f"and does not show {what} (what it answers is not understood: {error})"
    except NotReadable as error:
        if error.reason is Access.THROTTLED:
            raise
        if error.status is None:  # no answer at all: it may be away by now, or be too slow for this one question
            await probe()
        return f"and does not show {what} ({error.said})"
    return ""


async def unless_absent(kept: Kept, name: str, look: Awaitable[T], nothing: T) -> T:
    """What is seen; `nothing` of a set that version 2 has not, which is not known by one 404 alone."""
    try:
        found = await look
    except NotReadable as error:
        if error.missing and kept.absent(name):
            return nothing
        raise
    kept.given(name)
    return found


class Jobs:
    """The poll of jobs. It learns which questions the service takes, and asks the others no more."""

    def __init__(self, client: V2Client, now: Callable[[], float]) -> None:
        self._client, self._now = client, now
        self._joined = self._filtered = self._dated = True
        self._newest: datetime | None = None
        self._none_until: datetime | None = None
        """there was no job at all when it was"""

    async def read(self, freeze: float | None) -> JobPoll:
        """One complete poll. Raises as `read_channels` does."""
        began = self._now()
        rows = await self._in_flight()
        flying = tuple(
            JobSeen(row["Id"], _name(row), state, *_times(row)) for row in rows if (state := state_of(row)) not in OVER
        )
        await self._find_newest(rows)
        newest = self._newest.timestamp() if self._newest is not None else None
        return JobPoll(began, flying, newest, await self._since(freeze) if freeze is not None else 0)

    async def _in_flight(self) -> list[JSON]:
        """Those that are not over, whatever their state; where the service does not take that question, each state that
        is known by itself; where it takes none, all jobs."""
        each = [f"State eq {state}" for state in IN_FLIGHT]
        if self._filtered and self._joined:
            try:
                return await _all(self._client, JOBS, self._now(), " and ".join(f"State ne {state}" for state in OVER))
            except NotTaken:
                self._joined = False
        if self._filtered:
            try:
                found = [await _all(self._client, JOBS, self._now(), one) for one in each]
                return list({row["Id"]: row for rows in found for row in rows}.values())
            except NotTaken:
                self._filtered = False
        return await _all(self._client, JOBS, self._now())

    async def _find_newest(self, rows: list[JSON]) -> None:
        """When the newest job was made. Once one is known, only what was made after its second is asked for, which it
        may share with more than can be read each minute; where there was none at all, what was made since then."""
        for row in rows:
            self._learn(row)
        now = datetime.fromtimestamp(self._now(), UTC)
        after = self._newest.replace(microsecond=0) + _EXACT if self._newest is not None else None
        known, until = after or self._none_until, now
        for since in [known] if known is not None else [now - window for window in _WINDOWS]:
            if await (self._learn_since(since, until) if self._dated else self._learn_all()):
                return
            until = since
        self._none_until = now - SKEW

    async def _learn_since(self, since: datetime, until: datetime) -> bool:
        """Whether any was made from `since` on; if so, the newest is known, to a second. Of more than a page the rest
        is not read: what is newer than halfway to `until`, by when all were made, is asked for next."""
        asked, found = since, False
        while True:
            try:
                page = await self._client.page(JOBS, Ask(0, asked))
            except NotTaken:
                self._dated = False
                return await self._learn_all()
            for row in page.rows:
                self._learn(row)
            if page.rows and _whole(page):
                return True
            if page.rows and self._newest is not None:
                since, found = max(asked, self._newest), True
            else:
                until = asked
            if until - since <= _EXACT:
                return found
            asked = since + (until - since) / 2

    async def _learn_all(self) -> bool:
        """The same of all jobs, where the service does not take dates."""
        found = False
        async for rows in _walk(self._client, JOBS, self._now()).pages():
            for row in rows:
                self._learn(row)
                found = True
        return found

    def _learn(self, row: JSON) -> None:
        made = odata.moment(row.get("Created"))
        if made is not None and (self._newest is None or made > self._newest):
            self._newest = made

    async def _made_since(self, since: datetime) -> list[JSON]:
        if self._dated:
            try:
                return await _pages(self._client, JOBS, since)
            except NotTaken:
                self._dated = False
        return await _all(self._client, JOBS, self._now())

    async def _many_since(self, since: datetime) -> int:
        """How many, where the service counts them and they are more than stand on a page: they are too many to be
        looked at each minute. Else 0."""
        with contextlib.suppress(NotTaken):
            page = await self._client.page(JOBS, Ask(0, since, count=True), top=1)
            if page.count is not None and page.count > PAGE:
                last = await self._client.page(JOBS, Ask(page.count - 1, since), top=1)
                return page.count if last.rows else 0  # who counts all jobs, whenever they were made, has none there
        return 0

    async def _since(self, freeze: float) -> int:
        """How many jobs were made from then on."""
        since = datetime.fromtimestamp(freeze, UTC)
        if self._dated and (many := await self._many_since(since)):
            return many
        rows = await self._made_since(since)
        return sum((made := odata.moment(row.get("Created"))) is not None and made >= since for row in rows)


def calm(before: JobsRead, poll: JobPoll) -> tuple[JobPoll, ...]:
    """The first and the last poll of those in a row that show nothing in flight, or the last one. How far apart
    they are does not matter: what was made in between shows as the newest job."""
    still = bool(before.polls) and not before.polls[-1].in_flight
    return (before.polls[0], poll) if still and not poll.in_flight else (poll,)


async def _all(
    client: V2Client, entities: EntitySet, now: float, where: str = "", *, whole: bool = False
) -> list[JSON]:
    """The rows of a set, or of the part of it that fits. Raises NotReadable, NotTaken and EndlessSet; `whole`: also
    where fewer are listed than counted, so that those that lack seem to be gone."""
    walk = _walk(client, entities, now, where)
    found = [row async for rows in walk.pages() for row in rows]
    if whole and not walk.passage.settled:
        # Without figures, since a condition says it and nothing in one moves by itself.
        raise EndlessSet(f"it lists fewer {entities.name} than it counts")
    return found


def _walk(client: V2Client, entities: EntitySet, now: float, where: str = "") -> Walk:
    async def read(ask: Ask) -> odata.Rows:
        return await client.page(entities, replace(ask, where=where), lane=Lane.SWEEP)

    return Walk(read, entities.key, None if where else entities.dated, datetime.fromtimestamp(now, UTC))


async def _pages(client: V2Client, entities: EntitySet, since: datetime) -> list[JSON]:
    """The rows that are dated `since` or later; an order that moves shows one twice, which does no harm here."""
    found: dict[str, JSON] = {}
    skip = 0
    while True:
        page, known = await client.page(entities, Ask(skip, since)), len(found)
        found |= {row[entities.key]: row for row in page.rows if isinstance(row.get(entities.key), str)}
        skip += len(page.rows) + page.strangers
        # A page without anything new: who repeats himself would be asked for ever.
        if len(found) == known or _whole(page):
            return list(found.values())


def _whole(page: odata.Rows) -> bool:
    """Whether nothing comes after it."""
    return not page.more and len(page.rows) + page.strangers < PAGE


def _name(row: JSON) -> str:
    return odata.text(row.get("Name"))[:120] or odata.guid(row.get("Id")) or str(row.get("Id"))[:120]


def _times(row: JSON) -> tuple[float | None, float | None]:
    made, changed = odata.moment(row.get("Created")), odata.moment(row.get("LastModified"))
    return (made.timestamp() if made else None), (changed.timestamp() if changed else None)
