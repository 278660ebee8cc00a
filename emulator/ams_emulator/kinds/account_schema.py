"""What a Media Services account's body may hold (api-versions 2021-05-01 to 2023-01-01)."""

from __future__ import annotations

from typing import Any

from ams_emulator import crud
from ams_emulator.errors import BadInputError
from ams_emulator.schema import Enum, Flag, ListOf, MapOf, Member, Object, Text

STORAGE_ID = Text(
    r"(?i)/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft\.(Classic)?Storage/storageAccounts/[a-z0-9]{3,24}",
    "the resource id of a storage account",
    max_length=1024,
)


def _properties() -> Object:
    identity = Object(
        {"userAssignedIdentity": Member(Text()), "useSystemAssignedIdentity": Member(Flag(), required=True)}
    )
    storage = Object(
        {
            "id": Member(STORAGE_ID, required=True),
            "type": Member(Enum(("Primary", "Secondary")), required=True),
            "identity": Member(identity),
            "status": Member(Text(), read_only=True),
        }
    )
    vault = Object({"keyIdentifier": Member(Text()), "currentKeyIdentifier": Member(Text(), read_only=True)})
    encryption = Object(
        {
            "type": Member(Enum(("SystemKey", "CustomerKey")), required=True),
            "keyVaultProperties": Member(vault),
            "identity": Member(identity),
            "status": Member(Text(), read_only=True),
        }
    )
    access = Object(
        {
            "defaultAction": Member(Enum(("Allow", "Deny")), default="Allow"),
            "ipAllowList": Member(ListOf(Text()), default=[]),
        }
    )
    allow_all = {"defaultAction": "Allow", "ipAllowList": []}
    delivery = Object({"accessControl": Member(access, default=allow_all)})
    anything = Object()
    return Object(
        {
            "mediaServiceId": Member(Text(), read_only=True),
            "storageAccounts": Member(ListOf(storage, minimum=1, maximum=100), required=True),
            "storageAuthentication": Member(Enum(("System", "ManagedIdentity")), default="System"),
            "encryption": Member(encryption, default={"type": "SystemKey"}),
            "keyDelivery": Member(delivery, default={"accessControl": allow_all}),
            "publicNetworkAccess": Member(Enum(("Enabled", "Disabled")), default="Enabled"),
            "minimumTlsVersion": Member(Enum(("Unspecified", "Tls10", "Tls11", "Tls12", "Tls13")), since="2023-01-01"),
            "provisioningState": Member(Text(), read_only=True),
            "privateEndpointConnections": Member(ListOf(anything), read_only=True),
        }
    )


def _identity() -> Object:
    user = Object({"clientId": Member(Text(), read_only=True), "principalId": Member(Text(), read_only=True)})
    return Object(
        {
            "type": Member(
                Text(
                    r"None|SystemAssigned|UserAssigned|SystemAssigned, ?UserAssigned",
                    "None, SystemAssigned, UserAssigned or SystemAssigned,UserAssigned",
                ),
                required=True,
            ),
            "principalId": Member(Text(), read_only=True),
            "tenantId": Member(Text(), read_only=True),
            "userAssignedIdentities": Member(MapOf(user)),
        }
    )


def account_schema() -> Object:
    """The body of PUT, and of what is stored."""
    return Object(
        crud.tracked_members()
        | {
            "location": Member(Text(), required=True),
            "identity": Member(_identity()),
            "properties": Member(_properties(), required=True),
        }
    )


def update_schema() -> Object:
    """The body of PATCH: tags, identity and properties, no location."""
    members = {name: member for name, member in account_schema().members.items() if name != "location"}
    return Object(members)


def require_one_identity(user: dict[str, Any], path: str) -> None:
    """What has an identity (a storage account, the encryption) uses one: BadInputError when it names both sorts."""
    identity = user.get("identity") or {}
    if identity.get("userAssignedIdentity") and identity.get("useSystemAssignedIdentity"):
        raise BadInputError(path, "has a userAssignedIdentity and useSystemAssignedIdentity; only one can be used")
