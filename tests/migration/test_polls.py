"""What is looked at each minute: rights, the target's collections, and jobs, by questions that each service takes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from unittest.mock import AsyncMock

import pytest

from ams_operator.api.reasons import Reason
from ams_operator.backends.backend import ArmBackend
from ams_operator.backends.pipeline import Reply
from ams_operator.backends.urls import KEY_POLICY, STREAMING_POLICY
from ams_operator.domain.answers import NoAnswer, NotSent, Page
from ams_operator.domain.model import AccountId
from ams_operator.migration import odata, rights
from ams_operator.migration.client import V2Client
from ams_operator.migration.entities import EntitySet
from ams_operator.migration.inputs import JobPoll, JobSeen, JobsRead
from ams_operator.migration.paging import PAGE, Ask, EndlessSet, NotTaken
from ams_operator.migration.polls import Jobs, calm, read_channels
from ams_operator.migration.ports import Target, Way
from ams_operator.migration.reduce import keyed
from ams_operator.migration.target import TargetReader

ACCOUNT = AccountId("s", "g", "a")


@dataclass
class _Backend:
    """Answers as it is told; counts what it is asked."""

    reply: Reply | None = None
    azure: bool = True
    lists: dict[str, int] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    origin: str = "https://there"

    async def exchange(self, request: Any, *_: Any) -> tuple[float, Reply]:
        self.asked.append(request.url)
        if self.reply is None:
            raise NoAnswer("EndpointUnreachable", "away")
        return 0.0, self.reply

    async def get(self, *_: Any) -> Any:
        raise NoAnswer("EndpointUnreachable", "away")

    async def list(self, _: Any, kind: str, parents: tuple[str, ...], __: Any, following: str | None) -> Page:
        self.asked.append(kind)
        page = int(following or 0) + 1
        item = {"name": f"{kind}{page}", "properties": {"n": page}}
        return Page((item,), 0.0, str(page) if page < self.lists.get(kind, 1) else None)


def _reply(status: int, body: Any) -> Reply:
    return Reply(status, {}, body)


@pytest.mark.parametrize(
    ("reply", "azure", "lacking"),
    [
        (_reply(200, {"value": [{"actions": ["*"], "notActions": []}]}), True, 0),
        (_reply(200, {"value": [{"actions": ["Microsoft.Media/*"]}]}), True, 0),
        (_reply(200, {"value": [{"actions": ["*/read"]}, {"actions": ["microsoft.media/*/WRITE"]}]}), True, 2),
        (_reply(200, {"value": [{"actions": ["*"], "notActions": ["*/action"]}]}), True, 2),
        (_reply(200, {"value": [{"actions": ["*"], "notActions": ["*"]}, {"actions": ["*"]}]}), True, 0),
        (_reply(200, {"value": []}), True, len(rights.NEEDED)),
        (_reply(200, {"value": [5, {"actions": "*"}]}), True, len(rights.NEEDED)),
        (_reply(403, None), True, None),
        (_reply(404, None), True, None),
        (_reply(404, None), False, 0),
        (None, True, None),
    ],
)  # fmt: skip
async def test_rights(reply: Reply | None, azure: bool, lacking: int | None) -> None:
    found = await rights.missing(cast("ArmBackend", _Backend(reply, azure)), ACCOUNT)
    assert (len(found) if found is not None else None) == lacking


async def test_a_collection_is_read_as_often_as_its_size_allows() -> None:
    clock = [1000.0]
    backend = _Backend(lists={"Transform": 10})
    reader = TargetReader(lambda: clock[0], 60.0, 60.0, keyed(b"test"))
    way = Way(cast("ArmBackend", backend), ACCOUNT)
    target = Target("uid", "n", "a", way)
    await reader.read(target, ())
    assert (reader.account.reason, backend.asked) == ("EndpointUnreachable", []), (
        "an account that is away lists nothing"
    )
    for _ in range(10):
        for kind in ("Transform", "LiveEvent"):
            if reader.is_due(kind):
                await reader.list(way, kind, [()])
        clock[0] += 60.0
    assert backend.asked.count("LiveEvent") == 10
    assert backend.asked.count("Transform") <= 20
    assert len(reader.lists["Transform"].items) == 10
    assert reader.lists["Transform"].fresh(clock[0])


async def test_a_wrong_credential_of_the_target_is_tried_with_growing_pauses_and_another_one_at_once() -> None:
    clock = [1000.0]
    reader = TargetReader(lambda: clock[0], 60.0, 60.0, keyed(b"test"))

    def backend() -> AsyncMock:
        return AsyncMock(get=AsyncMock(side_effect=NotSent(Reason.CREDENTIAL_REJECTED, "it is wrong")))

    wrong, other = backend(), backend()
    for _ in range(60):
        await reader.read(Target("uid", "n", "a", Way(wrong, ACCOUNT)), ())
        assert reader.account.reason == "SignInRejected"
        assert reader.account.fresh(clock[0])
        clock[0] += 60.0
    assert wrong.get.await_count == 9, "after 1, 3, 7, 15, 25, 35, 45 and 55 minutes"
    await reader.read(Target("uid", "n", "a", Way(other, ACCOUNT)), ())
    assert other.get.await_count == 1


class _Version2:
    """Jobs of a service that refuses what it is told to refuse."""

    def __init__(self, refuses: tuple[str, ...], rows: list[dict[str, Any]]) -> None:
        self.refuses, self.rows, self.asked = refuses, rows, list[str]()

    async def page(self, entities: EntitySet, ask: Ask, **_: Any) -> odata.Rows:
        question = ask.where or (f"{entities.dated} ge" if ask.since else "all")
        self.asked.append(question)
        if any(word in question for word in self.refuses):
            raise NotTaken(question)
        found = self.rows
        if ask.where:
            over = " ne " in ask.where
            found = [row for row in found if over != (f"State {'ne' if over else 'eq'} {row['State']}" in ask.where)]
        if ask.since:
            found = [row for row in found if odata.moment(row["Created"]) >= ask.since]  # type: ignore[operator]  # a date
        return odata.Rows(tuple(found[ask.skip :]))


@pytest.mark.parametrize("refuses", [(), (" and ",), ("State",), ("State", "Created"), (" and ", "Created")])
async def test_jobs_are_found_by_whatever_the_service_takes(refuses: tuple[str, ...]) -> None:
    now = datetime(2026, 1, 10, tzinfo=UTC)

    def job(number: int, state: int, days: float) -> dict[str, Any]:
        made = f"{now - timedelta(days=days):%Y-%m-%dT%H:%M:%S}"
        return {"Id": f"nb:jid:UUID:{number:036}", "Name": f"job {number}", "State": state, "Created": made}

    service = _Version2(refuses, [job(1, 2, 3), job(2, 3, 0.5), job(3, 0, 40), job(4, 6, 5), job(5, 4, 80)])
    jobs = Jobs(cast("V2Client", service), now.timestamp)
    freeze = (now - timedelta(days=4)).timestamp()
    for _ in range(2):
        poll = await jobs.read(freeze)
        assert {one.name for one in poll.in_flight} == {"job 1", "job 3", "job 4"}
        assert poll.newest == (now - timedelta(days=0.5)).timestamp()
        assert poll.after_freeze == 2
    first, service.asked = len(service.asked), []
    await jobs.read(freeze)
    assert not [question for question in service.asked if any(word in question for word in refuses)]
    assert len(service.asked) <= first / 2


@dataclass
class _Archive:
    """Many jobs that are long over, in pages, the oldest first."""

    dates: list[datetime]
    pages: list[int] = field(default_factory=list)

    async def page(self, _: EntitySet, ask: Ask, **__: Any) -> odata.Rows:
        found = [one for one in self.dates if ask.since is None or one >= ask.since] if not ask.where else []
        found = found[ask.skip : ask.skip + PAGE]
        self.pages.append(len(found))
        return odata.Rows(tuple({"Id": f"{one:%s%f}", "Created": f"{one:%Y-%m-%dT%H:%M:%S.%f}"} for one in found))


@pytest.mark.parametrize("burst", [timedelta(minutes=1), timedelta(milliseconds=1)])
async def test_of_many_jobs_no_more_is_read_than_tells_the_newest(burst: timedelta) -> None:
    """An account that is being left: none in the last days, and before that thousands a day, or in one moment."""
    now = datetime(2026, 1, 10, tzinfo=UTC)
    dates = [now - timedelta(days=8) - burst * number for number in reversed(range(100_000))]
    archive = _Archive(dates)
    jobs = Jobs(cast("V2Client", archive), now.timestamp)
    poll = await jobs.read(None)
    assert poll.newest is not None
    assert abs(poll.newest - max(dates).timestamp()) <= 1.0
    assert len(archive.pages) <= 40
    await jobs.read(None)  # the date that it found is right to a second
    archive.pages.clear()
    poll = await jobs.read(None)
    assert abs((poll.newest or 0.0) - max(dates).timestamp()) <= 1.0
    assert archive.pages == [0, 0], "what is in flight, and what is newer"
    archive.pages.clear()
    archive.dates.append(now)
    assert (await jobs.read(None)).newest == now.timestamp()
    assert len(archive.pages) <= 40


def test_polls_in_a_row_that_show_nothing_keep_their_beginning() -> None:
    def read(*polls: JobPoll) -> JobsRead:
        return JobsRead(polls, 60.0)

    empty, busy = [JobPoll(float(at)) for at in range(0, 400, 60)], JobPoll(70.0, (JobSeen("i", "n", 2),))
    found = read()
    for poll in empty:
        found = read(*calm(found, poll))
    assert [one.at for one in found.polls] == [0.0, 360.0]
    assert calm(found, replace(busy, at=400.0)) == (replace(busy, at=400.0),)
    assert calm(read(busy), JobPoll(130.0)) == (JobPoll(130.0),)
    assert [one.at for one in calm(found, JobPoll(9000.0))] == [0.0, 9000.0], "nobody looked for a while"


class _Short:
    """Version 2, that counts more channels than it lists."""

    async def page(self, entities: EntitySet, ask: Ask, **_: Any) -> odata.Rows:
        rows = ({"Id": "nb:chid:UUID:1", "State": "Stopped"},) if not ask.skip and ask.since is None else ()
        return odata.Rows(rows, count=2 if ask.count else None)


async def test_a_channel_that_is_counted_and_not_listed_is_not_taken_for_gone() -> None:
    with pytest.raises(EndlessSet, match="it lists fewer Channels than it counts"):
        await read_channels(cast("V2Client", _Short()), 1e9)


async def test_policies_that_version_3_merely_shows_are_not_held(monkeypatch: pytest.MonkeyPatch) -> None:
    """There may be one for each of 100,000 assets, and none of them takes another one's place."""
    old, new = "8cb39104-122c-496e-9ac5-7f9e2c2547b8", "11111111-122c-496e-9ac5-7f9e2c2547b8"
    named = [(old, old.upper()), ("films", new), (new, old), ("odd", None)]

    async def listed(_: Any, kind: str, *__: Any) -> Page:
        return Page(tuple({"name": name, "properties": {"policyId": one} if one else None} for name, one in named), 0.0)

    backend, reader = _Backend(), TargetReader(lambda: 0.0, 60.0, 60.0, keyed(b"test"))
    monkeypatch.setattr(backend, "list", listed)
    for kind in (KEY_POLICY, STREAMING_POLICY, "Transform"):
        await reader.list(Way(cast("ArmBackend", backend), ACCOUNT), kind, [()])
    held = {kind: set(one.items) for kind, one in reader.lists.items()}
    assert held == {KEY_POLICY: {"films", new, "odd"}, STREAMING_POLICY: {"films", "odd"},
                    "Transform": {name for name, _ in named}}  # fmt: skip
