"""The one place where requests to the service are sent: token, budget, term, send, count."""

from __future__ import annotations

import logging
from collections.abc import Callable, Hashable
from typing import Protocol

from ams_operator.backends import replies, urls
from ams_operator.backends.budget import Budget
from ams_operator.backends.credentials import Token
from ams_operator.backends.pipeline import Attempt, Reply
from ams_operator.domain.answers import Lane
from ams_operator.logs import Redactor

log = logging.getLogger(__name__)
Observe = Callable[[str, str, int | None], None]
"""(kind, verb, status): one request was sent; status None: no answer"""


class Term(Protocol):
    """A leader's permission to write."""

    def may_write(self) -> bool: ...


class Sender(Protocol):
    """What sends: a `Pipeline`."""

    origin: str

    async def send(self, request: urls.Request, token: str, attempt: Attempt) -> Reply: ...


class TokenSource(Protocol):
    """What has tokens: `Tokens`."""

    async def get(self) -> Token: ...
    def reject(self, token: Token) -> None: ...


class Courier:
    """Takes requests to one origin on behalf of one credential."""

    def __init__(
        self,
        pipeline: Sender,
        tokens: TokenSource,
        budget_of: Callable[[str], Budget],
        *,
        now: Callable[[], float],
        term: Term,
        on_request: Observe,
        redactor: Redactor,
        account: str = "",
        namespace: str = "",
    ) -> None:
        """`budget_of` is asked with the principal of each token: two Secrets of one application share a budget. In it,
        accounts take turns by their names. `namespace`: whose secrets the other side may show."""
        self.origin, self._account = pipeline.origin, account
        self._budget: Budget | None = None
        self._pipeline, self._tokens, self._budget_of = pipeline, tokens, budget_of
        self._now, self._term, self._on_request = now, term, on_request
        self._redactor, self._namespace = redactor, namespace

    def safe(self, text: str, limit: int) -> str:
        """What the other side says, fit to be shown: it may be anything, and quote what was sent."""
        return self._redactor.safe(text, limit, [self._namespace])

    async def exchange(
        self, request: urls.Request, kind: str, verb: str, lane: Lane, resource: Hashable = None
    ) -> tuple[float, Reply]:
        """When a request started, and its reply. Raises NotSent and NoAnswer. `resource`: by what it may be recalled.

        A 401 is asked again once, with a new token, if there is one: nothing was done for the old one.
        """
        token = await self._tokens.get()
        at, reply = await self._send(request, token, kind, verb, lane, resource)
        if reply.status == 401:
            self._tokens.reject(token)
            refused, token = token, await self._tokens.get()
            if token is not refused:
                at, reply = await self._send(request, token, kind, verb, lane, resource)
        return at, reply

    async def _send(
        self, request: urls.Request, token: Token, kind: str, verb: str, lane: Lane, resource: Hashable
    ) -> tuple[float, Reply]:
        """The one send point: budget, term, send, count. What was sent is counted, also where nobody waited for it."""
        budget = self._budget = self._budget_of(token.principal)
        await budget.take(request.method, lane, self._account, resource)
        at, attempt = self._now(), Attempt() if urls.reads(request) else Attempt(permitted=self._term.may_write)
        try:
            reply = await self._pipeline.send(request, token.value, attempt)
        finally:
            if attempt.sent:
                self._on_request(kind, verb, attempt.status)
            # Neither query nor bodies: they may hold what nobody may see.
            log.debug("%s %s: %s", request.method, request.url.partition("?")[0], attempt.status or "no answer")
        rest = replies.remaining(reply.headers, request.method)
        status = 429 if replies.is_throttled(reply.status, reply.said) else reply.status
        budget.answered(request.method, status, replies.retry_after(reply.headers), rest)
        return at, reply
