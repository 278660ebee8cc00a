"""Settings of a live event: what comes in, who may preview it, how it is encoded and transcribed.

Source: LiveEventInput, LiveEventPreview, LiveEventEncoding and LiveEventTranscription of Microsoft.Media, api-version
2022-08-01. Their `endpoints` are the service's own and reveal the token: they go into the connection Secret.
"""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from ams_operator.api.base import ApiModel, Matches, Rule
from ams_operator.api.durations import between
from ams_operator.api.encoder_values import StretchMode
from ams_operator.api.languages import LiveLanguage
from ams_operator.api.network import AccessControl
from ams_operator.api.references import SecretKeyRef, StreamingPolicyRef

Text = Annotated[str, Field(max_length=256)]
Guid = Annotated[
    str,
    Field(max_length=36),
    Matches(
        r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}",
        "must be a GUID such as 6f2a1c3e-0d5b-4c4f-9b0a-3a1f6d2e8c71",
    ),
]
KeyFrameInterval = Annotated[str, Field(max_length=16), between("PT0.5S", "PT20S", "PT2S")]


class LiveEventInputProtocol(StrEnum):
    FRAGMENTED_MP4 = "FragmentedMP4"
    RTMP = "RTMP"


class LiveEventEncodingType(StrEnum):
    NONE = "None"
    STANDARD = "Standard"
    PREMIUM_1080P = "Premium1080p"
    PASSTHROUGH_BASIC = "PassthroughBasic"
    PASSTHROUGH_STANDARD = "PassthroughStandard"


class StreamOption(StrEnum):
    DEFAULT = "Default"
    LOW_LATENCY = "LowLatency"
    LOW_LATENCY_V2 = "LowLatencyV2"


def _of_encoding(field: str, instead: str) -> Rule:
    """A member that means nothing where the service does not encode."""
    return Rule(
        f"!has(self.{field}) || (has(self.encodingType) && self.encodingType in ['Standard', 'Premium1080p'])",
        f"{field} can be set only with encodingType Standard or Premium1080p; {instead}",
        f".{field}",
    )


def _not_the_preset(encoding: str, preset: str, right: str) -> Rule:
    """The service's own presets belong to one encoder each; others are made for the account on request."""
    return Rule(
        f"!has(self.presetName) || !has(self.encodingType) || self.encodingType != '{encoding}' || "
        f"self.presetName.lowerAscii() != '{preset.lower()}'",
        f"presetName {preset} is not one of encodingType {encoding}: set {right}, or leave it out",
        ".presetName",
    )


class LiveEventInput(ApiModel):
    """What the encoder sends."""

    streaming_protocol: LiveEventInputProtocol
    """RTMP or FragmentedMP4. It can't change."""
    access_control: AccessControl | None = None
    """Addresses that may send. Absent means nobody; everybody is address 0.0.0.0 with subnetPrefixLength 0."""
    key_frame_interval_duration: KeyFrameInterval | None = None
    """Distance of key frames in what the encoder sends, PT0.5S to PT20S; it becomes the target duration of HLS. Only
    for what passes through. The service's default is none, so that it takes the encoder's."""
    access_token_secret_ref: SecretKeyRef | None = None
    """The token in the ingest URLs, a GUID with or without hyphens. Absent means that the service makes one. The token
    can't change."""


class LiveEventPreview(ApiModel):
    """What can be watched without a live output."""

    access_control: AccessControl | None = None
    """Addresses that may watch the preview. Absent means nobody; everybody is address 0.0.0.0 with subnetPrefixLength
    0."""
    preview_locator: Guid | None = None
    """GUID in the preview URL. Absent means that the service makes one. It can't change."""
    streaming_policy_ref: StreamingPolicyRef | None = None
    """Streaming policy of the preview. The service's default is Predefined_ClearStreamingOnly. It can't change."""
    alternative_media_id: Text | None = None
    """An id of your own, for the URL templates of the streaming policy. The service's default is none. It can't
    change."""


class LiveEventEncoding(ApiModel):
    """How the event is encoded."""

    rules: ClassVar[tuple[Rule, ...]] = (
        _of_encoding("keyFrameInterval", "what passes through has the key frames of your encoder"),
        _of_encoding("presetName", "what passes through is not encoded, so leave it out"),
        _of_encoding("stretchMode", "what passes through keeps its size, so leave it out"),
        _not_the_preset("Standard", "Default1080p", "Default720p"),
        _not_the_preset("Premium1080p", "Default720p", "Default1080p"),
    )

    encoding_type: LiveEventEncodingType | None = None
    """None or Passthrough... to pass the input through, Standard or Premium1080p to encode it. The service's default is
    None. It can't change."""
    preset_name: Text | None = None
    """Name of the encoding preset, where the service encodes. Its default is Default720p for Standard, Default1080p for
    Premium1080p. It can't change."""
    stretch_mode: StretchMode | None = None
    """How the picture is fitted to the output size, where the service encodes. Its default is AutoSize."""
    key_frame_interval: KeyFrameInterval | None = None
    """Distance of key frames in the output, PT0.5S to PT20S. The service's default is PT2S."""


class LiveEventInputTrackSelection(ApiModel):
    """One condition on an input track. The service ignores it."""

    property: Text | None = None
    """Property to look at. Reserved by the service."""
    operation: Text | None = None
    """How it is compared. Reserved by the service."""
    value: Text | None = None
    """What it is compared with. Reserved by the service."""


class LiveEventOutputTranscriptionTrack(ApiModel):
    """The track with the text. The service ignores it."""

    track_name: Text
    """Name of the track. Reserved by the service."""


class LiveEventTranscription(ApiModel):
    """A transcription of what is spoken."""

    language: LiveLanguage | None = None
    """The language that is spoken, such as en-US; one of those that live transcription knows. Absent means that the
    service chooses."""
    input_track_selection: Annotated[list[LiveEventInputTrackSelection], Field(max_length=10)] | None = None
    """Which input track is transcribed. Reserved by the service, which ignores it."""
    output_transcription_track: LiveEventOutputTranscriptionTrack | None = None
    """The track with the text. Reserved by the service, which ignores it."""
