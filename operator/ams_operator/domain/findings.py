"""What comparing finds that no action cures: each a hold with the way out in its message."""

from __future__ import annotations

import json

from ams_operator.api.kinds import kind_named
from ams_operator.api.reasons import Reason
from ams_operator.domain import ids
from ams_operator.domain.answers import Resource
from ams_operator.domain.manifest import spell
from ams_operator.domain.model import (
    ALL_EFFECTS,
    JSON,
    SERVICE_EFFECTS,
    Action,
    Chain,
    Change,
    Cure,
    Desired,
    Effect,
    Hold,
    Record,
    Scene,
    State,
)
from ams_operator.domain.remembered import mark
from ams_operator.domain.run_states import VERBS

TOLD = 60
"""characters of a field's path in a message"""
SILENCE = 12 * 3600.0
"""seconds without input after which the service stops an event that encodes (`Kind.auto_stop`)"""
NOT_THERE = (
    "there is no such resource in the service, and managementPolicy Observe never creates one. If the name is wrong, "
    "apply another object with the right azureName and delete this one; to have it created, take managementPolicy: "
    "Observe away, here or in the account"
)
_DOES = {
    Effect.END_RECORDING: "end its recordings",
    Effect.INTERRUPT: "interrupt viewers or encoders",
    Effect.REPLACE: "replace it",
}
"""effect to what it does to people, in words"""


def command(of: Desired | Resource, verb: str, value: str = "") -> str:
    """The command that asks for it or consents to it, as it can be pasted. `cli/request.py` reads the value."""
    return f"ams-operator request {verb} {of.kind}/{of.name}{value and ' '}{value} -n {of.namespace}"


def _declare(desired: Desired, **spec: str) -> str:
    """The command that declares it, as it can be pasted."""
    patch = json.dumps({"spec": spec}, separators=(",", ":"))
    return (
        f"kubectl -n {desired.namespace} patch {kind_named(desired.kind).crd_name} {desired.name} "
        f"--type merge -p '{patch}'"
    )


def stuck(reason: Reason, message: str) -> Hold:
    return Hold(reason.value, SERVICE_EFFECTS, Cure.FIX, message)


def relocated(record: Record, scene: Scene) -> Hold:
    """The record leads elsewhere than the manifest, and there is not the same."""
    if record.origin != scene.origin:
        message = (
            f"the record says that this resource lives at {end(record.origin)}, the backend now says "
            f"{end(scene.origin)}, and "
            "what answers there is not the same. Restore the endpoint, or delete this object with deletionPolicy "
            "Retain and apply it again"
        )
        return stuck(Reason.ORIGIN_NOT_ALLOWED, message)
    message = (
        f"the record says {end(record.resource_id)}, the manifest now says "
        f"{end(scene.resource_id)}, and what is there is not the same resource. Restore the manifest, or "
        "create another object for the other resource"
    )
    return stuck(Reason.RELOCATION_REFUSED, message)


def cannot_change(fixed: tuple[Change, ...], desired: Desired, raw: JSON) -> tuple[Hold, ...]:
    if not fixed:
        return ()
    message = (
        f"{names(fixed, desired, raw)} can't be changed in the service: restore the manifest, or the Secret that it "
        "names (where that is refused: set managementPolicy: Observe first and take it away afterwards), or create "
        "another resource"
    )
    return (Hold(Reason.CANNOT_CHANGE.value, frozenset(), Cure.FIX, message),)


def cannot_unset(cannot: tuple[Change, ...], desired: Desired, raw: JSON) -> tuple[Hold, ...]:
    if not cannot:
        return ()
    message = (
        f"{names(cannot, desired, raw)} was removed from the manifest and stays in force, since the service "
        "offers no way back to its default: declare the value that you want"
    )
    return (Hold(Reason.CANNOT_UNSET.value, frozenset(), Cure.FIX, message),)


def failed(record: Record, scene: Scene) -> Hold:
    """The service's own work failed: it blocks nothing, since the next change of the manifest is the way out."""
    why = "".join(f" ({refusal.code}: {refusal.message})" for refusal in record.refusals)
    message = f"the service reports that its work on {end(scene.resource_id)} failed{why}: correct the manifest"
    return Hold(Reason.FAILED.value, frozenset(), Cure.FIX, message)


def step_failed(name: str, why: str, desired: Desired) -> Hold:
    """A step that failed and that nothing repeats: somebody asked for it, once."""
    message = f"the {name} came to nothing ({why}). To try it again: {command(desired, name)}"
    return Hold(Reason.FAILED.value, frozenset(), Cure.DECISION, message)


def letting_go(desired: Desired) -> str:
    """The ways out of a deletion that does not get on."""
    return (
        ". To let it go without touching the service, set deletionPolicy: Retain, or: "
        f"{command(desired, 'abandon', desired.uid)}"
    )


def may_have_recorded(record: Record, desired: Desired, blocks: frozenset[Effect], only: str) -> Hold:
    """A recording whose beginning nobody saw (`Record.unseen`)."""
    message = (
        "its beginning was sent and never answered, and there is nothing to be seen of it: it may have recorded, which "
        "a new beginning would overwrite. Look into its asset, and take another LiveOutput and Asset, or, to begin it "
        f"again: {command(desired, 'recreate', record.unseen)}"
    )
    return Hold(Reason.RECORDING_EXISTS.value, blocks, Cure.DECISION, message, only=only)


def would_disrupt(action: Action, chain: Chain, state: State, desired: Desired, blocked: frozenset[Effect]) -> Hold:
    """What `disruptionPolicy` does not allow (`blocked`), and which fields of the manifest wait for it."""
    ends = Effect.END_RECORDING in blocked
    changes = tuple(change for one in chain for change in one.changes)
    waiting = [names(changes, desired)] if changes else []
    waiting += ["spec.runState"] if any(one.then for one in chain) else []
    waits = f"not applied yet: {', '.join(waiting)}; " if waiting else ""
    does = " and ".join(_DOES[effect] for effect in sorted(blocked))
    until = "none is left" if blocked == {Effect.END_RECORDING} else "it is stopped"
    message = (
        f"{waits}the {action.name} would {does} while it is {state.now or 'on air'}. It is done once {until}. To do it "
        f"now: {_declare(desired, disruptionPolicy='EndRecordings' if ends else 'Interrupt')}"
    )
    reason = Reason.WOULD_END_RECORDING if ends else Reason.WOULD_INTERRUPT
    return Hold(reason.value, blocked, Cure.DECISION, message, only=mark(action.name, action.digest))


def elsewhere(action: Action, now: str | None, record: Record, desired: Desired, *, kept: bool) -> Hold:
    """It is not where the manifest says, and nobody ordered the step that leads there. `kept`: a request holds it."""
    found = record.stay is not None and record.stay.why == "found"
    reason, why = _why_elsewhere(action, now, record, found=found, kept=kept)
    done, back = ("", "there") if found else (" and was carried out", "back")
    message = (
        f"it is {now or 'unknown'} though {action.then} is declared{done}: {why}. To bring it {back}: "
        f"{command(desired, VERBS.get(str(action.then), action.name))}"
    )
    blocks = action.effects or ALL_EFFECTS
    return Hold(reason.value, blocks, Cure.DECISION, message, only=mark(action.name, action.digest))


def _why_elsewhere(action: Action, now: str | None, record: Record, *, found: bool, kept: bool) -> tuple[Reason, str]:
    """What is known of why it is not where it was brought.

    Nothing that the service shows tells its own stop from anybody's. But it stops what encodes after 12 hours without
    input and nothing else, and what ran shorter was stopped by somebody.
    """
    if (repeat := record.repeats.get(mark(action.name, action.digest))) is not None and repeat.why:
        return Reason.FAILED, f"the last {action.name} failed ({repeat.why})"
    if kept:
        return Reason.HELD_BY_REQUEST, "somebody requested it, and it stays so until another request or spec.runState"
    if record.stay is not None and record.stay.why == "anew":
        return Reason.MADE_ANEW, "it had vanished and was made anew, which starts nothing"
    started = action.then == "Stopped" or now == "Running"
    outside = Reason.STARTED_OUTSIDE if started else Reason.STOPPED_OUTSIDE
    if found:
        return outside, "it was found so, and to adopt it changes no run state"
    since, until = (
        (ids.instant(text) for text in (record.aired.since, record.aired.until)) if record.aired else (None, None)
    )
    silent = since is not None and until is not None and (until - since).total_seconds() >= SILENCE
    if silent and outside is Reason.STOPPED_OUTSIDE:
        return Reason.STOPPED_BY_SERVICE, (
            "it had run for more than 12 hours, and the service stops an encoding event that gets no input for 12 "
            "hours; what it shows does not tell that from a stop by somebody else"
        )
    return outside, "somebody else changed it"


def names(changes: tuple[Change, ...], desired: Desired, raw: JSON | None = None) -> str:
    """The fields as the manifest spells them; the first five."""
    found = [start(spell(desired, change.path, raw)) for change in changes]
    more = f" (+{len(found) - 5})" if len(found) > 5 else ""
    return ", ".join(found[:5]) + more


def start(text: str) -> str:
    return text if len(text) <= TOLD else text[: TOLD - 3] + "..."


def end(text: str) -> str:
    """The end of an id or origin: a message has to keep room for the way out."""
    return text if len(text) <= 4 * TOLD else "..." + text[3 - 4 * TOLD :]
