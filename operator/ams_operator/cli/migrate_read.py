"""An inventory from the command line: wiring. Apart from the options, since all this takes a second to import."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Final

from rich.console import Console

from ams_operator.backends.connect import Connector
from ams_operator.cli.migrate_show import Bars
from ams_operator.domain.answers import Lane, PortError
from ams_operator.domain.ids import account_id
from ams_operator.domain.model import JSON, AccountId
from ams_operator.garbage import collect_seldom
from ams_operator.logs import Redactor
from ams_operator.migration import client, odata, reduce
from ams_operator.migration.below import Reader
from ams_operator.migration.census import view
from ams_operator.migration.checkpoint import FileCheckpoint
from ams_operator.migration.entities import EntitySet
from ams_operator.migration.inventory import Inventory
from ams_operator.migration.model import Known
from ams_operator.migration.paging import PAGE, Ask
from ams_operator.migration.trouble import Access, NotReadable, of_listing
from ams_operator.migration.version3 import Lists, Version3

BEAT: Final = 4.0
"""seconds: nobody waits twice as long for a sign of life"""
FIRST: Final = 30.0
"""seconds in which version 2 has to answer for the first time: what fails for longer before anything was read is more
likely a wrong option than an outage, and nothing is lost by ending"""
PAUSE: Final = 2.0


class ReadOnly:
    """No term: nothing of this command may write."""

    def may_write(self) -> bool:
        return False


class Aloud:
    """A reader whose trouble is told at once: what is tried again for minutes must not look like being read. So is that
    of version 3's lists."""

    def __init__(self, reader: Reader, lists: Lists, tell: Callable[[str], None]) -> None:
        """`tell` gets a sentence, empty once something was answered."""
        self._reader, self._lists, self._say = reader, lists, tell

    async def page(self, entities: EntitySet, ask: Ask, *, parent: str | None = None, top: int = PAGE) -> odata.Rows:
        with self._told():
            return await self._reader.page(entities, ask, parent=parent, top=top)

    async def probe(self) -> None:
        with self._told():
            await self._reader.probe()

    async def items(
        self, account: AccountId, kind: str, lane: Lane, next: str | None
    ) -> tuple[Sequence[Any], str | None]:
        with self._told():
            return await self._lists.items(account, kind, lane, next)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (NotReadable, PortError) as error:
            said = error if isinstance(error, NotReadable) else of_listing(error)
            self._say(said.message if said.passing and not said.missing else "")
            raise
        self._say("")


async def reached(reader: Reader, now: Callable[[], float], sleep: Callable[[float], Awaitable[None]]) -> None:
    """Until version 2 answers. Raises NotReadable: one sentence, where else each set would have its own."""
    began = now()
    while True:
        try:
            await reader.probe()
            return
        except NotReadable as error:
            if error.reason is Access.THROTTLED:
                return  # it is there, and says when it can be read
            wait = max(PAUSE, (error.until or 0.0) - now())
            if not error.passing or now() + wait > began + FIRST:
                raise
            await sleep(wait)


async def _beat(bars: Bars) -> None:
    while True:
        await asyncio.sleep(BEAT)
        bars.beat()


async def read(
    policy: Mapping[str, Any],
    account: AccountId,
    credentials: Mapping[str, str],
    store: FileCheckpoint,
    redactor: Redactor,
) -> JSON:
    """The report on an account; see `census.view`. Raises NotSent, NotReadable and OSError."""
    collect_seldom()
    redactor.register((credentials["AZURE_CLIENT_SECRET"],))
    connector = Connector(
        now=time.time,
        term=ReadOnly(),
        on_request=lambda *_: None,
        redactor=redactor,
        agent=lambda: "ams-operator-migrate",
    )
    digest = reduce.keyed(credentials["AZURE_CLIENT_SECRET"].encode())
    try:
        with Bars(Console(stderr=True)) as bars:
            alive = asyncio.create_task(_beat(bars))
            plain = client.connect(connector, policy, account, credentials, digest)
            lists = connector(policy, account, credentials)
            reader = Aloud(plain, lists, lambda trouble: bars.trouble(redactor.safe(trouble, 1000)))
            target = Version3(reader, account)
            work = Inventory(
                account_id(account).lower(),
                reader,
                target,
                store,
                Known(datetime.now(UTC)),
                now=time.time,
                tell=bars.tell,
            )
            try:
                await reached(reader, time.time, asyncio.sleep)
                census = await work.run()
            finally:
                alive.cancel()
    finally:
        await connector.close()
    if census.complete:
        store.clear()
    return view(census)
