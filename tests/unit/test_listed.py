"""What rests on a LIST alone: nothing that lasts. It may be of an earlier state, and leave things or members out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.unit.engine_fakes import moment, settle
from tests.unit.rig import Rig

from ams_operator.api.base import REQUEST_PREFIX
from ams_operator.domain.answers import Answer, Lane
from ams_operator.domain.model import JSON, Address

ENDPOINT: JSON = {"description": "ours", "scaleUnits": 0}
INPUT: JSON = {"streamingProtocol": "RTMP", "accessControl": {"ip": {"allow": []}}}


class Studio(Rig):
    """A rig whose live events start and stop."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.service.action = self._action  # type: ignore[method-assign]  # transforms have none

    async def _action(self, address: Address, verb: str, body: JSON | None, lane: Lane) -> Answer:
        at, name = self.clock.now(), address.names[-1]
        self.service.calls.append((verb, name, lane))
        self.put(address.kind, name, resourceState="Running" if verb == "start" else "Stopped")
        return Answer(200, None, at, moment(at))

    def put(self, kind: str, name: str, **properties: Any) -> None:
        """Somebody else made it, or changed it."""
        made = {"name": name, "location": "West", "properties": {"created": moment(self.clock.now() - 1000)}}
        found = self.service.stored.setdefault((kind, name), made)
        shown = {**found["properties"], "provisioningState": "Succeeded", **properties}
        self.service.stored[kind, name] = {**found, "properties": shown}

    def lists(self, kind: str, **properties: Any) -> None:
        """From now on LISTs show things of this kind as they were earlier."""

        def earlier(items: list[JSON]) -> list[JSON]:
            names = {name for of, name in self.service.stored if of == kind}
            return [
                {**one, "properties": {**one["properties"], **properties}} if one["name"] in names else one
                for one in items
            ]

        self.service.listed = earlier


async def test_what_a_LIST_shows_untouched_is_not_taken_for_ours() -> None:  # noqa: N802 - the word is written so
    """The account's own endpoint, which somebody has set up since: it is not adopted over what he set."""
    rig = Studio()
    async with rig.running():
        await rig.usable()
        rig.put("StreamingEndpoint", "default", description="theirs", resourceState="Stopped", scaleUnits=0)
        rig.see("StreamingEndpoint", "default", {**ENDPOINT, "managementPolicy": "Observe"})
        await settle()
        rig.lists("StreamingEndpoint", description="")
        await rig.clock.advance(60)
        await rig.sweep()
        seen = rig.engine.store.memory["default"].observed
        assert seen is not None
        assert (seen.raw or {})["properties"]["description"] == ""
        rig.see("StreamingEndpoint", "default", ENDPOINT)
        await settle()
        await rig.clock.advance(30)
        assert rig.service.of("PATCH", "PUT") == []
        assert rig.ready("default") == ("False", "AdoptionRefused")


async def test_an_order_is_not_taken_for_carried_out_by_what_was_listed() -> None:
    """It was stopped since: to declare that it runs is an order, and not the state that somebody else ended."""
    rig = Studio()
    async with rig.running():
        await rig.usable()
        rig.put("LiveEvent", "studio", input=INPUT, resourceState="Running")
        rig.see("LiveEvent", "studio", {"input": {"streamingProtocol": "RTMP"}})
        await settle()
        await rig.clock.advance(60)
        await rig.sweep()
        assert rig.ready("studio") == ("True", "InSync"), rig.kube.objects["studio"].status
        rig.put("LiveEvent", "studio", resourceState="Stopped")
        rig.see("LiveEvent", "studio", {"input": {"streamingProtocol": "RTMP"}, "runState": "Running"})
        await settle()
        await rig.clock.advance(60)
        await rig.sweep()
        await rig.clock.advance(60)
        assert rig.service.of("start") == ["studio"], rig.kube.objects["studio"].status
        assert rig.ready("studio") == ("True", "InSync")


@pytest.mark.parametrize("more", [{}, {"description": "theirs"}], ids=["equal", "to be changed"])
async def test_that_it_runs_is_not_told_by_a_LIST(more: JSON) -> None:  # noqa: N802 - the word is written so
    """It ran earlier: what waits for it to run, such as a recording, would begin, and when it first ran stays told."""
    rig = Studio()
    async with rig.running():
        await rig.usable()
        rig.put("LiveEvent", "studio", input=INPUT, resourceState="Stopped")
        rig.put("LiveEvent", "studio", description="ours")
        rig.see("LiveEvent", "studio", {"input": {"streamingProtocol": "RTMP"}, "description": "ours"})
        await settle()
        assert rig.kube.objects["studio"].status["resourceState"] == "Stopped"
        rig.lists("LiveEvent", resourceState="Running", **more)
        await rig.clock.advance(60)
        await rig.sweep()
        status = rig.kube.objects["studio"].status
        assert status["resourceState"] == "Stopped"
        assert "firstRunningAt" not in status


async def test_other_words_for_the_same_cost_no_look() -> None:
    """A later version of the operator says some things otherwise, of all that there is."""
    rig = Rig()
    async with rig.running():
        await rig.at_rest("one")
        known = rig.kube.objects["one"]
        said = [{**one, "message": "as it should be"} for one in known.status["conditions"]]
        former = replace(known, status={**known.status, "conditions": said}, version=str(next(rig.kube.versions)))
        rig.kube.objects["one"] = former
        rig.engine.store.put(former)
        rig.service.calls.clear()
        await rig.clock.advance(60)
        await rig.sweep()
        assert rig.said("one") == "the service is as declared"
        assert rig.service.of("GET") == []


def urls(name: str) -> JSON:
    return {**INPUT, "endpoints": [{"url": f"rtmp://{name}.test:1935/live"}]}


async def test_no_URLs_of_an_earlier_run_are_published() -> None:  # noqa: N802
    """It was only looked at meanwhile, and its last LIST is of before it was started anew."""
    rig = Studio()
    spec: JSON = {"input": {"streamingProtocol": "RTMP"}}
    async with rig.running():
        await rig.usable()
        rig.put("LiveEvent", "studio", input=urls("first"), resourceState="Running")
        rig.see("LiveEvent", "studio", spec)
        await settle()
        assert rig.kube.published["studio-connection"]["rtmp-primary"] == "rtmp://first.test:1935/live"
        rig.see("LiveEvent", "studio", {**spec, "managementPolicy": "Observe"})
        await settle()
        rig.lists("LiveEvent", input=urls("second"))
        await rig.clock.advance(60)
        await rig.sweep()
        rig.put("LiveEvent", "studio", input=urls("third"))
        rig.see("LiveEvent", "studio", spec)
        await settle()
        assert rig.kube.published["studio-connection"]["rtmp-primary"] == "rtmp://third.test:1935/live"


@pytest.mark.parametrize("there", [True, False])
async def test_a_recording_that_a_LIST_leaves_out_is_not_taken_for_gone(there: bool) -> None:  # noqa: N802
    """A reset ends what records. That a LIST does not show what did a moment ago is no proof that nothing does."""
    rig = Studio()
    event: JSON = {"input": {"streamingProtocol": "RTMP"}}
    match: JSON = {
        "liveEventRef": {"name": "studio"},
        "assetRef": {"azureName": "a"},
        "archiveWindowLength": "PT5M",
    }
    async with rig.running():
        await rig.usable()
        rig.put("LiveEvent", "studio", input=INPUT, resourceState="Running")
        rig.put(
            "LiveOutput",
            "match",
            assetName="a",
            manifestName="m",
            archiveWindowLength="PT5M",
            resourceState="Running",
        )
        rig.see("LiveEvent", "studio", event)
        rig.see("LiveOutput", "match", match)
        await settle()
        assert rig.ready("match") == ("True", "Recording")
        rig.service.listed = lambda items: [one for one in items if one["name"] != "match"]
        if not there:
            del rig.service.stored["LiveOutput", "match"]
        rig.see("LiveEvent", "studio", event, annotations={f"{REQUEST_PREFIX}reset": "1"})
        await settle()
        assert rig.service.of("reset") == ([] if there else ["studio"])
        if there:
            assert rig.ready("studio") == ("False", "WouldEndRecording")


async def test_what_no_list_shows_any_more_stops_no_stop() -> None:
    """Its object is paused, so that nobody looks at it: the service itself refuses to stop what records."""
    rig = Studio()
    event: JSON = {"input": {"streamingProtocol": "RTMP"}, "runState": "Running"}
    match: JSON = {
        "liveEventRef": {"name": "studio"},
        "assetRef": {"azureName": "a"},
        "archiveWindowLength": "PT5M",
    }
    async with rig.running():
        await rig.usable()
        rig.put("LiveEvent", "studio", input=INPUT, resourceState="Running")
        recording = {"archiveWindowLength": "PT5M", "resourceState": "Running"}
        rig.put("LiveOutput", "match", assetName="a", manifestName="m", **recording)
        rig.see("LiveEvent", "studio", event)
        rig.see("LiveOutput", "match", match)
        await settle()
        rig.see("LiveOutput", "match", {**match, "managementPolicy": "Pause"})
        await settle()
        del rig.service.stored["LiveOutput", "match"]
        rig.see("LiveEvent", "studio", {**event, "runState": "Stopped"})
        await settle()
        await rig.sweep()
        assert rig.service.of("stop") == ["studio"]
