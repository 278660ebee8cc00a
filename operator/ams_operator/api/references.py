"""References from a spec to other objects and to Secrets, and where their values belong in the service's JSON.

The names follow one rule. The service's `assetName` is `assetRef` in a manifest, `{name}` for an object in the same
namespace or `{azureName}` for what the service has under that name; its secret `accessToken` is `accessTokenSecretRef`,
`{name, key}` of a Secret in the same namespace. Secrets never stand in a manifest themselves.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, ClassVar, Final, get_args

from pydantic import Field

from ams_operator.api.base import ApiModel, Matches, ObjectName, OneOf, ResourceSpec

AzureName = Annotated[str, Field(min_length=1, max_length=260)]


class ResourceRef(OneOf):
    """Names a resource by its object, or by its name in the service."""

    target: ClassVar[str] = ""
    """The kind that `name` speaks of."""

    name: ObjectName | None = None
    """Name of the object in the same namespace."""
    azure_name: AzureName | None = None
    """Name in the service, of a resource in the same account that need not have an object."""


class AssetRef(ResourceRef):
    """Names an Asset by its object, or by its name in the service."""

    target: ClassVar[str] = "Asset"


class LiveEventRef(ResourceRef):
    """Names a LiveEvent by its object, or by its name in the service."""

    target: ClassVar[str] = "LiveEvent"


class StreamingPolicyRef(ApiModel):
    """Names a streaming policy."""

    azure_name: AzureName
    """Name of the streaming policy in the service, such as Predefined_ClearStreamingOnly."""


class SecretKeyRef(ApiModel):
    """Names one key of a Secret in the same namespace."""

    name: ObjectName
    """Name of the Secret."""
    key: Annotated[
        str,
        Field(max_length=253),
        Matches(r"[-._a-zA-Z0-9]+", "must be a key of a Secret: letters, digits, '-', '_' and '.'"),
    ]
    """The key whose value is used."""


Ref = ResourceRef | StreamingPolicyRef | SecretKeyRef
_REFS: Final = (ResourceRef, StreamingPolicyRef, SecretKeyRef)


@dataclass(frozen=True)
class Reference:
    """One use of another resource. Exactly one of `name` and `azure_name` is set."""

    field: str
    """Where it stands in the manifest: `spec.assetRef`."""
    pointer: str
    """JSON pointer of the member that takes the resource's name; empty where the name is a part of the URL."""
    kind: str
    """Kind of the object that `name` speaks of."""
    name: str | None
    azure_name: str | None


@dataclass(frozen=True)
class SecretUse:
    """One use of a Secret's value."""

    field: str
    """Where it stands in the manifest: `spec.input.accessTokenSecretRef`."""
    pointer: str
    """JSON pointer of the member that takes the value: `/properties/input/accessToken`."""
    name: str
    key: str

    @property
    def use(self) -> str:
        """What it is used as, in the word of the label by which its owner permits it: `access-token`."""
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", self.pointer.rpartition("/")[2]).lower()


def wire_name(key: str, ref: type[ApiModel] | ApiModel) -> str:
    """The service's name of a member that is a reference here: `assetRef` is `assetName`."""
    kind = ref if isinstance(ref, type) else type(ref)
    return key.removesuffix("SecretRef") if issubclass(kind, SecretKeyRef) else f"{key.removesuffix('Ref')}Name"


def references(spec: ResourceSpec) -> tuple[Reference, ...]:
    """The resources that a spec names, in the order of its fields; those inside the account only, never the account."""
    return tuple(
        Reference(field, pointer, ref.target, ref.name, ref.azure_name)
        for field, pointer, ref in _refs(spec)
        if isinstance(ref, ResourceRef)
    )


def secrets(spec: ResourceSpec) -> tuple[SecretUse, ...]:
    """The Secrets whose values are sent to the service, in the order of the spec's fields."""
    return tuple(
        SecretUse(field, pointer, ref.name, ref.key)
        for field, pointer, ref in _refs(spec)
        if isinstance(ref, SecretKeyRef)
    )


def _refs(spec: ResourceSpec) -> Iterator[tuple[str, str, Ref]]:
    """(path in the manifest, JSON pointer on the wire, reference) for every reference of a spec."""
    for name, key in _leading(type(spec)):
        value = getattr(spec, name)
        if name in spec.operator_fields:
            if isinstance(value, ResourceRef):
                yield f"spec.{key}", "", value
            continue
        yield from _below(value, f"spec.{key}", "" if name in spec.top_level else "/properties", key)


@cache
def _leading(model: type[ApiModel]) -> tuple[tuple[str, str], ...]:
    """Name and key of the fields that may hold a reference, or lie above one: in most manifests none does."""
    fields = model.model_fields.items()
    return tuple((name, field.alias or name) for name, field in fields if _may_hold(field.annotation))


def _may_hold(annotation: Any) -> bool:
    if not isinstance(annotation, type) or get_args(annotation):
        return any(_may_hold(inner) for inner in get_args(annotation))
    return issubclass(annotation, ApiModel) and (issubclass(annotation, _REFS) or bool(_leading(annotation)))


def _below(value: Any, path: str, parent: str, key: str) -> Iterator[tuple[str, str, Ref]]:
    match value:
        case ResourceRef() | StreamingPolicyRef() | SecretKeyRef():
            yield path, f"{parent}/{wire_name(key, value)}", value
        case ApiModel():
            for name, alias in _leading(type(value)):
                yield from _below(getattr(value, name), f"{path}.{alias}", f"{parent}/{key}", alias)
        case list():
            for index, item in enumerate(value):
                if isinstance(item, (ApiModel, list)):
                    yield from _below(item, f"{path}[{index}]", f"{parent}/{key}", str(index))
