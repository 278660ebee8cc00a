"""Permission to send, on a clock of the test's own."""

import asyncio
import heapq
import itertools
from collections.abc import AsyncIterator

import pytest

from ams_operator.api.reasons import Reason
from ams_operator.backends.budget import LIMITS, LONGEST_WAIT, START, Budget
from ams_operator.domain.answers import Lane, NotSent


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


async def test_users_are_served_before_sweeps(budget: Budget, clock: FakeTime) -> None:
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
    budget.buckets["write"].queue[0][2].set_result(None)
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
