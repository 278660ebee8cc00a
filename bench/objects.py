"""The manifests that are measured: half of them a preset by name, half a ladder of one's own."""

from __future__ import annotations

from typing import Any, Final

JSON = dict[str, Any]
GROUP: Final = "ams-operator.dev/v1alpha1"
PLURALS: Final = {
    "MediaServicesAccount": "mediaservicesaccounts",
    "MediaServicesBackend": "mediaservicesbackends",
    "Transform": "transforms",
    "Asset": "assets",
    "LiveEvent": "liveevents",
    "LiveOutput": "liveoutputs",
    "StreamingEndpoint": "streamingendpoints",
    "MigrationReport": "migrationreports",
}
KIND_OF: Final = {**{plural: kind for kind, plural in PLURALS.items()}, "secrets": "Secret"}
"""the API server's word to a kind, of all that the operator writes"""
SEGMENTS: Final = {
    "MediaServicesAccount": "mediaservices",
    **{kind: PLURALS[kind] for kind in ("Transform", "Asset", "LiveEvent", "LiveOutput", "StreamingEndpoint")},
}
"""kind to its word in the emulator's log"""
_HEIGHTS: Final = ((1080, 1920, 6_000_000), (720, 1280, 3_000_000), (360, 640, 900_000))


def path(kind: str, namespace: str, name: str = "") -> str:
    """Path of a collection or, with `name`, of an object."""
    space = f"/namespaces/{namespace}" if namespace else ""
    return f"/apis/{GROUP}{space}/{PLURALS[kind]}" + (f"/{name}" if name else "")


def manifest(kind: str, name: str, spec: JSON) -> JSON:
    """An object to apply."""
    return {"apiVersion": GROUP, "kind": kind, "metadata": {"name": name}, "spec": spec}


def transform(number: int, account: str, description: str = "first") -> JSON:
    """The spec of transform `number`."""
    preset = _ladder() if number % 2 else {"builtInStandardEncoder": {"presetName": "AdaptiveStreaming"}}
    output = {"onError": "StopProcessingJob", "relativePriority": "Normal", "preset": preset}
    return {"accountRef": {"name": account}, "description": description, "outputs": [output]}


def _ladder() -> JSON:
    layers = [
        {"width": str(width), "height": str(height), "bitrate": bitrate, "label": f"hd-{height}"}
        for height, width, bitrate in _HEIGHTS
    ]
    codecs = [
        {"h264Video": {"keyFrameInterval": "PT2S", "complexity": "Balanced", "layers": layers}},
        {"aacAudio": {"profile": "AacLc", "channels": 2, "samplingRate": 48000, "bitrate": 128000}},
    ]
    formats = [{"mp4": {"filenamePattern": "{Basename}-{Label}-{Bitrate}{Extension}"}}]
    return {"standardEncoder": {"codecs": codecs, "formats": formats}}
