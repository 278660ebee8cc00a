"""Version 2 of one account, to be read and nothing else.

There is no way to write from here: one place makes requests, it makes GETs, and it takes no path but a set of the table
(some of version 2's functions write although they are GETs, such as CancelJob, and others hand out keys).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, Final
from urllib.parse import quote

from ams_operator.api.reasons import Reason
from ams_operator.backends import replies
from ams_operator.backends.backend import ArmBackend
from ams_operator.backends.connect import Connector
from ams_operator.backends.courier import Courier
from ams_operator.backends.pipeline import Reply
from ams_operator.backends.urls import Request
from ams_operator.domain.answers import Lane, NoAnswer, PortError
from ams_operator.domain.model import JSON, AccountId
from ams_operator.migration import discovery, odata, reduce
from ams_operator.migration.discovery import Place
from ams_operator.migration.entities import SETS, EntitySet
from ams_operator.migration.paging import PAGE, Ask, NotTaken
from ams_operator.migration.reduce import Digest
from ams_operator.migration.trouble import Access, NotReadable, of_port, of_status
from ams_operator.texts import steady

HEADERS: Final = (
    ("Accept", odata.ACCEPT),
    ("x-ms-version", "2.19"),
    ("DataServiceVersion", "3.0"),
    ("MaxDataServiceVersion", "3.0"),
)
MOST_ROWS: Final = 10_000
"""of one answer"""
_REDIRECTS: Final = 3
_NOT_HERE: Final = (404, 410)


class V2Client:
    """Reads the entity sets of one account. Raises NotReadable, and NotTaken where a query is not understood."""

    def __init__(
        self, arm: Courier, to: Callable[[str], Courier], account: AccountId, digest: Digest, *, azure: bool
    ) -> None:
        """`to` gives the courier for an origin, with tokens for version 2's own audience."""
        self._arm, self._to, self._account, self._digest, self._azure = arm, to, account, digest, azure
        self._courier: Courier | None = None
        self._path = ""
        self._plain: set[str] = set()
        """sets of which all fields are asked for: the server takes no $select"""

    @property
    def place(self) -> str:
        """Where version 2 answers, without a slash at its end; empty until it was found."""
        return f"{self._courier.origin}{self._path}".rstrip("/") if self._courier is not None else ""

    def forget(self) -> None:
        """Look for version 2's place anew at the next request: it may have moved, or be gone for good."""
        self._courier = None

    async def probe(self, lane: Lane = Lane.SWEEP) -> None:
        """Whether version 2 can be read. Raises NotReadable that says why not."""
        try:
            await self.page(SETS["StorageAccounts"], Ask(), lane=lane, top=1)
        except NotTaken as error:
            message = f"what answers for version 2 takes the plainest of its questions for none ({error})"
            raise NotReadable(Access.UNREACHABLE, message, status=400) from None
        except NotReadable as error:
            if error.status not in _NOT_HERE or error.reason is Access.NO_V2_ENDPOINT:
                raise
            message = f"version 2 is not where Resource Manager says any more: {error.message}"
            raise NotReadable(Access.NO_V2_ENDPOINT, message, status=error.status) from None

    async def page(
        self, entities: EntitySet, ask: Ask, *, parent: str | None = None, lane: Lane = Lane.SWEEP, top: int = PAGE
    ) -> odata.Rows:
        """One page of a set, or of what is below one row of another: then `parent` is that row's key."""
        where = entities.name
        if parent is not None:
            above = SETS[entities.parent]
            where = f"{above.name}({odata.key(parent, is_guid=above.key == 'AccountId')})/{entities.navigation}"
        selected = entities.name not in self._plain
        try:
            found = await self._rows(f"{where}?{_query(entities, ask, top, selected=selected)}", entities, lane)
        except NotTaken:
            if not selected:
                raise
            found = await self._rows(f"{where}?{_query(entities, ask, top, selected=False)}", entities, lane)
            self._plain.add(entities.name)
        # As it should be, nothing came that was not asked for: then a page is looked at once, and not row by row.
        said = [field for field in reduce.SAID if field in entities.names and field != entities.key]
        if (
            entities.reduce is None
            and set().union(*found.rows) <= entities.names
            and not any(reduce.any_telling(found.rows, field) for field in said)
        ):
            return found
        return odata.Rows(
            tuple(self._trimmed(entities, said, row) for row in found.rows), found.strangers, found.count, found.more
        )

    def _trimmed(self, entities: EntitySet, said: Collection[str], row: JSON) -> JSON:
        """What is read of a row, also where the server sent more than it was asked for; without the secrets in `said`,
        where people say what they like."""
        fields = entities.names
        found = row if row.keys() <= fields else {name: row[name] for name in fields if name in row}
        if clear := {field: reduce.spoken(row[field]) for field in said if reduce.telling(row.get(field))}:
            found = {**found, **clear}
        if entities.reduce is None:
            return found
        try:
            return entities.reduce(found, self._digest)
        except (TypeError, ValueError, AttributeError, LookupError):
            return {entities.key: row.get(entities.key)}  # nobody documented such a row, and it may hold a secret

    async def _rows(self, path: str, entities: EntitySet, lane: Lane) -> odata.Rows:
        reply, at = await self._get(path, entities.name, lane)
        if reply.status == 200:
            found = odata.rows(reply.body)
            if found is None or len(found.rows) > MOST_ROWS:
                raise NotReadable(Access.UNREACHABLE, f"version 2 answers with no page of {entities.name}", status=200)
            return found
        code, message = odata.error(reply.body, reply.said)
        said = steady(self._arm.safe(replies.without_urls(f"{code}: {message}".strip(": ")), 200))
        if reply.status == 400:
            raise NotTaken(said)
        wait = replies.retry_after(reply.headers)
        until = at + wait if wait is not None else None
        raise of_status(reply.status, said, until, throttled=replies.is_throttled(reply.status, reply.said))

    async def _get(self, path: str, name: str, lane: Lane) -> tuple[Reply, float]:
        """The only request that there is. A redirect that comes late means that the account has moved to another
        cluster: it is looked for once more."""
        for _ in range(2):
            courier = self._courier or await self._find(lane)
            at, reply = await self._exchange(courier, path, name, lane)
            if reply.status not in (301, 302, 307, 308):
                break
            self._courier = None
        return reply, at

    async def _find(self, lane: Lane) -> Courier:
        """Discovery, and the redirect by hand: a client that follows by itself drops the token on its way."""
        place = await discovery.endpoint(self._arm, self._account, lane, azure=self._azure)
        for _ in range(_REDIRECTS):
            courier = self._to(place.origin)
            self._path = place.path
            sent_on = await self._sent_on(courier, place, lane)
            if sent_on is None or sent_on == place:
                self._courier = courier
                return courier
            place = sent_on
        raise NotReadable(Access.UNREACHABLE, "version 2 redirects in a circle")

    async def _sent_on(self, courier: Courier, place: Place, lane: Lane) -> Place | None:
        try:
            _, reply = await courier.exchange(Request("GET", place.path, headers=HEADERS), "v2", "probe", lane)
        except NoAnswer as error:
            if error.reason == Reason.BAD_ANSWER:
                return None  # it answers here, with something that is no JSON; the next request will tell
            raise of_port(error) from None
        except PortError as error:
            raise of_port(error) from None
        if reply.status not in (301, 302, 307, 308):
            return None
        return discovery.redirected(reply.headers.get("Location"), place, azure=self._azure)

    async def _exchange(self, courier: Courier, path: str, name: str, lane: Lane) -> tuple[float, Reply]:
        try:
            request = Request("GET", f"{self._path}{path}", headers=HEADERS)
            return await courier.exchange(request, f"v2/{name}", "list", lane)
        except PortError as error:
            raise of_port(error) from None


def over(backend: ArmBackend, account: AccountId, digest: Digest) -> V2Client:
    """A client for the account that a backend leads to already."""
    audience = discovery.audience(backend.origin)
    return V2Client(backend, lambda origin: backend.elsewhere(origin, audience), account, digest, azure=backend.azure)


def connect(
    connector: Connector,
    policy: Mapping[str, Any],
    account: AccountId,
    credentials: Mapping[str, str],
    digest: Digest,
) -> V2Client:
    """A client for the account that a backend's `policy` and a Secret's values lead to. Raises NotSent."""
    return over(connector(policy, account, credentials), account, digest)


def _query(entities: EntitySet, ask: Ask, top: int, *, selected: bool) -> str:
    parts = [f"$top={top}"]
    if ask.skip:
        parts.append(f"$skip={ask.skip}")
    if ask.count:
        parts.append("$inlinecount=allpages")
    changed = f"{entities.dated} ge {odata.literal(ask.since)}" if ask.since is not None else ""
    if kept := " and ".join(one for one in (ask.where, changed) if one):
        parts.append(f"$filter={quote(kept, safe='')}")
    if selected:
        parts.append(f"$select={','.join(entities.fields)}")
    return "&".join(parts)
