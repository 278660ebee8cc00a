"""Whether what version 2 published shows in version 3, where its LIST of locators does not tell.

Documented is that an asset that is asked shows its locators; asking each would be a POST for each, so one is asked.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from ams_operator.domain.answers import Lane, PortError
from ams_operator.domain.model import Address
from ams_operator.migration import odata
from ams_operator.migration.client import V2Client
from ams_operator.migration.entities import SETS
from ams_operator.migration.paging import Ask, NotTaken
from ams_operator.migration.ports import Way
from ams_operator.migration.trouble import NotReadable

_STREAMING: Final = 2
_ASKED: Final = 100
"""locators among which one that is in force is looked for"""


async def asked(client: V2Client, way: Way, now: float) -> bool | None:
    """Whether an asset shows the locator that version 2 gave it; None where none is in force, or nobody answers."""
    found = await _example(client, now)
    if found is None:
        return None
    asset, locator = found
    try:
        answer = await way.backend.action(
            Address("Asset", way.account, (asset,)), "listStreamingLocators", None, Lane.SWEEP
        )
    except PortError:
        return None
    if answer.status != 200 or answer.body is None:
        return False if answer.status == 404 else None
    shown = answer.body.get("streamingLocators")
    each = [one for one in shown if isinstance(one, dict)] if isinstance(shown, list) else []
    return any(odata.guid(one.get("streamingLocatorId")) == locator for one in each)


async def _example(client: V2Client, now: float) -> tuple[str, str] | None:
    """GUIDs of an asset and of a locator of it that is in force."""
    try:
        page = await client.page(SETS["Locators"], Ask(), top=_ASKED)
    except (NotReadable, NotTaken):
        return None
    moment = datetime.fromtimestamp(now, UTC)
    for row in page.rows:
        asset, locator = odata.guid(row.get("AssetId")), odata.guid(row.get("Id"))
        end = odata.moment(row.get("ExpirationDateTime"))
        in_force = odata.whole(row.get("Type")) == _STREAMING and (end is None or end > moment)
        if asset and locator and in_force and row.get("AccessPolicyId"):
            return asset, locator
    return None
