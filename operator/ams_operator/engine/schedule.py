"""Which object next, and why: intake, nominations, due times, first sight, and one gate for the whole cluster.

An object is looked at by one worker at a time, and so is a resource that several objects claim. Urgent lanes go first;
within a lane it is first come, first served. Nothing is lost while an object is being worked on: what was nominated
meanwhile comes again afterwards.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import logging
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Protocol

from ams_operator.domain.answers import Lane, Resource
from ams_operator.domain.report import ours
from ams_operator.engine import places, references
from ams_operator.engine.claims import index
from ams_operator.engine.guard import Guard
from ams_operator.engine.reconcile import greet, reconcile
from ams_operator.engine.state import Engine, children_of, member
from ams_operator.engine.store import ACCOUNT, BACKEND

log = logging.getLogger(__name__)
GREETERS = 12
WHILE_GREETING = 4
"""how many workers go on while objects wait for their first status: fewer, since whoever applied them waits too"""


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
    ready: list[tuple[int, int, str]] = field(default_factory=list)
    lanes: dict[str, Lane] = field(default_factory=dict)
    """uid to the lane in which it waits"""
    due: dict[str, float] = field(default_factory=dict)
    timers: list[tuple[float, str]] = field(default_factory=list)
    busy: set[str] = field(default_factory=set)
    """group keys under work"""
    strangers: asyncio.Queue[str] = field(default_factory=asyncio.Queue)
    arriving: set[str] = field(default_factory=set)
    cluster_up: asyncio.Event = field(default_factory=asyncio.Event)
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    numbers: itertools.count[int] = field(default_factory=itertools.count)
    stopping: bool = False
    guard: Guard = field(init=False)

    def __post_init__(self) -> None:
        self.engine.nominate, self.engine.poison = self.nominate, self.meter.poison
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
        elif before is not None or _unfinished(resource) or resource.kind == ACCOUNT:
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
            for child in children_of(self.engine, resource):
                index(self.engine, child)
                self.nominate(child.uid, Lane.USER)
        elif kind == BACKEND:
            self._reconnect(resource, news=True)
        else:
            holders = [one for one in (store.find(*name) for name in named) if one is not None]
            for holder in (*store.of_kind(ACCOUNT), *holders):
                if holder.deleting:
                    self.nominate(holder.uid, Lane.USER)
            for other in (user for holder in holders for user in store.users(holder)):
                if not other.record.get("how"):  # it may have waited for its turn
                    self.nominate(other.uid, Lane.USER)

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
        for child in children_of(self.engine, account):
            index(self.engine, child)
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
        index(self.engine, account)
        for child in children_of(self.engine, account):
            index(self.engine, child)
            if wake and child.uid not in self.arriving:
                self.nominate(child.uid, Lane.USER)

    # -- the queues

    def nominate(self, uid: str, lane: Lane) -> None:
        """Have an object looked at. A more urgent nomination overtakes one that waits already."""
        waiting = self.lanes.get(uid)
        if (waiting is not None and waiting <= lane) or (lane is Lane.SWEEP and self.guard.resting(uid)):
            return
        self.lanes[uid] = lane
        heapq.heappush(self.ready, (lane, next(self.numbers), uid))
        self.wake.set()

    def later(self, uid: str, when: float) -> None:
        """Have an object looked at when a time has come."""
        self.due[uid] = when
        heapq.heappush(self.timers, (when, uid))
        self.wake.set()

    def depth(self) -> dict[str, int]:
        """How many objects wait for a worker, by lane."""
        waiting = Counter(lane.name.lower() for lane in self.lanes.values())
        return {**{lane.name.lower(): waiting[lane.name.lower()] for lane in Lane}, "first": len(self.arriving)}

    async def run(self) -> None:
        """Work until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._timing())
            for _ in range(GREETERS):
                group.create_task(self._greeting())
            for _ in range(self.workers):
                group.create_task(self._working())

    async def _timing(self) -> None:
        while True:
            now = self.engine.clock.now()
            while self.timers and self.timers[0][0] <= now:
                when, uid = heapq.heappop(self.timers)
                if self.due.get(uid) == when:
                    del self.due[uid]
                    self.nominate(uid, Lane.POLL)
            pause = min(self.timers[0][0] - now, 1.0) if self.timers else 1.0
            await self.engine.clock.sleep(max(pause, 0.01))

    async def _greeting(self) -> None:
        while True:
            uid = await self.strangers.get()
            await self.cluster_up.wait()
            try:
                await self.guard.run(uid, greet(self.engine, uid))
            finally:
                self.arriving.discard(uid)
                self.wake.set()
            self.nominate(uid, Lane.USER)

    async def _working(self) -> None:
        while True:
            uid, lane = await self._take()
            key = self._group(uid)
            self.busy.add(key)
            clock = self.engine.clock
            started = clock.now()
            resource = self.engine.store.objects.get(uid)
            try:
                await self.guard.run(uid, self._step(uid, lane))
            finally:
                self.busy.discard(key)
                self.wake.set()
            # A look may end without having waited for anything: signals, timers and the others get their turn here.
            await clock.sleep(0)
            if resource is not None:
                self.meter.reconciled(resource.kind, clock.now() - started)

    async def _step(self, uid: str, lane: Lane) -> None:
        when = await reconcile(self.engine, uid, lane)
        if when is None:
            self.due.pop(uid, None)
        elif when <= self.engine.clock.now():
            self.nominate(uid, Lane.POLL)
        else:
            self.later(uid, when)

    async def _take(self) -> tuple[str, Lane]:
        """The most urgent object whose group nobody works on."""
        while True:
            await self.cluster_up.wait()
            skipped = []
            found: tuple[str, Lane] | None = None
            while self.ready and found is None and not (self.arriving and len(self.busy) >= WHILE_GREETING):
                entry = heapq.heappop(self.ready)
                lane, _, uid = entry
                if self.lanes.get(uid) != lane:
                    continue
                if self.stopping or uid in self.arriving or self._group(uid) in self.busy:
                    skipped.append(entry)
                    continue
                del self.lanes[uid]
                found = (uid, Lane(lane))
            for entry in skipped:
                heapq.heappush(self.ready, entry)
            if found is not None:
                return found
            self.wake.clear()
            await self.wake.wait()

    def _group(self, uid: str) -> str:
        return self.engine.store.claimed.get(uid, uid)


def only_others(before: Resource, now: Resource) -> bool:
    """Whether nothing changed but what others write into an account's status: how far its migration is."""
    if now.kind != ACCOUNT or replace(before, version=now.version, status=now.status) != now:
        return False
    mine, known = ({**one.status, "migration": None, "conditions": ours(one.status)} for one in (now, before))
    return mine == known


def _unfinished(resource: Resource) -> bool:
    """Whether an object that was known before needs more than the next sweep: an edit, a deletion, an open act."""
    status = resource.status
    if resource.deleting or status.get("observedGeneration") != resource.generation:
        return True
    record = resource.record
    if record.get("uid") not in (None, resource.uid):
        return True  # a backup's: what it says is of another object
    ready = next((c.get("status") for c in status.get("conditions", ()) if c.get("type") == "Ready"), None)
    return bool(record.get("act")) or (ready == "Unknown")
