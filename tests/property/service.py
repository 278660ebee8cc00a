"""A service as honest as it has to be: defaults, its own spellings, both depths of merging; and a loop that follows."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.unit.scenes import ACCOUNT, TRANSFORM, UID, act_of, patched, scene, seen

from ams_operator.api.durations import parse_iso8601
from ams_operator.domain.holds import decide
from ams_operator.domain.kind import Kind
from ams_operator.domain.model import JSON, Action, Decision, Desired, How, Record
from ams_operator.domain.plan import make_plan

VIDEO = {"keyFrameInterval": "PT2S", "stretchMode": "AutoSize", "syncMode": "Auto"}
DEFAULTS: dict[str, JSON] = {
    "H264Video": {**VIDEO, "complexity": "Balanced"},
    "H265Video": {**VIDEO, "complexity": "Balanced"},
    "Video": VIDEO,
    "VideoOverlay": {"opacity": 1, "fadeInDuration": "PT0S"},
}


@dataclass
class Service:
    """One resource. `spell` rewrites every string of an answer."""

    deep: bool = True
    kind: Kind = TRANSFORM
    raw: JSON | None = None
    spell: Callable[[str], str] = str
    seconds: int = 0
    writes: list[Action] = field(default_factory=list)

    def clock(self) -> str:
        self.seconds += 1
        return (datetime(2024, 5, 1, tzinfo=UTC) + timedelta(seconds=self.seconds)).isoformat()

    def take(self, action: Action) -> None:
        self.writes.append(action)
        match action.method:
            case "PUT":
                found = copy.deepcopy(action.body or {})
                found["properties"]["created"] = self.clock()
                if self.kind is ACCOUNT:
                    found["properties"]["mediaServiceId"] = "an id"
                    found["systemData"] = {"createdAt": found["properties"]["created"]}
            case "PATCH":
                assert self.raw is not None
                found = patched(self.raw, action.body or {}, deep=self.deep)
            case _:
                self.raw = None
                return
        self.raw = filled(found) if self.kind is TRANSFORM else filled_account(found)

    def answer(self) -> JSON | None:
        return None if self.raw is None else _spelled(self.raw, self.spell)


def filled(value: Any) -> Any:
    """What the service stores: its defaults beside what it was sent."""
    if isinstance(value, list):
        return [filled(item) for item in value]
    if not isinstance(value, dict):
        return value
    found = {name: filled(member) for name, member in value.items()}
    kind = str(found.get("@odata.type", "")).rpartition(".")[2]
    defaults = dict(DEFAULTS.get(kind, {}))
    if "preset" in found:
        defaults = {"onError": "StopProcessingJob", "relativePriority": "Normal"}
    if "bitrate" in found and "@odata.type" not in found:
        defaults = {"maxBitrate": found["bitrate"], "bFrames": 3}
    return {**defaults, **found}


def filled_account(found: JSON) -> JSON:
    """An account with the service's defaults, and what it adds to identities."""
    properties = {"storageAuthentication": "System", "publicNetworkAccess": "Enabled", **found["properties"]}
    properties["encryption"] = {"type": "SystemKey", **properties.get("encryption", {})}
    access = properties.get("keyDelivery", {}).get("accessControl") or {}
    properties["keyDelivery"] = {"accessControl": {"defaultAction": "Allow", "ipAllowList": [], **access}}
    result = {**found, "properties": properties}
    identity = {"type": "None", **result.pop("identity", {})}
    if identity["type"] != "None":
        result["identity"] = identity
        for given in (identity.get("userAssignedIdentities") or {}).values():
            given["principalId"] = "a principal"
    return result


def _spelled(value: Any, spell: Callable[[str], str]) -> Any:
    if isinstance(value, dict):
        return {name: value[name] if name == "created" else _spelled(value[name], spell) for name in reversed(value)}
    if isinstance(value, list):
        return [_spelled(item, spell) for item in value]
    return spell(value) if isinstance(value, str) else value


def in_parts(text: str) -> str:
    """Durations as hours, minutes and seconds; the words of outputs in lower case."""
    if text in ("StopProcessingJob", "ContinueJob", "Normal"):
        return text.lower()
    try:
        length = parse_iso8601(text)
    except ValueError:
        return text
    minutes, seconds = divmod(length.total_seconds(), 60)
    hours, minutes = divmod(minutes, 60)
    return f"PT{hours:.0f}H{minutes:.0f}M{seconds:.7f}S"


def in_seconds(text: str) -> str:
    """Durations as seconds; the words of outputs in capitals."""
    if text in ("StopProcessingJob", "ContinueJob", "Normal"):
        return text.upper()
    try:
        return f"PT{parse_iso8601(text).total_seconds()}S"
    except ValueError:
        return text


@dataclass
class Follower:
    """The engine's loop without the engine: look, decide, note, act, look again."""

    service: Service
    record: Record = field(default_factory=lambda: Record(uid=UID))

    def look(self, wanted: Desired, *, answered: bool = False) -> Decision:
        place = scene(self.service.kind, answered=answered)
        kind = self.service.kind
        decision = decide(make_plan(kind, wanted, seen(self.service.answer()), self.record, place), wanted, place)
        self.record = decision.plan.record
        return decision

    def converge(self, wanted: Desired, rounds: int = 5) -> Decision:
        """Act until there is nothing to do. Fails after too many rounds."""
        decision = self.look(wanted)
        for _ in range(rounds):
            if decision.next is None:
                return decision
            self.record = replace(self.record, act=act_of(decision.next, at=self.service.clock()))
            self.service.take(decision.next)
            decision = self.look(wanted, answered=True)
        assert decision.next is None, f"still {decision.next.name} after {rounds} rounds: {decision.next.body}"
        return decision

    def made(self) -> bool:
        return self.record.how is How.CREATED


def bare(value: Any) -> Any:
    """In one spelling, and without what counts as absent: null, no text, empty objects."""
    if isinstance(value, dict):
        found = {name: bare(member) for name, member in value.items() if name != "created"}
        return {name: member for name, member in found.items() if member not in (None, {}, [], "")}
    if isinstance(value, list):
        return [bare(item) for item in value]
    return in_parts(value).lower() if isinstance(value, str) else value
