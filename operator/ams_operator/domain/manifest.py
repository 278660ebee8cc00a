"""Where a leaf of the service's JSON stands in the manifest: messages speak of what their reader wrote.

The two differ in references (`assetName` comes from `assetRef`), in secrets (`accessToken` from `accessTokenSecretRef`)
and in polymorphic objects, which are keys of a one-of: `presetName` is `builtInStandardEncoder.presetName`.
"""

from __future__ import annotations

from typing import Any, get_args, get_origin

from ams_operator.api.base import ApiModel, OneOf
from ams_operator.api.references import ResourceRef, SecretKeyRef, StreamingPolicyRef, wire_name
from ams_operator.api.status import TEXT_LIMIT
from ams_operator.domain import values
from ams_operator.domain.model import JSON, Desired
from ams_operator.texts import clean

_REFERENCES = (ResourceRef, StreamingPolicyRef, SecretKeyRef)


def spell(desired: Desired, pointer: str, raw: JSON | None = None) -> str:
    """A pointer into the service's JSON as a path in the manifest. `raw`, the observation, tells which member of a
    one-of it was where that is declared no more."""
    if desired.model is None:
        return values.spell(pointer)
    path = values.parse(pointer)
    nodes: tuple[Any, ...] = (desired.body, raw)
    if path[:1] == ("properties",):
        path, nodes = path[1:], _inside(nodes, "properties")
    found = _walk(desired.model, path, nodes)
    return "spec" + "".join(values.segment(part) for part in found)


def as_told(desired: Desired, pointer: str) -> str:
    """A pointer as status tells it."""
    return clean(spell(desired, pointer), TEXT_LIMIT)


def knows(desired: Desired, pointer: str) -> bool:
    """Whether a manifest of this version can say something there. What nobody can tell counts as known."""
    path = values.parse(pointer)
    return desired.model is None or _known(desired.model, path[1:] if path[:1] == ("properties",) else path)


def _known(kind: Any, path: values.Path) -> bool:
    kind = _bare(kind)
    if not path or path[0] == values.DISCRIMINATOR or _is(kind, OneOf):
        return True
    if not _is(kind, ApiModel):
        items = get_args(kind) if get_origin(kind) in (list, dict) else ()
        return not items or _known(items[-1], path[1:])
    for field, info in kind.model_fields.items():
        key, of = info.alias or field, _bare(info.annotation)
        if path[0] == (wire_name(key, of) if _is(of, *_REFERENCES) else key):
            return _is(of, *_REFERENCES) or _known(of, path[1:])
    return False


def _walk(kind: Any, path: values.Path, nodes: tuple[Any, ...]) -> values.Path:
    """The rest of a path, from a value of this type on."""
    kind = _bare(kind)
    if not path or path == (values.DISCRIMINATOR,):
        return ()
    if _is(kind, OneOf):
        name, member = _member(kind, nodes)
        return (name, *_walk(member, path, nodes)) if member is not None else path
    head, rest = path[0], path[1:]
    inner = _inside(nodes, head)
    if _is(kind, ApiModel):
        for field, info in kind.model_fields.items():
            key, of = info.alias or field, _bare(info.annotation)
            if _is(of, *_REFERENCES) and wire_name(key, of) == head:
                return (key,)
            if key == head:
                return (key, *_walk(of, rest, inner))
    items = get_args(kind) if get_origin(kind) in (list, dict) else ()
    return (head, *_walk(items[-1] if items else None, rest, inner))


def _bare(kind: Any) -> Any:
    """A type without Annotated and None."""
    while (arguments := get_args(kind)) and get_origin(kind) not in (list, dict):
        kind = next((one for one in arguments if one is not type(None)), None)
    return kind


def _is(kind: Any, *bases: type) -> bool:
    return isinstance(kind, type) and issubclass(kind, bases)


def _member(union: type[OneOf], nodes: tuple[Any, ...]) -> tuple[str, Any]:
    """The key of a one-of, and its type, by the first discriminator that is there."""
    wanted = [node.get(values.DISCRIMINATOR) for node in nodes if isinstance(node, dict)]
    for name, info in union.model_fields.items():
        member = _bare(info.annotation)
        if getattr(member, "odata_type", None) in [one for one in wanted if one is not None][:1]:
            return info.alias or name, member
    return "", None


def _inside(nodes: tuple[Any, ...], part: str | int) -> tuple[Any, ...]:
    found = (values.at(node, (part,)) for node in nodes if node is not None)
    return tuple(node for node in found if node is not values.MISSING)
