"""One account's way to the service, for everything that speaks ARM."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from ams_operator.api.reasons import Reason
from ams_operator.backends import links, replies, urls
from ams_operator.backends.bodies import too_deep
from ams_operator.backends.budget import Budget
from ams_operator.backends.courier import Courier, Observe, Sender, Term, TokenSource
from ams_operator.backends.pipeline import Reply
from ams_operator.domain.answers import Answer, Lane, NoAnswer, NotSent, Page
from ams_operator.domain.kinds import KINDS
from ams_operator.domain.model import JSON, AccountId, Address
from ams_operator.logs import Redactor, tokens_of

MOST_ITEMS: Final = 10_000
MESSAGE: Final = 200
"""characters of what the service says about a refusal or failure"""


def whose(account: AccountId) -> str:
    """An account's name, among those that share a budget as well."""
    return f"{account.subscription}/{account.resource_group}/{account.name}".lower()


class ArmBackend(Courier):
    """Implements the engine's port `Backend`: raises `NotSent` and `NoAnswer` and nothing else."""

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
        elsewhere: Callable[[str, str], Courier] | None = None,
        azure: bool = False,
        account: str = "",
        namespace: str = "",
    ) -> None:
        """`budget_of` is asked with the principal of each token: two Secrets of one application share a budget.

        `account` (`whose`) is the one that it was made for, and it leads nowhere else: whether the credential may be
        used was asked for that one. Empty: anywhere.

        `elsewhere` (origin, audience) sends for the same credential to another place; `azure`: it is Microsoft's own
        service, whose places have Microsoft's names."""
        super().__init__(
            pipeline,
            tokens,
            budget_of,
            now=now,
            term=term,
            on_request=on_request,
            redactor=redactor,
            account=account,
            namespace=namespace,
        )
        self._elsewhere, self.azure = elsewhere, azure

    def elsewhere(self, origin: str, audience: str) -> Courier:
        """What sends for the same account and credential to another place, which gets tokens of it: whoever names the
        place vouches for it. Raises NotSent."""
        if self._elsewhere is None:
            raise NotSent(Reason.BACKEND_NOT_AVAILABLE, f"{self.origin} leads to no other place")
        return self._elsewhere(origin, audience)

    async def get(self, address: Address, lane: Lane) -> Answer:
        """GET of a resource."""
        answer = await self._ask(urls.request("get", address), address.kind, "get", lane, address)
        if answer.status == 200 and not replies.is_resource(answer.body):
            raise NoAnswer(Reason.BAD_ANSWER, f"{self.origin} answers with something that is no {address.kind}")
        if answer.status == 200 and answer.body is not None:
            self._hide(address.kind, answer.body)
        return answer

    async def put(self, address: Address, body: JSON, lane: Lane, query: Mapping[str, str] | None = None) -> Answer:
        """PUT of a whole resource."""
        return await self._ask(urls.request("put", address, body, query), address.kind, "put", lane, address)

    async def patch(self, address: Address, body: JSON, lane: Lane) -> Answer:
        """PATCH; what `body` does not name stays."""
        return await self._ask(urls.request("patch", address, body), address.kind, "patch", lane, address)

    async def delete(self, address: Address, lane: Lane) -> Answer:
        """DELETE."""
        return await self._ask(urls.request("delete", address), address.kind, "delete", lane, address)

    async def action(self, address: Address, verb: str, body: JSON | None, lane: Lane) -> Answer:
        """POST of an action."""
        return await self._ask(urls.action(address, verb, body), address.kind, verb, lane, address)

    async def operation(self, address: Address, operation: str, lane: Lane) -> Answer:
        """How a long operation stands; `operation` is the id that an `Answer` gave. Why it failed is in the answer's
        `code` and `message`, without the URLs that it may quote: those of live events hold tokens."""
        answer = await self._ask(urls.operation(address.account, operation), address.kind, "operation", lane, address)
        if answer.body is None or str(answer.body.get("status", "")).lower() not in ("failed", "canceled"):
            return answer
        code, message = replies.error_of(answer.status, answer.body)
        text = replies.without_urls(self.safe(message, 4 * MESSAGE))
        return replace(answer, code=self.safe(code, 64), message=self.safe(text, MESSAGE))

    async def list(self, account: AccountId, kind: str, parents: tuple[str, ...], lane: Lane, next: str | None) -> Page:
        """One page. Raises NoAnswer or NotSent for any status but 200."""
        answer, items, following = await self._listed(account, kind, parents, lane, next)
        good = replies.resources(items)
        return Page(good, answer.at, following, len(items) - len(good), answer.date)

    async def items(
        self, account: AccountId, kind: str, lane: Lane, next: str | None
    ) -> tuple[Sequence[Any], str | None]:
        """The items of one page as they came, whatever they are and however deep, and the link to the next page: for
        readers of large collections that look at few members. Raises as `list`."""
        _, items, following = await self._listed(account, kind, (), lane, next)
        return items, following

    async def _listed(
        self, account: AccountId, kind: str, parents: tuple[str, ...], lane: Lane, next: str | None
    ) -> tuple[Answer, Sequence[Any], str | None]:
        if next is None:
            request = urls.listing(account, kind, parents)
        else:
            request = urls.Request("GET", links.page_path(next), quoted=False)
        answer = await self._ask(request, kind, "list", lane, account)
        if answer.status != 200 or answer.body is None:
            until = answer.at + answer.retry_after if answer.retry_after is not None else None
            raise replies.list_trouble(answer, until)
        items = answer.body.get("value")
        if not isinstance(items, list) or len(items) > MOST_ITEMS:
            raise NoAnswer(Reason.BAD_ANSWER, f"the list of {kind} of {self.origin} has no `value`, or too many items")
        link = answer.body.get("@odata.nextLink") or answer.body.get("nextLink")
        following = self._next(link, urls.collection_path(account, kind, parents), next, kind) if link else None
        return answer, items, following

    def _next(self, link: object, collection: str, current: str | None, kind: str) -> str:
        try:
            return links.next_page(str(link), self.origin, collection, current)
        except links.BadLink as error:
            message = f"the list of {kind} of {self.origin} has a link to its next page that {error}"
            raise NoAnswer(Reason.BAD_ANSWER, message) from None

    def recall(self, address: Address, lane: Lane) -> None:
        """Whatever still waits for the budget on behalf of a resource, less urgent than `lane`, raises Recalled."""
        if self._budget is not None:
            self._budget.recall(address, lane)

    async def _ask(self, request: urls.Request, kind: str, verb: str, lane: Lane, place: Address | AccountId) -> Answer:
        address, account = (place, place.account) if isinstance(place, Address) else (None, place)
        if self._account not in ("", whose(account)):
            raise NotSent(Reason.PROGRESSING, "the manifest means another account now: its way there is made anew")
        at, reply = await self.exchange(request, kind, verb, lane, address)
        if reply.status < 300 and verb != "list" and not reply.flat and too_deep(reply.body):
            reason = Reason.BAD_ANSWER if request.method == "GET" else Reason.UNANSWERED
            raise NoAnswer(reason, f"the answer of {self.origin} is nested too deeply")
        return self._answer(reply, at)

    def _answer(self, reply: Reply, at: float) -> Answer:
        success = reply.status < 300
        code, message = ("", "") if success else replies.error_of(reply.status, reply.body)
        when = replies.date(reply.headers.get("Date"))
        link = reply.headers.get("Azure-AsyncOperation") or reply.headers.get("Location")
        return Answer(
            status=reply.status,
            body=reply.body if success else None,
            at=at,
            date=when.isoformat() if when else None,
            operation=links.operation_id(link, self.origin) if success else None,
            retry_after=replies.retry_after(reply.headers),
            code=self.safe(code, 64),
            message=self.safe(message, MESSAGE),
        )

    def _hide(self, kind: str, shown: JSON) -> None:
        """What lets people send or watch is masked from now on, also where the service chose it and quotes it in a
        refusal. Every write follows a GET, so that it is known by then."""
        connection = KINDS[kind].connection
        if connection is not None:
            self._redactor.register(tokens_of(connection(shown).values()), self._namespace)
