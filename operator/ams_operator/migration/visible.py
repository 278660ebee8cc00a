"""Whether what version 2 published shows in version 3, where its LIST of locators does not tell.

Documented is that an asset that is asked shows its locators; asking each would be a POST for each, so one is asked.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from ams_operator.domain.answers import Answer, Lane, PortError
from ams_operator.domain.model import Address
from ams_operator.migration import odata
from ams_operator.migration.client import V2Client
from ams_operator.migration.entities import SETS
from ams_operator.migration.paging import Ask, NotTaken
from ams_operator.migration.ports import Way
from ams_operator.migration.trouble import NotReadable

_STREAMING: Final = 2
_ASKED: Final = 100
"""locators among which those in force are looked for"""
_EXAMPLES: Final = 5
"""assets of which the first one that is there is asked"""


async def asked(client: V2Client, way: Way, now: float) -> bool | None:
    """Whether an asset shows the locator that version 2 gave it; None where none is in force, or nobody answers. One
    that version 3 has not speaks for itself alone, as long as another one is there: a locator may outlive its asset."""
    gone = False
    for asset, locator in (await _examples(client, now)).items():
        address = Address("Asset", way.account, (asset,))
        try:
            answer = await way.backend.action(address, "listStreamingLocators", None, Lane.SWEEP)
        except PortError:
            return None
        if answer.status != 404:
            return _shows(answer, locator)
        gone = True
    return False if gone else None


def after(before: bool | None, found: bool | None) -> bool | None:
    """What is known once it was asked again: that they show is not undone by an answer that was lost."""
    return found if found is not None else (before or None)


def _shows(answer: Answer, locator: str) -> bool | None:
    if answer.status != 200 or answer.body is None:
        return None
    shown = answer.body.get("streamingLocators")
    each = [one for one in shown if isinstance(one, dict)] if isinstance(shown, list) else []
    return any(odata.guid(one.get("streamingLocatorId")) == locator for one in each)


async def _examples(client: V2Client, now: float) -> dict[str, str]:
    """GUIDs of a few assets, each to that of a locator of it that is in force."""
    try:
        page = await client.page(SETS["Locators"], Ask(), top=_ASKED)
    except (NotReadable, NotTaken):
        return {}
    moment = datetime.fromtimestamp(now, UTC)
    found: dict[str, str] = {}
    for row in page.rows:
        asset, locator = odata.guid(row.get("AssetId")), odata.guid(row.get("Id"))
        end = odata.moment(row.get("ExpirationDateTime"))
        in_force = odata.whole(row.get("Type")) == _STREAMING and (end is None or end > moment)
        if asset and locator and in_force and row.get("AccessPolicyId") and len(found) < _EXAMPLES:
            found[asset] = locator
    return found
