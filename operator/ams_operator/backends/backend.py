"""One account's way to the service, for everything that speaks ARM: the one place where requests are sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any, Protocol

from azure.core.rest import HttpRequest
from yarl import URL

from ams_operator.api.reasons import Reason
from ams_operator.backends import urls
from ams_operator.backends.budget import Budget
from ams_operator.backends.credentials import Tokens
from ams_operator.backends.pipeline import Pipeline, Reply, too_deep
from ams_operator.domain.answers import Answer, Lane, NoAnswer, NotSent, Page, PortError
from ams_operator.domain.model import JSON, AccountId, Address
from ams_operator.logs import Redactor, clean

MOST_ITEMS = 10_000
Observe = Callable[[str, str, int | None], None]
"""(kind, verb, status): one request was sent; status None: no answer"""


class Term(Protocol):
    """A leader's permission to write."""

    def may_write(self) -> bool: ...


class ArmBackend:
    """Implements the engine's port `Backend`."""

    def __init__(
        self,
        pipeline: Pipeline,
        tokens: Tokens,
        budget_of: Callable[[str], Budget],
        now: Callable[[], float],
        term: Term,
        on_request: Observe,
        redactor: Redactor,
    ) -> None:
        self.origin = pipeline.origin.lower()
        self._pipeline, self._tokens, self._budget_of = pipeline, tokens, budget_of
        self._now, self._term, self._on_request, self._redactor = now, term, on_request, redactor

    async def get(self, address: Address, lane: Lane) -> Answer:
        """GET of a resource."""
        return await self._ask(urls.request("get", address), address.kind, "get", lane)

    async def put(self, address: Address, body: JSON, lane: Lane, query: Mapping[str, str] | None = None) -> Answer:
        """PUT of a whole resource."""
        return await self._ask(urls.request("put", address, body, **(query or {})), address.kind, "put", lane)

    async def patch(self, address: Address, body: JSON, lane: Lane) -> Answer:
        """PATCH; what `body` does not name stays."""
        return await self._ask(urls.request("patch", address, body), address.kind, "patch", lane)

    async def delete(self, address: Address, lane: Lane) -> Answer:
        """DELETE."""
        return await self._ask(urls.request("delete", address), address.kind, "delete", lane)

    async def action(self, address: Address, verb: str, body: JSON | None, lane: Lane) -> Answer:
        """POST of an action."""
        return await self._ask(urls.action(address, verb, body), address.kind, verb, lane)

    async def operation(self, address: Address, operation: str, lane: Lane) -> Answer:
        """How a long operation stands."""
        return await self._ask(urls.operation(address.account, operation), address.kind, "operation", lane)

    async def list(self, account: AccountId, kind: str, parents: tuple[str, ...], lane: Lane, next: str | None) -> Page:
        """One page. Raises NoAnswer or NotSent for any status but 200."""
        request = urls.listing(account, kind, parents) if next is None else HttpRequest("GET", next)
        answer = await self._ask(request, kind, "list", lane)
        if answer.status != 200 or answer.body is None:
            raise _list_trouble(answer)
        items = answer.body.get("value")
        if not isinstance(items, list) or len(items) > MOST_ITEMS:
            raise NoAnswer(Reason.BAD_ANSWER, "the service's list has no `value`, or too many items")
        good = [
            one for one in items if isinstance(one, dict) and isinstance(one.get("name"), str) and not too_deep(one)
        ]
        following = self._next(answer.body.get("@odata.nextLink"), account, next)
        return Page(tuple(good), answer.at, following, len(items) - len(good), answer.date)

    def _next(self, link: Any, account: AccountId, current: str | None) -> str | None:
        """The path and query of the next page; the origin is always our own."""
        if not link:
            return None
        path = self._same_origin(str(link))
        if path is None or not path.lower().startswith(urls.scope(account)) or path == current:
            raise NoAnswer(Reason.BAD_ANSWER, "the service's list goes on at a place that is not its own")
        return path

    def _same_origin(self, link: str) -> str | None:
        """Path and query of a link that came back, if it stays where the token belongs."""
        try:
            url, home = URL(link, encoded=True), URL(self._pipeline.origin)
        except ValueError:
            return None
        place = (url.scheme, (url.host or "").lower(), url.port)
        if place != (home.scheme, (home.host or "").lower(), home.port) or url.user or url.password or url.fragment:
            return None
        return url.raw_path_qs

    async def _ask(self, request: HttpRequest, kind: str, verb: str, lane: Lane) -> Answer:
        """The one send point: token, budget, term, count. A 401 asks for a new token once."""
        reply = None
        for attempt in (1, 2):
            token = await self._tokens.get()
            budget = self._budget_of(self._tokens.principal)
            await budget.take(request.method, lane)
            if request.method != "GET" and not self._term.may_write():
                raise NotSent(Reason.PROGRESSING, "another replica leads")
            at = self._now()
            reply = await self._send(request, token, kind, verb)
            retry_after = _seconds(reply.headers.get("Retry-After"))
            budget.answered(request.method, reply.status, retry_after, _remaining(reply.headers, request.method))
            if reply.status != 401 or attempt == 2:
                break
            await self._tokens.forget()
        assert reply is not None
        return self._answer(reply, at, retry_after)

    async def _send(self, request: HttpRequest, token: str, kind: str, verb: str) -> Reply:
        try:
            reply = await self._pipeline.send(request, token)
        except NotSent:
            raise
        except NoAnswer:
            self._on_request(kind, verb, None)
            raise
        self._on_request(kind, verb, reply.status)
        if verb != "list" and too_deep(reply.body):
            raise NoAnswer(Reason.BAD_ANSWER, "the service's answer is nested too deeply")
        return reply

    def _answer(self, reply: Reply, at: float, retry_after: float | None) -> Answer:
        error = (reply.body or {}).get("error") if reply.status >= 400 else None
        error = error if isinstance(error, dict) else {}
        return Answer(
            status=reply.status,
            body=reply.body if reply.status < 400 else None,
            at=at,
            date=_date(reply.headers.get("Date")),
            operation=self._operation(reply.headers) if reply.status < 400 else None,
            retry_after=retry_after,
            code=self._safe(error.get("code"), 64),
            message=self._safe(error.get("message"), 200),
        )

    def _safe(self, text: Any, limit: int) -> str:
        """What the service says, fit to be shown: it may quote what was sent."""
        return clean(self._redactor.mask(str(text or "")), limit)

    def _operation(self, headers: Mapping[str, str]) -> str | None:
        link = headers.get("Azure-AsyncOperation")
        path = self._same_origin(link) if link else None
        return urls.operation_id(path.partition("?")[0]) if path else None


def _usable(item: Any) -> bool:
    return isinstance(item, dict) and isinstance(item.get("name"), str) and not too_deep(item)


def _list_trouble(answer: Answer) -> PortError:
    detail = f"{answer.status} {answer.code}".strip()
    if answer.status == 401:
        return NotSent(Reason.CREDENTIAL_REJECTED, f"the service rejects the credential ({detail}): correct the Secret")
    if answer.status == 403:
        return NoAnswer(Reason.FORBIDDEN, f"the credential may not list ({detail})")
    if answer.status == 429:
        return NotSent(Reason.THROTTLED, "the service throttles reads")
    if answer.status == 404:
        return NoAnswer(Reason.WAITING_FOR_ACCOUNT, f"there is nothing to list ({detail})")
    return NoAnswer(Reason.PROGRESSING, f"the service answers {detail}")


def _date(text: str | None) -> str | None:
    try:
        return parsedate_to_datetime(text).astimezone(UTC).isoformat() if text else None
    except ValueError:
        return None


def _seconds(text: str | None) -> float | None:
    try:
        return max(0.0, float(text)) if text else None
    except ValueError:
        return None


def _remaining(headers: Mapping[str, str], method: str) -> float | None:
    names = {"GET": "reads", "DELETE": "deletes"}
    return _seconds(headers.get(f"x-ms-ratelimit-remaining-subscription-{names.get(method, 'writes')}"))
