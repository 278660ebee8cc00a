"""Which object a free worker takes."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.engine_fakes import settle
from tests.unit.rig import Rig

from ams_operator.domain.answers import Lane
from ams_operator.domain.turns import SHARES
from ams_operator.engine.lineup import MOST, SLOW, SPARE, WHILE_GREETING, Lineup
from ams_operator.engine.schedule import GREETERS

WORKERS = 3


def lineup() -> Lineup:
    """Objects are called account/namespace/name or account/namespace/name@group, and accounts tenant:account."""

    def place(uid: str) -> tuple[str, str]:
        account, namespace, _ = uid.split("/")
        return account.replace(":", "/"), namespace

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
    assert steps[-1] is None, "though there are more workers"
    queue.add("b/n/one", Lane.SWEEP)
    assert taken(queue) == "b/n/one"
    assert steps[0] is not None
    queue.end(steps[0])
    assert taken(queue) == "a/n/3"


def crowd(queue: Lineup, accounts: int, tenant: str = "loud") -> None:
    """More of each account of a tenant than may be under way."""
    for account in range(accounts):
        for number in range(WORKERS + 1):
            queue.add(f"{tenant}:{account}/n/{number}", Lane.USER)


def begun(queue: Lineup, now: float, arriving: tuple[str, ...] = ()) -> int:
    """Take all that may be taken; how many that were."""
    return sum(1 for _ in iter(lambda: queue.begin(now, arriving), None))


def test_who_takes_long_leaves_his_place_to_another() -> None:
    queue = lineup()
    crowd(queue, 10)
    assert begun(queue, 0.0) == WORKERS + SPARE
    assert begun(queue, SLOW - 0.1) == 0
    assert begun(queue, SLOW) == WORKERS + SPARE


def test_what_is_under_way_does_not_grow_without_end() -> None:
    queue = lineup()
    crowd(queue, 2 * MOST)
    assert sum(begun(queue, number * SLOW) for number in range(MOST)) == MOST


@given(
    st.integers(1, 100),
    st.lists(st.sampled_from([0.0, 0.5, SLOW]), max_size=60),
    st.lists(st.sampled_from(Lane), min_size=1, max_size=SPARE),
    st.booleans(),
    st.booleans(),
)
def test_a_tenant_has_his_own_places_whatever_the_accounts_of_others_do(
    accounts: int, pauses: list[float], mine: list[Lane], one_account: bool, greeting: bool
) -> None:
    queue, now, arriving = lineup(), 0.0, ("somebody's first",) if greeting else ()
    crowd(queue, accounts)
    begun(queue, now, arriving)
    for pause in pauses:  # nothing of theirs ever ends
        now += pause
        begun(queue, now, arriving)
    before = len(queue.steps)
    for number, lane in enumerate(mine[:WORKERS] if one_account else mine):
        queue.add(f"calm:{0 if one_account else number}/n/{number}", lane)
    waiting = len(queue.turns)
    found = [queue.begin(now, arriving) for _ in range(waiting)]
    asked = len(mine[:WORKERS]) if one_account else len(mine)
    assert sum(1 for step in found if step is not None and step.account.startswith("calm/")) == asked
    assert len(queue.steps) == before + asked, "theirs had all that they may have before"


def test_a_tenant_has_no_more_than_his_own_where_all_places_are_taken() -> None:
    queue = lineup()
    crowd(queue, 10)
    begun(queue, 0.0)
    crowd(queue, 10, "greedy")
    assert begun(queue, 0.0) == SPARE
    assert begun(queue, 0.0, ("somebody's first",)) == 0


def test_few_are_under_way_while_somebody_waits_for_his_first_status() -> None:
    queue = lineup()
    crowd(queue, 10)
    assert begun(queue, 0.0, ("somebody's first",)) == WHILE_GREETING


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


def test_what_waits_for_its_group_waits_for_no_account_that_has_no_place() -> None:
    """Two accounts of a namespace mean one in the service; one of them hangs."""
    queue = lineup()
    queue.add("t:calm/n/first@g", Lane.USER)
    step = queue.begin(0.0)
    for uid in ("t:busy/n/next@g", "t:calm/n/next@g", *(f"t:busy/n/{number}" for number in range(WORKERS))):
        queue.add(uid, Lane.USER)
        queue.begin(0.0)
    assert queue.loads["t/busy"] == WORKERS
    assert step is not None
    queue.end(step)
    assert taken(queue) == "t:calm/n/next@g"


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


def test_what_arrives_again_while_it_waits_for_a_worker_is_put_aside_again() -> None:
    """Somebody edits a new object on and on, so that its first statuses meet another version each."""
    asked = Counter[str]()

    def place(uid: str) -> tuple[str, str]:
        asked[uid] += 1
        assert asked[uid] < 100, "it is taken and put back for ever, and nothing else goes on"
        return "tenant/account", "tenant"

    queue = Lineup(lambda uid: uid, place, WORKERS)
    queue.add("new", Lane.USER)
    for _ in range(3):
        assert queue.begin(0.0, {"new"}) is None
        queue.free("new")
    assert taken(queue) == "new"


def test_who_is_shut_out_is_not_looked_for_before_something_ends() -> None:
    queue = lineup()
    for number in range(WORKERS + 1):
        queue.add(f"t:busy/t/{number}", Lane.USER)
    steps = [queue.begin(0.0) for _ in range(WORKERS)]
    assert not queue.shuts_out("t:busy/t/more"), "nobody has looked in vain yet"
    assert queue.begin(0.0) is None
    assert queue.shuts_out("t:busy/t/more")
    assert not queue.shuts_out("t:other/t/more")
    assert steps[0] is not None
    queue.end(steps[0])
    assert not queue.shuts_out("t:busy/t/more")


def test_no_object_is_under_work_twice_when_it_means_something_else_meanwhile() -> None:
    groups = {"mine": "before"}
    queue = Lineup(lambda uid: groups.get(uid, uid), lambda _: ("team/default", "team"), WORKERS)
    queue.add("mine", Lane.USER)
    step = queue.begin(0.0)
    assert step is not None
    groups["mine"] = "after"
    queue.add("mine", Lane.USER)
    assert queue.begin(0.0) is None
    queue.end(step)
    assert taken(queue) == "mine"
    assert list(queue.steps) == ["after"]
