"""Whether an identity may do in an account what a migration will ask for: by Resource Manager's list of permissions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import quote

from ams_operator.backends.backend import ArmBackend
from ams_operator.backends.urls import Request
from ams_operator.domain.answers import Lane, PortError
from ams_operator.domain.ids import account_id
from ams_operator.domain.model import AccountId

API_VERSION: Final = "2022-04-01"
_MEDIA: Final = "Microsoft.Media/mediaservices"
NEEDED: Final = (
    f"{_MEDIA}/read",
    f"{_MEDIA}/assets/write",
    f"{_MEDIA}/transforms/write",
    f"{_MEDIA}/contentKeyPolicies/write",
    f"{_MEDIA}/streamingPolicies/write",
    f"{_MEDIA}/streamingLocators/write",
    f"{_MEDIA}/accountFilters/write",
    f"{_MEDIA}/liveEvents/write",
    f"{_MEDIA}/liveEvents/start/action",
    f"{_MEDIA}/streamingEndpoints/write",
    f"{_MEDIA}/streamingEndpoints/start/action",
)
"""what takes the place of version 2's entities is made by these"""
_UNKNOWN: Final = (400, 404, 405, 501)


async def missing(backend: ArmBackend, account: AccountId) -> tuple[str, ...] | None:
    """Those of NEEDED that the identity lacks; None where that can't be known now.

    A service that is not Azure and has no such list refuses nothing by roles: then none is missing.
    """
    scope = quote(account_id(account), safe="/")
    path = f"{scope}/providers/Microsoft.Authorization/permissions?api-version={API_VERSION}"
    try:
        _, reply = await backend.exchange(Request("GET", path), "Permissions", "list", Lane.SWEEP)
    except PortError:
        return None
    if reply.status in _UNKNOWN and not backend.azure:
        return ()
    entries = (reply.body or {}).get("value") if reply.status == 200 else None
    if not isinstance(entries, list):
        return None
    granted = [entry for entry in entries if isinstance(entry, dict)]
    return tuple(action for action in NEEDED if not any(_grants(entry, action) for entry in granted))


def _grants(entry: Mapping[str, Any], action: str) -> bool:
    """One role's entry: what it allows, less what it takes away again."""
    return _any(entry.get("actions"), action) and not _any(entry.get("notActions"), action)


def _any(patterns: object, action: str) -> bool:
    given: Iterable[object] = patterns if isinstance(patterns, list) else ()
    return any(_fits(one, action) for one in given if isinstance(one, str))


def _fits(pattern: str, action: str) -> bool:
    """A star stands for anything; case does not count."""
    parts = [re.escape(part) for part in pattern[:200].split("*")]
    return re.fullmatch(".*".join(parts), action, re.IGNORECASE) is not None
