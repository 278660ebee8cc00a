"""What the account shows that everything moves to: itself, and the collections that conditions are judged by.

Each collection is read as often as its size allows: one page a poll on average, so that an account with many transforms
costs no more requests than one with few.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from dataclasses import replace
from typing import Final, TypeVar

from ams_operator.api.reasons import Reason
from ams_operator.backends.urls import ACCOUNT, FILTER, FILTER_OF_ASSET, KEY_POLICY, LOCATOR, STREAMING_POLICY
from ams_operator.domain.answers import Answer, Lane, NotSent, PortError
from ams_operator.domain.model import JSON, Address
from ams_operator.migration import odata, rights, templates
from ams_operator.migration.inputs import AccountSeen, Listing
from ams_operator.migration.joins import UNJOINED
from ams_operator.migration.model import Tell
from ams_operator.migration.patience import Patience
from ams_operator.migration.ports import Target, Way
from ams_operator.migration.reduce import Digest
from ams_operator.migration.version3 import Listed, Version3

LISTED: Final = ("Transform", "LiveEvent", "StreamingEndpoint", STREAMING_POLICY, KEY_POLICY, FILTER)
MOST_PAGES: Final = 1000
LONGEST_PAUSE: Final = 600.0
"""seconds between tries of what somebody has to correct, or of sets that could not be read"""
_REASONS: Final = {
    Reason.CREDENTIAL_REJECTED: "SignInRejected",
    Reason.KEY_NOT_FOUND: "SignInRejected",
    Reason.SECRET_NOT_FOUND: "SignInRejected",
    Reason.ACCOUNT_NOT_AVAILABLE: "NotFound",
}
_RIGHTS: Final = "rights"
_SELDOM: Final = 5
"""polls between looks at the identity's rights"""
T = TypeVar("T")
_UNREGISTERED: Final = frozenset({"MissingSubscriptionRegistration", "SubscriptionNotRegistered"})


class TargetReader:
    """Keeps the last complete reading of each collection, and when the next is due."""

    def __init__(self, now: Callable[[], float], pause: float, every: float, digest: Digest) -> None:
        """`pause`: seconds between calls of `read`; `every`: by which a reading of one page grows stale."""
        self._now, self._pause, self._every, self._digest = now, pause, every, digest
        self._due: dict[str, float] = {}
        self._rejected: tuple[Way, float, float] | None = None
        """a way whose credential is wrong, the pause after that, and when it is tried again"""
        self._lacking: tuple[Way, tuple[str, ...] | None] | None = None
        self.account = AccountSeen(every=every)
        self.lists: dict[str, Listing] = {}

    async def read(self, target: Target, filtered: Iterable[str]) -> None:
        """What is due. `filtered`: the assets whose filters matter."""
        if target.way is None:
            reason, message = target.trouble
            self.account = AccountSeen(
                self._now(), self._every, _REASONS.get(Reason(reason), reason), message,
                namespace=target.namespace, name=target.name,
            )  # fmt: skip
            return
        if self._waits(target.way):
            return
        self.account = await self._account(target, target.way)
        self._note(target.way)
        if self.account.reason:
            return
        for kind in LISTED:
            if self.is_due(kind):
                await self.list(target.way, kind, [()])
        assets = [(asset,) for asset in sorted(set(filtered))]
        if self.is_due(FILTER_OF_ASSET):
            await self.list(target.way, FILTER_OF_ASSET, assets)

    def _waits(self, way: Way) -> bool:
        """Whether the credential of this way is known to be wrong; another one is tried at once."""
        known = self._rejected
        return known is not None and known[0].backend is way.backend and self._now() < known[2]

    def _note(self, way: Way) -> None:
        if self.account.reason != _REASONS[Reason.CREDENTIAL_REJECTED]:
            self._rejected = None
            return
        known = self._rejected
        same = known is not None and known[0].backend is way.backend
        pause = min(LONGEST_PAUSE, 2 * known[1]) if known is not None and same else self._pause
        self._rejected = (way, pause, self._now() + pause)
        self.account = replace(self.account, every=max(self._every, pause))

    def is_due(self, kind: str) -> bool:
        """Whether a collection has to be read again."""
        return self._now() >= self._due.get(kind, 0.0)

    async def _account(self, target: Target, way: Way) -> AccountSeen:
        seen = AccountSeen(self._now(), self._every, namespace=target.namespace, name=target.name)
        try:
            answer = await way.backend.get(Address(ACCOUNT, way.account), Lane.SWEEP)
        except PortError as error:
            if isinstance(error, NotSent) and error.reason == Reason.THROTTLED:
                return self.account  # our own patience is no trouble of the account's
            reason = _REASONS.get(Reason(error.reason), str(error.reason))
            return replace(seen, reason=reason, message=error.message)
        if answer.status != 200 or answer.body is None:
            reason, message = _refused(answer)
            return replace(seen, reason=reason, message=message)
        properties = answer.body.get("properties")
        state = str(properties.get("provisioningState") or "") if isinstance(properties, dict) else ""
        lacking = await self._rights(way)
        return replace(seen, provisioning=state, missing=lacking or (), unsure=lacking is None)

    async def _rights(self, way: Way) -> tuple[str, ...] | None:
        """What the identity lacks: asked now and then, since roles change seldom."""
        known = self._lacking
        if known is None or known[0].backend is not way.backend or known[1] is None or self.is_due(_RIGHTS):
            self._lacking = known = (way, await rights.missing(way.backend, way.account))
            self._due[_RIGHTS] = self._now() + _SELDOM * self._pause
        return known[1]

    async def list(self, way: Way, kind: str, parents: Iterable[tuple[str, ...]]) -> None:
        """One collection, or that of each parent. What can't be listed keeps its last reading, and grows stale."""
        items: dict[str, JSON] = {}
        pages = 0
        began = self._now()
        try:
            for parent in parents:
                async for page in _pages(way, kind, parent):
                    pages += 1
                    for item in page:
                        given, name = item.get("properties"), str(item["name"])
                        properties = given if isinstance(given, dict) else {}
                        if kind == STREAMING_POLICY:
                            properties = templates.of_target(properties, self._digest)
                        if not _only_shown(kind, name, properties):
                            items["/".join((*parent, name))] = properties
        except PortError:
            return
        self.lists[kind] = Listing(began, self._every * max(1, pages), items)
        self._due[kind] = began + self._pause * max(1, pages) * 0.9


class NotGiven(Exception):
    """A list that was wanting is so still: nothing is read again for it."""


class Sides:
    """What an inventory asks of version 3: of the source what is whose, and of the target what is published anew. Each
    raises PortError; NotGiven where sets are only read again to be compared."""

    def __init__(self, source: Way, target: Way | None) -> None:
        self._again = False
        self._source = Version3(source.backend, source.account)
        self._target = Version3(target.backend, target.account) if target is not None else None

    async def assets(self, tell: Tell, patience: Patience) -> dict[str, str]:
        return await self._given(self._source.assets(tell, patience))

    async def locators(self, named: frozenset[str], since: str, tell: Tell, patience: Patience) -> Listed:
        return await self._given(self._source.locators(named, since, tell, patience))

    async def asset_names(self, tell: Tell, patience: Patience) -> set[str]:
        return await self._given(self._there().asset_names(tell, patience))

    async def published(self, tell: Tell, patience: Patience) -> dict[str, tuple[str, str]]:
        return await self._given(self._there().published(tell, patience))

    async def answer(self, compared: Mapping[str, str], *, same: bool) -> None:
        """Whether what could not be listed (`Census.compared`) can be by now, before sets are read again for it: its
        first page is given, and where another is not, that is found out before those sets are asked for."""
        if compared.get("Assets") == "Failed":
            await self._source.first("Asset")
        if compared.get("Locators") == "Failed":
            await self._source.first(LOCATOR)
        if compared.get("Locators") == UNJOINED:
            await self._there().first(LOCATOR)
            if not same:
                await self._there().first("Asset")

        self._again = True

    async def _given(self, answer: Awaitable[T]) -> T:
        try:
            return await answer
        except PortError as error:
            if self._again:
                raise NotGiven(error.message) from error
            raise

    def _there(self) -> Version3:
        if self._target is None:
            raise NotSent(Reason.ACCOUNT_NOT_AVAILABLE, "there is no way to the target account")
        return self._target


def _only_shown(kind: str, name: str, properties: JSON) -> bool:
    """Whether version 2 made a policy, which version 3 shows under its GUID [inferred]: it takes nobody's place. There
    may be one for each asset."""
    if kind == KEY_POLICY:
        return name.lower() == str(properties.get("policyId")).lower()
    return kind == STREAMING_POLICY and odata.guid(name) == name.lower()


async def _pages(way: Way, kind: str, parents: tuple[str, ...]) -> AsyncIterator[tuple[JSON, ...]]:
    """Raises PortError. A parent that is gone has nothing."""
    following: str | None = None
    for _ in range(MOST_PAGES):
        try:
            page = await way.backend.list(way.account, kind, parents, Lane.SWEEP, following)
        except NotSent as error:
            if parents and error.reason == Reason.WAITING_FOR_ACCOUNT:
                return
            raise
        yield page.items
        following = page.next
        if following is None:
            return


def _refused(answer: Answer) -> tuple[str, str]:
    detail = f"{answer.status} {answer.code}: {answer.message}".rstrip(": ")
    if answer.code in _UNREGISTERED:
        return "ProviderNotRegistered", f"the subscription is not registered for Microsoft.Media ({detail})"
    match answer.status:
        case 401:
            return "SignInRejected", f"the service rejects the credential ({detail})"
        case 403:
            return "Forbidden", f"the identity may not read the account ({detail})"
        case 404:
            return "NotFound", f"there is no such account ({detail})"
    return "Unreachable", f"the service answers {detail}"
