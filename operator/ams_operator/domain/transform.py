"""Transform: the smallest whole kind. Every other kind looks like this one.

Source of the table: the service accepts PATCH of description, outputs and their priorities in any state; absent
`onError` and `relativePriority` read back as StopProcessingJob and Normal; a layer's `maxBitrate` is its `bitrate`.
"""

from __future__ import annotations

from collections.abc import Mapping

from ams_operator.api.transform import TransformSpec
from ams_operator.api.wire import NOTHING, to_wire
from ams_operator.domain import normal, running
from ams_operator.domain.kind import Field, Kind
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

NAME = 16
"""what has a name is likelier to have changed than to be another that was given its name"""
TABLE = {
    "properties.description": Field(reset=None, normal=normal.text),
    "properties.outputs": Field(),
    "properties.outputs[].onError": Field(reset="StopProcessingJob", normal=normal.word("StopProcessingJob")),
    "properties.outputs[].relativePriority": Field(reset="Normal", normal=normal.word("Normal")),
    "properties.outputs[].preset.*": Field(normal=normal.setting),
    "properties.outputs[].preset.presetName": Field(weight=NAME),
    "properties.outputs[].preset.codecs[].label": Field(weight=NAME),
    "properties.outputs[].preset.codecs[].layers[].label": Field(weight=NAME),
    "properties.outputs[].preset.codecs[].layers[].maxBitrate": Field(follows="bitrate"),
}


def address(account: AccountId, name: str) -> Address:
    """A transform lies directly in its account."""
    return Address("Transform", account, (name,))


def body(spec: TransformSpec, given: Mapping[str, str] = NOTHING) -> JSON:
    """The declared members, as ARM JSON."""
    return to_wire(spec, given)


def state(raw: JSON) -> State:
    """A transform has no states: it is there or it is not."""
    return State()


def actions(desired: Desired, observed: Observed, record: Record, core: Action | None) -> tuple[Chain, ...]:
    """One chain: the write itself."""
    return ((core,),) if core else ()


def facts(raw: JSON) -> JSON:
    """Nothing of a transform moves by itself, and nothing has to be shown."""
    return {}


KIND = Kind(
    name="Transform",
    collection="transforms",
    address=address,
    body=body,
    state=state,
    actions=actions,
    facts=facts,
    identity=running.created,
    created=running.created,
    table=TABLE,
    quota=100,
)
