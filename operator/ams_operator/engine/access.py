"""From a custom resource to its account, and from the account to the service; or the holds that say why not."""

from __future__ import annotations

from typing import Any

from ams_operator.api.account import MediaServicesAccountSpec
from ams_operator.api.backend import MediaServicesBackendSpec
from ams_operator.api.base import DEFAULT_ACCOUNT, FINALIZER, ChildSpec
from ams_operator.api.reasons import Reason
from ams_operator.domain.answers import Lane, NotSent, Resource
from ams_operator.domain.model import SERVICE_EFFECTS, Cure, Effect, Hold
from ams_operator.engine import claims, guests, identity
from ams_operator.engine.accounts import TAKEN_BACK, Account, hold_for, told
from ams_operator.engine.state import Engine, InvalidSpec, account_of, children_of, parse_spec
from ams_operator.engine.store import ACCOUNT, BACKEND


async def admitted(engine: Engine, resource: Resource, spec: Any) -> tuple[Resource | None, tuple[Hold, ...]]:
    """The account, if it is there and admits this namespace. Denied and absent read the same on purpose."""
    owner = account_of(engine, resource, spec)
    if isinstance(spec, ChildSpec):
        namespace, name = spec.effective_account(resource.namespace)
        again = None
        if owner is not None and owner.namespace != resource.namespace:
            try:
                admits = await guests.allows(engine, owner, resource.namespace)
                refused = guests.refusal(engine, owner, resource, spec) if admits else None
            except InvalidSpec as error:
                was_in = resource.own_record.keys() & {"how", "act"}
                if error.resource.uid != owner.uid or was_in:
                    raise
                owner, again = None, engine.clock.now() + guests.PAUSE  # nobody knows whether it would let him in
            else:
                claims.admit(engine, resource, admits and refused is None)
                if refused is not None:
                    return None, (refused,)
                if not admits:
                    owner, again = None, engine.clock.now() + guests.PAUSE
        if owner is None:
            engine.store.let_in.pop(resource.uid, None)
            where = "" if namespace == resource.namespace else f" of namespace {namespace}"
            hint = "" if spec.account_ref else f" (accountRef is absent, which means {DEFAULT_ACCOUNT})"
            message = (
                f"there is no MediaServicesAccount {name}{where} for this namespace{hint}: "
                "create it, have it admit this namespace (allowedNamespaces), or name another one in a new object"
            )
            return None, (Hold(Reason.ACCOUNT_NOT_AVAILABLE.value, SERVICE_EFFECTS, Cure.TIME, message, again),)
    return owner, ()


async def admits(engine: Engine, resource: Resource) -> bool:
    """Whether its account admits an object of another namespace; where that is news, the object is told. Raises
    InvalidSpec, and what the Kube port raises."""
    before = resource.uid in engine.store.denied
    found, _ = await admitted(engine, resource, parse_spec(engine, resource))
    if (found is None) != before:
        engine.nominate(resource.uid, Lane.SWEEP)
    return found is not None


async def way(
    engine: Engine, owner: Resource, spec: MediaServicesAccountSpec, account: Account, resource: Resource
) -> tuple[Hold, ...]:
    """The account's backend connected, or why not. For a child also why the account itself can't be used yet."""
    now = engine.clock.now()
    if account.backend is not None and not await _still_served(engine, owner, spec):
        account.backend, account.usable = None, False
        error = NotSent(Reason.BACKEND_NOT_AVAILABLE, _no_backend(spec.effective_backend()))
        engine.accounts.fail(account, error, now)
        engine.nominate(owner.uid, Lane.RETRY)
    if (account.backend is None or account.stale) and resource.kind == ACCOUNT and not _resting(account, now):
        try:
            await _connect(engine, owner, spec, account)
        except NotSent as error:
            emptied = error.reason == Reason.KEY_NOT_FOUND and identity.lent(engine, owner)
            account.withdrawn = account.withdrawn or emptied or error.reason in TAKEN_BACK
            if error.reason in TAKEN_BACK and (not owner.deleting or error.reason == Reason.IDENTITY_NOT_AVAILABLE):
                account.backend, account.usable = None, False  # what was got with it is dropped
            if account.backend is None or not owner.deleting:  # a deletion goes on with what is in memory
                engine.accounts.fail(account, error, now)
    if account.trouble is not None and (resource.kind != ACCOUNT or _resting(account, now)):
        return (hold_for(resource, account.trouble, now),)
    if resource.kind == ACCOUNT:
        return ()
    if account.withdrawn and resource.deleting is None:  # else to delete it, and never to end, would keep what was lent
        message = f"MediaServicesAccount {owner.name} is being deleted, and its credential was taken back"
        return (Hold(Reason.WAITING_FOR_ACCOUNT.value, SERVICE_EFFECTS, Cure.TIME, message),)
    if (not account.usable or account.backend is None) and not account.gone:
        waits = account.waits or f"MediaServicesAccount {owner.name} is not ready yet"
        message = told((owner.namespace, owner.name), resource.namespace, Reason.WAITING_FOR_ACCOUNT, waits)
        return (Hold(Reason.WAITING_FOR_ACCOUNT.value, SERVICE_EFFECTS, Cure.TIME, message),)
    if account.gone:
        message = f"MediaServicesAccount {owner.name} has no account in the service: see its status"
        return (Hold(Reason.WAITING_FOR_ACCOUNT.value, SERVICE_EFFECTS, Cure.TIME, message),)
    return ()


def _resting(account: Account, now: float) -> bool:
    return account.trouble is not None and now < account.trouble.until


async def _connect(engine: Engine, owner: Resource, spec: MediaServicesAccountSpec, account: Account) -> None:
    """Raises NotSent with the reason why no way to the service can be made."""
    name = spec.effective_backend()
    backend = engine.store.find(BACKEND, "", name)
    if backend is None:
        raise NotSent(Reason.BACKEND_NOT_AVAILABLE, _no_backend(name))
    policy: MediaServicesBackendSpec = parse_spec(engine, backend)
    labels = dict(await engine.kube.labels(owner.namespace) or {})
    if policy.allowed_namespaces is not None and not policy.allowed_namespaces.admits(labels):
        raise NotSent(Reason.BACKEND_NOT_AVAILABLE, _no_backend(name))
    credentials = await identity.credentials(engine, owner, spec, account)
    account.backend = engine.connect(
        policy.model_dump(mode="json", by_alias=True, exclude_none=True),
        account.id,
        credentials,
        namespace=owner.namespace,
    )
    account.stale = account.withdrawn = False


async def _still_served(engine: Engine, owner: Resource, spec: MediaServicesAccountSpec) -> bool:
    """Whether the backend serves the account's namespace on: nothing tells that its labels changed. What becomes of
    the MediaServicesBackend itself is told (`schedule._reconnect`)."""
    backend = engine.store.find(BACKEND, "", spec.effective_backend())
    try:
        allowed = parse_spec(engine, backend).allowed_namespaces if backend is not None else None
    except InvalidSpec:
        return True
    if allowed is None or allowed.selector is None:
        return True
    return bool(allowed.admits(dict(await engine.kube.labels(owner.namespace) or {})))


def _no_backend(name: str) -> str:
    return (
        f"spec.backendRef: there is no MediaServicesBackend {name} for this namespace: name another one, or ask your "
        "administrator for it"
    )


def inhabited(engine: Engine, owner: Resource) -> tuple[Hold, ...]:
    """What holds others outlives what the operator still has to remove from it."""
    denied = engine.store.denied
    inside = children_of(engine, owner) if owner.kind == ACCOUNT else _named_by(engine, owner)
    waiting = [one for one in inside if FINALIZER in one.finalizers and one.uid not in denied]
    if not waiting:
        return ()
    names = ", ".join(f"{one.kind} {_place(one, owner)}{one.name}" for one in waiting[:3])
    more = f" (+{len(waiting) - 3})" if len(waiting) > 3 else ""
    message = f"waiting for the deletion of what lies in it: {names}{more}"
    # It is looked at all the same: they can't be removed through an account that nobody knows to be usable.
    blocks = frozenset({Effect.DELETE, Effect.RELEASE, Effect.INTERRUPT, Effect.END_RECORDING})
    return (Hold(Reason.WAITING_FOR_CHILDREN.value, blocks, Cure.TIME, message),)


def _named_by(engine: Engine, owner: Resource) -> list[Resource]:
    kinds = engine.kinds[owner.kind].children
    return [one for one in engine.store.users(owner) if one.kind in kinds] if kinds else []


def _place(child: Resource, owner: Resource) -> str:
    return "" if child.namespace == owner.namespace else f"{child.namespace}/"
