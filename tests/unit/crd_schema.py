"""What the API server would refuse of a status, by the schema in crds/: types, lengths, missing and unknown members."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml

CRDS = Path(__file__).parents[2] / "crds"
TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "object": (dict,),
    "array": (list,),
    "boolean": (bool,),
    "number": (int, float),
}


@cache
def status_schema(kind: str) -> Any:
    for path in CRDS.glob("*.yaml"):
        crd = yaml.safe_load(path.read_text())
        if crd["spec"]["names"]["kind"] == kind:
            return crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["status"]
    raise LookupError(kind)


def problems(schema: Any, value: Any, path: str = "status") -> Iterator[str]:
    """Everything that the schema does not allow; members that it would prune count too."""
    wanted = TYPES[schema["type"]]
    if not isinstance(value, wanted) or (isinstance(value, bool) and bool not in wanted):
        yield f"{path}: {type(value).__name__} is no {schema['type']}"
        return
    if isinstance(value, str) and len(value) > schema.get("maxLength", 10**9):
        yield f"{path}: longer than {schema['maxLength']}"
    if "enum" in schema and value not in schema["enum"]:
        yield f"{path}: {value} is none of {schema['enum']}"
    if schema.get("format") == "date-time" and not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", str(value)):
        yield f"{path}: {value} is no date-time"
    if isinstance(value, list):
        yield from _list_problems(schema, value, path)
    if isinstance(value, dict):
        yield from _object_problems(schema, value, path)


def _list_problems(schema: Any, value: list[Any], path: str) -> Iterator[str]:
    if len(value) > schema.get("maxItems", 10**9):
        yield f"{path}: more than {schema['maxItems']} items"
    if keys := schema.get("x-kubernetes-list-map-keys"):
        names = [tuple(item[key] for key in keys) for item in value]
        if len(set(names)) != len(names):
            yield f"{path}: two items with one key"
    for index, item in enumerate(value):
        yield from problems(schema["items"], item, f"{path}[{index}]")


def _object_problems(schema: Any, value: dict[str, Any], path: str) -> Iterator[str]:
    for name in schema.get("required", ()):
        if name not in value:
            yield f"{path}.{name}: missing"
    known = schema.get("properties", {})
    for name, member in value.items():
        if name in known:
            yield from problems(known[name], member, f"{path}.{name}")
        elif not schema.get("x-kubernetes-preserve-unknown-fields"):
            yield f"{path}.{name}: unknown, would be pruned"
