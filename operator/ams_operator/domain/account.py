"""MediaServicesAccount: a resource like any other, and the place where all others live.

Source of the table: the service fills in storageAuthentication System, key delivery for everybody and public network
access when they are not declared; a region can't be changed; ids of storage accounts come back in any case; every tool
that patches tags of ARM resources relies on their being replaced as a whole.
"""

from __future__ import annotations

from collections.abc import Mapping

from ams_operator.api.account import MediaServicesAccountSpec
from ams_operator.api.wire import NOTHING, to_wire
from ams_operator.domain import normal
from ams_operator.domain.kind import Field, Kind, Reset
from ams_operator.domain.model import (
    JSON,
    AccountId,
    Action,
    Address,
    Chain,
    Desired,
    Observed,
    Record,
    State,
)
from ams_operator.domain.values import at

LONGEST = 128
"""characters of what the service says of itself: a hostile answer must not make a status that is refused"""
_KEY_DELIVERY = "properties.keyDelivery.accessControl"
TABLE = {
    "tags*": Field(reset=Reset.OMIT),
    "location": Field(reset=Reset.CANNOT, when=frozenset(), normal=normal.location),
    "properties.storageAccounts[].id": Field(normal=normal.identifier, key=True),
    "properties.storageAuthentication": Field(reset="System", normal=normal.word("System")),
    "properties.publicNetworkAccess": Field(reset="Enabled", normal=normal.word("Enabled")),
    "properties.encryption.type": Field(reset="SystemKey", normal=normal.word("SystemKey")),
    f"{_KEY_DELIVERY}.defaultAction": Field(reset="Allow", normal=normal.word("Allow")),
    f"{_KEY_DELIVERY}.ipAllowList": Field(reset=[]),
    "properties.storageAccounts": Field(reset=Reset.CANNOT),
    "properties.storageAccounts*": Field(),
    "identity.type": Field(reset="None", normal=normal.word("None")),
    "identity.userAssignedIdentities.*": Field(reset=None, entry=True),
}
OWNED = frozenset(
    {
        "identity.principalId",
        "identity.tenantId",
        "identity.userAssignedIdentities.*.principalId",
        "identity.userAssignedIdentities.*.clientId",
        "properties.storageAccounts[].status",
        "properties.encryption.status",
        "properties.encryption.keyVaultProperties.currentKeyIdentifier",
    }
)


def address(account: AccountId, name: str) -> Address:
    """The account itself: no name below it."""
    return Address("MediaServicesAccount", account)


def body(spec: MediaServicesAccountSpec, given: Mapping[str, str] = NOTHING) -> JSON:
    """The declared members, as ARM JSON; nothing at all of an account that is merely used."""
    return {name: value for name, value in to_wire(spec, given).items() if value}


def state(raw: JSON) -> State:
    """An account has no states but the service's own work on it."""
    return State(provisioning=_text(raw, "provisioningState"))


def actions(desired: Desired, observed: Observed, record: Record, core: Action | None) -> tuple[Chain, ...]:
    """One chain: the write itself."""
    return ((core,),) if core else ()


def facts(raw: JSON) -> JSON:
    """What people look for: the id that survives a move, the region, the service's own state."""
    location = at(raw, ("location",))
    shown = {
        "mediaServiceId": _text(raw, "mediaServiceId"),
        "location": location[:LONGEST] if isinstance(location, str) else None,
        "provisioningState": _text(raw, "provisioningState", 64),
    }
    return {name: value for name, value in shown.items() if value is not None}


def identity(raw: JSON) -> str | None:
    """The service's own id: another account of the same name has another one."""
    return _text(raw, "mediaServiceId") or None


def created(raw: JSON) -> str | None:
    """When it was made, where the service says so."""
    return normal.moment(at(raw, ("systemData", "createdAt")))


def _text(raw: JSON, name: str, longest: int = LONGEST) -> str | None:
    """A text of `properties`, not longer than a status may show; None for anything else."""
    found = at(raw, ("properties", name))
    return found[:longest] if isinstance(found, str) else None


KIND = Kind(
    name="MediaServicesAccount",
    collection="mediaservices",
    address=address,
    body=body,
    state=state,
    actions=actions,
    facts=facts,
    identity=identity,
    created=created,
    shows=("mediaServiceId", "location", "provisioningState"),
    table=TABLE,
    owned=OWNED,
    recreate=False,
    missing="AccountVanished",
    keep=True,
)
