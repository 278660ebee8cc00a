"""The owner tag of what bears tags: it says in the service which cluster manages a resource, and which object made it.

`CLUSTER-OBJECT` is on what an object made, `CLUSTER` alone on what it adopted; both are hashes. So two clusters tell
each other apart, and one whose statuses were lost knows again what it had made, and that it had not made the rest.
"""

from __future__ import annotations

import hashlib
import json
from typing import Final

from ams_operator.api.reasons import Reason
from ams_operator.domain import compare, findings, steps
from ams_operator.domain.kind import Kind
from ams_operator.domain.model import JSON, Action, Change, Desired, Hold, How, Record, Scene, State
from ams_operator.domain.noun import replace
from ams_operator.domain.values import at, pointer

TAG: Final = "ams-operator-owner"
POINTER: Final = pointer(("tags", TAG))
LENGTH = 16
"""characters of each of the two hashes: both together fit where a tag may have 64"""
REMARK = f"it does not keep the tag {TAG}, by which other clusters would be kept away"


def mark(owner_id: str, kind: Kind, namespace: str, name: str, body: JSON) -> str:
    """What an object puts on what it makes; empty where there are no tags, nobody named an owner, or nothing is
    declared, which is an account that is merely used."""
    if not owner_id or "tags*" not in kind.table or not body:
        return ""
    return f"{_hash(owner_id)}-{_hash(owner_id, kind.name, namespace, name)}"


def tagged(desired: Desired, how: How | None) -> Desired:
    """It with the tag in its body, as what came to be ours in this way bears it. The manifest's own tag of that name
    is none."""
    if not desired.owner:
        return desired
    value = _cluster(desired.owner) if how is How.ADOPTED else desired.owner
    tags = desired.body.get("tags") or {}
    if tags.get(TAG) == value:
        return desired
    kept = {name: text for name, text in tags.items() if name.lower() != TAG}
    body = {**desired.body, "tags": {**kept, TAG: value}}
    return replace(desired, body=body, fields=compare.fields(body), digest="")


def claimed(desired: Desired, raw: JSON, scene: Scene) -> Hold | None:
    """The hold on what another cluster manages, by its tag."""
    if not desired.owner or not (found := _found(raw)) or _cluster(found) == _cluster(desired.owner):
        return None
    message = (
        f"{findings.end(scene.resource_id)} has the tag {TAG} of another cluster, and this object touches nothing: "
        "delete this object, or, where this cluster takes it over, have it let go there and remove the tag in the "
        "service. An operator that stands in for the other one is started with its --owner-id"
    )
    return findings.stuck(Reason.CLAIMED, message)


def made(desired: Desired, raw: JSON) -> bool:
    """Whether this very object made it, as the tag says."""
    return bool(desired.owner) and _found(raw) == desired.owner


def apart(differ: tuple[Change, ...], desired: Desired) -> tuple[tuple[Change, ...], tuple[Change, ...]]:
    """The tag, and everything else that differs. The tag is set by a request of its own: where the service refuses it,
    that says nothing of the rest."""
    if not desired.owner:
        return (), differ
    return tuple(one for one in differ if one.path == POINTER), tuple(one for one in differ if one.path != POINTER)


def declined(action: Action, status: int, state: State) -> bool:
    """Whether an answer refuses the tag alone, where it would be trouble of anything else: who may not set it may do
    all that he did before, and a conflict on air is none that passes by itself."""
    alone = [change.path for change in action.changes] == [POINTER]
    return alone and (status == 403 or (status == 409 and state.on_air))


def waived(update: Action, record: Record, state: State, scene: Scene) -> bool:
    """Whether nothing comes of setting the tag just now: the service does not take it (as long as it runs, say), or
    somebody removes it again and again. For that nobody has to be called."""
    return steps.futile(update, record, state.now or "", scene.now)


def _found(raw: JSON) -> str:
    found = at(raw, ("tags", TAG))
    return found if isinstance(found, str) else ""


def _cluster(value: str) -> str:
    return value.partition("-")[0]


def _hash(*parts: str) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:LENGTH]
