"""What is known of one place says nothing of another: records, and accounts that are gone, when a manifest moves on."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.engine_fakes import OWNER, FakeService, moment, settle
from tests.unit.rig import Rig

from ams_operator.api.base import FINALIZER
from ams_operator.api.reasons import Reason
from ams_operator.domain.answers import NotSent
from ams_operator.domain.model import JSON, AccountId

HIS: JSON = {
    "azureName": "contoso",
    "subscriptionId": "his",
    "resourceGroup": "his",
    "credentials": {"secretRef": {"name": "his"}},
}
RECIPE: JSON = {"outputs": [{"preset": {"builtInStandardEncoder": {"presetName": "AdaptiveStreaming"}}}]}


class Neighbours(Rig):
    """A service with several groups, and one that refuses whoever has no right."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.groups = {name: FakeService(self.clock) for name in ("his", "wrong")}
        refusal = NotSent(Reason.CREDENTIAL_REJECTED, "it is of nobody")
        self.refusing = FakeService(self.clock, broken={"contoso": refusal, "one": refusal})

    def _connect(self, *args: Any, namespace: str, **_more: Any) -> FakeService:
        account: AccountId = args[1]
        there = self.groups.get(account.resource_group)
        return there or (self.service if namespace == "team" else self.refusing)


@pytest.mark.parametrize("policy", [{}, {"managementPolicy": "Pause"}], ids=["tried", "never tried"])
@pytest.mark.parametrize("late", [False, True], ids=["managed already", "applied later"])
async def test_who_has_something_elsewhere_takes_nobodys_place_by_moving_there(policy: JSON, late: bool) -> None:
    """A tenant with an account of the same name changes subscription and group to those of somebody else."""
    rig = Neighbours()
    async with rig.running():
        rig.service.put_account()
        rig.groups["his"].put_account()
        rig.backend()
        rig.see("MediaServicesAccount", "default", HIS, uid="squatter", namespace="elsewhere")
        rig.see("Transform", "one", RECIPE, uid="squats", namespace="elsewhere")
        await settle()
        assert rig.ready("squatter") == rig.ready("squats") == ("True", "InSync")
        rig.clock.time += 1
        ours: JSON = {**HIS, "subscriptionId": "sub", "resourceGroup": "group", **policy}
        if late:
            rig.see("MediaServicesAccount", "default", ours, uid="squatter", namespace="elsewhere")
            await settle()
        rig.apply_account()
        rig.transform("one")
        await settle()
        if not late:
            rig.see("MediaServicesAccount", "default", ours, uid="squatter", namespace="elsewhere")
            await settle()
        rig.transform("one", "ContentAwareEncoding")
        await settle()
        await rig.clock.advance(60)
        assert rig.ready(OWNER) == rig.ready("one") == ("True", "InSync")
        assert rig.ready("squatter")[0] == "False" or policy


@pytest.mark.parametrize("what", ["manifest", "backend"])
async def test_an_account_that_was_gone_elsewhere_lets_go_of_nothing_here(what: str) -> None:
    """A manifest, or its backend's endpoint, was mistyped for a while, and corrected."""
    rig = Neighbours()
    async with rig.running():
        await rig.usable()
        recipe = rig.transform("one").spec
        await settle()
        backend = dict(rig.kube.objects["MediaServicesBackend"].spec)
        if what == "manifest":
            rig.apply_account(resourceGroup="wrong")
        else:
            there = rig.service.stored.pop(("MediaServicesAccount", "contoso"))
            rig.see(
                "MediaServicesBackend",
                "default",
                {**backend, "endpoint": "https://wrong.example"},
                uid="MediaServicesBackend",
            )
        await settle()
        await rig.clock.advance(200)
        assert rig.ready(OWNER)[0] == "False"
        rig.see("Transform", "one", recipe, deleting=moment(rig.clock.now()))
        await settle()
        assert rig.kube.objects["one"].finalizers == (FINALIZER,)
        if what == "manifest":
            rig.apply_account()
        else:
            rig.service.stored["MediaServicesAccount", "contoso"] = there
            rig.see("MediaServicesBackend", "default", backend, uid="MediaServicesBackend")
        await settle()
        await rig.clock.advance(60)
        assert rig.service.writes()["DELETE one"] == 1
        assert not rig.kube.objects["one"].finalizers
