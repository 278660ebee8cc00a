"""Whether the installed CRDs know every field that this program writes."""

from __future__ import annotations

from typing import Any

from ams_operator.api.crd import crd
from ams_operator.api.kinds import kind_named
from ams_operator.api.shipped import shipped_hash
from ams_operator.domain.model import JSON
from ams_operator.kube.client import KubeClient


async def outdated(client: KubeClient, kind: str) -> str | None:
    """A field that the installed CRD lacks; None where it lacks none, is newer, or is not installed.

    Raises KubeDown, and KubeRefused where we may not read CRDs."""
    if await client.installed_schema(kind) in (None, shipped_hash(kind)):
        return None
    return lacking(_schema(crd(kind_named(kind))), _schema(await client.installed_crd(kind)))


def lacking(built: JSON, installed: JSON, path: str = "") -> str | None:
    """The first field of one structural schema that another does not have."""
    if installed.get("x-kubernetes-preserve-unknown-fields") and "properties" not in installed:
        return None
    for name, field in (built.get("properties") or {}).items():
        there = (installed.get("properties") or {}).get(name)
        if there is None:
            return f"{path}.{name}"
        if (found := lacking(field, there, f"{path}.{name}")) is not None:
            return found
    for inner in ("items", "additionalProperties"):
        match built.get(inner), installed.get(inner):
            case dict() as here, dict() as there if found := lacking(here, there, f"{path}[]"):
                return found
    return None


def _schema(definition: JSON) -> JSON:
    versions: list[Any] = (definition.get("spec") or {}).get("versions") or []
    for version in versions:
        if version.get("storage"):
            return dict((version.get("schema") or {}).get("openAPIV3Schema") or {})
    return {}
