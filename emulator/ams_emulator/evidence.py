"""How well each operation's behaviour is known: recorded, documented, or guessed; and which guesses it depends on.

`recorded`: real HTTP recordings exist. `documented`: the service's documentation or API description says so. `guessed`:
neither; then `guesses` names the switches, each with two answers. `later`: not in this emulator yet (answers 501).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ams_emulator.evidence_base import BODY, CLI, DOCS, DOCUMENTS, EVERYWHERE, NET, Evidence
from ams_emulator.evidence_on_air import ON_AIR
from ams_emulator.evidence_v2 import SEEN_IN_V3

# Operations are named as in the Python client: group.method.
OPERATIONS: Mapping[str, Evidence] = MappingProxyType(
    {
        "mediaservices.begin_create_or_update": Evidence(
            "recorded",
            f"{NET} (create), {CLI} (replace answers 200)",
            (
                "account.put-existing-operation",
                "account.put-existing-omitted",
                "account.put-in-progress",
                "account.put-location",
                "account.name-scope",
                "quota.status",
                *BODY,
                *EVERYWHERE,
            ),
        ),
        "mediaservices.get": Evidence("recorded", NET, EVERYWHERE),
        "mediaservices.list": Evidence("documented", DOCS, EVERYWHERE),
        "mediaservices.list_by_subscription": Evidence("documented", DOCS, DOCUMENTS),
        "mediaservices.begin_update": Evidence(
            "documented",
            f"{DOCS} (202 and an operation)",
            ("account.patch-location", "account.patch-visible", "account.put-in-progress", "patch.depth", *EVERYWHERE),
        ),
        "mediaservices.delete": Evidence("recorded", CLI, ("account.delete-children", *EVERYWHERE)),
        "mediaservices.sync_storage_keys": Evidence("documented", DOCS, EVERYWHERE),
        "mediaservices.list_edge_policies": Evidence("documented", DOCS, EVERYWHERE),
        "media_services_operation_statuses.get": Evidence("recorded", NET, DOCUMENTS),
        "media_services_operation_results.get": Evidence("documented", DOCS, DOCUMENTS),
        "locations.check_name_availability": Evidence("recorded", CLI, ("account.name-scope", "errors.codes")),
        "operations.list": Evidence("documented", DOCS, DOCUMENTS),
        "transforms.create_or_update": Evidence(
            "recorded",
            f"{CLI} (one preset)",
            (
                "parent.missing",
                "parent.in-progress",
                "transform.preset-defaults",
                "transform.system-data",
                "transform.put-unchanged",
                "transform.unfit-preset",
                "quota.status",
                *BODY,
                *EVERYWHERE,
            ),
        ),
        "transforms.get": Evidence("recorded", CLI, ("parent.missing", *EVERYWHERE)),
        "transforms.list": Evidence("documented", DOCS, ("parent.missing", *EVERYWHERE)),
        "transforms.update": Evidence(
            "documented", DOCS, ("patch.depth", "transform.unfit-preset", "parent.missing", *BODY, *EVERYWHERE)
        ),
        "transforms.delete": Evidence("documented", DOCS, ("parent.missing", "parent.missing-delete", *EVERYWHERE)),
        **ON_AIR,
        **SEEN_IN_V3,
    }
)

# Whole groups that are missing.
LATER: tuple[str, ...] = (
    "account_filters",
    "asset_filters",
    "content_key_policies",
    "jobs",
    "operation_results",
    "operation_statuses",
    "private_endpoint_connections",
    "private_link_resources",
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
