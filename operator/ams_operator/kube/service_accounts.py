"""Tokens of tenants' ServiceAccounts: for one audience, for ten minutes, where the tenant granted it."""

from __future__ import annotations

import base64
import json
from typing import Any, Final
from urllib.parse import quote

from ams_operator.domain.answers import Federation, KubeRefused, Vanished
from ams_operator.domain.model import JSON
from ams_operator.kube.transport import METADATA_ONLY, Call, Transport

AUDIENCE: Final = "api://AzureADTokenExchange"
"""the only one; manifests/admission-tokens.yaml holds the operator to it"""
SECONDS: Final = 600
"""how long a token lasts: the shortest that the API server gives"""
CLIENT: Final = "azure.workload.identity/client-id"
TENANT: Final = "azure.workload.identity/tenant-id"


def place(namespace: str, name: str) -> str:
    """Path of a ServiceAccount."""
    return f"/api/v1/namespaces/{namespace}/serviceaccounts/{quote(name, safe='')}"


async def find(transport: Transport, namespace: str, name: str) -> Federation | None:
    """For whom a ServiceAccount stands; None where there is none that the operator may look at."""
    try:
        raw = await transport.send(Call("ServiceAccount", "get", "GET", place(namespace, name), accept=METADATA_ONLY))
    except (Vanished, KubeRefused):  # that one was not granted and that there is none read the same
        return None
    metadata = raw.get("metadata") or {}
    annotations = metadata.get("annotations") or {}
    return Federation(
        namespace,
        name,
        str(metadata.get("uid") or ""),
        str(metadata.get("resourceVersion") or ""),
        str(annotations.get(TENANT) or "").strip(),
        str(annotations.get(CLIENT) or "").strip(),
    )


async def token(transport: Transport, account: Federation) -> str:
    """A token of this very ServiceAccount. Raises Vanished where it is gone, was replaced, or may not be used."""
    spec: JSON = {"audiences": [AUDIENCE], "expirationSeconds": SECONDS}
    body: JSON = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": spec}
    path = f"{place(account.namespace, account.name)}/token"
    try:
        raw = await transport.send(Call("TokenRequest", "create", "POST", path, body=body))
    except KubeRefused:
        raise Vanished from None
    found = str((raw.get("status") or {}).get("token") or "")
    if _uid(found) != account.uid:  # one of the same name, made by somebody who was not granted anything
        raise Vanished
    return found


def _uid(token: str) -> str | None:
    """The uid of the ServiceAccount that a token of the API server names; read without verifying."""
    try:
        payload = token.split(".")[1]
        claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return str(claims["kubernetes.io"]["serviceaccount"]["uid"])
    except (IndexError, ValueError, KeyError, TypeError):
        return None
