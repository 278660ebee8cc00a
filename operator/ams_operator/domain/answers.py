"""What comes back from outside: the service's answers, the API server's objects, and the ways in which both fail.

The layers that talk to the outside (`backends`, `kube`) and the engine that calls them share these values and nothing
else. Status 404 and every other refusal of the service is an answer; exceptions say only what happened to the request.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import field
from enum import IntEnum
from typing import Final

from ams_operator.domain.model import JSON
from ams_operator.domain.noun import noun


class Lane(IntEnum):
    """Who asks: a user (changes, deletions), what follows on a running operation, what failed, what a sweep found. Each
    class has its share of workers and of the budget (`domain.turns`); of two that come at once the first is served."""

    USER = 0
    POLL = 1
    RETRY = 2
    SWEEP = 3


@noun(frozen=True, slots=True)
class Answer:
    """What the service said. `status` 404 and the other refusals are answers, not exceptions."""

    status: int
    body: JSON | None
    at: float
    """time (`Clock.now`) at which the request started"""
    date: str | None = None
    """the service's clock (ISO 8601, UTC), from the Date header"""
    operation: str | None = None
    """id of the long operation that it started; never a URL"""
    retry_after: float | None = None
    code: str = ""
    """the service's error code, for status >= 400"""
    message: str = ""
    """the service's error text, cleaned and cut"""


@noun(frozen=True, slots=True)
class Page:
    """One page of a LIST. `items` are whole objects; what was not an object with a name is only counted."""

    items: tuple[JSON, ...]
    at: float
    """time (`Clock.now`) at which the request for this page started"""
    next: str | None = None
    """opaque: hand it back to `list` for the page after this one"""
    skipped: int = 0
    date: str | None = None


class PortError(Exception):
    """What a port raises; the text is safe to show."""

    def __init__(self, reason: str, message: str, until: float | None = None) -> None:
        """`reason` is a value of `api.reasons.Reason`; `until` a time (`Clock.now`) before which trying is useless."""
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.until = until


class NotSent(PortError):
    """The request has definitely not left: no budget, no term, no token, no connection."""


class NoEntry(NotSent):
    """The service answers, and the credential may not even read the account: nothing in it is asked for."""


class InTheWay(NotSent):
    """The service answers 409: something is in the way, for a moment or for good."""

    def __init__(self, reason: str, message: str, said: str) -> None:
        """`said`: the answer alone."""
        super().__init__(reason, message)
        self.said = said


class Recalled(NotSent):
    """It waited for its turn, and something more urgent came for the same resource."""


class NoAnswer(PortError):
    """It was sent, and what became of it is not known: a lost, unreadable or oversized answer."""


@noun(frozen=True, slots=True)
class Resource:
    """A custom resource as the API server holds it; `annotations` only those of our own group."""

    kind: str
    namespace: str
    name: str
    uid: str
    generation: int
    version: str
    """metadata.resourceVersion"""
    created: str
    deleting: str | None
    """metadata.deletionTimestamp"""
    finalizers: tuple[str, ...]
    annotations: Mapping[str, str]
    spec: JSON
    status: JSON

    @property
    def record(self) -> JSON:
        """`status.record` as it stands; empty where there is none, or something else has its place."""
        found = self.status.get("record")
        return found if isinstance(found, dict) else {}

    @property
    def own_record(self) -> JSON:
        """`record` where it speaks of this very object; a restored backup's speaks of another one."""
        found = self.record
        return found if found.get("uid") == self.uid else {}


CREDENTIAL_KEYS: Final = (
    *("AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET"),
    *("AZURE_CLIENT_CERTIFICATE", "AZURE_FEDERATED_TOKEN_FILE", "API_KEY", "TOKEN"),
)
"""what a credential's Secret is asked for; of the second row only whether it is there"""


@noun(frozen=True, slots=True)
class Secret:
    """A Secret's values. Its repr shows nothing."""

    version: str
    data: Mapping[str, str] = field(repr=False)
    use: str = ""
    """what its label says that it may be used for"""


@noun(frozen=True, slots=True)
class Federation:
    """A ServiceAccount, and the application of a directory for which it stands; empty where it does not say."""

    namespace: str
    name: str
    uid: str
    version: str
    tenant: str
    client: str


@noun(frozen=True, slots=True)
class Federated:
    """A credential without a secret: a token of this ServiceAccount, made when it is needed. Equal where the
    ServiceAccount and what it stands for are. Of the operator's own identity, `namespace` is the one to which it is
    lent, and `name` that of the MediaServicesBackend which does so."""

    namespace: str
    name: str
    uid: str
    tenant: str
    client: str
    assertion: Callable[[], Awaitable[str]] = field(repr=False, compare=False)
    """raises NotSent"""
    own: bool = False
    """it is the operator itself"""


class Conflict(Exception):
    """The API server holds a newer version than the one we acted on: look again."""


class Foreign(Conflict):
    """An object of that name is somebody else's: looking again changes nothing."""


class Vanished(Exception):
    """The object is gone from the API server."""


class KubeRefused(Exception):
    """The API server took the request and refused it for good (422, 403, or a schema older than this program)."""


class StatusRefused(KubeRefused):
    """It refused the status of the object with this `uid`: too long, or a schema that is older than this program."""

    def __init__(self, uid: str, message: str) -> None:
        super().__init__(message)
        self.uid = uid


class KubeDown(Exception):
    """The API server does not answer, or is overloaded: one probe for the whole cluster, not one a resource."""
