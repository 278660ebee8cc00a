"""What another version of the operator set, and no manifest of this one can name: a field of a later version, whose
definition was taken back. The API server forgets such a field, so that it looks as if it had been removed.

To reset it would be to take back what nobody took back. It stays as it is, is remembered, and is told.
"""

from __future__ import annotations

from ams_operator.api.reasons import Reason
from ams_operator.domain import findings, manifest, values
from ams_operator.domain.model import JSON, Cure, Desired, Hold, Record
from ams_operator.domain.noun import replace


def fields(desired: Desired, record: Record) -> tuple[str, ...]:
    """Those of the record's fields that this version does not know."""
    if record.fields == desired.fields:
        return ()  # nearly always
    ours = frozenset(desired.fields)
    return tuple(name for name in record.fields if name not in ours and not manifest.knows(desired, name))


def kept(desired: Desired, before: Record, after: Record) -> Record:
    """The record after an act, which names what that act set, with them."""
    if after.fields == before.fields or after.identity != before.identity or after.how is None:
        return after
    lost = [name for name in fields(desired, before) if name not in after.fields]
    return replace(after, fields=tuple(sorted({*after.fields, *lost}))) if lost else after


def without(record: Record, odd: tuple[str, ...]) -> Record:
    """The record as if these had never been set: nothing is planned for them."""
    return replace(record, fields=tuple(name for name in record.fields if name not in odd)) if odd else record


def shown(odd: tuple[str, ...], raw: JSON) -> tuple[str, ...]:
    """Those that the service still has."""
    return tuple(name for name in odd if values.at(raw, values.parse(name)) is not values.MISSING)


def holds(desired: Desired, odd: tuple[str, ...], raw: JSON) -> tuple[Hold, ...]:
    """They are told, and block nothing: everything else goes on."""
    if not (found := shown(odd, raw)):
        return ()
    names = ", ".join(findings.start(manifest.spell(desired, name)) for name in found[:5])
    message = (
        f"{names} was set by another version of the operator, and neither this one nor the installed "
        "CustomResourceDefinition knows it: it stays as it is in the service. Apply the crds/ of that version and the "
        "manifest again, and run that version; or reset it in the service by other means"
    )
    return (Hold(Reason.CANNOT_UNSET.value, frozenset(), Cure.FIX, message),)
