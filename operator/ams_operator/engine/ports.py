"""Everything that can fail, and everything that a crash can interrupt. The engine does nothing durable elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from ams_operator.domain.answers import Answer, Federated, Federation, Lane, Page, Resource, Secret
from ams_operator.domain.model import JSON, AccountId, Address


class Backend(Protocol):
    """One account's way to the service. Bodies are JSON in the shape of the v3 API, both ways.

    Every method raises `NotSent` or `NoAnswer` and nothing else. Nothing is retried, no redirect is followed.
    """

    origin: str

    async def get(self, address: Address, lane: Lane) -> Answer: ...
    async def put(self, address: Address, body: JSON, lane: Lane, query: Mapping[str, str] | None = None) -> Answer: ...
    async def patch(self, address: Address, body: JSON, lane: Lane) -> Answer: ...
    async def delete(self, address: Address, lane: Lane) -> Answer: ...
    async def action(self, address: Address, verb: str, body: JSON | None, lane: Lane) -> Answer: ...
    async def operation(self, address: Address, operation: str, lane: Lane) -> Answer: ...
    async def list(self, account: AccountId, kind: str, parents: tuple[str, ...], lane: Lane, next: str | None) -> Page:
        """One page. Raises `NoAnswer` also for any status but 200 (reason says which kind of trouble)."""
        ...

    def recall(self, address: Address, lane: Lane) -> None:
        """What has not been sent yet on behalf of a resource, and is less urgent than `lane`, raises `Recalled`."""
        ...


class Kube(Protocol):
    """The API server. Raises `Conflict`, `Vanished`, `KubeRefused`, `KubeDown` and nothing else."""

    async def set_finalizer(self, resource: Resource, present: bool) -> Resource | None:
        """Merge patch with resourceVersion and the whole list. None: the object went with its last finalizer."""
        ...

    async def write_status(self, resource: Resource, status: JSON) -> Resource:
        """Server-side apply on /status, with resourceVersion, the whole of what we own."""
        ...

    async def secret(self, namespace: str, name: str, keys: Iterable[str]) -> Secret | None:
        """The values of these keys, as far as it has them, which are masked from now on."""
        ...

    async def secret_version(self, namespace: str, name: str) -> str | None:
        """A metadata-only GET: finds rotation without reading values."""
        ...

    async def secret_label(self, namespace: str, name: str) -> tuple[str, str] | None:
        """A Secret's version, and what its label says that it may be used for (empty: nothing), by a metadata-only
        GET."""
        ...

    async def service_account(self, namespace: str, name: str) -> Federation | None:
        """For whom a ServiceAccount stands; None where there is none that may be looked at."""
        ...

    async def service_account_token(self, account: Federation) -> str:
        """A token of it for the exchange, good for ten minutes. Raises Vanished where it is gone, is another one of
        that name, or may not be used."""
        ...

    async def publish(self, owner: Resource, name: str, data: Mapping[str, str]) -> None:
        """Make, or bring up to date, a Secret that goes with its owner. Raises Conflict where it is somebody else's."""
        ...

    async def labels(self, namespace: str) -> Mapping[str, str] | None:
        """The namespace's labels; None: no such namespace."""
        ...

    async def terminating(self, kind: str, namespace: str) -> tuple[bool, bool]:
        """Whether the kind's CustomResourceDefinition, and whether the namespace, is being deleted."""
        ...


class Connect(Protocol):
    """Makes the way to an account; keeps and shares sessions, tokens and budgets by itself."""

    def __call__(
        self,
        policy: Mapping[str, Any],
        account: AccountId,
        credentials: Mapping[str, str] | Federated,
        *,
        namespace: str,
    ) -> Backend:
        """`policy` is the spec of the MediaServicesBackend, `credentials` the Secret's values or a ServiceAccount,
        `namespace` whose secrets the service may show.

        Raises `NotSent` with the reason where no way can be made (missing keys, a type that is not supported)."""
        ...


class Clock(Protocol):
    def now(self) -> float:
        """Seconds since the epoch, read once and counted on monotonically: they never jump, back or forth."""
        ...

    async def sleep(self, seconds: float) -> None: ...


class Term(Protocol):
    """A leader's permission to write."""

    def may_write(self) -> bool: ...
