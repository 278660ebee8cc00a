"""StreamingEndpoint: the origin from which players and CDNs load.

Source: ARM type Microsoft.Media/mediaservices/streamingEndpoints, api-version 2022-08-01. Its `sku` says the same as
scaleUnits and is the service's own.
"""

from enum import StrEnum
from typing import Annotated, ClassVar, Final

from pydantic import Field

from ams_operator.api.base import ApiModel, DisruptionPolicy, Matches, Rule
from ams_operator.api.encoder_values import INT32_MAX
from ams_operator.api.kind import Column, Kind, hyphenated
from ams_operator.api.network import AccessControl, CrossSiteAccessPolicies
from ams_operator.api.references import SecretKeyRef
from ams_operator.api.requests import Request
from ams_operator.api.running import RestartPolicy, StreamingEndpointRunState
from ams_operator.api.status import ResourceStatus, Text
from ams_operator.api.tracked import TrackedSpec

HostName = Annotated[
    str,
    Field(max_length=253),
    Matches(
        r"[A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?(\.[A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?)+",
        "must be a host name such as video.example.com, without https:// and path",
    ),
]
Timestamp = Annotated[
    str,
    Field(max_length=40),
    Matches(
        r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,7})?(Z|[-+][0-9]{2}:[0-9]{2})",
        "must be a time such as 2030-01-31T12:00:00Z",
    ),
]
Text256 = Annotated[str, Field(max_length=256)]
CdnProfile = Annotated[
    str,
    Field(max_length=256),
    Matches(
        r"[A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?",
        "must be the name of a CDN profile, not its resource id: letters, digits and inner hyphens",
    ),
]


class CdnProvider(StrEnum):
    STANDARD_VERIZON = "StandardVerizon"
    PREMIUM_VERIZON = "PremiumVerizon"
    STANDARD_AKAMAI = "StandardAkamai"


def _of_cdn(field: str) -> Rule:
    """A member that means nothing without the CDN."""
    return Rule(
        f"!has(self.{field}) || (has(self.cdnEnabled) && self.cdnEnabled)",
        f"{field} can be set only with cdnEnabled: true; without the CDN leave it out",
        f".{field}",
    )


class AkamaiSignatureHeaderAuthenticationKey(ApiModel):
    """A key that Akamai signs its requests with."""

    identifier: Text256 | None = None
    """Identifier of the key, by which Akamai names it. Absent means none."""
    base64_key_secret_ref: SecretKeyRef | None = None
    """The Secret's key that holds the key itself, as base64 text. Absent means none."""
    expiration: Timestamp | None = None
    """When the key ends, such as 2030-01-31T12:00:00Z. Absent means none."""


class AkamaiAccessControl(ApiModel):
    """Access for Akamai's servers."""

    akamai_signature_header_authentication_key_list: (
        Annotated[list[AkamaiSignatureHeaderAuthenticationKey], Field(max_length=20)] | None
    ) = None
    """The keys that are accepted. Absent means none."""


class StreamingEndpointAccessControl(AccessControl):
    """Who may load."""

    akamai: AkamaiAccessControl | None = None
    """Access for Akamai's servers. Absent means none by such keys."""


class StreamingEndpointSpec(TrackedSpec):
    """The origin from which players and CDNs load."""

    operator_fields: ClassVar[frozenset[str]] = TrackedSpec.operator_fields | {
        "run_state",
        "restart_policy",
        "disruption_policy",
    }
    also_names: ClassVar[frozenset[str]] = frozenset({"cdn_profile"})
    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            "!(has(self.cdnEnabled) && self.cdnEnabled) || "
            "!has(self.customHostNames) || size(self.customHostNames) == 0",
            "customHostNames can't be used with cdnEnabled: true; set the host names in the CDN profile",
            ".customHostNames",
        ),
        Rule(
            "!(has(self.cdnEnabled) && self.cdnEnabled) || !has(self.accessControl)",
            "accessControl can't be used with cdnEnabled: true; limit access in the CDN profile",
            ".accessControl",
        ),
        _of_cdn("cdnProvider"),
        _of_cdn("cdnProfile"),
    )

    run_state: StreamingEndpointRunState | None = None
    """Running or Stopped. Absent means that the operator neither starts nor stops it."""
    restart_policy: RestartPolicy | None = None
    """Whether an endpoint that is not in its runState though it was is brought back: Always, or Never without
    somebody's request. Absent means Always."""
    disruption_policy: DisruptionPolicy | None = None
    """How far a change may disturb viewers: WhenIdle waits until the endpoint is stopped, Interrupt stops and starts it
    again where the change needs that, and so does EndRecordings. Absent means WhenIdle."""

    description: Annotated[str, Field(max_length=4096)] | None = None
    """A text for people. The service's default is none."""
    scale_units: Annotated[int, Field(ge=0, le=100)] | None = None
    """0 for the shared type Standard, 1 and more for Premium units of 200 Mbit/s each. Absent means that it is left
    alone, as somebody's autoscaling needs."""
    availability_set_name: Text256 | None = None
    """Deprecated by the service: do not set it. The service's default is none."""
    access_control: StreamingEndpointAccessControl | None = None
    """Who may load. Absent means everybody. Not together with cdnEnabled."""
    max_cache_age: Annotated[int, Field(ge=0, le=INT32_MAX)] | None = None
    """For how long caches may keep what is loaded, in seconds. Absent means as the service chooses."""
    custom_host_names: (
        Annotated[list[HostName], Field(max_length=50, json_schema_extra={"x-kubernetes-list-type": "set"})] | None
    ) = None
    """Host names of your own; each needs a CNAME record that proves them to the service. The service's default is none.
    Not together with cdnEnabled."""
    cdn_enabled: bool | None = None
    """Whether the service puts a CDN in front. The service's default is false."""
    cdn_provider: CdnProvider | None = None
    """The CDN's provider: StandardVerizon, PremiumVerizon, or StandardAkamai, which Azure itself retired in 2023. Only
    with cdnEnabled: true, where the service's default is StandardVerizon."""
    cdn_profile: CdnProfile | None = None
    """Name of the CDN profile. Only with cdnEnabled: true, where the service's default is
    AzureMediaStreamingPlatformCdnProfile."""
    cross_site_access_policies: CrossSiteAccessPolicies | None = None
    """Which other sites' pages may load; for players that are plug-ins. The service's default is none."""

    def effective_restart_policy(self) -> RestartPolicy:
        """Absent means Always: viewers depend on an endpoint at any time."""
        return self.restart_policy or RestartPolicy.ALWAYS


class StreamingEndpointStatus(ResourceStatus):
    """How far the endpoint is."""

    host_name: Text | None = None
    """Host name from which players load."""
    scale_units: int | None = None
    """Premium units in the service; 0 for Standard."""
    cdn_enabled: bool | None = None
    """Whether the service has a CDN in front."""


STREAMING_ENDPOINT: Final = Kind(
    kind="StreamingEndpoint",
    plural="streamingendpoints",
    short_name="amsendpoint",
    spec=StreamingEndpointSpec,
    status=StreamingEndpointStatus,
    name_rule=hyphenated(24),
    columns=(
        Column("State", ".status.resourceState"),
        Column("Desired", ".spec.runState"),
        Column("Units", ".status.scaleUnits", type="integer"),
        Column("Host", ".status.hostName"),
        Column("Account", ".spec.accountRef.name", priority=1),
        Column("Azure Name", ".spec.azureName", priority=1),
    ),
    requests=frozenset({Request.START, Request.STOP, Request.APPROVE, Request.RECREATE, Request.ABANDON}),
)
