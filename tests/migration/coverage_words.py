"""Enumerations inside of texts: templates of tokens and licences, recipes of tasks, names of processors."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

from tests.migration.coverage_enums import Enumeration, numbered, words
from tests.migration.coverage_rows import MPID, OPTION, TASK, standard
from tests.migration.judging import GUID, NOW, TOKEN
from tests.migration.test_policies import HEADER, PLAYREADY
from tests.migration.test_presets import MES

from ams_operator.domain.model import JSON
from ams_operator.migration.model import Known

_OPTIONS: Final = "ContentKeyAuthorizationPolicyOptions"
_UNKNOWN: Final = "AllowPassingVideoContentToUnknownOutput"


def _token(text: str) -> JSON:
    return {**OPTION, "Restrictions": [{"KeyRestrictionType": 1, "Requirements": text}]}


def _kind(value: str) -> JSON:
    """The alternate key is of a type of its own."""
    return _token(TOKEN.replace("SymmetricVerificationKey", value))


def _license(inner: str) -> JSON:
    return {**OPTION, "KeyDeliveryType": 1, "KeyDeliveryConfiguration": PLAYREADY % inner}


def _location(value: str) -> JSON:
    return _license(f'<ContentKey i:type="{value}"><KeyIdentifier>{GUID}</KeyIdentifier></ContentKey>')


def _fairplay(value: int) -> JSON:
    text = json.dumps({"ASkId": GUID, "RentalAndLeaseKeyType": value, "RentalDuration": 60})
    return {**OPTION, "KeyDeliveryType": 4, "KeyDeliveryConfiguration": text}


def _task(text: str) -> JSON:
    return {**TASK, "Configuration": text}


def _preset(**changes: Any) -> JSON:
    return _task(json.dumps({**MES, **changes}))


def _codec(kind: str) -> JSON:
    codec = next((one for one in MES["Codecs"] if one["Type"] == kind), {"Type": kind})
    return _preset(Codecs=[codec])


def _audio(**changes: Any) -> JSON:
    return _preset(Codecs=[{**MES["Codecs"][1], **changes}])


def _video(**changes: Any) -> JSON:
    return _preset(Codecs=[{**MES["Codecs"][0], **changes}])


def _layer(**changes: Any) -> JSON:
    return _video(H264Layers=[{**MES["Codecs"][0]["H264Layers"][0], **changes}])


def _source(**filters: Any) -> JSON:
    return _preset(Sources=[{"Filters": filters}])


def _processed(name: str) -> JSON:
    return {**TASK, "MediaProcessorId": f"nb:mpid:UUID:{name}"}


PROCESSORS: Final = (
    "Media Encoder Standard", "Windows Azure Media Encoder", "Azure Media Encoder", "Media Encoder Premium Workflow",
    "Azure Media Indexer", "Azure Media Indexer 2 Preview", "Azure Media Face Detector", "Azure Media Redactor",
    "Azure Media OCR", "Azure Media Content Moderator", "Azure Media Motion Detector", "Azure Media Video Thumbnails",
    "Azure Media Hyperlapse", "Windows Azure Media Packager", "Windows Azure Media Encryptor", "Storage Decryption",
)  # fmt: skip


def _processors() -> Known:
    return Known(NOW, processors={MPID.lower(): "", **{f"nb:mpid:uuid:{one.lower()}": one for one in PROCESSORS}})


WORDS: Final[Sequence[Enumeration]] = (
    Enumeration(_OPTIONS, "TokenRestrictionTemplate/TokenType", words("SWT", "JWT", "Undefined"),
                lambda value: _token(TOKEN.replace("JWT", value))),
    Enumeration(_OPTIONS, "TokenRestrictionTemplate/TokenType (numbers)", numbered("Undefined", "SWT", "JWT"),
                lambda value: _token(TOKEN.replace("JWT", str(value)))),
    Enumeration(_OPTIONS, "TokenRestrictionTemplate/PrimaryVerificationKey",
                words("SymmetricVerificationKey", "X509CertTokenVerificationKey", "RsaTokenVerificationKey"), _kind),
    Enumeration(_OPTIONS, "PlayReadyLicenseTemplate/LicenseType", words("Nonpersistent", "Persistent"),
                lambda value: _license(f"{HEADER}<LicenseType>{value}</LicenseType>")),
    Enumeration(_OPTIONS, "PlayReadyLicenseTemplate/ContentKey",
                words("ContentEncryptionKeyFromHeader", "ContentEncryptionKeyFromKeyIdentifier"), _location),
    Enumeration(_OPTIONS, f"PlayReadyLicenseTemplate/PlayRight/{_UNKNOWN}",
                words("NotAllowed", "Allowed", "AllowedWithVideoConstriction"),
                lambda value: _license(f"{HEADER}<PlayRight><{_UNKNOWN}>{value}</{_UNKNOWN}></PlayRight>")),
    Enumeration(_OPTIONS, "FairPlay/RentalAndLeaseKeyType",
                numbered("Undefined", "DualExpiry", "PersistentUnlimited", "PersistentLimited"), _fairplay),
    Enumeration("Tasks", "MediaProcessorId (name of the processor)", words(*PROCESSORS), _processed, _processors),
    Enumeration("Tasks", "Configuration", words(
        "Adaptive Streaming", "Content Adaptive Multiple Bitrate MP4", "H264 Multiple Bitrate 1080p",
        "H264 Multiple Bitrate 720p", "H264 Multiple Bitrate 4x3 SD", "H264 Multiple Bitrate 16x9 SD",
        "H264 Single Bitrate 1080p", "H264 Single Bitrate 720p", "H264 Single Bitrate 16x9 SD",
        "H264 Single Bitrate 4x3 SD", "AAC Good Quality Audio", "AAC Audio", "H264 Multiple Bitrate 1080p Audio 5.1",
        "H264 Multiple Bitrate 4K", "H264 Multiple Bitrate 16x9 for iOS",
        "H264 Single Bitrate High Quality SD for Android",
        ), _task, standard),
    Enumeration("Tasks", "Configuration (Azure Media Encoder)",
                words("H264 Adaptive Bitrate MP4 Set 1080p", "H264 Adaptive Bitrate MP4 Set 720p"), _task,
                lambda: Known(NOW, processors={MPID.lower(): "Azure Media Encoder"})),
    Enumeration("Tasks", "Configuration/Codecs/Type",
                words("H264Video", "AACAudio", "JpgImage", "PngImage", "BmpImage", "CopyVideo", "CopyAudio"), _codec,
                standard),
    Enumeration("Tasks", "Configuration/Outputs/Format/Type", words("MP4Format", "JpgFormat", "PngFormat", "BmpFormat"),
                lambda value: _preset(Outputs=[{"FileName": "{Basename}{Extension}", "Format": {"Type": value}}]),
                standard),
    Enumeration("Tasks", "Configuration/Codecs/Condition",
                words("InsertSilenceIfNoAudio", "InsertBlackIfNoVideo", "InsertBlackIfNoVideoBottomLayerOnly"),
                lambda value: _audio(Condition=value), standard),
    Enumeration("Tasks", "Configuration/AACAudio/Profile", words("AACLC", "HEAACV1", "HEAACV2"),
                lambda value: _audio(Profile=value), standard),
    Enumeration("Tasks", "Configuration/H264Video/Complexity", words("Speed", "Balanced", "Quality"),
                lambda value: _video(Complexity=value), standard),
    Enumeration("Tasks", "Configuration/H264Video/StretchMode", words("None", "AutoSize", "AutoFit"),
                lambda value: _video(StretchMode=value), standard),
    Enumeration("Tasks", "Configuration/H264Layer/Profile", words("Auto", "Baseline", "Main", "High"),
                lambda value: _layer(Profile=value), standard),
    Enumeration("Tasks", "Configuration/H264Layer/EntropyMode", words("Cabac", "Cavlc"),
                lambda value: _layer(EntropyMode=value), standard),
    Enumeration("Tasks", "Configuration/Sources/Rotation", words("Auto", "0", "90", "180", "270"),
                lambda value: _source(Rotation=value), standard),
    Enumeration("Tasks", "Configuration/Sources/Deinterlace", words("Auto", "Off", "AutoPixelAdaptive"),
                lambda value: _source(Deinterlace={"Mode": value}), standard),
)  # fmt: skip
