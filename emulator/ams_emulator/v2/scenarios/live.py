"""Channels and programs, as an account has them."""

from __future__ import annotations

from typing import Any

from ams_emulator.v2 import channel_urls
from ams_emulator.v2.scenarios.builder import Builder


def only(name: str, address: str, length: int) -> dict[str, Any]:
    """Who may send."""
    return {"IP": {"Allow": [{"Name": name, "Address": address, "SubnetPrefixLength": length}]}}


def channel(
    make: Builder, name: str, protocol: str, state: str = "Stopped", *, days: float = 600, **members: Any
) -> str:
    """A channel with URLs, which it has in every state."""
    given = {
        "KeyFrameInterval": None,
        "StreamingProtocol": protocol,
        "AccessControl": only("anybody", "0.0.0.0", 0),  # noqa: S104 - all addresses
        "Endpoints": channel_urls.ingest(make.account.name, name, protocol, make.guid()),
        **members.pop("Input", {}),
    }
    preview = {"AccessControl": None, "Endpoints": channel_urls.preview(make.account.name, name)}
    output = {"Hls": {"FragmentsPerSegment": 1}}
    shown = {"Input": given, "Preview": preview, "Output": output, "Description": "", **members}
    return make.add("Channels", days, Name=name, State=state, **shown)


def encoding(preset: str = "Default720p", *, markers: str | None = None, **members: Any) -> dict[str, Any]:
    return {
        "SystemPreset": preset,
        "AdMarkerSource": markers,
        "IgnoreCea708ClosedCaptions": False,
        "VideoStreams": [],
        "AudioStreams": [],
        **members,
    }


def program(
    make: Builder,
    name: str,
    channel: str,
    state: str = "Stopped",
    *,
    days: float = 20,
    window: str = "PT4H",
    publish: bool = True,
) -> str:
    """A program with the asset it records into."""
    asset = make.asset(f"{name} archive", days, (f"{name}.ism", f"{name}.ismc") if state == "Stopped" else ())
    members = {"ChannelId": channel, "AssetId": asset, "ManifestName": name, "ArchiveWindowLength": window}
    entity = make.add("Programs", days, Name=name, State=state, Description="", **members)
    if publish:
        make.publish(asset, days)
    return entity
