"""Whether version 3 takes a body: by the models of the client library, which know every member, every subtype and what
is required."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from azure.mgmt.media import models


def faults(body: Any, model: str, given: Collection[str] = (), path: str = "") -> Iterator[str]:
    """What is wrong with a body: unknown members, missing ones, values of another type. `given` are JSON pointers of
    what somebody adds later."""
    if not isinstance(body, dict):
        yield f"{path}: no object"
        return
    kind = _kind(body, getattr(models, model))
    if kind is None:
        yield f"{path}: {body.get('@odata.type')} is no {model}"
        return
    members = {
        one["key"].replace("\\.", ".").removeprefix("properties."): (name, one["type"])
        for name, one in kind._attribute_map.items()
    }
    for key in body.keys() - members.keys():
        yield f"{path}/{key}: {kind.__name__} has no such member"
    for key, (name, form) in members.items():
        rule = kind._validation.get(name, {})
        if key in body:
            if rule.get("readonly"):
                yield f"{path}/{key}: read only"
            yield from _value(body[key], form, given, f"{path}/{key}")
        elif rule.get("required") and f"{path}/{key}" not in given:
            yield f"{path}/{key}: missing"


def _kind(body: dict[str, Any], base: Any) -> Any:
    """The class that a body's discriminator names, somewhere below the one that is expected."""
    word = body.get("@odata.type")
    if word is None:
        return base
    if base._validation.get("odata_type") and word.rpartition(".")[2] == base.__name__:
        return base
    subtypes = getattr(base, "_subtype_map", {}).get("odata_type", {})
    if word in subtypes:
        return getattr(models, subtypes[word])
    below = (getattr(models, name) for name in subtypes.values())
    found = (_kind(body, one) for one in below if "_subtype_map" in vars(one))
    return next((one for one in found if one is not None), None)


def _value(value: Any, form: str, given: Collection[str], path: str) -> Iterator[str]:
    if form.startswith("["):
        if not isinstance(value, list):
            yield f"{path}: no list"
            return
        for number, one in enumerate(value):
            yield from _value(one, form[1:-1], given, f"{path}/{number}")
        return
    wanted: dict[str, tuple[type, ...]] = {
        "str": (str,), "bool": (bool,), "int": (int,), "long": (int,), "float": (int, float), "duration": (str,),
        "iso-8601": (str,),
    }  # fmt: skip
    if form in wanted:
        if not isinstance(value, wanted[form]) or (isinstance(value, bool) and form != "bool"):
            yield f"{path}: {value!r} is no {form}"
        return
    yield from faults(value, form, given, path)
