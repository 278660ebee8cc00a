"""What live events and streaming endpoints have in common: a state, steps, changes between them, who may connect."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ams_operator.api.base import ResourceSpec
from ams_operator.api.status import TEXT_LIMIT
from ams_operator.api.wire import to_wire
from ams_operator.domain import normal, run_states, values
from ams_operator.domain.kind import Field, Reset
from ams_operator.domain.model import (
    JSON,
    Action,
    Chain,
    Desired,
    Effect,
    Observed,
    Record,
    State,
)
from ams_operator.domain.noun import replace
from ams_operator.domain.run_states import LEADS_TO as LEADS_TO
from ams_operator.domain.run_states import ROUTES, route
from ams_operator.domain.steps import futile, requested

STOPPED: Final = frozenset({"Stopped"})
TRACKED: Final[Mapping[str, Field]] = {
    "tags*": Field(reset=Reset.OMIT),
    "location": Field(reset=Reset.CANNOT, when=frozenset(), normal=normal.location),
}
"""rows of what Azure itself keeps a list of"""
WORD: Final = 64
"""characters of a state in a status"""


# --- reading ---------------------------------------------------------------------------------------------------------


def state(raw: JSON) -> State:
    """What it is, where it is heading, and whether people depend on it."""
    return run_states.read(text(raw, "resourceState", WORD), text(raw, "provisioningState", WORD))


def text(raw: JSON, name: str, longest: int = TEXT_LIMIT) -> str | None:
    """A text of `properties`, no longer than a status may show it; None for anything else."""
    found = values.at(raw, ("properties", name))
    return found[:longest] if isinstance(found, str) else None


def facts(raw: JSON) -> JSON:
    """The two states, in the service's words."""
    found = state(raw)
    return present(resourceState=found.now, provisioningState=found.provisioning)


def present(**shown: Any) -> JSON:
    """The members that have a value."""
    return {name: value for name, value in shown.items() if value is not None}


def created(raw: JSON) -> str | None:
    """When the service made it: also what tells it from a later one of the same name. The year 1 is none: recorded
    answers to a PATCH show that in its place."""
    found = normal.moment(values.at(raw, ("properties", "created")))
    return None if found is not None and found.startswith("0001-") else found


# --- the tables' shared rows and normal forms ------------------------------------------------------------------------


def body(spec: ResourceSpec, given: Mapping[str, str]) -> JSON:
    """The declared members, and the account's region where the manifest names none: the service insists on one."""
    found = to_wire(spec, given)
    if (location := given.get("/location")) is not None:
        found.setdefault("location", location)
    return found


def needing(states: frozenset[str], reset: Any = Reset.DROP, form: Callable[[Any], Any] | None = None) -> Field:
    """A row of what changes in these states only: whoever depends on it running is interrupted."""
    return Field(reset=reset, when=states, effect=Effect.INTERRUPT, normal=form)


def settled(reset: Any, form: Callable[[Any], Any] | None = None, *, unordered: bool = False) -> Field:
    """A row of what is settled at creation. `reset` is the default: declared or not, it is the same."""
    return Field(reset=reset, when=frozenset(), normal=form, unordered=unordered)


def access_rows(path: str, states: frozenset[str]) -> Mapping[str, Field]:
    """Rows of an access control by address. Dropped as a whole it means what the service means by none."""
    item = f"{path}.ip.allow[]"
    return {
        f"{path}.ip.allow": needing(states),
        f"{item}.name": needing(states, form=normal.text),
        f"{item}.address": needing(states, form=any_case),
        f"{item}.subnetPrefixLength": needing(states),
    }


def cross_site_rows() -> Mapping[str, Field]:
    """Rows of the policies for players that are plug-ins."""
    path = "properties.crossSiteAccessPolicies"
    names = ("clientAccessPolicy", "crossDomainPolicy")
    return {f"{path}.{name}": needing(STOPPED, None, normal.text) for name in names}


def any_case(value: Any) -> Any:
    """Addresses, GUIDs, host names: capitals and small letters are the same; empty and absent too."""
    return value.lower() or None if isinstance(value, str) else value


def absent(default: Any) -> Callable[[Any], Any]:
    """A value whose absence means `default`."""
    return lambda value: default if value is None else value


# --- what is to be done ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Steps:
    """What a kind that runs adds: its table, the verbs that people may request, and each step as an action."""

    table: Mapping[str, Field]
    verbs: tuple[str, ...]
    """in the order in which they are carried out"""
    step: Callable[[str, Desired, Observed], Action]

    def to(self, verb: str, desired: Desired, observed: Observed) -> Action:
        """One step; of another generation it is another one, so that an edit ends what holds its repetition."""
        return replace(self.step(verb, desired, observed), digest=str(desired.generation))


@dataclass(frozen=True, slots=True)
class _Wish:
    """The state that somebody wants it in: a request, else the run state of the manifest."""

    goal: str
    request: tuple[str, str] | None = None
    edge: bool = True
    """whether it is news; False: it was carried out before, and somebody else changed it since"""
    drift: bool = False
    """no news, and not to be corrected without being asked"""


def start() -> Action:
    return Action("start", "POST", frozenset({Effect.START}), verb="start")


def standby() -> Action:
    """Nobody sees it, but what it costs begins here: it counts as a start."""
    return Action("standby", "POST", frozenset({Effect.START}), verb="allocate")


def actions(
    steps: Steps, desired: Desired, observed: Observed, record: Record, core: Action | None
) -> tuple[Chain, ...]:
    """(harmless update) | (run state), or a chain that leads through a state in which the update is taken.

    `core` is the update, or the DELETE of what is to go.
    """
    now = state(observed.raw or {}).now or ""
    if desired.deleting:
        return (_deletion(steps, desired, observed, record, now, core),) if core else ()
    wish = _wish(steps, desired, record, now)
    way = _way(steps, wish, desired, observed, now) if wish else ()
    if core is not None:
        core = replace(core, needs=_needs(steps, core))
    if core is not None and futile(
        core, record, now, observed.at
    ):  # for that nobody is disturbed, and nothing is kept from running
        chains: tuple[Chain, ...] = ((core,), way)
    else:
        chains = _updating(steps, desired, observed, now, wish, way, core) if core else (way,)
    reset = _reset(steps, desired, observed, record)
    return tuple(chain for chain in (reset, *chains) if chain)


def _deletion(steps: Steps, desired: Desired, observed: Observed, record: Record, now: str, core: Action) -> Chain:
    """Stop, then delete: the service deletes neither what runs nor what is in StandBy."""
    way = tuple(steps.to(verb, desired, observed) for verb in route(now, "Stopped"))
    if way:
        asked = _asked(steps, desired, record, now)
        request = asked if asked is not None and asked[0] == "stop" else None
        return (replace(way[0], request=request), *way[1:], _then(core))
    return (replace(core, needs=STOPPED) if now in STOPPED else core,)


def _asked(steps: Steps, desired: Desired, record: Record, now: str) -> tuple[str, str] | None:
    """The request that leads to another state and was not carried out yet."""
    for verb in steps.verbs:
        value = desired.requests.get(verb)
        if verb in LEADS_TO and value is not None and record.requests.get(verb) != value and LEADS_TO[verb] != now:
            return verb, value
    return None


def _wish(steps: Steps, desired: Desired, record: Record, now: str) -> _Wish | None:
    if (asked := _asked(steps, desired, record, now)) is not None:
        return _Wish(LEADS_TO[asked[0]], request=asked)
    goal = desired.run_state
    if goal is None or goal == now:
        return None
    kept = requested(record, now, goal)
    edge = not kept and record.run_state != goal
    return _Wish(goal, edge=edge, drift=kept or (not edge and desired.restart != "Always"))


def _way(steps: Steps, wish: _Wish, desired: Desired, observed: Observed, now: str, via: str = "") -> Chain:
    """The steps to where the wish leads, the last of which carries it out.

    A step before that clears the recorded run state, so that a change of mind on the way is an order and no drift; a
    request leaves it alone. What is drift is held by the run state that it would lead to, from its first step on.
    """
    stages = ((now, via), (via, wish.goal)) if via else ((now, wish.goal),)
    verbs = [verb for stage in stages for verb in route(*stage)]
    found = [replace(steps.to(verb, desired, observed), own_wish=wish.edge) for verb in verbs]
    if wish.request is not None:
        return (*found[:-1], *(replace(action, request=wish.request) for action in found[-1:]))
    earlier = str(wish.goal) if wish.drift else ""
    return (
        *(replace(action, then=earlier) for action in found[:-1]),
        *(replace(action, then=str(wish.goal)) for action in found[-1:]),
    )


def _updating(
    steps: Steps, desired: Desired, observed: Observed, now: str, wish: _Wish | None, way: Chain, core: Action
) -> tuple[Chain, ...]:
    """The update and the way to the wished state: in one chain where the update needs a certain state."""
    needs = core.needs
    if not needs:
        return (core,), way
    if now in needs:
        return ((core, *way),)
    for count, action in enumerate(way, 1):
        if LEADS_TO[action.name] in needs:
            return ((*way[:count], _then(core), *way[count:]),)
    via = next((name for name in ("Stopped", "StandBy") if name in needs), "")
    if wish is not None:
        around = _detour(steps, wish, desired, observed, now, via)
    else:
        around = _excursion(steps, desired, observed, now, via)
    if around:
        there = len(ROUTES[now, via])
        return ((*around[:there], _then(core), *around[there:]),)
    return (core,), way


def _then(core: Action) -> Action:
    """The action as a later link of a chain: what goes before brings it to the right state, and whom there was to
    interrupt that has interrupted."""
    return replace(core, needs=frozenset(), effects=core.effects - {Effect.INTERRUPT} or frozenset({Effect.WRITE}))


def _needs(steps: Steps, core: Action) -> frozenset[str]:
    """States in which the update is taken. Where no state suits all of it, a stop comes first: there the plan is made
    anew, and what suits goes out on its own."""
    if core.needs:
        return core.needs
    rows = (values.row(steps.table, values.parse(change.path)) for change in core.changes)
    return STOPPED if any(row.when for row in rows) else frozenset()


def _detour(steps: Steps, wish: _Wish, desired: Desired, observed: Observed, now: str, via: str) -> Chain:
    """The way to the wished state by another one, for an update that is taken only there."""
    if now == "Running" or (now, via) not in ROUTES or not _may_leave(desired, now):
        return ()
    return _way(steps, wish, desired, observed, now, via)


def _excursion(steps: Steps, desired: Desired, observed: Observed, now: str, via: str) -> Chain:
    """There and back again, where the manifest says that it belongs here: else nothing would remember to return it."""
    if desired.run_state != now or (now, via) not in ROUTES or not _may_leave(desired, now):
        return ()
    there = (replace(steps.to(verb, desired, observed), then="") for verb in ROUTES[now, via])
    return (*there, *(steps.to(verb, desired, observed) for verb in ROUTES[via, now]))


def _may_leave(desired: Desired, now: str) -> bool:
    """Idle is what is stopped. No hold watches over StandBy, whose URLs somebody may have been told already."""
    return now != "StandBy" or desired.policy.disruption != "WhenIdle"


def _reset(steps: Steps, desired: Desired, observed: Observed, record: Record) -> Chain:
    """Stop and start in one, at somebody's request. No state tells that it happened, so it is done at most once. In a
    state that nobody knows the service has to say itself whether it takes it."""
    value = desired.requests.get("reset")
    if "reset" not in steps.verbs or value is None or record.requests.get("reset") == value:
        return ()
    action = steps.to("reset", desired, observed)
    needs = action.needs if state(observed.raw or {}).known else frozenset[str]()
    return (replace(action, request=("reset", value), own_wish=True, needs=needs),)
