"""One account of version 2, watched: three loops that read, and one that says what they came to.

Each of them fails alone. The inventory may take an hour while channels and jobs are looked at each minute, and what is
known is judged and told all the time.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

from ams_operator.domain.answers import NotSent, Resource
from ams_operator.migration import client, polls, visible
from ams_operator.migration.client import V2Client
from ams_operator.migration.inputs import AccessRead, ChannelsRead, Config, JobPoll, JobsRead
from ams_operator.migration.inventory import Inventory
from ams_operator.migration.kept import Kept
from ams_operator.migration.model import Known, Progress
from ams_operator.migration.paging import EndlessSet, NotTaken
from ams_operator.migration.ports import Cluster, Way
from ams_operator.migration.reduce import Digest
from ams_operator.migration.target import Sides, TargetReader
from ams_operator.migration.trouble import PASSING, Access, NotReadable, of_port

log = logging.getLogger(__name__)
_UNLISTED: Final = "Unlisted"
LONGEST_PAUSE: Final = 600.0
"""seconds between tries to reach a version 2 that can't be reached, or to read sets that could not be read"""


class Clock(Protocol):
    """Seconds since the epoch that never jump."""

    def now(self) -> float: ...
    async def sleep(self, seconds: float) -> None: ...


@dataclass(frozen=True, slots=True)
class Tools:
    """What all watches share."""

    cluster: Cluster
    clock: Clock
    digest: Digest
    poll: float = 60.0
    """seconds between looks at channels, programs, jobs and the target"""
    slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(2))
    """inventories at a time: each holds ids of the set that it reads"""
    jitter: random.Random = field(default_factory=random.Random)

    @property
    def every(self) -> float:
        """The interval by which readings grow stale: a machine that is busy for a while makes none so."""
        return max(self.poll, 30.0)


class Watch:
    """Reads for as long as it is let. Whoever tells waits for `changed`."""

    def __init__(self, tools: Tools, uid: str, kept: Kept, config: Callable[[Resource], Config]) -> None:
        self.tools, self.uid, self.kept, self._config_of = tools, uid, kept, config
        self.access = AccessRead(every=tools.every)
        self.channels = ChannelsRead(every=tools.every)
        self.jobs = JobsRead(every=tools.every)
        self.target = TargetReader(tools.clock.now, tools.poll, tools.every)
        self.reading: Progress | None = None
        self.same, self.target_uid = True, ""
        self.endpoint = ""
        self.changed = asyncio.Event()
        self.rounds = 0
        """polls of version 2 that are over, well or not"""
        self._pause = tools.poll
        self._awake = asyncio.Event()
        self._reachable = asyncio.Event()
        self._way: Way | None = None
        self._client: V2Client | None = None
        self._jobs: polls.Jobs | None = None

    def wake(self) -> None:
        """Something changed that may end trouble: look again at once."""
        self._awake.set()

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._repeat("version 2", self._poll))
            group.create_task(self._repeat("the target", self._look_at_target))
            group.create_task(self._inventories())

    def resource(self) -> Resource:
        """The account as it is known now. Raises Gone where it is not."""
        found = self.tools.cluster.account(self.uid)
        if found is None:
            raise Gone(self.uid)
        return found

    def config(self) -> Config:
        """`spec.migration`."""
        return self._config_of(self.resource())

    # -- version 2, each minute

    async def _repeat(self, what: str, work: Callable[[], Awaitable[float]]) -> None:
        """Do it again and again; an exception of ours costs one round."""
        while True:
            try:
                pause = await work()
            except Gone:
                return
            except Exception:
                log.exception("a look at %s failed", what, extra={"about": {"uid": self.uid}})
                pause = self.tools.poll
            self.changed.set()
            await self._rest(pause * self.tools.jitter.uniform(0.9, 1.0))

    async def _rest(self, seconds: float) -> None:
        """Sleep, unless woken."""
        sleeping = asyncio.ensure_future(self.tools.clock.sleep(seconds))
        waking = asyncio.ensure_future(self._awake.wait())
        try:
            await asyncio.wait((sleeping, waking), return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleeping.cancel()
            waking.cancel()
            self._awake.clear()

    async def _poll(self) -> float:
        """One look at version 2: whether it can be read, and if so at what is on its way there."""
        began = self.tools.clock.now()
        try:
            await self._reached().probe()
            self._note_access(Access.REACHABLE, "")
            self.endpoint = self._reached().place
            await self._look(began)
        except NotReadable as error:
            self._unreadable(error)
        except (NotTaken, EndlessSet) as error:
            log.warning("a poll of version 2 is not understood: %s", error, extra={"about": {"uid": self.uid}})
        finally:
            self.rounds += 1
        return self._pause

    async def _look(self, began: float) -> None:
        now, found = self.tools.clock.now, self._reached()
        channels = await polls.read_channels(found, began)
        programs = await polls.read_programs(found, began)
        self.channels = ChannelsRead(began, self.tools.every, channels, programs)
        self._jobs = self._jobs or polls.Jobs(found, now)
        poll = await self._jobs.read(self.config().freeze)
        self.jobs = JobsRead(calm(self.jobs, poll), self.tools.every)

    def _reached(self) -> V2Client:
        """The client over the account's present way. Raises NotReadable."""
        try:
            way = self.tools.cluster.way(self.uid)
        except NotSent as error:
            raise of_port(error) from None
        if self._client is None or self._way is None or self._way.backend is not way.backend:
            self._way, self._client = way, client.over(way.backend, way.account, self.tools.digest)
            self._jobs = None
        return self._client

    def _note_access(self, reason: Access, message: str) -> None:
        good = reason is Access.REACHABLE
        repeated = self.access.reason is reason and not good and reason not in PASSING
        self._pause = min(LONGEST_PAUSE, self._pause * 2) if repeated else self.tools.poll
        self.access = AccessRead(self.tools.clock.now(), max(self._pause, self.tools.every), reason, message)
        if good:
            self._reachable.set()
        else:
            self._reachable.clear()

    def _unreadable(self, error: NotReadable) -> None:
        if self._client is not None:
            self._client.forget()
        if error.reason is Access.THROTTLED and error.status is None and self.access.reason is not None:
            return  # our own budget's patience: the last answer holds until it is stale
        self._note_access(error.reason, error.message)

    # -- the target, each minute

    async def _look_at_target(self) -> float:
        target = await self.tools.cluster.target(self.resource())
        self.same, self.target_uid = target.uid == self.uid, target.uid
        filters = self.kept.sets.get("AssetFilters")
        named = filters.tally.targets.values() if filters is not None and filters.tally is not None else ()
        await self.target.read(target, {str(one["name"]).partition("/")[0] for one in named})
        return self.tools.poll

    # -- the inventory

    async def _inventories(self) -> None:
        """One after the other, each when it is due; none while version 2 can't be read."""
        failures = 0
        while True:
            await self._reachable.wait()
            now, every = self.tools.clock.now(), self.kept.interval(self.config().inventory_every)
            due = self.kept.begun + every if self.kept.whole and self.kept.begun is not None else now
            if due > now:
                await self.tools.clock.sleep(min(due - now, self.tools.poll))
                continue
            async with self.tools.slots:
                complete = await self._inventory(every)
            failures = 0 if complete else failures + 1
            if failures:
                await self.tools.clock.sleep(min(LONGEST_PAUSE, self.tools.poll * 2 ** min(failures - 1, 8)))

    async def _inventory(self, every: float) -> bool:
        """Read everything that is not read yet. True where all of it was."""
        self.kept.every = every
        tools = self.tools
        try:
            found, way = self._reached(), self._way
            assert way is not None
            there = await tools.cluster.target(self.resource())
            known = Known(datetime.fromtimestamp(tools.clock.now(), UTC), same_account=there.uid == self.uid)
            config = self.config()
            known.republish, known.quiet = config.republish, timedelta(seconds=config.quiet)
            target = Sides(way, there.way)
            inventory = Inventory(
                self.kept.account, found, target, self.kept, known,
                now=tools.clock.now, sleep=tools.clock.sleep, tell=lambda progress: self._progress(inventory, progress),
            )  # fmt: skip
            census = await inventory.run()
            if census.compared.get("Locators") == _UNLISTED:
                self.kept.asked = await visible.asked(found, way, tools.clock.now())
        except NotReadable as error:
            self._unreadable(error)
            return False
        except Gone:
            return False
        except Exception:
            log.exception("an inventory failed", extra={"about": {"uid": self.uid}})
            return False
        finally:
            self.reading = None
            self.changed.set()
        self.kept.end(census, tools.clock.now())
        return census.complete

    def _progress(self, inventory: Inventory, progress: Progress) -> None:
        self.reading = progress
        if self.kept.take(inventory.census, self.tools.clock.now()):
            self.changed.set()


def calm(before: JobsRead, poll: JobPoll) -> tuple[JobPoll, ...]:
    """The first and the last poll of those in a row that show nothing in flight, or the last one."""
    still = bool(before.polls) and before.fresh(poll.at) and not before.polls[-1].in_flight
    return (before.polls[0], poll) if still and not poll.in_flight else (poll,)


class Gone(Exception):
    """The account's object is no more."""
