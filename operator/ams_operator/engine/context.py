"""Everything that a look at one custom resource needs before the service is asked: parsed, referenced, permitted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import ValidationError

from ams_operator.api.account import MediaServicesAccountSpec
from ams_operator.api.backend import AZURE_ENDPOINT
from ams_operator.api.base import (
    DEFAULT_ACCOUNT,
    DEFAULT_BACKEND,
    FINALIZER,
    REQUEST_PREFIX,
    ApiModel,
    ChildSpec,
    ManagementPolicy,
    ResourceSpec,
    effective_adoption_policy,
    effective_disruption_policy,
    effective_management_policy,
)
from ams_operator.api.kinds import KINDS as API_KINDS
from ams_operator.api.namespaces import AllowedNamespaces
from ams_operator.api.reasons import Reason
from ams_operator.domain import ids
from ams_operator.domain.answers import Lane, NotSent, Resource
from ams_operator.domain.kinds import KINDS
from ams_operator.domain.model import (
    ALL_EFFECTS,
    SERVICE_EFFECTS,
    AccountId,
    Cure,
    Desired,
    Hold,
    Kind,
    Policy,
    Record,
    Scene,
)
from ams_operator.domain.record import load as load_record
from ams_operator.engine.accounts import Account, Accounts, hold_of
from ams_operator.engine.ports import Clock, Connect, Kube, Term
from ams_operator.engine.store import ACCOUNT, BACKEND, Memory, Store

QUIET = 60.0
"""seconds after which a request without an answer can no longer take effect"""
NAMESPACE_PATIENCE = 900.0
"""seconds after which an object in a terminating namespace is released, whatever the service says"""


@dataclass(slots=True)
class Engine:
    """The ports and what this process knows; everything that reconcile, sweeps and schedule share."""

    kube: Kube
    connect: Connect
    clock: Clock
    term: Term
    key: bytes
    kinds: Mapping[str, Kind] = field(default_factory=lambda: KINDS)
    store: Store = field(default_factory=Store)
    accounts: Accounts = field(default_factory=Accounts)
    models: Mapping[str, type[ApiModel]] = field(default_factory=lambda: {kind.kind: kind.spec for kind in API_KINDS})
    nominate: Callable[[str, Lane], None] = lambda _uid, _lane: None
    """called with the uid of an object that should be looked at, and how urgently"""


@dataclass(slots=True)
class Job:
    """One custom resource, ready to be planned."""

    kind: Kind
    resource: Resource
    desired: Desired
    record: Record
    scene: Scene
    memory: Memory
    account: Account | None
    first_sight: bool


class InvalidSpec(Exception):
    """A stored spec that the models refuse: older than the installed schema. The text names the field."""


def parse_spec(engine: Engine, resource: Resource) -> Any:
    """The spec as its model. Raises InvalidSpec."""
    try:
        return engine.models[resource.kind].model_validate(resource.spec)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        path = ".".join(str(part) for part in first["loc"])
        raise InvalidSpec(f"spec.{path}: {first['msg']}") from None


def account_of(engine: Engine, resource: Resource, spec: Any) -> Resource | None:
    """The MediaServicesAccount that a resource means: itself, or the one of accountRef, whether or not it admits it."""
    if resource.kind == ACCOUNT:
        return resource
    namespace, name = spec.effective_account(resource.namespace)
    return engine.store.find(ACCOUNT, namespace, name)


async def load(engine: Engine, resource: Resource) -> Job:
    """Raises InvalidSpec, and what the Kube port raises."""
    now = engine.clock.now()
    kind = engine.kinds[resource.kind]
    memory = engine.store.memory[resource.uid]
    spec = parse_spec(engine, resource)
    owner, holds = await _admitted(engine, resource, spec)
    record = load_record(resource.status.get("record"), resource.uid)
    first_sight = "observedGeneration" not in resource.status
    if owner is None:
        desired = _desired(kind, resource, spec, None, AccountId("", "", ""))
        scene = Scene(now, engine.key, holds=holds, resource_id=record.resource_id, origin=record.origin)
        scene = replace(scene, **await _release(engine, resource, None))
        return Job(kind, resource, desired, record, _memories(scene, record, memory), memory, None, first_sight)
    owner_spec = parse_spec(engine, owner)
    identifier = AccountId(owner_spec.subscription_id, owner_spec.resource_group, owner_spec.effective_name(owner.name))
    account = engine.accounts.get(owner.uid, identifier)
    account.origin = origin_of(engine, owner_spec)
    holds += await _way(engine, owner, owner_spec, account, resource)
    desired = _desired(kind, resource, spec, owner_spec, identifier)
    target = ids.resource_id(desired.address, (kind.collection,)[: len(desired.address.names)])
    holds += _claimed(engine, resource)
    holds += _troubled(memory, now)
    if resource.kind == ACCOUNT and resource.deleting:
        holds += _inhabited(engine, resource)
    scene = Scene(
        now,
        engine.key,
        resource_id=target,
        origin=account.origin,
        service_time=account.service_time(now),
        holds=holds,
        first_sight=first_sight,
    )
    scene = replace(scene, **await _release(engine, resource, account))
    return Job(kind, resource, desired, record, _memories(scene, record, memory), memory, account, first_sight)


def _memories(scene: Scene, record: Record, memory: Memory) -> Scene:
    """What this process knows of the noted act: an act of a former process counts as sent when it is first seen."""
    act = record.act
    if act is None:
        return scene
    if memory.noted == (act.name, act.at):
        return replace(scene, sent=False)
    if memory.sent is None:
        memory.sent = scene.now
    return replace(scene, quiet_until=memory.sent + QUIET, answered=memory.answered == (act.name, act.at))


def _desired(kind: Kind, resource: Resource, spec: ResourceSpec, owner: Any, account: AccountId) -> Desired:
    own = spec.management_policy
    ceiling: ManagementPolicy | None = owner.management_policy if owner is not None else None
    policy = Policy(
        management=effective_management_policy(own, ceiling).value,
        adoption=effective_adoption_policy(spec.adoption_policy).value,
        deletion=spec.deletion_policy.value if spec.deletion_policy else None,
        disruption=effective_disruption_policy(getattr(spec, "disruption_policy", None)).value,
    )
    prefix = len(REQUEST_PREFIX)
    return Desired(
        kind=kind.name,
        uid=resource.uid,
        name=resource.name,
        generation=resource.generation,
        address=kind.address(account, spec.effective_name(resource.name)),
        body=kind.body(spec),
        policy=policy,
        requests={
            name[prefix:]: value for name, value in resource.annotations.items() if name.startswith(REQUEST_PREFIX)
        },
        run_state=getattr(spec, "run_state", None),
        restart=getattr(spec, "restart_policy", None),
        deleting=resource.deleting is not None,
        creatable=not isinstance(spec, MediaServicesAccountSpec) or spec.storage_accounts is not None,
    )


async def _admitted(engine: Engine, resource: Resource, spec: Any) -> tuple[Resource | None, tuple[Hold, ...]]:
    """The account, if it is there and admits this namespace. Denied and absent read the same on purpose."""
    owner = account_of(engine, resource, spec)
    if isinstance(spec, ChildSpec):
        namespace, name = spec.effective_account(resource.namespace)
        if owner is not None and not await _allows(engine, owner, resource.namespace):
            owner = None
        if owner is None:
            where = "" if namespace == resource.namespace else f" of namespace {namespace}"
            hint = "" if spec.account_ref else f" (accountRef is absent, which means {DEFAULT_ACCOUNT})"
            message = (
                f"there is no MediaServicesAccount {name}{where} for this namespace{hint}: "
                "create it, or correct accountRef"
            )
            return None, (Hold(Reason.ACCOUNT_NOT_AVAILABLE.value, SERVICE_EFFECTS, Cure.TIME, message),)
    return owner, ()


async def _allows(engine: Engine, owner: Resource, namespace: str) -> bool:
    if owner.namespace == namespace:
        return True
    allowed: AllowedNamespaces | None = parse_spec(engine, owner).allowed_namespaces
    if allowed is None:
        return False
    return allowed.admits(owner.namespace, namespace, dict(await engine.kube.labels(namespace) or {}))


async def _way(
    engine: Engine, owner: Resource, spec: MediaServicesAccountSpec, account: Account, resource: Resource
) -> tuple[Hold, ...]:
    """The account's backend connected, or why not. For a child also why the account itself can't be used yet."""
    now = engine.clock.now()
    if account.backend is None and resource.kind == ACCOUNT and not _resting(account, now):
        try:
            await _connect(engine, owner, spec, account)
        except NotSent as error:
            engine.accounts.fail(account, error, now)
    if account.trouble is not None and (resource.kind != ACCOUNT or _resting(account, now)):
        return (hold_of(account.trouble, now),)
    if resource.kind == ACCOUNT:
        return ()
    if not account.usable and not account.gone:
        message = account.waits or f"MediaServicesAccount {owner.name} is not ready yet"
        return (Hold(Reason.WAITING_FOR_ACCOUNT.value, SERVICE_EFFECTS, Cure.TIME, message),)
    if account.gone:
        message = f"MediaServicesAccount {owner.name} has no account in the service: see its status"
        return (Hold(Reason.WAITING_FOR_ACCOUNT.value, SERVICE_EFFECTS, Cure.TIME, message),)
    return ()


def _resting(account: Account, now: float) -> bool:
    return account.trouble is not None and now < account.trouble.until


async def _connect(engine: Engine, owner: Resource, spec: MediaServicesAccountSpec, account: Account) -> None:
    """Raises NotSent with the reason why no way to the service can be made."""
    name = spec.backend_ref.name if spec.backend_ref else DEFAULT_BACKEND
    backend = engine.store.find(BACKEND, "", name)
    if backend is None:
        raise NotSent(Reason.BACKEND_NOT_AVAILABLE, f"there is no MediaServicesBackend {name} for this namespace")
    policy = parse_spec(engine, backend)
    labels = dict(await engine.kube.labels(owner.namespace) or {})
    if policy.allowed_namespaces is not None and not policy.allowed_namespaces.admits(owner.namespace, labels):
        raise NotSent(Reason.BACKEND_NOT_AVAILABLE, f"there is no MediaServicesBackend {name} for this namespace")
    way, _ = spec.credentials.chosen()
    if way != "secretRef" or spec.credentials.secret_ref is None:
        message = f"spec.credentials.{way} is not supported by this version: use spec.credentials.secretRef"
        raise NotSent(Reason.CREDENTIAL_REJECTED, message)
    reference = spec.credentials.secret_ref.name
    secret = await engine.kube.secret(owner.namespace, reference)
    if secret is None:
        message = f"spec.credentials.secretRef: there is no Secret {reference} in this namespace: create it"
        raise NotSent(Reason.SECRET_NOT_FOUND, message)
    account.backend = engine.connect(
        policy.model_dump(mode="json", by_alias=True, exclude_none=True), account.id, secret.data, secret.version
    )
    account.secret_version = secret.version


def origin_of(engine: Engine, spec: MediaServicesAccountSpec) -> str:
    """Where an account answers, by its MediaServicesBackend; empty while there is none."""
    backend = engine.store.find(BACKEND, "", spec.backend_ref.name if spec.backend_ref else DEFAULT_BACKEND)
    if backend is None:
        return ""
    endpoint = backend.spec.get("endpoint") or (AZURE_ENDPOINT if backend.spec.get("type") == "azure" else "")
    return str(endpoint).rstrip("/").lower()


def index(engine: Engine, resource: Resource) -> None:
    """Enter what an object claims, before anything acts on it: of several that mean one resource, one may."""
    try:
        spec = parse_spec(engine, resource)
        owner = account_of(engine, resource, spec)
        owner_spec = parse_spec(engine, owner) if owner is not None else None
    except InvalidSpec:
        owner, owner_spec = None, None
    if owner is None or owner_spec is None:
        engine.store.unclaim(resource.uid)
        return
    kind = engine.kinds[resource.kind]
    identifier = AccountId(owner_spec.subscription_id, owner_spec.resource_group, owner_spec.effective_name(owner.name))
    address = kind.address(identifier, spec.effective_name(resource.name))
    policy = effective_management_policy(spec.management_policy, owner_spec.management_policy)
    if policy is ManagementPolicy.OBSERVE:
        engine.store.unclaim(resource.uid)
        return
    target = ids.resource_id(address, (kind.collection,)[: len(address.names)])
    engine.store.claim(resource.uid, ids.key(origin_of(engine, owner_spec), target))


def _claimed(engine: Engine, resource: Resource) -> tuple[Hold, ...]:
    holder = engine.store.holder(resource.uid)
    if holder == resource.uid:
        return ()
    other = engine.store.objects[holder]
    named = f"{other.kind} {other.name}" if other.namespace == resource.namespace else "an object of another namespace"
    message = f"{named} manages the same resource already, and this object touches nothing: delete one of the two"
    return (Hold(Reason.CLAIMED.value, SERVICE_EFFECTS, Cure.FIX, message),)


def _troubled(memory: Memory, now: float) -> tuple[Hold, ...]:
    if memory.trouble is not None and now < memory.trouble.until:
        return (hold_of(memory.trouble, now),)
    return ()


def children_of(engine: Engine, owner: Resource) -> list[Resource]:
    """The objects of all namespaces that mean this account, admitted or not."""
    found = []
    for other in engine.store.objects.values():
        if other.kind in (ACCOUNT, BACKEND) or other.kind not in engine.kinds:
            continue
        reference = other.spec.get("accountRef") or {}
        name = reference.get("name", DEFAULT_ACCOUNT)
        if name == owner.name and (reference.get("namespace") or other.namespace) == owner.namespace:
            found.append(other)
    return found


def _inhabited(engine: Engine, owner: Resource) -> tuple[Hold, ...]:
    """An account outlives what the operator still has to remove from it."""
    waiting = [child for child in children_of(engine, owner) if FINALIZER in child.finalizers]
    if not waiting:
        return ()
    names = ", ".join(f"{child.kind} {child.name}" for child in waiting[:3])
    more = f" (+{len(waiting) - 3})" if len(waiting) > 3 else ""
    message = f"waiting for the deletion of what lies in it: {names}{more}"
    return (Hold(Reason.WAITING_FOR_CHILDREN.value, ALL_EFFECTS, Cure.TIME, message),)


async def _release(engine: Engine, resource: Resource, account: Account | None) -> dict[str, Any]:
    """Why a deletion has nothing to do in the service, as changes to the scene."""
    if resource.deleting is None:
        return {}
    crd, namespace = await engine.kube.terminating(resource.kind, resource.namespace)
    if crd:
        return {"release": "its CustomResourceDefinition is being deleted"}
    if account is not None and account.gone and resource.kind != ACCOUNT:
        return {"release": "its account is gone"}
    if namespace:
        since = ids.instant(resource.deleting)
        if since is not None and engine.clock.now() - since.timestamp() >= NAMESPACE_PATIENCE:
            return {"release": "its namespace has been terminating for 15 minutes", "holds": ()}
    return {}
