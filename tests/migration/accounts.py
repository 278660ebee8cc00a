"""Inputs of the conditions: an account whose migration is done, and ways to change it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from ams_operator.domain.model import JSON
from ams_operator.migration import entities, verdicts
from ams_operator.migration.census import Census
from ams_operator.migration.conditions import judge
from ams_operator.migration.conditions.finding import Finding
from ams_operator.migration.inputs import (
    AccessRead,
    AccountSeen,
    Acknowledgement,
    ChannelSeen,
    ChannelsRead,
    Config,
    Inputs,
    InventoryRead,
    JobPoll,
    JobsRead,
    Listing,
    Managed,
    ObjectsRead,
    SetRead,
    TargetRead,
)
from ams_operator.migration.model import Known
from ams_operator.migration.reduce import keyed
from ams_operator.migration.tally import Group, Tally
from ams_operator.migration.trouble import Access

TODAY: Final = datetime(2023, 6, 1, tzinfo=UTC)
NOW: Final = TODAY.timestamp()
LONG_AGO: Final = "2023-04-01T00:00:00"
YESTERDAY: Final = "2023-05-31T00:00:00"
FILM, SERIES = "8cb39104-122c-496e-9ac5-7f9e2c2547b8", "11111111-122c-496e-9ac5-7f9e2c2547b8"
LOCATOR: Final = "22222222-122c-496e-9ac5-7f9e2c2547b8"
POLICY: Final = "33333333-122c-496e-9ac5-7f9e2c2547b8"
CHANNEL: Final = "nb:chid:UUID:44444444-122c-496e-9ac5-7f9e2c2547b8"
PRESET: Final = "H264 Multiple Bitrate 1080p"
MES: Final = "nb:mpid:UUID:ff4df607-d419-42f0-bc17-a481b1331e56"

ROWS: Final[Mapping[str, tuple[JSON, ...]]] = {
    "EncodingReservedUnitTypes": (
        {"AccountId": FILM, "ReservedUnitType": 2, "CurrentReservedUnits": 2, "MaxReservableUnits": 10},
    ),
    "MediaProcessors": ({"Id": MES, "Name": "Media Encoder Standard", "Version": "1.1", "Vendor": "Microsoft"},),
    "Assets": ({"Id": f"nb:cid:UUID:{FILM}", "Name": "film", "State": 0, "Options": 0},),
    "Locators": ({"Id": f"nb:lid:UUID:{LOCATOR}", "AssetId": f"nb:cid:UUID:{FILM}", "AccessPolicyId": "x", "Type": 2},),
    "ContentKeys": (
        {
            "Id": f"nb:kid:UUID:{FILM}",
            "ContentKeyType": 4,
            "AuthorizationPolicyId": f"nb:ckpid:UUID:{POLICY}",
            "Created": LONG_AGO,
        },
    ),
    "ContentKeyAuthorizationPolicyOptions": (
        {
            "Id": f"nb:ckpoid:UUID:{POLICY}",
            "Name": "open",
            "KeyDeliveryType": 2,
            "KeyDeliveryConfiguration": None,
            "Restrictions": [{"Name": "all", "KeyRestrictionType": 0, "Requirements": None}],
        },
    ),
    "ContentKeyAuthorizationPolicies": ({"Id": f"nb:ckpid:UUID:{POLICY}", "Name": "members"},),
    "AssetDeliveryPolicies": (
        {
            "Id": f"nb:adpid:UUID:{POLICY}",
            "Name": "aes",
            "AssetDeliveryProtocol": 7,
            "AssetDeliveryPolicyType": 3,
            "Created": LONG_AGO,
        },
    ),
    "Combinations": ({"Id": f"nb:cid:UUID:{FILM}", "kinds": [0]},),
    "Channels": (
        {
            "Id": CHANNEL,
            "Name": "news",
            "State": "Stopped",
            "EncodingType": "None",
            "Input": {"StreamingProtocol": "RTMP"},
        },
    ),
    "StreamingEndpoints": (
        {"Id": "nb:oid:UUID:x", "Name": "default", "StreamingEndpointVersion": "2.0", "ScaleUnits": 0},
    ),
    "Filters": ({"Name": "mobile", "Tracks": []},),
    "JobTemplates": (),
    "Tasks": (
        {
            "Id": "nb:tid:UUID:55555555-122c-496e-9ac5-7f9e2c2547b8",
            "Configuration": PRESET,
            "MediaProcessorId": MES,
            "State": 3,
            "EndTime": LONG_AGO,
        },
    ),
}
"""an account with a little of everything"""
DECLARED: Final = ("slate", "ad-markers", "availability-set", "key-delivery-only", "sdk-language", "old-processors")


def inventory(rows: Mapping[str, Iterable[JSON]] = ROWS, known: Known | None = None, **changes: Any) -> InventoryRead:
    """What an inventory of these rows finds, with version 3's LISTs joined."""
    known = known or listed()
    sets = {name: SetRead(NOW, 3600.0, _tally(name, list(rows.get(name, ())), known)) for name in entities.SETS}
    compared = {"Assets": "Listed", "Locators": "Listed"}
    return replace(InventoryRead(sets, units=known.units, compared=compared), **changes)


def listed(created: str = LONG_AGO, **changes: Any) -> Known:
    """What version 3's LISTs of the account say."""
    return Known(TODAY, v3_locators={LOCATOR: "x"}, v3_created={LOCATOR: created}, v3_lists_old=True, **changes)


def _tally(name: str, rows: list[JSON], known: Known) -> Tally:
    tally, one = Tally(), entities.SETS[name]
    for number, given in enumerate(rows):
        row = one.reduce(given, keyed(b"test")) if one.reduce else given
        if name == "ContentKeyAuthorizationPolicies":
            options = ROWS["ContentKeyAuthorizationPolicyOptions"]
            reduce = entities.SETS["ContentKeyAuthorizationPolicyOptions"].reduce
            assert reduce is not None
            known.options[POLICY] = [reduce(option, keyed(b"test")) for option in options]
        found = verdicts.judge(name, row, known)
        mark = hash((name, number, str(row[one.key]))) & (2**64 - 1)
        tally.add(verdicts.label(name, row), mark, found, verdicts.when(name, row, known), str(row[one.key]))
    return tally


def merged(found: InventoryRead, part: str) -> dict[str, Group]:
    """`evidence` or `blockers` of all sets: id to who shows it."""
    return Census("", "", {name: one.tally for name, one in found.sets.items() if one.tally is not None}).merged(part)


def policy_name(found: InventoryRead) -> str:
    """The ContentKeyPolicy that the account's authorization policy becomes."""
    return str(next(iter(found.tally("ContentKeyAuthorizationPolicies").targets.values()))["name"])


def target(found: InventoryRead) -> TargetRead:
    """An account that has everything."""
    transform = {"preset": {"@odata.type": "#Microsoft.Media.BuiltInStandardEncoderPreset",
                            "presetName": "H264MultipleBitrate1080p"}}  # fmt: skip
    lists: dict[str, dict[str, JSON]] = {
        "Transform": {"hd": {"outputs": [{**transform, "onError": "StopProcessingJob", "relativePriority": "Normal"}]}},
        "StreamingEndpoint": {"default": {"resourceState": "Running"}},
        "StreamingPolicy": {"Predefined_ClearKey": {"created": LONG_AGO}},
        "ContentKeyPolicy": {policy_name(found): {"options": []}},
        "AccountFilter": {"mobile": {"tracks": []}},
        "AssetFilter": {},
        "LiveEvent": {"news": {"resourceState": "Running"}},
    }
    account = AccountSeen(NOW, 60.0, provisioning="Succeeded", namespace="media", name="contoso")
    return TargetRead(True, account, {kind: Listing(NOW, 60.0, items) for kind, items in lists.items()})


def event(**changes: Any) -> Managed:
    """The object that takes the channel's place."""
    return replace(Managed("LiveEvent", "news", "news", CHANNEL, "True", "2023-05-01T00:00:00Z"), **changes)


def channel(state: str = "Stopped") -> ChannelSeen:
    return ChannelSeen(CHANNEL, "news", state)


def config(**changes: Any) -> Config:
    """Every question is answered, and somebody saw that licences are delivered."""
    declared = {one: Acknowledgement(one, "asked", "NotUsed") for one in DECLARED}
    return replace(Config(declared=declared, verified_by="playback team"), **changes)


def done(**changes: Any) -> Inputs:
    """An account whose migration is complete."""
    found = inventory()
    polls = tuple(JobPoll(NOW - back, (), NOW - timedelta(days=60).total_seconds()) for back in (120.0, 60.0, 0.0))
    whole = Inputs(
        NOW,
        access=AccessRead(NOW, 60.0, Access.REACHABLE, ""),
        inventory=found,
        channels=ChannelsRead(NOW, 60.0, (channel(),)),
        jobs=JobsRead(polls),
        target=target(found),
        objects=ObjectsRead(NOW, 60.0, (event(),)),
        config=config(),
    )
    return replace(whole, **changes)


def said(inputs: Inputs) -> dict[str, Finding]:
    return {one.type: one for one in judge(inputs)}


def rows(name: str, *instead: JSON, base: Mapping[str, tuple[JSON, ...]] = ROWS) -> dict[str, tuple[JSON, ...]]:
    """The account's rows with those of one set replaced."""
    return {**base, name: instead}
