"""What a later version set, and no manifest of this one can name: it stays, is remembered, and is told."""

from __future__ import annotations

from dataclasses import replace

from tests.unit.scenes import act_of, decided, desired, only_action, ours, planned, reasons, recipe, stored

from ams_operator.api.transform import TransformSpec
from ams_operator.domain.model import Desired, Record

LATER = "/properties/ofALaterVersion"
RAW = stored(recipe(description="x"), ofALaterVersion="its value")
MINE = ours(RAW)


def wanted(description: str = "x") -> Desired:
    return desired(recipe(description=description), model=TransformSpec)


def known(*more: str) -> Record:
    return replace(MINE, fields=tuple(sorted({*wanted().fields, *more})))


def test_it_is_neither_reset_nor_forgotten() -> None:
    record = known(LATER)
    decision = decided(wanted(), RAW, record)
    assert (decision.next, reasons(decision), decision.plan.record.fields) == (None, ["CannotUnset"], record.fields)
    assert "spec.ofALaterVersion was set by another version" in decision.holds[0].message


def test_what_this_version_knows_is_reset_as_ever() -> None:
    """And the reset takes nothing else back."""
    record = known(LATER, "/properties/description")
    decision = decided(desired(recipe(), model=TransformSpec), RAW, record)
    assert decision.next is not None
    assert decision.next.unset == ("/properties/description",)


def test_an_update_keeps_it_in_the_record() -> None:
    record = known(LATER)
    action = only_action(planned(wanted("new"), RAW, record))
    assert action.unset == ()
    noted = replace(record, act=act_of(action))
    after = planned(wanted("new"), stored(recipe(description="new"), ofALaterVersion="its value"), noted, answered=True)
    assert (after.record.act, LATER in after.record.fields) == (None, True)


def test_gone_from_the_service_it_is_forgotten() -> None:
    decision = decided(wanted(), stored(recipe(description="x")), known(LATER))
    assert (reasons(decision), decision.plan.record.fields) == ([], wanted().fields)
