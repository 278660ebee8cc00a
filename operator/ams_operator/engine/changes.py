"""What a version of an object says about whoever wrote it, and whether there is something to do."""

from __future__ import annotations

from ams_operator.api.reasons import Reason
from ams_operator.api.status import PLAN_CHANGES_LIMIT
from ams_operator.domain.answers import Resource
from ams_operator.domain.model import Scene
from ams_operator.domain.noun import replace
from ams_operator.domain.report import ours
from ams_operator.domain.writes import CREATE
from ams_operator.engine.store import ACCOUNT


def only_others(before: Resource, now: Resource) -> bool:
    """Whether nothing changed but what others write into an account's status: how far its migration is."""
    if now.kind != ACCOUNT or replace(before, version=now.version, status=now.status) != now:
        return False
    mine, known = ({**one.status, "migration": None, "conditions": ours(one.status)} for one in (now, before))
    return mine == known


def said_by_users(resource: Resource) -> tuple[object, ...]:
    """What a user says with an object: its manifest, its requests, its end."""
    return resource.generation, resource.annotations, resource.deleting


def known_to_differ(resource: Resource) -> frozenset[str]:
    """The fields that its status tells to differ from its manifest as it is now, or the one before it told. What waits
    for nothing but to be counted (`suspicion`) did not differ before, and what was to be made anew was compared with
    nothing."""
    status, noted = resource.status, resource.own_record.get("known")
    if status.get("observedGeneration") != resource.generation:
        return frozenset()
    known = frozenset(map(str, noted)) if isinstance(noted, list) else frozenset[str]()
    if any(hold.get("reason") == Reason.MASS_CHANGE for hold in status.get("holds", ())):
        return known
    actions = (status.get("plan") or {}).get("actions", ())
    differed = (action for action in actions if action.get("name") != CREATE)
    return known | {str(change.get("field")) for action in differed for change in action.get("changes", ())}


def kept(scene: Scene) -> tuple[str, ...]:
    """What is remembered of it beside a status that can't tell it. What is too much is counted once more."""
    return tuple(sorted(scene.known)[:PLAN_CHANGES_LIMIT])


def unfinished(resource: Resource) -> bool:
    """Whether an object that was known before needs more than the next sweep: an edit, a deletion, an open act."""
    status = resource.status
    if resource.deleting or status.get("observedGeneration") != resource.generation:
        return True
    record = resource.record
    if record.get("uid") not in (None, resource.uid):
        return True  # a backup's: what it says is of another object
    ready = next((c.get("status") for c in status.get("conditions", ()) if c.get("type") == "Ready"), None)
    return bool(record.get("act")) or (ready == "Unknown")
