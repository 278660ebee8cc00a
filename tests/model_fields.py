"""Every field that a manifest can declare, found in the models: tests of the kinds' tables walk along it."""

from __future__ import annotations

import types
from collections.abc import Iterator
from typing import Annotated, Any, Union, get_args, get_origin

from ams_operator.api.base import ApiModel, OneOf, ResourceSpec
from ams_operator.api.references import ResourceRef, SecretKeyRef, StreamingPolicyRef, wire_name
from ams_operator.domain.values import DISCRIMINATOR


def everything(model: type[ResourceSpec]) -> Iterator[tuple[str, bool]]:
    """Every path that a spec can produce on the wire, as the tables spell it, and whether it is a leaf."""
    for name, field in model.model_fields.items():
        if name not in model.operator_fields:
            prefix = "" if name in model.top_level else "properties."
            yield from _member(prefix, field.alias or name, field.annotation)


def _member(prefix: str, key: str, annotation: Any) -> Iterator[tuple[str, bool]]:
    plain = [kind for kind in _kinds(annotation) if kind is not type(None)]
    for kind in plain:
        if isinstance(kind, type) and issubclass(kind, ResourceRef | StreamingPolicyRef | SecretKeyRef):
            yield prefix + wire_name(key, kind), True
        else:
            yield from _below(prefix + key, kind)


def _below(path: str, kind: Any) -> Iterator[tuple[str, bool]]:
    if get_origin(kind) is list:
        yield path, False
        for item in _kinds(get_args(kind)[0]):
            yield from _below(f"{path}[]", item)
    elif get_origin(kind) is dict:
        yield path, False
        for item in _kinds(get_args(kind)[1]):
            yield from _below(f"{path}.any", item)
    elif isinstance(kind, type) and issubclass(kind, OneOf):
        yield f"{path}.{DISCRIMINATOR}", True
        for field in kind.model_fields.values():
            for member in _kinds(field.annotation):
                if member is not type(None):
                    yield from _below(path, member)
    elif isinstance(kind, type) and issubclass(kind, ApiModel):
        yield path, not kind.model_fields
        for name, field in kind.model_fields.items():
            yield from _member(f"{path}.", field.alias or name, field.annotation)
    else:
        yield path, True


def _kinds(annotation: Any) -> list[Any]:
    """The members of a union, without annotations."""
    if get_origin(annotation) is Annotated:
        return _kinds(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        return [kind for part in get_args(annotation) for kind in _kinds(part)]
    return [annotation]
