"""Which other objects and Secrets a spec names, and where their values go."""

from typing import Any

import pytest
from pydantic import ValidationError

from ams_operator.api.asset import AssetSpec
from ams_operator.api.live_event import LiveEventSpec
from ams_operator.api.live_output import LiveOutputSpec
from ams_operator.api.references import Reference, SecretUse, references, secrets
from ams_operator.api.streaming_endpoint import StreamingEndpointSpec


def output(**fields: Any) -> LiveOutputSpec:
    refs = {"liveEventRef": {"name": "studio"}, "assetRef": {"azureName": "Recording 1"}}
    return LiveOutputSpec.model_validate({**refs, **fields})


def test_an_output_names_its_event_and_its_asset() -> None:
    assert references(output()) == (
        Reference("spec.liveEventRef", "", "LiveEvent", "studio", None),
        Reference("spec.assetRef", "/properties/assetName", "Asset", None, "Recording 1"),
    )
    assert secrets(output()) == ()


def test_an_event_names_the_secret_of_its_token() -> None:
    ref = {"name": "ingest", "key": "token"}
    spec = LiveEventSpec.model_validate({"input": {"streamingProtocol": "RTMP", "accessTokenSecretRef": ref}})
    assert secrets(spec) == (
        SecretUse("spec.input.accessTokenSecretRef", "/properties/input/accessToken", "ingest", "token"),
    )
    assert references(spec) == ()


def test_an_endpoint_names_the_secret_of_each_key() -> None:
    keys = [{"base64KeySecretRef": {"name": "akamai", "key": key}} for key in ("one", "two")]
    access = {"akamai": {"akamaiSignatureHeaderAuthenticationKeyList": keys}}
    found = secrets(StreamingEndpointSpec.model_validate({"accessControl": access}))
    place = "accessControl.akamai.akamaiSignatureHeaderAuthenticationKeyList"
    assert [(use.field, use.key) for use in found] == [
        (f"spec.{place}[0].base64KeySecretRef", "one"),
        (f"spec.{place}[1].base64KeySecretRef", "two"),
    ]
    assert [use.pointer for use in found] == [
        f"/properties/{place.replace('.', '/')}/{index}/base64Key" for index in (0, 1)
    ]


def test_the_account_is_no_reference_inside_it() -> None:
    assert references(AssetSpec.model_validate({"accountRef": {"name": "other"}})) == ()


@pytest.mark.parametrize("asset", [{}, {"name": "a", "azureName": "b"}])
def test_a_reference_is_one_of_two(asset: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="set exactly one of name, azureName"):
        output(assetRef=asset)


@pytest.mark.parametrize("field", ["accessToken", "endpoints"])
def test_no_token_can_be_written_into_a_manifest(field: str) -> None:
    with pytest.raises(ValidationError, match=field):
        LiveEventSpec.model_validate({"input": {"streamingProtocol": "RTMP", field: "x"}})
