"""Which accounts are watched, and what is told of each. The annotation is the switch; `spec.migration` only tunes."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from dataclasses import dataclass, field
from typing import Final

from ams_operator.domain import ids
from ams_operator.domain.answers import Conflict, Foreign, KubeDown, KubeRefused, NotSent, Resource, Vanished
from ams_operator.migration import reporting, settings, telling
from ams_operator.migration.beside import Beside
from ams_operator.migration.conditions import Finding, Type, judge
from ams_operator.migration.conditions.finding import TRUE
from ams_operator.migration.inputs import Inputs
from ams_operator.migration.kept import Kept
from ams_operator.migration.settings import LIVE, RETIRED
from ams_operator.migration.teller import PACE, Teller
from ams_operator.migration.tools import Tools
from ams_operator.migration.watch import Watch

log = logging.getLogger(__name__)
LOOK: Final = 1.0
"""seconds between looks at which accounts are annotated"""


@dataclass(slots=True)
class Running:
    """One account that is watched."""

    identity: str
    generation: int
    way: object
    task: asyncio.Task[None]
    watch: Watch | None = None


@dataclass(slots=True)
class Watches:
    """Starts and ends a watch for each annotated account, and takes back what was told where the annotation went."""

    tools: Tools
    beside: Beside = field(default_factory=lambda: Beside(None))
    running: dict[str, Running] = field(default_factory=dict)
    tidied: frozenset[str] = frozenset()
    """uids of the accounts that were there when the files were looked through"""

    async def run(self) -> None:
        """Until cancelled."""
        try:
            while True:
                accounts = list(self.tools.cluster.accounts())
                for account in accounts:
                    await self._look(account)
                for uid in [uid for uid in self.running if self.tools.cluster.account(uid) is None]:
                    self._end(uid)
                    self.beside.drop(uid)
                self._tidy(frozenset(account.uid for account in accounts))
                await self.tools.clock.sleep(min(LOOK, self.tools.poll))
        finally:
            for uid in list(self.running):
                self._end(uid)

    def _tidy(self, uids: frozenset[str]) -> None:
        """What is of accounts that went while no process ran goes, too. None is listed while the API server is away."""
        if uids and uids != self.tidied:
            self.beside.tidy(uids)
            self.tidied = uids

    async def _look(self, account: Resource) -> None:
        try:
            if settings.rests(account):
                self._end(account.uid)
                return
            mode = settings.mode(account)
            if mode == LIVE:
                await self._keep(account)
                return
            self._end(account.uid)
            if mode:
                await self._stand(account, mode)
            elif telling.own(account.status) or account.status.get("migration") is not None:
                await self._take_back(account)
        except (Conflict, Vanished, KubeDown):
            pass  # the next look tries again
        except KubeRefused as error:
            log.error("the API server refuses what a migration comes to: %s", error)
        except settings.Unreadable as error:
            log.warning("a migration can't be judged: %s", error)
        except Exception:
            log.exception("a migration can't be watched")

    async def _keep(self, account: Resource) -> None:
        """Watch it; what may end trouble, such as another credential or manifest, is taken up at once."""
        identity = await self.tools.identity(account)
        known = self.running.get(account.uid)
        if known is not None and (known.identity != identity or known.task.done()):
            if known.task.done() and not known.task.cancelled() and (error := known.task.exception()) is not None:
                log.error("the watch of a migration ended and is begun again", exc_info=error)
            self._end(account.uid)
            known = None
        way = self._way(account.uid)
        if known is None:
            known = Running(identity, account.generation, way, asyncio.create_task(self._watch(account, identity)))
            self.running[account.uid] = known
        elif (known.generation, known.way) != (account.generation, way) and known.watch is not None:
            known.generation, known.way = account.generation, way
            known.watch.wake()

    def _way(self, uid: str) -> object:
        try:
            return self.tools.cluster.way(uid).backend
        except NotSent:
            return None

    async def _watch(self, account: Resource, identity: str) -> None:
        while True:
            try:
                known = await self.tools.cluster.read_report(account)
                break
            except KubeDown:
                await self.tools.clock.sleep(PACE)
            except (Conflict, Vanished, KubeRefused):
                known = None
                break
        texts = (str((known or {}).get("checkpoint") or ""), self.beside.read(account.uid))
        kept = Kept.newest(identity, self.tools.seal, texts)
        drained = telling.told(account).get(Type.JOBS) == TRUE
        watch = Watch(self.tools, account.uid, kept, settings.config, drained=drained)
        teller = Teller(
            self.tools, self.beside, watch, self.tools.clock.now(), known, ours=kept.saved is not None
        )  # fmt: skip
        self.running[account.uid].watch = watch
        async with asyncio.TaskGroup() as group:
            group.create_task(watch.run())
            group.create_task(teller.run())

    def _end(self, uid: str) -> None:
        known = self.running.pop(uid, None)
        if known is not None:
            known.task.cancel()

    async def _stand(self, account: Resource, mode: str) -> None:
        """Version 2 is not asked: what was found stays as it is, for good where it is retired."""
        now = self.tools.clock.now()
        inputs = Inputs(
            now=now, generation=account.generation, retired=mode == RETIRED,
            access=settings.misread(account, now), remembered=telling.remembered(account.status),
            namespace=account.namespace, account=account.name,
        )  # fmt: skip
        shown, found = account.status.get("migration") or {}, judge(inputs)
        since = str(shown.get("retired") or (ids.stamp(now) if mode == RETIRED else ""))
        wanted = telling.body(
            found, account, inputs.now, endpoint=str(shown.get("endpoint") or ""),
            report=str(shown.get("report") or ""), inventory=shown.get("inventory"),
            target=str(shown.get("target") or ""), retired=since, stands=mode != RETIRED,
        )  # fmt: skip
        if not telling.equal(wanted, account.status):
            await self._retell(account, found, since)
            await self.tools.cluster.write(account, wanted)

    async def _retell(self, account: Resource, found: list[Finding], since: str) -> None:
        """The report says so, too: it is read where nobody looks at the account. Without it the account still says so;
        before the account, so that a look that fails in between tries again."""
        with contextlib.suppress(Foreign, KubeRefused, Vanished):
            report = await self.tools.cluster.read_report(account)
            if report and (wanted := reporting.retold(report, found, since)) != report:
                await self.tools.cluster.write_report(account, wanted)

    async def _take_back(self, account: Resource) -> None:
        """The annotation went: so do the conditions, `status.migration` and the report, and nothing else."""
        self.beside.drop(account.uid)
        await self.tools.cluster.drop_report(account)
        await self.tools.cluster.write(account, {})
