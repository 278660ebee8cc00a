"""One step of a measurement: what was asked of whom, and what it cost, between two moments."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace

from ams_emulator.testing import Control
from bench.cluster import Failed
from bench.objects import SEGMENTS
from bench.processes import cpu_seconds
from bench.stage import Scene

FINALIZER, STATUS = ("PATCH", ""), ("APPLY", "status")
"""verb and subresource of the two writes to the API server"""
TRANSFORMS = ("Transform",)


@dataclass(frozen=True)
class Step:
    """What one step took. CPU in seconds; nothing is divided by the number of objects yet."""

    name: str
    objects: int
    seconds: float
    service: Counter[str]
    """the emulator's count of requests by kind, such as `PUT transforms`"""
    writes: Counter[tuple[str, str, str]]
    """the API server's count of what was done with our kinds: (kind, verb, subresource)"""
    disagreements: tuple[str, ...]
    """where the operator's own counters say something else"""
    operator: float
    engine: float
    """the part of the operator's main thread: the rest is kopf and probes"""
    servers: dict[str, float] = field(default_factory=dict)

    kinds: tuple[str, ...] = TRANSFORMS
    """those that it is about"""

    def verb(self, verb: str) -> int:
        """Requests to the service for what it is about."""
        return sum(self.of(kind, verb) for kind in self.kinds)

    def of(self, kind: str, verb: str) -> int:
        """Requests to the service for one kind; POST is any action."""
        return self.service[f"{verb} {SEGMENTS[kind]}"]

    @property
    def finalizers(self) -> int:
        """Writes of finalizers of what it is about."""
        return sum(self.writes[(kind, *FINALIZER)] for kind in self.kinds)

    @property
    def statuses(self) -> int:
        """Status writes of what it is about."""
        return sum(self.writes[(kind, *STATUS)] for kind in self.kinds)


@dataclass(frozen=True)
class Reading:
    """Counters and CPU clocks at one moment."""

    at: float
    requests: Counter[tuple[str, str, str]]
    own: Counter[tuple[str, str, str, str]]
    operator: float
    engine: float
    servers: dict[str, float]


@dataclass
class Meter:
    """Readings of everything that is measured in one scene."""

    scene: Scene
    kinds: tuple[str, ...] = TRANSFORMS
    """what the steps are about"""
    idle: float = 0.0
    """CPU seconds that the operator takes in a second of doing nothing, subtracted from each step"""
    idle_engine: float = 0.0

    async def step(self, name: str, objects: int, work: Callable[[], Awaitable[None]]) -> Step:
        """Measure `work`, from before it to the last trace of it."""
        await self.quiet()
        reading = await self.begin()
        await work()
        seconds = time.monotonic() - reading.at
        await self.quiet()
        return replace(await self.end(reading, name, objects), seconds=seconds)

    async def begin(self) -> Reading:
        """All counters as they stand; an operator that does not run yet has counted nothing."""
        stage, operator = self.scene.stage, self.scene.operator
        stage.emulator.control.reset_log()
        running = operator.process is not None
        return Reading(
            at=time.monotonic(),
            requests=await stage.admin.requests(),
            own=await operator.counted() if running else Counter(),
            operator=cpu_seconds(operator.pid) if running else 0.0,
            engine=cpu_seconds(operator.pid, operator.pid) if running else 0.0,
            servers={name: cpu_seconds(pid) for name, pid in stage.servers().items()},
        )

    async def end(self, since: Reading, name: str, objects: int) -> Step:
        """What happened since a reading."""
        stage, operator = self.scene.stage, self.scene.operator
        seconds = time.monotonic() - since.at
        spent = cpu_seconds(operator.pid) - since.operator - seconds * self.idle
        in_engine = cpu_seconds(operator.pid, operator.pid) - since.engine - seconds * self.idle_engine
        servers = {name: cpu_seconds(pid) - since.servers[name] for name, pid in stage.servers().items()}
        service = _service(stage.emulator.control)
        requests = await stage.admin.requests()
        requests.subtract(since.requests)
        told = await operator.counted()
        told.subtract(since.own)
        differs = _disagreements(service, requests, told, self.kinds)
        return Step(name, objects, seconds, service, requests, differs, spent, in_engine, servers, self.kinds)

    async def quiet(self) -> None:
        """Wait until nothing has been asked of anybody for a second."""
        last, since = await self._traffic(), time.monotonic()
        end = since + 120.0
        while time.monotonic() - since < 1.0:
            await asyncio.sleep(0.25)
            if (now := await self._traffic()) != last:
                last, since = now, time.monotonic()
            if time.monotonic() > end:
                raise Failed("the operator does not come to rest")

    async def _traffic(self) -> tuple[int, int]:
        total = self.scene.stage.emulator.control.counts()["last"]
        requests = await self.scene.operator.counted()
        return total, sum(requests.values())

    async def baseline(self, seconds: float = 6.0) -> None:
        """Learn what the operator takes while it has nothing to do."""
        await self.quiet()
        pid = self.scene.operator.pid
        began, before, engine = time.monotonic(), cpu_seconds(pid), cpu_seconds(pid, pid)
        await asyncio.sleep(seconds)
        taken = time.monotonic() - began
        self.idle = (cpu_seconds(pid) - before) / taken
        self.idle_engine = (cpu_seconds(pid, pid) - engine) / taken


def _service(control: Control) -> Counter[str]:
    """The emulator's count of requests by kind, actions by what they are about: it counts `POST start` of all kinds."""
    found: Counter[str] = Counter(control.counts()["kinds"])
    if any(asked.startswith("POST ") for asked in found):
        found = Counter({asked: count for asked, count in found.items() if not asked.startswith("POST ")})
        for entry in control.log(method="POST"):
            found[f"POST {entry['path'].partition('?')[0].split('/')[-3].lower()}"] += 1
    return found


def _disagreements(
    service: Counter[str],
    requests: Counter[tuple[str, str, str]],
    told: Counter[tuple[str, str, str, str]],
    kinds: tuple[str, ...],
) -> tuple[str, ...]:
    """The operator's counters against those of the servers: sent = counted."""
    found = []
    sent = sum(count for (whom, *_), count in told.items() if whom == "service")
    if sent != service.total():
        found.append(f"the operator counted {sent} requests to the service, the emulator {service.total()}")
    for kind in kinds:
        for verb, write in (("patch", FINALIZER), ("patch status", STATUS)):
            counted = requests[(kind, *write)]
            mine = sum(
                count
                for (whom, about, said, code), count in told.items()
                if (whom, about, said) == ("cluster", kind, verb) and code.startswith("2")
            )
            if mine != counted:
                found.append(f"the operator counted {mine} times `{verb}` of {kind}, the API server {counted}")
    return tuple(found)
