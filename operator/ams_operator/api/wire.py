"""From a spec to the service's JSON. Nothing is added: absent stays absent, values stay as they are written.

References and secrets are given: what is not given is left out, so that a body without secrets can be compared.
"""

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import Any, Final

from ams_operator.api.base import ApiModel, OneOf, ResourceSpec
from ams_operator.api.encoder import Format, Preset
from ams_operator.api.encoder_codecs import Codec
from ams_operator.api.encoder_filters import Overlay
from ams_operator.api.references import ResourceRef, SecretKeyRef, StreamingPolicyRef, wire_name

TYPE_KEY: Final = "@odata.type"
NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


def to_wire(spec: ResourceSpec, given: Mapping[str, str] = NOTHING) -> dict[str, Any]:
    """The declared part of a resource as ARM JSON: `{"location", "tags", "identity", "properties": {...}}`.

    Holds the service's fields only, never the operator's own; `properties` is always there, the others if declared.
    `given` has the values of references and secrets, by the JSON pointers that `references` and `secrets` name;
    a reference by `azureName` needs none.
    """
    body: dict[str, Any] = {}
    properties: dict[str, Any] = {}
    for name, field in type(spec).model_fields.items():
        value = getattr(spec, name)
        if value is None or name in spec.operator_fields:
            continue
        target, pointer = (body, "") if name in spec.top_level else (properties, "/properties")
        target.update(_member(field.alias or name, value, pointer, given))
    body["properties"] = properties
    return body


def _member(key: str, value: Any, pointer: str, given: Mapping[str, str]) -> dict[str, Any]:
    """One member of the object at `pointer`; none for a reference whose value nobody gave."""
    if not isinstance(value, ResourceRef | StreamingPolicyRef | SecretKeyRef):
        return {key: _wire(value, f"{pointer}/{key}", given)}
    key = wire_name(key, value)
    found = given.get(f"{pointer}/{key}", None if isinstance(value, SecretKeyRef) else value.azure_name)
    return {} if found is None else {key: found}


def _wire(value: Any, pointer: str, given: Mapping[str, str]) -> Any:
    match value:
        case OneOf():
            _, member = value.chosen()
            return {TYPE_KEY: odata_type(member), **_members(member, pointer, given)}
        case ApiModel():
            return _members(value, pointer, given)
        case list() | tuple():
            return [_wire(item, f"{pointer}/{index}", given) for index, item in enumerate(value)]
        case dict():
            return {str(key): _wire(item, f"{pointer}/{key}", given) for key, item in value.items()}
        case Enum():
            return value.value
        case _:
            return value


def _members(model: ApiModel, pointer: str, given: Mapping[str, str]) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for name, field in type(model).model_fields.items():
        if (value := getattr(model, name)) is not None:
            members |= _member(field.alias or name, value, pointer, given)
    return members


def odata_type(member: ApiModel | type[ApiModel]) -> str:
    """The `@odata.type` of a member of a polymorphic object. Raises TypeError for a model that has none."""
    found = getattr(member, "odata_type", None)
    if not isinstance(found, str):
        raise TypeError(f"{member!r} is not a member of a polymorphic object of the service")
    return found


def _types_of(union: type[OneOf]) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for name, field in union.model_fields.items():
        (model,) = (
            t for t in getattr(field.annotation, "__args__", ()) if isinstance(t, type) and issubclass(t, ApiModel)
        )
        found[field.alias or name] = odata_type(model)
    return MappingProxyType(found)


WIRE_TYPES: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {union.__name__: _types_of(union) for union in (Preset, Codec, Format, Overlay)}
)
"""Polymorphic object -> key in a manifest -> `@odata.type` on the wire."""
