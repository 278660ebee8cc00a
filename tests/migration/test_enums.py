"""What each value of version 2's enumerations becomes: those of entities, and those inside of templates and recipes."""

from __future__ import annotations

from typing import Any, Final

import pytest
from tests.migration.coverage_enums import ENUMERATIONS, Enumeration
from tests.migration.coverage_probe import judge
from tests.migration.coverage_rows import CHANNEL
from tests.migration.coverage_words import WORDS
from tests.migration.judging import judged

ALL: Final = {one.title: one for one in (*ENUMERATIONS, *WORDS)}
OPTION: Final = "ContentKeyAuthorizationPolicyOptions"
KIND: Final = "@odata.type"
BUILT_IN: Final = "BuiltInStandardEncoderPreset"
LIVE: Final = "MapsTo `LiveEvent`"
POLICY: Final = "MapsTo `ContentKeyPolicy`"
STREAMING: Final = "MapsTo `StreamingPolicy`"
TRANSFORM: Final = "MapsTo `Transform`"
UNDOCUMENTED: Final = "Gap `undocumented`"

VERDICTS: dict[str, dict[Any, str]] = {
    "Assets.State": {0: "VisibleInV3", 1: "VisibleInV3", 2: "NotNeeded"},
    "Locators.Type": {0: UNDOCUMENTED, 1: "Gap `sas-locators`", 2: "VisibleInV3"},
    "ContentKeys.ContentKeyType": {
        0: "VisibleInV3", 1: "VisibleInV3", 2: "Gap `configuration-encryption`", 3: "Gap `configuration-encryption`",
        4: "VisibleInV3", 6: "VisibleInV3", 7: POLICY, 8: POLICY,
    },
    f"{OPTION}.KeyDeliveryType": {0: UNDOCUMENTED, 1: POLICY, 2: POLICY, 3: POLICY, 4: POLICY},
    f"{OPTION}.Restrictions[].KeyRestrictionType": {0: POLICY, 1: POLICY, 2: "Gap `ip-restriction`"},
    "AssetDeliveryPolicies.AssetDeliveryProtocol": {
        0: "NotNeeded", 1: STREAMING, 2: STREAMING, 4: STREAMING, 8: "Gap `hds`", 16: STREAMING, 0xFFFF: STREAMING,
    },
    "AssetDeliveryPolicies.AssetDeliveryPolicyType": {
        0: UNDOCUMENTED, 1: "NotNeeded", 2: STREAMING, 3: STREAMING, 4: STREAMING, 5: STREAMING,
    },
    "Tasks.Options": {0: TRANSFORM, 1: "Gap `protected-configuration`", 2: TRANSFORM, 4: TRANSFORM},
    "TaskTemplates.Options": {0: TRANSFORM, 1: "Gap `protected-configuration`", 2: TRANSFORM, 4: TRANSFORM},
    "JobTemplates.TemplateType": {0: "NotNeeded", 1: TRANSFORM},
    "NotificationEndPoints.EndPointType": {
        0: "Gap `notifications`", 1: "Gap `notifications`", 2: "Gap `telemetry`", 3: "Gap `notifications`",
    },
    "IngestManifests.State": {0: "NotNeeded", 1: "Gap `bulk-ingest`", 2: "Gap `bulk-ingest`"},
    "Channels.State": {**dict.fromkeys(("Stopped", "Starting", "Running", "Stopping"), LIVE), "Deleting": "NotNeeded"},
    "Channels.Input.StreamingProtocol": {"FragmentedMP4": LIVE, "RTMP": LIVE, "RTPMPEG2TS": "Gap `rtp-ingest`"},
    "Programs.State": {
        "Stopped": "NotNeeded", **dict.fromkeys(("Starting", "Running", "Stopping"), "MapsTo `LiveOutput`"),
    },
    "StreamingEndpoints.StreamingEndpointVersion": {"1.0": "Gap `classic-endpoint`", "2.0": "VisibleInV3"},
    "Tasks.Configuration": {
        **dict.fromkeys(ALL["Tasks.Configuration"].values, TRANSFORM),
        **dict.fromkeys(("H264 Single Bitrate 4x3 SD", "AAC Audio", "H264 Multiple Bitrate 1080p Audio 5.1",
                         "H264 Multiple Bitrate 4K", "H264 Multiple Bitrate 16x9 for iOS",
                         "H264 Single Bitrate High Quality SD for Android"), "Gap `preset-features`"),
    },
    "Tasks.Configuration/Outputs/Format/Type": {
        "MP4Format": TRANSFORM, "JpgFormat": TRANSFORM, "PngFormat": TRANSFORM, "BmpFormat": "Gap `preset-features`",
    },
}  # fmt: skip
"""verdicts by enumeration and value"""

MEMBERS: dict[str, tuple[str, dict[Any, Any]]] = {
    "Assets.Options": ("gaps", {0: "", 1: "storage-encryption", 2: "static-packaging", 4: "static-packaging"}),
    "Jobs.State": ("blockers", {0: "job-in-flight", 1: "job-in-flight", 2: "job-in-flight", 3: "", 4: "", 5: "",
                                6: "job-in-flight"}),
    "Channels.State": ("blockers", {"Stopped": "", "Starting": "channel-on-air", "Running": "channel-on-air",
                                    "Stopping": "channel-on-air", "Deleting": ""}),
    "Programs.State": ("blockers", {"Stopped": "", "Starting": "program-on-air", "Running": "program-on-air",
                                    "Stopping": "program-on-air"}),
    "Channels.Encoding.AdMarkerSource": ("gaps", {"Api": "ad-markers", "Scte35": ""}),
    "Channels.EncodingType": ("/encoding/encodingType", {"None": "PassthroughStandard", "Standard": "Standard",
                                                         "Premium": "Premium1080p"}),
    "Channels.Input.StreamingProtocol": ("/input/streamingProtocol", {"FragmentedMP4": "FragmentedMP4", "RTMP": "RTMP",
                                                                      "RTPMPEG2TS": None}),
    "EncodingReservedUnitTypes.ReservedUnitType": ("known units", {0: "'10 x S1'", 1: "'10 x S2'", 2: "'10 x S3'"}),
    f"{OPTION}.KeyDeliveryType": (f"/options/configuration/{KIND}", {
        0: None, 1: "ContentKeyPolicyPlayReadyConfiguration", 2: "ContentKeyPolicyClearKeyConfiguration",
        3: "ContentKeyPolicyWidevineConfiguration", 4: "ContentKeyPolicyFairPlayConfiguration"}),
    f"{OPTION}.Restrictions[].KeyRestrictionType": (f"/options/restriction/{KIND}", {
        0: "ContentKeyPolicyOpenRestriction", 1: "ContentKeyPolicyTokenRestriction", 2: None}),
    f"{OPTION}.TokenRestrictionTemplate/TokenType": ("/options/restriction/restrictionTokenType", {
        "SWT": "Swt", "JWT": "Jwt", "Undefined": None}),
    f"{OPTION}.TokenRestrictionTemplate/PrimaryVerificationKey": (
        f"/options/restriction/primaryVerificationKey/{KIND}", {
            "SymmetricVerificationKey": "ContentKeyPolicySymmetricTokenKey",
            "X509CertTokenVerificationKey": "ContentKeyPolicyX509CertificateTokenKey",
            "RsaTokenVerificationKey": "ContentKeyPolicyRsaTokenKey"}),
    f"{OPTION}.PlayReadyLicenseTemplate/LicenseType": ("/options/configuration/licenses/licenseType", {
        "Nonpersistent": "NonPersistent", "Persistent": "Persistent"}),
    f"{OPTION}.PlayReadyLicenseTemplate/PlayRight/AllowPassingVideoContentToUnknownOutput": (
        "/options/configuration/licenses/playRight/allowPassingVideoContentToUnknownOutput", {
            "NotAllowed": "NotAllowed", "Allowed": "Allowed",
            "AllowedWithVideoConstriction": "AllowedWithVideoConstriction"}),
    f"{OPTION}.FairPlay/RentalAndLeaseKeyType": ("/options/configuration/rentalAndLeaseKeyType", {
        0: "Undefined", 1: "DualExpiry", 2: "PersistentUnlimited", 3: "PersistentLimited"}),
    "AssetDeliveryPolicies.AssetDeliveryPolicyType": ("name", {
        0: "", 1: "", 2: "noEncryption", 3: "envelopeEncryption", 4: "commonEncryptionCenc",
        5: "commonEncryptionCbcs"}),
    "Tasks.Configuration/Codecs/Type": (f"/outputs/preset/codecs/{KIND}", {
        "H264Video": "H264Video", "AACAudio": "AacAudio", "JpgImage": "JpgImage", "PngImage": "PngImage",
        "BmpImage": None, "CopyVideo": "CopyVideo", "CopyAudio": "CopyAudio"}),
    "Tasks.Configuration/Outputs/Format/Type": (f"/outputs/preset/formats/{KIND}", {
        "MP4Format": "Mp4Format", "JpgFormat": "JpgFormat", "PngFormat": "PngFormat", "BmpFormat": None}),
    "Tasks.Configuration/AACAudio/Profile": ("/outputs/preset/codecs/profile", {
        "AACLC": "AacLc", "HEAACV1": "HeAacV1", "HEAACV2": "HeAacV2"}),
    "Tasks.Configuration/Sources/Deinterlace": ("/outputs/preset/filters/deinterlace/mode", {
        "Auto": None, "Off": "Off", "AutoPixelAdaptive": "AutoPixelAdaptive"}),
    "Tasks.Configuration/Codecs/Condition": ("gaps", {
        "InsertSilenceIfNoAudio": "silent-audio", "InsertBlackIfNoVideo": "black-video",
        "InsertBlackIfNoVideoBottomLayerOnly": "black-video"}),
    "Tasks.Configuration (Azure Media Encoder)": ("/outputs/preset/presetName", {
        "H264 Adaptive Bitrate MP4 Set 1080p": "H264MultipleBitrate1080p",
        "H264 Adaptive Bitrate MP4 Set 720p": "H264MultipleBitrate720p"}),
    "Tasks.Configuration": ("/outputs/preset/presetName", {
        "Adaptive Streaming": "AdaptiveStreaming", "Content Adaptive Multiple Bitrate MP4": "ContentAwareEncoding",
        "H264 Multiple Bitrate 1080p": "H264MultipleBitrate1080p",
        "H264 Multiple Bitrate 720p": "H264MultipleBitrate720p",
        "H264 Multiple Bitrate 4x3 SD": "H264MultipleBitrateSD",
        "H264 Multiple Bitrate 16x9 SD": "H264MultipleBitrateSD",
        "H264 Single Bitrate 1080p": "H264SingleBitrate1080p", "H264 Single Bitrate 720p": "H264SingleBitrate720p",
        "H264 Single Bitrate 16x9 SD": "H264SingleBitrateSD", "H264 Single Bitrate 4x3 SD": None,
        "AAC Good Quality Audio": "AACGoodQualityAudio", "AAC Audio": None,
        "H264 Multiple Bitrate 1080p Audio 5.1": None, "H264 Multiple Bitrate 4K": None,
        "H264 Multiple Bitrate 16x9 for iOS": None, "H264 Single Bitrate High Quality SD for Android": None}),
    "Tasks.MediaProcessorId (name of the processor)": (f"/outputs/preset/{KIND}", {
        "Media Encoder Standard": BUILT_IN, "Windows Azure Media Encoder": BUILT_IN, "Azure Media Encoder": BUILT_IN,
        "Azure Media Indexer": "AudioAnalyzerPreset", "Azure Media Indexer 2 Preview": "AudioAnalyzerPreset",
        "Azure Media Redactor": "FaceDetectorPreset",
        **dict.fromkeys(("Media Encoder Premium Workflow", "Azure Media Face Detector", "Azure Media OCR",
                         "Azure Media Content Moderator", "Azure Media Motion Detector",
                         "Azure Media Video Thumbnails", "Azure Media Hyperlapse", "Windows Azure Media Packager",
                         "Windows Azure Media Encryptor", "Storage Decryption"))}),
    f"{OPTION}.TokenRestrictionTemplate/TokenType (numbers)": ("/options/restriction/restrictionTokenType", {
        0: None, 1: "Swt", 2: "Jwt"}),
    f"{OPTION}.PlayReadyLicenseTemplate/ContentKey": (f"/options/configuration/licenses/contentKeyLocation/{KIND}", {
        one: f"ContentKeyPolicyPlayReady{one}" for one in ("ContentEncryptionKeyFromHeader",
                                                           "ContentEncryptionKeyFromKeyIdentifier")}),
    "Tasks.Configuration/Sources/Rotation": ("/outputs/preset/filters/rotation", {
        "Auto": "Auto", "0": "Rotate0", "90": "Rotate90", "180": "Rotate180", "270": "Rotate270"}),
    "Channels.Encoding.SystemPreset": ("/encoding/presetName", {"Default720p": "Default720p"}),
    **{f"Tasks.Configuration/{part}": (f"/outputs/preset/codecs/{member}", dict(zip(values, values, strict=True)))
       for part, member, values in (
           ("H264Video/Complexity", "complexity", ("Speed", "Balanced", "Quality")),
           ("H264Video/StretchMode", "stretchMode", ("None", "AutoSize", "AutoFit")),
           ("H264Layer/Profile", "layers/profile", ("Auto", "Baseline", "Main", "High")),
           ("H264Layer/EntropyMode", "layers/entropyMode", ("Cabac", "Cavlc")))},
    **{f"{name}.Tracks[].PropertyConditions[].{part}": (f"/tracks/trackSelections/{member}",
                                                        dict(zip(values, values, strict=True)))
       for name in ("Filters", "AssetFilters")
       for part, member, values in (
           ("Property", "property", ("Type", "Name", "Language", "FourCC", "Bitrate")),
           ("Operator", "operation", ("Equal", "NotEqual")))},
}  # fmt: skip
"""what else is said of a row that has a value"""

CONFIGURED: dict[int, tuple[str, Any]] = {
    0: ("", None),
    1: ("/envelopeEncryption/customKeyAcquisitionUrlTemplate", "https://example.org/1"),
    2: ("/envelopeEncryption/customKeyAcquisitionUrlTemplate", "https://example.org/2?KID={ContentKeyId}"),
    3: ("gap delivery-features", True),
    4: ("/commonEncryptionCenc/drm/playReady/customLicenseAcquisitionUrlTemplate", "https://example.org/4"),
    5: ("/commonEncryptionCenc/drm/playReady/playReadyCustomAttributes", "attributes"),
    6: ("gap delivery-features", True),
    7: ("/commonEncryptionCenc/drm/widevine/customLicenseAcquisitionUrlTemplate", "https://example.org/7"),
    8: ("/commonEncryptionCenc/drm/widevine/customLicenseAcquisitionUrlTemplate",
        "https://example.org/8?KID={ContentKeyId}"),
    9: ("/commonEncryptionCbcs/drm/fairPlay/customLicenseAcquisitionUrlTemplate", "https://example.org/9"),
    10: ("/commonEncryptionCbcs/drm/fairPlay/customLicenseAcquisitionUrlTemplate",
         "https://example.org/10?KID={ContentKeyId}"),
    11: ("gap delivery-features", True),
    12: ("/commonEncryptionCenc/clearTracks/trackSelections/value", "avc1"),
    13: ("/commonEncryptionCbcs/drm/fairPlay/allowPersistentLicense", True),
}  # fmt: skip
"""settings of a delivery policy by their numbers"""
ALIKE = (
    "Assets.FormatOption", "AccessPolicies.Permissions", "Jobs.JobNotificationSubscriptions[].TargetJobState",
    "Tasks.State", "NotificationEndPoints.CredentialType", "StreamingEndpoints.State", "StreamingEndpoints.CdnProvider",
)  # fmt: skip
"""enumerations whose values make no difference"""


def said(one: Enumeration, value: Any, key: str) -> Any:
    found = judge(one.of, one.made(value), one.world())
    if key in ("gaps", "blockers"):
        return " ".join(name.partition(" ")[2] for name in found if name.startswith(f"{key[:-1]} "))
    told = found.get(key)
    return told.removeprefix("#Microsoft.Media.") if isinstance(told, str) else told


@pytest.mark.parametrize("title", VERDICTS)
def test_verdicts_on_each_value(title: str) -> None:
    assert VERDICTS[title].keys() == ALL[title].values.keys()
    assert {value: said(ALL[title], value, "verdict") for value in ALL[title].values} == VERDICTS[title]


@pytest.mark.parametrize("title", MEMBERS)
def test_what_each_value_becomes(title: str) -> None:
    key, expected = MEMBERS[title]
    assert expected.keys() == ALL[title].values.keys()
    assert {value: said(ALL[title], value, key) for value in ALL[title].values} == expected


@pytest.mark.parametrize("title", ALIKE)
def test_values_that_make_no_difference(title: str) -> None:
    one = ALL[title]
    each = [judge(one.of, one.made(value), one.world()) for value in one.values]
    assert len(each) > 1
    assert all(found == each[0] for found in each)


def test_each_setting_of_a_delivery_policy() -> None:
    one = ALL["AssetDeliveryPolicies.AssetDeliveryConfiguration[].Key"]
    assert CONFIGURED.keys() == one.values.keys()
    assert {number: said(one, number, key) for number, (key, _) in CONFIGURED.items()} == {
        number: value for number, (_, value) in CONFIGURED.items()
    }


def test_numbers_and_words_are_not_mixed_up() -> None:
    """A job's number may come as its name; a channel's word never comes as a number."""
    jobs, channels = ALL["Jobs.State"], ALL["Channels.State"]
    for number, name in jobs.values.items():
        assert said(jobs, name, "blockers") == said(jobs, number, "blockers") == said(jobs, str(number), "blockers")
    assert said(channels, 2, "verdict") == UNDOCUMENTED


@pytest.mark.parametrize(
    ("encoding", "preset", "noted"),
    [
        ("Standard", "Default720p", False), ("Standard", "default720P", False), ("Standard", None, False),
        ("Standard", "House1080p", True), ("Premium", "Default720p", True), ("None", "House1080p", False),
    ],
)  # fmt: skip
def test_a_channels_preset_that_is_not_version_3s_default_is_told(
    encoding: str, preset: str | None, noted: bool
) -> None:
    found = judged("Channels", **{**CHANNEL, "EncodingType": encoding, "Encoding": {"SystemPreset": preset}}).verdict
    assert bool(found.note) == noted
    assert not noted or str(preset) in found.note
