"""Every entity set of version 2: its key, the fields that are read, and how.

Fields that are not named here are not asked for. What holds a secret is either not named (key material, credentials,
signed URLs) or goes through `reduce` the moment it arrives, which leaves facts and a keyed digest. A keyed digest tells
whether two are the same, and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from ams_operator.domain.model import JSON
from ams_operator.migration import authorization, reduce, templates
from ams_operator.migration.reduce import Digest


class How(StrEnum):
    """How a set is read."""

    ROWS = "rows"
    """each row is looked at"""
    COUNT = "count"
    """there may be millions and each has the same verdict: asked how many, and none is read"""
    BELOW = "below"
    """has no list of its own, or none that says whose a row is: read from each row of another set"""
    LINKS = "links"
    """no set: what single assets are linked to, read of those that are published"""


@dataclass(frozen=True, slots=True)
class EntitySet:
    """One set. `fields` are those that are read, the key among them."""

    name: str
    fields: tuple[str, ...]
    key: str = "Id"
    dated: str | None = None
    """the column by which what changed meanwhile can be asked for"""
    how: How = How.ROWS
    parent: str = ""
    navigation: str = ""
    """for BELOW: from which set, and by which of its navigations"""
    reduce: Callable[[JSON, Digest], JSON] | None = None
    names: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", frozenset(self.fields))


_DATES: Final = ("Created", "LastModified")
_FILTER: Final = ("Name", "PresentationTimeRange", "FirstQuality", "Tracks")
_TIMED: Final = "LastModified"

_ALL: Final = (
    EntitySet("StorageAccounts", ("Name", "IsDefault", "BytesUsed"), key="Name"),
    EntitySet(
        "EncodingReservedUnitTypes",
        ("AccountId", "ReservedUnitType", "CurrentReservedUnits", "MaxReservableUnits"),
        key="AccountId",
    ),
    EntitySet("MediaProcessors", ("Id", "Name", "Version", "Vendor")),
    EntitySet(
        "Assets",
        ("Id", "State", *_DATES, "AlternateId", "Name", "Options", "FormatOption", "StorageAccountName"),
        dated=_TIMED,
    ),
    EntitySet("Files", ("Id",), dated=_TIMED, how=How.COUNT),
    EntitySet("AccessPolicies", ("Id", "Name", *_DATES, "DurationInMinutes", "Permissions"), dated=_TIMED),
    # Path, BaseUri and ContentAccessComponent of a SAS locator hold its signature.
    EntitySet("Locators", ("Id", "Name", "AssetId", "AccessPolicyId", "Type", "StartTime", "ExpirationDateTime")),
    # Without EncryptedContentKey, ProtectionKeyId and Checksum.
    EntitySet(
        "ContentKeys", ("Id", "Name", *_DATES, "ContentKeyType", "AuthorizationPolicyId"), dated=_TIMED
    ),
    EntitySet("ContentKeyAuthorizationPolicies", ("Id", "Name")),
    EntitySet(
        "ContentKeyAuthorizationPolicyOptions",
        ("Id", "Name", "KeyDeliveryType", "KeyDeliveryConfiguration", "Restrictions"),
        how=How.BELOW,
        parent="ContentKeyAuthorizationPolicies",
        navigation="Options",
        reduce=authorization.option,
    ),
    EntitySet(
        "AssetDeliveryPolicies",
        ("Id", "Name", "AssetDeliveryProtocol", "AssetDeliveryPolicyType", "AssetDeliveryConfiguration", *_DATES),
        dated=_TIMED,
        reduce=templates.delivery_policy,
    ),
    # Ids of an asset's delivery policies.
    EntitySet("Combinations", ("Id",), how=How.LINKS, parent="Assets", navigation="DeliveryPolicies"),
    EntitySet(
        "Channels",
        ("Id", "Name", "Description", *_DATES, "State", "EncodingType", "Encoding", "Slate", "Input", "Preview",
         "Output", "CrossSiteAccessPolicies", "VanityUrl"),
        dated=_TIMED,
        reduce=reduce.channel,
    ),
    EntitySet(
        "Programs",
        ("Id", "Name", "Description", *_DATES, "ChannelId", "AssetId", "ManifestName", "ArchiveWindowLength", "State"),
        dated=_TIMED,
    ),
    EntitySet(
        "StreamingEndpoints",
        ("Id", "Name", "Description", "HostName", "CustomHostNames", *_DATES, "ScaleUnits", "State", "CdnEnabled",
         "CdnProvider", "CdnProfile", "FreeTrialEndTime", "StreamingEndpointVersion", "AccessControl"),
        dated=_TIMED,
        reduce=reduce.streaming_endpoint,
    ),
    EntitySet("Filters", _FILTER, key="Name", reduce=reduce.filtering),
    EntitySet("AssetFilters", ("Id", "ParentAssetId", *_FILTER), reduce=reduce.filtering),
    EntitySet(
        "JobTemplates", ("Id", "Name", *_DATES, "TemplateType", "NumberofInputAssets"), dated=_TIMED
    ),
    EntitySet(
        "TaskTemplates",
        ("Id", "Name", "Description", "Configuration", "MediaProcessorId", "Options"),
        how=How.BELOW,
        parent="JobTemplates",
        navigation="TaskTemplates",
        reduce=reduce.task,
    ),
    EntitySet(
        "Jobs",
        ("Id", "Name", *_DATES, "StartTime", "EndTime", "Priority", "State", "TemplateId",
         "JobNotificationSubscriptions"),
        dated=_TIMED,
    ),
    # TaskBody names assets only, and is long.
    EntitySet(
        "Tasks",
        ("Id", "Name", "Configuration", "MediaProcessorId", "State", "StartTime", "EndTime", "Options"),
        reduce=reduce.task,
    ),
    EntitySet(
        "NotificationEndPoints",
        ("Id", "Name", "Created", "EndPointType", "EndPointAddress", "CredentialType"),
        dated="Created",
        reduce=reduce.notification,
    ),
    EntitySet("MonitoringConfigurations", ("Id", *_DATES, "NotificationEndPointId"), dated=_TIMED),
    # Without BlobStorageUriForUpload.
    EntitySet("IngestManifests", ("Id", "Name", *_DATES, "State", "StorageAccountName", "Statistics"), dated=_TIMED),
    EntitySet("IngestManifestAssets", ("Id", *_DATES), dated=_TIMED, how=How.COUNT),
    EntitySet("IngestManifestFiles", ("Id", *_DATES), dated=_TIMED, how=How.COUNT),
)  # fmt: skip
SETS: Final[Mapping[str, EntitySet]] = MappingProxyType({one.name: one for one in _ALL})
"""In the order in which they are read: what a verdict needs from another set comes after it."""
JUDGED_BY: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType({
    "Locators": ("Assets", "AccessPolicies"),
    "ContentKeyAuthorizationPolicies": ("ContentKeys",),
    "Combinations": ("Locators", "AssetDeliveryPolicies"),
    "AssetFilters": ("Assets", "Locators"),
    "JobTemplates": ("MediaProcessors",),
    "Tasks": ("MediaProcessors",),
})  # fmt: skip
"""sets to those by which they are judged: without these they would seem to be in order, or not to be used. (Programs
only lack a number without their channels.)"""
FILES_OF: Final = EntitySet("Files", ("Id",), how=How.BELOW, parent="Assets", navigation="Files")
"""an asset's files: whether there are any"""
KEYS_OF: Final = EntitySet(
    "ContentKeys", ("Id", "ContentKeyType"), how=How.BELOW, parent="Assets", navigation="ContentKeys"
)
"""an asset's keys: of which types"""
UNLISTED: Final = frozenset({"Operations"})
"""sets whose rows exist only for whoever holds their id"""
