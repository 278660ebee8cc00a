"""Locators and access policies, streaming endpoints, filters, notifications."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from ams_operator.domain.model import JSON
from ams_operator.migration import odata
from ams_operator.migration.mapping.media import MADE_IN_V3, is_new
from ams_operator.migration.model import (
    MOST_RECENT,
    Judgement,
    Known,
    Verdict,
    gap,
    maps,
    not_needed,
    origin_unknown,
    origin_v3,
    visible,
)

VISIBLE: Final = Judgement(visible("it goes on working; version 3 shows it and can't change it"))
_UNLISTED: Final = Judgement(
    visible("it goes on working; version 3's list does not show it, its asset does", inferred=True)
)
UNPUBLISHED: Final = "its asset has no streaming locator in force"
_UNKNOWN: Final = Judgement(origin_unknown("its asset's origin is not known, and it names no access policy"))
_NEW: Final = Judgement(
    origin_unknown("it names no access policy; version 3 should show it, and did not yet: it may have just made it")
)
_UNCOMPARED: Final = Judgement(
    origin_unknown("it names no access policy, which version 2 needs for each; version 3's list was not given")
)
_SAS: Final = 1
STREAMING: Final = 2
_TABLE: Final = 2
_RANGE: Final = ("StartTimestamp", "EndTimestamp", "PresentationWindowDuration", "LiveBackoffDuration", "Timescale")
_OPERATIONS: Final = {"Equal": "Equal", "NotEqual": "NotEqual"}
_PROPERTIES: Final = frozenset({"Type", "Name", "Language", "FourCC", "Bitrate"})


def access_policy(_: JSON, __: Known) -> Judgement:
    return Judgement(not_needed("a locator of version 3 has its own beginning and end"))


def locator(row: JSON, known: Known) -> Judgement:
    """Expired ones don't count; streaming ones go on working, and version 3 knows them by the same GUID."""
    guid, kind = odata.guid(row["Id"]), odata.whole(row.get("Type"))
    end = odata.moment(row.get("ExpirationDateTime"))
    if guid is None or kind not in (_SAS, STREAMING):
        return Judgement(gap("undocumented", "a locator that is neither SAS nor streaming"))
    asset = odata.guid(row.get("AssetId")) or ""
    new = asset in known.new_assets or is_new(asset, known)
    if guid in known.managed or (new and not row.get("AccessPolicyId")):  # with one it is version 2's work
        return Judgement(origin_v3(MADE_IN_V3))
    if end is not None and end <= known.now:
        if kind == STREAMING and (known.republish or not known.same_account):
            known.by_locator[guid] = ""
        return Judgement(not_needed("it has expired"))
    if kind == STREAMING and asset in known.unknown_assets and not row.get("AccessPolicyId"):
        return _UNKNOWN
    if kind == _SAS:
        evidence = (("sas-locators", "SAS locator that has not expired"),)
        verdict = gap("sas-locators", "a SAS locator that has not expired", inferred=True)
        return Judgement(verdict, evidence, ("sas-locator",))
    listed = known.v3_locators.get(guid) if known.v3_locators is not None else None
    if not row.get("AccessPolicyId") and (found := _unnamed(known, guid, asset)):
        return found
    _in_force(known, guid, asset, listed or "")
    undated = ("undated",) if listed is None and _undated(row, asset, known) else ()  # else version 3 says when
    if not known.same_account:
        return Judgement(_published_anew(row, guid, "made in the other account with the same id"))
    if listed is not None:
        return VISIBLE
    if known.v3_lists_old:
        return Judgement(_published_anew(row, guid, "version 3 does not show it"), blockers=("not-visible", *undated))
    return replace(_UNLISTED, blockers=undated) if undated else _UNLISTED


def _unnamed(known: Known, guid: str, asset: str) -> Judgement | None:
    """Of one without an access policy: version 2 needs one for each, and version 3 knows none. Where its LIST, which is
    older, does not show it, a later one tells; as long as locators are kept it goes on, whoever made it. Without a LIST
    it proves nothing against version 2: how new its asset is may be version 3's doing as well. Another target changes
    nothing of that: what version 3 made at the source is not version 2's to move."""
    if known.v3_locators is None:
        return _UNCOMPARED
    if guid in known.v3_locators:
        return Judgement(origin_v3(MADE_IN_V3))
    if known.republish:
        known.unlisted[guid] = asset
    return _NEW if known.republish or known.v3_lists_old or not known.same_account else None


def _undated(row: JSON, asset: str, known: Known) -> bool:
    """Whether it may be new, and nobody can tell: what it is made of is none of what there was room for. Without a list
    nobody asks (`older`), nor where it is published anew."""
    full = MOST_RECENT if asset in known.new_assets else 2 * MOST_RECENT
    if len(known.recent) < full or known.v3_locators is None or known.republish or not known.same_account:
        return False
    return all(str(row.get(one)).lower() not in known.recent for one in ("AssetId", "AccessPolicyId"))


def _in_force(known: Known, guid: str, asset: str, policy: str) -> None:
    if asset:
        known.published.setdefault(policy, bytearray()).extend(bytes.fromhex(asset.replace("-", "")))
    if known.republish or not known.same_account:
        known.by_locator[guid] = asset


def _published_anew(row: JSON, guid: str, why: str) -> Verdict:
    asset = odata.guid(row.get("AssetId"))
    times = {"startTime": odata.moment(row.get("StartTime")), "endTime": odata.moment(row.get("ExpirationDateTime"))}
    fields = {
        "assetName": asset,
        "streamingLocatorId": guid,
        **{key: f"{at:%FT%TZ}" for key, at in times.items() if at},
    }
    return maps("StreamingLocator", f"locator-{guid}", why, fields)


def streaming_endpoint(row: JSON, _: Known) -> Judgement:
    """One object in both versions. The classic type is version 1.0 without units."""
    if str(row.get("StreamingEndpointVersion")) == "1.0" and not odata.whole(row.get("ScaleUnits")):
        evidence = (("classic-endpoint", f"endpoint {odata.text(row.get('Name'))[:60]}"),)
        return Judgement(gap("classic-endpoint", "an endpoint of the classic type"), evidence, ("classic-endpoint",))
    return Judgement(visible("the same object in both versions"))


def account_filter(row: JSON, _: Known) -> Judgement:
    return _filter(row, "AccountFilter", odata.text(row.get("Name")))


def asset_filter(row: JSON, known: Known) -> Judgement:
    """Its id is the asset's and its name, `<asset>__###__<name>`; so is its name here, with a slash between. What
    version 2 publishes needs it in version 3, whoever made the asset: if version 3 made both, it is there."""
    asset = odata.guid(row.get("ParentAssetId")) or odata.guid(str(row["Id"]).partition("__###__")[0])
    if asset is None:
        return Judgement(gap("undocumented", "a filter of no asset"))
    if asset in known.new_assets and not known.is_published(asset):
        return Judgement(origin_v3(MADE_IN_V3))
    found = _filter(row, "AssetFilter", f"{asset}/{odata.text(row.get('Name'))}")
    if found.verdict.kind and not known.is_published(asset):
        return replace(found, verdict=replace(found.verdict, note=UNPUBLISHED))
    return found


def _filter(row: JSON, kind: str, name: str) -> Judgement:
    fields: JSON = {}
    given = row.get("PresentationTimeRange")
    if isinstance(given, dict):
        span: dict[str, Any] = {
            name[0].lower() + name[1:]: value for name in _RANGE if (value := odata.whole(given.get(name))) is not None
        }
        if isinstance(given.get("ForceEndTimestamp"), bool):
            span["forceEndTimestamp"] = given["ForceEndTimestamp"]
        fields["presentationTimeRange"] = span
    quality = row.get("FirstQuality")
    bitrate = odata.whole(quality.get("Bitrate")) if isinstance(quality, dict) else None
    if bitrate is not None:
        fields["firstQuality"] = {"bitrate": bitrate}
    given = row.get("Tracks")
    tracks = [_track(one) for one in given] if isinstance(given, list) else []
    if any(track is None for track in tracks):
        return Judgement(gap("undocumented", "a filter with a condition that nobody documented"))
    if tracks:
        fields["tracks"] = tracks
    return Judgement(maps(kind, name, "the same filter in version 3", fields))


def _track(given: Any) -> JSON | None:
    conditions = given.get("PropertyConditions") if isinstance(given, dict) else None
    selections = []
    for one in conditions if isinstance(conditions, list) else [None]:
        if not isinstance(one, dict):
            return None
        operation, name = _OPERATIONS.get(str(one.get("Operator"))), one.get("Property")
        if operation is None or name not in _PROPERTIES:
            return None
        selections.append({"property": name, "operation": operation, "value": one.get("Value")})
    return {"trackSelections": selections}


def notification(row: JSON, _: Known) -> Judgement:
    kind = "telemetry" if odata.whole(row.get("EndPointType")) == _TABLE else "notifications"
    return Judgement(gap(kind, "version 3 tells by Event Grid"), ((kind, "notification endpoint"),))


def monitoring(_: JSON, __: Known) -> Judgement:
    return Judgement(gap("telemetry", "version 3 tells by Azure Monitor"), (("telemetry", "monitoring configuration"),))
