"""What an account signs in with: the values of a Secret, the ServiceAccount of its namespace, or what the operator is.

A ServiceAccount is its namespace's word that the operator may act as the application which it stands for; the
operator's own identity is the administrator's, who says in the MediaServicesBackend to whom it is lent, and where. Both
are asked for anew with each token, and what was got with them is dropped when they go.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ams_operator.api.account import MediaServicesAccountSpec
from ams_operator.api.backend import MediaServicesBackendSpec
from ams_operator.api.reasons import Reason
from ams_operator.domain.answers import (
    CREDENTIAL_KEYS,
    Federated,
    Federation,
    KubeDown,
    KubeRefused,
    NotSent,
    Resource,
    Vanished,
)
from ams_operator.engine import consent
from ams_operator.engine.accounts import Account
from ams_operator.engine.state import Engine, InvalidSpec, parse_spec
from ams_operator.engine.store import BACKEND, member

ANNOTATIONS: Final = "azure.workload.identity/{}-id"
_LENT: Final = "lent"
_NOT_LENT: Final = (
    "spec.credentials.ambient: the operator's own identity is not there for this account: use "
    "spec.credentials.secretRef or serviceAccountRef, or ask your administrator"
)
"""to whomever it is not lent, whether or not there is one, and wherever else it is: he learns nothing by trying"""
_NONE: Final = (
    "spec.credentials.ambient: the operator has no identity of its own. It takes workload identity, by "
    "AZURE_CLIENT_ID, AZURE_TENANT_ID and AZURE_FEDERATED_TOKEN_FILE of its pod; the managed identity of a node is not "
    "supported: ask your administrator"
)


async def credentials(
    engine: Engine, owner: Resource, spec: MediaServicesAccountSpec, account: Account
) -> Mapping[str, str] | Federated:
    """The credential that a manifest names. Raises NotSent, InvalidSpec, and what the Kube port raises."""
    account.credential, asked = "", spec.credentials
    if asked.secret_ref is not None:
        return await _secret(engine, owner.namespace, asked.secret_ref.name, account)
    if asked.service_account_ref is not None:
        return await _federated(engine, owner.namespace, asked.service_account_ref.name, account)
    return await _ambient(engine, owner.namespace, spec, account)


async def changed(engine: Engine, owner: Resource, spec: MediaServicesAccountSpec, account: Account) -> bool:
    """Whether it is another one than the account's way was made of; told by its version alone. A Secret that is gone
    changes nothing: it often goes first. What was lent and is gone was taken back, unless all of its namespace goes."""
    asked = spec.credentials
    if asked.secret_ref is not None:
        version = await engine.kube.secret_version(owner.namespace, asked.secret_ref.name) or ""
    elif asked.service_account_ref is not None:
        found = await engine.kube.service_account(owner.namespace, asked.service_account_ref.name)
        version = _version(found)
    else:
        return await _returned(engine, owner, spec, account)
    if version or version == account.secret_version:
        return version != account.secret_version
    return lent(engine, owner) and not (await engine.kube.terminating(owner.kind, owner.namespace))[1]


def lent(engine: Engine, owner: Resource) -> bool:
    """Whether somebody else than who writes the account's manifest may take its credential back."""
    return engine.labelled_secrets_only or "secretRef" not in member(owner.spec, "credentials")


async def _returned(engine: Engine, owner: Resource, spec: MediaServicesAccountSpec, account: Account) -> bool:
    now = _LENT if await _own_is_lent(engine, owner.namespace, spec) else ""
    if not now:
        account.backend, account.usable = None, False  # not even this sweep goes on with it
    return now != account.secret_version


async def _secret(engine: Engine, namespace: str, name: str, account: Account) -> Mapping[str, str]:
    field, use = "spec.credentials.secretRef", consent.CREDENTIALS
    unlabelled = NotSent(Reason.SECRET_NOT_LABELLED, consent.missing(field, namespace, name, use))
    permit = await consent.asked(engine, namespace, name, use)
    if permit is not None and not permit.given:
        account.secret_version = permit.version
        raise unlabelled
    secret = await engine.kube.secret(namespace, name, CREDENTIAL_KEYS)
    if secret is None:
        message = f"{field}: there is no Secret {name} in namespace {namespace}: create it"
        raise NotSent(Reason.SECRET_NOT_FOUND, message)
    if not consent.covers(engine, secret, use):
        account.secret_version = secret.version
        raise unlabelled
    account.credential, account.secret_version = f"secretRef: Secret {namespace}/{name}", secret.version
    return secret.data


async def _federated(engine: Engine, namespace: str, name: str, account: Account) -> Federated:
    account.secret_version = ""
    found = await engine.kube.service_account(namespace, name)
    if found is None:
        raise _missing(namespace, name)
    account.credential, account.secret_version = (
        f"serviceAccountRef: ServiceAccount {namespace}/{name}",
        _version(found),
    )
    for what in ("client", "tenant"):
        if not getattr(found, what):
            message = f"it has no annotation {ANNOTATIONS.format(what)}: add it"
            raise NotSent(Reason.KEY_NOT_FOUND, message)

    async def assertion() -> str:
        try:
            return await engine.kube.service_account_token(found)
        except Vanished:
            raise _missing(namespace, name) from None
        except KubeDown:
            message = "the API server gives no token of the ServiceAccount just now"
            raise NotSent(Reason.CLUSTER_UNREACHABLE, message) from None

    return Federated(namespace, name, found.uid, found.tenant, found.client, assertion)


async def _ambient(engine: Engine, namespace: str, spec: MediaServicesAccountSpec, account: Account) -> Federated:
    account.secret_version, backend, own = "", spec.effective_backend(), engine.ambient
    if not await _own_is_lent(engine, namespace, spec):
        raise NotSent(Reason.IDENTITY_NOT_AVAILABLE, _NOT_LENT)
    account.credential, account.secret_version = "ambient", _LENT
    if own is None:
        raise NotSent(Reason.IDENTITY_NOT_AVAILABLE, _NONE)

    async def assertion() -> str:
        try:
            policy = _policy(engine, backend)
            labels = dict(await engine.kube.labels(namespace) or {})
        except (KubeDown, KubeRefused, InvalidSpec):
            message = "nobody can tell just now whether the operator's own identity is lent to this namespace"
            raise NotSent(Reason.CLUSTER_UNREACHABLE, message) from None
        lent = policy.ambient_namespaces if policy is not None else None
        if lent is None or not lent.admits(labels):
            raise NotSent(Reason.IDENTITY_NOT_AVAILABLE, _NOT_LENT)
        return await own.assertion()

    # One for each namespace and MediaServicesBackend: what is taken back from one is not kept for it by another.
    return Federated(namespace, backend, "", own.tenant, own.client, assertion, own=True)


async def _own_is_lent(engine: Engine, namespace: str, spec: MediaServicesAccountSpec) -> bool:
    policy = _policy(engine, spec.effective_backend())
    if policy is None or policy.ambient_namespaces is None:
        return False
    labels = dict(await engine.kube.labels(namespace) or {})
    return policy.lends(labels, _places(spec))


def _places(spec: MediaServicesAccountSpec) -> list[tuple[str, str]]:
    """Subscription and group of an account and of what it is linked with: to link something takes a role there, which
    the operator may have and whoever writes the manifest has not."""
    linked = [one.id for one in spec.storage_accounts or ()]
    linked += (spec.identity.user_assigned_identities if spec.identity is not None else None) or {}
    return [(spec.subscription_id, spec.resource_group), *map(_place, linked)]


def _place(identifier: str) -> tuple[str, str]:
    """Those of a resource id; of what is none, empty ones, which are nowhere."""
    root, *parts = identifier.split("/")
    names = [part.lower() for part in parts]
    whole = not root and len(parts) > 4 and not {"", ".", ".."} & set(parts)
    return (parts[1], parts[3]) if whole and names[0:3:2] == ["subscriptions", "resourcegroups"] else ("", "")


def _policy(engine: Engine, name: str) -> MediaServicesBackendSpec | None:
    """What an administrator says of a backend. Raises InvalidSpec."""
    backend = engine.store.find(BACKEND, "", name)
    if backend is None:
        return None
    policy: MediaServicesBackendSpec = parse_spec(engine, backend)
    return policy


def _version(found: Federation | None) -> str:
    return f"{found.uid}/{found.version}" if found is not None else ""


def _missing(namespace: str, name: str) -> NotSent:
    message = (
        f"spec.credentials.serviceAccountRef: there is no ServiceAccount {name} in namespace {namespace} that the "
        "operator may use: create it, and bind the Role of docs/operations.md to the operator"
    )
    return NotSent(Reason.SERVICE_ACCOUNT_NOT_FOUND, message)
