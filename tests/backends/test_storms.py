"""What leaves while everybody wants something: after a restart into a closed window, and when a token is refused."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from ams_operator.backends.backend import ArmBackend
from ams_operator.backends.budget import START, Budget
from ams_operator.backends.courier import Courier
from ams_operator.backends.credentials import ClientSecret, Token, Tokens
from ams_operator.backends.pipeline import Attempt, Reply
from ams_operator.backends.urls import Request
from ams_operator.domain.answers import Lane, NotSent, Recalled
from ams_operator.logs import Redactor

from .conftest import TRANSFORM, FakeTerm

MANY = 1000


class Service:
    """Answers each request with one status, some turns of the loop later, and keeps what it was sent."""

    origin = "https://host"

    def __init__(self, status: int, headers: dict[str, str] | None = None) -> None:
        self.status, self.headers = status, headers or {}
        self.sent: Counter[str] = Counter()

    async def send(self, request: Request, token: str, attempt: Attempt) -> Reply:
        attempt.sent = True
        self.sent[f"{request.method} {token}"] += 1
        for _ in range(5):
            await asyncio.sleep(0)
        attempt.status = self.status
        return Reply(self.status, self.headers, None)


class OneToken:
    """A credential whose token nobody replaces."""

    async def get(self) -> Token:
        return Token("t", "tenant/app", 0.0)

    def reject(self, token: Token) -> None: ...


def courier(service: Service, budget: Budget, now: list[float], tokens: Any = None) -> Courier:
    return Courier(
        service,
        tokens or OneToken(),
        lambda _: budget,
        now=lambda: now[0],
        term=FakeTerm(),
        on_request=lambda *_: None,
        redactor=Redactor(),
    )


async def crowd(of: Courier, methods: str = "GET PUT DELETE") -> list[BaseException]:
    """Everybody asks at once; what they were refused with."""
    lanes = list(Lane)
    asked = [
        of.exchange(Request(method, "/x"), "Transform", "any", lanes[number % len(lanes)])
        for number in range(MANY)
        for method in methods.split()
    ]
    found = await asyncio.gather(*asked, return_exceptions=True)
    return [one for one in found if isinstance(one, BaseException)]


async def test_a_restart_into_a_closed_window_bursts_into_nothing() -> None:
    """A crash loop: each process knows nothing of the window, and is told by its first answers."""
    service, now = Service(429, {"Retry-After": "300"}), [1000.0]
    for restart in range(3):
        budget = Budget(lambda: now[0])
        refused = await crowd(courier(service, budget, now))
        assert all(isinstance(one, NotSent) for one in refused)
        assert len(refused) == 3 * (MANY - START)
        assert service.sent == {f"{method} t": (restart + 1) * START for method in ("GET", "PUT", "DELETE")}
        before = service.sent.copy()
        now[0] += 299.0
        await crowd(courier(service, budget, now))
        assert service.sent == before, "not one inside of the window"
        budget.close()


async def test_a_restart_sends_no_more_at_once_than_little_room_takes() -> None:
    """What its predecessor sent it does not know: few of the service's 200 may be left. It finds out by sending few."""
    room = 20
    service, now = Service(200), [1000.0]
    budget = Budget(lambda: now[0])
    of = courier(service, budget, now)
    asked = [
        asyncio.create_task(of.exchange(Request(method, "/x"), "Transform", "any", Lane.USER))
        for _ in range(MANY)
        for method in ("GET", "PUT", "DELETE")
    ]
    for _ in range(50):  # whatever may leave without time going by has left then
        await asyncio.sleep(0)
    budget.close()
    for one in asked:
        one.cancel()
    await asyncio.gather(*asked, return_exceptions=True)
    sent = {method: service.sent[f"{method} t"] for method in ("GET", "PUT", "DELETE")}
    assert all(0 < number <= room for number in sent.values()), sent


async def test_however_many_are_refused_one_token_is_asked_for() -> None:
    """The first waves have the old token, the last one comes when the new one is there and is refused, too."""
    service, now = Service(401), [1000.0]
    tokens = Counted(now)
    budget = Budget(lambda: now[0], paced=False)
    of = courier(service, budget, now, tokens)
    await tokens.get()
    await asyncio.gather(crowd(of, "GET"), crowd(of, "PUT"))
    assert service.sent == {"GET t1": MANY, "PUT t1": MANY, "GET t2": MANY, "PUT t2": MANY}
    assert tokens.asked == 2, "the first one, and one instead of it"
    await crowd(of, "GET")
    assert tokens.asked == 2
    assert service.sent["GET t2"] == 2 * MANY, "what is refused with the new token is not sent again"


async def test_a_write_that_waits_is_not_sent_when_a_user_changes_its_resource() -> None:
    service, now = Service(200), [1000.0]
    budget = Budget(lambda: now[0])
    backend = ArmBackend(
        service,
        OneToken(),
        lambda _: budget,
        now=lambda: now[0],
        term=FakeTerm(),
        on_request=lambda *_: None,
        redactor=Redactor(),
    )
    other = replace(TRANSFORM, names=("other",))
    while budget.left()["write"] >= 1:
        await backend.patch(TRANSFORM, {}, Lane.USER)
    sent = service.sent.total()
    corrections = [asyncio.create_task(backend.patch(one, {}, Lane.SWEEP)) for one in (TRANSFORM, other)]
    await asyncio.sleep(0.01)
    backend.recall(TRANSFORM, Lane.USER)
    with pytest.raises(Recalled):
        await corrections[0]
    assert (service.sent.total(), corrections[1].done()) == (sent, False)
    now[0] += 1.0
    await corrections[1]
    assert service.sent.total() == sent + 1
    budget.close()


class Counted(Tokens):
    """The tokens of one credential, and how often its authority was asked."""

    def __init__(self, now: list[float]) -> None:
        transport: Any = None  # nothing is sent
        secret = ClientSecret("t", "c", "s")
        super().__init__(secret, "https://login", "https://host", transport, lambda: now[0], lambda _: None)
        self.asked = 0

    async def _request(self) -> Token:
        self.asked += 1
        await asyncio.sleep(0)
        return Token(f"t{self.asked}", "tenant/app", 1e12)
