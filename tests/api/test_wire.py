"""What is sent: the service's fields, under the service's names, and nothing else."""

from typing import Any

import pytest

from ams_operator.api.account import MediaServicesAccountSpec
from ams_operator.api.asset import AssetSpec
from ams_operator.api.base import ApiModel
from ams_operator.api.live_event import LiveEventSpec
from ams_operator.api.live_output import LiveOutputSpec
from ams_operator.api.references import secrets
from ams_operator.api.streaming_endpoint import StreamingEndpointSpec
from ams_operator.api.transform import TransformSpec
from ams_operator.api.wire import WIRE_TYPES, odata_type, to_wire

MEDIA = "#Microsoft.Media."
GOLDEN_TYPES = {
    "Preset": {
        "audioAnalyzer": "AudioAnalyzerPreset",
        "builtInStandardEncoder": "BuiltInStandardEncoderPreset",
        "faceDetector": "FaceDetectorPreset",
        "standardEncoder": "StandardEncoderPreset",
        "videoAnalyzer": "VideoAnalyzerPreset",
    },
    "Codec": {
        "aacAudio": "AacAudio",
        "audio": "Audio",
        "copyAudio": "CopyAudio",
        "copyVideo": "CopyVideo",
        "ddAudio": "DDAudio",
        "h264Video": "H264Video",
        "h265Video": "H265Video",
        "image": "Image",
        "jpgImage": "JpgImage",
        "pngImage": "PngImage",
        "video": "Video",
    },
    "Format": {
        "image": "ImageFormat",
        "jpg": "JpgFormat",
        "mp4": "Mp4Format",
        "multiBitrate": "MultiBitrateFormat",
        "png": "PngFormat",
        "transportStream": "TransportStreamFormat",
    },
    "Overlay": {"audio": "AudioOverlay", "video": "VideoOverlay"},
}


def test_the_keys_of_polymorphic_objects_are_frozen() -> None:
    golden = {union: {key: MEDIA + name for key, name in keys.items()} for union, keys in GOLDEN_TYPES.items()}
    assert {union: dict(keys) for union, keys in WIRE_TYPES.items()} == golden


def test_a_transform_becomes_the_services_json() -> None:
    spec = TransformSpec.model_validate(
        {
            "azureName": "ladder",
            "accountRef": {"name": "other"},
            "managementPolicy": "Plan",
            "adoptionPolicy": "Always",
            "deletionPolicy": "Retain",
            "disruptionPolicy": "Interrupt",
            "description": "",
            "outputs": [
                {
                    "onError": "ContinueJob",
                    "preset": {
                        "standardEncoder": {
                            "codecs": [
                                {"copyAudio": {}},
                                {
                                    "h264Video": {
                                        "keyFrameInterval": "PT02S",
                                        "layers": [{"bitrate": 1, "width": "50%"}],
                                    }
                                },
                            ],
                            "formats": [{"mp4": {"filenamePattern": "{Basename}", "outputFiles": [{"labels": ["a"]}]}}],
                            "filters": {"rotation": "Rotate90", "overlays": [{"audio": {"inputLabel": "x"}}]},
                            "experimentalOptions": {"snake_case": "1"},
                        }
                    },
                },
                {"preset": {"builtInStandardEncoder": {"presetName": "AdaptiveStreaming"}}},
            ],
        }
    )
    assert to_wire(spec) == {
        "properties": {
            "description": "",
            "outputs": [
                {
                    "onError": "ContinueJob",
                    "preset": {
                        "@odata.type": MEDIA + "StandardEncoderPreset",
                        "codecs": [
                            {"@odata.type": MEDIA + "CopyAudio"},
                            {
                                "@odata.type": MEDIA + "H264Video",
                                "keyFrameInterval": "PT02S",
                                "layers": [{"bitrate": 1, "width": "50%"}],
                            },
                        ],
                        "formats": [
                            {
                                "@odata.type": MEDIA + "Mp4Format",
                                "filenamePattern": "{Basename}",
                                "outputFiles": [{"labels": ["a"]}],
                            }
                        ],
                        "filters": {
                            "rotation": "Rotate90",
                            "overlays": [{"@odata.type": MEDIA + "AudioOverlay", "inputLabel": "x"}],
                        },
                        "experimentalOptions": {"snake_case": "1"},
                    },
                },
                {
                    "preset": {
                        "@odata.type": MEDIA + "BuiltInStandardEncoderPreset",
                        "presetName": "AdaptiveStreaming",
                    }
                },
            ],
        }
    }


def test_an_account_becomes_the_services_json_without_credentials_and_place() -> None:
    identity = "/subscriptions/s/resourceGroups/r/providers/Microsoft.ManagedIdentity/userAssignedIdentities/i"
    storage = "/subscriptions/s/resourceGroups/r/providers/Microsoft.Storage/storageAccounts/one"
    spec = account(
        azureName="contoso",
        backendRef={"name": "other"},
        driftInterval="5m",
        allowedNamespaces={"from": "All"},
        location="westeurope",
        tags={"cost-centre": "1"},
        identity={"type": "UserAssigned", "userAssignedIdentities": {identity: {}}},
        storageAccounts=[{"id": storage, "type": "Primary"}],
        publicNetworkAccess="Disabled",
    )
    assert to_wire(spec) == {
        "location": "westeurope",
        "tags": {"cost-centre": "1"},
        "identity": {"type": "UserAssigned", "userAssignedIdentities": {identity: {}}},
        "properties": {"storageAccounts": [{"id": storage, "type": "Primary"}], "publicNetworkAccess": "Disabled"},
    }


def test_what_is_absent_or_null_is_not_sent() -> None:
    assert to_wire(account()) == {"properties": {}}
    assert to_wire(TransformSpec.model_validate({"description": None})) == {"properties": {}}


def test_an_empty_list_or_map_is_sent() -> None:
    assert to_wire(account(tags={}))["tags"] == {}


def test_a_model_without_a_type_is_no_member_of_a_polymorphic_object() -> None:
    with pytest.raises(TypeError, match="not a member"):
        odata_type(ApiModel())


def account(**fields: Any) -> MediaServicesAccountSpec:
    place = {"subscriptionId": "s", "resourceGroup": "r", "credentials": {"secretRef": {"name": "azure"}}}
    return MediaServicesAccountSpec.model_validate({**place, **fields})


def test_a_live_event_becomes_the_services_json_with_what_is_given() -> None:
    spec = LiveEventSpec.model_validate(
        {
            "azureName": "studio",
            "accountRef": {"name": "other"},
            "runState": "Running",
            "restartPolicy": "Always",
            "disruptionPolicy": "Interrupt",
            "connectionSecret": {"name": "urls"},
            "location": "westeurope",
            "tags": {"team": "news"},
            "description": "the studio",
            "input": {
                "streamingProtocol": "RTMP",
                "accessControl": {"ip": {"allow": [{"name": "x", "address": "0.0.0.0", "subnetPrefixLength": 0}]}},
                "keyFrameIntervalDuration": "PT2S",
                "accessTokenSecretRef": {"name": "ingest", "key": "token"},
            },
            "preview": {
                "accessControl": {"ip": {"allow": []}},
                "previewLocator": "6f2a1c3e-0d5b-4c4f-9b0a-3a1f6d2e8c71",
                "streamingPolicyRef": {"azureName": "Predefined_ClearKey"},
                "alternativeMediaId": "one",
            },
            "encoding": {
                "encodingType": "Standard",
                "presetName": "Default720p",
                "stretchMode": "AutoFit",
                "keyFrameInterval": "PT2S",
            },
            "transcriptions": [
                {
                    "language": "en-US",
                    "inputTrackSelection": [{"property": "p", "operation": "o", "value": "v"}],
                    "outputTranscriptionTrack": {"trackName": "text"},
                }
            ],
            "useStaticHostname": True,
            "hostnamePrefix": "studio",
            "streamOptions": ["LowLatency"],
            "crossSiteAccessPolicies": {"clientAccessPolicy": "<a/>", "crossDomainPolicy": "<b/>"},
        }
    )
    expected: dict[str, Any] = {
        "location": "westeurope",
        "tags": {"team": "news"},
        "properties": {
            "description": "the studio",
            "input": {
                "streamingProtocol": "RTMP",
                "accessControl": {"ip": {"allow": [{"name": "x", "address": "0.0.0.0", "subnetPrefixLength": 0}]}},
                "keyFrameIntervalDuration": "PT2S",
                "accessToken": "the token",
            },
            "preview": {
                "accessControl": {"ip": {"allow": []}},
                "previewLocator": "6f2a1c3e-0d5b-4c4f-9b0a-3a1f6d2e8c71",
                "streamingPolicyName": "Predefined_ClearKey",
                "alternativeMediaId": "one",
            },
            "encoding": {
                "encodingType": "Standard",
                "presetName": "Default720p",
                "stretchMode": "AutoFit",
                "keyFrameInterval": "PT2S",
            },
            "transcriptions": [
                {
                    "language": "en-US",
                    "inputTrackSelection": [{"property": "p", "operation": "o", "value": "v"}],
                    "outputTranscriptionTrack": {"trackName": "text"},
                }
            ],
            "useStaticHostname": True,
            "hostnamePrefix": "studio",
            "streamOptions": ["LowLatency"],
            "crossSiteAccessPolicies": {"clientAccessPolicy": "<a/>", "crossDomainPolicy": "<b/>"},
        },
    }
    assert to_wire(spec, {"/properties/input/accessToken": "the token"}) == expected
    del expected["properties"]["input"]["accessToken"]
    assert to_wire(spec) == expected


def test_a_live_output_becomes_the_services_json_with_the_assets_name() -> None:
    fields = {
        "description": "",
        "archiveWindowLength": "PT8H",
        "rewindWindowLength": "PT30M",
        "manifestName": "output",
        "hls": {"fragmentsPerTsSegment": 3},
        "outputSnapTime": 0,
    }
    spec = LiveOutputSpec.model_validate(
        {**fields, "liveEventRef": {"name": "studio"}, "assetRef": {"azureName": "recording-1"}}
    )
    assert to_wire(spec) == {"properties": {**fields, "assetName": "recording-1"}}
    spec = LiveOutputSpec.model_validate(
        {**fields, "liveEventRef": {"name": "studio"}, "assetRef": {"name": "recording"}}
    )
    assert to_wire(spec) == {"properties": fields}
    assert to_wire(spec, {"/properties/assetName": "recording-2"}) == {
        "properties": {**fields, "assetName": "recording-2"}
    }


def test_a_streaming_endpoint_becomes_the_services_json_with_its_keys() -> None:
    fields = {
        "description": "origin",
        "scaleUnits": 1,
        "availabilitySetName": "a",
        "maxCacheAge": 60,
        "customHostNames": ["video.example.com"],
        "cdnEnabled": False,
        "cdnProvider": "StandardVerizon",
        "cdnProfile": "profile",
        "crossSiteAccessPolicies": {"clientAccessPolicy": "<a/>"},
    }
    keys = [
        {"identifier": "one", "expiration": "2030-01-01T00:00:00Z"},
        {"identifier": "two", "base64KeySecretRef": {"name": "akamai", "key": "two"}},
    ]
    ip = {"allow": [{"address": "203.0.113.0", "subnetPrefixLength": 24}]}
    spec = StreamingEndpointSpec.model_validate(
        {
            **fields,
            "tags": {},
            "runState": "Running",
            "restartPolicy": "Never",
            "disruptionPolicy": "EndRecordings",
            "accessControl": {"ip": ip, "akamai": {"akamaiSignatureHeaderAuthenticationKeyList": keys}},
        }
    )
    pointer = "/properties/accessControl/akamai/akamaiSignatureHeaderAuthenticationKeyList/1/base64Key"
    assert [use.pointer for use in secrets(spec)] == [pointer]
    sent = [keys[0], {"identifier": "two", "base64Key": "the key"}]
    assert to_wire(spec, {pointer: "the key"}) == {
        "tags": {},
        "properties": {
            **fields,
            "accessControl": {"ip": ip, "akamai": {"akamaiSignatureHeaderAuthenticationKeyList": sent}},
        },
    }


def test_an_asset_becomes_the_services_json() -> None:
    fields = {"description": "x", "alternateId": "y", "container": "one", "storageAccountName": "two"}
    assert to_wire(AssetSpec.model_validate({**fields, "deletionPolicy": "Delete"})) == {"properties": fields}
    assert to_wire(AssetSpec()) == {"properties": {}}


def test_analyzers_become_the_services_json() -> None:
    audio = {"audioLanguage": "en-US", "mode": "Basic", "experimentalOptions": {"a": "b"}}
    video = {**audio, "insightsToExtract": "AllInsights"}
    faces = {"resolution": "StandardDefinition", "mode": "Combined", "blurType": "Low", "experimentalOptions": {}}
    outputs = [
        {"preset": {"audioAnalyzer": audio}},
        {"preset": {"videoAnalyzer": video}},
        {"preset": {"faceDetector": faces}},
    ]
    assert to_wire(TransformSpec.model_validate({"outputs": outputs}))["properties"]["outputs"] == [
        {"preset": {"@odata.type": MEDIA + "AudioAnalyzerPreset", **audio}},
        {"preset": {"@odata.type": MEDIA + "VideoAnalyzerPreset", **video}},
        {"preset": {"@odata.type": MEDIA + "FaceDetectorPreset", **faces}},
    ]
