"""Live events, live outputs, streaming endpoints and assets against real HTTP exchanges of 2020 to 2022."""

import re
from typing import Any

import pytest
from tests.emulator.bodies import output_body
from tests.emulator.recorded import assert_like, fill, find, names
from tests.emulator.scene import Scene

Samples = dict[str, Any]


class Recorded:
    """The recorded exchanges, filled in for one account."""

    def __init__(self, scene: Scene, samples: Samples) -> None:
        self.scene, self._samples = scene, samples
        self._fills = names(scene.emulator, scene.account) | {
            "le": "e",
            "lo": "o",
            "se": "se",
            "asset": "tape",
            "storage": scene.account.name,
            "v": "2022-07-01",
        }

    def sample(self, title: str, **more: str) -> Any:
        return fill(find(self._samples, title), **self._fills, **more)

    def path(self, title: str) -> str:
        return str(self.sample(title)["request"]["path"].partition("?")[0])

    def send(self, title: str) -> tuple[Any, Any]:
        """The recorded request, and its answer compared with the recorded one; headers and body."""
        request, response = (self.sample(title)[part] for part in ("request", "response"))
        path = request["path"].partition("?")[0]
        status, headers, body = self.scene.ask(request["method"], path, request.get("body"))
        assert status == response["status"]
        self.same_headers(headers, response.get("headers", {}))
        if response.get("body") is None:
            assert body is None
        else:
            assert_like(body, response["body"])
        return headers, body

    def same_headers(self, headers: Any, recorded: dict[str, str]) -> None:
        found = re.search(r"operations/([^?]+)\?", headers.get("azure-asyncoperation", ""))
        for name, value in recorded.items():
            if value.startswith("/") and found:
                expected = value.replace("{opId}", found[1])
                assert headers[name.lower()] == f"{self.scene.emulator.url}{expected}"
            elif name == "Retry-After":
                assert headers["retry-after"] == value


@pytest.fixture
def recorded(scene: Scene, samples: Samples) -> Recorded:
    return Recorded(scene, samples)


def test_live_event_put_and_its_operation(recorded: Recorded) -> None:
    recorded.scene.slow()
    headers, _ = recorded.send("live event PUT new")
    link = headers["azure-asyncoperation"].removeprefix(recorded.scene.emulator.url)
    operation = re.search(r"operations/([^?]+)\?", link)
    assert operation is not None
    sample = recorded.sample("streaming-RP operation status", opId=operation[1])["response"]
    for body, seconds in zip(sample["bodies"], (3600, 0), strict=True):
        status, polled, answer = recorded.scene.ask("GET", link)
        assert (status, polled["retry-after"]) == (sample["status"], sample["headers"]["Retry-After"])
        assert polled["azure-asyncoperation"] == headers["azure-asyncoperation"]
        assert_like(answer, body)
        recorded.scene.emulator.control.advance(seconds)


def test_live_event_start_and_stop(recorded: Recorded) -> None:
    recorded.send("live event PUT new")
    event = recorded.path("live event PUT new")
    assert recorded.scene.act(event, "start") == 202
    recorded.scene.slow()
    headers, _ = recorded.send("live event start / stop")
    link = headers["location"].removeprefix(recorded.scene.emulator.url)
    assert recorded.scene.ask("GET", link)[0] == 202
    recorded.scene.emulator.control.advance(3600)
    status, _, body = recorded.scene.ask("GET", link)
    operation = link.partition("?")[0].rpartition("/")[2]
    sample = recorded.sample("live event operationlocations", opId=operation)["response"]
    assert status == sample["status"]
    assert_like(body, sample["body"])


@pytest.mark.parametrize(("action", "state"), [("start", "Running"), ("allocate", "StandBy")])
def test_live_event_with_urls(recorded: Recorded, action: str, state: str) -> None:
    event = recorded.scene.make_event(input={"streamingProtocol": "FragmentedMP4", "accessControl": None})
    recorded.scene.act(event, action)
    body = recorded.sample("live event GET when Running")["response"]["body"]
    body["properties"]["resourceState"] = state
    body["properties"]["input"]["streamingProtocol"] = "FragmentedMP4"  # the sample's has the wrong one beside its URL
    body = fill(body, acc=recorded.scene.account.name)
    for part in ("input", "preview"):
        url = body["properties"][part]["endpoints"][0]["url"]
        body["properties"][part]["endpoints"][0]["url"] = url.replace("<region code>", "usw22")
    assert_like(recorded.scene.ask("GET", event)[2], body)


def test_live_event_patch(recorded: Recorded) -> None:
    recorded.send("live event PUT new")
    event = recorded.path("live event PUT new")
    whole = recorded.scene.ask("GET", event)[2]
    whole["properties"]["description"] = "asd"
    status, headers, body = recorded.scene.ask("PATCH", event, whole)
    sample = recorded.sample("live event PATCH")["response"]
    assert status == sample["status"]
    assert {"azure-asyncoperation", "location"} <= set(headers)
    assert_like(body, sample["body"])
    assert recorded.scene.properties(event)["description"] == "asd"


def test_live_output(recorded: Recorded) -> None:
    recorded.scene.make_event(start=True)
    recorded.scene.make_asset()
    recorded.send("live output PUT")
    output = recorded.path("live output PUT")
    status, _, body = recorded.scene.ask("GET", output)
    sample = recorded.sample("live output GET")["response"]
    assert status == sample["status"]
    assert_like(body, sample["body"])


def test_live_output_of_a_stopped_event(recorded: Recorded) -> None:
    """Recorded in 2020: it is taken, and runs."""
    event = recorded.scene.make_event()
    recorded.scene.make_asset()
    assert recorded.scene.ask("PUT", f"{event}/liveOutputs/o", output_body("tape"))[0] == 201
    assert recorded.scene.state(f"{event}/liveOutputs/o") == "Running"


def test_streaming_endpoint(recorded: Recorded) -> None:
    recorded.send("streaming endpoint PUT")
    recorded.send("streaming endpoint scale while Stopped")
    assert recorded.scene.ask("GET", recorded.path("streaming endpoint PUT"))[2]["sku"]["capacity"] == 10
    recorded.send("streaming endpoint skus")
    recorded.send("streaming endpoint DELETE")


def test_asset(recorded: Recorded) -> None:
    headers, _ = recorded.send("asset PUT {}")
    assert recorded.sample("asset PUT {}")["response"]["headers"].items() <= dict(headers).items()
    found = recorded.scene.properties(recorded.path("asset PUT {}"))
    assert found["container"] == f"asset-{found['assetId']}"


def test_live_event_missing(recorded: Recorded) -> None:
    sample = recorded.sample("404 for tracked resources")["response"]
    status, _, body = recorded.scene.ask("GET", f"{recorded.scene.account.id}/liveEvents/e")
    assert (status, body) == (sample["status"], sample["body"])
