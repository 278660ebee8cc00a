"""What tests of live events, recordings and endpoints have in common: manifests, people, meters, the request log."""

from __future__ import annotations

import base64
from typing import Any

from kubernetes import client
from tests.integration.rig import Rig
from tests.integration.variants import answers_of
from tests.patience import until

from ams_emulator.testing import Emulator

INPUT = {
    "streamingProtocol": "RTMP",
    "accessControl": {"ip": {"allow": [{"name": "anyone", "address": "0.0.0.0", "subnetPrefixLength": 0}]}},
}
REQUEST = "request.ams-operator.dev/"
_EVENT = ("start", "stop", "allocate", "reset", "delete")
_ENDPOINT = ("start", "stop", "scale", "delete")


def quick(rig: Rig, seconds: float = 1) -> None:
    """Starting and stopping take a second instead of minutes."""
    names = [f"liveEvents.{verb}" for verb in _EVENT] + [f"streamingEndpoints.{verb}" for verb in _ENDPOINT]
    rig.emulator.control.settings(durations=dict.fromkeys(names, seconds))


def account_id(rig: Rig) -> str:
    return rig.emulator.account_id(rig.account_name, rig.group)


def place(rig: Rig, path: str) -> str:
    """The ARM id of something in the test's account."""
    return f"{account_id(rig)}/{path}"


def exists(rig: Rig, path: str) -> bool:
    return rig.emulator.request("GET", place(rig, path))[0] == 200


def service_state(rig: Rig, path: str) -> str | None:
    """The run state as the service says it, asked by somebody else than the operator."""
    status, _, body = rig.emulator.request("GET", place(rig, path))
    return body["properties"]["resourceState"] if status == 200 else None


def event(rig: Rig, name: str = "studio", **spec: Any) -> None:
    rig.cluster.apply("LiveEvent", name, {"input": INPUT, **spec})


def asset(rig: Rig, name: str = "tape", **spec: Any) -> None:
    rig.cluster.apply("Asset", name, spec)


def output(rig: Rig, name: str = "recording", of: str = "studio", to: str = "tape", **spec: Any) -> None:
    body: dict[str, Any] = {"liveEventRef": {"name": of}, "assetRef": {"name": to}, "archiveWindowLength": "PT1H"}
    body["deletionPolicy"] = "Delete"  # else admission refuses to delete one that records
    rig.cluster.apply("LiveOutput", name, body | spec)


def on_air(rig: Rig, **spec: Any) -> None:
    """An event that runs, with an encoder that sends to it."""
    event(rig, runState="Running", **spec)
    rig.cluster.ready("LiveEvent", "studio")
    rig.emulator.control.attach_encoder(place(rig, "liveEvents/studio"))


def recording(rig: Rig, **spec: Any) -> None:
    """An event on air and its recording."""
    asset(rig)
    on_air(rig, **spec)
    output(rig)
    rig.cluster.reason("LiveOutput", "recording", "Recording")


def request(rig: Rig, kind: str, name: str, verb: str, value: str | None = "now") -> None:
    """Ask for something once, or consent to it; None takes the annotation away."""
    rig.cluster.patch(kind, name, {"metadata": {"annotations": {REQUEST + verb: value}}})


def meters(rig: Rig) -> dict[str, Any]:
    return dict(rig.emulator.control.meters(account_id(rig)))


def undisturbed(rig: Rig) -> None:
    """Nobody who sends or watches noticed anything."""
    found = meters(rig)
    for name in ("feedsLost", "offAirSeconds", "viewerGapSeconds", "recordingsOverwritten", "recordingsDeleted"):
        assert found[name] == 0, (name, found)


def writes(rig: Rig) -> list[tuple[str, str]]:
    """Method and last part of the path of all that the operator changed, or tried to, in the service."""
    return [
        (entry["method"], entry["path"].partition("?")[0].partition(f"/{rig.account_name}/")[2])
        for entry in rig.emulator.control.log()
        if entry["method"] != "GET" and "ams-operator" in entry["user_agent"]
    ]


def posts(rig: Rig, verb: str) -> int:
    return sum(method == "POST" and path.endswith("/" + verb) for method, path in writes(rig))


def swept(rig: Rig, times: int = 2) -> None:
    """Wait until the operator has looked at the account's live events so often from now on."""
    before = _looks(rig)
    until(lambda: _looks(rig) >= before + times, f"{times} looks")


def _looks(rig: Rig) -> int:
    return sum(entry["method"] == "GET" and "/liveEvents" in entry["path"] for entry in rig.emulator.control.log())


def holds(rig: Rig, kind: str, name: str) -> set[str]:
    """The reasons of all that holds an object."""
    found = rig.cluster.get(kind, name) or {}
    return {hold["reason"] for hold in found.get("status", {}).get("holds", [])}


def connection(rig: Rig, name: str = "studio-connection") -> dict[str, str]:
    """The URLs in a connection Secret; empty where there is none."""
    try:
        found = client.CoreV1Api(rig.cluster.api).read_namespaced_secret(name, rig.cluster.namespace)
    except client.ApiException as error:
        if error.status != 404:
            raise
        return {}
    return {key: base64.b64decode(value).decode() for key, value in (found.data or {}).items()}


def state(rig: Rig, kind: str, name: str, wanted: str) -> None:
    """Wait until status says this run state."""

    def said() -> str | None:
        found: dict[str, Any] = (rig.cluster.get(kind, name) or {}).get("status", {})
        return found.get("resourceState")

    until(lambda: said() == wanted, f"{kind} {name} is {wanted}")


def answers(emulator: Emulator, how: str) -> None:
    """Choose for everything that is guessed: `strict`, `lenient`, or a mix that `seed:N` repeats."""
    emulator.control.variants(**answers_of(how, list(emulator.control.variants())))
