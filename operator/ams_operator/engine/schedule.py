"""Which object next, and why: intake, nominations, due times, first sight, and one gate for the whole cluster.

An object is looked at by one worker at a time, and so is a resource that several objects claim. Who is next says
`lineup`. Nothing is lost while an object is being worked on: what was nominated meanwhile comes again afterwards.
"""

from __future__ import annotations

import asyncio
import heapq
import logging
from dataclasses import dataclass, field
from typing import Protocol

from ams_operator.domain.answers import Lane, Resource
from ams_operator.engine import accounts, places, references
from ams_operator.engine.changes import only_others, said_by_users, unfinished
from ams_operator.engine.claims import index, index_all
from ams_operator.engine.greeting import greet
from ams_operator.engine.guard import Guard
from ams_operator.engine.lineup import SPARE, Arrivals, Idle, Lineup, Step
from ams_operator.engine.reconcile import reconcile
from ams_operator.engine.state import Engine, children_of
from ams_operator.engine.store import ACCOUNT, BACKEND, member, owner_of

log = logging.getLogger(__name__)
GREETERS = 12


class Meter(Protocol):
    """What the schedule tells about itself."""

    def reconciled(self, kind: str, seconds: float) -> None: ...
    def poison(self, kind: str) -> None: ...


@dataclass(slots=True)
class Schedule:
    """The queues. `run` until cancelled; everything else may be called from the engine's loop only."""

    engine: Engine
    meter: Meter
    workers: int = 16
    lineup: Lineup = field(init=False)
    due: dict[str, float] = field(default_factory=dict)
    timers: list[tuple[float, str]] = field(default_factory=list)
    crew: int = 0
    """workers that there are"""
    strangers: Arrivals = field(init=False)
    arriving: set[str] = field(default_factory=set)
    cluster_up: asyncio.Event = field(default_factory=asyncio.Event)
    idle: Idle = field(default_factory=Idle)
    stopping: bool = False
    guard: Guard = field(init=False)

    def __post_init__(self) -> None:
        self.engine.nominate, self.engine.poison = self.nominate, self.meter.poison
        self.lineup, self.strangers = Lineup(self._group, self._place, self.workers), Arrivals(self._place)
        self.guard = Guard(self.engine, self.cluster_up, self.nominate, self.later, self.gone)

    def open(self) -> None:
        """Everything was listed once: work may begin. Nothing is done on half a view of the cluster."""
        self.cluster_up.set()

    # -- what comes in

    def seen(self, resource: Resource) -> None:
        """A version of an object, from a watch or a LIST."""
        engine = self.engine
        before = engine.store.objects.get(resource.uid)
        if not engine.store.put(resource) or (before is not None and only_others(before, resource)):
            return
        if resource.kind == BACKEND:
            self._reconnect(resource, news=before is not None)
            return
        index(engine, resource)
        references.tell(engine, before, resource)
        if resource.kind == ACCOUNT and before is None:
            self._account_came(resource)
        elif resource.kind == ACCOUNT and before is not None and before.spec != resource.spec:
            # A deletion is no change: the credential in memory is used on, since the Secret often goes first.
            self._account_changed(resource, before.spec.get("backendRef") != resource.spec.get("backendRef"))
        if "observedGeneration" not in resource.status and not resource.deleting:
            if resource.uid not in self.arriving:
                self.arriving.add(resource.uid)
                self.strangers.put_nowait(resource.uid)
        elif before is not None or unfinished(resource) or resource.kind == ACCOUNT:
            if before is not None and said_by_users(before) != said_by_users(resource):
                self._recall(resource.uid)
                accounts.edited(engine.store.memory[resource.uid])
            self.nominate(resource.uid, Lane.USER)

    def gone(self, kind: str, uid: str) -> None:
        """The API server no longer has it: whoever waited for its end may go on."""
        store = self.engine.store
        rivals, named, known = store.rivals(uid), store.uses.get(uid, frozenset()), store.objects.get(uid)
        users = store.users(known) if known is not None else []
        if known is not None:
            places.freed(self.engine, known)
        resource = store.drop(uid)
        self.due.pop(uid, None)
        self.guard.forget(uid)
        if resource is None:
            return
        for rival in (*rivals, *(one.uid for one in users)):
            self.nominate(rival, Lane.USER)
        if kind == ACCOUNT:
            self.engine.accounts.known.pop(uid, None)
            children = children_of(self.engine, resource)
            index_all(self.engine, children)
            for child in children:
                self.nominate(child.uid, Lane.USER)
        elif kind == BACKEND:
            self._reconnect(resource, news=True)
        else:
            references.left(self.engine, named)

    def knows(self, uid: str, version: str) -> bool:
        """Whether this version of an object, or a newer one, was taken in. Any thread may ask."""
        held = self.engine.store.objects.get(uid)
        return held is not None and int(held.version) >= int(version)

    def known(self, kind: str) -> frozenset[str]:
        """The uids that are kept of a kind."""
        return frozenset(resource.uid for resource in self.engine.store.of_kind(kind))

    def listed(self, kind: str, uids: frozenset[str], known: frozenset[str]) -> None:
        """A whole LIST has passed: of `known`, as it was before the LIST began, only `uids` exist."""
        for uid in known - uids:
            self.gone(kind, uid)

    def _reconnect(self, backend: Resource, *, news: bool) -> None:
        """`news` False: it may merely be new to this process, and what lies in its accounts is left to their sweep."""
        for account in self.engine.store.of_kind(ACCOUNT):
            if member(account.spec, "backendRef").get("name", "default") == backend.name:
                self._account_changed(account, True, wake=news)
                self.nominate(account.uid, Lane.USER)

    def _account_came(self, account: Resource) -> None:
        """What waited for it may go on. The rest is compared by its first sweep, so that a restart rewrites nothing."""
        children = children_of(self.engine, account)
        index_all(self.engine, children)
        for child in children:
            if child.uid not in self.arriving and not child.record.get("how"):
                self.nominate(child.uid, Lane.USER)

    def _account_changed(self, account: Resource, moved: bool, *, wake: bool = True) -> None:
        """Its way to the service is made anew, and what lies in it is looked at. The old way serves until then, unless
        another endpoint answers now."""
        known = self.engine.accounts.known.get(account.uid)
        if known is not None:
            known.stale, known.trouble = True, None
            if moved:
                known.backend, known.usable = None, False
        children = children_of(self.engine, account)
        index_all(self.engine, (account, *children))
        for child in children:
            if wake and child.uid not in self.arriving:
                self.nominate(child.uid, Lane.USER)

    # -- the queues

    @property
    def busy(self) -> int:
        """How many objects are under work."""
        return len(self.lineup.steps)

    def nominate(self, uid: str, lane: Lane) -> None:
        """Have an object looked at. A more urgent nomination overtakes one that waits already."""
        if not (lane is Lane.SWEEP and self.guard.resting(uid)) and self.lineup.add(uid, lane):
            self._rouse_for(uid)

    def _rouse_for(self, uid: str) -> None:
        if not self.arriving or not self.lineup.shuts_out(uid):
            self.idle.rouse()

    def later(self, uid: str, when: float) -> None:
        """Have an object looked at when a time has come."""
        self.due[uid] = when
        heapq.heappush(self.timers, (when, uid))

    def depth(self) -> dict[str, int]:
        """How many objects wait for a worker, by lane."""
        waiting = self.lineup.depth()
        return {**{lane.name.lower(): waiting[lane] for lane in Lane}, "first": len(self.arriving)}

    async def run(self) -> None:
        """Work until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._timing())
            for _ in range(GREETERS):
                group.create_task(self._greeting())
            for _ in range(self.workers + SPARE):
                self._hire(group)

    def _hire(self, group: asyncio.TaskGroup) -> None:
        self.crew += 1
        group.create_task(self._working(group))

    async def _timing(self) -> None:
        while True:
            now = self.engine.clock.now()
            while self.timers and self.timers[0][0] <= now:
                when, uid = heapq.heappop(self.timers)
                if self.due.get(uid) == when:
                    del self.due[uid]
                    self.nominate(uid, self.lane_of(uid))
            if self.lineup.turns:
                self.idle.rouse()  # a step may have become one that takes long
            pause = min(self.timers[0][0] - now, 1.0) if self.timers else 1.0
            await self.engine.clock.sleep(max(pause, 0.01))

    def lane_of(self, uid: str) -> Lane:
        """The class of what comes again by itself: it goes on, or it failed."""
        memory, account = self.engine.store.memory.get(uid), self.engine.accounts.known.get(uid)
        failed = (memory is not None and memory.trouble is not None) or (account is not None and account.trouble)
        return Lane.RETRY if failed else Lane.POLL

    async def _greeting(self) -> None:
        while True:
            uid = await self.strangers.get()
            await self.cluster_up.wait()
            try:
                await self.guard.run(uid, greet(self.engine, uid))
            finally:
                self.arriving.discard(uid)
                self.lineup.free(uid)
                self._rouse_for(uid)
            self.nominate(uid, Lane.USER)

    async def _working(self, group: asyncio.TaskGroup) -> None:
        """Work, and have somebody stand by for what may come meanwhile. Ends where enough others do."""
        clock = self.engine.clock
        while self.crew <= max(self.workers + SPARE, self.busy + 1):
            step = await self._take()
            if self.crew <= self.busy:
                self._hire(group)
            resource = self.engine.store.objects.get(step.uid)
            try:
                await self.guard.run(step.uid, self._step(step.uid, step.lane))
            finally:
                self.lineup.end(step)
                self.idle.rouse()
            # A look may end without having waited for anything: signals, timers and the others get their turn here.
            await clock.sleep(0)
            if resource is not None:
                self.meter.reconciled(resource.kind, clock.now() - step.began)
        self.crew -= 1

    async def _step(self, uid: str, lane: Lane) -> None:
        when = await reconcile(self.engine, uid, lane)
        if when is None:
            self.due.pop(uid, None)
        elif when <= self.engine.clock.now():
            self.nominate(uid, Lane.POLL)
        else:
            self.later(uid, when)

    async def _take(self) -> Step:
        """The next object whose group nobody works on."""
        while True:
            await self.cluster_up.wait()
            step = None if self.stopping else self.lineup.begin(self.engine.clock.now(), self.arriving)
            if step is not None:
                self.idle.rouse()  # what let this one begin may let another one
                return step
            await self.idle.wait()

    def _recall(self, uid: str) -> None:
        """What was not sent yet for an older manifest gives way, where it waits behind what users ask for."""
        store = self.engine.store
        step, memory = self.lineup.steps.get(self._group(uid)), store.memory.get(uid)
        if step is None or step.lane is Lane.USER or memory is None or memory.desired is None:
            return
        # By its own account's way only: another object of that account may be of somebody who has a right to it.
        owner = store.find(ACCOUNT, *owner_of(store.objects[uid]))
        account = self.engine.accounts.known.get(owner.uid) if owner is not None else None
        if account is not None and account.backend is not None:
            account.backend.recall(memory.desired.desired.address, Lane.USER)

    def _group(self, uid: str) -> str:
        return uid if uid in self.engine.store.apart else self.engine.store.claimed.get(uid, uid)

    def _place(self, uid: str) -> tuple[str, str]:
        """The account and the namespace that take their turns."""
        resource = self.engine.store.objects.get(uid)
        return ("/".join(owner_of(resource)), resource.namespace) if resource is not None else ("", "")
