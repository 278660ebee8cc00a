"""A few lines of Kubernetes client that show the raw answer, which is what these tests are about."""

import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import yaml
from kubernetes import config
from kubernetes.client import ApiClient

from ams_operator.api.base import API_VERSION, GROUP, VERSION
from ams_operator.api.kinds import kind_named

APPLY: Final = "application/apply-patch+yaml"
MERGE: Final = "application/merge-patch+json"


@dataclass(frozen=True)
class Answer:
    """What the API server said."""

    code: int
    body: dict[str, Any]

    @property
    def accepted(self) -> bool:
        return self.code < 300

    @property
    def says(self) -> list[str]:
        """The causes of a refusal as `field: message`, sorted; the whole message where there are none.

        Left out is the remark that some rules were not checked, which stands beside each other cause.
        """
        causes = [cause for cause in self.body.get("details", {}).get("causes", ()) if cause.get("field") != "<nil>"]
        if causes:
            return sorted(f"{cause.get('field', '')}: {cause['message']}" for cause in causes)
        return [self.body.get("message", "")]


@dataclass(frozen=True)
class Cluster:
    """The API server, as an administrator or as `user`."""

    api: ApiClient
    user: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    @classmethod
    def connect(cls, kubeconfig: Path) -> "Cluster":
        return cls(config.new_client_from_config(str(kubeconfig)))  # type: ignore[no-untyped-call]  # generated code

    def as_user(self, user: str) -> "Cluster":
        return replace(self, user=user)

    def request(
        self, method: str, path: str, body: Any = None, *, content: str = "application/json", **query: str
    ) -> Answer:
        headers = {"Accept": "application/json", "Content-Type": content}
        if self.user:
            headers["Impersonate-User"] = self.user
        self.api.update_params_for_auth(headers, [], ["BearerToken"], path, method, body)
        url = f"{self.api.configuration.host}{path}" + (f"?{urlencode(query)}" if query else "")
        data = None if body is None else json.dumps(body)
        response = self.api.rest_client.pool_manager.request(method, url, body=data, headers=headers)
        return Answer(response.status, json.loads(response.data or b"{}"))

    def create(self, body: dict[str, Any], namespace: str, *, dry: bool = False) -> Answer:
        """As `kubectl create` and a first `kubectl apply` do it: unknown fields are errors."""
        return self.request("POST", path_of(body, namespace, named=False), body, **_query(dry))

    def merge(self, body: dict[str, Any], namespace: str, patch: dict[str, Any], *, dry: bool = False) -> Answer:
        """As a further client-side `kubectl apply` does it."""
        return self.request("PATCH", path_of(body, namespace), patch, content=MERGE, **_query(dry))

    def apply(self, body: dict[str, Any], namespace: str, *, dry: bool = False, manager: str = "tests") -> Answer:
        """As `kubectl apply --server-side` does it."""
        query = {**_query(dry), "fieldManager": manager, "force": "true"}
        return self.request("PATCH", path_of(body, namespace), body, content=APPLY, **query)

    def apply_plain(self, body: dict[str, Any]) -> Answer:
        """Server-side apply of an object of a kind that is not ours."""
        return self.request(
            "PATCH",
            _foreign_path(body),
            body,
            content=APPLY,
            fieldManager="tests",
            force="true",
            fieldValidation="Strict",
        )


def _query(dry: bool) -> dict[str, str]:
    return {"fieldValidation": "Strict", **({"dryRun": "All"} if dry else {})}


def path_of(body: dict[str, Any], namespace: str, *, named: bool = True) -> str:
    kind = kind_named(body["kind"])
    place = "" if kind.scope == "Cluster" else f"/namespaces/{namespace}"
    name = f"/{body['metadata']['name']}" if named else ""
    return f"/apis/{GROUP}/{VERSION}{place}/{kind.plural}{name}"


def _foreign_path(body: dict[str, Any]) -> str:
    group = body["apiVersion"]
    root = f"/apis/{group}" if "/" in group else f"/api/{group}"
    place = f"/namespaces/{body['metadata']['namespace']}" if "namespace" in body["metadata"] else ""
    plural = body["kind"].lower() + "s"
    plural = plural.replace("policys", "policies")
    return f"{root}{place}/{plural}/{body['metadata']['name']}"


def manifest(kind: str, name: str, spec: Any, **metadata: Any) -> dict[str, Any]:
    """An object of ours."""
    return {"apiVersion": API_VERSION, "kind": kind, "metadata": {"name": name, **metadata}, "spec": spec}


def documents(path: Path) -> list[dict[str, Any]]:
    """All documents of a YAML file."""
    return [one for one in yaml.safe_load_all(path.read_text(encoding="utf-8")) if one]
