"""What is told of a migration: only where something changed, bounded, and by questions that each service takes."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from unittest.mock import AsyncMock, Mock

import pytest

from ams_operator.api.migration import InventoryStatus
from ams_operator.api.reasons import Reason
from ams_operator.backends.backend import ArmBackend
from ams_operator.backends.pipeline import Reply
from ams_operator.domain.answers import NoAnswer, NotSent, Page, Resource
from ams_operator.domain.model import AccountId
from ams_operator.migration import odata, reporting, rights, settings, telling
from ams_operator.migration.census import Census
from ams_operator.migration.client import V2Client
from ams_operator.migration.conditions import Finding, Type
from ams_operator.migration.entities import SETS, EntitySet
from ams_operator.migration.inputs import AccessRead, ChannelSeen, ChannelsRead, Inputs, JobPoll, JobSeen, JobsRead
from ams_operator.migration.kept import Kept
from ams_operator.migration.model import Judgement, Progress, gap, maps
from ams_operator.migration.paging import Ask, NotTaken
from ams_operator.migration.polls import Jobs
from ams_operator.migration.ports import Target, Way
from ams_operator.migration.reduce import keyed
from ams_operator.migration.tally import Tally
from ams_operator.migration.target import TargetReader
from ams_operator.migration.teller import Teller
from ams_operator.migration.trouble import Access
from ams_operator.migration.watch import calm

NOW = 1_700_000_000.0
ACCOUNT = AccountId("s", "g", "a")


def _account(status: dict[str, Any] | None = None, **changes: Any) -> Resource:
    found = Resource(
        "MediaServicesAccount", "n", "a", "uid", 1, "5", "", None, (), {}, {"subscriptionId": "s"}, status or {}
    )
    return replace(found, **changes)


def _findings(status: str = "True", reason: str = "Fine") -> list[Finding]:
    return [Finding(one, status, reason, "said", 1, 2) for one in Type]


def test_an_equal_body_is_not_written_and_others_conditions_do_not_count() -> None:
    wanted = telling.body(_findings(), _account(), NOW, endpoint="https://v2", report="a")
    ready = {"type": "Ready", "status": "True"}
    status = {"conditions": [ready, *reversed(wanted["conditions"])], "migration": wanted["migration"], "record": {}}
    later = telling.body(_findings(), _account(status), NOW + 500, endpoint="https://v2", report="a")
    assert telling.equal(later, status)
    changed = telling.body(_findings("False"), _account(status), NOW + 500, endpoint="https://v2", report="a")
    assert not telling.equal(changed, status)
    assert {one["lastTransitionTime"] for one in changed["conditions"]} == {"2023-11-14T22:21:40Z"}
    assert not telling.equal(telling.body(_findings(), _account(status, generation=2), NOW), status)


def test_status_says_that_version_3_is_listed() -> None:
    watch = Mock(kept=Kept("a", keyed(b"a")), reading=Progress("version 3: Asset", 2000))
    shown = Teller.progress(Mock(watch=watch))
    assert shown == {"done": 0, "all": len(SETS), "reading": "version 3: Asset", "rows": 2000}
    InventoryStatus.model_validate(shown)


def test_progress_alone_is_told_from_news() -> None:
    def body(reason: str, done: int, rows: int) -> dict[str, Any]:
        inventory = {"done": done, "all": 26, "reading": "Assets", "rows": rows}
        return telling.body(_findings(reason=reason), _account(), NOW, inventory=inventory)

    status = body("Fine", 3, 1000)
    assert telling.only_progress(body("Fine", 3, 2000), status)
    assert not telling.only_progress(body("Fine", 4, 2000), status)
    assert not telling.only_progress(body("Worse", 3, 2000), status)
    assert not telling.only_progress(body("Fine", 3, 2000), {})


def test_a_restart_is_no_news() -> None:
    told = telling.body(_findings(), _account(), NOW)
    unknown = _findings("Unknown", "InputsMissing")
    assert telling.forgets(unknown, _account(told))
    assert not telling.forgets(_findings("False"), _account(told))
    assert not telling.forgets(unknown, _account(told, generation=2)), "of another manifest"
    assert not telling.forgets(unknown, _account())
    retired = telling.body(_findings(reason=telling.RETIRED), _account(), NOW)
    assert not telling.forgets(unknown, _account(retired))


def test_channels_that_were_switched_are_remembered() -> None:
    first = [replace(one, switched=frozenset({"c1"}) if one.type == Type.LIVE else frozenset()) for one in _findings()]
    status = telling.body(first, _account(), NOW)
    assert telling.remembered(status).switched == {"c1"}
    assert telling.body(_findings(), _account(status), NOW)["migration"]["switched"] == ["c1"]
    assert telling.remembered(status).complete


def test_the_annotation_is_the_switch() -> None:
    modes = {"true": "true", " True": "true", "retired": "retired", "RETIRED": "retired", "false": "", "False": ""}
    for value, mode in {**modes, **dict.fromkeys(("yes", "", "tru e"), settings.UNREADABLE)}.items():
        assert settings.mode(_account(annotations={"ams-operator.dev/v2-source": value})) == mode
    assert settings.mode(_account()) == ""
    assert settings.rests(_account(spec={"managementPolicy": "Pause"}))
    assert settings.rests(_account(deleting="2026-01-01T00:00:00Z"))
    assert not settings.rests(_account())
    with pytest.raises(settings.Unreadable, match=r"spec\.migration\.quietPeriod"):
        settings.config(_account(spec={"migration": {"quietPeriod": 5}}))
    there = _account(spec={"migration": {"targetAccountRef": {"name": "b"}}})
    assert settings.identity(there) != settings.identity(_account(spec={}))
    assert settings.identity(_account(spec={"migration": {"targetAccountRef": {"name": "a"}}})) == settings.identity(
        _account(spec={})
    )


def test_an_inventory_answers_only_what_it_was_asked() -> None:
    def identity(**migration: Any) -> str:
        return settings.identity(_account(spec={"subscriptionId": "s", "migration": migration}))

    there = {"name": "b"}
    asked: list[dict[str, Any]] = [{}, {"locators": "Republish"}, {"quietPeriod": "P30D"}, {"targetAccountRef": there}]
    assert len({identity(**one) for one in asked}) == len(asked)
    same = [{"locators": "Keep"}, {"quietPeriod": "P7D"}, {"freezeJobsAfter": "2026-01-01T00:00:00Z"}]
    assert {identity(**one) for one in same} == {identity()}, "else each of them would cost an inventory"
    assert identity(targetAccountRef=there, locators="Republish") == identity(targetAccountRef=there), "it is, anyway"


def _large_census() -> Census:
    """The most that tallies keep, with long names."""
    census = Census("a", "2026-01-01T00:00:00Z")
    for name in SETS:
        tally = census.tallies[name] = Tally()
        for number in range(1500):
            label, fields = "\u20ac" * 119 + str(number), {"outputs": [{"preset": "x" * 400 + str(number)}]}
            found = maps("Transform", f"{name}-{number}-" + "n" * 200, f"why {number % 40}" * 20, fields)
            evidence = (("slate", label), (f"gap-{number % 90}", label))
            tally.add(label, number, Judgement(found, evidence, (f"blocker-{number % 30}",)))
        tally.add("odd", 1, Judgement(gap("undocumented", "odd")))
        tally.evidence = {name: group for name, group in tally.evidence.items() if name == "slate"}
        tally.blockers = {}
    return census


def test_a_report_is_bounded_whatever_the_account_holds() -> None:
    seen = ChannelSeen("c" * 900, "\u20ac" * 300, "Running")
    inputs = Inputs(
        NOW,
        access=AccessRead(NOW, 60.0, Access.REACHABLE),
        channels=ChannelsRead(NOW, 60.0, tuple(replace(seen, id=f"{seen.id}{number}") for number in range(200))),
    )
    body = reporting.content(inputs, _findings(), _large_census(), {"done": 26, "all": 26})
    assert len(json.dumps(body, ensure_ascii=False).encode()) <= reporting.LARGEST
    assert body["truncated"]["targets"] > 10_000
    assert (len(body["channels"]), body["truncated"]["channels"]) == (50, 150)
    assert {one["type"] for one in body["conditions"]} == set(Type)
    assert len(body["sets"]) == len(SETS)
    small = reporting.content(Inputs(NOW), _findings(), Census("a", ""), None)
    assert "truncated" not in small


def test_a_report_names_no_blocker_of_what_is_done() -> None:
    census = Census("a", "2026-01-01T00:00:00Z")
    tally = census.tallies["Locators"] = Tally()
    tally.add("a locator", 1, Judgement(maps("StreamingLocator", "t", "why"), (), ("not-visible",)))
    for status, blockers in (("False", 1), ("True", 0)):
        assert len(reporting.content(Inputs(NOW), _findings(status), census, None)["blockers"]) == blockers


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
    reader = TargetReader(lambda: clock[0], 60.0, 60.0)
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
    reader = TargetReader(lambda: clock[0], 60.0, 60.0)

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
