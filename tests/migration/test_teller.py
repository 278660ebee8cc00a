"""What is told, and when: at once where it is known, calmly where nothing changed, never on somebody else's word."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from ams_operator.api.reasons import Reason
from ams_operator.domain.answers import Conflict, Foreign, KubeDown, KubeRefused, NotSent, Resource, Vanished
from ams_operator.domain.model import JSON
from ams_operator.migration import settings, telling
from ams_operator.migration.beside import Beside
from ams_operator.migration.conditions import Type
from ams_operator.migration.inputs import AccessRead, ChannelsRead, JobPoll, Managed
from ams_operator.migration.kept import Kept
from ams_operator.migration.ports import Target, Way
from ams_operator.migration.reduce import keyed
from ams_operator.migration.teller import REPORT_LOOK, Teller
from ams_operator.migration.tools import Tools
from ams_operator.migration.trouble import Access
from ams_operator.migration.watch import Watch
from ams_operator.migration.watches import Watches

NOW = 1_700_000_000.0
V2_SOURCE = "ams-operator.dev/v2-source"


class _Clock:
    """Time passes where a test says so; who sleeps lets others go first."""

    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> float:
        return self.at

    async def sleep(self, _: float) -> None:
        await asyncio.sleep(0)


def _account(value: str | None = "true") -> Resource:
    found = {} if value is None else {V2_SOURCE: value}
    return Resource("MediaServicesAccount", "n", "a", "uid", 1, "5", "", None, (), found, {"subscriptionId": "s"}, {})


@dataclass
class _Cluster:
    """One account and its report, and an API server that refuses what it is told to refuse."""

    held: Resource = field(default_factory=_account)
    report: JSON | None = None
    refusal: Exception | None = None
    no_way: NotSent = field(default_factory=lambda: NotSent(Reason.PROGRESSING, "not yet"))
    written: int = 0
    reported: int = 0
    places: dict[str, str] = field(default_factory=dict)
    """name of an account to what it stands for, where that is another one"""

    def accounts(self) -> Iterable[Resource]:
        return [self.held]

    def account(self, uid: str) -> Resource | None:
        return self.held if uid == self.held.uid else None

    def way(self, _: str) -> Way:
        raise self.no_way

    def place(self, source: Resource) -> str:
        name = source.spec.get("migration", {}).get("targetAccountRef", {}).get("name", source.name)
        return str(self.places.get(name, name))

    async def target(self, source: Resource) -> Target:
        return Target(source.uid, source.namespace, source.name, None, (str(self.no_way.reason), "no way"))

    def objects(self, _: str) -> tuple[Managed, ...]:
        return ()

    async def write(self, _: Resource, status: JSON) -> None:
        self.written += 1
        self.held = replace(self.held, status=copy.deepcopy(status))

    async def read_report(self, _: Resource) -> JSON | None:
        if isinstance(self.refusal, Foreign):
            raise self.refusal
        return copy.deepcopy(self.report)

    async def write_report(self, _: Resource, status: JSON) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.reported += 1
        self.report = copy.deepcopy(status)

    async def drop_report(self, _: Resource) -> None:
        self.report = None

    def says(self, kind: Type) -> tuple[str, str, str]:
        found = next(one for one in telling.own(self.held.status) if one["type"] == kind)
        return found["status"], found["reason"], found["message"]


@dataclass
class _World:
    clock: _Clock = field(default_factory=_Clock)
    cluster: _Cluster = field(default_factory=_Cluster)

    def __post_init__(self) -> None:
        self.tools = Tools(self.cluster, self.clock, keyed(b"ours"), seal=keyed(b"ours"))

    def watch(self, **options: Any) -> Watch:
        """As a process has it that has just begun."""
        return Watch(
            self.tools, "uid", Kept(self.tools.identity(self.cluster.held), self.tools.seal), settings.config, **options
        )

    def teller(self, watch: Watch | None = None) -> Teller:
        return Teller(self.tools, Beside(None), watch or self.watch(), self.clock.now(), self.cluster.report)


@pytest.fixture
def world() -> _World:
    return _World()


def _sees(watch: Watch, now: float) -> None:
    """Version 2 answers, and shows no channel."""
    watch.access = AccessRead(now, 60.0, Access.REACHABLE)
    watch.channels = ChannelsRead(now, 60.0)


async def _looks(watch: Watch, until: str) -> None:
    """Let it look for as long as the condition says, or for many rounds."""
    task = asyncio.create_task(watch.run())
    for _ in range(500):
        await asyncio.sleep(0)
        if until == "looked" and watch.looked:
            break
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_a_process_that_has_just_begun_takes_nothing_back_until_it_looked_and_then_at_once(world: _World) -> None:
    first = world.watch()
    _sees(first, NOW)
    await world.teller(first).tell()
    assert world.cluster.says(Type.ACCESS)[0] == "True"
    second = world.watch()
    teller = world.teller(second)
    await _looks(second, "never")
    early = second.looked
    await teller.tell()
    assert second.access.reason is None
    assert not early, "the engine has not looked at the account yet: that is no answer of version 2"
    assert (world.cluster.written, world.cluster.says(Type.ACCESS)[0]) == (1, "True")
    world.cluster.no_way = NotSent(Reason.CREDENTIAL_REJECTED, "the secret is old")
    await _looks(second, "looked")
    assert second.looked
    await teller.tell()
    assert world.cluster.says(Type.ACCESS)[:2] == ("False", "SignInRejected")
    assert world.cluster.says(Type.LIVE)[0] == "Unknown"


async def test_patience_of_our_own_neither_hides_a_good_answer_nor_forgets_a_throttle(world: _World) -> None:
    watch = world.watch()
    teller = world.teller(watch)
    _sees(watch, NOW)
    world.cluster.no_way = NotSent(Reason.THROTTLED, "the service throttles GETs of this credential")
    for seconds, reason in ((0.0, "Reachable"), (100.0, "Reachable"), (100.0, "Throttled")):
        world.clock.at += seconds
        await watch._poll()  # what `run` does each minute
        await teller.tell()
        assert world.cluster.says(Type.ACCESS)[1] == reason
    watch.access = AccessRead(world.clock.at, 60.0, Access.THROTTLED, "version 2 asks for patience (503 busy)")
    for _ in range(10):
        world.clock.at += 60.0
        await watch._poll()
        await teller.tell()
        status, reason, message = world.cluster.says(Type.ACCESS)
        assert (status, reason) == ("Unknown", "Throttled")
        assert "503 busy" in message


async def test_where_no_look_is_ever_over_the_truth_is_told_in_the_end(world: _World) -> None:
    first = world.watch()
    _sees(first, NOW)
    await world.teller(first).tell()
    teller = world.teller()
    for seconds, status in ((0.0, "True"), (100.0, "True"), (80.0, "Unknown")):
        world.clock.at += seconds
        await teller.tell()
        assert world.cluster.says(Type.ACCESS)[0] == status


async def test_the_last_look_of_an_earlier_process_is_the_one_before(
    world: _World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a restart would take V2JobsDrained back for two minutes, and all that rests on it."""

    class Reached:
        place = "https://v2"

        async def probe(self) -> None:
            return

    class Jobs:
        def __init__(self, *_: Any) -> None:
            return

        async def read(self, _: Any) -> JobPoll:
            return JobPoll(world.clock.now())

    async def nothing(*_: Any) -> tuple[()]:
        assert watch.access.reason is not Access.REACHABLE, "nothing is judged by half a look"
        return ()

    for name, fake in (("read_channels", nothing), ("read_programs", nothing), ("Jobs", Jobs)):
        monkeypatch.setattr(f"ams_operator.migration.polls.{name}", fake)
    monkeypatch.setattr(Watch, "_reached", lambda _: Reached())
    world.cluster.no_way = NotSent(Reason.CREDENTIAL_REJECTED, "of the target")
    for drained, status in ((True, "True"), (False, "Unknown")):
        watch = world.watch(drained=drained)
        await _looks(watch, "looked")
        await world.teller(watch).tell()
        assert world.cluster.says(Type.JOBS)[0] == status


@pytest.mark.parametrize(
    ("refusal", "said"),
    [
        (Foreign("MigrationReport n/a is somebody else's"), "MigrationReport n/a is somebody else's: rename or delete"),
        (KubeRefused("create MigrationReport: forbidden"), "create MigrationReport: forbidden): apply manifests/"),
        (Vanished(""), "the kind MigrationReport is not installed: apply crds/"),
    ],
)
async def test_a_report_that_cant_be_written_is_told_until_it_can(world: _World, refusal: Exception, said: str) -> None:
    teller = world.teller()
    world.cluster.refusal = refusal
    await teller.tell()
    assert said in world.cluster.says(Type.INVENTORY)[2]
    assert world.cluster.says(Type.INVENTORY)[:2] == ("Unknown", "InputsMissing")
    assert "report" not in world.cluster.held.status["migration"]
    before = world.cluster.written
    await teller.tell()
    assert world.cluster.written == before, "nothing new is nothing to be written"
    world.cluster.refusal = None
    await teller.tell()
    assert "MigrationReport" not in world.cluster.says(Type.INVENTORY)[2]
    assert world.cluster.held.status["migration"]["report"] == "a"
    assert world.cluster.report is not None
    assert not [one for one in world.cluster.report["conditions"] if "MigrationReport" in one["message"]]


async def test_no_report_outlives_the_annotation_of_an_account_that_tells_nothing(
    world: _World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process ends as soon as the report is written, and the annotation goes before the next one begins."""
    written = world.cluster.write_report

    async def write_report(*given: Any) -> None:
        await written(*given)
        raise KubeDown("the process ended")

    monkeypatch.setattr(world.cluster, "write_report", write_report)
    with pytest.raises(KubeDown):
        await world.teller().tell()
    assert world.cluster.report is not None
    await _look(world, None)
    assert world.cluster.report is None


async def test_a_report_that_changed_meanwhile_is_no_trouble(world: _World) -> None:
    teller = world.teller()
    world.cluster.refusal = Conflict("a newer one")
    await teller.tell()
    assert "MigrationReport" not in world.cluster.says(Type.INVENTORY)[2]
    assert teller.watch.changed.is_set(), "it is tried again"


@pytest.mark.parametrize("what", ["removed", "emptied", "forged"])
async def test_a_report_is_looked_after(world: _World, what: str) -> None:
    teller = world.teller()
    await teller.tell()
    right = copy.deepcopy(world.cluster.report)
    assert right
    world.cluster.report = {
        "removed": None,
        "emptied": {},
        "forged": {**right, "conditions": [{"type": "MigrationComplete", "status": "True"}]},
    }[what]
    world.clock.at += REPORT_LOOK + 1
    await teller.tell()
    assert world.cluster.report == right
    for _ in range(10):
        world.clock.at += REPORT_LOOK + 1
        await teller.tell()
    assert world.cluster.reported == 2, "and is not written for nothing"


async def _look(world: _World, value: str | None) -> None:
    world.cluster.held = replace(world.cluster.held, annotations={} if value is None else {V2_SOURCE: value})
    watches = Watches(world.tools)
    await watches._look(world.cluster.held)
    for uid in list(watches.running):
        watches._end(uid)


async def test_what_somebody_mistyped_is_told_and_removes_nothing(world: _World) -> None:
    watch = world.watch()
    _sees(watch, NOW)
    await world.teller(watch).tell()
    report = copy.deepcopy(world.cluster.report)
    for wrong in ("Ture", "", "yes", "1"):
        await _look(world, wrong)
        status, reason, message = world.cluster.says(Type.ACCESS)
        assert (status, reason) == ("False", "AnnotationUnreadable")
        assert f'says "{wrong}"' in message
        assert "true, to retired" in message
        assert len(telling.own(world.cluster.held.status)) == len(Type)
        assert world.cluster.held.status["migration"]["report"] == "a"
        assert world.cluster.report == report
    world.cluster.held = _elsewhere(world.cluster.held)
    await _look(world, "1")
    generations = {one["type"]: one["observedGeneration"] for one in telling.own(world.cluster.held.status)}
    assert generations == {one: 2 if one == Type.ACCESS else 1 for one in Type}, "nobody judged the other target"
    before = world.cluster.written
    await _look(world, "1")
    assert world.cluster.written == before
    await _look(world, "False ")
    assert not telling.own(world.cluster.held.status)
    assert world.cluster.report is None


def _elsewhere(held: Resource) -> Resource:
    """The same account, after somebody named another target."""
    spec = {**held.spec, "migration": {"targetAccountRef": {"name": "b"}}}
    return replace(held, spec=spec, generation=held.generation + 1)


async def test_a_generation_is_not_told_of_by_what_was_looked_at_for_another_target(world: _World) -> None:
    watch = world.watch()
    _sees(watch, NOW)
    teller = world.teller(watch)
    await teller.tell()
    before = world.cluster.held
    world.cluster.no_way = NotSent(Reason.CREDENTIAL_REJECTED, "of the target")
    world.cluster.held = _elsewhere(before)
    watch.changed.set()
    await teller.tell()
    assert (world.cluster.written, world.cluster.held.status) == (1, before.status)
    await _looks(watch, "never")
    assert watch.target.account.at is None, "nor is the other target looked at for this one"
    world.cluster.held = replace(before, generation=3)
    await teller.tell()
    assert {one["observedGeneration"] for one in telling.own(world.cluster.held.status)} == {3}, "it was taken back"


def _complete(held: Resource) -> Resource:
    conditions = [{**one, "status": "True", "reason": "Complete"} for one in telling.own(held.status)]
    return replace(held, status={**held.status, "conditions": conditions})


def _later(held: Resource) -> Resource:
    """The same account and target, after somebody changed something else."""
    return replace(held, generation=held.generation + 1)


@pytest.mark.parametrize(
    ("change", "ours", "stays"),
    [(_elsewhere, False, False), (_elsewhere, True, False), (_later, False, False), (_later, True, True),
     (None, False, True)],
)  # fmt: skip
async def test_what_was_complete_stays_so_for_the_same_accounts_only(
    world: _World, change: Callable[[Resource], Resource] | None, ours: bool, stays: bool
) -> None:
    """Version 2 can't be read: what another target was complete with says nothing of this one."""
    await world.teller().tell()
    world.cluster.held = _complete(world.cluster.held)
    if change is not None:
        world.cluster.held = change(world.cluster.held)
    teller = world.teller()
    teller.ours = ours
    world.clock.at += 200.0
    for _ in range(2):
        await teller.tell()
        reason = "CompletedEarlier" if stays else "ConditionsUnknown"
        assert world.cluster.says(Type.COMPLETE)[:2] == ("True" if stays else "Unknown", reason)


@pytest.mark.parametrize("when", ["meanwhile", "restart", "gone"])
async def test_a_target_that_stands_for_another_account_is_judged_anew_at_once(world: _World, when: str) -> None:
    """The manifest is the same, and so is the name in it: an object was deleted, and applied for another one."""
    watch = world.watch()
    _sees(watch, NOW)
    await world.teller(watch).tell()
    world.cluster.held = _complete(world.cluster.held)
    migration = {**world.cluster.held.status["migration"], "switched": ["nb:chid:old"]}
    world.cluster.held = replace(world.cluster.held, status={**world.cluster.held.status, "migration": migration})
    kept, before = watch.kept.account, world.cluster.held.status
    world.cluster.places["a"] = "" if when == "gone" else "another"
    if when == "meanwhile":
        await world.teller(watch).tell()
        assert world.cluster.held.status == before, "what was looked at is of the one before"
    later = world.watch()
    assert later.kept.account != kept, "nothing is taken up of what was compared with the one before"
    _sees(later, NOW)
    await world.teller(later).tell()
    assert {world.cluster.says(one)[0] for one in (Type.DELIVERY, Type.COMPLETE)} == {"Unknown"}
    found = world.cluster.held.status["migration"]
    assert found.get("switched") == (["nb:chid:old"] if when == "gone" else None)
    world.cluster.places.clear()
    assert telling.is_of(world.cluster.held.status, world.tools.target(world.cluster.held)) is (when == "gone")


async def test_jobs_that_were_counted_by_another_freeze_are_counted_again(
    world: _World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else V2JobsDrained is True of a freeze that nobody looked at; and one that was moved on as it says is never."""
    freezes: list[float | None] = []

    class Jobs:
        async def read(self, freeze: float | None) -> JobPoll:
            freezes.append(freeze)
            return JobPoll(world.clock.now(), newest=NOW, after_freeze=int(freeze is not None and freeze <= NOW))

    async def nothing(*_: Any) -> tuple[()]:
        return ()

    for name in ("read_channels", "read_programs"):
        monkeypatch.setattr(f"ams_operator.migration.polls.{name}", nothing)
    monkeypatch.setattr(Watch, "_reached", lambda _: None)
    watch = world.watch()
    monkeypatch.setattr(watch, "_jobs", Jobs())
    teller = world.teller(watch)
    stories = [("", "NoneInFlight"), ("2023-01-01", "NewJobsAfterFreeze"), ("2023-12-01", "DrainedAndFrozen")]
    for day, reason in stories:
        spec = {"subscriptionId": "s", "migration": {"freezeJobsAfter": f"{day}T00:00:00Z"} if day else {}}
        world.cluster.held = replace(world.cluster.held, spec=spec, generation=world.cluster.held.generation + 1)
        await teller.tell()
        assert world.cluster.says(Type.JOBS)[:2] == ("Unknown", "InputsMissing"), day
        for _ in range(2):
            world.clock.at += 60.0
            await watch._look(world.clock.at, drained=False)
        watch.access = AccessRead(world.clock.at, 60.0, Access.REACHABLE)
        await teller.tell()
        assert world.cluster.says(Type.JOBS)[1] == reason
    assert len(set(freezes)) == len(stories)


async def test_what_is_retired_survives_a_typo(world: _World) -> None:
    """Nobody could find it again: version 2 may be gone."""
    watch = world.watch()
    _sees(watch, NOW)
    await world.teller(watch).tell()
    await _look(world, "Retried")
    live = world.cluster.says(Type.LIVE)
    assert live == ("True", "NotUsed", "version 2 has no channel to switch")
    for value in ("retired", "rETIRED?", "retired"):
        await _look(world, value)
        assert (world.cluster.says(Type.LIVE)[0], world.cluster.says(Type.LIVE)[2]) == (live[0], live[2])
    now = {one["type"]: one["reason"] for one in world.cluster.report["conditions"]} if world.cluster.report else {}
    assert set(now.values()) == {"V2Retired"}, "who only looks at the report sees it, too"
    assert len(now) == len(Type)
    assert world.cluster.says(Type.ACCESS)[:2] == ("Unknown", "V2Retired")
    assert "annotation" not in world.cluster.says(Type.ACCESS)[2]
