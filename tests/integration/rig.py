"""The real thing for tests: operator processes over a real API server and the emulator, and what users do to them."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kubernetes import client
from tests.fixtures_emulator import credentials_of

from ams_emulator.testing import Emulator
from ams_operator.api.kinds import KINDS, MADE

GROUP = "ams-operator.dev"
VERSION = "v1alpha1"
PLURALS = {kind.kind: kind.plural for kind in (*KINDS, *MADE)}
PATIENCE = 120.0
ROOT = Path(__file__).resolve().parents[2]


def until(condition: Callable[[], Any], what: str, patience: float = PATIENCE) -> Any:
    """The first true value of `condition`. Fails with `what`, and with the last value, where there is none in time."""
    end = time.monotonic() + patience
    last: Any = None
    while time.monotonic() < end:
        last = condition()
        if last:
            return last
        time.sleep(0.05)
    raise AssertionError(f"not within {patience:.0f} s: {what}; last seen: {last!r}")


@dataclass
class Cluster:
    """What a user does with kubectl, in one namespace."""

    api: client.ApiClient
    namespace: str

    def path(self, kind: str, name: str = "", namespace: str | None = None) -> str:
        space = "" if kind == "MediaServicesBackend" else f"/namespaces/{namespace or self.namespace}"
        return f"/apis/{GROUP}/{VERSION}{space}/{PLURALS[kind]}" + (f"/{name}" if name else "")

    def call(
        self, method: str, path: str, body: Any = None, content: str = "application/json"
    ) -> tuple[int, dict[str, Any]]:
        """One request as the administrator: status and body."""
        headers = {"Content-Type": content, "Accept": "application/json"}
        self.api.update_params_for_auth(headers, [], ["BearerToken"], path, method, body)
        answer = self.api.rest_client.pool_manager.request(
            method, self.api.configuration.host + path, body=None if body is None else json.dumps(body), headers=headers
        )
        return answer.status, json.loads(answer.data or b"{}")

    def apply(
        self, kind: str, name: str, spec: dict[str, Any], *, manager: str = "tests", namespace: str | None = None
    ) -> dict[str, Any]:
        """Server-side apply, as Argo CD and Flux do it."""
        body = {"apiVersion": f"{GROUP}/{VERSION}", "kind": kind, "metadata": {"name": name}, "spec": spec}
        path = f"{self.path(kind, name, namespace)}?fieldManager={manager}&force=true"
        status, answer = self.call("PATCH", path, body, "application/apply-patch+yaml")
        assert status in (200, 201), answer
        return answer

    def get(self, kind: str, name: str, namespace: str | None = None) -> dict[str, Any] | None:
        status, answer = self.call("GET", self.path(kind, name, namespace))
        return answer if status == 200 else None

    def patch(self, kind: str, name: str, body: dict[str, Any]) -> dict[str, Any]:
        """A merge patch."""
        status, answer = self.call("PATCH", self.path(kind, name), body, "application/merge-patch+json")
        assert status == 200, answer
        return answer

    def delete(self, kind: str, name: str) -> None:
        status, answer = self.call("DELETE", self.path(kind, name))
        assert status in (200, 202), answer

    def secret(self, name: str, data: dict[str, str], namespace: str | None = None) -> None:
        """Create or replace a Secret."""
        space = namespace or self.namespace
        core = client.CoreV1Api(self.api)
        body = client.V1Secret(metadata=client.V1ObjectMeta(name=name), string_data=data)
        try:
            core.create_namespaced_secret(space, body)
        except client.ApiException as error:
            if error.status != 409:
                raise
            core.replace_namespaced_secret(name, space, body)

    def condition(self, kind: str, name: str, type_: str = "Ready") -> dict[str, Any] | None:
        """A condition that speaks of the present generation, as `kubectl wait` reads it."""
        found = self.get(kind, name)
        if found is None:
            return None
        for condition in found.get("status", {}).get("conditions", []):
            if condition["type"] == type_ and condition["observedGeneration"] == found["metadata"]["generation"]:
                return dict(condition)
        return None

    def ready(self, kind: str, name: str, patience: float = PATIENCE) -> dict[str, Any]:
        """Wait for Ready, as `kubectl wait` does; the object."""
        self._wait_ready(kind, name, patience)
        found = self.get(kind, name)
        assert found is not None
        return found

    def _wait_ready(self, kind: str, name: str, patience: float) -> None:
        end = time.monotonic() + patience
        while (self.condition(kind, name) or {}).get("status") != "True":
            if time.monotonic() > end:
                raise AssertionError(f"{kind} {name} is not Ready: {(self.get(kind, name) or {}).get('status')}")
            time.sleep(0.05)

    def reason(self, kind: str, name: str, reason: str, type_: str = "Ready", patience: float = PATIENCE) -> str:
        """Wait until a condition has this reason; its message."""

        def current() -> dict[str, Any] | None:
            found = self.condition(kind, name, type_)
            return found if found is not None and found["reason"] == reason else None

        try:
            found = until(current, f"{kind} {name}: {type_} says {reason}", patience)
        except AssertionError as error:
            raise AssertionError(f"{error}; status: {(self.get(kind, name) or {}).get('status')}") from None
        return str(found["message"])

    def gone(self, kind: str, name: str, patience: float = PATIENCE) -> None:
        """Wait until an object is gone from the API server."""
        until(lambda: self.get(kind, name) is None, f"{kind} {name} is gone", patience)


@dataclass
class Operator:
    """`ams-operator run` as a process of its own."""

    kubeconfig: Path
    namespaces: tuple[str, ...]
    home: str
    log: Path
    port: int = 0
    options: tuple[str, ...] = ()
    process: subprocess.Popen[bytes] | None = None
    env: dict[str, str] = field(default_factory=dict)
    alone: bool = False
    """started without a Lease: nobody else can be there"""
    program: tuple[str, ...] = (str(Path(sys.executable).with_name("ams-operator")),)

    def start(self, *, wait: bool = True) -> Operator:
        """Start, and wait for /readyz unless told otherwise."""
        command = [
            *self.program,
            "run",
            f"--kubeconfig={self.kubeconfig}",
            f"--home={self.home}",
            "--port=0",
            "--log-level=debug",
            *(f"--namespace={name}" for name in self.namespaces),
            *(["--no-lease"] if self.alone else []),
            *self.options,
        ]
        self.port = 0
        offset = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as stream:
            self.process = subprocess.Popen(
                command, stdout=stream, stderr=stream, env={**os.environ, **self.env}, cwd=ROOT
            )
        self.port = until(lambda: self._port(offset), "the operator says its port")
        if wait:
            until(self.is_ready, f"the operator is ready; see {self.log}")
        return self

    def _port(self, offset: int) -> int:
        assert self.process is not None
        text = self.log.read_bytes()[offset:].decode(errors="replace")
        assert self.process.poll() is None, text
        found = re.search(r"probes and metrics on port (\d+)", text)
        return int(found[1]) if found else 0

    def probe(self, path: str) -> tuple[int, str]:
        """GET on the probe port: status (0: no answer) and text."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def is_ready(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.text()[-4000:]
        return self.probe("/readyz")[0] == 200

    def metric(self, name: str, **labels: str) -> float:
        """The sum of a metric's samples that have these labels."""
        total = 0.0
        for line in self.probe("/metrics")[1].splitlines():
            if line.startswith(name) and all(f'{key}="{value}"' in line for key, value in labels.items()):
                total += float(line.rsplit(" ", 1)[1])
        return total

    def writes(self) -> float:
        """Writes to the API server so far."""
        name = "ams_operator_kubernetes_requests_total"
        return (
            self.metric(name, verb="patch") + self.metric(name, verb="patch status") + self.metric(name, verb="create")
        )

    def text(self) -> str:
        return self.log.read_text(errors="replace")

    def kill(self) -> None:
        """SIGKILL: no goodbye. Its Lease lasts on, so that the next one has to do without: we know that it is dead."""
        assert self.process is not None
        self.alone = True
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> int:
        """SIGTERM; the exit code."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(40)
            except subprocess.TimeoutExpired:
                self.process.kill()
                raise
        return self.process.wait()


@dataclass
class Rig:
    """One test's world: a namespace, an account of its own in the emulator, an operator that watches the namespace."""

    cluster: Cluster
    emulator: Emulator
    operator: Operator
    group: str
    account_name: str

    def backend(self, name: str = "default", **spec: Any) -> None:
        """The administrator's MediaServicesBackend that points to the emulator."""
        url = self.emulator.url
        ca = Path(self.emulator.ca_file).read_text() if self.emulator.ca_file else None
        body = {"type": "armCompatible", "endpoint": url, "authority": url, "audience": url, **spec}
        if ca is not None and "caBundle" not in spec:
            body["caBundle"] = ca
        body = {key: value for key, value in body.items() if value is not None}
        self.cluster.apply("MediaServicesBackend", name, body)

    def credentials(self, name: str = "azure", **changes: str) -> None:
        self.cluster.secret(name, credentials_of(self.emulator, **changes))

    def account(self, name: str = "default", **spec: Any) -> None:
        """A MediaServicesAccount that uses the test's account."""
        body = {
            "azureName": self.account_name,
            "subscriptionId": self.emulator.subscription_id,
            "resourceGroup": self.group,
            "credentials": {"secretRef": {"name": "azure"}},
            "driftInterval": "10s",
        } | spec
        self.cluster.apply(
            "MediaServicesAccount", name, {key: value for key, value in body.items() if value is not None}
        )

    def ready_account(self, name: str = "default", **spec: Any) -> dict[str, Any]:
        """Backend, credentials and account, Ready."""
        self.backend()
        self.credentials()
        self.account(name, **spec)
        return self.cluster.ready("MediaServicesAccount", name)

    def transform(self, name: str, *, preset: str = "AdaptiveStreaming", **spec: Any) -> dict[str, Any]:
        outputs = [{"preset": {"builtInStandardEncoder": {"presetName": preset}}}]
        return self.cluster.apply("Transform", name, {"outputs": outputs, **spec})

    def transform_id(self, name: str) -> str:
        return f"{self.emulator.account_id(self.account_name, self.group)}/transforms/{name}"

    def in_service(self, name: str) -> dict[str, Any] | None:
        """A transform as the service has it, asked by somebody else than the operator."""
        status, _, body = self.emulator.request("GET", self.transform_id(name))
        return body if status == 200 else None

    def until_log(self, count: int, patience: float = PATIENCE) -> None:
        """Wait until the service was asked so often."""
        until(lambda: len(self.emulator.control.log()) >= count, f"{count} requests", patience)

    @contextmanager
    def running(self, **options: Any) -> Iterator[Operator]:
        """The operator, started for the block."""
        self.operator.start(**options)
        try:
            yield self.operator
        finally:
            self.operator.stop()
