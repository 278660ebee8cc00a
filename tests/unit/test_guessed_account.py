"""A tenant who guesses the ids of somebody else's account, and has no credential that is good for it."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any

import pytest
from tests.unit.engine_fakes import OWNER, FakeService, settle
from tests.unit.rig import Rig

from ams_operator.api.reasons import Reason
from ams_operator.domain.answers import Lane, NoAnswer, NoEntry, NotSent, Resource
from ams_operator.domain.model import JSON

GUESSED: JSON = {
    "azureName": "contoso",
    "subscriptionId": "sub",
    "resourceGroup": "group",
    "credentials": {"secretRef": {"name": "his"}},
}
RECIPE: JSON = {"outputs": [{"preset": {"builtInStandardEncoder": {"presetName": "AdaptiveStreaming"}}}]}
_TIMES = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z")
REFUSALS = {
    "no sign-in": NotSent(Reason.CREDENTIAL_REJECTED, "it is of nobody"),
    "no right": NoAnswer(Reason.FORBIDDEN, "it has no role there"),
    "no answer": NoAnswer(Reason.ENDPOINT_UNREACHABLE, "nothing listens there"),
    "not now": NotSent(Reason.THROTTLED, "its window is over later"),
}


class Guessing(Rig):
    """A service that says to each namespace what its credential is good for."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.theirs = FakeService(self.clock)

    def _connect(self, *_args: Any, namespace: str, **_more: Any) -> FakeService:
        return self.service if namespace == "team" else self.theirs

    def guess(self, deleting: str | None = None, **more: Any) -> None:
        self.backend()
        spec = {**GUESSED, **more}
        self.see("MediaServicesAccount", "default", spec, uid="guess", namespace="elsewhere", deleting=deleting)

    def watching(self) -> list[JSON]:
        """Each status that is written there from now on, but for times."""
        found: list[JSON] = []
        write = self.kube.write_status

        async def written(resource: Resource, status: JSON) -> Resource:
            if resource.namespace == "elsewhere":
                timeless = _TIMES.sub("", json.dumps({**status, "record": sorted(status.get("record", ()))}))
                found.append({"object": resource.name, **json.loads(timeless)})
            return await write(resource, status)

        self.kube.write_status = written  # type: ignore[method-assign]  # what anybody sees who watches
        return found


async def told(why: str, *, taken: bool, first: bool) -> tuple[list[JSON], list[tuple[str, str, Lane]]]:
    rig = Guessing()
    rig.service.put_account()
    rig.theirs.broken["contoso"] = REFUSALS[why]
    found = rig.watching()
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
        rig.see("Transform", "beside", RECIPE, uid="beside", namespace="elsewhere")
        await settle()
        rig.guess(driftInterval="5m")
        await rig.clock.advance(40)
        rig.guess(deleting="2023-11-14T22:20:00Z")
        await rig.clock.advance(40)
        assert rig.theirs.writes().total() == 0
        if taken and not (first and why in ("no answer", "not now")):  # it proves nothing for ten minutes
            assert rig.ready(OWNER) == ("True", "InSync")
        return found, rig.theirs.calls


@pytest.mark.parametrize("first", [False, True], ids=["later", "older"])
@pytest.mark.parametrize("why", REFUSALS)
async def test_who_guesses_an_account_reads_the_same_whether_anybody_manages_it(why: str, first: bool) -> None:
    alone = await told(why, taken=False, first=first)
    assert alone == await told(why, taken=True, first=first)
    assert "Claimed" not in str(alone)
    assert {one["object"] for one in alone[0]} == {"default", "beside"}


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


async def test_whose_look_hangs_keeps_nobody_waiting_who_has_the_account() -> None:
    rig = Guessing()
    rig.theirs.put_account()
    rig.theirs.barriers["contoso"] = asyncio.Event()
    async with rig.running():
        await rig.usable()
        rig.guess()
        await settle()
        assert rig.theirs.of("GET") == ["contoso"]
        rig.apply_account(driftInterval="5m")
        await settle()
        mine = rig.kube.objects[OWNER]
        assert mine.status["observedGeneration"] == mine.generation
        rig.see("MediaServicesAccount", "default", mine.spec, uid=OWNER, deleting="2023-11-14T22:20:00Z")
        await settle()
        assert not rig.kube.objects[OWNER].finalizers


async def test_a_guess_is_worked_on_with_others_once_it_is_the_only_one() -> None:
    rig = Guessing()
    rig.theirs.put_account()
    async with rig.running():
        await rig.usable()
        rig.guess()
        await settle()
        assert rig.ready("guess") == ("False", "Claimed")
        rig.kube.objects.pop(OWNER)
        rig.schedule.gone("MediaServicesAccount", OWNER)
        await settle()
        assert rig.ready("guess") == ("True", "InSync")
        assert not rig.engine.store.apart


@pytest.mark.parametrize("taken", [True, False])
async def test_what_was_seen_of_another_account_proves_nothing_of_one_that_is_guessed_meanwhile(taken: bool) -> None:
    rig = Guessing()
    rig.theirs.put_account("his")
    rig.theirs.broken["contoso"] = NoEntry(Reason.FORBIDDEN, "it has no role there")
    rig.theirs.barriers["his"] = look = asyncio.Event()
    async with rig.running():
        if taken:
            await rig.usable()
        rig.guess(azureName="his")
        await settle()
        rig.guess()
        await settle()
        look.set()
        await settle()
        rig.guess(driftInterval="5m")
        await rig.clock.advance(40)
        assert rig.ready("guess") == ("False", "Forbidden")
        assert not rig.engine.accounts.known["guess"].usable
        if not taken:
            await rig.usable()
        assert rig.ready(OWNER) == ("True", "InSync")


async def test_what_was_read_before_the_right_was_taken_away_counts_no_more() -> None:
    rig = Guessing()
    rig.theirs.put_account()
    async with rig.running():
        rig.guess(managementPolicy="Observe")
        await settle()
        assert rig.ready("guess") == ("True", "Observed")
        rig.theirs.broken["contoso"] = NoEntry(Reason.FORBIDDEN, "it has no role there")
        rig.schedule.nominate("guess", Lane.POLL)
        await settle()
        rig.guess()
        await rig.clock.advance(1)
        assert rig.ready("guess") == ("False", "Forbidden")
        assert "how" not in rig.kube.objects["guess"].status["record"]
        rig.clock.time += 1
        rig.service.put_account()
        rig.apply_account()
        await rig.clock.advance(60)
        assert rig.ready(OWNER) == ("True", "InSync")


async def _while_busy(act: str, *, taken: bool) -> list[Any]:
    """What he sees at once and a while after something that he does, while whoever has the account waits for a look."""
    rig, found = Guessing(), list[Any]()
    rig.service.put_account()
    rig.theirs.broken["contoso"] = REFUSALS["no right"]
    async with rig.running():
        if taken:
            await rig.usable()
        else:
            rig.backend()
        if act != "comes":
            rig.guess()
            await settle()
        if taken:
            rig.service.barriers["contoso"] = asyncio.Event()
            rig.schedule.nominate(OWNER, Lane.POLL)
            await settle()
        deleting = {"deleting": "2023-11-14T22:20:00Z"} if act == "is deleted" else {}
        rig.guess(**deleting, **({"driftInterval": "7m"} if act == "is edited" else {}))
        for seconds in (0, 30):
            await rig.clock.advance(seconds)
            his = rig.kube.objects["guess"]
            seen = his.status.get("observedGeneration") == his.generation
            found.append((rig.ready("guess"), seen, his.finalizers, len(rig.theirs.calls)))
    return found


@pytest.mark.parametrize("act", ["comes", "is edited", "is deleted"])
async def test_who_guesses_waits_for_no_look_of_whoever_has_the_account(act: str) -> None:
    assert await _while_busy(act, taken=True) == await _while_busy(act, taken=False)
