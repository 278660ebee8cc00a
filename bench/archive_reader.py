"""One reading of an account of version 2, in a process of its own (`python -m bench.archive_reader`).

A JSON object on standard input says how: as `ams-operator migrate inventory` does, or as a bare aiohttp client that
gets the same pages, parses them and forgets them, with the same parser (`bare`) or aiohttp's own (`usual`). Imports,
the token and the first connections are left out of CPU; memory is what comes on top of having read a small account.
"""

from __future__ import annotations

import asyncio
import cProfile
import json
import os
import ssl
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import uvloop
from yarl import URL

from ams_operator.backends.connect import Connector
from ams_operator.backends.pipeline import Attempt, Pipeline, Reply
from ams_operator.backends.urls import Request
from ams_operator.domain.model import AccountId
from ams_operator.garbage import collect_seldom
from ams_operator.logs import Redactor
from ams_operator.migration import client
from ams_operator.migration.inventory import Inventory
from ams_operator.migration.model import Known
from ams_operator.migration.reduce import keyed
from ams_operator.migration.version3 import Version3
from bench.processes import memory

JSON = dict[str, Any]


class Nowhere:
    """A checkpoint that is made as any other is, and not kept."""

    largest = 0

    def load(self) -> JSON | None:
        return None

    def save(self, value: JSON) -> None:
        self.largest = max(self.largest, len(orjson.dumps(value)))


class ReadOnly:
    """A term that allows no write."""

    def may_write(self) -> bool:
        return False


async def inventory(task: JSON) -> JSON:
    """Read a small account, then the archive."""
    task["bundle"] = await asyncio.to_thread(Path(task["caFile"]).read_text)
    connector = Connector(
        now=time.time,
        term=ReadOnly(),
        on_request=lambda *_: None,
        redactor=Redactor(),
        agent=lambda: "bench",
        paced=False,
    )
    try:
        await _read(connector, task, task["small"])
        collect_seldom()  # as the command does when it begins, and the operator
        before = memory(os.getpid())[1]
        profiler = cProfile.Profile(time.thread_time) if task.get("profile") else None
        began, cpu = time.monotonic(), time.process_time()
        if profiler:
            profiler.enable()
        asked = _noted()
        found = await _read(connector, task, task["archive"])
        if profiler:
            profiler.disable()
            profiler.dump_stats(task["profile"])
        spent, wall = time.process_time() - cpu, time.monotonic() - began
        rss = memory(os.getpid())[0] - before
        return {"cpu": spent, "wall": wall, "rss": rss, "asked": asked, **found}
    finally:
        await connector.close()


def _noted() -> list[tuple[str, dict[str, str]]]:
    """From now on, the pages that are asked for: their URLs with queries, and the headers of their own."""
    asked: list[tuple[str, dict[str, str]]] = []
    send = Pipeline.send

    async def noting(self: Pipeline, request: Request, token: str, attempt: Attempt) -> Reply:
        reply = await send(self, request, token, attempt)
        if reply.status == 200 and reply.body and "value" in reply.body:
            url = str(URL(self.origin + request.url, encoded=request.quoted).relative())
            asked.append((url, dict(request.headers)))
        return reply

    Pipeline.send = noting  # type: ignore[method-assign] # nothing between here and the socket takes a hook
    return asked


async def _read(connector: Connector, task: JSON, name: str) -> JSON:
    place = {"endpoint": task["url"], "authority": task["url"], "caBundle": task["bundle"], "allowPrivate": True}
    policy = {"type": "armCompatible", **place}
    account = AccountId(task["subscription"], task["group"], name)
    reader = client.connect(connector, policy, account, task["credentials"], keyed(b"bench"))
    target, store = Version3(connector(policy, account, task["credentials"]), account), Nowhere()
    work = Inventory(name, reader, target, store, Known(datetime.now(UTC)), now=time.time)
    census = await work.run()
    rows = sum(tally.rows for tally in census.tallies.values())
    return {"rows": rows, "complete": census.complete, "checkpoint": store.largest}


async def bare(task: JSON) -> JSON:
    """Get the pages one after the other, and parse them."""
    trust = ssl.create_default_context(cafile=task["caFile"])
    page = _usual_page if task["how"] == "usual" else _page
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=trust)) as session:
        await page(session, task["url"], *task["pages"][0])
        began, cpu = time.monotonic(), time.process_time()
        rows = 0
        for path, headers in task["pages"]:
            found = await page(session, task["url"], path, headers)
            rows += len(found.get("value") or ())
        return {"cpu": time.process_time() - cpu, "wall": time.monotonic() - began, "rows": rows}


async def _page(session: aiohttp.ClientSession, origin: str, path: str, headers: dict[str, str]) -> JSON:
    async with session.get(URL(origin + path, encoded=True), headers=headers, allow_redirects=False) as answer:
        found: JSON = orjson.loads(await answer.read())
        return found


async def _usual_page(session: aiohttp.ClientSession, origin: str, path: str, headers: dict[str, str]) -> JSON:
    async with session.get(URL(origin + path, encoded=True), headers=headers, allow_redirects=False) as answer:
        found: JSON = await answer.json()
        return found


if __name__ == "__main__":
    given = json.load(sys.stdin)
    # Each as it is: the command and the operator run in uvloop's loop, what one would write first in asyncio's.
    print(json.dumps(uvloop.run(inventory(given)) if given["how"] == "inventory" else asyncio.run(bare(given))))
