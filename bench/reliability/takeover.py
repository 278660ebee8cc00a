"""Two replicas as processes, a real API server, and the emulated service's log as the witness: who acts, and when."""

from __future__ import annotations

import asyncio
import signal
import statistics
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from bench.cluster import Failed
from bench.objects import transform
from bench.processes import OperatorProcess
from bench.stage import Scene, staged
from bench.tables import table

ASLEEP: Final = 15.0
"""seconds for which a leader stands still"""
PATIENCE: Final = 120.0
ENDS: Final = {
    "SIGKILL": "killed",
    "SIGSTOP": f"stands still for {ASLEEP:.0f} s, and wakes",
    "SIGTERM": "a clean exit",
}


@dataclass
class Takeovers:
    """How they went."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    """what happened to the leader to the seconds until the other one wrote to the service"""
    terms: int = 0
    writes: int = 0
    interleaved: int = 0
    """writes of a term that came after one of a later term"""


async def takeover(rounds: int, say: Callable[[str], None]) -> Takeovers:
    """Each end of a leader so many times."""
    found = Takeovers()
    async with staged(say) as stage:
        scene = await stage.scene("takeover")
        one = scene.operator
        other = OperatorProcess(one.kubeconfig, one.namespace, one.directory, one.watcher)
        pair = [one, other]
        try:
            await one.start()
            await scene.accounts_ready()
            await other.start()
            for number in range(rounds):
                for end in ENDS:
                    found.seconds[end].append(await _round(scene, pair, end, f"{end.lower()}-{number}"))
                    say(f"takeover: {end}: {found.seconds[end][-1]:.1f} s")
        finally:
            for each in pair:
                await each.stop()
        judge(found, stage.emulator.control.log())
    return found


async def _round(scene: Scene, pair: list[OperatorProcess], end: str, name: str) -> float:
    """The first of the pair leads and ends; the second takes over; what ended stands by then, as the second."""
    leader = pair[0]
    assert leader.process is not None
    process, began = leader.process, time.monotonic()
    process.send_signal(getattr(signal, end))
    await scene.stage.admin.create("Transform", scene.namespace, name, transform(0, scene.accounts[0]))
    await until(lambda: _written(scene, name), f"{name} is made by the other")
    taken = time.monotonic() - began
    if end == "SIGSTOP":
        await asyncio.sleep(max(0.0, ASLEEP - taken))
        process.send_signal(signal.SIGCONT)
    await until(lambda: process.poll() is not None, f"the former leader ends after {end}")
    leader.watcher.release(process.pid)
    leader.process = None
    pair.reverse()
    await leader.start()
    return taken


def _written(scene: Scene, name: str) -> bool:
    return any(f"/{name}" in entry["path"] for entry in scene.stage.emulator.control.log(method="PUT"))


async def until(condition: Callable[[], bool], what: str) -> None:
    """Wait for a condition. Raises Failed where it does not come."""
    end = time.monotonic() + PATIENCE
    while not await asyncio.to_thread(condition):
        if time.monotonic() > end:
            raise Failed(f"not within {PATIENCE:.0f} s: {what}")
        await asyncio.sleep(0.05)


def judge(found: Takeovers, log: list[dict[str, Any]]) -> None:
    """By the request log, in the order in which requests arrived."""
    latest, terms = 0, set()
    for entry in log:
        term = int(entry["user_agent"].partition(" term=")[2] or 0)
        if term and entry["access"] == "write":
            found.writes += 1
            found.interleaved += term < latest
            latest = max(latest, term)
            terms.add(term)
    found.terms = len(terms)


def text(found: Takeovers, more: str = "") -> str:
    """The section; `more` is a part of it that was played apart."""
    rows = [
        [ENDS[end], len(seconds), *(f"{each:.1f}" for each in (min(seconds), statistics.median(seconds), max(seconds)))]
        for end, seconds in found.seconds.items()
    ]
    rounds = max(map(len, found.seconds.values()))
    return f"""## Takeovers

Two replicas as processes, a real API server and the emulated service over TLS, all on this machine and beside its other
work. Seconds are from the signal to the other replica's first write to the service, for an object that was made with
the signal. Who stands by takes a Lease over after 10 s without a change, so that less
is only possible where its holder gives it up or had renewed it a while before.

{table(["the leader", "times", "least s", "median s", "most s"], rows)}

| in the service's log | |
|---|---|
| writes | {found.writes} |
| terms | {found.terms} |
| writes of a term after one of a later term: of a sleeper that woke, or of two leaders | {found.interleaved} |

A leader that sleeps with a look under way, after which it would write, is played in
`tests/integration/test_replicas.py`.

{more}

`python -m bench.reliability --only takeover --rounds {rounds}` makes this section."""
