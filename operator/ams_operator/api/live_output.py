"""LiveOutput: a recording of a live event into an asset, and what viewers see of the event meanwhile.

Source: ARM type Microsoft.Media/mediaservices/liveEvents/liveOutputs, api-version 2022-08-01. The service has no
update: a recording starts when the output is made and ends when it goes.
"""

from typing import Annotated, ClassVar, Final

from pydantic import Field

from ams_operator.api.base import ApiModel, ChildSpec, Matches, Rule
from ams_operator.api.durations import between, cel_duration
from ams_operator.api.encoder_values import INT32_MAX, PositiveInt
from ams_operator.api.immutable import constant, once, unchanging
from ams_operator.api.kind import Column, Kind, hyphenated
from ams_operator.api.references import AssetRef, LiveEventRef
from ams_operator.api.requests import Request
from ams_operator.api.status import ResourceStatus, Text

_NEW: Final = "a recording is final; keep it, or create another LiveOutput with an Asset of its own"
_UNSET: Final = "duration('0s')"

Window = Annotated[str, Field(max_length=16), between("PT1M", "PT25H", "PT8H")]
ManifestName = Annotated[
    str,
    Field(max_length=128),
    Matches(r"[-A-Za-z0-9_.~]+", "must be a part of a URL: letters, digits, '-', '_', '.' and '~'"),
]


class Hls(ApiModel):
    """How HLS is packaged."""

    fragments_per_ts_segment: PositiveInt | None = None
    """Number of fragments in a segment of HLS with transport streams. Absent means that the service chooses."""


class LiveOutputSpec(ChildSpec):
    """A recording of a live event into an asset. It begins when it is made, ends when it is deleted, and never
    repeats."""

    operator_fields: ClassVar[frozenset[str]] = ChildSpec.operator_fields | {"live_event_ref"}
    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            "has(self.archiveWindowLength) || (has(self.managementPolicy) && self.managementPolicy == 'Observe')",
            "set archiveWindowLength, or managementPolicy: Observe",
            ".archiveWindowLength",
            "FieldValueRequired",
        ),
        Rule(
            "!has(self.rewindWindowLength) || !has(self.archiveWindowLength) || "
            f"{cel_duration('self.rewindWindowLength')} <= {cel_duration('self.archiveWindowLength')}",
            "rewindWindowLength can't be longer than archiveWindowLength",
            ".rewindWindowLength",
        ),
        Rule(
            "self.liveEventRef == oldSelf.liveEventRef",
            f"liveEventRef can't change: {_NEW}",
            ".liveEventRef",
        ),
        constant("assetRef", _NEW),
        unchanging("description", "''", _NEW),
        once("archiveWindowLength", _NEW, cel_duration),
        unchanging("rewindWindowLength", _UNSET, _NEW, cel_duration),
        once("manifestName", _NEW),
        unchanging("hls.fragmentsPerTsSegment", "0", _NEW),
        unchanging("outputSnapTime", "0", _NEW),
    )

    live_event_ref: LiveEventRef
    """The live event that is recorded. It can't change."""
    asset_ref: AssetRef
    """The asset that takes the recording; it should be empty and used for nothing else. It can't change."""
    description: Annotated[str, Field(max_length=4096)] | None = None
    """A text for people. The service's default is none. It can't change."""
    archive_window_length: Window | None = None
    """How much of the recording is kept, PT1M to PT25H (PT8H for PassthroughBasic); older parts go. Required unless
    managementPolicy is Observe. It can't change."""
    rewind_window_length: Window | None = None
    """How far back viewers can seek during the event, PT1M to archiveWindowLength. The service's default is
    archiveWindowLength, and PT30M for low latency. It can't change."""
    manifest_name: ManifestName | None = None
    """Name of the manifest file, a part of the playback URLs. Absent means that the service makes one. It can't
    change."""
    hls: Hls | None = None
    """How HLS is packaged. Absent means as the service chooses. It can't change."""
    output_snap_time: Annotated[int, Field(ge=0, le=INT32_MAX)] | None = None
    """Timestamp of the input at which the recording begins. The service's default is 0. It can't change."""


class LiveOutputStatus(ResourceStatus):
    """How far the recording is."""

    asset_name: Text | None = None
    """Name in the service of the asset that takes the recording."""
    manifest_name: Text | None = None
    """Name of the manifest file, a part of the playback URLs."""


LIVE_OUTPUT: Final = Kind(
    kind="LiveOutput",
    plural="liveoutputs",
    short_name="amsoutput",
    spec=LiveOutputSpec,
    status=LiveOutputStatus,
    name_rule=hyphenated(256),
    columns=(
        Column("State", ".status.resourceState"),
        Column("Event", ".spec.liveEventRef.name"),
        Column("Asset", ".status.assetName"),
        Column("Manifest", ".status.manifestName", priority=1),
        Column("Account", ".spec.accountRef.name", priority=1),
        Column("Azure Name", ".spec.azureName", priority=1),
    ),
    # Recreate begins what may have recorded, over what that left; a recording that ended is never made again.
    requests=frozenset({Request.APPROVE, Request.RECREATE, Request.ABANDON}),
)
