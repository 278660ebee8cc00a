"""What is told, and when: at once where it is known, calmly where nothing changed."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from ams_operator.api.reasons import Reason
from ams_operator.domain.answers import Conflict, Foreign, KubeDown, KubeRefused, NotSent, Vanished
from ams_operator.migration.conditions import Type
from ams_operator.migration.inputs import AccessRead, JobPoll
from ams_operator.migration.teller import REPORT_LOOK
from ams_operator.migration.trouble import Access
from ams_operator.migration.watch import Watch

from .telling_world import NOW, World, look, looks, sees


@pytest.fixture
def world() -> World:
    return World()


async def test_a_process_that_has_just_begun_takes_nothing_back_until_it_looked_and_then_at_once(world: World) -> None:
    first = world.watch()
    sees(first, NOW)
    await world.teller(first).tell()
    assert world.cluster.says(Type.ACCESS)[0] == "True"
    second = world.watch()
    teller = world.teller(second)
    await looks(second, "never")
    early = second.looked
    await teller.tell()
    assert second.access.reason is None
    assert not early, "the engine has not looked at the account yet: that is no answer of version 2"
    assert (world.cluster.written, world.cluster.says(Type.ACCESS)[0]) == (1, "True")
    world.cluster.no_way = NotSent(Reason.CREDENTIAL_REJECTED, "the secret is old")
    await looks(second, "looked")
    assert second.looked
    await teller.tell()
    assert world.cluster.says(Type.ACCESS)[:2] == ("False", "SignInRejected")
    assert world.cluster.says(Type.LIVE)[0] == "Unknown"


async def test_patience_of_our_own_neither_hides_a_good_answer_nor_forgets_a_throttle(world: World) -> None:
    watch = world.watch()
    teller = world.teller(watch)
    sees(watch, NOW)
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


async def test_where_no_look_is_ever_over_the_truth_is_told_in_the_end(world: World) -> None:
    first = world.watch()
    sees(first, NOW)
    await world.teller(first).tell()
    teller = world.teller()
    for seconds, status in ((0.0, "True"), (100.0, "True"), (80.0, "Unknown")):
        world.clock.at += seconds
        await teller.tell()
        assert world.cluster.says(Type.ACCESS)[0] == status


async def test_the_last_look_of_an_earlier_process_is_the_one_before(
    world: World, monkeypatch: pytest.MonkeyPatch
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
        await looks(watch, "looked")
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
async def test_a_report_that_cant_be_written_is_told_until_it_can(world: World, refusal: Exception, said: str) -> None:
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
    world: World, monkeypatch: pytest.MonkeyPatch
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
    await look(world, None)
    assert world.cluster.report is None


async def test_a_report_that_changed_meanwhile_is_no_trouble(world: World) -> None:
    teller = world.teller()
    world.cluster.refusal = Conflict("a newer one")
    await teller.tell()
    assert "MigrationReport" not in world.cluster.says(Type.INVENTORY)[2]
    assert teller.watch.changed.is_set(), "it is tried again"


@pytest.mark.parametrize("what", ["removed", "emptied", "forged"])
async def test_a_report_is_looked_after(world: World, what: str) -> None:
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


async def test_an_account_that_another_object_manages_is_not_read_and_says_so(world: World) -> None:
    world.cluster.claim = "MediaServicesAccount b manages the same resource already"
    world.cluster.no_way = NotSent(Reason.CREDENTIAL_REJECTED, "this was asked for")
    watch = world.watch()
    await looks(watch, "looked")
    await world.teller(watch).tell()
    status, reason, message = world.cluster.says(Type.ACCESS)
    assert (status, reason) == ("False", "Claimed")
    assert message == f"{world.cluster.claim}; next: annotate the object that manages it"
    assert not watch._reachable.is_set(), "no inventory begins"
    world.cluster.claim = ""
    await watch._poll()
    assert watch.access.reason is Access.SIGN_IN_REJECTED, "it is looked at again"
