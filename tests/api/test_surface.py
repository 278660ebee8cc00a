"""The models against the recorded description of the service: same fields, same values, same types."""

import json
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import pytest
from pydantic import BaseModel

from ams_operator.api.account import MediaServicesAccountSpec
from ams_operator.api.asset import AssetSpec
from ams_operator.api.base import OneOf, ResourceSpec
from ams_operator.api.kinds import KINDS
from ams_operator.api.live_event import LiveEventSpec
from ams_operator.api.live_output import LiveOutputSpec
from ams_operator.api.references import ResourceRef, SecretKeyRef, StreamingPolicyRef, wire_name
from ams_operator.api.streaming_endpoint import StreamingEndpointSpec
from ams_operator.api.transform import TransformSpec
from ams_operator.api.wire import odata_type

OPENAPI = Path(__file__).parents[2].parent / "shared" / "specs" / "ams-v3.openapi.json"
SPECS: list[tuple[type[ResourceSpec], str]] = [
    (TransformSpec, "Transform"),
    (MediaServicesAccountSpec, "MediaService"),
    (LiveEventSpec, "LiveEvent"),
    (LiveOutputSpec, "LiveOutput"),
    (StreamingEndpointSpec, "StreamingEndpoint"),
    (AssetSpec, "Asset"),
]
SERVER_OWNED = {("LiveEventInput", "endpoints"), ("LiveEventPreview", "endpoints")}
"""Members that the description calls writable, and that the service makes itself."""
STRICTER = {
    ("MediaServiceIdentity", "type"),
    ("StreamingEndpoint", "cdnProvider"),
    ("LiveEventTranscription", "language"),
}
"""Fields for which the models know more: the service calls them strings, and documents which values it knows."""
REQUIRED_TOO = {("KeyVaultProperties", "keyIdentifier"), ("StorageAccount", "id"), ("IPRange", "address")}
"""Fields without which the object around them means nothing, though the description does not require them."""

pytestmark = pytest.mark.skipif(not OPENAPI.exists(), reason=f"the description of the service is not at {OPENAPI}")


@pytest.fixture(scope="module")
def definitions() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(OPENAPI.read_text(encoding="utf-8"))["definitions"]
    return found


def test_no_kind_is_left_out() -> None:
    """What the service does not have are the administrator's objects."""
    assert {spec for spec, _ in SPECS} == {kind.spec for kind in KINDS if issubclass(kind.spec, ResourceSpec)}
    assert {kind.kind for kind in KINDS if not issubclass(kind.spec, ResourceSpec)} == {"MediaServicesBackend"}


def test_every_exception_is_one(definitions: dict[str, Any]) -> None:
    """A field that is gone or has become as described needs no exception any more."""
    for name, field in SERVER_OWNED:
        assert not definitions[name]["properties"][field].get("readOnly"), (name, field)
    for name, field in REQUIRED_TOO:
        assert field in whole(definitions, name)["properties"], (name, field)
        assert field not in whole(definitions, name)["required"], (name, field)
    for name, field in STRICTER:
        found = definitions[name]["properties"]
        assert "enum" not in {**found, **found.get("properties", {}).get("properties", {})}[field], (name, field)


@pytest.mark.parametrize(("spec", "name"), SPECS)
def test_every_field_of_the_service_is_modelled_and_none_is_invented(
    definitions: dict[str, Any], spec: type[ResourceSpec], name: str
) -> None:
    definition = definitions[name]
    described = writable(definition["properties"]["properties"]["properties"])
    for field in sorted(spec.top_level):
        described[field] = whole(definitions, name)["properties"][field]
    modelled = members(spec, spec.operator_fields)
    assert list(differences(definitions, name, modelled, described)) == []


def test_no_field_of_the_operator_has_the_name_of_a_field_of_the_service(definitions: dict[str, Any]) -> None:
    for spec, name in SPECS:
        properties = definitions[name]["properties"]["properties"]["properties"]
        own = {spec.model_fields[field].alias for field in spec.operator_fields}
        assert not own & (set(properties) | set(whole(definitions, name)["properties"]))


def differences(
    definitions: dict[str, Any], name: str, modelled: dict[str, Any], described: dict[str, Any]
) -> Iterator[str]:
    """One sentence for each difference between a model's fields and a definition's properties, recursively."""
    for field in sorted(modelled.keys() ^ described.keys()):
        yield f"{name}.{field}: only in the {'models' if field in modelled else 'service'}"
    for field in sorted(modelled.keys() & described.keys()):
        if (name, field) not in STRICTER:
            yield from field_differences(definitions, f"{name}.{field}", bare(modelled[field]), described[field])


def field_differences(definitions: dict[str, Any], path: str, model: Any, described: dict[str, Any]) -> Iterator[str]:
    reference = next((one["$ref"] for one in (described, *described.get("allOf", ())) if "$ref" in one), None)
    if reference is not None:
        yield from model_differences(definitions, path, model, reference.rsplit("/", 1)[-1])
    elif described["type"] == "array":
        if get_origin(model) is not list:
            yield f"{path}: is a list in the service"
        else:
            yield from field_differences(definitions, f"{path}[]", bare(get_args(model)[0]), described["items"])
    elif "enum" in described:
        values = {member.value for member in model} if issubclass(model, Enum) else set()
        if values != set(described["enum"]):
            yield f"{path}: values differ: {sorted(values ^ set(described['enum']))}"
    elif described["type"] == "object":
        if get_origin(model) is not dict:
            yield f"{path}: is a map in the service"
    else:
        expected = {"string": str, "integer": int, "number": float, "boolean": bool}[described["type"]]
        if model is not expected:
            yield f"{path}: is {described['type']} in the service"


def model_differences(definitions: dict[str, Any], path: str, model: type[BaseModel], name: str) -> Iterator[str]:
    if issubclass(model, OneOf):
        known = {odata_type(bare(field.annotation)).split(".")[-1]: field for field in model.model_fields.values()}
        for missing in sorted(subtypes(definitions, name) - known.keys()):
            yield f"{path}: has no key for {missing}"
        for member, field in known.items():
            yield from model_differences(definitions, f"{path}<{member}>", bare(field.annotation), member)
        return
    definition = whole(definitions, name)
    described = writable(definition["properties"])
    described = {key: value for key, value in described.items() if (name, key) not in SERVER_OWNED}
    described.pop("@odata.type", None)
    required = {field.alias or key for key, field in model.model_fields.items() if field.is_required()}
    required -= {field for owner, field in REQUIRED_TOO if owner == name}
    if differ := required ^ (set(definition["required"]) - {"@odata.type"}):
        yield f"{path}: required differs: {sorted(differ)}"
    yield from differences(definitions, name, members(model), described)


def members(model: type[BaseModel], without: frozenset[str] = frozenset()) -> dict[str, Any]:
    """The service's names of a model's fields, and their types; what a reference stands for is a text."""
    found: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        key, kind = field.alias or name, bare(field.annotation)
        if name in without:
            continue
        if isinstance(kind, type) and issubclass(kind, ResourceRef | StreamingPolicyRef | SecretKeyRef):
            found[wire_name(key, kind)] = str
        else:
            found[key] = kind
    return found


def whole(definitions: dict[str, Any], name: str) -> dict[str, Any]:
    """A definition with what it inherits."""
    definition = definitions[name]
    properties: dict[str, Any] = {}
    required: list[str] = []
    for base in definition.get("allOf", ()):
        inherited = whole(definitions, base["$ref"].rsplit("/", 1)[-1])
        properties |= inherited["properties"]
        required += inherited["required"]
    return {
        "properties": properties | definition.get("properties", {}),
        "required": required + definition.get("required", []),
    }


def subtypes(definitions: dict[str, Any], name: str) -> set[str]:
    """The names of all concrete types below a polymorphic one."""
    below = {
        key
        for key, definition in definitions.items()
        if any(base["$ref"].endswith(f"/{name}") for base in definition.get("allOf", ()))
    }
    concrete = {key for key in below if "x-ms-discriminator-value" in definitions[key]}
    return concrete.union(*(subtypes(definitions, key) for key in below))


def writable(properties: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in properties.items() if not value.get("readOnly")}


def bare(annotation: Any) -> Any:
    """A type without `| None` and without annotations."""
    while True:
        if get_origin(annotation) is Annotated:
            annotation = get_args(annotation)[0]
        elif get_origin(annotation) in (Union, UnionType):
            (annotation,) = (one for one in get_args(annotation) if one is not type(None))
        else:
            return annotation
