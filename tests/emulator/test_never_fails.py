"""Whatever is asked, in whatever order and under whichever answers to open questions: the emulator answers."""

import random
from typing import Any

import pytest
from tests.emulator.bodies import ANYBODY, event_body, output_body
from tests.emulator.scene import Scene

from ams_emulator.variants import GUESSES, Variants

REQUESTS = 150
STATES = {
    "liveEvents": {"Stopped", "Allocating", "StandBy", "Starting", "Running", "Stopping", "Deleting"},
    "liveOutputs": {"Creating", "Running", "Deleting"},
    "streamingEndpoints": {"Stopped", "Starting", "Running", "Stopping", "Deleting", "Scaling"},
}
EVENT_CHANGES: tuple[dict[str, Any], ...] = (
    {"description": "new"},
    {"description": None},
    {"useStaticHostname": True, "hostnamePrefix": "Prefix"},
    {"input": {"streamingProtocol": "RTMP", "accessControl": ANYBODY}},
    {"input": None, "preview": None, "encoding": None, "streamOptions": None, "crossSiteAccessPolicies": None},
    {"preview": {}, "encoding": {}, "transcriptions": []},
    {"preview": {"streamingPolicyName": "x"}, "encoding": {"encodingType": "Standard"}, "streamOptions": ["Default"]},
)
ENDPOINT_CHANGES: tuple[dict[str, Any], ...] = (
    {"cdnEnabled": True},
    {"cdnEnabled": False, "cdnProfile": None, "cdnProvider": None},
    {"accessControl": ANYBODY, "maxCacheAge": 5},
    {"accessControl": None, "customHostNames": None, "crossSiteAccessPolicies": {}},
    {"scaleUnits": 3},
    {"scaleUnits": None, "description": None},
)


class Monkey:
    """Sends one request after the other, chosen by chance from a seed."""

    def __init__(self, scene: Scene, seed: int) -> None:
        self.scene, self.random = scene, random.Random(seed)
        self.endpoints = [f"{scene.account.id}/streamingEndpoints/{name}" for name in ("default", "se")]
        self.events = [f"{scene.account.id}/liveEvents/{name}" for name in ("one", "two")]
        self.outputs = [f"{event}/liveOutputs/{name}" for event in self.events for name in ("a", "b")]
        self.assets = [f"{scene.account.id}/assets/{name}" for name in ("x", "y")]

    def event(self) -> tuple[Any, ...]:
        path, pick = self.random.choice(self.events), self.random.choice
        return pick(
            (
                ("PUT", f"{path}?autoStart={pick(('true', 'false'))}", event_body(**pick(EVENT_CHANGES[:3]))),
                ("PATCH", path, {"location": "westus2", "properties": pick(EVENT_CHANGES)}),
                ("PATCH", path, {"tags": {"a": None}}),
                ("POST", f"{path}/{pick(('start', 'allocate', 'reset'))}", None),
                ("POST", f"{path}/start", None),
                ("POST", f"{path}/stop", {"removeOutputsOnStop": pick((True, False))}),
                ("DELETE", path, None),
            )
        )

    def output(self) -> tuple[Any, ...]:
        path, pick = self.random.choice(self.outputs), self.random.choice
        body = output_body(pick(("x", "y", "z")), **pick(({}, {"manifestName": "m"}, {"hls": None})))
        return pick((("PUT", path, body), ("PUT", path, body), ("DELETE", path, None), ("GET", path, None)))

    def endpoint(self) -> tuple[Any, ...]:
        path, pick = self.random.choice(self.endpoints), self.random.choice
        return pick(
            (
                ("PUT", f"{path}?autoStart={pick(('true', 'false'))}", {"location": "westus2", "properties": {}}),
                ("PATCH", path, {"location": "westus2", "properties": pick(ENDPOINT_CHANGES)}),
                ("POST", f"{path}/{pick(('start', 'stop'))}", None),
                ("POST", f"{path}/scale", {"scaleUnit": pick((0, 2))}),
                ("DELETE", path, None),
            )
        )

    def asset(self) -> tuple[Any, ...]:
        path, pick = self.random.choice(self.assets), self.random.choice
        return pick(
            (
                ("PUT", path, pick(({}, {"properties": {"container": "c"}}))),
                ("PATCH", path, {"properties": {"description": pick(("d", None))}}),
                ("POST", f"{path}/getEncryptionKey", None),
                ("DELETE", path, None),
            )
        )

    def people(self) -> None:
        control, pick = self.scene.emulator.control, self.random.choice
        known = {item.lower() for item in control.stored_ids(self.scene.account.id)}
        event, endpoint, content = pick(self.events), pick(self.endpoints), pick(self.outputs + self.assets)
        if event.lower() in known:
            control.attach_encoder(event, follow=pick((True, False)))
        if {endpoint.lower(), content.lower()} <= known:
            control.attach_viewer(endpoint, content)
        if self.random.random() < 0.2:
            control.detach_all(self.scene.account.id)


def check_consistent(scene: Scene) -> None:
    """What is stored is something that the service could show."""
    for resource_id in scene.emulator.control.stored_ids(scene.account.id):
        body = scene.emulator.control.get_out_of_band(resource_id)
        kind = body["type"].rpartition("/")[2].lower()
        states = next((found for name, found in STATES.items() if name.lower() == kind), None)
        if states is None:
            continue
        properties = body["properties"]
        assert properties["resourceState"] in states, resource_id
        assert properties["provisioningState"] in ("Succeeded", "InProgress", "Failed"), resource_id
        if kind == "liveevents":
            on = properties["resourceState"] in ("StandBy", "Running")
            assert bool(properties["input"]["endpoints"]) == bool(properties["preview"]["endpoints"]) == on
            assert properties["input"]["accessToken"]
        if kind == "streamingendpoints":
            assert body["sku"]["capacity"] == properties["scaleUnits"]
            assert properties["hostName"]


@pytest.mark.parametrize("profile", ["strict", "lenient", "seed:1", "seed:2", "seed:3", "seed:4"])
def test_any_requests(scene: Scene, profile: str) -> None:
    control = scene.emulator.control
    variants = Variants(profile)
    control.variants(**{guess.name: variants.answer(guess.name) for guess in GUESSES})
    control.settings(operation_seconds=5, cdn="azure")
    monkey = Monkey(scene, sum(profile.encode()))
    kinds = (monkey.event, monkey.event, monkey.output, monkey.endpoint, monkey.asset)
    taken = 0
    for number in range(REQUESTS):
        method, path, body = monkey.random.choice(kinds)()
        if monkey.random.random() < 0.05:
            control.fault("operation", {"path": path.partition("?")[0]}, code="Broken")
        status, headers, answer = scene.ask(method, path, body)
        assert status < 500, (method, path, body, answer)
        taken += status < 300
        link = headers.get("location" if number % 2 else "azure-asyncoperation", "").removeprefix(scene.emulator.url)
        control.advance(monkey.random.choice((0, 1, 6)))
        assert not link or scene.ask("GET", link)[0] < 500
        if number % 10 == 0:
            monkey.people()
            check_consistent(scene)
    assert taken > REQUESTS / 10
    meters = control.meters(scene.account.id)
    assert all(value >= 0 for name, value in meters.items() if name != "byResource")
