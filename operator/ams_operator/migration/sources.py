"""What is kept of the entity that becomes something new: its fields, to be shown beside those that take its place.

Rows come without what is secret in them (`reduce`). A task's configuration is kept only where it was read as a preset
of the Standard encoder: other processors' may hold anything.
"""

from __future__ import annotations

from typing import Any, Final

from ams_operator import jsons
from ams_operator.domain.model import JSON
from ams_operator.migration import odata, templates
from ams_operator.migration.model import Known, Verdict
from ams_operator.migration.reduce import spoken

LARGEST: Final = 16_384
"""bytes of one source as JSON"""
ALL: Final = 1 << 20
"""bytes of all sources of a set; what comes later has none"""
_LONGEST: Final = 8_192
"""characters of one text"""
_OURS: Final = frozenset({"Content", "Protected", "Secrets"})
"""what `reduce` adds for the verdicts"""
_DELIVERY: Final = (
    "None", "EnvelopeKeyAcquisitionUrl", "EnvelopeBaseKeyAcquisitionUrl", "EnvelopeEncryptionIVAsBase64",
    "PlayReadyLicenseAcquisitionUrl", "PlayReadyCustomAttributes", "EnvelopeEncryptionIV",
    "WidevineLicenseAcquisitionUrl", "WidevineBaseLicenseAcquisitionUrl", "FairPlayLicenseAcquisitionUrl",
    "FairPlayBaseLicenseAcquisitionUrl", "CommonEncryptionIVForCbcs", "UnencryptedTracksByFourCC",
    "AllowPersistentLicense",
)  # fmt: skip
"""keys of a delivery policy's configuration by their numbers"""
_DATES: Final = frozenset({"Created", "LastModified", "StartTime", "EndTime", "ExpirationDateTime", "FreeTrialEndTime"})
_PRESETS: Final = ("#Microsoft.Media.StandardEncoderPreset", "#Microsoft.Media.BuiltInStandardEncoderPreset")


def source(name: str, row: JSON, verdict: Verdict, known: Known) -> JSON | None:
    """The fields of a row of the set `name` that are worth a look. None where they are too many."""
    found = {
        field: _date(value) if field in _DATES else _kept(value)
        for field, value in row.items()
        if field not in _OURS and value not in (None, "", [])
    }
    if "Configuration" in found and name in ("Tasks", "TaskTemplates") and not _is_preset(verdict):
        del found["Configuration"]
    if processor := known.processors.get(str(row.get("MediaProcessorId")).lower()):
        found["MediaProcessor"] = processor
    if name == "AssetDeliveryPolicies":
        found.pop("Unreadable", None)
        if pairs := found.pop("Configuration", None):
            found["AssetDeliveryConfiguration"] = {
                _DELIVERY[number] if 0 <= number < len(_DELIVERY) else str(number): _setting(number, value)
                for number, value in pairs
            }
    if name == "ContentKeyAuthorizationPolicies":
        options = known.options.get(odata.guid(row.get("Id")) or "", [])
        found["Options"] = [
            {field: _kept(value) for field, value in one.items() if field not in _OURS} for one in options
        ]
    return found if size(found) <= LARGEST else None


def _setting(number: int, value: str) -> str:
    return templates.shown(value) if number in templates.URLS else value


def size(found: JSON | None) -> int:
    """Bytes as JSON."""
    return len(jsons.dumps(found))


def _is_preset(verdict: Verdict) -> bool:
    outputs = verdict.fields.get("outputs") or [{}]
    preset = outputs[0].get("preset") if isinstance(outputs[0], dict) else None
    return isinstance(preset, dict) and preset.get("@odata.type") in _PRESETS


def _date(value: Any) -> Any:
    """One spelling of a time, whichever the service chose."""
    at = odata.moment(value)
    return f"{at:%FT%TZ}" if at is not None else _kept(value)


def _kept(value: Any) -> Any:
    """A value of moderate length, which has lost what may be a secret in it."""
    if isinstance(value, str):
        text = spoken(value)
        return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
    if isinstance(value, list):
        return [_kept(one) for one in value]
    if isinstance(value, dict):
        return {key: _kept(one) for key, one in value.items()}
    return value
