"""From a kind to its CustomResourceDefinition, and the files of `crds/`."""

import hashlib
import json
from typing import Any, Final

import yaml

from ams_operator.api.base import GROUP, SCHEMA_ANNOTATION, VERSION, ResourceSpec
from ams_operator.api.kind import Column, Kind
from ams_operator.api.schema import structural_schema

SIZE_LIMIT: Final = 200_000
"""Bytes of one CRD as compact JSON: client-side apply keeps a copy in an annotation, which may have 262,144."""
TOTAL_SIZE_LIMIT: Final = 600_000
ABSENT: Final = (
    "A field of the service that was never here is left as the service has it; one that is taken out again is reset to "
    "the service's default, where there is a way back."
)
"""what holds for every field of a spec that says no more of its absence"""

_HEADER: Final = "# Made from the models in operator/ams_operator/api by `make crds`. Change them, not this file.\n"
_READY: Final = '.status.conditions[?(@.type=="Ready")]'


def crd(kind: Kind) -> dict[str, Any]:
    """The CustomResourceDefinition of a kind. Raises SchemaError if a model can't be expressed."""
    version: dict[str, Any] = {
        "name": VERSION,
        "served": True,
        "storage": True,
        "schema": {"openAPIV3Schema": _root(kind)},
        "additionalPrinterColumns": [_printer_column(column) for column in _columns(kind)],
    }
    if kind.status is not None:
        version["subresources"] = {"status": {}}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {
            "name": kind.crd_name,
            "annotations": {
                # Deleting a CRD deletes every object of its kind; no tool may do that by pruning or uninstalling.
                "argocd.argoproj.io/sync-options": "Prune=false,Delete=false",
                "helm.sh/resource-policy": "keep",
                SCHEMA_ANNOTATION: schema_hash(kind),
            },
            "labels": {"app.kubernetes.io/name": "ams-operator"},
        },
        "spec": {
            "group": GROUP,
            "scope": kind.scope,
            "names": {
                "kind": kind.kind,
                "listKind": f"{kind.kind}List",
                "plural": kind.plural,
                "singular": kind.kind.lower(),
                "shortNames": [kind.short_name],
                **({} if kind.made else {"categories": ["ams"]}),
            },
            "versions": [version],
        },
    }


def schema_hash(kind: Kind) -> str:
    """Names the schema of a kind; the operator compares it with the annotation of the installed CRD."""
    text = json.dumps(_root(kind), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def crd_file_name(kind: Kind) -> str:
    """Name of the kind's file in `crds/`."""
    return f"{GROUP}_{kind.plural}.yaml"


def crd_yaml(kind: Kind) -> str:
    """The content of the kind's file in `crds/`; the same models give the same bytes."""
    return _HEADER + yaml.dump(crd(kind), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)


def _root(kind: Kind) -> dict[str, Any]:
    spec = structural_schema(kind.spec, "spec")
    about = spec.get("description", "")
    if issubclass(kind.spec, ResourceSpec):
        spec["description"] = f"{about} {ABSENT}"
    properties: dict[str, Any] = {
        "apiVersion": {"type": "string"},
        "kind": {"type": "string"},
        "metadata": {"type": "object"},
        "spec": spec,
    }
    if kind.status is not None:
        properties["status"] = structural_schema(kind.status, "status")
    root: dict[str, Any] = {
        "type": "object",
        "description": about,
        "required": ["spec"],
        "properties": properties,
    }
    if rules := kind.root_rules():
        root["x-kubernetes-validations"] = [rule.schema() for rule in rules]
    return root


def _columns(kind: Kind) -> tuple[Column, ...]:
    ready: tuple[Column, ...] = ()
    if kind.status is not None and not kind.made:
        ready = (Column("Ready", f"{_READY}.status"), Column("Reason", f"{_READY}.reason"))
    return (*ready, *kind.columns, Column("Age", ".metadata.creationTimestamp", type="date"))


def _printer_column(column: Column) -> dict[str, Any]:
    entry: dict[str, Any] = {"name": column.name, "type": column.type, "jsonPath": column.json_path}
    if column.priority:
        entry["priority"] = column.priority
    return entry


class _Dumper(yaml.SafeDumper):
    """Without anchors: two equal parts of a CRD stay two parts."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - the base class's signature
        return True
