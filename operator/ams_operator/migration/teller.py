"""Judges what a watch knows, and writes what changed: the account's conditions, and its report."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import Final

from ams_operator.api.migration_report import MIGRATION_REPORT
from ams_operator.domain.answers import Conflict, Foreign, KubeDown, KubeRefused, Resource, Vanished
from ams_operator.domain.model import JSON
from ams_operator.migration import older, reporting, settings, telling
from ams_operator.migration.beside import Beside
from ams_operator.migration.conditions import Finding, judge
from ams_operator.migration.entities import SETS
from ams_operator.migration.inputs import Inputs, InventoryRead, ObjectsRead
from ams_operator.migration.ports import Gone
from ams_operator.migration.settings import LIVE
from ams_operator.migration.tools import Tools
from ams_operator.migration.watch import Watch

log = logging.getLogger(__name__)
PACE: Final = 2.0
"""seconds, at least, between two writes of one account, where it is not polled more often"""
PROGRESS: Final = 15.0
"""seconds between writes that tell nothing but how far one set is"""
REPORT_LOOK: Final = 60.0
"""seconds between looks whether a report is still there"""
REFUSED: Final = 60.0
TRIES: Final = 5


@dataclass(slots=True)
class Teller:
    """One for each account that is watched."""

    tools: Tools
    beside: Beside
    watch: Watch
    started: float
    written: JSON | None = None
    """the report as it was written last"""
    packed: tuple[int, str] = (-1, "")
    progressed: float = 0.0
    looked: float = 0.0
    told: bool = False
    """something was judged that forgets nothing of what was told before"""
    trouble: str = ""
    """why there is no report"""
    ours: bool = False
    """what the conditions told before is of the same accounts, too: what was complete may stay so"""

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self.watch.changed.wait()
            self.watch.changed.clear()
            pause = min(PACE, self.tools.poll)
            try:
                await self.tell()
            except (Gone, Vanished):
                pass
            except KubeDown:
                self.watch.changed.set()
            except KubeRefused as error:
                log.error("the API server refuses what a migration comes to: %s", error, extra=self._about())
                pause = REFUSED
            except settings.Unreadable as error:
                log.warning("a migration can't be judged: %s", error, extra=self._about())
            except Exception:
                log.exception("a migration can't be judged", extra=self._about())
                pause = REFUSED
            await self.tools.clock.sleep(pause)

    def _about(self) -> JSON:
        found = self.tools.cluster.account(self.watch.uid)
        names = {} if found is None else {"kind": found.kind, "namespace": found.namespace, "name": found.name}
        return {"about": {**names, "uid": self.watch.uid}}

    async def tell(self) -> None:
        """Judge, and write where that changes something. Raises Gone and what the port to the API server raises."""
        for _ in range(TRIES):
            account = self.watch.resource()
            if settings.mode(account) != LIVE or settings.rests(account):
                return
            target = await self.tools.target(account)
            if settings.identity(account, target, self.tools.here(account)) != self.watch.kept.account:
                return  # what is known answers another question; the watch of this one begins within a second
            inputs = self.inputs(account, target)
            shown = judge(inputs)
            if self._begins() and telling.is_of(account.status, target) and telling.forgets(shown, account):
                return
            self.told = True
            first = not telling.own(account.status)
            if not first:
                await self._report(account, inputs, shown)
            wanted = telling.body(
                telling.unreported(shown, self.trouble), account, self.tools.clock.now(), endpoint=self.watch.endpoint,
                report="" if self.trouble else account.name, inventory=self.progress(), target=target,
            )  # fmt: skip
            if telling.equal(wanted, account.status) or self._too_soon(wanted, account):
                return
            try:
                await self.tools.cluster.write(account, wanted)
                self.ours = True
            except Conflict:
                continue
            if not first:
                return  # else the report follows: an account that tells nothing would not be looked at for one
        self.watch.changed.set()

    def _begins(self) -> bool:
        """Whether not everything was looked at yet, and nothing was told either; not for long where no look is over."""
        looked = self.watch.looked or self.tools.clock.now() - self.started >= 3 * self.tools.every
        return not (self.told or looked)

    def inputs(self, account: Resource, target: str) -> Inputs:
        """Everything that is known now; `target` is what `Tools.target` says. Raises Unreadable."""
        watch, tools, config = self.watch, self.tools, settings.config(account)
        kept, census = watch.kept, watch.kept.census()
        reading = watch.reading.name if watch.reading is not None else ""
        now = tools.clock.now()
        remembered = telling.remembered(account.status)
        self.ours = self.ours or telling.judged(account)
        if not self.ours:
            remembered = replace(remembered, complete=False, completed=False)  # perhaps that answered another question
        if not telling.is_of(account.status, target):
            completed = remembered.completed and not target  # it may be there again
            remembered = replace(remembered, complete=False, completed=completed, switched=frozenset())
        every = kept.interval(config.inventory_every)
        return Inputs(
            now=now,
            generation=account.generation,
            access=watch.access,
            inventory=InventoryRead(
                kept.read(every),
                every,
                reading=reading,
                units=census.units,
                compared=census.compared,
                notes=tuple(census.notes),
                before=kept.before(),
                asked=kept.asked,
                again=kept.again,
                since=kept.since,
                alone=older.alone(kept.lasting),
            ),
            channels=watch.channels,
            jobs=watch.jobs_read(config.freeze),
            target=watch.target_read(),
            objects=self._objects(now),
            config=config,
            remembered=remembered,
            namespace=account.namespace,
            account=account.name,
        )

    def _objects(self, now: float) -> ObjectsRead:
        """Those of the target; of an account that is not there, or not for this one, nothing is known."""
        cluster, found = self.tools.cluster, self.watch.target_uid
        there = found and cluster.account(found) is not None
        return ObjectsRead(now, self.tools.every, cluster.objects(found)) if there else ObjectsRead()

    def progress(self) -> JSON:
        """`status.migration.inventory`."""
        kept, reading = self.watch.kept, self.watch.reading
        body: JSON = {"done": sum(one.tally is not None for one in kept.sets.values()), "all": len(SETS)}
        if reading is not None and not reading.done:
            body |= {"reading": reading.name, "rows": reading.rows}
            body |= {"total": reading.total} if reading.total is not None else {}
        return body

    def _too_soon(self, wanted: JSON, account: Resource) -> bool:
        if not telling.only_progress(wanted, account.status):
            return False
        now = self.tools.clock.now()
        if now - self.progressed < PROGRESS and self.watch.reading is not None:
            return True
        self.progressed = now
        return False

    async def _report(self, account: Resource, inputs: Inputs, findings: list[Finding]) -> None:
        """Write the report where it is another one. Somebody else's of that name is left alone, and said."""
        now = self.tools.clock.now()
        try:
            if now - self.looked > REPORT_LOOK:
                self.looked = now
                found = await self.tools.cluster.read_report(account)
                self.written = found  # somebody may have removed it, or changed it
            wanted = reporting.content(inputs, findings, self.watch.kept.census(), self.progress_of_sets())
            if self.packed[0] != self.watch.kept.version:
                self.packed = (self.watch.kept.version, self.watch.kept.pack())
                self.beside.keep(account.uid, self.watch.kept)
            wanted["checkpoint"] = self.packed[1]
            if wanted != self.written:
                await self.tools.cluster.write_report(account, wanted)
                self.written = wanted
            self.trouble = ""
        except Foreign as error:
            self._say(f"{error}: rename or delete it")
        except Conflict:
            self.written = None  # it changed meanwhile
            self.watch.changed.set()
        except KubeRefused as error:
            self._say(f"the API server refuses it ({error}): apply manifests/")
        except Vanished:
            self._say(f"the kind {MIGRATION_REPORT.kind} is not installed: apply crds/")

    def progress_of_sets(self) -> JSON:
        """How far the inventory is, by sets: the rows of one would have the report written again and again."""
        return {name: self.progress()[name] for name in ("done", "all")}

    def _say(self, why: str) -> None:
        if self.trouble != why:
            log.warning("there is no report on the migration: %s", why, extra=self._about())
        self.trouble, self.written = why, None
