"""Six kinds at once: many small accounts, in each of them something to encode, to send to, to record and to watch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from bench.cluster import Watch, each, watching
from bench.life import SWEEPS, Say, swept
from bench.measure import Meter, Step
from bench.minimum import Part
from bench.objects import JSON, SEGMENTS, transform
from bench.stage import Scene, Stage

Declared = tuple[str, str, JSON]
"""kind, name and spec of an object"""
INPUT: Final = {
    "streamingProtocol": "RTMP",
    "accessControl": {"ip": {"allow": [{"name": "anyone", "address": "0.0.0.0", "subnetPrefixLength": 0}]}},
}
KINDS: Final = tuple(SEGMENTS)
WRITES: Final = ("PUT", "PATCH", "POST", "DELETE")


@dataclass
class Mixed:
    """What was found."""

    accounts: int
    steps: list[Step] = field(default_factory=list)
    """accounts, then what lies in them, then recordings; each with its count of objects by kind"""
    counts: list[Counter[str]] = field(default_factory=list)
    restart: Step | None = None
    idle: Step | None = None
    sweeps: int = 0
    """sweeps of all accounts that `idle` lasted"""
    idle_writes: int = 0
    """writes to the service, or to our objects in the API server, in these sweeps"""
    idle_ms: float = 0.0
    """CPU ms per second of an operator without objects"""

    @property
    def objects(self) -> int:
        """All that there are."""
        return sum(counts.total() for counts in self.counts)

    def parts(self) -> Iterator[Part]:
        """Each step with each kind that it concerns, and how many objects of that it concerns."""
        for step, counts in zip(self.steps, self.counts, strict=True):
            yield from ((step, kind, count) for kind, count in counts.items())
            if step.name == "recordings":
                yield step, "Asset", counts["LiveOutput"]
        total = sum(self.counts, Counter[str]())
        for after in (self.restart, self.idle):
            yield from ((after, kind, count) for kind, count in total.items() if after is not None)


def inside(account: str) -> tuple[list[Declared], list[Declared]]:
    """What lies in an account beside its recordings, and the recordings: nine objects."""
    there = {"accountRef": {"name": account}}
    event, tapes = f"{account}-event", [f"{account}-tape-{number}" for number in range(3)]
    first: list[Declared] = [
        *(("Transform", f"{account}-transform-{number}", transform(number, account)) for number in range(2)),
        *(("Asset", tape, {**there, "description": "a tape"}) for tape in tapes),
        ("LiveEvent", event, {**there, "runState": "Running", "input": INPUT, "description": "on air"}),
        ("StreamingEndpoint", f"{account}-origin", {**there, "runState": "Running", "maxCacheAge": 60}),
    ]
    recordings: list[Declared] = [
        (
            "LiveOutput",
            f"{account}-recording-{number}",
            {
                **there,
                "liveEventRef": {"name": event},
                "assetRef": {"name": tapes[number]},
                "archiveWindowLength": "PT1H",
            },
        )
        for number in range(2)
    ]
    return first, recordings


async def mixed(stage: Stage, accounts: int, say: Say) -> Mixed:
    """Ten objects of six kinds in each account: made, restarted, and left alone."""
    before = stage.emulator.control.settings()
    stage.emulator.control.settings(operation_seconds=0)  # looks at unfinished work depend on how long it takes
    scene = await stage.scene("mixed", accounts, declared=False)
    meter, found = Meter(scene, KINDS), Mixed(accounts)
    try:
        await scene.operator.start()
        await meter.baseline()
        found.idle_ms = meter.idle * 1000
        async with AsyncExitStack() as watches:
            seen = {kind: await watches.enter_async_context(watching(stage.admin, "mixed", kind)) for kind in KINDS}
            parts = [inside(account) for account in scene.accounts]
            own = [("MediaServicesAccount", name, scene.account_spec(name, "0s")) for name in scene.accounts]
            for name, declared in (
                ("accounts", own),
                ("resources", [one for first, _ in parts for one in first]),
                ("recordings", [one for _, recordings in parts for one in recordings]),
            ):
                say(f"  creating {len(declared)} objects: {name}")
                found.counts.append(Counter(kind for kind, _, _ in declared))
                made = partial(_create, scene, seen, declared)
                found.steps.append(await meter.step(name, len(declared), made))
        await _left_alone(found, meter, say)
        return found
    finally:
        await scene.operator.stop()
        stage.emulator.control.settings(**before)


async def _create(scene: Scene, seen: dict[str, Watch], declared: Iterable[Declared]) -> None:
    """Create objects and wait until each of them, and all that were there, are Ready."""
    declared = list(declared)
    wanted = Counter(kind for kind, _, _ in declared)

    def one(kind: str, name: str, spec: JSON) -> Callable[[], Any]:
        return partial(scene.stage.admin.create, kind, scene.namespace, name, spec)

    there = {kind: len(seen[kind].objects) for kind in wanted}
    await each([one(*each_) for each_ in declared])
    for kind, count in wanted.items():
        watch, total = seen[kind], there[kind] + count
        await watch.until(partial(_all_ready, watch, total), f"{total} objects of kind {kind} are Ready")


def _all_ready(watch: Watch, total: int) -> bool:
    return watch.ready() >= total


async def _left_alone(found: Mixed, meter: Meter, say: Say) -> None:
    """A restart that finds everything as it should be, and sweeps that find nothing to do."""
    scene, operator = meter.scene, meter.scene.operator
    say(f"  restarting with {found.objects} objects, and watching {SWEEPS} idle sweeps of {found.accounts} accounts")
    await meter.quiet()
    await operator.stop()
    await each(
        [
            partial(
                scene.stage.admin.edit,
                "MediaServicesAccount",
                scene.namespace,
                name,
                scene.account_spec(name, "10s"),
            )
            for name in scene.accounts
        ]
    )
    operator.sweeps_log.unlink(missing_ok=True)
    reading = await meter.begin()
    await operator.start()
    await swept(scene, found.accounts)
    await meter.quiet()
    found.restart = await meter.end(reading, "restart", found.objects)
    await swept(scene, 2 * found.accounts)
    reading, seen = await meter.begin(), len(operator.sweeps())
    await swept(scene, seen + SWEEPS * found.accounts)
    found.idle = await meter.end(reading, "idle", found.objects)
    found.sweeps = SWEEPS
    asked = sum(found.idle.verb(verb) for verb in WRITES)
    found.idle_writes = asked + sum(
        count for (_, verb, _), count in found.idle.writes.items() if verb not in ("GET", "LIST", "WATCH")
    )
