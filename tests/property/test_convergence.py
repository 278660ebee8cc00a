"""For any manifest and any edit: it converges, it stays converged, and it ends where a fresh creation would."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.property.manifests import accounts, transforms
from tests.property.service import Follower, Service, bare, in_parts, in_seconds
from tests.unit.scenes import ACCOUNT, TRANSFORM, act_of, desired

from ams_operator.api.account import MediaServicesAccountSpec
from ams_operator.api.transform import TransformSpec
from ams_operator.domain.compare import changes, fields
from ams_operator.domain.model import JSON
from ams_operator.domain.values import at, leaves, parse, pointer

SPELLINGS = st.sampled_from([str, in_parts, in_seconds])
DEPTHS = st.booleans()


def body(spec: TransformSpec) -> JSON:
    return TRANSFORM.body(spec)


@given(transforms())
def test_every_leaf_of_a_manifest_has_a_pointer_of_its_own(spec: TransformSpec) -> None:
    found = dict(leaves(body(spec)))
    assert {path: at(body(spec), parse(pointer(path))) for path in found} == found
    assert len(set(fields(body(spec)))) == len(found)


@given(transforms(), DEPTHS, SPELLINGS)
def test_a_creation_converges_with_one_put_and_stays(spec: TransformSpec, deep: bool, spell: Any) -> None:
    follower = Follower(Service(deep, spell=spell))
    decision = follower.converge(desired(body(spec)))
    assert (decision.holds, decision.plan.differs) == ((), ())
    assert [action.method for action in follower.service.writes] == ["PUT"]
    assert follower.made()
    for other in (str, in_parts, in_seconds):
        follower.service.spell = other
        settled = follower.record
        assert follower.look(desired(body(spec))).next is None
        assert follower.record == settled


@given(transforms(), transforms(), DEPTHS, SPELLINGS)
def test_an_edit_ends_where_a_fresh_creation_would(
    first: TransformSpec, second: TransformSpec, deep: bool, spell: Any
) -> None:
    follower = Follower(Service(deep, spell=spell))
    follower.converge(desired(body(first)))
    decision = follower.converge(desired(body(second), generation=2))
    assert (decision.holds, decision.plan.differs) == ((), ())
    fresh = Follower(Service(deep))
    fresh.converge(desired(body(second)))
    assert bare(follower.service.raw) == bare(fresh.service.raw)
    assert follower.record.fields == fields(body(second))
    assert len(follower.service.writes) <= 2


@given(transforms(), transforms(), transforms(), DEPTHS)
def test_an_edit_that_is_taken_back_before_it_was_carried_out_leaves_nothing(
    first: TransformSpec, second: TransformSpec, third: TransformSpec, deep: bool
) -> None:
    follower = Follower(Service(deep))
    follower.converge(desired(body(first)))
    follower.look(desired(body(second), generation=2))
    decision = follower.converge(desired(body(third), generation=3))
    assert decision.plan.differs == ()
    fresh = Follower(Service(deep))
    fresh.converge(desired(body(third)))
    assert bare(follower.service.raw) == bare(fresh.service.raw)


@given(transforms(), transforms(), DEPTHS)
def test_an_update_whose_answer_was_lost_is_recognised_or_repeated(
    first: TransformSpec, second: TransformSpec, deep: bool
) -> None:
    follower = Follower(Service(deep))
    follower.converge(desired(body(first)))
    wanted = desired(body(second), generation=2)
    decision = follower.look(wanted)
    if decision.next is None:
        return
    follower.record = replace(follower.record, act=act_of(decision.next))
    follower.service.take(decision.next)
    after = follower.converge(wanted)
    assert after.plan.differs == ()
    assert len(follower.service.writes) <= 3


@given(transforms(), transforms())
def test_one_of_another_is_adopted_exactly_if_nothing_differs(mine: TransformSpec, theirs: TransformSpec) -> None:
    service = Service()
    Follower(service).converge(desired(body(theirs)))
    stored = copy.deepcopy(service.raw)
    decision = Follower(service).converge(desired(body(mine)))
    differ, _ = changes(TRANSFORM.table, body(mine), stored or {}, ())
    assert service.raw == stored
    assert bool(decision.holds) == bool(differ)


@pytest.mark.parametrize("deep", [True, False])
@given(transforms())
def test_deletion_ends(deep: bool, spec: TransformSpec) -> None:
    follower = Follower(Service(deep))
    follower.converge(desired(body(spec)))
    decision = follower.converge(desired(body(spec), deleting=True))
    assert decision.release
    assert follower.service.raw is None


@given(accounts(), accounts(), DEPTHS)
def test_an_account_ends_where_a_fresh_creation_would(
    first: MediaServicesAccountSpec, second: MediaServicesAccountSpec, deep: bool
) -> None:
    follower, fresh = Follower(Service(deep, ACCOUNT)), Follower(Service(deep, ACCOUNT))
    one, two = ACCOUNT.body(first), ACCOUNT.body(second)
    follower.converge(desired(one, kind=ACCOUNT))
    decision = follower.converge(desired(two, kind=ACCOUNT, generation=2))
    assert (decision.holds, decision.plan.differs) == ((), ())
    fresh.converge(desired(two, kind=ACCOUNT))
    assert bare(follower.service.raw) == bare(fresh.service.raw)
    assert len(follower.service.writes) <= 2
