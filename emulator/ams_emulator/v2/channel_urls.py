"""Where an encoder sends to a channel, and where one looks at it. Channels have their URLs in every state."""

from __future__ import annotations

from typing import Any

_DOMAIN = "channel.mediaservices.windows.net"


def ingest(account: str, channel: str, protocol: str, token: str) -> list[dict[str, Any]]:
    """RTMP has a primary and a secondary URL and no TLS; fragmented MP4 goes over HTTP or HTTPS."""
    host = f"{channel.lower()}-{account}.{_DOMAIN}"
    match protocol:
        case "RTMP":
            urls = [f"rtmp://{host}:{port}/live/{token.replace('-', '')}" for port in (1935, 1936)]
        case "FragmentedMP4":
            urls = [f"{scheme}://{host}/ingest.isml" for scheme in ("http", "https")]
        case _:
            urls = [f"rtp://{host}:5004/"]
    return [{"Protocol": protocol, "Url": url} for url in urls]


def preview(account: str, channel: str) -> list[dict[str, Any]]:
    """Smooth Streaming only."""
    url = f"http://{channel.lower()}-preview-{account}.{_DOMAIN}/preview.isml/manifest"
    return [{"Protocol": "FragmentedMP4", "Url": url}]
