"""An API server in memory, over plain HTTP: enough of LIST, watch and PATCH to be rude to its clients.

What an API server really does is proved against a real one (`test_cluster.py`); this one does on command what a real
one does rarely: forget the history of a watch, answer nonsense, refuse credentials, ask for a pause.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import yaml
from aiohttp import web

from ams_operator.api.base import API_VERSION, GROUP, VERSION
from ams_operator.api.kinds import KINDS, kind_named

ROOT = f"/apis/{GROUP}/{VERSION}"
Answer = web.StreamResponse | None
Rude = Callable[[web.Request], Answer | Awaitable[Answer]]


def status(code: int, message: str, **more: Any) -> web.Response:
    """An error as the API server words it."""
    body = {"kind": "Status", "status": "Failure", "code": code, "message": message, **more}
    return web.json_response(body, status=code)


@dataclass
class FakeApi:
    """Objects by kind and uid, open watches, and a `rude` function that may answer in its place."""

    served: set[str] = field(default_factory=lambda: {kind.kind for kind in KINDS})
    objects: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    token: str = "first"
    rude: Rude | None = None
    page: int = 500
    """largest page, whatever is asked for"""
    version: int = 100
    requests: Counter[str] = field(default_factory=Counter)
    last: web.Request | None = None
    last_body: bytes = b""
    _watches: dict[str, set[asyncio.Queue[dict[str, Any] | None]]] = field(default_factory=dict)
    _history: list[tuple[int, str, dict[str, Any]]] = field(default_factory=list)
    _snapshots: dict[str, tuple[int, list[dict[str, Any]]]] = field(default_factory=dict)
    """what is left of a LIST, by its continuation: all pages show one moment"""
    oldest: int = 0
    """watches from before this version get 410"""

    async def __aenter__(self) -> Self:
        app = web.Application(middlewares=[self._guard])
        app.router.add_get(ROOT, self._discovery)
        app.router.add_get("/apis", self._groups)
        app.router.add_get("/apis/apiextensions.k8s.io/v1", self._others)
        app.router.add_get("/api", self._core)
        app.router.add_get("/api/v1", self._others)
        for prefix in (ROOT, ROOT + "/namespaces/{namespace}"):
            app.router.add_get(prefix + "/{plural}", self._collection)
            app.router.add_get(prefix + "/{plural}/{name}", self._get)
            app.router.add_patch(prefix + "/{plural}/{name}", self._patch)
            app.router.add_patch(prefix + "/{plural}/{name}/status", self._patch)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}"  # type: ignore[union-attr]  # started
        return self

    async def __aexit__(self, *_: object) -> None:
        self.hang_up()
        await self._runner.cleanup()

    def kubeconfig(self, directory: Path, token: str | None = None) -> str:
        """A kubeconfig file that leads here."""
        path = directory / "kubeconfig"
        content = {
            "current-context": "fake",
            "contexts": [{"name": "fake", "context": {"cluster": "fake", "user": "fake", "namespace": "studio"}}],
            "clusters": [{"name": "fake", "cluster": {"server": self.url}}],
            "users": [{"name": "fake", "user": {"token": token or self.token}}],
        }
        path.write_text(yaml.safe_dump(content), encoding="utf-8")
        return str(path)

    def put(self, kind: str, name: str, namespace: str = "studio", **changes: Any) -> dict[str, Any]:
        """Create or change an object; watches hear of it."""
        kept = self.objects.setdefault(kind, {})
        raw = next((one for one in kept.values() if one["metadata"]["name"] == name), None)
        self.version += 1
        new = raw is None
        if raw is None:
            metadata = {"name": name, "namespace": namespace, "uid": f"{name}-{self.version}", "generation": 1}
            raw = {"apiVersion": API_VERSION, "kind": kind, "metadata": metadata, "spec": {}}
        raw = dict[str, Any](json.loads(json.dumps({**raw, **changes})))
        raw["metadata"]["resourceVersion"] = str(self.version)
        kept[raw["metadata"]["uid"]] = raw
        self._tell(kind, "ADDED" if new else "MODIFIED", raw)
        return raw

    def delete(self, kind: str, name: str, *, silently: bool = False) -> None:
        """Delete an object; `silently` as if nobody had been watching."""
        kept = self.objects[kind]
        uid = next(uid for uid, one in kept.items() if one["metadata"]["name"] == name)
        self.version += 1
        raw = kept.pop(uid)
        if not silently:
            self._tell(kind, "DELETED", raw)

    def hang_up(self, *, forget: bool = False) -> None:
        """End all watches; `forget` the history too, so that they can't go on where they were."""
        if forget:
            self.oldest = self.version + 1
            self.version += 1
        for watches in self._watches.values():
            for queue in watches:
                queue.put_nowait(None)

    def watches(self, kind: str) -> int:
        """How many watches of a kind are open."""
        return len(self._watches.get(kind, ()))

    def say(self, kind: str, event: dict[str, Any]) -> None:
        """Send any event to the watches of a kind."""
        for queue in self._watches.get(kind, ()):
            queue.put_nowait(event)

    def _tell(self, kind: str, type_: str, raw: dict[str, Any]) -> None:
        self._history.append((self.version, kind, {"type": type_, "object": raw}))
        self.say(kind, {"type": type_, "object": raw})

    @web.middleware
    async def _guard(self, request: web.Request, handler: Any) -> web.StreamResponse:
        what = "watch" if request.query.get("watch") else request.method
        self.requests[f"{what} {request.path}"] += 1
        self.last, self.last_body = request, await request.read()
        answer = self.rude(request) if self.rude is not None else None
        if isinstance(answer, Awaitable):
            answer = await answer
        if answer is not None:
            return answer
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or token != self.token:
            return status(401, "Unauthorized")
        response: web.StreamResponse = await handler(request)
        return response

    async def _discovery(self, _: web.Request) -> web.Response:
        if not self.served:
            return status(404, "404 page not found")
        resources = [
            {
                "name": kind.plural,
                "singularName": "",
                "kind": kind.kind,
                "namespaced": kind.scope == "Namespaced",
                "verbs": ["get", "list", "watch", "patch"],
            }
            for kind in KINDS
            if kind.kind in self.served
        ]
        return web.json_response({"kind": "APIResourceList", "resources": resources})

    async def _groups(self, _: web.Request) -> web.Response:
        version = {"version": VERSION, "groupVersion": f"{GROUP}/{VERSION}"}
        group = {"name": GROUP, "versions": [version], "preferredVersion": version}
        crds = {"version": "v1", "groupVersion": "apiextensions.k8s.io/v1"}
        others = {"name": "apiextensions.k8s.io", "versions": [crds], "preferredVersion": crds}
        return web.json_response({"groups": [others, *([group] if self.served else [])]})

    async def _core(self, _: web.Request) -> web.Response:
        return web.json_response({"versions": ["v1"]})

    async def _others(self, request: web.Request) -> web.Response:
        """kopf waits until it has seen these two, watched or not."""
        name, kind = ("namespaces", "Namespace")
        if "apiextensions" in request.path:
            name, kind = ("customresourcedefinitions", "CustomResourceDefinition")
        verbs = ["get", "list", "watch"]
        one = {"name": name, "singularName": "", "kind": kind, "namespaced": False, "verbs": verbs}
        return web.json_response({"resources": [one]})

    async def _collection(self, request: web.Request) -> web.StreamResponse:
        kind = next(one.kind for one in KINDS if one.plural == request.match_info["plural"])
        if kind not in self.served:
            return status(404, "404 page not found")
        if request.query.get("watch"):
            return await self._watch(request, kind)
        token, size = request.query.get("continue"), min(int(request.query.get("limit") or self.page), self.page)
        version, items = self._snapshots[token] if token else (self.version, list(self.objects.get(kind, {}).values()))
        following = ""
        if len(items) > size:
            following = f"rest-{len(self._snapshots)}"
            self._snapshots[following] = (version, items[size:])
        metadata = {"resourceVersion": str(version), "continue": following}
        return web.json_response({"kind": f"{kind}List", "metadata": metadata, "items": items[:size]})

    async def _watch(self, request: web.Request, kind: str) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        queue: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue()
        since = int(request.query.get("resourceVersion") or 0)
        if since < self.oldest:
            queue.put_nowait({"type": "ERROR", "object": {"kind": "Status", "code": 410, "message": "too old"}})
            queue.put_nowait(None)
        for version, of, past in self._history:
            if of == kind and version > since:
                queue.put_nowait(past)
        self._watches.setdefault(kind, set()).add(queue)
        try:
            while (event := await queue.get()) is not None:
                await response.write(json.dumps(event, separators=(",", ":")).encode() + b"\n")
        except ConnectionError:
            pass
        finally:
            self._watches[kind].discard(queue)
        return response

    def _find(self, request: web.Request) -> dict[str, Any] | None:
        kind = next(one.kind for one in KINDS if one.plural == request.match_info["plural"])
        kept = self.objects.get(kind, {}).values()
        return next((one for one in kept if one["metadata"]["name"] == request.match_info["name"]), None)

    async def _get(self, request: web.Request) -> web.Response:
        raw = self._find(request)
        return status(404, "not found") if raw is None else web.json_response(raw)

    async def _patch(self, request: web.Request) -> web.Response:
        raw = self._find(request)
        if raw is None:
            return status(404, "not found")
        body = json.loads(self.last_body)
        wanted = (body.get("metadata") or {}).get("resourceVersion")
        if wanted and wanted != raw["metadata"]["resourceVersion"]:
            return status(409, "the object has been modified")
        metadata = {**raw["metadata"], **(body.get("metadata") or {})}
        changes = {key: value for key, value in body.items() if key in ("spec", "status")}
        if request.query.get("dryRun"):
            return web.json_response({**raw, **changes, "metadata": metadata})
        return web.json_response(self.put(raw["kind"], metadata["name"], metadata=metadata, **changes))


def path(kind: str, name: str = "", namespace: str = "") -> str:
    """Path of a collection or an object."""
    space = f"/namespaces/{namespace}" if namespace else ""
    return f"{ROOT}{space}/{kind_named(kind).plural}" + (f"/{name}" if name else "")
