"""Any sequence of requests, answers, time and people who give up: nothing leaves while the service keeps it out."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from tests.backends.test_budget import FakeTime, settle

from ams_operator.backends.budget import LIMITS, LONGEST_WAIT, UNSAID, Budget, bucket_of
from ams_operator.domain.answers import Lane, NotSent

METHODS, LANES = st.sampled_from(("GET", "PUT", "PATCH", "POST", "DELETE")), st.sampled_from(Lane)
ACCOUNTS, RESOURCES = st.sampled_from("abc"), st.sampled_from([None, "one", "two"])


class Sender(RuleBasedStateMachine):
    """One principal's budget, and what the service said of its windows."""

    def __init__(self) -> None:
        super().__init__()
        self.runner, self.clock = asyncio.Runner(), FakeTime()
        self.budget = Budget(lambda: self.clock.now, self.clock.sleep)
        self.began = self.clock.now
        self.closed = dict.fromkeys(LIMITS, 0.0)
        self.left = dict.fromkeys(LIMITS, 0)
        self.early: list[str] = []
        self.asking: list[asyncio.Task[None]] = []

    async def send(self, method: str, lane: Lane, account: str, resource: str | None) -> None:
        try:
            await self.budget.take(method, lane, account, resource)
        except NotSent:
            return
        name = bucket_of(method)
        self.left[name] += 1
        if self.clock.now < self.closed[name]:
            self.early.append(name)

    @rule(count=st.integers(1, 40), method=METHODS, lane=LANES, account=ACCOUNTS, resource=RESOURCES)
    def they_ask(self, count: int, method: str, lane: Lane, account: str, resource: str | None) -> None:
        async def ask() -> None:
            self.asking += [asyncio.create_task(self.send(method, lane, account, resource)) for _ in range(count)]
            await settle()

        self.runner.run(ask())

    @rule(method=METHODS, status=st.sampled_from((200, 404, 429, 503)), retry=st.none() | st.integers(0, 90))
    def the_service_answers(self, method: str, status: int, retry: int | None) -> None:
        async def answer() -> None:
            self.budget.answered(method, status, retry, None)
            await settle()

        hit = [bucket_of(method)] if status == 429 else list(LIMITS) if status == 503 and retry is not None else []
        for name in hit:
            self.closed[name] = max(self.closed[name], self.clock.now + (UNSAID if retry is None else retry))
        self.runner.run(answer())

    @rule(method=METHODS, remaining=st.integers(0, 300))
    def the_service_says_what_is_left(self, method: str, remaining: int) -> None:
        self.budget.answered(method, 200, None, remaining)

    @rule(seconds=st.integers(1, 60))
    def time_passes(self, seconds: int) -> None:
        self.runner.run(self.clock.advance(seconds))

    @rule(pick=st.integers(0, 99))
    def one_gives_up(self, pick: int) -> None:
        async def give_up() -> None:
            if self.asking:
                self.asking[pick % len(self.asking)].cancel()
            await settle()

        self.runner.run(give_up())

    @rule(resource=RESOURCES, lane=LANES)
    def one_is_recalled(self, resource: str | None, lane: Lane) -> None:
        async def recall() -> None:
            self.budget.recall(resource, lane)
            await settle()

        self.runner.run(recall())

    @invariant()
    def nothing_leaves_early_or_beyond_the_rate(self) -> None:
        assert self.early == []
        for name, (size, rate) in LIMITS.items():
            assert self.left[name] <= size + rate * (self.clock.now - self.began)

    def teardown(self) -> None:
        """Nobody is left waiting, and nothing was lost on the way."""
        self.runner.run(self.clock.advance(4 * LONGEST_WAIT))
        waiting = [one for one in self.asking if not one.done()]
        self.runner.close()
        assert waiting == []
        self.nothing_leaves_early_or_beyond_the_rate()


TestSender = Sender.TestCase


def test_a_window_that_closes_nothing_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Budget, "_close", lambda *_: None)
    with pytest.raises(AssertionError):
        run_state_machine_as_test(
            Sender,
            settings=settings(phases=[Phase.generate], report_multiple_bugs=False, derandomize=True, database=None),
        )
