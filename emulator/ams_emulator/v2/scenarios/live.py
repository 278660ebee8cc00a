"""Channels and programs, as an account has them."""

from __future__ import annotations

from typing import Any

from ams_emulator.v2.scenarios.builder import Builder


def only(name: str, address: str, length: int) -> dict[str, Any]:
    """Who may send."""
    return {"IP": {"Allow": [{"Name": name, "Address": address, "SubnetPrefixLength": length}]}}


def channel(
    make: Builder, name: str, protocol: str, state: str = "Stopped", *, days: float = 600, **members: Any
) -> str:
    """A channel with URLs, which it has in every state."""
    host = f"{name.lower()}-{make.account.name}.channel.mediaservices.windows.net"
    if protocol == "RTMP":
        urls = [(protocol, f"rtmp://{host}:{port}/live/{make.guid().replace('-', '')}") for port in (1935, 1936)]
    elif protocol == "FragmentedMP4":
        urls = [(protocol, f"http://{host}/ingest.isml"), (protocol, f"https://{host}/ingest.isml")]
    else:
        urls = [(protocol, f"rtp://{host}:5004/")]
    endpoints = [{"Protocol": kind, "Url": url} for kind, url in urls]
    ingest = {
        "KeyFrameInterval": None,
        "StreamingProtocol": protocol,
        "AccessControl": only("anybody", "0.0.0.0", 0),  # noqa: S104 - all addresses
        "Endpoints": endpoints,
        **members.pop("Input", {}),
    }
    preview_url = (
        f"http://{name.lower()}-preview-{make.account.name}.channel.mediaservices.windows.net/preview.isml/manifest"
    )
    preview = {"AccessControl": None, "Endpoints": [{"Protocol": "FragmentedMP4", "Url": preview_url}]}
    output = {"Hls": {"FragmentsPerSegment": 1}}
    shown = {"Input": ingest, "Preview": preview, "Output": output, "Description": "", **members}
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
