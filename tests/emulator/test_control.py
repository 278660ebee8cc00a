"""The control API serves whoever has the token, on this machine, and nobody else."""

import asyncio

import pytest

from ams_emulator.testing import Emulator, EmulatorError, send


@pytest.mark.parametrize("headers", [{}, {"X-Ams-Emulator": "wrong"}, {"Authorization": "Bearer x"}])
@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/clock"), ("GET", "/log"), ("DELETE", "/log"), ("GET", "/nonsense")]
)
def test_without_token(emulator: Emulator, headers: dict[str, str], method: str, path: str) -> None:
    status, _, body = send(emulator.control.url, method, path, headers=headers)
    assert status == 401
    assert "X-Ams-Emulator" in body["error"]


@pytest.mark.parametrize(
    "host", ["evil.test", "127.0.0.1.evil.test", "evil.test:80", "localhost@evil.test", "10.0.0.1"]
)
def test_other_host(emulator: Emulator, host: str) -> None:
    token = emulator.ready["controlToken"]
    status, _, body = send(emulator.control.url, "GET", "/clock", headers={"X-Ams-Emulator": token, "Host": host})
    assert status == 403
    assert "Host" in body["error"]


def test_service_port_has_no_control(emulator: Emulator) -> None:
    status, _, _ = send(
        emulator.url, "GET", "/clock", None, {"X-Ams-Emulator": emulator.ready["controlToken"]}, emulator.ca_file
    )
    assert status == 401


@pytest.mark.parametrize("host", ["evil.test/path", "a b", "user@evil.test"])
def test_service_port_refuses_ill_formed_hosts(emulator: Emulator, host: str) -> None:
    assert send(emulator.url, "GET", "/metadata/endpoints", None, {"Host": host}, emulator.ca_file)[0] == 400


@pytest.mark.parametrize(
    ("method", "path", "body", "message"),
    [
        ("POST", "/clock/advance", {"seconds": "1"}, "seconds: expected a number"),
        ("POST", "/clock/advance", {"seconds": -1}, "only moves forward"),
        ("POST", "/clock/advance", {"second": 1}, "second: unknown"),
        ("POST", "/clock/advance", [], "must be a JSON object"),
        ("POST", "/settings", {"pageSize": 0}, "pageSize: expected"),
        ("POST", "/settings", {"rateLimits": "on"}, "rateLimits: choose azure or off"),
        ("POST", "/settings", {"colour": "red"}, "colour: unknown"),
        ("POST", "/variants", {"nonsense": "strict"}, "nonsense: unknown"),
        ("POST", "/variants", {"patch.depth": "shallow"}, "choose one of replace, merge"),
        ("POST", "/denials", {"rights": ["fly"]}, "rights"),
        ("POST", "/denials", {}, "say what is denied: clientId, scope or rights"),
        ("POST", "/tokens", {"clientId": "x"}, "clientId: unknown"),
        ("POST", "/barriers", {"stage": "during"}, "stage"),
        ("POST", "/barriers/barrier-0/release", {}, "no such barrier"),
        ("DELETE", "/faults/fault-0", None, "no such fault"),
        ("POST", "/accounts", {"name": "NO"}, "3 to 24 lower-case"),
        ("POST", "/accounts", {"name": "fine", "resourceGroup": "nowhere"}, "nowhere"),
        ("PUT", "/resources", {"id": "/x", "body": {}}, "not the resource id of a known kind"),
        ("PATCH", "/resources", {"id": "/x", "patch": []}, "patch|not the resource id"),
        ("GET", "/resources?id=/x", None, "nothing is stored"),
    ],
)
def test_mistakes_are_explained(emulator: Emulator, method: str, path: str, body: object, message: str) -> None:
    with pytest.raises(EmulatorError, match=message):
        emulator.control.call(method, path, body)


async def test_async_control(emulator: Emulator) -> None:
    clock, counts = await asyncio.gather(emulator.aio.clock(), emulator.aio.counts())
    assert (clock["mode"], counts["total"]) == ("real", 0)


def test_settings_come_back(emulator: Emulator) -> None:
    assert emulator.control.settings(page_size=7)["page_size"] == 7
    assert emulator.control.settings()["page_size"] == 7
