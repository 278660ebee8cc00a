"""Samples of members of polymorphic objects: in the service a member names the type, in a manifest a key does."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from tests.integration.field_sample import JSON, Sample

from ams_operator.api.wire import TYPE_KEY, WIRE_TYPES

_KEYS: Final = {type_: key for keys in WIRE_TYPES.values() for key, type_ in keys.items()}
MEDIA: Final = "#Microsoft.Media."
"""how all types begin"""


def as_declared(value: Any) -> Any:
    """What the service shows as a manifest has it: the type as a key."""
    if isinstance(value, list):
        return [as_declared(item) for item in value]
    if not isinstance(value, dict):
        return value
    members = {name: as_declared(item) for name, item in value.items() if name != TYPE_KEY}
    return {_KEYS[value[TYPE_KEY]]: members} if TYPE_KEY in value else members


def _sample(values: Sequence[Any], place: str, around: Mapping[str, Any], **more: Any) -> Sample:
    """Of two values or three."""
    first, second, *third = values
    return Sample(first, second, third[0] if third else None, at=place, around=around, **more)


def typed(place: str, around: Mapping[str, Any], *kinds: str, **members: Any) -> Sample:
    """The type of a polymorphic object whose members stay as they are."""
    values, needed = [MEDIA + kind for kind in kinds], "overlays" not in place
    return _sample(values, place, around, written=lambda one: {_KEYS[one]: members}, required=needed)


def below(
    path: str, place: str, around: JSON, required: frozenset[str] = frozenset(), /, **members: Any
) -> dict[str, Sample]:
    """Plain members of the object that is at `path` in the service and at `place` in a manifest."""
    return {
        f"properties.{path}.{name}": _sample(
            values, f"{place}.{name}", around, required=name in required, written=as_declared
        )
        for name, values in members.items()
    }


def three(make: Callable[[Any], Any], *values: Any) -> tuple[Any, Any, Any]:
    """Lists: of the first, of the first and the second, of the third."""
    one, two, three = (make(value) for value in values)
    return [one], [one, two], [three]
