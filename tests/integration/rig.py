"""The real thing for tests: operator processes over a real API server and the emulator, and what users do to them."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kubernetes import client
from tests.fixtures_emulator import credentials_of
from tests.integration.operators import Operator
from tests.patience import PATIENCE, pause, until

from ams_emulator.testing import Emulator
from ams_operator.api.kinds import KINDS, MADE

GROUP = "ams-operator.dev"
VERSION = "v1alpha1"
PLURALS = {kind.kind: kind.plural for kind in (*KINDS, *MADE)}


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
        began = time.monotonic()
        while (self.condition(kind, name) or {}).get("status") != "True":
            if time.monotonic() > began + patience:
                raise AssertionError(f"{kind} {name} is not Ready: {(self.get(kind, name) or {}).get('status')}")
            pause(began)

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
        body = {
            "type": "armCompatible",
            "endpoint": url,
            "authority": url,
            "audience": url,
            "allowPrivate": True,
            **spec,
        }
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
