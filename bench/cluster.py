"""The API server as its administrator uses it: objects made and watched, and its own count of requests."""

from __future__ import annotations

import asyncio
import base64
import json
import re
import ssl
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import aiohttp
import yaml

from bench.objects import JSON, KIND_OF, manifest, path

APPLY: Final = "application/apply-patch+yaml"
_SAMPLE: Final = re.compile(r"^apiserver_request_total\{(.*)\} ([0-9.e+]+)$", re.MULTILINE)
_LABEL: Final = re.compile(r'(\w+)="([^"]*)"')


class Failed(Exception):
    """Something that a measurement rests on did not happen."""


def tls_of(kubeconfig: Path) -> tuple[str, ssl.SSLContext]:
    """Server and client certificate of a kubeconfig that carries both."""
    config = yaml.safe_load(kubeconfig.read_text())
    cluster, user = config["clusters"][0]["cluster"], config["users"][0]["user"]
    authority = base64.b64decode(cluster["certificate-authority-data"]).decode()
    context = ssl.create_default_context(cadata=authority)
    with tempfile.NamedTemporaryFile(suffix=".pem") as both:
        both.write(base64.b64decode(user["client-certificate-data"]) + base64.b64decode(user["client-key-data"]))
        both.flush()
        context.load_cert_chain(both.name)
    return str(cluster["server"]), context


@dataclass
class Admin:
    """One session with the API server."""

    session: aiohttp.ClientSession
    server: str

    async def call(self, method: str, target: str, body: Any = None, content: str = "application/json") -> JSON:
        """One request. Raises Failed for any answer but 2xx; 404 of a DELETE is none."""
        data = None if body is None else json.dumps(body)
        headers = {"Content-Type": content, "Accept": "application/json"}
        async with self.session.request(method, self.server + target, data=data, headers=headers) as answer:
            found: JSON = await answer.json(content_type=None)
            if answer.status >= 300 and not (method == "DELETE" and answer.status == 404):
                raise Failed(f"{method} {target}: {answer.status} {found.get('message')}")
            return found

    async def apply(self, document: JSON, target: str) -> JSON:
        """Server-side apply."""
        return await self.call("PATCH", f"{target}?fieldManager=bench&force=true", document, APPLY)

    async def create(self, kind: str, namespace: str, name: str, spec: JSON) -> JSON:
        """POST."""
        return await self.call("POST", path(kind, namespace), manifest(kind, name, spec))

    async def edit(self, kind: str, namespace: str, name: str, spec: JSON) -> JSON:
        """Apply another spec."""
        return await self.apply(manifest(kind, name, spec), path(kind, namespace, name))

    async def requests(self) -> Counter[tuple[str, str, str]]:
        """What the API server counted for our kinds: (kind, verb, subresource) to requests that it carried out."""
        async with self.session.get(self.server + "/metrics") as answer:
            text = await answer.text()
        counts: Counter[tuple[str, str, str]] = Counter()
        for sample in _SAMPLE.finditer(text):
            labels = dict(_LABEL.findall(sample[1]))
            if (kind := KIND_OF.get(labels["resource"])) and labels["code"].startswith("2"):
                counts[(kind, labels["verb"], labels["subresource"])] += int(float(sample[2]))
        return counts


@asynccontextmanager
async def admin(kubeconfig: Path) -> AsyncIterator[Admin]:
    """A session for the block."""
    server, context = tls_of(kubeconfig)
    connector = aiohttp.TCPConnector(ssl=context, limit=32)
    async with aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(None)) as session:
        yield Admin(session, server)


async def each(work: Iterable[Callable[[], Awaitable[Any]]], at_once: int = 16) -> None:
    """Run all, a few at a time."""
    waiting = iter(work)

    async def worker() -> None:
        for one in waiting:
            await one()

    async with asyncio.TaskGroup() as group:
        for _ in range(at_once):
            group.create_task(worker())


@dataclass
class Watch:
    """All objects of a kind in a namespace as a watch tells of them, and when each had its first status."""

    admin: Admin
    namespace: str
    kind: str = "Transform"
    objects: dict[str, JSON] = field(default_factory=dict)
    greeted: dict[str, float] = field(default_factory=dict)
    """name to the monotonic time at which its first status was seen"""
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Follow until cancelled. The API server ends a watch whose reader is slow: then list, and watch again."""
        while True:
            listed = await self.admin.call("GET", path(self.kind, self.namespace))
            self.objects = {one["metadata"]["name"]: one for one in listed["items"]}
            for found in listed["items"]:
                self._greet(found)
            self.changed.set()
            await self._follow(listed["metadata"]["resourceVersion"])

    async def _follow(self, version: str) -> None:
        query = f"watch=true&timeoutSeconds=3000&resourceVersion={version}"
        target = f"{self.admin.server}{path(self.kind, self.namespace)}?{query}"
        async with self.admin.session.get(target) as answer:
            buffer = b""
            async for chunk in answer.content.iter_any():
                *lines, buffer = (buffer + chunk).split(b"\n")
                for event in map(json.loads, lines):
                    if event["type"] == "ERROR":
                        return
                    self._take(event)
                self.changed.set()

    def _take(self, event: JSON) -> None:
        found = event["object"]
        if event["type"] == "DELETED":
            self.objects.pop(found["metadata"]["name"], None)
            return
        self.objects[found["metadata"]["name"]] = found
        self._greet(found)

    def _greet(self, found: JSON) -> None:
        if "observedGeneration" in found.get("status", {}):
            self.greeted.setdefault(found["metadata"]["name"], time.monotonic())

    def ready(self, generation: int = 1) -> int:
        """How many are Ready in this generation or a later one."""
        return sum(_is_ready(found, generation) for found in self.objects.values())

    async def until(self, condition: Callable[[], bool], what: str, patience: float = 240.0) -> None:
        """Wait for a condition on what is seen. Raises Failed where it does not come."""
        end = time.monotonic() + patience
        while not condition():
            self.changed.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self.changed.wait(), 1.0)
            if time.monotonic() > end:
                raise Failed(f"not within {patience:.0f} s: {what}")


def _is_ready(found: JSON, generation: int) -> bool:
    current = found["metadata"]["generation"]
    return current >= generation and any(
        one["type"] == "Ready" and one["status"] == "True" and one["observedGeneration"] == current
        for one in found.get("status", {}).get("conditions", ())
    )


@asynccontextmanager
async def watching(used: Admin, namespace: str, kind: str = "Transform") -> AsyncIterator[Watch]:
    """A watch for the block."""
    watch = Watch(used, namespace, kind)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(watch.run())
        yield watch
        task.cancel()
