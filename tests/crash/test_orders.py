"""What people order while nobody can look, or on a view that is old; and consent, which is good for once."""

from __future__ import annotations

import pytest
from tests.crash.lab import STUDIO, place_of
from tests.crash.ports import WorldBackend
from tests.crash.test_recordings import REEL, Set

from ams_operator.api.reasons import Reason
from ams_operator.domain.answers import Answer, Lane, NotSent, Page
from ams_operator.domain.model import AccountId, Address
from ams_operator.engine import outcome


class Wall:
    """What keeps the operator from the service while it is `up`."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.up = False
        get, listed, action = WorldBackend.get, WorldBackend.list, WorldBackend.action
        self.sent: list[str] = []
        """verbs of the actions that were sent"""

        async def getting(backend: WorldBackend, address: Address, lane: Lane) -> Answer:
            self._check()
            return await get(backend, address, lane)

        async def listing(
            backend: WorldBackend, account: AccountId, kind: str, parents: tuple[str, ...], lane: Lane, next: str | None
        ) -> Page:
            self._check()
            return await listed(backend, account, kind, parents, lane, next)

        async def acting(
            backend: WorldBackend, address: Address, verb: str, body: dict[str, object] | None, lane: Lane
        ) -> Answer:
            self._check()
            self.sent.append(verb)
            return await action(backend, address, verb, body, lane)

        patch.setattr(WorldBackend, "get", getting)
        patch.setattr(WorldBackend, "list", listing)
        patch.setattr(WorldBackend, "action", acting)

    def _check(self) -> None:
        if self.up:
            raise NotSent(Reason.ENDPOINT_UNREACHABLE, "nobody gets through")


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> Wall:
    return Wall(monkeypatch)


def on_air(wall: Wall, **more: object) -> Set:
    the = Set()
    the.studio(**more)
    the.driver.settle()
    assert the.state() == "Running"
    wall.sent.clear()
    return the


def condition(the: Set, uid: str, type_: str = "Ready") -> tuple[str, str, str]:
    found = next(one for one in the.world.objects[uid].status["conditions"] if one["type"] == type_)
    return found["status"], found["reason"], found["message"]


def test_a_stop_that_was_taken_back_during_an_outage_is_not_carried_out(wall: Wall) -> None:
    the = on_air(wall)
    wall.up = True
    the.stage.ask(STUDIO, "stop", "1")
    the.driver.rest()
    the.stage.ask(STUDIO, "start", "2")
    the.driver.rest()
    wall.up = False
    the.driver.settle()
    assert (the.state(), wall.sent) == ("Running", [])


@pytest.mark.parametrize("how", ["outage", "pause"])
def test_a_stop_that_the_manifest_took_back_while_nobody_looked_is_not_carried_out(wall: Wall, how: str) -> None:
    the = on_air(wall)
    wall.up = how == "outage"
    if how == "pause":
        the.stage.patch(STUDIO, managementPolicy="Pause")
    the.stage.ask(STUDIO, "stop", "1")
    the.driver.rest()
    the.stage.patch(STUDIO, runState="Stopped")
    the.driver.rest()
    the.stage.patch(STUDIO, runState="Running")
    the.driver.rest()
    wall.up = False
    the.stage.patch(STUDIO, managementPolicy=None)
    the.driver.settle()
    assert (the.state(), wall.sent) == ("Running", [])


@pytest.mark.parametrize(("orders", "state"), [(("stop", "start"), "Running"), (("start", "stop"), "Stopped")])
def test_of_requests_that_are_seen_together_the_later_time_counts(
    wall: Wall, orders: tuple[str, str], state: str
) -> None:
    """The operator was down, or several were written at once; the command line's values are times."""
    the = on_air(wall)
    for second, verb in enumerate(orders):
        the.stage.ask(STUDIO, verb, f"2024-05-01T12:00:00.{second}00Z")
    the.driver.settle()
    assert (the.state(), wall.sent) == (state, ["stop"] if state == "Stopped" else [])


@pytest.mark.parametrize("restart", ["Never", "Always"])
def test_a_start_counts_though_what_was_seen_last_is_that_it_runs(wall: Wall, restart: str) -> None:
    the = on_air(wall, restartPolicy=restart)
    the.stage.run(STUDIO, "Stopped")
    the.stage.ask(STUDIO, "start", "now")
    the.driver.rest()
    assert (the.state(), wall.sent) == ("Running", ["start"])


def test_consent_that_was_given_before_the_loss_says_nothing_of_it(wall: Wall) -> None:
    the = on_air(wall)
    record = the.world.objects[REEL].status["record"]
    the.stage.ask(REEL, "recreate", record["identity"])
    the.driver.settle()
    the.stage.vanish("Asset", REEL)
    the.driver.settle()
    assert condition(the, REEL)[1] == "DataLost"
    for _ in range(3):
        offered = condition(the, REEL)[2].rpartition(f"recreate Asset/{REEL} ")[2].split()[0]
        the.stage.ask(REEL, "recreate", offered)
        the.driver.settle()
        assert place_of("Asset", REEL) in the.world.things, "what is offered is taken, once"
        the.stage.vanish("Asset", REEL)
        the.driver.settle()
        assert condition(the, REEL)[1] == "DataLost"


def test_an_approval_is_used_up_by_what_it_approved(wall: Wall) -> None:
    """Otherwise the next drift of the same field would be written unasked."""
    the = on_air(wall)
    the.stage.patch(STUDIO, managementPolicy="Plan", description="ours, edited")
    the.driver.settle()
    for _ in range(3):
        reason, message = the.ready(STUDIO)
        assert reason == "PlanPending"
        the.stage.ask(STUDIO, "approve", message.rpartition("approve LiveEvent/studio ")[2].split()[0])
        the.driver.settle()
        assert the.ready(STUDIO)[0] != "PlanPending"
        the.stage.drift("LiveEvent", STUDIO, description="theirs")
        the.driver.settle()


def test_a_start_is_seen_though_the_outputs_cannot_be_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    the = Set()
    listed, refused = WorldBackend.list, [True]

    async def listing(
        backend: WorldBackend, account: AccountId, kind: str, parents: tuple[str, ...], lane: Lane, next: str | None
    ) -> Page:
        if parents and refused:
            raise outcome.trouble_of(Answer(503, None, backend.gate.world.now, code="Busy", message="not now"))
        return await listed(backend, account, kind, parents, lane, next)

    monkeypatch.setattr(WorldBackend, "list", listing)
    the.studio()
    assert the.world.objects[STUDIO].status["resourceState"] == "Running"
    assert the.ready(STUDIO)[0] == "InSync"
    the.stage.patch(STUDIO, runState="Stopped")
    the.driver.rest()
    assert the.state() == "Running", "nobody knows what a stop would end"
    assert the.ready(STUDIO)[0] == Reason.ENDPOINT_UNREACHABLE.value
    refused.clear()
    the.driver.settle()
    assert the.state() == "Stopped"
