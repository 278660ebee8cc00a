"""Builders for tests of the pure core: one transform, one account, and a service that takes what it is sent."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from typing import Any

from ams_operator.domain import account, transform
from ams_operator.domain.compare import fields
from ams_operator.domain.holds import decide
from ams_operator.domain.kind import Kind
from ams_operator.domain.model import (
    JSON,
    AccountId,
    Act,
    Action,
    Address,
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

ACCOUNT, TRANSFORM = account.KIND, transform.KIND
KEY = b"a key for tests"
NOW = 1_000_000.0
UID = "11111111-2222-3333-4444-555555555555"
ORIGIN = "https://service.test"
OWNER = AccountId("sub", "group", "contoso")
BASE = "/subscriptions/sub/resourceGroups/group/providers/Microsoft.Media/mediaservices/contoso"
NOTED = "2024-05-01T12:00:00+00:00"
BORN = "2024-05-01T12:00:01.5Z"
EARLIER = "2024-04-01T12:00:00Z"
NAMESPACE = "media"
COMMAND = re.compile(rf"ams-operator request [a-z][-a-z]* [A-Z][A-Za-z]+/[a-z0-9.-]+( [^ -]\S*)? -n {NAMESPACE}$")
"""what a message that awaits a decision ends in"""


def preset(name: str = "AdaptiveStreaming", **members: Any) -> JSON:
    return {"@odata.type": "#Microsoft.Media.BuiltInStandardEncoderPreset", "presetName": name, **members}


def output(name: str = "AdaptiveStreaming", **members: Any) -> JSON:
    return {**members, "preset": preset(name)}


def recipe(*outputs: JSON, **properties: Any) -> JSON:
    """The body of a transform."""
    return {"properties": {**properties, "outputs": list(outputs) or [output()]}}


def stored(body: JSON, created: str = BORN, **properties: Any) -> JSON:
    """A transform as the service answers it: with its defaults."""
    found = copy.deepcopy(body)
    for item in found["properties"].get("outputs", ()):
        item.setdefault("onError", "StopProcessingJob")
        item.setdefault("relativePriority", "Normal")
    found["properties"] |= {"created": created, "lastModified": created, **properties}
    return {"name": "adaptive", "id": f"{BASE}/transforms/adaptive", **found}


def desired(
    body: JSON | None = None,
    *,
    kind: Kind = TRANSFORM,
    generation: int = 1,
    policy: Policy | None = None,
    requests: Mapping[str, str] | None = None,
    **members: Any,
) -> Desired:
    names = ("adaptive",) if kind is TRANSFORM else ()
    body = recipe() if body is None else body
    return Desired(
        kind=kind.name,
        uid=UID,
        name="adaptive",
        namespace=NAMESPACE,
        generation=generation,
        address=Address(kind.name, OWNER, names),
        body=body,
        fields=fields(body),
        policy=policy or Policy(),
        requests=requests or {},
        **members,
    )


def scene(kind: Kind = TRANSFORM, **members: Any) -> Scene:
    identifier = f"{BASE}/transforms/adaptive" if kind is TRANSFORM else BASE
    values = {"now": NOW, "key": KEY, "resource_id": identifier, "origin": ORIGIN}
    return Scene(**{**values, **members})


def ours(raw: JSON, kind: Kind = TRANSFORM, how: How = How.CREATED, **members: Any) -> Record:
    """The record of something that we made."""
    place = scene(kind)
    values = {"resource_id": place.resource_id, "origin": ORIGIN, "identity": kind.identity(raw)}
    return Record(uid=UID, how=how, **{**values, **members})


def seen(raw: JSON | None, at: float = NOW) -> Observed:
    return Observed(at, raw)


def act_of(action: Action, at: str = NOTED, operation: str | None = None) -> Act:
    return Act(
        action.name,
        at,
        action.fields,
        action.unset,
        action.digest,
        action.then,
        action.request,
        operation=operation,
        touched=action.touched,
    )


def planned(
    wanted: Desired, raw: JSON | None, record: Record | None = None, kind: Kind = TRANSFORM, **members: Any
) -> Plan:
    """The plan after a look that showed `raw`."""
    return make_plan(kind, wanted, seen(raw), record or Record(), scene(kind, **members))


def decided(
    wanted: Desired, raw: JSON | None, record: Record | None = None, kind: Kind = TRANSFORM, **members: Any
) -> Decision:
    return decide(planned(wanted, raw, record, kind, **members), wanted, scene(kind, **members))


def heads(plan: Plan) -> list[str]:
    return [chain[0].name for chain in plan.chains if chain]


def reasons(decision: Decision) -> list[str]:
    return [str(hold.reason) for hold in decision.holds]


def only_action(plan: Plan) -> Action:
    (chain,) = plan.chains
    (action,) = chain
    return action


def patched(found: JSON, body: JSON, *, deep: bool) -> JSON:
    """What the service stores for a PATCH: objects merged (JSON merge patch), or replaced whole; tags always whole."""
    result = copy.deepcopy(found)
    for name, value in body.items():
        if name == "properties":
            result["properties"] = _laid(result.get("properties") or {}, value, deep=deep)
        elif name == "tags":
            assert None not in value.values()
            result["tags"] = dict(value)
        elif value is None:
            result.pop(name, None)
        else:
            result |= _laid({name: result.get(name)}, {name: value}, deep=deep)
    return result


def _laid(found: JSON, change: JSON, *, deep: bool) -> JSON:
    result = copy.deepcopy(found)
    for name, value in change.items():
        if value is None:
            result.pop(name, None)
        elif deep and isinstance(value, dict):
            old = result.get(name)
            result[name] = _laid(old if isinstance(old, dict) else {}, value, deep=True)
        else:
            result[name] = _bare(value)
    return result


def _bare(value: Any) -> Any:
    """Null inside what is replaced is as good as absent."""
    if isinstance(value, dict):
        return {name: _bare(inner) for name, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return [_bare(item) for item in value]
    return copy.deepcopy(value)
