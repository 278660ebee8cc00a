"""Exactly one verdict for each entity: which rule judges which set. Pure."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from itertools import compress
from operator import itemgetter
from types import MappingProxyType
from typing import Final

from ams_operator.domain.model import JSON
from ams_operator.migration import odata
from ams_operator.migration.mapping import encoding, live, media, protection, publishing
from ams_operator.migration.model import MOST_RECENT, Judgement, Known, gap

log = logging.getLogger(__name__)
Rule = Callable[[JSON, Known], Judgement]

RULES: Final[Mapping[str, Rule]] = MappingProxyType(
    {
        "StorageAccounts": media.storage_account,
        "EncodingReservedUnitTypes": media.reserved_units,
        "MediaProcessors": media.processor,
        "Assets": media.asset,
        "Files": media.file,
        "AccessPolicies": publishing.access_policy,
        "Locators": publishing.locator,
        "ContentKeys": protection.key,
        "ContentKeyAuthorizationPolicies": protection.authorization,
        "ContentKeyAuthorizationPolicyOptions": protection.option,
        "AssetDeliveryPolicies": protection.delivery,
        "Combinations": protection.combination,
        "Channels": live.channel,
        "Programs": live.program,
        "StreamingEndpoints": publishing.streaming_endpoint,
        "Filters": publishing.account_filter,
        "AssetFilters": publishing.asset_filter,
        "JobTemplates": encoding.template,
        "TaskTemplates": encoding.task,
        "Jobs": encoding.job,
        "Tasks": encoding.task,
        "NotificationEndPoints": publishing.notification,
        "MonitoringConfigurations": publishing.monitoring,
        "IngestManifests": media.ingest_manifest,
        "IngestManifestAssets": media.ingest_part,
        "IngestManifestFiles": media.ingest_part,
    }
)


def judge(name: str, row: JSON, known: Known) -> Judgement:
    """The verdict on one row of a set, which has its key. A row that breaks a rule is one that nobody documented."""
    try:
        found = RULES[name](row, known)
    except (TypeError, ValueError, KeyError, AttributeError, LookupError, OverflowError) as error:
        log.warning("a row of %s can't be judged: %s", name, type(error).__name__)
        found = Judgement(gap("undocumented", "a row with values that nobody documented"))
    if found.verdict.gap and all(identifier != found.verdict.gap for identifier, _ in found.evidence):
        return Judgement(found.verdict, (*found.evidence, (found.verdict.gap, found.verdict.why)), found.blockers)
    return found


def when(name: str, row: JSON, known: Known) -> str:
    """When a row was made (keys, delivery policies, locators) or used (tasks), for the conditions that ask whether
    version 2 is still worked with; `odata.sortable`. Rows of other sets don't say, or nothing depends on it."""
    match name:
        case "Assets" | "AccessPolicies":
            _note_recent(name, row, known)
        case "ContentKeys":
            return odata.sortable(row.get("Created")) if row.get("AuthorizationPolicyId") else ""
        case "AssetDeliveryPolicies":
            return odata.sortable(row.get("Created"))
        case "Locators":
            # Version 2 doesn't say when; version 3 does, if it lists it. It can't be older than what it is made of. One
            # that names no access policy is no work of version 2's, however new its asset is.
            if not row.get("AccessPolicyId"):
                return ""
            made_of = (known.recent.get(str(row.get(one)).lower(), "") for one in ("AssetId", "AccessPolicyId"))
            return max(known.v3_created.get(odata.guid(row["Id"]) or "", ""), *made_of)
        case "Tasks":
            return encoding.used(row)
    return ""


def newest(name: str, rows: Sequence[JSON], guids: Sequence[str], known: Known) -> str:
    """The latest `when` of rows that share a verdict: without a look at each, where their dates are as dates are.
    `guids`: theirs, in lower case where they are locators."""
    try:
        if name == "Assets":
            made = [row["Created"] for row in rows]
            if min(made) >= "0":
                for row in compress(rows, map(known.since.__le__, made)):
                    _note_recent(name, row, known)
                return ""
        elif name == "Locators":
            return _newest_locator(rows, guids, known)
        elif name == "ContentKeys":
            made = [row["Created"] for row in rows if row["AuthorizationPolicyId"]]
            if made and min(made) >= "0":
                return odata.sortable(max(made))
    except (KeyError, TypeError):
        pass  # each by itself
    return max((when(name, row, known) for row in rows), default="")


def _newest_locator(rows: Sequence[JSON], guids: Sequence[str], known: Known) -> str:
    """Raises KeyError and TypeError for rows that are not as they should be."""
    made: list[str] = []
    if known.v3_created:
        made += map(known.v3_created.__getitem__, known.v3_created.keys() & guids)
    for member in ("AssetId", "AccessPolicyId") if known.recent else ():
        ids = map(str.lower, set(map(itemgetter(member), rows)))
        made += map(known.recent.__getitem__, known.recent.keys() & ids)
    return max(made, default="")


def _note_recent(name: str, row: JSON, known: Known) -> None:
    created = odata.sortable(row.get("Created"))
    if created >= known.since and len(known.recent) < _room(name, row, known):
        known.recent[str(row["Id"]).lower()] = created


def _room(name: str, row: JSON, known: Known) -> int:
    """What comes first leaves room for what says more: version 3 goes on making assets, which matter only where version
    2 publishes them. Without its list they are those without a name. What found no room is `publishing`'s to tell."""
    if name == "AccessPolicies":
        return 3 * MOST_RECENT
    theirs = odata.guid(row["Id"]) in known.new_assets if known.v3_assets is not None else not row.get("Name")
    return MOST_RECENT if theirs else 2 * MOST_RECENT


def label(name: str, row: JSON) -> str:
    """How a row is named to people: its name, or the end of its id."""
    if found := odata.text(row.get("Name")):
        return found[:120]
    key = row.get("Id") or row.get("AccountId") or name
    return odata.guid(key) or str(key)[:120]


def learn(name: str, parent: str, rows: list[JSON], known: Known) -> None:
    """Remember what is below a row, before that row itself is judged."""
    if name == "ContentKeyAuthorizationPolicyOptions" and (guid := odata.guid(parent)):
        known.options[guid] = rows


def missing(sets: Mapping[str, object]) -> set[str]:
    """Sets without a rule, and rules without a set: there are none."""
    return set(sets) ^ set(RULES)
