"""The life of many transforms: created, edited, changed behind our back, left alone, restarted, deleted."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from statistics import mean, median

from bench.cluster import Failed, Watch, each, watching
from bench.measure import Meter, Step
from bench.objects import path, transform
from bench.processes import cpu_seconds, memory
from bench.stage import Scene, Stage, name_of

Say = Callable[[str], None]
Work = Callable[[], Awaitable[object]]
DRIFTED = 50
SWEEPS = 3


@dataclass
class Idle:
    """Sweeps that found nothing to do."""

    sweeps: int
    step: Step
    process: float
    """CPU seconds of the operator for all these sweeps, less what it takes without any object"""
    in_sweep: float
    """CPU seconds of the engine's thread in one account's sweep, the median"""
    compared: float
    """the same where every item is compared in full"""
    writes: int
    """writes to the service or to the API server meanwhile"""


@dataclass
class Life:
    """What was found for one number of objects."""

    objects: int
    accounts: int
    object_bytes: int = 0
    item_bytes: int = 0
    idle_ms: float = 0.0
    """CPU ms per second of an operator without transforms"""
    steps: list[Step] = field(default_factory=list)
    idle: Idle | None = None
    first_sweep: float = 0.0
    """CPU seconds of the engine's thread in the first sweeps after a restart, together"""
    restart: float = 0.0
    """CPU seconds of the operator from its start to the end of these sweeps"""
    restart_nothing: float = 0.0
    """the same with no object at all"""
    memory: tuple[float, float] = (0.0, 0.0)
    memory_nothing: tuple[float, float] = (0.0, 0.0)


async def live(stage: Stage, name: str, count: int, accounts: int, say: Say, *, whole: bool = True) -> Life:
    """A life of `count` transforms. `whole` False leaves out what does not depend on the number of accounts."""
    scene = await stage.scene(name, accounts)
    life = Life(count, accounts)
    meter = Meter(scene)
    try:
        await scene.operator.start()
        await scene.accounts_ready()
        await meter.baseline()
        life.idle_ms = meter.idle * 1000
        life.restart_nothing, life.memory_nothing = cpu_seconds(scene.operator.pid), memory(scene.operator.pid)
        async with watching(stage.admin, name) as watch:
            await _steps(life, meter, watch, say, whole)
            await _restart(life, meter, say)
            if whole:
                await _sweeps_off(scene)
                say(f"  deleting {count} transforms")
                life.steps.append(await meter.step("delete", count, partial(_delete, scene, watch, count)))
        return life
    finally:
        await scene.operator.stop()


async def _steps(life: Life, meter: Meter, watch: Watch, say: Say, whole: bool) -> None:
    scene, count = meter.scene, life.objects
    say(f"  creating {count} transforms")
    life.steps.append(await meter.step("create", count, partial(create, scene, watch, range(count))))
    _sizes(life, scene, watch)
    if not whole:
        return
    say(f"  editing {count} transforms")
    life.steps.append(await meter.step("update", count, partial(_update, scene, watch, count)))
    say(f"  adopting {DRIFTED} transforms that the service has already")
    life.steps.append(await meter.step("adopt", DRIFTED, partial(_adopt, scene, watch, count)))
    life.objects = count + DRIFTED


def _sizes(life: Life, scene: Scene, watch: Watch) -> None:
    found = [json.dumps(one, separators=(",", ":")) for one in watch.objects.values()]
    life.object_bytes = round(mean(len(one) for one in found))
    items = [scene.stage.emulator.control.get_out_of_band(scene.resource_id(number)) for number in (0, 1)]
    life.item_bytes = round(mean(len(json.dumps(one, separators=(",", ":"))) for one in items))


async def create(scene: Scene, watch: Watch, numbers: range) -> None:
    """Create transforms and wait until they, and all that were there, are Ready."""
    wanted = len(watch.objects) + len(numbers)

    def one(number: int) -> Work:
        spec = transform(number, scene.account_of(number))
        return partial(scene.stage.admin.create, "Transform", scene.namespace, name_of(number), spec)

    await each([one(number) for number in numbers])
    await watch.until(lambda: watch.ready() >= wanted, f"{wanted} transforms are Ready")


async def _update(scene: Scene, watch: Watch, count: int) -> None:
    def one(number: int) -> Work:
        spec = transform(number, scene.account_of(number), "second")
        return partial(scene.stage.admin.edit, "Transform", scene.namespace, name_of(number), spec)

    await each([one(number) for number in range(count)])
    await watch.until(lambda: watch.ready(2) >= count, f"{count} edited transforms are Ready")


async def _adopt(scene: Scene, watch: Watch, count: int) -> None:
    """Transforms that the service has just as their manifests will declare them."""
    numbers = range(count, count + DRIFTED)
    control = scene.stage.emulator.control
    for number in numbers:
        twin = control.get_out_of_band(scene.resource_id(number % 2))
        properties = twin["properties"] | {"description": "first"}
        control.put_out_of_band(scene.resource_id(number), {"properties": properties})
    for number in numbers:
        spec = transform(number, scene.account_of(number))
        await scene.stage.admin.create("Transform", scene.namespace, name_of(number), spec)
    await watch.until(lambda: watch.ready() >= count + DRIFTED, f"{DRIFTED} transforms are adopted")


async def _drift(scene: Scene, numbers: range) -> None:
    """Changed behind our back; the sweep that finds it is due by itself."""
    control = scene.stage.emulator.control
    for number in numbers:
        control.patch_out_of_band(scene.resource_id(number), {"properties": {"description": "theirs"}})
    end = time.monotonic() + 120
    while any(_description(scene, number) == "theirs" for number in numbers):
        if time.monotonic() > end:
            raise Failed("the drift was not corrected")
        await asyncio.sleep(0.5)


def _description(scene: Scene, number: int) -> str:
    found = scene.stage.emulator.control.get_out_of_band(scene.resource_id(number))
    return str(found["properties"]["description"])


async def _delete(scene: Scene, watch: Watch, count: int) -> None:
    def one(number: int) -> Work:
        return partial(scene.stage.admin.call, "DELETE", path("Transform", scene.namespace, name_of(number)))

    await each([one(number) for number in range(count)])
    gone = {name_of(number) for number in range(count)}
    await watch.until(lambda: not gone & watch.objects.keys(), f"{count} transforms are gone")


async def _restart(life: Life, meter: Meter, say: Say) -> None:
    """Stop, set the shortest drift interval, start again: what the first sweeps cost, and the later ones."""
    scene, operator = meter.scene, meter.scene.operator
    say(f"  restarting with {life.objects} transforms, and watching {SWEEPS} idle sweeps")
    await meter.quiet()
    life.memory = memory(operator.pid)
    await operator.stop()
    for account in scene.accounts:
        spec = scene.account_spec(account, "10s")
        await scene.stage.admin.edit("MediaServicesAccount", scene.namespace, account, spec)
    operator.sweeps_log.unlink(missing_ok=True)
    reading = await meter.begin()
    await operator.start()
    await swept(scene, len(scene.accounts))
    await meter.quiet()
    life.first_sweep = sum(operator.sweeps()[: len(scene.accounts)])
    life.restart = cpu_seconds(operator.pid)
    life.steps.append(await meter.end(reading, "restart", life.objects))
    life.idle = await _idle(meter)
    if len(scene.accounts) == 1:
        say(f"  changing {DRIFTED} transforms behind the operator's back")
        life.steps.append(await meter.step("drift", DRIFTED, partial(_drift, scene, range(DRIFTED))))


async def _idle(meter: Meter) -> Idle:
    """Sweeps that find nothing; from just after one to just after another."""
    scene, operator, stage = meter.scene, meter.scene.operator, meter.scene.stage
    accounts = len(scene.accounts)
    await swept(scene, len(operator.sweeps()) + accounts)
    reading, seen = await meter.begin(), len(operator.sweeps())
    await swept(scene, seen + SWEEPS * accounts)
    step = await meter.end(reading, "idle", 0)
    requests = stage.emulator.control.counts()["kinds"]
    writes = sum(count for kind, count in requests.items() if kind.split()[0] not in ("GET", "LIST"))
    costs = operator.sweeps()[seen:]
    operator.sweeps_log.with_suffix(".full").touch()
    await swept(scene, len(operator.sweeps()) + accounts)  # one may be under way
    seen = len(operator.sweeps())
    await swept(scene, seen + SWEEPS * accounts)
    compared = median(operator.sweeps()[seen:])
    operator.sweeps_log.with_suffix(".full").unlink()
    return Idle(len(costs), step, step.operator, median(costs), compared, writes + step.finalizers + step.statuses)


async def _sweeps_off(scene: Scene) -> None:
    """The interval is read at each sweep: one more, and there will be none."""
    for account in scene.accounts:
        spec = scene.account_spec(account, "0s")
        await scene.stage.admin.edit("MediaServicesAccount", scene.namespace, account, spec)
    await swept(scene, len(scene.operator.sweeps()) + len(scene.accounts))


async def swept(scene: Scene, number: int) -> None:
    """Wait until the operator, since its sweeps are counted, has made this many."""
    end = time.monotonic() + 120
    while len(scene.operator.sweeps()) < number:
        if time.monotonic() > end:
            raise Failed(f"{number} sweeps did not come")
        await asyncio.sleep(0.1)
