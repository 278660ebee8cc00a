"""Which object a free worker takes."""

from __future__ import annotations

from collections import Counter

import pytest
from tests.unit.engine_fakes import settle
from tests.unit.rig import Rig

from ams_operator.domain.answers import Lane
from ams_operator.domain.turns import SHARES
from ams_operator.engine.lineup import MOST, SLOW, SPARE, Lineup
from ams_operator.engine.schedule import GREETERS

WORKERS = 3


def lineup() -> Lineup:
    """Objects are called account/namespace/name or account/namespace/name@group."""

    def place(uid: str) -> tuple[str, str]:
        account, namespace, _ = uid.split("/")
        return account, namespace

    return Lineup(lambda uid: uid.partition("@")[2] or uid, place, WORKERS)


def taken(of: Lineup, now: float = 0.0) -> str | None:
    step = of.begin(now)
    return step.uid if step is not None else None


def test_a_correction_does_not_wait_behind_ten_thousand_changes() -> None:
    queue = lineup()
    for number in range(10_000):
        queue.add(f"a/n/{number}", Lane.USER)
    queue.add("a/n/drifted", Lane.SWEEP)
    first = []
    for _ in range(5):
        step = queue.begin(0.0)
        assert step is not None
        queue.end(step)
        first.append(step.uid)
    assert "a/n/drifted" in first


def test_a_change_does_not_wait_behind_ten_thousand_corrections() -> None:
    queue = lineup()
    for number in range(10_000):
        queue.add(f"a/n/{number}", Lane.SWEEP)
    queue.add("a/n/changed", Lane.USER)
    assert taken(queue) == "a/n/changed"


def test_each_class_has_its_share_of_the_workers() -> None:
    queue, served = lineup(), Counter[Lane]()
    for lane in Lane:
        for number in range(200):
            queue.add(f"a/n/{lane.name}{number}", lane)
    for _ in range(200):
        step = queue.begin(0.0)
        assert step is not None
        served[step.lane] += 1
        queue.end(step)
    assert all(abs(served[lane] - 2 * SHARES[lane]) <= 2 for lane in Lane), served


def test_one_namespace_of_many_changes_is_not_in_the_way_of_another() -> None:
    queue = lineup()
    for number in range(100):
        queue.add(f"a/loud/{number}", Lane.USER)
    queue.add("a/calm/one", Lane.USER)
    assert "a/calm/one" in (taken(queue), taken(queue))


def test_an_account_has_no_more_under_way_than_there_are_workers() -> None:
    queue = lineup()
    for number in range(10):
        queue.add(f"a/n/{number}", Lane.USER)
    steps = [queue.begin(0.0) for _ in range(WORKERS + 1)]
    assert steps[-1] is None, "though the crew is larger"
    assert queue.crew(0.0) == WORKERS + SPARE
    queue.add("b/n/one", Lane.SWEEP)
    assert taken(queue) == "b/n/one"
    assert steps[0] is not None
    queue.end(steps[0])
    assert taken(queue) == "a/n/3"


def test_who_takes_long_is_replaced_until_he_is_back() -> None:
    queue = lineup()
    for account in "abc":
        for number in range(WORKERS):
            queue.add(f"{account}/n/{number}", Lane.USER)
    steps = [queue.begin(float(number)) for number in range(3 * WORKERS)]
    now = 3 * WORKERS - 1 + SLOW
    assert (queue.quick(now), queue.crew(now)) == (0, WORKERS + SPARE + 3 * WORKERS)
    for step in steps:
        assert step is not None
        queue.end(step)
    assert queue.crew(now) == WORKERS + SPARE


def test_the_crew_does_not_grow_without_end() -> None:
    queue = lineup()
    for number in range(2 * MOST):
        queue.add(f"{number}/n/one", Lane.USER)
        queue.begin(0.0)
    assert queue.crew(SLOW) == MOST


def test_what_waits_for_its_group_comes_as_urgently_as_it_was_asked_for() -> None:
    queue = lineup()
    queue.add("a/n/one@g", Lane.SWEEP)
    step = queue.begin(0.0)
    queue.add("a/n/two@g", Lane.SWEEP)
    assert queue.begin(0.0) is None
    queue.add("a/n/two@g", Lane.USER)
    queue.add("a/n/other", Lane.POLL)
    assert taken(queue) == "a/n/other"
    assert queue.depth() == {Lane.USER: 1, Lane.POLL: 0, Lane.RETRY: 0, Lane.SWEEP: 0}
    assert step is not None
    queue.end(step)
    again = queue.begin(0.0)
    assert again is not None
    assert (again.uid, again.lane) == ("a/n/two@g", Lane.USER)


@pytest.mark.parametrize("accounts", [1, 100])
async def test_an_import_keeps_nobody_waiting_for_his_first_status(accounts: int) -> None:
    rig = Rig()
    for number in range(100):
        spec = {"accountRef": {"name": f"a{number % accounts}"}}
        rig.transform(f"his{number}", more=spec, namespace="importing")
    rig.transform("mine", more={"accountRef": {"name": "a0"}})
    async with rig.running():
        await settle()
        order = [uid for what, uid in rig.kube.writes if what == "status"]
        assert len(order) >= 101
        assert order.index("mine") <= GREETERS


def test_an_arriving_object_waits_until_it_was_greeted() -> None:
    queue = lineup()
    queue.add("a/n/new", Lane.USER)
    assert queue.begin(0.0, {"a/n/new"}) is None
    assert queue.begin(0.0) is None, "it is put aside, not asked for again and again"
    queue.free("a/n/new")
    assert taken(queue) == "a/n/new"
