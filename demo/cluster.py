"""What a person does with kubectl, as far as the demo needs it."""

from __future__ import annotations

import json
import time
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from kubernetes import config
from urllib3.exceptions import HTTPError

from demo.errors import DemoError, Refused

JSON = dict[str, Any]
MANAGER: Final = "demo"
GROUP: Final = "ams-operator.dev/v1alpha1"
_SECONDS: Final = 8.0

# Kind to API prefix, plural, and whether it lives in a namespace.
_KINDS: Final = MappingProxyType(
    {
        "Asset": (f"apis/{GROUP}", "assets", True),
        "ClusterRole": ("apis/rbac.authorization.k8s.io/v1", "clusterroles", False),
        "ClusterRoleBinding": ("apis/rbac.authorization.k8s.io/v1", "clusterrolebindings", False),
        "CustomResourceDefinition": ("apis/apiextensions.k8s.io/v1", "customresourcedefinitions", False),
        "LiveEvent": (f"apis/{GROUP}", "liveevents", True),
        "LiveOutput": (f"apis/{GROUP}", "liveoutputs", True),
        "MediaServicesAccount": (f"apis/{GROUP}", "mediaservicesaccounts", True),
        "MediaServicesBackend": (f"apis/{GROUP}", "mediaservicesbackends", False),
        "MigrationReport": (f"apis/{GROUP}", "migrationreports", True),
        "Namespace": ("api/v1", "namespaces", False),
        "Role": ("apis/rbac.authorization.k8s.io/v1", "roles", True),
        "RoleBinding": ("apis/rbac.authorization.k8s.io/v1", "rolebindings", True),
        "Secret": ("api/v1", "secrets", True),
        "ServiceAccount": ("api/v1", "serviceaccounts", True),
        "StreamingEndpoint": (f"apis/{GROUP}", "streamingendpoints", True),
        "Transform": (f"apis/{GROUP}", "transforms", True),
        "ValidatingAdmissionPolicy": (
            "apis/admissionregistration.k8s.io/v1",
            "validatingadmissionpolicies",
            False,
        ),
        "ValidatingAdmissionPolicyBinding": (
            "apis/admissionregistration.k8s.io/v1",
            "validatingadmissionpolicybindings",
            False,
        ),
    }
)
KNOWN: Final = frozenset(_KINDS)
"""Kinds that can be applied."""
OURS: Final = ("MediaServicesAccount", "Transform", "Asset", "StreamingEndpoint", "LiveEvent", "LiveOutput")
"""The kinds that live in a namespace and in the service, parents first."""
ON_AIR: Final = frozenset({"StreamingEndpoint", "LiveEvent", "LiveOutput"})
"""Those of them whose deletion is refused while they are on air and don't say what it means."""


class Cluster:
    """One cluster, as the user of a kubeconfig. Every method is one request; DemoError where it fails."""

    def __init__(self, kubeconfig: Path) -> None:
        self.kubeconfig = kubeconfig
        self._client = config.new_client_from_config(str(kubeconfig))  # type: ignore[no-untyped-call]  # untyped package

    @property
    def server(self) -> str:
        """The API server's URL."""
        return str(self._client.configuration.host)

    @property
    def authority(self) -> bytes | None:
        """The certificates (PEM) by which the API server is trusted; None: those of the operating system."""
        path = self._client.configuration.ssl_ca_cert
        return Path(path).read_bytes() if path else None

    def close(self) -> None:
        """Close its connections."""
        self._client.close()

    def apply(self, document: JSON) -> bool:
        """Server-side apply, as GitOps tools do it; whether the object is new."""
        metadata = document["metadata"]
        path = _path(document["kind"], metadata.get("namespace"), metadata["name"])
        status, answer = self._call(
            "PATCH", f"{path}?fieldManager={MANAGER}&force=true", document, "application/apply-patch+yaml"
        )
        if status not in (200, 201):
            raise _refused("apply", document["kind"], metadata["name"], answer)
        return status == 201

    def get(self, kind: str, name: str, namespace: str | None = None) -> JSON | None:
        """An object, or None where there is none."""
        status, answer = self._call("GET", _path(kind, namespace, name))
        if status == 404:
            return None
        if status != 200:
            raise _refused("get", kind, name, answer)
        return answer

    def objects(self, kind: str, namespace: str | None = None) -> list[JSON]:
        """All objects of a kind, by name, of one namespace or of all; none where there is no such kind."""
        status, answer = self._call("GET", _path(kind, namespace))
        if status == 404:
            return []
        if status != 200:
            raise _refused("list", kind, "", answer)
        items = [{"kind": kind, **item} for item in answer["items"]]
        return sorted(items, key=lambda item: (item["metadata"].get("namespace", ""), item["metadata"]["name"]))

    def delete(self, kind: str, name: str, namespace: str | None = None) -> None:
        """Ask for the deletion; it is no error where there is nothing. Raises Refused where a policy forbids it."""
        status, answer = self._call("DELETE", _path(kind, namespace, name))
        if status not in (200, 202, 404):
            raise _refused("delete", kind, name, answer)

    def drop_finalizers(self, kind: str, name: str, namespace: str) -> None:
        """Let an object go whose operator runs no more."""
        self.merge(kind, name, namespace, {"metadata": {"finalizers": None}})

    def merge(self, kind: str, name: str, namespace: str, body: JSON) -> None:
        """A merge patch; it is no error where there is nothing."""
        status, answer = self._call("PATCH", _path(kind, namespace, name), body, "application/merge-patch+json")
        if status not in (200, 404):
            raise _refused("patch", kind, name, answer)

    def token(self, namespace: str, service_account: str, seconds: int) -> str:
        """A token of a ServiceAccount, as a pod of it would get."""
        path = f"{_path('ServiceAccount', namespace, service_account)}/token"
        body = {
            "apiVersion": "authentication.k8s.io/v1",
            "kind": "TokenRequest",
            "spec": {"expirationSeconds": seconds},
        }
        status, answer = self._call("POST", path, body)
        if status != 201:
            raise _refused("create a token for", "ServiceAccount", service_account, answer)
        return str(answer["status"]["token"])

    def _call(self, method: str, path: str, body: Any = None, content: str = "application/json") -> tuple[int, JSON]:
        """Status and body; asked again while the API server says that it can't yet, as for kinds just installed."""
        end = time.monotonic() + _SECONDS
        while True:
            status, answer = self._call_once(method, path, body, content)
            if status not in (429, 503) or time.monotonic() > end:
                return status, answer
            time.sleep(0.2)

    def _call_once(self, method: str, path: str, body: Any, content: str) -> tuple[int, JSON]:
        headers = {"Accept": "application/json", "Content-Type": content}
        self._client.update_params_for_auth(headers, [], ["BearerToken"], path, method, body)
        data = None if body is None else json.dumps(body)
        try:
            # Below the generated client, which sends no apply patches.
            answer = self._client.rest_client.pool_manager.request(
                method, f"{self.server}/{path}", body=data, headers=headers, timeout=_SECONDS, retries=False
            )
        except HTTPError as error:
            raise DemoError(f"the API server at {self.server} does not answer: {error}") from error
        try:
            found = json.loads(answer.data or b"{}")
        except ValueError:  # what is not served is answered in plain text
            found = {"message": answer.data.decode(errors="replace")[:200]}
        return answer.status, found if isinstance(found, dict) else {}


def _path(kind: str, namespace: str | None = None, name: str | None = None) -> str:
    prefix, plural, namespaced = _KINDS[kind]
    space = f"/namespaces/{namespace}" if namespaced and namespace else ""
    return f"{prefix}{space}/{plural}" + (f"/{name}" if name else "")


def _refused(verb: str, kind: str, name: str, answer: JSON) -> Refused:
    return Refused(f"the API server refused to {verb} {kind} {name}: {answer.get('message', answer)}")
