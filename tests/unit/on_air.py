"""Builders for tests of the kinds that are on air: any of them, from a manifest and what the service shows."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.unit.scenes import BORN, KEY, NAMESPACE, NOW, ORIGIN, OWNER, UID, patched

from ams_operator.api.asset import AssetSpec
from ams_operator.api.base import ResourceSpec
from ams_operator.api.live_event import LiveEventSpec
from ams_operator.api.live_output import LiveOutputSpec
from ams_operator.api.streaming_endpoint import StreamingEndpointSpec
from ams_operator.domain import asset, ids, live_event, live_output, streaming_endpoint
from ams_operator.domain.compare import fields
from ams_operator.domain.holds import decide
from ams_operator.domain.kind import Kind
from ams_operator.domain.model import (
    JSON,
    Decision,
    Desired,
    How,
    Observed,
    Plan,
    Policy,
    Record,
    Scene,
)
from ams_operator.domain.plan import make_plan

EVENT, OUTPUT, ENDPOINT, ASSET = live_event.KIND, live_output.KIND, streaming_endpoint.KIND, asset.KIND
GIVEN = {
    "/location": "West US 2",
    "/properties/input/accessToken": "s3cret-token",
    "/properties/assetName": "match-1",
    "/properties/accessControl/akamai/akamaiSignatureHeaderAuthenticationKeyList/0/base64Key": "czNjcmV0LWtleQ==",
}
"""the region, and the values of references and secrets"""
_NAMES: Mapping[str, tuple[str, ...]] = {"LiveOutput": ("studio", "match")}


def spec_of(kind: Kind, spec: JSON) -> ResourceSpec:
    model: type[ResourceSpec]
    for model in (LiveEventSpec, LiveOutputSpec, StreamingEndpointSpec, AssetSpec):
        if model.__name__ == f"{kind.name}Spec":
            return model.model_validate(spec)
    raise AssertionError(kind.name)


def wanted(kind: Kind, spec: JSON, given: Mapping[str, str] | None = None, **members: Any) -> Desired:
    """A custom resource. `members` are Desired's; `disruption` and `deletion` go into its policy."""
    parsed = spec_of(kind, spec)
    body = kind.body(parsed, GIVEN if given is None else given)
    restart = getattr(parsed, "effective_restart_policy", None)
    policy = {name: members.pop(name) for name in ("disruption", "deletion") if name in members}
    return Desired(
        kind=kind.name,
        uid=UID,
        name="studio",
        namespace=NAMESPACE,
        generation=1,
        address=kind.address(OWNER, *_NAMES.get(kind.name, ("studio",))),
        body=body,
        fields=fields(body),
        policy=Policy(**policy),
        run_state=getattr(parsed, "run_state", None),
        restart=restart().value if restart else None,
        **members,
    )


def shown(body: JSON, state: str | None = "Stopped", **properties: Any) -> JSON:
    """A resource as the service answers it: what was sent, and what it says of itself."""
    found = copy.deepcopy(body)
    found["properties"] |= {"created": BORN, "lastModified": BORN, "provisioningState": "Succeeded"}
    if state is not None:
        found["properties"]["resourceState"] = state
    found["properties"] |= properties
    return {"name": "studio", **found}


def scene(kind: Kind, **members: Any) -> Scene:
    place = ids.resource_id(kind.address(OWNER, *_NAMES.get(kind.name, ("studio",))), kind.collection)
    values = {"now": NOW, "key": KEY, "resource_id": place, "origin": ORIGIN}
    return Scene(**{**values, **members})


def ours(kind: Kind, raw: JSON, **members: Any) -> Record:
    """The record of something that we made."""
    place = scene(kind)
    values = {"resource_id": place.resource_id, "origin": ORIGIN, "identity": kind.identity(raw), "how": How.CREATED}
    return Record(uid=UID, **{**values, **members})


def planned(
    kind: Kind, desired: Desired, raw: JSON, record: Record, outputs: tuple[JSON, ...] | None = None, **members: Any
) -> Plan:
    """The plan after a look. `outputs` None: nobody listed them."""
    children = {} if outputs is None else {"LiveOutput": outputs}
    return make_plan(kind, desired, Observed(NOW, raw, children), record, scene(kind, **members))


def decided(
    kind: Kind, desired: Desired, raw: JSON, record: Record, outputs: tuple[JSON, ...] | None = None, **members: Any
) -> Decision:
    return decide(planned(kind, desired, raw, record, outputs, **members), desired, scene(kind, **members))


def names(plan: Plan) -> list[list[str]]:
    """The chains, by the names of their actions."""
    return [[action.name for action in chain] for chain in plan.chains]


def following(decision: Decision) -> str | None:
    return decision.next.name if decision.next else None


def reasons(decision: Decision) -> list[str]:
    return [str(hold.reason) for hold in decision.holds]


def put(spec: JSON, path: str, value: Any) -> JSON:
    """The manifest with a value at a dotted path; None removes it, and what it leaves empty around it."""
    found = copy.deepcopy(spec)
    nodes = [found]
    *above, last = path.split(".")
    for part in above:
        nodes.append(nodes[-1].setdefault(part, {}))
    if value is None:
        nodes[-1].pop(last, None)
    else:
        nodes[-1][last] = value
    for node, part in zip(reversed(nodes[:-1]), reversed(above), strict=True):
        if not node[part]:
            del node[part]
    return found


@dataclass(frozen=True)
class Row:
    """One field in a test: where it stands in the manifest, and two values that differ."""

    path: str
    one: Any
    other: Any

    def __str__(self) -> str:
        return self.path


def reset_leaves_nothing(
    kind: Kind, base: JSON, row: Row, *, state: str | None = "Stopped", deep: bool = True, **properties: Any
) -> JSON:
    """The field was set by us and removed from the manifest: the update resets it, and nothing differs any more.

    Returns the body of that update.
    """
    before = wanted(kind, put(base, row.path, row.one))
    raw = shown(before.body, state, **{**properties, **before.body["properties"]})
    plan = planned(kind, wanted(kind, base), raw, ours(kind, raw, fields=before.fields))
    (update,) = (action for chain in plan.chains for action in chain if action.name == "update")
    assert {change.removed for change in update.changes} == {True}
    after = patched(raw, update.body or {}, deep=deep)
    again = planned(kind, wanted(kind, base), after, ours(kind, raw, fields=before.fields))
    assert (again.chains, again.differs, again.stuck) == ((), (), ())
    return update.body or {}
