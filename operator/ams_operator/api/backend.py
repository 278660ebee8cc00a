"""MediaServicesBackend: an endpoint that may be talked to. Cluster-scoped, since it decides where credentials go."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated, ClassVar, Final

from pydantic import Field

from ams_operator.api.base import ApiModel, Matches, Rule
from ams_operator.api.kind import Column, Kind
from ams_operator.api.namespaces import ClusterAllowedNamespaces
from ams_operator.api.tracked import ResourceGroup, SubscriptionId

AZURE_ENDPOINT: Final = "https://management.azure.com"
AZURE_AUTHORITY: Final = "https://login.microsoftonline.com"

_HOST: Final = r"([A-Za-z0-9]([-A-Za-z0-9.]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?/?"
_LOOPBACK: Final = r"(localhost|127\.0\.0\.1|\[::1\])(:[0-9]{1,5})?/?"
Origin = Annotated[
    str,
    Field(max_length=256),
    Matches(
        rf"https://{_HOST}|http://{_LOOPBACK}",
        "must be https://HOST or https://HOST:PORT, without a path; http only for localhost",
    ),
]
Authority = Annotated[
    str,
    Field(max_length=256),
    Matches(rf"https://{_HOST}", "must be https://HOST or https://HOST:PORT, without the tenant"),
]
Audience = Annotated[
    str,
    Field(max_length=512),
    Matches(r"(https|api)://[^\s]+", "must be an https:// or api:// identifier, without /.default"),
]
CaBundle = Annotated[
    str,
    Field(
        max_length=65536,
        json_schema_extra={
            "x-kubernetes-validations": [
                Rule(
                    "self.contains('-----BEGIN CERTIFICATE-----')",
                    "must hold certificates as PEM text (-----BEGIN CERTIFICATE-----)",
                ).schema(),
                Rule(
                    "!self.contains('PRIVATE KEY-----')",
                    "must not hold a private key; everybody who can read this object would have it",
                ).schema(),
            ]
        },
    ),
]


class BackendType(StrEnum):
    """What kind of service answers."""

    AZURE = "azure"
    ARM_COMPATIBLE = "armCompatible"
    RAVNUR = "ravnur"
    MKIO = "mkio"


class AmbientScope(ApiModel):
    """A place in which accounts may use the operator's own identity."""

    subscription_id: SubscriptionId
    """Subscription of the accounts."""
    resource_group: ResourceGroup | None = None
    """Resource group of the accounts. Absent means every one of the subscription."""


class MediaServicesBackendSpec(ApiModel):
    """Where a service is and who may use it. Endpoints are the administrator's policy, never an account's."""

    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            "self.type in ['azure', 'mkio'] || has(self.endpoint)",
            "type armCompatible and ravnur need an endpoint",
            ".endpoint",
            "FieldValueRequired",
        ),
        Rule(
            "self.type != 'armCompatible' || has(self.authority)",
            "type armCompatible needs an authority, which issues its tokens",
            ".authority",
            "FieldValueRequired",
        ),
        Rule(
            "!has(self.ambientScopes) || has(self.ambientNamespaces)",
            "ambientScopes narrows ambientNamespaces: name the namespaces, too",
            ".ambientNamespaces",
            "FieldValueRequired",
        ),
    )

    type: BackendType
    """azure, or armCompatible: the same API elsewhere. ravnur and mkio are names for later: this version refuses
    accounts that use them (BackendNotAvailable)."""
    endpoint: Origin | None = None
    """Where the API answers. Absent means https://management.azure.com for azure; armCompatible needs it."""
    audience: Audience | None = None
    """For whom tokens are requested. Absent means the endpoint."""
    authority: Authority | None = None
    """Who issues tokens. Absent means https://login.microsoftonline.com for azure; armCompatible needs it."""
    ca_bundle: CaBundle | None = None
    """Certificates (PEM) to trust for endpoint and authority. Absent means the operating system's."""
    allow_private: bool | None = None
    """Whether endpoint and authority may lead to addresses that are not public, those of private networks and of this
    machine: for private clouds and the emulator. Absent means false: no connection is made there, whatever their names
    resolve to."""
    allowed_namespaces: ClusterAllowedNamespaces | None = None
    """Namespaces whose accounts may use this backend. Absent means all."""
    ambient_namespaces: ClusterAllowedNamespaces | None = None
    """Namespaces whose accounts may use the operator's own identity here (credentials: {ambient: {}}). Absent means
    none."""
    ambient_scopes: Annotated[list[AmbientScope], Field(min_length=1, max_length=64)] | None = None
    """Subscriptions and resource groups in which they may, and in which what they are linked with has to lie: storage
    accounts and identities. Absent means wherever that identity has a role."""

    def lends(self, labels: dict[str, str], places: Iterable[tuple[str, str]]) -> bool:
        """Whether an account of a namespace with these labels may use the operator's own identity. `places`:
        subscription and group of the account, and of all that it is linked with."""
        if self.ambient_namespaces is None or not self.ambient_namespaces.admits(labels):
            return False
        return self.ambient_scopes is None or all(self._covers(*place) for place in places)

    def _covers(self, subscription: str, group: str) -> bool:
        return any(
            one.subscription_id.lower() == subscription.lower()
            and (one.resource_group is None or one.resource_group.lower() == group.lower())
            for one in self.ambient_scopes or ()
        )


BACKEND: Final = Kind(
    kind="MediaServicesBackend",
    plural="mediaservicesbackends",
    short_name="amsbackend",
    spec=MediaServicesBackendSpec,
    status=None,
    scope="Cluster",
    columns=(Column("Type", ".spec.type"), Column("Endpoint", ".spec.endpoint")),
)
