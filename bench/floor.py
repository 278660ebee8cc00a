"""The floor: the same requests by a bare aiohttp client that decides nothing and remembers nothing.

A process of its own (`python -m bench.floor`); one JSON object on standard input tells it what to do. For each object:
finalizer, first status, GET, PUT, GET, second status; the same bodies as the operator's, 16 objects at a time, over
kept TLS connections. Prints its CPU and wall seconds; start, imports and connecting to the service are left out.
"""

from __future__ import annotations

import json
import ssl
import sys
import time
from pathlib import Path
from typing import Any

import aiohttp
import uvloop

from bench.cluster import APPLY, each, tls_of
from bench.objects import GROUP, JSON, path

MERGE = "application/merge-patch+json"
FINALIZER = "ams-operator.dev/finalizer"


class Floor:
    """Two sessions and what is sent over them."""

    def __init__(self, task: JSON, cluster: aiohttp.ClientSession, service: aiohttp.ClientSession, server: str) -> None:
        self.task, self.cluster, self.service, self.server = task, cluster, service, server
        self.bearer = {"Authorization": f"Bearer {task['token']}"}

    async def kubernetes(self, method: str, target: str, body: Any = None, content: str = "application/json") -> JSON:
        """One request to the API server, its answer parsed."""
        data = None if body is None else json.dumps(body, separators=(",", ":"))
        async with self.cluster.request(
            method, self.server + target, data=data, headers={"Content-Type": content}
        ) as answer:
            answer.raise_for_status()
            found: JSON = json.loads(await answer.read())
            return found

    async def ask(self, method: str, target: str, body: Any = None) -> int:
        """One request to the service, its answer parsed; the status."""
        data = None if body is None else json.dumps(body, separators=(",", ":"))
        headers = {**self.bearer, "Content-Type": "application/json"}
        url = f"{self.task['url']}{target}?api-version=2022-07-01"
        async with self.service.request(method, url, data=data, headers=headers) as answer:
            json.loads(await answer.read() or b"null")
            return answer.status

    async def converge(self, found: JSON) -> None:
        """One object, from its first sight to Ready."""
        name = found["metadata"]["name"]
        target = path("Transform", self.task["namespace"], name)
        place = f"{self.task['account']}/transforms/{name}"
        task = self.task["kinds"][int(name.rsplit("-", 1)[1]) % 2]
        metadata = {"resourceVersion": found["metadata"]["resourceVersion"], "finalizers": [FINALIZER]}
        found = await self.kubernetes("PATCH", f"{target}?fieldManager=floor", {"metadata": metadata}, MERGE)
        found = await self._status(target, found, task["first"])
        await self.ask("GET", place)
        if await self.ask("PUT", place, task["body"]) != 201:
            raise RuntimeError(f"{name} was not created")
        await self.ask("GET", place)
        await self._status(target, found, task["last"])

    async def _status(self, target: str, found: JSON, status: JSON) -> JSON:
        metadata = {"name": found["metadata"]["name"], "resourceVersion": found["metadata"]["resourceVersion"]}
        body = {"apiVersion": GROUP, "kind": "Transform", "metadata": metadata, "status": status}
        return await self.kubernetes("PATCH", f"{target}/status?fieldManager=floor&force=true", body, APPLY)


async def work(task: JSON) -> JSON:
    """All objects of the namespace."""
    server, context = tls_of(Path(task["kubeconfig"]))
    trust = ssl.create_default_context(cafile=task["caFile"])
    async with (
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context)) as cluster,
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=trust)) as service,
    ):
        floor = Floor(task, cluster, service, server)
        await each([lambda: floor.ask("GET", task["account"]) for _ in range(16)])
        began, cpu = time.monotonic(), time.process_time()
        listed = await floor.kubernetes("GET", path("Transform", task["namespace"]))
        await each([lambda one=one: floor.converge(one) for one in listed["items"]])  # type: ignore[misc]  # lambdas
        return {"cpu": time.process_time() - cpu, "wall": time.monotonic() - began, "objects": len(listed["items"])}


if __name__ == "__main__":
    print(json.dumps(uvloop.run(work(json.load(sys.stdin)))))
