"""One account of version 2, watched: three loops that read, and one that says what they came to.

Each of them fails alone. The inventory may take an hour while channels and jobs are looked at each minute, and what is
known is judged and told all the time.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from ams_operator.api.reasons import Reason
from ams_operator.domain.answers import KubeDown, NotSent, PortError, Resource
from ams_operator.migration import client, polls, visible
from ams_operator.migration.client import V2Client
from ams_operator.migration.comparing import Comparer
from ams_operator.migration.conditions.work import APART
from ams_operator.migration.inputs import AccessRead, ChannelsRead, Config, JobPoll, JobsRead, TargetRead
from ams_operator.migration.inventory import Inventory
from ams_operator.migration.kept import Kept
from ams_operator.migration.model import Known, Progress
from ams_operator.migration.patience import Overtaken, Resting
from ams_operator.migration.ports import Gone, NotYet, Target, Way
from ams_operator.migration.settings import Unreadable
from ams_operator.migration.target import LONGEST_PAUSE, NotGiven, Sides, TargetReader
from ams_operator.migration.together import first_of
from ams_operator.migration.tools import Tools
from ams_operator.migration.trouble import PASSING, Access, NotReadable, of_port
from ams_operator.migration.turns import Turn

log = logging.getLogger(__name__)
_LOOKS: Final = ("version 2", "the target")
SOON: Final = 1.0
"""seconds between looks whether there is a way to the service by now"""


class Watch:
    """Reads for as long as it is let. Whoever tells waits for `changed`."""

    def __init__(
        self, tools: Tools, uid: str, kept: Kept, config: Callable[[Resource], Config], *, drained: bool = False
    ) -> None:
        """`drained`: an earlier process told that no job is in flight, and its last look counts as the one before."""
        self.tools, self.uid, self.kept, self._config_of = tools, uid, kept, config
        self.access = AccessRead(every=tools.every)
        self.channels = ChannelsRead(every=tools.every)
        self.jobs = JobsRead(every=tools.every)
        self.target = TargetReader(tools.clock.now, tools.poll, tools.every, tools.digest)
        self.comparer = Comparer(tools.clock.now, tools.digest)
        self.resting = Resting(tools.clock.now, tools.poll, LONGEST_PAUSE)
        self.reading: Progress | None = None
        self.same, self.target_uid = True, ""
        self.endpoint = ""
        self.changed = asyncio.Event()
        self._config = Config()
        self._looked: set[str] = set()
        self._drained = drained
        self._pause = tools.poll
        self._awake = asyncio.Event()
        self._reachable = asyncio.Event()
        self._way: Way | None = None
        self._client: V2Client | None = None
        self._jobs: polls.Jobs | None = None
        self._freeze: float | None = None
        """by which jobs were counted last"""

    def wake(self) -> None:
        """Something changed that may end trouble: look again at once."""
        self._awake.set()

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as group:
            for what, work in zip(_LOOKS, (self._poll, self._look_at_target), strict=True):
                group.create_task(self._repeat(what, work))
            group.create_task(self._inventories())

    @property
    def looked(self) -> bool:
        """Whether everything that is looked at each poll was looked at once, well or not."""
        return len(self._looked) == len(_LOOKS)

    def resource(self) -> Resource:
        """The account as it is known now. Raises Gone where it is not."""
        found = self.tools.cluster.account(self.uid)
        if found is None:
            raise Gone(self.uid)
        return found

    def config(self) -> Config:
        """`spec.migration`; as it was where it can't be read."""
        with contextlib.suppress(Unreadable):
            self._config = self._config_of(self.resource())
        return self._config

    # -- version 2, each minute

    async def _repeat(self, what: str, work: Callable[[], Awaitable[float]]) -> None:
        """Do it again and again; an exception of ours costs one round."""
        while True:
            try:
                pause = await work()
                self._looked.add(what)
            except Gone:
                return
            except NotYet:
                pause = min(SOON, self.tools.poll)
            except Exception:
                log.exception("a look at %s failed", what, extra={"about": {"uid": self.uid}})
                pause = self.tools.poll
                self._looked.add(what)
            self.changed.set()
            await self._rest(pause * self.tools.jitter.uniform(0.9, 1.0))

    async def _rest(self, seconds: float) -> None:
        """Sleep, unless woken."""
        await first_of(self.tools.clock.sleep(seconds), self._awake.wait())
        self._awake.clear()

    async def _poll(self) -> float:
        """One look at version 2: whether it can be read, and if so at what is on its way there."""
        began = self.tools.clock.now()
        drained, self._drained = self._drained, False
        try:
            await self._probe()
            self.endpoint = self._reached().place
            refused = await self._look(began, drained=drained)
            # not before: what was read before an outage is no answer of now
            self._note_access(Access.REACHABLE, refused)
        except NotReadable as error:
            self._unreadable(error)
        except NotYet:
            self._drained = drained
            raise
        return self._pause

    async def _look(self, began: float, *, drained: bool) -> str:
        """At each by itself: what one in trouble says is that one's. Why there was nothing to see of one."""
        on_air = await polls.tried("channels and programs", self._look_on_air(began), self._probe, self.uid)
        jobs = await polls.tried("jobs", self._look_at_jobs(began, drained=drained), self._probe, self.uid)
        return ", ".join(filter(None, (on_air, jobs)))

    async def _probe(self) -> None:
        await self._reached().probe()

    async def _look_on_air(self, began: float) -> None:
        found = self._reached()
        channels = await polls.unless_absent(self.kept, "Channels", polls.read_channels(found, began), ())
        programs = await polls.unless_absent(self.kept, "Programs", polls.read_programs(found, began), ())
        self.channels = ChannelsRead(began, self.tools.every, channels, programs)

    async def _look_at_jobs(self, began: float, *, drained: bool) -> None:
        self._jobs = self._jobs or polls.Jobs(self._reached(), self.tools.clock.now)
        freeze = self.config().freeze
        poll = await polls.unless_absent(self.kept, "Jobs", self._jobs.read(freeze), JobPoll(began))
        before = JobsRead((JobPoll(began - APART),), self.tools.every) if drained else self.jobs_read(freeze)
        self.jobs, self._freeze = JobsRead(polls.calm(before, poll), self.tools.every), freeze

    def jobs_read(self, freeze: float | None) -> JobsRead:
        """What is known of jobs: nothing, where they were counted by another `freezeJobsAfter` than this one."""
        return self.jobs if freeze == self._freeze else JobsRead(every=self.tools.every)

    def _reached(self) -> V2Client:
        """The client over the account's present way. Raises NotReadable, and NotYet."""
        if said := self.tools.cluster.claimed(self.uid):
            raise NotReadable(Access.CLAIMED, said)
        try:
            way = self.tools.cluster.way(self.uid)
        except NotSent as error:
            if error.reason == Reason.PROGRESSING:
                raise NotYet from None
            raise of_port(error) from None
        if self._client is None or self._way is None or self._way.backend is not way.backend:
            self._way, self._client = way, client.over(way.backend, way.account, self.tools.digest)
            self._jobs = None
        return self._client

    def _note_access(self, reason: Access, message: str) -> None:
        good = reason is Access.REACHABLE
        # Who is Claimed is asked again as often as ever: that costs the service nothing.
        repeated = self.access.reason is reason and not good and reason not in (*PASSING, Access.CLAIMED)
        self._pause = min(LONGEST_PAUSE, self._pause * 2) if repeated else self.tools.poll
        self.access = AccessRead(self.tools.clock.now(), max(self._pause, self.tools.every), reason, message)
        if good:
            self._reachable.set()
        else:
            self._reachable.clear()

    def _unreadable(self, error: NotReadable) -> None:
        if self._client is not None:
            self._client.forget()
        said = error.message
        if error.reason is Access.THROTTLED and error.status is None:  # our own budget's patience: nobody was asked
            if self.access.reason is Access.REACHABLE and self.access.fresh(self.tools.clock.now()):
                return  # the last good answer holds until it is stale
            if self.access.reason is Access.THROTTLED:
                said = self.access.message
        self._note_access(error.reason, said)

    # -- the target, each minute

    async def _look_at_target(self) -> float:
        target = await self._target()
        self.same, self.target_uid = target.uid == self.uid, target.uid
        if target.trouble[0] == Reason.PROGRESSING:
            raise NotYet
        filters = self.kept.sets.get("AssetFilters")
        named = filters.tally.targets.values() if filters is not None and filters.tally is not None else ()
        await self.target.read(target, {str(one["name"]).partition("/")[0] for one in named})
        if target.way is not None and not self.target.account.reason:
            objects = self.tools.cluster.objects(target.uid)
            await self.comparer.read(target.way, self.kept.sets, self.target_read(), objects, self.config())
        return self.tools.poll

    async def _target(self) -> Target:
        """Of what this watch is for. Raises NotYet where the account asks something else by now: what would be read
        there were another question's answer, should the manifest be taken back before this watch ends."""
        account = self.resource()
        try:
            if await self.tools.identity(account) != self.kept.account:
                raise NotYet
            return await self.tools.cluster.target(account)
        except KubeDown:
            raise NotYet from None

    def target_read(self) -> TargetRead:
        """What is known of the target now."""
        return TargetRead(self.same, self.target.account, dict(self.target.lists), self.comparer.compared)

    # -- the inventory

    async def _inventories(self) -> None:
        """One after the other, each when it is due; none while version 2 can't be read."""
        while True:
            await self._reachable.wait()
            now = self.tools.clock.now()
            due = self.kept.due(self.kept.interval(self.config().inventory_every), now, self.resting.again)
            if due > now or (self.kept.uncompared and not self._comparable()):
                await self.tools.clock.sleep(min(due - now if due > now else self.tools.poll, self.tools.poll))
                continue
            namespace = self.resource().namespace
            async with self.tools.slots.one(namespace), Turn(self.tools, namespace, self.resting.long) as turn:
                try:
                    self.resting.over(well=await self._inventory(turn))
                except Overtaken as error:
                    self.resting.over(well=False, until=error.until)

    async def _inventory(self, turn: Turn) -> bool:
        """Read everything that is not read yet, but what rests. False where it came to no end, or some of it waits for
        being compared. Raises Overtaken."""
        tools, rests = self.tools, {name: self.kept.sets[name].failed for name in self.resting.asleep()}
        try:
            found, way = self._reached(), self._way
            assert way is not None
            there = await self._target()
            known = Known(datetime.fromtimestamp(tools.clock.now(), UTC), same_account=there.uid == self.uid)
            config = self.config()
            known.republish, known.quiet = config.republish, timedelta(seconds=config.quiet)
            target = Sides(way, there.way)
            if self.kept.uncompared:
                await target.answer(self.kept.tried, same=known.same_account)
            inventory = Inventory(
                self.kept.account, found, target, self.kept, known,
                now=tools.clock.now, turn=turn, tell=lambda progress: self._progress(inventory, progress),
                absences=self.kept.absences(), rests=rests,
            )  # fmt: skip
            census = await inventory.run()
            if census.compared.get("Locators") == "Unlisted":
                seen = await visible.asked(found, way, tools.clock.now())
                self.kept.asked = visible.after(self.kept.asked, seen)
        except NotReadable as error:
            self._unreadable(error)
            return False
        except (Gone, NotYet, PortError, NotGiven):
            return False
        except Overtaken:
            raise
        except Exception:
            log.exception("an inventory failed", extra={"about": {"uid": self.uid}})
            return False
        finally:
            self.reading = None
            self.changed.set()
        self.kept.end(census, tools.clock.now())
        self.resting.ended(rests, inventory.in_vain)
        return self.kept.whole or self.kept.stuck

    def _comparable(self) -> bool:
        """Whether the target answered the last time, so that it is worth while to read sets again to compare them."""
        return self.target.account.at is not None and not self.target.account.reason

    def _progress(self, inventory: Inventory, progress: Progress) -> None:
        self.reading = progress
        if self.kept.take(inventory.census, self.tools.clock.now()):
            self.changed.set()
