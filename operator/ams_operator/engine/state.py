"""What reconcile, sweeps and schedule share: the ports, and what this process knows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import KW_ONLY, dataclass, field
from typing import Any

from pydantic import ValidationError

from ams_operator.api.base import ApiModel
from ams_operator.api.kinds import KINDS as API_KINDS
from ams_operator.domain.answers import Federated, Lane, Resource
from ams_operator.domain.kind import Kind
from ams_operator.domain.kinds import KINDS
from ams_operator.domain.model import JSON
from ams_operator.engine.accounts import Accounts
from ams_operator.engine.news import News
from ams_operator.engine.ports import Clock, Connect, Kube, Term
from ams_operator.engine.store import ACCOUNT, BACKEND, Store, owner_of
from ams_operator.texts import clean

QUIET = 60.0
"""seconds after which a request without an answer can no longer take effect"""


@dataclass(slots=True)
class Engine:
    """The ports and what this process knows; everything that reconcile, sweeps and schedule share."""

    kube: Kube
    connect: Connect
    clock: Clock
    term: Term
    key: bytes
    _: KW_ONLY
    version: str = ""
    """of this program: what another one found in sync, and differs now, is counted before it is changed"""
    mass_change_limit: int = 20
    """how many of those may be changed without asking"""
    owner_id: str = ""
    """names this cluster in the tags of what it manages; empty: no tags"""
    labelled_secrets_only: bool = False
    """whether a Secret is read only where a label says that it may be (`consent`)"""
    ambient: Federated | None = None
    """the operator's own identity; None where it has none"""
    kinds: Mapping[str, Kind] = field(default_factory=lambda: KINDS)
    store: Store = field(default_factory=Store)
    accounts: Accounts = field(default_factory=Accounts)
    models: Mapping[str, type[ApiModel]] = field(default_factory=lambda: {kind.kind: kind.spec for kind in API_KINDS})
    nominate: Callable[[str, Lane], None] = lambda _uid, _lane: None
    """called with the uid of an object that should be looked at, and how urgently"""
    announce: Callable[[Resource, News], None] = lambda _resource, _news: None
    """called once for what happened to an object; it must not wait"""
    safe: Callable[[str, int, Collection[str]], str] = lambda text, limit, _namespaces: clean(text, limit)
    """makes a text fit to show, without the secrets that this process has read in these namespaces, and cuts it"""
    poison: Callable[[str], None] = lambda _kind: None
    """called with the kind of each object or listed item that can't be worked on"""


class InvalidSpec(Exception):
    """A stored spec that the models refuse: older than the installed schema, or with a field (`unknown`) that only a
    newer version of the operator knows. The text names the field."""

    def __init__(self, resource: Resource, message: str, *, unknown: bool = False) -> None:
        super().__init__(message)
        self.resource, self.unknown = resource, unknown


def parse_spec(engine: Engine, resource: Resource) -> Any:
    """The spec as its model. Raises InvalidSpec."""
    memory = engine.store.memory.get(resource.uid)
    if memory is not None and memory.parsed is not None and memory.parsed[0] == resource.spec:
        return memory.parsed[1]
    try:
        spec = engine.models[resource.kind].model_validate(resource.spec)
        if memory is not None:
            memory.parsed = (resource.spec, spec)
        return spec
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        path = ".".join(str(part) for part in first["loc"])
        unknown = first["type"] == "extra_forbidden"
        said = "this version of the operator does not know it" if unknown else first["msg"]
        raise InvalidSpec(resource, f"spec.{path}: {said}", unknown=unknown) from None


def account_of(engine: Engine, resource: Resource, spec: Any) -> Resource | None:
    """The MediaServicesAccount that a resource means: itself, or the one of accountRef, whether or not it admits it."""
    if resource.kind == ACCOUNT:
        return resource
    namespace, name = spec.effective_account(resource.namespace)
    return engine.store.find(ACCOUNT, namespace, name)


def children_of(engine: Engine, owner: Resource) -> list[Resource]:
    """The objects of all namespaces that mean this account, admitted or not."""
    inside = engine.store.meaning((owner.namespace, owner.name))
    return [one for one in inside if one.kind not in (ACCOUNT, BACKEND) and one.kind in engine.kinds]


def safe(engine: Engine, resource: Resource) -> Callable[[str, int], str]:
    """Makes a text fit to show beside an object: without the secrets of its namespace and, where an account of another
    one has let it in, of that one. Others' are not looked for: they could not be quoted, only guessed."""
    host = owner_of(resource)[0]
    own = {resource.namespace, host} if engine.store.let_in.get(resource.uid) == host else {resource.namespace}
    return lambda text, limit: engine.safe(text, limit, own)


def about(resource: Resource) -> JSON:
    """For log lines about an object, as `extra`."""
    return {"about": {"kind": resource.kind, "namespace": resource.namespace, "name": resource.name}}
