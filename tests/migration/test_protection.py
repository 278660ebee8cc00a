"""Keys, who may have them, and how content is delivered: what that becomes, and what of it is never kept."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.migration.judging import NOW, OTHER, gaps, judged, option

from ams_operator.migration.mapping import streaming
from ams_operator.migration.model import Fate, Known


@pytest.mark.parametrize(
    ("kind", "fate"),
    [
        (0, Fate.VISIBLE),
        (1, Fate.VISIBLE),
        (2, Fate.GAP),
        (3, Fate.GAP),
        (4, Fate.VISIBLE),
        (5, Fate.GAP),
        (6, Fate.VISIBLE),
        (7, Fate.MAPS),
        (8, Fate.MAPS),
        (None, Fate.GAP),
    ],
)
def test_keys(kind: int | None, fate: Fate) -> None:
    known = Known(NOW)
    found = judged("ContentKeys", known=known, ContentKeyType=kind, AuthorizationPolicyId=f"nb:ckpid:UUID:{OTHER}")
    assert found.verdict.fate is fate
    assert (OTHER in known.used_policies) is (kind in (0, 4, 6))


@pytest.mark.parametrize(
    ("row", "fate", "gap"),
    [
        (option(2, None), Fate.MAPS, None),
        (option(2, "", 0, None), Fate.MAPS, None),
        (option(3, "{}"), Fate.MAPS, None),
        (option(3, "none"), Fate.GAP, "unreadable-policy"),
        (option(1, "<a/>"), Fate.GAP, "unreadable-policy"),
        (option(1, None), Fate.GAP, "unreadable-policy"),
        (option(4, '{"RentalDuration": 3, "ContentEncryptionIV": "x"}'), Fate.MAPS, "fairplay-iv"),
        (option(0, None), Fate.GAP, "undocumented"),
        (option(2, None, 2), Fate.GAP, "ip-restriction"),
        (option(2, None, 7), Fate.GAP, "undocumented"),
        ({**option(2, None), "Restrictions": []}, Fate.GAP, "undocumented"),
        ({**option(2, None), "Restrictions": None}, Fate.GAP, "undocumented"),
        ({**option(2, None), "Restrictions": option(2, None)["Restrictions"] * 2}, Fate.GAP, "several-restrictions"),
        (option(2, None, 1, "<TokenRestrictionTemplate/>"), Fate.GAP, "unreadable-policy"),
        (option(2, None, 1, "<!DOCTYPE a><a/>"), Fate.GAP, "unreadable-policy"),
    ],
)
def test_options(row: dict[str, Any], fate: Fate, gap: str | None) -> None:
    found = judged("ContentKeyAuthorizationPolicyOptions", **row)
    assert found.verdict.fate is fate
    assert gaps(found) == ({gap} if gap else set())


def test_policies_that_no_key_names_are_not_needed() -> None:
    assert judged("ContentKeyAuthorizationPolicies").verdict.fate is Fate.NOT_NEEDED


def test_own_streaming_policies_have_the_fields_of_version_3() -> None:
    settings = {4: "https://example.com/p", 5: "attributes", 12: "avc1,mp4a"}
    made = streaming.policy(4, 1, settings)["commonEncryptionCenc"]
    assert made["enabledProtocols"] == {"download": False, "dash": False, "hls": False, "smoothStreaming": True}
    assert made["drm"]["playReady"]["customLicenseAcquisitionUrlTemplate"] == "https://example.com/p"
    assert len(made["clearTracks"]) == 2
    assert streaming.policy(5, 4, {13: "True"})["commonEncryptionCbcs"]["drm"]["fairPlay"] == {
        "allowPersistentLicense": True
    }


def test_delivery_gaps() -> None:
    assert judged("AssetDeliveryPolicies", AssetDeliveryPolicyType=2, AssetDeliveryProtocol=8).verdict.gap == "hds"
    assert gaps(judged("AssetDeliveryPolicies", AssetDeliveryPolicyType=2, AssetDeliveryProtocol=15)) == {"hds"}
    vector = json.dumps([{"Key": 6, "Value": "0011"}])
    found = judged(
        "AssetDeliveryPolicies", AssetDeliveryPolicyType=3, AssetDeliveryProtocol=7, AssetDeliveryConfiguration=vector
    )
    assert gaps(found) == {"delivery-features"}
    assert "0011" not in repr(found)
    assert (
        judged("AssetDeliveryPolicies", AssetDeliveryPolicyType=1, AssetDeliveryProtocol=7).verdict.fate
        is Fate.NOT_NEEDED
    )
    assert (
        judged("AssetDeliveryPolicies", AssetDeliveryPolicyType=9, AssetDeliveryProtocol=7).verdict.gap
        == "undocumented"
    )
