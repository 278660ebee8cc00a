"""Bodies that several tests send."""

from typing import Any

JSON = dict[str, Any]


def built_in(preset: str = "AdaptiveStreaming", **properties: Any) -> JSON:
    """A transform with one built-in preset."""
    output = {"preset": {"@odata.type": "#Microsoft.Media.BuiltInStandardEncoderPreset", "presetName": preset}}
    return {"properties": {"outputs": [output], **properties}}


def with_preset(preset: JSON) -> JSON:
    return {"properties": {"outputs": [{"preset": preset}]}}


def account_body(storage_id: str, **properties: Any) -> JSON:
    storage = [{"id": storage_id, "type": "Primary"}]
    return {"location": "westus2", "properties": {"storageAccounts": storage, **properties}}


ANYBODY = {"ip": {"allow": [{"name": "anybody", "address": "0.0.0.0", "subnetPrefixLength": 0}]}}


def event_body(**properties: Any) -> JSON:
    """An RTMP live event that anybody may send to; `input` members can be overridden."""
    ingest = {"streamingProtocol": "RTMP", "accessControl": ANYBODY, **properties.pop("input", {})}
    return {"location": "westus2", "properties": {"input": ingest, **properties}}


def output_body(asset: str, **properties: Any) -> JSON:
    return {"properties": {"assetName": asset, "archiveWindowLength": "PT5M", **properties}}
