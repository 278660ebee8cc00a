"""Every reason of every condition: reached from an account whose migration is done, by one change that undoes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from unittest.mock import Mock

import pytest
from tests.migration import accounts
from tests.migration.accounts import (
    CHANNEL,
    FILM,
    LOCATOR,
    LONG_AGO,
    MES,
    NOW,
    ROWS,
    SERIES,
    TODAY,
    YESTERDAY,
    channel,
    config,
    done,
    event,
    inventory,
    listed,
    rows,
    said,
    target,
)

from ams_operator.domain import compare
from ams_operator.domain.model import JSON
from ams_operator.migration import joins
from ams_operator.migration.conditions import Finding, Type, steps
from ams_operator.migration.conditions.key_policies import KEYS
from ams_operator.migration.conditions.protection import UNCOMPARED
from ams_operator.migration.conditions.reasons import Why
from ams_operator.migration.digests import Compared
from ams_operator.migration.gaps import UNREAD, UNREAD_ASSETS
from ams_operator.migration.inputs import (
    DAY,
    AccessRead,
    AccountSeen,
    Acknowledgement,
    ChannelsRead,
    Config,
    Inputs,
    JobPoll,
    JobSeen,
    JobsRead,
    Listing,
    ObjectsRead,
    ProgramSeen,
    Remembered,
    SetRead,
    TargetRead,
    Units,
)
from ams_operator.migration.model import Known
from ams_operator.migration.tally import UNDATED, Group
from ams_operator.migration.trouble import Access

Change = Callable[[], Inputs]
SAS = {
    "Id": f"nb:lid:UUID:{SERIES}",
    "Name": "upload",
    "AssetId": f"nb:cid:UUID:{FILM}",
    "AccessPolicyId": "x",
    "Type": 1,
}
RECIPE = """{"Version": 1.0, "Codecs": [{"Type": "AACAudio", "Profile": "AACLC", "Channels": 2, "SamplingRate": 48000,
"Bitrate": 128}], "Outputs": [{"FileName": "{Basename}.mp4", "Format": {"Type": "MP4Format"}}]}"""
OCR = "nb:mpid:UUID:99999999-d419-42f0-bc17-a481b1331e56"
INDEXER = "nb:mpid:UUID:88888888-d419-42f0-bc17-a481b1331e56"
PROCESSORS = (
    *ROWS["MediaProcessors"],
    {"Id": OCR, "Name": "Azure Media OCR"},
    {"Id": INDEXER, "Name": "Azure Media Indexer"},
)
BEFORE = 1_600_000_000.0  # September 2020


def task(processor: str = MES, configuration: str = accounts.PRESET, ended: str = LONG_AGO, number: int = 7) -> JSON:
    identifier = f"nb:tid:UUID:{number:08}-122c-496e-9ac5-7f9e2c2547b8"
    return {
        "Id": identifier,
        "Configuration": configuration,
        "MediaProcessorId": processor,
        "State": 3,
        "EndTime": ended,
    }


def access(reason: Access) -> Change:
    return lambda: done(access=AccessRead(NOW, 60.0, reason, "it says so"))


def account(**changes: Any) -> Change:
    before = target(inventory())
    return lambda: done(target=replace(before, account=AccountSeen(NOW, 60.0, **changes)))


def seen(instead: Mapping[str, tuple[JSON, ...]], known: Known | None = None, **changes: Any) -> Change:
    return lambda: done(inventory=inventory(instead, known), **changes)


def unread(config: Config | None = None, **members: Any) -> Change:
    """Another published asset, which nobody asked; `kinds` as in those that were asked, if these are alike."""
    instead = rows("Combinations", *ROWS["Combinations"], {"Id": f"nb:cid:UUID:{SERIES}", "how": "unread", **members})
    return seen(instead, config=config or accounts.config())


def more_targets(name: str, *declared: str, newest: str = "") -> Change:
    """More different policies, filters or recipes than are kept."""
    found, given = inventory(), {one: Acknowledgement(one, "looked", "Confirmed") for one in declared}
    found.tally(name).more_targets, found.tally(name).more_last = 500, newest
    answers = accounts.config(declared={**accounts.config().declared, **given})
    return lambda: done(inventory=found, target=target(found), config=answers)


def nameless(config: Config | None = None) -> Change:
    """Another asset, without a name, which nobody asked for its files."""
    found = replace(listed(), v3_assets={FILM: LONG_AGO, SERIES: LONG_AGO}, unasked=frozenset({SERIES}))
    instead = rows("Assets", *ROWS["Assets"], {"Id": f"nb:cid:UUID:{SERIES}", "Name": "", "State": 0, "Options": 0})
    return seen(instead, found, config=config or accounts.config())


def polled(*polls: JobPoll, **changes: Any) -> Change:
    return lambda: done(jobs=JobsRead(polls), **changes)


def job(state: int, age: float = 60.0) -> JobSeen:
    return JobSeen("nb:jid:UUID:x", "nightly", state, NOW - age, NOW - age)


def on_air(state: str = "Running", **changes: Any) -> Change:
    return lambda: done(channels=ChannelsRead(NOW, 60.0, (channel(state),)), **changes)


def lists(**instead: Listing) -> Change:
    before = target(inventory())
    return lambda: done(target=replace(before, lists={**before.lists, **instead}))


def empty() -> Listing:
    return Listing(NOW, 60.0, {})


def tasks(*instead: JSON, **changes: Any) -> Change:
    return seen({**rows("Tasks", *instead), "MediaProcessors": PROCESSORS}, **changes)


def acknowledged(gap: str, hash_: str = "") -> dict[str, Any]:
    return {"config": config(acknowledged={gap: Acknowledgement(gap, "fine", hash_)})}


def elsewhere(
    there: dict[str, str], names: set[str], running: bool = True, given: Mapping[str, tuple[JSON, ...]] = ROWS
) -> Change:
    """Another account: version 2's locators against what is published there."""
    known = Known(TODAY, same_account=False, republish=True)
    found = inventory(given, known)
    joins.republished(
        known, {guid: (name, "") for guid, name in there.items()}, names, found.tally("Locators").blockers
    )
    state = "Running" if running else "Stopped"
    goal = target(inventory())
    endpoints = Listing(NOW, 60.0, {"default": {"resourceState": state}})
    goal = replace(goal, same=False, lists={**goal.lists, "StreamingEndpoint": endpoints})
    return lambda: done(inventory=found, target=goal, config=config(republish=True))


def anew(*there: tuple[str, str]) -> Change:
    """The same account, published anew."""
    known = listed(republish=True)
    found = inventory(ROWS, known)
    found_there = {LOCATOR: (FILM, ""), **{guid: (name, "") for guid, name in there}}
    joins.republished(known, found_there, set(), found.tally("Locators").blockers)
    return lambda: done(inventory=found, config=config(republish=True))


def secret_policies(**changes: Any) -> Change:
    """A policy whose token key is secret."""
    found = inventory()
    one = next(iter(found.tally("ContentKeyAuthorizationPolicies").targets.values()))
    one["give"] = ["/options/0/restriction/primaryVerificationKey/keyValue"]
    goal = replace(target(found), **changes)
    return lambda: done(inventory=found, target=goal, config=config(verified_by=""))


def compared(equal: bool) -> Compared:
    name = accounts.policy_name(inventory())
    return Compared({(name, name): equal})


def with_moving_set() -> Inputs:
    found = inventory()
    moved = replace(found.sets["Locators"], tally=replace(found.tally("Locators"), settled=False))
    return done(inventory=replace(found, sets={**found.sets, "Locators": moved}))


def with_failed_set() -> Inputs:
    found = inventory()
    return done(inventory=replace(found, sets={**found.sets, "Tasks": SetRead(None, 3600.0, None, "it says 500")}))


def without(name: str) -> Change:
    found = inventory()
    return lambda: done(inventory=replace(found, sets={one: read for one, read in found.sets.items() if one != name}))


def units(count: int, kind: int = 2, **changes: Any) -> Change:
    row = {"AccountId": FILM, "ReservedUnitType": kind, "CurrentReservedUnits": count}
    return seen(rows("EncodingReservedUnitTypes", row), **changes)


def in_2020(**changes: Any) -> Inputs:
    """The same account before reserved units were ignored; only what they need is fresh."""
    found = inventory()
    sets = {name: replace(one, at=BEFORE) for name, one in found.sets.items()}
    access, transforms = AccessRead(BEFORE, 60.0, Access.REACHABLE), {"Transform": Listing(BEFORE, 60.0)}
    there = replace(target(found), lists=transforms)
    whole = done(now=BEFORE, access=access, inventory=replace(found, sets=sets), target=there)
    return replace(whole, **changes)


def units_in_2020(text: str, **changes: Any) -> Change:
    whole = in_2020(**changes)
    return lambda: replace(whole, inventory=replace(whole.inventory, units=text))


SOON = JobPoll(NOW - 59, (), 1.0)
PROGRAM = ProgramSeen("nb:pgid:UUID:x", "late", CHANNEL.upper(), "Running")
ANALYSIS = {"video": {"outputs": [{"preset": {"@odata.type": "#Microsoft.Media.VideoAnalyzerPreset"}}]}}
ANALYSING = replace(target(inventory()), lists={"Transform": Listing(BEFORE, 60.0, ANALYSIS)})
GONE = Remembered(switched=frozenset({CHANNEL.lower()}))
COMPLETE = Remembered(complete=True, completed=True)

CASES: dict[str, tuple[Change, Type, str, str]] = {
    "no version 2": (access(Access.NO_V2_ENDPOINT), Type.ACCESS, "False", "NoV2Endpoint"),
    "token refused": (access(Access.SIGN_IN_REJECTED), Type.ACCESS, "False", "SignInRejected"),
    "role missing": (access(Access.NOT_AUTHORIZED), Type.ACCESS, "False", "NotAuthorized"),
    "a typo": (access(Access.ANNOTATION_UNREADABLE), Type.ACCESS, "False", "AnnotationUnreadable"),
    "a typo in the spec": (access(Access.SPEC_UNREADABLE), Type.ACCESS, "False", "SpecUnreadable"),
    "disabled": (access(Access.ACCOUNT_DISABLED), Type.ACCESS, "False", "AccountDisabled"),
    "managed by another object": (access(Access.CLAIMED), Type.ACCESS, "False", "Claimed"),
    "throttled": (access(Access.THROTTLED), Type.ACCESS, "Unknown", "Throttled"),
    "no answer": (access(Access.UNREACHABLE), Type.ACCESS, "Unknown", "Unreachable"),
    "never asked": (lambda: done(access=AccessRead()), Type.ACCESS, "Unknown", "InputsMissing"),
    "set failed": (with_failed_set, Type.INVENTORY, "False", "SetFailed"),
    "not read": (access(Access.NO_V2_ENDPOINT), Type.INVENTORY, "Unknown", "InputsMissing"),
    "rows that moved": (with_moving_set, Type.INVENTORY, "Unknown", "Unsettled"),
    "first pass": (without("Tasks"), Type.INVENTORY, "Unknown", "InProgress"),
    "target never looked at": (lambda: done(target=TargetRead()), Type.TARGET, "Unknown", "InputsMissing"),
    "target not found": (account(reason="NotFound"), Type.TARGET, "False", "NotFound"),
    "target forbidden": (account(reason="Forbidden"), Type.TARGET, "False", "Forbidden"),
    "target lacks rights": (account(provisioning="Succeeded", missing=("x/write",)), Type.TARGET, "False", "Forbidden"),
    "target sign-in": (account(reason="SignInRejected"), Type.TARGET, "False", "SignInRejected"),
    "provider": (account(reason="ProviderNotRegistered"), Type.TARGET, "False", "ProviderNotRegistered"),
    "target claimed": (account(reason="Claimed"), Type.TARGET, "False", "Claimed"),
    "target failed": (account(provisioning="Failed"), Type.TARGET, "False", "AccountFailed"),
    "target silent": (account(reason="EndpointUnreachable"), Type.TARGET, "Unknown", "Unreachable"),
    "target at work": (account(provisioning="InProgress"), Type.TARGET, "Unknown", "InProgress"),
    "target's rights": (account(provisioning="Succeeded", unsure=True), Type.TARGET, "Unknown", "PermissionsUnknown"),
    "a gap": (seen(rows("Locators", *ROWS["Locators"], SAS)), Type.GAPS, "False", "Unacknowledged"),
    "a gap with more": (
        seen(rows("Locators", *ROWS["Locators"], SAS), **acknowledged("sas-locators", "1-0123456789abcdef")),
        Type.GAPS, "False", "NewEvidence",
    ),
    "a lie": (
        seen(rows("Channels", {**ROWS["Channels"][0], "Slate": {"InsertSlateOnAdMarker": True}})),
        Type.GAPS, "False", "DeclaredUnusedButSeen",
    ),
    "a question": (lambda: done(config=config(declared={})), Type.GAPS, "Unknown", "NeedsDeclaration"),
    "gaps unread": (without("Files"), Type.GAPS, "Unknown", "InputsMissing"),
    "job in flight": (polled(JobPoll(NOW, (job(2),))), Type.JOBS, "False", "InFlight"),
    "job stuck": (polled(JobPoll(NOW, (job(0, DAY + 1),))), Type.JOBS, "False", "Stuck"),
    "job after freeze": (
        polled(JobPoll(NOW, (), NOW - 5, 1), config=config(freeze=NOW - 60)), Type.JOBS, "False", "NewJobsAfterFreeze",
    ),
    "frozen": (
        polled(JobPoll(NOW - 60, (), 1.0), JobPoll(NOW, (), 1.0), config=config(freeze=NOW - 60)),
        Type.JOBS, "True", "DrainedAndFrozen",
    ),
    "one look": (polled(JobPoll(NOW, (), 1.0)), Type.JOBS, "Unknown", "InputsMissing"),
    "two looks at once": (polled(SOON, JobPoll(NOW, (), 1.0)), Type.JOBS, "Unknown", "InputsMissing"),
    "no job ever": (polled(JobPoll(NOW - 60), JobPoll(NOW)), Type.JOBS, "True", "NotUsed"),
    "jobs stale": (polled(JobPoll(NOW - 300), JobPoll(NOW - 181)), Type.JOBS, "Unknown", "InputsMissing"),
    "no transform": (lists(Transform=empty()), Type.ENCODING, "False", "TransformMissing"),
    "transforms unread": (lists(Transform=Listing()), Type.ENCODING, "Unknown", "InputsMissing"),
    "a recipe nobody reads": (tasks(task(configuration="<x")), Type.ENCODING, "False", "PresetUnmapped"),
    "101 recipes": (
        tasks(*(task(configuration=RECIPE.replace("128", str(number)), number=number) for number in range(101, 202))),
        Type.ENCODING, "False", "TransformLimit",
    ),
    "new job": (
        polled(JobPoll(NOW - 60, (), NOW - DAY), JobPoll(NOW, (), NOW - DAY)),
        Type.ENCODING, "False", "V2JobsStillCreated",
    ),
    "encoding in flight": (polled(JobPoll(NOW, (job(2),), 1.0)), Type.ENCODING, "False", "JobsInFlight"),
    "nothing encoded": (tasks(), Type.ENCODING, "True", "NotUsed"),
    "old tasks": (
        tasks(task(configuration="AAC Audio", ended="2023-01-01T00:00:00")), Type.ENCODING, "True", "NotUsed",
    ),
    "encoding declared unused": (
        lambda: done(config=config(not_used=frozenset({"encoding"}))), Type.ENCODING, "False", "DeclaredUnusedButSeen",
    ),
    "no live event": (lambda: done(objects=ObjectsRead(NOW, 60.0)), Type.LIVE, "False", "NotPrepared"),
    "channel runs": (on_air(), Type.LIVE, "False", "ChannelRunning"),
    "channel in a new state": (on_air("Scaling"), Type.LIVE, "False", "ChannelRunning"),
    "program runs": (
        lambda: done(channels=ChannelsRead(NOW, 60.0, (channel(),), (PROGRAM,))), Type.LIVE, "False", "ChannelRunning",
    ),
    "event never ran": (
        lambda: done(objects=ObjectsRead(NOW, 60.0, (event(first_running_at=""),))),
        Type.LIVE, "False", "SwitchPending",
    ),
    "channel restarted": (on_air(remembered=GONE), Type.LIVE, "False", "ChannelRestarted"),
    "channels unread": (lambda: done(channels=ChannelsRead()), Type.LIVE, "Unknown", "InputsMissing"),
    "no channel": (lambda: done(channels=ChannelsRead(NOW, 60.0)), Type.LIVE, "True", "NotUsed"),
    "channel gone after its switch": (
        lambda: done(channels=ChannelsRead(NOW, 60.0), remembered=GONE), Type.LIVE, "True", "Switched",
    ),
    "live declared unused": (
        lambda: done(config=config(not_used=frozenset({"live_streaming"}))),
        Type.LIVE, "False", "DeclaredUnusedButSeen",
    ),
    "not in version 3": (
        seen(ROWS, Known(TODAY, v3_locators={}, v3_lists_old=True)), Type.DELIVERY, "False", "NotVisibleInV3",
    ),
    "an asset does not show it": (
        lambda: done(inventory=inventory(compared={"Locators": "Unlisted"}, asked=False)),
        Type.DELIVERY, "False", "NotVisibleInV3",
    ),
    "nothing shows it": (
        lambda: done(inventory=inventory(compared={"Locators": "Unlisted"})), Type.DELIVERY, "Unknown", "InputsMissing",
    ),
    "an asset shows it": (
        lambda: done(inventory=inventory(compared={"Locators": "Unlisted"}, asked=True)), Type.DELIVERY, "True", "Kept",
    ),
    "no comparison": (lambda: done(inventory=inventory(compared={})), Type.DELIVERY, "Unknown", "InputsMissing"),
    "new locator": (
        seen(ROWS, listed(YESTERDAY)),
        Type.DELIVERY, "False", "V2StillPublishing",
    ),
    "new delivery policy": (
        seen(rows("AssetDeliveryPolicies", {**ROWS["AssetDeliveryPolicies"][0], "Created": YESTERDAY})),
        Type.DELIVERY, "False", "V2StillPublishing",
    ),
    "filter missing": (lists(AccountFilter=empty()), Type.DELIVERY, "False", "FiltersMissing"),
    "sas": (seen(rows("Locators", *ROWS["Locators"], SAS)), Type.DELIVERY, "False", "SasLocators"),
    "classic": (
        seen(rows("StreamingEndpoints", {"Id": "x", "Name": "old", "StreamingEndpointVersion": "1.0"})),
        Type.DELIVERY, "False", "ClassicEndpoint",
    ),
    "nothing published": (seen(rows("Locators")), Type.DELIVERY, "True", "NotUsed"),
    "new policy that blocks": (
        seen(rows("AssetDeliveryPolicies", *ROWS["AssetDeliveryPolicies"],
                  {**ROWS["AssetDeliveryPolicies"][0], "AssetDeliveryPolicyType": 1, "Created": YESTERDAY})),
        Type.DELIVERY, "False", "V2StillPublishing",
    ),
    "delivery declared unused": (
        lambda: done(config=config(not_used=frozenset({"delivery"}))), Type.DELIVERY, "False", "DeclaredUnusedButSeen",
    ),
    "not published anew": (anew(), Type.DELIVERY, "False", "NotRepublished"),
    "published twice": (anew((SERIES, FILM)), Type.DELIVERY, "False", "V2LocatorLeft"),
    "asset not copied": (elsewhere({}, set()), Type.DELIVERY, "False", "AssetMissingInTarget"),
    "not published there": (elsewhere({}, {FILM}), Type.DELIVERY, "False", "NotRepublished"),
    "endpoint stopped there": (elsewhere({LOCATOR: FILM}, {FILM}, False), Type.DELIVERY, "False", "EndpointStopped"),
    "published there": (elsewhere({LOCATOR: FILM}, {FILM}), Type.DELIVERY, "True", "Republished"),
    "no key policy": (lists(ContentKeyPolicy=empty()), Type.PROTECTION, "False", "PolicyMissing"),
    "no streaming policy": (
        seen(rows("AssetDeliveryPolicies", {**ROWS["AssetDeliveryPolicies"][0], "AssetDeliveryProtocol": 1})),
        Type.PROTECTION, "False", "CombinationUnmapped",
    ),
    "new key": (
        seen(rows("ContentKeys", {**ROWS["ContentKeys"][0], "Created": YESTERDAY})),
        Type.PROTECTION, "False", "V2KeysStillCreated",
    ),
    "storage encryption": (
        seen(rows("Assets", {**ROWS["Assets"][0], "Options": 1})), Type.PROTECTION, "False", "StorageEncrypted",
    ),
    "other secrets": (
        secret_policies(secrets=compared(False)), Type.PROTECTION, "False", "SecretMismatch",
    ),
    "secrets unread": (secret_policies(), Type.PROTECTION, "Unknown", "SecretsNotVerified"),
    "secrets equal": (
        secret_policies(secrets=compared(True)), Type.PROTECTION, "True", "Protected",
    ),
    "keys unread": (without("ContentKeys"), Type.PROTECTION, "Unknown", "InputsMissing"),
    "too many nameless": (nameless(), Type.DELIVERY, "Unknown", "NotLookedAt"),
    "too many nameless, accepted": (
        nameless(config(acknowledged={UNREAD_ASSETS: Acknowledgement(UNREAD_ASSETS, "looked at some")})),
        Type.DELIVERY, "True", "Kept",
    ),
    "unread, alike": (unread(kinds=[0]), Type.PROTECTION, "Unknown", "NotLookedAt"),
    "unread, different": (unread(), Type.PROTECTION, "Unknown", "NotLookedAt"),
    "unread, in the clear": (
        seen({
            **ROWS, "ContentKeyAuthorizationPolicies": (),
            "Combinations": ({**ROWS["Combinations"][0], "kinds": [], "how": "unread"},),
        }),
        Type.PROTECTION, "Unknown", "NotLookedAt",
    ),
    "unread, somewhere a gap": (unread(), Type.GAPS, "False", "Unacknowledged"),
    "unread, acknowledged": (
        unread(config(acknowledged={UNREAD: Acknowledgement(UNREAD, "played some")})),
        Type.PROTECTION, "True", "Protected",
    ),
    "too many key policies": (more_targets(KEYS), Type.PROTECTION, "Unknown", "NotLookedAt"),
    "too many delivery policies": (more_targets("Combinations"), Type.PROTECTION, "Unknown", "NotLookedAt"),
    "too many, somebody looked": (
        more_targets("Combinations", UNCOMPARED), Type.PROTECTION, "True", "Protected",
    ),
    "too many filters": (more_targets("Filters"), Type.DELIVERY, "Unknown", "NotLookedAt"),
    "too many filters of assets": (more_targets("AssetFilters"), Type.DELIVERY, "Unknown", "NotLookedAt"),
    "too many filters, somebody looked": (
        more_targets("AssetFilters", "uncompared-filters"), Type.DELIVERY, "True", "Kept",
    ),
    "too many recipes": (more_targets("Tasks"), Type.ENCODING, "Unknown", "NotLookedAt"),
    "too many recipes of templates": (
        more_targets("TaskTemplates", newest="2023-01-01T00:00:00"), Type.ENCODING, "Unknown", "NotLookedAt",
    ),
    "too many recipes, undated": (more_targets("Tasks", newest=UNDATED), Type.ENCODING, "Unknown", "NotLookedAt"),
    "too many recipes, none of them used lately": (
        more_targets("Tasks", newest="2023-01-01T00:00:00"), Type.ENCODING, "True", "TransformsReady",
    ),
    "too many recipes, somebody looked": (
        more_targets("TaskTemplates", "uncompared-recipes"), Type.ENCODING, "True", "TransformsReady",
    ),
    "nothing protected": (
        seen({**ROWS, "ContentKeys": (), "ContentKeyAuthorizationPolicies": (), "Combinations": ()}),
        Type.PROTECTION, "True", "NotUsed",
    ),
    "protection declared unused": (
        lambda: done(config=config(not_used=frozenset({"content_protection"}))),
        Type.PROTECTION, "False", "DeclaredUnusedButSeen",
    ),
    "indexer in use": (tasks(task(INDEXER, "", YESTERDAY)), Type.UNITS, "False", "StillObeyed"),
    "indexer not used lately": (tasks(task(INDEXER, "")), Type.UNITS, "True", "NotNeeded"),
    "indexer with its units": (
        tasks(task(INDEXER, "", YESTERDAY), config=config(units=Units("S3", 2))), Type.UNITS, "True", "Provisioned",
    ),
    "no units": (units(0, config=config(units=Units("S1", 1))), Type.UNITS, "False", "NoUnits"),
    "too few units": (units(2, config=config(units=Units("S3", 3))), Type.UNITS, "False", "TooFew"),
    "wrong units": (units(20, 1, config=config(units=Units("S3", 3))), Type.UNITS, "False", "WrongType"),
    "units unread": (
        lambda: done(inventory=inventory(units=""), config=config(units=Units("S3", 3))),
        Type.UNITS, "Unknown", "InputsMissing",
    ),
    "2020, units": (units_in_2020("1 x S1"), Type.UNITS, "True", "Provisioned"),
    "2020, no units": (units_in_2020("0 x S1"), Type.UNITS, "False", "NoUnits"),
    "2020, analysis": (
        units_in_2020("10 x S2", target=ANALYSING),
        Type.UNITS, "False", "WrongType",
    ),
    "2020, transforms unread": (
        units_in_2020("1 x S1", target=replace(ANALYSING, lists={})), Type.UNITS, "Unknown", "InputsMissing",
    ),
    "2020, no units, transforms unread": (
        units_in_2020("0 x S1", target=replace(ANALYSING, lists={})), Type.UNITS, "False", "NoUnits",
    ),
    "2020, version 3 alone": (
        lambda: in_2020(access=AccessRead(BEFORE, 60.0, Access.NO_V2_ENDPOINT)), Type.UNITS, "True", "NotNeeded",
    ),
    "something is False": (on_air(), Type.COMPLETE, "False", "ConditionsFalse"),
    "something is Unknown": (without("Tasks"), Type.COMPLETE, "Unknown", "ConditionsUnknown"),
    "version 2 went": (
        lambda: done(access=AccessRead(NOW, 60.0, Access.ACCOUNT_DISABLED, ""), remembered=COMPLETE),
        Type.COMPLETE, "True", "CompletedEarlier",
    ),
    "a typo before anything was judged": (
        access(Access.ANNOTATION_UNREADABLE), Type.COMPLETE, "Unknown", "InputsMissing",
    ),
    "version 2 went too early": (access(Access.ACCOUNT_DISABLED), Type.COMPLETE, "False", "ConditionsFalse"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_reason(case: str) -> None:
    change, kind, status, reason = CASES[case]
    found = said(change())[kind]
    assert (found.status, found.reason) == (status, reason), found.message
    assert len(found.message) <= 1024
    complete = said(change())[Type.COMPLETE]
    if status != "True":
        assert complete.status != "True" or complete.reason == Why.COMPLETED_EARLIER


def test_who_is_told_to_start_an_endpoint_hears_of_no_object_that_may_not_exist() -> None:
    found = said(CASES["endpoint stopped there"][0]())[Type.DELIVERY]
    assert found.message.endswith("runState: Running in a StreamingEndpoint object with azureName: default")


def test_the_command_of_a_pending_switch_can_be_pasted() -> None:
    pending = event(first_running_at="", namespace="media")
    found = said(done(objects=ObjectsRead(NOW, 60.0, (pending,))))[Type.LIVE]
    assert found.message.endswith("next: ams-operator request start liveevent/news -n media")


@pytest.mark.parametrize("why", [Access.THROTTLED, Access.UNREACHABLE])
def test_what_was_complete_is_not_undone_by_a_moment_without_an_answer(why: Access) -> None:
    inputs = done(access=AccessRead(NOW, 60.0, why, "not now"), remembered=COMPLETE)
    found = said(inputs)[Type.COMPLETE]
    assert (found.status, found.reason) == ("True", Why.COMPLETED_EARLIER)
    assert "just now" in found.message
    assert "retired" not in found.message


@pytest.mark.parametrize("why", [Access.THROTTLED, Access.ACCOUNT_DISABLED])
def test_what_is_proved_undoes_it_whether_or_not_version_2_answers(why: Access) -> None:
    target = replace(done().target, account=replace(done().target.account, reason="Forbidden"))
    found = said(done(access=AccessRead(NOW, 60.0, why, ""), remembered=COMPLETE, target=target))[Type.COMPLETE]
    assert (found.status, found.reason) == ("False", Why.CONDITIONS_FALSE)


def test_trouble_undoes_nothing_and_what_is_proved_does() -> None:
    def stays(remembered: Remembered = COMPLETE, **changes: Any) -> bool:
        return said(done(remembered=remembered, **changes))[Type.COMPLETE].completed

    gone = AccessRead(NOW, 60.0, Access.NO_V2_ENDPOINT, "")
    away = replace(done().target, account=replace(done().target.account, reason="SignInRejected"), lists={})
    assert stays(Remembered()), "it is done now"
    assert stays(access=gone, target=away)
    assert stays(target=away)
    assert stays(Remembered(completed=True), target=away), "nobody knows the target just now"
    assert not stays(Remembered(), target=away)
    assert not stays(Remembered(), access=gone)
    assert not stays(target=away, channels=ChannelsRead(NOW, 60.0, (channel("Running"),)))
    assert not stays(target=away, inventory=without("Tasks")().inventory), "who knows what version 2 has by now"
    assert not stays(inventory=without("Tasks")().inventory)


def test_everything_is_done() -> None:
    found = said(done())
    assert {one.status for one in found.values()} == {"True"}
    assert list(found) == list(Type)
    assert found[Type.COMPLETE].reason == Why.COMPLETE
    assert [(step.name, step.done, step.all) for step in steps(found.values())] == [
        ("benefits", 2, 2), ("differences", 1, 1), ("setup", 1, 1), ("scenarios", 7, 7),
    ]  # fmt: skip
    assert {one for step in steps(found.values()) for one in step.conditions} == set(Type)


def test_every_reason_is_reached() -> None:
    reached = {reason for _, _, _, reason in CASES.values()} | {one.reason for one in said(done()).values()}
    assert {*Why, *Access} - reached == {Why.V2_RETIRED}  # see test_retired_freezes


def test_acknowledgements_cover_what_they_saw() -> None:
    more = rows("Locators", *ROWS["Locators"], SAS)
    evidence = accounts.merged(inventory(more), "evidence")["sas-locators"]
    covered = seen(more, **acknowledged("sas-locators", evidence.evidence))()
    assert said(covered)[Type.GAPS].status == "True"
    assert said(covered)[Type.DELIVERY].status == "True"
    another = {**SAS, "Id": f"nb:lid:UUID:{FILM}"}
    grown = seen(rows("Locators", *ROWS["Locators"], SAS, another), config=covered.config)()
    assert said(grown)[Type.GAPS].reason == Why.NEW_EVIDENCE
    assert said(grown)[Type.DELIVERY].reason == Why.SAS_LOCATORS
    assert said(replace(grown, inventory=inventory()))[Type.GAPS].status == "True"  # where none is left
    both = accounts.merged(inventory(rows("Locators", *ROWS["Locators"], SAS, another)), "evidence")["sas-locators"]
    for given in (both.evidence, "999999999-0000000000000000"):
        fewer = replace(covered, config=acknowledged("sas-locators", given)["config"])
        assert said(fewer)[Type.GAPS].reason == Why.NEW_EVIDENCE, "what is left may be something else"
        without = {name: one for name, one in fewer.inventory.sets.items() if name != "Jobs"}
        partly = replace(fewer, inventory=replace(fewer.inventory, sets=without))
        for kind in (Type.GAPS, Type.DELIVERY):
            assert said(partly)[kind].status == "Unknown", "what was not read yet may show the rest"
            assert "inventory of Jobs" in said(partly)[kind].message
        assert said(replace(partly, config=covered.config))[Type.DELIVERY].status == "True", "all of it is seen"
    partly = replace(grown, inventory=replace(grown.inventory, sets={"Locators": grown.inventory.sets["Locators"]}))
    assert said(partly)[Type.GAPS].reason == Why.NEW_EVIDENCE, "more will not become less"
    anything = replace(grown, config=acknowledged("sas-locators")["config"])
    assert said(anything)[Type.GAPS].status == "True"


def test_a_message_says_done_of_all_the_first_blockers_and_what_to_do() -> None:
    channels = tuple(
        replace(channel("Running"), id=f"{CHANNEL[:-1]}{number}", name=f"c{number}") for number in range(5)
    )
    found = said(done(channels=ChannelsRead(NOW, 60.0, channels)))[Type.LIVE]
    assert found.reason == Why.NOT_PREPARED
    assert found.message == (
        "0 of 5 channels are switched to a live event; blocking: c0, c1, c2 (+2); "
        f"next: apply a LiveEvent with the annotation ams-operator.dev/v2-id: {CHANNEL[:-1]}0"
    )
    assert (found.done, found.all) == (0, 5)


def test_hostile_names_don_t_break_messages() -> None:
    name = "\x1b[31m\n‮" + "x" * 5000
    found = said(done(channels=ChannelsRead(NOW, 60.0, (replace(channel("Running"), name=name),))))[Type.LIVE]
    assert len(found.message) < 1024
    assert found.message.isprintable()


def test_what_was_switched_is_remembered_and_a_restart_is_told() -> None:
    assert said(done())[Type.LIVE].switched == {CHANNEL.lower()}
    again = done(channels=ChannelsRead(NOW, 60.0, (channel("Running"),)), remembered=GONE)
    assert said(again)[Type.LIVE].reason == Why.CHANNEL_RESTARTED
    assert said(again)[Type.LIVE].switched == {CHANNEL.lower()}
    assert said(replace(again, channels=done().channels))[Type.LIVE].status == "True"


def test_retired_freezes() -> None:
    frozen = tuple({"type": one.type, "status": one.status, "reason": one.reason, "message": one.message}
                   for one in said(on_air()()).values())  # fmt: skip
    found = said(Inputs(NOW + 1e9, retired=True, remembered=Remembered(frozen=frozen)))
    assert {one.reason for one in found.values()} == {Why.V2_RETIRED}
    assert [(one["type"], one["status"]) for one in frozen] == [(one.type, one.status) for one in found.values()]
    assert {one.status for one in said(Inputs(NOW, retired=True)).values()} == {"Unknown"}


def test_when_version_2_goes_the_others_are_unknown() -> None:
    found = said(access(Access.ACCOUNT_DISABLED)())
    away = {kind: one.status for kind, one in found.items() if kind not in (Type.ACCESS, Type.COMPLETE)}
    assert away.pop(Type.TARGET) == "True"
    assert away.pop(Type.INVENTORY) == "Unknown"
    assert set(away.values()) == {"Unknown"}


def test_each_locator_of_an_asset_counts() -> None:
    (one,) = ROWS["Locators"]
    two = rows("Locators", one, {**one, "Id": f"nb:lid:UUID:{SERIES}"})
    none = said(elsewhere({}, {FILM}, given=two)())[Type.DELIVERY]
    assert none.message.startswith(f"0 of 2 locators are replaced; blocking: {FILM} (+1)")
    half = said(elsewhere({LOCATOR: FILM}, {FILM}, given=two)())[Type.DELIVERY]
    assert half.message.startswith(f"1 of 2 locators are replaced; blocking: {FILM};")


def test_retired_ids_are_left_out() -> None:
    channels = ChannelsRead(NOW, 60.0, (channel("Running"), replace(channel(), id=CHANNEL.replace("4444", "5555"))))
    whole = done(channels=channels, config=config(retired=frozenset({CHANNEL.lower()})))
    assert said(whole)[Type.LIVE].reason == Why.NOT_PREPARED
    assert said(whole)[Type.LIVE].all == 1
    name = next(iter(inventory().tally("Tasks").targets.values()))["name"]
    away = replace(lists(Transform=empty())(), config=config(retired=frozenset({name})))
    assert said(away)[Type.ENCODING].reason == Why.NOT_USED


def test_an_object_that_names_the_recipe_is_as_good_as_an_equal_transform() -> None:
    name = next(iter(inventory().tally("Tasks").targets.values()))["name"]
    one = event(kind="Transform", v2_id=name)
    whole = replace(lists(Transform=empty())(), objects=ObjectsRead(NOW, 60.0, (event(), one)))
    assert said(whole)[Type.ENCODING].status == "True"
    unready = replace(whole, objects=ObjectsRead(NOW, 60.0, (event(), replace(one, ready="Unknown"))))
    assert said(unready)[Type.ENCODING].reason == Why.TRANSFORM_MISSING


def test_evidence_of_one_thing_in_several_sets_is_one() -> None:
    group = Group()
    group.add("a", 1)
    group.add("b", 2)
    assert group.evidence == f"2-{3:016x}"


def test_what_was_complete_is_judged_again_while_version_2_can_be_read() -> None:
    assert said(on_air(remembered=COMPLETE)())[Type.COMPLETE].reason == Why.CONDITIONS_FALSE


def test_a_filter_of_the_same_name_that_says_something_else_is_none() -> None:
    tracks = [{"PropertyConditions": [{"Property": "Bitrate", "Value": "0-1500000", "Operator": "Equal"}]}]
    mobile = seen(rows("Filters", {"Name": "mobile", "Tracks": tracks}))()
    assert said(mobile)[Type.DELIVERY].reason == Why.FILTERS_MISSING
    fields = mobile.inventory.tally("Filters").targets["AccountFilter/mobile"]["fields"]
    lists = {**mobile.target.lists, "AccountFilter": Listing(NOW, 60.0, {"Mobile": {**fields, "firstQuality": None}})}
    assert said(replace(mobile, target=replace(mobile.target, lists=lists)))[Type.DELIVERY].status == "True"


def test_a_policy_with_equal_options_is_as_good_as_one_of_the_name_but_not_version_2s_own() -> None:
    (wanted,) = inventory().tally("ContentKeyAuthorizationPolicies").targets.values()
    options = [{**one, "name": "other", "policyOptionId": FILM} for one in wanted["fields"]["options"]]

    def judged_with(name: str, **properties: Any) -> str:
        return str(said(lists(ContentKeyPolicy=Listing(NOW, 60.0, {name: properties}))())[Type.PROTECTION].reason)

    assert judged_with("members", policyId=SERIES, options=options) == Why.PROTECTED
    assert judged_with("members", policyId=SERIES, options=[*options, *options]) == Why.POLICY_MISSING
    assert judged_with(accounts.POLICY, policyId=SERIES, options=options) == Why.POLICY_MISSING
    assert judged_with(SERIES, policyId=SERIES, options=options) == Why.POLICY_MISSING


def test_of_several_policies_with_equal_options_the_one_with_the_right_secrets_counts() -> None:
    whole = secret_policies()()
    (wanted,) = whole.inventory.tally("ContentKeyAuthorizationPolicies").targets.values()
    one = {"options": wanted["fields"]["options"]}
    there = {**whole.target.lists, "ContentKeyPolicy": Listing(NOW, 60.0, {"blue": one, "red": one})}

    def judged_with(**equal: bool) -> Finding:
        secrets = Compared({(name, wanted["name"]): answer for name, answer in equal.items()})
        return said(replace(whole, target=replace(whole.target, lists=there, secrets=secrets)))[Type.PROTECTION]

    assert judged_with(blue=False, red=True).reason == Why.PROTECTED
    assert "their secrets are those of version 2" in judged_with(blue=True).message
    assert judged_with(blue=False).reason == Why.SECRETS_NOT_VERIFIED  # red may have them
    found = judged_with(blue=False, red=False)
    assert found.reason == Why.SECRET_MISMATCH
    assert f"blocking: blue (for {wanted['name']})" in found.message
    assert f"name {wanted['name']} in spec.migration.retired" in found.message
    old = {**there, "ContentKeyPolicy": replace(there["ContentKeyPolicy"], at=NOW - 1000)}
    both = Compared({(name, wanted["name"]): False for name in ("blue", "red")})
    stale = replace(whole.target, lists=old, secrets=both)
    assert said(replace(whole, target=stale))[Type.PROTECTION].reason == Why.INPUTS_MISSING
    insisted = replace(whole, config=config(), target=replace(whole.target, lists=there, secrets=both))
    assert said(insisted)[Type.PROTECTION].reason == Why.SECRET_MISMATCH, "whoever saw licences saw those of others"
    meant = replace(whole.config, retired=frozenset({wanted["name"]}))
    target = replace(whole.target, lists=there, secrets=Compared({("blue", wanted["name"]): False}))
    assert said(replace(whole, config=meant, target=target))[Type.PROTECTION].status == "True"


def test_who_may_not_see_secrets_is_told_what_to_allow() -> None:
    found = said(secret_policies(secrets=Compared(denied=True))())[Type.PROTECTION]
    assert found.reason == Why.SECRETS_NOT_VERIFIED
    assert "next: allow Microsoft.Media/mediaservices/contentKeyPolicies/getPolicyPropertiesWithSecrets/action" in (
        found.message
    )


def test_a_hundred_recipes_are_compared_with_a_hundred_transforms_at_a_glance(monkeypatch: pytest.MonkeyPatch) -> None:
    """In full that takes seconds, each minute, in the process that serves everybody."""
    whole = tasks(
        *(task(configuration=RECIPE.replace("128", str(number)), number=number) for number in range(100, 200))
    )()
    made = [one["fields"] for one in whole.inventory.tally("Tasks").targets.values()]
    there = Listing(NOW, 60.0, {f"t{number}": fields for number, fields in enumerate(made)})
    compared = Mock(wraps=compare.changes)
    monkeypatch.setattr(compare, "changes", compared)
    found = said(replace(whole, target=replace(whole.target, lists={**whole.target.lists, "Transform": there})))
    assert found[Type.ENCODING].status == "True"
    assert compared.call_count < 200


def test_more_recipes_than_are_kept_and_none_of_those_in_use_is_not_nothing() -> None:
    whole = tasks()()
    assert said(whole)[Type.ENCODING].reason == Why.NOT_USED
    whole.inventory.tally("Tasks").more_targets = 500
    found = said(whole)
    assert found[Type.ENCODING].reason == Why.NOT_LOOKED_AT
    assert "next: see that each has its counterpart, then say so in spec.migration.declarations: {id: uncompared-" in (
        found[Type.ENCODING].message
    )
    assert found[Type.COMPLETE].status == "Unknown"
