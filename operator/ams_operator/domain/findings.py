"""What comparing finds that no action cures: each a hold with the way out in its message."""

from __future__ import annotations

from ams_operator.api.reasons import Reason
from ams_operator.domain.manifest import spell
from ams_operator.domain.model import JSON, SERVICE_EFFECTS, Change, Cure, Desired, Effect, Hold, Record, Scene

TOLD = 60
"""characters of a field's path in a message"""


def stuck(reason: Reason, message: str) -> Hold:
    return Hold(reason.value, SERVICE_EFFECTS, Cure.FIX, message)


def cannot_change(fixed: tuple[Change, ...], desired: Desired, raw: JSON) -> Hold | None:
    if not fixed:
        return None
    message = (
        f"{names(fixed, desired, raw)} can't be changed in the service: restore the manifest (where that is refused: "
        "set managementPolicy: Observe first and take it away afterwards), or create another resource"
    )
    return Hold(Reason.CANNOT_CHANGE.value, frozenset(), Cure.FIX, message)


def cannot_unset(cannot: tuple[Change, ...], desired: Desired, raw: JSON) -> Hold | None:
    if not cannot:
        return None
    message = (
        f"{names(cannot, desired, raw)} was removed from the manifest and stays in force, since the service "
        "offers no way back to its default: declare the value that you want"
    )
    return Hold(Reason.CANNOT_UNSET.value, frozenset(), Cure.FIX, message)


def failed(record: Record, scene: Scene) -> Hold:
    """The service's own work failed: it blocks nothing, since the next change of the manifest is the way out."""
    why = "".join(f" ({refusal.code}: {refusal.message})" for refusal in record.refusals)
    message = f"the service reports that its work on {end(scene.resource_id)} failed{why}: correct the manifest"
    return Hold(Reason.FAILED.value, frozenset(), Cure.FIX, message)


def step_failed(name: str, why: str, desired: Desired) -> Hold:
    """A step that failed and that nothing repeats: somebody asked for it, once."""
    message = (
        f"the {name} came to nothing ({why}). To try it again: "
        f"ams-operator request {name} {desired.kind}/{desired.name}"
    )
    return Hold(Reason.FAILED.value, frozenset(), Cure.DECISION, message)


def letting_go(desired: Desired) -> str:
    """The ways out of a deletion that does not get on."""
    return (
        ". To let it go without touching the service, set deletionPolicy: Retain, or: "
        f"ams-operator request abandon {desired.kind}/{desired.name} {desired.uid}"
    )


def may_have_recorded(record: Record, desired: Desired, blocks: frozenset[Effect], only: str) -> Hold:
    """A recording whose beginning nobody saw (`Record.unseen`)."""
    message = (
        "its beginning was sent and never answered, and there is nothing to be seen of it: it may have recorded, which "
        "a new beginning would overwrite. Look into its asset, and take another LiveOutput and Asset, or, to begin it "
        f"again: ams-operator request recreate {desired.kind}/{desired.name} {record.unseen}"
    )
    return Hold(Reason.RECORDING_EXISTS.value, blocks, Cure.DECISION, message, only=only)


def names(changes: tuple[Change, ...], desired: Desired, raw: JSON) -> str:
    """The fields as the manifest spells them; the first five."""
    found = [start(spell(desired, change.path, raw)) for change in changes]
    more = f" (+{len(found) - 5})" if len(found) > 5 else ""
    return ", ".join(found[:5]) + more


def start(text: str) -> str:
    return text if len(text) <= TOLD else text[: TOLD - 3] + "..."


def end(text: str) -> str:
    """The end of an id or origin: a message has to keep room for the way out."""
    return text if len(text) <= 4 * TOLD else "..." + text[3 - 4 * TOLD :]
