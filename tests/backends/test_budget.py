"""Permission to send, on a clock of the test's own."""

import asyncio
import heapq
import itertools
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest

from ams_operator.api.reasons import Reason
from ams_operator.backends.budget import LIMITS, LONGEST_WAIT, START, Budget
from ams_operator.domain.answers import Lane, NotSent, Recalled
from ams_operator.domain.turns import SHARES


class FakeTime:
    """A clock that moves only when told, and wakes who sleeps."""

    def __init__(self) -> None:
        self.now = 100.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._numbers = itertools.count()

    async def sleep(self, seconds: float) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.now + seconds, next(self._numbers), future))
        await future

    async def advance(self, seconds: float) -> None:
        end = self.now + seconds
        await settle()
        while self._sleepers and self._sleepers[0][0] <= end:
            due, _, future = heapq.heappop(self._sleepers)
            self.now = max(self.now, due)
            if not future.done():
                future.set_result(None)
            await settle()
        self.now = end


async def settle() -> None:
    """Let everything that can run, run."""
    for _ in range(20):
        await asyncio.sleep(0)


@pytest.fixture
def clock() -> FakeTime:
    return FakeTime()


@pytest.fixture
async def budget(clock: FakeTime) -> AsyncIterator[Budget]:
    made = Budget(lambda: clock.now, clock.sleep)
    yield made
    made.close()


async def drain(budget: Budget, method: str = "PUT") -> int:
    """Take tokens until one has to wait; how many there were."""
    count = 0
    while budget.left()[{"GET": "read", "DELETE": "delete"}.get(method, "write")] >= 1:
        await budget.take(method, Lane.USER)
        count += 1
    return count


async def test_a_new_process_starts_small_and_grows_with_the_first_proof(budget: Budget) -> None:
    assert await drain(budget) == START
    budget.answered("PUT", 200, None, 150.0)
    assert await drain(budget) == 150
    assert await drain(budget, "GET") == START, "proof for one bucket is none for another"


async def test_what_the_service_says_is_left_is_never_exceeded(budget: Budget) -> None:
    budget.answered("GET", 200, None, 11_999.0)
    assert budget.left()["read"] == LIMITS["read"][0]
    budget.answered("GET", 200, None, 3.0)
    assert await drain(budget, "GET") == 3


async def test_tokens_come_back_at_the_published_rate(budget: Budget, clock: FakeTime) -> None:
    await drain(budget)
    await drain(budget, "GET")
    await clock.advance(2.0)
    assert budget.left() == {"read": 10 + 40, "write": 20, "delete": 10 + 20} | {"read": 50.0}


@pytest.mark.parametrize(
    ("method", "bucket"),
    [("GET", "read"), ("PUT", "write"), ("PATCH", "write"), ("POST", "write"), ("DELETE", "delete")],
)
async def test_a_window_closes_its_own_bucket_only(budget: Budget, clock: FakeTime, method: str, bucket: str) -> None:
    budget.answered(method, 429, 17.0, None)
    with pytest.raises(NotSent) as caught:
        await budget.take(method, Lane.USER)
    assert caught.value.reason == Reason.THROTTLED
    assert caught.value.until == clock.now + 17
    for other, name in (("GET", "read"), ("PUT", "write"), ("DELETE", "delete")):
        if name != bucket:
            await budget.take(other, Lane.USER)
    assert budget.left()[bucket] == 0
    await clock.advance(17.0)
    await budget.take(method, Lane.USER)


async def test_an_overloaded_service_closes_all(budget: Budget, clock: FakeTime) -> None:
    budget.answered("GET", 503, 5.0, None)
    for method in ("GET", "PUT", "DELETE"):
        with pytest.raises(NotSent):
            await budget.take(method, Lane.USER)
    await clock.advance(5.0)
    for method in ("GET", "PUT", "DELETE"):
        await budget.take(method, Lane.USER)


async def test_a_503_that_says_nothing_closes_nothing(budget: Budget) -> None:
    budget.answered("GET", 503, None, None)
    await budget.take("GET", Lane.USER)


async def test_a_429_that_says_nothing_closes_for_a_while(budget: Budget, clock: FakeTime) -> None:
    budget.answered("GET", 429, None, None)
    with pytest.raises(NotSent):
        await budget.take("GET", Lane.USER)
    await clock.advance(10.0)
    await budget.take("GET", Lane.USER)


async def test_no_answer_closes_a_window_for_ever(budget: Budget, clock: FakeTime) -> None:
    budget.answered("GET", 429, 1e12, None)
    await clock.advance(3600.0)
    await budget.take("GET", Lane.USER)


async def test_a_later_answer_does_not_shorten_a_window(budget: Budget, clock: FakeTime) -> None:
    budget.answered("GET", 429, 30.0, None)
    budget.answered("GET", 429, 1.0, None)
    budget.answered("GET", 200, None, 200.0)
    await clock.advance(10.0)
    with pytest.raises(NotSent):
        await budget.take("GET", Lane.USER)


async def test_after_a_window_there_is_no_burst(budget: Budget, clock: FakeTime) -> None:
    budget.answered("PUT", 200, None, 199.0)
    budget.answered("PUT", 429, 2.0, None)
    await clock.advance(2.0)
    assert await drain(budget) == 20


async def test_of_those_who_come_together_the_user_is_served_first(budget: Budget, clock: FakeTime) -> None:
    await drain(budget)
    served: list[str] = []

    async def ask(name: str, lane: Lane) -> None:
        await budget.take("PUT", lane)
        served.append(name)

    tasks = [asyncio.create_task(ask(f"sweep{n}", Lane.SWEEP)) for n in range(3)]
    await settle()
    tasks += [asyncio.create_task(ask("poll", Lane.POLL)), asyncio.create_task(ask("user", Lane.USER))]
    await clock.advance(1.0)
    assert served == ["user", "poll", "sweep0", "sweep1", "sweep2"]
    await asyncio.gather(*tasks)


class Crowd:
    """Who asks for write tokens again and again, and how often each of them got one."""

    def __init__(self, budget: Budget) -> None:
        self._budget, self.served, self._tasks = budget, Counter[str](), list[asyncio.Task[None]]()

    def join(self, name: str, lane: Lane, account: str = "", count: int = 1) -> None:
        self._tasks += [asyncio.create_task(self._ask(name, lane, account)) for _ in range(count)]

    async def _ask(self, name: str, lane: Lane, account: str) -> None:
        while True:
            with suppress(NotSent):
                await self._budget.take("PUT", lane, account)
                self.served[name] += 1
            await asyncio.sleep(0)

    async def leave(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


@pytest.fixture
async def crowd(budget: Budget) -> AsyncIterator[Crowd]:
    await drain(budget)
    made = Crowd(budget)
    yield made
    await made.leave()


async def test_each_class_has_its_floor_and_no_more_than_the_crowd_leaves(crowd: Crowd, clock: FakeTime) -> None:
    for lane in Lane:
        crowd.join(lane.name, lane, count=4)
    await clock.advance(20.0)
    assert sum(crowd.served.values()) in (199, 200)
    for lane in Lane:
        assert abs(crowd.served[lane.name] - 2 * SHARES[lane]) <= 2, crowd.served


@pytest.mark.parametrize(("many", "few"), [(Lane.USER, Lane.SWEEP), (Lane.SWEEP, Lane.USER)])
async def test_neither_users_nor_sweeps_starve_the_other(crowd: Crowd, clock: FakeTime, many: Lane, few: Lane) -> None:
    crowd.join("many", many, count=16)
    await clock.advance(5.0)
    before = crowd.served["many"]
    assert before in (49, 50), "what nobody else asks for is not held back"
    crowd.join("few", few)
    await clock.advance(10.0)
    share = SHARES[few] / (SHARES[few] + SHARES[many])
    assert crowd.served["few"] >= int(100 * min(share, 0.5)) - 2  # one that asks one by one gets every second at most


async def test_in_a_class_accounts_take_turns_however_much_each_asks_for(crowd: Crowd, clock: FakeTime) -> None:
    crowd.join("loud", Lane.USER, "a", count=12)
    crowd.join("calm", Lane.USER, "b", count=2)
    await clock.advance(10.0)
    assert abs(crowd.served["loud"] - crowd.served["calm"]) <= 2, crowd.served


async def test_a_late_user_is_the_next(crowd: Crowd, clock: FakeTime) -> None:
    crowd.join("sweep", Lane.SWEEP, count=7)
    await clock.advance(1.0)
    before = crowd.served["sweep"]
    crowd.join("user", Lane.USER)
    await clock.advance(0.11)
    assert (crowd.served["user"], crowd.served["sweep"] - before) == (1, 0)


async def test_what_waits_for_a_resource_gives_way_to_something_more_urgent(budget: Budget, clock: FakeTime) -> None:
    await drain(budget)
    waits = {
        (lane, name): asyncio.create_task(budget.take("PUT", lane, "a", name))
        for lane, name in [(Lane.SWEEP, "one"), (Lane.SWEEP, "two"), (Lane.USER, "three")]
    }
    await settle()
    for name in ("one", "three", "four"):
        budget.recall(name, Lane.USER)
    await settle()
    assert isinstance(waits[(Lane.SWEEP, "one")].exception(), Recalled)
    await clock.advance(0.2)
    assert all(task.done() for task in waits.values()), "it took no token, and nobody else went"
    assert [task.exception() for (_, name), task in waits.items() if name != "one"] == [None, None]
    budget.recall("two", Lane.USER)  # it is sent by now


async def test_in_a_crowd_each_token_is_used_once(budget: Budget, clock: FakeTime) -> None:
    await drain(budget)
    tasks = [asyncio.create_task(budget.take("PUT", Lane.USER)) for _ in range(40)]
    await clock.advance(2.0)
    assert sum(task.done() for task in tasks) in (19, 20)
    await clock.advance(2.1)
    assert all(task.done() and task.exception() is None for task in tasks)


async def test_nobody_waits_long_here(budget: Budget, clock: FakeTime) -> None:
    await drain(budget)
    room = int(LONGEST_WAIT * LIMITS["write"][1])
    tasks = [asyncio.create_task(budget.take("PUT", Lane.SWEEP)) for _ in range(room)]
    await settle()
    with pytest.raises(NotSent) as caught:
        await budget.take("PUT", Lane.SWEEP)
    assert caught.value.until is not None
    assert caught.value.until > clock.now + LONGEST_WAIT
    user = asyncio.create_task(budget.take("PUT", Lane.USER))  # who overtakes does not wait long
    await clock.advance(0.2)
    assert user.done()
    await clock.advance(10.0)
    await asyncio.gather(*tasks)


async def test_a_closing_window_sends_everybody_away_at_once(budget: Budget, clock: FakeTime) -> None:
    await drain(budget)
    tasks = [asyncio.create_task(budget.take("PUT", Lane.USER)) for _ in range(3)]
    await settle()
    budget.answered("PUT", 429, 60.0, None)
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(isinstance(result, NotSent) and result.until == clock.now + 60 for result in results)


async def test_who_gives_up_leaves_his_token(budget: Budget, clock: FakeTime) -> None:
    await drain(budget)
    first = asyncio.create_task(budget.take("PUT", Lane.USER))
    second = asyncio.create_task(budget.take("PUT", Lane.USER))
    await settle()
    first.cancel()
    await clock.advance(0.11)
    assert second.done()
    assert second.exception() is None


async def test_who_was_just_served_and_gives_up_leaves_it_too(budget: Budget) -> None:
    await drain(budget)
    task = asyncio.create_task(budget.take("PUT", Lane.USER))
    await settle()
    left = budget.left()["write"]
    following = budget.buckets["write"].turns.pop()
    assert following is not None
    following[0].set_result(None)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert budget.left()["write"] == left + 1


async def test_nobody_slips_past_who_waits(budget: Budget, clock: FakeTime) -> None:
    await drain(budget)
    user = asyncio.create_task(budget.take("PUT", Lane.USER))
    await settle()
    clock.now += 0.15  # a token has come in, and nobody has handed it out yet
    sweep = asyncio.create_task(budget.take("PUT", Lane.SWEEP))
    await settle()
    assert not sweep.done()
    await clock.advance(0.0)
    assert (user.done(), sweep.done()) == (True, False)
    await clock.advance(0.2)
    await sweep


async def test_without_pacing_only_windows_count(clock: FakeTime) -> None:
    budget = Budget(lambda: clock.now, clock.sleep, paced=False)
    for _ in range(1000):
        await budget.take("PUT", Lane.SWEEP)
    budget.answered("PUT", 429, 3.0, None)
    with pytest.raises(NotSent):
        await budget.take("PUT", Lane.USER)
