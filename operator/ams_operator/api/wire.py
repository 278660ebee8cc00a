"""From a spec to the service's JSON. Nothing is added: absent stays absent, values stay as they are written."""

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import Any, Final

from ams_operator.api.base import ApiModel, OneOf, ResourceSpec
from ams_operator.api.encoder import Format, Preset
from ams_operator.api.encoder_codecs import Codec
from ams_operator.api.encoder_filters import Overlay

TYPE_KEY: Final = "@odata.type"


def to_wire(spec: ResourceSpec) -> dict[str, Any]:
    """The declared part of a resource as ARM JSON: `{"location", "tags", "identity", "properties": {...}}`.

    Holds the service's fields only, never the operator's own; `properties` is always there, the others if declared.
    """
    body: dict[str, Any] = {}
    properties: dict[str, Any] = {}
    for name, field in type(spec).model_fields.items():
        value = getattr(spec, name)
        if value is None or name in spec.operator_fields:
            continue
        target = body if name in spec.top_level else properties
        target[field.alias or name] = _wire(value)
    body["properties"] = properties
    return body


def _wire(value: Any) -> Any:
    match value:
        case OneOf():
            _, member = value.chosen()
            return {TYPE_KEY: odata_type(member), **_members(member)}
        case ApiModel():
            return _members(value)
        case list() | tuple():
            return [_wire(item) for item in value]
        case dict():
            return {str(key): _wire(item) for key, item in value.items()}
        case Enum():
            return value.value
        case _:
            return value


def _members(model: ApiModel) -> dict[str, Any]:
    return {
        field.alias or name: _wire(value)
        for name, field in type(model).model_fields.items()
        if (value := getattr(model, name)) is not None
    }


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
