"""Each fault does what its name says, to the requests it names and to no others."""

import asyncio
import gzip
import json
import ssl
import zlib
from http.client import RemoteDisconnected
from typing import Any

import aiohttp
import pytest
from tests.emulator.bodies import account_body, built_in
from tests.fixtures_emulator import AccountFactory, TestAccount

from ams_emulator.testing import Emulator, EmulatorError

LOST = (ConnectionError, ssl.SSLError, TimeoutError, OSError)


def exists(emulator: Emulator, path: str) -> bool:
    return path.lower() in {found.lower() for found in emulator.control.stored_ids()}


def test_nth_and_count(emulator: Emulator, transforms: str) -> None:
    emulator.control.fault("answer", {"path": "/transforms$", "nth": 2, "count": 2}, status=503, retryAfter=7)
    answers = [emulator.request("GET", transforms) for _ in range(4)]
    assert [status for status, _, _ in answers] == [200, 503, 503, 200]
    assert answers[1][1]["retry-after"] == "7"
    assert emulator.control.faults()[0]["hits"] == 2


@pytest.mark.parametrize(
    "match",
    [
        {"method": "PUT|PATCH"},
        {"path": "/nowhere"},
        {"kind": "GET transforms"},
        {"userAgent": "somebody"},
        {"clientId": "x"},
        {"bucket": "writes"},
    ],
)
def test_others_are_left_alone(emulator: Emulator, transforms: str, match: dict[str, str]) -> None:
    emulator.control.fault("answer", match, status=500)
    assert emulator.request("GET", transforms)[0] == 200


@pytest.mark.parametrize("match", [{"method": "get"}, {"kind": "LIST transforms"}, {"bucket": "reads"}])
def test_fitting_ones_are_hit(emulator: Emulator, transforms: str, match: dict[str, str]) -> None:
    emulator.control.fault("answer", match, status=500)
    assert emulator.request("GET", transforms)[0] == 500


def test_answer_with_a_body_of_its_own(emulator: Emulator, transforms: str) -> None:
    emulator.control.fault("answer", {}, status=418, body="{}", headers={"X-Odd": "yes"})
    status, headers, body = emulator.request("GET", transforms)
    assert (status, headers["x-odd"], body) == (418, "yes", {})


@pytest.mark.parametrize("how", ["reset", "close"])
@pytest.mark.parametrize(("effect", "happened"), [("none", False), ("applied", True)])
def test_lost_answer(emulator: Emulator, transforms: str, how: str, effect: str, happened: bool) -> None:
    emulator.control.fault("drop", {"method": "PUT"}, how=how, effect=effect)
    with pytest.raises(LOST):
        emulator.request("PUT", f"{transforms}/t", built_in())
    assert exists(emulator, f"{transforms}/t") == happened
    entry = emulator.control.log(method="PUT")[0]
    assert (entry["status"], entry["effect"]) == (None, "applied" if happened else "none")
    assert emulator.request("GET", transforms)[0] == 200


@pytest.mark.parametrize(("how", "expected"), [("reset", ConnectionResetError), ("close", RemoteDisconnected)])
def test_reset_and_close_differ_on_the_wire(how: str, expected: type[Exception]) -> None:
    with Emulator("--http", "--account", "contoso") as emulator:  # a TLS library may hide the difference
        emulator.control.fault("drop", {}, how=how)
        with pytest.raises(ConnectionError) as lost:
            emulator.request("GET", emulator.account_id("contoso"))
        assert type(lost.value) is expected


async def test_hang_lasts_until_the_client_gives_up(emulator: Emulator, transforms: str) -> None:
    fault = await emulator.aio.fault("drop", {"method": "PUT"}, how="hang", effect="applied")
    assert fault
    context = ssl.create_default_context(cafile=emulator.ca_file)
    headers = {"Authorization": f"Bearer {await emulator.aio.token()}"}
    url = f"{emulator.url}{transforms}/t?api-version=2022-07-01"
    async with aiohttp.ClientSession() as session:
        request = asyncio.create_task(session.put(url, json=built_in(), headers=headers, ssl=context))
        await emulator.aio.wait_log(method="PUT")
        assert not request.done()
        request.cancel()
    assert exists(emulator, f"{transforms}/t")


def test_late_effect_by_the_clock(emulator: Emulator, transforms: str) -> None:
    emulator.control.fault("drop", {"method": "PUT"}, effect="late", seconds=3600)
    with pytest.raises(LOST):
        emulator.request("PUT", f"{transforms}/t", built_in())
    assert emulator.request("GET", f"{transforms}/t")[0] == 404
    emulator.control.advance(3601)
    assert emulator.request("GET", f"{transforms}/t")[0] == 200


def test_late_effect_on_command(emulator: Emulator, transforms: str) -> None:
    fault = emulator.control.fault("drop", {"method": "PUT"}, effect="late")
    with pytest.raises(LOST):
        emulator.request("PUT", f"{transforms}/t", built_in())
    assert not exists(emulator, f"{transforms}/t")
    assert emulator.control.apply_late(fault) == [201]
    assert exists(emulator, f"{transforms}/t")
    assert emulator.control.apply_late(fault) == []


def test_the_log_says_what_a_put_met(emulator: Emulator, transforms: str) -> None:
    fault = emulator.control.fault("drop", {"method": "PUT"}, effect="late")
    with pytest.raises(LOST):
        emulator.request("PUT", f"{transforms}/t", built_in())
    assert [entry["over"] for entry in emulator.control.log()] == [None], "it has no effect yet"
    for _ in range(2):
        emulator.request("PUT", f"{transforms}/t", built_in())
    emulator.request("PUT", f"{transforms}/t", {"properties": {}})
    emulator.control.apply_late(fault)
    assert [entry["over"] for entry in emulator.control.log(method="PUT")] == [True, False, True, None]


def test_throttled_bucket_leaves_the_others_open(emulator: Emulator, transforms: str) -> None:
    emulator.control.fault("throttle", bucket="writes", retryAfter=3600)
    status, headers, body = emulator.request("PUT", f"{transforms}/t", built_in())
    assert (status, body["error"]["code"]) == (429, "TooManyRequests")
    assert 0 < int(headers["retry-after"]) <= 3600
    assert headers["x-ms-ratelimit-remaining-subscription-writes"] == "0"
    assert emulator.request("GET", transforms)[0] == 200
    assert emulator.request("DELETE", f"{transforms}/t")[0] == 204
    emulator.control.advance(3600)
    assert emulator.request("PUT", f"{transforms}/t", built_in())[0] == 201


def test_one_clients_window_is_closed_to_nobody_else(emulator: Emulator, transforms: str) -> None:
    other = emulator.control.add_client()["clientId"]
    emulator.control.fault("throttle", bucket="reads", retryAfter=60, clientId=other)
    assert emulator.request("GET", transforms, token=emulator.control.token(clientId=other))[0] == 429
    assert emulator.request("GET", transforms)[0] == 200
    assert [entry["retry_after"] for entry in emulator.control.log()] == [60.0, None]


def test_throttle_from_the_nth_request_on(emulator: Emulator, transforms: str) -> None:
    emulator.control.fault("throttle", {"bucket": "reads", "nth": 2}, bucket="reads", retryAfter=60)
    assert [emulator.request("GET", transforms)[0] for _ in range(3)] == [200, 429, 429]


def test_operation_fails(emulator: Emulator, account: TestAccount, storage_id: str) -> None:
    emulator.control.fault("operation", {"method": "PATCH"}, code="Oops", message="No.")
    status, headers, _ = emulator.request("PATCH", account.id, {"tags": {"a": "b"}})
    assert status == 202
    _, _, operation = emulator.request("GET", headers["azure-asyncoperation"].removeprefix(emulator.url))
    assert (operation["status"], operation["error"]) == ("Failed", {"code": "Oops", "message": "No."})
    _, _, body = emulator.request("GET", account.id)
    assert body["properties"]["provisioningState"] == "Failed"
    assert "tags" not in body


def test_operation_is_lost(emulator: Emulator, account: TestAccount) -> None:
    emulator.control.fault("operation", {"method": "PATCH"}, lose=True)
    _, headers, _ = emulator.request("PATCH", account.id, {"tags": {"a": "b"}})
    assert emulator.request("GET", headers["azure-asyncoperation"].removeprefix(emulator.url))[0] == 404
    assert emulator.request("GET", account.id)[2]["tags"] == {"a": "b"}


def test_operation_takes_its_time(emulator: Emulator, account: TestAccount) -> None:
    emulator.control.fault("operation", {"method": "PATCH"}, seconds=1000)
    _, headers, _ = emulator.request("PATCH", account.id, {"tags": {"a": "b"}})
    result, status = (headers[name].removeprefix(emulator.url) for name in ("location", "azure-asyncoperation"))
    assert emulator.request("GET", result)[0] == 202
    assert emulator.request("GET", status)[2]["status"] == "InProgress"
    emulator.control.advance(1000)
    assert emulator.request("GET", status)[2]["status"] == "Succeeded"
    assert emulator.request("GET", result)[2]["tags"] == {"a": "b"}


def listed(emulator: Emulator, path: str) -> list[Any]:
    _, _, body = emulator.request("GET", path)
    return [item and item["name"] for item in body["value"]]


def test_stale_list(emulator: Emulator, transforms: str) -> None:
    emulator.request("PUT", f"{transforms}/a", built_in())
    emulator.control.fault("list", {"kind": "LIST transforms"}, stale=True)
    emulator.request("PUT", f"{transforms}/b", built_in())
    emulator.request("DELETE", f"{transforms}/a")
    assert listed(emulator, transforms) == ["a"]
    assert listed(emulator, transforms) == ["b"]


def test_list_without_items_with_null_and_without_members(emulator: Emulator, transforms: str) -> None:
    for name in "abc":
        emulator.request("PUT", f"{transforms}/{name}", built_in())
    emulator.control.fault("list", {"kind": "LIST transforms"}, skip=["A"], null=["b"], omit=["properties.outputs"])
    _, _, body = emulator.request("GET", transforms)
    assert [item and item["name"] for item in body["value"]] == [None, "c"]
    assert "outputs" not in body["value"][1]["properties"]


def test_list_links_to_itself(emulator: Emulator, transforms: str) -> None:
    emulator.control.fault("list", {"kind": "LIST transforms", "count": 0}, repeatLink=True)
    _, _, first = emulator.request("GET", transforms)
    _, _, second = emulator.request("GET", first["@odata.nextLink"].removeprefix(emulator.url))
    assert second["@odata.nextLink"] == first["@odata.nextLink"]


def test_foreign_links(emulator: Emulator, account: TestAccount, transforms: str) -> None:
    emulator.control.settings(page_size=1)
    for name in "ab":
        emulator.request("PUT", f"{transforms}/{name}", built_in())
    emulator.control.fault("foreign-links", {"count": 0}, origin="https://evil.test")
    assert emulator.request("GET", transforms)[2]["@odata.nextLink"].startswith("https://evil.test/")
    _, headers, _ = emulator.request("PATCH", account.id, {"tags": {"a": "b"}})
    assert headers["azure-asyncoperation"].startswith("https://evil.test/")


def test_redirect(emulator: Emulator, transforms: str) -> None:
    emulator.control.fault("redirect", {}, location="https://evil.test/x")
    status, headers, _ = emulator.request("GET", transforms)
    assert (status, headers["location"]) == (307, "https://evil.test/x")


@pytest.mark.parametrize("what", ["html", "not-json", "wrong-type", "empty"])
def test_hostile_small_bodies(emulator: Emulator, transforms: str, what: str) -> None:
    emulator.control.fault("hostile", {}, what=what)
    status, headers, body = raw(emulator, transforms)
    assert status == 200
    assert headers["content-type"] == ("text/html" if what == "html" else "application/json")
    if what == "wrong-type":
        assert not isinstance(json.loads(body)["value"], list)
    else:
        with pytest.raises(ValueError, match="Expecting"):
            json.loads(body)


def test_hostile_truncated_body(emulator: Emulator, transforms: str) -> None:
    emulator.control.fault("hostile", {}, what="truncated")
    with pytest.raises(aiohttp.ClientPayloadError):
        raw(emulator, transforms)


def test_hostile_deep_json(emulator: Emulator, transforms: str) -> None:
    emulator.control.fault("hostile", {}, what="deep-json")
    with pytest.raises(RecursionError):
        json.loads(raw(emulator, transforms)[2])


def test_hostile_huge_body(emulator: Emulator, transforms: str) -> None:
    emulator.control.fault("hostile", {}, what="huge", size=3 * 2**20)
    assert len(raw(emulator, transforms)[2]) == 3 * 2**20 + len(b'{"value":[""]}')


def test_hostile_gzip_bomb(emulator: Emulator, transforms: str) -> None:
    emulator.control.fault("hostile", {}, what="gzip-bomb", size=5 * 2**20)
    status, headers, body = raw(emulator, transforms, decompress=False)
    assert (status, headers["content-encoding"]) == (200, "gzip")
    assert len(body) < 2**16
    assert gzip.decompress(body) == b" " * 5 * 2**20  # a valid stream, checksum included
    assert zlib.decompressobj(31).decompress(body, 10) == b" " * 10


def raw(emulator: Emulator, path: str, *, decompress: bool = True) -> tuple[int, dict[str, str], bytes]:
    """A GET whose body is not looked at."""
    token = emulator.control.token()

    async def get() -> tuple[int, dict[str, str], bytes]:
        context = ssl.create_default_context(cafile=emulator.ca_file)
        url = f"{emulator.url}{path}?api-version=2022-07-01"
        headers = {"Authorization": f"Bearer {token}"}
        async with (
            aiohttp.ClientSession(auto_decompress=decompress) as session,
            session.get(url, headers=headers, ssl=context) as response,
        ):
            body = await response.read()
            return response.status, {name.lower(): value for name, value in response.headers.items()}, body

    return asyncio.run(get())


def test_latency_and_another_fault_add_up(emulator: Emulator, transforms: str) -> None:
    emulator.control.fault("latency", {}, seconds=0.05)
    emulator.control.fault("answer", {}, status=500)
    assert emulator.request("GET", transforms)[0] == 500
    entry = emulator.control.log(status="500")[0]
    assert entry["ended_monotonic"] - entry["started_monotonic"] >= 0.05
    assert entry["faults"] == [fault["id"] for fault in emulator.control.faults()]


def test_authority_is_only_hit_by_name(emulator: Emulator) -> None:
    path = f"/{emulator.tenant_id}/v2.0/.well-known/openid-configuration"
    emulator.control.fault("answer", {"count": 0}, status=500)
    assert emulator.request("GET", path, api_version="", token="")[0] == 200
    emulator.control.fault("answer", {"kind": "authority"}, status=500)
    assert emulator.request("GET", path, api_version="", token="")[0] == 500


def test_out_of_band_changes(emulator: Emulator, account_factory: AccountFactory) -> None:
    account = account_factory()
    path = f"{account.id}/transforms/t"
    _, _, before = emulator.request("PUT", path, built_in(description="mine"))
    emulator.control.patch_out_of_band(path, {"properties": {"description": "theirs", "novel": {"a": 1}}})
    _, _, after = emulator.request("GET", path)
    assert after["properties"]["description"] == "theirs"
    assert after["properties"]["outputs"] == before["properties"]["outputs"]
    assert after["properties"]["lastModified"] > before["properties"]["lastModified"]
    assert after["properties"]["created"] == before["properties"]["created"]

    # What the service shows it also takes back, and keeps through a PATCH that doesn't name it.
    _, _, patched = emulator.request("PATCH", path, {"properties": {"description": "mine"}})
    assert patched["properties"]["novel"] == {"a": 1}
    assert emulator.request("PUT", path, patched)[2]["properties"]["novel"] == {"a": 1}
    assert emulator.request("PUT", path, built_in())[2]["properties"].get("novel") is None

    emulator.control.put_out_of_band(path, {"properties": {"outputs": "nonsense"}})
    assert emulator.request("GET", path)[2]["properties"]["outputs"] == "nonsense"
    emulator.control.delete_out_of_band(path)
    assert emulator.request("GET", path)[0] == 404
    emulator.control.put_out_of_band(path, built_in())
    assert emulator.request("GET", path)[0] == 200


def test_out_of_band_account_brings_its_endpoint(emulator: Emulator, account: TestAccount, storage_id: str) -> None:
    other = f"{account.id}x"
    emulator.control.put_out_of_band(other, account_body(storage_id))
    assert emulator.request("GET", f"{other}/streamingEndpoints/default")[0] == 200


@pytest.mark.parametrize(
    ("match", "action", "named"),
    [
        ({"metod": "GET"}, {"type": "answer"}, "match.metod"),
        ({"path": "("}, {"type": "answer"}, "position 0"),
        ({}, {"type": "explode"}, "action.type"),
        ({"nth": 0}, {"type": "answer"}, "match.nth"),
    ],
)
def test_a_wrong_fault_is_refused(emulator: Emulator, match: Any, action: Any, named: str) -> None:
    with pytest.raises(EmulatorError, match=named):
        emulator.control.call("POST", "/faults", {"match": match, "action": action})
