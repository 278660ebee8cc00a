"""Version 2's frame: where it is, who may ask, in which formats, and how it refuses. Over real HTTPS."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

import pytest
from azure.identity import ClientSecretCredential
from tests.emulator.clients import identity
from tests.emulator.v2_client import AUDIENCE, HEADERS, V2, at
from tests.fixtures_emulator import TestAccount

from ams_emulator.testing import Emulator, send

MakeV2 = Callable[..., V2]


@pytest.fixture
def v2(v2_factory: MakeV2) -> V2:
    return v2_factory("small")


def test_discovery(emulator: Emulator, v2: V2) -> None:
    endpoint = v2.discovered()
    assert endpoint.startswith(emulator.url)
    assert endpoint.endswith(".restv2.westus2-2/api/")  # not the region's name
    status, headers, _ = v2.to(endpoint, "GET", "")
    assert (status, headers["location"].startswith(emulator.url)) == (301, True)
    assert v2.to(endpoint, "POST", "Jobs", {})[0] == 301  # nothing happens there, whatever is sent
    group = v2.account_id.rpartition("/providers/")[0]
    path = f"{group}/providers/Microsoft.Media/mediaservices"
    listed = emulator.request("GET", path, api_version="2015-10-01")[2]
    assert [item["id"] for item in listed["value"]] == [v2.account_id]
    assert "nextLink" not in listed
    storage = listed["value"][0]["properties"]["storageAccounts"]
    assert [item["isPrimary"] for item in storage] == [True]


def test_accounts_of_later_versions_have_none(emulator: Emulator, account: TestAccount) -> None:
    assert emulator.request("GET", account.id, api_version="2015-10-01")[0] == 400
    assert "apiEndpoints" not in emulator.request("GET", account.id)[2]["properties"]


@pytest.mark.parametrize(("api_version", "location", "found"), [
    ("2018-07-01", "westus2", True), ("2020-05-01", "westus2", False), ("2018-07-01", "norwayeast", False),
])  # fmt: skip
def test_who_has_it(
    emulator: Emulator, account: TestAccount, storage_id: str, api_version: str, location: str, found: bool
) -> None:
    path = f"{account.id}n"
    body = {"location": location, "properties": {"storageAccounts": [{"id": storage_id, "type": "Primary"}]}}
    assert emulator.request("PUT", path, body, api_version=api_version)[0] == 201
    emulator.control.variants(**{"v2.arm-v3-only": "no-endpoints"})
    answer = emulator.request("GET", path, api_version="2015-10-01")[2]
    assert bool(answer["properties"]["apiEndpoints"]) is found


def test_accounts_keep_it(emulator: Emulator, v2: V2) -> None:
    """Whatever version 3 does to the account."""
    rows = v2.rows("Jobs")
    assert emulator.request("PATCH", v2.account_id, {"tags": {"a": "b"}})[0] == 202
    body = emulator.request("GET", v2.account_id)[2]
    assert emulator.request("PUT", v2.account_id, {"location": "westus2", "properties": body["properties"]})[0] == 200
    assert v2.discovered()
    assert v2.rows("Jobs") == rows


def test_lists_can_leave_rows_out(emulator: Emulator, v2: V2) -> None:
    first, *rest = v2.rows("Jobs")
    emulator.control.fault("list", {"kind": "LIST v2/Jobs"}, skip=[first["Id"].lower()])
    assert v2.rows("Jobs") == rest


def test_old_keys(emulator: Emulator, v2: V2) -> None:
    status, _, keys = emulator.request("POST", f"{v2.account_id}/listKeys", api_version="2015-10-01")
    assert (status, {"primaryKey", "secondaryKey"} <= set(keys)) == (200, True)
    storage = {"id": emulator.request("GET", v2.account_id)[2]["properties"]["storageAccounts"][0]["id"]}
    assert emulator.request("POST", f"{v2.account_id}/syncStorageKeys", storage, api_version="2015-10-01")[0] == 200


def test_tokens_are_of_their_own_audience(emulator: Emulator, v2: V2) -> None:
    assert v2.ask("GET", "Assets")[0] == 200
    own, v2.token = v2.token, emulator.control.token()
    assert v2.ask("GET", "Assets")[0] == 401
    assert emulator.request("GET", v2.account_id, token=own)[0] == 401
    form = f"grant_type=client_credentials&client_id={emulator.client_id}&client_secret={emulator.client_secret}"
    body = f"{form}&resource={quote(AUDIENCE)}".encode()
    content = {"Content-Type": "application/x-www-form-urlencoded"}
    path = f"/{emulator.tenant_id}/oauth2/token"
    v2.token = send(emulator.url, "POST", path, body, content, emulator.ca_file)[2]["access_token"]
    assert v2.ask("GET", "Assets")[0] == 200
    clouds = send(emulator.url, "GET", "/metadata/endpoints?api-version=2022-09-01", ca_file=emulator.ca_file)[2]
    assert clouds[0]["media"] == AUDIENCE


def test_the_identity_library_gets_a_token(emulator: Emulator, v2: V2) -> None:
    with ClientSecretCredential(**identity(emulator)) as credential:  # type: ignore[arg-type]  # one dict for all clients
        v2.token = credential.get_token(f"{AUDIENCE}/.default").token
    assert v2.ask("GET", "Assets")[0] == 200


def test_a_caller_without_the_role_gets_401(emulator: Emulator, v2: V2) -> None:
    assert v2.base
    emulator.control.deny(scope=v2.account_id, rights=["write"])
    assert v2.ask("GET", "Assets")[0] == 401


def test_unknown_accounts(v2: V2) -> None:
    assert v2.to(v2.base.replace("clus001rest-hs/", "clus001rest-hs/x"), "GET", "Assets")[0] == 403


@pytest.mark.parametrize(("headers", "status"), [
    ({}, 200),
    ({"x_ms_version": None}, 400),
    ({"x_ms_version": "2.99"}, 400),
    ({"DataServiceVersion": None, "MaxDataServiceVersion": None}, 200),
    ({"DataServiceVersion": "1.0;NetFx", "MaxDataServiceVersion": "3.0;NetFx"}, 200),
    ({"MaxDataServiceVersion": "4.0"}, 400),
    ({"Accept": "image/png"}, 415),
])  # fmt: skip
def test_headers(v2: V2, headers: dict[str, str | None], status: int) -> None:
    assert v2.ask("GET", "Assets", **headers)[0] == status


def test_version_in_the_query(v2: V2) -> None:
    assert v2.ask("GET", "Assets?api-version=2.19", x_ms_version=None)[0] == 200


def test_what_answers_carry(v2: V2) -> None:
    _, headers, _ = v2.ask("GET", "Assets", x_ms_client_request_id="mine")
    assert headers["request-id"] == headers["x-ms-request-id"]
    assert headers["x-ms-client-request-id"] == "mine"
    assert headers["dataserviceversion"].startswith("3.0")
    assert "odata-version" not in headers
    assert v2.ask("GET", "Assets", client_request_id="other")[1]["x-ms-client-request-id"] == "other"


def test_minimal_json(v2: V2) -> None:
    status, headers, body = v2.ask("GET", "Assets")
    assert (status, "odata=minimalmetadata" in headers["content-type"]) == (200, True)
    assert body["odata.metadata"] == f"{v2.base}$metadata#Assets"
    one = v2.get(at("Assets", body["value"][0]["Id"]))
    assert one["odata.metadata"].endswith("#Assets/@Element")
    assert {name: one[name] for name in body["value"][0]} == body["value"][0]


def test_verbose_json(v2: V2) -> None:
    status, headers, body = v2.ask("GET", "Jobs", Accept="application/json;odata=verbose")
    assert (status, "odata=verbose" in headers["content-type"]) == (200, True)
    job = body["d"]["results"][0]
    assert job["__metadata"]["type"] == "Microsoft.Cloud.Media.Vod.Rest.Data.Models.Job"
    assert job["Tasks"]["__deferred"]["uri"] == f"{job['__metadata']['uri']}/Tasks"
    assert job["JobNotificationSubscriptions"]["results"] == []
    state = v2.get(f"{at('Jobs', job['Id'])}/State", Accept="application/json; odata=verbose")
    assert state == {"d": {"State": 3}}
    assert v2.get("IngestManifests", Accept="application/json;odata=verbose") == {"d": {"results": []}}


def test_who_does_not_ask_for_json_gets_xml(v2: V2) -> None:
    status, headers, body = v2.ask("GET", "Assets", Accept=None)
    assert (status, "atom+xml" in headers["content-type"]) == (200, True)
    entries = ElementTree.fromstring(body).findall("{http://www.w3.org/2005/Atom}entry")
    assert len(entries) == 5
    for path in ("", at("Assets", v2.rows("Assets")[0]["Id"]), "Jobs/$count", "$metadata"):
        assert v2.ask("GET", path, Accept="*/*")[0] == 200


def test_wide_integers_are_strings_and_narrow_ones_are_not(v2: V2) -> None:
    film = next(row for row in v2.rows("Files") if row["Name"] == "welcome.mp4")
    assert film["ContentFileSize"] == "37000000"
    assert film["Options"] == 0


def test_dates_of_queries_have_no_zone(v2: V2) -> None:
    assert all("Z" not in row["Created"] and "T" in row["Created"] for row in v2.rows("Assets"))
    assert v2.rows("StreamingEndpoints")[0]["FreeTrialEndTime"] == "0001-01-01T00:00:00"


@pytest.mark.parametrize("spell", [str, lambda key: quote(key, safe="")])
def test_ids_raw_and_encoded(v2: V2, spell: Callable[[str], str]) -> None:
    key = v2.rows("Assets")[0]["Id"]
    assert v2.get(f"Assets('{spell(key)}')")["Id"] == key


@pytest.mark.parametrize(("path", "status"), [
    ("Nothing", 404),
    ("Assets('nb:cid:UUID:00000000-0000-0000-0000-000000000000')", 404),
    ("Assets?$expand=Files", 400),
    ("Assets?$wild=1", 400),
    ("Assets?$filter=Colour eq 1", 400),
    ("Assets?$filter=Name eq", 400),
    ("Assets?$filter=Name gt 5 and", 400),
    ("Assets?$top=many", 400),
    ("Assets?$select=Colour", 400),
    ("TaskTemplates", 404),
    ("Assets(5", 404),
])  # fmt: skip
def test_refusals(v2: V2, path: str, status: int) -> None:
    found, _, body = v2.ask("GET", path)
    assert (found, body["odata.error"]["message"]["lang"]) == (status, "en-US")
    found, _, body = v2.ask("GET", path, Accept="application/json;odata=verbose")
    assert (found, bool(body["error"]["message"]["value"])) == (status, True)
    found, _, body = v2.ask("GET", path, Accept="application/xml")
    assert (found, b"<message" in body) == (status, True)


@pytest.mark.parametrize(("query", "names"), [
    ("$filter=Name eq 'welcome'", ["welcome"]),
    ("$filter=startswith(Name,'w')", ["welcome", "welcome (source)"]),
    ("$filter=indexof(Name,'source') gt 1", ["tour (source)", "welcome (source)"]),
    ("$filter=FormatOption eq 1 and not endswith(Name,'r')", ["interview", "welcome"]),
    ("$filter=(Options eq 0) and Created lt datetime'2001-01-01T00:00:00'", []),
    ("$filter=Name ne null&$top=2&$skip=4", None),
])  # fmt: skip
def test_filter(v2: V2, query: str, names: list[str] | None) -> None:
    found = sorted(row["Name"] for row in v2.rows(f"Assets?{quote(query, safe='$&=')}"))
    assert found == names if names is not None else len(found) == 1


def test_select_and_count(v2: V2) -> None:
    assert all(set(row) == {"Id", "Name"} for row in v2.rows("Assets?$select=Id,Name"))
    assert v2.get("Assets/$count") == b"5"


def test_pages_are_cut_without_a_word(emulator: Emulator, v2: V2) -> None:
    emulator.control.settings(page_size=2)
    first = v2.get("Assets")
    assert (len(first["value"]), set(first)) == (2, {"odata.metadata", "value"})
    pages: list[Any] = [v2.rows(f"Assets?$skip={skip}&$top=2") for skip in (0, 2, 4, 6)]
    assert [len(page) for page in pages] == [2, 2, 1, 0]
    assert len({row["Id"] for page in pages for row in page}) == 5
    assert len(v2.rows("Assets?$top=5")) == 2


def test_the_log_tells_versions_and_reads_from_writes(emulator: Emulator, v2: V2) -> None:
    asset = v2.rows("Assets")[0]["Id"]
    emulator.control.reset_log()
    emulator.request("GET", v2.account_id)
    for path in ("Assets", at("Assets", asset), f"{at('Assets', asset)}/Files", "CancelJob?jobid='x'", ""):
        v2.ask("GET", path)
    v2.ask("POST", "Assets", {"Name": 1})
    v2.ask("GET", f"{at('Assets', asset)}/StorageAccount")
    log = emulator.control.log(api="v2")
    assert [entry["kind"] for entry in log] == [
        "LIST v2/Assets", "GET v2/Assets", "LIST v2/Assets.Files",
        "GET v2/CancelJob", "GET v2/service", "POST v2/Assets",
        "GET v2/Assets.StorageAccount",
    ]  # fmt: skip
    assert [entry["access"] for entry in log] == ["read", "read", "read", "write", "read", "write", "read"]
    assert emulator.control.counts()["access"] == {"v3 read": 1, "v2 read": 5, "v2 write": 2}


def test_faults_and_barriers_find_it(emulator: Emulator, v2: V2) -> None:
    assert v2.base
    emulator.control.fault("answer", {"kind": "LIST v2/Assets"}, status=503)
    assert [v2.ask("GET", "Assets")[0] for _ in range(2)] == [503, 200]
    assert HEADERS["x-ms-version"] == "2.19"
