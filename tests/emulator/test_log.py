"""The request log: complete, countable, without secrets."""

import json
import threading

import pytest
from tests.emulator.bodies import built_in
from tests.fixtures_emulator import TestAccount

from ams_emulator.testing import Emulator, EmulatorError, send


def test_one_request(emulator: Emulator, account: TestAccount) -> None:
    headers = {
        "Authorization": f"Bearer {emulator.control.token()}",
        "User-Agent": "tester/1",
        "x-ms-client-request-id": "mine",
    }
    send(emulator.url, "GET", f"{account.id}?api-version=2021-11-01", None, headers, emulator.ca_file)
    (entry,) = emulator.control.log()
    assert (entry["method"], entry["path"], entry["api_version"]) == ("GET", account.id, "2021-11-01")
    assert (entry["kind"], entry["status"], entry["effect"]) == ("GET mediaservices", 200, "applied")
    assert (entry["user_agent"], entry["client_request_id"]) == ("tester/1", "mine")
    assert entry["client_id"] == emulator.client_id
    assert entry["started"] <= entry["ended"]
    assert entry["started_monotonic"] <= entry["ended_monotonic"]


def test_counts(emulator: Emulator, account: TestAccount) -> None:
    path = f"{account.id}/transforms"
    for method, target, body in (
        ("PUT", f"{path}/transforms", built_in()),
        ("GET", f"{path}/transforms", None),
        ("GET", path, None),
        ("GET", path.upper(), None),
        ("GET", f"/subscriptions/{emulator.subscription_id}/resourceGroups", None),
        ("GET", f"{account.id}/transforms/none", None),
    ):
        emulator.request(method, target, body)
    counts = emulator.control.counts()
    assert counts["total"] == 6
    assert counts["kinds"] == {"PUT transforms": 1, "GET transforms": 2, "LIST transforms": 2, "LIST resourcegroups": 1}
    assert counts["statuses"] == {"201": 1, "200": 4, "404": 1}
    emulator.control.reset_log()
    assert emulator.control.counts()["total"] == 0
    emulator.request("GET", path)
    assert emulator.control.counts()["last"] == counts["last"] + 1  # numbers go on


def test_filters_and_since(emulator: Emulator, transforms: str) -> None:
    emulator.request("PUT", f"{transforms}/t", built_in())
    emulator.request("GET", transforms)
    first = emulator.control.log()[0]["sequence"]
    assert [entry["method"] for entry in emulator.control.log(since=first)] == ["GET"]
    assert [entry["method"] for entry in emulator.control.log(kind="PUT transforms")] == ["PUT"]
    assert [entry["method"] for entry in emulator.control.log(status=200)] == ["GET"]
    assert len(emulator.control.log(path=transforms.upper())) == 2


def test_wait(emulator: Emulator, transforms: str) -> None:
    barrier = emulator.control.barrier(method="PUT")
    request = threading.Thread(target=emulator.request, args=("PUT", f"{transforms}/t", built_in()))
    request.start()
    barrier.wait()
    with pytest.raises(EmulatorError, match="0 of 1 requests"):
        emulator.control.wait_log(method="PUT", timeout=0)  # begun, but not ended
    barrier.release()
    assert emulator.control.wait_log(method="PUT")[0]["status"] == 201
    request.join()


def test_no_secret_is_kept(emulator: Emulator, account: TestAccount) -> None:
    token = emulator.control.token()
    emulator.request("PUT", f"{account.id}/transforms/t", built_in(description="a private remark"), token=token)
    emulator.request("GET", account.id, token="not.a.token")
    form = f"grant_type=client_credentials&client_id={emulator.client_id}&client_secret={emulator.client_secret}"
    path = f"/{emulator.tenant_id}/oauth2/v2.0/token"
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    send(emulator.url, "POST", path, (form + "&scope=x/.default").encode(), kind, emulator.ca_file)
    log = json.dumps([emulator.control.log(), emulator.control.counts(), emulator.control.faults()])
    for secret in (token, token.split(".")[2], "not.a.token", emulator.client_secret, "a private remark"):
        assert secret not in log
    assert emulator.control.counts()["authority"] == 1
    assert emulator.control.counts()["total"] == 2
