"""Which request builder makes which request. URLs, api-versions and queries are those of azure-mgmt-media.

The builders live in the package's private modules; the package is final and pinned to one version, and a test holds
all of them against the recorded operation surface. A new kind is one row in `COLLECTIONS`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType, ModuleType
from typing import Final
from urllib.parse import quote, unquote, urlencode

from azure.mgmt.media.operations import _account_filters_operations as account_filters
from azure.mgmt.media.operations import _asset_filters_operations as asset_filters
from azure.mgmt.media.operations import _assets_operations as assets
from azure.mgmt.media.operations import _content_key_policies_operations as content_key_policies
from azure.mgmt.media.operations import _live_events_operations as live_events
from azure.mgmt.media.operations import _live_outputs_operations as live_outputs
from azure.mgmt.media.operations import _media_services_operation_statuses_operations as account_operations
from azure.mgmt.media.operations import _mediaservices_operations as accounts
from azure.mgmt.media.operations import _streaming_endpoints_operations as streaming_endpoints
from azure.mgmt.media.operations import _streaming_locators_operations as streaming_locators
from azure.mgmt.media.operations import _streaming_policies_operations as streaming_policies
from azure.mgmt.media.operations import _transforms_operations as transforms

from ams_operator import jsons
from ams_operator.api.reasons import Reason
from ams_operator.domain.answers import NotSent
from ams_operator.domain.model import JSON, AccountId, Address

ACCOUNT: Final = "MediaServicesAccount"
FILTER: Final = "AccountFilter"
FILTER_OF_ASSET: Final = "AssetFilter"
KEY_POLICY: Final = "ContentKeyPolicy"
LOCATOR: Final = "StreamingLocator"
STREAMING_POLICY: Final = "StreamingPolicy"
"""these five are no kinds of ours yet: migration lists them"""
COLLECTIONS: Final[Mapping[str, ModuleType]] = MappingProxyType(
    {
        ACCOUNT: accounts,
        FILTER: account_filters,
        "Asset": assets,
        FILTER_OF_ASSET: asset_filters,
        KEY_POLICY: content_key_policies,
        "LiveEvent": live_events,
        "LiveOutput": live_outputs,
        "StreamingEndpoint": streaming_endpoints,
        LOCATOR: streaming_locators,
        STREAMING_POLICY: streaming_policies,
        "Transform": transforms,
    }
)
_STREAMING: Final[Mapping[str, str]] = MappingProxyType(
    {"liveevent": "LiveEvent", "liveoutput": "LiveOutput", "streamingendpoint": "StreamingEndpoint"}
)
"""whose operation, as its id says, to the kind that has it"""
_OPERATION: Final = re.compile(r"[a-z0-9 _-]{1,64}/(?!\.+$)[a-z0-9._-]{1,128}", re.IGNORECASE)
"""what `links` makes of an operation's link"""
SECRETS_OF: Final = "getPolicyPropertiesWithSecrets"
"""the action of a key policy that shows what its GET masks"""
_READING: Final = re.compile(rf"/.+/contentKeyPolicies/[^/]+/{SECRETS_OF}")
"""paths of the actions that change nothing"""
_CONTROL: Final = re.compile(r"[\x00-\x1f]")
_BUILDERS: Final = {
    "get": "build_get_request",
    "put": "build_create_or_update_request",
    "create": "build_create_request",
    "patch": "build_update_request",
    "delete": "build_delete_request",
}


@dataclass(frozen=True, slots=True)
class Request:
    """One request; `url` has no origin yet, and `content` is JSON."""

    method: str
    url: str
    content: bytes | None = None
    quoted: bool = True
    """whether `url` is spelled by us; a link that came back from the service may hold anything"""
    headers: tuple[tuple[str, str], ...] = ()
    """besides those of every request, or instead of them"""


def request(method: str, address: Address, body: JSON | None = None, query: Mapping[str, str] | None = None) -> Request:
    """`get`, `put`, `patch` or `delete` of one resource. URLs made here have no origin yet."""
    if method == "put" and not hasattr(COLLECTIONS[address.kind], _BUILDERS["put"]):
        method = "create"  # what the service only makes by PUT, and never replaces
    return _build(address.kind, _BUILDERS[method], _names(address.account, address.names), address.account, body, query)


def action(address: Address, verb: str, body: JSON | None) -> Request:
    """POST of one of a resource's actions, named as in the service: `start`, `syncStorageKeys`."""
    snake = "".join(f"_{char.lower()}" if char.isupper() else char for char in verb)
    names = _names(address.account, address.names)
    return _build(address.kind, f"build_{snake}_request", names, address.account, body, None)


def reads(request: Request) -> bool:
    """Whether a request changes nothing. Its method and path tell, whatever it was made for."""
    return request.method == "GET" or (
        request.method == "POST" and _READING.fullmatch(request.url.partition("?")[0]) is not None
    )


def listing(account: AccountId, kind: str, parents: tuple[str, ...]) -> Request:
    """The first page of a collection: a kind's resources in an account, or the accounts of a resource group."""
    names = (account.resource_group,) if kind == ACCOUNT else _names(account, parents)
    return _build(kind, "build_list_request", names, account, None, None)


def collection_path(account: AccountId, kind: str, parents: tuple[str, ...]) -> str:
    """The path of a collection, unquoted: every further page of its list is there too."""
    return unquote(listing(account, kind, parents).url.partition("?")[0])


def operation(account: AccountId, identifier: str) -> Request:
    """The status of a long operation. `identifier` is what an `Answer` carries: `location/id` of an account's, with a
    slash before it the kind and id of one of what runs."""
    location, _, name = identifier.removeprefix("/").partition("/")
    _check((account.subscription, location, name))
    streaming = identifier.startswith("/")
    # It comes from a status, which somebody may have edited: what no link can have brought there is not sent.
    if not _OPERATION.fullmatch(f"{location}/{name}") or (streaming and location not in _STREAMING):
        raise NotSent(Reason.BAD_ANSWER, "the id of an operation is none that the service gives")
    if streaming:
        return _build(
            _STREAMING[location], "build_async_operation_request", _names(account, (name,)), account, None, None
        )
    return Request("GET", account_operations.build_get_request(location, name, account.subscription).url)


def _build(
    kind: str,
    builder: str,
    names: tuple[str, ...],
    account: AccountId,
    body: JSON | None,
    query: Mapping[str, str] | None,
) -> Request:
    segments = (*names, account.subscription)
    _check(segments)
    method, parts = _route(kind, builder, len(segments))
    url = "".join(part if isinstance(part, str) else _quoted(segments[part]) for part in parts)
    if query:
        url += f"&{urlencode(query)}"
    return Request(method, url, None if body is None else jsons.dumps(body))


@lru_cache(4096)
def _quoted(name: str) -> str:
    return quote(name, safe="")


@lru_cache(256)
def _route(kind: str, builder: str, count: int) -> tuple[str, tuple[str | int, ...]]:
    """What a builder makes of its names: the method, and its URL with a number where each name goes. Asked once: the
    builders validate and look up on every call what is the same for all resources of a kind."""
    marks = [f"name{index}here" for index in range(count)]
    made = getattr(COLLECTIONS[kind], builder)(*marks)
    pieces = re.split(r"name(\d+)here", made.url)
    return made.method, tuple(int(piece) if place % 2 else piece for place, piece in enumerate(pieces))


def _names(account: AccountId, names: tuple[str, ...]) -> tuple[str, ...]:
    return (account.resource_group, account.name, *names)


def _check(segments: tuple[str, ...]) -> None:
    """Names that are steps in a path ("..") would address something else: DELETE of a child would hit its parent.

    Raises NotSent(InvalidSpec). Admission refuses such names too; this holds for objects older than the schema.
    """
    for segment in segments:
        if segment.strip(". ") == "" or _CONTROL.search(segment):
            raise NotSent(Reason.INVALID_SPEC, f"{segment[:20]!r} can't be a name in the service: correct azureName")
