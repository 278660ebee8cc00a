"""DeliveryMigrated: what version 2 publishes goes on in version 3, or is published anew."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from ams_operator.domain.model import JSON
from ams_operator.migration.conditions.access import short_text
from ams_operator.migration.conditions.finding import FALSE, TRUE, UNKNOWN, Finding, Score, Stop, Type, judged, unknown
from ams_operator.migration.conditions.known import (
    accepted,
    answering,
    day,
    doubts,
    has,
    lists_missing,
    readable,
    retired,
    sets_missing,
    uncompared,
    unread,
)
from ams_operator.migration.conditions.reasons import Why
from ams_operator.migration.gaps import UNREAD_ASSETS
from ams_operator.migration.inputs import Inputs
from ams_operator.migration.model import Fate
from ams_operator.migration.reduce import spoken_in
from ams_operator.migration.tally import Group, made

UNLISTED: Final = "unlisted-locators"
"""the declaration that locators go on although version 3's LIST does not show them"""
UNCOMPARED: Final = "uncompared-filters"
"""the declaration that somebody looked after the filters that are too many to be kept and compared"""
_FILTERS: Final = (("Filters", "AccountFilter"), ("AssetFilters", "AssetFilter"))
_KEPT_SETS: Final = ("Assets", "Locators", "AssetDeliveryPolicies", "StreamingEndpoints", "Filters", "AssetFilters")


def delivery(inputs: Inputs) -> Finding:
    """Either way only streaming locators of version 2 that are in force count."""
    published = in_force(inputs)
    found = _anew(inputs, published) if inputs.config.republish else _kept(inputs, published)
    if found.status == TRUE and (missing := doubts(inputs, UNREAD_ASSETS)):
        return unknown(Type.DELIVERY, missing)
    if found.status != TRUE or not (count := unread(inputs, UNREAD_ASSETS)):
        return found
    following = f"look at some of them, then acknowledge the gap {UNREAD_ASSETS}"
    score = Score(found.done, found.all, "locators go on, or are replaced")
    return unknown(Type.DELIVERY, [f"which version made {count} nameless assets"], Why.NOT_LOOKED_AT, following, score)


def in_force(inputs: Inputs) -> int:
    """Streaming locators that version 2 made and that have not expired."""
    fates = inputs.inventory.tally("Locators").by_fate()
    return fates.get(Fate.VISIBLE, 0) + fates.get(Fate.MAPS, 0)


def _kept(inputs: Inputs, published: int) -> Finding:
    invisible = _blocker(inputs, "Locators", "not-visible")
    stops = [*_unused(inputs, published), *_unseen(inputs, published, invisible), *_publishing(inputs)]
    lacking = sorted(_filters_missing(inputs)) if published else []
    if lacking:
        following = f"make the same filter in the target account: {lacking[0]}"
        stops.append(Stop(Why.FILTERS_MISSING, tuple(lacking), following))
    if (sas := _blocker(inputs, "Locators", "sas-locator")).count and not accepted(inputs, "sas-locators"):
        following = "let them expire, or acknowledge the gap sas-locators"
        stops.append(Stop(Why.SAS_LOCATORS, tuple(sas.samples), following, sas.count))
    classic = _blocker(inputs, "StreamingEndpoints", "classic-endpoint")
    if classic.count and not accepted(inputs, "classic-endpoint"):
        following = "make it Standard or Premium (that can't be undone), or acknowledge the gap classic-endpoint"
        stops.append(Stop(Why.CLASSIC_ENDPOINT, tuple(classic.samples), following, classic.count))
    missing = [*sets_missing(inputs, *_KEPT_SETS), *doubts(inputs, "sas-locators", "classic-endpoint")]
    if not published:
        missing += _untold(inputs)
        told = "version 2 publishes nothing"
        return judged(Type.DELIVERY, Score(0, 0, "locators"), stops, missing, Why.NOT_USED, told)
    missing += [*_filter_lists(inputs), *_undated(inputs)]
    compared = _is_compared(inputs)
    missing += [] if compared else ["version 3's list of StreamingLocator"]
    score = Score(published - invisible.count if compared else 0, published, "streaming locators go on in version 3")
    found = _again(inputs, judged(Type.DELIVERY, score, stops, missing, Why.KEPT), missing)
    if found.status == FALSE or missing:
        return found
    if more := uncompared(inputs, UNCOMPARED, *(name for name, _ in _FILTERS)):
        return unknown(Type.DELIVERY, more, Why.NOT_LOOKED_AT, answering(UNCOMPARED), score)
    if not _unproved(inputs):
        return found
    following = (
        f"play one of version 2's URLs, then say so in spec.migration.declarations: "
        f"{{id: {UNLISTED}, answer: Confirmed, reason: ...}}"
    )
    missing = ["whether version 3 has locators that its list does not show"]
    return unknown(Type.DELIVERY, missing, following=following, score=score)


def _again(inputs: Inputs, found: Finding, missing: Sequence[str]) -> Finding:
    """The finding; where a comparison failed, with why, and what comes next."""
    notes = inputs.inventory.notes
    if found.status != UNKNOWN or not notes or _compared(inputs) in ("Listed", "Unlisted"):
        return found
    usable = not inputs.target.account.reason
    following = "wait, it is made again by itself" if usable else "see V3AccessReady; it is made again by itself then"
    return unknown(Type.DELIVERY, missing, following=f"{following} ({short_text(notes[-1])})")


def _compared(inputs: Inputs) -> str:
    return inputs.inventory.compared.get("Locators", "")


def _is_compared(inputs: Inputs) -> bool:
    return _compared(inputs) in ("Listed", "Unlisted")


def _untold(inputs: Inputs) -> list[str]:
    """What would tell which version made locators of which nobody knows: where there are no others, and version 3's
    list was not given, nobody knows either that version 2 publishes nothing."""
    unknown_ones = inputs.inventory.tally("Locators").by_fate().get(Fate.UNKNOWN, 0)
    return ["version 3's list of StreamingLocator"] if unknown_ones and not _is_compared(inputs) else []


def _unproved(inputs: Inputs) -> bool:
    """Absence from a LIST that shows none of version 2's proves nothing, and nobody asked or said otherwise."""
    return _compared(inputs) == "Unlisted" and inputs.inventory.asked is None and UNLISTED not in inputs.config.declared


def _unseen(inputs: Inputs, published: int, invisible: Group) -> list[Stop]:
    following = "publish them anew, or find out why version 3 does not show them"
    if invisible.count:
        return [Stop(Why.NOT_VISIBLE_IN_V3, tuple(invisible.samples), following, invisible.count)]
    if (
        published
        and readable(inputs, "Locators")
        and _compared(inputs) == "Unlisted"
        and inputs.inventory.asked is False
    ):
        return [Stop(Why.NOT_VISIBLE_IN_V3, ("an asset that was asked for its locators",), following, published)]
    return []


def _publishing(inputs: Inputs) -> list[Stop]:
    """Locators and delivery policies that version 2 was given lately."""
    since = day(inputs.now - inputs.config.quiet)
    sets = [name for name in ("Locators", "AssetDeliveryPolicies") if readable(inputs, name)]
    newest = max((made(name, inputs.inventory.tally(name)) for name in sets), default="")
    if newest < since:
        return []
    following = "find who still publishes with version 2, then wait for spec.migration.quietPeriod"
    return [Stop(Why.V2_STILL_PUBLISHING, (f"what was made at {newest}Z",), following)]


def _undated(inputs: Inputs) -> list[str]:
    """Too much is new for knowing what each locator is made of; with a shorter `spec.migration.quietPeriod` less is."""
    count = _blocker(inputs, "Locators", "undated").count
    return [f"whether {count} locators are older than spec.migration.quietPeriod"] if count else []


def _filters(inputs: Inputs, name: str) -> list[JSON]:
    """The targets of a set of filters that matter: those of what is published, and not retired."""
    if not readable(inputs, name):
        return []
    targets = inputs.inventory.tally(name).targets.values()
    return [one for one in targets if not one["note"] and not retired(inputs, one["name"], *one["ids"])]


def _filters_missing(inputs: Inputs) -> Iterable[str]:
    for name, kind in _FILTERS:
        if not inputs.target.fresh(kind, inputs.now):
            continue
        there = {one.lower(): spoken_in(found) for one, found in inputs.target.items(kind).items()}
        for one in _filters(inputs, name):
            found = there.get(one["name"].lower())
            if found is None or not has({}, one["fields"], found):
                yield one["name"]


def _filter_lists(inputs: Inputs) -> list[str]:
    return [missing for name, kind in _FILTERS if _filters(inputs, name) for missing in lists_missing(inputs, kind)]


def _anew(inputs: Inputs, published: int) -> Finding:
    missing_there = _blocker(inputs, "Locators", "asset-missing")
    lacking = _blocker(inputs, "Locators", "not-republished")
    left = _blocker(inputs, "Locators", "v2-locator-left")
    stops = _unused(inputs, published)
    if missing_there.count:
        following = "copy their containers to the other account, and make an asset of the same name for each"
        stops.append(Stop(Why.ASSET_MISSING_IN_TARGET, tuple(missing_there.samples), following, missing_there.count))
    if lacking.count:
        with_id = "" if inputs.target.same else ", with the same streamingLocatorId"
        following = f"make a streaming locator for each in the target account{with_id}"
        stops.append(Stop(Why.NOT_REPUBLISHED, tuple(lacking.samples), following, lacking.count))
    if left.count and inputs.target.same:
        following = "delete them in version 2 once nobody uses their URLs"
        stops.append(Stop(Why.V2_LOCATOR_LEFT, tuple(left.samples), following, left.count))
    missing = sets_missing(inputs, "Assets", "Locators")
    if published and not inputs.target.same:
        missing += lists_missing(inputs, "StreamingEndpoint")
        if not missing and not _streams(inputs):
            names = tuple(inputs.target.items("StreamingEndpoint")) or ("default",)
            following = f"start one of them: runState: Running in a StreamingEndpoint object with azureName: {names[0]}"
            stops.append(Stop(Why.ENDPOINT_STOPPED, names, following))
    if not published:
        missing += _untold(inputs)
        told = "version 2 publishes nothing"
        return judged(Type.DELIVERY, Score(0, 0, "locators"), stops, missing, Why.NOT_USED, told)
    compared = _compared(inputs) == "Listed"
    missing += [] if compared else ["the comparison with version 3's streaming locators"]
    done = max(0, published - lacking.count) if compared else 0
    score = Score(done, published, "locators are replaced")
    return _again(inputs, judged(Type.DELIVERY, score, stops, missing, Why.REPUBLISHED), missing)


def _streams(inputs: Inputs) -> bool:
    endpoints = inputs.target.items("StreamingEndpoint").values()
    return any(one.get("resourceState") == "Running" for one in endpoints)


def _blocker(inputs: Inputs, name: str, identifier: str) -> Group:
    """Who blocks in a set, as far as it may be judged by."""
    return inputs.inventory.tally(name).blockers.get(identifier, Group()) if readable(inputs, name) else Group()


def _unused(inputs: Inputs, published: int) -> list[Stop]:
    if "delivery" not in inputs.config.not_used or not published or not readable(inputs, "Locators"):
        return []
    following = "take delivery out of spec.migration.scenarios"
    return [Stop(Why.DECLARED_UNUSED_BUT_SEEN, ("streaming locators in force",), following, published)]
