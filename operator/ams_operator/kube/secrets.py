"""Secrets that the operator writes: its own key, and what users need to connect to what runs."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import quote

from ams_operator.api.base import GROUP, USE_LABEL, VERSION
from ams_operator.domain.answers import Conflict, Resource, Secret, Vanished
from ams_operator.domain.model import JSON
from ams_operator.kube.transport import MERGE, METADATA_ONLY, PLAIN, Call, Transport

MANAGER: Final = "ams-operator"
"""the field manager of all that the operator writes"""
_LONGEST: Final = 4096
"""bytes of a value; no key, password or token is longer, and each is looked for in all that is said"""


def place(namespace: str, name: str = "") -> str:
    """Path of a Secret; without a name that of all."""
    return f"/api/v1/namespaces/{namespace}/secrets" + (f"/{quote(name, safe='')}" if name else "")


def read(raw: JSON, keys: Iterable[str]) -> Secret:
    """A Secret as the API server shows it: its values of these keys, but for what is too long to be meant. Bytes that
    are no UTF-8 come as surrogate escapes, so that nothing is lost."""
    metadata, values = raw["metadata"], raw.get("data") or {}
    found = {key: _decoded(values[key]) for key in keys if key in values}
    data = {key: value.decode("utf-8", "surrogateescape") for key, value in found.items() if len(value) <= _LONGEST}
    return Secret(str(metadata["resourceVersion"]), data, str((metadata.get("labels") or {}).get(USE_LABEL) or ""))


async def create(
    transport: Transport, namespace: str, name: str, data: Mapping[str, str], owner: Resource | None = None
) -> Secret:
    """POST, so that nobody's Secret is overwritten; it goes with its owner. Raises Conflict where there is one of that
    name."""
    metadata: JSON = {"name": name, "labels": {"app.kubernetes.io/managed-by": MANAGER}}
    if owner is not None:
        reference = {"apiVersion": f"{GROUP}/{VERSION}", "kind": owner.kind, "name": owner.name, "uid": owner.uid}
        metadata["ownerReferences"] = [{**reference, "controller": True}]
    body = {"apiVersion": "v1", "kind": "Secret", "type": "Opaque", "metadata": metadata, "data": _encoded(data)}
    query = {"fieldManager": MANAGER}
    raw = await transport.send(Call("Secret", "create", "POST", place(namespace), query, body))
    return Secret(version=str(raw["metadata"]["resourceVersion"]), data=dict(data))


async def publish(transport: Transport, owner: Resource, name: str, data: Mapping[str, str]) -> None:
    """Make, or bring up to date, a Secret that goes with its owner. Raises Conflict where it is somebody else's.

    It is read first: after a restart nearly all are as they should be. But not before its metadata says whose it is: a
    manifest may name anybody's.
    """
    path = place(owner.namespace, name)
    try:
        for accept in (METADATA_ONLY, PLAIN):
            found = await transport.send(Call("Secret", "get", "GET", path, accept=accept))
            if owner.uid not in [one.get("uid") for one in found["metadata"].get("ownerReferences") or ()]:
                raise Conflict(f"Secret {owner.namespace}/{name} is somebody else's")
    except Vanished:
        await create(transport, owner.namespace, name, data, owner)
        return
    metadata, known, wanted = found["metadata"], found.get("data") or {}, _encoded(data)
    if known != wanted:
        values = {**dict.fromkeys(known), **wanted}
        body = {"metadata": {"resourceVersion": metadata["resourceVersion"]}, "data": values}
        await transport.send(Call("Secret", "patch", "PATCH", path, {"fieldManager": MANAGER}, body, MERGE))


def _decoded(value: Any) -> bytes:
    try:
        return base64.b64decode(str(value))
    except (ValueError, binascii.Error):
        return b""


def _encoded(data: Mapping[str, str]) -> dict[str, str]:
    return {key: base64.b64encode(value.encode("utf-8", "surrogateescape")).decode() for key, value in data.items()}
