"""The API server as the operator needs it: a few requests, each with one meaning.

Reads of custom resources are quorum reads (no `resourceVersion`): an answer is never older than the question.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from importlib.metadata import version
from typing import Any, Final

from ams_operator.api.base import API_VERSION, FINALIZER, GROUP, SCHEMA_ANNOTATION, USE_LABEL, VERSION
from ams_operator.api.kinds import KINDS, kind_named
from ams_operator.domain.answers import (
    Conflict,
    Federation,
    Foreign,
    KubeDown,
    KubeRefused,
    Resource,
    Secret,
    StatusRefused,
    Vanished,
)
from ams_operator.domain.model import JSON
from ams_operator.kube import secrets, service_accounts
from ams_operator.kube.access import Login
from ams_operator.kube.leftovers import ENGINE, Writer, leftovers
from ams_operator.kube.objects import Malformed, from_raw, lenient
from ams_operator.kube.paths import collection, place
from ams_operator.kube.secrets import MANAGER
from ams_operator.kube.shared import Shared
from ams_operator.kube.transport import APPLY, MERGE, METADATA_ONLY, Call, Observe, Safe, Transport, cleaned
from ams_operator.logs import tokens_of

PAGE: Final = 500
_LABELS_FRESH: Final = 5.0
_CRDS: Final = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"

OnSecret = Callable[[Iterable[str], str], None]
"""told of secrets, and of which namespace they are"""


class KubeClient:
    """Implements the engine's port `Kube`, and what intake and command line need besides."""

    def __init__(self, transport: Transport, on_secret: OnSecret | None = None) -> None:
        self._transport = transport
        self._on_secret = on_secret
        self._labels: dict[str, tuple[float, int, Mapping[str, str] | None]] = {}
        self._crds: dict[str, Shared[bool]] = {}
        self._namespaces: dict[str, Shared[bool]] = {}

    @classmethod
    async def connect(
        cls,
        login: Login,
        *,
        on_request: Observe | None = None,
        on_secret: OnSecret | None = None,
        safe: Safe = cleaned,
        timeout: float = 30.0,
        agent: str | None = None,
    ) -> KubeClient:
        """Load the configuration; nothing is sent yet. `on_secret` hears what is read of Secrets, `safe` makes fit to
        show what the API server says. Raises NoAccess."""
        agent = agent or f"ams-operator/{version('ams-operator')}"
        access = await login.load()
        transport = Transport(login, access, agent=agent, timeout=timeout, observe=on_request, safe=safe)
        return cls(transport, on_secret)

    async def close(self) -> None:
        """Close all connections."""
        await self._transport.close()

    def heed(self, may_write: Callable[[], bool]) -> None:
        """Write only where this permits it, asked at the moment of each write. Raises KubeDown there from now on."""
        self._transport.may_write = may_write

    @property
    def namespace(self) -> str:
        """The namespace that the configuration means where none is named."""
        return self._transport.namespace

    async def served(self) -> frozenset[str]:
        """The kinds of our group that the API server serves now."""
        try:
            found = await self._transport.send(Call("APIResourceList", "get", "GET", f"/apis/{GROUP}/{VERSION}"))
        except Vanished:
            return frozenset()
        names = {one.get("name") for one in found.get("resources") or () if isinstance(one, dict)}
        return frozenset(kind.kind for kind in KINDS if kind.plural in names)

    async def pages(self, kind: str, namespace: str = "") -> AsyncIterator[tuple[list[Resource], int]]:
        """All objects of a kind, page by page, each with the number of malformed items that were left out.

        `namespace` "" means all. Raises Expired when the API server forgot the rest (begin anew), Vanished when the
        kind is not served."""
        token = ""
        while True:
            query = {"limit": str(PAGE), **({"continue": token} if token else {})}
            page = await self._transport.send(Call(kind, "list", "GET", collection(kind, namespace), query))
            items = page.get("items") or []
            resources = [one for one in (lenient(kind, item) for item in items) if one is not None]
            yield resources, len(items) - len(resources)
            token = str((page.get("metadata") or {}).get("continue") or "")
            if not token:
                return

    async def get(self, kind: str, namespace: str, name: str) -> Resource:
        """Raises Vanished where there is none."""
        return _whole(kind, await self._transport.send(Call(kind, "get", "GET", place(kind, namespace, name))))

    async def set_finalizer(self, resource: Resource, present: bool) -> Resource | None:
        """Merge patch with resourceVersion and the whole list. None: the object went with its last finalizer."""
        if (FINALIZER in resource.finalizers) == present:
            return resource
        others = [one for one in resource.finalizers if one != FINALIZER]
        wanted = [*others, FINALIZER] if present else others
        body: JSON = {"metadata": {"resourceVersion": resource.version, "finalizers": wanted}}
        answer, _ = await self._patch(resource, "", body, MERGE, {"fieldManager": MANAGER})
        return None if answer.deleting and not answer.finalizers else answer

    async def write_status(self, resource: Resource, status: JSON, writer: Writer = ENGINE) -> Resource:
        """Server-side apply on /status, with resourceVersion, the whole of what `writer` owns: what it sends no more
        goes, what others own stays. A second request only where something of its own would stay."""
        metadata = {"name": resource.name, "resourceVersion": resource.version}
        if resource.namespace:
            metadata["namespace"] = resource.namespace
        body = {"apiVersion": API_VERSION, "kind": resource.kind, "metadata": metadata, "status": status}
        query = {"fieldManager": writer.manager, "force": "true"}
        try:
            answer, raw = await self._patch(resource, "/status", body, APPLY, query)
            if rest := leftovers(raw, status, writer):
                body = {"metadata": {"resourceVersion": answer.version}, "status": rest}
                answer, _ = await self._patch(resource, "/status", body, MERGE, {"fieldManager": writer.manager})
            return answer
        except KubeRefused as error:
            raise StatusRefused(resource.uid, str(error)) from None

    async def _patch(
        self, resource: Resource, sub: str, body: JSON, content: str, query: Mapping[str, str]
    ) -> tuple[Resource, JSON]:
        path = place(resource.kind, resource.namespace, resource.name) + sub
        verb = "patch" + sub.replace("/", " ")
        raw = await self._transport.send(Call(resource.kind, verb, "PATCH", path, query, body, content))
        answer = _whole(resource.kind, raw)
        if answer.uid != resource.uid:  # can't be, since resourceVersion is unique; said rather than believed
            raise Conflict(f"{resource.kind} {resource.namespace}/{resource.name} is another object of that name")
        return answer, raw

    async def create_owned(self, kind: str, owner: Resource, name: str, spec: JSON) -> Resource:
        """POST of an object that goes with its owner. Raises Conflict where there is one of that name, Vanished where
        the kind is not served."""
        reference = {"apiVersion": API_VERSION, "kind": owner.kind, "name": owner.name, "uid": owner.uid}
        metadata = {"name": name, "namespace": owner.namespace, "ownerReferences": [{**reference, "controller": True}]}
        body = {"apiVersion": API_VERSION, "kind": kind, "metadata": metadata, "spec": spec}
        call = Call(kind, "create", "POST", collection(kind, owner.namespace), {"fieldManager": MANAGER}, body)
        return _whole(kind, await self._transport.send(call))

    async def owned(self, kind: str, owner: Resource, name: str) -> Resource | None:
        """The object of that name, None where there is none. Raises Foreign where it is not this owner's."""
        try:
            raw = await self._transport.send(Call(kind, "get", "GET", place(kind, owner.namespace, name)))
        except Vanished:
            return None
        references = (raw.get("metadata") or {}).get("ownerReferences") or ()
        if owner.uid not in [one.get("uid") for one in references if isinstance(one, dict)]:
            raise Foreign(f"{kind} {owner.namespace}/{name} is somebody else's")
        return _whole(kind, raw)

    async def delete(self, resource: Resource) -> None:
        """Delete this very object; one that is gone already is no error."""
        body = {"apiVersion": "v1", "kind": "DeleteOptions", "preconditions": {"uid": resource.uid}}
        path = place(resource.kind, resource.namespace, resource.name)
        with contextlib.suppress(Vanished):
            await self._transport.send(Call(resource.kind, "delete", "DELETE", path, body=body))

    async def annotate(
        self, kind: str, namespace: str, name: str, values: Mapping[str, str], *, manager: str, dry_run: bool = False
    ) -> Resource:
        """Set annotations by merge patch; for people's commands only, the operator itself never does."""
        query = {"fieldManager": manager, **({"dryRun": "All"} if dry_run else {})}
        body = {"metadata": {"annotations": dict(values)}}
        call = Call(kind, "patch", "PATCH", place(kind, namespace, name), query, body, MERGE)
        return _whole(kind, await self._transport.send(call))

    async def secret(self, namespace: str, name: str, keys: Iterable[str]) -> Secret | None:
        """A Secret's values of these keys, which are the namespace's secrets from now on. The others are not read:
        nothing that stays unmasked is known."""
        try:
            raw = await self._transport.send(Call("Secret", "get", "GET", secrets.place(namespace, name)))
        except Vanished:
            return None
        found = secrets.read(raw, keys)
        self._seen(found.data.values(), namespace)
        return found

    async def secret_version(self, namespace: str, name: str) -> str | None:
        """A metadata-only GET: finds rotation without reading values."""
        metadata = await self._metadata("Secret", secrets.place(namespace, name))
        return None if metadata is None else str(metadata.get("resourceVersion") or "")

    async def secret_label(self, namespace: str, name: str) -> tuple[str, str] | None:
        """Its version and what its label says, by a metadata-only GET: seen before any value is."""
        metadata = await self._metadata("Secret", secrets.place(namespace, name))
        if metadata is None:
            return None
        return str(metadata.get("resourceVersion") or ""), str((metadata.get("labels") or {}).get(USE_LABEL) or "")

    async def service_account(self, namespace: str, name: str) -> Federation | None:
        """For whom a ServiceAccount stands; None where there is none that the operator may look at."""
        return await service_accounts.find(self._transport, namespace, name)

    async def service_account_token(self, account: Federation) -> str:
        """A token of it for the exchange. Raises Vanished where it is another one now, or may not be used."""
        token = await service_accounts.token(self._transport, account)
        self._seen([token], account.namespace)
        return token

    async def create_secret(self, namespace: str, name: str, data: Mapping[str, str]) -> Secret:
        """POST, so that nobody's Secret is overwritten. Raises Conflict where one of that name exists."""
        self._seen(data.values(), namespace)
        return await secrets.create(self._transport, namespace, name, data)

    async def publish(self, owner: Resource, name: str, data: Mapping[str, str]) -> None:
        """Make, or bring up to date, a Secret that goes with its owner. Raises Conflict where it is somebody else's."""
        self._seen(tokens_of(data.values()), owner.namespace)
        await secrets.publish(self._transport, owner, name, data)

    async def create_event(self, namespace: str, body: JSON) -> None:
        """Something to be told, once; an API server that wants fewer of them is meant to be asked other things on."""
        path = f"/apis/events.k8s.io/v1/namespaces/{namespace}/events"
        await self._transport.send(Call("Event", "create", "POST", path, {"fieldManager": MANAGER}, body, aside=True))

    def _seen(self, values: Iterable[str], namespace: str) -> None:
        if self._on_secret is not None:
            self._on_secret(values, namespace)

    async def labels(self, namespace: str) -> Mapping[str, str] | None:
        """The namespace's labels, at most five seconds old and read since the API server last failed us; None: no
        such namespace."""
        now, outages = time.monotonic(), self._transport.outages
        read_at, before, labels = self._labels.get(namespace, (0.0, -1, None))
        if before != outages or now - read_at > _LABELS_FRESH:
            metadata = await self._metadata("Namespace", f"/api/v1/namespaces/{namespace}")
            labels = None if metadata is None else dict(metadata.get("labels") or {})
            self._labels[namespace] = (now, outages, labels)
        return labels

    async def terminating(self, kind: str, namespace: str) -> tuple[bool, bool]:
        """Whether the kind's CustomResourceDefinition, and whether the namespace, is being deleted or gone.

        Never from a cache: the deletion of a CRD comes just before that of its objects, and mistaking one for the
        other would delete in the service. Questions that come while one is under way share the next."""
        path = f"{_CRDS}/{kind_named(kind).crd_name}"
        crd = self._crds.setdefault(kind, Shared(lambda: self._going("CustomResourceDefinition", path)))
        if not namespace:
            return await crd.ask(), False
        space = self._namespaces.get(namespace)
        if space is None:
            space = Shared(lambda: self._going("Namespace", f"/api/v1/namespaces/{namespace}"))
            self._namespaces[namespace] = space
        both = await asyncio.gather(crd.ask(), space.ask())
        return both[0], both[1]

    async def installed_schema(self, kind: str) -> str | None:
        """The schema hash that the installed CRD carries; "" where it carries none, None where there is no CRD."""
        metadata = await self._metadata("CustomResourceDefinition", f"{_CRDS}/{kind_named(kind).crd_name}")
        return None if metadata is None else str((metadata.get("annotations") or {}).get(SCHEMA_ANNOTATION) or "")

    async def installed_crd(self, kind: str) -> JSON:
        """The whole CustomResourceDefinition. Raises Vanished where there is none."""
        path = f"{_CRDS}/{kind_named(kind).crd_name}"
        return await self._transport.send(Call("CustomResourceDefinition", "get", "GET", path))

    async def _going(self, what: str, path: str) -> bool:
        metadata = await self._metadata(what, path)
        return metadata is None or bool(metadata.get("deletionTimestamp"))

    async def _metadata(self, what: str, path: str) -> JSON | None:
        try:
            raw = await self._transport.send(Call(what, "get", "GET", path, accept=METADATA_ONLY))
        except Vanished:
            return None
        metadata = raw.get("metadata")
        return metadata if isinstance(metadata, dict) else {}


def _whole(kind: str, raw: Any) -> Resource:
    try:
        return from_raw(kind, raw)
    except Malformed as error:
        raise KubeDown(f"the API server answered with a {kind} that is none: {error}") from None
