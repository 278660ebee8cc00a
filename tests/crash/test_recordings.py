"""When a recording is begun, and when it is not begun again: what no manifest may say, and the way out of each hold."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.crash.drive import Driver
from tests.crash.faults import Fault
from tests.crash.lab import STUDIO, Lab, place_of
from tests.crash.ports import Crash, Gate, WorldBackend
from tests.crash.stage import Stage, event_spec, output_spec, transform_spec
from tests.crash.world import Request, World

from ams_operator.api.reasons import Reason
from ams_operator.domain.answers import Answer, Lane, NotSent, Page
from ams_operator.domain.model import AccountId

TAKE, REEL = "take", "reel"


class Set:
    """An account, an event, an asset, and people."""

    def __init__(self) -> None:
        self.lab, self.world = Lab(), World()
        self.driver = Driver(self.lab, self.world)
        self.stage = Stage(self.lab, self.world, self.driver.service.watchman)
        self.stage.backend()
        self.stage.account()
        self.driver.rest()

    def studio(self, **more: Any) -> None:
        self.stage.apply("LiveEvent", STUDIO, event_spec(**{"runState": "Running", **more}))
        self.stage.apply("Asset", REEL, {})
        self.driver.rest()

    def take(self, uid: str = TAKE, **more: Any) -> None:
        """Somebody applies a recording; `uid`: of the object."""
        self.world.create("LiveOutput", TAKE, output_spec(**more), uid=uid)
        self.driver.rest()

    def ready(self, uid: str = TAKE) -> tuple[str, str]:
        found = next(one for one in self.world.objects[uid].status["conditions"] if one["type"] == "Ready")
        return found["reason"], found["message"]

    def reason(self, uid: str = TAKE) -> str:
        return self.ready(uid)[0]

    def consent(self, uid: str = TAKE) -> None:
        """Somebody does what the message says."""
        said = self.ready(uid)[1]
        self.stage.ask(
            uid,
            "recreate",
            said.rpartition(f"ams-operator request recreate LiveOutput/{TAKE} ")[2].partition(" -n ")[0],
        )
        self.driver.rest()

    @property
    def tapes(self) -> tuple[str, ...]:
        """The uids of the objects whose recordings were begun in the asset."""
        return self.world.things[place_of("Asset", REEL)].tapes

    def state(self) -> str:
        return str(self.world.things[place_of("LiveEvent", STUDIO)].raw["properties"]["resourceState"])


def failing(
    patch: pytest.MonkeyPatch, how: Callable[[Gate, Callable[[], Any], Callable[[], Exception], Any], Any]
) -> None:
    """The next PUT fails."""
    whole, left = Gate.call, [how]

    def call(gate: Gate, name: str, effect: Any, lost: Any, request: Request | None = None) -> Any:
        return (
            left.pop()(gate, effect, lost, request)
            if name == "put" and left
            else whole(gate, name, effect, lost, request)
        )

    patch.setattr(Gate, "call", call)


def unanswered(patch: pytest.MonkeyPatch, fault: Fault = Fault.LOST) -> None:
    failing(patch, lambda gate, effect, lost, request: gate._fail(fault, effect, lost, request))


# --- consent is bound to one object and one asset --------------------------------------------------------------------


def test_what_stays_in_git_is_no_consent_to_the_next_recording() -> None:
    the = Set()
    the.stage.foreign("Asset", REEL, {})
    the.studio()
    the.take("first", adoptionPolicy="Always", deletionPolicy="Delete")
    assert the.reason("first") == "RecordingExists", "nobody knows what is in an asset that was adopted"
    the.consent("first")
    assert (the.reason("first"), the.tapes) == ("Recording", ("first",))
    the.stage.delete("first")
    the.driver.rest()
    value = the.world.objects[REEL].status["record"]["recordedBy"]
    assert value == "first"
    the.take("second", adoptionPolicy="Always")
    assert (the.reason("second"), the.tapes) == ("RecordingExists", ("first",))
    assert "Asset of its own" in the.ready("second")[1]
    the.consent("second")
    assert (the.reason("second"), the.tapes) == ("Recording", ("first", "second"))


@pytest.mark.parametrize("ref", [{"name": REEL}, {"azureName": REEL}], ids=["object", "azureName"])
def test_a_cluster_that_was_lost_does_not_record_over_what_is_there(ref: dict[str, str]) -> None:
    """The same manifests in a new cluster: all objects are new, nothing in the service is."""
    the = Set()
    the.stage.foreign("Asset", REEL, {})
    the.stage.foreign("LiveEvent", STUDIO, event_spec(), resourceState="Running")
    the.studio()
    for uid in ("first", "second"):
        the.take(uid, assetRef=ref, adoptionPolicy="Always")
        assert the.reason(uid) == "RecordingExists"
        assert the.tapes == (() if uid == "first" else ("first",))
        the.consent(uid)
        assert the.reason(uid) == "Recording"
        if uid == "first":
            the.stage.vanish("LiveOutput", TAKE)
            the.world._remove(the.world.objects["first"])
            the.stage.ask("second", "recreate", "first's")
    assert the.tapes == ("first", "second")


def test_while_the_object_of_the_first_recording_is_there_only_another_asset_helps() -> None:
    the = Set()
    the.studio()
    the.take("first")
    the.world.create("LiveOutput", "younger", output_spec(), uid="younger")
    the.driver.rest()
    reason, message = the.ready("younger")
    assert reason == "RecordingExists"
    assert "LiveOutput take" in message
    assert "ams-operator request" not in message
    the.stage.ask("younger", "recreate", "anything")
    the.driver.rest()
    assert the.tapes == ("first",)


# --- what may have recorded ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("crash", [False, True])
def test_what_was_sent_and_is_gone_may_have_recorded(monkeypatch: pytest.MonkeyPatch, crash: bool) -> None:
    the = Set()
    the.studio()

    def short(_gate: Gate, effect: Callable[[], Any], lost: Callable[[], Exception], _request: Any) -> Any:
        """It begins, somebody takes it away, and nobody hears of either."""
        effect()
        the.stage.vanish("LiveOutput", TAKE)
        raise Crash if crash else lost()

    failing(monkeypatch, short)
    the.take(deletionPolicy="Delete")
    assert the.reason() == "RecordingExists"
    assert "may have recorded" in the.ready()[1]
    assert the.tapes == (TAKE,)
    the.driver.boot()
    the.driver.settle()
    assert the.tapes == (TAKE,), "nor by another process"
    the.consent()
    assert the.reason() == "Recording"
    assert len(the.tapes) == 2


def refused(gate: Gate, _effect: Any, _lost: Any, _request: Any) -> Answer:
    return Answer(400, None, gate.world.now, date=gate.world.date(), code="BadRequest", message="not so")


@pytest.mark.parametrize("fault", [Fault.UNSENT, None], ids=["never left", "refused"])
def test_what_surely_never_began_begins_without_asking_anybody(
    monkeypatch: pytest.MonkeyPatch, fault: Fault | None
) -> None:
    the = Set()
    the.studio()
    if fault is None:
        failing(monkeypatch, refused)
    else:
        unanswered(monkeypatch, fault)
    the.take()
    if fault is None:
        assert the.reason() == "Refused"
        the.stage.patch(TAKE, description="corrected")
        the.driver.rest()
    assert (the.reason(), the.tapes) == ("Recording", (TAKE,))


def test_a_process_that_ends_before_the_asset_is_taken_costs_nobody_his_recording(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    the = Set()
    the.studio()
    the.driver.gate.armed, the.driver.gate.fault = True, Fault.AFTER
    the.driver.gate.fault_at = 2  # the note
    the.take()
    assert the.driver.crashes == 1
    assert (the.reason(), the.tapes) == ("Recording", (TAKE,))
    assert "unseen" not in the.world.objects[TAKE].status["record"]


# --- an event without an object --------------------------------------------------------------------------------------


def test_an_event_without_an_object_is_waited_for_until_it_runs() -> None:
    the = Set()
    the.stage.apply("Asset", REEL, {})
    the.driver.rest()
    the.take(liveEventRef={"azureName": STUDIO})
    assert the.reason() == "Waiting"
    the.stage.foreign("LiveEvent", STUDIO, event_spec())
    the.driver.rest()
    assert (the.reason(), the.tapes) == ("Waiting", ())
    before = the.driver.writes()
    the.driver.settle()
    assert the.driver.writes() == before, "waiting writes nothing"
    the.stage.run(STUDIO, "Running")
    the.driver.rest()
    assert (the.reason(), the.tapes) == ("Recording", (TAKE,))


def test_an_event_that_nobody_looks_at_is_named_as_what_is_waited_for() -> None:
    the = Set()
    the.studio(runState="Stopped")
    the.stage.patch(STUDIO, managementPolicy="Pause")
    the.driver.rest()
    the.take()
    reason, message = the.ready()
    assert (reason, "take its managementPolicy: Pause away" in message) == ("Waiting", True)
    the.stage.patch(STUDIO, managementPolicy="Manage", runState="Running")
    the.driver.rest()
    assert (the.reason(), the.tapes) == ("Recording", (TAKE,))


def test_an_event_that_is_gone_ends_no_sweep(monkeypatch: pytest.MonkeyPatch) -> None:
    """The service knows no outputs of an event that it does not know; other kinds are compared all the same."""
    the = Set()
    the.stage.foreign("LiveEvent", STUDIO, event_spec(), resourceState="Running")
    the.stage.apply("Asset", REEL, {})
    the.driver.rest()
    the.take(liveEventRef={"azureName": STUDIO})
    the.stage.apply("Transform", "one", transform_spec())
    the.driver.rest()
    the.stage.vanish("LiveEvent", STUDIO)
    the.stage.drift("Transform", "one", description="theirs")
    whole = WorldBackend.list

    async def listed(
        backend: WorldBackend, account: AccountId, kind: str, parents: tuple[str, ...], lane: Lane, next: str | None
    ) -> Page:
        if parents:
            raise NotSent(Reason.WAITING_FOR_ACCOUNT, "what it lies in does not exist")
        return await whole(backend, account, kind, parents, lane, next)

    monkeypatch.setattr(WorldBackend, "list", listed)
    the.driver.settle()
    assert the.world.things[place_of("Transform", "one")].raw["properties"]["description"] == "ours"
    assert the.reason() == "RecordingEnded"


# --- a recording that may be beginning keeps its event, for a while --------------------------------------------------


def test_a_paused_recording_keeps_its_event_from_stopping_only_as_long_as_it_may_begin(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    the = Set()
    the.studio(disruptionPolicy="EndRecordings")
    unanswered(monkeypatch, Fault.LATE)
    the.world.create("LiveOutput", TAKE, output_spec(), uid=TAKE)
    while not the.world.late:
        the.driver.step()
    sent = the.world.now
    the.stage.patch(TAKE, managementPolicy="Pause")
    the.stage.patch(STUDIO, runState="Stopped")
    told = ""
    while the.state() == "Running":
        assert the.driver.step()
        assert the.world.now < sent + 300.0, "it is kept from stopping for ever"
        told = the.ready(STUDIO)[1] if the.reason(STUDIO) == "Unanswered" else told
    assert the.world.now >= sent + 60.0
    assert "managementPolicy: Pause" in told
    the.driver.rest()
    assert (the.state(), the.reason(), the.tapes) == ("Stopped", "Paused", (TAKE,))
    the.stage.patch(TAKE, managementPolicy=None)
    the.driver.rest()
    assert (the.reason(), the.tapes) == ("RecordingExists", (TAKE,))
