"""Entity sets of work and of what is on air: jobs, tasks, templates, processors, units, channels, programs, endpoints.

States of jobs are integers, states of what is on air are words.
"""

from __future__ import annotations

from ams_emulator.v2.model import EntitySet, Field, Navigation, dates, free, once, own, read_only

_TASK_ENCRYPTION = (
    once("EncryptionKeyId"),
    once("EncryptionScheme"),
    once("EncryptionVersion"),
    once("InitializationVector"),
)


def _ran() -> tuple[Field, ...]:
    return own("StartTime", "DateTime"), own("EndTime", "DateTime"), own("RunningDuration", "Double")


WORK: tuple[EntitySet, ...] = (
    EntitySet(
        "Jobs",
        "Job",
        "jid",
        (
            own("Id"),
            once("Name", required=True),
            *dates(),
            *_ran(),
            free("Priority", "Int32", 0),
            own("State", "Int32"),  # 0 Queued, 1 Scheduled, 2 Processing, 3 Finished, 4 Error, 5 Canceled, 6 Canceling
            once("TemplateId"),
            once("JobNotificationSubscriptions", "Collection", []),  # TargetJobState: 1 FinalStatesOnly, 2 All
        ),
        (
            Navigation("Tasks", "Tasks", back="_JobId"),
            Navigation("InputMediaAssets", "Assets"),
            Navigation("OutputMediaAssets", "Assets"),
        ),
    ),
    EntitySet(
        "Tasks",
        "Task",
        "tid",
        (
            own("Id"),
            once("Configuration"),
            *_ran(),
            once("MediaProcessorId", required=True),
            once("Name"),
            own("PerfMessage"),
            once("Priority", "Int32", 0),
            own("Progress", "Double"),
            own("State", "Int32"),  # as of jobs
            once("TaskBody", required=True),
            once(
                "Options", "Int32", 0
            ),  # 1 ProtectedConfiguration, 2 DoNotDeleteOutputAssetOnFailure, 4 DoNotCancel...
            *_TASK_ENCRYPTION,
            own("ErrorDetails", "Collection"),
            own("HistoricalEvents", "Collection"),
        ),
        (Navigation("InputMediaAssets", "Assets"), Navigation("OutputMediaAssets", "Assets")),
        verbs=read_only(),
    ),
    EntitySet(
        "JobTemplates",
        "JobTemplate",
        "jtid",
        (
            own("Id"),
            once("Name", required=True),
            *dates(),
            once("JobTemplateBody", required=True),
            own("NumberofInputAssets", "Int32"),  # spelled so
            once("TemplateType", "Int32", 0),  # 0 SystemLevel, 1 AccountLevel
        ),
        (Navigation("TaskTemplates", "TaskTemplates", back="_JobTemplateId"),),
        verbs=read_only("POST", "DELETE"),
    ),
    EntitySet(
        "TaskTemplates",
        "TaskTemplate",
        "ttid",
        (
            once("Id"),
            once("Name"),
            once("Description"),
            *dates(),
            once("NumberofInputAssets", "Int32", 1),
            once("NumberofOutputAssets", "Int32", 1),
            once("Configuration"),
            once("MediaProcessorId"),
            once("Options", "Int32", 0),
            *_TASK_ENCRYPTION,
        ),
        verbs=read_only(),
    ),
    EntitySet(
        "MediaProcessors",
        "MediaProcessor",
        "mpid",
        (own("Id"), own("Description"), own("Name"), own("Sku"), own("Vendor"), own("Version")),
        verbs=read_only(),
    ),
    EntitySet(
        "NotificationEndPoints",
        "NotificationEndPoint",
        "nepid",
        (
            own("Id"),
            free("Name"),
            own("Created", "DateTime"),
            once("EndPointType", "Int32", 0),  # 1 AzureQueue, 2 AzureTable, 3 WebHook
            once("EndPointAddress"),
            once("CredentialType", "Int32", 0),  # 1 SigningKey
            once("EncryptedEndPointCredential"),
            once("ProtectionKeyType", "Int32", 0),
            once("ProtectionKeyId"),
        ),
    ),
    EntitySet(
        "MonitoringConfigurations",
        "MonitoringConfiguration",
        "mcid",
        (
            own("Id"),
            *dates(),
            once("NotificationEndPointId", required=True),
            free("Settings", "Collection", []),
        ),
    ),
    EntitySet(
        "EncodingReservedUnitTypes",
        "EncodingReservedUnitType",
        "",
        (
            own("AccountId", "Guid"),
            free("ReservedUnitType", "Int32", 0),  # 0 Basic (S1), 1 Standard (S2), 2 Premium (S3)
            own("MaxReservableUnits", "Int32"),
            free("CurrentReservedUnits", "Int32", 0),
        ),
        key="AccountId",
        verbs=read_only("MERGE"),
    ),
    EntitySet(
        "Channels",
        "Channel",
        "chid",
        (
            own("Id"),
            once("Name", required=True),
            free("Description"),
            *dates(),
            own("State"),  # Stopped, Starting, Running, Stopping, Deleting
            once("EncodingType", default="None"),  # None, Standard, Premium
            once("Encoding", "Complex"),
            free("Slate", "Complex"),
            free("Input", "Complex", required=True),
            free("Preview", "Complex"),
            free("Output", "Complex"),
            free("CrossSiteAccessPolicies", "Complex"),
            once("VanityUrl", "Boolean", False),
        ),
        (Navigation("Programs", "Programs", back="ChannelId"),),
        actions=("Start", "Stop", "Reset", "ShowSlate", "HideSlate", "StartAdvertisement", "EndAdvertisement"),
    ),
    EntitySet(
        "Programs",
        "Program",
        "pgid",
        (
            own("Id"),
            free("Name", required=True),
            free("Description"),
            *dates(),
            once("ChannelId", required=True),
            once("AssetId", required=True),
            once("ManifestName"),
            once("ArchiveWindowLength", "Time", required=True),
            own("State"),  # Stopped, Starting, Running, Stopping
        ),
        (Navigation("Channel", "Channels", key="ChannelId"), Navigation("Asset", "Assets", key="AssetId")),
        actions=("Start", "Stop"),
    ),
    EntitySet(
        "StreamingEndpoints",
        "StreamingEndpoint",
        "oid",
        (
            own("Id"),
            once("Name", required=True),
            free("Description"),
            own("HostName"),
            free("CustomHostNames", "Collection", []),
            *dates(),
            once("ScaleUnits", "Int32", 0),
            own("State"),
            free("CdnEnabled", "Boolean", False),
            free("CdnProvider"),
            free("CdnProfile"),
            own("FreeTrialEndTime", "DateTime"),
            free("StreamingEndpointVersion"),
            free("CrossSiteAccessPolicies", "Complex"),
            free("AccessControl", "Complex"),
            free("CacheControl", "Complex"),
        ),
        actions=("Start", "Stop", "Scale"),
    ),
    EntitySet(
        "Operations",
        "Operation",
        "opid",
        (own("Id"), own("State"), own("TargetEntityId"), own("ErrorCode"), own("ErrorMessage")),
        verbs=read_only(),
    ),
)
