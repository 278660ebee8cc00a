"""The emulator against real HTTP exchanges of 2020 to 2022."""

import json
import re
from typing import Any

import pytest
from tests.emulator.bodies import account_body
from tests.emulator.recorded import assert_like, fill, find, names
from tests.fixtures_emulator import AccountFactory, TestAccount

from ams_emulator.testing import Emulator


@pytest.fixture
def new_account(emulator: Emulator, account_factory: AccountFactory) -> TestAccount:
    """A name and a group for an account that doesn't exist."""
    made = account_factory()
    emulator.control.delete_out_of_band(made.id)
    return made


def test_account_is_created_as_recorded(
    emulator: Emulator, samples: dict[str, Any], new_account: TestAccount, storage_id: str
) -> None:
    fills = names(emulator, new_account)
    put = find(samples, "account PUT new")
    body = json.loads(json.dumps(put["request"]["body"]).replace("<storage id>", storage_id))
    status, headers, answer = emulator.request("PUT", fill(put["request"]["path"], **fills), body)
    assert status == put["response"]["status"]
    recorded = json.loads(json.dumps(fill(put["response"]["body"], **fills)).replace("<storage id>", storage_id))
    assert_like(answer, recorded)

    operation = re.search(r"Statuses/([^?]+)\?", headers["azure-asyncoperation"])
    assert operation is not None
    for name, value in put["response"]["headers"].items():
        expected = fill(value, opId=operation[1], **fills)
        assert headers[name.lower()].removeprefix(emulator.url) == expected

    state = find(samples, "account operation status")
    polled = emulator.request("GET", headers["azure-asyncoperation"].removeprefix(emulator.url))
    assert polled[0] == 200
    assert_like(polled[2], fill(state["response"]["body"], opId=operation[1], **fills))

    get = find(samples, "account GET after create")
    seen = emulator.request("GET", fill(get["request"]["path"], **fills))
    recorded = json.loads(json.dumps(fill(get["response"]["body"], **fills)).replace("<storage id>", storage_id))
    assert seen[0] == 200
    assert_like(seen[2], recorded)


def test_failed_operation_has_the_documented_form(
    emulator: Emulator, samples: dict[str, Any], new_account: TestAccount, storage_id: str
) -> None:
    recorded = find(samples, "account operation status, failed")["response"]["body"]
    error = recorded["error"]
    emulator.control.fault("operation", {"method": "PUT"}, code=error["code"], message=error["message"])
    _, headers, _ = emulator.request("PUT", new_account.id, account_body(storage_id))
    status, _, polled = emulator.request("GET", headers["azure-asyncoperation"].removeprefix(emulator.url))
    assert status == 200
    assert sorted(polled) == sorted(recorded)
    assert (polled["status"], polled["error"]) == (recorded["status"], error)


def test_account_delete(emulator: Emulator, samples: dict[str, Any], account: TestAccount) -> None:
    sample = find(samples, "account DELETE")
    path = fill(sample["request"]["path"], **names(emulator, account))
    assert emulator.request("DELETE", path)[0] == sample["response"]["status"]


def test_check_name_availability(emulator: Emulator, samples: dict[str, Any], account: TestAccount) -> None:
    sample = find(samples, "checkNameAvailability")
    taken, free, invalid = sample["response"]["bodies"]
    path = fill(sample["request"]["path"], sub=emulator.subscription_id)
    for name, expected in ((account.name, taken), ("nobodyhasthis", free), ("No!", invalid)):
        body = {**sample["request"]["body"], "name": name}
        status, _, answer = emulator.request("POST", path, body)
        assert (status, answer) == (sample["response"]["status"], expected)


def test_default_endpoint(emulator: Emulator, samples: dict[str, Any], account: TestAccount) -> None:
    sample = find(samples, "default streaming endpoint")
    fills = names(emulator, account)
    status, _, answer = emulator.request("GET", fill(sample["request"]["path"], **fills))
    assert status == 200
    assert_like(answer, fill(sample["response"]["body"], **fills))


def test_transform_put(emulator: Emulator, samples: dict[str, Any], account: TestAccount) -> None:
    emulator.control.variants(**{"transform.system-data": "absent"})  # as in the older version that was recorded
    sample = find(samples, "transform PUT")
    fills = names(emulator, account) | {"tr": "encode"}
    status, _, answer = emulator.request("PUT", fill(sample["request"]["path"], **fills), sample["request"]["body"])
    assert status == sample["response"]["status"]
    assert_like(answer, fill(sample["response"]["body"], **fills))


def test_proxy_resource_missing(emulator: Emulator, samples: dict[str, Any], transforms: str) -> None:
    recorded = find(samples, "404 for proxy resources")["response"]
    status, headers, answer = emulator.request("GET", f"{transforms}/nothing")
    assert (status, answer) == (recorded["status"], recorded["body"])
    assert headers["content-type"] == recorded["headers"]["content-type"]


def test_tracked_resource_missing(emulator: Emulator, samples: dict[str, Any], account: TestAccount) -> None:
    recorded = find(samples, "404 for tracked resources")["response"]
    expected = fill(recorded["body"], acc=account.name, rg=account.resource_group, le="nothing")
    status, _, answer = emulator.request("GET", f"{account.id}/streamingEndpoints/nothing")
    assert status == recorded["status"]
    assert answer["error"]["code"] == expected["error"]["code"]
    assert answer["error"]["message"] == expected["error"]["message"].replace("liveEvents", "streamingEndpoints")
