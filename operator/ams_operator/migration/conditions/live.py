"""LiveStreamingMigrated: every channel is stopped, and the live event that takes its place has run."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from ams_operator.migration.conditions.finding import Finding, Score, Stop, Type, judged
from ams_operator.migration.conditions.known import channels_missing, nothing_left, objects_missing, placed, retired
from ams_operator.migration.conditions.reasons import Why
from ams_operator.migration.inputs import ChannelSeen, Inputs

_OFF: Final = frozenset({"Stopped", "Deleting"})
_ENDED: Final = frozenset({"Stopped", "Stopping"})
ABSENT: Final = "Absent"


class Phase(StrEnum):
    """How far a channel is."""

    NOT_PREPARED = "NotPrepared"
    """no LiveEvent object names it"""
    PREPARED = "Prepared"
    """its live event has not run, and it runs"""
    SWITCH_PENDING = "SwitchPending"
    """its live event has not run, and it is stopped"""
    PARALLEL = "Parallel"
    """its live event has run, and it runs"""
    SWITCHED = "Switched"
    """its live event has run, and it is stopped or gone"""
    RESTARTED = "Restarted"
    """it was switched, and runs again"""
    RETIRED = "Retired"
    """nobody will move it"""


@dataclass(frozen=True, slots=True)
class Journey:
    """One channel, and how far it is. `event`: name of its LiveEvent object, in `namespace`; empty where there is
    none."""

    id: str
    name: str
    state: str
    phase: Phase
    event: str = ""
    namespace: str = ""


_ON: Final = frozenset({Phase.PREPARED, Phase.PARALLEL})


def live_streaming(inputs: Inputs) -> Finding:
    """Judged by the poll of channels and programs; an occasional channel is not migrated by being off."""
    there = journeys(inputs)
    found = sorted(
        (one for one in there if one.phase is not Phase.RETIRED), key=lambda one: (one.name or one.id, one.id)
    )
    known = not objects_missing(inputs)
    running = [one for one in found if one.phase in _ON or (one.phase is Phase.NOT_PREPARED and _on(inputs, one.id))]
    stops = [Stop(Why.DECLARED_UNUSED_BUT_SEEN, _names(found), "take liveStreaming out of spec.migration.scenarios")]
    stops = stops if found and "live_streaming" in inputs.config.not_used else []
    if again := [one for one in found if one.phase is Phase.RESTARTED]:
        stops.append(Stop(Why.CHANNEL_RESTARTED, _names(again), "find who started it, and stop it in version 2"))
    if known and (lacking := [one for one in found if one.phase is Phase.NOT_PREPARED]):
        following = f"apply a LiveEvent with the annotation ams-operator.dev/v2-id: {lacking[0].id}"
        stops.append(Stop(Why.NOT_PREPARED, _names(lacking), following))
    if running:
        following = (
            "bring its encoder to the live event, then stop programs and channel in version 2 at a convenient time"
        )
        stops.append(Stop(Why.CHANNEL_RUNNING, _names(running), following))
    if known and (pending := [one for one in found if one.phase is Phase.SWITCH_PENDING]):
        following = f"ams-operator request start liveevent/{pending[0].event} -n {pending[0].namespace}"
        stops.append(Stop(Why.SWITCH_PENDING, _names(pending), following))
    switched = [one for one in found if one.phase is Phase.SWITCHED]
    score = Score(len(switched), len(found), "channels are switched to a live event")
    missing = [*channels_missing(inputs), *(objects_missing(inputs) if found or channels_missing(inputs) else [])]
    told = "" if found else nothing_left("version 2 has no channel to switch", "channel", {"retired": bool(there)})
    result = judged(Type.LIVE, score, stops, missing, Why.SWITCHED if found else Why.NOT_USED, told)
    return replace(result, switched=inputs.remembered.switched | {one.id.lower() for one in switched if known})


def journeys(inputs: Inputs) -> list[Journey]:
    """Every channel that is there, or was switched and is gone. None while the poll can't be judged by."""
    if channels_missing(inputs):
        return []
    found = [_journey(inputs, one) for one in inputs.channels.channels]
    there = {one.id.lower() for one in found}
    away = (one for one in sorted(inputs.remembered.switched) if one not in there)
    return [*found, *(_absent(inputs, one) for one in away)]


def on_air(inputs: Inputs) -> tuple[list[str], list[str]]:
    """Names of the channels that are not stopped, and of the programs that record, but those of channels that nobody
    will move. None while the poll can't be judged by."""
    if channels_missing(inputs):
        return [], []
    left = {one.id.lower() for one in inputs.channels.channels if retired(inputs, one.id, one.name)}
    channels = [one for one in inputs.channels.channels if one.id.lower() not in left and one.state not in _OFF]
    programs = [one for one in inputs.channels.programs if one.channel.lower() not in left and one.state not in _ENDED]
    return [one.name or one.id for one in channels], [one.name or one.id for one in programs]


def _journey(inputs: Inputs, channel: ChannelSeen) -> Journey:
    objects = placed(inputs, "LiveEvent", (channel.id,))
    event, namespace = next(((one.name, one.namespace) for one in objects), ("", ""))
    ran = any(one.first_running_at for one in objects)
    phase = Phase.NOT_PREPARED
    if retired(inputs, channel.id, channel.name):
        phase = Phase.RETIRED
    elif _on(inputs, channel.id):
        if channel.id.lower() in inputs.remembered.switched:
            phase = Phase.RESTARTED
        elif objects:
            phase = Phase.PARALLEL if ran else Phase.PREPARED
    elif objects:
        phase = Phase.SWITCHED if ran else Phase.SWITCH_PENDING
    return Journey(channel.id, channel.name, channel.state, phase, event, namespace)


def _absent(inputs: Inputs, identifier: str) -> Journey:
    event = next((one.name for one in placed(inputs, "LiveEvent", (identifier,))), "")
    phase = Phase.RETIRED if retired(inputs, identifier) else Phase.SWITCHED
    return Journey(identifier, event or identifier, ABSENT, phase, event)


def _on(inputs: Inputs, identifier: str) -> bool:
    """Whether a channel, or a program of it, is on air or might be: a state that nobody knows counts as on."""
    channel = next((one for one in inputs.channels.channels if one.id == identifier), None)
    programs = (one for one in inputs.channels.programs if one.channel.lower() == identifier.lower())
    if channel is not None and channel.state not in _OFF:
        return True
    return any(one.state not in _ENDED for one in programs)


def _names(found: list[Journey]) -> tuple[str, ...]:
    return tuple(one.name or one.id for one in found)
