"""Scenarios with accounts, and with several objects: what one has to do with another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.crash.history import Scenario
from tests.crash.stage import Stage, edit, nothing, transform_spec
from tests.crash.transforms import one

from ams_operator.domain.model import JSON
from ams_operator.engine.store import ACCOUNT

Did = Callable[[Stage], None]


def _all(*steps: Did) -> Did:
    """One after the other."""

    def do(stage: Stage) -> None:
        for step in steps:
            step(stage)

    return do


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
    Scenario("account comes later", one, lambda s: s.account(), edit, bare=True),
    Scenario("account comes with it", nothing, _all(lambda s: s.account(), one), edit, bare=True),
    Scenario("two objects, one name", one, _rival, edit),
    Scenario("two objects at once, one name", nothing, _all(one, _rival), edit),
    Scenario("two objects, one deleted", _all(one, _rival), lambda s: s.delete("one"), edit),
    Scenario("two accounts, one id", one, _second, edit),
    Scenario("two accounts at once, one id", nothing, _all(one, _second), edit),
    Scenario(
        "deleted without account", one, lambda s: s.delete("one"), edit, before=lambda s: s.vanish(ACCOUNT, "contoso")
    ),
    Scenario(
        "deleted after the account was confused",
        one,
        lambda s: s.delete("one"),
        edit,
        before=lambda s: s.patch("default", resourceGroup="wrong"),
        stride=41,  # it waits and asks for long, in the same way each time
    ),
    _account("account: adopt", lambda s: s.exists(), lambda s: s.own_account(), bare=True),
    _account("account: not there", nothing, lambda s: s.own_account(), bare=True),
    _account("account: create", nothing, _made, bare=True),
    _account("account: create, slowly", nothing, _made, bare=True, work=12.0),
    _account("account: update", nothing, _tags, lambda s: s.patch("default", tags=None)),
    _account("account: vanished", one, lambda s: s.vanish(ACCOUNT, "contoso")),
    _account("account: delete", nothing, lambda s: s.delete("default")),
    _account("account: delete made", _made, lambda s: s.delete("default"), bare=True),
    _account(
        "account: delete explicitly",
        lambda s: s.own_account(**STORAGE, deletionPolicy="Delete"),
        lambda s: s.delete("default"),
        bare=True,
    ),
    _account(
        "account: delete with what lies in it", one, _all(lambda s: s.delete("default"), lambda s: s.delete("one"))
    ),
)
