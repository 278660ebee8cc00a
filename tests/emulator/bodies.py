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
