"""What was published in version 2 against what is published in version 3, where assets are published anew."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Set
from typing import Final, Protocol

from ams_operator.domain.model import JSON
from ams_operator.migration import odata
from ams_operator.migration.model import Known, Tell
from ams_operator.migration.patience import Patience
from ams_operator.migration.tally import Group

_BYTES: Final = 8
UNJOINED: Final = "Unjoined"
"""of `Census.compared`"""


class Target(Protocol):
    """What shows the account that everything moves to: a `Version3`."""

    async def asset_names(self, tell: Tell, patience: Patience) -> set[str]: ...
    async def published(self, tell: Tell, patience: Patience) -> dict[str, tuple[str, str]]: ...


async def lists_old(listed: Collection[str], pages: AsyncIterator[list[JSON]]) -> bool:
    """Whether version 3 lists any of what version 2 published; the first thousands of that may all be SAS locators."""
    if not listed:
        return False
    async for rows in pages:
        if any(row.get("AccessPolicyId") and odata.guid(row.get("Id")) in listed for row in rows):
            return True
    return False


async def join(known: Known, target: Target, into: dict[str, Group], tell: Tell, patience: Patience) -> None:
    """Compare what is published with what was published anew. Raises PortError; what is proved by then is told."""
    there = await target.published(tell, patience)
    names: Set[str] | None = None
    try:
        names = frozenset() if known.same_account else await target.asset_names(tell, patience)
    finally:
        republished(known, there, names, into)


def republished(
    known: Known, there: Mapping[str, tuple[str, str]], names: Set[str] | None, into: dict[str, Group]
) -> None:
    """Tell locators whose assets are not published anew, locators that are left, and assets that are not there.

    `there`: GUID of each streaming locator of the target to its asset's name and its end; `names`: the other account's
    assets, None where they were not given. In another account a locator has the same GUID; in the same one it is any
    that version 2 did not make.
    """
    now = f"{known.now:%Y-%m-%dT%H:%M:%S}"
    valid = {guid: asset for guid, (asset, end) in there.items() if not end or end > now}
    old = {guid: asset for guid, asset in known.by_locator.items() if asset}
    if known.same_account:
        old |= {guid: asset for guid, asset in known.unlisted.items() if asset and guid not in there}
        anew = {asset for guid, asset in valid.items() if guid not in known.by_locator}
        _tell(into, "not-republished", (asset for asset in old.values() if asset not in anew))
        _tell(into, "v2-locator-left", (guid for guid, asset in old.items() if asset in anew))
        return
    lacking = [asset for guid, asset in old.items() if guid not in valid]
    _tell(into, "not-republished", lacking)
    if names is not None:
        _tell(into, "asset-missing", (asset for asset in set(lacking) if asset not in names))


def _tell(into: dict[str, Group], blocker: str, guids: Iterable[str]) -> None:
    """Each counts, also where several locators are of one asset, by which they are named."""
    for guid in sorted(guids):
        mark = hashlib.blake2b(guid.encode(), digest_size=_BYTES).digest()
        into.setdefault(blocker, Group()).add(guid, int.from_bytes(mark))
