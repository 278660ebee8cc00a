"""Entity sets of media and its protection: assets, files, locators, keys, policies, filters, storage, ingest.

Integers for states and kinds are the service's enumerations; what they mean stands beside each.
"""

from __future__ import annotations

from ams_emulator.v2.model import EntitySet, Navigation, dates, free, once, own, read_only

_ENCRYPTION = (
    once("EncryptionVersion"),
    once("EncryptionScheme"),  # StorageEncryption | CommonEncryption
    once("IsEncrypted", "Boolean", False),
    once("EncryptionKeyId"),
    once("InitializationVector"),
)
_FILTER = (
    free("PresentationTimeRange", "Complex"),
    free("FirstQuality", "Complex"),
    free("Tracks", "Collection", []),
)

MEDIA: tuple[EntitySet, ...] = (
    EntitySet(
        "Assets",
        "Asset",
        "cid",
        (
            own("Id"),
            own("State", "Int32"),  # 0 Initialized, 1 Published (no longer used), 2 Deleted
            *dates(),
            free("AlternateId"),
            free("Name"),
            once("Options", "Int32", 0),  # 0 None, 1 StorageEncrypted, 2 Common-, 4 EnvelopeEncryptionProtected
            once("FormatOption", "Int32", 0),  # 0 None, 1 AdaptiveStreaming
            own("Uri"),
            once("StorageAccountName"),
        ),
        (
            Navigation("Locators", "Locators", back="AssetId"),
            Navigation("ContentKeys", "ContentKeys"),
            Navigation("Files", "Files", back="ParentAssetId"),
            Navigation("ParentAssets", "Assets"),
            Navigation("DeliveryPolicies", "AssetDeliveryPolicies"),
            Navigation("AssetFilters", "AssetFilters", back="ParentAssetId"),
            Navigation("StorageAccount", "StorageAccounts", key="StorageAccountName"),
        ),
    ),
    EntitySet(
        "Files",
        "AssetFile",
        "cid",  # the same prefix as assets have
        (
            own("Id"),
            once("Name", required=True),
            free("ContentFileSize", "Int64", 0),
            once("ParentAssetId", required=True),
            *_ENCRYPTION,
            free("IsPrimary", "Boolean", False),
            free("MimeType"),
            free("ContentChecksum"),
            *dates(),
            once("Options", "Int32", 0),  # 0 None, 1 Fragmented
        ),
    ),
    EntitySet(
        "AccessPolicies",
        "AccessPolicy",
        "pid",
        (
            own("Id"),
            *dates(),
            once("Name", required=True),
            once("DurationInMinutes", "Double", required=True),
            once("Permissions", "Int32", 0),  # flags: 1 Read, 2 Write, 4 Delete, 8 List
        ),
        verbs=read_only("POST", "DELETE"),
    ),
    EntitySet(
        "Locators",
        "Locator",
        "lid",
        (
            once("Id"),
            free("ExpirationDateTime", "DateTime"),
            once("Type", "Int32", required=True),  # 1 SAS, 2 OnDemandOrigin
            own("Path"),
            own("BaseUri"),
            own("ContentAccessComponent"),
            once("AccessPolicyId", required=True),
            once("AssetId", required=True),
            free("StartTime", "DateTime"),
            free("Name"),
        ),
        (
            Navigation("AccessPolicy", "AccessPolicies", key="AccessPolicyId"),
            Navigation("Asset", "Assets", key="AssetId"),
        ),
    ),
    EntitySet(
        "ContentKeys",
        "ContentKey",
        "kid",
        (
            once("Id", required=True),
            *dates(),
            # 0 Common, 1 Storage, 2 Config, 3 Url, 4 Envelope, 6 CommonCbcs, 7 FairPlayASk, 8 FairPlayPfxPassword
            once("ContentKeyType", "Int32", required=True),
            once("EncryptedContentKey", required=True),
            free("Name"),
            once("ProtectionKeyId", required=True),
            once("ProtectionKeyType", "Int32", 0),  # 0 X509Thumbprint
            once("Checksum"),
            free("AuthorizationPolicyId"),
            free("TrackIdentifiers"),
        ),
    ),
    EntitySet(
        "ContentKeyAuthorizationPolicies",
        "ContentKeyAuthorizationPolicy",
        "ckpid",
        (own("Id"), free("Name")),
        (Navigation("Options", "ContentKeyAuthorizationPolicyOptions"),),
    ),
    EntitySet(
        "ContentKeyAuthorizationPolicyOptions",
        "ContentKeyAuthorizationPolicyOption",
        "ckpoid",
        (
            own("Id"),
            free("Name"),
            free("KeyDeliveryType", "Int32", 0),  # 1 PlayReadyLicense, 2 BaselineHttp, 3 Widevine, 4 FairPlay
            free("KeyDeliveryConfiguration"),
            free("Restrictions", "Collection", []),  # KeyRestrictionType: 0 Open, 1 TokenRestricted, 2 IPRestricted
        ),
    ),
    EntitySet(
        "AssetDeliveryPolicies",
        "AssetDeliveryPolicy",
        "adpid",
        (
            own("Id"),
            free("Name"),
            free("AssetDeliveryProtocol", "Int32", 0),  # flags: 1 Smooth, 2 Dash, 4 HLS, 8 HDS, 16 progressive download
            # 1 Blocked, 2 NoDynamicEncryption, 3 Envelope, 4 Common, 5 CommonCbcs
            once("AssetDeliveryPolicyType", "Int32", 0),
            free("AssetDeliveryConfiguration"),
            *dates(),
        ),
    ),
    EntitySet("Filters", "Filter", "", (once("Name", required=True), *_FILTER), key="Name"),
    EntitySet(
        "AssetFilters",
        "AssetFilter",
        "",
        (own("Id"), once("ParentAssetId", required=True), once("Name", required=True), *_FILTER),
    ),
    EntitySet(
        "StorageAccounts",
        "StorageAccount",
        "",
        (own("Name"), own("IsDefault", "Boolean"), own("BytesUsed", "Int64")),
        key="Name",
        verbs=read_only(),
    ),
    EntitySet(
        "IngestManifests",
        "IngestManifest",
        "mid",
        (
            own("Id"),
            *dates(),
            free("Name", required=True),
            own("State", "Int32"),  # 0 Inactive, 1 Activating, 2 Active
            own("BlobStorageUriForUpload"),
            once("StorageAccountName"),
            own("Statistics", "Complex"),
        ),
        (
            Navigation("IngestManifestAssets", "IngestManifestAssets", back="ParentIngestManifestId"),
            Navigation("PendingIngestManifestAssets", "IngestManifestAssets", back="ParentIngestManifestId"),
        ),
    ),
    EntitySet(
        "IngestManifestAssets",
        "IngestManifestAsset",
        "maid",
        (own("Id"), *dates(), once("ParentIngestManifestId", required=True)),
        (Navigation("IngestManifestFiles", "IngestManifestFiles", back="ParentIngestManifestAssetId"),),
        verbs=read_only("POST", "DELETE"),
    ),
    EntitySet(
        "IngestManifestFiles",
        "IngestManifestFile",
        "mfid",
        (
            own("Id"),
            *dates(),
            once("Name", required=True),
            own("State", "Int32"),  # 0 Pending, 1 Finished, 2 Error
            own("ErrorDetail"),
            once("ParentIngestManifestId", required=True),
            once("ParentIngestManifestAssetId", required=True),
            once("IsEncrypted", "Boolean", False),
        ),
        verbs=read_only("POST", "DELETE"),
    ),
)
