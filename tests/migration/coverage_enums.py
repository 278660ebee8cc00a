"""Every enumeration of version 2's entities: the values as they are on the wire, and a row that has each."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from tests.migration.coverage_probe import changed
from tests.migration.coverage_rows import CASES, CHANNEL, DELIVERY, OPTION
from tests.migration.judging import TOKEN
from tests.migration.test_policies import FAIRPLAY, HEADER, PLAYREADY

from ams_operator.domain.model import JSON
from ams_operator.migration.model import Known


@dataclass(frozen=True, slots=True)
class Enumeration:
    """`values` by what is on the wire; `row` makes one that has a value. Without a set that is read there is none."""

    of: str
    path: str
    values: Mapping[Any, str]
    row: Callable[[Any], JSON] | None = None
    known: Callable[[], Known] | None = None

    @property
    def title(self) -> str:
        return f"{self.of}.{self.path}"

    def made(self, value: Any) -> JSON:
        """A row that has a value."""
        return self.row(value) if self.row is not None else changed(CASES[self.of][0].row, self.path, value)

    def world(self) -> Known:
        """What is known when it is judged."""
        return (self.known or CASES[self.of][0].known)()


def numbered(*names: str) -> dict[Any, str]:
    """Values from 0 on; an empty name is no value."""
    return {number: name for number, name in enumerate(names) if name}


def words(*names: str) -> dict[Any, str]:
    """Values that are their own names."""
    return {name: name for name in names}


def _option(kind: int) -> JSON:
    texts = {1: PLAYREADY % f"{HEADER}<PlayRight/>", 3: '{"allowed_track_types": "SD_HD"}', 4: FAIRPLAY}
    return {**OPTION, "KeyDeliveryType": kind, "KeyDeliveryConfiguration": texts.get(kind)}


def _restricted(kind: int) -> JSON:
    return {**OPTION, "Restrictions": [{"KeyRestrictionType": kind, "Requirements": TOKEN if kind else None}]}


def _delivered(kind: int) -> JSON:
    return {**DELIVERY, "AssetDeliveryPolicyType": kind, "AssetDeliveryConfiguration": None}


def _by(protocol: int) -> JSON:
    return {**DELIVERY, "AssetDeliveryPolicyType": 2, "AssetDeliveryProtocol": protocol,
            "AssetDeliveryConfiguration": None}  # fmt: skip


def _set(key: int) -> JSON:
    """A delivery policy with one setting, of the type that has it."""
    kind = 3 if key in (1, 2, 3, 6) else 5 if key in (9, 10, 11, 13) else 4
    value = {5: "attributes", 12: "avc1,mp4a", 13: "true"}.get(key, f"https://example.org/{key}")
    settings = json.dumps([{"Key": key, "Value": value}])
    row = {**DELIVERY, "AssetDeliveryPolicyType": kind, "AssetDeliveryProtocol": 4}
    return {**row, "AssetDeliveryConfiguration": settings}


def _endpoint(**changes: Any) -> JSON:
    return {**CASES["StreamingEndpoints"][0].row, "StreamingEndpointVersion": "2.0", "ScaleUnits": 0, **changes}


_JOBS: Final = numbered("Queued", "Scheduled", "Processing", "Finished", "Error", "Canceled", "Canceling")
_RUNNING: Final = ("Stopped", "Starting", "Running", "Stopping")
_TASK_OPTIONS: Final = {
    0: "None", 1: "ProtectedConfiguration", 2: "DoNotDeleteOutputAssetOnFailure", 4: "DoNotCancelOnJobFailure",
}  # fmt: skip
_PROPERTY: Final = "Tracks[].PropertyConditions[].Property"
_OPERATOR: Final = "Tracks[].PropertyConditions[].Operator"

ENUMERATIONS: Final[Sequence[Enumeration]] = (
    Enumeration("Assets", "State", numbered("Initialized", "Published", "Deleted")),
    Enumeration("Assets", "Options", {0: "None", 1: "StorageEncrypted", 2: "CommonEncryptionProtected",
                                      4: "EnvelopeEncryptionProtected"}),
    Enumeration("Assets", "FormatOption", numbered("None", "AdaptiveStreaming")),
    Enumeration("Files", "Options", numbered("None", "Fragmented")),
    Enumeration("Files", "EncryptionScheme", words("StorageEncryption", "CommonEncryption")),
    Enumeration("AccessPolicies", "Permissions", {0: "None", 1: "Read", 2: "Write", 4: "Delete", 8: "List"}),
    Enumeration("Locators", "Type", numbered("None", "SAS", "OnDemandOrigin")),
    Enumeration("ContentKeys", "ContentKeyType",
                numbered("CommonEncryption", "StorageEncryption", "ConfigurationEncryption", "UrlEncryption",
                         "EnvelopeEncryption", "", "CommonEncryptionCbcs", "FairPlayASk", "FairPlayPfxPassword")),
    Enumeration("ContentKeys", "ProtectionKeyType", numbered("X509CertificateThumbprint")),
    Enumeration("ContentKeyAuthorizationPolicyOptions", "KeyDeliveryType",
                numbered("None", "PlayReadyLicense", "BaselineHttp", "Widevine", "FairPlay"), _option),
    Enumeration("ContentKeyAuthorizationPolicyOptions", "Restrictions[].KeyRestrictionType",
                numbered("Open", "TokenRestricted", "IPRestricted"), _restricted),
    Enumeration("AssetDeliveryPolicies", "AssetDeliveryProtocol",
                {0: "None", 1: "SmoothStreaming", 2: "Dash", 4: "HLS", 8: "HDS", 16: "ProgressiveDownload",
                 0xFFFF: "All"}, _by),
    Enumeration("AssetDeliveryPolicies", "AssetDeliveryPolicyType",
                numbered("None", "Blocked", "NoDynamicEncryption", "DynamicEnvelopeEncryption",
                         "DynamicCommonEncryption", "DynamicCommonEncryptionCbcs"), _delivered),
    Enumeration("AssetDeliveryPolicies", "AssetDeliveryConfiguration[].Key",
                numbered("None", "EnvelopeKeyAcquisitionUrl", "EnvelopeBaseKeyAcquisitionUrl",
                         "EnvelopeEncryptionIVAsBase64", "PlayReadyLicenseAcquisitionUrl", "PlayReadyCustomAttributes",
                         "EnvelopeEncryptionIV", "WidevineLicenseAcquisitionUrl", "WidevineBaseLicenseAcquisitionUrl",
                         "FairPlayLicenseAcquisitionUrl", "FairPlayBaseLicenseAcquisitionUrl",
                         "CommonEncryptionIVForCbcs", "UnencryptedTracksByFourCC", "AllowPersistentLicense"), _set),
    Enumeration("Jobs", "State", _JOBS),
    Enumeration("Jobs", "JobNotificationSubscriptions[].TargetJobState", numbered("None", "FinalStatesOnly", "All")),
    Enumeration("Tasks", "State", _JOBS),
    Enumeration("Tasks", "Options", _TASK_OPTIONS),
    Enumeration("TaskTemplates", "Options", _TASK_OPTIONS),
    Enumeration("JobTemplates", "TemplateType", numbered("SystemLevel", "AccountLevel")),
    Enumeration("NotificationEndPoints", "EndPointType", numbered("None", "AzureQueue", "AzureTable", "WebHook")),
    Enumeration("NotificationEndPoints", "CredentialType", numbered("None", "SigningKey")),
    Enumeration("NotificationEndPoints", "ProtectionKeyType", numbered("X509CertificateThumbprint")),
    Enumeration("IngestManifests", "State", numbered("Inactive", "Activating", "Active")),
    Enumeration("IngestManifestFiles", "State", numbered("Pending", "Finished", "Error")),
    Enumeration("EncodingReservedUnitTypes", "ReservedUnitType",
                numbered("Basic (S1)", "Standard (S2)", "Premium (S3)")),
    Enumeration("Channels", "State", words(*_RUNNING, "Deleting")),
    Enumeration("Channels", "EncodingType", words("None", "Standard", "Premium")),
    Enumeration("Channels", "Encoding.SystemPreset", words("Default720p"),
                lambda value: changed({**CHANNEL, "EncodingType": "Standard"}, "Encoding.SystemPreset", value)),
    Enumeration("Channels", "Encoding.AdMarkerSource", words("Api", "Scte35")),
    Enumeration("Channels", "Input.StreamingProtocol", words("FragmentedMP4", "RTMP", "RTPMPEG2TS")),
    Enumeration("Programs", "State", words(*_RUNNING)),
    Enumeration("StreamingEndpoints", "State", words(*_RUNNING, "Deleting", "Scaling"),
                lambda value: _endpoint(State=value)),
    Enumeration("StreamingEndpoints", "CdnProvider", words("StandardVerizon", "PremiumVerizon", "StandardAkamai"),
                lambda value: _endpoint(CdnProvider=value)),
    Enumeration("StreamingEndpoints", "StreamingEndpointVersion", words("1.0", "2.0"),
                lambda value: _endpoint(StreamingEndpointVersion=value)),
    Enumeration("Filters", _PROPERTY, words("Type", "Name", "Language", "FourCC", "Bitrate")),
    Enumeration("Filters", _OPERATOR, words("Equal", "NotEqual")),
    Enumeration("AssetFilters", _PROPERTY, words("Type", "Name", "Language", "FourCC", "Bitrate")),
    Enumeration("AssetFilters", _OPERATOR, words("Equal", "NotEqual")),
    Enumeration("Operations", "State", words("InProgress", "Succeeded", "Failed")),
)  # fmt: skip
