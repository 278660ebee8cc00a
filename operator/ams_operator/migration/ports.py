"""What a watch needs of the cluster. Given by `main`: this package knows neither the engine nor Kubernetes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from ams_operator.backends.backend import ArmBackend
from ams_operator.domain.answers import Resource
from ams_operator.domain.model import JSON, AccountId
from ams_operator.migration.inputs import Managed


@dataclass(frozen=True, slots=True)
class Way:
    """How an account is reached. Another object when the credential, the endpoint or the account is another one."""

    backend: ArmBackend
    account: AccountId


@dataclass(frozen=True, slots=True)
class Target:
    """The account that everything moves to, and the way there. `trouble`: why there is none (reason and words)."""

    uid: str
    namespace: str
    name: str
    way: Way | None = None
    trouble: tuple[str, str] = ("", "")


class Cluster(Protocol):
    """What reads raises nothing; what writes raises what the port to the API server raises."""

    def accounts(self) -> Iterable[Resource]:
        """Every MediaServicesAccount."""
        ...

    def account(self, uid: str) -> Resource | None:
        """One of them, as it is known now; None where it is gone."""
        ...

    def claimed(self, uid: str) -> str:
        """Why an account's object does nothing: another one manages the account. Empty where it is this one."""
        ...

    def way(self, uid: str) -> Way:
        """Raises NotSent with the reason why there is no way to the service."""
        ...

    async def place(self, source: Resource) -> str:
        """Where the account that spec.migration.targetAccountRef means answers, and its id there; empty where nobody
        knows, and where it is not for this namespace: whether it is there is nobody's business then. Raises
        KubeDown."""
        ...

    def here(self, source: Resource) -> str:
        """The same of the source itself."""
        ...

    async def target(self, source: Resource) -> Target:
        """What spec.migration.targetAccountRef means; the source itself where it is absent."""
        ...

    def objects(self, target: str) -> tuple[Managed, ...]:
        """The custom resources of an account (its uid) that say which entity of version 2 they take the place of."""
        ...

    async def write(self, account: Resource, status: JSON) -> None:
        """The whole of what migration owns in the account's status. Raises Conflict where the API server holds a newer
        version; it was read again then."""
        ...

    async def read_report(self, account: Resource) -> JSON | None:
        """The status of the account's MigrationReport; None where there is none. Raises Foreign where it is somebody
        else's."""
        ...

    async def write_report(self, account: Resource, status: JSON) -> None:
        """Create it, or bring it up to date. Raises Foreign where it is somebody else's."""
        ...

    async def drop_report(self, account: Resource) -> None:
        """Delete it where it is this account's."""
        ...


class Gone(Exception):
    """The account's object is no more."""


class NotYet(Exception):
    """The engine has not looked at the account since this process began: there is no way to it, and no trouble."""
