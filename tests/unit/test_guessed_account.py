"""A tenant who guesses the ids of somebody else's account, and has no credential that is good for it."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.engine_fakes import OWNER, FakeService, settle
from tests.unit.rig import Rig

from ams_operator.api.reasons import Reason
from ams_operator.domain.answers import NoAnswer, NotSent
from ams_operator.domain.model import JSON

GUESSED: JSON = {
    "azureName": "contoso",
    "subscriptionId": "sub",
    "resourceGroup": "group",
    "credentials": {"secretRef": {"name": "his"}},
}
REFUSALS = {
    "no sign-in": NotSent(Reason.CREDENTIAL_REJECTED, "it is of nobody"),
    "no right": NoAnswer(Reason.FORBIDDEN, "it has no role there"),
    "no answer": NoAnswer(Reason.ENDPOINT_UNREACHABLE, "nothing listens there"),
}


class Guessing(Rig):
    """A service that says to each namespace what its credential is good for."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.theirs = FakeService(self.clock)

    def _connect(self, *_args: Any, namespace: str, **_more: Any) -> FakeService:
        return self.service if namespace == "team" else self.theirs

    def guess(self, **more: Any) -> None:
        self.backend()
        self.see("MediaServicesAccount", "default", {**GUESSED, **more}, uid="guess", namespace="elsewhere")

    def told(self) -> JSON:
        status = dict(self.kube.objects["guess"].status)
        return {
            "conditions": [{**one, "lastTransitionTime": ""} for one in status["conditions"]],
            "holds": [{**one, "until": ""} for one in status.get("holds", ())],
            "other": sorted(status),
        }


async def told(why: str, *, taken: bool, first: bool) -> JSON:
    rig = Guessing()
    rig.service.put_account()
    rig.theirs.broken["contoso"] = REFUSALS[why]
    if first:
        rig.guess()
        rig.clock.time += 1
    async with rig.running():
        if taken:
            rig.apply_account()
            await settle()
        if not first:
            rig.guess()
        await settle()
        await rig.clock.advance(40)
        assert rig.theirs.writes().total() == 0
        if taken and not (first and why == "no answer"):  # an outage proves nothing for ten minutes
            assert rig.ready(OWNER) == ("True", "InSync")
        return rig.told()


@pytest.mark.parametrize("first", [False, True], ids=["later", "older"])
@pytest.mark.parametrize("why", REFUSALS)
async def test_who_guesses_an_account_reads_the_same_whether_anybody_manages_it(why: str, first: bool) -> None:
    alone = await told(why, taken=False, first=first)
    assert alone == await told(why, taken=True, first=first)
    assert "Claimed" not in str(alone)


async def test_whose_credential_may_read_the_account_is_told_that_it_is_taken() -> None:
    rig = Guessing()
    rig.theirs.put_account()
    async with rig.running():
        await rig.usable()
        rig.guess()
        await settle()
        assert rig.ready("guess") == ("False", "Claimed")
        assert rig.theirs.calls == [("GET", "contoso", rig.theirs.calls[0][2])]
        await rig.clock.advance(600)
        assert rig.ready("guess") == ("False", "Claimed")
        assert (rig.theirs.of("GET"), rig.theirs.writes().total()) == (["contoso"], 0)


async def test_who_may_read_another_account_reads_nothing_of_one_that_he_guesses_by_an_edit() -> None:
    rig = Guessing()
    rig.theirs.put_account("his")
    rig.theirs.broken["contoso"] = REFUSALS["no right"]
    async with rig.running():
        await rig.usable()
        rig.guess(azureName="his", managementPolicy="Observe")
        await settle()
        assert rig.ready("guess") == ("True", "Observed")
        rig.guess()
        await settle()
        await rig.clock.advance(40)
        assert "manages" not in str(rig.kube.objects["guess"].status)
        assert "Claimed" not in str(rig.kube.objects["guess"].status)
