"""What an account signs in with: the values of a Secret, or the ServiceAccount of its namespace.

A ServiceAccount is its namespace's word that the operator may act as the application which it stands for. It is asked
for anew with each token, and what was got with it is dropped when it goes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ams_operator.api.account import Credentials
from ams_operator.api.reasons import Reason
from ams_operator.domain.answers import CREDENTIAL_KEYS, Federated, Federation, KubeDown, NotSent, Resource, Vanished
from ams_operator.engine.accounts import Account
from ams_operator.engine.state import Engine

ANNOTATIONS: Final = "azure.workload.identity/{}-id"


async def credentials(
    engine: Engine, owner: Resource, asked: Credentials, account: Account
) -> Mapping[str, str] | Federated:
    """The credential that a manifest names. Raises NotSent, and what the Kube port raises."""
    account.credential = ""
    if asked.secret_ref is not None:
        return await _secret(engine, owner.namespace, asked.secret_ref.name, account)
    if asked.service_account_ref is not None:
        return await _federated(engine, owner.namespace, asked.service_account_ref.name, account)
    message = (
        "spec.credentials.ambient is not supported by this version, which never acts as itself: use "
        "spec.credentials.secretRef or spec.credentials.serviceAccountRef"
    )
    raise NotSent(Reason.CREDENTIAL_REJECTED, message)


async def changed(engine: Engine, owner: Resource, asked: Credentials, account: Account) -> bool:
    """Whether it is another one than the account's way was made of; told by its version alone. A Secret that is gone
    changes nothing: it often goes first. A ServiceAccount that is gone is one that was taken back."""
    if asked.secret_ref is not None:
        version = await engine.kube.secret_version(owner.namespace, asked.secret_ref.name)
        return version is not None and version != account.secret_version
    if asked.service_account_ref is not None:
        found = await engine.kube.service_account(owner.namespace, asked.service_account_ref.name)
        return _version(found) != account.secret_version
    return False


async def _secret(engine: Engine, namespace: str, name: str, account: Account) -> Mapping[str, str]:
    secret = await engine.kube.secret(namespace, name, CREDENTIAL_KEYS)
    if secret is None:
        message = f"spec.credentials.secretRef: there is no Secret {name} in namespace {namespace}: create it"
        raise NotSent(Reason.SECRET_NOT_FOUND, message)
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


def _version(found: Federation | None) -> str:
    return f"{found.uid}/{found.version}" if found is not None else ""


def _missing(namespace: str, name: str) -> NotSent:
    message = (
        f"spec.credentials.serviceAccountRef: there is no ServiceAccount {name} in namespace {namespace} that the "
        "operator may use: create it, and bind the Role of docs/operations.md to the operator"
    )
    return NotSent(Reason.SERVICE_ACCOUNT_NOT_FOUND, message)
