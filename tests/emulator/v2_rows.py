"""Rows that several tests make with version 2, and short ways to look at them."""

from typing import Any

from tests.emulator.v2_client import V2, at

ENCODER = "nb:mpid:UUID:ff4df607-d419-42f0-bc17-a481b1331e56"
RTMP = {"StreamingProtocol": "RTMP"}


def make(v2: V2, set_name: str, **members: Any) -> dict[str, Any]:
    status, headers, body = v2.ask("POST", set_name, members)
    assert status in (201, 202), body
    assert v2.get(headers["location"].removeprefix(v2.base))[next(iter(members))] == members[next(iter(members))]
    found: dict[str, Any] = body
    return found


def state(v2: V2, set_name: str, entity: str) -> Any:
    return v2.get(f"{at(set_name, entity)}/State")["value"]


def operation(v2: V2, headers: Any) -> dict[str, Any]:
    found: dict[str, Any] = v2.get(at("Operations", headers["operation-id"]))
    return found


def channel(v2: V2, name: str = "studio") -> str:
    return str(make(v2, "Channels", Name=name, Input=RTMP)["Id"])


def program(v2: V2, on: str, name: str = "show") -> str:
    asset = make(v2, "Assets", Name=name)["Id"]
    return str(make(v2, "Programs", Name=name, ChannelId=on, AssetId=asset, ArchiveWindowLength="PT1H")["Id"])


def submit(v2: V2, **members: Any) -> Any:
    task = {"Configuration": "Adaptive Streaming", "MediaProcessorId": ENCODER, "TaskBody": "<taskBody/>"}
    return v2.ask("POST", "Jobs", {"Name": "encode", "Tasks": [task], **members})
