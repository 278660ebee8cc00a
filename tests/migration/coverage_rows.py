"""Rows of each entity set with every member that version 2 documents, and what is known when they are judged: what
`coverage_probe` changes, member by member.

A set has several cases where one of its members says something only in some of them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from tests.migration.judging import GUID, NOW, OTHER, TOKEN
from tests.migration.test_policies import FAIRPLAY, HEADER, PLAYREADY, RIGHT
from tests.migration.test_presets import MES

from ams_operator.domain.model import JSON
from ams_operator.migration import authorization
from ams_operator.migration.model import Known
from ams_operator.migration.reduce import keyed

OLD: Final = "2020-01-01T00:00:00Z"
NEW: Final = "2023-05-31T00:00:00Z"
SINCE: Final = "2019-01-01T00:00:00"
CID: Final = f"nb:cid:UUID:{OTHER}"
PID: Final = f"nb:pid:UUID:{OTHER}"
CKPID: Final = f"nb:ckpid:UUID:{OTHER}"
MPID: Final = "nb:mpid:UUID:x"


def known() -> Known:
    """Everything as it usually is."""
    return Known(NOW, v3_assets={GUID: OLD}, v3_locators={GUID: "Predefined_ClearKey"}, since=SINCE)


@dataclass(frozen=True, slots=True)
class Case:
    """A row, and what is known. `others`: values besides a plain other one and none at all, by path."""

    row: JSON
    known: Callable[[], Known] = known
    others: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)


def _elsewhere() -> Known:
    return Known(NOW, same_account=False, since=SINCE)


def _nameless() -> Known:
    found = known()
    found.has_files[GUID] = False
    return found


def _lately() -> Known:
    found = known()
    found.recent = {CID.lower(): "2023-05-30T00:00:00", PID.lower(): "2023-05-31T00:00:00"}
    return found


def _used() -> Known:
    row = {"Id": "nb:ckpoid:UUID:x", "Name": "all", "KeyDeliveryType": 2, "Restrictions": [{"KeyRestrictionType": 0}]}
    option = authorization.option(row, keyed(b"test"))
    return Known(NOW, used_policies={GUID}, options={GUID: [option]})


def _live() -> Known:
    return Known(NOW, channels={"nb:chid:uuid:x": {"name": "news", "fragments": 2}})


def _published() -> Known:
    found = Known(NOW)
    found.published = {"": bytearray(bytes.fromhex(GUID.replace("-", "")))}
    return found


def standard() -> Known:
    """Its tasks ran on the Standard encoder."""
    return Known(NOW, processors={MPID.lower(): "Media Encoder Standard"}, since="2023-05-01T00:00:00")


def _obeying() -> Known:
    return Known(NOW, processors={MPID.lower(): "Azure Media Indexer"}, since="2023-05-01T00:00:00")


_ID: Final = f"nb:x:UUID:{GUID}"
_DATES: Final = {"Created": NEW, "LastModified": NEW}
ASSET: Final[JSON] = {"Id": _ID, "State": 0, **_DATES, "Created": OLD, "AlternateId": "series-7", "Name": "film",
                      "Options": 0, "FormatOption": 0, "StorageAccountName": "store"}  # fmt: skip
LOCATOR: Final[JSON] = {"Id": _ID, "Name": "player", "AssetId": CID, "AccessPolicyId": PID, "Type": 2,
                        "StartTime": OLD, "ExpirationDateTime": "2030-01-01T00:00:00Z"}  # fmt: skip
ALLOW: Final = {"IP": {"Allow": [{"Name": "studio", "Address": "10.0.0.1", "SubnetPrefixLength": 32}]}}
CHANNEL: Final[JSON] = {
    "Id": _ID, "Name": "news", "Description": "the studio's", **_DATES, "State": "Stopped", "EncodingType": "None",
    "Encoding": {"SystemPreset": "Default720p", "AdMarkerSource": "Scte35", "IgnoreCea708ClosedCaptions": False,
                 "VideoStreams": [], "AudioStreams": []},
    "Slate": {"InsertSlateOnAdMarker": False, "DefaultSlateAssetId": None},
    "Input": {"KeyFrameInterval": "PT2S", "StreamingProtocol": "RTMP", "AccessControl": ALLOW,
              "Endpoints": [{"Protocol": "RTMP", "Url": "rtmp://host/secret"}]},
    "Preview": {"AccessControl": ALLOW, "Endpoints": [{"Protocol": "FragmentedMP4", "Url": "https://host/preview"}]},
    "Output": {"Hls": {"FragmentsPerSegment": 3}},
    "CrossSiteAccessPolicies": {"ClientAccessPolicy": "<a/>", "CrossDomainPolicy": "<b/>"},
    "VanityUrl": True,
}  # fmt: skip
_STREAMS: Final = {
    "Encoding.VideoStreams": ([{"Index": 1, "Name": "main"}],),
    "Encoding.AudioStreams": ([{"Index": 1, "Name": "english", "Language": "eng"}],),
    "Encoding.AdMarkerSource": ("Api",),
    "Slate.DefaultSlateAssetId": (CID,),
    "Input.StreamingProtocol": ("RTPMPEG2TS", "FragmentedMP4"),
    "EncodingType": ("Standard",),
    "Input.AccessControl.IP.Allow": ([], None),
    "Preview.AccessControl.IP.Allow": ([], None),
    "State": ("Running",),
}
PROGRAM: Final[JSON] = {
    "Id": _ID, "Name": "show", "Description": "at eight", **_DATES, "ChannelId": "nb:chid:UUID:x", "AssetId": CID,
    "ManifestName": "show", "ArchiveWindowLength": "PT4H", "State": "Running",
}  # fmt: skip
_ENDPOINT: Final[JSON] = {
    "Id": _ID, "Name": "default", "Description": "", "HostName": "host", "CustomHostNames": ["tv.example.org"],
    **_DATES, "ScaleUnits": 0, "State": "Running", "CdnEnabled": True, "CdnProvider": "StandardVerizon",
    "CdnProfile": "p", "FreeTrialEndTime": OLD, "StreamingEndpointVersion": "1.0",
    "AccessControl": {"Akamai": {"AkamaiSignatureHeaderAuthenticationKeyList":
                                 [{"Identifier": "k", "Expiration": OLD, "Base64Key": "c2VjcmV0"}]}, **ALLOW},
}  # fmt: skip
FILTER: Final[JSON] = {
    "Name": "mobile",
    "PresentationTimeRange": {"StartTimestamp": "1", "EndTimestamp": "2", "PresentationWindowDuration": "3",
                              "LiveBackoffDuration": "4", "Timescale": "10000000", "ForceEndTimestamp": False},
    "FirstQuality": {"Bitrate": 500000},
    "Tracks": [{"PropertyConditions": [{"Property": "Bitrate", "Value": "0-1000000", "Operator": "Equal"}]}],
}  # fmt: skip
_TRACKS: Final = {"Tracks[].PropertyConditions[].Property": ("Language",),
                  "Tracks[].PropertyConditions[].Operator": ("NotEqual",)}  # fmt: skip
OPTION: Final[JSON] = {"Id": "nb:ckpoid:UUID:x", "Name": "subscribers", "KeyDeliveryType": 2,
                       "KeyDeliveryConfiguration": None,
                       "Restrictions": [{"Name": "token", "KeyRestrictionType": 1, "Requirements": TOKEN}]}  # fmt: skip
_PLAYREADY: Final = PLAYREADY % f"{HEADER}<LicenseType>Persistent</LicenseType>{RIGHT}"
DELIVERY: Final[JSON] = {"Id": _ID, "Name": "players", "AssetDeliveryProtocol": 3, "AssetDeliveryPolicyType": 4,
                         "AssetDeliveryConfiguration": json.dumps([{"Key": 4, "Value": "https://example.org/l"}]),
                         **_DATES}  # fmt: skip
TASK: Final[JSON] = {"Id": _ID, "Name": "encode", "Configuration": "H264 Multiple Bitrate 720p",
                     "MediaProcessorId": MPID, "State": 3, "StartTime": OLD, "EndTime": NEW, "Options": 0}  # fmt: skip
_CUSTOM: Final = {"Configuration": (json.dumps(MES), "AAC Audio"), "MediaProcessorId": ("nb:mpid:UUID:y",)}
_TEMPLATE: Final[JSON] = {"Description": "", **{name: TASK[name] for name in TASK if name[-4:] not in ("tate", "Time")}}

CASES: Final[Mapping[str, tuple[Case, ...]]] = {
    "StorageAccounts": (Case({"Name": "store", "IsDefault": True, "BytesUsed": "1"}),),
    "EncodingReservedUnitTypes": (
        Case({"AccountId": GUID, "ReservedUnitType": 2, "CurrentReservedUnits": 10, "MaxReservableUnits": 25}),
    ),
    "MediaProcessors": (
        Case({"Id": MPID, "Name": "Media Encoder Standard", "Version": "1.1", "Vendor": "Microsoft"}),
    ),
    "Assets": (
        Case(ASSET, others={"State": (2,), "Options": (1, 2)}),
        Case({**ASSET, "Name": ""}, _nameless),
        Case(ASSET, _elsewhere),
    ),
    "Files": (Case({"Id": _ID}),),
    "AccessPolicies": (Case({"Id": PID, "Name": "read", **_DATES, "DurationInMinutes": 60.0, "Permissions": 1}),),
    "Locators": (
        Case(LOCATOR, others={"Type": (1,), "ExpirationDateTime": (OLD,)}),
        Case(LOCATOR, _elsewhere),
        Case(LOCATOR, _lately),
    ),
    "ContentKeys": (
        Case({"Id": _ID, "Name": "key", **_DATES, "ContentKeyType": 0, "AuthorizationPolicyId": CKPID},
             others={"ContentKeyType": (7,)}),
    ),
    "ContentKeyAuthorizationPolicies": (Case({"Id": f"nb:ckpid:UUID:{GUID}", "Name": "all"}, _used),),
    "ContentKeyAuthorizationPolicyOptions": (
        Case(OPTION, others={"Restrictions[].KeyRestrictionType": (0, 2),
                             "Restrictions[].Requirements": (TOKEN.replace("JWT", "SWT"),)}),
        Case({**OPTION, "KeyDeliveryType": 1, "KeyDeliveryConfiguration": _PLAYREADY},
             others={"KeyDeliveryConfiguration": (_PLAYREADY.replace(">Persistent<", ">Nonpersistent<"),)}),
        Case({**OPTION, "KeyDeliveryType": 4, "KeyDeliveryConfiguration": FAIRPLAY},
             others={"KeyDeliveryConfiguration": (json.dumps({"RentalAndLeaseKeyType": 3, "RentalDuration": 30}),)}),
    ),
    "AssetDeliveryPolicies": (
        Case(DELIVERY, others={"AssetDeliveryPolicyType": (2,), "AssetDeliveryProtocol": (1, 8),
                               "AssetDeliveryConfiguration": (json.dumps([{"Key": 7, "Value": "https://a.b/w"}]),)}),
    ),
    "Combinations": (Case({"Id": CID, "kinds": []}),),
    "Channels": (Case(CHANNEL, others=_STREAMS), Case({**CHANNEL, "EncodingType": "Standard"})),
    "Programs": (
        Case(PROGRAM, _live, others={"State": ("Stopped",)}),
        Case({**PROGRAM, "State": "Stopped"}, _live),
    ),
    "StreamingEndpoints": (Case(_ENDPOINT, others={"StreamingEndpointVersion": ("2.0",)}),),
    "Filters": (Case(FILTER, others=_TRACKS),),
    "AssetFilters": (
        Case({"Id": f"nb:cid:UUID:{GUID}__###__mobile", "ParentAssetId": f"nb:cid:UUID:{GUID}", **FILTER}, _published,
             others=_TRACKS),
        Case({"Id": f"nb:cid:UUID:{GUID}__###__mobile", "ParentAssetId": None, **FILTER}, _published),
    ),
    "JobTemplates": (
        Case({"Id": _ID, "Name": "nightly", **_DATES, "TemplateType": 1, "NumberofInputAssets": 1},
             others={"TemplateType": (0,)}),
    ),
    "TaskTemplates": (Case(_TEMPLATE, standard, others=_CUSTOM), Case(_TEMPLATE, _obeying)),
    "Jobs": (
        Case({"Id": _ID, "Name": "night", **_DATES, "StartTime": NEW, "EndTime": NEW, "Priority": 0, "State": 3,
              "TemplateId": None, "JobNotificationSubscriptions":
              [{"NotificationEndPointId": "nb:nepid:UUID:x", "TargetJobState": 1}]},
             others={"State": (2, 7), "JobNotificationSubscriptions": ([],)}),
    ),
    "Tasks": (
        Case(TASK, standard, others={**_CUSTOM, "Options": (1,)}),
        Case({**TASK, "EndTime": None, "StartTime": NEW}, standard),
        Case(TASK, _obeying, others={"EndTime": (OLD,)}),
    ),
    "NotificationEndPoints": (
        Case({"Id": _ID, "Name": "hook", "Created": NEW, "EndPointType": 3, "EndPointAddress": "https://host/hook",
              "CredentialType": 1}, others={"EndPointType": (2,)}),
    ),
    "MonitoringConfigurations": (Case({"Id": _ID, **_DATES, "NotificationEndPointId": "nb:nepid:UUID:x"}),),
    "IngestManifests": (
        Case({"Id": _ID, "Name": "bulk", **_DATES, "State": 0, "StorageAccountName": "store",
              "Statistics": {"PendingFilesCount": 0, "FinishedFilesCount": 0, "ErrorFilesCount": 0,
                             "ErrorFilesDetails": ""}}),
    ),
    "IngestManifestAssets": (Case({"Id": _ID, **_DATES}),),
    "IngestManifestFiles": (Case({"Id": _ID, **_DATES}),),
}  # fmt: skip
