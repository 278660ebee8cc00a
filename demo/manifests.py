"""The repository's own manifests and examples, adapted to what the demo started."""

from __future__ import annotations

import copy
import secrets
from collections.abc import Iterator
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import yaml

from demo.cluster import GROUP, KNOWN
from demo.errors import DemoError
from demo.service import Place

JSON = dict[str, Any]
ROOT: Final = Path(__file__).resolve().parent.parent
NAMESPACE: Final = "ams-demo"
HOME: Final = "ams-operator"
"""The operator's namespace and ServiceAccount in manifests/."""
ACCOUNT: Final = "contoso"
USED: Final = "fabrikam"
"""An account that exists already: the one of the simplest user's file."""
SOURCE: Final = "broadcaster"
"""An account that was used with version 2 for years."""
REGION: Final = "westus2"
DRIFT_INTERVAL: Final = "10s"
_EVERYWHERE: Final = {"name": "anyone", "address": "0.0.0.0", "subnetPrefixLength": 0}  # noqa: S104 - no one listens
ON_AIR: Final = ("asset", "live-event", "live-recording", "streaming-endpoint")
"""The files of examples/ whose objects the tour puts on air; all others come first."""
STUDIO: Final = MappingProxyType(
    {
        "apiVersion": GROUP,
        "kind": "LiveEvent",
        "metadata": {"name": "studio"},
        "spec": {
            "runState": "Running",
            "input": {
                "streamingProtocol": "RTMP",
                "accessControl": {"ip": {"allow": [_EVERYWHERE]}},
            },
        },
    }
)
"""The smallest event that can go on air."""
_REPLACED: Final = frozenset({"MediaServicesBackend"})
_NO_PODS: Final = frozenset({"Deployment", "Kustomization", "NetworkPolicy", "PodDisruptionBudget", "Service"})


def kinds() -> list[JSON]:
    """The CustomResourceDefinitions."""
    return list(_documents(sorted((ROOT / "crds").glob("*.yaml"))))


def installation() -> list[JSON]:
    """Namespace, RBAC and admission policies of manifests/, in an order in which they can be applied.

    Not the Deployment with its Service and its budget, since the operator runs as a process here, and not the backend.
    """
    documents = _documents(sorted((ROOT / "manifests").glob("*.yaml")))
    wanted = [document for document in documents if document["kind"] not in _REPLACED | _NO_PODS]
    unknown = {document["kind"] for document in wanted} - KNOWN
    if unknown:
        raise DemoError(f"manifests/ has kinds that the demo can't apply: {', '.join(sorted(unknown))}")
    return sorted(wanted, key=lambda document: document["kind"] != "Namespace")


def backend(place: Place) -> JSON:
    """The MediaServicesBackend `default`, pointing to the emulator."""
    spec = {
        "type": "armCompatible",
        "endpoint": place.url,
        "authority": place.url,
        "caBundle": place.ca_file.read_text(),
        "allowPrivate": True,
    }
    return {"apiVersion": GROUP, "kind": "MediaServicesBackend", "metadata": {"name": "default"}, "spec": spec}


def namespace(name: str = NAMESPACE) -> JSON:
    """A namespace."""
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}


def examples(place: Place) -> list[JSON]:
    """examples/ without what goes on air, in the namespace of the demo: a Secret, an account that is created, and
    transforms."""
    paths = sorted(path for path in (ROOT / "examples").glob("*.yaml") if path.stem not in ON_AIR)
    documents = [_adapted(document, place) for document in _documents(paths) if document["kind"] != "LiveEvent"]
    for document in documents:
        document["metadata"]["namespace"] = NAMESPACE
        if document["kind"] == "MediaServicesAccount":
            document["spec"] |= {
                "azureName": ACCOUNT,
                "location": REGION,
                "storageAccounts": [{"id": _storage_id(place), "type": "Primary"}],
                "driftInterval": DRIFT_INTERVAL,
            }
    return documents


def source(place: Place) -> JSON:
    """The example of an account that is a source of a migration, in the namespace of the demo."""
    (document,) = _documents([ROOT / "examples" / "migration" / "source.yaml"])
    adapted = _adapted(document, place)
    adapted["metadata"]["namespace"] = NAMESPACE
    adapted["spec"]["azureName"] = SOURCE
    return adapted


def on_air() -> list[JSON]:
    """The examples of what goes on air, in the namespace of the demo, each Secret with a value of its own."""
    documents = list(_documents([ROOT / "examples" / f"{name}.yaml" for name in ON_AIR]))
    for document in documents:
        document["metadata"]["namespace"] = NAMESPACE
        if document["kind"] == "Secret":
            document["stringData"] = {key: secrets.token_hex(16) for key in document["stringData"]}
    return documents


def simplest(place: Place) -> str:
    """The simplest user's file with an event on air, adapted to the emulator and to an account that exists there."""
    shipped = _documents([ROOT / "examples" / "simplest.yaml"])
    documents = [_adapted(document, place) for document in shipped if document["kind"] != "LiveEvent"]
    documents.append(dict(STUDIO))
    for document in documents:
        if document["kind"] == "MediaServicesAccount":
            document["spec"]["azureName"] = USED
    return "---\n".join(yaml.safe_dump(document, sort_keys=False) for document in documents)


def transform(name: str, spec: JSON) -> JSON:
    """A Transform in the namespace of the demo."""
    metadata = {"name": name, "namespace": NAMESPACE}
    return {"apiVersion": GROUP, "kind": "Transform", "metadata": metadata, "spec": spec}


def named(documents: list[JSON], name: str, kind: str = "Transform") -> JSON:
    """A copy of an object among `documents`, to be changed."""
    found = next(item for item in documents if (item["kind"], item["metadata"]["name"]) == (kind, name))
    return copy.deepcopy(found)


def _adapted(document: JSON, place: Place) -> JSON:
    """The same with the emulator's credentials, subscription and resource group."""
    adapted = copy.deepcopy(document)
    if adapted["kind"] == "Secret":
        adapted["stringData"] = {
            "AZURE_TENANT_ID": place.tenant_id,
            "AZURE_CLIENT_ID": place.client_id,
            "AZURE_CLIENT_SECRET": place.client_secret,
        }
    if adapted["kind"] == "MediaServicesAccount":
        adapted["spec"] |= {"subscriptionId": place.subscription_id, "resourceGroup": place.resource_group}
    return adapted


def _storage_id(place: Place) -> str:
    return f"{place.group_id}/providers/Microsoft.Storage/storageAccounts/{ACCOUNT}media"


def _documents(paths: list[Path]) -> Iterator[JSON]:
    for path in paths:
        for document in yaml.safe_load_all(path.read_text()):
            if isinstance(document, dict):
                yield document
