"""A throw-away live event kind: what runs, records and interrupts people is what corrects the nouns of the core.

It is no part of the product. Its states, its one action at a time and its outputs follow the service; its fields are
three: one that changes at any time, one that changes only while it is stopped, one that never changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from typing import ClassVar

from ams_operator.api.base import ChildSpec, DisruptionPolicy
from ams_operator.api.wire import NOTHING, to_wire
from ams_operator.domain import normal
from ams_operator.domain.model import (
    JSON,
    AccountId,
    Action,
    Address,
    Chain,
    Desired,
    Effect,
    Field,
    Kind,
    Observed,
    Record,
    Reset,
    State,
)
from ams_operator.domain.values import at

OUTPUTS = "LiveOutput"
HEADINGS = {"Starting": "Running", "Stopping": "Stopped"}
LEADS_TO = {"start": "Running", "stop": "Stopped"}
VERBS = {"Running": "start", "Stopped": "stop"}
TABLE = {
    "properties.description": Field(reset=None, normal=normal.text),
    "properties.keyFrameInterval": Field(
        reset="PT2S", when=frozenset({"Stopped"}), effect=Effect.INTERRUPT, normal=normal.duration
    ),
    "properties.encodingType": Field(reset=Reset.CANNOT, when=frozenset()),
}


class RunState(StrEnum):
    RUNNING = "Running"
    STOPPED = "Stopped"


class RestartPolicy(StrEnum):
    ALWAYS = "Always"
    NEVER = "Never"


class LiveEventSpec(ChildSpec):
    """A channel that people watch while it runs."""

    operator_fields: ClassVar[frozenset[str]] = ChildSpec.operator_fields | {
        "disruption_policy",
        "run_state",
        "restart_policy",
    }
    disruption_policy: DisruptionPolicy | None = None
    run_state: RunState | None = None
    restart_policy: RestartPolicy | None = None
    description: str | None = None
    key_frame_interval: str | None = None
    encoding_type: str | None = None


def address(account: AccountId, name: str) -> Address:
    return Address("LiveEvent", account, (name,))


def body(spec: LiveEventSpec, given: Mapping[str, str] = NOTHING) -> JSON:
    return to_wire(spec, given)


def state(raw: JSON) -> State:
    now = at(raw, ("properties", "resourceState"))
    return State(
        now=now,
        heading=HEADINGS.get(now, now),
        on_air=now in ("Running", "Starting"),
        provisioning=at(raw, ("properties", "provisioningState")),
    )


def actions(desired: Desired, observed: Observed, record: Record, core: Action | None) -> tuple[Chain, ...]:
    """(harmless update) | (run state), or (stop, update, start) where the change needs it stopped."""
    assert observed.raw is not None
    now = state(observed.raw).now
    if desired.deleting:
        assert core is not None
        if now == "Stopped":
            return ((replace(core, needs=frozenset({"Stopped"})),),)
        return ((_stop(observed), replace(core, needs=frozenset({"Stopped"}))),)
    wish = _wish(desired, observed, record)
    if core is None:
        return (wish,) if wish else ()
    if not core.needs:
        return ((core,), wish) if wish else ((core,),)
    if now in core.needs:
        return ((core, *wish),)
    if wish and wish[0].name == "stop":
        return ((*wish, core),)
    if desired.run_state != "Running":  # nothing remembers to start it again
        return ((core,), wish) if wish else ((core,),)
    start = Action("start", "POST", frozenset({Effect.START}), verb="start", then="Running")
    return ((replace(_stop(observed), then=""), core, start),)


def _wish(desired: Desired, observed: Observed, record: Record) -> Chain:
    """What the user asked for: a request first, then the run state of the manifest."""
    assert observed.raw is not None
    heading = state(observed.raw).heading
    for verb in ("reset", "stop", "start"):
        value = desired.requests.get(verb)
        if value is None or record.requests.get(verb) == value or LEADS_TO.get(verb) == heading:
            continue
        return (replace(_action(verb, observed), request=(verb, value), own_wish=True),)
    if desired.run_state is None or desired.run_state == heading:
        return ()
    edge = record.run_state != desired.run_state
    action = _action(VERBS[desired.run_state], observed)
    return (replace(action, then=desired.run_state, own_wish=edge),)


def _action(verb: str, observed: Observed) -> Action:
    if verb == "start":
        return Action("start", "POST", frozenset({Effect.START}), verb="start")
    if verb == "stop":
        return _stop(observed)
    return replace(_stop(observed), name="reset", verb="reset", needs=frozenset({"Running"}))


def _stop(observed: Observed) -> Action:
    """Stopping ends recordings; outputs that nobody listed are assumed to record."""
    outputs = observed.children.get(OUTPUTS)
    recording = outputs is None or bool(outputs)
    effects = {Effect.INTERRUPT, Effect.END_RECORDING} if recording else {Effect.INTERRUPT}
    return Action("stop", "POST", frozenset(effects), verb="stop")


def facts(raw: JSON) -> JSON:
    return {"resourceState": at(raw, ("properties", "resourceState"))}


def created(raw: JSON) -> str | None:
    return normal.moment(at(raw, ("properties", "created")))


KIND = Kind(
    name="LiveEvent",
    collection="liveEvents",
    address=address,
    body=body,
    state=state,
    actions=actions,
    facts=facts,
    identity=created,
    created=created,
    shows=("resourceState",),
    table=TABLE,
    children=(OUTPUTS,),
    leads_to=LEADS_TO,
)
