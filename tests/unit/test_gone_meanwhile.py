"""An object may go while something is waited for: nothing is told of it, and nothing else is left undone for it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from tests.unit.engine_fakes import settle
from tests.unit.rig import Rig, recipe_of

from ams_operator.domain.answers import Answer, Lane, Secret
from ams_operator.domain.model import Address

NAMES = ("one", "two", "three", "four", "five")


@pytest.fixture
def rig() -> Rig:
    return Rig()


async def five(rig: Rig) -> None:
    """Five transforms that are ready, and a sweep that has seen them."""
    await rig.at_rest(*NAMES)
    rig.service.calls.clear()


def goes(rig: Rig, name: str, kind: str = "Transform") -> None:
    """The watch tells that an object is gone."""
    rig.kube.objects.pop(name, None)
    rig.schedule.gone(kind, name)


async def test_while_a_sweep_asks_for_secrets_the_others_are_swept(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    async with rig.running():
        await five(rig)
        rig.engine.store.memory["one"].secrets["key"] = Secret("1", {})
        references = {"liveEventRef": {"name": "studio"}, "assetRef": {"name": "tape"}, "archiveWindowLength": "PT1H"}
        rig.see("LiveOutput", "recording", references, status={"observedGeneration": 1, "resourceId": "/somewhere"})

        async def version(namespace: str, name: str) -> str | None:
            if name == "key":
                goes(rig, "recording", "LiveOutput")
            return "1"

        monkeypatch.setattr(rig.kube, "secret_version", version)
        created = rig.service.transform("five")["created"]
        rig.service.put_transform("five", recipe_of("AACGoodQualityAudio", created=created))
        await rig.sweep()
        assert rig.service.writes() == {"PATCH five": 1}
        assert rig.meter.poisoned == []


async def test_while_a_sweep_asks_whether_much_is_gone(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    async with rig.running():
        await five(rig)
        for name in NAMES[:4]:
            del rig.service.stored[("Transform", name)]
        original = rig.service.get

        async def get(address: Address, lane: Lane) -> Answer:
            goes(rig, "two")
            return await original(address, lane)

        monkeypatch.setattr(rig.service, "get", get)
        await rig.clock.advance(60)
        await rig.sweep()
        assert {rig.ready(name)[1] for name in ("one", "three", "four")} == {"MassAbsence"}
        assert "two" not in rig.service.of("GET")


async def test_while_it_is_worked_on(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with rig.running():
        await rig.usable()
        kind = rig.engine.kinds["Transform"]

        def state(*_: Any) -> Any:
            goes(rig, "going")
            return rig.engine.store.memory["going"]

        changed = {**rig.engine.kinds, "Transform": replace(kind, state=state)}
        monkeypatch.setattr(rig.engine, "kinds", changed)
        rig.service.put_transform("going", recipe_of("AdaptiveStreaming"))
        rig.transform("going")
        await settle()
        await asyncio.sleep(0)
        assert "going" in rig.service.of("GET")
        assert [line.message for line in caplog.records if line.levelname == "ERROR"] == []
