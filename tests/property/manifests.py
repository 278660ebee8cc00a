"""Manifests, drawn from the models themselves: whatever a model allows may come."""

from __future__ import annotations

import re
import types
from enum import Enum
from functools import cache
from typing import Annotated, Any, Union, get_args, get_origin

import annotated_types
from hypothesis import strategies as st
from pydantic.fields import FieldInfo

from ams_operator.api.account import MediaServicesAccountSpec
from ams_operator.api.account_settings import StorageAccount
from ams_operator.api.base import ApiModel, Matches, OneOf
from ams_operator.api.transform import TransformOutput, TransformSpec

ITEMS = 2
"""longest list that is drawn; the models allow more of the same"""
KEYS = st.sampled_from(["a", "b", "x/y", "~1", "0", "007", "², ", "@odata.x"])
TEXTS = st.sampled_from(["", "a", "ä/~", "Low", "0"])


PLACES = (
    "westeurope",
    "/subscriptions/s/resourceGroups/g/providers/p/storageAccounts/a",
    "https://v/keys/k",
    "10.0.0.0/8",
)
EXAMPLES = (
    *("PT2S", "PT90M", "PT1H30M", "P1DT1S", "PT0.5S"),
    *("30", "50%", "29.97", "30000/1001", "{Best}", "en-US", "zh-Hans-CN"),
    *("Auto", "4.1", "Black", "#FF0000"),
    *PLACES,
)


def manifests(model: type[ApiModel], **fixed: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """The service's part of a spec. `fixed` gives members by their Python names."""
    mine: frozenset[str] = getattr(model, "operator_fields", frozenset())
    return _object(model, mine, fixed)


def transforms() -> st.SearchStrategy[TransformSpec]:
    """Transforms with outputs."""
    outputs = st.lists(of_model(TransformOutput), min_size=1, max_size=ITEMS)
    return manifests(TransformSpec, outputs=outputs).map(TransformSpec.model_validate)


def accounts() -> st.SearchStrategy[MediaServicesAccountSpec]:
    """Accounts that are created, with storage and region: neither can be taken away again."""
    storage = st.lists(of_model(StorageAccount), min_size=1, max_size=ITEMS, unique_by=lambda one: one["id"])
    own = {"subscriptionId": "s", "resourceGroup": "g", "credentials": {"secretRef": {"name": "x"}}}
    drawn = manifests(MediaServicesAccountSpec, storage_accounts=storage, location=st.just("westeurope"))
    return drawn.filter(_admitted).map(lambda spec: MediaServicesAccountSpec.model_validate({**spec, **own}))


def _admitted(spec: dict[str, Any]) -> bool:
    """What the API server checks across members: only what is consistent gets here."""
    identity, encryption = spec.get("identity", {}), spec.get("encryption", {})
    users = "UserAssigned" in identity.get("type", "") and identity.get("type") != "SystemAssigned"
    return users == bool(identity.get("userAssignedIdentities")) and (
        (encryption.get("type") == "CustomerKey") == ("keyVaultProperties" in encryption)
    )


def _object(
    model: type[ApiModel], without: frozenset[str] = frozenset(), fixed: dict[str, st.SearchStrategy[Any]] | None = None
) -> st.SearchStrategy[dict[str, Any]]:
    required: dict[str, st.SearchStrategy[Any]] = {}
    optional: dict[str, st.SearchStrategy[Any]] = {}
    for name, field in model.model_fields.items():
        alias = field.alias or name
        if fixed and name in fixed:
            required[alias] = fixed[name]
        elif name not in without:
            (required if field.is_required() else optional)[alias] = of_field(field)
    return st.fixed_dictionaries(required, optional=optional)


def of_field(field: FieldInfo) -> st.SearchStrategy[Any]:
    """Values of one field; None, which means absent, is never written."""
    return of_annotation(Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation)


def of_annotation(annotation: Any) -> st.SearchStrategy[Any]:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _limited(arguments[0], arguments[1:])
    if origin in (Union, types.UnionType):
        return of_annotation(next(one for one in arguments if one is not type(None)))
    if origin is list:
        return st.lists(of_annotation(arguments[0]), min_size=1, max_size=ITEMS)
    if origin is dict:
        return st.dictionaries(KEYS, of_annotation(arguments[1]), max_size=ITEMS)
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return st.sampled_from([member.value for member in annotation])
    if isinstance(annotation, type) and issubclass(annotation, ApiModel):
        return of_model(annotation)
    plain: dict[Any, st.SearchStrategy[Any]] = {
        str: TEXTS,
        bool: st.booleans(),
        int: st.integers(0, 5),
        float: st.sampled_from([0.0, 1.0, 2.5]),
    }
    return plain[annotation]


@cache
def of_model(model: type[ApiModel]) -> st.SearchStrategy[Any]:
    if issubclass(model, OneOf):
        return st.deferred(lambda: st.one_of([_chosen(name, field) for name, field in model.model_fields.items()]))
    return st.deferred(lambda: _object(model))


def _chosen(name: str, field: FieldInfo) -> st.SearchStrategy[dict[str, Any]]:
    return of_field(field).map(lambda value: {field.alias or name: value})


def _limited(annotation: Any, metadata: tuple[Any, ...]) -> st.SearchStrategy[Any]:
    """Constrained values: small ones that keep to the limits."""
    found: list[Any] = []
    for one in metadata:
        found += one.metadata if isinstance(one, FieldInfo) else [one]
    patterns = [one.pattern for one in found if isinstance(one, Matches)]
    values = [value for value in EXAMPLES if all(re.fullmatch(pattern, value) for pattern in patterns)]
    if patterns:
        assert values, f"no example fits {patterns}: add one"
        return st.sampled_from(values)
    strategy = of_annotation(annotation)
    for limit in found:
        strategy = _keeping(strategy, limit)
    return strategy


def _keeping(strategy: st.SearchStrategy[Any], limit: Any) -> st.SearchStrategy[Any]:
    match limit:
        case annotated_types.Ge(ge=least):
            return strategy.filter(lambda value: value >= least)
        case annotated_types.Le(le=most):
            return strategy.filter(lambda value: value <= most)
        case annotated_types.Gt(gt=least):
            return strategy.filter(lambda value: value > least)
        case annotated_types.MinLen(min_length=least):
            return strategy.filter(lambda value: len(value) >= least)
    return strategy
