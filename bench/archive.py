"""Reading a large account of version 2: CPU beside a bare client that gets the same pages, and memory."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from ams_emulator.testing import Emulator
from ams_operator.migration import discovery
from bench.cluster import Failed

Say = Callable[[str], None]
JSON = dict[str, Any]
_SCENARIO = {"v2.locators-in-v3-list": "listed"}
"""locators of version 2 are in version 3's list: the larger of the two readings"""


@dataclass
class Archive:
    """What the readings took, one beside the other."""

    inventory: list[JSON] = field(default_factory=list)
    bare: list[JSON] = field(default_factory=list)
    usual: list[JSON] = field(default_factory=list)
    """of the bare client with aiohttp's own parser"""
    requests: Counter[str] = field(default_factory=Counter)
    """the emulator's count of one inventory, by kind"""
    load: float = 0.0
    """the machine's load average before it"""

    @property
    def ratio(self) -> float:
        """CPU of the inventory by that of the bare client: the median of the rounds."""
        return _ratio(self.inventory, self.bare)

    @property
    def ratio_to_usual(self) -> float:
        """The same for the client with aiohttp's own parser."""
        return _ratio(self.inventory, self.usual)


def _ratio(mine: list[JSON], others: list[JSON]) -> float:
    return median(float(one["cpu"]) / float(other["cpu"]) for one, other in zip(mine, others, strict=True))


async def archive(rounds: int, say: Say, profile: Path | None = None) -> Archive:
    """Read the emulator's `archive`: all clients at the same time, since the machine's speed changes within seconds.

    `profile` names a file for cProfile of one more inventory.
    """
    found = Archive(load=os.getloadavg()[0])
    with (
        tempfile.TemporaryDirectory(prefix="ams-bench-") as directory,
        Emulator("--tls", data=Path(directory)) as service,
    ):
        service.control.variants(**_SCENARIO)
        for name in ("small", "archive"):
            service.control.add_account(name, scenario=name)
        service.control.reset_log()
        first = await _run(service, "inventory")
        pages, found.requests = _with_tokens(service, first["asked"]), _counted(service)
        for _ in range(rounds):
            one, other, usual = await asyncio.gather(
                _run(service, "inventory"), _run(service, "bare", pages=pages), _run(service, "usual", pages=pages)
            )
            found.inventory.append(one)
            found.bare.append(other)
            found.usual.append(usual)
            say(
                f"  inventory {one['cpu']:.2f} s CPU, the same pages bare {other['cpu']:.2f} s, "
                f"by aiohttp's own parser {usual['cpu']:.2f} s, +{one['rss']:.0f} MiB"
            )
        if not all(one["complete"] for one in found.inventory):
            raise Failed("an inventory is not complete")
        if profile:
            await _run(service, "inventory", profile=str(profile))
    return found


async def _run(service: Emulator, how: str, **more: Any) -> JSON:
    keys = ("AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET")
    task = {
        "how": how,
        "url": service.url,
        "caFile": service.ca_file,
        "subscription": service.subscription_id,
        "group": service.resource_group,
        "credentials": dict(zip(keys, (service.tenant_id, service.client_id, service.client_secret), strict=True)),
        "small": "small",
        "archive": "archive",
        **more,
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.archive_reader", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate(json.dumps(task).encode())
    if process.returncode:
        raise Failed(f"reading as {how} ended with {process.returncode}")
    found: JSON = json.loads(out)
    return found


def _with_tokens(service: Emulator, asked: list[tuple[str, dict[str, str]]]) -> list[tuple[str, dict[str, str]]]:
    """The same requests for a client that has no credentials."""
    tokens = {True: service.control.token(audience=discovery.AUDIENCE), False: service.control.token()}
    common = {"Accept": "application/json", "Accept-Encoding": "gzip"}
    return [
        (url, {**common, **headers, "Authorization": f"Bearer {tokens['x-ms-version' in headers]}"})
        for url, headers in asked
    ]


def _counted(service: Emulator) -> Counter[str]:
    """What the emulator was asked for, by kind."""
    return Counter(
        entry["kind"]
        for entry in service.control.log(method="GET")
        if "/archive" in entry["path"].lower() and entry["status"] == 200 and entry["kind"].startswith("LIST")
    )
