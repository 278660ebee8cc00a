"""What version 2 has and version 3 has not, what version 3 adds, and what blocks a switch: data, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class Gap:
    """A feature without counterpart. `todo` is what people can do about it."""

    id: str
    title: str
    todo: str
    inferred: bool = False
    """nobody documented it: it follows from what version 3 lacks"""
    declare: bool = False
    """no API shows all use of it, so that somebody has to say whether it is used"""
    sets: tuple[str, ...] = ()
    """of those to be declared: the question arises only where one of these sets has rows; empty: always"""


@dataclass(frozen=True, slots=True)
class Benefit:
    """What version 3 adds, for whom it matters: `sets` are those whose rows show it."""

    id: str
    title: str
    sets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Blocker:
    """What has to be done before a condition can be True."""

    id: str
    condition: str
    title: str
    todo: str
    polled: bool = False
    """polls look at it each minute, so that a cluster knows it better than an inventory (`conditions.polling`)"""
    gap: str = ""
    """id of the gap whose acceptance ends it, too"""


UNREAD: Final = "unread-deliveries"
UNREAD_ASSETS: Final = "unread-assets"
_GAPS: Final = (
    Gap("silent-audio", "Silent audio inserted where the input has none",
        "Players of today do without; else add a silent track before upload"),
    Gap("black-video", "Black video inserted where the input has none", "Add a picture before upload"),
    Gap("slate", "Slates during a live event", "Show the slate in the encoder or the player", declare=True,
        sets=("Channels",)),
    Gap("ad-markers", "Ad markers inserted by an API call", "Let the encoder send SCTE-35, which version 3 passes on",
        declare=True, sets=("Channels",)),
    Gap("channel-tracks", "Choice of a channel's tracks, and ignoring CEA-708 captions",
        "Choose tracks and captions in the encoder", inferred=True),
    Gap("rtp-ingest", "Ingest by RTP (MPEG-2 TS)", "Send RTMP, RTMPS or fragmented MP4"),
    Gap("premium-workflow", "Media Encoder Premium Workflow",
        "Standard encoder for 8-bit HEVC and audio mapping; other vendors for MXF, ProRes and workflow files"),
    Gap("legacy-analytics", "Retired analysis (indexers, faces, text, motion, moderation)",
        "Audio and video analyzer presets where the service offers them, or Video Indexer"),
    Gap("no-analytics", "Hyperlapse, motion detection and video summaries", "There is no successor"),
    Gap("static-packaging", "Static packaging and encryption, by the packager, the encryptor and the decryptor",
        "Dynamic packaging and encryption when streaming", inferred=True),
    Gap("protected-configuration", "Encrypted task configurations", "Keep recipes readable, or behind your own storage",
        inferred=True),
    Gap("preset-features", "Parts of a custom preset that version 3 has no place for",
        "Compare with the fields of StandardEncoderPreset and leave them out", inferred=True),
    Gap("unreadable-preset", "A task configuration that nobody can read as a preset",
        "Find out what it does and write a transform by hand", inferred=True),
    Gap("fairplay-iv", "FairPlay with an initialization vector of one's own",
        "Version 3 derives it from the key's id; publish anew with that"),
    Gap("ip-restriction", "Keys restricted to addresses", "Restrict keys by token", inferred=True),
    Gap("several-restrictions", "An option of an authorization policy with several tokens",
        "Make one option for each token", inferred=True),
    Gap("configuration-encryption", "Keys that encrypt configurations or URLs", "There is no counterpart",
        inferred=True),
    Gap("hds", "Delivery as HDS", "Deliver HLS or DASH", inferred=True),
    Gap("delivery-features", "Parts of a delivery policy that version 3 has no place for (vectors of one's own)",
        "Compare with the fields of StreamingPolicy and leave them out", inferred=True),
    Gap(UNREAD, "Published assets whose delivery policies nobody looked at, since there are too many",
        "Look at what is protected among them, and play it", inferred=True),
    Gap(UNREAD_ASSETS, "Nameless assets that nobody looked into, since there are too many",
        "Look at some: those with files were made by version 2", inferred=True),
    Gap("unreadable-policy", "A protection template that can't be read", "Write the ContentKeyPolicy by hand",
        inferred=True),
    Gap("storage-encryption", "Encryption by the client at upload",
        "Storage encrypts by itself; what is encrypted already stays readable"),
    Gap("sas-locators", "SAS locators that have not expired", "Ask version 3 for URLs of the asset's container",
        inferred=True),
    Gap("classic-endpoint", "A streaming endpoint of the classic type",
        "Make it Standard or Premium: that can't be undone, and costs"),
    Gap("notifications", "Notifications to queues and web hooks", "Subscribe to the account's events in Event Grid"),
    Gap("telemetry", "Telemetry into tables", "Event Grid and Azure Monitor"),
    Gap("bulk-ingest", "Ingest manifests", "Upload with the tools of storage, or let jobs read from HTTPS"),
    Gap("availability-set", "Streaming endpoints in availability sets", "Run two accounts, as the high availability "
        "sample does", declare=True, sets=("StreamingEndpoints",)),
    Gap("key-delivery-only", "Licences for content that is streamed from elsewhere", "Stream from the account",
        declare=True, sets=("ContentKeys",)),
    Gap("sdk-language", "Programs with a client library that has no successor (PHP)",
        "Use the REST API, or the library of another language", declare=True),
    Gap("old-processors", "Media processors that were used last more than 90 days ago",
        "Ask who owns encoding: records of older tasks are gone", declare=True, sets=("Assets",)),
    Gap("undocumented", "Rows that no documentation describes", "Look at them in version 2", inferred=True),
)  # fmt: skip
GAPS: Final[Mapping[str, Gap]] = MappingProxyType({one.id: one for one in _GAPS})

BENEFITS: Final = (
    Benefit("locators", "100 streaming locators for each asset instead of 5", ("Locators",)),
    Benefit("transforms", "One transform instead of a preset in each task; jobs that read from HTTPS", ("Tasks",)),
    Benefit("live", "Live events with low latency, stand-by, RTMPS, 1080p encoding and transcription", ("Channels",)),
    Benefit("outputs", "Recordings that begin when they are made and end when they are deleted", ("Programs",)),
    Benefit("preview", "Previews with dynamic packaging and encryption", ("Channels",)),
    Benefit("units", "No reserved units: encoding scales by itself", ("EncodingReservedUnitTypes",)),
    Benefit("multi-key", "Several keys for one asset, by policy", ("ContentKeys",)),
    Benefit("events", "Event Grid and Azure Monitor", ("NotificationEndPoints", "MonitoringConfigurations")),
    Benefit("rights", "Rights for each entity, managed identities, private links, keys of your own", ("Assets",)),
)

_BLOCKERS: Final = (
    Blocker("job-in-flight", "V2JobsDrained", "Jobs are queued or running", "Wait for them, or cancel them",
            polled=True),
    Blocker("channel-on-air", "LiveStreamingMigrated", "Channels are not stopped",
            "Switch at a convenient stop: a running channel can't be carried over", polled=True),
    Blocker("program-on-air", "LiveStreamingMigrated", "Programs are recording", "Stop them before their channel",
            polled=True),
    Blocker("not-visible", "DeliveryMigrated", "Locators that version 3 does not show", "Publish them anew"),
    Blocker("not-republished", "DeliveryMigrated", "Locators whose assets are not published anew",
            "Give each asset a streaming locator in version 3; in another account one for each, with the same id"),
    Blocker("v2-locator-left", "DeliveryMigrated", "Locators of version 2 beside those of version 3",
            "Delete them in version 2 once nobody uses their URLs"),
    Blocker("asset-missing", "DeliveryMigrated", "Assets that the other account has not",
            "Copy their containers, and make an asset of the same name for each"),
    Blocker("sas-locator", "DeliveryMigrated", "SAS locators that have not expired",
            "Hand out URLs from version 3, or acknowledge the gap sas-locators", gap="sas-locators"),
    Blocker("classic-endpoint", "DeliveryMigrated", "An endpoint of the classic type",
            "Opt in to Standard or Premium, or acknowledge the gap classic-endpoint", gap="classic-endpoint"),
    Blocker("units-still-obeyed", "ReservedUnitsReady", "Processors in use that still obey reserved units",
            "Move Premium Workflow and Indexer 1 away first"),
)  # fmt: skip
BLOCKERS: Final[Mapping[str, Blocker]] = MappingProxyType({one.id: one for one in _BLOCKERS})
