"""How well each operation's behaviour is known: recorded, documented, or guessed; and which guesses it depends on.

`recorded`: real HTTP recordings exist. `documented`: the service's documentation or API description says so. `guessed`:
neither; then `guesses` names the switches, each with two answers. `later`: not in this emulator yet (answers 501).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Level = Literal["recorded", "documented", "guessed", "later"]


@dataclass(frozen=True)
class Evidence:
    """What is known about one operation."""

    level: Level
    source: str
    guesses: tuple[str, ...] = ()


_BODY = ("body.unknown-member", "durations.spelling", "errors.codes")
_EVERYWHERE = ("api-version.missing", "group.missing")
_CLI = "recordings of the Azure CLI"
_NET = "recordings of the .NET client"
_DOCS = "API description and documentation"

# Operations are named as in the Python client: group.method.
OPERATIONS: Mapping[str, Evidence] = MappingProxyType(
    {
        "mediaservices.begin_create_or_update": Evidence(
            "recorded",
            f"{_NET} (create), {_CLI} (replace answers 200)",
            (
                "account.put-existing-operation",
                "account.put-existing-omitted",
                "account.put-in-progress",
                "account.put-location",
                "account.name-scope",
                "quota.status",
                *_BODY,
                *_EVERYWHERE,
            ),
        ),
        "mediaservices.get": Evidence("recorded", _NET, _EVERYWHERE),
        "mediaservices.list": Evidence("documented", _DOCS, _EVERYWHERE),
        "mediaservices.list_by_subscription": Evidence("documented", _DOCS, ("api-version.missing",)),
        "mediaservices.begin_update": Evidence(
            "documented",
            f"{_DOCS} (202 and an operation)",
            ("account.patch-location", "account.patch-visible", "account.put-in-progress", "patch.depth", *_EVERYWHERE),
        ),
        "mediaservices.delete": Evidence("recorded", _CLI, ("account.delete-children", *_EVERYWHERE)),
        "mediaservices.sync_storage_keys": Evidence("documented", _DOCS, _EVERYWHERE),
        "mediaservices.list_edge_policies": Evidence("documented", _DOCS, _EVERYWHERE),
        "media_services_operation_statuses.get": Evidence("recorded", _NET, ("api-version.missing",)),
        "media_services_operation_results.get": Evidence("documented", _DOCS, ("api-version.missing",)),
        "locations.check_name_availability": Evidence("recorded", _CLI, ("account.name-scope", "errors.codes")),
        "operations.list": Evidence("documented", _DOCS, ("api-version.missing",)),
        "transforms.create_or_update": Evidence(
            "recorded",
            f"{_CLI} (one preset)",
            (
                "parent.missing",
                "parent.in-progress",
                "transform.preset-defaults",
                "transform.system-data",
                "transform.put-unchanged",
                "quota.status",
                *_BODY,
                *_EVERYWHERE,
            ),
        ),
        "transforms.get": Evidence("recorded", _CLI, ("parent.missing", *_EVERYWHERE)),
        "transforms.list": Evidence("documented", _DOCS, ("parent.missing", *_EVERYWHERE)),
        "transforms.update": Evidence("documented", _DOCS, ("patch.depth", "parent.missing", *_BODY, *_EVERYWHERE)),
        "transforms.delete": Evidence("documented", _DOCS, ("parent.missing", "parent.missing-delete", *_EVERYWHERE)),
        "streaming_endpoints.get": Evidence("recorded", _CLI, ("parent.missing", *_EVERYWHERE)),
        "streaming_endpoints.list": Evidence("recorded", _CLI, ("parent.missing", *_EVERYWHERE)),
    }
)

# Whole groups, and what is missing of the groups above.
LATER: tuple[str, ...] = (
    "account_filters",
    "asset_filters",
    "assets",
    "content_key_policies",
    "jobs",
    "live_events",
    "live_outputs",
    "operation_results",
    "operation_statuses",
    "private_endpoint_connections",
    "private_link_resources",
    "streaming_endpoints",
    "streaming_locators",
    "streaming_policies",
    "tracks",
)


def evidence(operation: str) -> Evidence:
    """What is known about `group.method`. Raises KeyError for an operation that nothing is said about."""
    known = OPERATIONS.get(operation)
    if known is not None:
        return known
    group = operation.partition(".")[0]
    if group not in LATER:
        raise KeyError(operation)
    return Evidence("later", "")
