"""A large account of version 2 under a whole operator: annotated, killed half-way, started again, and left alone."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from bench.cluster import Failed
from bench.objects import path
from bench.processes import memory
from bench.stage import Scene, Stage

Say = Callable[[str], None]
JSON = dict[str, Any]
NAME: Final = "archive"
POLLS: Final = 10
"""that find nothing new"""
POLL: Final = 2
"""seconds from one to the next"""
_SOURCE: Final = "ams-operator.dev/v2-source"
_KILLED_IN: Final = "ContentKeys"
"""while this set is read: assets, files and locators are done, keys and jobs are not"""
_ENGINE: Final = ("Ready", "Reconciling", "Stalled", "Synced")
_NOTHING_READ: Final[JSON] = {"sets": []}
_PATIENCE: Final = 900.0
_POLLED: Final = frozenset({"StorageAccounts", "Channels", "Programs", "Jobs"})
"""asked for in each poll, whatever is read"""
_COMPARED: Final = {"LIST assets": "Assets", "LIST streaminglocators": "Locators"}
"""lists of version 3 that are read for a set of version 2"""


@dataclass
class Watched:
    """What a team that annotates the account sees, and what it costs."""

    idle: float = 0.0
    """MiB of the operator before the account was annotated"""
    peaks: list[float] = field(default_factory=list)
    """the highest MiB of each process"""
    first: tuple[float, str] = (0.0, "")
    """seconds from the annotation to the first conditions, and how many sets were read by then"""
    told: int = 0
    """different states of progress that status showed before the kill"""
    conditions: Counter[str] = field(default_factory=Counter)
    """status of migration's conditions when it was killed"""
    finished: list[str] = field(default_factory=list)
    """sets that were read when it was killed"""
    before: Counter[str] = field(default_factory=Counter)
    """pages until then, by kind"""
    after: Counter[str] = field(default_factory=Counter)
    """pages since then"""
    seconds: tuple[float, float] = (0.0, 0.0)
    """until the kill, and from the new start to the end of the inventory"""
    reports: list[int] = field(default_factory=list)
    """bytes of the report object whenever it was looked at; the last: when all was read"""
    writes: int = 0
    """of the account, its report, or the service in idle polls"""

    @property
    def again(self) -> dict[str, int]:
        """Pages of finished sets that were read again, those of what version 3 lists for them included."""
        return {kind: count for kind, count in self.after.items() if _set(kind) in {*self.finished} - _POLLED}


async def watched(stage: Stage, say: Say) -> Watched:
    """Watch the emulator's `archive` to its end."""
    found, control = Watched(), stage.emulator.control
    control.variants(**{"v2.locators-in-v3-list": "listed"})
    control.add_account(NAME, scenario=NAME)
    options = (f"--migration-poll={POLL}", f"--cache-dir={stage.directory / 'cache'}")
    scene = await stage.scene("watched", 0, options=options)
    scene.accounts = (NAME,)
    await stage.admin.create("MediaServicesAccount", scene.namespace, NAME, scene.account_spec(NAME, "0s"))
    try:
        await scene.operator.start()
        await scene.accounts_ready()
        await asyncio.sleep(5)
        found.idle = memory(scene.operator.pid)[1]
        await _until_killed(scene, found, say)
        await _to_the_end(scene, found, say)
        await _idle(scene, found, say)
    finally:
        await scene.operator.stop()
    return found


async def _until_killed(scene: Scene, found: Watched, say: Say) -> None:
    stage, began, seen = scene.stage, time.monotonic(), set[str]()
    stage.emulator.control.reset_log()
    body = {"metadata": {"annotations": {_SOURCE: "true"}}}
    await stage.admin.call("PATCH", _account(scene), body, "application/merge-patch+json")
    while True:
        status = await _status(scene)
        inventory = status.get("migration", {}).get("inventory") or {}
        if inventory and not seen:
            found.first = (time.monotonic() - began, f"{inventory['done']} of {inventory['all']}")
        if inventory and json.dumps(inventory) not in seen:
            seen.add(json.dumps(inventory))
            say(f"  {inventory}")
        report = await _report(scene, found) if inventory else None
        told = (report or {}).get("status", _NOTHING_READ)  # an object is made first, and told of in its status then
        finished = [one["name"] for one in told["sets"] if one["state"] != "NotRead"]
        if inventory.get("reading") == _KILLED_IN and "Locators" in finished:
            break
        _in_time(began)
        await asyncio.sleep(0.2)
    found.peaks.append(memory(scene.operator.pid)[0])
    scene.operator.kill()
    found.told, found.finished = len(seen), finished
    found.conditions = Counter(one["status"] for one in status["conditions"] if one["type"] not in _ENGINE)
    found.before, found.seconds = _pages(stage), (time.monotonic() - began, 0.0)
    say(f"  killed after {len(finished)} sets")


async def _to_the_end(scene: Scene, found: Watched, say: Say) -> None:
    scene.stage.emulator.control.reset_log()
    began = time.monotonic()
    await scene.operator.start()
    while not await _complete(scene):
        await _report(scene, found)
        _in_time(began)
        await asyncio.sleep(0.2)
    found.seconds = (found.seconds[0], time.monotonic() - began)
    found.after = _pages(scene.stage)
    say(f"  complete; read again: {found.again or 'nothing'}")


async def _complete(scene: Scene) -> bool:
    conditions = (await _status(scene)).get("conditions", ())
    return any(one["type"] == "V2InventoryReady" and one["reason"] == "Complete" for one in conditions)


async def _idle(scene: Scene, found: Watched, say: Say) -> None:
    """Wait until all is told, then for polls that find nothing new."""
    control = scene.stage.emulator.control
    await asyncio.sleep(4 * POLL)
    control.reset_log()
    before = await _versions(scene)
    began = time.monotonic()
    while control.counts()["kinds"].get("LIST v2/Channels", 0) < POLLS:
        _in_time(began)
        await asyncio.sleep(0.2)
    found.writes = sum(one != other for one, other in zip(before, await _versions(scene), strict=True))
    found.writes += sum(entry["access"] != "read" for entry in control.log())
    await _report(scene, found)
    found.peaks.append(memory(scene.operator.pid)[0])
    say(f"  {POLLS} polls, {found.writes} writes; report {found.reports[-1]} bytes")


async def _versions(scene: Scene) -> tuple[str, str]:
    account, report = await scene.stage.admin.call("GET", _account(scene)), await _report(scene, Watched())
    assert report is not None
    return account["metadata"]["resourceVersion"], report["metadata"]["resourceVersion"]


def _account(scene: Scene) -> str:
    return path("MediaServicesAccount", scene.namespace, NAME)


async def _status(scene: Scene) -> JSON:
    found = await scene.stage.admin.call("GET", _account(scene))
    status: JSON = found.get("status", {})
    return status


async def _report(scene: Scene, found: Watched) -> JSON | None:
    """None until there is one."""
    listed = await scene.stage.admin.call("GET", path("MigrationReport", scene.namespace))
    report: JSON | None = next(iter(listed["items"]), None)
    if report is not None:
        found.reports.append(len(json.dumps(report, separators=(",", ":"), ensure_ascii=False).encode()))
    return report


def _pages(stage: Stage) -> Counter[str]:
    log = stage.emulator.control.log(method="GET")
    return Counter(one["kind"] for one in log if one["kind"].startswith("LIST") and one["status"] == 200)


def _set(kind: str) -> str:
    return _COMPARED.get(kind) or kind.removeprefix("LIST v2/")


def _in_time(began: float) -> None:
    if time.monotonic() - began > _PATIENCE:
        raise Failed("a large account of version 2 was not read in time")
