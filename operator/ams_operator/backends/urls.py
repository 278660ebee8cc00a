"""Which request builder makes which request. URLs, api-versions and queries are those of azure-mgmt-media.

The builders live in the package's private modules; the package is final and pinned to one version, and a test holds
all of them against the recorded operation surface. A new kind is one row in `COLLECTIONS`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import Any
from urllib.parse import quote

from azure.core.rest import HttpRequest
from azure.mgmt.media.operations import (
    _media_services_operation_statuses_operations as account_operations,
)
from azure.mgmt.media.operations import (
    _mediaservices_operations as accounts,
)
from azure.mgmt.media.operations import (
    _transforms_operations as transforms,
)

from ams_operator.domain.model import JSON, AccountId, Address

COLLECTIONS: Mapping[str, ModuleType] = {
    "MediaServicesAccount": accounts,
    "Transform": transforms,
}
_BUILDERS = {
    "get": "build_get_request",
    "put": "build_create_or_update_request",
    "patch": "build_update_request",
    "delete": "build_delete_request",
}


def request(method: str, address: Address, body: JSON | None = None, **query: Any) -> HttpRequest:
    """GET, PUT, PATCH or DELETE of one resource; its URL has no origin yet."""
    builder = getattr(COLLECTIONS[address.kind], _BUILDERS[method])
    options = {**query, **({"json": body} if body is not None else {})}
    made: HttpRequest = builder(*_names(address.account, address.names), address.account.subscription, **options)
    return made


def action(address: Address, verb: str, body: JSON | None) -> HttpRequest:
    """POST of one of a resource's actions, named as in the service: `start`, `syncStorageKeys`."""
    snake = "".join(f"_{char.lower()}" if char.isupper() else char for char in verb)
    builder = getattr(COLLECTIONS[address.kind], f"build_{snake}_request")
    options = {"json": body} if body is not None else {}
    made: HttpRequest = builder(*_names(address.account, address.names), address.account.subscription, **options)
    return made


def listing(account: AccountId, kind: str, parents: tuple[str, ...]) -> HttpRequest:
    """The first page of a collection: a kind's resources in an account, or the accounts of a resource group."""
    builder = COLLECTIONS[kind].build_list_request
    names = (account.resource_group,) if kind == "MediaServicesAccount" else _names(account, parents)
    made: HttpRequest = builder(*names, account.subscription)
    return made


def operation(account: AccountId, identifier: str) -> HttpRequest:
    """The status of a long operation of an account. `identifier` is `location/id`, as `operation_id` reads it."""
    location, _, name = identifier.partition("/")
    made: HttpRequest = account_operations.build_get_request(location, name, account.subscription)
    return made


def scope(account: AccountId) -> str:
    """The path below which every link of an account's collections must lie, in lower case."""
    return f"/subscriptions/{quote(account.subscription)}/resourcegroups/{quote(account.resource_group)}/".lower()


def operation_id(path: str) -> str | None:
    """The id in the path of an operation link: `location/id` for accounts, else the last segment."""
    parts = [part for part in path.split("/") if part]
    if len(parts) < 2 or any(part in (".", "..") for part in parts):
        return None
    if "mediaServicesOperationStatuses".lower() == parts[-2].lower() and len(parts) > 3:
        return f"{parts[-3]}/{parts[-1]}"
    return parts[-1]


def _names(account: AccountId, names: tuple[str, ...]) -> tuple[str, ...]:
    return (account.resource_group, account.name, *names)
