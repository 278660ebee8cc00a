"""One question of version 2 that gets no answer, too many answers, or the same one for ever: it is alone with that."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from ams_operator.domain.answers import Answer
from ams_operator.migration import odata, polls, settings, visible
from ams_operator.migration.client import V2Client
from ams_operator.migration.conditions import Type
from ams_operator.migration.entities import EntitySet
from ams_operator.migration.inputs import ChannelsRead, JobsRead
from ams_operator.migration.kept import Kept
from ams_operator.migration.paging import PAGE, Ask, EndlessSet
from ams_operator.migration.polls import Jobs
from ams_operator.migration.ports import Way
from ams_operator.migration.tools import Tools
from ams_operator.migration.trouble import Access
from ams_operator.migration.watch import Watch

from .accounts import done, said
from .conftest import Source
from .telling_world import Clock, account_of
from .test_turns import SEAL, Reached

NOW = datetime(2026, 1, 2, tzinfo=UTC)
OLD, NEW = "8cb39104-122c-496e-9ac5-7f9e2c2547b8", "11111111-122c-496e-9ac5-7f9e2c2547b8"


async def watching(source: Source) -> Watch:
    backend = source.connector(source.policy(), source.account, source.credentials())
    clock = Clock()
    clock.at = time.time()
    tools = Tools(Reached(there=Way(backend, source.account)), clock, SEAL, seal=SEAL)
    return Watch(tools, "uid", Kept(await tools.identity(account_of()), SEAL), settings.config)


@pytest.mark.parametrize(("path", "what"), [("Jobs", "jobs"), ("Channels", "channels and programs")])
async def test_a_question_without_an_answer_is_alone_with_it_while_a_probe_is_answered(
    source: Source, path: str, what: str
) -> None:
    """Such as one that takes the service too long each time; else no inventory would ever be begun."""
    watch = await watching(source)
    source.emulator.control.fault("drop", {"path": f"/api/{path}", "count": 0}, how="close")
    await watch._poll()
    assert watch.access.reason is Access.REACHABLE
    assert f"and does not show {what} (" in watch.access.message
    assert watch._reachable.is_set()
    assert (watch.channels.at is None, not watch.jobs.polls) == (path == "Channels", path == "Jobs")


async def test_version_2_is_away_where_it_answers_a_probe_no_more(source: Source) -> None:
    watch, drop = await watching(source), source.emulator.control.fault
    drop("drop", {"path": "/api/Jobs", "count": 0}, how="close")
    drop("drop", {"path": "/api/StorageAccounts", "count": 0, "nth": 2}, how="close")
    await watch._poll()
    assert watch.access.reason is Access.UNREACHABLE
    assert not watch._reachable.is_set()


async def test_what_is_not_understood_is_told_and_logged_with_its_account(caplog: pytest.LogCaptureFixture) -> None:
    async def look() -> None:
        raise EndlessSet("it lists fewer Channels than it counts")

    async def probe() -> None:
        raise AssertionError("it did answer")

    said = await polls.tried("channels and programs", look(), probe, "uid")
    assert said == (
        "and does not show channels and programs "
        "(what it answers is not understood: it lists fewer Channels than it counts)"
    )
    assert [vars(record)["about"] for record in caplog.records] == [{"uid": "uid"}]


@pytest.mark.parametrize(
    ("condition", "unseen", "other"),
    [
        (Type.LIVE, {"channels": ChannelsRead()}, {"jobs": JobsRead()}),
        (Type.JOBS, {"jobs": JobsRead()}, {"channels": ChannelsRead()}),
    ],
)
def test_what_nobody_can_see_names_the_condition_that_says_why(
    condition: Type, unseen: dict[str, Any], other: dict[str, Any]
) -> None:
    why = "and does not show something (it lists fewer Channels than it counts)"
    for message, changes, named in ((why, unseen, True), ("", unseen, False), (why, other, False)):
        answers = replace(done().access, message=message)
        found = said(done(access=answers, **changes))
        assert found[condition].message.endswith("next: see V2AccessReady") is named
        assert (why in found[Type.ACCESS].message) is bool(message)


class Same:
    """Version 2 with a page of jobs, and the same page up to a place; it counts where it can."""

    def __init__(self, count: int | None = None, end: int = 10**6) -> None:
        self.count, self.end, self.asked = count, end, list[tuple[int, int]]()

    async def page(self, entities: EntitySet, ask: Ask, *, top: int = PAGE, **_: Any) -> odata.Rows:
        self.asked.append((ask.skip, top))
        assert len(self.asked) < 10, "it is asked for ever"
        job = {"State": 3, "Created": f"{NOW:%FT%T}"}
        rows = tuple(
            {"Id": f"nb:jid:UUID:{number:036}", **job}
            for number in range(top if ask.since and ask.skip < self.end else 0)
        )
        return odata.Rows(rows, count=self.count if ask.count else None)


@pytest.mark.parametrize(
    ("count", "end", "seen", "pages"),
    [(None, 10**6, PAGE, 4), (PAGE, 10**6, PAGE, 4), (70_000, 10**6, 70_000, 2), (70_000, PAGE, PAGE, 4)],
)
async def test_jobs_since_the_freeze_are_counted_and_not_all_looked_at(
    count: int | None, end: int, seen: int, pages: int
) -> None:
    """The last one counts all its jobs, whatever is asked."""
    service = Same(count, end)
    jobs = Jobs(cast("V2Client", service), NOW.timestamp)
    await jobs.read(None)
    service.asked.clear()
    poll = await jobs.read(NOW.timestamp() - 60.0)
    assert poll.after_freeze == seen
    # What is in flight, what is new since the newest one, and what is looked at where a count says little or nothing.
    assert [top for _, top in service.asked].count(PAGE) == pages


class _Rows:
    """Version 2's first locators."""

    async def page(self, *_: Any, **__: Any) -> odata.Rows:
        row = {"Type": 2, "AccessPolicyId": "nb:pid:UUID:x"}
        return odata.Rows(tuple({**row, "Id": f"nb:lid:UUID:{one}", "AssetId": f"nb:cid:UUID:{one}"}
                                for one in (OLD, NEW)))  # fmt: skip


class _Version3:
    """Assets, and the locators that each shows; None: there is no such asset."""

    def __init__(self, *shown: str | None) -> None:
        self.shown = dict(zip((OLD, NEW), shown, strict=True))

    async def action(self, address: Any, *_: Any) -> Answer:
        shown = self.shown[address.names[0]]
        body = None if shown is None else {"streamingLocators": [{"streamingLocatorId": shown}]}
        return Answer(404 if shown is None else 200, body, 0.0)


@pytest.mark.parametrize(
    ("shown", "found"), [((OLD, None), True), ((None, NEW), True), ((None, OLD), False), ((None, None), False)]
)
async def test_a_locator_that_outlived_its_asset_says_nothing_of_the_others(
    shown: tuple[str | None, ...], found: bool
) -> None:
    way = Way(cast("Any", _Version3(*shown)), cast("Any", None))
    assert await visible.asked(cast("V2Client", _Rows()), way, NOW.timestamp()) is found


def test_what_was_seen_to_show_is_not_undone_by_an_answer_that_was_lost() -> None:
    """Else a complete migration is unknown for an hour, whenever that one request fails."""
    assert [visible.after(True, found) for found in (None, True, False)] == [True, True, False]
    assert [visible.after(before, None) for before in (False, None)] == [None, None]
