"""What is sent: the service's fields, under the service's names, and nothing else."""

from typing import Any

import pytest

from ams_operator.api.account import MediaServicesAccountSpec
from ams_operator.api.base import ApiModel
from ams_operator.api.transform import TransformSpec
from ams_operator.api.wire import WIRE_TYPES, odata_type, to_wire

MEDIA = "#Microsoft.Media."
GOLDEN_TYPES = {
    "Preset": {
        "builtInStandardEncoder": "BuiltInStandardEncoderPreset",
        "standardEncoder": "StandardEncoderPreset",
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
