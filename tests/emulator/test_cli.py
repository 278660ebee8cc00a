"""`ams-emulator` as a person or a script starts it."""

import http.client
import json
import os
import signal
import ssl
import stat
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

import pytest

from ams_emulator.faults import ACTIONS
from ams_emulator.testing import Emulator, send
from ams_emulator.variants import GUESSES

COMMAND = [sys.executable, "-m", "ams_emulator"]
READY = {
    "url",
    "caFile",
    "controlUrl",
    "controlToken",
    "tenantId",
    "clientId",
    "clientSecret",
    "subscriptionId",
    "resourceGroup",
}


@contextmanager
def serving(*options: str, env: dict[str, str] | None = None) -> Iterator[subprocess.Popen[str]]:
    """`serve` with a pipe at each end; ended when the test didn't."""
    command = [*COMMAND, "serve", *options]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, env={**os.environ, **(env or {})}) as process:
        try:
            yield process
        finally:
            process.kill()


def run(*options: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "COLUMNS": "200", "NO_COLOR": "1", "TERM": "dumb"}
    return subprocess.run([*COMMAND, *options], capture_output=True, text=True, timeout=60, env=env, check=False)


def test_ready_json_and_sigterm(tmp_path: Path) -> None:
    with serving("--port", "0", "--tls", "--data", str(tmp_path), "--ready-json") as process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        assert set(ready) == READY
        assert all(ready.values())
        assert ready["url"].startswith("https://127.0.0.1:")
        assert Path(ready["caFile"]) == tmp_path / "ca.pem"
        assert stat.S_IMODE((tmp_path / "server.pem").stat().st_mode) == 0o600
        path = "/metadata/endpoints?api-version=2022-09-01"
        assert send(ready["url"], "GET", path, ca_file=ready["caFile"])[0] == 200
        with pytest.raises(ssl.SSLCertVerificationError):
            send(ready["url"], "GET", path)
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (0, "")
    assert "not for production" in err
    assert "memory" in err
    assert ready["clientSecret"] not in err
    assert ready["controlToken"] not in err


def test_a_held_request_does_not_hinder_the_stop() -> None:
    with Emulator("--account", "contoso", "--http") as emulator, ThreadPoolExecutor() as pool:
        emulator.control.fault("drop", {"count": 0}, how="hang")
        barrier = emulator.control.barrier(method="DELETE")
        path = emulator.account_id("contoso")
        waiting = [pool.submit(emulator.request, method, path) for method in ("GET", "DELETE")]
        barrier.wait()
        assert emulator.stop() == 0
        for request in waiting:
            assert isinstance(request.exception(30), (OSError, http.client.HTTPException))


def test_it_ends_with_its_parent_and_leaves_nothing() -> None:
    emulator = Emulator()
    emulator.start()
    assert emulator.ca_file is not None
    assert Path(emulator.ca_file).exists()
    assert emulator.stop() == 0
    assert not Path(emulator.ca_file).parent.exists()


def test_plain_http_and_given_identity() -> None:
    options = ["--http", "--ready-json", "--client-id", "me", "--tenant-id", "here", "--subscription-id", "mine"]
    with serving(
        *options, env={"AMS_EMULATOR_CLIENT_SECRET": "s3cret", "AMS_EMULATOR_CONTROL_TOKEN": "c0ntrol"}
    ) as process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
    assert ready["url"].startswith("http://127.0.0.1:")
    assert ready["caFile"] is None
    assert [ready[name] for name in ("clientId", "tenantId", "subscriptionId")] == ["me", "here", "mine"]
    assert [ready[name] for name in ("clientSecret", "controlToken")] == ["s3cret", "c0ntrol"]


def test_seeded_accounts() -> None:
    options = [
        "--account",
        "contoso",
        "--account",
        "fabrikam",
        "--resource-group",
        "tv",
        "--region",
        "westeurope",
        "--seed",
        "7",
    ]
    ids = []
    for _ in range(2):
        with Emulator("--http", "--subscription-id", "sub", *options) as emulator:
            assert emulator.resource_group == "tv"
            _, _, body = emulator.request("GET", emulator.account_id("contoso"))
            assert (body["name"], body["location"]) == ("contoso", "West Europe")
            assert emulator.request("GET", f"{emulator.account_id('fabrikam')}/streamingEndpoints/default")[0] == 200
            ids.append(body["properties"]["mediaServiceId"])
    assert ids[0] == ids[1]


def test_it_starts_without_accounts(tmp_path: Path) -> None:
    with Emulator(data=tmp_path) as emulator:
        assert emulator.control.stored_ids() == []


def test_secrets_differ_from_start_to_start() -> None:
    seen = []
    for _ in range(2):
        with Emulator("--http", "--seed", "1") as emulator:
            seen.append((emulator.client_secret, emulator.ready["controlToken"]))
    assert seen[0][0] != seen[1][0]
    assert seen[0][1] != seen[1][1]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--listen", "0.0.0.0"], "--allow-remote"),
        (["--listen", "example.com"], "--allow-remote"),
        (["--variants", "wild"], "strict, lenient or seed:N"),
        (["--account", "NO"], "3 to 24 lower-case letters and digits"),
        (["--region", "atlantis", "--account", "contoso"], "atlantis"),
        (["--clock", "wild"], "real"),
    ],
)
def test_mistakes_are_explained(options: list[str], message: str) -> None:
    done = run("serve", *options)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_a_taken_port_is_explained() -> None:
    with Emulator("--http") as emulator:
        done = run("serve", "--http", "--port", emulator.url.rpartition(":")[2])
    assert done.returncode == 2
    assert "can't listen" in done.stderr


def test_remote_with_consent() -> None:
    with Emulator("--listen", "0.0.0.0", "--allow-remote", "--host-name", "emulator.test") as emulator:
        assert send(emulator.url, "GET", "/metadata/endpoints", ca_file=emulator.ca_file)[0] == 200
        assert emulator.control.url.startswith("http://127.0.0.1:")


def test_help_and_variants() -> None:
    assert "serve" in run("--help").stdout
    help_text = run("serve", "--help").stdout
    for option in ("--ready-json", "--variants", "--clock", "--account", "--listen", "--rate-limits"):
        assert option in help_text
    assert "api-version.missing" in run("variants").stdout


def test_variants_are_shown_whole_where_nobody_watches() -> None:
    """A pipe and a file have no width: questions, answers and reasons stand in one line each."""
    env = {key: value for key, value in os.environ.items() if key != "COLUMNS"}
    found = subprocess.run([*COMMAND, "variants"], capture_output=True, text=True, timeout=60, env=env, check=True)
    for guess in GUESSES:
        (line,) = [line for line in found.stdout.splitlines() if f" {guess.name} " in line]
        assert all(text in line for text in (guess.question, guess.strict, guess.lenient, guess.reason))


def test_version() -> None:
    assert run("--version").stdout == f"ams-emulator {version('ams-emulator')}\n"


def test_there_is_an_example_of_each_type_of_fault(emulator: Emulator) -> None:
    """What is printed can be sent as it is."""
    bodies = [json.loads(line) for line in run("faults").stdout.splitlines() if not line.startswith("#")]
    assert sorted(body["action"]["type"] for body in bodies) == sorted(ACTIONS)
    for body in bodies:
        assert emulator.control.call("POST", "/faults", body)["id"]
