"""Settings of a Media Services account that are the service's own: storage, identity, encryption, key delivery.

Source: ARM type Microsoft.Media/mediaservices, api-version 2021-11-01.
"""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from ams_operator.api.base import ApiModel, Matches, Rule

ArmId = Annotated[
    str,
    Field(max_length=512),
    Matches(r"/subscriptions/[^/]+/.+", "must be an Azure resource id that starts with /subscriptions/"),
]
StorageId = Annotated[
    str,
    Field(max_length=512),
    Matches(
        r"/subscriptions/[^/]+/resource[Gg]roups/[^/]+/providers/[^/]+/storage[Aa]ccounts/[^/]+|[a-z0-9]{3,24}",
        "must be the resource id of a storage account (/subscriptions/.../storageAccounts/NAME); "
        "some backends want its bare name",
    ),
]


class StorageAccountType(StrEnum):
    PRIMARY = "Primary"
    SECONDARY = "Secondary"


class StorageAuthentication(StrEnum):
    SYSTEM = "System"
    MANAGED_IDENTITY = "ManagedIdentity"


class EncryptionType(StrEnum):
    SYSTEM_KEY = "SystemKey"
    CUSTOMER_KEY = "CustomerKey"


class DefaultAction(StrEnum):
    ALLOW = "Allow"
    DENY = "Deny"


class PublicNetworkAccess(StrEnum):
    ENABLED = "Enabled"
    DISABLED = "Disabled"


class IdentityType(StrEnum):
    NONE = "None"
    SYSTEM_ASSIGNED = "SystemAssigned"
    USER_ASSIGNED = "UserAssigned"
    SYSTEM_AND_USER_ASSIGNED = "SystemAssigned,UserAssigned"


class ResourceIdentity(ApiModel):
    """Which of the account's managed identities is used."""

    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            "self.useSystemAssignedIdentity != has(self.userAssignedIdentity)",
            "set userAssignedIdentity if, and only if, useSystemAssignedIdentity is false",
            ".userAssignedIdentity",
        ),
    )

    use_system_assigned_identity: bool
    """True for the account's own identity, false for userAssignedIdentity."""
    user_assigned_identity: ArmId | None = None
    """Resource id of an identity of identity.userAssignedIdentities. Absent where the account's own is used."""


class StorageAccount(ApiModel):
    """A storage account that holds the assets."""

    id: StorageId
    """Resource id of the storage account."""
    type: StorageAccountType
    """Primary or Secondary; exactly one is Primary."""
    identity: ResourceIdentity | None = None
    """Identity for access to this storage, with storageAuthentication ManagedIdentity. Absent means that the service
    chooses."""


class KeyVaultProperties(ApiModel):
    """A key in Azure Key Vault."""

    key_identifier: Annotated[
        str,
        Field(max_length=512),
        Matches(r"https://[^/]+/keys/[^/]+(/[^/]+)?", "must be https://VAULT/keys/NAME[/VERSION]"),
    ]
    """URL of the key, https://VAULT/keys/NAME[/VERSION]. Without a version the newest one is used."""


class AccountEncryption(ApiModel):
    """How the account's own key is encrypted."""

    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            "(self.type == 'CustomerKey') == has(self.keyVaultProperties)",
            "set keyVaultProperties if, and only if, type is CustomerKey",
            ".keyVaultProperties",
        ),
    )

    type: EncryptionType
    """SystemKey, or CustomerKey for a key of your own in a key vault."""
    key_vault_properties: KeyVaultProperties | None = None
    """The key for type CustomerKey. Absent for SystemKey."""
    identity: ResourceIdentity | None = None
    """Identity for access to the key vault. Absent means that the service chooses."""


IpRange = Annotated[
    str,
    Field(max_length=64),
    Matches(r"[0-9A-Fa-f:.]+(/[0-9]{1,3})?", "must be an IP address or a range such as 10.0.0.0/8"),
]


class AccessControl(ApiModel):
    """Who may fetch keys and licences."""

    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            "(has(self.defaultAction) && self.defaultAction == 'Deny') || "
            "!has(self.ipAllowList) || size(self.ipAllowList) == 0",
            "ipAllowList has an effect only with defaultAction Deny",
            ".ipAllowList",
        ),
    )

    default_action: DefaultAction | None = None
    """Allow or Deny for addresses that are not in ipAllowList. The service's default is Allow."""
    ip_allow_list: Annotated[list[IpRange], Field(max_length=100)] | None = None
    """Addresses and ranges, such as 10.0.0.0/8, that are allowed while defaultAction is Deny. Absent means none."""


class KeyDelivery(ApiModel):
    """Settings of the key delivery service."""

    access_control: AccessControl | None = None
    """Who may fetch keys and licences. The service's default is everybody."""


class UserAssignedIdentity(ApiModel):
    """Always empty; the service fills in the ids of the identity."""


IdentityId = Annotated[str, Field(min_length=1, max_length=512)]


class MediaServiceIdentity(ApiModel):
    """The managed identities of the account."""

    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            "self.type.contains('UserAssigned') == "
            "(has(self.userAssignedIdentities) && size(self.userAssignedIdentities) > 0)",
            "set userAssignedIdentities if, and only if, type contains UserAssigned",
            ".userAssignedIdentities",
        ),
        Rule(
            "!has(self.userAssignedIdentities) || "
            "self.userAssignedIdentities.all(id, id.startsWith('/subscriptions/'))",
            "userAssignedIdentities needs resource ids that start with /subscriptions/ as its keys",
            ".userAssignedIdentities",
        ),
    )

    type: IdentityType
    """None, SystemAssigned (its own), UserAssigned (those that are named), or both."""
    user_assigned_identities: Annotated[dict[IdentityId, UserAssignedIdentity], Field(max_length=20)] | None = None
    """Resource ids of user-assigned identities, each with an empty object: {"/subscriptions/...": {}}. Absent means
    none."""
