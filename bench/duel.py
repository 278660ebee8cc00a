"""The operator beside the floor, in turns; first sights of a slow service; and the pace that quotas impose."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from statistics import median
from typing import Any

from bench.cluster import Failed, Watch, each, watching
from bench.life import Say, create
from bench.measure import Meter, Step
from bench.objects import JSON, transform
from bench.stage import Scene, Stage, name_of

LATENCY = 0.4


@dataclass
class Duel:
    """CPU seconds and wall seconds, a pair for each round."""

    objects: int
    operator: list[tuple[float, float]] = field(default_factory=list)
    floor: list[tuple[float, float]] = field(default_factory=list)

    def ratio(self, what: int) -> float:
        """Median of the operator over median of the floor; `what` 0: CPU, 1: wall."""
        return median(one[what] for one in self.operator) / median(one[what] for one in self.floor)


async def duel(stage: Stage, count: int, rounds: int, say: Say) -> Duel:
    """`rounds` times: `count` objects by the operator, then as many by the floor."""
    found = Duel(count)
    scene = await stage.scene("duel")
    meter = Meter(scene)
    try:
        await scene.operator.start()
        await scene.accounts_ready()
        await meter.baseline(5.0)
        async with watching(stage.admin, scene.namespace) as watch:
            await create(scene, watch, range(20))
            for number in range(rounds):
                say(f"  round {number + 1} of {rounds}: {count} objects by the operator, {count} by the floor")
                numbers = range(20 + number * count, 20 + (number + 1) * count)
                step = await meter.step("create", count, partial(create, scene, watch, numbers))
                found.operator.append((step.operator, step.seconds))
                found.floor.append(await _floor(scene, watch, f"floor-{number}", count))
    finally:
        await scene.operator.stop()
    return found


async def _floor(scene: Scene, watch: Watch, namespace: str, count: int) -> tuple[float, float]:
    stage = scene.stage
    other = await stage.scene(namespace)
    began = time.monotonic()

    def one(number: int) -> Callable[[], Any]:
        spec = transform(number, other.accounts[0])
        return partial(stage.admin.create, "Transform", namespace, name_of(number), spec)

    await each([one(number) for number in range(count)])
    made = time.monotonic() - began
    task = {
        "kubeconfig": str(stage.control_plane.kubeconfig),
        "namespace": namespace,
        "url": stage.emulator.url,
        "caFile": stage.emulator.ca_file,
        "token": stage.emulator.control.token(),
        "account": stage.emulator.account_id(other.accounts[0]),
        "kinds": [_bodies(scene, watch, number) for number in (0, 1)],
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.floor", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate(json.dumps(task).encode())
    if process.returncode:
        raise Failed("the floor failed")
    told = json.loads(output)
    if told["objects"] != count:
        raise Failed(f"the floor found {told['objects']} objects instead of {count}")
    return told["cpu"], told["wall"] + made


def _bodies(scene: Scene, watch: Watch, number: int) -> JSON:
    """What the operator sent for a transform like this one."""
    last = watch.objects[name_of(number)]["status"]
    ready = {**last["conditions"][0], "type": "Ready", "status": "Unknown"}
    first = {**last, "conditions": [ready, {**ready, "type": "Reconciling", "status": "True"}]}
    stored = scene.stage.emulator.control.get_out_of_band(scene.resource_id(number))["properties"]
    properties = {name: value for name, value in stored.items() if name not in ("created", "lastModified")}
    return {"first": first, "last": last, "body": {"properties": properties}}


async def first_sight(stage: Stage, count: int) -> list[float]:
    """Seconds from each object's creation to its first status, while every answer of the service takes long."""
    scene = await stage.scene("first-sight")
    try:
        await scene.operator.start()
        await scene.accounts_ready()
        made: dict[str, float] = {}

        async def one(number: int) -> None:
            spec = transform(number, scene.accounts[0])
            await stage.admin.create("Transform", scene.namespace, name_of(number), spec)
            made[name_of(number)] = time.monotonic()

        async with watching(stage.admin, scene.namespace) as watch:
            stage.emulator.control.fault("latency", {"count": 0}, seconds=LATENCY)
            await each([partial(one, number) for number in range(count)])
            await watch.until(lambda: len(watch.greeted) >= count, "each object has a status")
        return sorted(max(0.0, watch.greeted[name] - when) for name, when in made.items())
    finally:
        stage.emulator.control.clear_faults()
        await scene.operator.stop()


async def paced(stage: Stage, count: int) -> Step:
    """`ams-operator run` as shipped, against the request quotas of Azure Resource Manager."""
    scene = await stage.scene("paced", paced=True)
    meter = Meter(scene)
    try:
        stage.emulator.control.settings(rate_limits="azure")
        await scene.operator.start()
        await scene.accounts_ready()
        async with watching(stage.admin, scene.namespace) as watch:
            return await meter.step("create", count, partial(create, scene, watch, range(count)))
    finally:
        stage.emulator.control.settings(rate_limits="off")
        await scene.operator.stop()
