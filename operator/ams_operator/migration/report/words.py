"""What version 2 calls things and what version 3 calls them, after the migration guide's table of entities: data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from ams_operator.domain.model import JSON
from ams_operator.migration import becoming
from ams_operator.migration.conditions.finding import Type
from ams_operator.migration.model import Fate

FATES: Final[Mapping[str, str]] = MappingProxyType(
    {
        Fate.MAPS: "becomes something new",
        Fate.VISIBLE: "in version 3 as it is",
        Fate.NOT_NEEDED: "not needed any more",
        Fate.ORIGIN_V3: "made by version 3",
        "OriginUnknown": "made by nobody knows which version",
        Fate.GAP: "has nothing in its place",
    }
)
APART: Final = "A feature without counterpart may show in entities that become something new, too: the gaps name them."
"""what is said beside the verdicts where features are told that have no counterpart: those are not entities"""

UNSETTLED: Final = "rows went away while it was read, or fewer are listed than counted: read it again"
"""of a set that is not known for sure"""
JOURNEY: Final = ("Channel", "State", "Phase", "Live event")
"""what is said of each channel"""


def titled(name: str) -> str:
    """A set as it is called in a list that shows all of them, with what is not to be added to the others."""
    return f"{name} (of assets, counted there)" if name == becoming.GROUPED else name


_STANDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "Acknowledged": "accepted",
        "NewEvidence": "accepted before, and other evidence was found since",
        "DeclaredUnusedButSeen": "declared unused, and in use",
        "Declared": "declared",
    }
)
READ: Final = frozenset({"Read", "Absent", "Unsettled"})
"""states of sets that were read to their end, or are not there"""
SETTLED: Final = frozenset({"Acknowledged", "Declared"})
"""states of gaps and questions about which nothing is left to do"""


def todo(one: JSON) -> str:
    """What is to be done about a gap or a question of `build.report`, after what somebody said of it already."""
    said = ": ".join(part for part in (_STANDS.get(one["state"], ""), one["reason"]) if part)
    return said if one["state"] in SETTLED else "; ".join(part for part in (said, one["todo"]) if part)


@dataclass(frozen=True, slots=True)
class Term:
    """One entity of version 2. `visible` and `changeable`: what version 3 can do with those that version 2 made."""

    v2: str
    v3: str
    visible: str
    changeable: str
    note: str = ""
    inferred: bool = False
    """it is not in the guide's table"""


TERMS: Final = (
    Term("Asset", "Asset", "yes", "yes", "Its name is the bare GUID of its id; its name becomes the description"),
    Term("AssetFile", "", "no", "no", "List the blobs of the asset's container"),
    Term("AccessPolicy", "", "no", "no", "A locator has its own beginning and end"),
    Term("Locator", "StreamingLocator", "yes", "no", "Asset URLs with a signature take the place of SAS locators"),
    Term("StreamingEndpoint", "StreamingEndpoint", "yes", "yes", "One object in both versions"),
    Term("ContentKey", "property of a StreamingLocator", "yes", "no", "A storage encryption key belongs to its Asset"),
    Term("ContentKeyAuthorizationPolicy", "ContentKeyPolicy", "yes", "no"),
    Term("ContentKeyAuthorizationPolicyOption", "option of a ContentKeyPolicy", "yes", "no"),
    Term("AssetDeliveryPolicy", "StreamingPolicy", "yes", "no"),
    Term("Channel", "LiveEvent", "no", "no", "Made anew; encoders get new URLs"),
    Term("Program", "LiveOutput", "no", "no", "Records from its creation to its deletion"),
    Term("Job", "Job", "no", "no", "Needs a Transform first"),
    Term("Task", "JobOutput", "no", "no", "No entity of its own any more"),
    Term("JobTemplate", "Transform", "no", "no"),
    Term("TaskTemplate", "TransformOutput", "no", "no", "No entity of its own any more"),
    Term("Inputs and outputs of a task", "inputs and outputs of a Job", "no", "no",
         "Metadata files are JSON instead of XML"),
    Term("MediaProcessor", "", "no", "not applicable", "The preset chooses the processor"),
    Term("NotificationEndPoint", "", "no", "no", "Event Grid; for telemetry Azure Monitor, too"),
    Term("IngestManifest", "", "no", "no", "Upload into storage, or jobs that read from HTTPS"),
    Term("Filter", "AccountFilter", "unknown", "unknown", inferred=True),
    Term("AssetFilter", "AssetFilter", "unknown", "unknown", inferred=True),
    Term("StorageAccount", "property of the account", "yes", "no", inferred=True),
    Term("EncodingReservedUnitType", "", "no", "no", "Ignored since 17 April 2021", inferred=True),
    Term("Operation", "asynchronous operation of Resource Manager", "no", "no", inferred=True),
)  # fmt: skip

_PROTOCOLS: Final = ("Smooth", "DASH", "HLS", "HDS", "download")
_NUMBERS: Final[Mapping[tuple[str, str], Mapping[int, str]]] = MappingProxyType(
    {
        ("AssetDeliveryPolicies", "AssetDeliveryPolicyType"): MappingProxyType(
            {0: "none", 1: "blocked", 2: "no encryption", 3: "envelope", 4: "common encryption", 5: "CBCS"}
        ),
        ("Assets", "Options"): MappingProxyType(
            {0: "none", 1: "storage encrypted", 2: "common encryption", 4: "envelope"}
        ),
        ("Assets", "State"): MappingProxyType({0: "initialized", 1: "published", 2: "deleted"}),
        ("ContentKeys", "ContentKeyType"): MappingProxyType(
            {0: "common encryption", 1: "storage encryption", 2: "configuration encryption", 3: "URL encryption",
             4: "envelope", 6: "CBCS", 7: "FairPlay ASk", 8: "FairPlay password"}
        ),
        ("JobTemplates", "TemplateType"): MappingProxyType({0: "of the service", 1: "of the account"}),
        ("Locators", "Type"): MappingProxyType({1: "SAS", 2: "streaming"}),
        ("Tasks", "State"): MappingProxyType(
            {0: "queued", 1: "scheduled", 2: "processing", 3: "finished", 4: "error", 5: "canceled", 6: "canceling"}
        ),
    }
)  # fmt: skip


def meaning(entities: str, path: str, value: object) -> str:
    """What a number of version 2 stands for; empty where it stands for itself."""
    if not isinstance(value, int) or isinstance(value, bool):
        return ""
    if (entities, path) == ("AssetDeliveryPolicies", "AssetDeliveryProtocol"):
        return "all" if value == 0xFFFF else ", ".join(
            name for bit, name in enumerate(_PROTOCOLS) if value >> bit & 1
        )  # fmt: skip
    return _NUMBERS.get((entities, path), {}).get(value, "")


def unblocked(report: JSON) -> str:
    """Where nothing blocks: how much that says. Where nobody could judge, nobody could find a blocker either."""
    judged = [one for step in report.get("steps", ()) for one in step["conditions"]]
    unsure = [one["type"] for one in judged if one["status"] == "Unknown" and one["type"] != Type.COMPLETE]
    if unsure:
        return f"Nothing is known to block the switch, but not everything is known: see {', '.join(unsure)}."
    return "Nothing that an API shows blocks the switch."
