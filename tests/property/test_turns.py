"""Whose turn it is: floors of the classes, and turns of accounts and namespaces, whatever comes and goes."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from ams_operator.domain.answers import Lane
from ams_operator.domain.turns import SHARES, Turns

LANES, NAMES = st.sampled_from(Lane), st.sampled_from("abc")


@given(st.sets(LANES, min_size=1), st.lists(LANES, max_size=60), st.integers(20, 300))
def test_a_class_that_always_waits_gets_its_share_of_any_stretch(
    busy: set[Lane], before: list[Lane], count: int
) -> None:
    turns, numbers = Turns[int](), iter(range(10_000))
    for lane in before:  # any history
        turns.push(next(numbers), lane)
        turns.pop()
    for lane in busy:
        for _ in range(count):
            turns.push(next(numbers), lane)
    served = Counter(found[1] for found in (turns.pop() for _ in range(count)) if found is not None)
    whole = sum(SHARES[lane] for lane in busy)
    for lane in busy:
        assert served[lane] >= count * SHARES[lane] // whole - len(Lane)
    assert sum(served.values()) == count, "nothing is held back for those who want nothing"


@given(st.sampled_from([lane for lane in Lane if lane]), st.integers(1, 40), st.integers(0, 40))
def test_a_user_who_comes_late_is_next(other: Lane, crowd: int, served: int) -> None:
    turns = Turns[int]()
    for number in range(crowd + served):
        turns.push(number, other)
    for _ in range(served):
        turns.pop()
    turns.push(-1, Lane.USER)
    assert turns.pop() == (-1, Lane.USER)


@given(st.dictionaries(st.tuples(NAMES, NAMES), st.integers(1, 30), min_size=1))
def test_accounts_take_turns_and_in_them_namespaces(asked: dict[tuple[str, str], int]) -> None:
    turns, account_of, left = Turns[tuple[str, str, int]](), Counter[str](), Counter[tuple[str, str]](asked)
    for (account, namespace), count in asked.items():
        for number in range(count):
            turns.push((account, namespace, number), Lane.USER, account, namespace)
    per_place: dict[tuple[str, str], list[int]] = defaultdict(list)
    while (found := turns.pop()) is not None:
        (account, namespace, number), _ = found
        per_place[account, namespace].append(number)
        account_of[account] += 1
        left[account, namespace] -= 1
        waiting = [one for one, count in left.items() if count]
        level = [account_of[one] for one, _ in waiting]
        assert not level or max(level) - min(level) <= 1, "nobody who waits is two turns behind another who does"
        inside = [len(per_place[place]) for place in waiting if place[0] == account]
        assert not inside or max(inside) - min(inside) <= 1
    assert all(one < other for numbers in per_place.values() for one, other in pairwise(numbers)), "first come, first"


class Model(RuleBasedStateMachine):
    """Nothing is lost and nothing comes twice, whatever is pushed, taken, removed and closed."""

    def __init__(self) -> None:
        super().__init__()
        self.turns: Turns[int] = Turns()
        self.waiting: dict[int, tuple[Lane, str]] = {}

    @rule(item=st.integers(0, 9), lane=LANES, account=NAMES, namespace=NAMES)
    def push(self, item: int, lane: Lane, account: str, namespace: str) -> None:
        known = self.waiting.get(item)
        moves = known is None or known[0] > lane
        assert self.turns.push(item, lane, account, namespace) == moves
        if moves:
            self.waiting[item] = (lane, account)

    @rule(item=st.integers(0, 9))
    def remove(self, item: int) -> None:
        assert self.turns.remove(item) == (self.waiting.pop(item, None) is not None)

    @rule(closed=st.sets(NAMES))
    def pop(self, closed: set[str]) -> None:
        found = self.turns.pop(closed)
        if found is None:
            assert all(account in closed for _, account in self.waiting.values())
            return
        lane, account = self.waiting.pop(found[0])
        assert lane == found[1]
        assert account not in closed

    @precondition(lambda self: self.waiting)
    @rule()
    def clear(self) -> None:
        assert set(self.turns.clear()) == set(self.waiting)
        self.waiting.clear()

    @invariant()
    def agrees(self) -> None:
        assert len(self.turns) == len(self.waiting)
        assert {item: self.turns.lane(item) for item in range(10) if item in self.turns} == {
            item: lane for item, (lane, _) in self.waiting.items()
        }
        assert [self.turns.count(lane) for lane in Lane] == [
            sum(one == lane for one, _ in self.waiting.values()) for lane in Lane
        ]


TestModel = Model.TestCase


def test_who_was_shut_out_brings_no_claim_to_what_was_served_meanwhile() -> None:
    turns = Turns[str]()
    for number in range(100):
        turns.push(f"shut{number}", Lane.USER, "shut")
        turns.push(f"open{number}", Lane.SWEEP, "open")
    assert [turns.pop({"shut"}) for _ in range(50)] == [(f"open{number}", Lane.SWEEP) for number in range(50)]
    lanes = deque(found[1] for found in (turns.pop() for _ in range(50)) if found is not None)
    assert 9 <= lanes.count(Lane.SWEEP) <= 11
