"""Objects whose manifest can't be read, as after a downgrade: they are left alone, and let go when asked."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.engine_fakes import OWNER
from tests.unit.rig import Rig, recipe_of
from tests.unit.scenes import ORIGIN

from ams_operator.api.base import FINALIZER
from ams_operator.domain.model import JSON
from ams_operator.engine.news import Happening, News

UNREAD: JSON = {"input": {"streamingProtocol": "RTMP"}, "runState": "Running", "purpose": "x"}
"""a live event's, with a field that this version does not know"""
RECORD = {"uid": "one", "how": "Created", "identity": "then", "resourceId": "/one", "origin": ORIGIN, "later": 1}
IN_SYNC: JSON = {
    "observedGeneration": 1,
    "conditions": [{"type": "Ready", "status": "True", "reason": "InSync", "message": ""}],
}
NOON = "2026-01-31T12:00:00Z"


@pytest.fixture
def rig() -> Rig:
    return Rig()


def seen(rig: Rig, spec: JSON = UNREAD, **members: Any) -> None:
    """An event that was made by this object and was last seen on air."""
    known = rig.kube.objects.get("one")
    status = known.status if known else {"observedGeneration": 1, "resourceState": "Running", "record": RECORD}
    finalizers = known.finalizers if known else (FINALIZER,)
    rig.see("LiveEvent", "one", spec, **{"status": status, "finalizers": finalizers} | members)


def message(rig: Rig, reason: str) -> str:
    condition = rig.kube.objects["one"].status["conditions"][0]
    assert (condition["type"], condition["reason"]) == ("Ready", reason)
    return str(condition["message"])


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"purpose": "x"}, "spec.purpose: this version of the operator does not know it; nothing is done here. Run a"),
        (
            {"description": 7},
            "spec.description: Input should be a valid string; the object is older than the installed",
        ),
    ],
)
async def test_it_is_said_whose_fault_it_is(rig: Rig, more: JSON, said: str) -> None:
    """A field of a newer version is no mistake of the manifest's. To read the object without it would be to take back
    what it brought."""
    async with rig.running():
        await rig.usable()
        rig.transform("one", more={"description": "x"})
        await rig.clock.advance(1)
        assert rig.ready("one") == ("True", "InSync")
        writes, record = rig.service.writes(), rig.kube.objects["one"].record
        rig.transform("one", more=more)
        await rig.clock.advance(30)
        assert message(rig, "InvalidSpec").startswith(said)
        assert (rig.service.writes(), rig.kube.objects["one"].record) == (writes, record)


async def test_what_a_newer_version_remembers_is_kept(rig: Rig) -> None:
    async with rig.running():
        await rig.usable()
        seen(rig, generation=2)
        await rig.clock.advance(1)
        message(rig, "InvalidSpec")
        assert rig.kube.objects["one"].record == RECORD


@pytest.mark.parametrize("way", ["abandon", "retain", "definition"])
async def test_a_deletion_waits_and_can_be_let_go(rig: Rig, way: str) -> None:
    """By the ways out that its message names, and with its definition; what stays on air is told."""
    heard: list[News] = []
    rig.engine.announce = lambda _about, news: heard.append(news)
    async with rig.running():
        await rig.usable()
        seen(rig, deleting=NOON)
        await rig.clock.advance(600)
        assert rig.kube.objects["one"].finalizers
        assert "set deletionPolicy: Retain, or: ams-operator request abandon" in message(rig, "Deleting")
        if way == "abandon":
            seen(rig, deleting=NOON, annotations={"request.ams-operator.dev/abandon": "one"})
        elif way == "retain":
            seen(rig, {**UNREAD, "deletionPolicy": "Retain"}, deleting=NOON)
        else:
            rig.kube.undefined = True
            seen(rig, {**UNREAD, "purpose": "y"}, deleting=NOON)
        await rig.clock.advance(1)
        assert not rig.kube.objects["one"].finalizers
        assert rig.service.writes() == {}
        assert [one.happening for one in heard] == [Happening.RELEASED_ON_AIR]


async def test_another_ones_consent_does_not_let_it_go(rig: Rig) -> None:
    async with rig.running():
        await rig.usable()
        seen(rig, deleting=NOON, annotations={"request.ams-operator.dev/abandon": "the one before"})
        await rig.clock.advance(600)
        assert rig.kube.objects["one"].finalizers


def recipe(name: str = "AdaptiveStreaming", **more: Any) -> JSON:
    return {"outputs": [{"preset": {"builtInStandardEncoder": {"presetName": name}}}], **more}


async def test_it_is_told_also_where_an_earlier_process_found_it_in_sync(rig: Rig) -> None:
    """Nobody edits it: the first sweep says so, of what lies in another resource, too."""
    inside = {"liveEventRef": {"name": "studio"}, "assetRef": {"name": "tape"}, "purpose": "x"}
    told = IN_SYNC | {"resourceId": "/somewhere"}
    async with rig.running():
        await rig.usable()
        rig.service.put_transform("one", recipe_of("AdaptiveStreaming"))
        rig.see("Transform", "one", recipe(purpose="x"), status={**told, "record": RECORD})
        rig.see("LiveOutput", "two", inside, status={**told, "record": {**RECORD, "uid": "two"}})
        await rig.clock.advance(1)
        await rig.sweep()
        assert [rig.ready(name) for name in ("one", "two")] == [("False", "InvalidSpec")] * 2
        writes = len(rig.kube.writes)
        await rig.sweep()
        assert len(rig.kube.writes) == writes, "once"


async def test_what_lies_in_an_account_that_an_earlier_process_could_read_says_so(rig: Rig) -> None:
    async with rig.running():
        rig.see("Transform", "one", recipe(), status={**IN_SYNC, "record": RECORD})
        rig.apply_account(purpose="x")
        await rig.clock.advance(1)
        assert rig.ready(OWNER) == ("False", "InvalidSpec")
        assert rig.ready("one") == ("False", "WaitingForAccount")


async def test_what_it_has_stays_its_own(rig: Rig) -> None:
    """Whoever means the same, and may overwrite what differs, is kept away as before."""
    async with rig.running():
        await rig.usable()
        rig.see("Transform", "first", recipe(azureName="same"))
        await rig.clock.advance(1)
        assert rig.ready("first") == ("True", "InSync")
        writes = rig.service.writes()
        rig.see("Transform", "first", recipe(azureName="same", purpose="x"))
        rig.see("Transform", "second", recipe("AACGoodQualityAudio", azureName="same", adoptionPolicy="Always"))
        await rig.clock.advance(600)
        await rig.sweep()
        assert [rig.ready(name)[1] for name in ("first", "second")] == ["InvalidSpec", "Claimed"]
        assert rig.service.writes() == writes
        rig.see("Transform", "first", recipe(azureName="same", purpose="x", managementPolicy="Observe"))
        await rig.clock.advance(60)
        assert rig.ready("second") == ("True", "InSync"), "it was let go"
