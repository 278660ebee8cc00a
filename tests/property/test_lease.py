"""Of any number of replicas one may write at a time, whatever happens to them, to the network and to the Lease."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.property.leases import World

from ams_operator.kube.lease import DURATION, LOOK, RENEW, WRITE, Candidate, Hold, Lease

END = 300.0
ACTIONS = st.lists(
    st.tuples(st.floats(0, END), st.sampled_from(("start", "die", "resign", "delete", "touch")), st.integers(0, 5)),
    max_size=10,
)


def play(world: World, actions: list[tuple[float, str, int]]) -> None:
    for when, what, whom in sorted(actions):
        world.run(when)
        if what == "start":
            world.start()
        elif what in ("delete", "touch"):
            getattr(world, what)()
        elif world.replicas[whom % len(world.replicas)].alive:
            getattr(world, what)(world.replicas[whom % len(world.replicas)])
    world.run(END)


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from((0.0, 0.1, 0.4)), ACTIONS)
def test_never_two_that_may_write(seed: int, trouble: float, actions: list[tuple[float, str, int]]) -> None:
    world = World(seed, skew=0.2, trouble=trouble)
    for _ in range(3):
        world.start()
    play(world, actions)
    spans = sorted((begin, end, one.candidate.identity) for one in world.replicas for begin, end in one.spans)
    for (_, end, before), (begin, _, after) in pairwise(spans):
        assert before == after or end <= begin, f"{before} until {end}, {after} from {begin}"
    terms: dict[int, str] = {}
    for one in world.replicas:
        if one.candidate.term is not None and not any(what == "delete" for _, what, _ in actions):
            assert terms.setdefault(one.candidate.term, one.candidate.identity) == one.candidate.identity


@pytest.mark.parametrize("seed", range(5))
def test_whoever_is_left_leads_in_time(seed: int) -> None:
    """Clocks of one speed and an API server that answers: the successor of a dead leader leads within 12 seconds."""
    world = World(seed, skew=0.0, trouble=0.0)
    first, second = world.start(), world.start()
    world.run(0.1)
    assert [one.candidate.term for one in (first, second)] == [1, None], "at once, where nobody ever was"
    world.run(20.0 + seed / 3)
    assert first.candidate.may_write(first.clock(world.now))
    died = world.now
    world.die(first)
    world.run(died + DURATION - RENEW - 0.1)
    assert not second.candidate.may_write(second.clock(world.now))
    world.run(died + DURATION + LOOK + 0.2)
    assert second.candidate.term == 2
    assert second.candidate.may_write(second.clock(world.now))
    world.resign(second)
    third = world.start()
    world.run(world.now + 0.1)
    assert third.candidate.term == 3, "at once, where it was given up"


def leader(now: float = 0.0) -> Candidate:
    one = Candidate("one", fresh=True)
    one.found(None, now)
    assert one.step() == Hold(1, None)
    one.held(now, Lease("one", 1, "7"))
    return one


def test_a_late_answer_permits_nothing() -> None:
    one = leader()
    one.held(1.0, Lease("one", 1, "8"))
    assert one.may_write(WRITE + 0.9)
    assert not one.may_write(WRITE + 1.0)
    one.held(2.0, Lease("one", 1, "9"))  # heard at 7, say
    assert not one.may_write(7.0)


def test_a_lost_answer_is_found_to_be_our_own() -> None:
    one = leader()
    one.failed(3.0)
    assert one.step() == Hold(1, "7")
    one.refused(3.5)
    assert one.step() is None
    one.found(Lease("one", 1, "8"), 3.6)
    assert one.step() == Hold(1, "8")
    assert not one.may_write(WRITE), "a look proves nothing about the time"
    assert not one.over


def test_an_api_server_that_was_away_for_long_ends_no_term_that_nobody_took() -> None:
    one = leader()
    one.failed(500.0)
    assert not one.may_write(500.0)
    one.held(500.5, Lease("one", 1, "8"))
    assert one.may_write(501.0)
    assert one.term == 1


@pytest.mark.parametrize("now", [Lease("two", 2, "9"), Lease("", 2, "9"), None])
def test_a_term_that_may_have_been_anothers_is_over(now: Lease | None) -> None:
    one = leader()
    one.refused(WRITE + 1)
    one.found(now, WRITE + 1)
    assert one.over
    one.held(WRITE + 1, Lease("one", 1, "10"))
    assert not one.may_write(WRITE + 1), "for good"


def test_a_lease_deleted_under_its_holder_is_made_again_at_once_and_by_nobody_else() -> None:
    one, other = leader(), Candidate("other")
    other.found(Lease("one", 1, "7"), 0.0)
    other.found(None, 1.0)
    assert other.step() is None
    one.found(None, 2.0)
    assert one.step() == Hold(1, None), "and in the same term"
    other.found(None, 1.0 + WRITE)
    assert other.step() == Hold(2, None), "nobody did"
    other.held(5.0, Lease("other", 2, "9"))
    other.held(14.0, Lease("other", 2, "10"))
    assert not other.may_write(5.0 + DURATION - 0.1), "who had it may write for a while"
    assert other.may_write(5.0 + DURATION)


def test_a_lease_that_came_and_went_between_two_looks_was_somebodys() -> None:
    one, other = Candidate("one"), Candidate("other")
    one.found(None, 0.0)
    other.found(None, 0.5)
    one.found(None, WRITE)
    one.held(WRITE, Lease("one", 1, "7"))
    other.found(None, WRITE + 0.6)  # deleted at once
    assert other.step() == Hold(1, None)
    other.held(WRITE + 0.6, Lease("other", 1, "8"))
    assert not one.may_write(WRITE + 1)
    assert not other.may_write(WRITE + 1)


def test_a_successor_respects_a_longer_duration() -> None:
    one = Candidate("one")
    one.found(Lease("two", 4, "7", duration=30.0), 0.0)
    one.found(Lease("two", 4, "7", duration=30.0), 29.0)
    assert one.step() is None
    one.found(Lease("two", 4, "7", duration=30.0), 30.0)
    assert one.step() == Hold(5, "7")


@pytest.mark.parametrize(("term", "following"), [(2**31 - 2, 2**31 - 1), (2**31 - 1, 1)])
def test_whoever_edits_the_term_keeps_nobody_from_leading(term: int, following: int) -> None:
    """The API server refuses a number of terms that is no int32."""
    one = Candidate("one")
    one.found(Lease("", term, "7"), 0.0)
    assert one.step() == Hold(following, "7")
    late = Candidate("late")
    for now in (0.0, 1.0 + WRITE):
        late.found(Lease("two", term, "7") if not now else None, now)
    late.found(None, 2 * (1.0 + WRITE))
    assert late.step() == Hold(following, None)


def test_who_resigned_writes_nothing_even_if_a_renewal_was_under_way() -> None:
    one = leader()
    one.resign()
    one.held(1.0, Lease("one", 1, "8"))
    assert not one.may_write(1.1)


def test_what_was_not_answered_is_looked_at_before_it_is_tried_again() -> None:
    one = Candidate("one", fresh=True)
    one.found(None, 0.0)
    one.failed(1.0)
    one.found(None, 1.5)
    assert one.step() is None, "it may have been there, and led, and been deleted"
    one = leader()
    one.found(None, 2.0)
    one.failed(WRITE + 1)
    assert one.step() is None
    one.found(None, WRITE + 2)
    assert one.over, "whoever waited for the deleted Lease may have had it meanwhile"


def test_a_lease_of_ours_that_appears_late_proves_little() -> None:
    """Others may have made one, led, and lost it again, while ours was on its way."""
    one = Candidate("one", fresh=True)
    one.found(None, 0.0)
    one.failed(3.0)
    one.found(Lease("one", 1, "7"), 5.0)
    one.held(5.0, Lease("one", 1, "8"))
    assert not one.may_write(5.1)
    one.held(14.0, Lease("one", 1, "9"))
    assert one.may_write(5.0 + DURATION)
    one = leader()
    one.found(None, 2.0)
    one.failed(3.0)
    one.found(Lease("one", 1, "9"), WRITE + 5)
    assert one.over
