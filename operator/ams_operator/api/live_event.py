"""LiveEvent: a channel that an encoder sends to.

Source: ARM type Microsoft.Media/mediaservices/liveEvents, api-version 2022-08-01. What can't change there is
streamingProtocol, the access token, encodingType, presetName, streamOptions and everything of the preview but its
access control.
"""

from typing import Annotated, ClassVar, Final

from pydantic import Field

from ams_operator.api.base import DisruptionPolicy, LocalRef, Matches, Rule
from ams_operator.api.immutable import any_case, once, unchanging
from ams_operator.api.kind import Column, Kind, hyphenated
from ams_operator.api.live_event_settings import (
    LiveEventEncoding,
    LiveEventInput,
    LiveEventPreview,
    LiveEventTranscription,
    StreamOption,
)
from ams_operator.api.network import CrossSiteAccessPolicies
from ams_operator.api.requests import Request
from ams_operator.api.running import LiveEventRunState, RestartPolicy
from ams_operator.api.status import ResourceStatus, Text, Timestamp
from ams_operator.api.tracked import TrackedSpec

CONNECTION_SUFFIX: Final = "-connection"
CLEAR: Final = "Predefined_ClearStreamingOnly"

_ANOTHER: Final = "keep it, or create another LiveEvent, move the encoder there and delete this one"
_ENCODES: Final = (
    "has(self.encoding) && has(self.encoding.encodingType) && "
    "self.encoding.encodingType in ['Standard', 'Premium1080p']"
)
HostnamePrefix = Annotated[
    str,
    Field(max_length=63),
    Matches(r"[a-zA-Z0-9]+(-*[a-zA-Z0-9])*", "must be a part of a host name: letters, digits and inner hyphens"),
]


class LiveEventSpec(TrackedSpec):
    """A channel that an encoder sends to. What viewers see and what is kept is the work of its LiveOutputs."""

    operator_fields: ClassVar[frozenset[str]] = TrackedSpec.operator_fields | {
        "run_state",
        "restart_policy",
        "disruption_policy",
        "connection_secret",
    }
    also_names: ClassVar[frozenset[str]] = frozenset({"hostname_prefix"})
    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            "has(self.input) || (has(self.managementPolicy) && self.managementPolicy == 'Observe')",
            "set input, or managementPolicy: Observe",
            ".input",
            "FieldValueRequired",
        ),
        Rule(
            f"!(has(self.input) && has(self.input.keyFrameIntervalDuration)) || !({_ENCODES})",
            "input.keyFrameIntervalDuration can't be set with encodingType Standard or Premium1080p: leave it out; "
            "what viewers get has the key frames of encoding.keyFrameInterval",
            ".input.keyFrameIntervalDuration",
        ),
        Rule(
            "!has(self.streamOptions) || !('LowLatency' in self.streamOptions && 'LowLatencyV2' in self.streamOptions)",
            "streamOptions can't hold both LowLatency and LowLatencyV2: choose one of them",
            ".streamOptions",
        ),
        Rule(
            f"!has(self.streamOptions) || !('LowLatencyV2' in self.streamOptions) || (({_ENCODES}) && "
            "has(self.input) && self.input.streamingProtocol == 'RTMP')",
            "streamOptions LowLatencyV2 needs encodingType Standard or Premium1080p and streamingProtocol RTMP: "
            "for other events choose LowLatency",
            ".streamOptions",
        ),
        Rule(
            "!has(self.transcriptions) || size(self.transcriptions) == 0 || !has(self.encoding) || "
            "!has(self.encoding.encodingType) || self.encoding.encodingType != 'PassthroughBasic'",
            "transcriptions can't be used with encodingType PassthroughBasic: leave them out, or create the event with "
            "PassthroughStandard",
            ".transcriptions",
        ),
        once("input.streamingProtocol", _ANOTHER),
        once("preview.previewLocator", _ANOTHER, any_case),
        unchanging("preview.streamingPolicyRef.azureName", f"'{CLEAR}'", _ANOTHER),
        unchanging("preview.alternativeMediaId", "''", _ANOTHER),
        unchanging("encoding.encodingType", "'None'", _ANOTHER),
        once("encoding.presetName", _ANOTHER, any_case),
        unchanging("streamOptions", "[]", _ANOTHER),
    )
    object_rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            f"has(self.spec.connectionSecret) || size(self.metadata.name) <= {253 - len(CONNECTION_SUFFIX)}",
            f"metadata.name is too long for a Secret named after it ({CONNECTION_SUFFIX} is added): "
            "set connectionSecret",
            ".spec.connectionSecret",
        ),
    )

    run_state: LiveEventRunState | None = None
    """Running, Stopped, or StandBy (allocated and billed, started within seconds). Absent means that the operator
    neither starts nor stops it."""
    restart_policy: RestartPolicy | None = None
    """Whether an event that is not in its runState though it was is brought back: Always, or Never without somebody's
    request. Absent means Never."""
    disruption_policy: DisruptionPolicy | None = None
    """How far a change may disturb people: WhenIdle waits until the event is stopped, Interrupt may interrupt it,
    EndRecordings may also end the recordings of its live outputs. Absent means WhenIdle."""
    connection_secret: LocalRef | None = None
    """The Secret that the operator fills with the ingest and preview URLs. Absent means metadata.name with -connection
    appended."""

    description: Annotated[str, Field(max_length=4096)] | None = None
    """A text for people. The service's default is none."""
    input: LiveEventInput | None = None
    """What the encoder sends. Required unless managementPolicy is Observe."""
    preview: LiveEventPreview | None = None
    """What can be watched without a live output. Absent means that nobody may watch it."""
    encoding: LiveEventEncoding | None = None
    """How the event is encoded. The service's default is to pass the input through."""
    transcriptions: Annotated[list[LiveEventTranscription], Field(max_length=10)] | None = None
    """Transcriptions of what is spoken. The service's default is none. Not for PassthroughBasic."""
    use_static_hostname: bool | None = None
    """Whether the host names of ingest and preview stay the same from start to start. The service's default is
    false."""
    hostname_prefix: HostnamePrefix | None = None
    """First part of the host names; used only with useStaticHostname. The service's default is the event's name."""
    stream_options: (
        Annotated[list[StreamOption], Field(max_length=3, json_schema_extra={"x-kubernetes-list-type": "set"})] | None
    ) = None
    """Default, LowLatency, or LowLatencyV2, which is for events that take RTMP and are encoded. The service's default
    is none. It can't change."""
    cross_site_access_policies: CrossSiteAccessPolicies | None = None
    """Which other sites' pages may load from the event; for players that are plug-ins. The service's default is
    none."""

    def effective_restart_policy(self) -> RestartPolicy:
        """Absent means Never: somebody who stops an event, or the service that does, has a reason."""
        return self.restart_policy or RestartPolicy.NEVER

    def effective_connection_secret(self, metadata_name: str) -> str:
        """Name of the Secret with the URLs."""
        return self.connection_secret.name if self.connection_secret else metadata_name + CONNECTION_SUFFIX


class LiveEventStatus(ResourceStatus):
    """How far the event is. URLs are in the connection Secret: they contain the token."""

    connection_secret: Text | None = None
    """Name of the Secret with the ingest and preview URLs, once there is one."""
    first_running_at: Timestamp | None = None
    """When it was first seen running; kept whatever happens to it later, but for another `firstRunningFor`."""
    first_running_for: Text | None = None
    """What the annotation ams-operator.dev/v2-id said then: it has not run yet for what it says later."""


LIVE_EVENT: Final = Kind(
    kind="LiveEvent",
    plural="liveevents",
    short_name="amsevent",
    spec=LiveEventSpec,
    status=LiveEventStatus,
    name_rule=hyphenated(32),
    columns=(
        Column("State", ".status.resourceState"),
        Column("Desired", ".spec.runState"),
        Column("Account", ".spec.accountRef.name", priority=1),
        Column("Azure Name", ".spec.azureName", priority=1),
        Column("URLs", ".status.connectionSecret", priority=1),
    ),
    requests=frozenset(
        {
            Request.START,
            Request.STOP,
            Request.STANDBY,
            Request.RESET,
            Request.APPROVE,
            Request.ABANDON,
        }
    ),
)
