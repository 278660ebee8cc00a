"""What the harness knows of kinds and manifests, and the engine's mappings made of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from tests.crash.world import Key, World, key_of

from ams_operator.api import references
from ams_operator.api.base import ApiModel, ResourceSpec
from ams_operator.api.kinds import KINDS as API_KINDS
from ams_operator.domain.answers import Resource
from ams_operator.domain.kind import Kind
from ams_operator.domain.kinds import KINDS
from ams_operator.domain.model import JSON, AccountId
from ams_operator.engine.store import ACCOUNT

SUBSCRIPTION, GROUP, ORIGIN = "sub", "media", "https://service.test"
REGION, STUDIO = "westus", "studio"
"""the account's region, and the live event in which all live outputs lie"""


class Parsed:
    """A model that reads each spec once: parsing is not what is tested here, and would take most of the time."""

    def __init__(self, model: type[ApiModel]) -> None:
        self._model = model
        self._known: dict[int, tuple[JSON, ApiModel]] = {}

    def model_validate(self, spec: JSON) -> ApiModel:
        known = self._known.get(id(spec))
        if known is None or known[0] is not spec:
            known = self._known[id(spec)] = (spec, self._model.model_validate(spec))
        return known[1]


@dataclass(slots=True)
class Lab:
    """Kinds and models for any number of histories."""

    kinds: Mapping[str, Kind] = field(default_factory=lambda: KINDS)
    parsed: dict[str, Parsed] = field(default_factory=dict)
    bodies: dict[int, tuple[JSON, JSON]] = field(default_factory=dict)
    owner_id: str = ""
    """what the operator is started with"""
    version: str = ""
    """which operator that is"""
    limit: int = 20
    """its `--mass-change-limit`"""

    def __post_init__(self) -> None:
        for kind in API_KINDS:
            self.parsed.setdefault(kind.kind, Parsed(kind.spec))

    @property
    def models(self) -> Mapping[str, type[ApiModel]]:
        """As the engine takes them."""
        return cast("Mapping[str, type[ApiModel]]", self.parsed)

    def declared(self, kind: str, spec: JSON) -> JSON:
        """The body that a manifest declares."""
        known = self.bodies.get(id(spec))
        if known is None or known[0] is not spec:
            model = cast("ResourceSpec", self.parsed[kind].model_validate(spec))
            known = self.bodies[id(spec)] = (spec, self.kinds[kind].body(model, _given(model)))
        return known[1]

    def place(self, world: World, resource: Resource) -> Key | None:
        """Where an object's resource lies; None while its account is not there."""
        owner = account_of(world, resource) if resource.kind in self.kinds else None
        if owner is None:
            return None
        account = AccountId(
            owner.spec["subscriptionId"], owner.spec["resourceGroup"], owner.spec.get("azureName", owner.name)
        )
        name = resource.spec.get("azureName", resource.name)
        names = (STUDIO, name) if self.kinds[resource.kind].parent else (name,)
        return key_of(self.kinds[resource.kind].address(account, *names))


def _given(spec: ResourceSpec) -> dict[str, str]:
    """What the manifest's references come to: objects are named as what they stand for."""
    found = {"/location": REGION} if "location" in spec.top_level else {}
    for use in references.references(spec):
        if use.pointer:
            found[use.pointer] = use.azure_name or use.name or ""
    return found


def account_of(world: World, resource: Resource) -> Resource | None:
    """The MediaServicesAccount that an object means."""
    if resource.kind == ACCOUNT:
        return resource
    name = (resource.spec.get("accountRef") or {}).get("name", "default")
    return next((one for one in world.objects.values() if one.kind == ACCOUNT and one.name == name), None)


def contains(observed: Any, declared: Any) -> bool:
    """Whether an answer shows everything that is declared; absent and null are the same."""
    if isinstance(declared, Mapping):
        return isinstance(observed, Mapping) and all(
            contains(observed.get(name), value) for name, value in declared.items()
        )
    if isinstance(declared, list):
        return (
            isinstance(observed, list)
            and len(observed) == len(declared)
            and all(contains(one, other) for one, other in zip(observed, declared, strict=True))
        )
    return bool(json.dumps(observed) == json.dumps(declared))


def account_spec(name: str = "contoso", **more: Any) -> JSON:
    """The manifest of an account that exists already."""
    return {
        "azureName": name,
        "subscriptionId": SUBSCRIPTION,
        "resourceGroup": GROUP,
        "credentials": {"secretRef": {"name": "azure"}},
        **more,
    }


def account_key(name: str = "contoso") -> Key:
    return (SUBSCRIPTION, GROUP, name, ACCOUNT.lower())


def place_of(kind: str, name: str, account: str = "contoso") -> Key:
    if kind == ACCOUNT:
        return account_key(name)
    names = (STUDIO, name) if kind == "LiveOutput" else (name,)
    return tuple(part.lower() for part in (SUBSCRIPTION, GROUP, account, kind, *names))
