"""Custom resources in: kopf's watches, started again whenever they end, and an own LIST after each start.

Never deaf and ready: `state.ready` is true only while every kind is served, watched, and listed by ourselves since its
watch began. That LIST is what finds objects deleted while nobody watched; kopf never mentions those.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Protocol

from ams_operator.domain.answers import Conflict, KubeDown, KubeRefused, Resource, Vanished
from ams_operator.kube.access import Login, NoAccess
from ams_operator.kube.client import KubeClient
from ams_operator.kube.transport import Expired
from ams_operator.kube.watches import (
    Asking,
    Deaf,
    Ended,
    Gone,
    Mailbox,
    Message,
    Poisoned,
    Relisted,
    Seen,
    Watching,
    WatchThread,
)

logger = logging.getLogger(__name__)

_BATCH: Final = 200
"""Events handed over before the loop gets its turn again."""
_TROUBLE: Final = (Conflict, Expired, KubeDown, KubeRefused, NoAccess)


class Listener(Protocol):
    """Who keeps the objects. All methods are called in the engine's loop, and must neither wait nor raise."""

    def seen(self, resource: Resource) -> None:
        """It exists, in this state unless a larger `version` is known already: echoes and LISTs may come late."""
        ...

    def gone(self, kind: str, uid: str) -> None:
        """It was deleted. A uid never comes back."""
        ...

    def known(self, kind: str) -> frozenset[str]:
        """The uids that are kept of a kind."""
        ...

    def listed(self, kind: str, uids: frozenset[str], known: frozenset[str]) -> None:
        """A whole LIST has passed through `seen`: of `known`, as it was before the LIST began, only `uids` exist."""
        ...


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds. Tests shorten them."""

    tick: float = 1.0
    look_for_crds: float = 2.0
    look_for_changes: float = 30.0
    """how often the served kinds are compared while all is well"""
    relist: float = 900.0
    """even where nothing suggests that something was missed"""
    retry_list: float = 5.0
    unanswered: float = 5.0
    """a watch request that waits longer for its answer counts as deaf"""
    establish: float = 30.0
    """until all watches stand, after a start; else kopf is started anew"""
    mute: float = 60.0
    """without a sign of life of kopf's loop"""
    stop: float = 10.0
    back_off: tuple[float, ...] = (0.2, 1.0, 2.0, 5.0, 10.0)
    stable: float = 60.0
    """a run that lasted as long starts the back-off from its beginning"""


@dataclass(frozen=True, slots=True)
class IntakeState:
    """How far the intake is; replaced as a whole, so that any thread may read it."""

    kinds: frozenset[str] = frozenset()
    running: bool = False
    watching: frozenset[str] = frozenset()
    listed: frozenset[str] = frozenset()
    missing: frozenset[str] = frozenset()
    """kinds that the API server does not serve: no CRD"""
    error: str = ""
    starts: int = 0

    @property
    def ready(self) -> bool:
        """Whether nothing can be missed now."""
        return self.running and not self.missing and self.watching >= self.kinds and self.listed >= self.kinds

    def reasons(self) -> tuple[str, ...]:
        """Why not, one sentence each; empty when ready."""
        if self.ready:
            return ()
        found = [f"{kind} is not served: apply crds/" for kind in sorted(self.missing)]
        if not self.running:
            found.append("the watches are not running")
        served = self.kinds - self.missing
        if self.running and (deaf := served - self.watching):
            found.append(f"not watching {', '.join(sorted(deaf))}")
        if late := (served & self.watching) - self.listed:
            found.append(f"not listed yet: {', '.join(sorted(late))}")
        return (*found, *([self.error] if self.error else []))


@dataclass
class _Run:
    """What is known of one run of kopf."""

    thread: WatchThread
    kinds: tuple[str, ...]
    began: float
    standing: set[str] = field(default_factory=set)
    """paths whose watch stands"""
    asking: dict[str, float] = field(default_factory=dict)
    stale: set[str] = field(default_factory=set)
    """kinds to list ourselves"""
    looked: float = 0.0
    """when the served kinds were compared last"""
    ended: str = ""

    def watched(self) -> frozenset[str]:
        return frozenset(kind for kind in self.kinds if self.thread.paths(kind) <= self.standing)


class Intake:
    """Runs in the engine's loop. `state` may be read from any thread."""

    def __init__(
        self,
        client: KubeClient,
        login: Login,
        listener: Listener,
        kinds: Sequence[str],
        namespaces: Sequence[str] = (),
        *,
        timing: Timing = Timing(),
        on_start: Callable[[], None] | None = None,
        on_poison: Callable[[str], None] | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`namespaces` empty means the whole cluster. `on_start` hears of each start of kopf, `on_poison` of each
        object that could not be read (its kind)."""
        self._client, self._login, self._listener = client, login, listener
        self._kinds, self._namespaces = tuple(kinds), tuple(namespaces)
        self._timing, self._monotonic = timing, monotonic
        self._on_start, self._on_poison = on_start, on_poison
        self.state = IntakeState(kinds=frozenset(kinds))
        self._wake = asyncio.Event()
        self._listings: dict[str, asyncio.Task[None]] = {}
        self._deleted: dict[str, set[str]] = {}
        """uids that went while a LIST of their kind is under way"""
        self._listed_at: dict[str, float] = {}
        self._list_after: dict[str, float] = {}
        self._errors: dict[str, str] = {}
        self._said: tuple[str, ...] = ()

    async def run(self) -> None:
        """Watch until cancelled."""
        failures = 0
        while True:
            began = self._monotonic()
            planned = await self._once()
            lasted = self._monotonic() - began
            failures = 0 if planned or lasted >= self._timing.stable else failures + 1
            if failures:
                delays = self._timing.back_off
                await asyncio.sleep(delays[min(failures, len(delays)) - 1])

    async def _once(self) -> bool:
        """One run of kopf, from looking what is served to its end. True: it was ended on purpose."""
        try:
            served = await self._served()
        except _TROUBLE as error:
            self._update(error=str(error))
            return False
        if not served:
            await asyncio.sleep(self._timing.look_for_crds)
            return True
        mailbox = Mailbox(asyncio.get_running_loop(), self._wake.set)
        run = _Run(WatchThread(served, self._namespaces, self._login, mailbox), served, self._monotonic())
        run.stale, run.looked = set(served), run.began
        run.thread.start()
        if self._on_start is not None:
            self._on_start()
        self._update(running=True, watching=frozenset(), listed=frozenset(), starts=self.state.starts + 1, error="")
        planned = False
        try:
            planned = await self._follow(run, mailbox)
        finally:
            self._update(running=False, watching=frozenset(), listed=frozenset(), error=run.ended)
            await self._wind_up(run, mailbox)
        return planned

    async def _served(self) -> tuple[str, ...]:
        """The kinds that are served, and `missing` as it follows."""
        served = await self._client.served()
        self._update(missing=frozenset(self._kinds) - served, error="")
        return tuple(kind for kind in self._kinds if kind in served)

    async def _follow(self, run: _Run, mailbox: Mailbox) -> bool:
        """Until the run ends (False) or should be ended (True)."""
        loop = asyncio.get_running_loop()
        next_tick = self._monotonic()
        while True:
            self._wake.clear()
            messages = mailbox.take(_BATCH)
            for message in messages:
                self._receive(run, message)
            if run.ended:
                return False
            if self._monotonic() >= next_tick:
                next_tick = self._monotonic() + self._timing.tick
                if await self._changed(run):
                    return True
                if run.ended:
                    return False
            self._start_listings(run)
            self._update(watching=run.watched())
            if len(messages) == _BATCH:
                await asyncio.sleep(0)
                continue
            timer = loop.call_later(max(0.0, next_tick - self._monotonic()), self._wake.set)
            await self._wake.wait()
            timer.cancel()

    def _receive(self, run: _Run, message: Message) -> None:
        match message:
            case Seen(resource):
                self._listener.seen(resource)
            case Gone(kind, uid):
                self._deleted.setdefault(kind, set()).add(uid)
                self._listener.gone(kind, uid)
            case Poisoned(kind, why):
                self._poisoned(kind, why)
            case Asking(path, at):
                run.asking[path] = at
            case Relisted(path):
                run.stale |= self._kinds_of(run, path)
            case Watching(path):
                run.asking.pop(path, None)
                run.standing.add(path)
            case Deaf(path, why):
                self._deaf(run, path, why)
            case Ended(why):
                run.ended = why

    def _deaf(self, run: _Run, path: str, why: str) -> None:
        run.standing.discard(path)
        run.asking.pop(path, None)
        run.stale |= self._kinds_of(run, path)
        self._update(watching=run.watched(), listed=self.state.listed - run.stale, error=why)

    def _kinds_of(self, run: _Run, path: str) -> set[str]:
        return {kind for kind in run.kinds if path in run.thread.paths(kind)}

    def _poisoned(self, kind: str, why: str) -> None:
        logger.warning("an object of kind %s can't be read and is left alone: %s", kind, why)
        if self._on_poison is not None:
            self._on_poison(kind)

    async def _changed(self, run: _Run) -> bool:
        """What a tick looks after. True: this run should end, to start anew with what is served now."""
        now = self._monotonic()
        for path, at in list(run.asking.items()):
            if now - at > self._timing.unanswered and path in run.standing:
                run.standing.discard(path)
                run.stale |= self._kinds_of(run, path)
                self._update(watching=run.watched(), error="the API server does not answer a watch")
        for kind, at in self._listed_at.items():
            if now - at > self._timing.relist:
                run.stale |= {kind} & set(run.kinds)
        if run.thread.ping() > self._timing.mute:
            run.ended = "kopf's loop gives no sign of life"
        elif len(run.watched()) < len(run.kinds) and not run.asking and now - run.began > self._timing.establish:
            run.ended = self.state.error or "the watches did not come up"
        every = self._timing.look_for_crds if self.state.missing else self._timing.look_for_changes
        if run.ended or now - run.looked < every:
            return False
        run.looked = now
        try:
            return set(await self._served()) != set(run.kinds)
        except _TROUBLE as error:
            self._update(error=str(error))
            return False

    def _start_listings(self, run: _Run) -> None:
        """An own LIST of each kind that is watched and may have changed unwatched."""
        now = self._monotonic()
        for kind in run.watched() & run.stale:
            if kind not in self._listings and now >= self._list_after.get(kind, 0.0):
                run.stale.discard(kind)
                self._deleted[kind] = set()
                task = asyncio.create_task(self._list(run, kind), name=f"list {kind}")
                self._listings[kind] = task
                task.add_done_callback(lambda _, kind=kind: self._listing_done(kind))
        for kind in self._deleted.keys() - self._listings.keys():
            del self._deleted[kind]

    def _listing_done(self, kind: str) -> None:
        self._listings.pop(kind, None)
        self._wake.set()

    async def _list(self, run: _Run, kind: str) -> None:
        try:
            await self._list_all(kind)
        except (Vanished, *_TROUBLE) as error:
            self._errors[kind] = f"can't list {kind}: {error}"
            self._list_after[kind] = self._monotonic() + self._timing.retry_list
            run.stale.add(kind)
        else:
            self._errors.pop(kind, None)
            self._list_after.pop(kind, None)
            self._listed_at[kind] = self._monotonic()
            if kind not in run.stale:
                self._update(listed=self.state.listed | {kind})
        self._update(error=next(iter(self._errors.values()), "" if self.state.ready else self.state.error))

    async def _list_all(self, kind: str) -> None:
        known = self._listener.known(kind)
        uids: set[str] = set()
        for namespace in self._namespaces or ("",):
            async for resources, malformed in self._client.pages(kind, namespace):
                for resource in resources:
                    uids.add(resource.uid)
                    # The page may be older than a deletion that was reported meanwhile.
                    if resource.uid not in self._deleted.get(kind, ()):
                        self._listener.seen(resource)
                if malformed:
                    self._poisoned(kind, f"{malformed} items of a LIST")
        self._listener.listed(kind, frozenset(uids), known)

    async def _wind_up(self, run: _Run, mailbox: Mailbox) -> None:
        """The end of a run: its LISTs stop, its thread is waited for, what it said last is heard."""
        for task in list(self._listings.values()):
            task.cancel()
        await asyncio.gather(*self._listings.values(), return_exceptions=True)
        run.thread.stop()
        deadline = self._monotonic() + self._timing.stop
        while run.thread.alive() and self._monotonic() < deadline:
            await asyncio.sleep(0.02)
        if run.thread.alive():
            logger.error("kopf's thread does not end; it is left behind and no longer listened to")
        for message in mailbox.take(1_000_000):
            if isinstance(message, Seen | Gone):
                self._receive(run, message)
        self._deleted.clear()

    def _update(self, **changes: object) -> None:
        """Replace the state, and say so in the log when what people would read of it changed."""
        state = replace(self.state, **changes)  # type: ignore[arg-type]  # names and types as in IntakeState
        if state.ready and state.error:
            state = replace(state, error="")
        if state == self.state:
            return
        was_ready, self.state = self.state.ready, state
        if state.ready and not was_ready:
            logger.info("every kind is watched and listed")
            self._said = ()
        elif not state.ready and (said := _spoken(state)) != self._said:
            self._said = said
            logger.warning("not ready: %s", "; ".join(said))


def _spoken(state: IntakeState) -> tuple[str, ...]:
    """The reasons that are worth a line: the short steps of an ordinary start are not."""
    ordinary = {"the watches are not running"}
    return tuple(
        one for one in state.reasons() if one not in ordinary and not one.startswith(("not watching", "not listed"))
    )


def summary(state: IntakeState) -> Mapping[str, object]:
    """The state as data, for logs and diagnosis."""
    return {
        "ready": state.ready,
        "running": state.running,
        "missing": sorted(state.missing),
        "watching": sorted(state.watching),
        "listed": sorted(state.listed),
        "error": state.error,
        "starts": state.starts,
    }
