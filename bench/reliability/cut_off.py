"""The API server is away for longer than a Lease and than anybody waits for an answer, while a create is under way that
lands late: with nobody else there, and with a replica that still reaches the API server.

Real processes; the proxy of `tests/integration` stands before the API server of the one that is cut off.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any, Final

from kubernetes import config
from tests.integration.api_proxy import ApiProxy

from bench.cluster import Failed
from bench.objects import path, transform
from bench.processes import OperatorProcess
from bench.reliability.takeover import PATIENCE, until
from bench.stage import Scene, Stage, staged
from bench.tables import table

AWAY: Final = 35.0
"""seconds: longer than a Lease (10) and the patience for an answer (30), shorter than an act may be late (60)"""
CASES: Final = (("answers nobody", False), ("answers nobody", True), ("turns everybody away", True))
"""what the API server does, and whether another replica still reaches it"""


@dataclass(frozen=True)
class Case:
    """How one went."""

    how: str
    other: bool
    taken: float | None
    """seconds until the other replica wrote to the service"""
    settled: float
    """seconds from the end until all was as declared, by whoever leads then"""
    puts: int
    """how often the create that was under way was sent"""
    wrong: list[str]
    """what should not be"""


@dataclass
class CutOff:
    """All of them."""

    cases: list[Case] = field(default_factory=list)

    @property
    def violations(self) -> list[str]:
        """What should not be, with the case."""
        return [f"cut off ({one.how}): {what}" for one in self.cases for what in one.wrong]


async def cut_off(say: Callable[[str], None]) -> CutOff:
    """Each case once."""
    found = CutOff()
    async with staged(say) as stage:
        for number, (how, other) in enumerate(CASES):
            found.cases.append(await _Run(stage, how, other, f"cut-off-{number}").play())
            beside = "another replica" if other else "alone"
            say(f"cut off: {how}, {beside}: {found.cases[-1].wrong or 'as it should be'}")
    return found


@dataclass
class _Run:
    stage: Stage
    how: str
    beside: bool
    name: str

    async def play(self) -> Case:
        """From the start of the operators to the deletion of what was made."""
        scene = await self.stage.scene(self.name, interval="10s")
        with ExitStack() as ends:
            kubeconfig = self.stage.control_plane.kubeconfig
            login = config.new_client_from_config(str(kubeconfig))  # type: ignore[no-untyped-call]  # generated code
            api = ends.enter_context(login)
            proxy = ends.enter_context(ApiProxy(api))
            one = scene.operator
            other = OperatorProcess(kubeconfig, one.namespace, one.directory, one.watcher)
            one.kubeconfig = proxy.kubeconfig(self.stage.directory / f"{self.name}.kubeconfig")
            try:
                await one.start()
                await scene.accounts_ready()
                await self._apply(scene, "calm", "first")
                await self._ready(scene, "calm")
                if self.beside:
                    await other.start()
                return await self._away(scene, proxy, one)
            finally:
                proxy.go_on()
                for each in (one, other):
                    await each.stop()

    async def _away(self, scene: Scene, proxy: ApiProxy, one: OperatorProcess) -> Case:
        control = self.stage.emulator.control
        held = control.barrier("before", method="PUT", path=r"/transforms/late$")
        await self._apply(scene, "late", "first")
        await held.wait_async()
        began = time.monotonic()
        (proxy.pause if self.how == CASES[0][0] else proxy.turn_away)()
        await self._apply(scene, "calm", "second")
        taken = await self._taken(scene, began) if self.beside else None
        await asyncio.sleep(max(0.0, began + AWAY - time.monotonic()))
        await held.release_async("apply")
        over = time.monotonic()
        if self.beside:
            await self._ready(scene, "late")
        proxy.go_on()
        wrong = []
        if self.beside:
            assert one.process is not None
            process = one.process
            await until(lambda: process.poll() is not None, "who was cut off ends")
            one.watcher.release(process.pid)
            one.process = None
        objects = [await self._ready(scene, name) for name in ("late", "calm")]
        settled = time.monotonic() - over
        records = [found["status"]["record"] for found in objects]
        kept = [(record["uid"], record["how"]) for record in records]
        if kept != [(found["metadata"]["uid"], "Created") for found in objects]:
            wrong.append(f"what is ours is forgotten: {kept}")
        await self._deleted(scene)
        log = [one for one in control.log() if f"/{scene.accounts[0]}/" in one["path"] and one["access"] == "write"]
        puts = [one for one in log if one["method"] == "PUT" and one["path"].partition("?")[0].endswith("/late")]
        if len(puts) != 1:
            wrong.append(f"the create was sent {len(puts)} times")
        terms = [_term(one) for one in log]
        wrong += ["a term writes after a later one"] * (terms != sorted(terms))
        wrong += ["nobody took over"] * (self.beside and len(set(terms)) != 2)
        return Case(self.how, self.beside, taken, settled, len(puts), wrong)

    async def _apply(self, scene: Scene, name: str, text: str) -> None:
        spec = {**transform(0, scene.accounts[0]), "description": text}
        await self.stage.admin.edit("Transform", scene.namespace, name, spec)

    async def _ready(self, scene: Scene, name: str) -> dict[str, Any]:
        """The object, once it is as declared."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            found = await self.stage.admin.call("GET", path("Transform", scene.namespace, name))
            conditions = found.get("status", {}).get("conditions") or ()
            now = found["metadata"]["generation"]
            ready = [one for one in conditions if one["type"] == "Ready" and one["observedGeneration"] == now]
            if any(one["status"] == "True" for one in ready):
                return found
            await asyncio.sleep(0.1)
        raise Failed(f"{name} is not ready: {found.get('status')}")

    async def _taken(self, scene: Scene, began: float) -> float:
        def written() -> bool:
            return any(f"/{scene.accounts[0]}/transforms/calm" in one["path"] for one in control.log(method="PATCH"))

        control = self.stage.emulator.control
        await until(written, "the other replica takes over")
        return time.monotonic() - began

    async def _deleted(self, scene: Scene) -> None:
        """Delete both, and wait until the service has neither. Raises Failed."""
        for name in ("late", "calm"):
            await self.stage.admin.call("DELETE", path("Transform", scene.namespace, name))
        place = self.stage.emulator.account_id(scene.accounts[0])

        def gone() -> bool:
            found = [self.stage.emulator.request("GET", f"{place}/transforms/{name}")[0] for name in ("late", "calm")]
            return found == [404, 404]

        await until(gone, "what was made is deleted")


def _term(entry: dict[str, Any]) -> int:
    return int(entry["user_agent"].partition(" term=")[2] or 0)


def text(found: CutOff) -> str:
    """The section."""
    rows = [
        [
            one.how,
            "yes" if one.other else "no",
            f"{one.taken:.1f}" if one.taken is not None else "",
            f"{one.settled:.1f}",
            one.puts,
            len(one.wrong),
        ]
        for one in found.cases
    ]
    head = [
        "the API server",
        "another replica reaches it",
        "s to its first write",
        "s to rest",
        "creates sent",
        "wrong",
    ]
    return f"""### Cut off from the API server

The leader reaches the API server no more for {AWAY:.0f} s: longer than its Lease and than it waits for the service's
answer. Meanwhile a create of its is under way, which takes effect at the end of that time, and somebody changes another
object. At rest all is as declared, then all is deleted. Seconds to rest count from the moment in which the create
takes effect. Wrong is a create that is sent again, a record that is lost, a write of a former term, and a replica that
does not take over.

{table(head, rows)}"""
