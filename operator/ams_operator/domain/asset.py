"""Asset: a container of media files. One that is gone took its files along.

Source of the table: the service accepts PATCH of description and alternateId; it chooses the container and the storage
account where none is given, and keeps both for good.
"""

from __future__ import annotations

from collections.abc import Mapping

from ams_operator.api.asset import AssetSpec
from ams_operator.api.wire import NOTHING, to_wire
from ams_operator.domain import normal, running
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
from ams_operator.domain.running import any_case, settled

SHOWN = ("assetId", "container", "storageAccountName", "storageEncryptionFormat")
TABLE = {
    "properties.description": Field(reset=None, normal=normal.text),
    "properties.alternateId": Field(reset=None, normal=normal.text),
    "properties.container": settled(Reset.CANNOT),
    "properties.storageAccountName": settled(Reset.CANNOT, any_case),
}


def address(account: AccountId, name: str) -> Address:
    """An asset lies directly in its account."""
    return Address("Asset", account, (name,))


def body(spec: AssetSpec, given: Mapping[str, str] = NOTHING) -> JSON:
    """The declared members, as ARM JSON."""
    return to_wire(spec, given)


def state(raw: JSON) -> State:
    """An asset has no states: it is there or it is not."""
    return State()


def actions(desired: Desired, observed: Observed, record: Record, core: Action | None) -> tuple[Chain, ...]:
    """One chain: the write itself."""
    return ((core,),) if core else ()


def facts(raw: JSON) -> JSON:
    """Where the files are. The answer to its creation lacks the container, later ones have it."""
    word = running.text(raw, "storageEncryptionFormat", running.WORD)
    return running.present(**{name: running.text(raw, name) for name in SHOWN[:-1]}, storageEncryptionFormat=word)


def identity(raw: JSON) -> str | None:
    """The service's own id."""
    found = running.text(raw, "assetId")
    return found.lower() if found else None


KIND = Kind(
    name="Asset",
    collection="assets",
    address=address,
    body=body,
    state=state,
    actions=actions,
    facts=facts,
    identity=identity,
    created=running.created,
    shows=SHOWN,
    table=TABLE,
    recreate=False,
    missing="DataLost",
    keep=True,
)
