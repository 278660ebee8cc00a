"""An inventory from the command line: wiring. Apart from the options, since all this takes a second to import."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from rich.console import Console

from ams_operator.backends.connect import Connector
from ams_operator.cli.migrate_show import Bars
from ams_operator.domain.ids import account_id
from ams_operator.domain.model import JSON, AccountId
from ams_operator.garbage import collect_seldom
from ams_operator.logs import Redactor
from ams_operator.migration import client, reduce
from ams_operator.migration.census import view
from ams_operator.migration.checkpoint import FileCheckpoint
from ams_operator.migration.inventory import Inventory
from ams_operator.migration.model import Known
from ams_operator.migration.trouble import NotReadable
from ams_operator.migration.version3 import Version3

BEAT: Final = 4.0
"""seconds: nobody waits twice as long for a sign of life"""


class ReadOnly:
    """No term: nothing of this command may write."""

    def may_write(self) -> bool:
        return False


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
        reader = client.connect(connector, policy, account, credentials, digest)
        try:
            await reader.probe()
        except NotReadable as error:
            if not error.passing:  # one sentence, where else each set would have its own
                raise
        target = Version3(connector(policy, account, credentials), account)
        with Bars(Console(stderr=True)) as bars:
            alive = asyncio.create_task(_beat(bars))
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
                await reader.probe()  # an account that is gone answers each set as if it had none
                census = await work.run()
            finally:
                alive.cancel()
    finally:
        await connector.close()
    if census.complete:
        store.clear()
    return view(census)
