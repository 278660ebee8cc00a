"""For tests: start the real process, and control it.

    with Emulator() as emulator:
        emulator.control.add_account("contoso")
        barrier = emulator.control.barrier(method="PUT", path="/transforms/")

`Control` is synchronous; `AsyncControl` has the same methods as coroutines (`await emulator.aio.log()`).
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from ams_emulator.control_client import JSON, AsyncControl, Barrier, Control, EmulatorError, send

__all__ = ["AsyncControl", "Barrier", "Control", "Emulator", "EmulatorError", "send"]

_START_SECONDS = 60.0
_STOP_SECONDS = 15.0


class Emulator:
    """The emulator as a process. `options` are options of `ams-emulator serve`, such as `"--clock", "manual"`.

    Quotas and request limits are off unless `options` say otherwise: tests that want them ask for them.
    """

    url: str
    ca_file: str | None
    tenant_id: str
    client_id: str
    client_secret: str
    subscription_id: str
    resource_group: str
    control: Control
    aio: AsyncControl

    def __init__(self, *options: str, data: Path | None = None, env: Mapping[str, str] | None = None) -> None:
        defaults = [("--quotas", "off"), ("--rate-limits", "off")]
        extra = [word for pair in defaults if pair[0] not in options for word in pair]
        place = ["--data", str(data)] if data is not None else []
        self._command = [sys.executable, "-m", "ams_emulator", "serve", "--ready-json", "--until-stdin-closes"]
        self._command += [*extra, *place, *options]
        self._env = dict(env) if env is not None else None
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start and wait until it is ready. Raises EmulatorError with what it printed when it isn't."""
        self._process = subprocess.Popen(  # noqa: S603 - our own command
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=self._env,
        )
        ready = self._read_ready(self._process)
        self.url, self.ca_file = ready["url"], ready["caFile"]
        self.tenant_id, self.client_id = ready["tenantId"], ready["clientId"]
        self.client_secret, self.subscription_id = ready["clientSecret"], ready["subscriptionId"]
        self.resource_group = ready["resourceGroup"]
        self.ready = ready
        self.control = Control(ready["controlUrl"], ready["controlToken"])
        self.aio = AsyncControl(self.control)

    def stop(self) -> int:
        """End it as its parent's end would; the exit code. A second call does nothing."""
        process = self._process
        if process is None:
            return 0
        assert process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()
        try:
            return process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()
        finally:
            for stream in (process.stdout, process.stderr):
                if stream is not None:
                    stream.close()
            self._process = None

    def account_id(self, account: str, group: str | None = None) -> str:
        base = f"/subscriptions/{self.subscription_id}/resourceGroups/{group or self.resource_group}"
        return f"{base}/providers/Microsoft.Media/mediaservices/{account}"

    def request(
        self, method: str, path: str, body: object = None, *, api_version: str = "2022-07-01", token: str | None = None
    ) -> tuple[int, Mapping[str, str], Any]:
        """One ARM request with a valid token: status, headers (names in lower case), JSON (None when empty)."""
        token = self.control.token() if token is None else token
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        separator = "&" if "?" in path else "?"
        target = path if "api-version=" in path or not api_version else f"{path}{separator}api-version={api_version}"
        return send(self.url, method, target, body, headers, self.ca_file)

    def _read_ready(self, process: subprocess.Popen[str]) -> JSON:
        timer = threading.Timer(_START_SECONDS, process.kill)
        timer.start()
        try:
            assert process.stdout is not None
            assert process.stderr is not None
            line = process.stdout.readline()
            if not line:
                raise EmulatorError(f"the emulator did not start: {process.stderr.read()[-2000:]}")
        finally:
            timer.cancel()
        ready: JSON = json.loads(line)
        # What it writes to stderr later must not block it; nobody reads it.
        threading.Thread(target=_drain, args=(process.stderr,), daemon=True).start()
        return ready


def _drain(stream: Any) -> None:
    with contextlib.suppress(ValueError, OSError):
        for _ in stream:
            pass
