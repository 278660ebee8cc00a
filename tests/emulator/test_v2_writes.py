"""What version 2 takes and refuses when somebody writes, and what takes its time. Over real HTTPS."""

import base64
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from tests.emulator.v2_client import V2, at

from ams_emulator.testing import Emulator

MakeV2 = Callable[..., V2]
ENCODER = "nb:mpid:UUID:ff4df607-d419-42f0-bc17-a481b1331e56"
VERBOSE = "application/json;odata=verbose"
RTMP = {"StreamingProtocol": "RTMP"}


@pytest.fixture
def v2(v2_factory: MakeV2) -> V2:
    return v2_factory("empty")


@pytest.fixture
def slow(emulator: Emulator) -> None:
    emulator.control.settings(operation_seconds=60)


def make(v2: V2, set_name: str, **members: Any) -> dict[str, Any]:
    status, headers, body = v2.ask("POST", set_name, members)
    assert status in (201, 202), body
    assert v2.get(headers["location"].removeprefix(v2.base))[next(iter(members))] == members[next(iter(members))]
    found: dict[str, Any] = body
    return found


def state(v2: V2, set_name: str, entity: str) -> Any:
    return v2.get(f"{at(set_name, entity)}/State")["value"]


def operation(v2: V2, headers: Any) -> dict[str, Any]:
    found: dict[str, Any] = v2.get(at("Operations", headers["operation-id"]))
    return found


def channel(v2: V2, name: str = "studio") -> str:
    return str(make(v2, "Channels", Name=name, Input=RTMP)["Id"])


def program(v2: V2, on: str, name: str = "show") -> str:
    asset = make(v2, "Assets", Name=name)["Id"]
    return str(make(v2, "Programs", Name=name, ChannelId=on, AssetId=asset, ArchiveWindowLength="PT1H")["Id"])


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


def test_channels_and_programs_in_order(emulator: Emulator, v2: V2, slow: None) -> None:
    on = channel(v2)
    show = program(v2, on)
    emulator.control.advance(60)
    assert v2.ask("POST", f"{at('Programs', show)}/Start")[0] == 412  # the channel is Stopped
    status, headers, _ = v2.ask("POST", f"{at('Channels', on)}/Start")
    assert (status, state(v2, "Channels", on)) == (202, "Starting")
    begun = operation(v2, headers)
    assert (begun["State"], begun["TargetEntityId"], begun["ErrorCode"]) == ("InProgress", on, None)
    assert v2.ask("POST", f"{at('Channels', on)}/Stop")[0] == 412  # one operation at a time
    emulator.control.advance(60)
    assert (operation(v2, headers)["State"], state(v2, "Channels", on)) == ("Succeeded", "Running")
    assert v2.ask("POST", f"{at('Programs', show)}/Start")[0] == 202
    emulator.control.advance(60)
    assert state(v2, "Programs", show) == "Running"
    for refused in (f"{at('Channels', on)}/Stop", f"{at('Channels', on)}/Reset"):
        assert v2.ask("POST", refused)[0] == 412  # a program is running
    assert v2.ask("DELETE", at("Programs", show))[0] == 412
    asset = v2.get(at("Programs", show))["AssetId"]
    assert v2.ask("DELETE", at("Assets", asset))[0] == 412
    for path in (f"{at('Programs', show)}/Stop", f"{at('Channels', on)}/Stop"):
        assert v2.ask("POST", path)[0] == 202
        emulator.control.advance(60)
    assert v2.ask("DELETE", at("Channels", on))[0] == 412  # it still has a program
    assert v2.ask("DELETE", at("Programs", show))[0] == 204
    assert v2.ask("DELETE", at("Channels", on))[0] == 202
    assert state(v2, "Channels", on) == "Deleting"
    emulator.control.advance(60)
    assert v2.ask("GET", at("Channels", on))[0] == 404


def test_creating_a_program_has_no_operation(v2: V2) -> None:
    asset = make(v2, "Assets", Name="a")["Id"]
    body = {"Name": "p", "ChannelId": channel(v2), "AssetId": asset, "ArchiveWindowLength": "PT1H"}
    status, headers, _ = v2.ask("POST", "Programs", body)
    assert (status, "operation-id" in headers) == (202, False)
    assert v2.ask("POST", "Programs", {**body, "ArchiveWindowLength": "PT30H"})[0] == 400


def test_one_operation_at_a_time(emulator: Emulator, v2: V2, slow: None) -> None:
    path = at("Channels", channel(v2))
    emulator.control.advance(60)
    assert [v2.ask("MERGE", path, {"Description": text})[0] for text in ("one", "two")] == [202, 412]
    assert v2.ask("DELETE", path)[0] == 412
    emulator.control.advance(60)
    assert v2.get(path)["Description"] == "one"


def test_a_failed_start_and_a_lost_operation(emulator: Emulator, v2: V2) -> None:
    on = channel(v2)
    emulator.control.fault("operation", {"path": "/Start"}, code="ChannelFailed", message="No capacity.")
    _, headers, _ = v2.ask("POST", f"{at('Channels', on)}/Start")
    failed = operation(v2, headers)
    assert (failed["State"], failed["ErrorCode"], failed["ErrorMessage"]) == ("Failed", "ChannelFailed", "No capacity.")
    assert state(v2, "Channels", on) == "Stopped"
    emulator.control.fault("operation", {"path": "/Start"}, lose=True)
    _, headers, _ = v2.ask("POST", f"{at('Channels', on)}/Start")
    assert v2.ask("GET", at("Operations", headers["operation-id"]))[0] == 404
    assert state(v2, "Channels", on) == "Running"


def test_endpoints_are_started_scaled_and_stopped_as_one_object(emulator: Emulator, v2: V2) -> None:
    (endpoint,) = v2.rows("StreamingEndpoints")
    path = at("StreamingEndpoints", endpoint["Id"])
    at_v3 = f"{v2.account_id}/streamingEndpoints/default"
    for action, body, found in (("Start", None, "Running"), ("Scale", {"scaleUnits": 2}, "Running")):
        status, headers, _ = v2.ask("POST", f"{path}/{action}", body)
        assert (status, operation(v2, headers)["State"]) == (202, "Succeeded")
        assert emulator.request("GET", at_v3)[2]["properties"]["resourceState"] == found
    assert v2.get(path)["ScaleUnits"] == 2
    assert v2.ask("POST", f"{path}/Start")[0] == 412
    assert v2.ask("MERGE", path, {"ScaleUnits": 1})[0] == 400
    assert v2.ask("MERGE", path, {"Description": "main"})[0] == 202
    assert emulator.request("GET", at_v3)[2]["properties"]["description"] == "main"
    assert v2.ask("DELETE", path)[0] == 412
    assert v2.ask("POST", f"{path}/Stop")[0] == 202
    assert v2.ask("DELETE", path)[0] == 400  # the default one stays


def submit(v2: V2, **members: Any) -> Any:
    task = {"Configuration": "Adaptive Streaming", "MediaProcessorId": ENCODER, "TaskBody": "<taskBody/>"}
    return v2.ask("POST", "Jobs", {"Name": "encode", "Tasks": [task], **members})


def test_a_job_takes_its_course(emulator: Emulator, v2: V2, slow: None) -> None:
    source = make(v2, "Assets", Name="clip")["Id"]
    status, _, job = submit(v2, **{"InputMediaAssets@odata.bind": [f"{v2.base}{at('Assets', source)}"]})
    assert (status, job["State"]) == (201, 0)
    path = at("Jobs", job["Id"])
    assert [row["Id"] for row in v2.rows(f"{path}/InputMediaAssets")] == [source]
    seen = []
    for _ in range(2):
        emulator.control.advance(60)
        seen.append((state(v2, "Jobs", job["Id"]), v2.rows(f"{path}/Tasks")[0]["Progress"]))
    assert seen == [(2, 0.0), (3, 100.0)]
    (output,) = v2.rows(f"{path}/OutputMediaAssets")
    assert output["Name"] == "encode - Output"


def test_jobs_are_forgotten_after_90_days(emulator: Emulator, v2: V2) -> None:
    job = submit(v2)[2]["Id"]
    emulator.control.advance(89 * 86400)
    assert v2.ask("GET", at("Jobs", job))[0] == 200
    emulator.control.advance(2 * 86400)
    assert v2.ask("GET", at("Jobs", job))[0] == 404
    assert v2.rows("Tasks") == []


def test_jobs_fail_without_storage(emulator: Emulator, v2: V2, slow: None) -> None:
    job = submit(v2)[2]["Id"]
    emulator.control.v2_account(v2.account_id, storageLost=True)
    emulator.control.advance(120)
    assert state(v2, "Jobs", job) == 4


def test_quotas(emulator: Emulator, v2: V2) -> None:
    emulator.control.settings(quotas="azure")
    on, *_ = [channel(v2, f"c{number}") for number in range(5)]
    assert v2.ask("POST", "Channels", {"Name": "c6", "Input": RTMP})[0] == 403
    assert v2.ask("POST", f"{at('Channels', on)}/Start")[0] == 202
    started = [v2.ask("POST", f"{at('Programs', program(v2, on, f'p{number}'))}/Start")[0] for number in range(4)]
    assert started == [202, 202, 202, 403]


def test_cancel_job(emulator: Emulator, v2: V2, slow: None) -> None:
    job = submit(v2)[2]["Id"]
    cancel = f"CancelJob?jobid='{job.replace(':', '%3A')}'"
    assert v2.ask("DELETE", at("Jobs", job))[0] == 400
    assert v2.ask("GET", cancel)[0] == 204
    assert (state(v2, "Jobs", job), v2.ask("GET", cancel)[0]) == (6, 400)
    emulator.control.advance(120)
    assert (state(v2, "Jobs", job), v2.ask("GET", cancel)[0]) == (5, 400)
    assert v2.ask("GET", "CancelJob?jobid='nb:jid:UUID:x'")[0] == 404
    assert v2.ask("DELETE", at("Jobs", job))[0] == 204


@pytest.mark.parametrize("tasks", [[], [{}], [{"MediaProcessorId": "x", "TaskBody": "y"}], "none"])
def test_bad_jobs_leave_nothing(v2: V2, tasks: Any) -> None:
    assert submit(v2, Tasks=tasks)[0] in (400, 404)
    assert v2.rows("Jobs") == v2.rows("Tasks") == []


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
    control.v2_delete(v2.account_id, "Jobs", job)
    assert v2.rows("Jobs") == control.v2_rows(v2.account_id, "Jobs") == []
