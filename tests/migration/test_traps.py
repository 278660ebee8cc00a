"""What surprises whoever works with version 2 (`coverage_traps`), where no other test shows that it is minded."""

from __future__ import annotations

import json
from typing import Any

import pytest
from azure.mgmt.media.models import EncoderNamedPreset
from tests.migration.coverage_probe import judge
from tests.migration.coverage_rows import CASES, CHANNEL, DELIVERY
from tests.migration.coverage_words import WORDS
from tests.migration.judging import NOW

from ams_operator.migration import odata
from ams_operator.migration.client import HEADERS
from ams_operator.migration.discovery import named
from ams_operator.migration.entities import SETS
from ams_operator.migration.gaps import GAPS
from ams_operator.migration.model import Known
from ams_operator.migration.report import words


def test_the_endpoint_is_the_one_that_is_named() -> None:
    """Also where its label is no region's, and its number is a text."""
    endpoint = "https://contoso.restv2.westcentralus-2.media.azure.net/api/"
    body = {"location": "westcentralus",
            "properties": {"apiEndpoints": [{"endpoint": "https://contoso.restv1.media.azure.net", "majorVersion": "1"},
                                            {"endpoint": endpoint, "majorVersion": "2"}]}}  # fmt: skip
    place = named(body, "https://management.azure.com", azure=True)
    assert f"{place.origin}{place.path}" == endpoint


def test_json_is_asked_for() -> None:
    assert ("Accept", odata.ACCEPT) in HEADERS
    assert odata.ACCEPT.startswith("application/json")


def test_a_playready_url_is_number_4() -> None:
    """Number 2 is the base URL of an envelope's keys, and no licence comes from there."""
    found = {}
    for number in (2, 4):
        settings = json.dumps([{"Key": number, "Value": "https://example.org/l"}])
        said = judge("AssetDeliveryPolicies", {**DELIVERY, "AssetDeliveryConfiguration": settings}, Known(NOW))
        found[number] = said.get("/commonEncryptionCenc/drm/playReady/customLicenseAcquisitionUrlTemplate")
    assert found == {2: None, 4: "https://example.org/l"}
    envelope = {**DELIVERY, "AssetDeliveryPolicyType": 3,
                "AssetDeliveryConfiguration": json.dumps([{"Key": 2, "Value": "https://example.org/k"}])}  # fmt: skip
    said = judge("AssetDeliveryPolicies", envelope, Known(NOW))
    assert said["/envelopeEncryption/customKeyAcquisitionUrlTemplate"] == "https://example.org/k?KID={ContentKeyId}"


def test_a_tasks_state_is_a_jobs() -> None:
    told = [words.meaning("Tasks", "State", state) for state in range(8)]
    assert told == ["queued", "scheduled", "processing", "finished", "error", "canceled", "canceling", ""]


@pytest.mark.parametrize("state", ["Stopped", "Running", "Scaling", 0, 2, None])
def test_an_endpoints_state_is_a_word(state: Any) -> None:
    """And whatever it is, it is not judged by: nothing has to be understood there."""
    row = {**CASES["StreamingEndpoints"][0].row, "StreamingEndpointVersion": "2.0", "State": state}
    assert judge("StreamingEndpoints", row, Known(NOW))["verdict"] == "VisibleInV3"
    assert words.meaning("StreamingEndpoints", "State", 2) == ""


def test_what_no_field_shows_has_to_be_declared() -> None:
    assert GAPS["availability-set"].declare
    assert not [field for one in SETS.values() for field in one.fields if "availability" in field.lower()]


def test_no_channel_is_refused_for_how_long_it_runs() -> None:
    row = {**CHANNEL, "State": "Running", "Created": "2015-01-01T00:00:00", "LastModified": "2015-01-01T00:00:00"}
    said = judge("Channels", row, Known(NOW))
    assert said["verdict"] == "MapsTo `LiveEvent`"
    assert [key for key in said if key.startswith("gap ")] == []


def test_presets_of_version_3_are_spelled_as_it_spells_them() -> None:
    (systems,) = (one for one in WORDS if one.title == "Tasks.Configuration")
    made = {judge("Tasks", systems.made(name), systems.world()).get("/outputs/preset/presetName")
            for name in systems.values}  # fmt: skip
    assert len(made) > 7
    assert made - {None} <= {one.value for one in EncoderNamedPreset}
