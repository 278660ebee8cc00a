"""The scenarios, and what others do meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.crash.history import Interference, Scenario
from tests.crash.lab import account_spec
from tests.crash.stage import Stage, event_spec, transform_spec

from ams_operator.domain.model import JSON
from ams_operator.engine.store import ACCOUNT

Did = Callable[[Stage], None]


def _nothing(stage: Stage) -> None:
    return


def _all(*steps: Did) -> Did:
    """One after the other."""

    def do(stage: Stage) -> None:
        for step in steps:
            step(stage)

    return do


def _edit(stage: Stage) -> None:
    stage.patch("one", description="edited")


def _unmanaged(kind: str) -> JSON:
    return {"Transform": transform_spec(), "LiveEvent": event_spec(), ACCOUNT: account_spec()}[kind]


def _spec(stage: Stage, scenario: Scenario) -> JSON:
    found = stage.world.objects.get(scenario.subject)
    return found.spec if found is not None else _unmanaged(scenario.kind)


def _let_go(stage: Stage, scenario: Scenario) -> None:
    stage.patch(scenario.subject, deletionPolicy="Retain")
    stage.delete(scenario.subject)


def _both_go(stage: Stage, scenario: Scenario) -> None:
    stage.vanish(ACCOUNT, "contoso")
    stage.delete(scenario.subject)


THEIRS: dict[str, JSON] = {
    "Transform": {"description": "theirs"},
    "LiveEvent": {"description": "theirs"},
    ACCOUNT: {"publicNetworkAccess": "Disabled"},
}
INTERFERENCES = (
    Interference("user deletes", lambda stage, scenario: stage.delete(scenario.subject)),
    Interference("user lets go", _let_go),
    Interference("account and object go", _both_go, ("Transform", "LiveEvent")),
    Interference("spec changes", lambda stage, scenario: scenario.edit(stage)),
    Interference("user observes", lambda stage, scenario: stage.patch(scenario.subject, managementPolicy="Observe")),
    Interference(
        "foreign twin",
        lambda stage, scenario: stage.foreign(scenario.kind, scenario.azure, _spec(stage, scenario)),
        outside=True,
    ),
    Interference(
        "foreign stranger",
        lambda stage, scenario: stage.foreign(
            scenario.kind, scenario.azure, {**_spec(stage, scenario), **THEIRS[scenario.kind]}
        ),
        outside=True,
    ),
    Interference("vanishes", lambda stage, scenario: stage.vanish(scenario.kind, scenario.azure), outside=True),
    Interference(
        "drifts",
        lambda stage, scenario: stage.drift(scenario.kind, scenario.azure, description="drifted"),
        ("Transform", "LiveEvent"),
    ),
    Interference("status lost", lambda stage, scenario: stage.lose_status(scenario.subject), outside=True),
    Interference("copy restored", lambda stage, scenario: stage.copied(scenario.subject), outside=True),
    Interference(
        "stopped outside", lambda stage, scenario: stage.run(scenario.subject, "Stopped"), ("LiveEvent",), True
    ),
    Interference(
        "started outside", lambda stage, scenario: stage.run(scenario.subject, "Running"), ("LiveEvent",), True
    ),
    Interference("recording begins", lambda stage, scenario: stage.record(scenario.subject), ("LiveEvent",), True),
)


def _one(stage: Stage, **more: Any) -> None:
    stage.apply("Transform", "one", transform_spec(**more))


def _adopted(stage: Stage) -> None:
    stage.foreign("Transform", "one", transform_spec())
    _one(stage)


TRANSFORMS = (
    Scenario("create", _nothing, _one, _edit),
    Scenario("create, slowly", _nothing, _one, _edit, work=12.0),
    Scenario("adopt", lambda s: s.foreign("Transform", "one", transform_spec()), _one, _edit),
    Scenario(
        "adoption refused",
        lambda s: s.foreign("Transform", "one", transform_spec("theirs")),
        _one,
        lambda s: s.patch("one", description="theirs"),
    ),
    Scenario(
        "adopt and overwrite",
        lambda s: s.foreign("Transform", "one", transform_spec("theirs")),
        lambda s: _one(s, adoptionPolicy="Always"),
        _edit,
    ),
    Scenario("update", _one, lambda s: s.patch("one", description="new"), _edit),
    Scenario("removal", _one, lambda s: s.patch("one", description=None), _edit),
    Scenario("drift", _one, lambda s: s.drift("Transform", "one", description="theirs"), _edit),
    Scenario("vanished", _one, lambda s: s.vanish("Transform", "one"), _edit),
    Scenario("delete", _one, lambda s: s.delete("one"), _edit),
    Scenario("delete, retained", lambda s: _one(s, deletionPolicy="Retain"), lambda s: s.delete("one"), _edit),
    Scenario(
        "update, retained",
        lambda s: _one(s, deletionPolicy="Retain"),
        lambda s: s.patch("one", description="new"),
        _edit,
    ),
    Scenario(
        "delete adopted",
        _adopted,
        lambda s: s.delete("one"),
        _edit,
    ),
)


def _event(stage: Stage, **more: Any) -> None:
    stage.apply("LiveEvent", "one", event_spec(**more))


def _running(stage: Stage, **more: Any) -> None:
    """An event of ours that runs because its manifest says so."""
    _event(stage, runState="Running", **more)


def _recording(stage: Stage, **more: Any) -> None:
    _running(stage, **more)


def _elsewhere(stage: Stage, state: str) -> None:
    stage.foreign("LiveEvent", "one", event_spec(), resourceState=state)


def _interrupt(stage: Stage) -> None:
    stage.patch("one", keyFrameInterval="PT120S")


EVENTS = (
    Scenario("event: create", _nothing, _event, _edit, kind="LiveEvent"),
    Scenario("event: create, slowly", _nothing, _event, _edit, kind="LiveEvent", work=12.0),
    Scenario("event: create and start", _nothing, _running, _edit, kind="LiveEvent"),
    Scenario("event: start", _event, lambda s: s.patch("one", runState="Running"), _interrupt, kind="LiveEvent"),
    Scenario("event: stop", _running, lambda s: s.patch("one", runState="Stopped"), _edit, kind="LiveEvent"),
    Scenario(
        "event: stop and start",
        _running,
        lambda s: s.patch("one", runState="Stopped"),
        lambda s: s.patch("one", runState="Running"),
        kind="LiveEvent",
    ),
    Scenario("event: update on air", _running, _edit, _interrupt, kind="LiveEvent"),
    Scenario("event: interrupting change held", _running, _interrupt, _edit, kind="LiveEvent"),
    Scenario(
        "event: both changes on air",
        _running,
        lambda s: s.patch("one", keyFrameInterval="PT120S", description="new"),
        _edit,
        kind="LiveEvent",
    ),
    Scenario(
        "event: interrupt",
        lambda s: _running(s, disruptionPolicy="Interrupt"),
        _interrupt,
        lambda s: s.patch("one", disruptionPolicy="WhenIdle"),
        kind="LiveEvent",
    ),
    Scenario(
        "event: interrupt, removal",
        lambda s: _running(s, disruptionPolicy="Interrupt"),
        lambda s: s.patch("one", keyFrameInterval=None),
        lambda s: s.patch("one", runState="Stopped"),
        kind="LiveEvent",
    ),
    Scenario(
        "event: interrupting change, run state not managed",
        lambda s: _running(s, disruptionPolicy="Interrupt"),
        lambda s: s.patch("one", keyFrameInterval="PT120S", runState=None),
        _edit,
        kind="LiveEvent",
    ),
    Scenario(
        "event: stopped outside", _running, lambda s: s.run("one", "Stopped"), _edit, kind="LiveEvent", outside=True
    ),
    Scenario(
        "event: stopped outside, asked to start",
        _running,
        lambda s: s.ask("one", "start", "1"),
        _edit,
        before=lambda s: s.run("one", "Stopped"),
        kind="LiveEvent",
        outside=True,
    ),
    Scenario(
        "event: stopped outside, restarted",
        lambda s: _running(s, restartPolicy="Always"),
        lambda s: s.run("one", "Stopped"),
        _edit,
        kind="LiveEvent",
    ),
    Scenario(
        "event: started outside",
        lambda s: _event(s, runState="Stopped"),
        lambda s: s.run("one", "Running"),
        _edit,
        kind="LiveEvent",
        outside=True,
    ),
    Scenario("event: adopt running", lambda s: _elsewhere(s, "Running"), _running, _interrupt, kind="LiveEvent"),
    Scenario(
        "event: adopt stopped", lambda s: _elsewhere(s, "Stopped"), _running, _edit, kind="LiveEvent", outside=True
    ),
    Scenario(
        "event: vanished", _running, lambda s: s.vanish("LiveEvent", "one"), _edit, kind="LiveEvent", outside=True
    ),
    Scenario("event: delete", _event, lambda s: s.delete("one"), _edit, kind="LiveEvent"),
    Scenario("event: delete on air", _running, lambda s: s.delete("one"), _edit, kind="LiveEvent"),
    Scenario(
        "event: delete on air, explicitly",
        lambda s: _running(s, deletionPolicy="Delete"),
        lambda s: s.delete("one"),
        _edit,
        kind="LiveEvent",
    ),
    Scenario("event: asked to start", _event, lambda s: s.ask("one", "start", "1"), _edit, kind="LiveEvent"),
    Scenario(
        "event: asked to stop", _running, lambda s: s.ask("one", "stop", "1"), _edit, kind="LiveEvent", outside=True
    ),
    Scenario("event: asked to reset", _running, lambda s: s.ask("one", "reset", "1"), _edit, kind="LiveEvent"),
    Scenario(
        "event: asked before it was known",
        _nothing,
        lambda s: s.apply("LiveEvent", "one", event_spec(), {"start": "1"}),
        _edit,
        kind="LiveEvent",
    ),
    Scenario(
        "event: recording keeps it on air",
        _running,
        lambda s: s.patch("one", runState="Stopped"),
        lambda s: s.patch("one", disruptionPolicy="EndRecordings"),
        before=lambda s: s.record("one"),
        kind="LiveEvent",
    ),
    Scenario(
        "event: recording ended by consent",
        lambda s: _running(s, disruptionPolicy="EndRecordings"),
        _interrupt,
        lambda s: s.patch("one", disruptionPolicy="Interrupt"),
        before=lambda s: s.record("one"),
        kind="LiveEvent",
    ),
    Scenario(
        "event: recording keeps it from deletion",
        lambda s: _running(s, deletionPolicy="Delete"),
        lambda s: s.delete("one"),
        lambda s: s.patch("one", disruptionPolicy="EndRecordings"),
        before=lambda s: s.record("one"),
        kind="LiveEvent",
    ),
)


STORAGE: JSON = {
    "location": "westus",
    "storageAccounts": [
        {
            "type": "Primary",
            "id": "/subscriptions/sub/resourceGroups/media/providers/Microsoft.Storage/storageAccounts/stor",
        }
    ],
    "publicNetworkAccess": "Enabled",
}


def _made(stage: Stage) -> None:
    """An account that the operator makes."""
    stage.own_account(**STORAGE)


def _rival(stage: Stage, **more: Any) -> None:
    stage.apply("Transform", "two", transform_spec(azureName="one", **more))


def _second(stage: Stage) -> None:
    stage.own_account("second")
    _rival(stage, accountRef={"name": "second"})


def _tags(stage: Stage) -> None:
    stage.patch("default", tags={"team": "b"})


def _leave(stage: Stage) -> None:
    stage.delete("default")


def _account(name: str, setup: Did, trigger: Did, edit: Did = _tags, **more: Any) -> Scenario:
    return Scenario(name, setup, trigger, edit, subject="default", azure="contoso", kind=ACCOUNT, **more)


SHARED = (
    Scenario("account comes later", _one, lambda s: s.account(), _edit, bare=True),
    Scenario("account comes with it", _nothing, _all(lambda s: s.account(), _one), _edit, bare=True),
    Scenario("two objects, one name", _one, _rival, _edit),
    Scenario("two objects at once, one name", _nothing, _all(_one, _rival), _edit),
    Scenario("two objects, one deleted", _all(_one, _rival), lambda s: s.delete("one"), _edit),
    Scenario("two accounts, one id", _one, _second, _edit),
    Scenario("two accounts at once, one id", _nothing, _all(_one, _second), _edit),
    Scenario(
        "deleted without account", _one, lambda s: s.delete("one"), _edit, before=lambda s: s.vanish(ACCOUNT, "contoso")
    ),
    Scenario(
        "deleted after the account was confused",
        _one,
        lambda s: s.delete("one"),
        _edit,
        before=lambda s: s.patch("default", resourceGroup="wrong"),
    ),
    _account("account: adopt", lambda s: s.exists(), lambda s: s.own_account(), bare=True),
    _account("account: not there", _nothing, lambda s: s.own_account(), bare=True),
    _account("account: create", _nothing, _made, bare=True),
    _account("account: create, slowly", _nothing, _made, bare=True, work=12.0),
    _account("account: update", _nothing, _tags, lambda s: s.patch("default", tags=None)),
    _account("account: vanished", _one, lambda s: s.vanish(ACCOUNT, "contoso")),
    _account("account: delete", _nothing, lambda s: s.delete("default")),
    _account("account: delete made", _made, lambda s: s.delete("default"), bare=True),
    _account(
        "account: delete explicitly",
        lambda s: s.own_account(**STORAGE, deletionPolicy="Delete"),
        lambda s: s.delete("default"),
        bare=True,
    ),
    _account(
        "account: delete with what lies in it", _one, _all(lambda s: s.delete("default"), lambda s: s.delete("one"))
    ),
)
