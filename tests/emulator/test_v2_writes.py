"""What version 2 takes and refuses when somebody writes, and what can be wrong with an account. Over real HTTPS."""

import base64
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from tests.emulator.v2_client import V2, at
from tests.emulator.v2_rows import make, state

from ams_emulator.testing import Emulator, EmulatorError

MakeV2 = Callable[..., V2]
VERBOSE = "application/json;odata=verbose"


@pytest.fixture
def v2(v2_factory: MakeV2) -> V2:
    return v2_factory("empty")


def test_an_asset_from_beginning_to_end(v2: V2) -> None:
    asset = make(v2, "Assets", Name="clip", Options=0)
    assert asset["Created"].endswith("Z")
    path = at("Assets", asset["Id"])
    make(v2, "Files", Name="clip.mp4", ParentAssetId=asset["Id"], ContentFileSize="5")
    assert v2.rows(f"{path}/Files")[0]["ContentFileSize"] == "5"
    assert v2.ask("POST", "Files", {"Name": "clip.mp4", "ParentAssetId": asset["Id"]})[0] == 409
    assert v2.ask("MERGE", path, {"Name": "clip 2"})[0] == 204
    assert v2.ask("POST", path, {"AlternateId": "x"}, X_HTTP_Method="MERGE")[0] == 204
    found = v2.get(path)
    assert (found["Name"], found["AlternateId"]) == ("clip 2", "x")
    assert v2.ask("MERGE", path, {"Options": 1})[0] == 400  # settled at creation
    assert v2.ask("DELETE", path)[0] == 204
    assert v2.rows("Files") == []


@pytest.mark.parametrize(("body", "status"), [
    ({"Colour": "red"}, 400), ({"State": 1}, 400), ({"Name": 5}, 400), ({"StorageAccountName": "nobodys"}, 404),
    ({"__metadata": {"type": "Asset"}, "Name": "x"}, 400),
])  # fmt: skip
def test_refused_creations(v2: V2, body: object, status: int) -> None:
    assert v2.ask("POST", "Assets", body)[0] == status


def test_verbose_bodies_may_have_metadata(v2: V2) -> None:
    body = {"__metadata": {"type": "Asset"}, "Name": "x"}
    status, _, answer = v2.ask("POST", "Assets", body, Content_Type=VERBOSE, Accept=VERBOSE)
    assert (status, answer["d"]["Name"]) == (201, "x")


def test_locators_and_their_limit(v2: V2) -> None:
    asset = make(v2, "Assets", Name="clip")["Id"]
    policy = make(v2, "AccessPolicies", Name="p", DurationInMinutes=60.0, Permissions=1)["Id"]
    body = {"AssetId": asset, "AccessPolicyId": policy, "Type": 2}
    made = [make(v2, "Locators", **body) for _ in range(4)]
    sas = make(v2, "Locators", **{**body, "Type": 1})
    assert v2.ask("POST", "Locators", body)[0] == 409
    assert v2.ask("MERGE", at("Locators", sas["Id"]), {"Name": "x"})[0] == 400
    assert v2.ask("MERGE", at("Locators", made[0]["Id"]), {"Name": "x"})[0] == 204
    assert v2.get(at("Locators", made[0]["Id"]))["Name"] == "x"
    assert v2.get(f"{at('Locators', sas['Id'])}/AccessPolicy")["Id"] == policy


def test_a_locators_id_is_its_own_in_both_versions(emulator: Emulator, v2: V2) -> None:
    asset = make(v2, "Assets", Name="clip")["Id"]
    policy = make(v2, "AccessPolicies", Name="p", DurationInMinutes=60.0, Permissions=1)["Id"]
    guid = "0d7b4a4c-9a49-4b4b-8f4b-3f1b5a1f0c11"
    body = {"Id": f"nb:lid:UUID:{guid}", "AssetId": asset, "AccessPolicyId": policy, "Type": 2}
    theirs = {"properties": {"assetName": asset[-36:], "streamingLocatorId": guid, "streamingPolicyName": "p"}}
    emulator.control.put_out_of_band(f"{v2.account_id}/streamingLocators/theirs", theirs)
    for answer in ("shown", "hidden"):
        emulator.control.variants(**{"v2.v3-locators": answer})
        assert v2.ask("POST", "Locators", body)[0] == 409
    emulator.control.delete_out_of_band(f"{v2.account_id}/streamingLocators/theirs")
    assert v2.ask("POST", "Locators", body)[0] == 201


def test_links(v2: V2) -> None:
    asset = make(v2, "Assets", Name="clip")["Id"]
    policy = make(v2, "AssetDeliveryPolicies", Name="clear", AssetDeliveryPolicyType=2, AssetDeliveryProtocol=7)["Id"]
    links = f"{at('Assets', asset)}/$links/DeliveryPolicies"
    assert v2.ask("POST", links, {"uri": f"{v2.base}{at('AssetDeliveryPolicies', policy)}"})[0] == 204
    assert [row["Id"] for row in v2.rows(f"{at('Assets', asset)}/DeliveryPolicies")] == [policy]
    assert v2.get(links)["value"][0]["url"].startswith(f"{v2.base}AssetDeliveryPolicies(")
    access = make(v2, "AccessPolicies", Name="p", DurationInMinutes=60.0)["Id"]
    locator = make(v2, "Locators", AssetId=asset, AccessPolicyId=access, Type=2)["Id"]
    one = links + at("", policy)
    assert v2.ask("DELETE", one)[0] == 412  # nothing changes while it is published
    v2.ask("DELETE", at("Locators", locator))
    assert [v2.ask("DELETE", one)[0] for _ in range(2)] == [204, 404]


@pytest.mark.parametrize("method", ["PUT", "MERGE", "PATCH"])
def test_reserved_units(v2: V2, method: str) -> None:
    (units,) = v2.rows("EncodingReservedUnitTypes")
    path = f"EncodingReservedUnitTypes(guid'{units['AccountId']}')"
    assert v2.ask(method, path, {"ReservedUnitType": 2, "CurrentReservedUnits": 3})[0] == 204
    found = v2.get(path)
    assert (found["ReservedUnitType"], found["CurrentReservedUnits"]) == (2, 3)
    assert v2.ask(method, path, {"CurrentReservedUnits": 1000})[0] == 403


def test_keys_are_given_to_who_has_a_certificate(v2_factory: MakeV2) -> None:
    v2 = v2_factory("broadcaster")
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(private.public_key())
        .serial_number(1).not_valid_before(now).not_valid_after(now + timedelta(days=1)).sign(private, hashes.SHA256())
    )  # fmt: skip
    text = base64.b64encode(certificate.public_bytes(serialization.Encoding.DER)).decode()
    key = v2.rows("ContentKeys")[0]
    quoted = text.replace("+", "%2B").replace("/", "%2F")
    found = v2.get(f"RebindContentKey?id='{key['Id']}'&x509Certificate='{quoted}'")["value"]
    sha1 = hashes.SHA1()
    assert len(private.decrypt(base64.b64decode(found), padding.OAEP(padding.MGF1(sha1), sha1, None))) == 16
    assert v2.ask("GET", f"RebindContentKey?id='{key['Id']}'&x509Certificate='eA=='")[0] == 400
    url = v2.ask("POST", f"{at('ContentKeys', key['Id'])}/GetKeyDeliveryUrl", {"keyDeliveryType": 1})[2]["value"]
    assert url.endswith(".keydelivery.mediaservices.windows.net/PlayReady/")


def test_file_infos(emulator: Emulator, v2: V2) -> None:
    asset = make(v2, "Assets", Name="uploaded")["Id"]
    emulator.control.upload(f"{v2.account_id}/assets/{asset[-36:]}", "a.mp4", "b.mp4")
    assert v2.ask("GET", f"CreateFileInfos?assetid='{asset}'")[0] == 204
    assert sorted(row["Name"] for row in v2.rows("Files")) == ["a.mp4", "b.mp4"]


def test_disabled_accounts_can_be_read(emulator: Emulator, v2: V2) -> None:
    assert v2.base
    emulator.control.v2_account(v2.account_id, disabled=True)
    assert (v2.ask("GET", "Assets")[0], v2.ask("POST", "Assets", {"Name": "x"})[0]) == (200, 403)


def test_lost_storage(emulator: Emulator, v2: V2) -> None:
    emulator.control.v2_account(v2.account_id, storageLost=True)
    assert (v2.ask("GET", "Assets")[0], v2.ask("POST", "Assets", {"Name": "x"})[0]) == (200, 500)


def test_version_2_can_be_taken_away(emulator: Emulator, v2: V2) -> None:
    assert v2.base
    emulator.control.v2_account(v2.account_id, enabled=False)
    assert v2.ask("GET", "Assets")[0] == 403
    assert emulator.request("GET", v2.account_id, api_version="2015-10-01")[0] == 400


@pytest.mark.parametrize(("text", "words"), [(1, "Previous runs"), (2, "per second"), (3, "within 30 seconds")])
def test_busy(emulator: Emulator, v2: V2, text: int, words: str) -> None:
    assert v2.base
    emulator.control.fault("busy", {"path": "/api/Assets"}, text=text)
    status, headers, body = v2.ask("GET", "Assets")
    assert (status, "retry-after" in headers) == (503, False)
    assert words in body["odata.error"]["message"]["value"]
    assert v2.ask("GET", "Assets")[0] == 200


def test_rows_behind_every_clients_back(emulator: Emulator, v2: V2) -> None:
    control = emulator.control
    job = control.v2_put(v2.account_id, "Jobs", Name="theirs", State=2)["Id"]
    control.v2_put(v2.account_id, "Tasks", Name="t", TaskBody="x", _JobId=job, State=2)
    control.v2_patch(v2.account_id, "Jobs", job, State=4)
    assert (state(v2, "Jobs", job), v2.rows(f"{at('Jobs', job)}/Tasks")[0]["State"]) == (4, 4)
    asset = control.v2_put(v2.account_id, "Assets", Name="film")["Id"]
    key = control.v2_put(v2.account_id, "ContentKeys", Name="k", ContentKeyType=4)["Id"]
    control.v2_link(v2.account_id, "Assets", asset, "ContentKeys", key)
    assert [row["Id"] for row in v2.rows(f"{at('Assets', asset)}/ContentKeys")] == [key]
    control.v2_patch(v2.account_id, "Assets", asset, State=2, Name="gone")
    assert (v2.get(at("Assets", asset))["State"], v2.get(at("Assets", asset))["Name"]) == (2, "gone")
    control.v2_delete(v2.account_id, "Jobs", job)
    assert v2.rows("Jobs") == control.v2_rows(v2.account_id, "Jobs") == []


@pytest.mark.parametrize(("set_name", "row", "named"), [
    ("Nothing", {}, "set"),
    ("Jobs", {"Colour": 1}, "Colour"),
    ("Locators", {"Type": 2, "AssetId": "nb:cid:UUID:x"}, "AssetId"),
    ("StreamingEndpoints", {"Name": "x"}, "Id"),
    ("StorageAccounts", {}, "set"),
    ("Operations", {}, "set"),
])  # fmt: skip
def test_mistakes_in_rows_are_named(emulator: Emulator, v2: V2, set_name: str, row: dict[str, Any], named: str) -> None:
    with pytest.raises(EmulatorError, match=f"{named}: "):
        emulator.control.v2_put(v2.account_id, set_name, **row)
