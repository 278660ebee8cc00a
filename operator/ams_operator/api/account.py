"""MediaServicesAccount: a Media Services account, which the operator creates or merely uses.

Source of the service's fields: ARM type Microsoft.Media/mediaservices, api-version 2021-11-01.
"""

from typing import Annotated, ClassVar, Final

from pydantic import Field

from ams_operator.api.account_settings import (
    AccountEncryption,
    KeyDelivery,
    MediaServiceIdentity,
    PublicNetworkAccess,
    StorageAccount,
    StorageAuthentication,
)
from ams_operator.api.base import DEFAULT_BACKEND, ApiModel, LocalRef, OneOf, ResourceSpec, Rule
from ams_operator.api.durations import Interval
from ams_operator.api.kind import Column, Kind, NameRule
from ams_operator.api.migration import MigrationSpec, MigrationStatus
from ams_operator.api.namespaces import AllowedNamespaces
from ams_operator.api.requests import Request
from ams_operator.api.status import ResourceStatus, Text
from ams_operator.api.tracked import Location, ResourceGroup, SubscriptionId, Tags


class Ambient(ApiModel):
    """Always empty."""


class Credentials(OneOf):
    """How the operator signs in at the service."""

    secret_ref: LocalRef | None = None
    """A Secret in the same namespace with AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET. This version takes
    no certificates, API keys or fixed tokens."""
    service_account_ref: LocalRef | None = None
    """A ServiceAccount in the same namespace that is federated with an Azure identity (workload identity)."""
    ambient: Ambient | None = None
    """The operator's own identity, {}. Only where the MediaServicesBackend lends it (ambientNamespaces)."""


class MediaServicesAccountSpec(ResourceSpec):
    """A Media Services account. Without storageAccounts an existing account is used; it is never created."""

    operator_fields: ClassVar[frozenset[str]] = ResourceSpec.operator_fields | {
        "subscription_id",
        "resource_group",
        "backend_ref",
        "credentials",
        "allowed_namespaces",
        "drift_interval",
        "migration",
    }
    top_level: ClassVar[frozenset[str]] = frozenset({"location", "tags", "identity"})
    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            "!has(self.storageAccounts) || has(self.location) || "
            "(has(self.managementPolicy) && self.managementPolicy == 'Observe')",
            "an account with storageAccounts is created if it does not exist, which needs a location: "
            "set location, or managementPolicy: Observe",
            ".location",
            "FieldValueRequired",
        ),
        Rule(
            "!has(self.storageAccounts) || self.storageAccounts.exists_one(s, s.type == 'Primary')",
            "exactly one of storageAccounts must have type Primary",
            ".storageAccounts",
        ),
    )

    # Where the account is. These two are mutable on purpose: an account can be moved in Azure and the manifest then
    # follows. The engine follows only to the same account (its mediaServiceId), else it holds RelocationRefused.
    subscription_id: SubscriptionId
    """Subscription of the account. After a move in Azure it may be changed to follow the same account."""
    resource_group: ResourceGroup
    """Resource group of the account. After a move in Azure it may be changed to follow the same account."""
    backend_ref: LocalRef | None = None
    """The MediaServicesBackend that answers for the account. Absent means the one named default."""
    credentials: Credentials
    """How the operator signs in at the service."""
    allowed_namespaces: AllowedNamespaces | None = None
    """Namespaces whose objects may use this account. Absent means its own namespace only."""
    drift_interval: Interval | None = None
    """How often everything in the account is compared with the manifests, 10s to 24h; 0s for never.
    Absent means 60s."""
    migration: MigrationSpec | None = None
    """How the account's move away from version 2 is judged; needs the annotation ams-operator.dev/v2-source. Absent
    means that each of its fields has its default."""

    location: Location | None = None
    """Azure region. Absent means where the account is; needed to create it, and the service can't change it later."""
    tags: Tags | None = None
    """Azure tags. Those that are not named here are left alone; absent means all of them."""
    identity: MediaServiceIdentity | None = None
    """Managed identities of the account. The service's default is none."""
    storage_accounts: Annotated[list[StorageAccount], Field(min_length=1, max_length=100)] | None = None
    """Storage accounts for the assets. Absent means that the account exists already and is used as it is."""
    storage_authentication: StorageAuthentication | None = None
    """How the service reaches the storage accounts. The service's default is System."""
    encryption: AccountEncryption | None = None
    """How the account's own key is encrypted. The service's default is SystemKey."""
    key_delivery: KeyDelivery | None = None
    """Settings of the key delivery service. The service's default is that everybody may ask it."""
    public_network_access: PublicNetworkAccess | None = None
    """Whether the account's resources are reachable from public networks. The service's default is Enabled."""

    def effective_backend(self) -> str:
        """Name of the MediaServicesBackend."""
        return self.backend_ref.name if self.backend_ref else DEFAULT_BACKEND


class MediaServicesAccountStatus(ResourceStatus):
    """What is known about the account."""

    media_service_id: Text | None = None
    """The service's own id of the account; it survives a move."""
    location: Text | None = None
    """Azure region as the service spells it."""
    migration: MigrationStatus | None = None
    """How far the move away from version 2 is."""


ACCOUNT: Final = Kind(
    kind="MediaServicesAccount",
    plural="mediaservicesaccounts",
    short_name="amsaccount",
    spec=MediaServicesAccountSpec,
    status=MediaServicesAccountStatus,
    name_rule=NameRule(r"[a-z0-9]{3,24}", "3 to 24 lower-case letters and digits"),
    columns=(
        Column("State", ".status.provisioningState"),
        Column("Azure Name", ".spec.azureName"),
        Column("Backend", ".spec.backendRef.name", priority=1),
        Column("Location", ".status.location", priority=1),
    ),
    requests=frozenset({Request.APPROVE, Request.RECREATE, Request.ABANDON}),
)
