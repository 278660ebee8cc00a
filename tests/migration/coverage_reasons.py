"""Why a member of version 2 decides nothing, and why others are not asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tests.migration.coverage_probe import at, changed, effects, paths
from tests.migration.coverage_rows import CASES

from ams_operator.migration import entities, polls, sources, verdicts
from ams_operator.migration.reduce import keyed
from ams_operator.migration.report import pairs

_STORAGE: Final = "the storage account says it itself"
_SHARED: Final = "one object in both versions: version 3 has it already"
_NUMBERED: Final = "ingest manifests have no counterpart, whatever is in them"
STATED: Final[Mapping[str, Mapping[str, str]]] = {
    "StorageAccounts": {"IsDefault": "`type` of the account's storage accounts says it", "BytesUsed": _STORAGE},
    "EncodingReservedUnitTypes": {"MaxReservableUnits": "units are ignored, and so is how many there may be"},
    "MediaProcessors": {"Version": "a processor of any version is judged by its name",
                        "Vendor": "a processor of any vendor is judged by its name"},
    "Assets": {"FormatOption": "version 3 has no formats of assets",
               "StorageAccountName": "version 3 shows the same asset in the same storage account"},
    "AccessPolicies": {"DurationInMinutes": "a locator of version 3 has its own end",
                       "Permissions": "a streaming locator of version 3 has no permissions"},
    "TaskTemplates": {"Description": "a transform is told by its recipe"},
    "StreamingEndpoints": dict.fromkeys(
        ("Description", "HostName", "CustomHostNames", "Created", "State", "CdnEnabled", "CdnProvider", "CdnProfile",
         "FreeTrialEndTime", "AccessControl.IP.Allow[].Name", "AccessControl.IP.Allow[].Address",
         "AccessControl.IP.Allow[].SubnetPrefixLength"), _SHARED,
    ),
    "Jobs": {**dict.fromkeys(("StartTime", "EndTime", "Priority"), "a job of version 2 is none of version 3"),
             "TemplateId": "templates are judged by themselves",
             "JobNotificationSubscriptions[].NotificationEndPointId": "that there is one is what counts",
             "JobNotificationSubscriptions[].TargetJobState": "that there is one is what counts"},
    "NotificationEndPoints": {
                              "EndPointAddress": "none takes its place; of a URL only the host is kept",
                              "CredentialType": "none takes its place, whatever it signs with"},
    "MonitoringConfigurations": {"Created": "none takes its place", "NotificationEndPointId": "none takes its place"},
    "IngestManifests": dict.fromkeys(
        ("Created", "StorageAccountName", "Statistics.PendingFilesCount", "Statistics.FinishedFilesCount",
         "Statistics.ErrorFilesCount", "Statistics.ErrorFilesDetails"), _NUMBERED,
    ),
    "IngestManifestAssets": {"Created": _NUMBERED},
    "IngestManifestFiles": {"Created": _NUMBERED},
}  # fmt: skip
"""members that are read and decide nothing, where the code does not say why"""

_SECRET: Final = "secret"
_COUNTED: Final = "its set is counted and no row is read"
_PAST: Final = "what became of a task says nothing of its recipe"
_ENCRYPTION: Final = "how an encrypted configuration is to be decrypted: it is not read"
UNASKED: Final[Mapping[str, Mapping[str, str]]] = {
    "Assets": {"Uri": "the name of its container, which version 3 shows"},
    "Files": dict.fromkeys(
        ("Name", "ContentFileSize", "ParentAssetId", "EncryptionVersion", "EncryptionScheme", "IsEncrypted",
         "EncryptionKeyId", "InitializationVector", "IsPrimary", "MimeType", "ContentChecksum", "Created",
         "LastModified", "Options"), _COUNTED,
    ),
    "Locators": dict.fromkeys(("Path", "BaseUri", "ContentAccessComponent"), f"{_SECRET}: the signature of a SAS URL"),
    "ContentKeys": {"EncryptedContentKey": _SECRET, "ProtectionKeyId": f"{_SECRET}: by what the key is encrypted",
                    "ProtectionKeyType": "there is one type, and the key is not read",
                    "Checksum": f"{_SECRET}: made of the key",
                    "TrackIdentifiers": "no documentation says what is in it"},
    "Operations": dict.fromkeys(("Id", "State", "TargetEntityId", "ErrorCode", "ErrorMessage"),
                                "rows exist only for whoever began them, and nothing is begun"),
    "IngestManifests": {"BlobStorageUriForUpload": f"{_SECRET}: a signed URL"},
    "IngestManifestAssets": {"ParentIngestManifestId": _COUNTED},
    "IngestManifestFiles": dict.fromkeys(
        ("Name", "State", "ErrorDetail", "ParentIngestManifestId", "ParentIngestManifestAssetId", "IsEncrypted"),
        _COUNTED,
    ),
    "Jobs": {"RunningDuration": "the record ends after 90 days"},
    "Tasks": {**dict.fromkeys(("RunningDuration", "PerfMessage", "Priority", "Progress", "ErrorDetails",
                               "HistoricalEvents"), _PAST),
              "TaskBody": "names the assets of one task",
              **dict.fromkeys(("EncryptionKeyId", "EncryptionScheme", "EncryptionVersion", "InitializationVector"),
                              _ENCRYPTION)},
    "JobTemplates": {"JobTemplateBody": "names the assets of its tasks, whose templates hold the recipes"},
    "TaskTemplates": {**dict.fromkeys(("Created", "LastModified"), "its job template has them"),
                      **dict.fromkeys(("NumberofInputAssets", "NumberofOutputAssets"), "its recipe says it"),
                      **dict.fromkeys(("EncryptionKeyId", "EncryptionScheme", "EncryptionVersion",
                                       "InitializationVector"), _ENCRYPTION)},
    "MediaProcessors": dict.fromkeys(("Description", "Sku"), "its name is enough"),
    "NotificationEndPoints": {"EncryptedEndPointCredential": _SECRET, "ProtectionKeyId": _SECRET,
                              "ProtectionKeyType": "there is one type, and the credential is not read"},
    "MonitoringConfigurations": {"Settings": "telemetry has no counterpart, whatever it measures"},
    "StreamingEndpoints": dict.fromkeys(("CrossSiteAccessPolicies", "CacheControl"), _SHARED),
}  # fmt: skip
"""members of version 2's entities that are not asked for"""
_PLAIN: Final = "nothing"
_POLLS: Final = {one.name: one for one in (polls.CHANNELS, polls.PROGRAMS, polls.JOBS)}
KEY: Final = "tells its rows apart"
CHANGED: Final = "what changed meanwhile is asked for by it"


def reasons(name: str, path: str) -> list[str]:
    """What the code says of a member besides what verdicts make of it: that it is a key, a date to ask by, that polls
    look at it, what the report says of it, that it does not come in as it is."""
    one = entities.SETS[name]
    found = [KEY] if path == one.key else []
    found += [CHANGED] if path == one.dated else []
    found += ["polls look at it"] if name in _POLLS and path in _POLLS[name].fields and path != one.key else []
    if path != one.key and (said := _said_by_report(name, path)):
        found.append(f"the report: {said}")
    if dropped(name, path):
        found.append("dropped on arrival, but for what is said here")
    return found


def _said_by_report(name: str, path: str) -> str:
    """A remark beside a field without a partner; that it is shown, where something takes the row's place."""
    plain = path.replace("[]", "")
    remarks = pairs.REMARKS.get(name, {})
    steps = plain.split(".")
    ways = (".".join(steps[:length]) for length in range(len(steps), 0, -1))
    if remark := next((remarks[way] for way in ways if way in remarks), ""):
        return remark
    case = CASES[name][0]
    known, one = case.known(), entities.SETS[name]
    row = one.reduce(case.row, keyed(b"test")) if one.reduce is not None else case.row
    verdict = verdicts.judge(name, row, known).verdict
    kept = (sources.source(name, row, verdict, known) or {}) if verdict.kind else {}
    shown = steps[0] in kept and not dropped(name, path) and not effects(name, path)
    return "beside what takes its place" if shown else ""


def dropped(name: str, path: str) -> bool:
    """Whether a text does not come in as it is: nothing of it is in what is kept of a row that has it."""
    one = entities.SETS[name]
    rows = [case.row for case in CASES[name] if path in set(paths(case.row))]
    if one.reduce is None or any(isinstance(at(row, path), bool | int | float) for row in rows):
        return False
    return all(_PLAIN not in repr(one.reduce(changed(row, path, _PLAIN), keyed(b"test"))) for row in rows)


def stated(name: str, path: str) -> str:
    """Why a member decides nothing; empty where nobody said so."""
    return STATED.get(name, {}).get(path, "")
