"""LiveOutput: a recording. It begins when it is made, ends when it goes, and is never made again.

Source of the table: the service has no update for outputs; absent description, HLS settings and outputSnapTime read
back as null and 0, a manifest name that nobody gave is the service's own.
"""

from __future__ import annotations

from collections.abc import Mapping

from ams_operator.api.live_output import LiveOutputSpec
from ams_operator.api.reasons import Reason
from ams_operator.api.wire import NOTHING, to_wire
from ams_operator.domain import normal, running
from ams_operator.domain.kind import Kind, Reset
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
from ams_operator.domain.noun import replace
from ams_operator.domain.running import absent, any_case, settled

TABLE = {
    "properties.description": settled(None, normal.text),
    "properties.assetName": settled(Reset.CANNOT, any_case),
    "properties.archiveWindowLength": settled(Reset.CANNOT, normal.duration),
    "properties.rewindWindowLength": settled(None, normal.duration),
    "properties.manifestName": settled(Reset.CANNOT),
    "properties.hls.fragmentsPerTsSegment": settled(None, absent(0)),
    "properties.outputSnapTime": settled(0, absent(0)),
}


def address(account: AccountId, event: str, name: str) -> Address:
    """A live output lies in its live event."""
    return Address("LiveOutput", account, (event, name))


def body(spec: LiveOutputSpec, given: Mapping[str, str] = NOTHING) -> JSON:
    """The declared members, as ARM JSON, with the name of the asset that was given."""
    return to_wire(spec, given)


def actions(desired: Desired, observed: Observed, record: Record, core: Action | None) -> tuple[Chain, ...]:
    """Only its deletion: nothing of an output changes.

    Deleting it ends its recording, and that is what deleting it means: END_RECORDING speaks of the recordings of
    others, to whose end nobody consents by deleting what is his own.
    """
    return ((core,),) if core and desired.deleting else ()


def state(raw: JSON) -> State:
    """On air while it is there. Nothing is asked of it but its end, which any word allows."""
    return replace(running.state(raw), known=True)


def facts(raw: JSON) -> JSON:
    """The states, and where the recording is to be found."""
    names = {name: running.text(raw, name) for name in ("assetName", "manifestName")}
    return running.facts(raw) | running.present(**names)


def identity(raw: JSON) -> str | None:
    """Its place in its asset. Creation time is no use: of an output that records, it moves with each read."""
    asset, manifest = running.text(raw, "assetName"), running.text(raw, "manifestName")
    return f"{asset.lower()}|{manifest}" if asset and manifest else None


def created(raw: JSON) -> str | None:
    """None that could be trusted: what is found after an unanswered create is not ours."""
    return None


KIND = Kind(
    name="LiveOutput",
    collection="liveEvents/liveOutputs",
    address=address,
    body=body,
    state=state,
    actions=actions,
    facts=facts,
    identity=identity,
    created=created,
    shows=("resourceState", "provisioningState", "assetName", "manifestName"),
    table=TABLE,
    parent="LiveEvent",
    records_into="Asset",
    recreate=False,
    patch=False,
    good=(Reason.RECORDING.value, "it records"),
    ended=(Reason.RECORDING_ENDED.value, "the recording is over; it stays in its asset and is never made again"),
    quota=3,
)
